/* SPDX-License-Identifier: MIT */
/*
 * must: for calls of OpenSSL that fail only when memory is out or the library
 * is broken. Ends the process, as mem.h does: there is no sensible way on.
 * Thread-safe.
 */
#ifndef ENGINE_CODEC_MUST_H
#define ENGINE_CODEC_MUST_H

#include <stdio.h>
#include <stdlib.h>

static inline void must(int ok, const char *what)
{
	if (ok == 1)
		return;
	fprintf(stderr, "%s: the crypto library fails (out of memory?)\n", what);
	abort();
}

#endif
