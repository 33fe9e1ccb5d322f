/* SPDX-License-Identifier: MIT */
#include "engine/base/name.h"

#include <string.h>

#include "engine/base/buf.h"
#include "engine/base/number.h"

/* Must this character be written as %XX here? */
static bool is_special(char c, bool first)
{
	unsigned char byte = (unsigned char)c;

	return byte < 0x20 || byte == 0x7f || c == '/' || c == '%' || (first && c == '.');
}

void name_escape(struct buf *out, const char *name)
{
	for (const char *p = name; *p; p++) {
		if (is_special(*p, p == name))
			buf_addf(out, "%%%02X", (unsigned int)(unsigned char)*p);
		else
			buf_addc(out, *p);
	}
}

static bool is_upper_hex(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'F');
}

bool name_unescape(struct buf *out, const char *escaped)
{
	size_t before = out->len;
	const char *p = escaped;

	while (*p) {
		bool first = p == escaped;
		char c = *p;

		if (c == '%') {
			if (!is_upper_hex(p[1]) || !is_upper_hex(p[2]) ||
			    !number_parse_hex(&c, 1, p + 1, 2) || c == '\0' ||
			    !is_special(c, first))
				break;
			p += 3;
		} else {
			if (is_special(c, first))
				break;
			p++;
		}
		buf_addc(out, c);
	}
	if (*p)
		buf_truncate(out, before);
	return *p == '\0';
}

bool name_is_backup_id(const char *text)
{
	size_t n = strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	                        "0123456789_-");

	return n > 0 && n <= NAME_BACKUP_ID_MAX && text[n] == '\0';
}
