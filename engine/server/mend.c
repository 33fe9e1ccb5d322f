/* SPDX-License-Identifier: MIT */
#include "engine/server/mend.h"

#include "engine/base/arena.h"
#include "engine/base/buf.h"
#include "engine/base/cleanup.h"
#include "engine/schema/code_text.h"
#include "engine/schema/model.h"
#include "engine/schema/quote.h"
#include "engine/server/query.h"

static void comment_sql(struct buf *sql, const struct schema *s, const struct object *o)
{
	bool event = o->kind == OBJECT_EVENT;

	buf_adds(sql, event ? "SELECT EVENT_COMMENT FROM information_schema.EVENTS WHERE "
	                      "EVENT_SCHEMA = "
	                    : "SELECT ROUTINE_COMMENT FROM information_schema.ROUTINES WHERE "
	                      "ROUTINE_SCHEMA = ");
	quote_string(sql, s->name);
	buf_adds(sql, event ? " AND EVENT_NAME = " : " AND ROUTINE_NAME = ");
	quote_string(sql, o->name);
	if (!event)
		buf_addf(sql, " AND ROUTINE_TYPE = '%s'", object_kind_info(o->kind)->sql);
}

static int mend_object(const struct schema *s, struct object *o, struct server *server,
                       struct error *err)
{
	DEFER(rows) *rows = NULL;
	struct str comment = { NULL, 0 };
	autobuf text = BUF_INIT;
	autobuf sql = BUF_INIT;

	if (code_comment(o).n > 0) {
		comment_sql(&sql, s, o);
		if (query_rows(&rows, server, sql.data, err) < 0)
			return -1;
		if (rows_next(rows))
			comment = rows_at(rows, 0);
	}
	code_mended(&text, o, comment);
	o->sql = arena_str(s->arena, (struct str){ text.data, text.len });
	return 0;
}

int mend_schema(struct schema *s, struct server *server, struct error *err)
{
	for (size_t i = 0; i < s->count; i++) {
		struct object *o = &s->objects[i];

		if (code_is_misprinted(o) && mend_object(s, o, server, err) < 0)
			return -1;
	}
	return 0;
}
