/* SPDX-License-Identifier: MIT */
#include "engine/repo/remove.h"

#include <string.h>

#include "catalog/catalog.h"
#include "engine/base/clock.h"
#include "engine/base/error.h"
#include "engine/base/log.h"
#include "engine/repo/internal.h"
#include "engine/store/store.h"

#define LOG_MODULE "repo/remove"

int repo_remove_check(struct repo *r, const struct backup *b, struct error *err)
{
	const struct catalog_filter others = {
		.database = b->database,
		.statuses = 1U << BACKUP_COMPLETED,
		.limit = 2,
	};
	const char *protected_tag = backup_tag_get(b, "protected");
	int64_t count;

	if (protected_tag && strcmp(protected_tag, "true") == 0) {
		error_set(err, ERR_REFUSED, "backup %s is protected", b->id);
		return error_hint(err,
		                  "Its tag protected=true keeps it; --force deletes it all "
		                  "the same.");
	}
	if (b->status != BACKUP_COMPLETED || !*b->database)
		return 0;
	count = catalog_backup_count(r->catalog, &others, err);
	if (count < 0)
		return -1;
	if (count < 2) {
		error_set(err, ERR_REFUSED, "backup %s is the only one of database %s", b->id,
		          b->database);
		return error_hint(err, "Take another first, or delete it with --force.");
	}
	return 0;
}

/* It is gone from the store: a catalog that cannot take it now learns of it from there. */
static void forget(struct repo *r, const char *id)
{
	struct error err = ERROR_INIT;

	if (catalog_backup_remove(r->catalog, id, &err) < 0)
		log_failure(LOG_MODULE, "catalog", &err);
}

int repo_remove(struct repo *r, const struct backup *b, bool force, struct error *err)
{
	char envelope[REPO_KEY_MAX], payload[REPO_KEY_MAX];
	int64_t began = clock_mono_ms();
	int removed;

	if (!force && repo_remove_check(r, b, err) < 0)
		return -1;
	repo_envelope_key(envelope, b->id);
	repo_payload_key(payload, b->id);
	/* Without its envelope the backup is gone; what is left of the payload is swept later.
	 */
	removed = store_remove(r->store, envelope, err);
	if (removed < 0 || store_remove(r->store, payload, err) < 0) {
		error_wrap(err, "delete backup %s", b->id);
		repo_note_operation(r, "backup_delete", b, began, err->text);
		return -1;
	}
	forget(r, b->id);
	repo_note_operation(r, "backup_delete", b, began, "");
	if (removed)
		log_info("backup %s of database %s deleted from storage", b->id, b->database);
	return removed;
}
