/* SPDX-License-Identifier: MIT */
/*
 * A byte is judged together with the LOOKAHEAD behind it, so that what is fed
 * may end anywhere. Runs in which nothing can happen are taken at once: a dump
 * with rows is long.
 */
#include "engine/schema/splitter.h"

#include <string.h>
#include <strings.h>

#include "engine/base/error.h"
#include "engine/base/mem.h"

#define DELIMITER_MAX 15
#define LOOKAHEAD     16
#define LINE_KEPT     1000 /* bytes of a comment line or a command of the client */

enum place {
	IN_BLANK,        /* before a statement */
	IN_LINE,         /* in a line before a statement: a comment, DELIMITER, \C */
	IN_SKIPPED,      /* in a comment before a statement */
	IN_CODE,         /* in a statement */
	IN_QUOTE,        /* in a string or a quoted name of it */
	IN_LINE_COMMENT, /* in a comment of it, up to the end of the line */
	IN_COMMENT,      /* in a comment of it, up to its end */
	PLACE_COUNT
};

struct splitter {
	splitter_fn *fn;
	void *arg;
	enum place place;
	char quote; /* the one that is open */
	bool no_backslash;
	bool data; /* the statement holds rows */
	char delimiter[DELIMITER_MAX + 1];
	struct buf text;    /* of the statement or line so far */
	struct buf pending; /* fed and not judged yet */
	size_t line;        /* now */
	size_t begins;      /* line of the statement */
};

struct splitter *splitter_new(splitter_fn *fn, void *arg)
{
	struct splitter *s = mem_alloc(sizeof(*s));

	s->fn = fn;
	s->arg = arg;
	s->text = BUF_INIT;
	s->pending = BUF_INIT;
	s->line = 1;
	s->delimiter[0] = ';';
	return s;
}

void splitter_free(struct splitter *s)
{
	if (!s)
		return;
	buf_finish(&s->text);
	buf_finish(&s->pending);
	free(s);
}

void splitter_no_backslash(struct splitter *s, bool on)
{
	s->no_backslash = on;
}

static bool is_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool is_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '_' || c == '$' || (unsigned char)c >= 0x80;
}

static bool begins_word(struct str v, const char *word)
{
	size_t n = strlen(word);

	return v.n >= n && strncasecmp(v.p, word, n) == 0 && (v.n == n || !is_word(v.p[n]));
}

static bool holds_rows(struct str v)
{
	static const char *const words[] = { "INSERT", "REPLACE", "LOAD",
		                             "UPDATE", "DELETE",  "TRUNCATE" };

	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		if (begins_word(v, words[i]))
			return true;
	}
	return false;
}

static bool opens_line_comment(struct str v)
{
	if (v.p[0] == '#')
		return true;
	return str_has_prefix(v, "--") && (v.n == 2 || (unsigned char)v.p[2] <= ' ');
}

/* A comment that is no code. Version 999999 is one that no server has. */
static bool opens_comment(struct str v)
{
	if (!str_has_prefix(v, "/*"))
		return false;
	if (str_has_prefix(v, "/*M!999999"))
		return true;
	return !str_has_prefix(v, "/*!") && !str_has_prefix(v, "/*M!");
}

/* A line that the client takes for itself. */
static bool opens_command(struct str v)
{
	if (begins_word(v, "delimiter"))
		return true;
	return v.p[0] == '\\' && v.n > 1 && is_word(v.p[1]);
}

static int keep(struct splitter *s, const char *p, size_t n, struct error *err)
{
	if (s->data && s->text.len + n > SPLITTER_DATA_KEPT) {
		buf_add(&s->text, p, SPLITTER_DATA_KEPT - s->text.len);
		return 0;
	}
	if (n > SPLITTER_STATEMENT_MAX || s->text.len > SPLITTER_STATEMENT_MAX - n)
		return error_set(err, ERR_INVALID,
		                 "line %zu: a statement of more than %zu bytes", s->begins,
		                 SPLITTER_STATEMENT_MAX);
	buf_add(&s->text, p, n);
	return 0;
}

static int end_statement(struct splitter *s, struct error *err)
{
	struct splitter_item item = { .line = s->begins, .data = s->data };
	int result = 0;

	item.text = str_trim((struct str){ s->text.data, s->text.len });
	if (item.text.n > 0)
		result = s->fn(s->arg, &item, err);
	buf_truncate(&s->text, 0);
	s->data = false;
	s->place = IN_BLANK;
	return result;
}

static int set_delimiter(struct splitter *s, struct str line, struct error *err)
{
	struct str word = str_trim(str_slice(line, strlen("delimiter"), line.n));
	size_t n = 0;

	while (n < word.n && !is_blank(word.p[n]))
		n++;
	if (n == 0 || n > DELIMITER_MAX)
		return error_set(err, ERR_INVALID,
		                 "line %zu: a delimiter of %zu bytes, want 1 to %d", s->begins,
		                 n, DELIMITER_MAX);
	memcpy(s->delimiter, word.p, n);
	s->delimiter[n] = '\0';
	return 0;
}

/* A whole line before a statement. */
static int end_line(struct splitter *s, struct error *err)
{
	struct splitter_item item = { .line = s->begins, .comment = true };
	int result = 0;

	item.text = str_trim((struct str){ s->text.data, s->text.len });
	if (begins_word(item.text, "delimiter"))
		result = set_delimiter(s, item.text, err);
	else if (item.text.n > 0 && item.text.p[0] != '\\')
		result = s->fn(s->arg, &item, err);
	buf_truncate(&s->text, 0);
	s->place = IN_BLANK;
	return result;
}

/*
 * Each of these judges the bytes from v.p on, of which LOOKAHEAD are there unless
 * the script ends: how many are dealt with (0: look again), or -1.
 */

static int step_blank(struct splitter *s, struct str v, struct error *err)
{
	if (is_blank(v.p[0]))
		return 1;
	if (v.p[0] == '\0')
		return error_set(err, ERR_INVALID, "line %zu: a NUL byte, so no SQL", s->line);
	if (str_has_prefix(v, s->delimiter))
		return (int)strlen(s->delimiter);
	s->begins = s->line;
	if (opens_line_comment(v) || opens_command(v)) {
		s->place = IN_LINE;
		return 0;
	}
	if (opens_comment(v)) {
		s->place = IN_SKIPPED;
		return 2;
	}
	s->place = IN_CODE;
	s->data = holds_rows(v);
	return 0;
}

static int step_line(struct splitter *s, struct str v, struct error *err)
{
	if (v.p[0] == '\n')
		return end_line(s, err) < 0 ? -1 : 1;
	if (s->text.len < LINE_KEPT)
		buf_addc(&s->text, v.p[0]);
	return 1;
}

static int step_skipped(struct splitter *s, struct str v, struct error *err)
{
	(void)err;
	if (!str_has_prefix(v, "*/"))
		return 1;
	s->place = IN_BLANK;
	return 2;
}

static int step_code(struct splitter *s, struct str v, struct error *err)
{
	char c = v.p[0];
	int taken = 1;

	if (c == '\0')
		return error_set(err, ERR_INVALID, "line %zu: a NUL byte, so no SQL", s->line);
	if (str_has_prefix(v, s->delimiter))
		return end_statement(s, err) < 0 ? -1 : (int)strlen(s->delimiter);
	if (c == '\'' || c == '"' || c == '`') {
		s->quote = c;
		s->place = IN_QUOTE;
	} else if (opens_line_comment(v)) {
		s->place = IN_LINE_COMMENT;
	} else if (opens_comment(v)) {
		s->place = IN_COMMENT;
		taken = 2;
	}
	return keep(s, v.p, (size_t)taken, err) < 0 ? -1 : taken;
}

static int step_quote(struct splitter *s, struct str v, struct error *err)
{
	bool escapes = v.p[0] == '\\' && s->quote != '`' && !s->no_backslash && v.n > 1;
	int taken = escapes ? 2 : 1;

	if (escapes && v.p[1] == '\n')
		s->line++; /* taken together with its backslash */
	if (v.p[0] == s->quote)
		s->place = IN_CODE; /* a doubled one opens it again */
	return keep(s, v.p, (size_t)taken, err) < 0 ? -1 : taken;
}

static int step_line_comment(struct splitter *s, struct str v, struct error *err)
{
	if (v.p[0] == '\n')
		s->place = IN_CODE;
	return keep(s, v.p, 1, err) < 0 ? -1 : 1;
}

static int step_comment(struct splitter *s, struct str v, struct error *err)
{
	int taken = str_has_prefix(v, "*/") ? 2 : 1;

	if (taken == 2)
		s->place = IN_CODE;
	return keep(s, v.p, (size_t)taken, err) < 0 ? -1 : taken;
}

typedef int step_fn(struct splitter *s, struct str v, struct error *err);

/* What each place does, and the bytes at which something can happen in it ("": at all). */
static const struct {
	step_fn *step;
	const char *marks;
} places[PLACE_COUNT] = {
	[IN_BLANK] = { step_blank, "" },
	[IN_LINE] = { step_line, "" },
	[IN_SKIPPED] = { step_skipped, "*\n" },
	[IN_CODE] = { step_code, "'\"`#-/\n" },
	[IN_QUOTE] = { step_quote, "'\"`\\\n" },
	[IN_LINE_COMMENT] = { step_line_comment, "\n" },
	[IN_COMMENT] = { step_comment, "*\n" },
};

/* How many bytes from v on are nothing to this place; NUL and delimiter are. */
static size_t plain_run(const struct splitter *s, struct str v)
{
	const char *marks = places[s->place].marks;
	size_t n = 0;

	if (!*marks)
		return 0;
	while (n < v.n && v.p[n] != '\0' && v.p[n] != s->delimiter[0] && !strchr(marks, v.p[n]))
		n++;
	return n;
}

/* Judges all but the last `behind` bytes of what is pending. */
static int judge(struct splitter *s, size_t behind, struct error *err)
{
	struct str all = { s->pending.data, s->pending.len };
	size_t at = 0;

	while (at + behind < all.n) {
		struct str v = str_slice(all, at, all.n);
		size_t run = plain_run(s, str_slice(all, at, all.n - behind));
		int taken;

		if (run > 0) {
			if (s->place != IN_SKIPPED && keep(s, v.p, run, err) < 0)
				return -1;
			at += run;
			continue;
		}
		taken = places[s->place].step(s, v, err);
		if (taken < 0)
			return -1;
		s->line += taken > 0 && v.p[0] == '\n';
		at += (size_t)taken;
	}
	memmove(s->pending.data, all.p + at, all.n - at);
	buf_truncate(&s->pending, all.n - at);
	return 0;
}

int splitter_feed(struct splitter *s, const char *data, size_t len, struct error *err)
{
	buf_add(&s->pending, data, len);
	return judge(s, LOOKAHEAD, err);
}

int splitter_end(struct splitter *s, struct error *err)
{
	static const char *const open[PLACE_COUNT] = {
		[IN_SKIPPED] = "comment",
		[IN_QUOTE] = "quote",
		[IN_COMMENT] = "comment",
	};

	if (judge(s, 0, err) < 0)
		return -1;
	if (open[s->place])
		return error_set(err, ERR_INVALID,
		                 "line %zu: a %s in it never ends: the script is cut short",
		                 s->begins, open[s->place]);
	if (s->place == IN_LINE)
		return end_line(s, err);
	return s->place == IN_BLANK ? 0 : end_statement(s, err);
}
