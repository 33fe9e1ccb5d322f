/* SPDX-License-Identifier: MIT */
#include "tests/unit/test.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "engine/base/cleanup.h"
#include "engine/base/mem.h"

static void memory_is_zeroed(void **state)
{
	autofree unsigned char *one = mem_alloc(100);
	autofree unsigned char *many = mem_array(10, 10);

	(void)state;
	for (size_t i = 0; i < 100; i++) {
		assert_int_equal(one[i], 0);
		assert_int_equal(many[i], 0);
	}
}

static void nothing_is_a_size(void **state)
{
	autofree void *a = mem_alloc(0);
	autofree void *b = mem_array(0, 8);
	autofree void *c = mem_resize(NULL, 0, 8);

	(void)state;
	assert_non_null(a);
	assert_non_null(b);
	assert_non_null(c);
}

static void text_is_copied(void **state)
{
	autofree char *whole = mem_strdup("schema");
	autofree char *part = mem_strndup("schema", 3);
	autofree char *printed = mem_printf("%s-%d", "a", 7);

	(void)state;
	assert_string_equal(whole, "schema");
	assert_string_equal(part, "sch");
	assert_string_equal(printed, "a-7");
	assert_null(mem_strdup(NULL));
}

static void arrays_grow(void **state)
{
	autofree int *items = NULL;
	size_t count = 0;
	size_t capacity = 0;

	(void)state;
	for (int i = 0; i < 1000; i++) {
		MEM_GROW(items, count, capacity);
		items[count++] = i;
	}
	assert_true(capacity >= 1000);
	for (int i = 0; i < 1000; i++)
		assert_int_equal(items[i], i);
}

/* Runs it in a child that is to be ended by SIGABRT. */
static void assert_aborts(void (*run)(void))
{
	int status = 0;
	pid_t child = fork();

	assert_true(child >= 0);
	if (child == 0) {
		const struct rlimit none = { 0, 0 };

		setrlimit(RLIMIT_CORE, &none);
		signal(SIGABRT, SIG_DFL);
		close(STDERR_FILENO);
		run();
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGABRT);
}

static volatile size_t huge = SIZE_MAX / 2;

static void overflow_array(void)
{
	free(mem_array(huge, 4));
}

static void overflow_resize(void)
{
	free(mem_resize(NULL, huge, 4));
}

static void overflow_ends_the_process(void **state)
{
	(void)state;
	assert_aborts(overflow_array);
	assert_aborts(overflow_resize);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(memory_is_zeroed),
		cmocka_unit_test(nothing_is_a_size),
		cmocka_unit_test(text_is_copied),
		cmocka_unit_test(arrays_grow),
		cmocka_unit_test(overflow_ends_the_process),
	};

	return cmocka_run_group_tests_name("mem", tests, NULL, NULL);
}
