/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "engine/base/cleanup.h"
#include "engine/schema/plan.h"
#include "engine/schema/quote.h"

/*
 * Table definitions are read back without NO_ZERO_DATE, which refuses to touch a
 * table with such a default at all, but strictly: a value that does not fit is an error.
 */
#define STANDARD_MODE      "STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION"
#define STANDARD_CHARSET   "utf8mb4"
#define STANDARD_COLLATION "utf8mb4_general_ci"
#define STANDARD_ZONE      "+00:00"

/* What one server does not know stands in a comment that only the other reads. */
static const char *const standard[] = {
	"SET NAMES " STANDARD_CHARSET " COLLATE " STANDARD_COLLATION,
	"SET SESSION sql_mode = '" STANDARD_MODE "'",
	"SET SESSION time_zone = '" STANDARD_ZONE "'",
	"SET SESSION foreign_key_checks = 1",
	"SET SESSION unique_checks = 1",
	"/*M!100802 SET SESSION explicit_defaults_for_timestamp = 1 */", /* before: read-only */
	"/*M!100000 SET SESSION old_mode = '' */",
	"/*M!100201 SET SESSION check_constraint_checks = 1 */",
	"/*M!100304 SET SESSION system_versioning_alter_history = KEEP */",
	"/*M!100000 SET SESSION innodb_strict_mode = 0 */",
	"/*!80030 SET SESSION sql_generate_invisible_primary_key = 0 */",
	"/*!80400 SET SESSION restrict_fk_on_non_standard_key = 0 */",
};

int plan_session_begin(plan_set_fn *set, void *arg, struct error *err)
{
	for (size_t i = 0; i < ARRAY_SIZE(standard); i++) {
		if (set(arg, standard[i], err) < 0)
			return -1;
	}
	return 0;
}

/* What of a session a step decides. */
struct state {
	const char *sql_mode;
	const char *charset;
	const char *collation;
	const char *zone;
	const char *timestamp;
	bool foreign_key_checks_off;
};

static const char *or_standard(const char *value, const char *standard_value)
{
	return value ? value : standard_value;
}

static struct state state_of(const struct plan_step *s)
{
	struct state st = { STANDARD_MODE, STANDARD_CHARSET, STANDARD_COLLATION,
		            STANDARD_ZONE, "DEFAULT",        false };

	if (!s)
		return st;
	st.sql_mode = or_standard(s->context.sql_mode, st.sql_mode);
	st.charset = or_standard(s->context.client_charset, st.charset);
	st.collation = or_standard(s->context.connection_collation, st.collation);
	st.zone = or_standard(s->context.time_zone, st.zone);
	st.timestamp = or_standard(s->timestamp, st.timestamp);
	st.foreign_key_checks_off = s->foreign_key_checks_off;
	return st;
}

static int set_text(plan_set_fn *set, void *arg, const char *name, const char *value,
                    struct error *err)
{
	autobuf sql = BUF_INIT;

	buf_addf(&sql, "SET SESSION %s = ", name);
	quote_string(&sql, value);
	return set(arg, sql.data, err);
}

static int set_timestamp(plan_set_fn *set, void *arg, const char *value, struct error *err)
{
	autobuf sql = BUF_INIT;

	buf_addf(&sql, "SET SESSION timestamp = %s", value);
	return set(arg, sql.data, err);
}

/* The expression is evaluated in the step's time zone, so that one comes first. */
static int change_state(const struct state *a, const struct state *b, plan_set_fn *set,
                        void *arg, struct error *err)
{
	const struct {
		const char *name;
		const char *from;
		const char *to;
	} texts[] = {
		{ "sql_mode", a->sql_mode, b->sql_mode },
		{ "character_set_client", a->charset, b->charset },
		{ "collation_connection", a->collation, b->collation },
		{ "time_zone", a->zone, b->zone },
	};

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		if (strcmp(texts[i].from, texts[i].to) != 0 &&
		    set_text(set, arg, texts[i].name, texts[i].to, err) < 0)
			return -1;
	}
	if (a->foreign_key_checks_off != b->foreign_key_checks_off &&
	    set(arg,
	        b->foreign_key_checks_off ? "SET SESSION foreign_key_checks = 0"
	                                  : "SET SESSION foreign_key_checks = 1",
	        err) < 0)
		return -1;
	if (strcmp(a->timestamp, b->timestamp) != 0)
		return set_timestamp(set, arg, b->timestamp, err);
	return 0;
}

int plan_session_step(const struct plan_step *previous, const struct plan_step *step,
                      plan_set_fn *set, void *arg, struct error *err)
{
	struct state before = state_of(previous);
	struct state now = state_of(step);
	struct state standard_time = before;

	/* "Not before now" asks for the true time, which another step's fake one would hide. */
	if (strcmp(before.timestamp, "DEFAULT") != 0 &&
	    strcmp(before.timestamp, now.timestamp) != 0) {
		if (set_timestamp(set, arg, "DEFAULT", err) < 0)
			return -1;
		standard_time.timestamp = "DEFAULT";
	}
	return change_state(&standard_time, &now, set, arg, err);
}

int plan_session_end(const struct plan_step *last, plan_set_fn *set, void *arg,
                     struct error *err)
{
	struct state before = state_of(last);
	struct state after = state_of(NULL);

	return change_state(&before, &after, set, arg, err);
}
