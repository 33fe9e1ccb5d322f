/* SPDX-License-Identifier: MIT */
/*
 * preamble: how both our files begin and how they grow.
 *
 *	off len
 *	0   8   magic; its bytes show at once what a text-mode transfer did to them
 *	8   1   major version, 1: others are refused
 *	9   1   minor version, 0: later ones are read
 *	10  2   flags: bit 0 encrypted; 1..7 may be ignored; an unknown one of 8..15 is refused
 *	12  4   length of the clear part, all of this and what follows up to the body
 *	…       (what is fixed in the file's version)
 *	…       fields: type (2), length (2), value; ascending types, none twice;
 *	        an unknown type with bit 15 set is refused, another one ignored
 *
 * Pure.
 */
#ifndef ENGINE_CODEC_PREAMBLE_H
#define ENGINE_CODEC_PREAMBLE_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/base/buf.h"

struct cursor;
struct error;

#define PREAMBLE_SIZE        16
#define PREAMBLE_CLEAR_MAX   65536 /* bytes of a clear part */
#define PREAMBLE_VERSION     1
#define PREAMBLE_ENCRYPTED   0x0001
#define PREAMBLE_CRITICAL    0xff00 /* flags; none is known yet */
#define PREAMBLE_FIELD_BOUND 0x8000 /* bit of a field's type */

/* One kind of file. */
struct preamble_kind {
	const char *name; /* "container" */
	unsigned char magic[8];
	size_t fixed; /* length of the clear part without fields */
};

struct preamble {
	uint16_t flags;
	uint32_t clear_length;
};

/* Appends a preamble whose length is yet to be known; set it with preamble_close(). */
void preamble_add(struct buf *out, const struct preamble_kind *kind, bool encrypted);
/* Writes the clear part's length: it began at `start` and ends here. */
void preamble_close(struct buf *out, size_t start);
/* Reads one. ERR_CORRUPT, ERR_UNSUPPORTED. */
int preamble_read(struct preamble *out, const struct preamble_kind *kind, struct cursor *c,
                  struct error *err);

void field_add(struct buf *out, uint16_t type, const void *value, size_t len);
/* Calls fn for every field up to the cursor's end. fn: 1 known, 0 not, -1 it failed. */
typedef int field_fn(void *arg, uint16_t type, struct str value, struct error *err);
int field_read_all(struct cursor *c, field_fn *fn, void *arg, struct error *err);

#endif
