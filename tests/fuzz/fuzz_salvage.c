/* SPDX-License-Identifier: MIT */
/*
 * Any bytes as a damaged container: what is saved of it is what was in it, or is refused;
 * never a crash.
 *
 * An input is read as a container as it is. It is also sealed, after the first 8 bytes, as
 * header and plain body; then the 8 bytes say what is damaged of it: how much is cut off, and
 * three places where a bit flips. Every part saved must be what the whole container gives.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/buf.h"
#include "engine/base/error.h"
#include "engine/codec/container.h"
#include "engine/codec/header.h"
#include "engine/codec/salvage.h"

#define ID        "sample"
#define PLENTY    ((uint64_t)1 << 20) /* plain bytes: more need no fuzzing */
#define PARTS_MAX 64
#define DAMAGES   4

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
	if (!holds)
		abort();
}

static int read_memory(void *arg, uint64_t offset, size_t len, struct buf *out,
                       struct error *err)
{
	const struct str *s = arg;

	(void)err;
	must(offset <= s->n && len <= s->n - offset);
	buf_add(out, s->p + offset, len);
	return 0;
}

static void read_saved(struct salvage *s, const struct container_part *want, const char *begins)
{
	autobuf out = BUF_INIT;
	struct digest d;
	bool saved;

	if (want->size > PLENTY)
		return;
	saved = salvage_read(s, want, begins, &out);
	must(saved || out.len == 0);
	if (!saved)
		return;
	digest_of(&d, out.data, out.len);
	must(out.len == want->size && memcmp(d.bytes, want->sha256.bytes, DIGEST_SIZE) == 0);
}

/* whole NULL: the parts are those that the damaged container's own index names. */
static void save(struct str bytes, const struct container *whole,
                 const struct container_header *expected)
{
	struct container_source source = { read_memory, &bytes, bytes.n };
	struct error err = ERROR_INIT;
	DEFER(salvage) *s = NULL;
	size_t damaged, count;

	if (salvage_open(&s, &source, ID, NULL, expected, &err) < 0) {
		must(err.code == ERR_CORRUPT || err.code == ERR_INVALID);
		return;
	}
	must(salvage_chunks(s, &damaged) > damaged);
	count = whole ? container_count(whole) : salvage_count(s);
	for (size_t i = 0; i < count && i < PARTS_MAX; i++)
		read_saved(s, whole ? container_at(whole, i) : salvage_at(s, i),
		           i % 2 ? "CREATE" : NULL);
}

static void damage(struct buf *bytes, const uint8_t how[2 * DAMAGES])
{
	for (size_t i = 0; i < DAMAGES; i++) {
		size_t n = (size_t)how[2 * i] << 8 | how[2 * i + 1];

		if (n == 0)
			continue;
		if (i == 0)
			buf_truncate(bytes, bytes->len - n % bytes->len);
		else
			bytes->data[n * 16 % bytes->len] ^= (char)(1 << n % 7);
	}
}

static void save_sealed(struct str input, const uint8_t how[2 * DAMAGES])
{
	struct error err = ERROR_INIT;
	struct header h;
	size_t length;
	autobuf bytes = BUF_INIT;
	autobuf context = BUF_INIT;
	autobuf copy = BUF_INIT;
	DEFER(container) *whole = NULL;
	struct str sealed;
	struct container_source source = { read_memory, &sealed, 0 };

	if (header_length(&length, input, &err) < 0 || length > input.n)
		return;
	if (header_read(&h, str_slice(input, 0, length), &err) < 0 || h.seen.encrypted)
		return;
	buf_add(&bytes, input.p, length);
	header_context(&context, ID, str_slice(input, 0, length));
	must(cipher_seal(&bytes, h.cipher, NULL, (struct str){ context.data, context.len },
	                 str_slice(input, length, input.n), &err) == 0);
	sealed = (struct str){ bytes.data, bytes.len };
	source.size = bytes.len;
	buf_add(&copy, bytes.data, bytes.len);
	damage(&copy, how);
	if (container_open(&whole, &source, ID, NULL, &err) < 0)
		whole = NULL;
	save((struct str){ copy.data, copy.len }, whole, NULL);
	save((struct str){ copy.data, copy.len }, whole, &h.seen);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str input = { (const char *)data, size };

	save(input, NULL, NULL);
	if (size > 2 * DAMAGES)
		save_sealed(str_slice(input, 2 * DAMAGES, size), data);
	return 0;
}
