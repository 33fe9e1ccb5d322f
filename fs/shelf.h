/* SPDX-License-Identifier: MIT */
/*
 * shelf: the backups that were looked at last, with their files, so that the
 * catalog is asked once and not for each file of a directory. Bounded by the
 * number of files. Thread-safe; the catalog is the caller's own.
 *
 * A card is what was known at a generation of the catalog. shelf_advance() says
 * that there is a newer one; older cards are then read again when next wanted.
 */
#ifndef FS_SHELF_H
#define FS_SHELF_H

#include <stddef.h>
#include <stdint.h>

#include "catalog/backup.h"
#include "engine/base/cleanup.h"

struct catalog;
struct content;
struct error;
struct shelf;

struct card {
	const struct backup *backup;    /* files included, sorted by name */
	const struct content *metadata; /* metadata.json */
};

struct shelf *shelf_new(size_t files);
void shelf_free(struct shelf *s); /* NULL is fine; no card may be held */
DEFINE_DEFER(shelf, shelf_free)

void shelf_advance(struct shelf *s);

/* A connection to the catalog; epoch counts how often its file was replaced. */
struct shelf_source {
	struct catalog *catalog;
	unsigned int epoch;
};
/* 1, 0 no such backup, -1. The card is held until card_drop(). */
int shelf_at(struct card **out, struct shelf *s, struct shelf_source from, int64_t row,
             struct error *err);
int shelf_find(struct card **out, struct shelf *s, struct shelf_source from, const char *id,
               struct error *err);

void card_drop(struct card *card); /* NULL is fine */
DEFINE_DEFER(card, card_drop)

/* The file of this name; NULL: none. */
const struct backup_file *card_file(const struct card *card, const char *name);
/* The index of the first file whose name is not before this one. */
size_t card_seek(const struct card *card, const char *name);

#endif
