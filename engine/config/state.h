/* SPDX-License-Identifier: MIT */
/*
 * state: what a struct config holds, and the stages of filling it.
 *
 * For this folder only. config.c runs the stages in this order: load_text()
 * puts the file's values in, environment_apply() those that are stronger or
 * weaker, rules_settle() what depends on more than one key. Not thread-safe.
 */
#ifndef ENGINE_CONFIG_STATE_H
#define ENGINE_CONFIG_STATE_H

#include "engine/config/config.h"
#include "engine/config/keys.h"
#include "engine/config/value.h"

struct config {
	struct value *values; /* one per row of the table */
	size_t count;
	char *name;                 /* of what was read, for positions; NULL: nothing was */
	char *file;                 /* NULL: none */
	const char *literal_secret; /* a key whose secret is written out in the file, or NULL */
	char **warnings;
	size_t warning_count, warning_capacity;
};

/* The value of a row that is in the table; anything else is a bug and asserts. */
struct value *config_value(const struct config *c, const char *name);
void config_warn(struct config *c, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* "default", "config.yaml:12:5", ... of a row. */
/* Is a text of this key a secret, or part of it? */
bool config_holds_secret(const struct config_key *k, const char *text);
void config_write_origin(struct buf *out, const struct config *c, const struct value *v);

int load_text(struct config *c, const char *yaml, size_t len, const char *name,
              struct error *err);
int environment_apply(struct config *c, struct error *err);
int rules_settle(struct config *c, struct error *err);

/* The file to read when none is named: 1, 0 none, -1. Caller frees. */
int discover(char **out, struct error *err);

#endif
