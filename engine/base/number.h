/* SPDX-License-Identifier: MIT */
/*
 * number: numbers from text and back. Pure, thread-safe.
 *
 * Each parser takes the whole text or refuses it with ERR_INVALID, naming the
 * text and the allowed range.
 */
#ifndef ENGINE_BASE_NUMBER_H
#define ENGINE_BASE_NUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct error;

int number_parse_u64(uint64_t *out, const char *text, uint64_t max, struct error *err);
int number_parse_i64(int64_t *out, const char *text, int64_t min, int64_t max,
                     struct error *err);
/* "4096", "64KB", "64MB", "1GiB": powers of 1024 whatever the spelling, case ignored. */
int number_parse_size(uint64_t *out, const char *text, struct error *err);
/* "0755", "755", "0o755": a file mode, at most 07777. */
int number_parse_mode(unsigned int *out, const char *text, struct error *err);
/* true/false, yes/no, on/off, 1/0, case ignored. */
int number_parse_bool(bool *out, const char *text, struct error *err);

#define NUMBER_TEXT_MAX 32
/* "1.2 KB", 1024-based, as people read it */
void number_format_size(char out[NUMBER_TEXT_MAX], uint64_t bytes);

/* Lower-case hex of len bytes; out holds 2 * len + 1. */
void number_format_hex(char *out, const void *data, size_t len);
/* Exactly len bytes from 2 * len hex digits, either case. False when it is anything else. */
bool number_parse_hex(void *out, size_t len, const char *text, size_t text_len);

#endif
