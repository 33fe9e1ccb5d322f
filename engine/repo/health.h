/* SPDX-License-Identifier: MIT */
/*
 * health: can backups be taken and brought back, now? A state for each part
 * that this depends on, and what is wrong with it, with a way out.
 *
 *	DEFER(health) *h = health_new();
 *
 *	if (repo_open(&r, config, &err) < 0)
 *		health_fail(h, HEALTH_STORAGE, &err);
 *	else if (repo_health(h, r, &options, err) < 0)
 *		return -1;
 *
 * What was not looked at is unknown, which is not worse than healthy. Not thread-safe.
 */
#ifndef ENGINE_REPO_HEALTH_H
#define ENGINE_REPO_HEALTH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/base/cleanup.h"

struct error;
struct json;
struct repo;

enum health_part {
	HEALTH_CONFIGURATION,
	HEALTH_STORAGE,
	HEALTH_ENCRYPTION,
	HEALTH_SERVER, /* the database server */
	HEALTH_BACKUPS,
	HEALTH_PART_COUNT
};
const char *health_part_name(enum health_part p); /* "storage" */

enum health_state {
	HEALTH_UNKNOWN,
	HEALTH_HEALTHY,
	HEALTH_DEGRADED,  /* works, but somebody should look */
	HEALTH_UNHEALTHY, /* does not work */
	HEALTH_STATE_COUNT
};
const char *health_state_name(enum health_state s); /* "degraded" */

struct health_issue {
	enum health_part part;
	enum health_state state;
	char *what;
	char *advice; /* a sentence; NULL: none */
};

struct health {
	enum health_state states[HEALTH_PART_COUNT];
	char *details[HEALTH_PART_COUNT]; /* what was found, in a few words; NULL */
	struct health_issue *issues;
	size_t issue_count, capacity;
	int64_t checked_at;
};

struct health *health_new(void);
void health_free(struct health *h); /* NULL is fine */
DEFINE_DEFER(health, health_free)

/* Makes a part healthy unless it is worse already, and says what was found. */
void health_good(struct health *h, enum health_part p, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* Adds an issue; the part is at least as bad as that. advice may be NULL. */
void health_add(struct health *h, enum health_part p, enum health_state state, const char *what,
                const char *advice);
/* A part that does not work, and why; the hint is the advice. */
void health_fail(struct health *h, enum health_part p, const struct error *why);
/* The worst state of all parts. */
enum health_state health_overall(const struct health *h);

struct health_options {
	int64_t max_age; /* a newest backup of a database older than this is an issue; 0: any */
	size_t verify;   /* read and hash the newest backups of so many databases */
	bool without_server; /* do not ask the database server */
};
/* Looks at all parts but the configuration. -1: ERR_CANCELLED, catalog failure. */
int repo_health(struct health *h, struct repo *r, const struct health_options *o,
                struct error *err);

/* As docs/api-docs.md describes it; the caller frees. */
struct json *health_json(const struct health *h);

#endif
