/* SPDX-License-Identifier: MIT */
/*
 * scratch: databases that a run makes for itself and drops again.
 *
 * Their names are "_mss_scratch_" and 16 hexadecimal digits. The session that made one holds
 * a lock (GET_LOCK) of the same name as long as it lives: one whose lock is free was
 * left behind, by a run that was killed or lost its server, and may go.
 */
#ifndef ENGINE_SERVER_SCRATCH_H
#define ENGINE_SERVER_SCRATCH_H

#include <stdbool.h>
#include <stddef.h>

struct error;
struct server;

#define SCRATCH_NAME_SIZE 32

/* Is this a name that scratch_create() gives? */
bool scratch_is_name(const char *database);

/* ERR_DENIED says what to grant. */
int scratch_create(char name[SCRATCH_NAME_SIZE], struct server *s, const char *charset,
                   const char *collation, struct error *err);
/* Drops it and gives up its lock. */
int scratch_drop(struct server *s, const char *name, struct error *err);
/* Drops those whose session is gone. Those that it may not drop stay. */
int scratch_sweep(struct server *s, size_t *dropped, struct error *err);

#endif
