/* SPDX-License-Identifier: MIT */
#include "tests/unit/test.h"

#include "engine/base/cleanup.h"
#include "engine/schema/event_text.h"

static const struct {
	const char *sql;
	const char *want; /* disabled; NULL: no event */
	const char *was;
	const char *name;
} cases[] = {
	{ "CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO SELECT 1",
	  "CREATE EVENT e ON SCHEDULE EVERY 1 DAY DISABLE DO SELECT 1", "", "e" },
	{ "create definer=u@h event if not exists `a``b` on schedule every 1 day\n"
	  "on completion not preserve ENABLE comment 'DO' do x",
	  "create definer=u@h event if not exists `a``b` on schedule every 1 day\n"
	  "on completion not preserve DISABLE comment 'DO' do x",
	  "ENABLE", "a`b" },
	{ "CREATE EVENT enable ON SCHEDULE AT now() DISABLE ON SLAVE DO x",
	  "CREATE EVENT enable ON SCHEDULE AT now() DISABLE DO x", "DISABLE ON SLAVE",
	  "enable" },
	{ "CREATE OR REPLACE EVENT d.e ON SCHEDULE AT now() COMMENT 'c' DO ENABLE",
	  "CREATE OR REPLACE EVENT d.e ON SCHEDULE AT now() DISABLE COMMENT 'c' DO ENABLE", "",
	  "e" },
	{ "CREATE TABLE event (a int)", NULL, "", "" },
	{ "CREATE EVENT e ON SCHEDULE AT now() /*!99999 DISABLE */ DO x", NULL, "", "e" },
	{ "DROP EVENT e", NULL, "", "" },
	{ "CREATE EVENT e", NULL, "", "e" },
	{ "", NULL, "", "" },
};

static void an_event_gets_another_status(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		autobuf out = BUF_INIT;
		autobuf name = BUF_INIT;
		struct str was;
		bool done = event_text_set_status(&out, str_of(cases[i].sql), NULL, "DISABLE",
		                                  &was);

		assert_int_equal(done, cases[i].want != NULL);
		assert_string_equal(out.data, cases[i].want ? cases[i].want : "");
		assert_true(str_is(was, cases[i].was));
		event_text_name(&name, str_of(cases[i].sql), NULL);
		assert_string_equal(name.data, cases[i].name);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_event_gets_another_status),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
