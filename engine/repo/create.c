/* SPDX-License-Identifier: MIT */
#include "engine/repo/create.h"

#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "catalog/catalog.h"
#include "engine/base/clock.h"
#include "engine/base/error.h"
#include "engine/base/fsutil.h"
#include "engine/base/log.h"
#include "engine/base/mem.h"
#include "engine/base/number.h"
#include "engine/base/secret.h"
#include "engine/codec/container.h"
#include "engine/codec/envelope.h"
#include "engine/config/config.h"
#include "engine/repo/internal.h"
#include "engine/repo/keys.h"
#include "engine/repo/metadata.h"
#include "engine/repo/reader.h"
#include "engine/repo/reuse.h"
#include "engine/repo/suggest.h"
#include "engine/repo/verify.h"
#include "engine/schema/archive.h"
#include "engine/schema/model.h"
#include "engine/server/capture.h"
#include "engine/store/store.h"

#define LOG_MODULE "repo/create"

#define DESCRIPTION_MAX 500
#define TAG_KEY_MAX     128
#define TAG_VALUE_MAX   256
#define TAG_COUNT_MAX   50
#define DATA_KEY_SIZE   32

static bool is_tag_key(const char *s, size_t len)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz"
				      "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";

	return len >= 1 && len <= TAG_KEY_MAX && strspn(s, letters) >= len;
}

int create_parse_tag(struct backup_tag *out, const char *text, struct error *err)
{
	const char *equals = strchr(text, '=');

	if (!equals || !is_tag_key(text, (size_t)(equals - text))) {
		error_set(err, ERR_USAGE, "not a tag: %s", text);
		return error_hint(err,
		                  "A tag is KEY=VALUE; its key has 1 to %d letters, digits, "
		                  "- and _.",
		                  TAG_KEY_MAX);
	}
	if (strlen(equals + 1) > TAG_VALUE_MAX)
		return error_set(err, ERR_USAGE, "tag %.*s: value of %zu characters, limit %d",
		                 (int)(equals - text), text, strlen(equals + 1), TAG_VALUE_MAX);
	out->key = mem_strndup(text, (size_t)(equals - text));
	out->value = mem_strdup(equals + 1);
	return 0;
}

int create_check_words(const char *description, size_t tag_count, struct error *err)
{
	if (description && strlen(description) > DESCRIPTION_MAX)
		return error_set(err, ERR_USAGE, "description of %zu characters, limit %d",
		                 strlen(description), DESCRIPTION_MAX);
	if (tag_count > TAG_COUNT_MAX)
		return error_set(err, ERR_USAGE, "%zu tags, limit %d", tag_count,
		                 TAG_COUNT_MAX);
	return 0;
}

static int new_id(struct backup *b, struct error *err)
{
	char middle[CLOCK_TEXT_MAX], hex[9], id[NAME_BACKUP_ID_MAX + 1];
	unsigned char random[4];

	if (random_bytes(random, sizeof(random), err) < 0)
		return -1;
	clock_format_id(middle, b->created_at);
	number_format_hex(hex, random, sizeof(random));
	snprintf(id, sizeof(id), "backup_%.20s_%s", middle, hex);
	backup_set(&b->id, id);
	return 0;
}

/* What is known before anything was captured. */
int repo_describe_attempt(struct backup *b, const struct repo *r, const char *database,
                          const struct create_options *o, struct error *err)
{
	struct passwd *user = getpwuid(geteuid());
	char host[256] = "";
	int64_t now = clock_now_ms();
	autobuf location = BUF_INIT;

	b->created_at = now / 1000;
	b->created_ms = (int)(now % 1000);
	if (new_id(b, err) < 0)
		return -1;
	gethostname(host, sizeof(host) - 1);
	backup_set(&b->database, database);
	backup_set(&b->created_by, user ? user->pw_name : "unknown");
	backup_set(&b->host, host);
	backup_set(&b->description, o->description ? o->description : "Manual backup");
	backup_set(&b->tool_version, REPO_TOOL_VERSION);
	backup_set(&b->migration, o->migration ? o->migration : "");
	buf_addf(&location, "%s/%s", store_location(r->store), b->id);
	backup_set(&b->location, location.data);
	for (size_t i = 0; i < o->tag_count; i++)
		backup_tag_set(b, o->tags[i].key, o->tags[i].value);
	return 0;
}

void repo_describe_schema(struct backup *b, const struct schema *s)
{
	char hash[65];

	repo_schema_hash(hash, s);
	backup_set(&b->schema_hash, hash);
	backup_set(&b->server_family, s->family == SERVER_MYSQL ? "mysql" : "mariadb");
	backup_set(&b->server_version, s->server_version);
	b->visible = s->visible;
	b->object_count = s->count;
}

/* Has this object this problem, too? */
static bool shares_problem(const struct object *o, enum object_kind kind, const char *problem)
{
	return o->kind == kind && o->problem && strcmp(o->problem, problem) == 0;
}

/* The names of all objects of a kind with one problem, as "a, b and 7 more". */
static void list_affected(struct buf *out, const struct schema *s, enum object_kind kind,
                          const char *problem)
{
	const size_t most = 5;
	size_t count = 0;

	for (size_t i = 0; i < s->count; i++) {
		const struct object *o = &s->objects[i];

		if (!shares_problem(o, kind, problem))
			continue;
		if (count < most)
			buf_addf(out, "%s%s", count ? ", " : "", o->name);
		count++;
	}
	if (count > most)
		buf_addf(out, " and %zu more", count - most);
}

static bool was_told(const struct schema *s, size_t count, enum object_kind kind,
                     const char *problem)
{
	for (size_t i = 0; i < count; i++) {
		if (shares_problem(&s->objects[i], kind, problem))
			return true;
	}
	return false;
}

/* Nobody may learn at three in the morning what was known when the backup was made. */
static void warn_of_kinds(const char *database, unsigned int visible)
{
	for (int kind = 0; kind < OBJECT_KIND_COUNT; kind++) {
		if (!(visible & OBJECT_KIND_BIT(kind)))
			log_warn("database %s: the account may not see every %s: the backup is "
			         "made without what it cannot see, and no rollback will touch "
			         "objects of that kind",
			         database, object_kind_info(kind)->word);
	}
}

void repo_warn_of_gaps(const struct schema *s)
{
	warn_of_kinds(s->name, s->visible);
	if (s->libraries > 0)
		log_warn("database %s: %zu libraries (CREATE LIBRARY) are no part of the "
		         "backup: code that uses them needs them to be there",
		         s->name, s->libraries);
	for (size_t i = 0; i < s->count; i++) {
		const struct object *o = &s->objects[i];
		autobuf names = BUF_INIT;

		if (!o->problem || was_told(s, i, o->kind, o->problem))
			continue;
		list_affected(&names, s, o->kind, o->problem);
		log_warn("%s %s: %s", object_kind_info(o->kind)->word, names.data, o->problem);
	}
}

struct packing {
	struct backup *b;
	struct container_writer *writer;
};

static int pack_file(void *arg, const char *name, const void *data, size_t len,
                     struct error *err)
{
	struct packing *p = arg;
	struct digest sum;
	char hex[DIGEST_HEX_SIZE];

	if (container_add(p->writer, name, data, len, &sum, err) < 0)
		return -1;
	digest_hex(hex, &sum);
	backup_file_add(p->b, name, len, hex);
	p->b->size += len;
	return 0;
}

const char *repo_codec_name(const struct config *c)
{
	return config_bool(c, "backup.compression.enabled")
	               ? compress_by_name(config_text(c, "backup.compression.algorithm"))->name
	               : "none";
}

static void choose_codec(struct container_options *o, const struct config *c)
{
	o->codec = compress_by_name(repo_codec_name(c));
	o->level = config_is_set(c, "backup.compression.level")
	                   ? (int)config_int(c, "backup.compression.level")
	                   : o->codec->level_default;
	o->threshold = (size_t)config_int(c, "backup.compression.threshold");
}

/* Where the files of a backup come from: a schema, or the backup before. */
struct content {
	const struct schema *schema;
	struct reuse *reuse;
};

static int write_content(const struct content *c, struct packing *p, struct error *err)
{
	return c->reuse ? reuse_write(c->reuse, pack_file, p, err)
	                : archive_write(c->schema, pack_file, p, err);
}

/* Builds the container in memory and fills in what the envelope says of it. */
static int pack(struct buf *out, struct envelope *e, struct backup *b,
                const struct content *content, const struct container_options *o,
                struct error *err)
{
	DEFER(container_writer) *w = NULL;
	struct packing p = { .b = b };
	char checksum[DIGEST_HEX_SIZE];

	if (container_writer_new(&w, o, err) < 0)
		return -1;
	p.writer = w;
	if (write_content(content, &p, err) < 0 ||
	    container_finish(w, out, e->container_id, err) < 0)
		return -1;
	snprintf(e->backup_id, sizeof(e->backup_id), "%s", b->id);
	e->generation = 1;
	e->encrypted = o->data_key != NULL;
	e->codec = o->codec->id;
	e->stored_size = out->len;
	digest_of(&e->stored_sha256, out->data, out->len);
	digest_hex(checksum, &e->stored_sha256);
	backup_set(&b->checksum, checksum);
	backup_set(&b->compression, o->codec->name);
	b->stored_size = out->len;
	b->encrypted = e->encrypted;
	b->generation = e->generation;
	return 0;
}

int repo_new_data_key(struct secret **out, struct error *err)
{
	unsigned char bytes[DATA_KEY_SIZE];
	int result = random_bytes(bytes, sizeof(bytes), err);

	if (result == 0)
		*out = secret_new(bytes, sizeof(bytes));
	secret_wipe(bytes, sizeof(bytes));
	return result;
}

/*
 * Takes back what was stored. The envelope goes first, for without it there is no backup; and
 * while it may still be there the payload stays, or something would be half there.
 */
static void withdraw(struct repo *r, const char *id)
{
	char payload[REPO_KEY_MAX], envelope[REPO_KEY_MAX];
	struct error err = ERROR_INIT;

	repo_payload_key(payload, id);
	repo_envelope_key(envelope, id);
	if (store_remove(r->store, envelope, &err) < 0 ||
	    store_remove(r->store, payload, &err) < 0)
		log_failure(LOG_MODULE, id, &err);
}

/* A payload without an envelope is in the way. */
static int name_leftover(struct error *err)
{
	return error_hint(err, "It is left of a backup that was not completed. If no other "
	                       "host is storing it now, `mysql-schema-sync backup "
	                       "recovery-scan --fix` removes it.");
}

/* Payload, then envelope: the commit. What fails takes back what is there. */
static int store_both(struct repo *r, struct backup *b, const struct buf *payload,
                      const struct buf *envelope, struct error *err)
{
	char payload_key[REPO_KEY_MAX], envelope_key[REPO_KEY_MAX];
	struct store_stat stat;

	repo_payload_key(payload_key, b->id);
	repo_envelope_key(envelope_key, b->id);
	if (store_put(r->store, payload_key, payload->data, payload->len, err) < 0)
		return err->code == ERR_EXISTS ? name_leftover(err) : -1;
	if (store_put(r->store, envelope_key, envelope->data, envelope->len, err) < 0) {
		withdraw(r, b->id);
		return -1;
	}
	if (store_stat(r->store, envelope_key, &stat, err) < 0)
		return -1;
	backup_set(&b->version, stat.version);
	return 0;
}

/* Every backup carries on since when its secret is in use: the first ones do not stay for ever.
 */
static int name_secret(struct backup *b, struct repo *r, bool encrypted, struct error *err)
{
	char fingerprint[FINGERPRINT_HEX_SIZE];

	/* An imported backup may have had another. */
	backup_set(&b->secret, "");
	b->secret_since = 0;
	if (!encrypted)
		return 0;
	fingerprint_hex(fingerprint, keyring_fingerprint(r->keyring, 0));
	backup_set(&b->secret, fingerprint);
	if (repo_secret_since(&b->secret_since, r, fingerprint, err) < 0)
		return -1;
	if (b->secret_since == 0)
		b->secret_since = clock_now(); /* the backup may be older */
	return 0;
}

/* The backup is stored: a catalog that cannot take a note learns it from the store. */
static void note_use(struct repo *r, const struct backup *b)
{
	struct error err = ERROR_INIT;

	if (*b->secret && repo_secret_note(r, b->secret, b->secret_since, &err) < 0)
		log_failure(LOG_MODULE, "note the secret", &err);
}

static int save(struct repo *r, struct backup *b, const struct content *content,
                struct error *err)
{
	const struct secret *secret = NULL;
	DEFER(secret) *data_key = NULL;
	struct container_options o = {
		.backup_id = b->id,
		.created = b->created_at,
		.tool_version = REPO_TOOL_VERSION,
	};
	struct envelope e = { 0 };
	autobuf payload = BUF_INIT;
	autobuf metadata = BUF_INIT;
	autobuf envelope = BUF_INIT;

	if (repo_current_secret(&secret, r, err) < 0 ||
	    (secret && repo_new_data_key(&data_key, err) < 0) ||
	    name_secret(b, r, secret != NULL, err) < 0)
		return -1;
	o.data_key = data_key;
	choose_codec(&o, r->config);
	if (pack(&payload, &e, b, content, &o, err) < 0)
		return -1;
	metadata_seal(&metadata, b);
	if (envelope_write(&envelope, &e, secret, data_key, metadata.data, metadata.len, err) <
	    0)
		return -1;
	repo_note_opening(b, &envelope);
	if (store_both(r, b, &payload, &envelope, err) < 0)
		return -1;
	note_use(r, b);
	return 0;
}

static int ignore_file(void *arg, const char *name, const void *data, size_t len,
                       struct error *err)
{
	(void)arg, (void)name, (void)data, (void)len, (void)err;
	return 0;
}

/* What was copied was a schema before: that every file comes back is enough. */
static int read_back(struct repo *r, const struct backup *b, struct error *err)
{
	DEFER(reader) *rd = NULL;

	if (reader_open(&rd, r, b->id, err) < 0)
		return -1;
	return reader_each(rd, ignore_file, NULL, err);
}

static int verify_new(struct repo *r, const struct backup *b, struct error *err)
{
	DEFER(verify_result) *v = NULL;

	if (repo_verify(&v, r, b->id, VERIFY_DECODE, err) < 0)
		return -1;
	return v->valid ? 0 : error_set(err, ERR_CORRUPT, "%s", v->errors[0]);
}

/* Reads back what was stored: an acknowledged backup is one that can be opened. */
static int check_stored(struct repo *r, const struct backup *b, bool copied, struct error *err)
{
	if (!config_bool(r->config, "backup.validation.enabled") ||
	    !config_bool(r->config, "backup.validation.validate_on_create"))
		return 0;
	if ((copied ? read_back(r, b, err) : verify_new(r, b, err)) == 0)
		return 0;
	if (err->code == ERR_CORRUPT)
		error_wrap(err, "what was stored does not read back");
	withdraw(r, b->id);
	return -1;
}

int repo_save(struct repo *r, struct backup *b, const struct schema *s, struct error *err)
{
	repo_describe_schema(b, s);
	if (save(r, b, &(struct content){ .schema = s }, err) < 0)
		return -1;
	return check_stored(r, b, false, err);
}

static int save_again(struct repo *r, struct backup *b, struct reuse *u, struct error *err)
{
	const struct backup *before = reuse_backup(u);

	backup_set(&b->schema_hash, before->schema_hash);
	backup_set(&b->fingerprint, before->fingerprint);
	backup_set(&b->server_family, before->server_family);
	backup_set(&b->server_version, before->server_version);
	b->visible = before->visible;
	b->object_count = before->object_count;
	warn_of_kinds(b->database, b->visible);
	if (save(r, b, &(struct content){ .reuse = u }, err) < 0)
		return -1;
	log_info("database %s did not change since backup %s, whose files were copied",
	         b->database, before->id);
	return check_stored(r, b, true, err);
}

/* What a first, failed attempt left in the description. */
static void start_over(struct backup *b)
{
	for (size_t i = 0; i < b->file_count; i++)
		free(b->files[i].name);
	b->file_count = 0;
	b->size = 0;
}

/* 1 done, 0 the schema is to be captured if there is a mark, -1. */
static int run_again(struct capture_mark **mark, struct repo *r, struct backup *b, bool full,
                     struct error *err)
{
	DEFER(reuse) *u = NULL;
	int found;

	if (full)
		found = repo_live_mark(mark, r,
		                       &(struct capture_ask){ .database = b->database }, err);
	else
		found = reuse_find(&u, mark, r, b->database, err);
	if (found < 0 || !u)
		return found < 0 ? -1 : 0;
	if (save_again(r, b, u, err) == 0)
		return 1;
	if (err->code != ERR_CORRUPT)
		return -1;
	/* The backup before is damaged; the schema itself is not. */
	log_warn("%s; the schema is captured anew", err->text);
	error_clear(err);
	start_over(b);
	return 0;
}

int repo_unknown_database(struct repo *r, const char *database, struct error *err)
{
	autobuf near = BUF_INIT;

	error_set(err, ERR_NOT_FOUND, "unknown database: %s", database);
	if (suggest_live_database(&near, r, database))
		return error_hint(err, "Did you mean %s?", near.data);
	return error_hint(err, "See which there are with: mariadb -e 'SHOW DATABASES'. "
	                       "A database that the account may not see counts as missing.");
}

static int run(struct repo *r, struct backup *b, const struct create_options *o,
               struct error *err)
{
	DEFER(schema) *mine = NULL;
	DEFER(capture_mark) *mark = NULL;
	const struct schema *s = o->captured;
	int found = s ? 0 : run_again(&mark, r, b, o->full, err);

	if (found != 0)
		return found < 0 ? -1 : 0;
	if (!s) {
		found = mark ? repo_live_marked(&mine, mark, r, b->database, err) : 0;
		if (found < 0)
			return -1;
		if (!found)
			return repo_unknown_database(r, b->database, err);
		s = mine;
		backup_set(&b->fingerprint, capture_mark_text(mark));
	}
	repo_warn_of_gaps(s);
	return repo_save(r, b, s, err);
}

/* The attempt stays in the catalog: `backup list --status failed`. */
static void note_failure(struct repo *r, struct backup *b, const struct error *why)
{
	struct error err = ERROR_INIT;

	b->status = BACKUP_FAILED;
	backup_set(&b->error, why->text);
	if (catalog_backup_put(r->catalog, b, &err) < 0)
		log_failure(LOG_MODULE, "note the failed backup", &err);
}

int repo_create(struct backup **out, struct repo *r, const struct create_options *o,
                struct error *err)
{
	struct catalog_operation operation = {
		.verb = "backup_create", .backup_id = "", .status = "started", .error = ""
	};
	DEFER(backup) *b = backup_new();
	int64_t began = clock_mono_ms();
	int64_t row = 0;
	const char *database;

	if (create_check_words(o->description, o->tag_count, err) < 0 ||
	    repo_database(&database, r, o->database, err) < 0 ||
	    repo_describe_attempt(b, r, database, o, err) < 0)
		return -1;
	operation.database = b->database;
	operation.started_at = b->created_at;
	if (catalog_operation_begin(r->catalog, &operation, &row, err) < 0)
		return -1;
	if (run(r, b, o, err) < 0) {
		struct error ignored = ERROR_INIT;

		note_failure(r, b, err);
		catalog_operation_end(r->catalog, row, b->id, clock_mono_ms() - began,
		                      err->text, &ignored);
		return -1;
	}
	b->status = BACKUP_COMPLETED;
	b->duration_ms = clock_mono_ms() - began;
	/* It is stored: a catalog that cannot take it now learns of it from the store. */
	if (catalog_backup_put(r->catalog, b, err) < 0 ||
	    catalog_operation_end(r->catalog, row, b->id, b->duration_ms, "", err) < 0) {
		log_failure(LOG_MODULE, "catalog", err);
		error_clear(err);
	}
	log_info(
		"backup %s of database %s created in storage %s: %zu objects, %llu bytes, duration %lld ms",
		b->id, b->database, store_location(r->store), b->object_count,
		(unsigned long long)b->stored_size, (long long)b->duration_ms);
	repo_rotation_warn(r);
	*out = take(b);
	return 0;
}
