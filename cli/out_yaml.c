/* SPDX-License-Identifier: MIT */
#include "cli/out_yaml.h"

#include <inttypes.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "engine/base/buf.h"
#include "engine/base/cleanup.h"
#include "engine/base/json.h"

/* What YAML 1.1 or 1.2 reads as something else than text. */
static const char *const reserved[] = {
	"", "~", "null", "true", "false", "yes", "no", "on", "off", "y", "n", "=", "<<",
};

static bool is_plain_char(unsigned char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       strchr("_./@+-() ,;", c) != NULL;
}

/* Only what every reader takes for text without thinking may stand without quotes. */
static bool is_plain(const char *s, size_t len)
{
	if (len == 0 || s[0] == ' ' || s[len - 1] == ' ')
		return false;
	/* A letter, '_' or '/' first: no number, date, sign or indicator begins so. */
	if (!(s[0] == '_' || s[0] == '/' || (s[0] >= 'a' && s[0] <= 'z') ||
	      (s[0] >= 'A' && s[0] <= 'Z')))
		return false;
	for (size_t i = 0; i < len; i++) {
		if (s[i] == '\0' || !is_plain_char((unsigned char)s[i]))
			return false;
	}
	for (size_t i = 0; i < ARRAY_SIZE(reserved); i++) {
		if (strcasecmp(s, reserved[i]) == 0)
			return false;
	}
	return true;
}

static void add_escaped(struct buf *out, unsigned char c)
{
	switch (c) {
	case '"':
		buf_adds(out, "\\\"");
		break;
	case '\\':
		buf_adds(out, "\\\\");
		break;
	case '\n':
		buf_adds(out, "\\n");
		break;
	case '\t':
		buf_adds(out, "\\t");
		break;
	case '\r':
		buf_adds(out, "\\r");
		break;
	default:
		buf_addf(out, "\\x%02X", (unsigned int)c);
	}
}

/* UTF-8 that YAML does not print: C1 controls (C2 80..9F), line separators, the BOM. */
static size_t hidden_sequence(const unsigned char *p, size_t left, unsigned int *code)
{
	if (left >= 2 && p[0] == 0xc2 && p[1] >= 0x80 && p[1] <= 0x9f) {
		*code = p[1];
		return 2;
	}
	if (left < 3)
		return 0;
	*code = (unsigned int)(p[0] & 0x0f) << 12 | (unsigned int)(p[1] & 0x3f) << 6 |
	        (unsigned int)(p[2] & 0x3f);
	if ((p[0] & 0xf0) == 0xe0 &&
	    (*code == 0x2028 || *code == 0x2029 || *code == 0xfeff || *code >= 0xfffe))
		return 3;
	return 0;
}

static void add_text(struct buf *out, const char *s, size_t len)
{
	const unsigned char *p = (const unsigned char *)s;

	if (is_plain(s, len)) {
		buf_add(out, s, len);
		return;
	}
	buf_addc(out, '"');
	for (size_t i = 0; i < len; i++) {
		unsigned int code;
		size_t hidden = hidden_sequence(p + i, len - i, &code);

		if (hidden > 0) {
			buf_addf(out, "\\u%04X", code);
			i += hidden - 1;
		} else if (p[i] < 0x20 || p[i] == 0x7f || p[i] == '"' || p[i] == '\\') {
			add_escaped(out, p[i]);
		} else {
			buf_addc(out, s[i]);
		}
	}
	buf_addc(out, '"');
}

static void add_scalar(struct buf *out, const struct json *v)
{
	size_t len;
	const char *text = json_text(v, &len);

	if (text)
		add_text(out, text, len);
	else
		json_write(out, v,
		           JSON_COMPACT); /* numbers, booleans, null, [], {}: as in JSON */
}

static void add_indent(struct buf *out, size_t depth)
{
	for (size_t i = 0; i < depth; i++)
		buf_adds(out, "  ");
}

static bool is_block(const struct json *v)
{
	return json_count(v) > 0;
}

static void add_block(struct buf *out, const struct json *v, size_t depth, bool indented);

/* What follows "key:" or "-". */
static void add_value(struct buf *out, const struct json *v, size_t depth, bool in_list)
{
	if (!is_block(v)) {
		buf_addc(out, ' ');
		add_scalar(out, v);
		buf_addc(out, '\n');
	} else if (in_list) {
		buf_addc(out, ' ');
		add_block(out, v, depth, true);
	} else {
		buf_addc(out, '\n');
		add_block(out, v, depth, false);
	}
}

/* indented: the first line's indentation is there already ("- "). */
static void add_block(struct buf *out, const struct json *v, size_t depth, bool indented)
{
	bool list = json_is_array(v);

	for (size_t i = 0; i < json_count(v); i++) {
		const struct json *value;
		const char *key;

		if (i > 0 || !indented)
			add_indent(out, depth);
		if (list) {
			buf_addc(out, '-');
			add_value(out, json_at(v, i), depth + 1, true);
			continue;
		}
		key = json_member(v, i, &value);
		add_text(out, key, strlen(key));
		buf_addc(out, ':');
		add_value(out, value, depth + 1, false);
	}
}

void yaml_write(struct buf *out, const struct json *v)
{
	if (is_block(v)) {
		add_block(out, v, 0, false);
		return;
	}
	add_scalar(out, v);
	buf_addc(out, '\n');
}

void yaml_write_item(struct buf *out, const struct json *v)
{
	buf_addc(out, '-');
	add_value(out, v, 1, true);
}
