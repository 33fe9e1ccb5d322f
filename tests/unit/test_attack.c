/* SPDX-License-Identifier: MIT */
/*
 * The two stored files of a backup in the hands of somebody who can write the store: swapped,
 * spliced, replayed, cut off, foreign, and mutants without number. Whatever is read is what was
 * written, or it is refused.
 *
 * SCHEMAFS_MUTANTS=200000 test_attack: so many mutants instead of the few of an ordinary run.
 */
#include "tests/unit/test.h"

#include <stdio.h>
#include <stdlib.h>

#include "engine/base/buf.h"
#include "engine/base/fsutil.h"
#include "engine/base/number.h"
#include "engine/base/secret.h"
#include "engine/codec/container.h"
#include "engine/codec/envelope.h"

#define MUTANTS_USUAL 20000
#define PARTS         3
#define SAMPLES       6

/* What was written, and the files that hold it. */
struct sample {
	const char *id;
	const struct compress_ops *codec;
	const struct secret *secret; /* NULL: not encrypted */
	struct buf parts[PARTS];
	struct buf metadata;
	struct buf container, envelope;
};

struct world {
	struct secret *old, *now;
	struct keyring *both, *only_now;
	struct sample samples[SAMPLES];
	uint64_t seed;
};

static const char *const names[PARTS] = { "model.json", "schema.sql", "objects/tables/t.sql" };

static uint64_t draw(struct world *w, uint64_t below)
{
	w->seed = w->seed * 6364136223846793005U + 1442695040888963407U;
	return below > 0 ? (w->seed >> 33) % below : 0;
}

static struct secret *new_key(struct world *w)
{
	unsigned char bytes[32];

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (unsigned char)draw(w, 256);
	return secret_new(bytes, sizeof(bytes));
}

static void fill_parts(struct sample *s, unsigned int which)
{
	for (unsigned int i = 0; s->parts[0].len < 300; i++)
		buf_addf(&s->parts[0], "{\"n\": %u, \"of\": %u},", i, which);
	for (unsigned int i = 0; s->parts[1].len < 36000; i++) /* more than two chunks */
		buf_addf(&s->parts[1], "CREATE TABLE `t%u_%u` (`c%u` int);\n", which, i * 7919,
		         i * i * which);
	buf_addf(&s->parts[2], "CREATE TABLE `t%u` (a int);\n", which);
	buf_addf(&s->metadata, "{\"database\":\"shop%u\"}", which);
}

static void write_envelope(struct sample *s, uint64_t generation, const struct secret *secret,
                           const struct secret *data_key, struct envelope *e)
{
	struct error err = ERROR_INIT;

	e->generation = generation;
	buf_truncate(&s->envelope, 0);
	assert_ok(envelope_write(&s->envelope, e, secret, secret ? data_key : NULL,
	                         s->metadata.data, s->metadata.len, &err));
}

static void write_sample(struct world *w, struct sample *s, unsigned int which)
{
	struct error err = ERROR_INIT;
	DEFER(container_writer) *writer = NULL;
	DEFER(secret) *data_key = new_key(w);
	const struct container_options o = {
		.backup_id = s->id,
		.data_key = s->secret ? data_key : NULL,
		.codec = s->codec,
		.level = s->codec->level_default,
		.created = 1763715791,
		.tool_version = "attack",
	};
	struct envelope e = { .codec = s->codec->id };

	fill_parts(s, which);
	assert_ok(container_writer_new(&writer, &o, &err));
	for (size_t i = 0; i < PARTS; i++)
		assert_ok(container_add(writer, names[i], s->parts[i].data, s->parts[i].len,
		                        NULL, &err));
	assert_ok(container_finish(writer, &s->container, e.container_id, &err));
	snprintf(e.backup_id, sizeof(e.backup_id), "%s", s->id);
	e.stored_size = s->container.len;
	digest_of(&e.stored_sha256, s->container.data, s->container.len);
	write_envelope(s, 1, s->secret, data_key, &e);
}

static int make(void **state)
{
	static struct world w;
	static const char *const codecs[SAMPLES] = { "zstd", "lz4",  "none",
		                                     "gzip", "zstd", "none" };
	struct error err = ERROR_INIT;

	w = (struct world){ .seed = 7 };
	w.old = new_key(&w);
	w.now = new_key(&w);
	w.both = keyring_new();
	w.only_now = keyring_new();
	assert_ok(keyring_add_secret(w.both, w.now, &err));
	assert_ok(keyring_add_secret(w.both, w.old, &err));
	assert_ok(keyring_add_secret(w.only_now, w.now, &err));
	for (unsigned int i = 0; i < SAMPLES; i++) {
		struct sample *s = &w.samples[i];

		/* The first two are of one backup: what a store held at two times. */
		s->id = i < 2 ? "backup_20261121_090311_1a2b3c4d" : "another";
		s->codec = compress_by_name(codecs[i]);
		s->secret = i < 4 ? w.now : NULL;
		write_sample(&w, s, i + 1);
	}
	*state = &w;
	return 0;
}

static int unmake(void **state)
{
	struct world *w = *state;

	for (size_t i = 0; i < SAMPLES; i++) {
		struct sample *s = &w->samples[i];

		for (size_t p = 0; p < PARTS; p++)
			buf_finish(&s->parts[p]);
		buf_finish(&s->metadata);
		buf_finish(&s->container);
		buf_finish(&s->envelope);
	}
	keyring_free(w->both);
	keyring_free(w->only_now);
	secret_free(w->old);
	secret_free(w->now);
	return 0;
}

static int read_memory(void *arg, uint64_t offset, size_t len, struct buf *out,
                       struct error *err)
{
	const struct str *s = arg;

	if (offset > s->n || len > s->n - offset)
		return error_set(err, ERR_STORE, "read past the end");
	buf_add(out, s->p + offset, len);
	return 0;
}

enum outcome { REFUSED, SAME, WRONG };

static bool is(const struct buf *a, const struct buf *b)
{
	return a->len == b->len && (a->len == 0 || memcmp(a->data, b->data, a->len) == 0);
}

/* Refusing is an answer only with one of the codes that a person is told. */
static enum outcome refused(struct error *err)
{
	assert_true(err->code == ERR_CORRUPT || err->code == ERR_DENIED ||
	            err->code == ERR_UNSUPPORTED || err->code == ERR_STORE);
	assert_true(err->text[0] != '\0');
	return REFUSED;
}

/* Reads two files as the backup that want is, and compares with what that holds. */
static enum outcome read_pair(const struct sample *want, struct str envelope,
                              struct str container, const struct keyring *k)
{
	struct container_source source = { read_memory, &container, container.n };
	struct error err = ERROR_INIT;
	DEFER(container) *c = NULL;
	DEFER(secret) *data_key = NULL;
	autobuf metadata = BUF_INIT;
	struct envelope e;

	if (envelope_open(&e, &data_key, &metadata, envelope.p, envelope.n, want->id, k, &err) <
	    0)
		return refused(&err);
	if (e.stored_size != container.n)
		return REFUSED; /* the reader of a repo looks at this first */
	if (container_open(&c, &source, want->id, data_key, &err) < 0)
		return refused(&err);
	if (!is(&metadata, &want->metadata))
		return WRONG;
	for (size_t i = 0; i < PARTS; i++) {
		autobuf got = BUF_INIT;
		int found = container_read(c, names[i], &got, &err);

		if (found < 0)
			return refused(&err);
		if (!found || !is(&got, &want->parts[i]))
			return WRONG;
	}
	return SAME;
}

static struct str str_of_buf(const struct buf *b)
{
	return (struct str){ b->data ? b->data : "", b->len };
}

static void what_was_written_is_read(void **state)
{
	const struct world *w = *state;

	for (size_t i = 0; i < SAMPLES; i++) {
		const struct sample *s = &w->samples[i];

		assert_int_equal(read_pair(s, str_of_buf(&s->envelope),
		                           str_of_buf(&s->container), w->only_now),
		                 SAME);
	}
}

static void files_of_two_backups_do_not_go_together(void **state)
{
	const struct world *w = *state;
	size_t refusals = 0;

	for (size_t i = 0; i < SAMPLES; i++) {
		for (size_t j = 0; j < SAMPLES; j++) {
			const struct sample *a = &w->samples[i], *b = &w->samples[j];

			/* Without encryption the hash in the envelope tells, on verifying. */
			if (i == j || (!a->secret && !b->secret))
				continue;
			assert_int_equal(read_pair(a, str_of_buf(&a->envelope),
			                           str_of_buf(&b->container), w->both),
			                 REFUSED);
			refusals++;
			/* Both files of another backup, under this one's name. */
			if (strcmp(a->id, b->id) == 0)
				continue;
			assert_int_equal(read_pair(a, str_of_buf(&b->envelope),
			                           str_of_buf(&b->container), w->both),
			                 REFUSED);
			refusals++;
		}
	}
	print_message("# %zu exchanges refused\n", refusals);
}

static void a_replayed_envelope_opens_with_its_old_secret_or_not_at_all(void **state)
{
	struct world *w = *state;
	struct sample *s = &w->samples[0];
	struct error err = ERROR_INIT;
	DEFER(secret) *data_key = NULL;
	autobuf metadata = BUF_INIT;
	autobuf first = BUF_INIT;
	struct envelope e;

	assert_ok(envelope_open(&e, &data_key, &metadata, s->envelope.data, s->envelope.len,
	                        s->id, w->both, &err));
	write_envelope(s, 1, w->old, data_key, &e);
	buf_move(&first, &s->envelope);
	write_envelope(s, 2, w->now, data_key, &e); /* rotated */
	assert_int_equal(
		read_pair(s, str_of_buf(&s->envelope), str_of_buf(&s->container), w->only_now),
		SAME);
	/* The old one is put back: the right contents, for those who have the old secret. */
	assert_int_equal(read_pair(s, str_of_buf(&first), str_of_buf(&s->container), w->both),
	                 SAME);
	assert_int_equal(
		read_pair(s, str_of_buf(&first), str_of_buf(&s->container), w->only_now),
		REFUSED);
}

static void every_length_but_the_right_one_is_refused(void **state)
{
	const struct world *w = *state;
	size_t refusals = 0;

	for (size_t i = 0; i < SAMPLES; i++) {
		const struct sample *s = &w->samples[i];
		struct str envelope = str_of_buf(&s->envelope),
			   container = str_of_buf(&s->container);

		for (size_t n = 0; n < envelope.n; n++, refusals++)
			assert_int_equal(
				read_pair(s, str_slice(envelope, 0, n), container, w->both),
				REFUSED);
		for (size_t n = 0; n < container.n; n += 1 + n / 200, refusals++)
			assert_int_equal(
				read_pair(s, envelope, str_slice(container, 0, n), w->both),
				REFUSED);
	}
	print_message("# %zu lengths refused\n", refusals);
}

static void foreign_files_are_refused(void **state)
{
	static const char *const texts[] = {
		"",           "\n",           "-- MariaDB dump 10.19\n", "{\"id\": \"x\"}",
		"PK\003\004", "\037\213\010", "\211MSB1\r\n\032\n",      "\211MSE1\r\n\032\n",
	};
	struct world *w = *state;
	const struct sample *s = &w->samples[0];

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		for (size_t len = 0; len <= 20000; len += 1000) {
			autobuf b = BUF_INIT;

			buf_adds(&b, texts[i]);
			while (b.len < len)
				buf_addc(&b, (char)draw(w, 256));
			assert_int_equal(read_pair(s, str_of_buf(&b), str_of_buf(&s->container),
			                           w->both),
			                 REFUSED);
			assert_int_equal(
				read_pair(s, str_of_buf(&s->envelope), str_of_buf(&b), w->both),
				REFUSED);
		}
	}
	assert_int_equal(
		read_pair(s, str_of_buf(&s->container), str_of_buf(&s->envelope), w->both),
		REFUSED);
}

/* A stretch of a file; short ones most of the time. */
static struct str stretch(struct world *w, const struct buf *b)
{
	size_t from = draw(w, b->len);
	size_t most = draw(w, 4) ? 64 : b->len;
	size_t len = 1 + draw(w, most);

	return str_slice(str_of_buf(b), from, from + len < b->len ? from + len : b->len);
}

static void cut(struct buf *out, const struct buf *b, struct str hole, struct str instead)
{
	size_t from = (size_t)(hole.p - b->data);

	buf_add(out, b->data, from);
	buf_add(out, instead.p, instead.n);
	buf_add(out, hole.p + hole.n, b->len - from - hole.n);
}

static void mutate_bytes(struct world *w, struct buf *out, const struct buf *b)
{
	buf_add(out, b->data, b->len);
	for (uint64_t n = 1 + draw(w, 3); n > 0; n--) {
		size_t at = draw(w, draw(w, 2) ? b->len : 256);

		if (draw(w, 2))
			out->data[at] ^= (char)(1U << draw(w, 8));
		else
			out->data[at] = (char)(draw(w, 2) ? 0xff : draw(w, 256));
	}
}

/* Appends a mutant of b, made of it and of other. */
static void mutate(struct world *w, struct buf *out, const struct buf *b,
                   const struct buf *other)
{
	struct str hole = stretch(w, b);

	switch (draw(w, 6)) {
	case 0:
		cut(out, b, hole, (struct str){ "", 0 });
		break;
	case 1: /* a stretch of another file in its place */
		cut(out, b, hole, stretch(w, other));
		break;
	case 2: /* of the same file */
		cut(out, b, hole, stretch(w, b));
		break;
	case 3: { /* the same stretch of another file */
		size_t from = (size_t)(hole.p - b->data);

		cut(out, b, hole,
		    str_slice(str_of_buf(other), from < other->len ? from : 0,
		              from + hole.n < other->len ? from + hole.n : other->len));
		break;
	}
	default:
		mutate_bytes(w, out, b);
	}
}

/* Makes the closing SHA-256 right again, as somebody who forges would. */
static void close_again(struct buf *b)
{
	struct digest d;

	if (b->len < DIGEST_SIZE)
		return;
	digest_of(&d, b->data, b->len - DIGEST_SIZE);
	memcpy(b->data + b->len - DIGEST_SIZE, d.bytes, DIGEST_SIZE);
}

static enum outcome try_mutant(struct world *w)
{
	const struct sample *s = &w->samples[draw(w, SAMPLES)];
	const struct sample *other = &w->samples[draw(w, SAMPLES)];
	autobuf mutant = BUF_INIT;

	if (draw(w, 3) == 0) {
		mutate(w, &mutant, &s->envelope, &other->envelope);
		if (s->secret && draw(w, 2))
			close_again(&mutant);
		return read_pair(s, str_of_buf(&mutant), str_of_buf(&s->container), w->both);
	}
	mutate(w, &mutant, &s->container, &other->container);
	return read_pair(s, str_of_buf(&s->envelope), str_of_buf(&mutant), w->both);
}

static void no_mutant_is_read_as_something_else(void **state)
{
	struct world *w = *state;
	const char *wanted = getenv("SCHEMAFS_MUTANTS");
	struct error err = ERROR_INIT;
	uint64_t count = MUTANTS_USUAL;
	size_t outcomes[WRONG + 1] = { 0 };

	if (wanted)
		assert_ok(number_parse_u64(&count, wanted, 1000000000, &err));
	for (uint64_t i = 0; i < count; i++)
		outcomes[try_mutant(w)]++;
	print_message("# %llu mutants: %zu refused, %zu read as written, %zu wrong\n",
	              (unsigned long long)count, outcomes[REFUSED], outcomes[SAME],
	              outcomes[WRONG]);
	assert_int_equal(outcomes[WRONG], 0);
	assert_true(outcomes[REFUSED] > count / 2);
}

#define IN_WORLD(check) cmocka_unit_test_setup_teardown(check, make, unmake)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_WORLD(what_was_written_is_read),
		IN_WORLD(files_of_two_backups_do_not_go_together),
		IN_WORLD(a_replayed_envelope_opens_with_its_old_secret_or_not_at_all),
		IN_WORLD(every_length_but_the_right_one_is_refused),
		IN_WORLD(foreign_files_are_refused),
		IN_WORLD(no_mutant_is_read_as_something_else),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
