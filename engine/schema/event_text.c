/* SPDX-License-Identifier: MIT */
#include "engine/schema/event_text.h"

#include "engine/schema/lexer.h"

/* OR REPLACE, DEFINER = u@h */
static bool may_stand_before_event(struct token t)
{
	return token_is_word(t, "CREATE") || token_is_word(t, "OR") ||
	       token_is_word(t, "REPLACE") || token_is_word(t, "DEFINER") || token_is(t, '=');
}

/* An account is `u`@`h`, 'u'@'h', a role, CURRENT_USER(). */
static struct token skip_account(struct lexer *l)
{
	struct token t = lexer_next(l);

	while (t.kind == TOKEN_VARIABLE || token_is(t, '(') || token_is(t, ')'))
		t = lexer_next(l);
	return t;
}

/* The token behind the word EVENT; TOKEN_END: it is no event. */
static struct token find_event(struct lexer *l, struct str sql, const char *sql_mode)
{
	struct token t;

	lexer_init(l, sql);
	lexer_set_mode(l, sql_mode);
	t = lexer_next(l);
	if (!token_is_word(t, "CREATE"))
		return (struct token){ TOKEN_END, { 0 } };
	while (may_stand_before_event(t)) {
		bool account = token_is(t, '=');

		t = lexer_next(l);
		if (account)
			t = skip_account(l);
	}
	return token_is_word(t, "EVENT") ? lexer_next(l) : (struct token){ TOKEN_END, { 0 } };
}

void event_text_name(struct buf *out, struct str sql, const char *sql_mode)
{
	struct lexer l;
	struct token t = find_event(&l, sql, sql_mode);
	struct token dot;

	if (t.kind == TOKEN_END)
		return;
	if (token_is_word(t, "IF")) {
		lexer_next(&l); /* NOT */
		lexer_next(&l); /* EXISTS */
		t = lexer_next(&l);
	}
	dot = lexer_next(&l);
	token_name(out, token_is(dot, '.') ? lexer_next(&l) : t);
}

/* DISABLE ON SLAVE, DISABLE ON REPLICA: where the status ends. */
static size_t status_end(const struct lexer *l, struct token t, struct str sql)
{
	struct lexer ahead = *l;
	size_t end = (size_t)(t.text.p - sql.p) + t.text.n;

	if (!token_is_word(t, "DISABLE") || !token_is_word(lexer_next(&ahead), "ON"))
		return end;
	t = lexer_next(&ahead);
	return (size_t)(t.text.p - sql.p) + t.text.n;
}

bool event_text_set_status(struct buf *out, struct str sql, const char *sql_mode,
                           const char *status, struct str *was)
{
	struct lexer l;
	struct token t = find_event(&l, sql, sql_mode);
	size_t from = 0, to = 0, before;

	*was = (struct str){ 0 };
	while (t.kind != TOKEN_END && !token_is_word(t, "ON")) /* SCHEDULE: behind the name */
		t = lexer_next(&l);
	while (t.kind != TOKEN_END && !token_is_word(t, "DO") && !token_is_word(t, "COMMENT")) {
		if (token_is_word(t, "ENABLE") || token_is_word(t, "DISABLE")) {
			from = (size_t)(t.text.p - sql.p);
			to = status_end(&l, t, sql);
			*was = str_slice(sql, from, to);
		}
		if (t.kind == TOKEN_COMMENT_OPEN) /* who reads what is in it? */
			return false;
		t = lexer_next(&l);
	}
	if (t.kind == TOKEN_END)
		return false;
	before = (size_t)(t.text.p - sql.p);
	if (!status)
		return true;
	buf_add(out, sql.p, to ? from : before);
	buf_addf(out, to ? "%s" : "%s ", status);
	buf_add(out, sql.p + (to ? to : before), sql.n - (to ? to : before));
	return true;
}
