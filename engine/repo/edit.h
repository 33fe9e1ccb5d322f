/* SPDX-License-Identifier: MIT */
/*
 * edit: changes what people wrote on a backup: its description and its tags.
 *
 * Only the envelope is rewritten, as one more generation, in place of exactly the version that
 * was read; the payload and all that says what is in it stay. So a backup is whole at every
 * moment, and has the old words or the new ones. Protected backups may be edited: nothing of
 * them is lost, and it is how the protection is taken off.
 *
 * Moving a backup copies its envelope: under the store's lease (lease.h) no edit gets lost in
 * between. It waits a few seconds for its turn.
 */
#ifndef ENGINE_REPO_EDIT_H
#define ENGINE_REPO_EDIT_H

#include <stddef.h>

#include "catalog/backup.h"

struct error;
struct repo;

struct edit_options {
	const char *description;       /* NULL: as it is */
	const struct backup_tag *tags; /* to set, as create_parse_tag() takes them */
	size_t tag_count;
	const char *const
		*removed; /* keys of tags to take away; those it lacks do not matter */
	size_t removed_count;
};

/*
 * 1 changed, 0 it was so already, -1. *out: the backup as it is now; caller frees. ERR_USAGE
 * when a limit of create.h is passed, ERR_NOT_FOUND, ERR_BUSY, ERR_DENIED (its secret is not
 * configured), ERR_INVALID (a failed attempt has no envelope).
 */
int repo_edit(struct backup **out, struct repo *r, const struct backup *b,
              const struct edit_options *o, struct error *err);

#endif
