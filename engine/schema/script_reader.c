/* SPDX-License-Identifier: MIT */
#include "engine/schema/script_reader.h"

#include <string.h>

#include "engine/base/cleanup.h"
#include "engine/base/error.h"
#include "engine/base/number.h"
#include "engine/schema/lexer.h"

/* A comment that stands so early takes the statement's beginning apart. */
#define HEAD_TOKENS 3

/* Comments for MySQL's versions that MariaDB, which counted on from 10.0, does not read. */
#define MYSQL_ONLY_FIRST 50700
#define MYSQL_ONLY_LAST  99999

void script_reader_init(struct script_reader *r, struct str text)
{
	static const char byte_order_mark[] = "\xef\xbb\xbf";

	*r = (struct script_reader){ .text = text, .line = 1, .delimiter = str_of(";") };
	if (str_has_prefix(text, byte_order_mark))
		r->at = strlen(byte_order_mark);
}

static bool is_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static struct str rest(const struct script_reader *r)
{
	return str_slice(r->text, r->at, r->text.n);
}

static void skip(struct script_reader *r, size_t count)
{
	for (size_t i = 0; i < count; i++)
		r->line += r->text.p[r->at + i] == '\n';
	r->at += count;
}

static size_t line_length(struct str s)
{
	const char *newline = s.n ? memchr(s.p, '\n', s.n) : NULL;

	return newline ? (size_t)(newline - s.p) : s.n;
}

/* The length of a comment that no server reads; 0: none begins here. */
static size_t comment_length(struct str s)
{
	const char *end;
	bool dash = str_has_prefix(s, "--") && (s.n == 2 || is_blank(s.p[2]));

	if (dash || str_has_prefix(s, "#"))
		return line_length(s);
	if (!str_has_prefix(s, "/*") || str_has_prefix(s, "/*!") || str_has_prefix(s, "/*M!"))
		return 0;
	end = memmem(s.p + 2, s.n - 2, "*/", 2);
	return end ? (size_t)(end - s.p) + 2 : s.n;
}

/* The length of a quoted text; 0: it never ends. */
static size_t quoted_length(const struct script_reader *r, struct str s)
{
	bool backslash = s.p[0] != '`' && !r->no_backslash_escapes;

	for (size_t i = 1; i < s.n; i++) {
		if (s.p[i] == '\\' && backslash)
			i++;
		else if (s.p[i] == s.p[0])
			return i + 1; /* a doubled quote begins the next text at once */
	}
	return 0;
}

static size_t word_length(struct str s)
{
	size_t n = 0;

	while (n < s.n && !is_blank(s.p[n]))
		n++;
	return n;
}

/* A command of the client: a word, and something behind it on the line. */
static bool is_command(struct str line, const char *word, struct str *argument)
{
	size_t n = strlen(word);

	if (line.n < n || !str_is_nocase(str_slice(line, 0, n), word) ||
	    (line.n > n && !is_blank(line.p[n])))
		return false;
	*argument = str_trim(str_slice(line, n, line.n));
	return true;
}

static int refuse(const struct script_reader *r, struct str line, struct error *err)
{
	error_set(err, ERR_REFUSED, "line %zu: %.*s: a script may not do this", r->line,
	          (int)(line.n < 80 ? line.n : 80), line.p);
	return error_hint(err, "It may hold statements that make a schema, and nothing else. "
	                       "Name the files one by one, or their directory.");
}

/*
 * Lines that the client keeps for itself. 1 taken, 0 it is none, -1. mariadb-dump begins with
 * a line that is a command to new clients and a comment to old ones.
 */
static int take_command(struct script_reader *r, struct error *err)
{
	static const char *const foreign[] = { "source", "\\.",   "system", "\\!",  "tee",
		                               "\\T",    "pager", "\\P",    "edit", "\\e" };
	struct str line = str_slice(rest(r), 0, line_length(rest(r)));
	struct str argument;

	for (size_t i = 0; i < ARRAY_SIZE(foreign); i++) {
		if (is_command(line, foreign[i], &argument))
			return refuse(r, line, err);
	}
	if (is_command(line, "delimiter", &argument) || is_command(line, "\\d", &argument)) {
		if (!argument.n)
			return error_set(err, ERR_INVALID, "line %zu: DELIMITER names none",
			                 r->line);
		r->delimiter = str_slice(argument, 0, word_length(argument));
	} else if (line.n < 2 ||
	           (line.p[0] != '\\' && !str_has_prefix(line, "/*M!999999\\-"))) {
		return 0;
	}
	skip(r, line.n);
	return 1;
}

/* To the first byte of a statement. 1, 0 at the end, -1. */
static int find_begin(struct script_reader *r, struct error *err)
{
	while (r->at < r->text.n) {
		struct str s = rest(r);
		size_t comment = comment_length(s);
		int command;

		if (is_blank(s.p[0])) {
			skip(r, 1);
			continue;
		}
		if (comment) {
			skip(r, comment);
			continue;
		}
		if (s.n >= r->delimiter.n && memcmp(s.p, r->delimiter.p, r->delimiter.n) == 0) {
			skip(r, r->delimiter.n); /* nothing stands before it */
			continue;
		}
		command = take_command(r, err);
		if (command <= 0)
			return command < 0 ? -1 : 1;
	}
	return 0;
}

/* The client takes a line of USE as a whole, also without a delimiter. */
static bool is_whole_line(const struct script_reader *r, struct str *line)
{
	struct str argument;

	*line = str_slice(rest(r), 0, line_length(rest(r)));
	return is_command(*line, "use", &argument) &&
	       !memmem(line->p, line->n, r->delimiter.p, r->delimiter.n);
}

int script_reader_next(struct script_reader *r, struct script_statement *out, struct error *err)
{
	int found = find_begin(r, err);
	size_t begin = r->at;
	struct str line;

	if (found <= 0)
		return found;
	out->line = r->line;
	if (is_whole_line(r, &line)) {
		out->sql = str_trim(line);
		skip(r, line.n);
		return 1;
	}
	while (r->at < r->text.n) {
		struct str s = rest(r);
		size_t length = comment_length(s);

		if (s.n >= r->delimiter.n && memcmp(s.p, r->delimiter.p, r->delimiter.n) == 0)
			break;
		if (s.p[0] == '\'' || s.p[0] == '"' || s.p[0] == '`') {
			length = quoted_length(r, s);
			if (!length)
				return error_set(err, ERR_INVALID,
				                 "line %zu: a quote that opens here never ends",
				                 r->line);
		}
		skip(r, length ? length : 1);
	}
	out->sql = str_trim(str_slice(r->text, begin, r->at));
	if (r->at < r->text.n)
		skip(r, r->delimiter.n);
	return 1;
}

/* Does this server read what is in the comment? */
static bool is_read(struct str mark, enum server_family family, unsigned int version)
{
	bool mariadb_only = str_has_prefix(mark, "/*M!");
	size_t digits = mariadb_only ? 4 : 3;
	uint64_t since = 0;
	struct error ignored = ERROR_INIT;
	autobuf text = BUF_INIT;

	if (mariadb_only && family != SERVER_MARIADB)
		return false;
	if (mark.n == digits)
		return true;
	buf_add(&text, mark.p + digits, mark.n - digits);
	if (number_parse_u64(&since, text.data, UINT32_MAX, &ignored) < 0 || since > version)
		return false;
	return mariadb_only || family != SERVER_MARIADB || since < MYSQL_ONLY_FIRST ||
	       since > MYSQL_ONLY_LAST;
}

static void begin(struct lexer *l, struct str sql, const char *sql_mode)
{
	lexer_init(l, sql);
	lexer_set_mode(l, sql_mode);
}

static bool is_taken_apart(struct str sql, const char *sql_mode)
{
	struct lexer l;

	begin(&l, sql, sql_mode);
	for (int i = 0; i < HEAD_TOKENS; i++) {
		if (lexer_next(&l).kind == TOKEN_COMMENT_OPEN)
			return true;
	}
	return false;
}

/* Behind the mark that closes the comment of which `open` was read. */
static struct token find_close(struct lexer *l)
{
	struct token t;

	do
		t = lexer_next(l);
	while (t.kind != TOKEN_END && !(t.kind == TOKEN_COMMENT_CLOSE && l->depth == 0));
	return t;
}

void script_open_comments(struct buf *out, struct str sql, enum server_family family,
                          unsigned int version, const char *sql_mode)
{
	struct lexer l;
	struct token t;
	size_t done = 0;

	if (!is_taken_apart(sql, sql_mode)) {
		buf_add(out, sql.p, sql.n);
		return;
	}
	begin(&l, sql, sql_mode);
	while ((t = lexer_next(&l)).kind != TOKEN_END) {
		struct token close;

		if (t.kind != TOKEN_COMMENT_OPEN)
			continue;
		buf_add(out, sql.p + done, (size_t)(t.text.p - sql.p) - done);
		close = find_close(&l);
		if (is_read(t.text, family, version)) {
			const char *inside = t.text.p + t.text.n;

			buf_add(out, inside, (size_t)(close.text.p - inside));
		}
		buf_addc(out, ' ');
		done = (size_t)(close.text.p - sql.p) + close.text.n;
	}
	buf_add(out, sql.p + done, sql.n - done);
}
