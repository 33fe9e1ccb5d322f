/* SPDX-License-Identifier: MIT */
/*
 * Plans without a server: tests/golden/plan/NNN-name/{from.json,to.json} are what
 * a server gave for from.sql and to.sql there; plan.txt and diff.txt are what we
 * make of them. UPDATE_GOLDEN=1 writes these two anew.
 */
#include "tests/unit/test.h"

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>

#include "engine/base/fsutil.h"
#include "engine/schema/diff.h"
#include "engine/schema/plan.h"
#include "tests/unit/schema_json.h"

#define FIXTURE_MAX (1U << 20)

static struct schema *load(const char *path)
{
	struct error err = ERROR_INIT;
	struct schema *s = NULL;
	autobuf text = BUF_INIT;

	assert_ok(file_read(&text, path, FIXTURE_MAX, &err));
	assert_ok(schema_from_json(&s, text.data, text.len, &err));
	return s;
}

/* A schema of one MariaDB table. */
static struct schema *table(const char *sql)
{
	struct error err = ERROR_INIT;
	struct schema *s = schema_new("shop");

	s->family = SERVER_MARIADB;
	s->visible = OBJECT_KINDS_ALL;
	schema_add(s, OBJECT_TABLE, "t", sql, strlen(sql));
	assert_ok(schema_finish(s, &err));
	return s;
}

static struct plan *plan_of(const struct schema *from, const struct schema *to)
{
	struct error err = ERROR_INIT;
	struct plan *p = NULL;

	assert_ok(plan_make(&p, from, to, NULL, &err));
	return p;
}

static void describe_diff(struct buf *out, const struct schema *from, const struct schema *to)
{
	DEFER(diff) *d = diff_schemas(from, to);

	for (size_t i = 0; i < d->count; i++) {
		change_describe(out, &d->changes[i]);
		buf_addc(out, '\n');
		for (size_t k = 0; k < d->changes[i].detail_count; k++)
			buf_addf(out, "\t%s\n", d->changes[i].details[k]);
	}
}

static void compare_golden(const char *directory, const char *name, const struct buf *got)
{
	struct error err = ERROR_INIT;
	autofree char *path = path_join(directory, name);
	autobuf want = BUF_INIT;

	if (getenv("UPDATE_GOLDEN")) {
		assert_ok(file_replace(path, got->data, got->len, 0644, &err));
		return;
	}
	assert_ok(file_read(&want, path, FIXTURE_MAX, &err));
	if (strcmp(want.data, got->data) != 0)
		fail_msg("%s: got\n%s", path, got->data);
}

static void check_golden(const char *from_path)
{
	autofree char *directory = path_parent(from_path);
	autofree char *to_path = path_join(directory, "to.json");
	DEFER(schema) *from = load(from_path);
	DEFER(schema) *to = load(to_path);
	DEFER(plan) *p = plan_of(from, to);
	DEFER(plan) *nothing = plan_of(to, to);
	autobuf script = BUF_INIT;
	autobuf diff = BUF_INIT;

	plan_script(&script, p, "a golden plan");
	compare_golden(directory, "plan.txt", &script);
	describe_diff(&diff, from, to);
	compare_golden(directory, "diff.txt", &diff);
	assert_int_equal(nothing->count, 0);
}

static void golden_pairs_give_their_plans(void **state)
{
	const char *root = getenv("SOURCE_ROOT");
	autobuf pattern = BUF_INIT;
	glob_t found;

	(void)state;
	buf_addf(&pattern, "%s/tests/golden/plan/*/from.json", root ? root : ".");
	assert_int_equal(glob(pattern.data, 0, NULL, &found), 0);
	assert_true(found.gl_pathc >= 12);
	for (size_t i = 0; i < found.gl_pathc; i++)
		check_golden(found.gl_pathv[i]);
	globfree(&found);
}

static void equal_schemas_give_no_step_and_say_so(void **state)
{
	DEFER(schema) *s = table("CREATE TABLE `t` (\n  `a` int(11) DEFAULT NULL\n)");
	DEFER(plan) *p = plan_of(s, s);
	autobuf script = BUF_INIT;

	(void)state;
	plan_script(&script, p, NULL);
	assert_int_equal(p->count, 0);
	assert_string_equal(script.data,
	                    "-- nothing to do: the live schema equals the backup\n");
}

static void families_are_not_mixed(void **state)
{
	struct error err = ERROR_INIT;
	DEFER(schema) *mariadb = table("CREATE TABLE `t` (\n  `a` int(11) DEFAULT NULL\n)");
	DEFER(schema) *mysql = table("CREATE TABLE `t` (\n  `a` int DEFAULT NULL\n)");
	struct plan *p = NULL;

	(void)state;
	mysql->family = SERVER_MYSQL;
	mysql->server_version = "8.4.3";
	assert_fails(plan_make(&p, mariadb, mysql, NULL, &err), ERR_UNSUPPORTED, "MySQL 8.4.3");
}

static void families_are_mixed_for_who_says_so(void **state)
{
	static const struct plan_options options = { .any_family = true };
	struct error err = ERROR_INIT;
	DEFER(schema) *mariadb = table("CREATE TABLE `t` (\n  `a` int(11) DEFAULT NULL\n)");
	DEFER(schema) *mysql = table("CREATE TABLE `t` (\n  `a` bigint DEFAULT NULL\n)");
	DEFER(plan) *p = NULL;

	(void)state;
	mysql->family = SERVER_MYSQL;
	assert_ok(plan_make(&p, mariadb, mysql, &options, &err));
	assert_int_equal(p->family, SERVER_MARIADB);
	assert_int_equal(mysql->family, SERVER_MYSQL);
	assert_int_equal(p->count, 1);
}

static void kinds_that_one_side_could_not_see_are_left_alone(void **state)
{
	DEFER(schema) *from = table("CREATE TABLE `t` (\n  `a` int(11) DEFAULT NULL\n)");
	DEFER(schema) *to = table("CREATE TABLE `t` (\n  `a` int(11) DEFAULT NULL\n)");
	DEFER(plan) *p = NULL;

	(void)state;
	to->count = 0; /* as if the backup had seen no table */
	to->visible &= ~OBJECT_KIND_BIT(OBJECT_TABLE);
	p = plan_of(from, to);
	assert_int_equal(p->count, 0);
	assert_int_equal(p->warning_count, 1);
	assert_non_null(strstr(p->warnings[0], "the backup's account"));
}

static void a_dropped_column_is_a_loss_and_named(void **state)
{
	DEFER(schema) *from = table("CREATE TABLE `t` (\n  `a` int(11) DEFAULT NULL,\n"
	                            "  `total` int(11) DEFAULT NULL\n)");
	DEFER(schema) *to = table("CREATE TABLE `t` (\n  `a` int(11) DEFAULT NULL\n)");
	DEFER(plan) *p = plan_of(from, to);

	(void)state;
	assert_int_equal(p->count, 1);
	assert_string_equal(p->steps[0].sql, "ALTER TABLE `t`\n  DROP COLUMN `total`");
	assert_string_equal(p->steps[0].loses, "column total and its values");
	assert_int_equal(plan_worst(p), PLAN_RISK_LOSS);
	assert_string_equal(p->warnings[0], "WARNING: 1 column(s) will be dropped: t.total");
}

static bool warns(const struct plan *p, const char *text)
{
	for (size_t i = 0; i < p->warning_count; i++) {
		if (strstr(p->warnings[i], text))
			return true;
	}
	return false;
}

static void a_rename_is_noticed_but_not_guessed(void **state)
{
	DEFER(schema) *from = table("CREATE TABLE `t` (\n  `a` int(11) DEFAULT NULL,\n"
	                            "  `total` decimal(10,2) DEFAULT NULL\n)");
	DEFER(schema) *to = table("CREATE TABLE `t` (\n  `a` int(11) DEFAULT NULL,\n"
	                          "  `sum` decimal(10,2) DEFAULT NULL\n)");
	DEFER(plan) *p = plan_of(from, to);

	(void)state;
	assert_string_equal(p->steps[0].sql, "ALTER TABLE `t`\n  DROP COLUMN `total`,\n"
	                                     "  ADD COLUMN `sum` decimal(10,2) DEFAULT NULL");
	assert_true(warns(p, "looks like a rename"));
	assert_true(warns(p, "plan with: --rename t.total=sum"));
}

static void a_column_of_the_same_key_is_noticed_as_renamed(void **state)
{
	DEFER(schema) *from = table("CREATE TABLE `t` (\n  `id` int(11) NOT NULL,\n"
	                            "  `b` text NOT NULL,\n  PRIMARY KEY (`id`)\n)");
	DEFER(schema) *to = table("CREATE TABLE `t` (\n  `b` text NOT NULL,\n"
	                          "  `no` int(11) NOT NULL,\n  PRIMARY KEY (`no`)\n)");
	DEFER(plan) *p = plan_of(from, to);

	(void)state;
	assert_true(warns(p, "--rename t.id=no"));
}

static void a_table_defined_alike_is_noticed_as_renamed(void **state)
{
	struct error err = ERROR_INIT;
	DEFER(schema) *from = table("CREATE TABLE `t` (\n  `a` int(11) DEFAULT NULL\n)");
	DEFER(schema) *to = schema_new("shop");
	DEFER(plan) *p = NULL;
	static const char sql[] = "CREATE TABLE `u` (\n  `a` int(11) DEFAULT NULL\n)";

	(void)state;
	to->family = SERVER_MARIADB;
	to->visible = OBJECT_KINDS_ALL;
	schema_add(to, OBJECT_TABLE, "u", sql, strlen(sql));
	assert_ok(schema_finish(to, &err));
	p = plan_of(from, to);
	assert_int_equal(p->count, 2); /* it is not guessed */
	assert_true(warns(p, "plan with: --rename t=u"));
}

static void a_table_that_is_not_understood_is_made_anew(void **state)
{
	DEFER(schema) *from = table("CREATE TABLE `t` (`a` int) ENGINE=InnoDB");
	DEFER(schema) *to = table("CREATE TABLE `t` (\n  `a` int(11) DEFAULT (((");
	DEFER(plan) *p = plan_of(from, to);

	(void)state;
	assert_null(schema_find(to, OBJECT_TABLE, "t")->parsed);
	assert_int_equal(p->count, 2);
	assert_string_equal(p->steps[0].sql, "DROP TABLE `t`");
	assert_int_equal(p->steps[0].risk, PLAN_RISK_LOSS);
	assert_non_null(strstr(p->warnings[0], "CRITICAL: table t "));
}

static void equal_tables_need_not_be_understood(void **state)
{
	DEFER(schema) *from = table("CREATE TABLE `t` (\n  `a` int(11) DEFAULT (((");
	DEFER(schema) *to = table("CREATE TABLE `t` (\n  `a` int(11) DEFAULT (((");
	DEFER(plan) *p = plan_of(from, to);

	(void)state;
	assert_int_equal(p->count, 0);
}

static void what_could_not_be_read_is_left_alone(void **state)
{
	static const enum object_kind kinds[] = { OBJECT_TABLE, OBJECT_VIEW, OBJECT_TRIGGER,
		                                  OBJECT_PROCEDURE };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		struct error err = ERROR_INIT;
		DEFER(schema) *unread = schema_new("shop");
		DEFER(schema) *nothing = schema_new("shop");
		DEFER(plan) *there = NULL;
		DEFER(plan) *back = NULL;

		schema_add(unread, kinds[i], "x", "", 0)->problem = "access denied";
		unread->visible = nothing->visible = OBJECT_KINDS_ALL;
		assert_ok(schema_finish(unread, &err));
		there = plan_of(nothing, unread);
		back = plan_of(unread, nothing);
		assert_int_equal(there->count, 0);
		assert_int_equal(back->count, 0);
		assert_non_null(strstr(there->warnings[0], "access denied"));
		assert_non_null(strstr(back->warnings[0], "is left as it is"));
	}
}

static void another_database_name_makes_no_difference(void **state)
{
	struct error err = ERROR_INIT;
	DEFER(schema) *from = table("CREATE TABLE `t` (\n  `a` int(11) DEFAULT "
	                            "nextval(`shop`.`s`)\n)");
	DEFER(schema) *to = schema_new("copy");
	const char *sql = "CREATE TABLE `t` (\n  `a` int(11) DEFAULT nextval(`copy`.`s`)\n)";
	DEFER(plan) *p = NULL;

	(void)state;
	schema_add(to, OBJECT_TABLE, "t", sql, strlen(sql));
	to->visible = OBJECT_KINDS_ALL;
	assert_ok(schema_finish(to, &err));
	p = plan_of(from, to);
	assert_int_equal(p->count, 0);
}

/* Tables a to f: b and c refer to a; d and e share the name of a check. */
static struct schema *relatives(const char *type, enum server_family family)
{
	static const struct {
		const char *name, *more;
	} tables[] = {
		{ "a", "" },
		{ "b", ",\n  CONSTRAINT `x` FOREIGN KEY (`i`) REFERENCES `a` (`i`)" },
		{ "c", ",\n  CONSTRAINT `y` FOREIGN KEY (`i`) REFERENCES `a` (`i`)" },
		{ "d", ",\n  CONSTRAINT `k` CHECK (`n` is not null)" },
		{ "e", ",\n  CONSTRAINT `K` CHECK (`n` is not null)" },
		{ "f", "" },
	};
	struct error err = ERROR_INIT;
	struct schema *s = schema_new("shop");

	s->family = family;
	s->visible = OBJECT_KINDS_ALL;
	for (size_t i = 0; i < ARRAY_SIZE(tables); i++) {
		autobuf sql = BUF_INIT;

		buf_addf(&sql,
		         "CREATE TABLE `%s` (\n  `i` int(11) NOT NULL,\n  `n` %s,\n  "
		         "PRIMARY KEY (`i`)%s\n) ENGINE=%s",
		         tables[i].name, type, tables[i].more,
		         *tables[i].name == 'f' ? "CONNECT" : "InnoDB");
		schema_add(s, OBJECT_TABLE, tables[i].name, sql.data, sql.len);
	}
	assert_ok(schema_finish(s, &err));
	return s;
}

static const struct plan_step *step_of(const struct plan *p, const char *name)
{
	for (size_t i = 0; i < p->count; i++)
		if (strcmp(p->steps[i].name, name) == 0)
			return &p->steps[i];
	fail_msg("no step of %s", name);
	return NULL;
}

static void tables_that_foreign_keys_connect_are_kin(void **state)
{
	DEFER(schema) *from = relatives("int(11) DEFAULT NULL", SERVER_MARIADB);
	DEFER(schema) *to = relatives("bigint(20) DEFAULT NULL", SERVER_MARIADB);
	DEFER(plan) *p = plan_of(from, to);
	size_t kin = step_of(p, "a")->kin;

	(void)state;
	assert_int_not_equal(step_of(p, "a")->phase, 0);
	assert_int_equal(step_of(p, "b")->kin, kin);
	assert_int_equal(step_of(p, "c")->kin, kin);
	assert_int_not_equal(step_of(p, "d")->kin, kin);
	assert_int_not_equal(step_of(p, "d")->kin, step_of(p, "e")->kin);
	for (size_t i = 0; i < p->count; i++)
		assert_in_range(p->steps[i].kin, 0, p->kin_limit - 1);
	/* An engine that may look into other tables. */
	assert_int_equal(step_of(p, "f")->phase, 0);
}

/* Names of checks are unique in a database of MySQL. */
static void a_name_that_both_have_makes_them_kin(void **state)
{
	DEFER(schema) *from = relatives("int DEFAULT NULL", SERVER_MYSQL);
	DEFER(schema) *to = relatives("bigint DEFAULT NULL", SERVER_MYSQL);
	DEFER(plan) *p = plan_of(from, to);

	(void)state;
	assert_int_equal(step_of(p, "d")->kin, step_of(p, "e")->kin);
	assert_int_not_equal(step_of(p, "d")->kin, step_of(p, "a")->kin);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(golden_pairs_give_their_plans),
		cmocka_unit_test(equal_schemas_give_no_step_and_say_so),
		cmocka_unit_test(families_are_not_mixed),
		cmocka_unit_test(families_are_mixed_for_who_says_so),
		cmocka_unit_test(kinds_that_one_side_could_not_see_are_left_alone),
		cmocka_unit_test(a_dropped_column_is_a_loss_and_named),
		cmocka_unit_test(a_rename_is_noticed_but_not_guessed),
		cmocka_unit_test(a_column_of_the_same_key_is_noticed_as_renamed),
		cmocka_unit_test(a_table_defined_alike_is_noticed_as_renamed),
		cmocka_unit_test(a_table_that_is_not_understood_is_made_anew),
		cmocka_unit_test(equal_tables_need_not_be_understood),
		cmocka_unit_test(what_could_not_be_read_is_left_alone),
		cmocka_unit_test(tables_that_foreign_keys_connect_are_kin),
		cmocka_unit_test(a_name_that_both_have_makes_them_kin),
		cmocka_unit_test(another_database_name_makes_no_difference),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
