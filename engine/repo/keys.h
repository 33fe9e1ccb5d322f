/* SPDX-License-Identifier: MIT */
/*
 * keys: the configured secrets, the backups that need them, and their age. No secret
 * leaves this module; a secret is named by where it comes from and by its fingerprint.
 */
#ifndef ENGINE_REPO_KEYS_H
#define ENGINE_REPO_KEYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/base/cleanup.h"

struct error;
struct repo;

#define KEY_FINGERPRINT_MAX 33 /* hex digits and the end */

enum key_role {
	KEY_CURRENT,  /* for new backups */
	KEY_PREVIOUS, /* only opens */
	KEY_MISSING,  /* not configured, and some backups need it */
};
const char *key_role_name(enum key_role role); /* "current" */

struct key_info {
	enum key_role role;
	char *source; /* "file /etc/backup.key"; "" for one that is missing */
	char fingerprint[KEY_FINGERPRINT_MAX]; /* "" when it cannot be used */
	char *problem;  /* why it cannot be used, or can be guessed; "" when all is well */
	int64_t since;  /* when it was first used; 0: not known */
	size_t backups; /* that need it */
};

struct key_report {
	bool enabled;          /* new backups are encrypted */
	struct key_info *keys; /* current, previous in the configured order, missing */
	size_t count;
	size_t plain; /* backups that are not encrypted */
};

/* What the configuration and the catalog say; reads no envelope. */
int repo_keys(struct key_report **out, struct repo *r, struct error *err);
void key_report_free(struct key_report *k); /* NULL is fine */
DEFINE_DEFER(key_report, key_report_free)

/* The configured secret of a fingerprint, "file /etc/backup.key"; NULL: it is not configured.
 */
const char *repo_key_source(const struct repo *r, const char *fingerprint);

/* Called for each backup whose envelope does not open, with the reason. */
typedef int key_check_fn(void *arg, const char *id, const char *reason, struct error *err);
struct key_check {
	size_t total, opened, plain, failed;
};
/*
 * Opens every envelope with what is configured. 0 also when some do not open; of each of those
 * fn is told.
 */
int repo_key_check(struct key_check *out, struct repo *r, key_check_fn *fn, void *arg,
                   struct error *err);

/* Is it time for another secret? For health checks, the daemon and whoever else reminds people.
 */
struct rotation_due {
	bool watched;  /* encryption and backup.encryption.rotation_enabled are on */
	bool due;      /* watched, and older than backup.encryption.rotation_days */
	int64_t since; /* first use of the current secret; 0: it was not used yet */
	int64_t age_days, limit_days;
	char fingerprint[KEY_FINGERPRINT_MAX];
	size_t behind; /* backups that still need another secret */
};
/* Asks the catalog only. */
int repo_rotation_due(struct rotation_due *out, struct repo *r, struct error *err);
/* Logs a warning when it is due; for programs that go on all the same. */
void repo_rotation_warn(struct repo *r);

/* Does encryption work here, and does a backup open? */
struct encryption_test {
	char fingerprint[KEY_FINGERPRINT_MAX]; /* of the current secret; "" encryption is off */
	const char *source;                    /* of the current secret; lives as long as r */
	uint64_t sealed; /* bytes sealed, opened and compared; 0: encryption is off */
	int64_t duration_ms;
	bool encrypted; /* the backup is */
	char backup_fingerprint[KEY_FINGERPRINT_MAX];
	const char *backup_source; /* which configured secret opens it */
	uint64_t generation;       /* of its envelope */
	size_t files;              /* of the backup, each listed in its opened index */
};
/*
 * id NULL: no backup is opened. ERR_DENIED names the secret that is wanted, ERR_CORRUPT what is
 * damaged; each with *out filled as far as it came.
 */
int repo_test_encryption(struct encryption_test *out, struct repo *r, const char *id,
                         struct error *err);

#endif
