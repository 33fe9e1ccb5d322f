/* SPDX-License-Identifier: MIT */
#include "cli/out_frame.h"

#include <string.h>
#include <wchar.h>

#include "engine/base/buf.h"

struct rule {
	const char *left, *fill, *cross, *right; /* left NULL: no such line */
};

/* clang-format off */
static const struct frame {
	const char *left, *separator, *right;
	struct rule top, titles, bottom;
	size_t margin;
} frames[] = {
	[OUT_FRAME_NONE] = { "", "  ", "", { NULL }, { NULL }, { NULL }, 0 },
	[OUT_FRAME_MINIMAL] = { "", "  ", "", { NULL }, { "", "-", "  ", "" }, { NULL }, 0 },
	[OUT_FRAME_BORDER] = { "| ", " | ", " |",
		{ "+-", "-", "-+-", "-+" }, { "+-", "-", "-+-", "-+" }, { "+-", "-", "-+-", "-+" }, 4 },
	[OUT_FRAME_ROUNDED] = { "\u2502 ", " \u2502 ", " \u2502",
		{ "\u256d\u2500", "\u2500", "\u2500\u252c\u2500", "\u2500\u256e" },
		{ "\u251c\u2500", "\u2500", "\u2500\u253c\u2500", "\u2500\u2524" },
		{ "\u2570\u2500", "\u2500", "\u2500\u2534\u2500", "\u2500\u256f" }, 4 },
};
/* clang-format on */

const char *frame_separator(enum out_frame frame)
{
	return frames[frame].separator;
}

size_t frame_margin(enum out_frame frame)
{
	return frames[frame].margin;
}

static void draw_rule(struct buf *out, const struct rule *r, const size_t *widths, size_t count)
{
	if (!r->left)
		return;
	buf_adds(out, r->left);
	for (size_t i = 0; i < count; i++) {
		if (i > 0)
			buf_adds(out, r->cross);
		for (size_t k = 0; k < widths[i]; k++)
			buf_adds(out, r->fill);
	}
	buf_adds(out, r->right);
	buf_addc(out, '\n');
}

/* Columns on the screen; a colour's escape sequence takes none. */
static size_t shown_width(const char *text, size_t len)
{
	mbstate_t state = { 0 };
	size_t width = 0;

	for (size_t i = 0; i < len;) {
		wchar_t c;
		size_t n;

		if (text[i] == '\33') {
			while (i < len && text[i] != 'm')
				i++;
			i++;
			continue;
		}
		n = mbrtowc(&c, text + i, len - i, &state);
		if (n == 0 || n > len - i) { /* not text of this locale: a byte, a column */
			memset(&state, 0, sizeof(state));
			n = 1;
			c = L'?';
		}
		width += wcwidth(c) > 0 ? (size_t)wcwidth(c) : 0;
		i += n;
	}
	return width;
}

static size_t table_width(const struct frame *f, const size_t *widths, size_t count)
{
	size_t width = 0;

	for (size_t i = 0; i < count; i++)
		width += widths[i] +
		         (i > 0 ? shown_width(f->separator, strlen(f->separator)) : 0);
	return width;
}

void frame_draw(struct buf *out, enum out_frame frame, const char *table, const size_t *widths,
                size_t count)
{
	const struct frame *f = &frames[frame];
	size_t width = table_width(f, widths, count);
	bool titles = true;

	draw_rule(out, &f->top, widths, count);
	while (*table) {
		size_t n = strcspn(table, "\n"), shown = shown_width(table, n);

		buf_adds(out, f->left);
		buf_add(out, table, n);
		for (; f->right[0] && shown < width; shown++)
			buf_addc(out, ' ');
		buf_adds(out, f->right);
		buf_addc(out, '\n');
		if (titles)
			draw_rule(out, &f->titles, widths, count);
		titles = false;
		table += n + (table[n] ? 1 : 0);
	}
	draw_rule(out, &f->bottom, widths, count);
}
