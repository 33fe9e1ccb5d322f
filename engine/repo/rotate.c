/* SPDX-License-Identifier: MIT */
#include "engine/repo/rotate.h"

#include <stdint.h>
#include <string.h>

#include "catalog/catalog.h"
#include "engine/base/buf.h"
#include "engine/base/clock.h"
#include "engine/base/error.h"
#include "engine/base/log.h"
#include "engine/base/secret.h"
#include "engine/repo/envelopes.h"
#include "engine/repo/internal.h"
#include "engine/repo/lease.h"
#include "engine/repo/metadata.h"
#include "engine/store/store.h"

#define LOG_MODULE "repo/rotate"

#define TRIES 3 /* when another host rewrites the same envelope */

static const char *const names[ROTATE_OUTCOME_COUNT] = {
	[ROTATE_DONE] = "rotated",  [ROTATE_ALREADY] = "already new", [ROTATE_PLAIN] = "plain",
	[ROTATE_FAILED] = "failed", [ROTATE_GONE] = "gone",
};

const char *rotate_outcome_name(enum rotate_outcome o)
{
	return names[o];
}

struct rotation {
	struct repo *r;
	struct lease *lease; /* NULL in a dry run */
	const struct secret *secret;
	const struct fingerprint *fingerprint;
	int64_t since; /* when the secret was first used */
	bool dry_run;
	rotate_fn *fn;
	void *arg;
	struct rotate_result *result;
	size_t told;
};

/* The envelope as it is to be. Opened again before anybody may rely on it. */
static int rewrite(struct buf *out, const struct rotation *t, const struct buf *raw,
                   const char *id, struct error *err)
{
	const struct keyring *k = t->r->keyring;
	struct envelope e, check;
	DEFER(secret) *key = NULL;
	DEFER(secret) *key_again = NULL;
	autobuf metadata = BUF_INIT;
	autobuf changed = BUF_INIT;
	autobuf again = BUF_INIT;

	if (envelope_open(&e, &key, &metadata, raw->data, raw->len, id, k, err) < 0)
		return -1;
	if (e.unknown_fields) {
		error_set(err, ERR_UNSUPPORTED,
		          "its envelope has fields that this version does not know");
		return error_hint(err, "A newer version of this program wrote it, and can "
		                       "rotate it.");
	}
	if (metadata_reseal(&changed, metadata.data, metadata.len, t->since, err) < 0)
		return -1;
	e.generation++;
	if (envelope_write(out, &e, t->secret, key, changed.data, changed.len, err) < 0 ||
	    envelope_open(&check, &key_again, &again, out->data, out->len, id, k, err) < 0)
		return -1;
	if (memcmp(secret_data(key), secret_data(key_again), secret_len(key)) != 0 ||
	    again.len != changed.len || memcmp(again.data, changed.data, again.len) != 0)
		return error_set(err, ERR_BUG, "the new envelope does not open as the old one");
	return 0;
}

/* What lies in the store now, for the catalog. */
static int read_back(struct envelope_item *item, struct repo *r, struct error *err)
{
	int found = repo_describe(&item->backup, r, item->id, err);

	if (found <= 0)
		return found;
	if (*item->backup->error)
		return error_set(err, ERR_CORRUPT, "what was stored does not read back: %s",
		                 item->backup->error);
	return 1;
}

/* An outcome, 0 when it is worth another try, -1. */
static int rotate_once(struct rotation *t, struct envelope_item *item, struct error *err)
{
	const struct store_range all = { .length = UINT64_MAX, .max = ENVELOPE_MAX };
	char key[REPO_KEY_MAX];
	autobuf raw = BUF_INIT;
	autobuf changed = BUF_INIT;
	struct store_stat stat;
	struct envelope e;
	int found;

	repo_envelope_key(key, item->id);
	found = store_get(t->r->store, key, all, &raw, &stat, err);
	if (found <= 0)
		return found < 0 ? -1 : ROTATE_GONE;
	if (envelope_peek(&e, raw.data, raw.len, item->id, err) < 0)
		return -1;
	if (!e.encrypted)
		return ROTATE_PLAIN;
	if (memcmp(e.secret.bytes, t->fingerprint->bytes, sizeof(e.secret.bytes)) == 0)
		return ROTATE_ALREADY;
	if (rewrite(&changed, t, &raw, item->id, err) < 0)
		return -1;
	if (t->dry_run)
		return ROTATE_DONE;
	if (store_replace(t->r->store, key, stat.version, changed.data, changed.len, err) < 0) {
		if (err->code != ERR_BUSY && err->code != ERR_NOT_FOUND)
			return -1;
		error_clear(err);
		return 0;
	}
	found = read_back(item, t->r, err);
	return found < 0 ? -1 : found ? ROTATE_DONE : ROTATE_GONE;
}

static void rotate_one(void *arg, struct envelope_item *item)
{
	struct rotation *t = arg;

	for (int i = 0; i < TRIES && item->outcome == 0; i++)
		item->outcome = rotate_once(t, item, &item->why);
	if (item->outcome == 0)
		error_set(&item->why, ERR_BUSY, "its envelope is being rewritten by others");
	if (item->outcome <= 0)
		item->outcome = ROTATE_FAILED;
}

static int tell(struct rotation *t, const struct envelope_item *item, struct error *err)
{
	const struct rotate_progress p = {
		.id = item->id,
		.outcome = (enum rotate_outcome)item->outcome,
		.reason = item->why.text,
		.number = ++t->told,
		.total = t->result->total,
	};

	t->result->counts[item->outcome]++;
	if (item->outcome == ROTATE_FAILED && !t->fn)
		log_failure(LOG_MODULE, item->id, &item->why);
	return t->fn ? t->fn(t->arg, &p, err) : 0;
}

/* The catalog learns of a batch in one transaction. */
static int batch_done(void *arg, const struct envelope_item *items, size_t count,
                      struct error *err)
{
	struct rotation *t = arg;
	struct catalog *c = t->r->catalog;
	int result = catalog_begin(c, err);

	for (size_t i = 0; i < count && result == 0; i++) {
		if (items[i].backup && items[i].outcome == ROTATE_DONE)
			result = repo_put_rewritten(c, items[i].backup, err);
	}
	if (result == 0)
		result = catalog_commit(c, err);
	if (result < 0)
		catalog_rollback(c);
	for (size_t i = 0; i < count && result == 0; i++)
		result = items[i].outcome ? tell(t, &items[i], err) : 0;
	/* Before the next batch, while this is still ours. */
	return result == 0 && t->lease ? lease_keep(t->lease, err) : result;
}

static int first_use(struct rotation *t, struct error *err)
{
	char hex[FINGERPRINT_HEX_SIZE];

	fingerprint_hex(hex, t->fingerprint);
	if (repo_secret_since(&t->since, t->r, hex, err) < 0)
		return -1;
	if (t->since == 0)
		t->since = clock_now();
	return t->dry_run ? 0 : repo_secret_note(t->r, hex, t->since, err);
}

static int run(struct rotation *t, struct error *err)
{
	const struct envelope_visitor v = {
		.work = rotate_one,
		.done = batch_done,
		.arg = t,
		.workers = repo_workers(t->r),
	};

	if (repo_current_secret(&t->secret, t->r, err) < 0)
		return -1;
	if (!t->secret) {
		error_set(err, ERR_CONFIG,
		          "encryption is off: there is no secret to rotate to");
		return error_hint(err, "Set backup.encryption.enabled to true.");
	}
	t->fingerprint = keyring_fingerprint(t->r->keyring, 0);
	/* What other hosts know of the first use of this secret is in their envelopes. */
	if (repo_refresh(t->r, REPO_REFRESH_NOW, err) < 0 || first_use(t, err) < 0 ||
	    (!t->dry_run && lease_take(&t->lease, t->r->store, "key rotation", err) < 0))
		return -1;
	if (envelopes_visit(&t->result->total, t->r, &v, err) < 0)
		return -1;
	return t->dry_run ? 0 : repo_refresh(t->r, REPO_REFRESH_NOW, err);
}

int repo_rotate(struct rotate_result *out, struct repo *r, bool dry_run, rotate_fn *fn,
                void *arg, struct error *err)
{
	struct rotation t = { .r = r, .dry_run = dry_run, .fn = fn, .arg = arg, .result = out };
	int64_t began = clock_mono_ms();
	int result;

	*out = (struct rotate_result){ 0 };
	result = run(&t, err);
	lease_release(t.lease);
	if (!dry_run && t.told > 0)
		log_info("key rotation: %zu rotated, %zu already new, %zu failed of %zu, "
		         "duration %lld ms",
		         out->counts[ROTATE_DONE], out->counts[ROTATE_ALREADY],
		         out->counts[ROTATE_FAILED], out->total,
		         (long long)(clock_mono_ms() - began));
	return result;
}
