/* SPDX-License-Identifier: MIT */
/*
 * notify: sends word of what was done or went wrong to the places that the
 * configuration names: a webhook (JSON) and Slack's incoming webhooks.
 *
 * What is sent names databases and backups and gives error texts; it never holds
 * secrets or SQL. Thread-safe.
 */
#ifndef ENGINE_REPO_NOTIFY_H
#define ENGINE_REPO_NOTIFY_H

#include <stdbool.h>
#include <stdint.h>

struct config;
struct error;

struct notice {
	const char *event; /* "backup_create", "rollback_execute", ... */
	bool failed;
	const char *backup_id; /* "" when there is none */
	const char *database;  /* "" when there is none */
	const char *error;     /* "" unless it failed */
	int64_t duration_ms;
};

/* Does the configuration ask for a notice of this kind? */
bool notify_is_wanted(const struct config *c, const struct notice *n);

/*
 * Sends it to every place that has an address. All are tried; the first that
 * failed is told: ERR_STORE, ERR_DENIED, ERR_CANCELLED.
 */
int notify_send(const struct config *c, const struct notice *n, struct error *err);

#endif
