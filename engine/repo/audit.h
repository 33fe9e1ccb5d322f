/* SPDX-License-Identifier: MIT */
/*
 * audit: who changed what, for those who must be able to say so later. One JSON
 * object per line, appended in one write: several processes may use one file.
 */
#ifndef ENGINE_REPO_AUDIT_H
#define ENGINE_REPO_AUDIT_H

#include <stdint.h>
#include <sys/types.h>

#include "engine/base/cleanup.h"

struct audit;
struct config;
struct error;

struct audit_record {
	const char *action;          /* "backup delete" */
	const char *backup_id;       /* "" when there is none */
	const char *database;        /* "" when there is none */
	const char *outcome;         /* "done", "cancelled", "dry run" */
	const struct error *failure; /* NULL: there was none */
	int64_t duration_ms;
	const uid_t *by; /* who asked; NULL: who runs this process */
};

/*
 * Opens the audit log that the configuration asks for; *out is NULL when it asks
 * for none. A change that could not be recorded must not happen: fails when the
 * file cannot be opened.
 */
int audit_open(struct audit **out, const struct config *c, struct error *err);
void audit_close(struct audit *a); /* NULL is fine */
DEFINE_DEFER(audit, audit_close)

int audit_write(struct audit *a, const struct audit_record *record, struct error *err);

#endif
