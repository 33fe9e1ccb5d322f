/* SPDX-License-Identifier: MIT */
#include "tests/unit/schema_test.h"

#include "engine/base/arena.h"
#include "engine/base/json.h"
#include "engine/schema/archive.h"
#include "engine/schema/model.h"

/* Files in memory, in the order in which they were put. */
struct file {
	char *name;
	struct buf data;
};

struct files {
	struct file items[256];
	size_t count;
};

static void files_finish(struct files *f)
{
	for (size_t i = 0; i < f->count; i++) {
		free(f->items[i].name);
		buf_finish(&f->items[i].data);
	}
}

#define autofiles __attribute__((cleanup(files_finish))) struct files

static int put(void *arg, const char *name, const void *data, size_t len, struct error *err)
{
	struct files *f = arg;
	struct file *file = &f->items[f->count];

	if (f->count == ARRAY_SIZE(f->items))
		return error_set(err, ERR_SYSTEM, "no room for %s", name);
	*file = (struct file){ .name = mem_strdup(name), .data = BUF_INIT };
	buf_add(&file->data, data, len);
	f->count++;
	return 0;
}

static struct file *find(struct files *f, const char *name)
{
	for (size_t i = 0; i < f->count; i++) {
		if (strcmp(f->items[i].name, name) == 0)
			return &f->items[i];
	}
	return NULL;
}

static int get(void *arg, const char *name, struct buf *out, struct error *err)
{
	const struct file *file = find(arg, name);

	(void)err;
	if (file)
		buf_add(out, file->data.data, file->data.len);
	return file != NULL;
}

static struct object *add_plain(struct schema *s, enum object_kind kind, const char *name,
                                const char *sql)
{
	return schema_add(s, kind, name, sql, strlen(sql));
}

static struct object *add(struct schema *s, enum object_kind kind, const char *name,
                          const char *sql)
{
	struct object *o = schema_add(s, kind, name, sql, strlen(sql));

	o->context = (struct object_context){ "ANSI_QUOTES", "latin1", "latin1_bin",
		                              "utf8mb4_bin", NULL };
	return o;
}

static void add_recorded(void *arg, const char *file, struct str text)
{
	schema_add(arg, OBJECT_TABLE, file, text.p, text.n);
}

/* Every kind, every attribute, names that are no file names, bytes that are no text. */
static struct schema *sample(void)
{
	struct schema *s = schema_new("sh`op\n");
	struct error err = ERROR_INIT;
	struct object *o;

	s->charset = "utf8mb4";
	s->collation = "utf8mb4_bin";
	s->server_version = "10.11.19-MariaDB";
	s->version_number = 101119;
	s->visible = OBJECT_KIND_BIT(OBJECT_TABLE) | OBJECT_KIND_BIT(OBJECT_EVENT);
	s->lower_case_table_names = 2;
	each_recorded_table("mariadb-", add_recorded, s);
	add_plain(s, OBJECT_TABLE, "counted",
	          "CREATE TABLE `counted` (\n  `a` int\n) AUTO_INCREMENT=18446744073709551615");
	add_plain(s, OBJECT_SEQUENCE, ".a/b%", "CREATE SEQUENCE `.a/b%`");
	add(s, OBJECT_FUNCTION, "f", "CREATE FUNCTION `f`() RETURNS int RETURN 1");
	add(s, OBJECT_PROCEDURE, "f", "CREATE PROCEDURE `f`()\nSELECT ';;', '\xff', '\r\n'");
	schema_add(s, OBJECT_PROCEDURE, "nul", "CREATE PROCEDURE `nul`() SELECT '\0'", 34);
	add(s, OBJECT_PACKAGE, "p", "CREATE PACKAGE p AS END");
	add(s, OBJECT_PACKAGE_BODY, "p", "CREATE PACKAGE BODY p AS END");
	o = add(s, OBJECT_VIEW, "v", "CREATE VIEW `v` AS select 1 AS `1`");
	o->problem = "it \"refers\" to\nnothing";
	add(s, OBJECT_VIEW, "unread", "")->problem = "no right to see it";
	o = add(s, OBJECT_TRIGGER, "t",
	        "CREATE TRIGGER t BEFORE INSERT ON counted FOR EACH ROW BEGIN END");
	o->table = "counted";
	o->timing = "BEFORE";
	o->event = "INSERT";
	o->order = 4000000000U;
	add(s, OBJECT_EVENT, "e", "CREATE EVENT `e` ON SCHEDULE EVERY 1 DAY DO SELECT 1")
		->context.time_zone = "+05:30";
	assert_ok(schema_finish(s, &err));
	return s;
}

static void assert_same_object(const struct object *a, const struct object *b)
{
	assert_true(object_equal(a, b));
	assert_true(a->auto_increment == b->auto_increment);
	assert_true((a->problem == NULL) == (b->problem == NULL));
	if (a->problem)
		assert_string_equal(a->problem, b->problem);
	assert_true((a->definer == NULL) == (b->definer == NULL));
	assert_true((a->parsed == NULL) == (b->parsed == NULL));
}

static void what_was_written_is_read(void **state)
{
	DEFER(schema) *s = sample();
	DEFER(schema) *back = NULL;
	autofiles f = { .count = 0 };
	struct error err = ERROR_INIT;

	(void)state;
	assert_ok(archive_write(s, put, &f, &err));
	assert_ok(archive_read(&back, get, &f, &err));
	assert_true(schema_equal(s, back));
	assert_string_equal(back->name, s->name);
	assert_string_equal(back->server_version, s->server_version);
	assert_int_equal(back->version_number, s->version_number);
	assert_int_equal(back->visible, s->visible);
	assert_int_equal(back->family, s->family);
	assert_int_equal(back->lower_case_table_names, 2);
	for (size_t i = 0; i < s->count; i++)
		assert_same_object(&s->objects[i], &back->objects[i]);
}

static void files_have_an_order_and_safe_names(void **state)
{
	DEFER(schema) *s = sample();
	autofiles f = { .count = 0 };
	struct error err = ERROR_INIT;

	(void)state;
	assert_ok(archive_write(s, put, &f, &err));
	assert_int_equal(f.count, s->count + 2);
	assert_string_equal(f.items[0].name, "model.json");
	assert_string_equal(f.items[1].name, "schema.sql");
	assert_string_equal(f.items[2].name, "objects/sequences/%2Ea%2Fb%25.sql");
	assert_non_null(find(&f, "objects/package_bodies/p.sql"));
}

static void the_same_schema_gives_the_same_bytes(void **state)
{
	DEFER(schema) *a = sample();
	DEFER(schema) *b = sample();
	autofiles f = { .count = 0 };
	autofiles g = { .count = 0 };
	struct error err = ERROR_INIT;

	(void)state;
	assert_ok(archive_write(a, put, &f, &err));
	assert_ok(archive_write(b, put, &g, &err));
	for (size_t i = 0; i < f.count; i++) {
		assert_string_equal(f.items[i].name, g.items[i].name);
		assert_int_equal(f.items[i].data.len, g.items[i].data.len);
		assert_memory_equal(f.items[i].data.data, g.items[i].data.data,
		                    f.items[i].data.len);
	}
}

static void a_failing_put_ends_the_writing(void **state)
{
	DEFER(schema) *s = sample();
	autofiles f = { .count = 0 };
	struct error err = ERROR_INIT;

	(void)state;
	while (f.count < ARRAY_SIZE(f.items) - 5)
		assert_ok(put(&f, "x", "", 0, &err));
	assert_fails(archive_write(s, put, &f, &err), ERR_SYSTEM, "no room for objects/");
}

/* A small archive whose model.json a test bends: "from" becomes "to". */
static void write_small(struct files *f)
{
	DEFER(schema) *s = schema_new("shop");
	struct error err = ERROR_INIT;
	struct object *o;

	s->visible = OBJECT_KINDS_ALL;
	add_plain(s, OBJECT_TABLE, "a", "CREATE TABLE `a` (`x` int) AUTO_INCREMENT=5");
	o = add(s, OBJECT_TRIGGER, "b",
	        "CREATE TRIGGER b BEFORE INSERT ON a FOR EACH ROW BEGIN END");
	o->order = 1;
	assert_ok(schema_finish(s, &err));
	assert_ok(archive_write(s, put, f, &err));
}

static void replace(struct buf *text, const char *from, const char *to)
{
	autobuf result = BUF_INIT;
	char *at = strstr(text->data, from);

	if (!at)
		fail_msg("no %s in %s", from, text->data);
	buf_add(&result, text->data, (size_t)(at - text->data));
	buf_adds(&result, to);
	buf_adds(&result, at + strlen(from));
	buf_move(text, &result);
}

static const struct {
	const char *from;
	const char *to;
	enum error_code code;
	const char *says;
} bent[] = {
	{ "{", "[", ERR_CORRUPT, "model.json: " },
	{ "\"format\":1", "\"format\":2", ERR_UNSUPPORTED, "format 2, want 1" },
	{ "\"format\":1", "\"format\":\"1\"", ERR_CORRUPT, "format is missing or wrong" },
	{ "\"database\":\"shop\"", "\"database\":1", ERR_CORRUPT, "database" },
	{ "\"database\"", "\"x\"", ERR_CORRUPT, "database" },
	{ "\"family\":\"mariadb\"", "\"family\":\"oracle\"", ERR_UNSUPPORTED, "oracle" },
	{ "\"family\":\"mariadb\"", "\"family\":[]", ERR_CORRUPT, "family" },
	{ "\"version_number\":0", "\"version_number\":-1", ERR_CORRUPT, "version_number" },
	{ "\"version_number\":0", "\"version_number\":4294967296", ERR_CORRUPT,
	  "version_number" },
	{ "\"lower_case_table_names\":0", "\"lower_case_table_names\":3", ERR_CORRUPT,
	  "lower_case" },
	{ "\"visible\":[\"sequences\"", "\"visible\":[\"colours\"", ERR_CORRUPT, "visible" },
	{ "\"visible\":[\"sequences\"", "\"visible\":[7", ERR_CORRUPT, "visible" },
	{ "\"visible\"", "\"x\"", ERR_CORRUPT, "visible" },
	{ "\"objects\":[", "\"objects\":[7,", ERR_CORRUPT, "name" },
	{ "\"objects\":[", "\"objects\":[{},", ERR_CORRUPT, "name" },
	{ "\"objects\"", "\"x\"", ERR_CORRUPT, "objects" },
	{ "\"kind\":\"tables\"", "\"kind\":\"../tables\"", ERR_CORRUPT,
	  "unknown kind of object" },
	{ "\"kind\":\"tables\"", "\"kind\":7", ERR_CORRUPT, "kind" },
	{ "\"name\":\"a\"", "\"name\":\"\"", ERR_CORRUPT, "name" },
	{ "\"name\":\"a\"", "\"name\":\"../a\"", ERR_CORRUPT,
	  "objects/tables/%2E.%2Fa.sql is missing" },
	{ "\"name\":\"a\"", "\"name\":\"a\\u0000\"", ERR_CORRUPT, "model.json" },
	{ "\"offset\":", "\"offset\":1", ERR_CORRUPT,
	  "objects/tables/a.sql: want 26 bytes at 1" },
	{ "\"offset\":", "\"offset\":-", ERR_CORRUPT, "offset is missing or wrong" },
	{ "\"length\":26", "\"length\":9223372036854775807", ERR_CORRUPT,
	  "want 9223372036854775807" },
	{ "\"length\":26", "\"length\":92233720368547758070", ERR_CORRUPT, "model.json" },
	{ "\"length\":26", "\"length\":26.5", ERR_CORRUPT, "length is missing or wrong" },
	{ "\"auto_increment\":\"5\"", "\"auto_increment\":\"-5\"", ERR_CORRUPT,
	  "auto_increment" },
	{ "\"auto_increment\":\"5\"", "\"auto_increment\":\"18446744073709551616\"",
	  ERR_CORRUPT, "auto_increment" },
	{ "\"auto_increment\":\"5\"", "\"auto_increment\":5", ERR_CORRUPT, "auto_increment" },
	{ "\"order\":1", "\"order\":-1", ERR_CORRUPT, "order" },
	{ "\"order\":1", "\"order\":\"1\"", ERR_CORRUPT, "order" },
	{ "\"sql_mode\":\"ANSI_QUOTES\"", "\"sql_mode\":{}", ERR_CORRUPT, "sql_mode" },
	{ "\"sql_mode\":\"ANSI_QUOTES\"", "\"sql_mode\":null", ERR_CORRUPT, "sql_mode" },
};

static void bent_models_are_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bent); i++) {
		DEFER(schema) *back = NULL;
		autofiles f = { .count = 0 };
		struct error err = ERROR_INIT;

		write_small(&f);
		replace(&f.items[0].data, bent[i].from, bent[i].to);
		assert_fails(archive_read(&back, get, &f, &err), bent[i].code, bent[i].says);
		assert_null(back);
	}
}

static void objects_may_not_be_there_twice(void **state)
{
	DEFER(schema) *back = NULL;
	autofiles f = { .count = 0 };
	struct error err = ERROR_INIT;

	(void)state;
	write_small(&f);
	replace(&f.items[0].data, "\"objects\":[",
	        "\"objects\":[{\"kind\":\"tables\",\"name\":\"a\",\"offset\":0,\"length\":0},");
	assert_fails(archive_read(&back, get, &f, &err), ERR_CORRUPT, "table a is there twice");
}

static void what_is_not_known_is_passed_over(void **state)
{
	DEFER(schema) *back = NULL;
	autofiles f = { .count = 0 };
	struct error err = ERROR_INIT;

	(void)state;
	write_small(&f);
	replace(&f.items[0].data, "\"order\":1", "\"order\":1,\"novel\":[1]");
	assert_ok(archive_read(&back, get, &f, &err));
	assert_int_equal(back->count, 2);
}

static void missing_files_are_named(void **state)
{
	DEFER(schema) *back = NULL;
	autofiles f = { .count = 0 };
	struct error err = ERROR_INIT;

	(void)state;
	assert_fails(archive_read(&back, get, &f, &err), ERR_CORRUPT,
	             "file model.json is missing");
	write_small(&f);
	free(f.items[2].name);
	f.items[2].name = mem_strdup("elsewhere");
	assert_fails(archive_read(&back, get, &f, &err), ERR_CORRUPT,
	             "file objects/tables/a.sql is missing");
}

static void short_object_files_are_noticed(void **state)
{
	DEFER(schema) *back = NULL;
	autofiles f = { .count = 0 };
	struct error err = ERROR_INIT;

	(void)state;
	write_small(&f);
	buf_truncate(&f.items[2].data, 20);
	assert_fails(archive_read(&back, get, &f, &err), ERR_CORRUPT, "got a file of 20 bytes");
}

static int get_fails(void *arg, const char *name, struct buf *out, struct error *err)
{
	(void)arg;
	(void)out;
	return error_set(err, ERR_STORE, "read %s", name);
}

static void a_failing_get_is_passed_on(void **state)
{
	DEFER(schema) *back = NULL;
	struct error err = ERROR_INIT;

	(void)state;
	assert_fails(archive_read(&back, get_fails, NULL, &err), ERR_STORE, "read model.json");
}

/* Damage anywhere in model.json: an error or a schema, never a crash. */
static void damaged_models_never_crash(void **state)
{
	autofiles f = { .count = 0 };
	autobuf good = BUF_INIT;
	struct error err = ERROR_INIT;

	(void)state;
	srand(2);
	write_small(&f);
	buf_add(&good, f.items[0].data.data, f.items[0].data.len);
	for (int i = 0; i < 20000; i++) {
		DEFER(schema) *back = NULL;
		struct buf *model = &f.items[0].data;

		buf_truncate(model, 0);
		buf_add(model, good.data, good.len);
		for (int k = 0; k <= i % 4; k++)
			model->data[(size_t)rand() % model->len] =
				"\"{}[],:0919-x"[rand() % 13];
		if (archive_read(&back, get, &f, &err) < 0) {
			assert_true(err.code == ERR_CORRUPT || err.code == ERR_UNSUPPORTED);
			error_clear(&err);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_written_is_read),
		cmocka_unit_test(files_have_an_order_and_safe_names),
		cmocka_unit_test(the_same_schema_gives_the_same_bytes),
		cmocka_unit_test(a_failing_put_ends_the_writing),
		cmocka_unit_test(bent_models_are_refused),
		cmocka_unit_test(objects_may_not_be_there_twice),
		cmocka_unit_test(what_is_not_known_is_passed_over),
		cmocka_unit_test(missing_files_are_named),
		cmocka_unit_test(short_object_files_are_noticed),
		cmocka_unit_test(a_failing_get_is_passed_on),
		cmocka_unit_test(damaged_models_never_crash),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
