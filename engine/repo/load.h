/* SPDX-License-Identifier: MIT */
/*
 * load: does a schema come back? It is made in a scratch database of the
 * configured server, captured again, compared and dropped.
 *
 * Nothing else on the server is touched (server/scratch.h). Not thread-safe (one repo per
 * thread).
 */
#ifndef ENGINE_REPO_LOAD_H
#define ENGINE_REPO_LOAD_H

struct error;
struct repo;
struct schema;

/* Who is told what differs (the schema does not come back) and what could not be tried. */
struct load_report {
	void (*error)(void *arg, const char *text);
	void (*warning)(void *arg, const char *text);
	void *arg;
};

/*
 * 0 when it could be tried, whatever was reported; -1 when not: no server, too few rights,
 * a server of another family.
 */
int load_try(const struct load_report *report, struct repo *r, const struct schema *wanted,
             struct error *err);

#endif
