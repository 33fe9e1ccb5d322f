/* SPDX-License-Identifier: MIT */
/*
 * The body of a container, numbers little-endian:
 *
 *	blocks, one behind the other, those of a part together
 *	index:
 *		4  number of parts
 *		4  number of blocks
 *		per part:
 *			2   length of the name, 1 to 512
 *			…   name, without NUL; no two alike
 *			8   plain length, at most 2^30
 *			32  SHA-256 of the plain bytes
 *			4   first block: as many as all parts before have
 *			4   number of blocks: plain length / block size, rounded up
 *		per block:
 *			4   stored length, 1 to its plain length
 *	trailer:
 *		4  length of the index
 *		8  end mark "MSB1-END"
 *
 * All blocks of a part but its last hold block size plain bytes. A block whose
 * stored length is its plain length is those bytes; a shorter one is a frame of
 * the header's codec.
 */
#include "engine/codec/index.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

#include "engine/base/arena.h"
#include "engine/base/error.h"
#include "engine/base/map.h"
#include "engine/base/mem.h"
#include "engine/codec/cursor.h"

#define PART_FIXED 50 /* bytes of a part in the index, less its name */

static const char end_mark[8] = { 'M', 'S', 'B', '1', '-', 'E', 'N', 'D' };

struct block {
	uint64_t offset;
	uint32_t stored_len;
};

struct index {
	size_t block_size;
	struct index_part *parts;
	size_t part_count, part_capacity;
	struct block *blocks;
	size_t block_count, block_capacity;
	uint64_t blocks_size;
	struct map *by_name; /* size_t *: the place in parts, which moves while it grows */
	struct arena *arena; /* names and places */
};

struct index *index_new(size_t block_size)
{
	struct index *x = mem_alloc(sizeof(*x));

	x->block_size = block_size;
	x->by_name = map_new();
	x->arena = arena_new();
	return x;
}

void index_free(struct index *x)
{
	if (!x)
		return;
	map_free(x->by_name);
	arena_free(x->arena);
	free(x->parts);
	free(x->blocks);
	free(x);
}

static int check_part(const struct index *x, struct str name, uint64_t size, struct error *err)
{
	if (name.n == 0 || name.n > CONTAINER_NAME_MAX || memchr(name.p, '\0', name.n))
		return error_set(err, ERR_INVALID,
		                 "part %zu: a name of %zu bytes, or with NUL in it; limit %d",
		                 x->part_count, name.n, CONTAINER_NAME_MAX);
	if (size > CONTAINER_PART_MAX)
		return error_set(err, ERR_INVALID,
		                 "part %.*s: %" PRIu64 " bytes, limit %" PRIu64, STR_ARG(name),
		                 size, CONTAINER_PART_MAX);
	return 0;
}

static int add_part(struct index *x, struct str name, uint64_t size,
                    const struct digest *sha256, struct error *err)
{
	struct index_part p = { .seen = { .size = size, .sha256 = *sha256 } };
	size_t *place;

	if (check_part(x, name, size, err) < 0)
		return -1;
	p.seen.name = arena_strndup(x->arena, name.p, name.n);
	p.block_count = (size_t)((size + x->block_size - 1) / x->block_size);
	if (x->part_count > 0) {
		const struct index_part *last = &x->parts[x->part_count - 1];

		p.first_block = last->first_block + last->block_count;
	}
	if (map_has(x->by_name, p.seen.name))
		return error_set(err, ERR_EXISTS, "two parts are named %s", p.seen.name);
	place = arena_alloc(x->arena, sizeof(*place));
	*place = x->part_count;
	map_set(x->by_name, p.seen.name, place);
	MEM_GROW(x->parts, x->part_count, x->part_capacity);
	x->parts[x->part_count++] = p;
	return 0;
}

int index_add_part(struct index *x, const char *name, uint64_t size, struct error *err)
{
	static const struct digest not_yet;

	return add_part(x, str_of(name), size, &not_yet, err);
}

void index_set_sum(struct index *x, const struct digest *sha256)
{
	assert(x->part_count > 0);
	x->parts[x->part_count - 1].seen.sha256 = *sha256;
}

void index_add_block(struct index *x, size_t stored_len)
{
	assert(stored_len > 0 && stored_len <= x->block_size);
	MEM_GROW(x->blocks, x->block_count, x->block_capacity);
	x->blocks[x->block_count++] = (struct block){ x->blocks_size, (uint32_t)stored_len };
	x->blocks_size += stored_len;
}

int index_write(struct buf *out, const struct index *x, struct error *err)
{
	size_t start = out->len, len;

	buf_add_u32(out, (uint32_t)x->part_count);
	buf_add_u32(out, (uint32_t)x->block_count);
	for (size_t i = 0; i < x->part_count; i++) {
		const struct index_part *p = &x->parts[i];
		struct str name = str_of(p->seen.name);

		buf_add_u16(out, (uint16_t)name.n);
		buf_add(out, name.p, name.n);
		buf_add_u64(out, p->seen.size);
		buf_add(out, p->seen.sha256.bytes, sizeof(p->seen.sha256.bytes));
		buf_add_u32(out, (uint32_t)p->first_block);
		buf_add_u32(out, (uint32_t)p->block_count);
	}
	for (size_t i = 0; i < x->block_count; i++)
		buf_add_u32(out, x->blocks[i].stored_len);
	len = out->len - start;
	if (len > INDEX_MAX)
		return error_set(err, ERR_INVALID,
		                 "%zu parts need an index of %zu bytes, limit %zu",
		                 x->part_count, len, INDEX_MAX);
	buf_add_u32(out, (uint32_t)len);
	buf_add(out, end_mark, sizeof(end_mark));
	return 0;
}

int index_length(size_t *out, struct str trailer, struct error *err)
{
	struct cursor c = { (const unsigned char *)trailer.p, trailer.n };
	size_t len = cursor_u32(&c);
	struct str mark = cursor_bytes(&c, sizeof(end_mark));

	if (c.failed || c.left > 0 || memcmp(mark.p, end_mark, sizeof(end_mark)) != 0)
		return error_set(err, ERR_CORRUPT, "the end mark is missing");
	if (len > INDEX_MAX)
		return error_set(err, ERR_CORRUPT, "index: %zu bytes, limit %zu", len,
		                 INDEX_MAX);
	*out = len;
	return 0;
}

static int read_part(struct index *x, struct cursor *c, struct error *err)
{
	struct str name = cursor_bytes(c, cursor_u16(c));
	uint64_t size = cursor_u64(c);
	struct digest sha256;
	size_t first, count;
	const struct index_part *p;

	cursor_copy(c, sha256.bytes, sizeof(sha256.bytes));
	first = cursor_u32(c);
	count = cursor_u32(c);
	if (c->failed)
		return error_set(err, ERR_CORRUPT, "index: part %zu is cut off", x->part_count);
	if (add_part(x, name, size, &sha256, err) < 0) {
		err->code = ERR_CORRUPT; /* not the caller's doing, as it is in writing */
		return error_wrap(err, "index");
	}
	p = &x->parts[x->part_count - 1];
	if (first != p->first_block || count != p->block_count)
		return error_set(err, ERR_CORRUPT,
		                 "index: part %s: want %zu blocks from %zu, got %zu from %zu",
		                 p->seen.name, p->block_count, p->first_block, count, first);
	return 0;
}

/* The plain length of the i-th block of a part. */
static size_t block_plain_len(const struct index *x, const struct index_part *p, size_t i)
{
	if (i + 1 < p->block_count)
		return x->block_size;
	return (size_t)(p->seen.size - (uint64_t)i * x->block_size);
}

static int read_blocks(struct index *x, const struct index_part *p, struct cursor *c,
                       struct error *err)
{
	for (size_t i = 0; i < p->block_count; i++) {
		size_t stored = cursor_u32(c), plain = block_plain_len(x, p, i);

		if (stored == 0 || stored > plain)
			return error_set(err, ERR_CORRUPT,
			                 "index: part %s: block of %zu bytes stored in %zu",
			                 p->seen.name, plain, stored);
		index_add_block(x, stored);
	}
	return 0;
}

int index_read(struct index **out, struct str whole, uint64_t blocks_size, size_t block_size,
               struct error *err)
{
	DEFER(index) *x = index_new(block_size);
	struct cursor c = { (const unsigned char *)whole.p, whole.n };
	uint64_t parts = cursor_u32(&c), blocks = cursor_u32(&c);
	uint64_t wanted = 0;

	if (parts * PART_FIXED + blocks * 4 > c.left)
		return error_set(err, ERR_CORRUPT,
		                 "index: %" PRIu64 " parts and %" PRIu64 " blocks in %zu bytes",
		                 parts, blocks, whole.n);
	for (uint64_t i = 0; i < parts; i++) {
		if (read_part(x, &c, err) < 0)
			return -1;
		wanted += x->parts[i].block_count;
	}
	if (wanted != blocks || c.left != blocks * 4)
		return error_set(err, ERR_CORRUPT,
		                 "index: want %" PRIu64 " blocks, got %" PRIu64 " in %zu bytes",
		                 wanted, blocks, c.left);
	for (size_t i = 0; i < x->part_count; i++) {
		if (read_blocks(x, &x->parts[i], &c, err) < 0)
			return -1;
	}
	if (x->blocks_size != blocks_size)
		return error_set(err, ERR_CORRUPT,
		                 "index: blocks take %" PRIu64 " bytes, there are %" PRIu64,
		                 x->blocks_size, blocks_size);
	*out = take(x);
	return 0;
}

size_t index_count(const struct index *x)
{
	return x->part_count;
}

const struct index_part *index_at(const struct index *x, size_t i)
{
	assert(i < x->part_count);
	return &x->parts[i];
}

const struct index_part *index_find(const struct index *x, const char *name)
{
	const size_t *place = map_get(x->by_name, name);

	return place ? &x->parts[*place] : NULL;
}

struct index_block index_block(const struct index *x, const struct index_part *p, size_t i)
{
	const struct block *b = &x->blocks[p->first_block + i];

	assert(i < p->block_count);
	return (struct index_block){ b->offset, b->stored_len, block_plain_len(x, p, i) };
}
