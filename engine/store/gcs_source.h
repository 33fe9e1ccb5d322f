/* SPDX-License-Identifier: MIT */
/*
 * gcs_source: exchanges credentials for tokens that Google's storage takes.
 *
 * A service account's key signs a claim, gcloud's refresh token is sent, the metadata server
 * (metadata.google.internal, or GCE_METADATA_HOST) is just asked. Thread-safe.
 */
#ifndef ENGINE_STORE_GCS_SOURCE_H
#define ENGINE_STORE_GCS_SOURCE_H

#include <stdint.h>

#include "engine/store/gcs_credentials.h"

struct http;
struct gcs_source;

/* Takes the credentials over; http stays the caller's and outlives the source. */
struct gcs_source *gcs_source_new(struct gcs_credentials *credentials, struct http *http);
void gcs_source_free(struct gcs_source *s); /* NULL is fine */

/* A token_fetch_fn; arg is the source. ERR_DENIED. */
int gcs_source_fetch(void *arg, struct buf *token, int64_t *lifetime, struct error *err);

#endif
