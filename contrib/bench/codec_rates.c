/* SPDX-License-Identifier: MIT */
/*
 * codec_rates: how long a payload takes, and how long its codec and AES-256-GCM alone.
 *
 *	bench_codec_rates FILE CODEC write       compress and seal, as backup create does
 *	bench_codec_rates FILE CODEC read        open, decompress, check the sum
 *	bench_codec_rates FILE CODEC quick       the same without the sum, as the mount reads
 *	bench_codec_rates FILE CODEC write-bound block by block the codec, then OpenSSL's cipher
 *	bench_codec_rates FILE CODEC read-bound
 *	bench_codec_rates FILE CODEC stored      the bytes that the payload takes
 *
 * Prints seconds: the fastest of REPEATS after a first one that warms up. The bounds use memory
 * that they have already, one core, and no sums.
 */
#include <assert.h>
#include <inttypes.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/buf.h"
#include "engine/base/clock.h"
#include "engine/base/error.h"
#include "engine/base/fsutil.h"
#include "engine/base/secret.h"
#include "engine/codec/cipher.h"
#include "engine/codec/container.h"

#define ID       "bench"
#define REPEATS  3
#define BLOCK    ((size_t)256 << 10) /* of containers */
#define FILE_MAX ((size_t)1 << 30)

struct bench {
	const struct compress_ops *codec;
	struct secret *key;
	struct buf plain;
	struct buf container;
	/* for the bounds */
	struct compress_context *ctx;
	struct buf frames, scratch;
	size_t *lengths; /* of each frame */
	EVP_CIPHER_CTX *aes;
};

static void must(bool holds)
{
	if (!holds)
		abort();
}

static int read_memory(void *arg, uint64_t offset, size_t len, struct buf *out,
                       struct error *err)
{
	const struct buf *b = arg;

	(void)err;
	must(offset <= b->len && len <= b->len - offset);
	buf_add(out, b->data + offset, len);
	return 0;
}

static int write_container(struct bench *b, struct error *err)
{
	const struct container_options o = { .backup_id = ID,
		                             .data_key = b->key,
		                             .codec = b->codec,
		                             .level = b->codec->level_default,
		                             .threshold = 1024,
		                             .tool_version = "bench" };
	DEFER(container_writer) *w = NULL;
	unsigned char id[CONTAINER_ID_SIZE];

	buf_finish(&b->container);
	if (container_writer_new(&w, &o, err) < 0 ||
	    container_add(w, "part", b->plain.data, b->plain.len, NULL, err) < 0)
		return -1;
	return container_finish(w, &b->container, id, err);
}

static int read_container(struct bench *b, bool quick, struct error *err)
{
	const struct container_source source = { read_memory, &b->container, b->container.len };
	DEFER(container) *c = NULL;
	autobuf out = BUF_INIT;
	int found;

	if (container_open(&c, &source, ID, b->key, err) < 0)
		return -1;
	found = quick ? container_read_quick(c, "part", &out, err)
	              : container_read(c, "part", &out, err);
	return found == 1 && out.len == b->plain.len ? 0 : -1;
}

static int write_full(struct bench *b, struct error *err)
{
	return write_container(b, err);
}

static int read_full(struct bench *b, struct error *err)
{
	return read_container(b, false, err);
}

static int read_quick(struct bench *b, struct error *err)
{
	return read_container(b, true, err);
}

/* OpenSSL's cipher over so many bytes, in chunks as containers have them. */
static void aes(struct bench *b, size_t len, int encrypt)
{
	static unsigned char chunk[CIPHER_CHUNK], out[CIPHER_CHUNK + CIPHER_TAG];
	static const unsigned char nonce[12];
	int n;

	for (size_t at = 0; at < len; at += CIPHER_CHUNK) {
		size_t part = len - at < CIPHER_CHUNK ? len - at : CIPHER_CHUNK;

		must(EVP_CipherInit_ex(b->aes, NULL, NULL, NULL, nonce, encrypt) == 1 &&
		     EVP_CipherUpdate(b->aes, out, &n, chunk, (int)part) == 1);
		if (encrypt)
			must(EVP_CipherFinal_ex(b->aes, out, &n) == 1 &&
			     EVP_CIPHER_CTX_ctrl(b->aes, EVP_CTRL_AEAD_GET_TAG, CIPHER_TAG,
			                         out) == 1);
	}
}

static int write_bound(struct bench *b, struct error *err)
{
	size_t k = 0;

	buf_truncate(&b->frames, 0);
	for (size_t at = 0; at < b->plain.len && b->codec->id != COMPRESS_NONE; at += BLOCK) {
		size_t before = b->frames.len;
		size_t n = b->plain.len - at < BLOCK ? b->plain.len - at : BLOCK;

		if (b->codec->encode(b->ctx, &b->frames, b->plain.data + at, n,
		                     b->codec->level_default, err) < 0)
			return -1;
		b->lengths[k++] = b->frames.len - before;
	}
	aes(b, b->codec->id == COMPRESS_NONE ? b->plain.len : b->frames.len, 1);
	return 0;
}

static int read_bound(struct bench *b, struct error *err)
{
	size_t k = 0, from = 0;

	if (b->frames.len == 0 && write_bound(b, err) < 0)
		return -1;
	aes(b, b->codec->id == COMPRESS_NONE ? b->plain.len : b->frames.len, 0);
	for (size_t at = 0; at < b->plain.len && b->codec->id != COMPRESS_NONE; at += BLOCK) {
		size_t n = b->plain.len - at < BLOCK ? b->plain.len - at : BLOCK;

		buf_truncate(&b->scratch, 0);
		if (b->codec->decode(b->ctx, &b->scratch, b->frames.data + from, b->lengths[k],
		                     n, err) < 0)
			return -1;
		from += b->lengths[k++];
	}
	return 0;
}

static const struct {
	const char *name;
	int (*run)(struct bench *b, struct error *err);
} works[] = {
	{ "write", write_full },        { "read", read_full },        { "quick", read_quick },
	{ "write-bound", write_bound }, { "read-bound", read_bound },
};

static int measure(struct bench *b, const char *what, struct error *err)
{
	int64_t best = INT64_MAX;

	if (write_container(b, err) < 0)
		return -1;
	if (strcmp(what, "stored") == 0) {
		printf("%zu\n", b->container.len);
		return 0;
	}
	for (size_t i = 0; i < ARRAY_SIZE(works); i++) {
		if (strcmp(works[i].name, what) != 0)
			continue;
		for (int k = 0; k <= REPEATS; k++) {
			int64_t began = clock_mono_us(), took;

			if (works[i].run(b, err) < 0)
				return -1;
			took = clock_mono_us() - began;
			best = k > 0 && took < best ? took : best;
		}
		printf("%.6f\n", (double)best / 1e6);
		return 0;
	}
	return error_set(err, ERR_INVALID, "%s: want write, read, quick, ...", what);
}

int main(int argc, char **argv)
{
	static const unsigned char key[CIPHER_KEY_SIZE] = { 1 };
	struct bench b = { .plain = BUF_INIT,
		           .container = BUF_INIT,
		           .frames = BUF_INIT,
		           .scratch = BUF_INIT };
	struct error err = ERROR_INIT;
	int result = -1;

	if (argc != 4 || !(b.codec = compress_by_name(argv[2]))) {
		fprintf(stderr, "usage: bench_codec_rates FILE CODEC WHAT\n");
		return 2;
	}
	b.key = secret_new(key, sizeof(key));
	b.ctx = b.codec->context_new();
	b.aes = EVP_CIPHER_CTX_new();
	must(b.aes && EVP_CipherInit_ex(b.aes, EVP_aes_256_gcm(), NULL, key, NULL, 1) == 1);
	if (file_read(&b.plain, argv[1], FILE_MAX, &err) == 0) {
		b.lengths = calloc(b.plain.len / BLOCK + 1, sizeof(*b.lengths));
		must(b.lengths != NULL);
		result = measure(&b, argv[3], &err);
	}
	if (result < 0)
		fprintf(stderr, "%s\n", err.text);
	free(b.lengths);
	b.codec->context_free(b.ctx);
	EVP_CIPHER_CTX_free(b.aes);
	secret_free(b.key);
	buf_finish(&b.plain);
	buf_finish(&b.container);
	buf_finish(&b.frames);
	buf_finish(&b.scratch);
	return result < 0;
}
