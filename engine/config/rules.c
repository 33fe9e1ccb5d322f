/* SPDX-License-Identifier: MIT */
/*
 * rules: what depends on more than one key: defaults that other values decide,
 * and values that contradict each other.
 *
 * Runs after loading and again after each flag. A rule may change values that
 * nobody said, and those that something stronger made unfit.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "engine/base/buf.h"
#include "engine/base/error.h"
#include "engine/base/mem.h"
#include "engine/config/state.h"

/* "config.yaml:12:5: backup.compression.level" */
static void place_of(struct buf *out, const struct config *c, const char *name)
{
	config_write_origin(out, c, config_value(c, name));
	buf_addf(out, ": %s", name);
}

static bool is_said(const struct config *c, const char *name)
{
	return config_value(c, name)->origin != CONFIG_FROM_DEFAULT;
}

static void derive_text(struct value *v, const char *text)
{
	value_finish(v);
	v->text = mem_strdup(text);
}

static int settle_level(struct config *c, struct error *err)
{
	static const struct {
		const char *algorithm;
		int64_t most, usual;
	} levels[] = {
		{ "zstd", 22, 3 },
		{ "gzip", 9, 6 },
		{ "lz4", 12, 1 },
	};
	const struct value *algorithm = config_value(c, "backup.compression.algorithm");
	struct value *level = config_value(c, "backup.compression.level");
	autobuf place = BUF_INIT;
	size_t i = 0;

	while (i < ARRAY_SIZE(levels) && strcmp(levels[i].algorithm, algorithm->text) != 0)
		i++;
	if (i == ARRAY_SIZE(levels))
		return 0; /* none: a level does no harm */
	/* A level for another algorithm, said more weakly than this one, gives way. */
	if (level->origin < algorithm->origin && level->number > levels[i].most)
		value_finish(level);
	if (level->origin == CONFIG_FROM_DEFAULT) {
		level->number = levels[i].usual;
		return 0;
	}
	if (level->number <= levels[i].most)
		return 0;
	place_of(&place, c, "backup.compression.level");
	return error_set(err, ERR_CONFIG,
	                 "%s: %" PRId64 " is not a level of %s, which has 1 to %" PRId64,
	                 place.data, level->number, levels[i].algorithm, levels[i].most);
}

/* Which key each source needs. */
static const struct {
	const char *source, *key;
} secret_sources[] = {
	{ "file", "backup.encryption.key_file" },
	{ "direct", "backup.encryption.key" },
	{ "fd", "backup.encryption.key_fd" },
	{ "credential", "backup.encryption.key_credential" },
	{ "env", "backup.encryption.key_env_var" },
};

/*
 * A secret that is written down is used also when key_source does not say so.
 * A variable alone decides nothing: MYSQL_SCHEMA_SYNC_BACKUP_ENCRYPTION_KEY is
 * also the second place where key_source env looks.
 */
static int derive_source(struct config *c, struct error *err)
{
	struct value *source = config_value(c, "backup.encryption.key_source");
	const char *found = NULL, *key = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(secret_sources); i++) {
		const struct value *v = config_value(c, secret_sources[i].key);

		if (strcmp(secret_sources[i].source, "env") == 0 ||
		    v->origin == CONFIG_FROM_DEFAULT ||
		    (v->origin == CONFIG_FROM_ENV &&
		     strcmp(secret_sources[i].source, "direct") == 0))
			continue;
		if (found) {
			autobuf place = BUF_INIT;

			place_of(&place, c, secret_sources[i].key);
			error_set(err, ERR_CONFIG, "%s: there is %s as well", place.data, key);
			return error_hint(err, "Say with backup.encryption.key_source which of "
			                       "them holds the secret.");
		}
		found = secret_sources[i].source;
		key = secret_sources[i].key;
	}
	derive_text(source, found ? found : "env");
	return 0;
}

static int settle_secret(struct config *c, struct error *err)
{
	const struct value *source = config_value(c, "backup.encryption.key_source");
	struct value *variable = config_value(c, "backup.encryption.key_env_var");

	if (!variable->text)
		value_default(variable, config_key_find("backup.encryption.key_env_var"));
	if (source->origin == CONFIG_FROM_DEFAULT && derive_source(c, err) < 0)
		return -1;
	if (!config_value(c, "backup.encryption.enabled")->number)
		return 0;
	for (size_t i = 0; i < ARRAY_SIZE(secret_sources); i++) {
		const struct value *v = config_value(c, secret_sources[i].key);
		autobuf place = BUF_INIT;

		if (strcmp(secret_sources[i].source, source->text) != 0 || v->text ||
		    (strcmp(source->text, "fd") == 0 && v->origin != CONFIG_FROM_DEFAULT))
			continue;
		place_of(&place, c, "backup.encryption.key_source");
		return error_set(err, ERR_CONFIG, "%s: %s needs %s", place.data, source->text,
		                 secret_sources[i].key);
	}
	return 0;
}

/* Ten backups, unless any other policy was chosen. */
static int settle_retention(struct config *c, struct error *err)
{
	static const char *const policies[] = {
		"backup.retention.max_age",     "backup.retention.keep_last",
		"backup.retention.keep_hourly", "backup.retention.keep_daily",
		"backup.retention.keep_weekly", "backup.retention.keep_monthly",
		"backup.retention.keep_yearly", "backup.retention.keep_within",
	};
	struct value *most = config_value(c, "backup.retention.max_backups");
	bool chosen = false;

	(void)err;
	for (size_t i = 0; i < ARRAY_SIZE(policies); i++)
		chosen = chosen || is_said(c, policies[i]);
	if (most->origin == CONFIG_FROM_DEFAULT)
		most->number = chosen ? 0 : 10;
	return 0;
}

/* The C library takes a zone that it does not know for UTC and says nothing. */
static bool zone_is_known(const char *zone)
{
	const char *dir = getenv("TZDIR");
	autofree char *path = NULL;
	struct stat st;

	if (zone[0] == '/' || zone[0] == ':' || strstr(zone, ".."))
		return false;
	path = mem_printf("%s/%s", dir ? dir : "/usr/share/zoneinfo", zone);
	return stat(path, &st) == 0 && S_ISREG(st.st_mode);
}

static int settle_zone(struct config *c, struct error *err)
{
	struct value *zone = config_value(c, "timezone");
	autobuf place = BUF_INIT;

	if (zone->text && strcasecmp(zone->text, "local") == 0) {
		free(take(zone->text));
		return 0;
	}
	if (!zone->text || strcmp(zone->text, "UTC") == 0 || zone_is_known(zone->text))
		return 0;
	place_of(&place, c, "timezone");
	error_set(err, ERR_CONFIG, "%s: no time zone \"%.60s\"", place.data, zone->text);
	return error_hint(err, "Write local, UTC or a name such as Europe/Berlin. Zones come "
	                       "with the package tzdata.");
}

/* Of two that exclude each other the one said more strongly counts. */
static int settle_verbosity(struct config *c, struct error *err)
{
	struct value *verbose = config_value(c, "verbose");
	struct value *quiet = config_value(c, "quiet");
	autobuf place = BUF_INIT;

	if (!verbose->number || !quiet->number)
		return 0;
	if (verbose->origin != quiet->origin) {
		struct value *weaker = verbose->origin < quiet->origin ? verbose : quiet;

		value_finish(weaker);
		return 0;
	}
	place_of(&place, c, "quiet");
	return error_set(err, ERR_CONFIG, "%s: contradicts verbose", place.data);
}

typedef int rule_fn(struct config *c, struct error *err);

static rule_fn *const rules[] = {
	settle_level, settle_secret, settle_retention, settle_zone, settle_verbosity,
};

int rules_settle(struct config *c, struct error *err)
{
	for (size_t i = 0; i < ARRAY_SIZE(rules); i++) {
		if (rules[i](c, err) < 0)
			return -1;
	}
	return 0;
}
