/* SPDX-License-Identifier: MIT */
/*
 * schema_json: a schema as one JSON value, for tests: easy to write by hand and
 * by other languages.
 *
 *	{ "name": "d", "family": "mariadb", "charset": "utf8mb4", "collation": "...",
 *	  "objects": [ { "kind": "tables", "name": "t", "sql": "CREATE TABLE ..." }, ... ] }
 */
#ifndef TESTS_TOOLS_SCHEMA_JSON_H
#define TESTS_TOOLS_SCHEMA_JSON_H

#include <stddef.h>

#include "engine/schema/model.h"

struct error;

/* Caller frees. */
int schema_from_json(struct schema **out, const char *text, size_t len, struct error *err);

#endif
