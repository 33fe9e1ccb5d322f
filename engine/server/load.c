/* SPDX-License-Identifier: MIT */
#include "engine/server/load.h"

#include <mysqld_error.h>
#include <string.h>

#include "engine/base/arena.h"
#include "engine/base/cancel.h"
#include "engine/base/error.h"
#include "engine/base/log.h"
#include "engine/base/map.h"
#include "engine/base/mem.h"
#include "engine/schema/event_text.h"
#include "engine/schema/lexer.h"
#include "engine/schema/plan.h"
#include "engine/schema/script_reader.h"
#include "engine/server/capture.h"
#include "engine/server/load_rules.h"
#include "engine/server/query.h"
#include "engine/server/scratch.h"
#include "engine/server/session.h"
#include "engine/server/statement_check.h"

#define LOG_MODULE "server/load"

/* How far a script came. */
struct progress {
	size_t done; /* statements that need not run again */
	bool ended;
	struct error why; /* it did not go on */
};

struct load {
	struct server *s;
	char scratch[SCRATCH_NAME_SIZE];
	struct arena *arena;
	struct map *events; /* name of an event to its status */
	struct buf database;
	struct load_counts counts;
};

/* A script while it runs. */
struct run {
	struct load *l;
	const struct load_script *script;
	struct script_reader reader;
	char *sql_mode; /* of the session */
	size_t number;  /* of the statement in the script */
};

static int make_scratch(struct load *l, const char *charset, const char *collation,
                        struct error *err)
{
	static const char sql[] = "SELECT @@character_set_server, @@collation_server";
	DEFER(rows) *rows = NULL;
	size_t dropped;

	if (scratch_sweep(l->s, &dropped, err) < 0 || query_rows(&rows, l->s, sql, err) < 0)
		return -1;
	if (!charset && rows_next(rows)) {
		charset = arena_strndup(l->arena, rows_at(rows, 0).p, rows_at(rows, 0).n);
		collation = arena_strndup(l->arena, rows_at(rows, 1).p, rows_at(rows, 1).n);
	}
	if (scratch_create(l->scratch, l->s, charset, collation, err) < 0)
		return error_wrap(err, "make a scratch database");
	return 0;
}

/* What an old server lacks, and what this account may not set, stays as it is. */
static int set_standard(void *arg, const char *statement, struct error *err)
{
	struct load *l = arg;

	if (query_run(l->s, statement, err) == 0)
		return 0;
	if (err->code == ERR_CONNECT)
		return -1;
	error_clear(err);
	return 0;
}

static int note_mode(struct run *run, struct error *err)
{
	DEFER(rows) *rows = NULL;

	if (query_rows(&rows, run->l->s, "SELECT @@SESSION.sql_mode", err) < 0)
		return -1;
	if (rows_next(rows))
		run->sql_mode =
			arena_strndup(run->l->arena, rows_at(rows, 0).p, rows_at(rows, 0).n);
	run->reader.no_backslash_escapes =
		run->sql_mode && strstr(run->sql_mode, "NO_BACKSLASH_ESCAPES");
	return 0;
}

static int begin_script(struct run *run, struct error *err)
{
	struct load *l = run->l;
	autobuf sql = BUF_INIT;

	buf_addf(&sql, "USE `%s`", l->scratch);
	/* Stored code gets the collation that the database had at USE. */
	if (query_run(l->s, "USE information_schema", err) < 0 ||
	    query_run(l->s, sql.data, err) < 0 ||
	    plan_session_begin(set_standard, l, err) < 0 ||
	    query_run(l->s, "SET SESSION foreign_key_checks = 0", err) < 0)
		return -1;
	return note_mode(run, err);
}

/* A variable that this server does not know is another server's. */
static int run_setting(struct run *run, const char *sql, struct error *err)
{
	if (query_run(run->l->s, sql, err) < 0) {
		if (err->server_errno != ER_UNKNOWN_SYSTEM_VARIABLE)
			return -1;
		error_clear(err);
		run->l->counts.ignored++;
	}
	return note_mode(run, err);
}

static int run_checked(struct load *l, const struct buf *sql, struct error *err)
{
	if (query_run_bytes(l->s, sql->data, sql->len, err) < 0)
		return -1;
	l->counts.statements++;
	return 0;
}

static int check_and_run(struct run *run, const struct buf *sql, struct error *err)
{
	struct load *l = run->l;

	if (memchr(sql->data, '\0', sql->len))
		return error_set(err, ERR_REFUSED, "statement with a NUL byte");
	if (statement_check(sql->data, l->s->info.family, run->sql_mode, l->scratch, err) < 0)
		return -1;
	return run_checked(l, sql, err);
}

/* An event would run in the scratch database, and reach out of it. */
static int run_object(struct run *run, struct buf *sql, struct error *err)
{
	static const char default_status[] = EVENT_STATUS_DEFAULT;
	struct load *l = run->l;
	const struct str text = { sql->data, sql->len };
	autobuf disabled = BUF_INIT;
	autobuf name = BUF_INIT;
	struct str status;

	event_text_name(&name, text, run->sql_mode);
	if (!name.len)
		return check_and_run(run, sql, err);
	if (!event_text_set_status(&disabled, text, run->sql_mode, "DISABLE", &status))
		return error_set(err, ERR_REFUSED,
		                 "statement refused: an event's head is not understood");
	map_set(l->events, name.data,
	        status.n ? arena_strndup(l->arena, status.p, status.n)
	                 : arena_strdup(l->arena, default_status));
	return check_and_run(run, &disabled, err);
}

/* Our own scripts make like this what the stock client would alter, and what may be broken. */
static int read_statement(struct buf *out, struct run *run, struct error *err)
{
	/* The server reads it in the client's character set, as it would have come. */
	static const char charset_sql[] = "SELECT @@SESSION.character_set_client";
	DEFER(rows) *charset = NULL;
	DEFER(rows) *rows = NULL;
	autobuf sql = BUF_INIT;

	if (query_rows(&charset, run->l->s, charset_sql, err) < 0)
		return -1;
	if (!rows_next(charset))
		return error_set(err, ERR_SERVER, "no character set");
	buf_addf(&sql, "SELECT CAST(CONVERT(@statement USING %.*s) AS BINARY)",
	         STR_ARG(rows_at(charset, 0)));
	if (query_rows(&rows, run->l->s, sql.data, err) < 0)
		return -1;
	if (!rows_next(rows) || !rows_at(rows, 0).p)
		return error_set(err, ERR_REFUSED,
		                 "statement refused: it runs a text that is not in @statement");
	buf_add(out, rows_at(rows, 0).p, rows_at(rows, 0).n);
	return 0;
}

static int run_variable(struct run *run, bool may_fail, struct error *err)
{
	autobuf sql = BUF_INIT;

	if (read_statement(&sql, run, err) < 0)
		return -1;
	if (run_object(run, &sql, err) == 0)
		return 0;
	if (err->code != ERR_SERVER || !may_fail)
		return -1;
	log_info("%s: %s", run->script->name, err->text);
	error_clear(err);
	return 0;
}

/* ALTER EVENT could enable what was made disabled; the status is what the script says last. */
static bool is_alter_event(struct str sql, const char *sql_mode)
{
	struct lexer l;
	struct token t;

	lexer_init(&l, sql);
	lexer_set_mode(&l, sql_mode);
	t = lexer_next(&l);
	if (!token_is_word(t, "ALTER"))
		return false;
	do
		t = lexer_next(&l);
	while (token_is_word(t, "DEFINER") || token_is(t, '=') || t.kind == TOKEN_VARIABLE ||
	       t.kind == TOKEN_NAME || t.kind == TOKEN_STRING);
	return token_is_word(t, "EVENT");
}

static int run_text(struct run *run, struct buf *sql, bool again, struct error *err)
{
	struct load *l = run->l;
	autobuf rewritten = BUF_INIT;
	const char *reason = "";
	const struct str text = { sql->data, sql->len };
	enum load_action action =
		load_rules_choose(text, run->sql_mode, &rewritten, &l->database, &reason);

	if (action == LOAD_SET)
		return run_setting(run, sql->data, err);
	if (again)
		return 0;
	if (action == LOAD_RUN && is_alter_event(text, run->sql_mode)) {
		action = LOAD_REFUSE;
		reason = "it changes an event; give its CREATE EVENT as it shall be";
	}
	if (action == LOAD_RUN)
		return run_object(run, sql, err);
	if (action == LOAD_LIKE)
		return run_checked(l, sql, err);
	if (action == LOAD_DATABASE)
		return check_and_run(run, &rewritten, err);
	if (action == LOAD_EXECUTE || action == LOAD_ATTEMPT)
		return run_variable(run, action == LOAD_ATTEMPT, err);
	if (action == LOAD_REFUSE)
		return error_set(err, ERR_REFUSED, "statement refused: %s", reason);
	l->counts.rows += action == LOAD_DATA;
	l->counts.ignored += action == LOAD_IGNORE;
	return 0;
}

static int fail_statement(const struct run *run, const struct script_statement *st,
                          struct error *err)
{
	autobuf sql = BUF_INIT;
	autobuf excerpt = BUF_INIT;

	buf_add(&sql, st->sql.p, st->sql.n);
	statement_excerpt(&excerpt, sql.data);
	if (err->code == ERR_SERVER)
		err->code = ERR_INVALID;
	return error_wrap(err, "%s: line %zu: %s", run->script->name, st->line, excerpt.data);
}

static int run_statement(struct run *run, const struct script_statement *st, bool again,
                         struct error *err)
{
	const struct server_info *info = &run->l->s->info;
	autobuf sql = BUF_INIT;

	script_open_comments(&sql, st->sql, info->family, info->version_number, run->sql_mode);
	if (cancel_check(err) < 0)
		return -1;
	return run_text(run, &sql, again, err) < 0 ? fail_statement(run, st, err) : 0;
}

/* Goes on behind what is done; settings of the session are made again. */
static int run_script(struct load *l, const struct load_script *script, struct progress *p,
                      struct error *err)
{
	struct run run = { .l = l, .script = script };
	struct script_statement st;
	int more;

	script_reader_init(&run.reader, script->text);
	if (begin_script(&run, err) < 0)
		return -1;
	while ((more = script_reader_next(&run.reader, &st, err)) > 0) {
		bool again = run.number < p->done;

		if (run_statement(&run, &st, again, err) < 0)
			return -1;
		run.number++;
		if (run.number > p->done)
			p->done = run.number;
	}
	if (more < 0)
		return error_wrap(err, "%s", script->name);
	p->ended = true;
	return 0;
}

/* Only what the server misses may come with another script. */
static bool may_help_to_wait(const struct error *err)
{
	return err->code == ERR_INVALID && err->server_errno != 0;
}

/* Each script as far as it goes. The number of those that went on; -1. */
static int run_pass(struct load *l, const struct load_script *scripts, struct progress *p,
                    size_t count, struct error *err)
{
	int moved = 0;

	for (size_t i = 0; i < count; i++) {
		size_t before = p[i].done;

		if (p[i].ended)
			continue;
		error_clear(&p[i].why);
		if (run_script(l, &scripts[i], &p[i], &p[i].why) < 0 &&
		    !may_help_to_wait(&p[i].why)) {
			*err = p[i].why;
			return -1;
		}
		moved += p[i].ended || p[i].done > before;
	}
	return moved;
}

static int run_scripts(struct load *l, const struct load_script *scripts, size_t count,
                       struct error *err)
{
	autofree struct progress *p = mem_array(count, sizeof(*p));
	int moved;

	do
		moved = run_pass(l, scripts, p, count, err);
	while (moved > 0);
	for (size_t i = 0; i < count && moved == 0; i++) {
		if (p[i].ended)
			continue;
		*err = p[i].why;
		return -1;
	}
	return moved;
}

/* The texts that the server gave of the events, with the status that they shall have. */
static void put_statuses_back(const struct load *l, struct schema *s)
{
	for (size_t i = 0; i < s->count; i++) {
		struct object *o = &s->objects[i];
		const char *status =
			o->kind == OBJECT_EVENT ? map_get(l->events, o->name) : NULL;
		autobuf sql = BUF_INIT;
		struct str was;

		if (status &&
		    event_text_set_status(&sql, o->sql, o->context.sql_mode, status, &was))
			o->sql = arena_str(s->arena, (struct str){ sql.data, sql.len });
	}
}

/* What was made and cannot be seen would count as not wanted. */
static int check_visible(const struct schema *s, struct error *err)
{
	if (s->visible & OBJECT_KIND_BIT(OBJECT_TABLE))
		return 0;
	error_set(err, ERR_DENIED,
	          "the account may not see the tables of the scratch database %s", s->name);
	return error_hint(err, "Grant it on `\\_mss\\_scratch\\_%%`.* what it has on its own "
	                       "database.");
}

static int capture(struct schema **out, struct load *l, struct error *err)
{
	DEFER(schema) *s = NULL;
	int found;

	if (session_normalise(l->s, err) < 0)
		return -1;
	found = capture_schema(&s, l->s, l->scratch, err);
	if (found == 0)
		return error_set(err, ERR_NOT_FOUND, "scratch database %s went away",
		                 l->scratch);
	if (found > 0 && check_visible(s, err) < 0)
		return -1;
	if (found < 0)
		return -1;
	put_statuses_back(l, s);
	*out = take(s);
	return 0;
}

static int load(struct schema **out, struct load *l, const struct load_script *scripts,
                size_t count, struct error *err)
{
	struct error ignored = ERROR_INIT;
	int result = run_scripts(l, scripts, count, err);

	if (result == 0)
		result = capture(out, l, err);
	if (scratch_drop(l->s, l->scratch, &ignored) < 0)
		log_failure(LOG_MODULE, "clean up", &ignored);
	return result;
}

int load_schema(/* NOLINT(readability-function-size): what a load is made of */
                struct schema **out, const struct connection *c,
                const struct load_script *scripts, size_t count, const char *charset,
                const char *collation, struct load_counts *counts, struct error *err)
{
	DEFER(server) *s = NULL;
	DEFER(arena) *arena = arena_new();
	DEFER(map) *events = map_new();
	struct load l = { .arena = arena, .events = events, .database = BUF_INIT };
	int result;

	if (server_open(&s, c, err) < 0)
		return -1;
	l.s = s;
	if (make_scratch(&l, charset, collation, err) < 0)
		return -1;
	result = load(out, &l, scripts, count, err);
	buf_finish(&l.database);
	*counts = l.counts;
	return result;
}
