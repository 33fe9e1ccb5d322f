/* SPDX-License-Identifier: MIT */
/*
 * report: everything that somebody who answers for the backups wants to see in
 * one document: usage, what came and failed on each day, how long it took, and
 * what retention would do. Collected here as JSON; cli/report_*.c render it.
 * Reads the catalog only. Not thread-safe (a repo is not).
 */
#ifndef ENGINE_REPO_REPORT_H
#define ENGINE_REPO_REPORT_H

#include <stddef.h>

struct error;
struct json;
struct repo;

struct report_options {
	const char *database; /* NULL: all */
	size_t days;          /* how many to go back, today included; at least 1 */
};

/*
 * The members are described in docs/api-docs.md: usage, days, operations,
 * failures, retention, backups. Days are those of the configured zone, oldest
 * first, none left out. Caller frees.
 */
int repo_report(struct json **out, struct repo *r, const struct report_options *o,
                struct error *err);

#endif
