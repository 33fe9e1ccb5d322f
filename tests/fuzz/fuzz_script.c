/* SPDX-License-Identifier: MIT */
/*
 * Any bytes as a script: statements that are slices of it, one behind the other; and as a dump,
 * fed in pieces: the same outcome as in one piece, a schema whose own script is read again, or
 * an error. Never a crash.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/buf.h"
#include "engine/base/error.h"
#include "engine/schema/dump.h"
#include "engine/schema/emit.h"
#include "engine/schema/script_reader.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
	if (!holds)
		abort();
}

static void check_statements(struct str text, bool no_backslash_escapes)
{
	struct script_reader r;
	struct script_statement st;
	struct error err = ERROR_INIT;
	const char *end = text.p;
	size_t line = 1;
	int more;

	script_reader_init(&r, text);
	r.no_backslash_escapes = no_backslash_escapes;
	while ((more = script_reader_next(&r, &st, &err)) > 0) {
		autobuf open = BUF_INIT;

		must(st.sql.n > 0 && st.sql.p >= end && st.sql.n <= text.n);
		end = st.sql.p + st.sql.n;
		must(end <= text.p + text.n);
		must(st.line >= line);
		line = st.line;
		script_open_comments(&open, st.sql, SERVER_MARIADB, 101100, "");
		script_open_comments(&open, st.sql, SERVER_MYSQL, 80400, "ANSI_QUOTES");
	}
	must(more == 0 || err.code != ERR_NONE);
}

/* The script of what a dump makes; false: it makes nothing. */
static bool make(struct buf *out, struct str text, size_t piece)
{
	DEFER(dump) *d = dump_new("shop");
	DEFER(schema) *s = NULL;
	struct error err = ERROR_INIT;

	for (size_t at = 0; at < text.n; at += piece) {
		size_t n = text.n - at < piece ? text.n - at : piece;

		if (dump_feed(d, text.p + at, n, &err) < 0)
			return false;
	}
	if (dump_finish(&s, d, &err) < 0)
		return false;
	emit_script(out, s);
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = { (const char *)data, size };
	autobuf whole = BUF_INIT;
	autobuf pieces = BUF_INIT;
	bool made;

	check_statements(text, false);
	check_statements(text, true);
	if (size == 0)
		return 0;
	made = make(&whole, text, size);
	must(made == make(&pieces, text, 1 + data[0] % 13U));
	must(!made ||
	     (whole.len == pieces.len && memcmp(whole.data, pieces.data, whole.len) == 0));
	return 0;
}
