/* SPDX-License-Identifier: MIT */
#include "engine/schema/lexer.h"

#include <string.h>

#include "engine/base/cleanup.h"

static bool is_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* What an unquoted name may hold. */
static bool is_word(char c)
{
	return is_letter(c) || is_digit(c) || c == '_' || c == '$' || (unsigned char)c >= 0x80;
}

/* The byte at an offset; NUL at and behind the end. */
static char byte_at(const struct lexer *l, size_t at)
{
	if (at >= l->text.n)
		return '\0';
	return l->text.p[at];
}

static bool is_one_of(char c, const char *set)
{
	return c != '\0' && strchr(set, c);
}

static bool follows(const struct lexer *l, size_t at, const char *what)
{
	size_t n = strlen(what);

	return l->text.n - at >= n && memcmp(l->text.p + at, what, n) == 0;
}

static struct token token_at(const struct lexer *l, enum token_kind kind, size_t end)
{
	return (struct token){ kind, str_slice(l->text, l->at, end) };
}

/* A token that begins at l->at and has a quote at `open`. */
static struct token quoted(const struct lexer *l, enum token_kind kind, size_t open)
{
	const struct str s = l->text;
	char quote = s.p[open];
	bool name = quote == '`' || (quote == '"' && l->ansi_quotes);
	bool backslash = !name && !l->no_backslash_escapes;

	for (size_t at = open + 1; at < s.n; at++) {
		bool doubled = s.p[at] == quote && byte_at(l, at + 1) == quote;

		if (doubled || (s.p[at] == '\\' && backslash))
			at++;
		else if (s.p[at] == quote)
			return token_at(l, kind, at + 1);
	}
	return token_at(l, TOKEN_BROKEN, s.n);
}

static bool opens_string(const struct lexer *l, char c)
{
	return c == '\'' || (c == '"' && !l->ansi_quotes);
}

static size_t word_end(const struct lexer *l, size_t at)
{
	while (at < l->text.n && is_word(l->text.p[at]))
		at++;
	return at;
}

static size_t digits_end(const struct lexer *l, size_t at)
{
	while (is_digit(byte_at(l, at)))
		at++;
	return at;
}

/* n'x', x'41', b'1' and _utf8mb4'x' are one token each. */
static struct token word(const struct lexer *l)
{
	size_t end = word_end(l, l->at);
	char first = l->text.p[l->at];
	bool letter = end - l->at == 1 && is_one_of(first, "nNxXbB");

	if ((letter && byte_at(l, end) == '\'') ||
	    (first == '_' && opens_string(l, byte_at(l, end))))
		return quoted(l, TOKEN_STRING, end);
	return token_at(l, TOKEN_WORD, end);
}

/* The end of an exponent at `at`: e5, E-3; `at` itself when there is none. */
static size_t exponent_end(const struct lexer *l, size_t at)
{
	size_t digits = at + 1;

	if (byte_at(l, at) != 'e' && byte_at(l, at) != 'E')
		return at;
	if (byte_at(l, digits) == '+' || byte_at(l, digits) == '-')
		digits++;
	return is_digit(byte_at(l, digits)) ? digits_end(l, digits) : at;
}

/* 0x1F or 0b01: where it ends; 0 when it is no such number (0xyz is a name). */
static size_t based_end(const struct lexer *l)
{
	size_t end = word_end(l, l->at);
	const char *allowed = NULL;

	if (follows(l, l->at, "0x"))
		allowed = "0123456789abcdefABCDEF";
	else if (follows(l, l->at, "0b"))
		allowed = "01";
	if (!allowed || end == l->at + 2)
		return 0;
	for (size_t at = l->at + 2; at < end; at++) {
		if (!is_one_of(l->text.p[at], allowed))
			return 0;
	}
	return end;
}

/* A number, or a name that begins with digits: 1e5 and 1.5 are numbers, 1a is a name. */
static struct token number(const struct lexer *l)
{
	size_t end = based_end(l);
	size_t exponent;

	if (end > 0)
		return token_at(l, TOKEN_NUMBER, end);
	end = digits_end(l, l->at);
	if (byte_at(l, end) == '.')
		end = digits_end(l, end + 1);
	else if (is_word(byte_at(l, end)) && exponent_end(l, end) == end)
		return word(l);
	exponent = exponent_end(l, end);
	return token_at(l, TOKEN_NUMBER, exponent);
}

/* @x, @`x`, @'x', @@x, @@global.x */
static struct token variable(const struct lexer *l)
{
	size_t at = l->at + 1;

	if (byte_at(l, at) == '@')
		at++;
	if (is_one_of(byte_at(l, at), "`'\""))
		return quoted(l, TOKEN_VARIABLE, at);
	while (is_word(byte_at(l, at)) || byte_at(l, at) == '.')
		at++;
	return token_at(l, at > l->at + 1 ? TOKEN_VARIABLE : TOKEN_PUNCTUATION, at);
}

/* To the end of the line; the newline is not part of it. */
static struct token line_comment(const struct lexer *l)
{
	const char *from = l->text.p + l->at;
	const char *newline = memchr(from, '\n', l->text.n - l->at);

	return token_at(l, TOKEN_COMMENT,
	                newline ? l->at + (size_t)(newline - from) : l->text.n);
}

static struct token block_comment(const struct lexer *l)
{
	const char *from = l->text.p + l->at + 2;
	const char *end = memmem(from, l->text.n - l->at - 2, "*/", 2);

	if (!end)
		return token_at(l, TOKEN_BROKEN, l->text.n);
	return token_at(l, TOKEN_COMMENT, (size_t)(end - l->text.p) + 2);
}

/* The mark of a version comment: five or six digits belong to it, or none. */
static struct token version_comment(const struct lexer *l, size_t digits)
{
	size_t end = digits;

	while (end - digits < 6 && is_digit(byte_at(l, end)))
		end++;
	return token_at(l, TOKEN_COMMENT_OPEN, end - digits < 5 ? digits : end);
}

static bool is_dash_comment(const struct lexer *l)
{
	char behind = byte_at(l, l->at + 2);

	return follows(l, l->at, "--") && ((unsigned char)behind <= ' ' || behind == 0x7f);
}

/* The dot of `a`.1b does not begin a number. */
static bool is_fraction(const struct lexer *l)
{
	if (!is_digit(byte_at(l, l->at + 1)))
		return false;
	return l->at == 0 ||
	       (!is_word(l->text.p[l->at - 1]) && !is_one_of(l->text.p[l->at - 1], "`\""));
}

static const char *const operators[] = {
	"<=>", "->>", "->", ":=", "<=", ">=", "<>", "!=", "<<", ">>", "||", "&&",
};

static struct token punctuation(const struct lexer *l)
{
	/* Most are none of these. */
	if (!is_one_of(l->text.p[l->at], ":<>!|&-"))
		return token_at(l, TOKEN_PUNCTUATION, l->at + 1);
	for (size_t i = 0; i < ARRAY_SIZE(operators); i++) {
		if (follows(l, l->at, operators[i]))
			return token_at(l, TOKEN_PUNCTUATION, l->at + strlen(operators[i]));
	}
	return token_at(l, TOKEN_PUNCTUATION, l->at + 1);
}

static struct token slash_or_star(const struct lexer *l)
{
	if (follows(l, l->at, "/*!"))
		return version_comment(l, l->at + 3);
	if (follows(l, l->at, "/*M!"))
		return version_comment(l, l->at + 4);
	if (follows(l, l->at, "/*"))
		return block_comment(l);
	if (l->depth > 0 && follows(l, l->at, "*/"))
		return token_at(l, TOKEN_COMMENT_CLOSE, l->at + 2);
	return punctuation(l);
}

static struct token mark(const struct lexer *l, char c)
{
	if (c == '`' || (c == '"' && l->ansi_quotes))
		return quoted(l, TOKEN_NAME, l->at);
	if (c == '\'' || c == '"')
		return quoted(l, TOKEN_STRING, l->at);
	if (c == '@')
		return variable(l);
	if (c == '/' || c == '*')
		return slash_or_star(l);
	if (c == '#' || is_dash_comment(l))
		return line_comment(l);
	if (c == '.' && is_fraction(l))
		return token_at(l, TOKEN_NUMBER, exponent_end(l, digits_end(l, l->at + 1)));
	return punctuation(l);
}

static struct token scan(struct lexer *l)
{
	char c;

	while (l->at < l->text.n && is_blank(l->text.p[l->at]))
		l->at++;
	if (l->at == l->text.n && l->depth > 0) {
		l->depth = 0;
		return token_at(l, TOKEN_BROKEN, l->at);
	}
	if (l->at == l->text.n)
		return token_at(l, TOKEN_END, l->at);
	c = l->text.p[l->at];
	if (is_digit(c) && !(l->at > 0 && l->text.p[l->at - 1] == '.'))
		return number(l);
	return is_word(c) ? word(l) : mark(l, c);
}

void lexer_init(struct lexer *l, struct str text)
{
	*l = (struct lexer){ .text = text };
}

static bool list_has(const char *list, const char *word)
{
	size_t n = strlen(word);

	for (const char *p = list; *p; p += *p == ',') {
		size_t len = strcspn(p, ",");

		if (len == n && str_is_nocase((struct str){ p, len }, word))
			return true;
		p += len;
	}
	return false;
}

void lexer_set_mode(struct lexer *l, const char *sql_mode)
{
	l->ansi_quotes = sql_mode && list_has(sql_mode, "ANSI_QUOTES");
	l->no_backslash_escapes = sql_mode && list_has(sql_mode, "NO_BACKSLASH_ESCAPES");
}

struct token lexer_next(struct lexer *l)
{
	struct token t;

	do {
		t = scan(l);
		l->at += t.text.n;
	} while (t.kind == TOKEN_COMMENT && !l->want_comments);
	if (t.kind == TOKEN_COMMENT_OPEN)
		l->depth++;
	else if (t.kind == TOKEN_COMMENT_CLOSE)
		l->depth--;
	return t;
}

struct token lexer_peek(const struct lexer *l)
{
	struct lexer copy = *l;

	return lexer_next(&copy);
}

bool token_is_word(struct token t, const char *word)
{
	/* Asked millions of times, and the first letter mostly is the answer. */
	if (t.kind != TOKEN_WORD || ((t.text.p[0] ^ word[0]) & ~0x20))
		return false;
	return str_is_nocase(t.text, word);
}

bool token_is(struct token t, char punctuation)
{
	return t.kind == TOKEN_PUNCTUATION && t.text.n == 1 && t.text.p[0] == punctuation;
}

void token_name(struct buf *out, struct token t)
{
	if (t.kind != TOKEN_NAME) {
		buf_add(out, t.text.p, t.text.n);
		return;
	}
	for (size_t i = 1; i + 1 < t.text.n; i++) {
		buf_addc(out, t.text.p[i]);
		if (t.text.p[i] == t.text.p[0])
			i++;
	}
}

bool token_names(struct token t, const char *name)
{
	autobuf plain = BUF_INIT;

	if (t.kind != TOKEN_NAME && t.kind != TOKEN_WORD)
		return false;
	token_name(&plain, t);
	return plain.len == strlen(name) && memcmp(plain.data, name, plain.len) == 0;
}
