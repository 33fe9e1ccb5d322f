/* SPDX-License-Identifier: MIT */
/*
 * grants: what an account may see of a database, from SHOW GRANTS.
 *
 * Without its right a kind of object is not refused but absent: a server shows
 * no triggers to who has no TRIGGER. A backup must know that it does not know.
 *
 *	struct grants *g = grants_new("shop", server_info(s));
 *
 *	grants_add(g, line);             // each line of SHOW GRANTS
 *	visible = grants_visible(g);     // OBJECT_KIND_BITs
 *
 * A kind counts as visible when a right on *.* or on the whole database shows
 * every object of it; rights on single tables or routines do not. Pure. Internal.
 */
#ifndef ENGINE_SERVER_GRANTS_H
#define ENGINE_SERVER_GRANTS_H

#include "engine/base/buf.h"
#include "engine/base/cleanup.h"
#include "engine/schema/model.h"

struct grants;
struct server_info;

struct grants *grants_new(const char *database, const struct server_info *server);
void grants_free(struct grants *g); /* NULL is fine */
DEFINE_DEFER(grants, grants_free)

/* Lines that say nothing about what is visible are passed over. */
void grants_add(struct grants *g, struct str line);
/* The server runs without accounts: everything is visible. */
void grants_add_everything(struct grants *g);

unsigned int grants_visible(const struct grants *g);
bool grants_see_processes(const struct grants *g); /* everybody's */

/* Does a name match the pattern of a grant on a database? % and _ are wild, \ escapes them. */
bool grants_pattern_matches(const char *pattern, const char *name);

#endif
