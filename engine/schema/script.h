/* SPDX-License-Identifier: MIT */
/*
 * script: statements as the stock client reads them, shared by schema.sql,
 * plan.sql and the files of objects. Pure.
 */
#ifndef ENGINE_SCHEMA_SCRIPT_H
#define ENGINE_SCHEMA_SCRIPT_H

#include <stdbool.h>
#include <stddef.h>

#include "engine/base/buf.h"
#include "engine/schema/model.h"

struct error;

/* Stored code: its text may hold semicolons of its own. */
bool script_is_code(enum object_kind kind);

/* Appends each line of a text as a comment: nothing in it becomes a statement. */
void script_comment(struct buf *out, const char *text);

/*
 * Appends a statement with a semicolon, or between DELIMITER lines when it is
 * code. Returns where in out the statement begins.
 */
size_t script_statement(struct buf *out, struct str sql, bool code);

/*
 * Appends what makes a client with any configuration read on as we write:
 * its delimiter, and its character set when the script needs one.
 */
void script_client_settings(struct buf *out, struct str script);

/* A plan_set_fn: appends a setting of the session to the struct buf that is arg. */
int script_setting(void *arg, const char *statement, struct error *err);

#endif
