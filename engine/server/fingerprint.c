/* SPDX-License-Identifier: MIT */
/*
 * fingerprint: has anything changed since, for the price of one query?
 *
 * The server hashes the versions of all objects (listing_sql.c) and XORs the
 * hashes, so that the order of rows does not matter. Equal fingerprints must
 * mean equal schemas, so there is none ("") when a version cannot vouch for that:
 *
 * - a table changed in the last two seconds and might change again within the same second;
 * - a server or an engine keeps no true time (MySQL's tables, MyISAM, Aria, sequences, ...);
 * - a foreign key points into another database, where renames would change our text of it, or
 *   the account may not know (no PROCESS).
 *
 * - a view or anything else refers to another database, or is broken: what is done there shows
 *   in its text (this is known by the texts, so capture_with_fingerprint() sees to it).
 *
 * Times of two servers must not meet: the server's place is part of the text.
 */
#include <mysqld_error.h>
#include <string.h>

#include "engine/base/arena.h"
#include "engine/base/buf.h"
#include "engine/base/error.h"
#include "engine/base/map.h"
#include "engine/base/number.h"
#include "engine/schema/quote.h"
#include "engine/schema/view.h"
#include "engine/server/capture.h"
#include "engine/server/grants.h"
#include "engine/server/listing.h"
#include "engine/server/listing_sql.h"
#include "engine/server/query.h"
#include "engine/server/quiet.h"
#include "engine/server/session.h"

#define FINGERPRINT_VERSION "2"

/* Room for all names and values of a database that can be captured. */
#define COUNTERS_MAX "1073741824"

enum step { STEP_ROOM, STEP_DATABASE, STEP_GRANTS, STEP_FOREIGN_KEYS, STEP_HASH, STEP_COUNT };

struct print {
	struct server *s;
	const char *database;
	struct grants *grants;
	struct buf head; /* version, character set, collation */
	struct buf hash; /* empty: no fingerprint */
	struct map *counters;
	struct arena *arena; /* of the counters' values */
	bool found;          /* is there such a database? */
	bool crosses;        /* a foreign key may point into another database */
};

/* A 64-bit part of the hash as a number, XORed over all rows. */
static void xor_part(struct buf *sql, int from)
{
	buf_addf(sql,
	         "LPAD(HEX(BIT_XOR(CAST(CONV(SUBSTR(h, %d, 16), 16, 10) AS UNSIGNED))), 16, "
	         "'0')",
	         from);
}

static void hash_sql(struct buf *sql, const struct print *p)
{
	buf_adds(sql, "SELECT COUNT(*), CONCAT(");
	for (int part = 0; part < 4; part++) {
		buf_adds(sql, part ? ", " : "");
		xor_part(sql, 1 + 16 * part);
	}
	buf_adds(sql,
	         "), COALESCE(SUM(h IS NULL OR (x = 0 AND (t IS NULL OR "
	         "t >= NOW() - INTERVAL 2 SECOND))), 0), "
	         "GROUP_CONCAT(IF(a = '' AND o > 1, CONCAT(HEX(n), ':', o), NULL)) FROM (");
	listing_sql_counted(sql, p->s->info.family, p->database);
	for (int i = LISTING_TIMES + 1; i < LISTING_SOURCE_COUNT; i++) {
		buf_adds(sql, " UNION ALL ");
		listing_sql(sql, (enum listing_source)i, p->s->info.family, p->database);
	}
	buf_adds(sql, ") AS versions");
}

/* InnoDB writes names of databases as names of files: a-b is a@002db. */
static void foreign_keys_sql(struct buf *sql, const struct print *p)
{
	buf_adds(sql, "SELECT COUNT(*) FROM information_schema.INNODB_SYS_FOREIGN WHERE "
	              "SUBSTRING_INDEX(FOR_NAME, '/', 1) <> SUBSTRING_INDEX(REF_NAME, '/', 1) "
	              "AND SUBSTRING_INDEX(FOR_NAME, '/', 1) = CAST(CONVERT(");
	quote_string(sql, p->database);
	buf_adds(sql, " USING filename) AS BINARY)");
}

static void step_text(void *arg, size_t i, struct buf *sql)
{
	const struct print *p = arg;

	if (i == STEP_ROOM) {
		buf_adds(sql, "SET SESSION group_concat_max_len = " COUNTERS_MAX);
	} else if (i == STEP_DATABASE) {
		buf_adds(sql,
		         "SELECT DEFAULT_CHARACTER_SET_NAME, DEFAULT_COLLATION_NAME, "
		         "LEFT(SHA2(CONCAT_WS('|', @@hostname, @@port, @@datadir), 256), 16) "
		         "FROM information_schema.SCHEMATA WHERE ");
		listing_sql_is(sql, "SCHEMA_NAME", p->database);
	} else if (i == STEP_GRANTS) {
		buf_adds(sql, "SHOW GRANTS");
	} else if (i == STEP_HASH) {
		hash_sql(sql, p);
	} else if (p->s->info.family == SERVER_MARIADB) {
		foreign_keys_sql(sql, p);
	} else {
		buf_adds(sql, "SELECT 0"); /* there is no fingerprint of tables anyway */
	}
}

static int refused(struct print *p, size_t i, const struct error *why, struct error *err)
{
	if (i == STEP_GRANTS && why->server_errno == ER_OPTION_PREVENTS_STATEMENT) {
		grants_add_everything(p->grants);
		return 0;
	}
	if (i == STEP_FOREIGN_KEYS && why->code != ERR_CONNECT) { /* no PROCESS privilege */
		p->crosses = true;
		return 0;
	}
	*err = *why;
	return -1;
}

/* "6F7264657273:17,..." */
static void take_counters(struct print *p, struct str text)
{
	while (p->counters && text.n) {
		const char *comma = memchr(text.p, ',', text.n);
		size_t n = comma ? (size_t)(comma - text.p) : text.n;
		const char *colon = memchr(text.p, ':', n);
		size_t digits = colon ? (size_t)(colon - text.p) : 0;
		char *name = arena_alloc(p->arena, digits / 2 + 1);

		if (colon && number_parse_hex(name, digits / 2, text.p, digits))
			map_set(p->counters, name,
			        arena_strndup(p->arena, colon + 1, n - digits - 1));
		text = str_slice(text, comma ? n + 1 : n, text.n);
	}
}

static void take_row(struct print *p, size_t i, const struct rows *row)
{
	if (i == STEP_DATABASE) {
		p->found = true;
		buf_addf(&p->head, "%s %.*s %.*s %.*s", p->s->info.version,
		         STR_ARG(rows_at(row, 2)), STR_ARG(rows_at(row, 0)),
		         STR_ARG(rows_at(row, 1)));
	} else if (i == STEP_GRANTS) {
		grants_add(p->grants, rows_at(row, 0));
	} else if (i == STEP_FOREIGN_KEYS) {
		p->crosses = !str_is(rows_at(row, 0), "0");
	} else if (str_is(rows_at(row, 2), "0")) {
		buf_addf(&p->hash, "%.*s %.*s", STR_ARG(rows_at(row, 0)),
		         STR_ARG(rows_at(row, 1)));
		take_counters(p, rows_at(row, 3));
	}
}

static int step_reply(void *arg, size_t i, struct rows **rows, const struct error *why,
                      struct error *err)
{
	if (!*rows)
		return refused(arg, i, why, err);
	while (rows_next(*rows))
		take_row(arg, i, *rows);
	return 0;
}

int capture_fingerprint_counted(struct buf *out, struct map *counters, struct arena *a,
                                struct server *s, const char *database, struct error *err)
{
	autobuf name = BUF_INIT;
	DEFER(grants) *g = NULL;
	struct print p = {
		.s = s, .head = BUF_INIT, .hash = BUF_INIT, .counters = counters, .arena = a
	};
	const struct batch batch = {
		.count = STEP_COUNT, .text = step_text, .reply = step_reply, .arg = &p
	};
	int found = listing_database(&name, s, database, err);

	if (found > 0) {
		g = grants_new(name.data, &s->info);
		p.database = name.data;
		p.grants = g;
		found = query_batch(s, &batch, err) < 0 ? -1 : p.found;
	}
	if (found > 0 && p.hash.len && !p.crosses)
		buf_addf(out, FINGERPRINT_VERSION " %s %x %s", p.head.data, grants_visible(g),
		         p.hash.data);
	buf_finish(&p.head);
	buf_finish(&p.hash);
	return found < 0 ? error_wrap(err, "fingerprint of database %s", database) : found;
}

int capture_fingerprint(struct buf *out, struct server *s, const char *database,
                        struct error *err)
{
	return capture_fingerprint_counted(out, NULL, NULL, s, database, err);
}

/* A view's text never names its own database, unless it is broken. */
static bool reaches_out(const struct object *o)
{
	DEFER(arena) *a = NULL;
	const struct view *v;

	if (o->problem)
		return true;
	if (o->kind != OBJECT_VIEW)
		return false;
	a = arena_new();
	v = view_parse(a, o);
	for (size_t i = 0; i < v->table_count; i++) {
		if (v->tables[i].database)
			return true;
	}
	for (size_t i = 0; i < v->call_count; i++) {
		if (v->calls[i].database)
			return true;
	}
	return false;
}

int capture_with_fingerprint(struct schema **out, struct buf *fingerprint, struct server *s,
                             const char *database, struct error *err)
{
	struct quiet quiet = { 0 };
	int found, still = 1;

	if (quiet_begin(&quiet, s, err) < 0)
		return -1;
	found = capture_fingerprint(fingerprint, s, database, err);
	if (found > 0)
		found = capture_schema(out, s, database, err);
	if (found > 0 && fingerprint->len)
		still = quiet_is_still(&quiet, s, err);
	if (still < 0) {
		schema_free(*out);
		*out = NULL;
		return -1;
	}
	for (size_t i = 0; found > 0 && still && i < (*out)->count; i++)
		still = !reaches_out(&(*out)->objects[i]);
	if (!still)
		buf_truncate(fingerprint, 0);
	return found;
}
