/* SPDX-License-Identifier: MIT */
/*
 * envelopes: the same work on every stored envelope, several at a time.
 *
 * For verbs of engine/repo only. work runs on the threads of a pool and touches no catalog;
 * done gets what became of a batch, in the order of the ids, on the caller's thread.
 */
#ifndef ENGINE_REPO_ENVELOPES_H
#define ENGINE_REPO_ENVELOPES_H

#include <stddef.h>

#include "engine/base/error.h"
#include "engine/base/name.h"

struct backup;
struct repo;

struct envelope_item {
	char id[NAME_BACKUP_ID_MAX + 1];
	int outcome;           /* the verb's own; 0: work was not begun */
	struct backup *backup; /* what work found out, freed after done; or NULL */
	struct error why;      /* what went wrong with this one */
};

struct envelope_visitor {
	void (*work)(void *arg, struct envelope_item *item);
	int (*done)(void *arg, const struct envelope_item *items, size_t count,
	            struct error *err);
	void *arg;
	size_t workers;
};

/* *total: how many there are, before the first work. Ends between batches when cancelled. */
int envelopes_visit(size_t *total, struct repo *r, const struct envelope_visitor *v,
                    struct error *err);

#endif
