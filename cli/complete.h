/* SPDX-License-Identifier: MIT */
/*
 * complete: completion scripts for shells, made from the tables of commands.
 * What is known when the program is built stands in the script; ids, databases
 * and tags come from `mysql-schema-sync __complete KIND PREFIX` when Tab is
 * pressed. Pure.
 */
#ifndef CLI_COMPLETE_H
#define CLI_COMPLETE_H

#include "cli/command.h"

struct buf;

void complete_bash(struct buf *out);
void complete_zsh(struct buf *out);
void complete_fish(struct buf *out);

/* "backup"; NULL: a kind that the shell knows by itself, or none. */
const char *complete_kind_name(enum complete_kind kind);
/* False when there is no kind of this name. */
bool complete_kind_from_name(enum complete_kind *out, const char *name);

/* For the three of them. */

/* Appends the values that an option may have, between blanks; nothing when they are open. */
void complete_choices(struct buf *out, const struct opt *o);

/* Every "backup", "backup list", ... : names of commands and what they begin with, aliases too.
 */
typedef void complete_words_fn(void *arg, const char *words, const struct command *c,
                               const struct command_group *g);
void complete_each_words(complete_words_fn *fn, void *arg);
/* The words that may follow these, with what they are for. */
typedef void complete_word_fn(void *arg, const char *word, const char *summary);
void complete_each_word(const char *before, complete_word_fn *fn, void *arg);
/* Every spelling of an option that takes a value, of any command: "--status", "-d". */
typedef void complete_spelling_fn(void *arg, const char *spelling);
void complete_each_valued(complete_spelling_fn *fn, void *arg);
/* The spellings of one option. */
void complete_each_spelling(const struct opt *o, complete_spelling_fn *fn, void *arg);

#endif
