/* SPDX-License-Identifier: MIT */
#include "tests/unit/test.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/base/buf.h"
#include "engine/base/fsutil.h"
#include "engine/base/json.h"
#include "engine/base/mem.h"
#include "engine/config/config.h"
#include "engine/repo/audit.h"

static struct config *configured(const char *dir, bool on)
{
	autofree char *yaml = mem_printf("logging:\n  enable_audit_log: %s\n"
	                                 "  audit_log_path: %s/deep/audit.log\n",
	                                 on ? "true" : "false", dir);
	struct error err = ERROR_INIT;
	struct config *c = NULL;

	assert_ok(config_parse(&c, yaml, strlen(yaml), "test.yaml", &err));
	return c;
}

static void without_being_asked_there_is_none(void **state)
{
	DEFER(config) *c = configured("/nowhere", false);
	struct error err = ERROR_INIT;
	DEFER(audit) *a = NULL;

	(void)state;
	assert_ok(audit_open(&a, c, &err));
	assert_null(a);
}

static void each_record_is_a_line_of_json(void **state)
{
	char dir[] = "/tmp/test_audit.XXXXXX";
	const char *path;
	struct error err = ERROR_INIT, failure = ERROR_INIT;
	const struct audit_record done = {
		"backup delete", "backup_1", "shop", "done", NULL, 12
	};
	const struct audit_record failed = { "rollback", "", "", "done", &failure, 3 };
	DEFER(config) *c = NULL;
	DEFER(audit) *a = NULL;
	DEFER(json) *first = NULL, *second = NULL;
	autobuf text = BUF_INIT;
	struct stat st;
	char *end;

	(void)state;
	assert_non_null(mkdtemp(dir));
	c = configured(dir, true);
	path = config_text(c, "logging.audit_log_path");
	error_set(&failure, ERR_SERVER, "line\nbreak");
	assert_ok(audit_open(&a, c, &err));
	assert_ok(audit_write(a, &done, &err));
	assert_ok(audit_write(a, &failed, &err));
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_ok(file_read(&text, path, 1 << 20, &err));
	end = strchr(text.data, '\n');
	assert_non_null(end);
	assert_ok(json_parse(&first, text.data, (size_t)(end - text.data), &err));
	assert_ok(json_parse(&second, end + 1, strlen(end + 1), &err));
	assert_string_equal(json_get_str(first, "action", ""), "backup delete");
	assert_string_equal(json_get_str(first, "backup_id", ""), "backup_1");
	assert_string_equal(json_get_str(first, "database", ""), "shop");
	assert_string_equal(json_get_str(first, "result", ""), "done");
	assert_int_equal(json_get_int(first, "duration_ms", 0), 12);
	assert_string_equal(json_get_str(second, "result", ""), "failed");
	assert_string_equal(json_get_str(second, "error", ""), "line\nbreak");
	assert_ok(dir_remove_tree(dir, &err));
}

static void what_cannot_be_recorded_must_not_happen(void **state)
{
	DEFER(config) *c = configured("/dev/null", true);
	struct error err = ERROR_INIT;
	struct audit *a = NULL;

	(void)state;
	assert_fails(audit_open(&a, c, &err), ERR_SYSTEM, "audit log");
	assert_null(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_being_asked_there_is_none),
		cmocka_unit_test(each_record_is_a_line_of_json),
		cmocka_unit_test(what_cannot_be_recorded_must_not_happen),
	};

	return cmocka_run_group_tests_name("audit", tests, NULL, NULL);
}
