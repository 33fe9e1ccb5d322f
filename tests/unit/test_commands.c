/* SPDX-License-Identifier: MIT */
#include "tests/unit/test.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/common.h"
#include "cli/complete.h"
#include "cli/describe.h"
#include "cli/help.h"
#include "cli/man.h"
#include "cli/options.h"
#include "cli/out.h"
#include "engine/base/arena.h"
#include "engine/base/buf.h"
#include "engine/base/cleanup.h"
#include "engine/base/fsutil.h"
#include "engine/base/map.h"
#include "engine/base/mem.h"
#include "engine/config/config.h"

typedef void command_fn(const struct command *c);

static void each_command(command_fn *fn)
{
	size_t count;
	const struct command *const *all = commands_all(&count);

	assert_true(count > 0);
	for (size_t i = 0; i < count; i++)
		fn(all[i]);
}

static void check_row(const struct command *c)
{
	if (strlen(c->summary) > 60)
		fail_msg("%s: summary of %zu characters", c->name, strlen(c->summary));
	if (c->summary[strlen(c->summary) - 1] == '.')
		fail_msg("%s: summary ends with a full stop", c->name);
	if (!islower((unsigned char)c->summary[0]))
		fail_msg("%s: summary begins with a capital", c->name);
	if (!c->examples)
		fail_msg("%s: no example", c->name);
	if (!c->run)
		fail_msg("%s: nothing to run", c->name);
	if ((c->opts || c->args) && c->options_size == 0)
		fail_msg("%s: no size of its options", c->name);
}

static void every_row_is_whole(void **state)
{
	(void)state;
	each_command(check_row);
}

static void names_are_found_and_unique(void **state)
{
	size_t count;
	const struct command *const *all = commands_all(&count);
	DEFER(map) *seen = map_new();

	(void)state;
	for (size_t i = 0; i < count; i++) {
		if (map_has(seen, all[i]->name))
			fail_msg("%s is there twice", all[i]->name);
		map_set(seen, all[i]->name, seen);
		assert_ptr_equal(commands_find(all[i]->name), all[i]);
		if (all[i]->alias)
			assert_ptr_equal(commands_find(all[i]->alias), all[i]);
	}
	assert_null(commands_find("backup lst"));
}

struct uniqueness {
	const struct command *command;
	struct map *seen;
};

static void check_spelling(void *arg, const char *spelling)
{
	struct uniqueness *u = arg;

	if (map_has(u->seen, spelling))
		fail_msg("%s: %s means two things", u->command->name, spelling);
	map_set(u->seen, spelling, u);
}

static void check_option(void *arg, const struct opt *o)
{
	const struct uniqueness *u = arg;

	complete_each_spelling(o, check_spelling, arg);
	if (o->help[strlen(o->help) - 1] == '.')
		fail_msg("%s --%s: help ends with a full stop", u->command->name, o->name);
	if (o->type == OPT_TYPE_CONFIG && !config_key_find(o->key))
		fail_msg("%s --%s: no configuration key %s", u->command->name, o->name, o->key);
	if (opt_takes_value(o) && o->type != OPT_TYPE_CHOICE && !o->value)
		fail_msg("%s --%s: its value has no name", u->command->name, o->name);
	for (const struct opt_choice *c = o->choices; c && c->name; c++)
		assert_int_not_equal(c->value, 0);
}

static void check_options(const struct command *c)
{
	DEFER(map) *seen = map_new();
	struct uniqueness u = { c, seen };

	common_each_option(c, check_option, &u);
}

static void no_letter_means_two_things(void **state)
{
	(void)state;
	each_command(check_options);
}

/* Completion has one list of options that take a value for all commands. */
static void check_valued(void *arg, const char *spelling)
{
	size_t count;
	const struct command *const *all = commands_all(&count);

	(void)arg;
	for (size_t i = 0; i < count; i++) {
		const struct opt *o =
			spelling[1] == '-'
				? options_find(all[i]->opts, spelling + 2, strlen(spelling + 2))
				: options_find_letter(all[i]->opts, spelling[1]);

		if (o && !opt_needs_value(o))
			fail_msg("%s: %s takes no value, elsewhere it does", all[i]->name,
			         spelling);
	}
}

static void an_option_takes_a_value_everywhere_or_nowhere(void **state)
{
	(void)state;
	complete_each_valued(check_valued, NULL);
}

/* Words as a shell makes them of a line with "double quotes". */
static int split(char **argv, char *line)
{
	char *to = line, *p = line;
	bool quoted = false;
	int argc = 0;

	argv[argc++] = line; /* the program, never looked at */
	while (*p) {
		while (*p == ' ')
			p++;
		if (!*p)
			break;
		argv[argc++] = to;
		for (; *p && (quoted || *p != ' '); p++) {
			if (*p == '"')
				quoted = !quoted;
			else
				*to++ = *p;
		}
		p += *p != '\0';
		*to++ = '\0';
	}
	return argc;
}

static void check_example(const struct command *c, const char *line, size_t len)
{
	struct arena *arena = arena_new();
	struct error err = ERROR_INIT;
	struct cli_settings settings = { 0 };
	struct opt_table tables[16] = { { c->opts, arena_alloc(arena, c->options_size + 1) } };
	struct parse p = {
		.tables = tables,
		.table_count = 1,
		.args = c->args,
		.args_base = tables[0].base,
		.arena = arena,
		.command = c->name,
	};
	size_t count;
	const struct common_group *groups = common_groups(&count);
	char *argv[64];
	struct found f;

	for (size_t i = 0; i < count; i++) {
		if (common_is_taken(&groups[i], c->traits))
			tables[p.table_count++] =
				(struct opt_table){ groups[i].opts, &settings };
	}
	assert_ok(
		commands_find_in(&f, split(argv, arena_strndup(arena, line, len)), argv, &err));
	if (f.command != c)
		fail_msg("%.*s is an example of %s", (int)len, line, c->name);
	assert_ok(options_parse(&p, f.argc, f.argv, &err));
	assert_ok(options_check_args(&p, &err));
	free(f.argv);
	arena_free(arena);
}

static void check_examples(const struct command *c)
{
	const char *line = c->examples;

	while (*line) {
		size_t n = strcspn(line, "\n>"); /* what is redirected is the shell's */

		while (n > 0 && line[n - 1] == ' ')
			n--;
		check_example(c, line, n);
		line += strcspn(line, "\n");
		line += *line == '\n';
	}
}

static void every_example_is_understood(void **state)
{
	(void)state;
	each_command(check_examples);
}

/* The help of something, as it goes to standard output. */
struct shown {
	struct out *out;
	FILE *file;
	char *text;
	size_t len;
};

static void begin_help(struct shown *s)
{
	struct out_setup setup = { .format = OUT_TABLE };

	memset(s, 0, sizeof(*s));
	s->file = open_memstream(&s->text, &s->len);
	setup.data.file = s->file;
	setup.talk.file = stderr;
	s->out = out_new(&setup);
}

static void end_help(struct shown *s, const char *what)
{
	size_t column = 0;

	fclose(s->file);
	assert_true(s->len > 0);
	for (const char *p = s->text; *p; p++) {
		column = *p == '\n' ? 0 : column + 1;
		if (column > HELP_WIDTH)
			fail_msg("help of %s is wider than 80 columns: %.60s", what,
			         p - column + 1);
	}
	out_free(s->out);
}

/* Compares with tests/golden/help/NAME.txt; GOLDEN_UPDATE=1 writes it. */
static void check_golden(const char *what, const struct shown *s)
{
	const char *root = getenv("SOURCE_ROOT");
	autofree char *path = mem_printf("%s/tests/golden/help/%s.txt", root ? root : ".",
	                                 *what ? what : "overview");
	struct error err = ERROR_INIT;
	autobuf want = BUF_INIT;

	for (char *p = path; *p; p++) {
		if (*p == ' ')
			*p = '-';
	}
	if (getenv("GOLDEN_UPDATE")) {
		assert_ok(file_replace(path, s->text, s->len, 0644, &err));
		return;
	}
	assert_ok(file_read(&want, path, 1 << 20, &err));
	if (strcmp(want.data, s->text) != 0)
		fail_msg("help of %s is not %s (GOLDEN_UPDATE=1 writes it):\n%s", what, path,
		         s->text);
}

static void check_help(const struct command *c)
{
	struct shown s;

	begin_help(&s);
	help_command(s.out, c);
	end_help(&s, c->name);
	if (!c->hidden)
		check_golden(c->name, &s);
	free(s.text);
}

static void help_is_at_most_80_wide_and_as_it_was(void **state)
{
	size_t count;
	const struct command_group *groups = commands_groups(&count);
	struct shown s;

	(void)state;
	each_command(check_help);
	for (size_t i = 0; i < count; i++) {
		if (!groups[i].name[0] || commands_find(groups[i].name))
			continue;
		begin_help(&s);
		help_group(s.out, &groups[i]);
		end_help(&s, groups[i].name);
		check_golden(groups[i].name, &s);
		free(s.text);
	}
	begin_help(&s);
	help_overview(s.out);
	end_help(&s, "all");
	check_golden("", &s);
	free(s.text);
}

static void check_found(const char *line, const char *command, const char *rest)
{
	struct error err = ERROR_INIT;
	autofree char *copy = mem_strdup(line);
	autobuf got = BUF_INIT;
	char *argv[64];
	struct found f;

	assert_ok(commands_find_in(&f, split(argv, copy), argv, &err));
	assert_string_equal(f.command ? f.command->name
	                    : f.group ? f.group->name
	                              : "",
	                    command);
	for (int i = 1; i < f.argc; i++)
		buf_addf(&got, "%s%s", i > 1 ? " " : "", f.argv[i]);
	assert_string_equal(got.data, rest);
	free(f.argv);
}

static void commands_are_found_among_options(void **state)
{
	(void)state;
	check_found("backup list", "backup list", "");
	check_found("--debug backup create", "backup create", "--debug");
	check_found("--config x backup --quiet list --limit 3", "backup list",
	            "--config x --quiet --limit 3");
	check_found("--config=x -qv backup list", "backup list", "--config=x -qv");
	check_found("--format json -o id backup list", "backup list", "--format json -o id");
	check_found("--database shop backup create", "backup create", "--database shop");
	check_found("rollback --backup-id plan", "rollback", "--backup-id plan");
	check_found("rollback plan x", "rollback plan", "x");
	check_found("rollback status x", "rollback validate", "x");
	check_found("backup info list", "backup info", "list");
	check_found("backup", "backup", "");
	check_found("config", "config", "");
	check_found("config show x", "config show", "x");
	check_found("help backup list", "help", "backup list");
	check_found("--version", "", "--version");
	check_found("backup list -- --config", "backup list", "-- --config");
	check_found("", "", "");
}

static void wrong_commands_are_hinted_at(void **state)
{
	static const struct {
		const char *line, *text, *hint;
	} cases[] = {
		{ "backup lst", "unknown command: backup lst", "Did you mean backup list?" },
		{ "backp list", "unknown command: backp", "Did you mean backup?" },
		{ "list", "unknown command: list",
		  "Did you mean backup list or rollback list or key list?" },
		{ "rollback paln", "unknown command: rollback paln",
		  "Did you mean rollback plan?" },
		{ "config shwo", "unknown command: config shwo", "Did you mean config show?" },
		{ "xyzzy", "unknown command: xyzzy",
		  "`mysql-schema-sync help` shows the commands." },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		autofree char *copy = mem_strdup(cases[i].line);
		struct error err = ERROR_INIT;
		char *argv[16];
		struct found f;
		int argc = split(argv, copy);

		assert_int_equal(commands_find_in(&f, argc, argv, &err), -1);
		assert_string_equal(err.text, cases[i].text);
		assert_string_equal(err.hint, cases[i].hint);
	}
}

static void every_page_is_made(void **state)
{
	static const char *const pages[] = {
		"mysql-schema-sync.1",          "mysql-schema-sync-backup.1",
		"mysql-schema-sync-config.1",   "mysql-schema-sync-key.1",
		"mysql-schema-sync-rollback.1", "mysql-schema-sync-schema.1",
		"mysql-schema-sync.5",
	};
	struct error err = ERROR_INIT;
	autobuf none = BUF_INIT;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(pages); i++) {
		autobuf text = BUF_INIT;

		assert_ok(man_page(&text, pages[i], &err));
		assert_non_null(strstr(text.data, ".Sh DESCRIPTION"));
	}
	assert_fails(man_page(&none, "mysql-schema-sync-nothing.1", &err), ERR_USAGE,
	             "no manual page");
	assert_fails(man_page(&none, "mysql", &err), ERR_USAGE, "no manual page mysql");
}

static void text_is_wrapped(void **state)
{
	autobuf text = BUF_INIT;

	(void)state;
	buf_adds(&text, "ab  ");
	describe_wrapped(&text, "one two three fourfivesix", 4, 12);
	assert_string_equal(text.data, "ab  one two\n    three\n    fourfivesix");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_row_is_whole),
		cmocka_unit_test(names_are_found_and_unique),
		cmocka_unit_test(no_letter_means_two_things),
		cmocka_unit_test(an_option_takes_a_value_everywhere_or_nowhere),
		cmocka_unit_test(every_example_is_understood),
		cmocka_unit_test(help_is_at_most_80_wide_and_as_it_was),
		cmocka_unit_test(commands_are_found_among_options),
		cmocka_unit_test(wrong_commands_are_hinted_at),
		cmocka_unit_test(every_page_is_made),
		cmocka_unit_test(text_is_wrapped),
	};

	return cmocka_run_group_tests_name("commands", tests, NULL, NULL);
}
