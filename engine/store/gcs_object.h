/* SPDX-License-Identifier: MIT */
/* gcs_object: what Google's JSON says of objects and pages of them. Pure, not thread-safe. */
#ifndef ENGINE_STORE_GCS_OBJECT_H
#define ENGINE_STORE_GCS_OBJECT_H

#include <stddef.h>

#include "engine/store/cloud.h"
#include "engine/store/store.h"

struct json;

/* The members to ask for: those that are read here. */
#define GCS_OBJECT_FIELDS "name,size,updated,generation,metadata"
#define GCS_PAGE_FIELDS   "items(name,size,updated,generation),nextPageToken"

/* The state of an object; mark may be NULL. ERR_STORE. */
int gcs_object_read(struct store_stat *out, char mark[CLOUD_MARK_SIZE], const struct json *o,
                    struct error *err);
int gcs_object_parse(struct store_stat *out, char mark[CLOUD_MARK_SIZE], const char *text,
                     size_t len, struct error *err);

/* Calls fn with each name and state, in the order given, and gives the next page's token. */
typedef int gcs_object_fn(void *arg, const char *name, const struct store_stat *stat,
                          struct error *err);
int gcs_page_parse(const char *text, size_t len, gcs_object_fn *fn, void *arg,
                   char **next /* caller frees; NULL: the last */, struct error *err);

#endif
