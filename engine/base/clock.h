/* SPDX-License-Identifier: MIT */
/*
 * clock: points in time, durations, and their text.
 *
 * A point in time is int64_t seconds since the epoch, UTC. A duration is
 * int64_t seconds. Thread-safe.
 */
#ifndef ENGINE_BASE_CLOCK_H
#define ENGINE_BASE_CLOCK_H

#include <stdint.h>

struct error;

int64_t clock_now(void);     /* seconds since the epoch */
int64_t clock_now_ms(void);  /* milliseconds since the epoch */
int64_t clock_mono_ms(void); /* milliseconds of a clock that never jumps, for measuring */
int64_t clock_mono_us(void); /* the same in microseconds */

/*
 * Makes a zone the process's own, for good. Once, before threads start: from then on naming it
 * costs nothing, where another zone has to be switched to and back under a lock.
 */
void clock_use_zone(const char *zone);

#define CLOCK_TEXT_MAX 40

/* "2026-11-21T09:03:11Z" */
void clock_format_utc(char out[CLOCK_TEXT_MAX], int64_t t);
/* "2026-11-21 10:03:11", in the zone of TZ or of zone (NULL: the process's own) */
void clock_format_local(char out[CLOCK_TEXT_MAX], int64_t t, const char *zone);
/* "2026-11-21", same zone rule */
void clock_format_date(char out[CLOCK_TEXT_MAX], int64_t t, const char *zone);
/* "20261121_090311", UTC: the middle of a backup id */
void clock_format_id(char out[CLOCK_TEXT_MAX], int64_t t);
/* "168h", "1h30m", "7d": the largest units that are exact */
void clock_format_duration(char out[CLOCK_TEXT_MAX], int64_t seconds);

/*
 * Reads a point in time: RFC 3339 ("2026-11-21T09:03:11Z", "+02:00", fractions
 * dropped), "YYYY-MM-DD HH:MM[:SS]" and "YYYY-MM-DD" (both in the zone; a date
 * is its first second), or an age such as "7d", "2w", "1m" (months of the
 * calendar), "24h", counted back from now. ERR_INVALID names the text and the forms.
 */
int clock_parse(int64_t *out, const char *text, int64_t now, const char *zone,
                struct error *err);

/*
 * Reads a duration: Go's syntax ("168h", "1h30m", "90s", "1.5h", "500ms"
 * rounds up to a second) plus d (24 h) and w (7 d). A bare number is seconds.
 * Negative values are refused. ERR_INVALID.
 */
int clock_parse_duration(int64_t *out, const char *text, struct error *err);

/* The local calendar of a moment, in a zone (NULL: the process's own). */
struct clock_fields {
	int year, month, day; /* month 1..12 */
	int hour, minute, second;
	int iso_year, iso_week;
};
void clock_fields(struct clock_fields *out, int64_t t, const char *zone);

#endif
