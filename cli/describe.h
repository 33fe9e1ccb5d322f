/* SPDX-License-Identifier: MIT */
/*
 * describe: the words about options and arguments that help, manual pages and
 * completion have in common. Pure.
 */
#ifndef CLI_DESCRIBE_H
#define CLI_DESCRIBE_H

#include <stddef.h>

#include "cli/command.h"

struct buf;

/* Appends what the value of an option is called: "DATE"; for choices "STATUS". "" for flags. */
void describe_value(struct buf *out, const struct opt *o);
/* Appends the help of an option with its choices, default and other spelling. */
void describe_option(struct buf *out, const struct opt *o);
/* Appends "backup info BACKUP-ID [OPTIONS]", without the program. */
void describe_usage(struct buf *out, const struct command *c);
/* Appends a summary as a sentence: "Take a backup." */
void describe_sentence(struct buf *out, const char *summary);
/* Appends text, broken at blanks so that no line is wider; all lines but the first are
 * indented. */
void describe_wrapped(struct buf *out, const char *text, size_t indent, size_t width);

#endif
