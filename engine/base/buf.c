/* SPDX-License-Identifier: MIT */
#include "engine/base/buf.h"

#include <assert.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "engine/base/mem.h"
#include "engine/base/number.h"

#define LARGE ((size_t)4 << 20)

char buf_empty[1]; /* every empty buffer points here; never written */

void buf_finish(struct buf *b)
{
	if (b->cap > 0)
		free(b->data);
	*b = BUF_INIT;
}

/*
 * Pages of 2 MB for what is large: filling 24 MB by pages of 4 KB takes longer than encrypting
 * them. Only advice, and only where the system waits for it (transparent_hugepage: madvise).
 */
static void advise(char *data, size_t cap)
{
	uintptr_t page, skip;

	if (cap < LARGE)
		return;
	page = (uintptr_t)sysconf(_SC_PAGESIZE);
	skip = (page - (uintptr_t)data % page) % page;
	(void)madvise(data + skip, (cap - skip) / page * page, MADV_HUGEPAGE);
}

void buf_reserve(struct buf *b, size_t more)
{
	size_t need = b->len + more + 1;
	size_t cap = b->cap < 32 ? 32 : b->cap;

	assert(need > more);
	if (need <= b->cap)
		return;
	while (cap < need)
		cap = cap > SIZE_MAX / 2 ? need : cap * 2;
	b->data = mem_resize(b->cap > 0 ? b->data : NULL, cap, 1);
	b->cap = cap;
	advise(b->data, cap);
	b->data[b->len] = '\0';
}

void buf_add(struct buf *b, const void *data, size_t len)
{
	if (len == 0)
		return;
	if (b->cap - b->len <= len) /* mostly there is room: JSON is written piece by piece */
		buf_reserve(b, len);
	memcpy(b->data + b->len, data, len);
	b->len += len;
	b->data[b->len] = '\0';
}

void buf_adds(struct buf *b, const char *s)
{
	buf_add(b, s, strlen(s));
}

void buf_addc(struct buf *b, char c)
{
	buf_add(b, &c, 1);
}

void buf_addf(struct buf *b, const char *fmt, ...)
{
	va_list ap;
	int n;

	assert(fmt);
	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	assert(n >= 0);
	buf_reserve(b, (size_t)n);
	va_start(ap, fmt);
	vsnprintf(b->data + b->len, (size_t)n + 1, fmt, ap);
	va_end(ap);
	b->len += (size_t)n;
}

void buf_truncate(struct buf *b, size_t len)
{
	assert(len <= b->len);
	if (b->cap == 0)
		return;
	b->len = len;
	b->data[len] = '\0';
}

char *buf_take(struct buf *b)
{
	char *data = b->cap > 0 ? b->data : mem_strndup("", 0);

	*b = BUF_INIT;
	return data;
}

void buf_move(struct buf *to, struct buf *from)
{
	if (to == from)
		return;
	buf_finish(to);
	*to = *from;
	*from = BUF_INIT;
}

static void add_little_endian(struct buf *b, uint64_t v, size_t bytes)
{
	unsigned char raw[8];

	for (size_t i = 0; i < bytes; i++)
		raw[i] = (unsigned char)(v >> (8 * i));
	buf_add(b, raw, bytes);
}

void buf_add_u16(struct buf *b, uint16_t v)
{
	add_little_endian(b, v, 2);
}

void buf_add_u32(struct buf *b, uint32_t v)
{
	add_little_endian(b, v, 4);
}

void buf_add_u64(struct buf *b, uint64_t v)
{
	add_little_endian(b, v, 8);
}

void buf_add_hex(struct buf *b, const void *data, size_t len)
{
	assert(len < SIZE_MAX / 2);
	buf_reserve(b, 2 * len);
	number_format_hex(b->data + b->len, data, len);
	b->len += 2 * len;
}

struct str str_of(const char *s)
{
	return s ? (struct str){ s, strlen(s) } : (struct str){ "", 0 };
}

struct str str_slice(struct str s, size_t from, size_t to)
{
	if (to > s.n)
		to = s.n;
	if (from > to)
		from = to;
	return (struct str){ s.p + from, to - from };
}

bool str_equal(struct str a, struct str b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

bool str_is(struct str a, const char *b)
{
	return str_equal(a, str_of(b));
}

static char fold(char c)
{
	if (c >= 'A' && c <= 'Z')
		return (char)(c | 0x20);
	return c;
}

bool str_is_nocase(struct str a, const char *b)
{
	size_t i;

	for (i = 0; i < a.n; i++) {
		if (b[i] == '\0' || fold(a.p[i]) != fold(b[i]))
			return false;
	}
	return b[i] == '\0';
}

bool str_has_prefix(struct str s, const char *prefix)
{
	size_t n = strlen(prefix);

	return s.n >= n && (n == 0 || memcmp(s.p, prefix, n) == 0);
}

bool str_has_suffix(struct str s, const char *suffix)
{
	size_t n = strlen(suffix);

	return s.n >= n && (n == 0 || memcmp(s.p + s.n - n, suffix, n) == 0);
}

int str_compare(struct str a, struct str b)
{
	size_t n = a.n < b.n ? a.n : b.n;
	int order = n > 0 ? memcmp(a.p, b.p, n) : 0;

	if (order != 0)
		return order;
	return (a.n > b.n) - (a.n < b.n);
}

static bool is_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

struct str str_trim(struct str s)
{
	while (s.n > 0 && is_blank(s.p[0])) {
		s.p++;
		s.n--;
	}
	while (s.n > 0 && is_blank(s.p[s.n - 1]))
		s.n--;
	return s;
}
