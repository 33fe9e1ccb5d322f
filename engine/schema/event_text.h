/* SPDX-License-Identifier: MIT */
/*
 * event_text: an event's status in its CREATE EVENT text. An event that is made in a scratch
 * database must not run there, so it is made disabled, and its status is put back into the text
 * that the server gives of it. Pure.
 */
#ifndef ENGINE_SCHEMA_EVENT_TEXT_H
#define ENGINE_SCHEMA_EVENT_TEXT_H

#include <stdbool.h>

#include "engine/base/buf.h"

/* The words of a status, as the text has them: "ENABLE", "DISABLE", "DISABLE ON SLAVE". */
#define EVENT_STATUS_DEFAULT "ENABLE"

/*
 * Appends the text with another status. status NULL: only tell. *was is what it said, a slice
 * of sql; empty when it said nothing. False (nothing is appended): this is not CREATE EVENT, or
 * a version comment stands before its DO.
 */
bool event_text_set_status(struct buf *out, struct str sql, const char *sql_mode,
                           const char *status, struct str *was);

/* Appends the name in a CREATE EVENT text. */
void event_text_name(struct buf *out, struct str sql, const char *sql_mode);

#endif
