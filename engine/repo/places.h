/* SPDX-License-Identifier: MIT */
/*
 * places: other stores in which backups of this repo lie, because they were moved there.
 *
 * A place is a directory, or a configuration file that describes a store. Those of
 * backup.storage.also are always there; those that a move went to are remembered in the
 * catalog, and lost with it. Every verb finds backups in all places (store/union.h). Not
 * thread-safe.
 */
#ifndef ENGINE_REPO_PLACES_H
#define ENGINE_REPO_PLACES_H

struct error;
struct repo;
struct store;

/* Opens the store at a place; caller closes. */
int place_open(struct store **out, const struct repo *r, const char *place, struct error *err);
/*
 * Adds what configuration and catalog name. Again before each refresh: others may move, too.
 * One that cannot be used is logged: the rest goes on, and rows about backups there stay.
 */
void places_load(struct repo *r);
/* Remembers one from now on, and adds it. */
int places_add(struct repo *r, const char *place, struct error *err);

#endif
