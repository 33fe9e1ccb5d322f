/* SPDX-License-Identifier: MIT */
#include "engine/config/substitute.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "engine/base/cleanup.h"
#include "engine/base/error.h"
#include "engine/base/mem.h"
#include "engine/base/secret.h"

#define TEXT_MAX    65536 /* of a value after substitution */
#define DEFAULT_MAX 8     /* levels of defaults in defaults */
#define HINT                                                                             \
	"Write ${NAME}, ${NAME:-default} or ${NAME:offset:length}, and $${ for the two " \
	"characters themselves."

static bool looks_secret(const char *name)
{
	static const char *const words[] = { "PASS",  "SECRET",     "KEY",
		                             "TOKEN", "CREDENTIAL", "PWD" };

	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		if (strcasestr(name, words[i]))
			return true;
	}
	return false;
}

/* The bytes of n characters of UTF-8. */
static size_t characters(const char *s, size_t n)
{
	const char *p = s;

	for (; *p && n > 0; n--) {
		p++;
		while (((unsigned char)*p & 0xC0) == 0x80)
			p++;
	}
	return (size_t)(p - s);
}

static bool number(size_t *out, const char **p)
{
	size_t v = 0;
	const char *start = *p;

	for (; isdigit((unsigned char)**p); (*p)++) {
		if (v < TEXT_MAX)
			v = v * 10 + (size_t)(**p - '0');
	}
	*out = v;
	return *p > start;
}

/* The text may be a secret: say where, not what. */
static int malformed(const struct substitution *s, const char *at, struct error *err)
{
	error_set(err, ERR_INVALID, "no proper substitution at byte %td of the value",
	          at - s->source + 1);
	return error_hint(err, "%s", HINT);
}

static int add(struct substitution *out, const char *text, size_t len, struct error *err)
{
	if (len > TEXT_MAX - out->text.len)
		return error_set(err, ERR_INVALID, "more than %d bytes after substitution",
		                 TEXT_MAX);
	buf_add(&out->text, text, len);
	return 0;
}

static void note(struct substitution *out, const char *name, const char *value)
{
	out->any = true;
	out->hidden = out->hidden || looks_secret(name);
	if (value)
		return;
	buf_adds(&out->missing, out->missing.len ? ", " : "");
	buf_adds(&out->missing, name);
}

static int expand(struct substitution *out, const char **at, unsigned int depth,
                  struct error *err);

/* "-default}": *p stands behind the '-'. */
static int expand_default(struct substitution *out, const char *name, const char **p,
                          unsigned int depth, struct error *err)
{
	const char *value = getenv(name);
	autosubstitution unused = SUBSTITUTION_INIT;

	unused.source = out->source;
	note(out, name, "");
	if (!value || !value[0])
		return expand(out, p, depth + 1, err);
	/* The default is not wanted, but we must know where it ends. */
	if (expand(&unused, p, depth + 1, err) < 0)
		return -1;
	return add(out, value, strlen(value), err);
}

/* "offset}" or "offset:length}". */
static int expand_slice(struct substitution *out, const char *name, const char **p,
                        struct error *err)
{
	const char *start = *p;
	const char *value = getenv(name);
	size_t offset, length = TEXT_MAX;

	if (!number(&offset, p))
		return malformed(out, start, err);
	if (**p == ':') {
		(*p)++;
		if (!number(&length, p))
			return malformed(out, start, err);
	}
	if (**p != '}')
		return malformed(out, start, err);
	(*p)++;
	note(out, name, value);
	if (!value)
		return 0;
	value += characters(value, offset);
	return add(out, value, characters(value, length), err);
}

/* *at stands at "${". */
static int expand_variable(struct substitution *out, const char **at, unsigned int depth,
                           struct error *err)
{
	const char *p = *at + 2;
	autofree char *name = NULL;
	int result;

	while (isalnum((unsigned char)*p) || *p == '_')
		p++;
	if (p == *at + 2 || isdigit((unsigned char)(*at)[2]))
		return malformed(out, *at, err);
	name = mem_strndup(*at + 2, (size_t)(p - (*at + 2)));
	if (*p == '}') {
		const char *value = getenv(name);

		*at = p + 1;
		note(out, name, value);
		return value ? add(out, value, strlen(value), err) : 0;
	}
	if (*p != ':')
		return malformed(out, *at, err);
	p++;
	if (*p == '-') {
		p++;
		result = expand_default(out, name, &p, depth, err);
	} else {
		result = expand_slice(out, name, &p, err);
	}
	*at = p;
	return result;
}

/* Up to the end of the text, or in a default to the '}' that ends it. */
static int expand(struct substitution *out, const char **at, unsigned int depth,
                  struct error *err)
{
	const char *start = *at;

	if (depth > DEFAULT_MAX)
		return error_set(err, ERR_INVALID, "defaults in defaults more than %d deep",
		                 DEFAULT_MAX);
	while (**at && (depth == 0 || **at != '}')) {
		size_t escape = strncmp(*at, "$${", 3) == 0 ? 1 : 0;

		if (!escape && strncmp(*at, "${", 2) == 0) {
			if (expand_variable(out, at, depth, err) < 0)
				return -1;
			continue;
		}
		*at += escape;
		if (add(out, *at, 1 + escape, err) < 0)
			return -1;
		*at += 1 + escape;
	}
	if (depth == 0)
		return 0;
	if (**at != '}')
		return malformed(out, start, err);
	(*at)++;
	return 0;
}

int substitute(struct substitution *out, const char *text, struct error *err)
{
	out->source = text;
	return expand(out, &text, 0, err);
}

void substitution_finish(struct substitution *s)
{
	secret_wipe(s->text.data, s->text.len);
	buf_finish(&s->text);
	buf_finish(&s->missing);
}
