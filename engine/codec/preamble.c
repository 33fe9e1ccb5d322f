/* SPDX-License-Identifier: MIT */
#include "engine/codec/preamble.h"

#include <assert.h>
#include <string.h>

#include "engine/base/error.h"
#include "engine/codec/cursor.h"

#define LENGTH_AT    12 /* of the clear part's length */
#define MAGIC_PREFIX 3  /* bytes that no transfer changes */

void preamble_add(struct buf *out, const struct preamble_kind *kind, bool encrypted)
{
	static const unsigned char version[] = { PREAMBLE_VERSION, 0 };

	buf_add(out, kind->magic, sizeof(kind->magic));
	buf_add(out, version, sizeof(version));
	buf_add_u16(out, encrypted ? PREAMBLE_ENCRYPTED : 0);
	buf_add_u32(out, 0);
}

void preamble_close(struct buf *out, size_t start)
{
	size_t len = out->len - start;

	assert(len <= PREAMBLE_CLEAR_MAX);
	for (size_t i = 0; i < 4; i++)
		out->data[start + LENGTH_AT + i] = (char)(unsigned char)(len >> 8 * i);
}

static int check_magic(const struct preamble_kind *kind, struct str magic, struct error *err)
{
	if (memcmp(magic.p, kind->magic, sizeof(kind->magic)) == 0)
		return 0;
	if (memcmp(magic.p + 1, kind->magic + 1, MAGIC_PREFIX) == 0) {
		error_set(err, ERR_CORRUPT, "the first bytes of the %s are damaged",
		          kind->name);
		return error_hint(err,
		                  "A transfer in text mode does this. Copy the file again, "
		                  "as binary.");
	}
	return error_set(err, ERR_CORRUPT, "not a backup %s", kind->name);
}

int preamble_read(struct preamble *out, const struct preamble_kind *kind, struct cursor *c,
                  struct error *err)
{
	struct str magic = cursor_bytes(c, sizeof(kind->magic));
	unsigned int major = cursor_u8(c), minor = cursor_u8(c);
	unsigned int unknown;

	out->flags = cursor_u16(c);
	out->clear_length = cursor_u32(c);
	if (c->failed)
		return error_set(err, ERR_CORRUPT, "%s is cut off: it has no whole header",
		                 kind->name);
	if (check_magic(kind, magic, err) < 0)
		return -1;
	if (major != PREAMBLE_VERSION) {
		error_set(err, ERR_UNSUPPORTED, "%s version %u.%u, known is %d", kind->name,
		          major, minor, PREAMBLE_VERSION);
		return error_hint(err, "A newer version of this program wrote it.");
	}
	unknown = out->flags & PREAMBLE_CRITICAL;
	if (unknown)
		return error_set(err, ERR_UNSUPPORTED, "%s has unknown critical flags %#x",
		                 kind->name, unknown);
	if (out->clear_length < kind->fixed || out->clear_length > PREAMBLE_CLEAR_MAX)
		return error_set(err, ERR_CORRUPT, "%s header: want %zu to %d bytes, got %u",
		                 kind->name, kind->fixed, PREAMBLE_CLEAR_MAX,
		                 out->clear_length);
	return 0;
}

void field_add(struct buf *out, uint16_t type, const void *value, size_t len)
{
	assert(len <= UINT16_MAX);
	buf_add_u16(out, type);
	buf_add_u16(out, (uint16_t)len);
	buf_add(out, value, len);
}

int field_read_all(struct cursor *c, field_fn *fn, void *arg, struct error *err)
{
	int last = -1;

	while (c->left > 0) {
		uint16_t type = cursor_u16(c);
		struct str value = cursor_bytes(c, cursor_u16(c));
		int known;

		if (c->failed)
			return error_set(err, ERR_CORRUPT, "header field %#x is cut off", type);
		if (type <= last)
			return error_set(err, ERR_CORRUPT, "header field %#x comes after %#x",
			                 type, (unsigned int)last);
		last = type;
		known = fn(arg, type, value, err);
		if (known < 0)
			return -1;
		if (!known && type & PREAMBLE_FIELD_BOUND)
			return error_set(err, ERR_UNSUPPORTED,
			                 "critical header field %#x is unknown", type);
	}
	return 0;
}
