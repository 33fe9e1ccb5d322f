/* SPDX-License-Identifier: MIT */
#include "engine/schema/planner.h"

void plan_create_view(struct planner *p, const struct object *o, bool replaces)
{
	plan_create_code(p, PHASE_VIEWS, o, replaces);
}
