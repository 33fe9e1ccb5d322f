/* SPDX-License-Identifier: MIT */
/* history: what a verb did to a backup, among this host's operations. */
#include "catalog/catalog.h"
#include "engine/base/clock.h"
#include "engine/base/error.h"
#include "engine/base/log.h"
#include "engine/repo/internal.h"

#define LOG_MODULE "repo/history"

void repo_note_operation(struct repo *r, const char *verb, const struct backup *b,
                         int64_t began_ms, const char *failure)
{
	const struct catalog_operation operation = {
		.verb = verb,
		.backup_id = b->id,
		.database = b->database,
		.started_at = clock_now(),
		.status = "started",
		.error = "",
	};
	struct error err = ERROR_INIT;
	int64_t row = 0;

	if (catalog_operation_begin(r->catalog, &operation, &row, &err) < 0 ||
	    catalog_operation_end(r->catalog, row, b->id, clock_mono_ms() - began_ms, failure,
	                          &err) < 0)
		log_failure(LOG_MODULE, "catalog", &err);
}
