/* SPDX-License-Identifier: MIT */
#include "fs/change.h"

#include <stdlib.h>

#include "catalog/backup.h"
#include "engine/base/clock.h"
#include "engine/base/error.h"
#include "engine/base/log.h"
#include "engine/base/mem.h"
#include "engine/repo/audit.h"
#include "engine/repo/create.h"
#include "engine/repo/edit.h"
#include "engine/repo/remove.h"
#include "engine/repo/repo.h"
#include "fs/drafts.h"
#include "fs/fsys.h"
#include "fs/shelf.h"

#define LOG_MODULE "fs/change"

/* A verb with what it needs. edit NULL: the backup is deleted. */
struct job {
	const struct backup *backup;
	const struct edit_options *edit;
	uid_t by;
};

static int run(struct repo *r, const struct job *j, struct error *err)
{
	DEFER(backup) *now = NULL;

	if (j->edit)
		return repo_edit(&now, r, j->backup, j->edit, err) < 0 ? -1 : 0;
	/* Is it still the only one? Other hosts take backups, too. */
	if (repo_refresh(r, REPO_REFRESH_STALE, err) < 0)
		return -1;
	return repo_remove(r, j->backup, false, err);
}

static int record(struct audit *a, const struct job *j, int64_t began,
                  const struct error *failure, struct error *err)
{
	const struct audit_record record = {
		.action = j->edit ? "backup edit" : "backup delete",
		.backup_id = j->backup->id,
		.database = j->backup->database,
		.outcome = "done",
		.failure = failure,
		.by = &j->by,
		.duration_ms = clock_mono_ms() - began,
	};

	return a ? audit_write(a, &record, err) : 0;
}

static int run_recorded(struct worker *w, const struct job *j, struct error *err)
{
	int64_t began = clock_mono_ms();
	struct error second = ERROR_INIT;
	DEFER(audit) *a = NULL;

	if (audit_open(&a, repo_config(w->repo), err) < 0)
		return -1;
	if (run(w->repo, j, err) < 0) {
		if (record(a, j, began, err, &second) < 0)
			log_failure(LOG_MODULE, "audit", &second);
		return -1;
	}
	shelf_advance(w->fs->shelf); /* who asks next sees it */
	return record(a, j, began, NULL, err);
}

int change_delete(struct worker *w, const struct backup *b, uid_t by, struct error *err)
{
	const struct job j = { .backup = b, .by = by };

	return run_recorded(w, &j, err);
}

int change_words(struct worker *w, const struct backup *b, const struct edit_options *o,
                 uid_t by, struct error *err)
{
	const struct job j = { .backup = b, .edit = o, .by = by };

	return run_recorded(w, &j, err);
}

int change_tag(struct worker *w, const struct backup *b, const char *key, const char *value,
               uid_t by, struct error *err)
{
	autofree char *text = mem_printf("%s=%s", key, value);
	struct backup_tag tag;
	const struct edit_options o = { .tags = &tag, .tag_count = 1 };
	int result;

	if (create_parse_tag(&tag, text, err) < 0)
		return -1;
	result = change_words(w, b, &o, by, err);
	if (result == 0) {
		drafts_drop(w->fs->drafts, tag.key, tag.value);
		drafts_drop(w->fs->drafts, tag.key, NULL);
	}
	free(tag.key);
	free(tag.value);
	return result;
}

int change_untag(struct worker *w, const struct backup *b, const char *key, uid_t by,
                 struct error *err)
{
	const struct edit_options o = { .removed = &key, .removed_count = 1 };

	return change_words(w, b, &o, by, err);
}
