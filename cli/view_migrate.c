/* SPDX-License-Identifier: MIT */
/* view_migrate: how migrations are shown to programs. */
#include <ctype.h>
#include <string.h>

#include "cli/view.h"
#include "engine/base/buf.h"
#include "engine/base/json.h"
#include "engine/repo/migrate.h"
#include "engine/schema/model.h"

/* "CREATE_TABLE" is add_table to tools of before; the others are said in small letters. */
static void add_type(struct buf *out, const char *type)
{
	static const struct {
		const char *type, *name;
	} known[] = {
		{ "CREATE_TABLE", "add_table" },
		{ "ALTER_TABLE", "modify_table" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(known); i++) {
		if (strcmp(type, known[i].type) == 0) {
			buf_adds(out, known[i].name);
			return;
		}
	}
	for (; *type; type++)
		buf_addc(out, (char)tolower((unsigned char)*type));
}

static struct json *changes(const struct plan *p)
{
	struct json *a = json_array();

	for (size_t i = 0; i < p->count; i++) {
		const struct plan_step *s = &p->steps[i];
		struct json *o = json_object();
		autobuf type = BUF_INIT;

		add_type(&type, s->type);
		json_set_str(o, "type", type.data);
		json_set_str(o, "object", s->name);
		json_set_str(o, "description", s->description);
		json_set_str(o, "impact", plan_risk_name(s->risk));
		json_set_str(o, "sql", s->sql);
		json_append(a, o);
	}
	return a;
}

/* Seen from the live schema: what it lacks is added. */
static struct json *summary(const struct rollback *run)
{
	int64_t tables[] = { 0, 0, 0 }, destructive = 0;
	struct json *o = json_object();

	for (size_t i = 0; i < run->diff->count; i++) {
		if (run->diff->changes[i].object_kind == OBJECT_TABLE)
			tables[run->diff->changes[i].kind]++;
	}
	for (size_t i = 0; i < run->plan->count; i++)
		destructive += run->plan->steps[i].risk == PLAN_RISK_LOSS;
	json_set_int(o, "total_changes", (int64_t)view_difference_count(run->diff));
	json_set_int(o, "total_statements", (int64_t)run->plan->count);
	json_set_int(o, "destructive_count", destructive);
	json_set_int(o, "tables_added", tables[CHANGE_MISSING]);
	json_set_int(o, "tables_removed", tables[CHANGE_EXTRA]);
	json_set_int(o, "tables_modified", tables[CHANGE_CHANGED]);
	return o;
}

struct json *view_migration(const struct migration *m, const struct rollback_result *r)
{
	struct json *v = view_plan(m->run);
	const char *backup = r && r->safety_backup[0] ? r->safety_backup : NULL;
	autobuf back = BUF_INIT;

	if (backup)
		buf_addf(&back, "mysql-schema-sync rollback execute --backup-id %s", backup);
	json_set_str(v, "source", m->source);
	json_set_str(v, "plan_hash", m->plan_hash);
	json_set(v, "summary", summary(m->run));
	json_set(v, "changes", changes(m->run->plan));
	json_set_int(v, "steps", r ? (int64_t)r->steps : (int64_t)m->run->plan->count);
	json_set_int(v, "steps_done", r ? (int64_t)r->steps_done : 0);
	if (r)
		json_set_bool(v, "equal", r->equal);
	json_set_str(v, "pre_migration_backup_id", backup);
	json_set_str(v, "rollback_command", backup ? back.data : NULL);
	return v;
}
