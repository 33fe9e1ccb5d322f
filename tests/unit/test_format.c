/* SPDX-License-Identifier: MIT */
/*
 * The samples of docs/format.md in tests/data/format: files that were written
 * once and must be readable for ever.
 *
 * `test_format --update` writes them anew, after a change of the format's major
 * version. They differ then in all that is random: ids, salts, nonces.
 */
#include "tests/unit/test.h"

#include <stdio.h>
#include <stdlib.h>

#include "engine/base/buf.h"
#include "engine/base/fsutil.h"
#include "engine/base/mem.h"
#include "engine/base/secret.h"
#include "engine/codec/envelope.h"

#define SECRET   "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
#define METADATA "{\"database\":\"shop\",\"description\":\"a sample\"}"
#define CREATED  1795251791 /* 2026-11-21T09:03:11Z */
#define FILE_MAX ((size_t)1 << 20)

static void nothing(struct buf *out)
{
	(void)out;
}

static void some_words(struct buf *out)
{
	buf_adds(out, "CREATE VIEW `v` AS SELECT 1;\n");
}

/* Repeats itself, and is longer than a block. */
static void many_lines(struct buf *out)
{
	for (unsigned int i = 0; out->len < 300000; i++)
		buf_addf(out, "INSERT INTO `numbers` VALUES (%u);\n", i % 100);
}

/* Does not compress, and is longer than a chunk. */
static void noise(struct buf *out)
{
	uint32_t seed = 1;

	while (out->len < 17000) {
		seed = seed * 1664525 + 1013904223;
		buf_addc(out, (char)(seed >> 24));
	}
}

static const struct {
	const char *name;
	void (*fill)(struct buf *out);
} parts[] = {
	{ "schema.sql", many_lines },
	{ "objects/tables/empty.sql", nothing },
	{ "objects/views/v.sql", some_words },
	{ "objects/noise", noise },
};

static const struct sample {
	const char *id;
	const struct compress_ops *codec;
	bool encrypted;
} samples[] = {
	{ "sample_gzip_plain", &compress_gzip, false },
	{ "sample_lz4_encrypted", &compress_lz4, true },
	{ "sample_lz4_plain", &compress_lz4, false },
	{ "sample_none_plain", &compress_none, false },
	{ "sample_zstd_encrypted", &compress_zstd, true },
	{ "sample_zstd_plain", &compress_zstd, false },
};

static char *path_of(const struct sample *s, const char *suffix)
{
	return mem_printf("%s/tests/data/format/%s%s", getenv("SOURCE_ROOT"), s ? s->id : "",
	                  suffix);
}

static struct keyring *keyring(void)
{
	struct keyring *k = keyring_new();
	const struct keyring_source source = { "direct", SECRET };
	struct error err = ERROR_INIT;

	assert_ok(keyring_add(k, &source, &err));
	return k;
}

/* A container in memory. */
static int read_memory(void *arg, uint64_t offset, size_t len, struct buf *out,
                       struct error *err)
{
	const struct buf *b = arg;

	if (offset > b->len || len > b->len - offset)
		return error_set(err, ERR_STORE, "past the end");
	buf_add(out, b->data + offset, len);
	return 0;
}

static void check_parts(const struct sample *s, struct buf *stored, const struct envelope *e,
                        const struct secret *data_key)
{
	const struct container_source source = { read_memory, stored, stored->len };
	struct error err = ERROR_INIT;
	DEFER(container) *c = NULL;

	assert_ok(container_open(&c, &source, s->id, data_key, &err));
	assert_memory_equal(container_header(c)->id, e->container_id, CONTAINER_ID_SIZE);
	assert_int_equal(container_header(c)->created, CREATED);
	assert_string_equal(container_header(c)->tool_version, "sample");
	assert_int_equal(container_count(c), ARRAY_SIZE(parts));
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		autobuf want = BUF_INIT;
		autobuf got = BUF_INIT;

		parts[i].fill(&want);
		assert_int_equal(container_read(c, parts[i].name, &got, &err), 1);
		assert_int_equal(got.len, want.len);
		assert_memory_equal(got.data, want.data, want.len);
	}
}

static void check_sample(const struct sample *s)
{
	autofree char *meta_path = path_of(s, ".meta");
	autofree char *backup_path = path_of(s, ".backup");
	DEFER(keyring) *k = keyring();
	DEFER(secret) *data_key = NULL;
	struct error err = ERROR_INIT;
	struct envelope e;
	struct digest sum;
	autobuf meta = BUF_INIT;
	autobuf metadata = BUF_INIT;
	autobuf stored = BUF_INIT;

	assert_ok(file_read(&meta, meta_path, FILE_MAX, &err));
	assert_ok(envelope_open(&e, &data_key, &metadata, meta.data, meta.len, s->id, k, &err));
	assert_string_equal(metadata.data, METADATA);
	assert_int_equal(e.encrypted, s->encrypted);
	assert_int_equal(e.codec, s->codec->id);
	assert_int_equal(e.generation, 1);
	assert_ok(file_read(&stored, backup_path, FILE_MAX, &err));
	assert_int_equal(stored.len, e.stored_size);
	digest_of(&sum, stored.data, stored.len);
	assert_memory_equal(sum.bytes, e.stored_sha256.bytes, DIGEST_SIZE);
	check_parts(s, &stored, &e, data_key);
}

static void every_sample_is_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(samples); i++)
		check_sample(&samples[i]);
}

static int write_container(struct buf *out, struct envelope *e, const struct sample *s,
                           const struct secret *data_key, struct error *err)
{
	const struct container_options o = {
		.backup_id = s->id,
		.data_key = data_key,
		.codec = s->codec,
		.level = s->codec->level_default,
		.threshold = 64,
		.created = CREATED,
		.tool_version = "sample",
	};
	DEFER(container_writer) *w = NULL;

	if (container_writer_new(&w, &o, err) < 0)
		return -1;
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		autobuf plain = BUF_INIT;

		parts[i].fill(&plain);
		if (container_add(w, parts[i].name, plain.data, plain.len, NULL, err) < 0)
			return -1;
	}
	return container_finish(w, out, e->container_id, err);
}

static int write_sample(const struct sample *s, struct error *err)
{
	DEFER(keyring) *k = keyring();
	DEFER(secret) *data_key = secret_new("the data key of the samples, raw", 32);
	const struct secret *key = s->encrypted ? data_key : NULL;
	const struct secret *secret = s->encrypted ? keyring_secret(k, 0) : NULL;
	struct envelope e = { .generation = 1, .codec = s->codec->id };
	autofree char *meta_path = path_of(s, ".meta");
	autofree char *backup_path = path_of(s, ".backup");
	autobuf stored = BUF_INIT;
	autobuf meta = BUF_INIT;

	if (write_container(&stored, &e, s, key, err) < 0)
		return -1;
	snprintf(e.backup_id, sizeof(e.backup_id), "%s", s->id);
	e.stored_size = stored.len;
	digest_of(&e.stored_sha256, stored.data, stored.len);
	if (envelope_write(&meta, &e, secret, key, METADATA, strlen(METADATA), err) < 0 ||
	    file_replace(backup_path, stored.data, stored.len, 0644, err) < 0)
		return -1;
	return file_replace(meta_path, meta.data, meta.len, 0644, err);
}

/* The parts' sums as sha256sum prints them, and the secret: for readers in other languages. */
static int write_expectations(struct error *err)
{
	autofree char *sums_path = path_of(NULL, "SHA256SUMS");
	autofree char *secret_path = path_of(NULL, "secret.hex");
	autobuf sums = BUF_INIT;

	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		autobuf plain = BUF_INIT;
		char hex[DIGEST_HEX_SIZE];
		struct digest d;

		parts[i].fill(&plain);
		digest_of(&d, plain.data, plain.len);
		digest_hex(hex, &d);
		buf_addf(&sums, "%s  %s\n", hex, parts[i].name);
	}
	if (file_replace(sums_path, sums.data, sums.len, 0644, err) < 0)
		return -1;
	return file_replace(secret_path, SECRET "\n", strlen(SECRET) + 1, 0644, err);
}

static int update(struct error *err)
{
	for (size_t i = 0; i < ARRAY_SIZE(samples); i++) {
		if (write_sample(&samples[i], err) < 0)
			return -1;
	}
	return write_expectations(err);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_sample_is_read),
	};
	struct error err = ERROR_INIT;

	if (argc == 1)
		return cmocka_run_group_tests(tests, NULL, NULL);
	if (strcmp(argv[1], "--update") != 0 || update(&err) < 0) {
		fprintf(stderr, "test_format [--update]: %s\n", err.text);
		return 1;
	}
	return 0;
}
