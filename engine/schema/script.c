/* SPDX-License-Identifier: MIT */
#include "engine/schema/script.h"

#include <string.h>

#define CODE_KINDS                                                                \
	(OBJECT_KIND_BIT(OBJECT_FUNCTION) | OBJECT_KIND_BIT(OBJECT_PROCEDURE) |   \
	 OBJECT_KIND_BIT(OBJECT_PACKAGE) | OBJECT_KIND_BIT(OBJECT_PACKAGE_BODY) | \
	 OBJECT_KIND_BIT(OBJECT_TRIGGER) | OBJECT_KIND_BIT(OBJECT_EVENT))

bool script_is_code(enum object_kind kind)
{
	return (OBJECT_KIND_BIT(kind) & CODE_KINDS) != 0;
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

static bool is_ascii(struct str text)
{
	for (size_t i = 0; i < text.n; i++) {
		if ((unsigned char)text.p[i] >= 0x80)
			return false;
	}
	return true;
}

void script_client_settings(struct buf *out, struct str script)
{
	/* The first characters of some of the client's character sets swallow what follows. */
	if (!is_ascii(script))
		buf_adds(out, "\\C utf8mb4\n");
	buf_adds(out, "DELIMITER ;\n");
}
