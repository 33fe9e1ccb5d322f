/* SPDX-License-Identifier: MIT */
/*
 * create: takes a backup of a live schema.
 *
 * When the database's newest backup has the same fingerprint, nothing changed since: its files
 * are copied into the new backup, with the values that AUTO_INCREMENT has now. Otherwise:
 * capture, schema.sql, container, store, envelope (the commit), catalog. A
 * failure leaves nothing in the store; the attempt stays in the catalog as a FAILED backup.
 */
#ifndef ENGINE_REPO_CREATE_H
#define ENGINE_REPO_CREATE_H

#include <stdbool.h>
#include <stddef.h>

#include "catalog/backup.h"
#include "engine/base/cleanup.h"
#include "engine/schema/model.h"

struct error;
struct repo;

struct create_options {
	const char *database;    /* NULL: the connection's */
	const char *description; /* NULL: "Manual backup"; at most 500 characters */
	const struct backup_tag
		*tags; /* key [A-Za-z0-9_-]{1,128}, value at most 256; at most 50 */
	size_t tag_count;
	const char *migration;         /* JSON text of migration_context, or NULL */
	const struct schema *captured; /* already captured; NULL: capture now */
	bool full; /* capture also when the fingerprint says that nothing changed */
};

/* *out: the completed backup, files included; caller frees. Warnings (kinds that could not be
 * seen, objects with a problem) are logged. */
int repo_create(struct backup **out, struct repo *r, const struct create_options *o,
                struct error *err);

/* Are they within the limits above? description NULL: none. ERR_USAGE. */
int create_check_words(const char *description, size_t tag_count, struct error *err);

/* What a backup of a database would hold, had it been taken. */
struct create_preview {
	struct backup *backup;  /* as far as known before it is stored: its id means nothing */
	struct backup *same_as; /* the one whose files would be copied; NULL: none */
	size_t counts[OBJECT_KIND_COUNT];
};
void create_preview_free(struct create_preview *p); /* NULL is fine */
DEFINE_DEFER(create_preview, create_preview_free)

/*
 * Everything that repo_create() does before it writes: connects, looks at the grants, captures,
 * finds the secret, asks the store. Warns of the same gaps. Writes nothing. Caller frees.
 */
int repo_create_preview(struct create_preview **out, struct repo *r,
                        const struct create_options *o, struct error *err);

/* Checks "key=value" as a tag. ERR_USAGE. On success both are allocated; caller frees. */
int create_parse_tag(struct backup_tag *out, const char *text, struct error *err);

#endif
