/* SPDX-License-Identifier: MIT */
/*
 * setup: what the command line, the environment and the configuration say of
 * output and log. Called before the configuration is known and again after.
 */
#ifndef CLI_SETUP_H
#define CLI_SETUP_H

struct cli;
struct error;

/* Options that contradict each other. ERR_USAGE. */
int setup_check(const struct cli *cli, struct error *err);
/* Makes or changes cli->out. */
void setup_output(struct cli *cli);
/*
 * Levels and the log file. A file that was asked for with --log-file must open;
 * one of the configuration is warned about; the usual one is tried quietly.
 */
int setup_log(struct cli *cli, struct error *err);

#endif
