/* SPDX-License-Identifier: MIT */
/* secrets: the keyring that the configuration describes. */
#include <string.h>

#include "engine/base/error.h"
#include "engine/base/log.h"
#include "engine/base/mem.h"
#include "engine/codec/keyring.h"
#include "engine/config/config.h"
#include "engine/repo/internal.h"

#define LOG_MODULE "repo/secrets"

/* Which key of the configuration holds the value of each source. */
static const struct {
	const char *kind;
	const char *key;
} sources[] = {
	{ "file", "backup.encryption.key_file" },
	{ "fd", "backup.encryption.key_fd" },
	{ "credential", "backup.encryption.key_credential" },
	{ "direct", "backup.encryption.key" },
};

static int add_current(struct keyring *k, const struct config *c, struct error *err)
{
	struct keyring_source source = { .kind = config_text(c,
		                                             "backup.encryption.key_source") };
	autofree char *names = NULL;

	if (strcmp(source.kind, "env") == 0) {
		names = mem_printf("%s BACKUP_ENCRYPTION_KEY "
		                   "MYSQL_SCHEMA_SYNC_BACKUP_ENCRYPTION_KEY",
		                   config_text(c, "backup.encryption.key_env_var"));
		source.value = names;
		return keyring_add(k, &source, err);
	}
	for (size_t i = 0; i < ARRAY_SIZE(sources); i++) {
		if (strcmp(sources[i].kind, source.kind) == 0) {
			autobuf value = BUF_INIT;

			if (config_key_find(sources[i].key)->type == CONFIG_INT)
				buf_addf(&value, "%lld",
				         (long long)config_int(c, sources[i].key));
			else if (config_text(c, sources[i].key))
				buf_adds(&value, config_text(c, sources[i].key));
			if (!config_is_set(c, sources[i].key)) {
				error_set(err, ERR_CONFIG,
				          "encryption key not found: %s is not set",
				          sources[i].key);
				return error_hint(err,
				                  "backup.encryption.key_source is %s; set %s.",
				                  source.kind, sources[i].key);
			}
			source.value = value.data;
			return keyring_add(k, &source, err);
		}
	}
	error_set(err, ERR_CONFIG, "backup.encryption.key_source: %s is not supported",
	          source.kind);
	return error_hint(err, "Use env, file, fd, credential or direct.");
}

void repo_keyring_load(struct repo *r)
{
	const struct config *c = r->config;
	const char *previous = "backup.encryption.previous_keys";

	r->keyring = keyring_new();
	add_current(r->keyring, c, &r->secret_problem);
	for (size_t i = 0; i < config_list_count(c, previous); i++) {
		const struct keyring_source source = { .kind = "file",
			                               .value =
			                                       config_list_at(c, previous, i) };
		struct error err = ERROR_INIT;

		if (keyring_add(r->keyring, &source, &err) < 0)
			log_failure(LOG_MODULE, previous, &err);
	}
}

int repo_current_secret(const struct secret **out, const struct repo *r, struct error *err)
{
	*out = NULL;
	if (!config_bool(r->config, "backup.encryption.enabled"))
		return 0;
	if (r->secret_problem.code != ERR_NONE) {
		*err = r->secret_problem;
		return -1;
	}
	*out = keyring_secret(r->keyring, 0);
	return 0;
}
