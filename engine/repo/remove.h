/* SPDX-License-Identifier: MIT */
/*
 * remove: deletes a backup: envelope first (the end of the backup), then the
 * payload, then the catalog row.
 */
#ifndef ENGINE_REPO_REMOVE_H
#define ENGINE_REPO_REMOVE_H

#include <stdbool.h>

struct backup;
struct error;
struct repo;

/*
 * ERR_REFUSED without force for a backup tagged protected=true and for the only
 * completed backup of its database (the hint says --force). A FAILED attempt is only a row.
 * 1 this call took it away, 0 it was gone from the store already (deleted by somebody else, or
 * half before), and what was left of it is gone now.
 */
int repo_remove(struct repo *r, const struct backup *b, bool force, struct error *err);
/* Would it be refused without force? 0, -1 ERR_REFUSED. */
int repo_remove_check(struct repo *r, const struct backup *b, struct error *err);

#endif
