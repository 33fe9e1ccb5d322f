/* SPDX-License-Identifier: MIT */
/*
 * buf: growing bytes for building, and str: a look at text someone else owns.
 *
 *	autobuf sql = BUF_INIT;
 *
 *	buf_addf(&sql, "SHOW CREATE TABLE %s", name);
 *	use(sql.data, sql.len);
 *
 * data is always NUL-terminated (the NUL is not counted), also when empty.
 * Not thread-safe (one per thread).
 */
#ifndef ENGINE_BASE_BUF_H
#define ENGINE_BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf {
	char *data;
	size_t len;
	size_t cap; /* 0: data is not on the heap */
};

extern char buf_empty[1];
#define BUF_INIT ((struct buf){ .data = buf_empty })
#define autobuf  __attribute__((cleanup(buf_finish))) struct buf

void buf_finish(struct buf *b); /* frees; b is empty and usable again */
void buf_reserve(struct buf *b, size_t more);
void buf_add(struct buf *b, const void *data, size_t len);
void buf_adds(struct buf *b, const char *s);
void buf_addc(struct buf *b, char c);
void buf_addf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void buf_truncate(struct buf *b, size_t len);    /* len <= b->len */
char *buf_take(struct buf *b);                   /* caller frees; b is empty afterwards */
void buf_move(struct buf *to, struct buf *from); /* frees what was in to; from is empty */

/* Little-endian numbers, for the formats on disk. */
void buf_add_u16(struct buf *b, uint16_t v);
void buf_add_u32(struct buf *b, uint32_t v);
void buf_add_u64(struct buf *b, uint64_t v);
void buf_add_hex(struct buf *b, const void *data, size_t len); /* lower case */

struct str {
	const char *p;
	size_t n;
};
#define STR_ARG(s) (int)(s).n, (s).p /* for "%.*s" */

struct str str_of(const char *s); /* of a C string; NULL gives an empty one */
struct str str_slice(struct str s, size_t from, size_t to);
bool str_equal(struct str a, struct str b);
bool str_is(struct str a, const char *b);        /* equals, byte by byte */
bool str_is_nocase(struct str a, const char *b); /* equals, ASCII letters folded */
bool str_has_prefix(struct str s, const char *prefix);
bool str_has_suffix(struct str s, const char *suffix);
int str_compare(struct str a, struct str b); /* bytewise; a shorter prefix comes first */
struct str str_trim(struct str s);           /* without ASCII blanks at both ends */

#endif
