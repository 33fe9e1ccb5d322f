/* SPDX-License-Identifier: MIT */
/*
 * json: JSON values. A thin layer over jansson, whose types stay inside json.c.
 *
 *	DEFER(json) *o = json_object();
 *
 *	json_set_str(o, "backup_id", id);
 *	json_set(o, "tags", tags);          // tags belongs to o from now on
 *	json_write(&out, o, JSON_PRETTY);
 *
 * Objects keep the order of insertion. Text must be UTF-8; other bytes are
 * replaced by U+FFFD, never refused. Not thread-safe per value.
 */
#ifndef ENGINE_BASE_JSON_H
#define ENGINE_BASE_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/base/cleanup.h"

struct buf;
struct error;
struct json; /* a value of any type */

void json_free(struct json *v); /* NULL is fine; a reference less */
DEFINE_DEFER(json, json_free)

/* A reference more, so that a borrowed value can be handed to a container; do not change it. */
struct json *json_share(const struct json *v); /* NULL gives NULL */

/* Making. Each returns a new value that the caller frees or hands to a container. */
struct json *json_object(void);
struct json *json_array(void);
struct json *json_str(const char *s); /* NULL gives null */
struct json *json_strn(const char *s, size_t len);
struct json *json_int(int64_t v);
struct json *json_real(double v);
struct json *json_bool(bool v);
struct json *json_null(void);

/* Filling. The container takes the value over, also NULL, which becomes null. */
void json_set(struct json *object, const char *key, struct json *value);
void json_append(struct json *array, struct json *value);
void json_set_str(struct json *object, const char *key, const char *s);
void json_set_int(struct json *object, const char *key, int64_t v);
void json_set_real(struct json *object, const char *key, double v);
void json_set_bool(struct json *object, const char *key, bool v);

/* Reading. Borrowed: they live as long as the container. */
bool json_is_object(const struct json *v);
bool json_is_array(const struct json *v);
bool json_is_string(const struct json *v);
bool json_is_null(const struct json *v);
bool json_is_int(const struct json *v);
bool json_is_real(const struct json *v);
bool json_is_bool(const struct json *v);
const struct json *json_get(const struct json *object, const char *key); /* NULL: none */
size_t json_count(const struct json *v); /* members or elements; 0 for the rest */
const struct json *json_at(const struct json *array, size_t i);
/* The i-th member of an object: its key, and its value in *value. */
const char *json_member(const struct json *object, size_t i, const struct json **value);
const char *json_text(const struct json *v,
                      size_t *len); /* NULL unless a string; len may be NULL */
int64_t json_int_value(const struct json *v, int64_t otherwise);
double json_real_value(const struct json *v, double otherwise); /* ints too */
bool json_bool_value(const struct json *v, bool otherwise);
/* Shortcuts for members. */
const char *json_get_str(const struct json *object, const char *key, const char *otherwise);
int64_t json_get_int(const struct json *object, const char *key, int64_t otherwise);
bool json_get_bool(const struct json *object, const char *key, bool otherwise);

enum json_style {
	JSON_COMPACT,
	JSON_PRETTY, /* two spaces, and a newline at the end */
};
void json_write(struct buf *out, const struct json *v, enum json_style style);

/*
 * Parses exactly one value of UTF-8 text. ERR_INVALID gives line, column and
 * reason. Duplicate keys are refused; nesting is limited by jansson (2,048).
 */
int json_parse(struct json **out, const char *text, size_t len, struct error *err);

#endif
