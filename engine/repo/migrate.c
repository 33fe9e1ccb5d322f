/* SPDX-License-Identifier: MIT */
#include "engine/repo/migrate.h"

#include <string.h>

#include "engine/base/buf.h"
#include "engine/base/clock.h"
#include "engine/base/error.h"
#include "engine/base/json.h"
#include "engine/base/mem.h"
#include "engine/codec/digest.h"
#include "engine/config/config.h"
#include "engine/config/connection.h"
#include "engine/repo/guard.h"
#include "engine/repo/internal.h"
#include "engine/schema/model.h"

#define TYPE     "pre-migration"
#define HASH_TAG "migration_plan_hash"

void migrate_close(struct migration *m)
{
	if (!m)
		return;
	rollback_close(m->run);
	free(m->source);
	free(m);
}

/* The source must not be changed because nobody said what the target is. */
static int check_target(const struct repo *r, const struct wanted_spec *wanted,
                        struct error *err)
{
	if (wanted->kind != WANTED_SOURCE || connection_has_target(r->config))
		return 0;
	error_set(err, ERR_CONFIG, "no target server in the configuration");
	return error_hint(err, "Give target.host, target.username and target.database, or "
	                       "--target-host, --target-user and --target-db.");
}

static void hash_plan(char out[65], const struct plan *p)
{
	struct digest_state *d = digest_begin();
	struct digest sum;

	for (size_t i = 0; i < p->count; i++)
		digest_update(d, p->steps[i].sql, strlen(p->steps[i].sql) + 1);
	digest_end(d, &sum);
	digest_hex(out, &sum);
}

/* The members that tools of before expect; the backup that holds it is the one before. */
static char *context(const struct migration *m)
{
	DEFER(json) *o = json_object();
	char now[CLOCK_TEXT_MAX];
	autobuf text = BUF_INIT;

	clock_format_utc(now, clock_now());
	json_set_str(o, "plan_hash", m->plan_hash);
	json_set_str(o, "source_schema", m->source);
	json_set_str(o, "pre_migration_id", "");
	json_set_str(o, "migration_time", now);
	json_set_str(o, "tool_version", REPO_TOOL_VERSION);
	json_write(&text, o, 0);
	return buf_take(&text);
}

/* Configured tags; type and hash are ours. */
static void add_tags(struct rollback *run, const struct config *c, const char *hash)
{
	size_t count = config_map_count(c, "migration.backup_tags");

	run->safety_tags = mem_array(count + 1, sizeof(*run->safety_tags));
	for (size_t i = 0; i < count; i++) {
		const char *value = NULL;
		const char *key = config_map_at(c, "migration.backup_tags", i, &value);

		if (strcmp(key, "type") == 0 || strcmp(key, HASH_TAG) == 0)
			continue;
		run->safety_tags[run->safety_tag_count++] =
			(struct backup_tag){ mem_strdup(key), mem_strdup(value) };
	}
	run->safety_tags[run->safety_tag_count++] =
		(struct backup_tag){ mem_strdup(HASH_TAG), mem_strdup(hash) };
}

static int open_run(struct migration *m, struct repo *r, struct wanted *w,
                    const struct rollback_options *how, const char *again, struct error *err)
{
	const struct rollback_goal goal = {
		.wanted = take(w->schema),
		.name = w->title,
		.verb = "migrate",
		.again = again,
		.safety_type = TYPE,
		.origin = w->backup ? w->backup->origin : NULL,
	};

	if (rollback_open_goal(&m->run, r, &goal, how, err) < 0)
		return -1;
	hash_plan(m->plan_hash, m->run->plan);
	m->run->migration = context(m);
	m->run->safety_description =
		mem_strdup(config_text(r->config, "migration.backup_description"));
	add_tags(m->run, r->config, m->plan_hash);
	return 0;
}

int migrate_open(struct migration **out, struct repo *r, const struct wanted_spec *wanted,
                 const struct rollback_options *how, const char *again, struct error *err)
{
	DEFER(migration) *m = mem_alloc(sizeof(*m));
	struct rollback_options filled = *how;
	struct wanted_spec spec = *wanted;
	DEFER(schema) *like = NULL;
	DEFER(wanted) *w = NULL;

	if (check_target(r, wanted, err) < 0 ||
	    repo_database(&filled.database, r, how->database, err) < 0)
		return -1;
	if (spec.kind == WANTED_FILE && repo_live(&like, r, filled.database, err) < 0)
		return -1;
	spec.like = like;
	if (wanted_open(&w, r, &spec, err) < 0)
		return -1;
	if (!w->schema)
		return error_set(err, ERR_NOT_FOUND, "unknown database: %s", w->database);
	if (w->backup && guard_source(r, w->backup, err) < 0)
		return -1;
	m->source = mem_strdup(w->title);
	m->rows_left_out = w->rows_left_out;
	if (open_run(m, r, w, &filled, again, err) < 0)
		return -1;
	*out = take(m);
	return 0;
}
