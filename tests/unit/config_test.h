/* SPDX-License-Identifier: MIT */
/*
 * config_test: what the tests of engine/config share: configurations from text,
 * and assertions on what they hold.
 */
#ifndef TESTS_UNIT_CONFIG_TEST_H
#define TESTS_UNIT_CONFIG_TEST_H

#include <stdlib.h>
#include <unistd.h>

#include "tests/unit/test.h"

#include "engine/base/buf.h"
#include "engine/base/fsutil.h"
#include "engine/config/config.h"

static inline struct config *parse(const char *yaml)
{
	struct error err = ERROR_INIT;
	struct config *c = NULL;

	assert_ok(config_parse(&c, yaml, strlen(yaml), "t.yaml", &err));
	return c;
}

static inline int try_parse(const char *yaml, struct error *err)
{
	DEFER(config) *c = NULL;

	return config_parse(&c, yaml, strlen(yaml), "t.yaml", err);
}

static inline void assert_shows(const struct config *c, const char *name, const char *want)
{
	autobuf shown = BUF_INIT;

	config_show(&shown, c, name);
	if (strcmp(shown.data, want) != 0)
		fail_msg("%s: want \"%s\", got \"%s\"", name, want, shown.data);
}

static inline void assert_origin(const struct config *c, const char *name, const char *want)
{
	autobuf origin = BUF_INIT;

	config_describe_origin(&origin, c, name);
	assert_string_equal(origin.data, want);
}

static inline void assert_no_warnings(const struct config *c)
{
	if (config_warning_count(c) > 0)
		fail_msg("warning: %s", config_warning(c, 0));
}

/* The values of all keys, one "name=value" per line. */
static inline void show_all(struct buf *out, const struct config *c)
{
	size_t count;
	const struct config_key *keys = config_keys(&count);

	for (size_t i = 0; i < count; i++) {
		buf_addf(out, "%s=", keys[i].name);
		config_show(out, c, keys[i].name);
		buf_addc(out, '\n');
	}
}

/* A home without any configuration, and the working directory inside it. */
static char config_home[] __attribute__((unused)) = "/tmp/test_config_XXXXXX";

static inline int config_home_make(void **state)
{
	(void)state;
	if (!mkdtemp(config_home) || chdir(config_home) < 0)
		return -1;
	setenv("HOME", config_home, 1);
	unsetenv("XDG_CONFIG_HOME");
	unsetenv("XDG_DATA_HOME");
	return 0;
}

static inline int config_home_unmake(void **state)
{
	struct error err = ERROR_INIT;

	(void)state;
	if (chdir("/") < 0)
		return -1;
	return dir_remove_tree(config_home, &err);
}

#endif
