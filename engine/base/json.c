/* SPDX-License-Identifier: MIT */
/*
 * Some names of jansson are ours as well, with other meanings. Its own five
 * functions are declared under other names here and never called (json_pack()
 * makes the same values); ours have hidden visibility, so that jansson keeps
 * calling its own.
 */
#define json_object     jansson_object
#define json_array      jansson_array
#define json_real       jansson_real
#define json_null       jansson_null
#define json_real_value jansson_real_value
#include <jansson.h>
#undef json_object
#undef json_array
#undef json_real
#undef json_null
#undef json_real_value
#undef json_is_object
#undef json_is_array
#undef json_is_string
#undef json_is_null
#undef json_is_real
static const size_t dump_compact = JSON_COMPACT;
#undef JSON_COMPACT

#include "engine/base/json.h"

#include <assert.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "engine/base/buf.h"
#include "engine/base/error.h"
#include "engine/base/mem.h"

#define REAL_DIGITS 15 /* 0.1 stays "0.1" */

/* jansson answers NULL for what cannot be made: here that is only lack of memory. */
static struct json *made(json_t *v)
{
	if (!v) {
		fputs("out of memory: JSON value\n", stderr);
		abort();
	}
	return (struct json *)v;
}

static json_t *inner(struct json *v)
{
	return (json_t *)v;
}

static const json_t *look(const struct json *v)
{
	return (const json_t *)v;
}

static bool has_type(const struct json *v, json_type type)
{
	return v && json_typeof(look(v)) == type;
}

void json_free(struct json *v)
{
	json_decref(inner(v));
}

struct json *json_share(const struct json *v)
{
	json_t *shared = (json_t *)(uintptr_t)v; // NOLINT(performance-no-int-to-ptr)

	return (struct json *)json_incref(shared); /* counting changes nothing that is seen */
}

/* The length of the UTF-8 character at p, 0 when there is none. */
static size_t utf8_length(const unsigned char *p, size_t n)
{
	size_t len;

	if (p[0] < 0x80)
		return 1;
	if (p[0] < 0xc2 || p[0] > 0xf4)
		return 0;
	len = p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
	if (n < len)
		return 0;
	for (size_t i = 1; i < len; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	}
	if ((p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xed && p[1] > 0x9f) ||
	    (p[0] == 0xf0 && p[1] < 0x90) || (p[0] == 0xf4 && p[1] > 0x8f))
		return 0; /* overlong, surrogate, or beyond U+10FFFF */
	return len;
}

/* How much at the beginning of a text is UTF-8. */
static size_t valid_length(const char *s, size_t len)
{
	const unsigned char *p = (const unsigned char *)s;
	size_t i = 0, n;

	while (i < len && (n = utf8_length(p + i, len - i)) > 0)
		i += n;
	return i;
}

/* The text itself, or when it is not UTF-8 a copy with U+FFFD for each byte that is wrong. */
static struct str clean(struct buf *copy, const char *s, size_t len)
{
	size_t n = valid_length(s, len);

	if (n == len)
		return (struct str){ s, len };
	while (len > 0) {
		buf_add(copy, s, n);
		s += n;
		len -= n;
		if (len > 0) {
			buf_adds(copy, "\xef\xbf\xbd");
			s++;
			len--;
		}
		n = valid_length(s, len);
	}
	return (struct str){ copy->data, copy->len };
}

/* json_pack() reads its format each time; a list of 100,000 rows notices. */
static json_t *empty, *null;

static void make_constants(void)
{
	empty = json_pack("{}");
	null = json_pack("n");
}

static void constants(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, make_constants);
}

struct json *json_object(void)
{
	constants();
	return made(json_copy(empty));
}

struct json *json_array(void)
{
	return made(json_pack("[]"));
}

struct json *json_str(const char *s)
{
	return s ? json_strn(s, strlen(s)) : json_null();
}

struct json *json_strn(const char *s, size_t len)
{
	autobuf copy = BUF_INIT;
	struct str text = clean(&copy, s, len);

	return made(json_stringn_nocheck(text.p, text.n));
}

struct json *json_int(int64_t v)
{
	return made(json_integer(v));
}

struct json *json_real(double v)
{
	return isfinite(v) ? made(json_pack("f", v)) : json_null();
}

struct json *json_bool(bool v)
{
	return made(v ? json_true() : json_false());
}

struct json *json_null(void)
{
	constants();
	return made(json_incref(null));
}

void json_set(struct json *object, const char *key, struct json *value)
{
	autobuf copy = BUF_INIT;
	struct str text = clean(&copy, key, strlen(key)); /* with a NUL behind it */
	int rc;

	assert(json_is_object(object));
	rc = json_object_set_new_nocheck(inner(object), text.p,
	                                 inner(value ? value : json_null()));
	made(rc == 0 ? inner(object) : NULL);
}

void json_append(struct json *array, struct json *value)
{
	int rc;

	assert(json_is_array(array));
	rc = json_array_append_new(inner(array), inner(value ? value : json_null()));
	made(rc == 0 ? inner(array) : NULL);
}

void json_set_str(struct json *object, const char *key, const char *s)
{
	json_set(object, key, json_str(s));
}

void json_set_int(struct json *object, const char *key, int64_t v)
{
	json_set(object, key, json_int(v));
}

void json_set_real(struct json *object, const char *key, double v)
{
	json_set(object, key, json_real(v));
}

void json_set_bool(struct json *object, const char *key, bool v)
{
	json_set(object, key, json_bool(v));
}

bool json_is_object(const struct json *v)
{
	return has_type(v, JSON_OBJECT);
}

bool json_is_array(const struct json *v)
{
	return has_type(v, JSON_ARRAY);
}

bool json_is_string(const struct json *v)
{
	return has_type(v, JSON_STRING);
}

bool json_is_null(const struct json *v)
{
	return has_type(v, JSON_NULL);
}

bool json_is_int(const struct json *v)
{
	return has_type(v, JSON_INTEGER);
}

bool json_is_real(const struct json *v)
{
	return has_type(v, JSON_REAL);
}

bool json_is_bool(const struct json *v)
{
	return has_type(v, JSON_TRUE) || has_type(v, JSON_FALSE);
}

const struct json *json_get(const struct json *object, const char *key)
{
	return (const struct json *)json_object_get(look(object), key);
}

size_t json_count(const struct json *v)
{
	return json_is_object(v) ? json_object_size(look(v)) : json_array_size(look(v));
}

const struct json *json_at(const struct json *array, size_t i)
{
	return (const struct json *)json_array_get(look(array), i);
}

const char *json_member(const struct json *object, size_t i, const struct json **value)
{
	/* jansson iterates with a pointer to a value that it does not change. */
	const union {
		const struct json *ours;
		json_t *theirs;
	} o = { .ours = object };
	void *it = json_object_iter(o.theirs);

	while (it && i-- > 0)
		it = json_object_iter_next(o.theirs, it);
	if (!it)
		return NULL;
	*value = (const struct json *)json_object_iter_value(it);
	return json_object_iter_key(it);
}

const char *json_text(const struct json *v, size_t *len)
{
	if (len)
		*len = json_string_length(look(v));
	return json_string_value(look(v));
}

int64_t json_int_value(const struct json *v, int64_t otherwise)
{
	return json_is_int(v) ? json_integer_value(look(v)) : otherwise;
}

double json_real_value(const struct json *v, double otherwise)
{
	return json_is_real(v) || json_is_int(v) ? json_number_value(look(v)) : otherwise;
}

bool json_bool_value(const struct json *v, bool otherwise)
{
	return json_is_bool(v) ? has_type(v, JSON_TRUE) : otherwise;
}

const char *json_get_str(const struct json *object, const char *key, const char *otherwise)
{
	const char *text = json_text(json_get(object, key), NULL);

	return text ? text : otherwise;
}

int64_t json_get_int(const struct json *object, const char *key, int64_t otherwise)
{
	return json_int_value(json_get(object, key), otherwise);
}

bool json_get_bool(const struct json *object, const char *key, bool otherwise)
{
	return json_bool_value(json_get(object, key), otherwise);
}

static int add_piece(const char *data, size_t len, void *arg)
{
	buf_add(arg, data, len);
	return 0;
}

void json_write(struct buf *out, const struct json *v, enum json_style style)
{
	size_t flags = JSON_ENCODE_ANY | JSON_REAL_PRECISION(REAL_DIGITS);

	flags |= style == JSON_PRETTY ? JSON_INDENT(2) : dump_compact;
	if (json_dump_callback(look(v), add_piece, out, flags) < 0)
		made(NULL);
	if (style == JSON_PRETTY)
		buf_addc(out, '\n');
}

int json_parse(struct json **out, const char *text, size_t len, struct error *err)
{
	const size_t flags = JSON_REJECT_DUPLICATES | JSON_DECODE_ANY | JSON_ALLOW_NUL;
	json_error_t where;
	json_t *v = json_loadb(text, len, flags, &where);

	if (!v)
		return error_set(err, ERR_INVALID, "line %d, column %d: %s", where.line,
		                 where.column, where.text);
	*out = (struct json *)v;
	return 0;
}
