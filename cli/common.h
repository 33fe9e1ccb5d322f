/* SPDX-License-Identifier: MIT */
/*
 * common: the options that more than one command takes, in groups. Which
 * command takes a group follows from its traits (command.h).
 */
#ifndef CLI_COMMON_H
#define CLI_COMMON_H

#include <stdbool.h>
#include <stddef.h>

#include "cli/command.h"

struct common_group {
	const char *title;      /* "Connection options" */
	const struct opt *opts; /* fields are in struct cli_settings */
	unsigned int taken_by;  /* commands with all of these traits; 0: every command */
	unsigned int shown_by;  /* in the help of commands with all of these */
};

const struct common_group *common_groups(size_t *count);
/* traits 0: of a group of commands, or of none. */
bool common_is_taken(const struct common_group *g, unsigned int traits);
bool common_is_shown(const struct common_group *g, unsigned int traits);

/* All options that a command shows (NULL: none named), its own first. */
typedef void common_opt_fn(void *arg, const struct opt *o);
void common_each_option(const struct command *c, common_opt_fn *fn, void *arg);

/* An option of any group; NULL: none. */
const struct opt *common_find(const char *name, size_t len);
const struct opt *common_find_letter(char letter);

#endif
