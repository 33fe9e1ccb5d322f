/* SPDX-License-Identifier: MIT */
/*
 * secret: key material that leaves no trace.
 *
 * Locked in memory, not in core dumps, wiped when freed; there is no way to
 * print one. Thread-safe once made.
 */
#ifndef ENGINE_BASE_SECRET_H
#define ENGINE_BASE_SECRET_H

#include <stddef.h>

#include "engine/base/cleanup.h"

struct secret;

struct secret *secret_new(const void *data, size_t len); /* copies; wipe your own copy */
void secret_free(struct secret *s);                      /* wipes; NULL is fine */
DEFINE_DEFER(secret, secret_free)

const unsigned char *secret_data(const struct secret *s);
size_t secret_len(const struct secret *s);

void secret_wipe(void *data, size_t len); /* for buffers on the way to a secret */
void secret_protect_process(void);        /* no core dumps, no ptrace by others */

#endif
