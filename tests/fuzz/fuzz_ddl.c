/* SPDX-License-Identifier: MIT */
/*
 * Any bytes as what a server says of its objects: parts that are slices of the
 * text, a script, never a crash.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "engine/base/arena.h"
#include "engine/base/buf.h"
#include "engine/base/error.h"
#include "engine/schema/emit.h"
#include "engine/schema/model.h"
#include "engine/schema/table.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
	if (!holds)
		abort();
}

static void check_slice(struct str text, struct str part)
{
	must(part.n == 0 || (part.p >= text.p && part.p + part.n <= text.p + text.n));
}

static void check_table(const struct table *t, struct str text)
{
	for (size_t i = 0; i < t->column_count; i++) {
		check_slice(text, t->columns[i].text);
		check_slice(text, t->columns[i].type);
		check_slice(text, t->columns[i].default_text);
		check_slice(text, t->columns[i].expression);
	}
	for (size_t i = 0; i < t->index_count; i++) {
		check_slice(text, t->indexes[i].text);
		must(t->indexes[i].part_count > 0);
	}
	for (size_t i = 0; i < t->foreign_key_count; i++)
		must(t->foreign_keys[i].column_count > 0);
	for (size_t i = 0; i < t->option_count; i++)
		check_slice(text, t->options[i].text);
	for (size_t i = 0; i < t->partitioning.count; i++)
		check_slice(text, t->partitioning.partitions[i].text);
}

/* Cutting AUTO_INCREMENT=n out leaves a table that has none. */
static void check_cut(const struct object *o)
{
	uint64_t value;

	if (o->parsed)
		check_table(o->parsed, o->sql);
	if (o->auto_increment > 0 && o->parsed)
		must(o->parsed->option_count == 0 ||
		     table_auto_increment(o->sql, &value).n < o->sql.n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	DEFER(schema) *s = schema_new("shop");
	struct error err = ERROR_INIT;
	autobuf script = BUF_INIT;

	for (unsigned int kind = 0; kind < OBJECT_KIND_COUNT; kind++) {
		struct object *o =
			schema_add(s, (enum object_kind)kind, "t", (const char *)data, size);

		o->table = "t";
		o->problem = size % 2 == 0 ? "x" : NULL;
		o->context.sql_mode = size % 3 == 0 ? "ANSI_QUOTES,NO_BACKSLASH_ESCAPES" : NULL;
	}
	must(schema_finish(s, &err) == 0);
	check_cut(schema_find(s, OBJECT_TABLE, "t"));
	emit_script(&script, s);
	return 0;
}
