/* SPDX-License-Identifier: MIT */
/*
 * commands: the list of all commands, in the order of the help, and finding
 * one on a command line.
 */
#ifndef CLI_COMMANDS_H
#define CLI_COMMANDS_H

#include <stdbool.h>
#include <stddef.h>

#include "cli/command.h"

struct buf;
struct error;

const struct command *const *commands_all(size_t *count);
const struct command_group *commands_groups(size_t *count);
const struct command *commands_find(const char *name);             /* or alias; NULL: none */
const struct command_group *commands_find_group(const char *name); /* NULL: none */
bool commands_in_group(const struct command *c, const struct command_group *g);

/* ERR_USAGE "unknown command: ...", with a hint at the nearest. */
int commands_unknown(const char *words, struct error *err);

/* A command line taken apart: which command, and its arguments. */
struct found {
	const struct command *command;     /* NULL: none named, or the name of a group alone */
	const struct command_group *group; /* with command NULL: which; NULL: none named */
	int argc;
	char **argv; /* without the command's words; caller frees the array */
};

/*
 * The words of the command may stand behind common options. ERR_USAGE for words
 * that are no command, with a hint at the nearest.
 */
int commands_find_in(struct found *out, int argc, char **argv, struct error *err);

#endif
