/* SPDX-License-Identifier: MIT */
/*
 * Why this is enough. Take a statement D whose change becomes visible between
 * begin and end. If it was counted after begin had read the counters, the
 * counters differ at the end. If it was counted before, its text stood in the
 * process list before that and stands there until D is done: begin reads the list
 * after the counters, and sees it.
 *
 * Not seen: partitions that MariaDB adds by itself (PARTITION BY SYSTEM_TIME ...
 * AUTO), and rows of the system tables changed by hand.
 */
#include "engine/server/quiet.h"

#include <stdlib.h>

#include "engine/base/cleanup.h"
#include "engine/base/error.h"
#include "engine/schema/lexer.h"
#include "engine/server/query.h"

static const char counters_sql[] = "SHOW GLOBAL STATUS LIKE 'Com\\_%'";
static const char processes_sql[] = "SHOW PROCESSLIST";

bool quiet_is_counter(struct str name)
{
	static const char *const prefixes[] = {
		"Com_alter_", "Com_create_", "Com_drop_",  "Com_rename_",  "Com_grant",
		"Com_revoke", "Com_flush",   "Com_import", "Com_install_", "Com_uninstall_",
	};

	if (str_has_suffix(name, "_temporary_table"))
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(prefixes); i++)
		if (str_has_prefix(name, prefixes[i]))
			return true;
	return false;
}

bool quiet_is_harmless(struct str statement)
{
	static const char *const words[] = { "SELECT", "INSERT",    "UPDATE",   "DELETE",
		                             "SHOW",   "REPLACE",   "SET",      "COMMIT",
		                             "BEGIN",  "ROLLBACK",  "USE",      "KILL",
		                             "DO",     "SAVEPOINT", "DESCRIBE", "EXPLAIN",
		                             "WITH" };
	struct lexer l;
	struct token t;

	lexer_init(&l, statement);
	t = lexer_next(&l);
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (token_is_word(t, words[i]))
			return true;
	return false;
}

static uint64_t sum_counters(struct rows *r)
{
	uint64_t sum = 0;

	while (rows_next(r)) {
		struct str value = rows_at(r, 1);

		if (value.p && quiet_is_counter(rows_at(r, 0)))
			sum += strtoull(value.p, NULL, 10);
	}
	return sum;
}

static bool any_may_change(struct rows *r)
{
	while (rows_next(r)) {
		struct str info = rows_named(r, "Info");

		if (info.p && !quiet_is_harmless(info))
			return true;
	}
	return false;
}

/* The two statements in the order that matters. */
static void begin_text(void *arg, size_t i, struct buf *sql)
{
	(void)arg;
	buf_adds(sql, i == 0 ? counters_sql : processes_sql);
}

static int begin_reply(void *arg, size_t i, struct rows **rows, const struct error *why,
                       struct error *err)
{
	struct quiet *q = arg;

	if (!*rows) {
		*err = *why;
		return -1;
	}
	if (i == 0)
		q->statements = sum_counters(*rows);
	else
		q->running = any_may_change(*rows);
	return 0;
}

int quiet_begin(struct quiet *q, struct server *s, struct error *err)
{
	const struct batch batch = {
		.count = 2,
		.text = begin_text,
		.reply = begin_reply,
		.arg = q,
	};

	return query_batch(s, &batch, err);
}

int quiet_is_still(const struct quiet *q, struct server *s, struct error *err)
{
	DEFER(rows) *r = NULL;

	if (q->running)
		return 0;
	if (query_rows(&r, s, counters_sql, err) < 0)
		return -1;
	return sum_counters(r) == q->statements;
}
