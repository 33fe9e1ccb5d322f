/* SPDX-License-Identifier: MIT */
#include "engine/base/number.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "engine/base/cleanup.h"
#include "engine/base/error.h"

/* Reads digits of a base up to 10; the text behind them, or NULL without any or over max. */
static const char *read_digits(uint64_t *out, const char *text, unsigned int base, uint64_t max)
{
	uint64_t v = 0;
	const char *p;

	for (p = text; *p >= '0' && *p < (char)('0' + base); p++) {
		unsigned int digit = (unsigned int)(*p - '0');

		if (v > (max - digit) / base || digit > max)
			return NULL;
		v = v * base + digit;
	}
	*out = v;
	return p > text ? p : NULL;
}

int number_parse_u64(uint64_t *out, const char *text, uint64_t max, struct error *err)
{
	uint64_t v = 0;
	const char *end = read_digits(&v, text, 10, max);

	if (!end || *end != '\0')
		return error_set(err, ERR_INVALID, "\"%s\" is not a number from 0 to %" PRIu64,
		                 text, max);
	*out = v;
	return 0;
}

int number_parse_i64(int64_t *out, const char *text, int64_t min, int64_t max,
                     struct error *err)
{
	bool negative = text[0] == '-';
	uint64_t limit = (uint64_t)INT64_MAX + (negative ? 1 : 0);
	uint64_t v = 0;
	const char *end = read_digits(&v, text + (negative ? 1 : 0), 10, limit);
	int64_t value = (int64_t)(negative ? 0 - v : v);

	if (!end || *end != '\0' || value < min || value > max)
		return error_set(err, ERR_INVALID,
		                 "\"%s\" is not a number from %" PRId64 " to %" PRId64, text,
		                 min, max);
	*out = value;
	return 0;
}

int number_parse_size(uint64_t *out, const char *text, struct error *err)
{
	static const char prefixes[] = "KMGTPE";
	const char *p;
	uint64_t v = 0;
	unsigned int shift = 0;

	p = read_digits(&v, text, 10, UINT64_MAX);
	if (p) {
		const char *prefix;

		if (p[0] == ' ' && p[1] != '\0')
			p++;
		prefix = memchr(prefixes, *p & ~0x20, sizeof(prefixes) - 1);
		if (prefix) {
			shift = 10 * (unsigned int)(prefix - prefixes + 1);
			p += strcasecmp(p + 1, "ib") == 0 ? 2 : 1;
		}
		if (*p == 'B' || *p == 'b')
			p++;
	}
	if (!p || *p != '\0' || v > UINT64_MAX >> shift)
		return error_set(err, ERR_INVALID,
		                 "\"%s\" is not a size such as 4096, 64KB, 64MB or 1GB", text);
	*out = v << shift;
	return 0;
}

int number_parse_mode(unsigned int *out, const char *text, struct error *err)
{
	const char *digits = text;
	const char *end;
	uint64_t v = 0;

	if (digits[0] == '0' && (digits[1] == 'o' || digits[1] == 'O'))
		digits += 2;
	end = read_digits(&v, digits, 8, 07777);
	if (!end || *end != '\0')
		return error_set(err, ERR_INVALID,
		                 "\"%s\" is not a file mode from 0000 to 7777 (octal)", text);
	*out = (unsigned int)v;
	return 0;
}

int number_parse_bool(bool *out, const char *text, struct error *err)
{
	static const struct {
		const char *name;
		bool value;
	} words[] = {
		{ "true", true }, { "false", false }, { "yes", true }, { "no", false },
		{ "on", true },   { "off", false },   { "1", true },   { "0", false },
	};

	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		if (strcasecmp(text, words[i].name) == 0) {
			*out = words[i].value;
			return 0;
		}
	}
	return error_set(err, ERR_INVALID, "\"%s\" is neither true nor false", text);
}

void number_format_size(char out[NUMBER_TEXT_MAX], uint64_t bytes)
{
	static const char *const units[] = { "KB", "MB", "GB", "TB", "PB", "EB" };
	double v = (double)bytes / 1024;
	size_t unit = 0;

	if (bytes < 1024) {
		snprintf(out, NUMBER_TEXT_MAX, "%" PRIu64 " B", bytes);
		return;
	}
	/* What would be shown as 1024.0 belongs to the next unit. */
	while (v >= 1023.95 && unit + 1 < ARRAY_SIZE(units)) {
		v /= 1024;
		unit++;
	}
	snprintf(out, NUMBER_TEXT_MAX, "%.1f %s", v, units[unit]);
}

void number_format_hex(char *out, const void *data, size_t len)
{
	static const char digits[] = "0123456789abcdef";
	const unsigned char *bytes = data;

	for (size_t i = 0; i < len; i++) {
		out[2 * i] = digits[bytes[i] >> 4];
		out[2 * i + 1] = digits[bytes[i] & 15];
	}
	out[2 * len] = '\0';
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

bool number_parse_hex(void *out, size_t len, const char *text, size_t text_len)
{
	unsigned char *bytes = out;

	if (text_len / 2 != len || text_len % 2 != 0)
		return false;
	for (size_t i = 0; i < len; i++) {
		int high = hex_digit(text[2 * i]);
		int low = hex_digit(text[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		bytes[i] = (unsigned char)(high << 4 | low);
	}
	return true;
}
