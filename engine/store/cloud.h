/* SPDX-License-Identifier: MIT */
/*
 * cloud: what the providers of object stores have in common.
 *
 * A put leaves a mark of its own with the object, among its metadata: when a reply was lost,
 * one look at the object's metadata says whose write it was, whatever its size.
 * Thread-safe.
 */
#ifndef ENGINE_STORE_CLOUD_H
#define ENGINE_STORE_CLOUD_H

#include "engine/base/error.h"
#include "engine/store/http.h"
#include "engine/store/store.h"

#define CLOUD_MARK_SIZE 33
int cloud_mark(char out[CLOUD_MARK_SIZE], struct error *err);

/* A piece of a body as a body. The piece stays the caller's and outlives it. */
struct cloud_piece {
	const struct store_body *of;
	uint64_t offset;
};
struct store_body cloud_body_of_piece(struct cloud_piece *piece, uint64_t size);

/*
 * The range to ask for, as "bytes=0-99": at most a byte more than range->max, so that a
 * larger object shows without being fetched. limit is what the answer may hold.
 */
void cloud_range_text(struct buf *out, size_t *limit, const struct store_range *range);
/*
 * Appends what a 206 brought to out and sets *size to the object's size. ERR_STORE when it
 * is not what was asked for, ERR_CORRUPT when there is more than range->max.
 */
int cloud_range_take(struct buf *out, uint64_t *size, struct http_response *rsp,
                     const struct store_range *range, const char *key, struct error *err);

/* 0 a piece came, 1 the range has none (416), -1 that is no answer to a range. */
int cloud_range_judge(const struct http_response *rsp, const char *key, struct error *err);
/*
 * How a get ends whose range has no bytes: it begins at the end of the object, or behind it.
 * found, stat and err are of a look at the object. 1, 0 no such key, -1.
 */
int cloud_get_nothing(int found, const struct store_stat *stat, const struct store_range *range,
                      const char *key, struct error *err);

/* A put was refused by its condition: ERR_EXISTS. */
int cloud_already_there(const char *key, struct error *err);
/*
 * A replace was: ERR_NOT_FOUND or ERR_BUSY, by what a look at the object found (found, now and
 * err are of that).
 */
int cloud_moved_on(int found, const struct store_stat *now, const char *key,
                   const char *version, struct error *err);

/* What a server said, and what it means. */
struct cloud_answer {
	char code[64]; /* "ContainerNotFound"; "": none */
	char message[384];
};
struct cloud_meaning {
	const char *code;
	enum error_code as;
	const char *what;
	const char *hint;
};
/* The error that a refusal stands for; meanings ends with a row without a code. */
int cloud_refused(const struct cloud_meaning *meanings, const struct cloud_answer *answer,
                  const struct http_response *rsp, struct error *err);
/* How many seconds this machine's clock is ahead of the server's; 0 when it does not say. */
int64_t cloud_clock_ahead(const struct http_response *rsp);
#define CLOUD_CLOCK_SKEW_MAX 300

/* "azure://container/prefix", without a slash at its end. Caller frees. */
char *cloud_location(const char *scheme, const char *bucket, const char *prefix);

#endif
