/* SPDX-License-Identifier: MIT */
/* cmd: the rows of all commands. Each stands in cmd_NOUN.c or cmd_NOUN_VERB.c. */
#ifndef CLI_CMD_H
#define CLI_CMD_H

#include "cli/command.h"

extern const struct command cmd_backup_create;
extern const struct command cmd_backup_list;
extern const struct command cmd_backup_info;
extern const struct command cmd_backup_validate;
extern const struct command cmd_backup_validate_all;
extern const struct command cmd_backup_integrity_check;
extern const struct command cmd_backup_recovery_scan;
extern const struct command cmd_backup_recalculate_checksum;
extern const struct command cmd_backup_move;
extern const struct command cmd_backup_partial_recovery;
extern const struct command cmd_backup_stats;
extern const struct command cmd_backup_export;
extern const struct command cmd_backup_import;
extern const struct command cmd_backup_delete;
extern const struct command cmd_backup_edit;
extern const struct command cmd_backup_cleanup;
extern const struct command cmd_backup_storage_usage;
extern const struct command cmd_backup_storage_health;
extern const struct command cmd_backup_report;
extern const struct command cmd_backup_storage_optimize;
extern const struct command cmd_backup_health_check;
extern const struct command cmd_backup_test_encryption;
extern const struct command cmd_backup_test_connection;
extern const struct command cmd_backup_validate_config;

extern const struct command cmd_rollback;
extern const struct command cmd_rollback_list;
extern const struct command cmd_rollback_plan;
extern const struct command cmd_rollback_execute;
extern const struct command cmd_rollback_validate;
extern const struct command cmd_rollback_compare;
extern const struct command cmd_rollback_recovery_info;
extern const struct command cmd_rollback_manual_steps;

extern const struct command cmd_schema_compare;
extern const struct command cmd_migrate;

extern const struct command cmd_config;
extern const struct command cmd_config_show;
extern const struct command cmd_config_keys;
extern const struct command cmd_config_check;

extern const struct command cmd_key_list;
extern const struct command cmd_key_new;
extern const struct command cmd_key_rotate;
extern const struct command cmd_key_check;

extern const struct command cmd_test_connection;
extern const struct command cmd_mount;
extern const struct command cmd_umount;
extern const struct command cmd_completion;
extern const struct command cmd_version;
extern const struct command cmd_help;
extern const struct command cmd_man;
extern const struct command cmd_complete;
extern const struct command cmd_commands;

#endif
