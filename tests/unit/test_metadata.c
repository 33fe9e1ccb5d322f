/* SPDX-License-Identifier: MIT */
#include "engine/repo/metadata.h"

#include "catalog/backup.h"
#include "engine/base/buf.h"
#include "engine/base/json.h"
#include "engine/schema/model.h"
#include "tests/unit/test.h"

#define SHA "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static struct backup *sample(void)
{
	struct backup *b = backup_new();

	backup_set(&b->id, "backup_20240816_143022_a1b2c3d4");
	backup_set(&b->database, "shop");
	backup_set(&b->created_by, "anna");
	backup_set(&b->host, "db1");
	backup_set(&b->description, "before \"it\"\n\xc3\xa4");
	backup_set(&b->compression, "zstd");
	backup_set(&b->schema_hash, SHA);
	backup_set(&b->server_family, "mariadb");
	backup_set(&b->server_version, "10.11.19-MariaDB");
	backup_set(&b->tool_version, "mysql-schema-sync 0.1.0");
	backup_set(&b->checksum, SHA);
	backup_tag_set(b, "release", "1.2");
	backup_tag_set(b, "environment", "production");
	backup_file_add(b, "schema.sql", 4096, SHA);
	backup_file_add(b, "objects/tables/orders.sql", 17, SHA);
	b->created_at = 1723818622;
	b->size = 4113;
	b->stored_size = 900;
	b->visible = OBJECT_KIND_BIT(OBJECT_TABLE) | OBJECT_KIND_BIT(OBJECT_VIEW);
	b->object_count = 1;
	b->status = BACKUP_COMPLETED;
	return b;
}

static void what_is_sealed_comes_back(void **state)
{
	struct error err = ERROR_INIT;
	DEFER(backup) *b = sample();
	DEFER(backup) *back = backup_new();
	autobuf sealed = BUF_INIT;
	autobuf again = BUF_INIT;

	(void)state;
	metadata_seal(&sealed, b);
	assert_ok(metadata_unseal(back, sealed.data, sealed.len, &err));
	assert_string_equal(back->database, "shop");
	assert_string_equal(back->description, b->description);
	assert_string_equal(backup_tag_get(back, "release"), "1.2");
	assert_int_equal(back->created_at, b->created_at);
	assert_int_equal(back->visible, b->visible);
	assert_int_equal(back->file_count, 2);
	metadata_seal(&again, back);
	assert_string_equal(again.data, sealed.data);
}

static void the_guides_fields_are_there(void **state)
{
	DEFER(backup) *b = sample();
	DEFER(json) *o = metadata_public(b);
	const char *const names[] = { "id",         "database_name",    "created_at",
		                      "created_by", "description",      "storage_location",
		                      "checksum",   "compression_type", "status" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		assert_true(json_is_string(json_get(o, names[i])));
	assert_string_equal(json_get_str(o, "created_at", ""), "2024-08-16T14:30:22Z");
	assert_string_equal(json_get_str(o, "compression_type", ""), "ZSTD");
	assert_string_equal(json_get_str(o, "status", ""), "COMPLETED");
	assert_int_equal(json_get_int(o, "size", 0), 4113);
	assert_string_equal(json_get_str(json_get(o, "tags"), "environment", ""), "production");
}

static void damaged_metadata_is_refused(void **state)
{
	static const struct {
		const char *text;
		const char *part;
	} cases[] = {
		{ "", "metadata" },
		{ "[]", "no database" },
		{ "{\"database\":7}", "no database" },
		{ "{\"database\":\"d\",\"tags\":{\"a\":1}}", "tag a" },
		{ "{\"database\":\"d\",\"files\":[[\"x\",-1,\"" SHA "\"]]}", "file 0" },
		{ "{\"database\":\"d\",\"files\":[[\"x\",1,\"12\"]]}", "file 0" },
		{ "{\"database\":\"d\",\"files\":[7]}", "file 0" },
		{ "{\"database\":\"d\",\"created_at\":-1}", "created_at is negative" },
		{ "{\"database\":\"d\",\"created_at\":9223372036854775807}", "year 9999" },
		{ "{\"database\":\"d\",\"secret_since\":253402300800}", "year 9999" },
		{ "{\"database\":\"d\",\"size\":-1}", "size is negative" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct error err = ERROR_INIT;
		DEFER(backup) *b = backup_new();

		assert_fails(metadata_unseal(b, cases[i].text, strlen(cases[i].text), &err),
		             ERR_CORRUPT, cases[i].part);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_sealed_comes_back),
		cmocka_unit_test(the_guides_fields_are_there),
		cmocka_unit_test(damaged_metadata_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
