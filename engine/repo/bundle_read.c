/* SPDX-License-Identifier: MIT */
/* bundle_read: from files to a schema and what is known of the backup. */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "catalog/backup.h"
#include "engine/base/arena.h"
#include "engine/base/error.h"
#include "engine/base/mem.h"
#include "engine/base/secret.h"
#include "engine/codec/container.h"
#include "engine/repo/bundle_files.h"
#include "engine/repo/internal.h"
#include "engine/schema/archive.h"
#include "engine/schema/dump.h"
#include "engine/schema/model.h"

static int get_file(void *arg, const char *name, struct buf *out, struct error *err)
{
	const struct bundle *from = arg;
	const struct buf *content = bundle_find(from, name);

	(void)err;
	if (content)
		buf_add(out, content->data, content->len);
	return content != NULL;
}

static int get_part(void *arg, const char *name, struct buf *out, struct error *err)
{
	return container_read(arg, name, out, err);
}

static int read_payload(void *arg, uint64_t offset, size_t len, struct buf *out,
                        struct error *err)
{
	const struct buf *payload = arg;

	if (offset > payload->len || len > payload->len - offset)
		return error_set(err, ERR_CORRUPT, "the payload is cut short");
	buf_add(out, payload->data + offset, len);
	return 0;
}

static int read_container(struct schema **out, const struct unsealed *u,
                          const struct buf *payload, const char *id, struct error *err)
{
	union {
		const struct buf *given;
		void *arg;
	} payload_arg = { .given = payload };
	const struct container_source source = { .read = read_payload,
		                                 .arg = payload_arg.arg,
		                                 .size = payload->len };
	DEFER(container) *c = NULL;
	struct digest sum;

	digest_of(&sum, payload->data, payload->len);
	if (memcmp(sum.bytes, u->envelope.stored_sha256.bytes, DIGEST_SIZE) != 0)
		return error_set(err, ERR_CORRUPT, "%s%s: checksum mismatch", id,
		                 REPO_PAYLOAD_SUFFIX);
	if (container_open(&c, &source, id, u->data_key, err) < 0)
		return -1;
	if (memcmp(container_header(c)->id, u->envelope.container_id, CONTAINER_ID_SIZE) != 0)
		return error_set(err, ERR_CORRUPT, "%s%s is not the payload its envelope names",
		                 id, REPO_PAYLOAD_SUFFIX);
	return archive_read(out, get_part, c, err);
}

/* ID.meta and ID.backup: the secret must be here. */
static int read_stored(struct schema **out, struct backup *b, const struct bundle *from,
                       struct repo *r, struct error *err)
{
	const char *id = from->stored_id;
	char payload_key[REPO_KEY_MAX], envelope_key[REPO_KEY_MAX];
	const struct buf *payload, *envelope;
	struct unsealed u = { 0 };
	int result;

	repo_payload_key(payload_key, id);
	repo_envelope_key(envelope_key, id);
	payload = bundle_find(from, payload_key);
	envelope = bundle_find(from, envelope_key);
	if (!payload || !envelope)
		return error_set(err, ERR_INVALID, "%s is missing",
		                 payload ? envelope_key : payload_key);
	if (repo_unseal(b, &u, r, envelope, id, err) < 0)
		return -1;
	result = read_container(out, &u, payload, id, err);
	unsealed_finish(&u);
	/* Those of the new container take their place. */
	for (size_t i = 0; i < b->file_count; i++)
		free(b->files[i].name);
	b->file_count = 0;
	return result;
}

static int feed(struct dump *d, const char *name, const struct buf *content, struct error *err)
{
	/* A file of its own ends its last statement, and is judged before the next one. */
	static const char end[] = "\n;\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n";

	if (dump_feed(d, content->data, content->len, err) < 0 ||
	    dump_feed(d, end, sizeof(end) - 1, err) < 0)
		return error_wrap(err, "%s", name);
	return 0;
}

static bool is_object(const struct bundle_file *f)
{
	return strncmp(f->name, "objects/", 8) == 0;
}

/* The files of objects say more than schema.sql: each what it needs of the session. */
static int feed_all(struct dump *d, const struct bundle *from, struct error *err)
{
	const struct buf *script = bundle_find(from, ARCHIVE_SCRIPT);
	size_t objects = 0;

	for (size_t i = 0; i < from->count; i++) {
		if (!is_object(&from->items[i]))
			continue;
		objects++;
		if (feed(d, from->items[i].name, &from->items[i].content, err) < 0)
			return -1;
	}
	if (!script && objects == 0)
		return error_set(err, ERR_INVALID, "there is no " ARCHIVE_SCRIPT);
	return objects > 0 ? 0 : feed(d, ARCHIVE_SCRIPT, script, err);
}

/* schema.sql says one thing that no object's file does: the database's collation. */
static void take_collation(struct schema *s, const struct bundle *from)
{
	const struct buf *script = bundle_find(from, ARCHIVE_SCRIPT);
	DEFER(dump) *d = dump_new(s->name);
	DEFER(schema) *whole = NULL;
	struct error ignored = ERROR_INIT;

	if (!script || *s->collation || dump_feed(d, script->data, script->len, &ignored) < 0 ||
	    dump_finish(&whole, d, &ignored) < 0)
		return;
	s->charset = arena_strdup(s->arena, whole->charset);
	s->collation = arena_strdup(s->arena, whole->collation);
}

static void take_origin(struct schema *s, const struct backup *b)
{
	if (*b->server_family)
		s->family =
			strcmp(b->server_family, "mysql") == 0 ? SERVER_MYSQL : SERVER_MARIADB;
	if (*b->server_version)
		s->server_version = arena_strdup(s->arena, b->server_version);
	if (s->version_number == 0)
		s->version_number = dump_version_number(s->server_version);
	if (b->visible)
		s->visible |= b->visible;
}

static int read_scripts(struct schema **out, struct backup *b, struct bundle_notes *notes,
                        const struct bundle *from, const char *database, struct error *err)
{
	const char *name = database ? database : *b->database ? b->database : NULL;
	DEFER(dump) *d = dump_new(name);
	struct dump_report report;

	if (feed_all(d, from, err) < 0 || dump_finish(out, d, err) < 0)
		return -1;
	dump_report(&report, d);
	notes->data_statements = report.data_statements;
	notes->other_statements = report.other_statements;
	notes->opaque_tables = report.table_count;
	take_collation(*out, from);
	take_origin(*out, b);
	return 0;
}

static int check_database(const struct schema *s, const struct backup *b, const char *database,
                          struct error *err)
{
	const char *said = database ? database : b->database;

	if (!*said || strcmp(said, s->name) == 0)
		return 0;
	return error_set(err, ERR_INVALID, "it is of database %s, not of %s", s->name, said);
}

int bundle_read(struct schema **out, struct backup *b, struct bundle_notes *notes,
                const struct bundle_source *from, struct error *err)
{
	union {
		const struct bundle *given;
		void *arg;
	} files = { .given = from->files };
	const struct buf *metadata = bundle_find(files.given, BUNDLE_METADATA);
	DEFER(schema) *s = NULL;
	int result;

	*notes = (struct bundle_notes){ 0 };
	if (metadata && bundle_read_metadata(b, metadata, err) < 0)
		return -1;
	if (files.given->stored_id)
		result = read_stored(&s, b, files.given, from->repo, err);
	else if (bundle_find(files.given, ARCHIVE_MODEL))
		result = archive_read(&s, get_file, files.arg, err);
	else
		result = read_scripts(&s, b, notes, files.given, from->database, err);
	if (result < 0)
		return -1;
	assert(s);
	if (check_database(s, b, from->database, err) < 0)
		return -1;
	*out = take(s);
	return 0;
}
