/* SPDX-License-Identifier: MIT */
/* dump_object: CREATE and DROP as they stand in scripts. */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "engine/base/arena.h"
#include "engine/base/error.h"
#include "engine/base/map.h"
#include "engine/schema/dump_reader.h"
#include "engine/schema/script.h"

/*
 * mysqldump writes / *!50003 CREATE* / / *!50017 DEFINER=x* / / *!50003 TRIGGER ...* /;
 * the server's own text is what is inside, with one blank between.
 */
struct str dump_unwrap(struct dump *d, struct str text)
{
	autobuf out = BUF_INIT;
	struct lexer l;
	struct token t;
	const char *from = text.p;

	lexer_init(&l, text);
	if (lexer_peek(&l).kind != TOKEN_COMMENT_OPEN)
		return arena_str(d->arena, str_trim(text));
	lexer_set_mode(&l, dump_mode(d));
	do {
		struct str piece;

		t = lexer_next(&l);
		if (str_has_prefix(t.text, "/*M!"))
			d->mariadb = true;
		/* Only the outermost marks: what is inside belongs to the text. */
		if (t.kind != TOKEN_END && t.kind != TOKEN_BROKEN &&
		    !(t.kind == TOKEN_COMMENT_OPEN && l.depth == 1) &&
		    !(t.kind == TOKEN_COMMENT_CLOSE && l.depth == 0))
			continue;
		piece = str_trim((struct str){ from, (size_t)(t.text.p - from) });
		if (piece.n > 0 && out.len > 0)
			buf_addc(&out, ' ');
		buf_add(&out, piece.p, piece.n);
		from = t.text.p + t.text.n;
	} while (t.kind != TOKEN_END && t.kind != TOKEN_BROKEN);
	return arena_str(d->arena, (struct str){ out.data, out.len });
}

/* The head of a CREATE statement. */
struct head {
	bool temporary;
	bool skipped; /* a user, a role, a server: no object of a schema */
	bool database;
	bool known; /* kind is set */
	enum object_kind kind;
	struct str text; /* without OR REPLACE, IF NOT EXISTS and the database's name */
	const char *name;
	struct lexer rest; /* behind the name */
};

static const char *const others[] = { "USER", "ROLE", "SERVER", "TABLESPACE", "LOGFILE" };

static bool is_kind(struct head *h, struct token t, struct lexer *l)
{
	for (unsigned int i = 0; i < OBJECT_KIND_COUNT; i++) {
		if (i != OBJECT_PACKAGE_BODY && token_is_word(t, object_kind_info(i)->sql)) {
			h->kind = (enum object_kind)i;
			h->known = true;
		}
	}
	if (h->known && h->kind == OBJECT_PACKAGE && token_is_word(lexer_peek(l), "BODY")) {
		lexer_next(l);
		h->kind = OBJECT_PACKAGE_BODY;
	}
	return h->known;
}

static void add_piece(struct buf *out, const char *from, const char *to)
{
	buf_add(out, from, (size_t)(to - from));
}

/* From CREATE to the word that says what; what is left out goes not into text. */
static int read_words(struct head *h, struct buf *text, struct lexer *l, const char **from,
                      struct error *err)
{
	lexer_next(l);
	for (;;) {
		struct token t = lexer_next(l);

		if (t.kind == TOKEN_END || t.kind == TOKEN_BROKEN)
			return error_set(err, ERR_INVALID, "a CREATE that says not of what");
		if (token_is_word(t, "OR")) {
			add_piece(text, *from, t.text.p);
			lexer_next(l);
			*from = lexer_peek(l).text.p;
		}
		h->temporary |= token_is_word(t, "TEMPORARY");
		for (size_t i = 0; i < ARRAY_SIZE(others); i++)
			h->skipped |= token_is_word(t, others[i]);
		h->database |= token_is_word(t, "DATABASE") || token_is_word(t, "SCHEMA");
		if (token_is_word(t, "INDEX") || token_is_word(t, "UNIQUE") ||
		    token_is_word(t, "FULLTEXT") || token_is_word(t, "SPATIAL")) {
			error_set(err, ERR_UNSUPPORTED,
			          "CREATE INDEX: what it leads to only a server can tell");
			return error_hint(err, "Load the script into an empty database and "
			                       "take a backup of that.");
		}
		if (is_kind(h, t, l) || h->skipped || h->database)
			return 0;
	}
}

static void skip_if_exists(struct lexer *l)
{
	if (!token_is_word(lexer_peek(l), "IF"))
		return;
	lexer_next(l);
	if (token_is_word(lexer_peek(l), "NOT"))
		lexer_next(l);
	lexer_next(l);
}

/* [database.]name, both quoted or not. */
static int read_name(struct dump *d, const char **name, struct lexer *l, const char **begins,
                     struct error *err)
{
	struct token t = lexer_next(l);
	struct lexer behind = *l;

	*begins = t.text.p;
	if (token_is(lexer_next(&behind), '.')) {
		const char *database = dump_text(d, t);

		if (dump_use(d, database, err) < 0)
			return -1;
		t = lexer_next(&behind);
		*l = behind;
		*begins = t.text.p;
	}
	if (t.kind != TOKEN_NAME && t.kind != TOKEN_WORD)
		return error_set(err, ERR_INVALID, "no name where one should be: %.*s",
		                 (int)(t.text.n < 40 ? t.text.n : 40), t.text.p);
	*name = dump_text(d, t);
	return **name ? 0 : error_set(err, ERR_INVALID, "an empty name");
}

static int read_head(struct head *h, struct dump *d, struct str sql, struct error *err)
{
	autobuf text = BUF_INIT;
	const char *from = sql.p;
	const char *behind_kind;
	const char *next;
	const char *begins = NULL;
	struct lexer l;

	*h = (struct head){ 0 };
	lexer_init(&l, sql);
	lexer_set_mode(&l, dump_mode(d));
	if (read_words(h, &text, &l, &from, err) < 0)
		return -1;
	if (h->skipped)
		return 0;
	behind_kind = sql.p + l.at;
	next = lexer_peek(&l).text.p;
	skip_if_exists(&l);
	if (h->database) {
		h->name = dump_text(d, lexer_next(&l));
		return 0;
	}
	if (read_name(d, &h->name, &l, &begins, err) < 0)
		return -1;
	/* The server keeps blanks as they were written; so do we where nothing was left out. */
	add_piece(&text, from, begins == next ? sql.p + sql.n : behind_kind);
	if (begins != next) {
		buf_addc(&text, ' ');
		add_piece(&text, begins, sql.p + sql.n);
	}
	h->text = arena_str(d->arena, (struct str){ text.data, text.len });
	h->rest = l;
	return 0;
}

static const char *upper(struct dump *d, struct token t)
{
	char *text = arena_strndup(d->arena, t.text.p, t.text.n);

	for (char *c = text; *c; c++)
		*c = (char)toupper((unsigned char)*c);
	return text;
}

/* BEFORE INSERT ON table */
static int read_trigger(struct dump_object *o, struct dump *d, struct lexer *l,
                        struct error *err)
{
	const char *begins;

	o->timing = upper(d, lexer_next(l));
	o->event = upper(d, lexer_next(l));
	if (strcmp(o->timing, "BEFORE") != 0 && strcmp(o->timing, "AFTER") != 0)
		return error_set(err, ERR_INVALID, "trigger %s: neither BEFORE nor AFTER",
		                 o->name);
	if (!token_is_word(lexer_next(l), "ON"))
		return error_set(err, ERR_UNSUPPORTED,
		                 "trigger %s: more than one event, or no table", o->name);
	o->order = d->next_order;
	return read_name(d, &o->table, l, &begins, err);
}

/* What the server would remember beside the text. */
static void fill_context(struct dump_object *o, struct dump *d)
{
	bool code = script_is_code(o->kind);
	const char *client = d->set[DUMP_CLIENT] ? d->set[DUMP_CLIENT] : "utf8mb4";
	const char *collation = d->set[DUMP_COLLATION];

	if (!code && o->kind != OBJECT_VIEW)
		return;
	if (!collation)
		collation = dump_is_mysql(d) ? "utf8mb4_0900_ai_ci" : "utf8mb4_general_ci";
	o->context.client_charset = client;
	o->context.connection_collation = collation;
	if (!code)
		return;
	o->context.sql_mode = dump_mode(d);
	o->context.database_collation = d->next_collation ? d->next_collation : d->collation;
	if (o->kind == OBJECT_EVENT)
		o->context.time_zone =
			d->set[DUMP_TIME_ZONE] ? d->set[DUMP_TIME_ZONE] : "SYSTEM";
}

static char *object_key(enum object_kind kind, const char *name)
{
	autobuf key = BUF_INIT;

	buf_addf(&key, "%s %s", object_kind_info(kind)->folder, name);
	return buf_take(&key);
}

static int add(struct dump *d, const struct dump_object *from, struct error *err)
{
	autofree char *key = object_key(from->kind, from->name);
	struct dump_object *o = map_get(d->objects, key);

	if (o && !o->dropped)
		return error_set(err, ERR_INVALID, "%s %s is made twice",
		                 object_kind_info(from->kind)->word, from->name);
	d->text += from->sql.n;
	if (d->text > DUMP_TEXT_MAX)
		return error_set(err, ERR_INVALID, "objects of more than %zu bytes together",
		                 DUMP_TEXT_MAX);
	/* Behind those that are there: a trigger's place is the script's. */
	map_remove(d->objects, key);
	o = arena_alloc(d->arena, sizeof(*o));
	*o = *from;
	map_set(d->objects, key, o);
	return 0;
}

int dump_create(struct dump *d, struct str sql, struct error *err)
{
	struct head h;
	struct dump_object o = { 0 };

	if (read_head(&h, d, sql, err) < 0)
		return -1;
	if (h.database) {
		dump_alter_database(d, sql);
		return dump_use(d, h.name, err);
	}
	if (h.skipped || h.temporary) {
		d->other_statements++;
		return 0;
	}
	if (memmem(sql.p, sql.n, "utf8mb4_0900", 12))
		d->mysql = true;
	o.kind = h.kind;
	o.name = h.name;
	o.sql = h.text;
	o.problem = d->next_problem;
	if (o.kind == OBJECT_TRIGGER && read_trigger(&o, d, &h.rest, err) < 0)
		return -1;
	fill_context(&o, d);
	d->next_order = 0;
	d->next_collation = NULL;
	return add(d, &o, err);
}

static void drop(struct dump *d, enum object_kind kind, const char *name)
{
	autofree char *key = object_key(kind, name);
	struct dump_object *o = map_get(d->objects, key);

	if (o)
		o->dropped = true;
}

int dump_drop(struct dump *d, struct str sql, struct error *err)
{
	struct head h = { 0 };
	struct lexer l;
	struct token t;
	const char *name = NULL;
	const char *begins;

	lexer_init(&l, sql);
	lexer_set_mode(&l, dump_mode(d));
	lexer_next(&l);
	while (!is_kind(&h, t = lexer_next(&l), &l)) {
		if (t.kind == TOKEN_END || t.kind == TOKEN_BROKEN ||
		    token_is_word(t, "DATABASE") || token_is_word(t, "SCHEMA") ||
		    token_is_word(t, "USER") || token_is_word(t, "ROLE"))
			return 0;
		if (token_is_word(t, "INDEX"))
			return error_set(err, ERR_UNSUPPORTED,
			                 "DROP INDEX: what it leads to only a server can tell");
	}
	skip_if_exists(&l);
	do {
		if (read_name(d, &name, &l, &begins, err) < 0)
			return -1;
		drop(d, h.kind, name);
	} while (token_is(lexer_next(&l), ','));
	return 0;
}
