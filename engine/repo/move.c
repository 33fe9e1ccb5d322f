/* SPDX-License-Identifier: MIT */
#include "engine/repo/move.h"

#include <string.h>

#include "catalog/catalog.h"
#include "engine/base/buf.h"
#include "engine/base/cancel.h"
#include "engine/base/cleanup.h"
#include "engine/base/error.h"
#include "engine/base/log.h"
#include "engine/base/mem.h"
#include "engine/repo/internal.h"
#include "engine/repo/lease.h"
#include "engine/repo/places.h"
#include "engine/store/store.h"
#include "engine/store/union.h"

#define LOG_MODULE "repo/move"

struct move {
	struct repo *r;
	struct move_options o;
	struct store *to; /* our own connection to it */
	struct lease *lease;
};

const char *move_outcome_name(enum move_outcome o)
{
	static const char *const names[] = {
		[MOVE_DONE] = "moved",
		[MOVE_ALREADY] = "already there",
		[MOVE_FAILED] = "failed",
	};

	return names[o];
}

void move_end(struct move *m)
{
	if (!m)
		return;
	lease_release(m->lease);
	store_close(m->to);
	free(m);
}
DEFINE_DEFER(move, move_end)

int move_begin(struct move **out, struct repo *r, const struct move_options *o,
               struct error *err)
{
	DEFER(move) *m = mem_alloc(sizeof(*m));

	m->r = r;
	m->o = *o;
	if (place_open(&m->to, r, o->place, err) < 0)
		return error_wrap(err, "move");
	if (r->temporary) {
		error_set(err, ERR_REFUSED,
		          "move: no space left for the catalog, which is to "
		          "remember where backups are moved to");
		return error_hint(err,
		                  "Free 512 KiB where it lies (catalog.path), by `backup "
		                  "cleanup` or `backup delete` when backups lie there, too.");
	}
	if (lease_take_to_delete(&m->lease, r->store, "move", err) < 0)
		return error_wrap(err, "move");
	*out = take(m);
	return 0;
}

const char *move_location(const struct move *m)
{
	return store_location(m->to);
}

/* An envelope as it lies in a store. 1, 0 not there, -1. */
static int get_envelope(struct store *s, const char *id, struct buf *raw, struct envelope *e,
                        struct error *err)
{
	const struct store_range all = { .length = UINT64_MAX, .max = ENVELOPE_MAX };
	char key[REPO_KEY_MAX];
	int found;

	repo_envelope_key(key, id);
	found = store_get(s, key, all, raw, NULL, err);
	if (found <= 0)
		return found;
	return envelope_peek(e, raw->data, raw->len, id, err) < 0 ? -1 : 1;
}

/* Is the payload in a store what the envelope says? 1, 0 not there, -1: it is another. */
static int check_payload(struct store *s, const char *id, const struct envelope *e,
                         struct error *err)
{
	char key[REPO_KEY_MAX], want[DIGEST_HEX_SIZE], got[DIGEST_HEX_SIZE];
	struct digest sum;
	uint64_t size;
	int found;

	repo_payload_key(key, id);
	found = repo_hash_stored(&sum, &size, s, key, err);
	if (found <= 0)
		return found;
	digest_hex(want, &e->stored_sha256);
	digest_hex(got, &sum);
	if (size == e->stored_size && strcmp(want, got) == 0)
		return 1;
	return error_set(err, ERR_CORRUPT,
	                 "%s in %s: checksum mismatch (expected: %s, got: %s)", key,
	                 store_location(s), want, got);
}

static int copy_payload(struct move *m, struct store *from, const char *id,
                        const struct envelope *e, struct error *err)
{
	char key[REPO_KEY_MAX];
	int there = check_payload(m->to, id, e, err);

	if (there != 0)
		return there < 0 ? -1 : 0; /* of a run that was interrupted */
	repo_payload_key(key, id);
	there = check_payload(from, id, e, err);
	if (there > 0)
		there = store_copy(from, key, m->to, err);
	if (there == 0)
		error_set(err, ERR_CORRUPT, "payload %s is missing in storage", key);
	if (there <= 0)
		return -1;
	there = check_payload(m->to, id, e, err);
	if (there == 0)
		error_set(err, ERR_STORE, "%s is not in %s after it was put there", key,
		          store_location(m->to));
	return there > 0 ? 0 : -1;
}

/* Puts the envelope, whole and last: from then on the destination has the backup. */
static int copy_envelope(struct move *m, const char *id, const struct buf *raw,
                         struct error *err)
{
	char key[REPO_KEY_MAX];
	autobuf back = BUF_INIT;
	struct envelope e;
	int found = get_envelope(m->to, id, &back, &e, err);

	repo_envelope_key(key, id);
	if (found == 0) {
		if (store_put(m->to, key, raw->data, raw->len, err) < 0)
			return -1;
		found = get_envelope(m->to, id, &back, &e, err);
	}
	if (found < 0)
		return -1;
	if (found && back.len == raw->len && memcmp(back.data, raw->data, raw->len) == 0)
		return 0;
	return error_set(err, ERR_EXISTS, "%s in %s is another envelope", key,
	                 store_location(m->to));
}

static int remove_source(struct store *from, const char *id, struct error *err)
{
	char key[REPO_KEY_MAX];

	repo_envelope_key(key, id);
	if (store_remove(from, key, err) < 0)
		return -1;
	repo_payload_key(key, id);
	return store_remove(from, key, err) < 0 ? -1 : 0;
}

/* The catalog says where it is now. */
static int note(struct repo *r, const char *id, struct error *err)
{
	DEFER(backup) *b = NULL;
	int found = repo_describe(&b, r, id, err);

	return found <= 0 ? found : catalog_backup_put(r->catalog, b, err);
}

static int move_from(enum move_outcome *out, struct move *m, struct store *from, const char *id,
                     struct error *err)
{
	autobuf raw = BUF_INIT;
	struct envelope e;
	int found = get_envelope(from, id, &raw, &e, err);

	if (found == 0)
		error_set(err, ERR_NOT_FOUND, "backup not found: %s", id);
	if (found <= 0 || copy_payload(m, from, id, &e, err) < 0 ||
	    copy_envelope(m, id, &raw, err) < 0)
		return -1;
	*out = MOVE_DONE;
	if (m->o.copy)
		return 0;
	if ((strcmp(store_location(m->to), store_location(m->r->store)) != 0 &&
	     places_add(m->r, m->o.place, err) < 0) ||
	    remove_source(from, id, err) < 0)
		return -1;
	return note(m->r, id, err);
}

/* A run that was killed between envelope and payload left the payload where it was. */
static int sweep_source(struct move *m, const char *id, struct error *err)
{
	struct store *first = store_union_first(m->r->store);
	char key[REPO_KEY_MAX];
	struct store_stat stat;
	autobuf raw = BUF_INIT;
	struct envelope e;
	int found;

	repo_payload_key(key, id);
	if (m->o.copy || strcmp(store_location(first), store_location(m->to)) == 0)
		return 0;
	found = store_stat(first, key, &stat, err);
	if (found <= 0)
		return found;
	found = get_envelope(m->to, id, &raw, &e, err);
	if (found > 0)
		found = check_payload(m->to, id, &e, err);
	if (found > 0)
		found = store_remove(first, key, err);
	return found < 0 ? -1 : 0;
}

int move_one(enum move_outcome *out, struct move *m, const struct backup *b, struct error *err)
{
	struct store *from = NULL;
	char key[REPO_KEY_MAX];
	int found;

	if (cancel_check(err) < 0 || (m->lease && lease_keep(m->lease, err) < 0))
		return -1;
	*out = MOVE_FAILED;
	repo_envelope_key(key, b->id);
	found = store_union_find(&from, m->r->store, key, err);
	if (found == 0)
		error_set(err, ERR_NOT_FOUND, "backup not found: %s", b->id);
	if (found > 0 && strcmp(store_location(from), store_location(m->to)) == 0) {
		*out = MOVE_ALREADY;
		return sweep_source(m, b->id, err);
	}
	if (found > 0 && move_from(out, m, from, b->id, err) == 0) {
		log_info("backup %s %s from storage %s to %s", b->id,
		         m->o.copy ? "copied" : "moved", store_location(from),
		         store_location(m->to));
		return 0;
	}
	*out = MOVE_FAILED;
	error_wrap(err, "move %s", b->id);
	return err->code == ERR_CANCELLED ? -1 : 0;
}
