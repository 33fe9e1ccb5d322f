/* SPDX-License-Identifier: MIT */
#include "engine/server/session.h"

#include <ctype.h>
#include <mysql.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/buf.h"
#include "engine/base/cleanup.h"
#include "engine/base/error.h"
#include "engine/base/log.h"
#include "engine/server/query.h"

#define LOG_MODULE "server/session"

/*
 * Session variables that change what is read, or how much of it. Those that a
 * server does not know are left out; those that are right already are not set.
 */
static const struct setting {
	const char *name;
	const char *shown; /* as SHOW VARIABLES prints the value that we want */
	const char *sql;   /* the value for SET */
} settings[] = {
	{ "autocommit", "ON", "1" },
	/* What SHOW CREATE prints. */
	{ "sql_mode", "", "''" },
	{ "old_mode", "", "''" },
	{ "sql_quote_show_create", "ON", "1" },
	{ "show_create_table_skip_secondary_engine", "OFF", "0" },
	{ "show_create_table_verbosity", "OFF", "0" },
	{ "show_gipk_in_create_table_and_information_schema", "ON", "1" },
	{ "show_old_temporals", "OFF", "0" },
	/* TIMESTAMP literals in partitions are printed in the session's zone. */
	{ "time_zone", "+00:00", "'+00:00'" },
	/* A table that is being altered blocks us; the default is a day. */
	{ "lock_wait_timeout", "30", "30" },
};

/*
 * What a session is told before it is asked anything. A limit that somebody has set for all
 * sessions would look like a smaller schema, and cuts SHOW VARIABLES off too. Comments: for
 * what only MariaDB, only MySQL knows.
 */
static const char *const first[] = {
	"SET NAMES utf8mb4",
	"SET SESSION sql_select_limit = 18446744073709551615",
	"/*M!100101 SET SESSION max_statement_time = 0 */",
	"/*M!100000 SET SESSION max_error_count = 65535 */", /* listing.c looks through warnings
	                                                      */
	"/*!50708 SET SESSION max_execution_time = 0 */",
};

static const char info_sql[] =
	"SELECT @@version, @@lower_case_table_names, CURRENT_USER(), @@read_only";

char session_initial(const char *message)
{
	if (!message[0] || !islower((unsigned char)message[1]))
		return message[0];
	return (char)tolower((unsigned char)message[0]);
}

/* What the batch of the first round trip finds. */
struct greeting {
	struct server *s;
	const struct setting *wrong[ARRAY_SIZE(settings)];
	size_t count;
};

static void variables_sql(struct buf *sql)
{
	buf_adds(sql, "SHOW SESSION VARIABLES WHERE Variable_name IN (");
	for (size_t i = 0; i < ARRAY_SIZE(settings); i++)
		buf_addf(sql, "%s'%s'", i ? ", " : "", settings[i].name);
	buf_addc(sql, ')');
}

static void take_variable(struct greeting *g, struct str name, struct str value)
{
	for (size_t i = 0; i < ARRAY_SIZE(settings); i++)
		if (str_is_nocase(name, settings[i].name) && !str_is(value, settings[i].shown))
			g->wrong[g->count++] = &settings[i];
}

static void copy_text(char *out, size_t size, struct str text)
{
	snprintf(out, size, "%.*s", STR_ARG(text));
}

/* "10.11.19-MariaDB" is 101119. */
static unsigned int version_number(const char *text)
{
	unsigned long number = 0;

	for (int i = 0; i < 3; i++) {
		char *end;
		unsigned long part = strtoul(text, &end, 10);

		number = number * 100 + part % 100;
		text = *end == '.' ? end + 1 : end;
	}
	return (unsigned int)number;
}

static void take_info(struct server *s, struct rows *r)
{
	struct server_info *info = &s->info;

	if (!rows_next(r))
		return;
	copy_text(info->version, sizeof(info->version), rows_at(r, 0));
	info->version_number = version_number(info->version);
	info->family = strstr(info->version, "MariaDB") || mariadb_connection(s->mysql)
	                       ? SERVER_MARIADB
	                       : SERVER_MYSQL;
	info->lower_case_table_names = str_is(rows_at(r, 1), "0")   ? 0
	                               : str_is(rows_at(r, 1), "1") ? 1
	                                                            : 2;
	copy_text(info->account, sizeof(info->account), rows_at(r, 2));
	/* A number, or from MariaDB 11.7 on a word. */
	info->read_only = !str_is(rows_at(r, 3), "0") && !str_is_nocase(rows_at(r, 3), "OFF");
}

enum greeting_step {
	GREETING_FIRST,
	GREETING_VARIABLES = GREETING_FIRST + ARRAY_SIZE(first),
	GREETING_INFO,
	GREETING_COUNT,
};

static void greeting_text(void *arg, size_t i, struct buf *sql)
{
	(void)arg;
	if (i < GREETING_VARIABLES)
		buf_adds(sql, first[i]);
	else if (i == GREETING_VARIABLES)
		variables_sql(sql);
	else
		buf_adds(sql, info_sql);
}

static int greeting_reply(void *arg, size_t i, struct rows **rows, const struct error *why,
                          struct error *err)
{
	struct greeting *g = arg;

	if (!*rows) {
		*err = *why;
		return -1;
	}
	if (i == GREETING_INFO)
		take_info(g->s, *rows);
	while (i == GREETING_VARIABLES && g->count < ARRAY_SIZE(settings) && rows_next(*rows))
		take_variable(g, rows_at(*rows, 0), rows_at(*rows, 1));
	return 0;
}

static void setting_text(void *arg, size_t i, struct buf *sql)
{
	const struct greeting *g = arg;

	buf_addf(sql, "SET SESSION %s = %s", g->wrong[i]->name, g->wrong[i]->sql);
}

/* Some of MySQL's variables are for administrators only: then theirs is the choice. */
static int setting_reply(void *arg, size_t i, struct rows **rows, const struct error *why,
                         struct error *err)
{
	const struct greeting *g = arg;

	if (*rows)
		return 0;
	if (why->code != ERR_DENIED) {
		*err = *why;
		return -1;
	}
	log_warn("%s stays as the server has it: %s", g->wrong[i]->name, why->text);
	return 0;
}

int session_normalise(struct server *s, struct error *err)
{
	struct greeting g = { .s = s };
	struct batch batch = {
		.count = GREETING_COUNT,
		.text = greeting_text,
		.reply = greeting_reply,
		.arg = &g,
	};

	if (query_batch(s, &batch, err) < 0)
		return error_wrap(err, "prepare the session");
	batch = (struct batch){
		.count = g.count, .text = setting_text, .reply = setting_reply, .arg = &g
	};
	if (query_batch(s, &batch, err) < 0)
		return error_wrap(err, "prepare the session");
	return 0;
}
