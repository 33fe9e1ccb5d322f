/* SPDX-License-Identifier: MIT */
/*
 * keys: finding rows of the table in keys.c. For this folder only; everybody
 * else uses config_keys() and config_key_find(). Pure.
 */
#ifndef ENGINE_CONFIG_KEYS_H
#define ENGINE_CONFIG_KEYS_H

#include <stdbool.h>
#include <stddef.h>

#include "engine/base/buf.h"

struct config_key;

/* A block of keys that may also stand under another name. */
struct keys_block {
	const char *name; /* "retention" */
	const char *is;   /* "backup.retention"; "": the top level */
};
const struct keys_block *keys_blocks(size_t *count);

struct keys_heading {
	const char *block;
	const char *text; /* no full stop */
};
const char *keys_heading(const char *block); /* NULL: not a block of the table */

#define KEYS_NONE     ((size_t)-1)
#define KEYS_PATH_MAX 200 /* longer dotted names are not ours */

size_t keys_index(const char *name);  /* row of a name or alias; KEYS_NONE */
bool keys_is_block(const char *path); /* may keys stand below this dotted name? */
/* The name that an unknown one was probably meant to be; false: nothing is near. */
bool keys_suggest(struct buf *out, const char *path);

/*
 * The environment variables of a key, strongest first, the derived name behind
 * the listed ones: start with *step = 0; false at the end.
 */
enum keys_variable_kind {
	KEYS_VARIABLE_PLAIN,    /* stronger than the file */
	KEYS_VARIABLE_INVERTED, /* the same, and true means false */
	KEYS_VARIABLE_AMBIENT,  /* weaker than the file */
};
struct keys_variable {
	enum keys_variable_kind kind;
	char name[128];
};
bool keys_variable_next(struct keys_variable *out, const struct config_key *k, size_t *step);

#endif
