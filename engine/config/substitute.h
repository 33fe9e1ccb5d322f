/* SPDX-License-Identifier: MIT */
/*
 * substitute: variables of the environment in values of the configuration.
 *
 *	${VAR}                the variable; empty when it is not set
 *	${VAR:-default}       the default when it is empty or not set; may hold ${...} again
 *	${VAR:offset}         without its first characters
 *	${VAR:offset:length}  so many characters of it
 *	$${                   the two characters ${ themselves
 *
 * Any other $ stands for itself ("pa$$word" stays as it is). What a variable
 * holds is not looked at again, and since it is put into values that are parsed
 * already, it cannot change the structure of the file. Reads the environment,
 * otherwise pure.
 */
#ifndef ENGINE_CONFIG_SUBSTITUTE_H
#define ENGINE_CONFIG_SUBSTITUTE_H

#include <stdbool.h>

#include "engine/base/buf.h"

struct error;

struct substitution {
	struct buf text;
	struct buf missing; /* names that were not set and have no default, ", " between them */
	bool any;           /* was there anything to replace? */
	bool hidden;        /* a variable whose name says that it is secret took part */
	const char *source; /* the text, while it is being looked at */
};
#define SUBSTITUTION_INIT ((struct substitution){ .text = BUF_INIT, .missing = BUF_INIT })

/* ERR_INVALID says where the text is wrong, never what it or a variable holds. */
int substitute(struct substitution *out, const char *text, struct error *err);
void substitution_finish(struct substitution *s); /* wipes */
#define autosubstitution __attribute__((cleanup(substitution_finish))) struct substitution

#endif
