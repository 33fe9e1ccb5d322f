/* SPDX-License-Identifier: MIT */
#include "tests/unit/test.h"

#include "engine/base/buf.h"
#include "engine/base/secret.h"
#include "engine/codec/envelope.h"

#define ID       "backup_20261121_090311_1a2b3c4d"
#define METADATA "{\"database\":\"shop\"}"

struct fixture {
	struct secret *secret, *data_key;
	struct keyring *keyring;
};

static int set_up(void **state)
{
	static struct fixture f;
	struct error err = ERROR_INIT;

	f.secret = secret_new("the secret has thirty-two bytes.", 32);
	f.data_key = secret_new("and the data key is as long as..", 32);
	f.keyring = keyring_new();
	*state = &f;
	return keyring_add_secret(f.keyring, f.secret, &err);
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	secret_free(f->secret);
	secret_free(f->data_key);
	keyring_free(f->keyring);
	return 0;
}

static struct envelope sample(void)
{
	struct envelope e = {
		.backup_id = ID,
		.generation = 1,
		.container_id = "sixteen bytes..",
		.codec = COMPRESS_ZSTD,
		.stored_size = 123456789012,
		.stored_sha256 = { { 1, 2, 3 } },
	};

	return e;
}

static void write_sample(struct buf *out, const struct fixture *f, bool encrypted)
{
	struct envelope e = sample();
	struct error err = ERROR_INIT;

	assert_ok(envelope_write(out, &e, encrypted ? f->secret : NULL,
	                         encrypted ? f->data_key : NULL, METADATA, strlen(METADATA),
	                         &err));
	assert_int_equal(e.encrypted, encrypted);
}

/* Makes the closing SHA-256 right again, as somebody who forges would. */
static void close_again(struct buf *b)
{
	struct digest d;

	digest_of(&d, b->data, b->len - DIGEST_SIZE);
	memcpy(b->data + b->len - DIGEST_SIZE, d.bytes, DIGEST_SIZE);
}

static void what_is_written_is_read(void **state)
{
	const struct fixture *f = *state;

	for (int encrypted = 0; encrypted < 2; encrypted++) {
		struct error err = ERROR_INIT;
		struct envelope peeked, e;
		DEFER(secret) *key = NULL;
		autobuf b = BUF_INIT;
		autobuf metadata = BUF_INIT;

		write_sample(&b, f, encrypted);
		assert_ok(envelope_peek(&peeked, b.data, b.len, ID, &err));
		assert_ok(envelope_open(&e, &key, &metadata, b.data, b.len, ID, f->keyring,
		                        &err));
		assert_memory_equal(&peeked, &e, sizeof(e));
		assert_string_equal(e.backup_id, ID);
		assert_int_equal(e.generation, 1);
		assert_int_equal(e.encrypted, encrypted);
		assert_memory_equal(e.container_id, "sixteen bytes..", 16);
		assert_int_equal(e.codec, COMPRESS_ZSTD);
		assert_int_equal(e.stored_size, 123456789012);
		assert_int_equal(e.stored_sha256.bytes[2], 3);
		assert_string_equal(metadata.data, METADATA);
		assert_int_equal(key != NULL, encrypted);
		if (key)
			assert_memory_equal(secret_data(key), secret_data(f->data_key), 32);
	}
}

static void the_clear_part_alone_gives_the_key(void **state)
{
	const struct fixture *f = *state;

	for (int encrypted = 0; encrypted < 2; encrypted++) {
		struct error err = ERROR_INIT;
		struct envelope peeked, e;
		DEFER(secret) *key = NULL;
		autobuf b = BUF_INIT;
		struct str clear;

		write_sample(&b, f, encrypted);
		assert_ok(envelope_peek(&peeked, b.data, b.len, ID, &err));
		clear = envelope_clear(b.data, b.len);
		assert_int_equal(clear.n, 223);
		assert_ok(envelope_open_clear(&e, &key, clear, ID, f->keyring, &err));
		assert_memory_equal(&peeked, &e, sizeof(e));
		assert_int_equal(key != NULL, encrypted);
		if (key)
			assert_memory_equal(secret_data(key), secret_data(f->data_key), 32);
		for (size_t n = 0; n < clear.n; n++) {
			struct secret *no_key = NULL;

			assert_int_equal(envelope_open_clear(&e, &no_key,
			                                     str_slice(clear, 0, n), ID,
			                                     f->keyring, &err),
			                 -1);
			error_clear(&err);
		}
		assert_fails(envelope_open_clear(&e, &key, clear, "other", f->keyring, &err),
		             ERR_CORRUPT, "envelope is of backup");
	}
}

static void the_clear_part_is_no_use_without_the_secret_or_changed(void **state)
{
	const struct fixture *f = *state;
	DEFER(keyring) *none = keyring_new();
	struct secret *key = NULL;
	struct error err = ERROR_INIT;
	struct envelope e;
	autobuf b = BUF_INIT;

	write_sample(&b, f, true);
	assert_fails(
		envelope_open_clear(&e, &key, envelope_clear(b.data, b.len), ID, none, &err),
		ERR_DENIED, "which is not configured");
	b.data[180] ^= 1; /* in the wrapped key */
	assert_fails(envelope_open_clear(&e, &key, envelope_clear(b.data, b.len), ID,
	                                 f->keyring, &err),
	             ERR_CORRUPT, "not authentic");
	assert_null(key);
}

static void what_is_sealed_is_not_in_the_file(void **state)
{
	autobuf b = BUF_INIT;

	write_sample(&b, *state, true);
	assert_null(memmem(b.data, b.len, "shop", 4));
	assert_null(memmem(b.data, b.len, "and the data key", 16));
	assert_null(memmem(b.data, b.len, "the secret", 10));
	buf_truncate(&b, 0);
	write_sample(&b, *state, false);
	assert_non_null(memmem(b.data, b.len, METADATA, strlen(METADATA)));
}

static void a_large_and_an_empty_sealed_part_come_back(void **state)
{
	const struct fixture *f = *state;
	static const size_t lengths[] = { 0, 16384, 1000000 };

	for (size_t i = 0; i < ARRAY_SIZE(lengths); i++) {
		struct error err = ERROR_INIT;
		struct envelope e = sample();
		DEFER(secret) *key = NULL;
		autobuf text = BUF_INIT;
		autobuf b = BUF_INIT;
		autobuf back = BUF_INIT;

		while (text.len < lengths[i])
			buf_addc(&text, 'm');
		assert_ok(envelope_write(&b, &e, f->secret, f->data_key, text.data, text.len,
		                         &err));
		assert_ok(envelope_open(&e, &key, &back, b.data, b.len, ID, f->keyring, &err));
		assert_int_equal(back.len, lengths[i]);
		assert_string_equal(back.data, text.data);
	}
}

static void a_rotated_envelope_needs_the_new_secret(void **state)
{
	const struct fixture *f = *state;
	DEFER(secret) *next = secret_new("a new secret, also of 32 bytes..", 32);
	DEFER(keyring) *both = keyring_new();
	DEFER(secret) *key = NULL;
	struct error err = ERROR_INIT;
	struct envelope e = sample();
	autobuf b = BUF_INIT;
	autobuf metadata = BUF_INIT;

	e.generation = 2;
	assert_ok(envelope_write(&b, &e, next, f->data_key, METADATA, strlen(METADATA), &err));
	assert_fails(envelope_open(&e, &key, &metadata, b.data, b.len, ID, f->keyring, &err),
	             ERR_DENIED, "encrypted with secret ");
	assert_fails(envelope_open(&e, &key, &metadata, b.data, b.len, ID, NULL, &err),
	             ERR_DENIED, "which is not configured");
	assert_null(key);
	assert_ok(keyring_add_secret(both, f->secret, &err));
	assert_ok(keyring_add_secret(both, next, &err));
	assert_ok(envelope_open(&e, &key, &metadata, b.data, b.len, ID, both, &err));
	assert_int_equal(e.generation, 2);
	assert_memory_equal(secret_data(key), secret_data(f->data_key), 32);
}

static void every_flipped_bit_is_found(void **state)
{
	const struct fixture *f = *state;

	for (int encrypted = 0; encrypted < 2; encrypted++) {
		autobuf b = BUF_INIT;

		write_sample(&b, f, encrypted);
		for (size_t bit = 0; bit < 8 * b.len; bit++) {
			struct error err = ERROR_INIT;
			struct envelope e;
			autobuf metadata = BUF_INIT;
			DEFER(secret) *key = NULL;

			b.data[bit / 8] = (char)(b.data[bit / 8] ^ 1 << bit % 8);
			if (envelope_open(&e, &key, &metadata, b.data, b.len, ID, f->keyring,
			                  &err) == 0)
				fail_msg("bit %zu", bit);
			error_clear(&err);
			if (envelope_peek(&e, b.data, b.len, ID, &err) == 0)
				fail_msg("bit %zu, peeking", bit);
			b.data[bit / 8] = (char)(b.data[bit / 8] ^ 1 << bit % 8);
		}
	}
}

/* The checksum does not protect from somebody who computes it; the secret does. */
static void every_forged_bit_of_an_encrypted_one_is_found(void **state)
{
	const struct fixture *f = *state;
	autobuf b = BUF_INIT;

	write_sample(&b, f, true);
	for (size_t bit = 0; bit < 8 * (b.len - DIGEST_SIZE); bit++) {
		struct error err = ERROR_INIT;
		struct envelope e;
		autobuf metadata = BUF_INIT;
		DEFER(secret) *key = NULL;

		b.data[bit / 8] = (char)(b.data[bit / 8] ^ 1 << bit % 8);
		close_again(&b);
		if (envelope_open(&e, &key, &metadata, b.data, b.len, ID, f->keyring, &err) ==
		    0)
			fail_msg("bit %zu", bit);
		b.data[bit / 8] = (char)(b.data[bit / 8] ^ 1 << bit % 8);
	}
}

static void every_other_length_is_found(void **state)
{
	const struct fixture *f = *state;

	for (int encrypted = 0; encrypted < 2; encrypted++) {
		autobuf b = BUF_INIT;

		write_sample(&b, f, encrypted);
		buf_addc(&b, 0);
		for (size_t len = b.len + 1; len-- > 0;) {
			struct error err = ERROR_INIT;
			struct envelope e;

			if (len == b.len - 1)
				continue;
			if (envelope_peek(&e, b.data, len, ID, &err) == 0)
				fail_msg("length %zu", len);
			assert_int_equal(err.code, ERR_CORRUPT);
		}
	}
}

/* Offsets in docs/format.md. */
static void what_is_unknown_is_refused_by_name(void **state)
{
	static const struct {
		size_t at;
		char value;
		enum error_code code;
		const char *text;
	} cases[] = {
		{ 0, 0, ERR_CORRUPT, "first bytes of the envelope are damaged" },
		{ 3, 'B', ERR_CORRUPT, "not a backup envelope" },
		{ 8, 2, ERR_UNSUPPORTED, "envelope version 2.0" },
		{ 11, 1, ERR_UNSUPPORTED, "unknown critical flags 0x100" },
		{ 12, 0, ERR_CORRUPT, "want 223 to 65536 bytes, got 0" },
		{ 13, 100, ERR_CORRUPT, "envelope is cut off" },
		{ 24, 3, ERR_UNSUPPORTED, "unknown cipher 3" },
		{ 24, 1, ERR_CORRUPT, "flags 0 and cipher Cobblestone-256" },
		{ 25, 77, ERR_UNSUPPORTED, "unknown codec 77" },
		{ 26, 30, ERR_CORRUPT, "backup id of 30 bytes" },
		{ 27, '.', ERR_CORRUPT, "backup id of 31 bytes" },
		{ 27, 'B', ERR_CORRUPT, "is of backup Backup_" },
		{ 26 + 64, 1, ERR_CORRUPT, "backup id of 31 bytes" },
		{ 16, 0, ERR_CORRUPT, "generation 0" },
		{ 147, 1, ERR_CORRUPT, "not encrypted, and names a secret" },
		{ 222, 1, ERR_CORRUPT, "not encrypted, and names a secret" },
	};
	struct error err = ERROR_INIT;
	struct envelope e;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		autobuf b = BUF_INIT;

		write_sample(&b, *state, false);
		b.data[cases[i].at] = cases[i].value;
		close_again(&b);
		assert_fails(envelope_peek(&e, b.data, b.len, ID, &err), cases[i].code,
		             cases[i].text);
	}
}

static void an_envelope_opens_for_its_own_backup_only(void **state)
{
	struct error err = ERROR_INIT;
	struct envelope e;
	autobuf b = BUF_INIT;

	write_sample(&b, *state, true);
	assert_fails(envelope_peek(&e, b.data, b.len, "backup_2", &err), ERR_CORRUPT,
	             "is of backup " ID ", want backup_2");
}

static void the_writer_refuses_what_it_cannot_keep(void **state)
{
	const struct fixture *f = *state;
	DEFER(secret) *shorter = secret_new("short", 5);
	struct error err = ERROR_INIT;
	struct envelope e = sample();
	autobuf b = BUF_INIT;

	assert_fails(envelope_write(&b, &e, shorter, f->data_key, "", 0, &err), ERR_INVALID,
	             "secret: want 32 bytes, got 5");
	assert_fails(envelope_write(&b, &e, f->secret, shorter, "", 0, &err), ERR_INVALID,
	             "data key: want 32 bytes, got 5");
	e.generation = 0;
	assert_fails(envelope_write(&b, &e, NULL, NULL, "", 0, &err), ERR_INVALID,
	             "generations begin with 1");
	e = sample();
	e.backup_id[0] = '/';
	assert_fails(envelope_write(&b, &e, NULL, NULL, "", 0, &err), ERR_INVALID,
	             "backup id /");
	e = sample();
	assert_fails(envelope_write(&b, &e, NULL, NULL, "", ENVELOPE_MAX, &err), ERR_INVALID,
	             "limit");
	assert_int_equal(b.len, 0);
}

#define WITH(check) cmocka_unit_test_setup_teardown(check, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH(what_is_written_is_read),
		WITH(the_clear_part_alone_gives_the_key),
		WITH(the_clear_part_is_no_use_without_the_secret_or_changed),
		WITH(what_is_sealed_is_not_in_the_file),
		WITH(a_large_and_an_empty_sealed_part_come_back),
		WITH(a_rotated_envelope_needs_the_new_secret),
		WITH(every_flipped_bit_is_found),
		WITH(every_forged_bit_of_an_encrypted_one_is_found),
		WITH(every_other_length_is_found),
		WITH(what_is_unknown_is_refused_by_name),
		WITH(an_envelope_opens_for_its_own_backup_only),
		WITH(the_writer_refuses_what_it_cannot_keep),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
