/* SPDX-License-Identifier: MIT */
/* The verbs that need no server, on a real store and catalog in a temporary directory. */
#include "engine/repo/repo.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "catalog/catalog.h"
#include "engine/base/arena.h"
#include "engine/base/buf.h"
#include "engine/base/fsutil.h"
#include "engine/base/log.h"
#include "engine/base/mem.h"
#include "engine/base/name.h"
#include "engine/base/secret.h"
#include "engine/codec/envelope.h"
#include "engine/codec/keyring.h"
#include "engine/config/config.h"
#include "engine/repo/create.h"
#include "engine/repo/internal.h"
#include "engine/repo/reader.h"
#include "engine/repo/recalculate.h"
#include "engine/repo/remove.h"
#include "engine/repo/retention.h"
#include "engine/repo/verify.h"
#include "engine/schema/model.h"
#include "tests/unit/test.h"

#define SECRET_A "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
#define SECRET_B "202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f"

struct world {
	char dir[64];
	struct config *config;
	struct repo *repo;
};

static void open_world(struct world *w, const char *secret)
{
	struct error err = ERROR_INIT;
	autofree char *yaml =
		mem_printf("backup:\n"
	                   "  storage: {provider: local, local: {base_path: \"%s/store\"}}\n"
	                   "  encryption: {enabled: true, key_source: direct, key: \"%s\"}\n"
	                   "catalog: {path: \"%s/catalog.db\"}\n",
	                   w->dir, secret, w->dir);

	assert_ok(config_parse(&w->config, yaml, strlen(yaml), "test.yaml", &err));
	assert_ok(repo_open(&w->repo, w->config, &err));
}

static void close_world(struct world *w)
{
	repo_close(w->repo);
	config_free(w->config);
	w->repo = NULL;
	w->config = NULL;
}

static int make(void **state)
{
	struct world *w = mem_alloc(sizeof(*w));

	snprintf(w->dir, sizeof(w->dir), "/tmp/test_repo.XXXXXX");
	if (!mkdtemp(w->dir))
		return -1;
	open_world(w, SECRET_A);
	*state = w;
	return 0;
}

static int unmake(void **state)
{
	struct world *w = *state;
	struct error err = ERROR_INIT;

	close_world(w);
	assert_ok(dir_remove_tree(w->dir, &err));
	free(w);
	return 0;
}

static struct schema *shop(const char *column)
{
	struct error err = ERROR_INIT;
	struct schema *s = schema_new("shop");
	autofree char *orders = mem_printf("CREATE TABLE `orders` (\n"
	                                   "  `id` int(11) NOT NULL AUTO_INCREMENT,\n"
	                                   "  `%s` varchar(20) DEFAULT NULL,\n"
	                                   "  PRIMARY KEY (`id`)\n"
	                                   ") ENGINE=InnoDB AUTO_INCREMENT=77 DEFAULT "
	                                   "CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci",
	                                   column);
	const char *view = "CREATE ALGORITHM=UNDEFINED DEFINER=`root`@`localhost` SQL SECURITY "
			   "DEFINER VIEW `v` AS select 1 AS `one`";
	struct object *v;

	s->charset = "utf8mb4";
	s->collation = "utf8mb4_general_ci";
	s->server_version = "10.11.19-MariaDB";
	s->version_number = 101119;
	s->visible = OBJECT_KINDS_ALL;
	schema_add(s, OBJECT_TABLE, "orders", orders, strlen(orders));
	v = schema_add(s, OBJECT_VIEW, "v", view, strlen(view));
	v->context.client_charset = "utf8mb4";
	v->context.connection_collation = "utf8mb4_general_ci";
	assert_ok(schema_finish(s, &err));
	return s;
}

static struct backup *create(struct world *w, const char *column)
{
	struct error err = ERROR_INIT;
	DEFER(schema) *s = shop(column);
	const struct create_options o = { .database = "shop", .captured = s };
	struct backup *b = NULL;

	assert_ok(repo_create(&b, w->repo, &o, &err));
	return b;
}

static void a_backup_comes_back_as_it_was(void **state)
{
	struct world *w = *state;
	struct error err = ERROR_INIT;
	DEFER(schema) *s = shop("name");
	DEFER(schema) *back = NULL;
	DEFER(backup) *b = create(w, "name");
	DEFER(backup) *found = NULL;
	DEFER(reader) *rd = NULL;
	autobuf script = BUF_INIT;

	assert_true(name_is_backup_id(b->id));
	assert_true(b->encrypted);
	assert_ok(repo_find(w->repo, b->id, &found, &err));
	assert_string_equal(found->database, "shop");
	assert_ok(reader_open(&rd, w->repo, b->id, &err));
	assert_ok(reader_schema(&back, rd, &err));
	assert_true(schema_equal(s, back));
	assert_int_equal(back->objects[0].auto_increment, 77);
	assert_int_equal(reader_file(rd, "schema.sql", &script, &err), 1);
	assert_non_null(strstr(script.data, "CREATE TABLE `orders`"));
	assert_int_equal(reader_file(rd, "objects/tables/nothing.sql", &script, &err), 0);
}

/* The envelope is not asked for, and what the catalog keeps of it is not trusted. */
static void a_known_backup_is_read_by_its_payload_alone(void **state)
{
	struct world *w = *state;
	struct error err = ERROR_INIT;
	DEFER(backup) *b = create(w, "name");
	DEFER(reader) *rd = NULL;
	DEFER(reader) *by_envelope = NULL;
	struct reader *none = NULL;
	autofree char *envelope = mem_printf("%s/store/%s.meta", w->dir, b->id);
	autofree char *aside = mem_printf("%s.aside", envelope);
	autobuf script = BUF_INIT;

	assert_int_equal(rename(envelope, aside), 0);
	assert_ok(reader_open_known(&rd, w->repo, b, &err));
	assert_int_equal(reader_file(rd, "schema.sql", &script, &err), 1);
	assert_non_null(strstr(script.data, "CREATE TABLE `orders`"));
	b->opening[2 * 180] ^= 1;
	assert_ok(catalog_backup_put(repo_catalog(w->repo), b, &err));
	assert_fails(reader_open_known(&none, w->repo, b, &err), ERR_NOT_FOUND, b->id);
	assert_int_equal(rename(aside, envelope), 0);
	assert_ok(reader_open_known(&by_envelope, w->repo, b, &err));
}

static void backups_are_found_by_prefix_and_by_words(void **state)
{
	struct world *w = *state;
	struct error err = ERROR_INIT;
	DEFER(backup) *b = create(w, "name");
	const char *const specs[] = { "latest", "latest:shop", "shop@2099-01-01" };
	autofree char *prefix = mem_strndup(b->id, strlen(b->id) - 2);
	DEFER(backup) *by_prefix = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(specs); i++) {
		DEFER(backup) *found = NULL;

		assert_ok(repo_find(w->repo, specs[i], &found, &err));
		assert_string_equal(found->id, b->id);
	}
	assert_ok(repo_find(w->repo, prefix, &by_prefix, &err));
	assert_string_equal(by_prefix->id, b->id);
}

static void what_is_not_there_is_said(void **state)
{
	struct world *w = *state;
	struct error err = ERROR_INIT;
	struct backup *b = NULL;
	struct reader *rd = NULL;

	assert_fails(repo_find(w->repo, "nothing", &b, &err), ERR_NOT_FOUND,
	             "backup not found: nothing");
	assert_fails(repo_find(w->repo, "../etc/passwd", &b, &err), ERR_USAGE,
	             "not a backup id");
	assert_fails(repo_find(w->repo, "latest:shop", &b, &err), ERR_NOT_FOUND, "latest:shop");
	assert_fails(reader_open(&rd, w->repo, "nothing", &err), ERR_NOT_FOUND, "nothing");
}

static void a_deleted_catalog_is_filled_from_the_store(void **state)
{
	struct world *w = *state;
	struct error err = ERROR_INIT;
	DEFER(backup) *b = create(w, "name");
	DEFER(backup) *found = NULL;
	autofree char *path = path_join(w->dir, "catalog.db");

	close_world(w);
	assert_int_equal(unlink(path), 0);
	open_world(w, SECRET_A);
	assert_ok(repo_refresh(w->repo, REPO_REFRESH_STALE, &err));
	assert_ok(repo_find(w->repo, b->id, &found, &err));
	assert_string_equal(found->description, b->description);
	assert_string_equal(found->checksum, b->checksum);
	assert_int_equal(found->stored_size, b->stored_size);
}

static int64_t count_all(struct world *w)
{
	const struct catalog_filter all = { 0 };
	struct error err = ERROR_INIT;

	return catalog_backup_count(repo_catalog(w->repo), &all, &err);
}

/* Many are removed together, those that were stored or failed are not among them. */
static void rows_without_a_backup_go(void **state)
{
	struct world *w = *state;
	struct error err = ERROR_INIT;
	DEFER(backup) *b = create(w, "name");
	DEFER(backup) *gone = backup_copy(b);

	for (int i = 0; i < 1203; i++) {
		char id[64];

		snprintf(id, sizeof(id), "backup_20260101_000000_%08x", i);
		backup_set(&gone->id, id);
		gone->status = i % 2 ? BACKUP_COMPLETED : BACKUP_CORRUPTED;
		if (i == 700)
			gone->status = BACKUP_FAILED;
		assert_ok(catalog_backup_put(repo_catalog(w->repo), gone, &err));
	}
	assert_ok(repo_refresh(w->repo, REPO_REFRESH_NOW, &err));
	assert_int_equal(count_all(w), 2);
}

/* Another process stores a backup while the store is being listed. */
static int store_meanwhile(void *arg, const char *key, const struct store_stat *stat,
                           struct error *err)
{
	const struct world *w = arg;
	DEFER(backup) *b = NULL;

	(void)key;
	(void)stat;
	if (catalog_backup_find(repo_catalog(w->repo), "backup_20270101_000000_00000001", &b,
	                        err) != 0)
		return 0;
	b = backup_new();
	backup_set(&b->id, "backup_20270101_000000_00000001");
	backup_set(&b->database, "shop");
	b->status = BACKUP_COMPLETED;
	return catalog_backup_put(repo_catalog(w->repo), b, err);
}

static void what_came_during_the_listing_stays(void **state)
{
	struct world *w = *state;
	struct error err = ERROR_INIT;
	DEFER(backup) *b = create(w, "name");

	assert_ok(repo_refresh_watched(w->repo, REPO_REFRESH_NOW, store_meanwhile, w, &err));
	assert_int_equal(count_all(w), 2);
	assert_ok(repo_refresh(w->repo, REPO_REFRESH_NOW, &err));
	assert_int_equal(count_all(w), 1);
}

static void another_secret_lists_but_does_not_read(void **state)
{
	struct world *w = *state;
	struct error err = ERROR_INIT;
	DEFER(backup) *b = create(w, "name");
	struct reader *rd = NULL;
	DEFER(verify_result) *v = NULL;

	close_world(w);
	open_world(w, SECRET_B);
	assert_fails(reader_open(&rd, w->repo, b->id, &err), ERR_DENIED, b->secret);
	assert_ok(repo_verify(&v, w->repo, b->id, VERIFY_STORED, &err));
	assert_true(v->valid);
}

/* Flips one bit of a stored file in place. */
static void flip(const struct world *w, const char *id, const char *suffix, off_t at)
{
	autofree char *path = mem_printf("%s/store/%s%s", w->dir, id, suffix);
	autoclose int fd = open(path, O_RDWR | O_CLOEXEC);
	unsigned char byte;

	assert_true(fd >= 0);
	assert_int_equal(pread(fd, &byte, 1, at), 1);
	byte ^= 0x10;
	assert_int_equal(pwrite(fd, &byte, 1, at), 1);
}

static void every_flipped_byte_of_a_payload_is_noticed(void **state)
{
	struct world *w = *state;
	struct error err = ERROR_INIT;
	DEFER(backup) *b = create(w, "name");

	for (off_t at = 0; at < (off_t)b->stored_size; at++) {
		DEFER(verify_result) *stored = NULL;

		flip(w, b->id, ".backup", at);
		assert_ok(repo_verify(&stored, w->repo, b->id, VERIFY_STORED, &err));
		assert_false(stored->valid);
		assert_non_null(strstr(stored->errors[0], "checksum mismatch (expected: "));
		flip(w, b->id, ".backup", at);
	}
}

static void a_flipped_byte_never_gives_other_content(void **state)
{
	struct world *w = *state;
	struct error err = ERROR_INIT;
	DEFER(schema) *want = shop("name");
	DEFER(backup) *b = create(w, "name");
	const char *const suffixes[] = { ".backup", ".meta" };

	for (size_t f = 0; f < ARRAY_SIZE(suffixes); f++) {
		for (off_t at = 0;; at++) {
			DEFER(reader) *rd = NULL;
			DEFER(schema) *got = NULL;
			autofree char *path =
				mem_printf("%s/store/%s%s", w->dir, b->id, suffixes[f]);
			autobuf whole = BUF_INIT;

			assert_ok(file_read(&whole, path, 1 << 20, &err));
			if (at >= (off_t)whole.len)
				break;
			flip(w, b->id, suffixes[f], at);
			if (reader_open(&rd, w->repo, b->id, &err) == 0 &&
			    reader_schema(&got, rd, &err) == 0)
				assert_true(schema_equal(want, got));
			else
				assert_true(err.code == ERR_CORRUPT || err.code == ERR_DENIED ||
				            err.code == ERR_UNSUPPORTED);
			error_clear(&err);
			flip(w, b->id, suffixes[f], at);
		}
	}
}

static void a_damaged_backup_is_marked_and_healed(void **state)
{
	struct world *w = *state;
	struct error err = ERROR_INIT;
	DEFER(backup) *b = create(w, "name");
	DEFER(backup) *bad = NULL;
	DEFER(backup) *good = NULL;
	DEFER(verify_result) *first = NULL;
	DEFER(verify_result) *second = NULL;

	flip(w, b->id, ".backup", 70);
	assert_ok(repo_verify(&first, w->repo, b->id, VERIFY_DECODE, &err));
	assert_ok(repo_find(w->repo, b->id, &bad, &err));
	assert_int_equal(bad->status, BACKUP_CORRUPTED);
	assert_string_equal(bad->database, "shop");
	flip(w, b->id, ".backup", 70);
	assert_ok(repo_verify(&second, w->repo, b->id, VERIFY_DECODE, &err));
	assert_ok(repo_find(w->repo, b->id, &good, &err));
	assert_int_equal(good->status, BACKUP_COMPLETED);
}

/* As an envelope that another program wrote wrongly: authentic, but with a wrong hash. */
static void misstate_checksum(const struct world *w, const char *id)
{
	const struct keyring_source source = { "direct", SECRET_A };
	struct error err = ERROR_INIT;
	autofree char *path = mem_printf("%s/store/%s.meta", w->dir, id);
	DEFER(keyring) *k = keyring_new();
	DEFER(secret) *key = NULL;
	autobuf raw = BUF_INIT, metadata = BUF_INIT, wrong = BUF_INIT;
	struct envelope e;

	assert_ok(keyring_add(k, &source, &err));
	assert_ok(file_read(&raw, path, ENVELOPE_MAX, &err));
	assert_ok(envelope_open(&e, &key, &metadata, raw.data, raw.len, id, k, &err));
	e.stored_sha256.bytes[0] ^= 1;
	e.stored_size++;
	assert_ok(envelope_write(&wrong, &e, keyring_secret(k, 0), key, metadata.data,
	                         metadata.len, &err));
	assert_ok(file_replace(path, wrong.data, wrong.len, 0600, &err));
}

static void a_wrong_checksum_of_a_whole_payload_is_set_right(void **state)
{
	struct world *w = *state;
	struct error err = ERROR_INIT;
	DEFER(backup) *b = create(w, "name");
	DEFER(backup) *after = NULL;
	DEFER(verify_result) *before = NULL;
	DEFER(verify_result) *healed = NULL;
	struct recalculation r;

	misstate_checksum(w, b->id);
	assert_ok(repo_verify(&before, w->repo, b->id, VERIFY_DECODE, &err));
	assert_false(before->valid);
	assert_ok(repo_recalculate(&r, w->repo, b->id, &err));
	assert_true(r.changed);
	assert_string_not_equal(r.before, r.after);
	assert_string_equal(r.after, b->checksum);
	assert_int_equal(r.size_after, b->stored_size);
	assert_ok(repo_verify(&healed, w->repo, b->id, VERIFY_DECODE, &err));
	assert_true(healed->valid);
	assert_ok(repo_find(w->repo, b->id, &after, &err));
	assert_int_equal(after->status, BACKUP_COMPLETED);
	assert_string_equal(after->checksum, b->checksum);
	assert_ok(repo_recalculate(&r, w->repo, b->id, &err));
	assert_false(r.changed);
}

static void damage_is_never_blessed(void **state)
{
	struct world *w = *state;
	struct error err = ERROR_INIT;
	DEFER(backup) *b = create(w, "name");
	autofree char *path = mem_printf("%s/store/%s.meta", w->dir, b->id);
	autobuf before = BUF_INIT, after = BUF_INIT;
	struct recalculation r;

	flip(w, b->id, ".backup", (off_t)b->stored_size / 2);
	misstate_checksum(w, b->id);
	assert_ok(file_read(&before, path, ENVELOPE_MAX, &err));
	assert_fails(repo_recalculate(&r, w->repo, b->id, &err), ERR_CORRUPT,
	             "and the payload is damaged");
	assert_ok(file_read(&after, path, ENVELOPE_MAX, &err));
	assert_int_equal(before.len, after.len);
	assert_memory_equal(before.data, after.data, before.len);
}

static void the_last_backup_is_not_deleted_without_force(void **state)
{
	struct world *w = *state;
	struct error err = ERROR_INIT;
	DEFER(backup) *b = create(w, "name");
	struct backup *gone = NULL;

	assert_fails(repo_remove(w->repo, b, false, &err), ERR_REFUSED, "only one");
	assert_ok(repo_remove(w->repo, b, true, &err));
	assert_fails(repo_find(w->repo, b->id, &gone, &err), ERR_NOT_FOUND, b->id);
}

static void cleanup_keeps_to_the_policy(void **state)
{
	struct world *w = *state;
	struct error err = ERROR_INIT;
	struct cleanup_result result;
	const struct cleanup_options dry = { .dry_run = true };
	const struct cleanup_options wet = { 0 };

	for (int i = 0; i < 5; i++)
		backup_free(create(w, "name"));
	assert_ok(config_set(w->config, "backup.retention.max_backups", "2", &err));
	assert_ok(repo_cleanup(&result, w->repo, &dry, NULL, NULL, &err));
	assert_int_equal(result.deleted, 3);
	assert_int_equal(count_all(w), 5);
	assert_ok(repo_cleanup(&result, w->repo, &wet, NULL, NULL, &err));
	assert_int_equal(result.deleted, 3);
	assert_int_equal(count_all(w), 2);
}

static void cleanup_stops_when_the_newest_is_damaged(void **state)
{
	struct world *w = *state;
	struct error err = ERROR_INIT;
	struct cleanup_result result;
	const struct cleanup_options wet = { 0 };
	DEFER(backup) *newest = NULL;

	for (int i = 0; i < 3; i++)
		backup_free(create(w, "name"));
	assert_ok(config_set(w->config, "backup.retention.max_backups", "1", &err));
	assert_ok(repo_find(w->repo, "latest", &newest, &err));
	flip(w, newest->id, ".backup", 70);
	assert_fails(repo_cleanup(&result, w->repo, &wet, NULL, NULL, &err), ERR_REFUSED,
	             newest->id);
	assert_int_equal(count_all(w), 3);
}

static void bad_tags_and_descriptions_are_refused(void **state)
{
	static const char *const bad[] = { "", "=v", "novalue", "sp ace=v", "k\n=v" };
	struct world *w = *state;
	struct error err = ERROR_INIT;
	char description[502];
	struct create_options o = { .database = "shop", .description = description };
	struct backup *b = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct backup_tag tag;

		assert_fails(create_parse_tag(&tag, bad[i], &err), ERR_USAGE, "not a tag");
	}
	memset(description, 'x', sizeof(description) - 1);
	description[sizeof(description) - 1] = '\0';
	assert_fails(repo_create(&b, w->repo, &o, &err), ERR_USAGE, "limit 500");
}

#define IN_WORLD(check) cmocka_unit_test_setup_teardown(check, make, unmake)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_WORLD(a_backup_comes_back_as_it_was),
		IN_WORLD(a_known_backup_is_read_by_its_payload_alone),
		IN_WORLD(backups_are_found_by_prefix_and_by_words),
		IN_WORLD(what_is_not_there_is_said),
		IN_WORLD(a_deleted_catalog_is_filled_from_the_store),
		IN_WORLD(rows_without_a_backup_go),
		IN_WORLD(what_came_during_the_listing_stays),
		IN_WORLD(another_secret_lists_but_does_not_read),
		IN_WORLD(every_flipped_byte_of_a_payload_is_noticed),
		IN_WORLD(a_flipped_byte_never_gives_other_content),
		IN_WORLD(a_damaged_backup_is_marked_and_healed),
		IN_WORLD(a_wrong_checksum_of_a_whole_payload_is_set_right),
		IN_WORLD(damage_is_never_blessed),
		IN_WORLD(the_last_backup_is_not_deleted_without_force),
		IN_WORLD(cleanup_keeps_to_the_policy),
		IN_WORLD(cleanup_stops_when_the_newest_is_damaged),
		IN_WORLD(bad_tags_and_descriptions_are_refused),
	};

	log_setup(LOG_LEVEL_ERROR, LOG_FORMAT_TEXT);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
