/* SPDX-License-Identifier: MIT */
#include <stdbool.h>
#include <string.h>

#include "engine/base/buf.h"
#include "engine/base/error.h"
#include "engine/schema/lexer.h"
#include "engine/schema/plan.h"
#include "engine/schema/quote.h"

static int add_setting(void *arg, const char *statement, struct error *err)
{
	(void)err;
	buf_addf(arg, "%s;\n", statement);
	return 0;
}

/* Each line of it as a comment: nothing in a name or text becomes a statement. */
static void add_comment(struct buf *out, const char *text)
{
	buf_adds(out, "-- ");
	for (const char *c = text; *c; c++) {
		if (*c == '\r')
			continue;
		buf_addc(out, *c);
		if (*c == '\n')
			buf_adds(out, "-- ");
	}
	buf_addc(out, '\n');
}

/* Stored code holds semicolons of its own. */
static bool is_code(const struct plan_step *s)
{
	return strncmp(s->type, "CREATE_", strlen("CREATE_")) == 0 &&
	       (s->kind == OBJECT_FUNCTION || s->kind == OBJECT_PROCEDURE ||
	        s->kind == OBJECT_PACKAGE || s->kind == OBJECT_PACKAGE_BODY ||
	        s->kind == OBJECT_TRIGGER || s->kind == OBJECT_EVENT);
}

/* A delimiter that does not occur in the statement: ;; or ;;; or ... */
static void find_delimiter(struct buf *out, const char *sql)
{
	buf_adds(out, ";;");
	while (strstr(sql, out->data))
		buf_addc(out, ';');
}

/* The lexer of a step reads quotes as the session does. */
static bool has_comments(const struct plan_step *s)
{
	struct lexer l;
	struct token t;

	lexer_init(&l, str_of(s->sql));
	lexer_set_mode(&l, s->context.sql_mode);
	l.want_comments = true;
	while ((t = lexer_next(&l)).kind != TOKEN_END) {
		if (t.kind == TOKEN_COMMENT)
			return true;
	}
	return false;
}

static bool is_ascii(const char *text)
{
	while (*text > 0)
		text++;
	return *text == '\0';
}

/*
 * The client takes comments out of what it sends, and knows one character set. The
 * server does not mind when it gets the statement as a string.
 */
static bool goes_as_string(const struct plan *p, const struct plan_step *s)
{
	const char *charset = s->context.client_charset;

	if (p->family != SERVER_MARIADB || !is_code(s))
		return false;
	return has_comments(s) ||
	       (charset && strncmp(charset, "utf8", 4) != 0 && !is_ascii(s->sql));
}

static void add_as_string(struct buf *out, const struct plan_step *previous,
                          const struct plan_step *s)
{
	struct error ignored = ERROR_INIT;

	plan_session_end(previous, add_setting, out, &ignored);
	buf_adds(out, "SET @statement = ");
	quote_text(out, str_of(s->sql));
	buf_adds(out, ";\n");
	plan_session_step(NULL, s, add_setting, out, &ignored);
	buf_adds(out, "EXECUTE IMMEDIATE @statement;\n");
}

static void add_statement(struct buf *out, const struct plan_step *s)
{
	autobuf delimiter = BUF_INIT;

	if (!is_code(s)) {
		buf_addf(out, "%s;\n", s->sql);
		return;
	}
	find_delimiter(&delimiter, s->sql);
	buf_addf(out, "DELIMITER %s\n%s\n%s\nDELIMITER ;\n", delimiter.data, s->sql,
	         delimiter.data);
}

static void add_step(struct buf *out, const struct plan *p, size_t i)
{
	const struct plan_step *s = &p->steps[i];
	const struct plan_step *previous = i > 0 ? &p->steps[i - 1] : NULL;
	struct error ignored = ERROR_INIT;
	autobuf title = BUF_INIT;

	buf_addf(&title, "step %zu of %zu: %s%s%s", i + 1, p->count, s->type,
	         *s->name ? " " : "", s->name);
	if (*s->description)
		buf_addf(&title, ": %s", s->description);
	buf_addf(&title, "\nrisk: %s", plan_risk_name(s->risk));
	if (s->loses)
		buf_addf(&title, ": loses %s", s->loses);
	buf_addc(out, '\n');
	add_comment(out, title.data);
	if (goes_as_string(p, s)) {
		add_as_string(out, previous, s);
		return;
	}
	plan_session_step(previous, s, add_setting, out, &ignored);
	add_statement(out, s);
}

void plan_script(struct buf *out, const struct plan *p, const char *header)
{
	struct error ignored = ERROR_INIT;

	if (header)
		add_comment(out, header);
	if (p->family == SERVER_MYSQL)
		add_comment(out, "Load with mysql --comments: stored code may hold comments.");
	for (size_t i = 0; i < p->warning_count; i++)
		add_comment(out, p->warnings[i]);
	if (p->count == 0) {
		buf_adds(out, "-- nothing to do: the live schema equals the backup\n");
		return;
	}
	buf_adds(out, "USE ");
	quote_name(out, p->database);
	buf_adds(out, ";\n");
	plan_session_begin(add_setting, out, &ignored);
	for (size_t i = 0; i < p->count; i++)
		add_step(out, p, i);
	buf_addc(out, '\n');
	plan_session_end(&p->steps[p->count - 1], add_setting, out, &ignored);
}
