/* SPDX-License-Identifier: MIT */
/*
 * fault_inject, fault_power, fault_storm, fault_soak: four ways of trying to lose a backup.
 * Each works below the directory dir, which is there and empty, says on stderr what it found
 * wrong and on stdout in one line of JSON how much it tried. 0 nothing was wrong, 1 something
 * was, -1 it could not be tried.
 */
#ifndef TESTS_TOOLS_FAULT_INJECT_H
#define TESTS_TOOLS_FAULT_INJECT_H

#include <stddef.h>

struct error;

/*
 * Every verb with a failure at each of its calls to the system: limit of all these, evenly
 * spread. When limit is more than there are: all, and pairs of failures at random.
 */
int fault_inject(const char *dir, size_t limit, const char *only_verb, struct error *err);

/*
 * What a power cut leaves after each call that changed the store: what was not synced is
 * gone, there, or there in part, variants times at random.
 */
int fault_power(const char *dir, size_t variants, struct error *err);

/* workers processes with operations each on one store and one catalog, stopped and killed. */
int fault_storm(const char *dir, size_t workers, size_t operations, struct error *err);

/* years of hourly backups, with retention, rotation, and failures in one of 100 operations. */
int fault_soak(const char *dir, double years, struct error *err);

#endif
