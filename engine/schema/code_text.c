/* SPDX-License-Identifier: MIT */
#include "engine/schema/code_text.h"

#include <string.h>
#include <strings.h>

#include "engine/schema/lexer.h"
#include "engine/schema/quote.h"
#include "engine/schema/script.h"

#define INDENT "    "

static size_t offset_in(struct str text, const char *p)
{
	return (size_t)(p - text.p);
}

/* The string that begins a text, which is printed with backslashes in every mode. */
static struct str leading_string(struct str text)
{
	struct lexer l;
	struct token t;

	lexer_init(&l, text);
	t = lexer_next(&l);
	return t.kind == TOKEN_STRING ? t.text : (struct str){ text.p, 0 };
}

static struct str event_comment(const struct object *o)
{
	struct lexer l;
	struct token t;

	object_lexer(&l, o);
	while ((t = lexer_next(&l)).kind != TOKEN_END && !token_is_word(t, "DO")) {
		if (token_is_word(t, "COMMENT"))
			return leading_string(str_slice(
				o->sql, l.at + strspn(o->sql.p + l.at, " "), o->sql.n));
	}
	return (struct str){ o->sql.p, 0 };
}

/* Reads up to the end of the line behind the parameters, where RETURNS may stand. */
static size_t first_line_end(const struct object *o)
{
	const char *end = o->sql.p;
	size_t depth = 0;
	struct lexer l;
	struct token t;

	object_lexer(&l, o);
	while ((t = lexer_next(&l)).kind != TOKEN_END) {
		if (depth == 0 && end > o->sql.p && memchr(end, '\n', (size_t)(t.text.p - end)))
			break;
		if (token_is(t, '('))
			depth++;
		else if (token_is(t, ')') && depth > 0)
			depth--;
		end = t.text.p + t.text.n;
	}
	return offset_in(o->sql, end);
}

static const char *const characteristics[] = {
	"LANGUAGE ",  "NOT DETERMINISTIC", "DETERMINISTIC", "CONTAINS SQL", "NO SQL",
	"READS SQL ", "MODIFIES SQL ",     "SQL SECURITY ", "USING (",
};

static bool is_characteristic(struct str line)
{
	for (size_t i = 0; i < ARRAY_SIZE(characteristics); i++) {
		if (str_has_prefix(line, characteristics[i]))
			return true;
	}
	return false;
}

/* Each characteristic stands on a line of its own behind the first one; then the body. */
static struct str routine_comment(const struct object *o)
{
	static const char comment[] = "COMMENT ";
	struct str rest = str_slice(o->sql, first_line_end(o), o->sql.n);
	const char *newline;

	while ((newline = rest.n > 0 ? memchr(rest.p, '\n', rest.n) : NULL)) {
		rest = str_slice(rest, offset_in(rest, newline) + 1, rest.n);
		if (!str_has_prefix(rest, INDENT))
			break;
		rest = str_slice(rest, strlen(INDENT), rest.n);
		if (str_has_prefix(rest, comment))
			return leading_string(str_slice(rest, strlen(comment), rest.n));
		if (!is_characteristic(rest))
			break;
	}
	return (struct str){ o->sql.p, 0 };
}

struct str code_comment(const struct object *o)
{
	if (o->kind == OBJECT_EVENT)
		return event_comment(o);
	if (o->kind == OBJECT_PROCEDURE || o->kind == OBJECT_FUNCTION)
		return routine_comment(o);
	return (struct str){ o->sql.p, 0 };
}

static bool has_non_ascii(struct str text)
{
	for (size_t i = 0; i < text.n; i++) {
		if ((unsigned char)text.p[i] >= 0x80)
			return true;
	}
	return false;
}

bool code_is_misprinted(const struct object *o)
{
	const char *charset = o->context.client_charset;

	return script_is_code(o->kind) && charset && strncasecmp(charset, "utf8", 4) != 0 &&
	       has_non_ascii(o->sql);
}

/* Copies up to a token that comes behind a word, and puts a name in its place. */
static size_t replace_name(struct buf *out, const struct object *o, size_t from,
                           const char *word, const char *name)
{
	struct object rest = *o;
	struct lexer l;
	struct token t;

	rest.sql = str_slice(o->sql, from, o->sql.n);
	object_lexer(&l, &rest);
	while ((t = lexer_next(&l)).kind != TOKEN_END && !token_is_word(t, word))
		continue;
	t = lexer_next(&l);
	if (t.kind != TOKEN_NAME || token_names(t, name))
		return from;
	buf_add(out, rest.sql.p, offset_in(rest.sql, t.text.p));
	quote_name(out, name);
	return offset_in(o->sql, t.text.p + t.text.n);
}

/* As servers print it. */
static void add_printed_string(struct buf *out, struct str text)
{
	static const char from[] = "\\\n\r\x1a";
	static const char to[] = "\\nrZ";

	buf_addc(out, '\'');
	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];
		const char *at = c ? strchr(from, c) : NULL;

		if (at)
			buf_addf(out, "\\%c", to[at - from]);
		else if (c == '\'')
			buf_adds(out, "''");
		else if (c)
			buf_addc(out, c);
	}
	buf_addc(out, '\'');
}

void code_mended(struct buf *out, const struct object *o, struct str comment)
{
	struct str old = code_comment(o);
	size_t at = replace_name(out, o, 0, object_kind_info(o->kind)->sql, o->name);

	if (o->kind == OBJECT_TRIGGER && o->table)
		at = replace_name(out, o, at, "ON", o->table);
	if (comment.p && old.n > 0) {
		buf_add(out, o->sql.p + at, offset_in(o->sql, old.p) - at);
		add_printed_string(out, comment);
		at = offset_in(o->sql, old.p) + old.n;
	}
	buf_add(out, o->sql.p + at, o->sql.n - at);
}

static bool has_mode(const struct object *o, const char *mode)
{
	return o->context.sql_mode && strstr(o->context.sql_mode, mode);
}

static char unescaped(char c)
{
	static const char from[] = "0nrtbZ";
	static const char to[] = "\0\n\r\t\b\x1a";
	const char *at = strchr(from, c);

	if (c == '\0' || !at)
		return c;
	return to[at - from];
}

/* The string as a session without backslash escapes reads it. */
static void add_plain_string(struct buf *out, struct str quoted)
{
	buf_addc(out, '\'');
	for (size_t i = 1; i + 1 < quoted.n; i++) {
		char c = quoted.p[i];

		if (c == '\\' && i + 2 < quoted.n)
			c = unescaped(quoted.p[++i]);
		else if (c == '\'')
			i++; /* doubled */
		if (c == '\'')
			buf_addc(out, c);
		buf_addc(out, c);
	}
	buf_addc(out, '\'');
}

/* " ON COMPLETION NOT PRESERVE" of an event; empty: not there. */
static struct str not_preserve(const struct object *o)
{
	static const char words[] = " ON COMPLETION NOT PRESERVE";
	struct lexer l;
	struct token t;

	object_lexer(&l, o);
	while ((t = lexer_next(&l)).kind != TOKEN_END && !token_is_word(t, "DO")) {
		size_t at = offset_in(o->sql, t.text.p);
		struct str rest = str_slice(o->sql, at > 0 ? at - 1 : 0, o->sql.n);

		if (token_is_word(t, "ON") && str_has_prefix(rest, words))
			return str_slice(rest, 0, strlen(words));
	}
	return (struct str){ o->sql.p, 0 };
}

/* To the server its backslash is another letter than that of other character sets. */
static bool is_sjis(const struct object *o)
{
	return o->context.client_charset && strcasecmp(o->context.client_charset, "sjis") == 0;
}

/* All that a server prints of a view has backslashes. */
static void add_plain_strings(struct buf *out, const struct object *o)
{
	const char *copied = o->sql.p;
	struct lexer l;
	struct token t;

	object_lexer(&l, o);
	while ((t = lexer_next(&l)).kind != TOKEN_END) {
		const char *quote = t.text.n > 0 ? memchr(t.text.p, '\'', t.text.n) : NULL;

		if (t.kind != TOKEN_STRING || !quote || !memchr(t.text.p, '\\', t.text.n))
			continue;
		buf_add(out, copied, (size_t)(quote - copied));
		copied = t.text.p + t.text.n;
		add_plain_string(out, (struct str){ quote, (size_t)(copied - quote) });
	}
	buf_add(out, copied, (size_t)(o->sql.p + o->sql.n - copied));
}

void code_to_run(struct buf *out, const struct object *o)
{
	struct str sql = o->sql;
	struct str comment = { NULL, 0 };

	if (o->kind == OBJECT_VIEW && is_sjis(o)) {
		add_plain_strings(out, o);
		return;
	}
	if (o->kind == OBJECT_EVENT && has_mode(o, "HIGH_NOT_PRECEDENCE")) {
		struct str words = not_preserve(o);

		buf_add(out, sql.p, offset_in(sql, words.p));
		sql = str_slice(sql, offset_in(sql, words.p) + words.n, sql.n);
	}
	if (has_mode(o, "NO_BACKSLASH_ESCAPES") || is_sjis(o))
		comment = code_comment(o);
	if (comment.n > 0 && memchr(comment.p, '\\', comment.n)) {
		buf_add(out, sql.p, offset_in(sql, comment.p));
		add_plain_string(out, comment);
		sql = str_slice(sql, offset_in(sql, comment.p) + comment.n, sql.n);
	}
	buf_add(out, sql.p, sql.n);
}
