/* SPDX-License-Identifier: MIT */
/*
 * diff_details: what is different between two objects of one name, in sentences.
 * Used by diff.c alone. Pure.
 */
#ifndef ENGINE_SCHEMA_DIFF_DETAILS_H
#define ENGINE_SCHEMA_DIFF_DETAILS_H

#include "engine/schema/diff.h"

struct diff_sides {
	const struct schema *from;
	const struct schema *to;
};

/* Fills the details of a change between two objects. */
void diff_details(struct change *c, struct arena *a);

/*
 * A view prints its own database's name while something it needs is missing, and
 * leaves it out otherwise: do two views differ in that alone?
 */
bool diff_views_alike(const struct diff_sides *sides, const struct object *from,
                      const struct object *to);

#endif
