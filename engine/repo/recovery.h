/* SPDX-License-Identifier: MIT */
/*
 * recovery: how the last rollback to a backup went on this host, by its journal.
 */
#ifndef ENGINE_REPO_RECOVERY_H
#define ENGINE_REPO_RECOVERY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/base/cleanup.h"

struct error;
struct repo;

enum recovery_state {
	RECOVERY_COMPLETED,
	RECOVERY_FAILED,
	RECOVERY_RUNNING,     /* the database is locked by a run */
	RECOVERY_INTERRUPTED, /* it ended without saying so: killed, or the machine went down */
};
const char *recovery_state_name(enum recovery_state s);

struct recovery_step {
	char *type, *object, *sql;
	char *status; /* "pending", "running", "done", "failed" */
	char *error;
};

/* Did it fail, or was it under way? */
bool recovery_step_stopped(const struct recovery_step *s);

struct recovery {
	enum recovery_state state;
	char *backup_id, *database;
	char *error; /* of the run; "" */
	int64_t started_at;
	struct recovery_step *steps;
	size_t count, capacity;
	size_t done;         /* steps that ran for certain */
	size_t stopped_at;   /* index of the first that failed or was under way; count: none */
	char *safety_backup; /* id of what was there before; NULL: none is known */
};
/* 1, 0 no rollback to this backup ran on this host, -1. The server is asked for its lock,
 * if it can be reached. */
int recovery_open(struct recovery **out, struct repo *r, const char *backup_id,
                  struct error *err);
void recovery_close(struct recovery *rc); /* NULL is fine */
DEFINE_DEFER(recovery, recovery_close)

#endif
