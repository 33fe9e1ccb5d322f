/* SPDX-License-Identifier: MIT */
/*
 * textdiff: what differs between two texts, line by line, as `diff -u` writes it. Pure.
 */
#ifndef ENGINE_BASE_TEXTDIFF_H
#define ENGINE_BASE_TEXTDIFF_H

#include "engine/base/buf.h"

/*
 * Appends the hunks with three lines of context; nothing when the texts are equal. With names,
 * "--- name" and "+++ name" stand before them. Texts that have next to nothing in common are
 * one hunk.
 */
void textdiff_unified(struct buf *out, struct str from, struct str to, const char *from_name,
                      const char *to_name);

#endif
