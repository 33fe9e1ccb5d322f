/* SPDX-License-Identifier: MIT */
/*
 * provider: what one kind of store implements. The semantics are those of
 * store.h; checks of keys, counting and logging happen once, in store.c.
 * Every member is required, but for the last two.
 */
#ifndef ENGINE_STORE_PROVIDER_H
#define ENGINE_STORE_PROVIDER_H

#include "engine/store/store.h"

struct store_ops {
	const char *scheme;  /* "s3": value of backup.storage.provider */
	const char *summary; /* for `store types` and the manual page */

	int (*open)(struct store **out, const struct config *c, struct error *err);
	void (*close)(struct store *s);
	int (*put)(struct store *s, const char *key, const struct store_body *body,
	           struct error *err);
	int (*replace)(struct store *s, const char *key, const char *version, const void *data,
	               size_t len, struct error *err);
	int (*get)(struct store *s, const char *key, struct store_range range, struct buf *out,
	           struct store_stat *stat, struct error *err);
	int (*stat)(struct store *s, const char *key, struct store_stat *out,
	            struct error *err);
	int (*list)(struct store *s, const char *after, store_list_fn *fn, void *arg,
	            struct error *err);
	int (*remove)(struct store *s, const char *key, struct error *err);
	/* What unfinished puts left behind; NULL: they leave nothing. */
	int (*leftovers)(struct store *s, store_list_fn *fn, void *arg, struct error *err);
	/* NULL: nothing else can take the place of it. */
	int (*identity)(struct store *s, char out[STORE_IDENTITY_MAX], struct error *err);
};

/* The first member of every provider's own struct. */
struct store {
	const struct store_ops *ops;
	char *location; /* set by open, freed by store_close */
};

/*
 * How many bytes a range takes of an object of this size. ERR_CORRUPT when that is
 * more than range->max.
 */
int store_range_len(size_t *out, const struct store_range *range, const char *key,
                    uint64_t size, struct error *err);

extern const struct store_ops store_azure_ops;
extern const struct store_ops store_gcs_ops;
extern const struct store_ops store_local_ops;
extern const struct store_ops store_memory_ops;
extern const struct store_ops store_s3_ops;

#endif
