/* SPDX-License-Identifier: MIT */
#include "engine/repo/recovery.h"

#include <stdlib.h>
#include <string.h>

#include "catalog/catalog.h"
#include "engine/base/error.h"
#include "engine/base/log.h"
#include "engine/base/mem.h"
#include "engine/repo/internal.h"
#include "engine/server/server.h"

#define LOG_MODULE "repo/recovery"

const char *recovery_state_name(enum recovery_state s)
{
	static const char *const names[] = {
		[RECOVERY_COMPLETED] = "completed",
		[RECOVERY_FAILED] = "failed",
		[RECOVERY_RUNNING] = "running",
		[RECOVERY_INTERRUPTED] = "interrupted",
	};

	return names[s];
}

void recovery_close(struct recovery *rc)
{
	if (!rc)
		return;
	for (size_t i = 0; i < rc->count; i++) {
		free(rc->steps[i].type);
		free(rc->steps[i].object);
		free(rc->steps[i].sql);
		free(rc->steps[i].status);
		free(rc->steps[i].error);
	}
	free(rc->steps);
	free(rc->backup_id);
	free(rc->database);
	free(rc->error);
	free(rc->safety_backup);
	free(rc);
}

static int take_operation(void *arg, const struct catalog_operation *o, struct error *err)
{
	struct recovery *rc = arg;

	(void)err;
	rc->backup_id = mem_strdup(o->backup_id);
	rc->database = mem_strdup(o->database);
	rc->error = mem_strdup(o->error);
	rc->started_at = o->started_at;
	rc->state = strcmp(o->status, "completed") == 0 ? RECOVERY_COMPLETED
	            : strcmp(o->status, "failed") == 0  ? RECOVERY_FAILED
	                                                : RECOVERY_INTERRUPTED;
	return 0;
}

static int take_step(void *arg, const struct catalog_step *s, struct error *err)
{
	struct recovery *rc = arg;

	(void)err;
	MEM_GROW(rc->steps, rc->count, rc->capacity);
	rc->steps[rc->count++] = (struct recovery_step){
		.type = mem_strdup(s->type),
		.object = mem_strdup(s->object),
		.sql = mem_strdup(s->sql),
		.status = mem_strdup(s->status),
		.error = mem_strdup(s->error),
	};
	return 0;
}

bool recovery_step_stopped(const struct recovery_step *s)
{
	return strcmp(s->status, "done") != 0 && strcmp(s->status, "pending") != 0;
}

static void find_stop(struct recovery *rc)
{
	rc->stopped_at = rc->count;
	for (size_t i = 0; i < rc->count; i++) {
		if (strcmp(rc->steps[i].status, "done") == 0)
			rc->done++;
		else if (recovery_step_stopped(&rc->steps[i]) && rc->stopped_at == rc->count)
			rc->stopped_at = i;
	}
}

/* A run that did not say how it ended may be going on. */
static void ask_server(struct recovery *rc, struct repo *r)
{
	struct error why = ERROR_INIT;
	struct server *s;
	int locked;

	if (rc->state != RECOVERY_INTERRUPTED)
		return;
	locked = repo_server(&s, r, &why) < 0 ? -1 : server_is_locked(s, rc->database, &why);
	if (locked > 0)
		rc->state = RECOVERY_RUNNING;
	if (locked < 0)
		log_info("whether it is running still is not known: %s", why.text);
}

static int take_safety(void *arg, const struct backup *b, struct error *err)
{
	struct recovery *rc = arg;

	(void)err;
	free(rc->safety_backup);
	rc->safety_backup = mem_strdup(b->id);
	return 0;
}

int recovery_open(struct recovery **out, struct repo *r, const char *backup_id,
                  struct error *err)
{
	DEFER(recovery) *rc = mem_alloc(sizeof(*rc));
	struct catalog_filter filter = {
		.tag_keys = { "type", "rollback_to" },
		.tag_values = { "pre-rollback", backup_id },
		.tag_count = 2,
		.limit = 1,
	};
	int found =
		catalog_journal_last(r->catalog, backup_id, take_operation, take_step, rc, err);

	if (found <= 0)
		return found;
	find_stop(rc);
	ask_server(rc, r);
	filter.created_from = rc->started_at;
	if (catalog_backup_each(r->catalog, &filter, take_safety, rc, err) < 0)
		return -1;
	*out = take(rc);
	return 1;
}
