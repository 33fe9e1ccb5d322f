/* SPDX-License-Identifier: MIT */
#include "engine/schema/script.h"

#include <string.h>

#include "engine/base/buf.h"

bool script_is_code(enum object_kind kind)
{
	return kind == OBJECT_FUNCTION || kind == OBJECT_PROCEDURE || kind == OBJECT_PACKAGE ||
	       kind == OBJECT_PACKAGE_BODY || kind == OBJECT_TRIGGER || kind == OBJECT_EVENT;
}

void script_comment(struct buf *out, const char *text)
{
	buf_adds(out, "-- ");
	for (const char *c = text; *c; c++) {
		if (*c == '\r')
			continue;
		buf_addc(out, *c);
		if (*c == '\n')
			buf_adds(out, "-- ");
	}
	buf_addc(out, '\n');
}

/* A delimiter that does not occur in the statement: ;; or ;;; or ... */
static void find_delimiter(struct buf *out, struct str sql)
{
	buf_adds(out, ";;");
	while (memmem(sql.p, sql.n, out->data, out->len))
		buf_addc(out, ';');
}

size_t script_statement(struct buf *out, struct str sql, bool code)
{
	autobuf delimiter = BUF_INIT;
	size_t begin;

	if (code) {
		find_delimiter(&delimiter, sql);
		buf_addf(out, "DELIMITER %s\n", delimiter.data);
	}
	begin = out->len;
	buf_add(out, sql.p, sql.n);
	if (code)
		buf_addf(out, "\n%s\nDELIMITER ;\n", delimiter.data);
	else
		buf_adds(out, ";\n");
	return begin;
}

int script_setting(void *arg, const char *statement, struct error *err)
{
	(void)err;
	buf_addf(arg, "%s;\n", statement);
	return 0;
}
