/* SPDX-License-Identifier: MIT */
/* help: --help, made from the tables of commands. At most 80 columns wide. */
#ifndef CLI_HELP_H
#define CLI_HELP_H

#include <stddef.h>

struct command;
struct command_group;
struct out;

#define HELP_WIDTH ((size_t)80)

void help_command(struct out *o, const struct command *c);
void help_group(struct out *o, const struct command_group *g);
void help_overview(struct out *o);
void help_version(struct out *o);

#endif
