/* SPDX-License-Identifier: MIT */
#include "tests/unit/test.h"

#include <stdio.h>

#include "engine/base/buf.h"
#include "engine/base/secret.h"
#include "engine/codec/container.h"

#define ID      "backup_20261121_090311_1a2b3c4d"
#define BLOCK   ((size_t)262144)
#define NO_NAME "no such part"

/* A container in memory, and how often it is asked. */
struct stored {
	struct buf bytes;
	unsigned int requests;
};

static int read_stored(void *arg, uint64_t offset, size_t len, struct buf *out,
                       struct error *err)
{
	struct stored *s = arg;

	s->requests++;
	if (offset > s->bytes.len || len > s->bytes.len - offset)
		return error_set(err, ERR_STORE, "read of %zu bytes past the end", len);
	buf_add(out, s->bytes.data + offset, len);
	return 0;
}

static void finish_stored(struct stored *s)
{
	buf_finish(&s->bytes);
}
#define autostored __attribute__((cleanup(finish_stored))) struct stored

static struct container_source source_of(struct stored *s)
{
	return (struct container_source){ read_stored, s, s->bytes.len };
}

static struct secret *key_of(int number)
{
	unsigned char bytes[32] = { (unsigned char)number, 1, 2, 3 };

	return secret_new(bytes, sizeof(bytes));
}

static struct container_options options(const struct compress_ops *codec,
                                        const struct secret *key)
{
	return (struct container_options){
		.backup_id = ID,
		.data_key = key,
		.codec = codec,
		.level = codec->level_default,
		.threshold = 64,
		.created = 1763715791,
		.tool_version = "0.1.0",
	};
}

static void lines(struct buf *out, size_t len)
{
	for (uint32_t i = 0; out->len < len; i++)
		buf_addf(out, "  `column_%u` varchar(%u) DEFAULT NULL,\n", i, i * 7919 % 255);
	buf_truncate(out, len);
}

static void noise(struct buf *out, size_t len)
{
	uint32_t seed = 7;

	while (out->len < len) {
		seed = seed * 1664525 + 1013904223;
		buf_addc(out, (char)(seed >> 24));
	}
}

/* The parts of the large sample; each fills an empty buf. */
static void nothing(struct buf *out)
{
	(void)out;
}

static void one_byte(struct buf *out)
{
	buf_addc(out, 'x');
}

static void one_block(struct buf *out)
{
	lines(out, BLOCK);
}

static void many_blocks(struct buf *out)
{
	lines(out, 5 * BLOCK + 1);
}

static void much_noise(struct buf *out)
{
	noise(out, 20 * BLOCK - 3); /* more than one group of blocks */
}

static const struct {
	const char *name;
	void (*fill)(struct buf *out);
} parts[] = {
	{ "metadata.json", one_byte },  { "schema.sql", many_blocks },
	{ "objects/empty", nothing },   { "objects/noise", much_noise },
	{ "objects/block", one_block },
};

static void write_large(struct stored *s, const struct container_options *o,
                        unsigned char id[CONTAINER_ID_SIZE])
{
	struct error err = ERROR_INIT;
	DEFER(container_writer) *w = NULL;

	s->bytes = BUF_INIT;
	assert_ok(container_writer_new(&w, o, &err));
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		autobuf plain = BUF_INIT;

		parts[i].fill(&plain);
		assert_ok(container_add(w, parts[i].name, plain.data, plain.len, NULL, &err));
	}
	assert_ok(container_finish(w, &s->bytes, id, &err));
}

/* Small enough that all its mutants are read in a moment. */
static void write_small(struct stored *s, const struct container_options *o)
{
	unsigned char id[CONTAINER_ID_SIZE];
	struct error err = ERROR_INIT;
	DEFER(container_writer) *w = NULL;
	autobuf text = BUF_INIT;

	lines(&text, 300);
	s->bytes = BUF_INIT;
	assert_ok(container_writer_new(&w, o, &err));
	assert_ok(container_add(w, "a", text.data, text.len, NULL, &err));
	assert_ok(container_add(w, "b", "short", 5, NULL, &err));
	assert_ok(container_finish(w, &s->bytes, id, &err));
}

static void check_large(struct stored *s, const struct secret *key)
{
	struct error err = ERROR_INIT;
	DEFER(container) *c = NULL;
	struct container_source source = source_of(s);

	assert_ok(container_open(&c, &source, ID, key, &err));
	assert_int_equal(container_count(c), ARRAY_SIZE(parts));
	for (size_t i = ARRAY_SIZE(parts); i-- > 0;) {
		autobuf want = BUF_INIT;
		autobuf got = BUF_INIT;
		autobuf quick = BUF_INIT;

		parts[i].fill(&want);
		assert_string_equal(container_at(c, i)->name, parts[i].name);
		assert_int_equal(container_find(c, parts[i].name)->size, want.len);
		buf_adds(&got, "> ");
		assert_int_equal(container_read(c, parts[i].name, &got, &err), 1);
		assert_int_equal(got.len, 2 + want.len);
		assert_memory_equal(got.data + 2, want.data, want.len);
		assert_int_equal(container_read_quick(c, parts[i].name, &quick, &err), 1);
		assert_int_equal(quick.len, want.len);
		assert_memory_equal(quick.data, want.data, want.len);
	}
}

static void parts_come_back_under_every_codec_and_cipher(void **state)
{
	DEFER(secret) *key = key_of(1);

	(void)state;
	for (size_t i = 0; compress_at(i); i++) {
		for (int encrypted = 0; encrypted < 2; encrypted++) {
			const struct secret *k = encrypted ? key : NULL;
			struct container_options o = options(compress_at(i), k);
			unsigned char id[CONTAINER_ID_SIZE];
			autostored s = { 0 };

			write_large(&s, &o, id);
			check_large(&s, k);
		}
	}
}

static void the_header_is_read_without_a_key(void **state)
{
	DEFER(secret) *key = key_of(1);
	struct container_options o = options(&compress_lz4, key);
	unsigned char id[CONTAINER_ID_SIZE];
	struct error err = ERROR_INIT;
	struct container_header h;
	struct container_source source;
	autostored s = { 0 };

	(void)state;
	write_large(&s, &o, id);
	source = source_of(&s);
	assert_ok(container_read_header(&h, &source, &err));
	assert_true(h.encrypted);
	assert_int_equal(h.codec, COMPRESS_LZ4);
	assert_int_equal(h.created, 1763715791);
	assert_string_equal(h.tool_version, "0.1.0");
	assert_memory_equal(h.id, id, sizeof(id));
	assert_int_equal(s.requests, 1);
}

static void a_part_costs_its_own_blocks_only(void **state)
{
	DEFER(secret) *key = key_of(1);
	struct container_options o = options(&compress_zstd, key);
	unsigned char id[CONTAINER_ID_SIZE];
	struct error err = ERROR_INIT;
	DEFER(container) *large = NULL;
	DEFER(container) *small = NULL;
	struct container_source source;
	autostored l = { 0 };
	autostored s = { 0 };
	autobuf out = BUF_INIT;

	(void)state;
	write_large(&l, &o, id);
	source = source_of(&l);
	assert_ok(container_open(&large, &source, ID, key, &err));
	assert_int_equal(l.requests, 2);
	assert_int_equal(container_read(large, "schema.sql", &out, &err), 1);
	assert_int_equal(l.requests, 3);
	assert_int_equal(container_read(large, "objects/block", &out, &err), 1);
	assert_int_equal(l.requests, 3); /* it lies in the tail, which is there */

	write_small(&s, &o);
	source = source_of(&s);
	assert_ok(container_open(&small, &source, ID, key, &err));
	assert_int_equal(container_read(small, "a", &out, &err), 1);
	assert_int_equal(s.requests, 1);
}

static void many_parts_have_a_large_index(void **state)
{
	struct container_options o = options(&compress_zstd, NULL);
	unsigned char id[CONTAINER_ID_SIZE];
	struct error err = ERROR_INIT;
	DEFER(container_writer) *w = NULL;
	DEFER(container) *c = NULL;
	struct container_source source;
	autostored s = { .bytes = BUF_INIT };
	autobuf out = BUF_INIT;
	char name[64];

	(void)state;
	assert_ok(container_writer_new(&w, &o, &err));
	for (int i = 0; i < 5000; i++) {
		snprintf(name, sizeof(name), "objects/tables/table_%d.sql", i);
		assert_ok(container_add(w, name, name, strlen(name), NULL, &err));
	}
	assert_ok(container_finish(w, &s.bytes, id, &err));
	source = source_of(&s);
	assert_ok(container_open(&c, &source, ID, NULL, &err));
	assert_int_equal(container_count(c), 5000);
	assert_int_equal(container_read(c, "objects/tables/table_17.sql", &out, &err), 1);
	assert_string_equal(out.data, "objects/tables/table_17.sql");
	assert_int_equal(container_read(c, NO_NAME, &out, &err), 0);
	assert_null(container_find(c, NO_NAME));
}

/* Small parts share chunks: read in order they cost a request per megabyte, not one each. */
static void parts_are_read_in_order_at_once(void **state)
{
	static const int count = 5000;
	DEFER(secret) *key = key_of(1);
	struct container_options o = options(&compress_none, key);
	unsigned char id[CONTAINER_ID_SIZE];
	struct error err = ERROR_INIT;
	DEFER(container_writer) *w = NULL;
	DEFER(container) *c = NULL;
	struct container_source source;
	autostored s = { .bytes = BUF_INIT };
	char text[400];
	int damaged = 0;

	(void)state;
	assert_ok(container_writer_new(&w, &o, &err));
	for (int i = 0; i < count; i++) {
		snprintf(text, sizeof(text), "%-390d", i);
		assert_ok(container_add(w, text, text, strlen(text), NULL, &err));
	}
	assert_ok(container_finish(w, &s.bytes, id, &err));
	for (int round = 0; round < 2; round++) {
		container_close(take(c));
		source = source_of(&s);
		assert_ok(container_open(&c, &source, ID, key, &err));
		s.requests = 0;
		for (int i = 0; i < count; i++) {
			autobuf out = BUF_INIT;

			snprintf(text, sizeof(text), "%-390d", i);
			if (container_read(c, text, &out, &err) == 1) {
				assert_string_equal(out.data, text);
				continue;
			}
			assert_int_equal(err.code, ERR_CORRUPT);
			error_clear(&err);
			damaged++;
		}
		if (round == 0)
			assert_true(damaged == 0 && s.requests <= 6);
		s.bytes.data[s.bytes.len / 4] ^= 1;
	}
	/* Those of one chunk of 16 KiB, no more. */
	assert_true(damaged > 0 && damaged <= 16384 / 390 + 2);
}

static void no_parts_are_a_container_too(void **state)
{
	struct container_options o = options(&compress_none, NULL);
	unsigned char id[CONTAINER_ID_SIZE];
	struct error err = ERROR_INIT;
	DEFER(container_writer) *w = NULL;
	DEFER(container) *c = NULL;
	struct container_source source;
	autostored s = { .bytes = BUF_INIT };

	(void)state;
	assert_ok(container_writer_new(&w, &o, &err));
	assert_ok(container_finish(w, &s.bytes, id, &err));
	source = source_of(&s);
	assert_ok(container_open(&c, &source, ID, NULL, &err));
	assert_int_equal(container_count(c), 0);
}

static void the_writer_refuses_what_it_cannot_keep(void **state)
{
	DEFER(secret) *weak = secret_new("short", 5);
	struct container_options o = options(&compress_zstd, NULL);
	struct error err = ERROR_INIT;
	DEFER(container_writer) *w = NULL;

	(void)state;
	o.level = 23;
	assert_fails(container_writer_new(&w, &o, &err), ERR_INVALID,
	             "zstd level: want 1 to 22, got 23");
	o = options(&compress_none, NULL);
	o.level = 6; /* without levels any will do */
	o.backup_id = "../x";
	assert_fails(container_writer_new(&w, &o, &err), ERR_INVALID, "backup id ../x");
	o.backup_id = ID;
	o.data_key = weak;
	assert_fails(container_writer_new(&w, &o, &err), ERR_INVALID, "want 32 bytes, got 5");
	o.data_key = NULL;
	assert_ok(container_writer_new(&w, &o, &err));
	assert_ok(container_add(w, "a", "x", 1, NULL, &err));
	assert_fails(container_add(w, "a", "y", 1, NULL, &err), ERR_EXISTS,
	             "two parts are named a");
	assert_fails(container_add(w, "", "y", 1, NULL, &err), ERR_INVALID, "name of 0 bytes");
}

static void the_wrong_key_or_backup_opens_nothing(void **state)
{
	DEFER(secret) *key = key_of(1);
	DEFER(secret) *other = key_of(2);
	struct container_options encrypted = options(&compress_zstd, key);
	struct container_options open = options(&compress_zstd, NULL);
	struct error err = ERROR_INIT;
	DEFER(container) *c = NULL;
	struct container_source source;
	autostored s = { 0 };
	autostored p = { 0 };

	(void)state;
	write_small(&s, &encrypted);
	source = source_of(&s);
	assert_fails(container_open(&c, &source, ID, other, &err), ERR_DENIED, "does not fit");
	assert_fails(container_open(&c, &source, "backup_2", key, &err), ERR_DENIED,
	             "another backup");
	assert_fails(container_open(&c, &source, ID, NULL, &err), ERR_DENIED, "no data key");
	write_small(&p, &open);
	source = source_of(&p);
	assert_fails(container_open(&c, &source, "backup_2", NULL, &err), ERR_CORRUPT,
	             "another backup");
	assert_fails(container_open(&c, &source, ID, key, &err), ERR_CORRUPT, "not encrypted");
	assert_null(c);
}

/* Does every part come back as it was? */
static bool reads_well(struct stored *s, const struct secret *key)
{
	struct error err = ERROR_INIT;
	DEFER(container) *c = NULL;
	struct container_source source = source_of(s);
	autobuf want = BUF_INIT;
	autobuf a = BUF_INIT;
	autobuf b = BUF_INIT;

	lines(&want, 300);
	if (container_open(&c, &source, ID, key, &err) < 0)
		return false;
	if (container_read(c, "a", &a, &err) < 0 || container_read(c, "b", &b, &err) < 0)
		return false;
	assert_int_equal(a.len, 300);
	assert_memory_equal(a.data, want.data, 300);
	assert_string_equal(b.data, "short");
	return true;
}

/* Stricter than it must be: no bit is without effect. */
static void every_flipped_bit_is_found(void **state)
{
	DEFER(secret) *key = key_of(1);

	(void)state;
	for (int encrypted = 0; encrypted < 2; encrypted++) {
		const struct secret *k = encrypted ? key : NULL;
		struct container_options o = options(&compress_zstd, k);
		autostored s = { 0 };

		write_small(&s, &o);
		assert_true(reads_well(&s, k));
		for (size_t bit = 0; bit < 8 * s.bytes.len; bit++) {
			s.bytes.data[bit / 8] = (char)(s.bytes.data[bit / 8] ^ 1 << bit % 8);
			if (reads_well(&s, k))
				fail_msg("bit %zu of %zu bytes", bit, s.bytes.len);
			s.bytes.data[bit / 8] = (char)(s.bytes.data[bit / 8] ^ 1 << bit % 8);
		}
	}
}

static void every_other_length_is_found(void **state)
{
	DEFER(secret) *key = key_of(1);

	(void)state;
	for (int encrypted = 0; encrypted < 2; encrypted++) {
		const struct secret *k = encrypted ? key : NULL;
		struct container_options o = options(&compress_gzip, k);
		autostored s = { 0 };

		write_small(&s, &o);
		buf_addc(&s.bytes, 0);
		assert_false(reads_well(&s, k));
		for (size_t len = s.bytes.len - 1; len-- > 0;) {
			buf_truncate(&s.bytes, len);
			if (reads_well(&s, k))
				fail_msg("length %zu", len);
		}
	}
}

/* Every place where one of two containers may go on as the other. */
static void every_splice_is_found(void **state)
{
	DEFER(secret) *key = key_of(1);

	(void)state;
	for (int encrypted = 0; encrypted < 2; encrypted++) {
		const struct secret *k = encrypted ? key : NULL;
		struct container_options o = options(&compress_zstd, k);
		autostored s = { 0 };
		autostored other = { 0 };

		write_small(&s, &o);
		write_small(&other, &o);
		assert_int_equal(s.bytes.len, other.bytes.len);
		/* The first 16 bytes are the same in both. */
		for (size_t at = 17; at < s.bytes.len; at++) {
			autostored spliced = { .bytes = BUF_INIT };

			buf_add(&spliced.bytes, s.bytes.data, at);
			buf_add(&spliced.bytes, other.bytes.data + at, s.bytes.len - at);
			if (memcmp(spliced.bytes.data, s.bytes.data, s.bytes.len) != 0 &&
			    memcmp(spliced.bytes.data, other.bytes.data, s.bytes.len) != 0 &&
			    reads_well(&spliced, k))
				fail_msg("spliced at %zu", at);
		}
	}
}

static void damage_in_one_part_leaves_the_others(void **state)
{
	DEFER(secret) *key = key_of(1);
	struct container_options o = options(&compress_zstd, key);
	unsigned char id[CONTAINER_ID_SIZE];
	struct error err = ERROR_INIT;
	DEFER(container) *c = NULL;
	struct container_source source;
	autostored s = { 0 };
	autobuf want = BUF_INIT;
	autobuf out = BUF_INIT;

	(void)state;
	write_large(&s, &o, id);
	s.bytes.data[s.bytes.len / 2] ^= 1; /* in the noise */
	source = source_of(&s);
	assert_ok(container_open(&c, &source, ID, key, &err));
	buf_adds(&out, "> ");
	assert_fails(container_read(c, "objects/noise", &out, &err), ERR_CORRUPT,
	             "part objects/noise: chunk");
	assert_string_equal(out.data, "> ");
	many_blocks(&want);
	assert_int_equal(container_read(c, "schema.sql", &out, &err), 1);
	assert_memory_equal(out.data + 2, want.data, want.len);
}

static void a_source_that_fails_or_lies_is_no_crash(void **state)
{
	struct container_options o = options(&compress_zstd, NULL);
	struct error err = ERROR_INIT;
	DEFER(container) *c = NULL;
	struct container_source source;
	autostored s = { 0 };

	(void)state;
	write_small(&s, &o);
	source = source_of(&s);
	source.size += 100;
	assert_fails(container_open(&c, &source, ID, NULL, &err), ERR_STORE, "past the end");
	source.size = 0;
	assert_fails(container_open(&c, &source, ID, NULL, &err), ERR_CORRUPT, "cut off");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parts_come_back_under_every_codec_and_cipher),
		cmocka_unit_test(the_header_is_read_without_a_key),
		cmocka_unit_test(a_part_costs_its_own_blocks_only),
		cmocka_unit_test(many_parts_have_a_large_index),
		cmocka_unit_test(parts_are_read_in_order_at_once),
		cmocka_unit_test(no_parts_are_a_container_too),
		cmocka_unit_test(the_writer_refuses_what_it_cannot_keep),
		cmocka_unit_test(the_wrong_key_or_backup_opens_nothing),
		cmocka_unit_test(every_flipped_bit_is_found),
		cmocka_unit_test(every_other_length_is_found),
		cmocka_unit_test(every_splice_is_found),
		cmocka_unit_test(damage_in_one_part_leaves_the_others),
		cmocka_unit_test(a_source_that_fails_or_lies_is_no_crash),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
