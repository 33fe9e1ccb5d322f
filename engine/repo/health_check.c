/* SPDX-License-Identifier: MIT */
/* health_check: looks at the parts that backups depend on. */
#include <inttypes.h>
#include <string.h>

#include "catalog/catalog.h"
#include "engine/base/buf.h"
#include "engine/base/cancel.h"
#include "engine/base/clock.h"
#include "engine/base/error.h"
#include "engine/base/map.h"
#include "engine/base/mem.h"
#include "engine/base/number.h"
#include "engine/codec/keyring.h"
#include "engine/config/config.h"
#include "engine/config/connection.h"
#include "engine/repo/health.h"
#include "engine/repo/internal.h"
#include "engine/repo/keys.h"
#include "engine/repo/probe.h"
#include "engine/repo/usage.h"
#include "engine/repo/verify.h"
#include "engine/schema/model.h"
#include "engine/store/store.h"

#define CORRUPTED_MAX 20 /* issues of one kind: more would not be read */

struct checkup {
	struct health *h;
	struct repo *r;
	const struct health_options *o;
	struct map *tried; /* databases whose newest attempt was judged */
	size_t verified;
};

static void check_storage(struct checkup *c, const struct usage *u)
{
	struct probe_room room;
	char stored[NUMBER_TEXT_MAX];

	number_format_size(stored, u->sum.all.stored);
	health_good(c->h, HEALTH_STORAGE, "%s: %" PRIu64 " backups, %s",
	            store_location(c->r->store), u->sum.all.count, stored);
	probe_measure_room(&room, c->r);
	if (probe_room_is_short(&room)) {
		autofree char *what = probe_room_text(&room);

		health_add(c->h, HEALTH_STORAGE, HEALTH_DEGRADED, what,
		           "Delete what retention does not keep with: mysql-schema-sync backup "
		           "cleanup");
	}
}

static void check_rotation(struct checkup *c)
{
	struct rotation_due due;
	struct error err = ERROR_INIT;

	if (repo_rotation_due(&due, c->r, &err) < 0) {
		health_fail(c->h, HEALTH_ENCRYPTION, &err);
	} else if (due.due) {
		autofree char *what = mem_printf("the secret has been in use for %" PRId64
		                                 " days, limit %" PRId64,
		                                 due.age_days, due.limit_days);

		health_add(c->h, HEALTH_ENCRYPTION, HEALTH_DEGRADED, what,
		           "Make another with: mysql-schema-sync key new; keep this one in "
		           "previous_keys, and run: mysql-schema-sync key rotate");
	}
}

/* Backups without a database are those that no configured secret opens. */
static void check_encryption(struct checkup *c, const struct usage *u)
{
	char fingerprint[FINGERPRINT_HEX_SIZE];
	const struct secret *secret = NULL;
	struct error err = ERROR_INIT;

	if (repo_current_secret(&secret, c->r, &err) < 0) {
		health_fail(c->h, HEALTH_ENCRYPTION, &err);
	} else if (!secret) {
		health_good(c->h, HEALTH_ENCRYPTION, "off");
	} else {
		fingerprint_hex(fingerprint, keyring_fingerprint(c->r->keyring, 0));
		health_good(c->h, HEALTH_ENCRYPTION, "secret %s", fingerprint);
		check_rotation(c);
	}
	if (u->database_count > 0 && !*u->databases[0].name) {
		autofree char *what = mem_printf(
			"%" PRIu64
			" backups cannot be opened with the secrets that are configured",
			u->databases[0].sum.all.count);

		health_add(c->h, HEALTH_ENCRYPTION, HEALTH_UNHEALTHY, what,
		           "Name the older secrets in backup.encryption.previous_keys.");
	}
}

static int count_database(void *arg, const char *name, struct error *err)
{
	(void)name;
	(void)err;
	++*(size_t *)arg;
	return 0;
}

/* What the account may not see no backup holds. */
static void check_visibility(struct checkup *c, const char *database)
{
	struct error err = ERROR_INIT;
	DEFER(schema) *s = NULL;
	autobuf hidden = BUF_INIT;
	int found = repo_live(&s, c->r, database, &err);

	if (found < 0) {
		health_fail(c->h, HEALTH_SERVER, &err);
		return;
	}
	if (!found) {
		buf_addf(&hidden, "unknown database: %s", database);
		health_add(c->h, HEALTH_SERVER, HEALTH_DEGRADED, hidden.data, NULL);
		return;
	}
	for (size_t kind = 0; kind < OBJECT_KIND_COUNT; kind++) {
		if (!(s->visible & OBJECT_KIND_BIT(kind)))
			buf_addf(&hidden, "%s%ss", hidden.len ? ", " : "",
			         object_kind_info((enum object_kind)kind)->word);
	}
	if (hidden.len > 0) {
		autofree char *what =
			mem_printf("the account may not see these kinds of objects in %s: %s",
		                   database, hidden.data);

		health_add(c->h, HEALTH_SERVER, HEALTH_DEGRADED, what,
		           "Grant what is missing; backups do not hold what cannot be seen.");
	}
}

static void check_server(struct checkup *c)
{
	struct connection connection;
	struct error err = ERROR_INIT;
	size_t databases = 0;

	if (connection_from_config(&connection, c->r->config, CONNECTION_TARGET, &err) < 0 ||
	    repo_live_databases(c->r, count_database, &databases, &err) < 0) {
		health_fail(c->h, HEALTH_SERVER, &err);
		return;
	}
	health_good(c->h, HEALTH_SERVER, "%zu databases can be seen", databases);
	if (connection.database)
		check_visibility(c, connection.database);
}

/* An attempt after which no backup of that database was completed. Newest first. */
static int check_attempt(void *arg, const struct backup *b, struct error *err)
{
	struct checkup *c = arg;
	DEFER(backup) *latest = NULL;
	autofree char *what = NULL;

	if (map_has(c->tried, b->database))
		return 0;
	map_set(c->tried, b->database, c);
	if (catalog_backup_latest(c->r->catalog, b->database, 0, &latest, err) < 0)
		return -1;
	if (latest && latest->created_at >= b->created_at)
		return 0;
	what = mem_printf("the last backup of %s failed: %s", b->database, b->error);
	health_add(c->h, HEALTH_BACKUPS, HEALTH_UNHEALTHY, what, NULL);
	return 0;
}

static int check_corrupted(void *arg, const struct backup *b, struct error *err)
{
	struct checkup *c = arg;
	autofree char *what = mem_printf("backup %s of %s is corrupted: %s", b->id, b->database,
	                                 *b->error ? b->error : "a check found it so");
	autofree char *advice =
		mem_printf("Save what can be saved with: mysql-schema-sync backup "
	                   "partial-recovery --backup-id %s",
	                   b->id);

	(void)err;
	health_add(c->h, HEALTH_BACKUPS, HEALTH_UNHEALTHY, what, advice);
	return 0;
}

static void check_age(struct checkup *c, const struct backup *b)
{
	int64_t age = c->h->checked_at - b->created_at;
	char old[CLOCK_TEXT_MAX], most[CLOCK_TEXT_MAX];
	autofree char *what = NULL;

	if (c->o->max_age == 0 || age <= c->o->max_age)
		return;
	clock_format_duration(old, age / 3600 * 3600);
	clock_format_duration(most, c->o->max_age);
	what = mem_printf("the newest backup of %s is %s old, more than %s", b->database, old,
	                  most);
	health_add(c->h, HEALTH_BACKUPS, HEALTH_UNHEALTHY, what,
	           "See why: mysql-schema-sync backup list --status failed");
}

/* The newest of a database: is it recent, and is it whole? */
static int check_newest(struct checkup *c, const char *database, struct error *err)
{
	DEFER(backup) *b = NULL;
	DEFER(verify_result) *v = NULL;
	struct error problem = ERROR_INIT;

	if (catalog_backup_latest(c->r->catalog, database, 0, &b, err) < 0)
		return -1;
	if (!b)
		return 0;
	check_age(c, b);
	if (c->verified == c->o->verify)
		return 0;
	c->verified++;
	if (repo_verify(&v, c->r, b->id, VERIFY_STORED, &problem) < 0) {
		health_fail(c->h, HEALTH_STORAGE, &problem);
	} else if (!v->valid) {
		autofree char *what = mem_printf("the newest backup %s of %s is not valid: %s",
		                                 b->id, database, v->errors[0]);

		health_add(c->h, HEALTH_BACKUPS, HEALTH_UNHEALTHY, what,
		           "Take another one now: mysql-schema-sync backup create");
	}
	return cancel_check(err);
}

static int check_backups(struct checkup *c, const struct usage *u, struct error *err)
{
	const struct catalog_filter failed = { .statuses = 1U << BACKUP_FAILED };
	const struct catalog_filter corrupted = { .statuses = 1U << BACKUP_CORRUPTED,
		                                  .limit = CORRUPTED_MAX };

	if (catalog_backup_each(c->r->catalog, &failed, check_attempt, c, err) < 0 ||
	    catalog_backup_each(c->r->catalog, &corrupted, check_corrupted, c, err) < 0)
		return -1;
	for (size_t i = 0; i < u->database_count; i++) {
		if (check_newest(c, u->databases[i].name, err) < 0)
			return -1;
	}
	if (u->sum.statuses[BACKUP_COMPLETED] == 0)
		health_add(c->h, HEALTH_BACKUPS, HEALTH_DEGRADED, "there is no backup",
		           "Take the first: mysql-schema-sync backup create --database NAME");
	health_good(c->h, HEALTH_BACKUPS,
	            "%" PRIu64 " completed, %" PRIu64 " corrupted; %zu newest ones checked",
	            u->sum.statuses[BACKUP_COMPLETED], u->sum.statuses[BACKUP_CORRUPTED],
	            c->verified);
	return 0;
}

int repo_health(struct health *h, struct repo *r, const struct health_options *o,
                struct error *err)
{
	struct error problem = ERROR_INIT;
	DEFER(map) *tried = map_new();
	DEFER(usage) *u = NULL;
	struct checkup c = { .h = h, .r = r, .o = o, .tried = tried };

	if (repo_refresh(r, REPO_REFRESH_NOW, &problem) < 0)
		health_fail(h, HEALTH_STORAGE, &problem);
	if (repo_usage(&u, r, NULL, err) < 0)
		return -1;
	if (problem.code == ERR_NONE)
		check_storage(&c, u);
	check_encryption(&c, u);
	if (!o->without_server)
		check_server(&c);
	return check_backups(&c, u, err);
}
