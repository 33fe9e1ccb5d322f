/* SPDX-License-Identifier: MIT */
/*
 * cipher: bytes in sealed chunks, of which any range can be opened alone.
 *
 *	lead[ops->lead] ‖ chunk 0 ‖ chunk 1 ‖ … ‖ last chunk
 *
 * A chunk is 16,384 bytes and a tag of 16; the last one always holds fewer
 * bytes, perhaps none. So there is one chunking per length, and an end that was
 * cut off shows. The tag binds a chunk's bytes to its number, to the lead and
 * to a context, which says what the bytes are for.
 *
 * Two ciphers: Cobblestone-256, secret and authentic under a key; and "none",
 * whose tags are truncated SHA-256: they show damage, not forgery.
 * Streams are not thread-safe (one per thread).
 */
#ifndef ENGINE_CODEC_CIPHER_H
#define ENGINE_CODEC_CIPHER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/base/buf.h"
#include "engine/base/cleanup.h"

struct error;
struct secret;

#define CIPHER_CHUNK    ((size_t)16384)
#define CIPHER_TAG      ((size_t)16)
#define CIPHER_STRIDE   (CIPHER_CHUNK + CIPHER_TAG)
#define CIPHER_LEAD_MAX 56
#define CIPHER_KEY_SIZE 32

/* The numbers are stored in containers and envelopes: never change one. */
enum cipher_id { CIPHER_NONE = 0, CIPHER_COBBLESTONE = 1 };

struct cipher_ops;

/* The first member of every cipher's own struct. */
struct cipher_stream {
	const struct cipher_ops *ops;
};

struct cipher_ops {
	enum cipher_id id;
	const char *name;
	size_t lead; /* bytes before the first chunk, at most CIPHER_LEAD_MAX */

	/* Begins a new stream and fills its lead. key: CIPHER_KEY_SIZE bytes; NULL for "none".
	 */
	int (*begin)(struct cipher_stream **out, unsigned char *lead, const struct secret *key,
	             struct str context, struct error *err);
	/* Takes up a stream by its lead: ERR_DENIED or ERR_CORRUPT if key or context do not
	 * fit. */
	int (*resume)(struct cipher_stream **out, const unsigned char *lead,
	              const struct secret *key, struct str context, struct error *err);
	/* The same without looking whether key and context fit, for a lead that may be damaged:
	 * whether a chunk opens says that. */
	int (*take_up)(struct cipher_stream **out, const unsigned char *lead,
	               const struct secret *key, struct str context, struct error *err);
	/* Chunk k: plain.n bytes and the tag to out. */
	void (*seal)(struct cipher_stream *s, uint64_t k, struct str plain, unsigned char *out);
	/* sealed.n counts the tag. False: not authentic. */
	bool (*open)(struct cipher_stream *s, uint64_t k, struct str sealed,
	             unsigned char *out);
	void (*free)(struct cipher_stream *s);
};

extern const struct cipher_ops cipher_none;
extern const struct cipher_ops cipher_cobblestone;

const struct cipher_ops *cipher_by_id(unsigned int id); /* NULL: unknown */

void cipher_stream_free(struct cipher_stream *s); /* NULL is fine */
DEFINE_DEFER(cipher_stream, cipher_stream_free)

/* How many bytes the chunks of `plain` bytes take, without the lead. */
uint64_t cipher_sealed_size(uint64_t plain);
/* The other way. False: no whole stream has this length. */
bool cipher_plain_size(uint64_t *plain, uint64_t sealed);

/* Appends lead and chunks of a whole stream. */
int cipher_seal(struct buf *out, const struct cipher_ops *ops, const struct secret *key,
                struct str context, struct str plain, struct error *err);
/* Appends the plain bytes of consecutive whole chunks, the first of which is chunk k. */
int cipher_open_chunks(struct cipher_stream *s, uint64_t k, struct str chunks, struct buf *out,
                       struct error *err);
/* Appends the plain bytes of a whole stream, lead included. */
int cipher_open(struct buf *out, const struct cipher_ops *ops, const struct secret *key,
                struct str context, struct str sealed, struct error *err);

#endif
