/* SPDX-License-Identifier: MIT */
#include "engine/repo/verify.h"

#include <string.h>

#include "catalog/catalog.h"
#include "engine/base/buf.h"
#include "engine/base/cancel.h"
#include "engine/base/clock.h"
#include "engine/base/error.h"
#include "engine/base/log.h"
#include "engine/base/mem.h"
#include "engine/codec/envelope.h"
#include "engine/repo/guard.h"
#include "engine/repo/internal.h"
#include "engine/repo/load.h"
#include "engine/repo/reader.h"
#include "engine/schema/model.h"
#include "engine/store/store.h"

#define LOG_MODULE "repo/verify"

#define CHUNK    ((size_t)4 << 20)
#define MISMATCH "checksum mismatch"

const char *verify_level_name(enum verify_level level)
{
	static const char *const names[] = {
		[VERIFY_LISTING] = "listing",
		[VERIFY_STORED] = "stored",
		[VERIFY_DECODE] = "decode",
		[VERIFY_LOAD] = "load",
	};

	return names[level];
}

void verify_result_free(struct verify_result *v)
{
	if (!v)
		return;
	for (size_t i = 0; i < v->error_count; i++)
		free(v->errors[i]);
	for (size_t i = 0; i < v->warning_count; i++)
		free(v->warnings[i]);
	free(v->errors);
	free(v->warnings);
	free(v);
}

static void add_line(char ***lines, size_t *count, const char *text)
{
	*lines = mem_resize(*lines, *count + 1, sizeof(**lines));
	(*lines)[(*count)++] = mem_strdup(text);
}

/* What was found wrong is a result; only what kept us from looking is an error. */
static int found_wrong(struct verify_result *v, struct error *err)
{
	if (err->code != ERR_CORRUPT && err->code != ERR_UNSUPPORTED &&
	    err->code != ERR_INVALID)
		return -1;
	add_line(&v->errors, &v->error_count, err->text);
	v->damaged = true;
	error_clear(err);
	return 0;
}

int repo_hash_stored(struct digest *sum, uint64_t *bytes, struct store *store, const char *key,
                     struct error *err)
{
	struct digest_state *state = digest_begin();
	int found = 1;

	*bytes = 0;
	for (;;) {
		const struct store_range range = { .offset = *bytes,
			                           .length = CHUNK,
			                           .max = CHUNK };
		autobuf chunk = BUF_INIT;

		if (cancel_check(err) < 0)
			found = -1;
		else
			found = store_get(store, key, range, &chunk, NULL, err);
		if (found <= 0 || chunk.len == 0)
			break;
		digest_update(state, chunk.data, chunk.len);
		*bytes += chunk.len;
		if (chunk.len < CHUNK)
			break;
	}
	digest_end(state, sum);
	return found;
}

/* 1 the payload is there with the length of its envelope, 0 found wrong, -1. */
static int check_listing(struct verify_result *v, const struct envelope *e, struct repo *r,
                         const char *key, struct error *err)
{
	struct store_stat stat;
	int found = store_stat(r->store, key, &stat, err);

	if (found < 0)
		return -1;
	if (!found) {
		error_set(err, ERR_CORRUPT, "payload %s is missing in storage", key);
		return found_wrong(v, err);
	}
	if (stat.size == e->stored_size)
		return 1;
	error_set(err, ERR_CORRUPT, "payload %s: want %llu bytes, got %llu", key,
	          (unsigned long long)e->stored_size, (unsigned long long)stat.size);
	return found_wrong(v, err);
}

static int check_hash(struct verify_result *v, const struct envelope *e, struct repo *r,
                      const char *key, struct error *err)
{
	struct digest sum;
	char want[DIGEST_HEX_SIZE], got[DIGEST_HEX_SIZE];
	int found = repo_hash_stored(&sum, &v->bytes, r->store, key, err);

	if (found < 0)
		return -1;
	if (!found) {
		error_set(err, ERR_CORRUPT, "payload %s is missing in storage", key);
		return found_wrong(v, err);
	}
	digest_hex(want, &e->stored_sha256);
	digest_hex(got, &sum);
	v->checksum_valid = strcmp(want, got) == 0;
	if (v->checksum_valid)
		return 0;
	error_set(err, ERR_CORRUPT, MISMATCH " (expected: %s, got: %s)", want, got);
	return found_wrong(v, err);
}

static int verify_stored(struct verify_result *v, struct repo *r, const char *id,
                         struct error *err)
{
	const struct store_range all = { .length = UINT64_MAX, .max = ENVELOPE_MAX };
	autobuf raw = BUF_INIT;
	struct envelope e;
	char key[REPO_KEY_MAX];
	int found;

	repo_envelope_key(key, id);
	found = store_get(r->store, key, all, &raw, NULL, err);
	if (found < 0)
		return -1;
	if (!found)
		return error_set(err, ERR_NOT_FOUND, "backup not found: %s", id);
	if (envelope_peek(&e, raw.data, raw.len, id, err) < 0 ||
	    guard_same(r, id, e.encrypted, err) < 0)
		return found_wrong(v, err);
	repo_payload_key(key, id);
	if (v->level == VERIFY_LISTING) {
		found = check_listing(v, &e, r, key, err);
		return found < 0 ? -1 : 0;
	}
	return check_hash(v, &e, r, key, err);
}

/* What was read on the way. */
struct reading {
	struct schema *schema;
	struct backup *backup;
};

static void add_warning(void *arg, const char *text)
{
	struct verify_result *v = arg;

	add_line(&v->warnings, &v->warning_count, text);
}

static void add_error(void *arg, const char *text)
{
	struct verify_result *v = arg;

	add_line(&v->errors, &v->error_count, text);
}

static void warn_of_problems(struct verify_result *v, const struct schema *s)
{
	for (size_t i = 0; i < s->count; i++) {
		autobuf line = BUF_INIT;

		if (!s->objects[i].problem)
			continue;
		buf_addf(&line, "%s %s: %s", object_kind_info(s->objects[i].kind)->word,
		         s->objects[i].name, s->objects[i].problem);
		add_warning(v, line.data);
	}
}

/* Decodes every file, then the schema. */
static int verify_decode(struct verify_result *v, struct reading *got, struct repo *r,
                         const char *id, struct error *err)
{
	const struct load_report report = { add_error, add_warning, v };
	DEFER(reader) *rd = NULL;
	const struct backup *b;

	if (reader_open(&rd, r, id, err) < 0)
		return found_wrong(v, err);
	b = reader_backup(rd);
	for (size_t i = 0; i < b->file_count; i++) {
		autobuf content = BUF_INIT;

		if (cancel_check(err) < 0)
			return -1;
		if (reader_file(rd, b->files[i].name, &content, err) < 0 &&
		    found_wrong(v, err) < 0)
			return -1;
	}
	if (v->error_count > 0)
		return 0;
	if (reader_schema(&got->schema, rd, err) < 0)
		return found_wrong(v, err);
	got->backup = backup_copy(b);
	warn_of_problems(v, got->schema);
	return v->level == VERIFY_LOAD ? load_try(&report, r, got->schema, err) : 0;
}

/* Can a check of this level see what was found wrong with these words? */
static bool can_take_back(enum verify_level level, const char *found)
{
	if (level >= VERIFY_DECODE)
		return true;
	return level == VERIFY_STORED && (strncmp(found, MISMATCH, strlen(MISMATCH)) == 0 ||
	                                  strncmp(found, "payload ", 8) == 0);
}

/* The catalog remembers what was found of the stored bytes, so that lists show it. */
static void note_status(struct repo *r, const char *id, const struct verify_result *v)
{
	enum backup_status status = v->damaged ? BACKUP_CORRUPTED : BACKUP_COMPLETED;
	struct error err = ERROR_INIT;
	DEFER(backup) *b = NULL;
	int found = catalog_backup_find(r->catalog, id, &b, &err);

	if (found > 0 && b->status != status && *b->database &&
	    (v->damaged || can_take_back(v->level, b->error)))
		found = catalog_backup_mark(r->catalog, id, status,
		                            v->damaged ? v->errors[0] : "", b->version, &err);
	if (found < 0)
		log_failure(LOG_MODULE, id, &err);
}

/* What was deleted while we looked is gone, not damaged. */
static int check_still_there(const struct verify_result *v, struct repo *r, const char *id,
                             struct error *err)
{
	char key[REPO_KEY_MAX];
	struct store_stat stat;
	int found = 1;

	repo_envelope_key(key, id);
	if (v->error_count > 0)
		found = store_stat(r->store, key, &stat, err);
	if (found < 0)
		return -1;
	return found ? 0 : error_set(err, ERR_NOT_FOUND, "backup %s was deleted meanwhile", id);
}

static int verify(struct verify_result **out, struct reading *got, struct repo *r,
                  const char *id, enum verify_level level, struct error *err)
{
	DEFER(verify_result) *v = mem_alloc(sizeof(*v));
	int64_t began = clock_mono_ms();

	v->checked_at = clock_now();
	v->level = level;
	if (verify_stored(v, r, id, err) < 0)
		return error_wrap(err, "validate %s", id);
	if (v->error_count == 0 && level >= VERIFY_DECODE &&
	    verify_decode(v, got, r, id, err) < 0)
		return error_wrap(err, "validate"); /* the reader named the backup */
	if (check_still_there(v, r, id, err) < 0)
		return error_wrap(err, "validate");
	v->valid = v->error_count == 0;
	note_status(r, id, v);
	log_info("backup %s is %s%s, duration %lld ms", id,
	         v->valid ? "valid" : "not valid: ", v->valid ? "" : v->errors[0],
	         (long long)(clock_mono_ms() - began));
	*out = take(v);
	return 0;
}

int repo_verify(struct verify_result **out, struct repo *r, const char *id,
                enum verify_level level, struct error *err)
{
	struct reading got = { 0 };
	int result = verify(out, &got, r, id, level, err);

	schema_free(got.schema);
	backup_free(got.backup);
	return result;
}

int repo_verify_reading(struct verify_result **out, struct schema **schema,
                        struct backup **backup, struct repo *r, const char *id,
                        struct error *err)
{
	struct reading got = { 0 };
	int result = verify(out, &got, r, id, VERIFY_DECODE, err);

	*schema = got.schema;
	*backup = got.backup;
	return result;
}
