/* SPDX-License-Identifier: MIT */
/* http_retry: when a request is sent again, and after which pause. Pure but for the dice. */
#ifndef ENGINE_STORE_HTTP_RETRY_H
#define ENGINE_STORE_HTTP_RETRY_H

#include <stdbool.h>
#include <stdint.h>

/* An answer that may be another one in a moment. */
bool http_retry_is_worthwhile(int status);
/* May the server have done what was asked, though it says that something went wrong? */
bool http_retry_is_doubtful(int status);

/* Full jitter: anything from 0 to the cap of this attempt (0: the first one failed). */
int64_t http_retry_cap_ms(int attempt);
int64_t http_retry_pause_ms(int attempt);

/* Retry-After, seconds or a date, as milliseconds from now; -1: none, or no sense in it. */
int64_t http_retry_after_ms(const char *value, int64_t now);

#endif
