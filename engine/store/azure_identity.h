/* SPDX-License-Identifier: MIT */
/*
 * azure_identity: tokens for the managed identity of the virtual machine that we run on.
 *
 * Asks the instance metadata service, http://169.254.169.254 or where
 * AZURE_POD_IDENTITY_AUTHORITY_HOST says, for the identity AZURE_CLIENT_ID or the only one.
 * Thread-safe.
 */
#ifndef ENGINE_STORE_AZURE_IDENTITY_H
#define ENGINE_STORE_AZURE_IDENTITY_H

#include <stdint.h>

struct azure_identity;
struct buf;
struct error;

struct azure_identity *azure_identity_new(void);
void azure_identity_free(struct azure_identity *i); /* NULL is fine */

/* A token_fetch_fn; arg is the identity. ERR_DENIED. */
int azure_identity_fetch(void *arg, struct buf *token, int64_t *lifetime, struct error *err);

#endif
