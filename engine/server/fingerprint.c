/* SPDX-License-Identifier: MIT */
/*
 * fingerprint: has anything changed since, for the price of a few queries sent at once?
 *
 * The server hashes the version of each object (listing_sql.c); the hashes are
 * XORed here, so that the order of rows does not matter. Equal fingerprints must
 * mean equal schemas, so there is none ("") when a version cannot vouch for that:
 *
 * - a table changed in the last two seconds and might change again within the same second;
 * - a server or an engine keeps no true time (MySQL's tables, MyISAM, Aria, sequences, ...);
 * - a foreign key points into another database, where renames would change our text of it, or
 *   the account may not know (no PROCESS).
 *
 * - a view or anything else refers to another database, or is broken: what is done there shows
 *   in its text (this is known by the texts, so capture_marked() sees to it).
 *
 * Times of two servers must not meet: the server's place is part of the text.
 */
#include <inttypes.h>
#include <mysqld_error.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/arena.h"
#include "engine/base/buf.h"
#include "engine/base/error.h"
#include "engine/base/map.h"
#include "engine/base/mem.h"
#include "engine/schema/quote.h"
#include "engine/schema/view.h"
#include "engine/server/capture.h"
#include "engine/server/grants.h"
#include "engine/server/listing.h"
#include "engine/server/listing_sql.h"
#include "engine/server/query.h"
#include "engine/server/quiet.h"
#include "engine/server/session.h"

#define FINGERPRINT_VERSION "3"

enum step { STEP_NOW, STEP_DATABASE, STEP_GRANTS, STEP_FOREIGN_KEYS, STEP_SOURCES };

/* Asked at once, so that the server works while we do something else. */
static const enum listing_source sources[] = {
	LISTING_TIMES,
	LISTING_TRIGGERS,
	LISTING_ROUTINES,
	LISTING_EVENTS,
};

/* Asked when there are views, routines. MariaDB looks at every table for the first. */
static const enum listing_source more_sources[] = { LISTING_VIEWS, LISTING_PARAMETERS };

#define HASH_PARTS ((size_t)4)

struct print {
	struct server *s;
	const char *database;
	const struct capture_ask *ask;
	struct grants *grants;
	struct buf head;           /* version, character set, collation */
	struct buf now;            /* what changed later may change again in the same second */
	uint64_t hash[HASH_PARTS]; /* of all rows, XORed */
	uint64_t rows;
	bool found;       /* is there such a database? */
	bool crosses;     /* a foreign key may point into another database */
	bool uncertain;   /* a version does not vouch for what it stands for */
	bool views, code; /* are there any? */
	bool busy;        /* the server has enough to do: meanwhile was called */
};

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

	if (i == STEP_NOW) {
		buf_adds(sql, "SELECT NOW() - INTERVAL 2 SECOND");
	} else if (i == STEP_DATABASE) {
		buf_adds(sql,
		         "SELECT DEFAULT_CHARACTER_SET_NAME, DEFAULT_COLLATION_NAME, "
		         "LEFT(SHA2(CONCAT_WS('|', @@hostname, @@port, @@datadir), 256), 16) "
		         "FROM information_schema.SCHEMATA WHERE ");
		listing_sql_is(sql, "SCHEMA_NAME", p->database);
	} else if (i == STEP_GRANTS) {
		buf_adds(sql, "SHOW GRANTS");
	} else if (i == STEP_SOURCES) {
		listing_sql_counted(sql, p->s->info.family, p->database);
	} else if (i > STEP_SOURCES) {
		listing_sql(sql, sources[i - STEP_SOURCES], p->s->info.family, p->database);
	} else if (p->s->info.family == SERVER_MARIADB) {
		foreign_keys_sql(sql, p);
	} else {
		buf_adds(sql, "SELECT 0"); /* there is no fingerprint of tables anyway */
	}
}

static void more_text(void *arg, size_t i, struct buf *sql)
{
	const struct print *p = arg;
	bool wanted = more_sources[i] == LISTING_VIEWS ? p->views : p->code;

	if (wanted)
		listing_sql(sql, more_sources[i], p->s->info.family, p->database);
	else
		buf_adds(sql, "DO 0");
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

static void add_hash(struct print *p, struct str h)
{
	char part[17] = "";

	p->uncertain = p->uncertain || h.n != HASH_PARTS * 16;
	for (size_t i = 0; i < HASH_PARTS && !p->uncertain; i++) {
		memcpy(part, h.p + i * 16, 16);
		p->hash[i] ^= strtoull(part, NULL, 16);
	}
}

/* A row of listing_sql.h. Only a time that is old enough vouches for what has no exact version.
 */
static void take_version(struct print *p, const struct rows *row, bool counted)
{
	struct str kind = rows_at(row, 0), name = rows_at(row, 1), time = rows_at(row, 3);
	struct str counter = rows_at(row, 8);
	bool exact = str_is(rows_at(row, 4), "1");

	p->rows++;
	p->views = p->views || str_is(kind, "VIEW");
	p->uncertain = p->uncertain ||
	               (!exact && (!time.p || str_compare(time, str_of(p->now.data)) >= 0));
	add_hash(p, rows_at(row, 2));
	if (counted && p->ask->counters && !str_is(counter, "0") && !str_is(counter, "1")) {
		autofree char *table = mem_strndup(name.p, name.n);

		map_set(p->ask->counters, table,
		        arena_strndup(p->ask->arena, counter.p, counter.n));
	}
}

static void take_row(struct print *p, size_t i, const struct rows *row)
{
	if (i == STEP_NOW) {
		buf_add(&p->now, rows_at(row, 0).p, rows_at(row, 0).n);
	} else if (i == STEP_DATABASE) {
		p->found = true;
		buf_addf(&p->head, "%s %.*s %.*s %.*s", p->s->info.version,
		         STR_ARG(rows_at(row, 2)), STR_ARG(rows_at(row, 0)),
		         STR_ARG(rows_at(row, 1)));
	} else if (i == STEP_GRANTS) {
		grants_add(p->grants, rows_at(row, 0));
	} else if (i == STEP_FOREIGN_KEYS) {
		p->crosses = !str_is(rows_at(row, 0), "0");
	} else {
		p->code = p->code || sources[i - STEP_SOURCES] == LISTING_ROUTINES;
		take_version(p, row, i == STEP_SOURCES);
	}
}

/* All of the batch is on its way by now, and the server busy with it. */
static void do_meanwhile(struct print *p, size_t i)
{
	if (p->busy || i != STEP_FOREIGN_KEYS || !p->ask->meanwhile)
		return;
	p->busy = true;
	p->ask->meanwhile(p->ask->arg);
}

static int step_reply(void *arg, size_t i, struct rows **rows, const struct error *why,
                      struct error *err)
{
	if (!*rows)
		return refused(arg, i, why, err);
	while (rows_next(*rows))
		take_row(arg, i, *rows);
	do_meanwhile(arg, i);
	return 0;
}

static int more_reply(void *arg, size_t i, struct rows **rows, const struct error *why,
                      struct error *err)
{
	(void)i;
	if (!*rows) {
		*err = *why;
		return -1;
	}
	while (rows_next(*rows))
		take_version(arg, *rows, false);
	return 0;
}

static int ask_server(struct print *p, struct error *err)
{
	const struct batch first = {
		.count = STEP_SOURCES + ARRAY_SIZE(sources),
		.text = step_text,
		.reply = step_reply,
		.arg = p,
	};
	const struct batch more = {
		.count = ARRAY_SIZE(more_sources),
		.text = more_text,
		.reply = more_reply,
		.arg = p,
	};

	if (query_batch(p->s, &first, err) < 0)
		return -1;
	if (!p->found || p->crosses || p->uncertain || (!p->views && !p->code))
		return p->found;
	return query_batch(p->s, &more, err) < 0 ? -1 : 1;
}

static void write_print(struct buf *out, const struct print *p)
{
	if (p->crosses || p->uncertain)
		return;
	buf_addf(out, FINGERPRINT_VERSION " %s %x %" PRIu64 " ", p->head.data,
	         grants_visible(p->grants), p->rows);
	for (size_t i = 0; i < HASH_PARTS; i++)
		buf_addf(out, "%016" PRIX64, p->hash[i]);
}

static int find_print(struct buf *out, struct server *s, const struct capture_ask *ask,
                      struct error *err)
{
	autobuf name = BUF_INIT;
	DEFER(grants) *g = NULL;
	struct print p = { .s = s, .ask = ask, .head = BUF_INIT, .now = BUF_INIT };
	int found = listing_database(&name, s, ask->database, err);

	if (found > 0) {
		g = grants_new(name.data, &s->info);
		p.database = name.data;
		p.grants = g;
		found = ask_server(&p, err);
	}
	if (found > 0)
		write_print(out, &p);
	buf_finish(&p.head);
	buf_finish(&p.now);
	return found < 0 ? error_wrap(err, "fingerprint of database %s", ask->database) : found;
}

int capture_fingerprint(struct buf *out, struct server *s, const char *database,
                        struct error *err)
{
	return find_print(out, s, &(struct capture_ask){ .database = database }, err);
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

struct capture_mark {
	struct quiet quiet;
	struct buf text;
};

void capture_mark_free(struct capture_mark *m)
{
	if (!m)
		return;
	buf_finish(&m->text);
	free(m);
}

const char *capture_mark_text(const struct capture_mark *m)
{
	return m->text.data;
}

int capture_mark(struct capture_mark **out, struct server *s, const struct capture_ask *ask,
                 struct error *err)
{
	DEFER(capture_mark) *m = mem_alloc(sizeof(*m));
	int found;

	m->text = BUF_INIT;
	if (quiet_begin(&m->quiet, s, err) < 0)
		return -1;
	found = find_print(&m->text, s, ask, err);
	if (found > 0)
		*out = take(m);
	return found;
}

int capture_marked(struct schema **out, struct capture_mark *m, struct server *s,
                   const char *database, struct error *err)
{
	DEFER(schema) *schema = NULL;
	int found = capture_schema(&schema, s, database, err), still = 1;

	if (found > 0 && m->text.len)
		still = quiet_is_still(&m->quiet, s, err);
	if (found <= 0 || still < 0)
		return found <= 0 ? found : -1;
	for (size_t i = 0; still && i < schema->count; i++)
		still = !reaches_out(&schema->objects[i]);
	if (!still)
		buf_truncate(&m->text, 0);
	*out = take(schema);
	return 1;
}
