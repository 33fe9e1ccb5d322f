/* SPDX-License-Identifier: MIT */
#include "engine/server/statement_check.h"

#include <string.h>

#include "engine/base/buf.h"
#include "engine/base/cleanup.h"
#include "engine/base/error.h"
#include "engine/schema/lexer.h"

#define EXCERPT_MAX 80

enum verb {
	VERB_CREATE = 1 << 0,
	VERB_ALTER = 1 << 1,
	VERB_DROP = 1 << 2,
	VERB_RENAME = 1 << 3,
};

/* A statement while it is read: t is the token that comes next. */
struct reader {
	struct lexer l;
	struct token t;
	const char *database;
	const char *reason; /* why it is refused; NULL: no reason yet */
};

typedef void rest_fn(struct reader *r, enum verb verb);

static void refuse(struct reader *r, const char *reason)
{
	if (!r->reason)
		r->reason = reason;
}

/*
 * A server that skips a version comment looks for its end only; we read what is
 * inside. Both must find the same end, or a quote could hide the statement that runs.
 */
static void check_version_comment(struct reader *r)
{
	if (r->t.kind == TOKEN_COMMENT || memmem(r->t.text.p, r->t.text.n, "*/", 2))
		refuse(r, "a version comment has a second end");
}

static void advance(struct reader *r)
{
	do {
		r->t = lexer_next(&r->l);
		if (r->l.depth > 0 && r->t.kind != TOKEN_COMMENT_CLOSE)
			check_version_comment(r);
	} while (r->t.kind == TOKEN_COMMENT);
}

/* Takes the word when it comes next. */
static bool accept(struct reader *r, const char *word)
{
	if (!token_is_word(r->t, word))
		return false;
	advance(r);
	return true;
}

static bool accept_sign(struct reader *r, char sign)
{
	if (!token_is(r->t, sign))
		return false;
	advance(r);
	return true;
}

static void expect_end(struct reader *r)
{
	if (r->t.kind != TOKEN_END)
		refuse(r, "it goes on where it should end");
}

/* A name in the current database. */
static void read_name(struct reader *r)
{
	struct token first = r->t;

	if (first.kind != TOKEN_NAME && first.kind != TOKEN_WORD) {
		refuse(r, first.kind == TOKEN_COMMENT_OPEN
		                  ? "a version comment stands where a name should"
		                  : "a name is missing");
		return;
	}
	advance(r);
	/* It could hide from us, or from the server, that the name goes on with a dot. */
	if (r->t.kind == TOKEN_COMMENT_OPEN || r->t.kind == TOKEN_COMMENT_CLOSE)
		refuse(r, "a version comment stands beside a name");
	if (!token_is(r->t, '.'))
		return;
	if (!r->database || !token_names(first, r->database))
		refuse(r, "it names another database");
	advance(r);
	if (r->t.kind != TOKEN_NAME && r->t.kind != TOKEN_WORD)
		refuse(r, "a name is missing");
	advance(r);
}

/* Nothing may hide behind the statement, or after a quote that never ends. */
static void read_to_end(struct reader *r, bool compound)
{
	for (; r->t.kind != TOKEN_END && !r->reason; advance(r)) {
		if (r->t.kind == TOKEN_BROKEN)
			refuse(r, "a quote or comment never ends");
		if (token_is(r->t, ';') && !compound)
			refuse(r, "it is more than one statement");
	}
}

/* Looks at a word of the rest of a statement, and takes it. */
typedef void word_fn(struct reader *r, int depth);

/* depth: of the parentheses that are open already. */
static void read_words(struct reader *r, int depth, word_fn *look)
{
	int outside = depth; /* of the version comment */

	while (r->t.kind != TOKEN_END && !r->reason) {
		if (r->t.kind == TOKEN_WORD) {
			look(r, depth);
			continue;
		}
		if (r->t.kind == TOKEN_BROKEN)
			refuse(r, "a quote or comment never ends");
		if (token_is(r->t, ';'))
			refuse(r, "it is more than one statement");
		depth += token_is(r->t, '(') - token_is(r->t, ')');
		if (r->t.kind == TOKEN_COMMENT_OPEN)
			outside = depth;
		if (r->t.kind == TOKEN_COMMENT_CLOSE && depth != outside)
			refuse(r, "a version comment opens or closes a parenthesis");
		advance(r);
	}
}

static bool is_one_of(struct token t, const char *const *words, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (token_is_word(t, words[i]))
			return true;
	return false;
}

/* A table is made of its definition only, never of a query. */
static void look_at_create_table(struct reader *r, int depth)
{
	static const char *const outside[] = { "AS", "LIKE", "TABLE" };

	if (token_is_word(r->t, "SELECT") ||
	    (depth == 0 && is_one_of(r->t, outside, ARRAY_SIZE(outside))))
		refuse(r, "it makes a table from another one");
	advance(r);
}

static void rest_create_table(struct reader *r)
{
	static const char *const first[] = { "LIKE", "VALUES", "TABLE", "WITH" };

	if (!accept_sign(r, '(') || r->t.kind == TOKEN_COMMENT_OPEN ||
	    is_one_of(r->t, first, ARRAY_SIZE(first)))
		refuse(r, "it makes a table from another one");
	read_words(r, 1, look_at_create_table);
}

/* Clauses that name a second table: RENAME TO x, EXCHANGE PARTITION p WITH TABLE x. */
static void look_at_alter_table(struct reader *r, int depth)
{
	static const char *const parts[] = { "COLUMN", "INDEX", "KEY" };
	bool rename = token_is_word(r->t, "RENAME");
	bool table = token_is_word(r->t, "TABLE");

	(void)depth; /* both words are reserved: nothing else goes by these names */
	advance(r);
	if ((!rename && !table) || (rename && is_one_of(r->t, parts, ARRAY_SIZE(parts))))
		return;
	if (rename && !accept(r, "TO") && !accept(r, "AS"))
		accept_sign(r, '=');
	read_name(r);
}

static void rest_table(struct reader *r, enum verb verb)
{
	if (verb == VERB_CREATE) {
		rest_create_table(r);
	} else if (verb == VERB_ALTER) {
		read_words(r, 0, look_at_alter_table);
	} else if (verb == VERB_RENAME) {
		do {
			if (!accept(r, "TO"))
				refuse(r, "TO is missing");
			read_name(r);
			if (!accept_sign(r, ','))
				break;
			read_name(r);
		} while (!r->reason);
		expect_end(r);
	} else {
		while (accept_sign(r, ',') && !r->reason)
			read_name(r);
		if (!accept(r, "RESTRICT"))
			accept(r, "CASCADE");
		expect_end(r);
	}
}

static void rest_view(struct reader *r, enum verb verb)
{
	if (verb == VERB_DROP)
		rest_table(r, verb);
	else
		read_to_end(r, false);
}

/* BEFORE INSERT OR UPDATE ON name: up to the table, which must be ours too. */
static void rest_trigger(struct reader *r, enum verb verb)
{
	if (verb == VERB_DROP) {
		expect_end(r);
		return;
	}
	while (r->t.kind == TOKEN_WORD && !token_is_word(r->t, "ON"))
		advance(r);
	if (!accept(r, "ON"))
		refuse(r, "ON is missing");
	read_name(r);
	read_to_end(r, true);
}

static void rest_index(struct reader *r, enum verb verb)
{
	(void)verb;
	while (r->t.kind == TOKEN_WORD && !token_is_word(r->t, "ON"))
		advance(r); /* USING BTREE */
	if (!accept(r, "ON"))
		refuse(r, "ON is missing");
	read_name(r);
	read_to_end(r, false);
}

static void rest_routine(struct reader *r, enum verb verb)
{
	if (verb == VERB_DROP)
		expect_end(r);
	else
		read_to_end(r, verb == VERB_CREATE);
}

/* CREATE FUNCTION f RETURNS STRING SONAME 'x.so' loads code into the server. */
static void rest_function(struct reader *r, enum verb verb)
{
	/* What we may make has parameters; in Oracle's syntax RETURN alone. */
	if (verb == VERB_CREATE && !token_is(r->t, '(') && !token_is_word(r->t, "RETURN"))
		refuse(r, "it loads a shared library");
	rest_routine(r, verb);
}

static void rest_event(struct reader *r, enum verb verb)
{
	while (verb == VERB_ALTER && r->t.kind != TOKEN_END && !token_is_word(r->t, "DO") &&
	       !r->reason) {
		bool rename = accept(r, "RENAME") && accept(r, "TO");

		if (rename)
			read_name(r);
		else
			advance(r);
	}
	if (verb == VERB_DROP)
		expect_end(r);
	else
		read_to_end(r, true);
}

/* Options only: a name would mean another database. */
static void rest_database(struct reader *r, enum verb verb)
{
	(void)verb;
	do {
		accept(r, "DEFAULT");
		if (accept(r, "CHARACTER")) {
			if (!accept(r, "SET"))
				refuse(r, "it names another database");
		} else if (!accept(r, "CHARSET") && !accept(r, "COLLATE") &&
		           !accept(r, "COMMENT")) {
			refuse(r, "it names another database");
		}
		accept_sign(r, '=');
		if (r->t.kind != TOKEN_WORD && r->t.kind != TOKEN_NAME &&
		    r->t.kind != TOKEN_STRING)
			refuse(r, "a value is missing");
		advance(r);
	} while (r->t.kind != TOKEN_END && !r->reason);
}

static const struct kind {
	const char *word;
	unsigned int verbs;
	bool mariadb_only;
	bool nameless; /* there is no name before the rest */
	rest_fn *rest;
} kinds[] = {
	{ "TABLE", VERB_CREATE | VERB_ALTER | VERB_DROP | VERB_RENAME, .rest = rest_table },
	{ "VIEW", VERB_CREATE | VERB_ALTER | VERB_DROP, .rest = rest_view },
	{ "SEQUENCE", VERB_CREATE | VERB_ALTER | VERB_DROP, true, .rest = rest_view },
	{ "TRIGGER", VERB_CREATE | VERB_DROP, .rest = rest_trigger },
	{ "PROCEDURE", VERB_CREATE | VERB_ALTER | VERB_DROP, .rest = rest_routine },
	{ "FUNCTION", VERB_CREATE | VERB_ALTER | VERB_DROP, .rest = rest_function },
	{ "PACKAGE", VERB_CREATE | VERB_DROP, true, .rest = rest_routine },
	{ "EVENT", VERB_CREATE | VERB_ALTER | VERB_DROP, .rest = rest_event },
	{ "INDEX", VERB_CREATE | VERB_DROP, .rest = rest_index },
	{ "DATABASE", VERB_ALTER, .nameless = true, .rest = rest_database },
	{ "SCHEMA", VERB_ALTER, .nameless = true, .rest = rest_database },
};

static const struct {
	const char *word;
	enum verb verb;
} verbs[] = {
	{ "CREATE", VERB_CREATE },
	{ "ALTER", VERB_ALTER },
	{ "DROP", VERB_DROP },
	{ "RENAME", VERB_RENAME },
};

/* `u`@`h`, 'u'@'h', a role, CURRENT_USER() */
static void read_account(struct reader *r)
{
	if (r->t.kind != TOKEN_NAME && r->t.kind != TOKEN_WORD && r->t.kind != TOKEN_STRING)
		refuse(r, "the definer is missing");
	advance(r);
	if (accept_sign(r, '('))
		accept_sign(r, ')');
	if (r->t.kind == TOKEN_VARIABLE)
		advance(r);
}

/* What may stand between the verb and the kind. False: nothing more of it. */
static bool read_modifier(struct reader *r)
{
	static const char *const alone[] = { "AGGREGATE", "UNIQUE", "FULLTEXT", "SPATIAL",
		                             "VECTOR",    "ONLINE", "OFFLINE",  "IGNORE" };

	if (is_one_of(r->t, alone, ARRAY_SIZE(alone))) {
		advance(r);
		return true;
	}
	if (accept(r, "OR")) {
		if (!accept(r, "REPLACE"))
			refuse(r, "REPLACE is missing");
		return true;
	}
	if (accept(r, "DEFINER")) {
		accept_sign(r, '=');
		read_account(r);
		return true;
	}
	if (accept(r, "SQL")) {
		if (!accept(r, "SECURITY"))
			refuse(r, "SECURITY is missing");
		advance(r);
		return true;
	}
	if (accept(r, "ALGORITHM")) {
		accept_sign(r, '=');
		advance(r);
		return true;
	}
	return false;
}

static const struct kind *find_kind(struct reader *r, enum verb verb, enum server_family family)
{
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		const struct kind *k = &kinds[i];

		if ((k->verbs & verb) && (!k->mariadb_only || family == SERVER_MARIADB) &&
		    accept(r, k->word))
			return k;
	}
	return NULL;
}

static void read_statement(struct reader *r, enum server_family family)
{
	const struct kind *kind;
	enum verb verb = VERB_CREATE;
	bool known = false;

	for (size_t i = 0; i < ARRAY_SIZE(verbs) && !known; i++) {
		verb = verbs[i].verb;
		known = accept(r, verbs[i].word);
	}
	if (!known) {
		refuse(r, "it does not begin with CREATE, ALTER, DROP or RENAME");
		return;
	}
	while (!r->reason && read_modifier(r))
		;
	kind = find_kind(r, verb, family);
	if (!kind) {
		refuse(r, "a plan makes no such thing");
		return;
	}
	if (strcmp(kind->word, "PACKAGE") == 0)
		accept(r, "BODY");
	if (accept(r, "IF")) {
		accept(r, "NOT");
		if (!accept(r, "EXISTS"))
			refuse(r, "EXISTS is missing");
	}
	if (!kind->nameless)
		read_name(r);
	if (!r->reason)
		kind->rest(r, verb);
}

void statement_excerpt(struct buf *out, const char *sql)
{
	size_t n = 0;

	while (sql[n] && n < EXCERPT_MAX)
		n++;
	while (n && sql[n] &&
	       ((unsigned char)sql[n] & 0xc0) == 0x80) /* not within a character */
		n--;
	for (size_t i = 0; i < n; i++) {
		bool control = (unsigned char)sql[i] < ' ';

		buf_add(out, control ? " " : &sql[i], 1);
	}
	if (sql[n])
		buf_adds(out, "...");
}

static int refused(const char *reason, const char *sql, struct error *err)
{
	autobuf excerpt = BUF_INIT;

	statement_excerpt(&excerpt, sql);
	error_set(err, ERR_REFUSED, "statement refused: %s: %s", reason, excerpt.data);
	return error_hint(err,
	                  "A plan changes the objects of its own database and nothing else. "
	                  "Look at the backup's schema.sql before you trust it.");
}

static void begin(struct reader *r, const char *sql, const char *sql_mode)
{
	lexer_init(&r->l, str_of(sql));
	lexer_set_mode(&r->l, sql_mode);
	r->l.want_comments = true;
	advance(r);
}

int statement_check(const char *sql, enum server_family family, const char *sql_mode,
                    const char *database, struct error *err)
{
	struct reader r = { .database = database };

	begin(&r, sql, sql_mode);
	read_statement(&r, family);
	return r.reason ? refused(r.reason, sql, err) : 0;
}

static void read_quarantined(struct reader *r)
{
	if (!token_names(r->t, r->database))
		refuse(r, "it does not name the quarantine database");
	read_name(r);
}

/* A name that no dot follows: of the current database. */
static void read_own_name(struct reader *r)
{
	const char *quarantine = r->database;

	r->database = NULL;
	read_name(r);
	r->database = quarantine;
}

static void read_names(struct reader *r)
{
	do
		read_own_name(r);
	while (accept_sign(r, ',') && !r->reason);
}

static void expect_sign(struct reader *r, char sign)
{
	if (!accept_sign(r, sign))
		refuse(r, "it is no copy of columns");
}

static void expect_word(struct reader *r, const char *word)
{
	if (!accept(r, word))
		refuse(r, "it is no copy of columns");
}

/* WHERE (`a` IS NOT NULL OR `b` IS NOT NULL) */
static void read_some_rows(struct reader *r)
{
	expect_sign(r, '(');
	do {
		read_own_name(r);
		expect_word(r, "IS");
		expect_word(r, "NOT");
		expect_word(r, "NULL");
	} while (accept(r, "OR") && !r->reason);
	expect_sign(r, ')');
}

static void read_copy(struct reader *r)
{
	expect_word(r, "INTO");
	read_quarantined(r);
	expect_sign(r, '(');
	read_names(r);
	expect_sign(r, ')');
	expect_word(r, "SELECT");
	read_names(r);
	expect_word(r, "FROM");
	read_own_name(r);
	if (accept(r, "PARTITION")) {
		expect_sign(r, '(');
		read_names(r);
		expect_sign(r, ')');
	}
	if (accept(r, "WHERE"))
		read_some_rows(r);
	expect_end(r);
}

int statement_check_preserve(const char *sql, const char *quarantine, struct error *err)
{
	struct reader r = { .database = quarantine };

	begin(&r, sql, NULL);
	if (accept(&r, "INSERT")) {
		read_copy(&r);
	} else if (accept(&r, "RENAME")) {
		expect_word(&r, "TABLE");
		read_own_name(&r);
		expect_word(&r, "TO");
		read_quarantined(&r);
		expect_end(&r);
	} else {
		expect_word(&r, "CREATE");
		expect_word(&r, "TABLE");
		read_quarantined(&r);
		if (!r.reason)
			rest_create_table(&r);
	}
	return r.reason ? refused(r.reason, sql, err) : 0;
}

/* @@global.x and @@persist.x are everybody's. */
static bool is_global(struct token t)
{
	struct str name = str_slice(t.text, t.text.n < 2 ? t.text.n : 2, t.text.n);

	return t.kind == TOKEN_VARIABLE && str_has_prefix(t.text, "@@") &&
	       ((name.n > 6 && str_is_nocase(str_slice(name, 0, 6), "global")) ||
	        (name.n > 7 && str_is_nocase(str_slice(name, 0, 7), "persist")));
}

int statement_check_setting(const char *sql, enum server_family family, struct error *err)
{
	static const char *const words[] = { "GLOBAL",   "PERSIST", "PERSIST_ONLY",
		                             "PASSWORD", "ROLE",    "SELECT" };
	struct reader r = { 0 };

	begin(&r, sql, NULL);
	if (r.t.kind == TOKEN_COMMENT_OPEN) /* what only one kind of server knows */
		advance(&r);
	if (!token_is_word(r.t, "SET"))
		return statement_check(sql, family, NULL, NULL, err);
	for (; r.t.kind != TOKEN_END && !r.reason; advance(&r)) {
		if (is_one_of(r.t, words, ARRAY_SIZE(words)) || is_global(r.t))
			refuse(&r, "it sets more than the session");
		if (r.t.kind == TOKEN_BROKEN || token_is(r.t, ';'))
			refuse(&r, "it is more than one statement");
	}
	return r.reason ? refused(r.reason, sql, err) : 0;
}
