/* SPDX-License-Identifier: MIT */
#include "engine/schema/quote.h"

#include <string.h>

#include "engine/base/buf.h"

void quote_name(struct buf *out, const char *name)
{
	buf_addc(out, '`');
	for (const char *p = name; *p; p++) {
		if (*p == '`')
			buf_addc(out, '`');
		buf_addc(out, *p);
	}
	buf_addc(out, '`');
}

/* What a string cannot hold as it is, or what clients alter on its way, and its escape. */
static const char specials[] = "\0\n\r\\'\x1a";
static const char escapes[] = "0nr\\'Z";

static void add_escaped(struct buf *out, char c, bool keep_newlines)
{
	const char *special = memchr(specials, c, sizeof(specials) - 1);

	if (!special || (c == '\n' && keep_newlines)) {
		buf_addc(out, c);
		return;
	}
	buf_addc(out, '\\');
	buf_addc(out, escapes[special - specials]);
}

void quote_string(struct buf *out, const char *text)
{
	buf_addc(out, '\'');
	for (const char *p = text; *p; p++)
		add_escaped(out, *p, false);
	buf_addc(out, '\'');
}

void quote_text(struct buf *out, struct str text)
{
	buf_addc(out, '\'');
	for (size_t i = 0; i < text.n; i++)
		add_escaped(out, text.p[i], true);
	buf_addc(out, '\'');
}
