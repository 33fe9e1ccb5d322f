/* SPDX-License-Identifier: MIT */
/*
 * options: reads a command line by tables of options (command.h). Built on
 * getopt_long(), which keeps state of its own: not thread-safe.
 *
 * Abbreviated options are refused: a script must not change its meaning when a
 * new option is added. All errors are ERR_USAGE, name the value and what is
 * allowed, and hint at the nearest right word.
 */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "cli/command.h"

struct arena;
struct error;

/* One table and the struct that its fields are in. */
struct opt_table {
	const struct opt *opts; /* NULL: none */
	void *base;
};

/* A key of the configuration that was given as an option. */
struct opt_override {
	const struct opt *opt;
	const char *value;
};

struct parse {
	/* In: the first table that knows a name wins. */
	const struct opt_table *tables;
	size_t table_count;
	const struct arg *args; /* NULL: none */
	void *args_base;
	struct arena *arena; /* lists, overrides and secrets live there; other values are
	                        borrowed from argv */
	const char *command; /* for messages: "backup list" */
	/* Out. */
	struct opt_override *overrides;
	size_t override_count, override_capacity;
};

/* Fills in defaults, options and arguments. argv[0] is skipped. */
int options_parse(struct parse *p, int argc, char **argv, struct error *err);
/* Are all arguments there that must be? Apart, so that --help needs none. */
int options_check_args(const struct parse *p, struct error *err);

/* The option of a table that has this name or alias; NULL: none. */
const struct opt *options_find(const struct opt *table, const char *name, size_t len);
const struct opt *options_find_letter(const struct opt *table, char letter);
bool opt_takes_value(const struct opt *o);
/* Does its value go to a key that holds a secret? Then parsing overwrites it in argv. */
bool opt_is_secret(const struct opt *o);
bool opt_needs_value(const struct opt *o); /* and cannot stand alone */

#endif
