/* SPDX-License-Identifier: MIT */
/* test_encryption: seals, opens and compares, and opens a backup. */
#include <stdio.h>
#include <string.h>

#include "engine/base/buf.h"
#include "engine/base/clock.h"
#include "engine/base/error.h"
#include "engine/base/fsutil.h"
#include "engine/base/secret.h"
#include "engine/codec/container.h"
#include "engine/codec/keyring.h"
#include "engine/repo/internal.h"
#include "engine/repo/keys.h"
#include "engine/repo/reader.h"
#include "engine/store/store.h"

#define TEST_ID    "encryption_test"
#define TEST_PART  "random"
#define TEST_BYTES ((size_t)1 << 20)

/* The two files of a backup that is never stored. */
struct sample {
	struct buf plain, container, envelope;
};

static void sample_finish(struct sample *s)
{
	buf_finish(&s->plain);
	buf_finish(&s->container);
	buf_finish(&s->envelope);
}

static int seal(struct sample *s, const struct secret *secret, struct error *err)
{
	const struct compress_ops *codec = compress_by_name("none");
	struct envelope e = { .backup_id = TEST_ID, .generation = 1, .codec = codec->id };
	DEFER(container_writer) *w = NULL;
	DEFER(secret) *data_key = NULL;
	struct container_options o = {
		.backup_id = TEST_ID,
		.codec = codec,
		.created = clock_now(),
		.tool_version = REPO_TOOL_VERSION,
	};

	buf_reserve(&s->plain, TEST_BYTES);
	if (random_bytes(s->plain.data, TEST_BYTES, err) < 0 ||
	    repo_new_data_key(&data_key, err) < 0)
		return -1;
	s->plain.len = TEST_BYTES;
	o.data_key = data_key;
	if (container_writer_new(&w, &o, err) < 0 ||
	    container_add(w, TEST_PART, s->plain.data, s->plain.len, NULL, err) < 0 ||
	    container_finish(w, &s->container, e.container_id, err) < 0)
		return -1;
	e.stored_size = s->container.len;
	digest_of(&e.stored_sha256, s->container.data, s->container.len);
	return envelope_write(&s->envelope, &e, secret, data_key, TEST_ID, strlen(TEST_ID),
	                      err);
}

static int read_sample(void *arg, uint64_t offset, size_t len, struct buf *out,
                       struct error *err)
{
	const struct buf *b = arg;

	if (offset > b->len || len > b->len - offset)
		return error_set(err, ERR_CORRUPT, "the sample is cut off");
	buf_add(out, b->data + offset, len);
	return 0;
}

static int open_and_compare(struct sample *s, const struct keyring *k, struct error *err)
{
	struct container_source source = { read_sample, &s->container, s->container.len };
	DEFER(container) *c = NULL;
	DEFER(secret) *data_key = NULL;
	struct envelope e;
	autobuf metadata = BUF_INIT;
	autobuf plain = BUF_INIT;

	if (envelope_open(&e, &data_key, &metadata, s->envelope.data, s->envelope.len, TEST_ID,
	                  k, err) < 0 ||
	    container_open(&c, &source, TEST_ID, data_key, err) < 0 ||
	    container_read(c, TEST_PART, &plain, err) < 0)
		return -1;
	if (plain.len != s->plain.len || memcmp(plain.data, s->plain.data, plain.len) != 0)
		return error_set(err, ERR_BUG, "what was opened is not what was sealed");
	return 0;
}

static int round_trip(struct encryption_test *out, struct repo *r, const struct secret *secret,
                      struct error *err)
{
	__attribute__((cleanup(sample_finish))) struct sample s = { BUF_INIT, BUF_INIT,
		                                                    BUF_INIT };
	int64_t began = clock_mono_ms();

	if (seal(&s, secret, err) < 0 || open_and_compare(&s, r->keyring, err) < 0)
		return error_wrap(err, "sealing and opening %zu bytes", TEST_BYTES);
	out->sealed = TEST_BYTES;
	out->duration_ms = clock_mono_ms() - began;
	return 0;
}

/* The clear part of the envelope: it says which secret is wanted when that is missing. */
static int look_at_envelope(struct encryption_test *out, struct repo *r, const char *id,
                            struct error *err)
{
	const struct store_range all = { .length = UINT64_MAX, .max = ENVELOPE_MAX };
	char key[REPO_KEY_MAX];
	autobuf raw = BUF_INIT;
	struct envelope e;
	int found;

	repo_envelope_key(key, id);
	found = store_get(r->store, key, all, &raw, NULL, err);
	if (found < 0)
		return -1;
	if (!found)
		return error_set(err, ERR_NOT_FOUND, "backup not found: %s", id);
	if (envelope_peek(&e, raw.data, raw.len, id, err) < 0)
		return -1;
	out->encrypted = e.encrypted;
	out->generation = e.generation;
	if (e.encrypted) {
		fingerprint_hex(out->backup_fingerprint, &e.secret);
		out->backup_source = repo_key_source(r, out->backup_fingerprint);
	}
	return 0;
}

int repo_test_encryption(struct encryption_test *out, struct repo *r, const char *id,
                         struct error *err)
{
	const struct secret *secret = NULL;
	DEFER(reader) *rd = NULL;

	*out = (struct encryption_test){ 0 };
	if (repo_current_secret(&secret, r, err) < 0)
		return -1;
	if (secret) {
		fingerprint_hex(out->fingerprint, keyring_fingerprint(r->keyring, 0));
		out->source = keyring_origin(r->keyring, 0);
		if (round_trip(out, r, secret, err) < 0)
			return -1;
	}
	if (!id)
		return 0;
	if (look_at_envelope(out, r, id, err) < 0 || reader_open(&rd, r, id, err) < 0)
		return -1;
	out->files = reader_backup(rd)->file_count;
	return 0;
}
