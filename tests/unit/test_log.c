/* SPDX-License-Identifier: MIT */
#include "tests/unit/test.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/base/buf.h"
#include "engine/base/cleanup.h"
#include "engine/base/fsutil.h"
#include "engine/base/json.h"
#include "engine/base/log.h"
#include "engine/base/mem.h"

#define LOG_MODULE "store/local"

#define STAMP "[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z"

/* A directory to write to, and a stderr to read from. */
struct place {
	char *dir;
	char *file;
	char *stderr_file;
	int stderr_before;
};

static int set_up(void **state)
{
	struct place *p = mem_alloc(sizeof(*p));
	int fd;

	p->dir = mem_strdup("/tmp/test_log.XXXXXX");
	if (!mkdtemp(p->dir))
		return -1;
	p->file = path_join(p->dir, "log");
	p->stderr_file = path_join(p->dir, "stderr");
	fd = open(p->stderr_file, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	p->stderr_before = dup(STDERR_FILENO);
	dup2(fd, STDERR_FILENO);
	close(fd);
	*state = p;
	return 0;
}

static void restore_stderr(struct place *p)
{
	if (p->stderr_before >= 0) {
		dup2(p->stderr_before, STDERR_FILENO);
		close(p->stderr_before);
	}
	p->stderr_before = -1;
}

static int tear_down(void **state)
{
	struct place *p = *state;
	struct error err = ERROR_INIT;

	restore_stderr(p);
	log_setup(LOG_LEVEL_WARN, LOG_FORMAT_TEXT);
	dir_remove_tree(p->dir, &err);
	free(p->dir);
	free(p->file);
	free(p->stderr_file);
	free(p);
	return err.code == ERR_NONE ? 0 : -1;
}

static char *content(const char *path)
{
	autobuf b = BUF_INIT;
	struct error err = ERROR_INIT;

	assert_ok(file_read(&b, path, 1 << 20, &err));
	return buf_take(&b);
}

static void assert_matches(const char *text, const char *pattern)
{
	regex_t re;
	int rc;

	assert_int_equal(regcomp(&re, pattern, REG_EXTENDED | REG_NOSUB), 0);
	rc = regexec(&re, text, 0, NULL, 0);
	regfree(&re);
	if (rc != 0)
		fail_msg("\"%s\" does not match %s", text, pattern);
}

static void assert_stderr(struct place *p, const char *pattern)
{
	autofree char *text = content(p->stderr_file);

	restore_stderr(p);
	assert_matches(text, pattern);
}

static void before_setup_warnings_are_text(void **state)
{
	log_info("not this");
	log_warn("but this");
	assert_stderr(*state, "^" STAMP " WARN  store/local: but this\n$");
}

static void text_has_time_level_and_module(void **state)
{
	log_setup(LOG_LEVEL_INFO, LOG_FORMAT_TEXT);
	log_error("a %d", 1);
	log_info("b");
	log_debug("c");
	assert_stderr(*state,
	              "^" STAMP " ERROR store/local: a 1\n" STAMP " INFO  store/local: b\n$");
}

static void an_entry_is_one_line(void **state)
{
	log_error("table \"a\nb\x1b[31m\"");
	assert_stderr(*state, ": table \"a\\\\nb\\\\x1b\\[31m\"\n$");
}

static void the_journal_gets_priorities(void **state)
{
	log_setup(LOG_LEVEL_DEBUG, LOG_FORMAT_JOURNAL);
	log_error("a");
	log_warn("b");
	log_info("c");
	log_debug("d");
	assert_stderr(*state, "^<3>store/local: a\n<4>store/local: b\n"
	                      "<6>store/local: c\n<7>store/local: d\n$");
}

static void a_person_gets_plain_lines(void **state)
{
	log_setup(LOG_LEVEL_INFO, LOG_FORMAT_PLAIN);
	log_error("a");
	log_warn("b");
	log_info("c");
	assert_stderr(*state, "^Error: a\nWarning: b\nc\n$");
}

static void the_file_may_have_another_form(void **state)
{
	struct place *p = *state;
	struct error err = ERROR_INIT;
	autofree char *text = NULL;

	log_setup(LOG_LEVEL_WARN, LOG_FORMAT_PLAIN);
	log_setup_file(LOG_FORMAT_JSON);
	assert_ok(log_open_file(p->file, LOG_LEVEL_WARN, &err));
	log_warn("b");
	text = content(p->file);
	assert_matches(text, "^\\{.*\"level\": ?\"warn\".*\\}\n$");
	assert_stderr(p, "^Warning: b\n$");
}

static void a_quiet_failure_is_only_in_the_file(void **state)
{
	struct place *p = *state;
	struct error err = ERROR_INIT, failure = ERROR_INIT;
	autofree char *text = NULL;

	log_setup(LOG_LEVEL_DEBUG, LOG_FORMAT_TEXT);
	assert_ok(log_open_file(p->file, LOG_LEVEL_ERROR, &err));
	error_set(&failure, ERR_STORE, "no such bucket");
	log_failure_quietly(LOG_MODULE, "backup create", &failure);
	text = content(p->file);
	assert_matches(text, "^" STAMP " ERROR store/local: backup create: no such bucket\n$");
	assert_stderr(p, "^$");
}

static void json_lines_are_json(void **state)
{
	struct place *p = *state;
	autofree char *text = NULL;
	DEFER(json) *entry = NULL;
	struct error err = ERROR_INIT;

	log_setup(LOG_LEVEL_INFO, LOG_FORMAT_JSON);
	log_info("say \"hi\"\n\xff");
	text = content(p->stderr_file);
	restore_stderr(p);
	assert_ok(json_parse(&entry, text, strlen(text), &err));
	assert_string_equal(json_get_str(entry, "level", ""), "info");
	assert_string_equal(json_get_str(entry, "module", ""), "store/local");
	assert_string_equal(json_get_str(entry, "message", ""), "say \"hi\"\n\xef\xbf\xbd");
	assert_matches(json_get_str(entry, "time", ""), "^" STAMP "$");
}

static void a_failure_has_its_hint(void **state)
{
	struct error err = ERROR_INIT;

	error_set(&err, ERR_STORE, "no answer");
	log_failure("a", "prune", &err);
	error_hint(&err, "Try again.");
	log_failure("a", "prune", &err);
	assert_stderr(*state, "ERROR a: prune: no answer\n.*"
	                      "ERROR a: prune: no answer \\(Try again\\.\\)\n$");
}

static void the_file_has_its_own_level(void **state)
{
	struct place *p = *state;
	autofree char *text = NULL;
	struct error err = ERROR_INIT;
	struct stat st;

	log_setup(LOG_LEVEL_ERROR, LOG_FORMAT_TEXT);
	assert_ok(log_open_file(p->file, LOG_LEVEL_DEBUG, &err));
	assert_true(log_is_on(LOG_LEVEL_DEBUG));
	log_debug("duration 3 ms");
	text = content(p->file);
	assert_matches(text, "^" STAMP " DEBUG store/local: duration 3 ms\n$");
	assert_int_equal(stat(p->file, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_stderr(p, "^$");
}

static void the_file_is_text_under_the_journal(void **state)
{
	struct place *p = *state;
	autofree char *text = NULL;
	struct error err = ERROR_INIT;

	log_setup(LOG_LEVEL_ERROR, LOG_FORMAT_JOURNAL);
	assert_ok(log_open_file(p->file, LOG_LEVEL_INFO, &err));
	log_info("a");
	text = content(p->file);
	assert_matches(text, "^" STAMP " INFO  store/local: a\n$");
}

static void reopen_follows_a_rotation(void **state)
{
	struct place *p = *state;
	autofree char *old = path_join(p->dir, "log.1");
	autofree char *first = NULL;
	autofree char *second = NULL;
	struct error err = ERROR_INIT;

	assert_ok(log_open_file(p->file, LOG_LEVEL_INFO, &err));
	log_info("first");
	assert_int_equal(rename(p->file, old), 0);
	log_reopen();
	log_info("second");
	first = content(old);
	second = content(p->file);
	assert_matches(first, "first\n$");
	assert_matches(second, "^[^\n]*second\n$");
}

static void a_file_that_cannot_be_opened_is_an_error(void **state)
{
	struct place *p = *state;
	autofree char *bad = path_join(p->dir, "no/such/log");
	struct error err = ERROR_INIT;

	assert_fails(log_open_file(bad, LOG_LEVEL_INFO, &err), ERR_SYSTEM, "no/such/log");
}

static void errno_survives(void **state)
{
	log_setup(LOG_LEVEL_ERROR, LOG_FORMAT_TEXT);
	close(STDERR_FILENO);
	errno = ENOSPC;
	log_error("to nobody");
	assert_int_equal(errno, ENOSPC);
	(void)state;
}

static void *write_many(void *arg)
{
	for (int i = 0; i < 200; i++)
		log_info("%s %d", (const char *)arg, i);
	return NULL;
}

static void lines_of_threads_stay_whole(void **state)
{
	static char text_a[] = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
	static char text_b[] = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";
	struct place *p = *state;
	autofree char *text = NULL;
	struct error err = ERROR_INIT;
	pthread_t a;
	pthread_t b;
	size_t lines = 0;

	log_setup(LOG_LEVEL_ERROR, LOG_FORMAT_TEXT);
	assert_ok(log_open_file(p->file, LOG_LEVEL_INFO, &err));
	assert_int_equal(pthread_create(&a, NULL, write_many, text_a), 0);
	assert_int_equal(pthread_create(&b, NULL, write_many, text_b), 0);
	pthread_join(a, NULL);
	pthread_join(b, NULL);
	text = content(p->file);
	for (char *line = text; *line; lines++) {
		char *end = strchr(line, '\n');

		assert_non_null(end);
		*end = '\0';
		assert_matches(line, "^" STAMP " INFO  store/local: (a{42}|b{42}) [0-9]+$");
		line = end + 1;
	}
	assert_int_equal(lines, 400);
}

static void levels_have_names(void **state)
{
	enum log_level level = LOG_LEVEL_ERROR;

	(void)state;
	assert_true(log_level_from_name(&level, "debug"));
	assert_int_equal(level, LOG_LEVEL_DEBUG);
	assert_true(log_level_from_name(&level, "WARNING"));
	assert_int_equal(level, LOG_LEVEL_WARN);
	assert_true(log_level_from_name(&level, "warn"));
	assert_int_equal(level, LOG_LEVEL_WARN);
	assert_true(log_level_from_name(&level, "Info"));
	assert_int_equal(level, LOG_LEVEL_INFO);
	assert_true(log_level_from_name(&level, "error"));
	assert_int_equal(level, LOG_LEVEL_ERROR);
	assert_false(log_level_from_name(&level, "loud"));
	assert_false(log_level_from_name(&level, ""));
}

#define PLACED(check) cmocka_unit_test_setup_teardown(check, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		PLACED(before_setup_warnings_are_text),
		PLACED(text_has_time_level_and_module),
		PLACED(an_entry_is_one_line),
		PLACED(the_journal_gets_priorities),
		PLACED(a_person_gets_plain_lines),
		PLACED(the_file_may_have_another_form),
		PLACED(a_quiet_failure_is_only_in_the_file),
		PLACED(json_lines_are_json),
		PLACED(a_failure_has_its_hint),
		PLACED(the_file_has_its_own_level),
		PLACED(the_file_is_text_under_the_journal),
		PLACED(reopen_follows_a_rotation),
		PLACED(a_file_that_cannot_be_opened_is_an_error),
		PLACED(errno_survives),
		PLACED(lines_of_threads_stay_whole),
		cmocka_unit_test(levels_have_names),
	};

	return cmocka_run_group_tests_name("log", tests, NULL, NULL);
}
