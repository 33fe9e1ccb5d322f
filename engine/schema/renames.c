/* SPDX-License-Identifier: MIT */
#include "engine/schema/renames.h"

#include <string.h>
#include <strings.h>

#include "engine/base/arena.h"
#include "engine/base/error.h"
#include "engine/schema/lexer.h"
#include "engine/schema/model.h"
#include "engine/schema/names.h"
#include "engine/schema/quote.h"
#include "engine/schema/table.h"

/* One name up to the end or one of these bytes; `quoted` where it begins with a backtick. */
static const char *take_name(const char **at, const char *ends, struct arena *a)
{
	autobuf name = BUF_INIT;
	const char *p = *at;
	bool quoted = *p == '`';

	for (p += quoted; *p && (quoted || !strchr(ends, *p)); p++) {
		if (quoted && *p == '`' && *++p != '`')
			break;
		buf_addc(&name, *p);
	}
	*at = p;
	return arena_strdup(a, name.data);
}

int rename_parse(struct rename *out, struct arena *a, const char *text, struct error *err)
{
	const char *at = text;
	const char *to;

	*out = (struct rename){ .table = take_name(&at, ".=", a) };
	if (*at == '.') {
		at++;
		out->column = take_name(&at, "=", a);
	}
	to = *at == '=' ? at + 1 : at;
	out->to = take_name(&to, "", a);
	if (*at == '=' && !*to && *out->table && *out->to && (!out->column || *out->column))
		return 0;
	error_set(err, ERR_USAGE, "no rename: %s", text);
	return error_hint(err,
	                  "Give TABLE.COLUMN=NEW for a column, TABLE=NEW for a table; names "
	                  "with dots, equal signs or backticks in `backticks`.");
}

static bool is_plain(const char *name)
{
	return name[strcspn(name, ".=`")] == '\0';
}

static void add_name(struct buf *out, const char *name)
{
	if (is_plain(name))
		buf_adds(out, name);
	else
		quote_name(out, name);
}

/* Within single quotes of a shell. */
static void add_shell(struct buf *out, const char *text)
{
	for (; *text; text++) {
		if (*text == '\'')
			buf_adds(out, "'\\''");
		else
			buf_addc(out, *text);
	}
}

void rename_option(struct buf *out, const struct rename *r)
{
	static const char harmless[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				       "0123456789_.=";
	autobuf text = BUF_INIT;

	add_name(&text, r->table);
	if (r->column) {
		buf_addc(&text, '.');
		add_name(&text, r->column);
	}
	buf_addc(&text, '=');
	add_name(&text, r->to);
	buf_adds(out, "--rename ");
	if (text.data[strspn(text.data, harmless)] == '\0') {
		buf_adds(out, text.data);
		return;
	}
	buf_addc(out, '\'');
	add_shell(out, text.data);
	buf_addc(out, '\'');
}

static int refuse(const struct rename *r, struct error *err, const char *why)
{
	autobuf option = BUF_INIT;

	rename_option(&option, r);
	return error_set(err, ERR_INVALID, "%s: %s", option.data, why);
}

/* What a table is called once all is done. */
static const char *later_name(const struct rename *r, size_t count, const char *table)
{
	for (size_t i = 0; i < count; i++) {
		if (!r[i].column && strcmp(r[i].table, table) == 0)
			return r[i].to;
	}
	return table;
}

static const struct object *table_of(const struct schema *s, const char *name)
{
	return schema_find(s, OBJECT_TABLE, name);
}

/* 1 to be done, 0 done already. */
static int choose_table(const struct rename *r, const struct schema *from,
                        const struct schema *to, struct error *err)
{
	bool there = table_of(from, r->table) != NULL;
	bool taken = table_of(from, r->to) || schema_find(from, OBJECT_VIEW, r->to) ||
	             schema_find(from, OBJECT_SEQUENCE, r->to);

	if (!there && !taken)
		return refuse(r, err, "there is no such table");
	if (there && taken)
		return refuse(r, err, "the new name is taken");
	if (there && !table_of(to, r->to))
		return refuse(r, err, "no table of the new name is wanted");
	return there;
}

static bool has_column(const struct object *table, const char *column)
{
	return table && table->parsed && table_column(table->parsed, column);
}

static int choose_column(const struct rename *r, const struct rename *all, size_t count,
                         const struct schema *from, const struct schema *to, struct error *err)
{
	const char *later = later_name(all, count, r->table);
	const struct object *live = table_of(from, r->table);
	bool there;
	bool taken;

	if (!live)
		live = table_of(from, later); /* that name was given before */
	there = has_column(live, r->column);
	taken = has_column(live, r->to);
	if (!live)
		return refuse(r, err, "there is no such table");
	if (!there && !taken)
		return refuse(r, err, "the table has no such column");
	if (there && taken)
		return refuse(r, err, "the table has a column of the new name");
	if (there && !has_column(table_of(to, later), r->to))
		return refuse(r, err, "no column of the new name is wanted");
	return there;
}

int renames_choose(struct rename *r, size_t *count, const struct schema *from,
                   const struct schema *to, struct error *err)
{
	size_t kept = 0;

	/* In place: columns look for the new names of tables among all of them. */
	for (size_t i = 0; i < *count; i++) {
		int wanted = r[i].column ? choose_column(&r[i], r, *count, from, to, err)
		                         : choose_table(&r[i], from, to, err);

		if (wanted < 0)
			return -1;
		if (!wanted)
			r[i].to = NULL;
		if (wanted && r[i].column && !table_of(from, r[i].table))
			r[i].table = later_name(r, *count, r[i].table);
	}
	for (size_t i = 0; i < *count; i++) {
		if (r[i].to)
			r[kept++] = r[i];
	}
	*count = kept;
	return 0;
}

/* A text in which names become others, token by token. */
struct rewriting {
	const struct rename *r;
	struct buf *out;
	struct lexer l;
	const char *copied;
	bool own; /* it is the table's own text */
};

static void put(struct rewriting *w, struct token t, const char *name)
{
	buf_add(w->out, w->copied, (size_t)(t.text.p - w->copied));
	quote_name(w->out, name);
	w->copied = t.text.p + t.text.n;
}

static bool is_column(const struct rewriting *w, struct token t)
{
	autobuf name = BUF_INIT;

	if (t.kind != TOKEN_NAME)
		return false;
	token_name(&name, t);
	return strcasecmp(name.data, w->r->column) == 0;
}

/* "REFERENCES `t` (`a`, `b`)": the table's name, and columns of that one. */
static void rewrite_reference(struct rewriting *w)
{
	struct token t = lexer_next(&w->l);
	bool parent;

	while (token_is(lexer_peek(&w->l), '.')) {
		lexer_next(&w->l);
		t = lexer_next(&w->l);
	}
	parent = token_names(t, w->r->table);
	if (parent && !w->r->column)
		put(w, t, w->r->to);
	if (!token_is(lexer_peek(&w->l), '('))
		return;
	while ((t = lexer_next(&w->l)).kind != TOKEN_END && !token_is(t, ')')) {
		if (parent && w->r->column && is_column(w, t))
			put(w, t, w->r->to);
	}
}

/* Behind these words stands a name that is no column's. */
static bool names_another(struct token before)
{
	static const char *const words[] = { "TABLE",     "KEY",          "INDEX", "CONSTRAINT",
		                             "PARTITION", "SUBPARTITION", "FOR" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (token_is_word(before, words[i]))
			return true;
	}
	return false;
}

/* Does the table's own text call what is renamed by its name here? */
static bool is_renamed(const struct rewriting *w, struct token t, struct token before)
{
	if (!w->own)
		return false;
	if (!w->r->column)
		return token_is_word(before, "TABLE");
	return is_column(w, t) && !names_another(before);
}

static void rewrite_table(struct rewriting *w)
{
	struct token before = { .kind = TOKEN_END };
	struct token t;

	while ((t = lexer_next(&w->l)).kind != TOKEN_END) {
		if (token_is_word(t, "REFERENCES"))
			rewrite_reference(w);
		else if (is_renamed(w, t, before))
			put(w, t, w->r->to);
		before = t;
	}
}

/* "... BEFORE INSERT ON `t` FOR EACH ROW": the server writes that anew. */
static void rewrite_trigger(struct rewriting *w)
{
	struct token t;

	while ((t = lexer_next(&w->l)).kind != TOKEN_END && !token_is_word(t, "ON"))
		continue;
	t = lexer_next(&w->l);
	if (token_names(t, w->r->table))
		put(w, t, w->r->to);
}

static void rewrite(struct names_copy *c, const struct object *o, void *arg)
{
	const struct rename *r = arg;
	struct rewriting w = { .r = r, .out = c->text, .copied = o->sql.p };
	bool follows = o->kind == OBJECT_TRIGGER && !r->column && o->table &&
	               strcmp(o->table, r->table) == 0;

	w.own = o->kind == OBJECT_TABLE && strcmp(o->name, r->table) == 0;
	object_lexer(&w.l, o);
	if (o->kind == OBJECT_TABLE)
		rewrite_table(&w);
	else if (follows)
		rewrite_trigger(&w);
	buf_add(c->text, w.copied, (size_t)(o->sql.p + o->sql.n - w.copied));
	if (w.own && !r->column)
		c->name = r->to;
	if (follows)
		c->table = r->to;
}

struct schema *renames_done(const struct schema *from, const struct rename *r, size_t count)
{
	struct schema *done = names_copied(from, from->name, NULL, NULL);

	/* Columns first: they go by the tables' live names. */
	for (int tables = 0; tables <= 1; tables++) {
		for (size_t i = 0; i < count; i++) {
			struct rename one = r[i];
			struct schema *next;

			if ((one.column == NULL) != (tables == 1))
				continue;
			next = names_copied(done, from->name, rewrite, &one);
			schema_free(done);
			done = next;
		}
	}
	return done;
}
