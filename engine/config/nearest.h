/* SPDX-License-Identifier: MIT */
/*
 * nearest: "did you mean". Offer every word that would have been right and take
 * the one that is closest to what was typed, if it is close enough to help.
 *
 *	struct nearest n = NEAREST_INIT(typed);
 *
 *	for (...)
 *		nearest_offer(&n, word);
 *	if (n.word.p) ...
 *
 * Pure; the words are borrowed.
 */
#ifndef ENGINE_CONFIG_NEAREST_H
#define ENGINE_CONFIG_NEAREST_H

#include "engine/base/buf.h"

struct nearest {
	struct str typed;
	struct str word; /* p NULL: nothing near yet */
	unsigned int distance;
};
#define NEAREST_INIT(what) ((struct nearest){ .typed = (what) })

void nearest_offer(struct nearest *n, struct str word);

#endif
