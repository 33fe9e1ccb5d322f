/* SPDX-License-Identifier: MIT */
/*
 * day: a date of the calendar as a number: days since 1970-01-01.
 *
 * In the tree a date is a directory's name ("2026-11-21"); in a node it is a
 * number. Which day a moment belongs to depends on the zone (NULL: the
 * process's own). Pure but for the zone; thread-safe.
 */
#ifndef FS_DAY_H
#define FS_DAY_H

#include <stdbool.h>
#include <stdint.h>

struct error;

#define DAY_TEXT_MAX 40
#define DAY_MAX      2932896 /* 9999-12-31 */

int32_t day_of(int64_t t, const char *zone);
void day_format(char out[DAY_TEXT_MAX], int32_t day);
/* False unless the text is what day_format() makes of a day. */
bool day_parse(int32_t *out, const char *text);
/* The moments of a day: from <= t < before. */
int day_range(int64_t *from, int64_t *before, int32_t day, const char *zone, struct error *err);

#endif
