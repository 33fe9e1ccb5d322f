/* SPDX-License-Identifier: MIT */
/*
 * Any bytes as a container: an error, or parts that fit their sums; never a crash.
 *
 * The tags of the chunks would stop nearly every input at once. So an input is
 * read three times: as a container; as header and plain body, which are then
 * sealed as they should be; as an index alone.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/buf.h"
#include "engine/base/error.h"
#include "engine/codec/container.h"
#include "engine/codec/header.h"
#include "engine/codec/index.h"

#define ID          "sample"
#define SMALL_BLOCK ((size_t)4096)
#define PLENTY      ((uint64_t)1 << 20) /* plain bytes: more need no fuzzing */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int read_memory(void *arg, uint64_t offset, size_t len, struct buf *out,
                       struct error *err)
{
	const struct str *s = arg;

	(void)err;
	if (offset > s->n || len > s->n - offset)
		abort(); /* readers stay within the size that they were given */
	buf_add(out, s->p + offset, len);
	return 0;
}

static void read_parts(struct container *c)
{
	for (size_t i = 0; i < container_count(c); i++) {
		const struct container_part *p = container_at(c, i);
		struct error err = ERROR_INIT;
		autobuf out = BUF_INIT;
		struct digest d;
		int found;

		if (p->size > PLENTY)
			continue;
		found = container_read(c, p->name, &out, &err);
		digest_of(&d, out.data, out.len);
		if (found == 0 || (found < 0 && out.len > 0) ||
		    (found > 0 && (out.len != p->size ||
		                   memcmp(d.bytes, p->sha256.bytes, sizeof(d.bytes)) != 0)))
			abort();
	}
}

static void read_container(struct str bytes)
{
	struct container_source source = { read_memory, &bytes, bytes.n };
	struct error err = ERROR_INIT, header_err = ERROR_INIT;
	struct container_header h;
	DEFER(container) *c = NULL;
	int header = container_read_header(&h, &source, &header_err);

	if (container_open(&c, &source, ID, NULL, &err) < 0)
		return;
	if (header < 0)
		abort();
	read_parts(c);
}

/* The input is a header and a plain body; the seal is made here. */
static void read_sealed(struct str input)
{
	struct error err = ERROR_INIT;
	struct header h;
	size_t length;
	autobuf bytes = BUF_INIT;
	autobuf context = BUF_INIT;

	if (header_length(&length, input, &err) < 0 || length > input.n)
		return;
	if (header_read(&h, str_slice(input, 0, length), &err) < 0 || h.seen.encrypted)
		return;
	buf_add(&bytes, input.p, length);
	header_context(&context, ID, str_slice(input, 0, length));
	if (cipher_seal(&bytes, h.cipher, NULL, (struct str){ context.data, context.len },
	                str_slice(input, length, input.n), &err) < 0)
		abort();
	read_container((struct str){ bytes.data, bytes.len });
}

/* The first bytes say how long the blocks are, the rest is an index. */
static void read_index(struct str input)
{
	struct error err = ERROR_INIT;
	DEFER(index) *x = NULL;
	uint16_t blocks = 0;

	if (input.n < sizeof(blocks))
		return;
	memcpy(&blocks, input.p, sizeof(blocks));
	if (index_read(&x, str_slice(input, sizeof(blocks), input.n), blocks, SMALL_BLOCK,
	               &err) == 0 &&
	    index_count(x) > input.n)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str input = { (const char *)data, size };

	read_container(input);
	read_sealed(input);
	read_index(input);
	return 0;
}
