/* SPDX-License-Identifier: MIT */
/*
 * rollback: brings the live schema to what a backup holds, or to any other goal.
 *
 *	rollback_open()       reads the backup, captures the live schema, diffs, plans
 *	rollback_open_goal()  the same for a wanted schema that comes from somewhere else
 *	rollback_check()      asks the rows, proves the plan on a scratch copy; changes nothing
 *	rollback_execute()    lock, look again, the checks that were not made yet, safety
 *	                      backup, apply with a journal, verify
 *
 * A plan belongs to the live schema it was made from: execute refuses when that moved on.
 *
 * Another verb (a migration) makes its wanted schema itself and goes on as a rollback does:
 *
 *	struct rollback_goal goal = { .wanted = schema, .name = "file new.sql",
 *	                              .verb = "migrate", .again = "migrate --file new.sql",
 *	                              .safety_type = "pre-migration" };
 *
 *	if (rollback_open_goal(&rb, r, &goal, &options, err) < 0 || ...
 *	    rollback_execute(&result, r, rb, &options, &watch, err) < 0)
 *
 * The wanted schema may have another name than the database. It must hold the server's
 * own texts (of a capture, or of a backup): what equals is decided byte by byte.
 *
 * A rollback belongs to one thread.
 */
#ifndef ENGINE_REPO_ROLLBACK_H
#define ENGINE_REPO_ROLLBACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "catalog/backup.h"
#include "engine/base/cleanup.h"
#include "engine/base/name.h"
#include "engine/schema/diff.h"
#include "engine/schema/plan.h"

struct error;
struct preflight;
struct proof;
struct repo;
struct schema;

#define ROLLBACK_PARALLEL_MAX 64

struct rollback_options {
	const char *database;        /* NULL: the backup's own */
	bool foreign_key_checks_off; /* --disable-fk-checks */
	bool no_backup;              /* no safety backup */
	bool validate;               /* rollback_open() verifies the whole stored backup */
	bool no_preflight;           /* do not look at the rows */
	int64_t preflight_seconds;   /* for all counting; 0: as long as it takes */
	bool no_proof;               /* do not try the plan on a scratch copy */
	bool preserve_data; /* what would be lost goes to a quarantine database first */
	size_t batch_size;  /* rows that a copy there takes at a time; 0: all at once */
	size_t parallel;    /* steps at the same time; 0: backup.max_workers; 1: one by one */
	/* "orders.total=sum", "old=new": renamed rather than dropped and made */
	const char *const *renames;
	size_t rename_count;
	bool allow_untrusted; /* run what somebody else's backup holds */
	bool force;           /* go on where a check says no */
};

/* What is wanted when it is no backup. Strings are copied. */
struct rollback_goal {
	struct schema *wanted;   /* taken over, also on failure */
	const char *name;        /* for messages: "file new.sql" */
	const char *verb;        /* of the history and of log lines: "migrate" */
	const char *again;       /* the words of the command that shows the plan again */
	const char *safety_type; /* tag "type" of the safety backup: "pre-migration" */
	const char *migration; /* JSON text of the safety backup's migration_context, or NULL */
	const char *origin;    /* of a backup that was imported; NULL or "": made here */
};

struct rollback {
	struct backup *backup; /* files not filled in; NULL: the goal is something else */
	char *goal;            /* for messages: "backup backup_2026...", "file new.sql" */
	char *verb;            /* "rollback_execute" */
	char *again;           /* "rollback plan --backup-id ..." */
	char *safety_type;     /* "pre-rollback" */
	char *migration;       /* JSON text, or NULL */
	char *origin;          /* "import: ..."; NULL or "": made here */
	/* Of the safety backup; a verb may set them before rollback_execute(). */
	char *safety_description; /* NULL: one that names the goal */
	struct backup_tag *safety_tags;
	size_t safety_tag_count;
	char *database;        /* that is rolled back */
	struct schema *wanted; /* the backup's */
	struct schema *live;
	bool database_missing; /* it will be created */
	struct diff *diff;
	struct plan *plan;
	char live_hash[65];
	int server_family; /* enum server_family of the live server */
	char server_version[64];
	char *quarantine;            /* where --preserve-data keeps things */
	char stamp[32];              /* begins their names there: "20261122_101500" */
	struct preflight *preflight; /* NULL: not made (yet) */
	struct proof *proof;         /* NULL: not made (yet) */
};
/*
 * ERR_CORRUPT "backup validation failed: ..." with validate. ERR_REFUSED when the text is of
 * another family of servers (says what differs), unless force.
 */
int rollback_open(struct rollback **out, struct repo *r, const char *id,
                  const struct rollback_options *o, struct error *err);
/* o->database is needed. */
int rollback_open_goal(struct rollback **out, struct repo *r, const struct rollback_goal *goal,
                       const struct rollback_options *o, struct error *err);
void rollback_close(struct rollback *rb); /* NULL is fine */
DEFINE_DEFER(rollback, rollback_close)

const char *rollback_backup_id(const struct rollback *rb); /* "" when the goal is no backup */
/* Nothing differs, and nothing is to be done. */
bool rollback_is_done(const struct rollback *rb);

/* ERR_REFUSED: this account can write nothing, as the server is read-only. */
int rollback_ready(struct repo *r, struct error *err);
/*
 * Tries the plan before it runs: fills in rb->preflight and rb->proof (unless no_...). Only
 * the scratch copy is written to. -1 only when the checks cannot be made.
 */
int rollback_check(struct rollback *rb, struct repo *r, const struct rollback_options *o,
                   struct error *err);
/*
 * ERR_REFUSED when the checks that were made speak against the plan, unless force; and for an
 * imported backup, unless allow_untrusted: the error lists in whose name its code would run.
 */
int rollback_judge(const struct rollback *rb, const struct rollback_options *o,
                   struct error *err);

/*
 * Would rows or values go away? False also when the plan drops only what holds nothing by the
 * counts of rollback_check(); true when something was not counted.
 */
bool rollback_loses_data(const struct rollback *rb);

struct rollback_result {
	size_t steps_done, steps;
	size_t rounds;                              /* of plan and apply until equal */
	char safety_backup[NAME_BACKUP_ID_MAX + 1]; /* id; "" when none was taken */
	bool equal;                                 /* verified: live equals the backup */
	struct diff *left;                          /* what differs still; NULL when equal */
	struct schema *live;                        /* as verified; left points into it */
};
void rollback_result_finish(struct rollback_result *res);

/* Who is told before and after each step (done false, true); -1 stops the run with its error.
 */
struct rollback_watch {
	int (*step)(void *arg, size_t i, size_t count, const struct plan_step *step, bool done,
	            struct error *err);
	void *arg;
};
/*
 * ERR_BUSY: another run holds the database's lock. ERR_REFUSED: the checks speak against it, or
 * the live schema moved on since rollback_open() (unless force: then the plan is made again).
 * On failure in mid-plan the error tells how far it came, and running it again goes on from the
 * live schema. ERR_DIFFERS when everything ran but something differs still (out says what).
 */
int rollback_execute(struct rollback_result *out, struct repo *r, struct rollback *rb,
                     const struct rollback_options *o, const struct rollback_watch *watch,
                     struct error *err);

/* Against what a plan.sql is made. */
struct rollback_basis {
	const struct schema *live; /* NULL: the database is not there */
	const char *live_hash;     /* of it; "" */
	const char *note;          /* a line for the head of the script, or NULL */
};
/*
 * Appends the steps of a plan.sql: what the mount shows. It does not name the backup: those
 * with the same schema and the same visible kinds have the same text, unless *counts_on (it
 * gives tables their next AUTO_INCREMENT values back, which are each backup's own). Does not
 * read the backup when its schema is the live one.
 */
struct buf;
int rollback_script(struct buf *out, bool *counts_on, struct repo *r, const struct backup *b,
                    const struct rollback_basis *against, struct error *err);

#endif
