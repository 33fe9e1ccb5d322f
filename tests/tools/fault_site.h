/* SPDX-License-Identifier: MIT */
/*
 * fault_site: a directory with a store, a catalog and backups in it, for the programs that
 * try to lose some of them.
 *
 *	struct fault_site s = { 0 };
 *
 *	if (fault_site_open(&s, "/dev/shm/x", FAULT_SECRET_A, err) < 0)
 *		return -1;
 *	...
 *	fault_site_close(&s);
 *
 * The store is DIR/store, the catalog DIR/catalog.db. Not thread-safe.
 */
#ifndef TESTS_TOOLS_FAULT_SITE_H
#define TESTS_TOOLS_FAULT_SITE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct backup;
struct config;
struct error;
struct repo;

/* Which of the two secrets is the current one; the other is known as a previous one. */
enum fault_secret { FAULT_SECRET_A, FAULT_SECRET_B };

struct fault_site {
	char dir[200];
	const char *retention; /* as in the configuration; NULL: the two newest stay */
	struct config *config;
	struct repo *repo;
};
int fault_site_open(struct fault_site *s, const char *dir, enum fault_secret secret,
                    struct error *err);
/* Without the repo: for those who open that themselves. */
int fault_site_configure(struct fault_site *s, const char *dir, enum fault_secret secret,
                         struct error *err);
void fault_site_close(struct fault_site *s);
char *fault_site_path(const struct fault_site *s, const char *name); /* caller frees */

/* A backup of a schema that no other has: number makes it. Caller frees. */
int fault_site_create(struct backup **out, struct repo *r, const char *database,
                      unsigned int number, struct error *err);

/* What is known to be stored, to be compared with what is found. */
struct fault_known {
	char id[80];
	char hash[65]; /* of the schema */
	bool may_go;   /* somebody is deleting it */
	bool gone;     /* somebody was told that it is deleted */
};
struct fault_book {
	struct fault_known *items;
	size_t count, capacity;
};
struct fault_known *fault_book_add(struct fault_book *b, const char *id, const char *hash);
struct fault_known *fault_book_find(const struct fault_book *b, const char *id);
void fault_book_finish(struct fault_book *b);

/*
 * Brings the catalog up to date as a command does at its start, and compares: what is in the
 * book and may not go is listed, whole and equal; whatever is listed is whole; what is gone is
 * not listed; nothing is listed that nobody made (when strict). *listed (NULL is fine): how
 * many. ERR_CORRUPT says what is wrong.
 */
int fault_site_check(struct fault_site *s, const struct fault_book *b, bool strict,
                     size_t *listed, struct error *err);

/* Copies the files of a directory, and those of the directories in it. */
int fault_copy_tree(const char *from, const char *to, struct error *err);

#endif
