/* SPDX-License-Identifier: MIT */
#include "tests/unit/schema_test.h"

#include "engine/base/arena.h"
#include "engine/schema/lexer.h"
#include "engine/schema/table.h"

/* A recorded table and its parts. */
struct parsed {
	struct arena *arena;
	struct buf text;
	struct table *table;
};

static void parsed_finish(struct parsed *p)
{
	arena_free(p->arena);
	buf_finish(&p->text);
}

#define autoparsed __attribute__((cleanup(parsed_finish))) struct parsed

static struct parsed parse_recorded(const char *file)
{
	struct parsed p = { .arena = arena_new(), .text = BUF_INIT };
	struct error err = ERROR_INIT;

	assert_ok(table_parse(&p.table, p.arena, recorded_table(&p.text, file), &err));
	return p;
}

static struct parsed parse_text(const char *text)
{
	struct parsed p = { .arena = arena_new(), .text = BUF_INIT };
	struct error err = ERROR_INIT;

	assert_ok(table_parse(&p.table, p.arena, str_of(text), &err));
	return p;
}

static const struct column *column(const struct parsed *p, const char *name)
{
	const struct column *c = table_column(p->table, name);

	if (!c)
		fail_msg("no column %s", name);
	assert_non_null(c);
	return c;
}

static void columns_have_types_and_attributes(void **state)
{
	autoparsed p = parse_recorded("mariadb-columns-texts.sql");
	const struct column *c = column(&p, "c4");

	(void)state;
	assert_str(c->type, "varchar(20)");
	assert_str(c->charset, "utf8mb4");
	assert_str(c->collation, "utf8mb4_bin");
	assert_str(c->default_text, "'it''s \"x\" \\\\ \\n'");
	assert_true(c->not_null);
	assert_false(c->auto_increment);
	assert_int_equal(c->generated, COLUMN_PLAIN);
	assert_str(column(&p, "e1")->type, "enum('a','b''c','d\\\\e','f,g','h)i','')");
	assert_str(column(&p, "e1")->default_text, "'b''c'");
	assert_str(column(&p, "u1")->default_text, "uuid()");
	assert_str(column(&p, "j2")->check, "`j2` <> '[]'");
	assert_int_equal(column(&p, "c7")->charset.n, 5);
}

static void column_text_is_all_behind_the_name(void **state)
{
	autoparsed p = parse_recorded("mariadb-columns-compressed.sql");

	(void)state;
	assert_str(column(&p, "b")->text, "text /*M!100301 COMPRESSED*/ NOT NULL DEFAULT 'a'");
	assert_str(column(&p, "b")->type, "text");
	assert_str(column(&p, "a")->type, "varchar(100)");
	assert_str(column(&p, "a")->default_text, "NULL");
}

static void numbers_keep_sign_and_filling(void **state)
{
	autoparsed p = parse_recorded("mariadb-columns-numbers.sql");

	(void)state;
	assert_str(column(&p, "t5")->type, "int(5) unsigned zerofill");
	assert_str(column(&p, "d1")->default_text, "-1.500");
	assert_str(column(&p, "b2")->default_text, "b'101'");
	assert_true(column(&p, "T6")->auto_increment);
	assert_true(column(&p, "t6")->not_null);
	assert_false(column(&p, "t1")->not_null);
}

static void defaults_end_where_the_next_attribute_begins(void **state)
{
	autoparsed p = parse_recorded("mariadb-columns-defaults.sql");

	(void)state;
	assert_str(column(&p, "a")->default_text, "`b`");
	assert_str(column(&p, "b")->default_text, "(case when 1 then 2 else 3 end)");
	assert_str(column(&p, "g")->default_text, "concat('a','b')");
	assert_str(column(&p, "s")->default_text, "coalesce(`a`,')')");
	assert_str(column(&p, "u")->default_text, "NULL");
	assert_false(column(&p, "u")->auto_increment);
}

static void times_have_expressions(void **state)
{
	autoparsed p = parse_recorded("mariadb-columns-times.sql");

	(void)state;
	assert_str(column(&p, "d7")->default_text, "current_timestamp(3)");
	assert_false(column(&p, "d7")->not_null);
	assert_true(column(&p, "d5")->not_null);
	assert_int_equal(column(&p, "d5")->default_text.n, 0);
}

static void generated_columns_have_expressions(void **state)
{
	autoparsed p = parse_recorded("mariadb-columns-generated.sql");

	(void)state;
	assert_int_equal(column(&p, "b")->generated, COLUMN_VIRTUAL);
	assert_str(column(&p, "b")->expression, "`a` + 1");
	assert_int_equal(column(&p, "d")->generated, COLUMN_STORED);
	assert_str(column(&p, "d")->expression, "concat('x)',`a`,'(\\'')");
	assert_true(column(&p, "e")->invisible);
	assert_str(column(&p, "e")->check, "`e` > 0");
	assert_true(column(&p, "j")->invisible);
	assert_true(column(&p, "j")->not_null);
	assert_str(column(&p, "j")->default_text, "5");
}

static void indexes_have_kinds_and_parts(void **state)
{
	autoparsed p = parse_recorded("mariadb-indexes-indexes.sql");
	const struct table *t = p.table;
	const struct index *i = table_index(t, "primary");

	(void)state;
	assert_int_equal(i->kind, INDEX_PRIMARY);
	assert_int_equal(i->part_count, 2);
	assert_string_equal(i->parts[1].column, "c");
	assert_str(i->text, "PRIMARY KEY (`a`,`c`)");
	i = table_index(t, "u2");
	assert_int_equal(i->kind, INDEX_UNIQUE);
	assert_str(i->parts[0].text, "`c`(10)");
	assert_str(i->parts[1].text, "`b` DESC");
	assert_str(table_index(t, "u4")->text, "UNIQUE KEY `u4` (`h`) USING HASH");
	assert_false(table_index(t, "k3")->ignored);
	assert_true(table_index(t, "k4")->ignored);
	assert_int_equal(table_index(t, "f2")->kind, INDEX_FULLTEXT);
	assert_int_equal(table_index(t, "f2")->part_count, 2);
	assert_int_equal(table_index(t, "s1")->kind, INDEX_SPATIAL);
	assert_int_equal(table_index(t, "k`6 ,(")->kind, INDEX_PLAIN);
	assert_null(table_index(t, "k7"));
}

static void mysql_indexes_are_read_too(void **state)
{
	autoparsed p = parse_recorded("mysql-indexes.sql");
	const struct index *i = table_index(p.table, "functional");

	(void)state;
	assert_null(i->parts[0].column);
	assert_str(i->parts[0].text, "(lower(`b`))");
	assert_string_equal(i->parts[1].column, "a");
	assert_null(table_index(p.table, "multi_valued")->parts[0].column);
	assert_true(table_index(p.table, "hidden")->ignored);
	assert_str(table_index(p.table, "hidden")->text,
	           "KEY `hidden` (`a`) /*!80000 INVISIBLE */");
	assert_false(table_index(p.table, "prefix")->ignored);
	assert_true(column(&p, "my_row_id")->invisible);
}

static void mysql_columns_are_read_too(void **state)
{
	autoparsed p = parse_recorded("mysql-columns.sql");

	(void)state;
	assert_str(column(&p, "id")->type, "bigint unsigned");
	assert_true(column(&p, "hidden")->invisible);
	assert_str(column(&p, "sum")->default_text, "((1 + 2))");
	assert_str(column(&p, "at")->default_text, "CURRENT_TIMESTAMP(6)");
	assert_str(column(&p, "place")->text, "point NOT NULL /*!80003 SRID 4326 */");
	assert_str(column(&p, "total")->expression, "(`dec` * `sum`)");
	assert_int_equal(column(&p, "total")->generated, COLUMN_STORED);
	assert_true(column(&p, "label")->invisible);
	assert_false(column(&p, "fixed")->invisible);
	assert_str(column(&p, "fixed")->default_text, "'7'");
	assert_str(column(&p, "embedding")->type, "vector(3)");
}

static void foreign_keys_name_both_ends(void **state)
{
	autoparsed p = parse_recorded("mysql-foreign_keys.sql");
	const struct foreign_key *f = table_foreign_key(p.table, "foreign_keys_ibfk_1");

	(void)state;
	assert_int_equal(f->column_count, 2);
	assert_string_equal(f->columns[1], "b");
	assert_string_equal(f->parent_database, "other");
	assert_string_equal(f->parent_table, "parent");
	assert_int_equal(f->parent_column_count, 2);
	assert_string_equal(f->parent_columns[0], "x");
	assert_str(f->text,
	           "CONSTRAINT `foreign_keys_ibfk_1` FOREIGN KEY (`a`, `b`) REFERENCES "
	           "`other`.`parent` (`x`, `y`) ON DELETE RESTRICT ON UPDATE CASCADE");
}

static void odd_names_of_foreign_keys_survive(void **state)
{
	autoparsed p = parse_recorded("mariadb-foreign_keys-chi_ld.sql");
	const struct foreign_key *f = &p.table->foreign_keys[0];

	(void)state;
	assert_int_equal(p.table->foreign_key_count, 1);
	assert_string_equal(f->name, "chi`ld_ibfk_1");
	assert_string_equal(f->columns[0], "p)");
	assert_null(f->parent_database);
	assert_string_equal(f->parent_table, "par`ent\nline");
	assert_string_equal(f->parent_columns[0], "i,d");
}

static void checks_have_expressions(void **state)
{
	autoparsed p = parse_recorded("mariadb-columns-checks.sql");
	autoparsed q = parse_recorded("mysql-checks.sql");

	(void)state;
	assert_str(column(&p, "a")->check, "`a` > 0");
	assert_str(table_check(p.table, "named")->expression, "`a` < `b`");
	assert_str(table_check(p.table, "odd `name`")->text,
	           "CONSTRAINT `odd ``name``` CHECK (`c` <> ';')");
	assert_str(table_check(q.table, "named")->text,
	           "CONSTRAINT `named` CHECK ((`b` in (_utf8mb4'x',_utf8mb4')'))) "
	           "/*!80016 NOT ENFORCED */");
}

static void periods_are_known_clauses(void **state)
{
	autoparsed p = parse_recorded("mariadb-temporal-bitemporal.sql");
	const struct index *i = table_index(p.table, "PRIMARY");

	(void)state;
	assert_true(p.table->system_versioned);
	assert_int_equal(p.table->clause_count, 1);
	assert_true(p.table->clauses[0].known);
	assert_str(p.table->clauses[0].text, "PERIOD FOR `app` (`s`, `e`)");
	assert_string_equal(i->parts[1].column, "app");
	assert_true(i->parts[1].without_overlaps);
	assert_false(i->parts[0].without_overlaps);
}

static void row_start_and_end_are_generated(void **state)
{
	autoparsed p = parse_recorded("mariadb-temporal-explicit_rows.sql");

	(void)state;
	assert_int_equal(column(&p, "s")->generated, COLUMN_ROW_START);
	assert_int_equal(column(&p, "e")->generated, COLUMN_ROW_END);
	assert_true(column(&p, "e")->invisible);
	assert_int_equal(column(&p, "e")->expression.n, 0);
}

static void what_is_not_known_is_kept(void **state)
{
	autoparsed p = parse_text(
		"CREATE TABLE `t` (\n  `a` newtype(1,(2)) FUTURE (x, y) NOT NULL WORD 'v',\n"
		"  FUTURE CLAUSE `x` (a, (b), ')'),\n  CONSTRAINT `c` NOVEL (1)\n"
		") ENGINE=New `opt one`='x' FUTURE WITH SYSTEM VERSIONING NOVEL=(1,2)");
	const struct table *t = p.table;

	(void)state;
	assert_str(column(&p, "a")->text, "newtype(1,(2)) FUTURE (x, y) NOT NULL WORD 'v'");
	assert_true(column(&p, "a")->not_null);
	assert_int_equal(t->clause_count, 2);
	assert_false(t->clauses[0].known);
	assert_str(t->clauses[0].text, "FUTURE CLAUSE `x` (a, (b), ')')");
	assert_str(t->clauses[1].text, "CONSTRAINT `c` NOVEL (1)");
	assert_int_equal(t->option_count, 5);
	assert_str(t->options[1].text, "`opt one`='x'");
	assert_str(t->options[2].text, "FUTURE");
	assert_str(table_option(t, "novel")->value, "(1,2)");
	assert_true(t->system_versioned);
}

static void options_have_names_and_values(void **state)
{
	autoparsed p = parse_recorded("mariadb-options-innodb_all.sql");
	const struct table *t = p.table;

	(void)state;
	assert_str(table_option(t, "engine")->text, "ENGINE=InnoDB");
	assert_str(table_option(t, "default charset")->value, "utf8mb4");
	assert_str(table_option(t, "COMMENT")->value,
	           "'it''s; -- a /* comment */ \\\\ with AUTO_INCREMENT=5 and\\na newline'");
	assert_str(table_option(t, "KEY_BLOCK_SIZE")->value, "8");
	assert_null(table_option(t, "AUTO_INCREMENT"));
}

static void mysql_options_lose_their_comment_marks(void **state)
{
	autoparsed p = parse_recorded("mysql-options.sql");
	const struct table *t = p.table;

	(void)state;
	assert_str(table_option(t, "TABLESPACE")->text, "TABLESPACE `innodb_system`");
	assert_str(table_option(t, "TABLESPACE")->value, "`innodb_system`");
	assert_str(table_option(t, "AUTOEXTEND_SIZE")->text, "AUTOEXTEND_SIZE=4194304");
	assert_str(table_option(t, "DATA DIRECTORY")->value, "'/tmp/a b/'");
	assert_int_equal(t->option_count, 15);
}

static void options_in_comments_are_kept(void **state)
{
	autoparsed p = parse_recorded("mariadb-options-unknown_options.sql");
	const struct table *t = p.table;
	const struct table_option *last = &t->options[t->option_count - 1];

	(void)state;
	assert_int_equal(last->name.n, 0);
	assert_str(last->text, "/* `opt`='x''y' */");
	assert_str(column(&p, "a")->text, "int(11) DEFAULT NULL COMMENT 'c' /* `foo`='x' */");
	assert_str(table_index(t, "k")->text, "KEY `k` (`a`) /* `bar`='1' */");
}

static const struct {
	const char *file;
	const char *head;
	size_t count;
	const char *last; /* name of the last partition */
} partitioned[] = {
	{ "mariadb-partitions-by_range.sql", "PARTITION BY RANGE (`a`)", 3, "pmax" },
	{ "mariadb-partitions-by_hash.sql", "PARTITION BY HASH (`a`)\nPARTITIONS 4", 0, NULL },
	{ "mariadb-partitions-by_list.sql", "PARTITION BY LIST (`a`)", 3, "pd" },
	{ "mariadb-partitions-by_list_columns.sql", "PARTITION BY LIST  COLUMNS(`a`,`b`)", 2,
	  "p1" },
	{ "mariadb-partitions-subpartitions.sql",
	  "PARTITION BY RANGE (`a`)\nSUBPARTITION BY HASH (to_days(`b`))\nSUBPARTITIONS 2", 2,
	  "p1" },
	{ "mariadb-temporal-by_limit.sql", "PARTITION BY SYSTEM_TIME LIMIT 1000", 3, "pn" },
	{ "mysql-partition_range.sql", "PARTITION BY RANGE (year(`at`))", 2, "select" },
	{ "mysql-partition_columns.sql", "PARTITION BY RANGE  COLUMNS(`id`,`at`)", 2, "p1" },
	{ "mysql-partition_key.sql", "PARTITION BY KEY (id)\nPARTITIONS 4", 0, NULL },
	{ "mysql-partition_sub.sql",
	  "PARTITION BY LIST (`id`)\nSUBPARTITION BY HASH (to_days(`at`))", 1, "p0" },
};

static void partitions_are_listed(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(partitioned); i++) {
		autoparsed p = parse_recorded(partitioned[i].file);
		const struct partitioning *part = &p.table->partitioning;

		assert_str(part->head, partitioned[i].head);
		assert_int_equal(part->count, partitioned[i].count);
		if (part->count > 0)
			assert_string_equal(part->partitions[part->count - 1].name,
			                    partitioned[i].last);
		assert_false(str_has_suffix(part->text, "*/"));
		assert_true(str_has_prefix(part->text, "PARTITION BY"));
	}
}

static void partition_text_holds_sub_partitions(void **state)
{
	autoparsed p = parse_recorded("mariadb-partitions-named_subpartitions.sql");
	const struct partitioning *part = &p.table->partitioning;

	(void)state;
	assert_int_equal(part->count, 2);
	assert_str(part->partitions[1].text,
	           "PARTITION `p1` VALUES LESS THAN MAXVALUE\n (SUBPARTITION `s2` ENGINE = "
	           "InnoDB,\n  SUBPARTITION `s 3` ENGINE = InnoDB)");
}

static const struct {
	const char *text;
	const char *says;
} broken[] = {
	{ "", "offset 0: want CREATE, got the end of the text" },
	{ "CREATE VIEW `v` AS select 1", "offset 12: want TABLE, got `v`" },
	{ "CREATE TABLE `t`", "want (, got the end" },
	{ "CREATE TABLE `t` (", "want , or ), got the end" },
	{ "CREATE TABLE `t` ()", "want a definition, got )" },
	{ "CREATE TABLE `t` (`a` int", "want , or ), got the end" },
	{ "CREATE TABLE `t` (`a` int,)", "want a definition, got )" },
	{ "CREATE TABLE `t` (`a` int DEFAULT (1)", "got the end" },
	{ "CREATE TABLE `t` (`a` int DEFAULT (1", "want ), got the end" },
	{ "CREATE TABLE `t` (`a` int COMMENT 'x)", "quote or comment that never ends" },
	{ "CREATE TABLE `t` (`a int)", "quote or comment that never ends" },
	{ "CREATE TABLE `t` (`a` int))", "want a table option, got )" },
	{ "CREATE TABLE `t` (`a` int) ENGINE=", "want a value" },
	{ "CREATE TABLE `t` (`a` int) UNION=(`b`", "want ), got the end" },
	{ "CREATE TABLE `t` (`a` int) /*!50100 PARTITION BY HASH (a)", "never ends" },
	{ "CREATE TABLE `t` (`a` int) PARTITION BY RANGE (a) (PARTITION p0", "got the end" },
	{ "CREATE TABLE `t` (`a` int) PARTITION BY RANGE (a) (PARTITION p0, x)",
	  "want PARTITION, got x" },
	{ "CREATE TABLE `t` (KEY `k`)", "want (, got )" },
	{ "CREATE TABLE `t` (KEY `k` ())", "want a name, got )" },
	{ "CREATE TABLE `t` (FOREIGN KEY (`a`))", "want REFERENCES, got )" },
	{ "CREATE TABLE `t` (CHECK `a`)", "want (, got `a`" },
	{ "CREATE TABLE `t` (`a` int AS ROW)", "want START or END" },
};

static void only_unbalanced_text_is_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(broken); i++) {
		DEFER(arena) *a = arena_new();
		struct error err = ERROR_INIT;
		struct table *t = NULL;

		assert_fails(table_parse(&t, a, str_of(broken[i].text), &err), ERR_INVALID,
		             broken[i].says);
		assert_null(t);
	}
}

static void auto_increment_is_found_among_options_only(void **state)
{
	autobuf text = BUF_INIT;
	struct str sql = recorded_table(&text, "mysql-columns.sql");
	uint64_t value = 1;
	struct str cut = table_auto_increment(sql, &value);

	(void)state;
	assert_str(cut, " AUTO_INCREMENT=4711");
	assert_true(value == 4711);
	sql = recorded_table(&text, "mariadb-columns-defaults.sql");
	assert_int_equal(table_auto_increment(sql, &value).n, 0);
	assert_true(value == 0);
	sql = recorded_table(&text, "mariadb-options-innodb_all.sql");
	assert_int_equal(table_auto_increment(sql, &value).n, 0);
	assert_str(
		table_auto_increment(
			str_of("CREATE TABLE `a` (`b` int)AUTO_INCREMENT=3 ENGINE=x"), &value),
		"AUTO_INCREMENT=3");
	assert_int_equal(
		table_auto_increment(
			str_of("CREATE TABLE `a` (`b` int) AUTO_INCREMENT=18446744073709551616"),
			&value)
			.n,
		0);
	assert_true(value == 0);
}

/* Texts of the parts in the order of the text. */
struct parts {
	struct str items[512];
	size_t count;
};

static void add_part(struct parts *p, struct str text)
{
	assert_true(p->count < ARRAY_SIZE(p->items));
	p->items[p->count++] = text;
}

static int compare_parts(const void *a, const void *b)
{
	const struct str *left = a;
	const struct str *right = b;

	return (left->p > right->p) - (left->p < right->p);
}

static void collect(struct parts *p, const struct table *t)
{
	for (size_t i = 0; i < t->column_count; i++)
		add_part(p, t->columns[i].text);
	for (size_t i = 0; i < t->index_count; i++)
		add_part(p, t->indexes[i].text);
	for (size_t i = 0; i < t->foreign_key_count; i++)
		add_part(p, t->foreign_keys[i].text);
	for (size_t i = 0; i < t->check_count; i++)
		add_part(p, t->checks[i].text);
	for (size_t i = 0; i < t->clause_count; i++)
		add_part(p, t->clauses[i].text);
	for (size_t i = 0; i < t->option_count; i++)
		add_part(p, t->options[i].text);
	if (t->partitioning.text.n > 0)
		add_part(p, t->partitioning.text);
	qsort(p->items, p->count, sizeof(p->items[0]), compare_parts);
}

/* Between the parts stand only names, commas, parentheses and comment marks. */
static void assert_nothing_between(const char *file, struct str gap)
{
	struct lexer l;
	struct token t;

	lexer_init(&l, gap);
	while ((t = lexer_next(&l)).kind != TOKEN_END) {
		bool fine = t.kind == TOKEN_NAME || t.kind == TOKEN_COMMENT_OPEN ||
		            t.kind == TOKEN_COMMENT_CLOSE || t.kind == TOKEN_BROKEN ||
		            memchr("(),*/", t.text.p[0], 5) || token_is_word(t, "CREATE") ||
		            token_is_word(t, "TABLE");

		if (!fine)
			fail_msg("%s: lost: %.*s", file, STR_ARG(gap));
	}
}

static void parse_one(void *arg, const char *file, struct str text)
{
	DEFER(arena) *a = arena_new();
	struct error err = ERROR_INIT;
	struct parts parts = { .count = 0 };
	struct table *t = NULL;
	size_t at = 0;

	(void)arg;
	if (table_parse(&t, a, text, &err) < 0)
		fail_msg("%s: %s", file, err.text);
	assert_non_null(t);
	collect(&parts, t);
	for (size_t i = 0; i < parts.count; i++) {
		size_t from = (size_t)(parts.items[i].p - text.p);

		assert_true(from >= at);
		assert_nothing_between(file, str_slice(text, at, from));
		at = from + parts.items[i].n;
	}
	assert_nothing_between(file, str_slice(text, at, text.n));
	for (size_t i = 0; i < t->clause_count; i++)
		assert_true(t->clauses[i].known);
}

static void no_byte_of_a_recorded_table_is_lost(void **state)
{
	(void)state;
	assert_true(each_recorded_table("mariadb-", parse_one, NULL) > 80);
	assert_true(each_recorded_table("mysql-", parse_one, NULL) > 9);
}

/* Every cut of every text: an error or a table, never a crash. */
static void cut_one(void *arg, const char *file, struct str text)
{
	(void)arg;
	(void)file;
	for (size_t n = 0; n < text.n; n++) {
		DEFER(arena) *a = arena_new();
		autofree char *copy = mem_strndup(text.p, n);
		struct error err = ERROR_INIT;
		struct table *t = NULL;

		if (table_parse(&t, a, (struct str){ copy, n }, &err) < 0)
			assert_int_equal(err.code, ERR_INVALID);
		else
			assert_true(t->column_count > 0);
	}
}

static void every_cut_is_an_error_or_a_table(void **state)
{
	(void)state;
	each_recorded_table("mysql-", cut_one, NULL);
	each_recorded_table("mariadb-partitions", cut_one, NULL);
	each_recorded_table("mariadb-names", cut_one, NULL);
}

static void depth_does_not_use_the_stack(void **state)
{
	DEFER(arena) *a = arena_new();
	autobuf text = BUF_INIT;
	struct error err = ERROR_INIT;
	struct table *t = NULL;

	(void)state;
	buf_adds(&text, "CREATE TABLE `t` (`a` int DEFAULT ");
	for (int i = 0; i < 1000000; i++)
		buf_addc(&text, '(');
	assert_fails(table_parse(&t, a, (struct str){ text.data, text.len }, &err), ERR_INVALID,
	             "want )");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(columns_have_types_and_attributes),
		cmocka_unit_test(column_text_is_all_behind_the_name),
		cmocka_unit_test(numbers_keep_sign_and_filling),
		cmocka_unit_test(defaults_end_where_the_next_attribute_begins),
		cmocka_unit_test(times_have_expressions),
		cmocka_unit_test(generated_columns_have_expressions),
		cmocka_unit_test(indexes_have_kinds_and_parts),
		cmocka_unit_test(mysql_indexes_are_read_too),
		cmocka_unit_test(mysql_columns_are_read_too),
		cmocka_unit_test(foreign_keys_name_both_ends),
		cmocka_unit_test(odd_names_of_foreign_keys_survive),
		cmocka_unit_test(checks_have_expressions),
		cmocka_unit_test(periods_are_known_clauses),
		cmocka_unit_test(row_start_and_end_are_generated),
		cmocka_unit_test(what_is_not_known_is_kept),
		cmocka_unit_test(options_have_names_and_values),
		cmocka_unit_test(mysql_options_lose_their_comment_marks),
		cmocka_unit_test(options_in_comments_are_kept),
		cmocka_unit_test(partitions_are_listed),
		cmocka_unit_test(partition_text_holds_sub_partitions),
		cmocka_unit_test(only_unbalanced_text_is_refused),
		cmocka_unit_test(auto_increment_is_found_among_options_only),
		cmocka_unit_test(no_byte_of_a_recorded_table_is_lost),
		cmocka_unit_test(every_cut_is_an_error_or_a_table),
		cmocka_unit_test(depth_does_not_use_the_stack),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
