/* SPDX-License-Identifier: MIT */
#include "engine/repo/repo.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "catalog/catalog.h"
#include "engine/base/clock.h"
#include "engine/base/error.h"
#include "engine/base/fsutil.h"
#include "engine/base/log.h"
#include "engine/base/mem.h"
#include "engine/codec/digest.h"
#include "engine/config/config.h"
#include "engine/repo/internal.h"
#include "engine/repo/places.h"
#include "engine/server/server.h"
#include "engine/store/store.h"
#include "engine/store/union.h"

#define LOG_MODULE "repo"

/* One catalog per store: the provider's name and the beginning of the location's hash. */
static char *default_catalog_path(const struct store *s)
{
	const char *location = store_location(s);
	struct digest d;
	char hex[DIGEST_HEX_SIZE];
	autofree char *state = NULL;

	digest_of(&d, location, strlen(location));
	digest_hex(hex, &d);
	if (geteuid() == 0 && !getenv("XDG_STATE_HOME"))
		state = mem_strdup("/var/lib");
	else
		state = path_xdg("XDG_STATE_HOME", ".local/state");
	return mem_printf("%s/mysql-schema-sync/%s-%.12s.db", state, store_provider(s), hex);
}

/* What may lie in several places; a lease is the first store's alone. */
static bool is_backup_key(const char *key)
{
	return str_has_suffix(str_of(key), REPO_PAYLOAD_SUFFIX) ||
	       str_has_suffix(str_of(key), REPO_ENVELOPE_SUFFIX);
}

/* Less than this, and SQLite cannot even read: it makes files of its own beside the catalog. */
#define ROOM_MIN ((uint64_t)512 * 1024)

static bool has_room(const char *path)
{
	autofree char *parent = path_parent(path);
	struct statvfs v;

	return statvfs(parent, &v) < 0 || (uint64_t)v.f_bavail * v.f_frsize >= ROOM_MIN;
}

/* The catalog is an index: on a full disk another one, in memory, does until there is room. */
static int open_elsewhere(struct repo *r, struct error *err)
{
	char dir[] = "/dev/shm/mysql-schema-sync.XXXXXX";

	if (!mkdtemp(dir))
		return error_sys(err, errno, "make %s", dir);
	log_warn("no space left for the catalog %s: working with one in memory, without the "
	         "history of this host",
	         r->catalog_path);
	r->temporary = mem_strdup(dir);
	free(r->catalog_path);
	r->catalog_path = path_join(dir, "catalog.db");
	return catalog_open(&r->catalog, r->catalog_path, store_location(r->store),
	                    &r->catalog_fresh, err);
}

static int open_catalog(struct repo *r, struct error *err)
{
	if (!has_room(r->catalog_path))
		return open_elsewhere(r, err);
	if (catalog_open(&r->catalog, r->catalog_path, store_location(r->store),
	                 &r->catalog_fresh, err) == 0)
		return 0;
	if (err->sys_errno != ENOSPC && err->sys_errno != EDQUOT)
		return -1;
	error_clear(err);
	return open_elsewhere(r, err);
}

struct repo *repo_new(const struct config *c)
{
	struct repo *r = mem_alloc(sizeof(*r));

	atomic_init(&r->holders, 1);
	r->config = c;
	return r;
}

int repo_open_store(struct repo *r, struct error *err)
{
	struct store *first = NULL;

	if (store_open(&first, r->config, err) < 0)
		return -1;
	r->store = store_open_union(first, is_backup_key);
	return 0;
}

int repo_open(struct repo **out, const struct config *c, struct error *err)
{
	DEFER(repo) *r = repo_new(c);
	const char *path = config_text(c, "catalog.path");

	if (repo_zone(r))
		clock_use_zone(repo_zone(r));
	repo_keyring_load(r, NULL);
	if (repo_open_store(r, err) < 0)
		return -1;
	r->catalog_path = path ? mem_strdup(path) : default_catalog_path(r->store);
	if (open_catalog(r, err) < 0)
		return error_wrap(err, "catalog");
	places_load(r);
	*out = take(r);
	return 0;
}

int repo_open_server(struct repo **out, const struct config *c, struct error *err)
{
	(void)err;
	*out = repo_new(c);
	return 0;
}

struct repo *repo_hold(struct repo *r)
{
	atomic_fetch_add(&r->holders, 1);
	return r;
}

int repo_clone(struct repo **out, struct repo *r, struct error *err)
{
	DEFER(repo) *copy = repo_new(r->config);

	copy->root = repo_hold(r->root ? r->root : r);
	copy->store = r->store;
	copy->places_missing = r->places_missing;
	copy->keyring = r->keyring;
	copy->secret_problem = r->secret_problem;
	copy->failures = r->failures;
	copy->failure_count = r->failure_count;
	copy->catalog_path = mem_strdup(r->catalog_path);
	if (catalog_open(&copy->catalog, copy->catalog_path, store_location(r->store),
	                 &copy->catalog_fresh, err) < 0)
		return error_wrap(err, "catalog");
	*out = take(copy);
	return 0;
}

void repo_close(struct repo *r)
{
	struct error ignored = ERROR_INIT;

	if (!r || atomic_fetch_sub(&r->holders, 1) > 1)
		return;
	server_close(r->server);
	catalog_close(r->catalog);
	if (!r->root) {
		store_close(r->store);
		repo_keyring_unload(r);
	}
	if (r->temporary)
		dir_remove_tree(r->temporary, &ignored);
	config_free(r->own_config);
	repo_close(r->older);
	repo_close(r->root);
	free(r->temporary);
	free(r->catalog_path);
	free(r);
}

void repo_own_config(struct repo *r, struct config *c)
{
	r->own_config = c;
}

struct catalog *repo_catalog(struct repo *r)
{
	return r->catalog;
}

const struct config *repo_config(const struct repo *r)
{
	return r->config;
}

const char *repo_location(const struct repo *r)
{
	return store_location(r->store);
}

const char *repo_zone(const struct repo *r)
{
	return config_text(r->config, "timezone");
}

const char *repo_location_of(const struct repo *r, const char *id)
{
	struct error ignored = ERROR_INIT;
	struct store *holder;
	char key[REPO_KEY_MAX];

	repo_envelope_key(key, id);
	if (!store_union_other(r->store, 0) ||
	    store_union_find(&holder, r->store, key, &ignored) <= 0)
		return store_location(r->store);
	return store_location(holder);
}

size_t repo_workers(const struct repo *r)
{
	return config_bool(r->config, "backup.parallel_operations")
	               ? (size_t)config_int(r->config, "backup.max_workers")
	               : 1;
}

void repo_payload_key(char out[], const char *id)
{
	snprintf(out, REPO_KEY_MAX, "%s%s", id, REPO_PAYLOAD_SUFFIX);
}

void repo_envelope_key(char out[], const char *id)
{
	snprintf(out, REPO_KEY_MAX, "%s%s", id, REPO_ENVELOPE_SUFFIX);
}
