/* SPDX-License-Identifier: MIT */
/* internal: what the verbs of engine/repo share and nobody else sees. */
#ifndef ENGINE_REPO_INTERNAL_H
#define ENGINE_REPO_INTERNAL_H

#include <stdatomic.h>
#include <stdbool.h>

#include "engine/base/buf.h"
#include "engine/base/error.h"
#include "engine/base/name.h"
#include "engine/codec/envelope.h"
#include "engine/repo/repo.h"

struct capture_ask;
struct capture_mark;
struct catalog;
struct config;
struct keyring;
struct server;
struct store;
struct store_stat;

/* A secret of the configuration that cannot be used. */
struct secret_failure {
	bool current;
	char *source; /* where it should have come from */
	struct error why;
};

struct repo {
	atomic_size_t holders;
	struct repo *root;  /* held: of which this is a clone; NULL: of none */
	struct repo *older; /* held: whose temporary catalog this uses; NULL: nobody's */
	const struct config *config;
	struct config *own_config;       /* to be freed; NULL: somebody else's */
	struct store *store;             /* the root's; a union (store/union.h) */
	bool places_missing;             /* a place of moved backups cannot be used */
	struct keyring *keyring;         /* the root's */
	struct error secret_problem;     /* why the current secret cannot be used */
	struct secret_failure *failures; /* the root's */
	size_t failure_count;
	char *catalog_path;
	char *temporary; /* directory of a catalog that goes with us; NULL: it stays */
	struct catalog *catalog;
	bool catalog_fresh;    /* it was empty when it was opened */
	struct server *server; /* NULL until it is needed */
};

/* One with nothing open; and the configuration's store, opened. */
struct repo *repo_new(const struct config *c);
int repo_open_store(struct repo *r, struct error *err);

/* The two files of a backup. */
#define REPO_PAYLOAD_SUFFIX  ".backup"
#define REPO_ENVELOPE_SUFFIX ".meta"
#define REPO_KEY_MAX         (NAME_BACKUP_ID_MAX + 16)
void repo_payload_key(char out[], const char *id);
void repo_envelope_key(char out[], const char *id);

/* The session with the server, opened on first use. */
int repo_server(struct server **out, struct repo *r, struct error *err);
void repo_server_drop(struct repo *r); /* after it was lost */

/* capture_mark() and capture_marked() over the repo's session; mark NULL: capture_schema(). */
int repo_live_mark(struct capture_mark **out, struct repo *r, const struct capture_ask *ask,
                   struct error *err);
int repo_live_marked(struct schema **out, struct capture_mark *mark, struct repo *r,
                     const char *database, struct error *err);

/*
 * Reads the configured secrets. What is wrong with the current one is kept in
 * secret_problem: listing and checking need no secret, and must go on without.
 */
void repo_keyring_load(struct repo *r, const struct keyring *before); /* NULL: there was none */
void repo_keyring_unload(struct repo *r);
/* The secret for new backups; NULL when encryption is off. Fails with what was wrong at
 * loading. */
struct secret;
int repo_current_secret(const struct secret **out, const struct repo *r, struct error *err);
/* The secret that an envelope is under; NULL: it is not encrypted. ERR_DENIED. */
int repo_secret_of(const struct secret **out, const struct repo *r, const struct envelope *e,
                   struct error *err);
/* Since when a secret (its fingerprint in hex) is used, as far as anybody noted it; 0: nobody.
 */
int repo_secret_since(int64_t *out, struct repo *r, const char *fingerprint, struct error *err);
/* Notes a use; an earlier one that is known stays. */
int repo_secret_note(struct repo *r, const char *fingerprint, int64_t since, struct error *err);

/* 32 random bytes for one backup; caller frees. */
int repo_new_data_key(struct secret **out, struct error *err);
size_t repo_workers(const struct repo *r); /* as the configuration allows; 1 or more */

/*
 * What the store says of one backup: from its envelope, with files. When the
 * secret is missing or the envelope damaged, *out has what the clear part
 * tells, an `error`, and no database. 1, 0 no such backup, -1 store failure.
 */
int repo_describe(struct backup **out, struct repo *r, const char *id, struct error *err);

/*
 * Puts into the catalog what repo_describe() says of a backup whose envelope was rewritten:
 * what only the catalog knows of it (how long it took, damage that was found) stays.
 */
int repo_put_rewritten(struct catalog *c, struct backup *b, struct error *err);

/* Notes a run of a verb in this host's history; failure "": it was done. */
void repo_note_operation(struct repo *r, const char *verb, const struct backup *b,
                         int64_t began_ms, const char *failure);

/* Where a backup lies now: "local:/var/backups". Never fails: the first store when unknown. */
const char *repo_location_of(const struct repo *r, const char *id);

/* Hashes what is stored under a key, in pieces. 1, 0 no such key, -1. */
int repo_hash_stored(struct digest *sum, uint64_t *bytes, struct store *store, const char *key,
                     struct error *err);

/* A payload without envelope may be a backup being made: seconds until it is none. */
#define REPO_ORPHAN_AGE ((int64_t)86400)

/* repo_refresh() that also shows every key of its one listing to `also` (NULL: to nobody). */
typedef int repo_key_fn(void *arg, const char *key, const struct store_stat *stat,
                        struct error *err);
int repo_refresh_watched(struct repo *r, enum repo_refresh when, repo_key_fn *also,
                         void *also_arg, struct error *err);

/* An envelope that was opened. */
struct unsealed {
	struct envelope envelope;
	struct secret *data_key; /* NULL: not encrypted */
};
void unsealed_finish(struct unsealed *u);

/* What the catalog is to keep of an envelope: backup.opening. */
void repo_note_opening(struct backup *b, const struct buf *envelope);

/* Fills b and u from the bytes of an envelope. ERR_CORRUPT, ERR_DENIED, ERR_UNSUPPORTED. */
int repo_unseal(struct backup *b, struct unsealed *u, const struct repo *r,
                const struct buf *raw, const char *id, struct error *err);

/*
 * What making a backup is made of (create.c): id, moment, person and place of an
 * attempt; then the schema into the store, read back and checked. The catalog is the caller's.
 */
struct create_options;
struct schema;
int repo_describe_attempt(struct backup *b, const struct repo *r, const char *database,
                          const struct create_options *o, struct error *err);
int repo_save(struct repo *r, struct backup *b, const struct schema *s, struct error *err);
/* What a schema says of its backup. */
void repo_describe_schema(struct backup *b, const struct schema *s);
/* Logs kinds that could not be seen and objects with a problem. */
void repo_warn_of_gaps(const struct schema *s);
int repo_unknown_database(struct repo *r, const char *database, struct error *err);
/* Name of the codec for new backups; lives for ever. */
const char *repo_codec_name(const struct config *c);

#endif
