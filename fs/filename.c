/* SPDX-License-Identifier: MIT */
#include "fs/filename.h"

#include <limits.h>
#include <string.h>

#include "engine/base/buf.h"
#include "engine/base/hash.h"
#include "engine/base/name.h"

#define EMPTY       "%"
#define CUT_MARK    "%~"
#define CUT_LEN     (NAME_MAX - 24) /* leaves room for mark, hash and ".sql" */
#define HASH_DIGITS 16

/* Where to cut so that neither a UTF-8 character nor an escape is torn. */
static size_t cut_at(const char *escaped)
{
	size_t n = CUT_LEN;

	while (n > 0 && ((unsigned char)escaped[n] & 0xc0) == 0x80)
		n--;
	for (size_t back = 1; back <= 2 && back <= n; back++)
		if (escaped[n - back] == '%')
			return n - back;
	return n;
}

void filename_add(struct buf *out, const char *name)
{
	size_t start = out->len;

	if (!*name) {
		buf_adds(out, EMPTY);
		return;
	}
	name_escape(out, name);
	if (out->len - start <= NAME_MAX - strlen(".sql"))
		return;
	buf_truncate(out, start + cut_at(out->data + start));
	buf_adds(out, CUT_MARK);
	buf_addf(out, "%016llx", (unsigned long long)hash_text(HASH_START, name));
}

enum filename_form filename_read(struct buf *out, const char *filename)
{
	size_t len = strlen(filename);

	if (strcmp(filename, EMPTY) == 0)
		return FILENAME_WHOLE;
	if (len > HASH_DIGITS + strlen(CUT_MARK) &&
	    memcmp(filename + len - HASH_DIGITS - strlen(CUT_MARK), CUT_MARK,
	           strlen(CUT_MARK)) == 0)
		return FILENAME_CUT;
	return name_unescape(out, filename) ? FILENAME_WHOLE : FILENAME_IS_WRONG;
}
