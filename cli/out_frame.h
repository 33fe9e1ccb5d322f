/* SPDX-License-Identifier: MIT */
/* out_frame: lines around a table that is laid out already. Pure. */
#ifndef CLI_OUT_FRAME_H
#define CLI_OUT_FRAME_H

#include <stddef.h>

#include "cli/out.h"

struct buf;

/* What stands between two columns. */
const char *frame_separator(enum out_frame frame);
/* How many columns of the terminal the lines at both sides take. */
size_t frame_margin(enum out_frame frame);

/*
 * Appends the table (lines; titles first) with its frame. widths are those of
 * the count columns, on the screen.
 */
void frame_draw(struct buf *out, enum out_frame frame, const char *table, const size_t *widths,
                size_t count);

#endif
