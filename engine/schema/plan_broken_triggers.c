/* SPDX-License-Identifier: MIT */
/*
 * A trigger whose table has lost a column cannot be created, but it can be there
 * and must come back. So its table gets the column for that moment.
 */
#include <strings.h>

#include "engine/base/arena.h"
#include "engine/schema/lexer.h"
#include "engine/schema/list.h"
#include "engine/schema/planner.h"
#include "engine/schema/quote.h"
#include "engine/schema/table.h"

static bool has_name(const struct list *names, const char *name)
{
	const char *const *items = names->items;

	for (size_t i = 0; i < names->count; i++) {
		if (strcasecmp(items[i], name) == 0)
			return true;
	}
	return false;
}

static void take_column(struct planner *p, const struct table *table, struct token t,
                        struct list *missing)
{
	autobuf name = BUF_INIT;

	if (t.kind != TOKEN_NAME && t.kind != TOKEN_WORD)
		return;
	token_name(&name, t);
	if (!table_column(table, name.data) && !has_name(missing, name.data))
		*(const char **)list_add(missing) = arena_strdup(p->work, name.data);
}

/* The columns behind NEW and OLD that the table has not. */
static void find_missing(struct planner *p, const struct object *trigger,
                         const struct table *table, struct list *missing)
{
	struct lexer l;
	struct token t;

	object_lexer(&l, trigger);
	while ((t = lexer_next(&l)).kind != TOKEN_END) {
		if (!token_is_word(t, "NEW") && !token_is_word(t, "OLD"))
			continue;
		if (!token_is(lexer_peek(&l), '.'))
			continue;
		lexer_next(&l);
		take_column(p, table, lexer_peek(&l), missing);
	}
}

static void change_columns(struct planner *p, const char *table, const struct list *names,
                           bool add)
{
	autoalter x = ALTER_INIT;

	for (size_t i = 0; i < names->count; i++) {
		const char *name = ((const char *const *)names->items)[i];
		struct buf *sql = alter_clause(&x);

		buf_adds(sql, add ? "ADD COLUMN " : "DROP COLUMN ");
		quote_name(sql, name);
		if (add)
			buf_adds(sql, " INT");
		alter_say(&x, "%s column %s", add ? "lend" : "take back", name);
	}
	alter_step(p, &x, PHASE_TRIGGERS, "ALTER_TABLE", table);
}

void plan_create_trigger(struct planner *p, const struct object *trigger)
{
	const struct object *table =
		trigger->table ? schema_find(p->to, OBJECT_TABLE, trigger->table) : NULL;
	struct list missing = { .size = sizeof(const char *) };

	if (table && table->parsed)
		find_missing(p, trigger, table->parsed, &missing);
	change_columns(p, trigger->table, &missing, true);
	plan_create_code(p, PHASE_TRIGGERS, trigger, false);
	change_columns(p, trigger->table, &missing, false);
	if (missing.count > 0)
		planner_warn(p,
		             "WARNING: table %s gets columns for a moment, since trigger %s is "
		             "broken without them",
		             trigger->table, trigger->name);
	list_finish(&missing);
}
