/* SPDX-License-Identifier: MIT */
#include "engine/server/load_rules.h"

#include <string.h>

#include "engine/base/cleanup.h"
#include "engine/schema/lexer.h"

static const struct {
	const char *word;
	enum load_action action;
} actions[] = {
	{ "CREATE", LOAD_RUN },      { "ALTER", LOAD_RUN },         { "DROP", LOAD_RUN },
	{ "RENAME", LOAD_RUN },      { "SET", LOAD_SET },           { "INSERT", LOAD_DATA },
	{ "REPLACE", LOAD_DATA },    { "UPDATE", LOAD_DATA },       { "DELETE", LOAD_DATA },
	{ "TRUNCATE", LOAD_DATA },   { "DO", LOAD_DATA },           { "SELECT", LOAD_IGNORE },
	{ "SHOW", LOAD_IGNORE },     { "LOCK", LOAD_IGNORE },       { "UNLOCK", LOAD_IGNORE },
	{ "START", LOAD_IGNORE },    { "COMMIT", LOAD_IGNORE },     { "ROLLBACK", LOAD_IGNORE },
	{ "ANALYZE", LOAD_IGNORE },  { "OPTIMIZE", LOAD_IGNORE },   { "PREPARE", LOAD_IGNORE },
	{ "EXECUTE", LOAD_EXECUTE }, { "DEALLOCATE", LOAD_IGNORE },
};

/* Variables of the session that a script may set: they decide what a text means. */
static const char *const variables[] = {
	"sql_mode",
	"time_zone",
	"timestamp",
	"names",
	"character_set_client",
	"character_set_connection",
	"character_set_results",
	"collation_connection",
	"foreign_key_checks",
	"unique_checks",
	"check_constraint_checks",
	"sql_notes",
	"old_mode",
	"innodb_strict_mode",
	"default_storage_engine",
	"explicit_defaults_for_timestamp",
	"system_versioning_alter_history",
	"sql_generate_invisible_primary_key",
	"restrict_fk_on_non_standard_key",
	"sql_quote_show_create",
};

static bool is_allowed(struct str name)
{
	for (size_t i = 0; i < ARRAY_SIZE(variables); i++) {
		if (str_is_nocase(name, variables[i]))
			return true;
	}
	return false;
}

/* @x is the script's own; @@x and @@session.x must be allowed. */
static bool is_allowed_variable(struct str name)
{
	static const char *const scopes[] = { "session.", "local." };

	if (!str_has_prefix(name, "@@"))
		return true;
	name = str_slice(name, 2, name.n);
	for (size_t i = 0; i < ARRAY_SIZE(scopes); i++) {
		size_t n = strlen(scopes[i]);

		if (name.n > n && str_is_nocase(str_slice(name, 0, n), scopes[i]))
			return is_allowed(str_slice(name, n, name.n));
	}
	return is_allowed(name);
}

/*
 * A value without a call but of these, and without a query: nothing runs. The name that a comma
 * begins is looked at like the first one.
 */
static bool is_harmless_call(struct token t)
{
	static const char *const functions[] = { "GREATEST", "LEAST", "UNIX_TIMESTAMP",
		                                 "REPLACE", "CONCAT" };

	for (size_t i = 0; i < ARRAY_SIZE(functions); i++) {
		if (token_is_word(t, functions[i]))
			return true;
	}
	return false;
}

/* Behind a value; false: it is not harmless. */
static bool read_value(struct lexer *l, struct token *t)
{
	struct token before = { TOKEN_END, { 0 } };
	int depth = 0;

	for (; t->kind != TOKEN_END && !(depth == 0 && token_is(*t, ',')); *t = lexer_next(l)) {
		if (t->kind == TOKEN_BROKEN || token_is(*t, ';') || token_is_word(*t, "SELECT"))
			return false;
		if (token_is(*t, '(') && before.kind != TOKEN_PUNCTUATION &&
		    !is_harmless_call(before))
			return false;
		if (token_is(*t, '.')) /* a function of another database */
			return false;
		depth += token_is(*t, '(') - token_is(*t, ')');
		before = *t;
	}
	return true;
}

/* The name that is set, and its sign; false: it is not harmless. */
static bool read_target(struct lexer *l, struct token *t)
{
	bool allowed;

	if (token_is_word(*t, "SESSION") || token_is_word(*t, "LOCAL"))
		*t = lexer_next(l);
	if (token_is_word(*t, "CHARACTER")) { /* SET CHARACTER SET x */
		*t = lexer_next(l);
		return token_is_word(*t, "SET");
	}
	allowed = t->kind == TOKEN_VARIABLE ? is_allowed_variable(t->text)
	                                    : t->kind == TOKEN_WORD && is_allowed(t->text);
	return allowed;
}

static enum load_action choose_set(struct lexer *l)
{
	struct token t;

	do {
		t = lexer_next(l);
		if (!read_target(l, &t))
			return LOAD_IGNORE;
		t = lexer_next(l);
		if (!read_value(l, &t))
			return LOAD_IGNORE;
	} while (token_is(t, ','));
	return LOAD_SET;
}

/* The script is about this database; false: it was about another one before. */
static bool note_database(struct buf *database, struct token name)
{
	autobuf text = BUF_INIT;

	token_name(&text, name);
	if (!database->len)
		buf_add(database, text.data, text.len);
	return strcmp(database->data, text.data) == 0;
}

static bool is_option(struct token t)
{
	static const char *const words[] = { "DEFAULT", "CHARACTER",  "CHARSET", "COLLATE",
		                             "COMMENT", "ENCRYPTION", "READ" };

	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		if (token_is_word(t, words[i]))
			return true;
	}
	return false;
}

/* The options of CREATE DATABASE and ALTER DATABASE without the server's encryption of files.
 */
static enum load_action rewrite_database(struct lexer *l, struct token t, struct buf *out)
{
	buf_adds(out, "ALTER DATABASE");
	while (t.kind != TOKEN_END && !token_is(t, ';')) {
		struct token first = t;
		struct token second = lexer_next(l);

		if (token_is_word(first, "ENCRYPTION") ||
		    (token_is_word(first, "DEFAULT") && token_is_word(second, "ENCRYPTION"))) {
			do
				t = lexer_next(l);
			while (t.kind != TOKEN_END && !is_option(t));
			continue;
		}
		buf_addf(out, " %.*s", STR_ARG(first.text));
		t = second;
	}
	return str_is_nocase((struct str){ out->data, out->len }, "ALTER DATABASE")
	               ? LOAD_IGNORE
	               : LOAD_DATABASE;
}

static struct token skip_if_exists(struct lexer *l, struct token t)
{
	while (token_is_word(t, "IF") || token_is_word(t, "NOT") || token_is_word(t, "EXISTS"))
		t = lexer_next(l);
	return t;
}

static bool is_name(struct token t)
{
	return t.kind == TOKEN_NAME || t.kind == TOKEN_WORD;
}

/*
 * "[IF NOT EXISTS] a LIKE b" or "a (LIKE b)" and nothing else. A name with a database before it
 * is another statement: the table may hold anybody's columns.
 */
static bool is_like(struct lexer l)
{
	struct token t = skip_if_exists(&l, lexer_next(&l));
	bool open;

	if (!is_name(t))
		return false;
	t = lexer_next(&l);
	open = token_is(t, '(');
	if (open)
		t = lexer_next(&l);
	if (!token_is_word(t, "LIKE") || !is_name(lexer_next(&l)))
		return false;
	t = lexer_next(&l);
	if (open) {
		if (!token_is(t, ')'))
			return false;
		t = lexer_next(&l);
	}
	if (token_is(t, ';'))
		t = lexer_next(&l);
	return t.kind == TOKEN_END;
}

/* CREATE, ALTER or DROP of the database itself; other statements are run as they are. */
static enum load_action choose_ddl(struct lexer *l, struct token verb, struct buf *rewritten,
                                   struct buf *database, const char **reason)
{
	struct token t = lexer_next(l);
	bool replace = token_is_word(t, "OR");

	if (replace) {
		lexer_next(l); /* REPLACE */
		t = lexer_next(l);
	}
	if (token_is_word(t, "TABLE") && token_is_word(verb, "CREATE") && is_like(*l))
		return LOAD_LIKE;
	if (!token_is_word(t, "DATABASE") && !token_is_word(t, "SCHEMA"))
		return LOAD_RUN;
	if (token_is_word(verb, "DROP"))
		return LOAD_IGNORE;
	t = skip_if_exists(l, lexer_next(l));
	/* Dumps name the database in ALTER DATABASE, our own scripts do not. */
	if (token_is_word(verb, "ALTER") && is_option(t))
		return rewrite_database(l, t, rewritten);
	if (token_is_word(verb, "CREATE") && !note_database(database, t)) {
		*reason = "the script is about more than one database";
		return LOAD_REFUSE;
	}
	return rewrite_database(l, lexer_next(l), rewritten);
}

static enum load_action choose_use(struct lexer *l, struct buf *database, const char **reason)
{
	if (note_database(database, lexer_next(l)))
		return LOAD_IGNORE;
	*reason = "the script is about more than one database";
	return LOAD_REFUSE;
}

enum load_action load_rules_choose(struct str sql, const char *sql_mode, struct buf *rewritten,
                                   struct buf *database, const char **reason)
{
	struct lexer l;
	struct token t;

	lexer_init(&l, sql);
	lexer_set_mode(&l, sql_mode);
	t = lexer_next(&l);
	if (t.kind == TOKEN_END)
		return LOAD_IGNORE;
	if (token_is_word(t, "USE"))
		return choose_use(&l, database, reason);
	if (token_is_word(t, "BEGIN"))
		return token_is_word(lexer_next(&l), "NOT") ? LOAD_ATTEMPT : LOAD_IGNORE;
	for (size_t i = 0; i < ARRAY_SIZE(actions); i++) {
		if (!token_is_word(t, actions[i].word))
			continue;
		if (actions[i].action == LOAD_RUN)
			return choose_ddl(&l, t, rewritten, database, reason);
		return actions[i].action == LOAD_SET ? choose_set(&l) : actions[i].action;
	}
	*reason = "it does not make a schema";
	return LOAD_REFUSE;
}
