/* SPDX-License-Identifier: MIT */
#include "fs/reload.h"

#include <stddef.h>
#include <string.h>

#include "engine/base/error.h"
#include "engine/base/log.h"
#include "engine/base/mem.h"
#include "engine/config/config.h"
#include "engine/repo/repo.h"
#include "fs/fsys.h"

#define LOG_MODULE "fs/reload"

/* Whoever removes his file, or puts a nearer one beside it, did not mean all its defaults. */
static int check_file(const struct config *now, const struct config *before, struct error *err)
{
	const char *a = config_file(now), *b = config_file(before);

	if (!b || (a && strcmp(a, b) == 0))
		return 0;
	if (!a)
		return error_set(err, ERR_CONFIG, "the configuration file %s is gone", b);
	error_set(err, ERR_CONFIG, "the configuration would be %s instead of %s", a, b);
	return error_hint(err, "Name the file with --config, and start the mount again.");
}

static void say_fixed(void *arg, const struct config_key *k, const char *before,
                      const char *now)
{
	(void)arg;
	if (k->fixed)
		log_warn("%s stays %s while mounted: for %s unmount and start again", k->name,
		         *before ? before : "unset", *now ? now : "unset");
}

static void say_changed(void *arg, const struct config_key *k, const char *before,
                        const char *now)
{
	size_t *count = arg;

	log_info("%s is %s now, was %s", k->name, *now ? now : "unset",
	         *before ? before : "unset");
	(*count)++;
}

int reload_run(struct fsys *fs, const struct reload *how, struct error *err)
{
	DEFER(repo) *before = fsys_repo(fs);
	DEFER(config) *c = NULL;
	struct repo *r = NULL;
	size_t count = 0;

	if (config_load(&c, how->config, err) < 0 ||
	    check_file(c, repo_config(before), err) < 0)
		return -1;
	for (size_t i = 0; i < config_warning_count(c); i++)
		log_warn("%s", config_warning(c, i));
	config_compare(repo_config(before), c, say_fixed, NULL);
	config_keep_fixed(c, repo_config(before));
	if (repo_reopen(&r, before, c, err) < 0)
		return -1;
	take(c);
	if (logs_open(repo_config(r), &how->logs, err) < 0) {
		repo_close(r);
		return -1;
	}
	config_compare(repo_config(before), repo_config(r), say_changed, &count);
	log_info("configuration read again, %zu values changed", count);
	fsys_renew(fs, r);
	return 0;
}
