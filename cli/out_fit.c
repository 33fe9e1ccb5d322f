/* SPDX-License-Identifier: MIT */
#include "cli/out_fit.h"

#include <string.h>

#include "engine/base/buf.h"

static bool begins_character(char c)
{
	return ((unsigned char)c & 0xc0) != 0x80;
}

size_t fit_width(const char *text)
{
	size_t width = 0;

	for (; *text; text++)
		width += begins_character(*text);
	return width;
}

/* Bytes of the first `width` characters. */
static size_t bytes_of(const char *text, size_t width)
{
	const char *p = text;

	while (*p && (width > 0 || !begins_character(*p)))
		width -= begins_character(*p++);
	return (size_t)(p - text);
}

/* What all take when the flexible ones are at most `cap` wide. */
static size_t total(const size_t *widths, const bool *flexible, size_t count, size_t cap)
{
	size_t sum = 0;

	for (size_t i = 0; i < count; i++)
		sum += flexible[i] && widths[i] > cap ? cap : widths[i];
	return sum;
}

void fit_share(size_t *widths, const bool *flexible, size_t count, size_t room, size_t least)
{
	size_t cap = room > least ? room : least;

	while (cap > least && total(widths, flexible, count, cap) > room)
		cap--;
	for (size_t i = 0; i < count; i++) {
		if (flexible[i] && widths[i] > cap)
			widths[i] = cap;
	}
}

void fit_wrap(struct buf *out, const char *text, size_t width)
{
	while (fit_width(text) > width) {
		size_t n = bytes_of(text, width), blank = n;

		while (blank > 0 && text[blank] != ' ')
			blank--;
		if (blank > 0)
			n = blank;
		buf_addf(out, "%.*s\n", (int)n, text);
		text += n;
		text += strspn(text, " ");
	}
	buf_adds(out, text);
}

void fit_cut(struct buf *out, const char *text, size_t width, const char *mark)
{
	size_t room = fit_width(mark);

	if (fit_width(text) <= width) {
		buf_adds(out, text);
		return;
	}
	buf_addf(out, "%.*s", (int)bytes_of(text, width > room ? width - room : 0), text);
	buf_adds(out, mark);
}
