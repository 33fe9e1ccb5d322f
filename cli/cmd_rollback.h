/* SPDX-License-Identifier: MIT */
/* cmd_rollback: what the commands about rollbacks share. */
#ifndef CLI_CMD_ROLLBACK_H
#define CLI_CMD_ROLLBACK_H

#include <stdbool.h>
#include <stdint.h>

#include "cli/command.h"
#include "engine/repo/rollback.h"

struct cli;
struct error;

#define PREFLIGHT_SECONDS 60
#define RENAME_HELP                                                                         \
	"TABLE.COLUMN=NEW or TABLE=NEW: rename it and keep its values or rows, where they " \
	"would be dropped and made; may be given again and again"

/* Serial unless given; alone: as many as the configuration says. */
#define OPT_PARALLEL(T, field)                                                                \
	OPT_INT_BARE(0, "parallel", T, field, 0, ROLLBACK_PARALLEL_MAX, 1, 0,                 \
	             "run up to N steps at the same time, about tables that no foreign keys " \
	             "connect; alone or 0: backup.max_workers")

/* clang-format off */
/* How a plan is checked and run, the same for rollback and migrate: fields of these names. */
#define OPTS_BEFORE_RUN(T) \
	OPT_FLAG(0, "dry-run", T, dry_run, \
	         "check and prove the plan, show it, and change nothing"), \
	OPT_FLAG(0, "force", T, force, \
	         "do not ask, and go on where a check refuses or the schema moved on"), \
	OPT_FLAG(0, "allow-untrusted", T, allow_untrusted, \
	         "run what an imported backup holds, in the name of its definers")
#define OPTS_OF_RUN(T) \
	OPT_FLAG(0, "no-proof", T, no_proof, \
	         "do not try the plan on an empty scratch copy first: a step that the server " \
	         "refuses then stops the run half-way"), \
	OPT_PARALLEL(T, parallel), \
	OPT_INT(0, "preflight-timeout", T, preflight_timeout, 0, 86400, PREFLIGHT_SECONDS, \
	        "seconds for counting the rows that a step would lose or that stand in its " \
	        "way; 0: no limit"), \
	OPT_LIST(0, "rename", T, renames, "OLD=NEW", COMPLETE_NOTHING, RENAME_HELP), \
	OPT_FLAG(0, "disable-fk-checks", T, disable_fk_checks, \
	         "turn foreign key checks off for all steps")
/* clang-format on */

/* Finds the backup and makes the plan. */
int rollback_prepare(struct rollback **out, struct cli *cli, const char *spec,
                     const struct rollback_options *o, struct error *err);

/* `rollback execute`, and `rollback` without another word. */
struct execute_opts {
	struct opt_list renames;
	const char *backup_id;
	const char *database;
	bool force, dry_run, disable_fk_checks, no_backup, skip_validation, no_proof;
	bool preserve_data, allow_untrusted;
	int64_t preflight_timeout, batch_size, parallel;
};
extern const struct opt execute_options[];
int rollback_run(struct cli *cli, const void *options, struct error *err);

#endif
