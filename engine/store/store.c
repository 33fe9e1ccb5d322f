/* SPDX-License-Identifier: MIT */
#include "engine/store/store.h"

#include <inttypes.h>
#include <string.h>

#include "engine/base/buf.h"
#include "engine/base/clock.h"
#include "engine/base/error.h"
#include "engine/base/log.h"
#include "engine/base/mem.h"
#include "engine/config/config.h"
#include "engine/store/provider.h"

#define LOG_MODULE "store"

static const struct store_ops *const providers[] = {
	&store_local_ops, &store_s3_ops, &store_azure_ops, &store_gcs_ops, &store_memory_ops,
};

const char *store_provider_at(size_t i, const char **summary)
{
	if (i >= ARRAY_SIZE(providers))
		return NULL;
	*summary = providers[i]->summary;
	return providers[i]->scheme;
}

static bool is_key(const char *key)
{
	size_t n = 0;

	while (key[n] >= ' ' && key[n] <= '~' && n <= STORE_KEY_MAX)
		n++;
	return n > 0 && n <= STORE_KEY_MAX && key[n] == '\0';
}

static int check_key(const char *key, struct error *err)
{
	if (!is_key(key))
		return error_set(err, ERR_INVALID,
		                 "store key %.64s: want 1 to %d printable ASCII characters",
		                 key, STORE_KEY_MAX);
	return 0;
}

int store_open(struct store **out, const struct config *c, struct error *err)
{
	const char *name = config_text(c, "backup.storage.provider");

	for (size_t i = 0; i < ARRAY_SIZE(providers); i++) {
		if (strcmp(providers[i]->scheme, name) != 0)
			continue;
		if (providers[i]->open(out, c, err) < 0)
			return -1;
		log_debug("open %s", store_location(*out));
		return 0;
	}
	/* keys.c allows the names that are in the table. */
	return error_set(err, ERR_BUG, "no storage provider %s", name);
}

void store_close(struct store *s)
{
	char *location;

	if (!s)
		return;
	location = s->location;
	s->ops->close(s);
	free(location);
}

const char *store_location(const struct store *s)
{
	return s->location;
}

const char *store_provider(const struct store *s)
{
	return s->ops->scheme;
}

int store_range_len(size_t *out, const struct store_range *range, const char *key,
                    uint64_t size, struct error *err)
{
	uint64_t len = range->offset < size ? size - range->offset : 0;

	if (len > range->length)
		len = range->length;
	if (len > range->max)
		return error_set(err, ERR_CORRUPT, "%s: %" PRIu64 " bytes, limit %zu", key, len,
		                 range->max);
	*out = (size_t)len;
	return 0;
}

/* One line per operation: what, on which key, how it ended and how long it took. */
static int done(const struct store *s, const char *verb, const char *key, int64_t start,
                int result, const struct error *err)
{
	if (log_is_on(LOG_LEVEL_DEBUG))
		log_debug("%s %s in %s: %s, %" PRId64 " ms", verb, key, s->location,
		          result < 0   ? err->text
		          : result > 0 ? "yes"
		                       : "done",
		          clock_mono_ms() - start);
	return result;
}

int store_put_body(struct store *s, const char *key, const struct store_body *body,
                   struct error *err)
{
	int64_t start = clock_mono_ms();

	if (check_key(key, err) < 0)
		return -1;
	return done(s, "put", key, start, s->ops->put(s, key, body, err), err);
}

int store_put(struct store *s, const char *key, const void *data, size_t len, struct error *err)
{
	struct str text = { data, len };
	struct store_body body = store_body_of_text(&text);

	return store_put_body(s, key, &body, err);
}

int store_replace(struct store *s, const char *key, const char *version, const void *data,
                  size_t len, struct error *err)
{
	int64_t start = clock_mono_ms();

	if (check_key(key, err) < 0)
		return -1;
	return done(s, "replace", key, start, s->ops->replace(s, key, version, data, len, err),
	            err);
}

int store_get(struct store *s, const char *key, struct store_range range, struct buf *out,
              struct store_stat *stat, struct error *err)
{
	int64_t start = clock_mono_ms();
	struct store_stat unused;

	if (check_key(key, err) < 0)
		return -1;
	return done(s, "get", key, start,
	            s->ops->get(s, key, range, out, stat ? stat : &unused, err), err);
}

int store_stat(struct store *s, const char *key, struct store_stat *out, struct error *err)
{
	int64_t start = clock_mono_ms();

	if (check_key(key, err) < 0)
		return -1;
	return done(s, "stat", key, start, s->ops->stat(s, key, out, err), err);
}

struct listing {
	store_list_fn *fn;
	void *arg;
};

static int pass_key(void *arg, const char *key, const struct store_stat *stat,
                    struct error *err)
{
	const struct listing *l = arg;

	return is_key(key) ? l->fn(l->arg, key, stat, err) : 0;
}

int store_list(struct store *s, const char *after, store_list_fn *fn, void *arg,
               struct error *err)
{
	struct listing l = { fn, arg };
	int64_t start = clock_mono_ms();

	return done(s, "list", after ? after : "all", start,
	            s->ops->list(s, after ? after : "", pass_key, &l, err), err);
}

int store_each_leftover(struct store *s, store_list_fn *fn, void *arg, struct error *err)
{
	return s->ops->leftovers ? s->ops->leftovers(s, fn, arg, err) : 0;
}

int store_identity(struct store *s, char out[STORE_IDENTITY_MAX], struct error *err)
{
	out[0] = '\0';
	return s->ops->identity ? s->ops->identity(s, out, err) : 1;
}

int store_remove(struct store *s, const char *key, struct error *err)
{
	int64_t start = clock_mono_ms();

	if (check_key(key, err) < 0)
		return -1;
	return done(s, "remove", key, start, s->ops->remove(s, key, err), err);
}
