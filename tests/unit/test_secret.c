/* SPDX-License-Identifier: MIT */
#include "tests/unit/test.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "engine/base/cleanup.h"
#include "engine/base/mem.h"
#include "engine/base/secret.h"

static void a_secret_is_a_copy(void **state)
{
	char key[] = "0123456789abcdef";
	DEFER(secret) *s = secret_new(key, 16);

	(void)state;
	memset(key, 'x', 16);
	assert_int_equal(secret_len(s), 16);
	assert_memory_equal(secret_data(s), "0123456789abcdef", 16);
}

static void sizes_around_a_page_fit(void **state)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	(void)state;
	for (size_t len = page - 1; len <= page + 1; len++) {
		autofree unsigned char *bytes = mem_alloc(len);
		DEFER(secret) *s = NULL;

		memset(bytes, 0x5a, len);
		s = secret_new(bytes, len);
		assert_int_equal(secret_len(s), len);
		assert_memory_equal(secret_data(s), bytes, len);
	}
}

static void nothing_is_a_secret_too(void **state)
{
	DEFER(secret) *s = secret_new(NULL, 0);

	(void)state;
	assert_int_equal(secret_len(s), 0);
	assert_non_null(secret_data(s));
	secret_free(NULL);
}

/* Does /proc/self/smaps show this flag for the mapping that the address is in? */
static bool has_flag(const void *address, const char *flag)
{
	FILE *f = fopen("/proc/self/smaps", "re");
	const unsigned long at = (unsigned long)(uintptr_t)address;
	char line[4096];
	bool here = false;
	bool found = false;

	assert_non_null(f);
	while (!found && fgets(line, sizeof(line), f)) {
		unsigned long from, to;

		/* NOLINTNEXTLINE(cert-err34-c): the kernel's own numbers */
		if (sscanf(line, "%lx-%lx ", &from, &to) == 2)
			here = from <= at && at < to;
		else if (here && strncmp(line, "VmFlags:", 8) == 0)
			found = strstr(line, flag) != NULL;
	}
	fclose(f);
	return found;
}

static void secrets_are_not_in_core_dumps(void **state)
{
	static const char long_one[5000];
	DEFER(secret) *s = secret_new("k", 1);
	DEFER(secret) *own_pages = secret_new(long_one, sizeof(long_one));

	(void)state;
	assert_true(has_flag(secret_data(s), " dd")); /* do not dump */
	assert_true(has_flag(secret_data(own_pages), " dd"));
	assert_false(has_flag(secret_data(own_pages), " wr")); /* nobody writes */
}

/* Many at once have slots in the same pages: none touches another's bytes. */
static void many_secrets_share_pages(void **state)
{
	struct secret *all[1000];
	const size_t count = ARRAY_SIZE(all);

	(void)state;
	for (size_t i = 0; i < count; i++) {
		unsigned char key[64];

		memset(key, (int)(i % 251), sizeof(key));
		all[i] = secret_new(key, sizeof(key));
		if (i % 3 == 2) {
			secret_free(all[i - 1]);
			all[i - 1] = NULL;
		}
	}
	for (size_t i = 0; i < count; i++) {
		for (size_t k = 0; all[i] && k < secret_len(all[i]); k++)
			assert_int_equal(secret_data(all[i])[k], i % 251);
		secret_free(all[i]);
	}
}

static void a_freed_secret_is_wiped(void **state)
{
	static const char key[] = "0123456789abcdef0123456789abcdef";
	struct secret *s = secret_new(key, 32);
	const unsigned char *where = secret_data(s);

	(void)state;
	secret_free(s);
	/* The slot stays mapped. Its first bytes lead to the next free one. */
	for (size_t i = sizeof(void *); i < 32; i++)
		assert_int_equal(where[i], 0);
}

static void wipe_leaves_zeros(void **state)
{
	char key[] = "secret";

	(void)state;
	secret_wipe(key, sizeof(key));
	assert_memory_equal(key, "\0\0\0\0\0\0", sizeof(key));
	secret_wipe(key, 0);
}

static void a_protected_process_leaves_no_core(void **state)
{
	pid_t child = fork();
	int status = 0;

	(void)state;
	assert_true(child >= 0);
	if (child == 0) {
		struct rlimit limit = { 1, 1 };

		secret_protect_process();
		getrlimit(RLIMIT_CORE, &limit);
		_exit(limit.rlim_max == 0 && prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 0 ? 0 : 1);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_secret_is_a_copy),
		cmocka_unit_test(sizes_around_a_page_fit),
		cmocka_unit_test(nothing_is_a_secret_too),
		cmocka_unit_test(secrets_are_not_in_core_dumps),
		cmocka_unit_test(many_secrets_share_pages),
		cmocka_unit_test(a_freed_secret_is_wiped),
		cmocka_unit_test(wipe_leaves_zeros),
		cmocka_unit_test(a_protected_process_leaves_no_core),
	};

	return cmocka_run_group_tests_name("secret", tests, NULL, NULL);
}
