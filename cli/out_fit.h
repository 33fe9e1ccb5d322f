/* SPDX-License-Identifier: MIT */
/*
 * out_fit: how wide the columns of a table become when the terminal is too narrow for all of
 * them, and texts cut or wrapped to that: at words, and so that one sees that something is
 * missing. Pure.
 */
#ifndef CLI_OUT_FIT_H
#define CLI_OUT_FIT_H

#include <stdbool.h>
#include <stddef.h>

struct buf;

/* Columns that a text of UTF-8 takes on a terminal, a character each. */
size_t fit_width(const char *text);

/*
 * Makes widths[] of columns that may shrink smaller until their sum and that of the others is
 * at most `room`: narrow ones stay, the widest share what is left, at least `least` each.
 */
void fit_share(size_t *widths, const bool *flexible, size_t count, size_t room, size_t least);

/* Text in lines of at most width, separated by newlines, broken at blanks where there are any.
 */
void fit_wrap(struct buf *out, const char *text, size_t width);
/* The beginning of a text, with a mark at its end when it is not all. */
void fit_cut(struct buf *out, const char *text, size_t width, const char *mark);

#endif
