/* SPDX-License-Identifier: MIT */
#include "engine/schema/client.h"

#include <string.h>
#include <strings.h>

#include "engine/base/cleanup.h"
#include "engine/schema/lexer.h"
#include "engine/schema/model.h"

/* Read as the client's own at the beginning of a line, some only with --named-commands. */
static const char *const commands[] = {
	"charset", "clear",    "connect",   "delimiter",       "edit",    "ego",   "exit",
	"go",      "help",     "nopager",   "notee",           "pager",   "print", "prompt",
	"quit",    "rehash",   "source",    "resetconnection", "status",  "tee",   "system",
	"use",     "warnings", "nowarning", "costs",           "sandbox",
};

static bool is_command(struct token t)
{
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
		if (token_is_word(t, commands[i]))
			return true;
	}
	return false;
}

/* Is there nothing but blanks between the beginning of its line and a token? */
static bool begins_line(struct str sql, struct token t)
{
	const char *p = t.text.p;

	while (p > sql.p && (p[-1] == ' ' || p[-1] == '\t'))
		p--;
	return p == sql.p || p[-1] == '\n';
}

static bool has_byte(struct str text, char c)
{
	return text.n > 0 && memchr(text.p, c, text.n);
}

static bool has_non_ascii(struct str text)
{
	for (size_t i = 0; i < text.n; i++) {
		if ((unsigned char)text.p[i] >= 0x80)
			return true;
	}
	return false;
}

/* The session's modes as the lexer knows them: where they differ from the client's view. */
static bool is_misread(const struct lexer *l, struct token t)
{
	if (l->ansi_quotes && t.kind == TOKEN_NAME && t.text.p[0] == '"')
		return has_byte(t.text, '\\');
	return l->no_backslash_escapes && t.kind == TOKEN_STRING && has_byte(t.text, '\\');
}

static bool token_is_altered(const struct lexer *l, struct token t)
{
	if (t.kind == TOKEN_COMMENT || t.kind == TOKEN_BROKEN)
		return true;
	if (t.kind == TOKEN_PUNCTUATION)
		return t.text.p[0] == '\\';
	if (t.kind == TOKEN_WORD)
		return is_command(t) && begins_line(l->text, t);
	return is_misread(l, t);
}

static bool is_utf8(const char *charset)
{
	return !charset || strncasecmp(charset, "utf8", 4) == 0;
}

bool client_recodes(struct str sql, const struct object_context *context)
{
	return !is_utf8(context->client_charset) && has_non_ascii(sql);
}

bool client_alters(struct str sql, const struct object_context *context)
{
	struct lexer l;
	struct token t;

	if (has_byte(sql, '\r') || has_byte(sql, '\0'))
		return true;
	if (client_recodes(sql, context))
		return true;
	lexer_init(&l, sql);
	lexer_set_mode(&l, context->sql_mode);
	l.want_comments = true;
	while ((t = lexer_next(&l)).kind != TOKEN_END) {
		if (token_is_altered(&l, t))
			return true;
	}
	return false;
}
