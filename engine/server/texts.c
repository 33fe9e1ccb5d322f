/* SPDX-License-Identifier: MIT */
#include "engine/server/texts.h"

#include <mysqld_error.h>
#include <string.h>

#include "engine/base/arena.h"
#include "engine/base/error.h"
#include "engine/base/mem.h"
#include "engine/schema/quote.h"
#include "engine/server/listing.h"
#include "engine/server/query.h"
#include "engine/server/session.h"

/* MariaDB's numbers that its client library does not name. */
#define ER_LISTED_ONLY    1932 /* in the directory, but not in the engine */
#define ER_NOT_A_SEQUENCE 4089

/* The column of SHOW CREATE that holds the text. */
static const char *const columns[OBJECT_KIND_COUNT] = {
	[OBJECT_SEQUENCE] = "Create Table",    [OBJECT_TABLE] = "Create Table",
	[OBJECT_FUNCTION] = "Create Function", [OBJECT_PROCEDURE] = "Create Procedure",
	[OBJECT_PACKAGE] = "Create Package",   [OBJECT_PACKAGE_BODY] = "Create Package Body",
	[OBJECT_VIEW] = "Create View",         [OBJECT_TRIGGER] = "SQL Original Statement",
	[OBJECT_EVENT] = "Create Event",
};

/* "No such object", kind by kind. */
static const int missing_errors[] = {
	ER_NO_SUCH_TABLE, ER_SP_DOES_NOT_EXIST, ER_TRG_DOES_NOT_EXIST, ER_EVENT_DOES_NOT_EXIST,
	ER_WRONG_OBJECT,  ER_BAD_DB_ERROR,      ER_NOT_A_SEQUENCE,     ER_LISTED_ONLY,
};

static const char broken_view[] =
	"it refers to a table, column or function that is missing, or its definer may not use "
	"them";

/* What SHOW CREATE TABLE prints of a sequence; perhaps of a table with such a comment. */
static const char sequence_mark[] = " SEQUENCE=1";

struct texts {
	const struct listing *listing;
	struct arena *arena;
	size_t *which;
	struct text *items;
	size_t count;
	size_t *sequences; /* those of which[] that may be sequences */
	size_t sequence_count;
};

void texts_free(struct texts *t)
{
	if (!t)
		return;
	arena_free(t->arena);
	free(t->which);
	free(t->items);
	free(t->sequences);
	free(t);
}

static const char *name_of(const struct texts *t, size_t i)
{
	return t->listing->items[t->which[i]].name;
}

static void show_create(struct buf *sql, enum object_kind kind, const char *name)
{
	buf_addf(sql, "SHOW CREATE %s ", object_kind_info(kind)->sql);
	quote_name(sql, name);
}

static void object_sql(void *arg, size_t i, struct buf *sql)
{
	const struct texts *t = arg;

	show_create(sql, t->items[i].kind, name_of(t, i));
}

static const char *copy(struct arena *a, struct str s)
{
	return s.p ? arena_strndup(a, s.p, s.n) : NULL;
}

/* Of a view SHOW CREATE TABLE gives what SHOW CREATE VIEW does. */
static struct str find_text(struct text *text, struct rows *rows)
{
	struct str sql;

	if (!rows_next(rows))
		return (struct str){ NULL, 0 };
	sql = rows_named(rows, columns[text->kind]);
	if (!sql.p && text->kind == OBJECT_TABLE) {
		sql = rows_named(rows, columns[OBJECT_VIEW]);
		text->kind = sql.p ? OBJECT_VIEW : OBJECT_TABLE;
	}
	return sql;
}

static void take_text(struct texts *t, struct text *text, struct rows *rows)
{
	struct arena *a = t->arena;
	struct str sql = find_text(text, rows);

	if (!sql.p) {
		/* Stored code has no body for who may only run it. */
		text->problem = "its text is not shown to this account";
		text->state = TEXT_DENIED;
		return;
	}
	text->sql = arena_str(a, sql);
	text->context = (struct object_context){
		.sql_mode = copy(a, rows_named(rows, "sql_mode")),
		.client_charset = copy(a, rows_named(rows, "character_set_client")),
		.connection_collation = copy(a, rows_named(rows, "collation_connection")),
		.database_collation = copy(a, rows_named(rows, "Database Collation")),
		.time_zone = copy(a, rows_named(rows, "time_zone")),
	};
	if (text->kind == OBJECT_VIEW && rows_warnings(rows))
		text->problem = broken_view;
}

static int take_refusal(struct texts *t, struct text *text, const struct error *why,
                        struct error *err)
{
	if (why->code == ERR_BUSY) {
		*err = *why;
		return -1;
	}
	text->state = why->code == ERR_DENIED ? TEXT_DENIED : TEXT_FAILED;
	for (size_t i = 0; i < ARRAY_SIZE(missing_errors); i++)
		if (why->server_errno == missing_errors[i])
			text->state = TEXT_MISSING;
	text->problem = arena_strdup(t->arena, why->text);
	return 0;
}

static int object_reply(void *arg, size_t i, struct rows **rows, const struct error *why,
                        struct error *err)
{
	struct texts *t = arg;
	struct text *text = &t->items[i];

	if (*rows)
		take_text(t, text, *rows);
	else if (take_refusal(t, text, why, err) < 0)
		return error_wrap(err, "%s %s", object_kind_info(text->kind)->word,
		                  name_of(t, i));
	return 0;
}

static void sequence_sql(void *arg, size_t i, struct buf *sql)
{
	const struct texts *t = arg;

	show_create(sql, OBJECT_SEQUENCE, name_of(t, t->sequences[i]));
}

static int sequence_reply(void *arg, size_t i, struct rows **rows, const struct error *why,
                          struct error *err)
{
	struct texts *t = arg;
	struct text *text = &t->items[t->sequences[i]];

	if (*rows) {
		text->kind = OBJECT_SEQUENCE;
		take_text(t, text, *rows);
	} else if (why->server_errno != ER_NOT_A_SEQUENCE) {
		return take_refusal(t, text, why, err);
	}
	return 0;
}

/* Tables of the listing that print like sequences are asked once more. */
static int read_sequences(struct texts *t, struct server *s, struct error *err)
{
	struct batch b = { .text = sequence_sql, .reply = sequence_reply, .arg = t };

	t->sequences = mem_array(t->count, sizeof(*t->sequences));
	for (size_t i = 0; i < t->count; i++) {
		const struct text *text = &t->items[i];

		if (text->kind == OBJECT_TABLE && text->sql.n &&
		    memmem(text->sql.p, text->sql.n, sequence_mark, strlen(sequence_mark)))
			t->sequences[t->sequence_count++] = i;
	}
	b.count = t->sequence_count;
	return query_batch(s, &b, err);
}

static int use_database(struct server *s, const char *database, struct error *err)
{
	autobuf sql = BUF_INIT;

	buf_adds(&sql, "USE ");
	quote_name(&sql, database);
	return query_run(s, sql.data, err);
}

int texts_read(struct texts **out, struct server *s, const struct listing *l,
               const size_t *which, size_t count, struct error *err)
{
	DEFER(texts) *t = mem_alloc(sizeof(*t));
	const struct batch b = {
		.count = count, .text = object_sql, .reply = object_reply, .arg = t
	};

	t->listing = l;
	t->arena = arena_new();
	t->count = count;
	t->items = mem_array(count, sizeof(*t->items));
	t->which = mem_array(count, sizeof(*t->which));
	for (size_t i = 0; i < count; i++) {
		t->which[i] = which[i];
		t->items[i].kind = l->items[which[i]].kind;
		t->items[i].sql = str_of("");
	}
	if (use_database(s, l->database, err) < 0 || query_batch(s, &b, err) < 0 ||
	    read_sequences(t, s, err) < 0)
		return -1;
	*out = take(t);
	return 0;
}

const struct text *texts_at(const struct texts *t, size_t i)
{
	return &t->items[i];
}
