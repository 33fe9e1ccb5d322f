/* SPDX-License-Identifier: MIT */
/* Containers damaged at chance places: what is saved is right, and what need not be lost is
 * saved. */
#include "engine/codec/salvage.h"

#include <stdio.h>
#include <string.h>

#include "engine/base/buf.h"
#include "engine/base/mem.h"
#include "engine/base/secret.h"
#include "tests/unit/test.h"

#define PARTS 60

struct sample {
	struct buf bytes;
	struct secret *key; /* NULL: not encrypted */
	struct container_header header;
	struct container_part parts[PARTS];
	struct buf plain[PARTS];
	char names[PARTS][32];
};

static unsigned int state_of_chance = 1;

static unsigned int chance(unsigned int below)
{
	state_of_chance = state_of_chance * 1103515245U + 12345U;
	return (state_of_chance >> 8) % below;
}

/* Small ones, which are stored as they are, large ones, and one of several blocks. */
static void fill(struct buf *b, size_t i)
{
	size_t lines = i == 7 ? 20000 : i % 3 ? 4 : 400;

	buf_addf(b, "-- table `t%zu`\n", i);
	for (size_t line = 0; line < lines; line++)
		buf_addf(b, "  `c%zu_%u` int,\n", line, chance(1000));
}

static void make(struct sample *s, const char *codec, bool encrypted)
{
	static const unsigned char bytes[32] = { 1, 2, 3 };
	struct container_options o = {
		.backup_id = "backup_1",
		.codec = compress_by_name(codec),
		.threshold = 1024,
		.created = 1700000000,
		.tool_version = "test 1",
	};
	struct error err = ERROR_INIT;
	struct container_writer *w = NULL;

	memset(s, 0, sizeof(*s));
	s->bytes = BUF_INIT;
	s->key = encrypted ? secret_new(bytes, sizeof(bytes)) : NULL;
	o.data_key = s->key;
	o.level = o.codec->level_default;
	assert_ok(container_writer_new(&w, &o, &err));
	for (size_t i = 0; i < PARTS; i++) {
		s->plain[i] = BUF_INIT;
		fill(&s->plain[i], i);
		snprintf(s->names[i], sizeof(s->names[i]), "objects/tables/t%zu.sql", i);
		s->parts[i].name = s->names[i];
		s->parts[i].size = s->plain[i].len;
		digest_of(&s->parts[i].sha256, s->plain[i].data, s->plain[i].len);
		assert_ok(container_add(w, s->names[i], s->plain[i].data, s->plain[i].len, NULL,
		                        &err));
	}
	assert_ok(container_finish(w, &s->bytes, s->header.id, &err));
	container_writer_free(w);
	s->header.encrypted = encrypted;
	s->header.codec = o.codec->id;
	s->header.created = o.created;
	snprintf(s->header.tool_version, sizeof(s->header.tool_version), "test 1");
}

static void unmake(struct sample *s)
{
	for (size_t i = 0; i < PARTS; i++)
		buf_finish(&s->plain[i]);
	buf_finish(&s->bytes);
	secret_free(s->key);
}

static int read_bytes(void *arg, uint64_t offset, size_t len, struct buf *out,
                      struct error *err)
{
	const struct buf *b = arg;

	if (offset + len > b->len)
		return error_set(err, ERR_BUG, "read behind the end");
	buf_add(out, b->data + offset, len);
	return 0;
}

/* How many parts are saved of these bytes; each must be what was put in. */
static size_t saved_of(const struct sample *s, struct buf *damaged)
{
	const struct container_source source = { read_bytes, damaged, damaged->len };
	DEFER(salvage) *from = NULL;
	struct error err = ERROR_INIT;
	size_t saved = 0;

	if (salvage_open(&from, &source, "backup_1", s->key, &s->header, &err) < 0) {
		assert_int_equal(err.code, ERR_CORRUPT);
		return 0;
	}
	for (size_t i = 0; i < PARTS; i++) {
		autobuf got = BUF_INIT;

		if (!salvage_read(from, &s->parts[i], "-- table `", &got))
			continue;
		assert_int_equal(got.len, s->plain[i].len);
		assert_memory_equal(got.data, s->plain[i].data, got.len);
		saved++;
	}
	return saved;
}

static size_t saved_after(const struct sample *s, size_t from, size_t len, size_t cut)
{
	autobuf damaged = BUF_INIT;

	buf_add(&damaged, s->bytes.data, cut);
	for (size_t i = from; i < from + len && i < damaged.len; i++)
		damaged.data[i] = (char)(damaged.data[i] ^ 0x5a);
	return saved_of(s, &damaged);
}

static const struct {
	const char *codec;
	bool encrypted;
} kinds[] = {
	{ "zstd", true }, { "zstd", false }, { "gzip", true },
	{ "lz4", true },  { "none", true },
};

static void with_each(void (*check)(const struct sample *s))
{
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		struct sample s;

		make(&s, kinds[i].codec, kinds[i].encrypted);
		check(&s);
		unmake(&s);
	}
}

static void check_whole(const struct sample *s)
{
	assert_int_equal(saved_after(s, 0, 0, s->bytes.len), PARTS);
}

static void a_whole_container_is_saved_whole(void **state)
{
	(void)state;
	with_each(check_whole);
}

/* Everything before the header's end but the salt is known from elsewhere. */
static void check_header(const struct sample *s)
{
	assert_int_equal(saved_after(s, 0, 30, s->bytes.len), PARTS);
}

static void a_damaged_header_costs_nothing(void **state)
{
	(void)state;
	with_each(check_header);
}

static void check_end(const struct sample *s)
{
	/* The last chunk holds the index, or its end. */
	assert_true(saved_after(s, s->bytes.len - 20, 20, s->bytes.len) >= PARTS / 2);
	assert_true(saved_after(s, 0, 0, s->bytes.len - 1) >= PARTS / 2);
}

static void a_damaged_end_costs_only_what_lies_there(void **state)
{
	(void)state;
	with_each(check_end);
}

/* A chunk in the middle and the index: what lies behind is found again. */
static void check_both(const struct sample *s)
{
	autobuf damaged = BUF_INIT;
	size_t middle = s->bytes.len / 2, saved;

	buf_add(&damaged, s->bytes.data, s->bytes.len);
	damaged.data[middle] = (char)(damaged.data[middle] ^ 1);
	damaged.data[damaged.len - 1] = (char)(damaged.data[damaged.len - 1] ^ 1);
	saved = saved_of(s, &damaged);
	assert_true(saved >= PARTS / 4);
}

static void what_lies_behind_damage_is_found_without_an_index(void **state)
{
	(void)state;
	with_each(check_both);
}

static void check_chance(const struct sample *s)
{
	for (int i = 0; i < 10; i++) {
		size_t from = chance((unsigned int)s->bytes.len);
		size_t cut = i % 3 ? s->bytes.len : chance((unsigned int)s->bytes.len) + 1;

		saved_after(s, from, 1 + chance(40000), cut);
	}
}

static void damage_at_chance_places_never_gives_wrong_bytes(void **state)
{
	(void)state;
	with_each(check_chance);
}

static void another_key_saves_nothing(void **state)
{
	static const unsigned char bytes[32] = { 9 };
	struct sample s;

	(void)state;
	make(&s, "zstd", true);
	secret_free(s.key);
	s.key = secret_new(bytes, sizeof(bytes));
	assert_int_equal(saved_of(&s, &s.bytes), 0);
	unmake(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_whole_container_is_saved_whole),
		cmocka_unit_test(a_damaged_header_costs_nothing),
		cmocka_unit_test(a_damaged_end_costs_only_what_lies_there),
		cmocka_unit_test(what_lies_behind_damage_is_found_without_an_index),
		cmocka_unit_test(damage_at_chance_places_never_gives_wrong_bytes),
		cmocka_unit_test(another_key_saves_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
