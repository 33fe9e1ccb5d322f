/* SPDX-License-Identifier: MIT */
#include "engine/repo/keys.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "catalog/catalog.h"
#include "engine/base/buf.h"
#include "engine/base/clock.h"
#include "engine/base/error.h"
#include "engine/base/log.h"
#include "engine/base/mem.h"
#include "engine/codec/keyring.h"
#include "engine/config/config.h"
#include "engine/repo/envelopes.h"
#include "engine/repo/internal.h"
#include "engine/store/store.h"

#define LOG_MODULE "repo/keys"

#define SECONDS_PER_DAY 86400

_Static_assert(KEY_FINGERPRINT_MAX == FINGERPRINT_HEX_SIZE, "one size of a fingerprint's text");

static const char *const roles[] = {
	[KEY_CURRENT] = "current",
	[KEY_PREVIOUS] = "previous",
	[KEY_MISSING] = "missing",
};

const char *key_role_name(enum key_role role)
{
	return roles[role];
}

void key_report_free(struct key_report *k)
{
	if (!k)
		return;
	for (size_t i = 0; i < k->count; i++) {
		free(k->keys[i].source);
		free(k->keys[i].problem);
	}
	free(k->keys);
	free(k);
}

static struct key_info *add(struct key_report *k, enum key_role role, const char *source,
                            const char *problem)
{
	struct key_info *info;

	k->keys = mem_resize(k->keys, k->count + 1, sizeof(*k->keys));
	info = &k->keys[k->count++];
	*info = (struct key_info){
		.role = role,
		.source = mem_strdup(source),
		.problem = mem_strdup(problem),
	};
	return info;
}

static struct key_info *find(struct key_report *k, const char *fingerprint)
{
	for (size_t i = 0; i < k->count; i++) {
		if (strcmp(k->keys[i].fingerprint, fingerprint) == 0)
			return &k->keys[i];
	}
	return NULL;
}

static bool has_current(const struct repo *r)
{
	return r->secret_problem.code == ERR_NONE;
}

static void add_configured(struct key_report *k, const struct repo *r)
{
	for (size_t i = 0; i < r->failure_count; i++) {
		const struct secret_failure *f = &r->failures[i];

		/* With encryption off nobody misses the secret for new backups. */
		if (f->current && k->enabled)
			add(k, KEY_CURRENT, f->source, f->why.text);
	}
	for (size_t i = 0; i < keyring_count(r->keyring); i++) {
		const char *weakness = keyring_weakness(r->keyring, i);
		autofree char *problem = weakness ? mem_printf("weak: %s", weakness) : NULL;
		struct key_info *info =
			add(k, i == 0 && has_current(r) ? KEY_CURRENT : KEY_PREVIOUS,
		            keyring_origin(r->keyring, i), problem ? problem : "");

		fingerprint_hex(info->fingerprint, keyring_fingerprint(r->keyring, i));
	}
	for (size_t i = 0; i < r->failure_count; i++) {
		if (!r->failures[i].current)
			add(k, KEY_PREVIOUS, r->failures[i].source, r->failures[i].why.text);
	}
}

static int count_need(void *arg, const struct backup *b, struct error *err)
{
	struct key_report *k = arg;
	struct key_info *info;

	(void)err;
	if (b->status == BACKUP_FAILED || b->status == BACKUP_CREATING)
		return 0;
	if (!*b->secret) {
		/* An envelope that cannot be read at all tells nothing about a secret. */
		k->plain += !b->encrypted && *b->checksum;
		return 0;
	}
	info = find(k, b->secret);
	if (!info) {
		info = add(k, KEY_MISSING, "", "not configured");
		snprintf(info->fingerprint, sizeof(info->fingerprint), "%s", b->secret);
	}
	info->backups++;
	return 0;
}

int repo_keys(struct key_report **out, struct repo *r, struct error *err)
{
	const struct catalog_filter everything = { 0 };
	DEFER(key_report) *k = mem_alloc(sizeof(*k));

	k->enabled = config_bool(r->config, "backup.encryption.enabled");
	add_configured(k, r);
	if (catalog_backup_each(r->catalog, &everything, count_need, k, err) < 0)
		return -1;
	for (size_t i = 0; i < k->count; i++) {
		if (*k->keys[i].fingerprint &&
		    repo_secret_since(&k->keys[i].since, r, k->keys[i].fingerprint, err) < 0)
			return -1;
	}
	*out = take(k);
	return 0;
}

const char *repo_key_source(const struct repo *r, const char *fingerprint)
{
	for (size_t i = 0; i < keyring_count(r->keyring); i++) {
		char hex[FINGERPRINT_HEX_SIZE];

		fingerprint_hex(hex, keyring_fingerprint(r->keyring, i));
		if (strcmp(hex, fingerprint) == 0)
			return keyring_origin(r->keyring, i);
	}
	return NULL;
}

enum check_outcome { CHECK_OPENED = 1, CHECK_PLAIN, CHECK_FAILED, CHECK_GONE };

struct checking {
	struct repo *r;
	struct key_check *result;
	key_check_fn *fn;
	void *arg;
};

static int open_one(const struct checking *c, struct envelope_item *item, struct error *err)
{
	const struct store_range all = { .length = UINT64_MAX, .max = ENVELOPE_MAX };
	char key[REPO_KEY_MAX];
	DEFER(backup) *b = backup_new();
	struct unsealed u = { 0 };
	autobuf raw = BUF_INIT;
	int found;

	repo_envelope_key(key, item->id);
	found = store_get(c->r->store, key, all, &raw, NULL, err);
	if (found <= 0)
		return found < 0 ? CHECK_FAILED : CHECK_GONE;
	if (repo_unseal(b, &u, c->r, &raw, item->id, err) < 0)
		return CHECK_FAILED;
	unsealed_finish(&u);
	return b->encrypted ? CHECK_OPENED : CHECK_PLAIN;
}

static void check_one(void *arg, struct envelope_item *item)
{
	item->outcome = open_one(arg, item, &item->why);
}

static int checked(void *arg, const struct envelope_item *items, size_t count,
                   struct error *err)
{
	struct checking *c = arg;

	for (size_t i = 0; i < count; i++) {
		c->result->opened += items[i].outcome == CHECK_OPENED;
		c->result->plain += items[i].outcome == CHECK_PLAIN;
		c->result->failed += items[i].outcome == CHECK_FAILED;
		if (items[i].outcome == CHECK_FAILED && c->fn &&
		    c->fn(c->arg, items[i].id, items[i].why.text, err) < 0)
			return -1;
	}
	return 0;
}

int repo_key_check(struct key_check *out, struct repo *r, key_check_fn *fn, void *arg,
                   struct error *err)
{
	struct checking c = { .r = r, .result = out, .fn = fn, .arg = arg };
	const struct envelope_visitor v = {
		.work = check_one,
		.done = checked,
		.arg = &c,
		.workers = repo_workers(r),
	};

	*out = (struct key_check){ 0 };
	return envelopes_visit(&out->total, r, &v, err);
}

int repo_rotation_due(struct rotation_due *out, struct repo *r, struct error *err)
{
	const struct config *c = r->config;
	DEFER(key_report) *k = NULL;
	int64_t now = clock_now();

	*out = (struct rotation_due){
		.watched = config_bool(c, "backup.encryption.enabled") &&
		           config_bool(c, "backup.encryption.rotation_enabled"),
		.limit_days = config_int(c, "backup.encryption.rotation_days"),
	};
	if (!config_bool(c, "backup.encryption.enabled") || !has_current(r))
		return 0;
	if (repo_keys(&k, r, err) < 0)
		return -1;
	for (size_t i = 0; i < k->count; i++) {
		if (k->keys[i].role != KEY_CURRENT) {
			out->behind += k->keys[i].backups;
			continue;
		}
		out->since = k->keys[i].since;
		snprintf(out->fingerprint, sizeof(out->fingerprint), "%s",
		         k->keys[i].fingerprint);
	}
	if (out->since > 0 && now > out->since)
		out->age_days = (now - out->since) / SECONDS_PER_DAY;
	out->due = out->watched && out->since > 0 && out->age_days >= out->limit_days;
	return 0;
}

void repo_rotation_warn(struct repo *r)
{
	struct rotation_due due;
	struct error err = ERROR_INIT;

	if (!config_bool(r->config, "backup.encryption.rotation_enabled"))
		return;
	if (repo_rotation_due(&due, r, &err) < 0)
		log_failure(LOG_MODULE, "age of the secret", &err);
	else if (due.due)
		log_warn("the secret %.8s has been in use for %lld days, and "
		         "backup.encryption.rotation_days is %lld: make another with "
		         "`key new`, keep this one in previous_keys, and run `key rotate`",
		         due.fingerprint, (long long)due.age_days, (long long)due.limit_days);
}
