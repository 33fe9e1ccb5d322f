/* SPDX-License-Identifier: MIT */
/*
 * column_type: what a column's type can hold, as far as changing it matters. Pure.
 */
#ifndef ENGINE_SCHEMA_COLUMN_TYPE_H
#define ENGINE_SCHEMA_COLUMN_TYPE_H

#include <stdbool.h>

#include "engine/base/buf.h"

enum type_family {
	TYPE_NUMBER,
	TYPE_TEXT,  /* has a character set: char, text, enum, set */
	TYPE_BYTES, /* binary, blob */
	TYPE_TIME,
	TYPE_JSON,
	TYPE_ADDRESS, /* inet4, inet6, uuid */
	TYPE_GEOMETRY,
	TYPE_OTHER, /* bit, vector, and what comes */
};

enum type_family column_type_family(struct str type);

/* Can ALTER TABLE turn values of the one type into the other at all? */
bool column_type_converts(struct str from, struct str to);

/* One type, whatever the width: "int(11) unsigned" and "int(10) unsigned". */
bool column_type_same_but_width(struct str a, struct str b);

/* May a value of the one type be too large, too long or not there in the other? */
bool column_type_narrows(struct str from, struct str to);

#endif
