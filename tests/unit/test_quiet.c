/* SPDX-License-Identifier: MIT */
#include "tests/unit/test.h"

#include "engine/base/cleanup.h"
#include "engine/server/quiet.h"

static void statements_that_read_or_write_rows_are_harmless(void **state)
{
	static const char *const harmless[] = { "SELECT 1",
		                                " select a",
		                                "/* app */ INSERT INTO t",
		                                "-- why\nUPDATE t SET a = 1",
		                                "commit",
		                                "SHOW PROCESSLIST",
		                                "WITH x AS (SELECT 1)" };
	static const char *const others[] = { "ALTER TABLE t",
		                              "CREATE TABLE t (a int)",
		                              "DROP TABLE t",
		                              "RENAME TABLE t TO u",
		                              "CALL p()",
		                              "EXECUTE s",
		                              "(SELECT 1)",
		                              "TRUNCATE TABLE t",
		                              "OPTIMIZE TABLE t",
		                              "/*!50000 SELECT */ 1",
		                              "/* a comment that is cut off",
		                              "selectx",
		                              "`SELECT`",
		                              "" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(harmless); i++)
		if (!quiet_is_harmless(str_of(harmless[i])))
			fail_msg("%s", harmless[i]);
	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		if (quiet_is_harmless(str_of(others[i])))
			fail_msg("%s", others[i]);
}

static void counters_of_ddl_and_rights_count(void **state)
{
	static const char *const counted[] = {
		"Com_alter_table",        "Com_create_view", "Com_drop_db",
		"Com_rename_table",       "Com_grant",       "Com_revoke_all",
		"Com_create_package_body"
	};
	static const char *const others[] = { "Com_select",
		                              "Com_insert",
		                              "Com_show_create_table",
		                              "Com_create_temporary_table",
		                              "Com_drop_temporary_table",
		                              "Com_truncate",
		                              "Com_" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(counted); i++)
		if (!quiet_is_counter(str_of(counted[i])))
			fail_msg("%s", counted[i]);
	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		if (quiet_is_counter(str_of(others[i])))
			fail_msg("%s", others[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(statements_that_read_or_write_rows_are_harmless),
		cmocka_unit_test(counters_of_ddl_and_rights_count),
	};

	return cmocka_run_group_tests_name("quiet", tests, NULL, NULL);
}
