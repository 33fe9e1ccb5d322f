/* SPDX-License-Identifier: MIT */
/* cleanup: carries out what retention decided. */
#include <string.h>

#include "catalog/catalog.h"
#include "engine/base/cancel.h"
#include "engine/base/clock.h"
#include "engine/base/error.h"
#include "engine/base/log.h"
#include "engine/base/map.h"
#include "engine/base/mem.h"
#include "engine/base/name.h"
#include "engine/base/number.h"
#include "engine/repo/cleanup_plan.h"
#include "engine/repo/internal.h"
#include "engine/repo/lease.h"
#include "engine/repo/proof.h"
#include "engine/repo/remove.h"
#include "engine/repo/retention.h"
#include "engine/repo/verify.h"
#include "engine/store/store.h"

#define LOG_MODULE "repo/cleanup"

struct cleanup {
	struct repo *r;
	const struct cleanup_options *o;
	struct lease *lease;  /* NULL in a dry run, and on a full disk */
	struct map *verified; /* databases whose newest kept backup was checked */
	struct retention_decision *decisions;
	size_t count;
};

/* Somebody deleted what the decisions were to leave: they are not good any more. */
static int moved_on(const struct backup *newest, struct error *err)
{
	error_clear(err);
	error_set(err, ERR_BUSY, "newest backup %s of database %s was deleted meanwhile",
	          newest->id, newest->database);
	return error_hint(err, "Run it again: it decides by what is there then.");
}

/* The newest completed backup of the same database must be whole before any other goes. */
static int check_newest(struct cleanup *c, const struct backup *b, struct error *err)
{
	DEFER(verify_result) *v = NULL;

	if (b->status != BACKUP_COMPLETED || map_has(c->verified, b->database))
		return 0;
	for (size_t i = 0; i < c->count; i++) {
		const struct retention_decision *d = &c->decisions[i];

		if (!d->keep || d->backup->status != BACKUP_COMPLETED ||
		    strcmp(d->backup->database, b->database) != 0)
			continue;
		if (repo_verify(&v, c->r, d->backup->id, VERIFY_STORED, err) < 0)
			return err->code == ERR_NOT_FOUND ? moved_on(d->backup, err) : -1;
		if (!v->valid && !c->o->force) {
			error_set(err, ERR_REFUSED,
			          "newest backup %s of database %s is not valid: %s",
			          d->backup->id, b->database, v->errors[0]);
			return error_hint(err,
			                  "Nothing of this database was deleted. Take a new "
			                  "backup first, or use --force.");
		}
		break;
	}
	map_set(c->verified, b->database, c);
	return 0;
}

static int carry_out(struct cleanup *c, struct cleanup_result *out, cleanup_fn *fn, void *arg,
                     struct error *err)
{
	for (size_t i = 0; i < c->count; i++) {
		const struct retention_decision *d = &c->decisions[i];

		if (cancel_check(err) < 0 || (c->lease && lease_keep(c->lease, err) < 0))
			return -1;
		if (!d->keep && !c->o->dry_run && check_newest(c, d->backup, err) < 0)
			return -1;
		if (fn && fn(arg, d, err) < 0)
			return -1;
		out->processed++;
		if (d->keep) {
			out->kept++;
			continue;
		}
		if (!c->o->dry_run && repo_remove(c->r, d->backup, true, err) < 0)
			return -1;
		out->deleted++;
		out->freed += d->backup->stored_size;
	}
	return 0;
}

struct orphans {
	struct repo *r;
	struct map *envelopes;    /* ids that have one */
	struct backup_list found; /* only id and stored_size */
};

static int find_orphan(void *arg, const char *key, const struct store_stat *stat,
                       struct error *err)
{
	struct orphans *o = arg;
	struct str name = str_of(key);
	DEFER(backup) *b = NULL;
	autofree char *id = NULL;

	if (str_has_suffix(name, REPO_ENVELOPE_SUFFIX)) {
		id = mem_strndup(key, name.n - strlen(REPO_ENVELOPE_SUFFIX));
		map_set(o->envelopes, id, o);
		return 0;
	}
	if (!str_has_suffix(name, REPO_PAYLOAD_SUFFIX) ||
	    clock_now() - stat->modified < REPO_ORPHAN_AGE)
		return 0;
	id = mem_strndup(key, name.n - strlen(REPO_PAYLOAD_SUFFIX));
	if (!name_is_backup_id(id))
		return 0;
	b = backup_new();
	backup_set(&b->id, id);
	b->stored_size = stat->size;
	return backup_list_add(&o->found, b, err);
}

/* Payloads whose envelope never came: what a power cut or kill -9 left behind. */
static int sweep(struct orphans *o, struct cleanup_result *out, bool dry_run, struct error *err)
{
	struct repo *r = o->r;

	for (size_t i = 0; i < o->found.count; i++) {
		const struct backup *b = o->found.items[i];
		char key[REPO_KEY_MAX];

		if (map_has(o->envelopes, b->id))
			continue;
		repo_payload_key(key, b->id);
		if (!dry_run && store_remove(r->store, key, err) < 0)
			return -1;
		log_info("%s without envelope %s", key, dry_run ? "found" : "removed");
		out->freed += b->stored_size;
	}
	return 0;
}

static int decide_and_carry_out(struct cleanup *c, struct cleanup_result *out,
                                const struct backup_list *list, cleanup_fn *fn, void *arg,
                                struct error *err)
{
	struct retention_policy policy;
	int result = 0;

	if (c->o->plan)
		cleanup_plan_strictest(&policy);
	else
		retention_policy_from_config(&policy, c->r->config);
	c->count = list->count;
	c->decisions = mem_array(list->count, sizeof(*c->decisions));
	c->verified = map_new();
	retention_decide(c->decisions, (const struct backup *const *)list->items, list->count,
	                 &policy, clock_now());
	if (c->o->plan)
		result = cleanup_plan_apply(c->o->plan, c->decisions, c->count, err);
	if (result == 0)
		result = carry_out(c, out, fn, arg, err);
	retention_finish(c->decisions, c->count);
	free(c->decisions);
	map_free(c->verified);
	return result;
}

/* What proofs left on the server, when it is there: a cleanup does not need it. */
static void sweep_scratch(struct repo *r)
{
	struct error why = ERROR_INIT;
	size_t dropped;

	if (proof_sweep(r, &dropped, &why) < 0)
		log_info("scratch databases were not looked for: %s", why.text);
}

int repo_cleanup(struct cleanup_result *out, struct repo *r, const struct cleanup_options *o,
                 cleanup_fn *fn, void *arg, struct error *err)
{
	const struct catalog_filter filter = { .database = o->database };
	struct cleanup c = { .r = r, .o = o };
	struct orphans orphans = { .r = r };
	struct backup_list list = { 0 };
	bool whole = !o->database && !o->plan; /* what no backup claims goes, too */
	int64_t began = clock_mono_ms();
	char freed[NUMBER_TEXT_MAX];
	int result;

	*out = (struct cleanup_result){ 0 };
	orphans.envelopes = map_new();
	/* Decisions are made from what is there while nobody else deletes. */
	result = o->dry_run ? 0 : lease_take_to_delete(&c.lease, r->store, "cleanup", err);
	if (result == 0)
		result = repo_refresh_watched(r, REPO_REFRESH_NOW, find_orphan, &orphans, err);
	if (result == 0)
		result = catalog_backup_each(r->catalog, &filter, backup_list_add, &list, err);
	if (result == 0)
		result = decide_and_carry_out(&c, out, &list, fn, arg, err);
	if (result == 0 && whole)
		result = sweep(&orphans, out, o->dry_run, err);
	if (result == 0 && whole && !o->dry_run)
		sweep_scratch(r);
	lease_release(c.lease);
	map_free(orphans.envelopes);
	backup_list_finish(&orphans.found);
	backup_list_finish(&list);
	number_format_size(freed, out->freed);
	if (result == 0 && !o->dry_run)
		log_info(
			"cleanup: %zu kept, %zu deleted, %s freed in storage, duration %lld ms",
			out->kept, out->deleted, freed, (long long)(clock_mono_ms() - began));
	if (result < 0)
		return err->code == ERR_BUSY ? -1 : error_wrap(err, "cleanup");
	return 0;
}
