/* SPDX-License-Identifier: MIT */
#include "engine/repo/recalculate.h"

#include <string.h>

#include "catalog/catalog.h"
#include "engine/base/buf.h"
#include "engine/base/cancel.h"
#include "engine/base/error.h"
#include "engine/base/log.h"
#include "engine/base/secret.h"
#include "engine/repo/internal.h"
#include "engine/repo/lease.h"
#include "engine/repo/reader.h"
#include "engine/schema/model.h"
#include "engine/store/store.h"

#define LOG_MODULE "repo/recalculate"

/* The envelope with the payload's true length and hash. */
static int correct(/* NOLINT(readability-function-size): one more than six */
                   struct buf *out, const struct repo *r, const struct buf *raw,
                   const struct recalculation *found, const struct digest *sum, const char *id,
                   struct error *err)
{
	const struct secret *secret = NULL;
	DEFER(secret) *key = NULL;
	autobuf metadata = BUF_INIT;
	struct envelope e;

	if (envelope_open(&e, &key, &metadata, raw->data, raw->len, id, r->keyring, err) < 0 ||
	    repo_secret_of(&secret, r, &e, err) < 0)
		return -1;
	if (e.unknown_fields)
		return error_set(err, ERR_UNSUPPORTED,
		                 "its envelope has fields that this version does not know");
	e.generation++;
	e.stored_size = found->size_after;
	e.stored_sha256 = *sum;
	return envelope_write(out, &e, secret, key, metadata.data, metadata.len, err);
}

/* Everything that the sealed metadata promise is there, authentic, and reads as a schema. */
static int decode_all(struct repo *r, const char *id, const struct buf *envelope,
                      struct error *err)
{
	DEFER(reader) *rd = NULL;
	DEFER(schema) *s = NULL;
	const struct backup *b;

	if (reader_open_as(&rd, r, id, envelope, err) < 0)
		return -1;
	b = reader_backup(rd);
	for (size_t i = 0; i < b->file_count; i++) {
		autobuf content = BUF_INIT;

		if (cancel_check(err) < 0 ||
		    reader_file(rd, b->files[i].name, &content, err) < 0)
			return -1;
	}
	return reader_schema(&s, rd, err);
}

static int refuse(const struct recalculation *found, struct error *err)
{
	char why[sizeof(err->text)];

	if (err->code != ERR_CORRUPT)
		return -1;
	memcpy(why, err->text, sizeof(why));
	error_clear(err);
	error_set(
		err, ERR_CORRUPT,
		"checksum mismatch (expected: %s, got: %s), and the payload is damaged: %.400s",
		found->before, found->after, why);
	return error_hint(err, "Save what is left of it with: mysql-schema-sync backup "
	                       "partial-recovery; then take another backup.");
}

/* The catalog follows: what is stored now is whole. */
static int note(struct repo *r, const char *id, struct error *err)
{
	DEFER(backup) *b = NULL;
	int found = repo_describe(&b, r, id, err);

	return found <= 0 ? found : catalog_backup_put(r->catalog, b, err);
}

static int recalculate(struct recalculation *out, struct repo *r, const char *id,
                       struct error *err)
{
	const struct store_range all = { .length = UINT64_MAX, .max = ENVELOPE_MAX };
	char envelope_key[REPO_KEY_MAX], payload_key[REPO_KEY_MAX];
	autobuf raw = BUF_INIT;
	autobuf changed = BUF_INIT;
	struct store_stat stat;
	struct digest sum;
	struct envelope e;
	int found;

	repo_envelope_key(envelope_key, id);
	repo_payload_key(payload_key, id);
	found = store_get(r->store, envelope_key, all, &raw, &stat, err);
	if (found == 0)
		error_set(err, ERR_NOT_FOUND, "backup not found: %s", id);
	if (found <= 0 || envelope_peek(&e, raw.data, raw.len, id, err) < 0)
		return -1;
	found = repo_hash_stored(&sum, &out->size_after, r->store, payload_key, err);
	if (found == 0)
		error_set(err, ERR_CORRUPT, "payload %s is missing in storage", payload_key);
	if (found <= 0)
		return -1;
	digest_hex(out->before, &e.stored_sha256);
	digest_hex(out->after, &sum);
	out->size_before = e.stored_size;
	out->changed = out->size_before != out->size_after ||
	               memcmp(sum.bytes, e.stored_sha256.bytes, sizeof(sum.bytes)) != 0;
	if (out->changed && correct(&changed, r, &raw, out, &sum, id, err) < 0)
		return -1;
	if (decode_all(r, id, out->changed ? &changed : &raw, err) < 0)
		return refuse(out, err);
	if (out->changed && store_replace(r->store, envelope_key, stat.version, changed.data,
	                                  changed.len, err) < 0)
		return -1;
	return note(r, id, err);
}

int repo_recalculate(struct recalculation *out, struct repo *r, const char *id,
                     struct error *err)
{
	DEFER(lease) *lease = NULL;

	*out = (struct recalculation){ 0 };
	if (lease_take(&lease, r->store, "recalculate a checksum", err) < 0 ||
	    recalculate(out, r, id, err) < 0)
		return error_wrap(err, "recalculate %s", id);
	log_info("backup %s: checksum in storage %s%s", id, out->changed ? "set right: " : "",
	         out->changed ? out->after : "was right");
	return 0;
}
