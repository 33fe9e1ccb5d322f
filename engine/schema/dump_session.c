/* SPDX-License-Identifier: MIT */
/* dump_session: what SET, USE and ALTER DATABASE do to the objects that follow. */
#include <string.h>
#include <strings.h>

#include "engine/base/arena.h"
#include "engine/base/error.h"
#include "engine/base/map.h"
#include "engine/schema/dump_reader.h"

static const struct {
	const char *name;
	enum dump_setting setting;
} settings[] = {
	{ "sql_mode", DUMP_SQL_MODE },
	{ "character_set_client", DUMP_CLIENT },
	{ "collation_connection", DUMP_COLLATION },
	{ "time_zone", DUMP_TIME_ZONE },
};

/* The usual collation of a character set; others are called NAME_general_ci. */
static const struct {
	const char *charset, *collation, *of_mysql;
} usual[] = {
	{ "utf8mb4", "utf8mb4_general_ci", "utf8mb4_0900_ai_ci" },
	{ "utf8mb3", "utf8mb3_general_ci", "utf8mb3_general_ci" },
	{ "utf8", "utf8mb3_general_ci", "utf8mb3_general_ci" },
	{ "latin1", "latin1_swedish_ci", "latin1_swedish_ci" },
	{ "binary", "binary", "binary" },
};

bool dump_is_mysql(const struct dump *d)
{
	if (d->version)
		return !strcasestr(d->version, "mariadb");
	return d->mysql && !d->mariadb;
}

const char *dump_mode(const struct dump *d)
{
	if (d->set[DUMP_SQL_MODE])
		return d->set[DUMP_SQL_MODE];
	return dump_is_mysql(d) ? "ONLY_FULL_GROUP_BY,STRICT_TRANS_TABLES,NO_ZERO_IN_DATE,"
	                          "NO_ZERO_DATE,ERROR_FOR_DIVISION_BY_ZERO,"
	                          "NO_ENGINE_SUBSTITUTION"
	                        : "STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO,"
	                          "NO_AUTO_CREATE_USER,NO_ENGINE_SUBSTITUTION";
}

/* What stands for an escaped byte in a string. */
static char unescape(char c)
{
	static const char from[] = "0nrtbZ";
	static const char to[] = "\0\n\r\t\b\x1a";
	const char *at = memchr(from, c, sizeof(from) - 1);

	if (at)
		c = to[at - from];
	return c;
}

static void add_string(struct buf *out, struct str quoted)
{
	char quote = quoted.p[0];

	for (size_t i = 1; i + 1 < quoted.n; i++) {
		char c = quoted.p[i];

		if (c == '\\' && i + 2 < quoted.n)
			c = unescape(quoted.p[++i]);
		else if (c == quote)
			i++;
		buf_addc(out, c);
	}
}

const char *dump_text(struct dump *d, struct token t)
{
	autobuf out = BUF_INIT;

	if (t.kind == TOKEN_STRING && (t.text.p[0] == '\'' || t.text.p[0] == '"'))
		add_string(&out, t.text);
	else
		token_name(&out, t);
	return arena_strndup(d->arena, out.data, out.len);
}

const char *dump_variable(const struct dump *d, struct str name)
{
	autobuf key = BUF_INIT;

	buf_add(&key, name.p, name.n);
	return map_get(d->variables, key.data);
}

/* DUMP_SETTING_COUNT: it is none that objects remember. */
static enum dump_setting setting_named(struct str name)
{
	if (str_has_prefix(name, "@@"))
		name = str_slice(name, 2, name.n);
	for (size_t i = 0; i < ARRAY_SIZE(settings); i++) {
		if (str_is_nocase(name, settings[i].name))
			return settings[i].setting;
	}
	return DUMP_SETTING_COUNT;
}

/* The value that a token stands for; NULL: it cannot be known. */
static const char *value_of(struct dump *d, struct token t)
{
	enum dump_setting setting;

	if (t.kind != TOKEN_VARIABLE)
		return t.kind == TOKEN_STRING || t.kind == TOKEN_WORD || t.kind == TOKEN_NUMBER
		               ? dump_text(d, t)
		               : NULL;
	if (!str_has_prefix(t.text, "@@"))
		return dump_variable(d, t.text);
	setting = setting_named(t.text);
	if (setting == DUMP_SETTING_COUNT)
		return NULL;
	return setting == DUMP_SQL_MODE ? dump_mode(d) : d->set[setting];
}

static void assign(struct dump *d, struct str name, const char *value)
{
	enum dump_setting setting = setting_named(name);
	autobuf key = BUF_INIT;
	struct lexer l;

	if (setting != DUMP_SETTING_COUNT) {
		d->set[setting] = value;
		lexer_set_mode(&l, dump_mode(d));
		splitter_no_backslash(d->splitter, l.no_backslash_escapes);
		return;
	}
	if (name.n == 0 || name.p[0] != '@')
		return;
	buf_add(&key, name.p, name.n);
	if (value)
		map_set(d->variables, key.data, arena_strdup(d->arena, value));
	else
		map_remove(d->variables, key.data);
}

static const char *usual_collation(struct dump *d, const char *charset)
{
	for (size_t i = 0; i < ARRAY_SIZE(usual); i++) {
		if (strcasecmp(usual[i].charset, charset) == 0)
			return dump_is_mysql(d) ? usual[i].of_mysql : usual[i].collation;
	}
	return arena_printf(d->arena, "%s_general_ci", charset);
}

/* SET NAMES utf8mb4 [COLLATE x] */
static void set_names(struct dump *d, struct lexer *l)
{
	const char *charset = dump_text(d, lexer_next(l));
	const char *collation = usual_collation(d, charset);

	if (token_is_word(lexer_next(l), "COLLATE"))
		collation = dump_text(d, lexer_next(l));
	d->set[DUMP_CLIENT] = charset;
	d->set[DUMP_COLLATION] = collation;
}

/* Skips to behind the next comma outside parentheses. False: there is none. */
static bool next_assignment(struct lexer *l)
{
	struct token t;
	int depth = 0;

	while ((t = lexer_next(l)).kind != TOKEN_END && t.kind != TOKEN_BROKEN) {
		depth += token_is(t, '(') - token_is(t, ')');
		if (depth == 0 && token_is(t, ','))
			return true;
	}
	return false;
}

/* [SESSION | @@SESSION.]name = value; a GLOBAL one is nothing to this session. */
static void read_assignment(struct dump *d, struct lexer *l)
{
	struct token name = lexer_next(l);
	bool global = token_is_word(name, "GLOBAL") || str_is_nocase(name.text, "@@GLOBAL");
	struct lexer behind;
	struct token value;
	const char *text;

	if (global || token_is_word(name, "SESSION") || token_is_word(name, "LOCAL") ||
	    str_is_nocase(name.text, "@@SESSION")) {
		name = lexer_next(l);
		if (token_is(name, '.'))
			name = lexer_next(l);
	}
	value = lexer_next(l);
	if (!token_is(value, '=') && !str_is(value.text, ":="))
		return;
	behind = *l;
	value = lexer_next(&behind);
	text = value_of(d, value);
	value = lexer_peek(&behind);
	if (value.kind != TOKEN_END && !token_is(value, ','))
		text = NULL; /* an expression */
	if (!global)
		assign(d, name.text, text);
}

int dump_set(struct dump *d, struct str sql, struct error *err)
{
	struct lexer l;

	(void)err;
	lexer_init(&l, sql);
	lexer_next(&l);
	if (token_is_word(lexer_peek(&l), "NAMES")) {
		lexer_next(&l);
		set_names(d, &l);
		return 0;
	}
	do {
		read_assignment(d, &l);
	} while (next_assignment(&l));
	return 0;
}

void dump_read_charset(struct dump *d, struct str text, const char **charset_out,
                       const char **collation_out)
{
	struct lexer l;
	struct token t;
	const char *charset = NULL, *collation = NULL;

	lexer_init(&l, text);
	while ((t = lexer_next(&l)).kind != TOKEN_END && t.kind != TOKEN_BROKEN) {
		const char **member = token_is_word(t, "SET") || token_is_word(t, "CHARSET")
		                              ? &charset
		                      : token_is_word(t, "COLLATE") ? &collation
		                                                    : NULL;

		if (!member)
			continue;
		if (token_is(lexer_peek(&l), '='))
			lexer_next(&l);
		*member = dump_text(d, lexer_next(&l));
	}
	if (charset && !collation)
		collation = usual_collation(d, charset);
	if (collation && !charset)
		charset = arena_strndup(d->arena, collation, strcspn(collation, "_"));
	if (charset) {
		*charset_out = charset;
		*collation_out = collation;
	}
}

int dump_alter_database(struct dump *d, struct str sql)
{
	dump_read_charset(d, sql, &d->charset, &d->collation);
	return 0;
}

int dump_use(struct dump *d, const char *name, struct error *err)
{
	if (!d->used || strcmp(d->used, name) == 0) {
		d->used = arena_strdup(d->arena, name);
		return 0;
	}
	error_set(err, ERR_UNSUPPORTED, "a second database, %s, after %s", name, d->used);
	return error_hint(err, "A backup is of one database: dump them one by one.");
}
