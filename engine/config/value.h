/* SPDX-License-Identifier: MIT */
/*
 * value: the value of one key, checked against its row of the table.
 *
 * For this folder only. Errors name the value, unless it is secret, and what is
 * allowed; the caller puts in front which key it is and where it stands.
 * Not thread-safe while it is made.
 */
#ifndef ENGINE_CONFIG_VALUE_H
#define ENGINE_CONFIG_VALUE_H

#include <stddef.h>
#include <stdint.h>

#include "engine/config/config.h"

struct value {
	enum config_origin origin;
	unsigned int line, column; /* of CONFIG_FROM_FILE */
	char *variable;            /* of CONFIG_FROM_ENV */
	char *text;                /* TEXT, PATH, CHOICE; NULL: unset or empty */
	int64_t number;            /* BOOL, INT, SIZE, DURATION, MODE */
	char **items;              /* LIST, MAP */
	char **labels;             /* MAP: the key of each item */
	size_t count;
};
#define VALUE_INIT ((struct value){ .origin = CONFIG_FROM_DEFAULT })
#define autovalue  __attribute__((cleanup(value_finish))) struct value

void value_finish(struct value *v);                          /* wipes */
void value_move(struct value *to, struct value *from);       /* finishes to; from is empty */
void value_copy(struct value *to, const struct value *from); /* finishes to */

/*
 * Reads one text, as a file, a variable or a flag gives it. Lists are separated
 * by commas, maps are "name=text,name=text". ERR_INVALID.
 */
int value_parse(struct value *v, const struct config_key *k, const char *text,
                struct error *err);
/* Appends to a LIST (label NULL) or a MAP. */
void value_append(struct value *v, const char *label, const char *text);
/* Takes the fallback of the table. */
void value_default(struct value *v, const struct config_key *k);

/* What a key takes: "a whole number from 1 to 65535"; for messages and documents. */
void value_allowed(struct buf *out, const struct config_key *k);
/* The value as text that value_parse() would take; secrets in clear. */
void value_write(struct buf *out, const struct config_key *k, const struct value *v);

#endif
