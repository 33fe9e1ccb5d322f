/* SPDX-License-Identifier: MIT */
/*
 * plan_pairs: diff and plan of two schemas that are given as JSON files, for tests.
 *
 *	plan_pairs plan FROM TO    the plan as a script
 *	plan_pairs diff FROM TO    what differs, a line each; status 4 when something does
 */
#include <stdio.h>
#include <string.h>

#include "engine/base/arena.h"
#include "engine/base/buf.h"
#include "engine/base/error.h"
#include "engine/base/fsutil.h"
#include "engine/schema/diff.h"
#include "engine/schema/plan.h"
#include "tests/tools/schema_json.h"

#define FILE_MAX (64U << 20)

static int load(struct schema **out, const char *path, struct error *err)
{
	autobuf text = BUF_INIT;

	if (file_read(&text, path, FILE_MAX, err) < 0)
		return -1;
	if (schema_from_json(out, text.data, text.len, err) < 0)
		return error_wrap(err, "%s", path);
	return 0;
}

static int print_plan(const struct schema *from, const struct schema *to, struct error *err)
{
	DEFER(plan) *p = NULL;
	autobuf script = BUF_INIT;

	if (plan_make(&p, from, to, NULL, err) < 0)
		return -1;
	plan_script(&script, p, NULL);
	fwrite(script.data, 1, script.len, stdout);
	return 0;
}

static int print_diff(const struct schema *from, const struct schema *to, struct error *err)
{
	DEFER(diff) *d = diff_schemas(from, to);

	if (d->database_changed)
		printf("database: %s, want %s\n", from->collation, to->collation);
	for (size_t i = 0; i < d->count; i++) {
		autobuf line = BUF_INIT;

		change_describe(&line, &d->changes[i]);
		puts(line.data);
		for (size_t k = 0; k < d->changes[i].detail_count; k++)
			printf("\t%s\n", d->changes[i].details[k]);
	}
	if (d->count > 0 || d->database_changed)
		return error_set(err, ERR_DIFFERS, "the schemas differ");
	return 0;
}

static int run(const char *command, const char *from_path, const char *to_path,
               struct error *err)
{
	DEFER(schema) *from = NULL;
	DEFER(schema) *to = NULL;

	if (load(&from, from_path, err) < 0 || load(&to, to_path, err) < 0)
		return -1;
	if (strcmp(command, "plan") == 0)
		return print_plan(from, to, err);
	if (strcmp(command, "diff") == 0)
		return print_diff(from, to, err);
	return error_set(err, ERR_USAGE, "unknown command %s", command);
}

int main(int argc, char **argv)
{
	struct error err = ERROR_INIT;

	if (argc != 4) {
		fputs("usage: plan_pairs plan|diff FROM TO\n", stderr);
		return 2;
	}
	if (run(argv[1], argv[2], argv[3], &err) == 0)
		return 0;
	fprintf(stderr, "%s\n", err.text);
	return error_exit_status(err.code);
}
