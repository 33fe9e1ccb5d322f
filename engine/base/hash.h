/* SPDX-License-Identifier: MIT */
/*
 * hash: texts to 64 bits, the same on every machine and for ever (FNV-1a):
 * inode numbers, places in a directory, large sets of names. Not for enemies: where two
 * texts are taken for one, nothing worse may come of it than an odd number or news that
 * come late. Pure.
 */
#ifndef ENGINE_BASE_HASH_H
#define ENGINE_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

#define HASH_START 0xcbf29ce484222325ULL

static inline uint64_t hash_bytes(uint64_t h, const void *data, size_t len)
{
	const unsigned char *p = data;

	for (size_t i = 0; i < len; i++)
		h = (h ^ p[i]) * 0x100000001b3ULL;
	return h;
}

/* With the NUL, so that neighbours stay apart. */
static inline uint64_t hash_text(uint64_t h, const char *text)
{
	while (*text)
		h = (h ^ (unsigned char)*text++) * 0x100000001b3ULL;
	return h * 0x100000001b3ULL;
}

static inline uint64_t hash_u64(uint64_t h, uint64_t v)
{
	return hash_bytes(h, &v, sizeof(v));
}

#endif
