/* SPDX-License-Identifier: MIT */
/*
 * backup: what is known of one backup without opening it. Plain data, on the
 * heap; the strings belong to the struct. A copy is backup_copy().
 */
#ifndef CATALOG_BACKUP_H
#define CATALOG_BACKUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/base/cleanup.h"

enum backup_status {
	BACKUP_CREATING,
	BACKUP_COMPLETED,
	BACKUP_FAILED,
	BACKUP_VALIDATING,
	BACKUP_CORRUPTED,
	BACKUP_STATUS_COUNT
};
const char *backup_status_name(enum backup_status s);                    /* "COMPLETED" */
bool backup_status_from_name(enum backup_status *out, const char *name); /* case ignored */

struct backup_tag {
	char *key;
	char *value;
};

/* A file of the backup's directory: "schema.sql", "metadata.json", "objects/tables/orders.sql".
 */
struct backup_file {
	char *name;
	uint64_t size;   /* plain bytes */
	char sha256[65]; /* hex, of the plain bytes; not stored in the catalog (empty there) */
};

struct backup {
	int64_t row; /* in the catalog; 0: not from there. Never used again for another backup
	              */
	char *id;
	char *database;
	int64_t created_at; /* seconds since the epoch */
	int created_ms;     /* and milliseconds: the order of backups of one second */
	char *created_by;   /* OS user */
	char *host;         /* where the command ran */
	char *description;
	struct backup_tag *tags; /* sorted by key */
	size_t tag_count;
	enum backup_status status;
	char *error;          /* of a failed one */
	uint64_t size;        /* plain bytes of the payload */
	uint64_t stored_size; /* bytes of <id>.backup */
	char *compression;    /* "zstd", "none" */
	bool encrypted;
	char *secret;         /* fingerprint in hex; "" when not encrypted */
	int64_t secret_since; /* first use of it, as the envelope says; 0: unknown, and in the
	                         catalog */
	char *checksum;       /* SHA-256 of the stored bytes, hex */
	char *schema_hash;    /* SHA-256 of the schema, hex: equal schemas, equal hashes */
	char *fingerprint;    /* capture's cheap fingerprint, "" when unknown */
	char *server_family;  /* "mariadb", "mysql" */
	char *server_version;
	unsigned int visible; /* object kinds that could be seen (schema/model.h bits) */
	size_t object_count;
	char *location; /* "local:/var/backups/<id>" */
	char *tool_version;
	char *migration;     /* JSON text of migration_context; "" when there is none */
	char *origin;        /* "" made here; else "import: ..." */
	uint64_t generation; /* of the envelope */
	char *version; /* of the envelope in the store, as store_stat gives it; for refreshing
	                */
	char *opening; /* clear part of the envelope, hex; "" unknown, and when the catalog
	                  gives it: catalog_backup_opening() */
	int64_t duration_ms;       /* of the create; 0: unknown */
	struct backup_file *files; /* sorted by name; only where a function says so */
	size_t file_count;
};

struct backup *backup_new(void); /* all strings "" , numbers 0 */
struct backup *backup_copy(const struct backup *b);
void backup_free(struct backup *b); /* NULL is fine */
DEFINE_DEFER(backup, backup_free)

/* Copies of what a listing showed; backup_list_add() is a catalog_backup_fn. */
struct backup_list {
	struct backup **items;
	size_t count, capacity;
};
struct error;
int backup_list_add(void *list, const struct backup *b, struct error *err);
void backup_list_finish(struct backup_list *l);

void backup_set(char **member, const char *value); /* replaces a string member */
void backup_tag_set(struct backup *b, const char *key, const char *value); /* keeps the order */
const char *backup_tag_get(const struct backup *b, const char *key);       /* NULL: none */
void backup_file_add(struct backup *b, const char *name, uint64_t size, const char *sha256);

#endif
