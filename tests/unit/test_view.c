/* SPDX-License-Identifier: MIT */
#include "tests/unit/test.h"

#include "engine/base/arena.h"
#include "engine/base/buf.h"
#include "engine/schema/model.h"
#include "engine/schema/view.h"

static void add_table(struct buf *out, const struct view_table *t)
{
	buf_addf(out, " %s%s%s", t->database ? t->database : "", t->database ? "." : "",
	         t->name);
	if (t->alias)
		buf_addf(out, ":%s", t->alias);
	if (t->sequence)
		buf_adds(out, "(sequence)");
	if (t->versioned)
		buf_adds(out, "(versioned)");
	for (size_t i = 0; i < t->partition_count; i++)
		buf_addf(out, "[%s]", t->partitions[i]);
	for (size_t i = 0; i < t->index_count; i++)
		buf_addf(out, "{%s}", t->indexes[i]);
}

/* "tables: t:a x | columns: a.id | calls: f/2" */
static void describe(struct buf *out, const struct view *v)
{
	static const char *const uses[] = {
		[VIEW_USE_ANY] = "",
		[VIEW_USE_GEOMETRY] = "(geometry)",
		[VIEW_USE_MATCH] = "(match)",
	};

	for (size_t i = 0; i < v->table_count; i++)
		add_table(out, &v->tables[i]);
	buf_adds(out, " |");
	for (size_t i = 0; i < v->column_count; i++) {
		const struct view_column *c = &v->columns[i];

		buf_addf(out, " %s%s%s.%s%s", c->database ? c->database : "",
		         c->database ? "." : "", c->qualifier, c->name, uses[c->use]);
	}
	buf_adds(out, " |");
	for (size_t i = 0; i < v->call_count; i++) {
		const struct view_call *c = &v->calls[i];

		buf_addf(out, " %s%s%s/%zu", c->database ? c->database : "",
		         c->database ? "." : "", c->name, c->arguments);
	}
}

/* Behind "... VIEW `v` AS", as MariaDB and MySQL print it. */
static const struct {
	const char *select;
	const char *want;
} cases[] = {
	{ "select 1 AS `1`", " | |" },
	{ "select `base`.`id` AS `id` from `base`", " base | base.id |" },
	{ "select `b`.`id` AS `id`,`db`.`t`.`x` AS `x` from (`base` `b` join `db`.`t` on(`t`.`y` = "
	  "`b`.`id`))",
	  " base:b db.t | b.id db.t.x t.y b.id |" },
	{ "select `a`.`x` AS `x` from (`a` left join (`b` join `c` `d`) on(`a`.`x` = `b`.`x` and "
	  "`d`.`y` in (1,2)))",
	  " a b c:d | a.x a.x b.x d.y |" },
	{ "select `a`.`x` AS `x` from `a` straight_join `b` where `a`.`x` in (select `c`.`y` from "
	  "`c` where `c`.`z` = `b`.`z`) group by `a`.`x`,`b`.`q` order by `a`.`x` limit 5",
	  " a b c | a.x a.x c.y c.z b.z a.x b.q a.x |" },
	{ "select `a`.`x` AS `x` from `a`,`b` `c`,`d`", " a b:c d | a.x |" },
	{ "select `d`.`c` AS `c` from ((select count(0) AS `c` from `base`) `d` join `e`)",
	  " base e | d.c |" },
	{ "select `x`.`y` AS `y` from `x` union all select `z`.`y` AS `y` from `z` order by 1,`y`",
	  " x z | x.y z.y |" },
	/* common table expressions */
	{ "with recursive n as (select 1 AS `i` union all select `n`.`i` + 1 AS `i + 1` from `n`), "
	  "other as (select `base`.`id` AS `id` from `base`)select `n`.`i` AS `i` from (`n` join "
	  "`other` on(1))",
	  " base | n.i base.id n.i |" },
	{ "with `select` as (select 1 AS `a`)select `select`.`a` AS `a` from `select`",
	  " | select.a |" },
	{ "with n as (select 1 AS `a`)select `b`.`a` AS `a` from (`base` `b` join `n` `x` on(1) "
	  "join `c`)",
	  " base:b c | b.a |" },
	{ "select `q`.`a` AS `a` from (`base` join (select 1 AS `a`) `q`)", " base | q.a |" },
	/* FROM that begins no list of tables */
	{ "select extract(year from `t`.`d`) AS `y`,trim(both 'x' from `t`.`s`) AS `s` from `t`",
	  " t | t.d t.s |" },
	/* stored functions, sequences, geometry, full text */
	{ "select `f`(`t`.`a`,5) AS `f`,`g`() AS `g`,`db`.`h`((1,2)) AS `h` from `t`",
	  " t | t.a | f/2 g/0 db.h/1" },
	{ "select nextval(`db`.`s`) AS `n`,setval(`s2`,1,1,0) AS `m`",
	  " db.s(sequence) s2(sequence) | |" },
	{ "select st_x(`t`.`g`) AS `x`,(match `t`.`a`,`t`.`b` against (`t`.`c`)) AS `m` from `t`",
	  " t | t.g(geometry) t.a(match) t.b(match) t.c |" },
	{ "select oracle_schema.concat('a',`t`.`b`) AS `c` from `t`", " t | t.b |" },
	/* what may stand behind a table */
	{ "select `t`.`a` AS `a` from `t` PARTITION (`p0`,p1) `u` join `w` FOR SYSTEM_TIME ALL `x`",
	  " t:u[p0][p1] w:x(versioned) | t.a |" },
	{ "select `t`.`a` AS `a` from `t` USE INDEX FOR JOIN (`k`) join `u` FORCE INDEX (`l`)",
	  " t{k} u{l} | t.a |" },
	{ "select `x`.`a` AS `a` from `t` `x` IGNORE INDEX FOR ORDER BY (`k`,PRIMARY),`u` USE INDEX ()",
	  " t:x{k}{PRIMARY} u | x.a |" },
	{ "select `jt`.`a` AS `a` from JSON_TABLE('[{\"a\":1}]', '$[*]' COLUMNS (`a` int(11) PATH "
	  "'$.a')) `jt` join `t`",
	  " t | jt.a |" },
	{ "select 1 AS `1` from DUAL where 1 = 1", " | |" },
	{ "values (1,'a'),(2,'b')", " | |" },
	{ "select `t`.`from` AS `select`,'from `x`' AS `y` from `t`", " t | t.from |" },
	/* names with everything */
	{ "select `a``b`.`c,d` AS `)` from `x.y` `a``b`", " x.y:a`b | a`b.c,d |" },
	{ "select `a`.`b` AS `b` from `a` with cascaded check option", " a | a.b |" },
	/* not well formed: anything, but to the end */
	{ "select ))) from `a`", " a | |" },
	{ "select `a`.", " | |" },
	{ "select `a`.`b`.`c`.`d` from", " | a.b.c |" },
	{ "select 'x", " | |" },
	{ "(((", " | |" },
};

static void references_are_found(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		DEFER(arena) *a = arena_new();
		autobuf sql = BUF_INIT;
		autobuf got = BUF_INIT;
		struct object o = { .kind = OBJECT_VIEW, .name = "v" };

		buf_addf(
			&sql,
			"CREATE ALGORITHM=UNDEFINED DEFINER=`from`@`x` SQL SECURITY DEFINER VIEW "
			"`v` AS %s",
			cases[i].select);
		o.sql = (struct str){ sql.data, sql.len };
		describe(&got, view_parse(a, &o));
		if (strcmp(got.data, cases[i].want) != 0)
			fail_msg("%s:\nwant \"%s\"\n got \"%s\"", cases[i].select,
			         cases[i].want, got.data);
	}
}

static void a_list_of_columns_is_no_reference(void **state)
{
	DEFER(arena) *a = arena_new();
	autobuf got = BUF_INIT;
	struct object o = { .kind = OBJECT_VIEW, .name = "v" };

	(void)state;
	o.sql = str_of("CREATE VIEW `v` (`a`,`b`) AS select `t`.`x` AS `x`,1 AS `1` from `t`");
	describe(&got, view_parse(a, &o));
	assert_string_equal(got.data, " t | t.x |");
}

static void what_is_no_view_refers_to_nothing(void **state)
{
	DEFER(arena) *a = arena_new();
	autobuf got = BUF_INIT;
	struct object o = { .kind = OBJECT_VIEW, .name = "v", .sql = { "", 0 } };

	(void)state;
	describe(&got, view_parse(a, &o));
	assert_string_equal(got.data, " | |");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(references_are_found),
		cmocka_unit_test(a_list_of_columns_is_no_reference),
		cmocka_unit_test(what_is_no_view_refers_to_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
