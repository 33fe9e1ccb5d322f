/* SPDX-License-Identifier: MIT */
/*
 * What was measured, on MariaDB 10.11 and MySQL 9.7, and decides what is exact:
 *
 * - InnoDB in MariaDB: CREATE_TIME is the ctime of the .frm file. Every ALTER (instant ones
 *   too), RENAME and change of partitions moves it, whatever the session's clock says.
 * - Other engines in MariaDB, and sequences: an ALTER that copies no rows leaves CREATE_TIME
 *   alone (MyISAM, Aria, CSV, MEMORY: comment, default, name of a column).
 * - MySQL: CREATE_TIME is when the ALTER began, by the session's clock (SET timestamp).
 * - LAST_ALTERED of routines and events is by the session's clock, on a replica by the
 *   source's: nothing is made of it, their definitions are hashed.
 * - I_S.TRIGGERS by TRIGGER_SCHEMA opens every table of every database and waits for locks
 *   there; by EVENT_OBJECT_SCHEMA it opens those of one database.
 * - CONCAT_WS leaves NULLs out; QUOTE makes the word NULL of them.
 */
#include "engine/server/listing_sql.h"

#include "engine/base/buf.h"
#include "engine/base/cleanup.h"
#include "engine/schema/quote.h"

/* clang-format off */
#define HASH(columns) "SHA2(CONCAT_WS(',', " columns "), 256) AS h, "
#define NO_TRIGGER    "'' AS a, '' AS b, '' AS c, 0 AS o"

#define CLIENT "QUOTE(CHARACTER_SET_CLIENT), QUOTE(COLLATION_CONNECTION)"
#define STORED "QUOTE(DEFINER), QUOTE(SQL_MODE), " CLIENT ", QUOTE(DATABASE_COLLATION)"

/* MariaDB reads the directory for this, and one file per table for its type. */
#define TABLES \
	"SELECT 'BASE TABLE' AS k, TABLE_NAME AS n, '' AS h, NULL AS t, 0 AS x, " NO_TRIGGER \
	" FROM information_schema.TABLES"

#define TYPES \
	"SELECT TABLE_TYPE AS k, TABLE_NAME AS n, '' AS h, NULL AS t, 0 AS x, " NO_TRIGGER \
	" FROM information_schema.TABLES"

#define COUNTED(trigger) \
	"SELECT TABLE_TYPE AS k, TABLE_NAME AS n, " \
	HASH("QUOTE(TABLE_TYPE), QUOTE(TABLE_NAME), QUOTE(ENGINE), QUOTE(CREATE_TIME)") \
	"IF(ENGINE = 'InnoDB' AND TABLE_TYPE <> 'SEQUENCE', CREATE_TIME, NULL) AS t, " \
	"TABLE_TYPE = 'VIEW' AS x, " trigger " FROM information_schema.TABLES"

#define TIMES COUNTED(NO_TRIGGER)

/* For each view, besides what TABLES and TIMES say of it. */
#define VIEWS(more, exact) \
	"SELECT 'VIEW DEFINITION' AS k, TABLE_NAME AS n, " \
	HASH("'VIEW', QUOTE(TABLE_NAME), QUOTE(VIEW_DEFINITION), QUOTE(CHECK_OPTION), " \
	     "QUOTE(DEFINER), QUOTE(SECURITY_TYPE), " CLIENT more) \
	"NULL AS t, " exact " AS x, " NO_TRIGGER " FROM information_schema.VIEWS"

#define TRIGGERS \
	"SELECT 'TRIGGER' AS k, TRIGGER_NAME AS n, " \
	HASH("'TRIGGER', QUOTE(TRIGGER_NAME), QUOTE(EVENT_OBJECT_TABLE), " \
	     "QUOTE(ACTION_TIMING), QUOTE(EVENT_MANIPULATION), QUOTE(ACTION_ORDER), " \
	     "QUOTE(ACTION_STATEMENT), QUOTE(CREATED), " STORED) \
	"NULL AS t, 1 AS x, EVENT_OBJECT_TABLE AS a, ACTION_TIMING AS b, " \
	"EVENT_MANIPULATION AS c, ACTION_ORDER AS o FROM information_schema.TRIGGERS"

/* With their parameters, which have a source of their own. */
#define ROUTINES \
	"SELECT ROUTINE_TYPE AS k, ROUTINE_NAME AS n, " \
	HASH("QUOTE(ROUTINE_TYPE), QUOTE(ROUTINE_NAME), QUOTE(ROUTINE_DEFINITION), " \
	     "QUOTE(DTD_IDENTIFIER), QUOTE(IS_DETERMINISTIC), QUOTE(SQL_DATA_ACCESS), " \
	     "QUOTE(SECURITY_TYPE), QUOTE(ROUTINE_COMMENT), QUOTE(LAST_ALTERED), " STORED) \
	"NULL AS t, 1 AS x, " NO_TRIGGER " FROM information_schema.ROUTINES"

#define EVENTS \
	"SELECT 'EVENT' AS k, EVENT_NAME AS n, " \
	HASH("'EVENT', QUOTE(EVENT_NAME), QUOTE(EVENT_DEFINITION), QUOTE(EVENT_TYPE), " \
	     "QUOTE(EXECUTE_AT), QUOTE(INTERVAL_VALUE), QUOTE(INTERVAL_FIELD), QUOTE(STARTS), " \
	     "QUOTE(ENDS), QUOTE(STATUS), QUOTE(ON_COMPLETION), QUOTE(EVENT_COMMENT), " \
	     "QUOTE(TIME_ZONE), QUOTE(LAST_ALTERED), " STORED) \
	"NULL AS t, 1 AS x, " NO_TRIGGER " FROM information_schema.EVENTS"

#define PARAMETERS \
	"SELECT 'PARAMETER' AS k, SPECIFIC_NAME AS n, " \
	HASH("'PARAMETER', QUOTE(ROUTINE_TYPE), QUOTE(SPECIFIC_NAME), " \
	     "QUOTE(ORDINAL_POSITION), QUOTE(PARAMETER_MODE), QUOTE(PARAMETER_NAME), " \
	     "QUOTE(DTD_IDENTIFIER)") \
	"NULL AS t, 1 AS x, " NO_TRIGGER " FROM information_schema.PARAMETERS"

struct source {
	const char *select;
	const char *schema; /* the column with the database's name */
};

static const struct source sources[][LISTING_SOURCE_COUNT] = {
	[SERVER_MARIADB] = {
		[LISTING_TABLES] = { TABLES, "TABLE_SCHEMA" },
		[LISTING_TIMES] = { TIMES, "TABLE_SCHEMA" },
		[LISTING_TRIGGERS] = { TRIGGERS, "EVENT_OBJECT_SCHEMA" },
		[LISTING_ROUTINES] = { ROUTINES, "ROUTINE_SCHEMA" },
		[LISTING_EVENTS] = { EVENTS, "EVENT_SCHEMA" },
		[LISTING_VIEWS] = { VIEWS(", QUOTE(ALGORITHM)", "1"), "TABLE_SCHEMA" },
		[LISTING_PARAMETERS] = { PARAMETERS, "SPECIFIC_SCHEMA" },
	},
	[SERVER_MYSQL] = {
		[LISTING_TABLES] = { TABLES, "TABLE_SCHEMA" },
		[LISTING_TIMES] = { TYPES, "TABLE_SCHEMA" }, /* its times are not true */
		[LISTING_TRIGGERS] = { TRIGGERS, "EVENT_OBJECT_SCHEMA" },
		[LISTING_ROUTINES] = { ROUTINES, "ROUTINE_SCHEMA" },
		[LISTING_EVENTS] = { EVENTS, "EVENT_SCHEMA" },
		[LISTING_VIEWS] = { VIEWS("", "0"), "TABLE_SCHEMA" }, /* it hides ALGORITHM */
		[LISTING_PARAMETERS] = { PARAMETERS, "SPECIFIC_SCHEMA" },
	},
};
/* clang-format on */

void listing_sql_is(struct buf *sql, const char *column, const char *name)
{
	autobuf text = BUF_INIT;

	quote_string(&text, name);
	/* The plain comparison is what makes the server look at one database only. */
	buf_addf(sql, "%s = %s AND CAST(%s AS BINARY) = CAST(%s AS BINARY)", column, text.data,
	         column, text.data);
}

void listing_sql_counted(struct buf *sql, enum server_family family, const char *database)
{
	static const char counted[] =
		COUNTED("'' AS a, '' AS b, '' AS c, COALESCE(AUTO_INCREMENT, 0) AS o");

	if (family != SERVER_MARIADB) { /* whose counters are as stale as its times */
		listing_sql(sql, LISTING_TIMES, family, database);
		return;
	}
	buf_addf(sql, "%s WHERE ", counted);
	listing_sql_is(sql, "TABLE_SCHEMA", database);
}

void listing_sql(struct buf *sql, enum listing_source source, enum server_family family,
                 const char *database)
{
	const struct source *from = &sources[family][source];

	buf_addf(sql, "%s WHERE ", from->select);
	listing_sql_is(sql, from->schema, database);
}
