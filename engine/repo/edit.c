/* SPDX-License-Identifier: MIT */
#include "engine/repo/edit.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "engine/base/buf.h"
#include "engine/base/clock.h"
#include "engine/base/error.h"
#include "engine/base/log.h"
#include "engine/base/secret.h"
#include "engine/repo/create.h"
#include "engine/repo/internal.h"
#include "engine/repo/lease.h"
#include "engine/repo/metadata.h"
#include "engine/store/store.h"

#define LOG_MODULE "repo/edit"

#define TRIES       3    /* when another host rewrites the same envelope */
#define PATIENCE_MS 5000 /* for the lease */
#define PAUSE_MS    50

static void remove_tag(struct backup *b, const char *key)
{
	for (size_t i = 0; i < b->tag_count; i++) {
		if (strcmp(b->tags[i].key, key) != 0)
			continue;
		free(b->tags[i].key);
		free(b->tags[i].value);
		b->tag_count--;
		memmove(&b->tags[i], &b->tags[i + 1], (b->tag_count - i) * sizeof(*b->tags));
		return;
	}
}

/* A backup with the changes made. */
static struct backup *apply(const struct backup *b, const struct edit_options *o)
{
	struct backup *changed = backup_copy(b);

	if (o->description)
		backup_set(&changed->description, o->description);
	for (size_t i = 0; i < o->removed_count; i++)
		remove_tag(changed, o->removed[i]);
	for (size_t i = 0; i < o->tag_count; i++)
		backup_tag_set(changed, o->tags[i].key, o->tags[i].value);
	return changed;
}

static bool is_same(const struct backup *a, const struct backup *b)
{
	if (strcmp(a->description, b->description) != 0 || a->tag_count != b->tag_count)
		return false;
	for (size_t i = 0; i < a->tag_count; i++)
		if (strcmp(a->tags[i].key, b->tags[i].key) != 0 ||
		    strcmp(a->tags[i].value, b->tags[i].value) != 0)
			return false;
	return true;
}

/* The new envelope, opened again before anybody may rely on it. */
static int seal(struct buf *out, const struct repo *r, struct envelope *e,
                const struct secret *key, const struct buf *metadata, struct error *err)
{
	const struct secret *secret = NULL;
	DEFER(secret) *key_again = NULL;
	autobuf again = BUF_INIT;
	struct envelope check;

	if (repo_secret_of(&secret, r, e, err) < 0)
		return -1;
	e->generation++;
	if (envelope_write(out, e, secret, key, metadata->data, metadata->len, err) < 0 ||
	    envelope_open(&check, &key_again, &again, out->data, out->len, e->backup_id,
	                  r->keyring, err) < 0)
		return -1;
	if (again.len != metadata->len || memcmp(again.data, metadata->data, again.len) != 0)
		return error_set(err, ERR_BUG, "the new envelope does not open as the old one");
	return 0;
}

/* What is to lie in the store: 1, 0 that is there already, -1. */
static int rewrite(struct buf *out, const struct repo *r, const struct buf *raw, const char *id,
                   const struct edit_options *o, struct error *err)
{
	DEFER(backup) *before = backup_new();
	DEFER(backup) *after = NULL;
	DEFER(secret) *key = NULL;
	autobuf metadata = BUF_INIT;
	autobuf changed = BUF_INIT;
	struct envelope e;

	if (envelope_open(&e, &key, &metadata, raw->data, raw->len, id, r->keyring, err) < 0 ||
	    metadata_unseal(before, metadata.data, metadata.len, err) < 0)
		return -1;
	after = apply(before, o);
	if (is_same(before, after))
		return 0;
	if (e.unknown_fields) {
		error_set(err, ERR_UNSUPPORTED,
		          "its envelope has fields that this version does not know");
		return error_hint(err,
		                  "A newer version of this program wrote it, and can edit it.");
	}
	if (create_check_words(after->description, after->tag_count, err) < 0 ||
	    metadata_reword(&changed, metadata.data, metadata.len, after, err) < 0)
		return -1;
	return seal(out, r, &e, key, &changed, err) < 0 ? -1 : 1;
}

/* 1 changed, 0 it was so already, -1; *again: somebody else rewrote it meanwhile. */
static int edit_once(bool *again, struct repo *r, const char *id, const struct edit_options *o,
                     struct error *err)
{
	const struct store_range all = { .length = UINT64_MAX, .max = ENVELOPE_MAX };
	char key[REPO_KEY_MAX];
	autobuf raw = BUF_INIT;
	autobuf changed = BUF_INIT;
	struct store_stat stat;
	int found;

	repo_envelope_key(key, id);
	*again = false;
	found = store_get(r->store, key, all, &raw, &stat, err);
	if (found == 0)
		error_set(err, ERR_NOT_FOUND, "backup not found: %s", id);
	if (found <= 0)
		return -1;
	found = rewrite(&changed, r, &raw, id, o, err);
	if (found <= 0)
		return found;
	if (store_replace(r->store, key, stat.version, changed.data, changed.len, err) == 0)
		return 1;
	*again = err->code == ERR_BUSY;
	return -1;
}

/* What lies in the store now; the catalog follows. */
static int read_back(struct backup **out, struct repo *r, const char *id, struct error *err)
{
	DEFER(backup) *b = NULL;
	int found = repo_describe(&b, r, id, err);

	if (found == 0)
		error_set(err, ERR_NOT_FOUND, "backup not found: %s", id);
	if (found <= 0)
		return -1;
	if (*b->error)
		return error_set(err, ERR_CORRUPT, "what was stored does not read back: %s",
		                 b->error);
	if (repo_put_rewritten(r->catalog, b, err) < 0)
		return -1;
	*out = take(b);
	return 0;
}

/* The store's lease, which others have for a moment only, unless they work for long. */
static int take_turn(struct lease **out, struct repo *r, struct error *err)
{
	const struct timespec pause = { .tv_nsec = PAUSE_MS * 1000000L };
	int64_t began = clock_mono_ms();

	while (lease_take(out, r->store, "edit", err) < 0) {
		if (err->code != ERR_BUSY || clock_mono_ms() - began >= PATIENCE_MS)
			return -1;
		error_clear(err);
		nanosleep(&pause, NULL);
	}
	return 0;
}

static int edit(struct backup **out, struct repo *r, const char *id,
                const struct edit_options *o, struct error *err)
{
	DEFER(lease) *lease = NULL;
	bool again = true;
	int changed = -1;

	if (take_turn(&lease, r, err) < 0)
		return -1;
	for (int i = 0; i < TRIES && again; i++) {
		error_clear(err);
		changed = edit_once(&again, r, id, o, err);
	}
	if (changed < 0 || read_back(out, r, id, err) < 0)
		return -1;
	return changed;
}

int repo_edit(struct backup **out, struct repo *r, const struct backup *b,
              const struct edit_options *o, struct error *err)
{
	int64_t began = clock_mono_ms();
	int changed;

	if (b->status == BACKUP_FAILED)
		return error_set(err, ERR_INVALID,
		                 "backup %s is a failed attempt: there is nothing to edit",
		                 b->id);
	if (create_check_words(o->description, o->tag_count, err) < 0)
		return -1;
	changed = edit(out, r, b->id, o, err);
	if (changed < 0)
		error_wrap(err, "edit backup %s", b->id);
	if (changed != 0)
		repo_note_operation(r, "backup_edit", b, began, changed < 0 ? err->text : "");
	if (changed > 0)
		log_info("backup %s of database %s edited in storage", b->id, b->database);
	return changed;
}
