/* SPDX-License-Identifier: MIT */
/*
 * lease: one host at a time for work that deletes or rewrites what is stored.
 *
 *	DEFER(lease) *l = NULL;
 *
 *	if (lease_take(&l, store, "cleanup", err) < 0)
 *		return -1;                     // ERR_BUSY says who holds it
 *	while (more to do) {
 *		if (lease_keep(l, err) < 0)    // before each step
 *			return -1;
 *		...
 *	}
 *
 * A lease is the object LEASE_KEY beside the backups, created by a put that never overwrites
 * and renewed, or taken over, by a replace that names the version read. It ends LEASE_SECONDS
 * after its last renewal, by the store's own clock, which a second object (LEASE_CLOCK_KEY,
 * there for a moment) tells: clocks of hosts are never compared. On the holder's own machine
 * the lease of a process that is gone ends at once.
 *
 * It spares hosts each other's work; it is not what keeps backups whole: every rewrite
 * names the version it replaces. Creating, reading and listing never ask for it. Not
 * thread-safe.
 */
#ifndef ENGINE_REPO_LEASE_H
#define ENGINE_REPO_LEASE_H

#include "engine/base/cleanup.h"

struct error;
struct lease;
struct store;

#define LEASE_KEY       "schemafs.lease"
#define LEASE_CLOCK_KEY "schemafs.clock"
#define LEASE_SECONDS   120

/* work: what it is for, as people read it. */
int lease_take(struct lease **out, struct store *s, const char *work, struct error *err);
/*
 * For work that frees space: on a full disk not even a lease can be written, and then *out is
 * NULL and the work may go on without, unless there is one of somebody.
 */
int lease_take_to_delete(struct lease **out, struct store *s, const char *work,
                         struct error *err);
/* Renews when it is time to. ERR_BUSY: it was lost, and the work must stop. */
int lease_keep(struct lease *l, struct error *err);
int lease_renew(struct lease *l, struct error *err); /* the same at once */
void lease_release(struct lease *l);                 /* NULL is fine */
DEFINE_DEFER(lease, lease_release)

#endif
