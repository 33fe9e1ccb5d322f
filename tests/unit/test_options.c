/* SPDX-License-Identifier: MIT */
#include "tests/unit/test.h"

#include "cli/options.h"
#include "engine/base/arena.h"
#include "engine/base/cleanup.h"

struct values {
	bool flag, other_flag;
	const char *text;
	const char *when;
	struct opt_list list;
	int64_t number, jobs;
	int choice;
	const char *word;
	struct opt_list rest;
};

static const struct opt_choice sizes[] = { { "small", 1 }, { "large", 2 }, { NULL } };

#define T struct values

static const struct opt opts[] = {
	OPT_FLAG('f', "flag", T, flag, "a flag"),
	OPT_FLAG_ALIAS(0, "other-flag", "also-flag", T, other_flag, "another"),
	OPT_STRING('t', "text", T, text, "TEXT", COMPLETE_NOTHING, "a text"),
	OPT_LIST('l', "list", T, list, "ITEM", COMPLETE_NOTHING, "a list"),
	OPT_CSV(0, "lists", T, list, "ITEM,..", COMPLETE_NOTHING, "more of it"),
	OPT_INT('n', "number", T, number, 0, 100, 50, "a number"),
	OPT_INT_BARE('j', "jobs", T, jobs, 0, 100, 1, 4, "a number that may be left out"),
	OPT_CHOICE(0, "size", NULL, T, choice, sizes, "a choice"),
	OPT_TIME(0, "since", "from", T, when, "a time"),
	OPT_CONFIG('p', "port", "target.port", "PORT", COMPLETE_NOTHING, "a key"),
	OPT_STRING(0, "word", T, word, "WORD", COMPLETE_NOTHING, "as the argument"),
	OPT_END,
};

static const struct arg args[] = {
	ARG("WORD", T, word, COMPLETE_NOTHING, "a word"),
	ARG_REST("REST", T, rest, COMPLETE_NOTHING, "the rest"),
	ARG_END,
};

static struct error err;
static struct arena *arena;
static struct values values;
static struct opt_table tables[2];
static struct parse parse;

static int set_up(void **state)
{
	(void)state;
	error_clear(&err);
	memset(&values, 0, sizeof(values));
	arena = arena_new();
	tables[0] = (struct opt_table){ opts, &values };
	parse = (struct parse){
		.tables = tables,
		.table_count = 1,
		.args = args,
		.args_base = &values,
		.arena = arena,
		.command = "test",
	};
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

/* Reads a line of words between blanks. */
static int read_words(const char *line)
{
	char *copy = arena_strdup(arena, line);
	char **argv = arena_array(arena, 32, sizeof(*argv));
	char *save = NULL;
	int argc = 0;

	argv[argc++] = arena_strdup(arena, "program");
	for (char *w = strtok_r(copy, " ", &save); w; w = strtok_r(NULL, " ", &save))
		argv[argc++] = w;
	return options_parse(&parse, argc, argv, &err);
}

static void every_type_is_read(void **state)
{
	(void)state;
	assert_ok(read_words("-f --text hello -l a --list=b --lists c,d,,e --number 7 "
	                     "--size LARGE --since 2026-11-21 word --port 3307"));
	assert_true(values.flag);
	assert_false(values.other_flag);
	assert_string_equal(values.text, "hello");
	assert_int_equal(values.list.count, 5);
	assert_string_equal(values.list.items[0], "a");
	assert_string_equal(values.list.items[4], "e");
	assert_int_equal(values.number, 7);
	assert_int_equal(values.choice, 2);
	assert_string_equal(values.when, "2026-11-21");
	assert_string_equal(values.word, "word");
	assert_int_equal(parse.override_count, 1);
	assert_string_equal(parse.overrides[0].opt->key, "target.port");
	assert_string_equal(parse.overrides[0].value, "3307");
}

static void what_is_not_given_has_its_default(void **state)
{
	(void)state;
	assert_ok(read_words(""));
	assert_int_equal(values.number, 50);
	assert_int_equal(values.choice, 0);
	assert_null(values.text);
}

static void another_spelling_means_the_same(void **state)
{
	(void)state;
	assert_ok(read_words("--also-flag --from 7d"));
	assert_true(values.other_flag);
	assert_string_equal(values.when, "7d");
}

static void many_values_fit(void **state)
{
	(void)state;
	assert_ok(read_words("-l1 -l2 -l3 -l4 -l5 -l6 -l7 -l8 -l9 "
	                     "-p1 -p2 -p3 -p4 -p5 -p6 -p7 -p8 -p9"));
	assert_int_equal(values.list.count, 9);
	assert_string_equal(values.list.items[8], "9");
	assert_int_equal(parse.override_count, 9);
	assert_string_equal(parse.overrides[8].value, "9");
}

static void a_value_may_be_left_out(void **state)
{
	static const struct {
		const char *line;
		int64_t jobs;
		const char *word;
	} cases[] = {
		{ "word", 1, "word" },          { "--jobs", 4, NULL },
		{ "--jobs word", 4, "word" },   { "--jobs 7 word", 7, "word" },
		{ "--jobs=8 word", 8, "word" }, { "-j word", 4, "word" },
		{ "-j 9 word", 9, "word" },     { "-j10 word", 10, "word" },
		{ "word --jobs", 4, "word" },   { "--jobs --flag", 4, NULL },
		{ "--jobs 7up", 4, "7up" },     { "--jobs -- 7", 4, "7" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		memset(&values, 0, sizeof(values));
		assert_ok(read_words(cases[i].line));
		assert_int_equal(values.jobs, cases[i].jobs);
		if (cases[i].word)
			assert_string_equal(values.word, cases[i].word);
		else
			assert_null(values.word);
	}
	(void)state;
}

static void options_may_stand_behind_words(void **state)
{
	(void)state;
	assert_ok(read_words("word rest1 --flag rest2 -- --text"));
	assert_true(values.flag);
	assert_null(values.text);
	assert_int_equal(values.rest.count, 3);
	assert_string_equal(values.rest.items[2], "--text");
}

static void abbreviations_are_refused(void **state)
{
	(void)state;
	assert_fails(read_words("--fla"), ERR_USAGE, "unknown option: --fla");
	assert_fails(read_words("--tex=x"), ERR_USAGE, "unknown option: --tex");
	assert_fails(read_words("--tex x"), ERR_USAGE, "unknown option: --tex");
	assert_fails(read_words("--tex"), ERR_USAGE, "unknown option: --tex");
	assert_fails(read_words("--lis x"), ERR_USAGE, "unknown option: --lis");
}

static void wrong_options_are_named(void **state)
{
	static const struct {
		const char *words, *text;
	} cases[] = {
		{ "--nothing-like-it", "unknown option: --nothing-like-it" },
		{ "--nothing=1", "unknown option: --nothing" },
		{ "-x", "unknown option: -x" },
		{ "-fx", "unknown option: -x" },
		{ "--flag=yes", "--flag takes no value" },
		{ "--text", "--text needs a value" },
		{ "-t", "-t needs a value" },
		{ "--number ten", "--number: \"ten\" is not a number from 0 to 100" },
		{ "--number 101", "--number: \"101\" is not a number from 0 to 100" },
		{ "--number=", "--number: \"\" is not a number from 0 to 100" },
		{ "--size medium", "--size: \"medium\" is not one of small, large" },
		{ "--since whenever", "--since: \"whenever\"" },
		{ "--from whenever", "--since: \"whenever\"" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_fails(read_words(cases[i].words), ERR_USAGE, cases[i].text);
}

static void a_near_word_is_hinted_at(void **state)
{
	(void)state;
	assert_int_equal(read_words("--txet x"), -1);
	assert_string_equal(err.hint, "Did you mean --text?");
	error_clear(&err);
	assert_int_equal(read_words("--size smal"), -1);
	assert_string_equal(err.hint, "Did you mean small?");
	error_clear(&err);
	assert_int_equal(read_words("--xyzzy"), -1);
	assert_string_equal(err.hint, "`mysql-schema-sync help test` shows the options.");
}

static void words_beyond_the_arguments_are_refused(void **state)
{
	static const struct arg one[] = {
		ARG("WORD", T, word, COMPLETE_NOTHING, "a word"),
		ARG_END,
	};

	(void)state;
	parse.args = one;
	assert_fails(read_words("a b"), ERR_USAGE, "unexpected argument: b");
	parse.args = NULL;
	assert_fails(read_words("a"), ERR_USAGE, "unexpected argument: a");
}

static void an_argument_is_not_given_two_values(void **state)
{
	(void)state;
	assert_fails(read_words("--word a b"), ERR_USAGE, "WORD is given twice: a and b");
	memset(&values, 0, sizeof(values));
	assert_fails(read_words("b --word a"), ERR_USAGE, "WORD is given twice: b and a");
	memset(&values, 0, sizeof(values));
	assert_ok(read_words("a --word a"));
}

static void a_missing_argument_is_missed(void **state)
{
	(void)state;
	assert_ok(read_words("--flag"));
	assert_fails(options_check_args(&parse, &err), ERR_USAGE, "test: WORD is missing");
	assert_ok(read_words("--word x"));
	assert_ok(options_check_args(&parse, &err));
}

static void the_first_table_wins(void **state)
{
	static const struct opt mine[] = {
		OPT_STRING('f', "text", T, when, "TEXT", COMPLETE_NOTHING, "mine"),
		OPT_END,
	};

	(void)state;
	tables[1] = tables[0];
	tables[0] = (struct opt_table){ mine, &values };
	parse.table_count = 2;
	assert_ok(read_words("--text a -f b --flag"));
	assert_string_equal(values.when, "b");
	assert_null(values.text);
	assert_true(values.flag);
}

#define PARSED(check) cmocka_unit_test_setup_teardown(check, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		PARSED(every_type_is_read),
		PARSED(what_is_not_given_has_its_default),
		PARSED(another_spelling_means_the_same),
		PARSED(many_values_fit),
		PARSED(a_value_may_be_left_out),
		PARSED(options_may_stand_behind_words),
		PARSED(abbreviations_are_refused),
		PARSED(wrong_options_are_named),
		PARSED(a_near_word_is_hinted_at),
		PARSED(words_beyond_the_arguments_are_refused),
		PARSED(an_argument_is_not_given_two_values),
		PARSED(a_missing_argument_is_missed),
		PARSED(the_first_table_wins),
	};

	return cmocka_run_group_tests_name("options", tests, NULL, NULL);
}
