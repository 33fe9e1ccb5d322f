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
