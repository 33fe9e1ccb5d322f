/* SPDX-License-Identifier: MIT */
/* secrets: the keyring that the configuration describes. */
#include <stdio.h>
#include <string.h>

#include "catalog/catalog.h"
#include "engine/base/error.h"
#include "engine/base/fsutil.h"
#include "engine/base/log.h"
#include "engine/base/mem.h"
#include "engine/base/number.h"
#include "engine/base/secret.h"
#include "engine/codec/keyring.h"
#include "engine/config/config.h"
#include "engine/repo/internal.h"

#define LOG_MODULE "repo/secrets"

#define PREVIOUS   "backup.encryption.previous_keys"
#define NOTE_SINCE "secret_since:"

/* Which key of the configuration holds the value of each source, and what an item of
 * previous_keys says. */
static const struct {
	const char *kind;
	const char *key;
	const char *prefix;
} sources[] = {
	{ "file", "backup.encryption.key_file", "file:" },
	{ "fd", "backup.encryption.key_fd", "fd:" },
	{ "credential", "backup.encryption.key_credential", "credential:" },
	{ "direct", "backup.encryption.key", "key:" },
	{ "env", "backup.encryption.key_env_var", "env:" },
};

/* The value of a source as the keyring takes it; caller frees. */
static char *source_value(const struct config *c, size_t i)
{
	const char *key = sources[i].key;

	if (strcmp(sources[i].kind, "env") == 0)
		return mem_printf("%s " CONFIG_SECRET_VARIABLES, config_text(c, key));
	if (!config_is_set(c, key))
		return NULL;
	if (config_key_find(key)->type == CONFIG_INT)
		return mem_printf("%lld", (long long)config_int(c, key));
	return mem_strdup(config_text(c, key) ? config_text(c, key) : "");
}

static int add_current(struct keyring *k, const struct keyring *before, const struct config *c,
                       struct error *err)
{
	const char *kind = config_text(c, "backup.encryption.key_source");

	for (size_t i = 0; i < ARRAY_SIZE(sources); i++) {
		struct keyring_source source = { .kind = kind };
		char *value;
		int result;

		if (strcmp(sources[i].kind, kind) != 0)
			continue;
		value = source_value(c, i);
		if (!value) {
			error_set(err, ERR_CONFIG, "encryption key not found: %s is not set",
			          sources[i].key);
			return error_hint(err, "backup.encryption.key_source is %s; set %s.",
			                  kind, sources[i].key);
		}
		source.value = value;
		result = keyring_add_again(k, &source, before, err);
		secret_wipe(value, strlen(value));
		free(value);
		return result;
	}
	error_set(err, ERR_CONFIG, "backup.encryption.key_source: %s is not supported", kind);
	return error_hint(err, "Use env, file, fd, credential or direct.");
}

/* An item of previous_keys: a file, or a source and its value. */
static int add_previous(struct keyring *k, const struct keyring *before, const char *item,
                        struct error *err)
{
	struct keyring_source source = { .kind = "file", .value = item };
	autofree char *path = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(sources); i++) {
		size_t n = strlen(sources[i].prefix);

		if (strncmp(item, sources[i].prefix, n) == 0) {
			source.kind = sources[i].kind;
			source.value = item + n;
		}
	}
	if (strcmp(source.kind, "file") == 0) {
		path = path_expand(source.value);
		source.value = path;
	}
	return keyring_add_again(k, &source, before, err);
}

static void note_failure(struct repo *r, bool current, const char *source,
                         const struct error *why)
{
	struct secret_failure *f;

	r->failures = mem_resize(r->failures, r->failure_count + 1, sizeof(*r->failures));
	f = &r->failures[r->failure_count++];
	f->current = current;
	f->source = mem_strdup(strncmp(source, "key:", 4) == 0 ? "configured key" : source);
	f->why = *why;
}

void repo_keyring_load(struct repo *r, const struct keyring *before)
{
	const struct config *c = r->config;

	r->keyring = keyring_new();
	if (add_current(r->keyring, before, c, &r->secret_problem) < 0)
		note_failure(r, true, config_text(c, "backup.encryption.key_source"),
		             &r->secret_problem);
	for (size_t i = 0; i < config_list_count(c, PREVIOUS); i++) {
		const char *item = config_list_at(c, PREVIOUS, i);
		struct error err = ERROR_INIT;

		if (add_previous(r->keyring, before, item, &err) < 0) {
			note_failure(r, false, item, &err);
			log_failure(LOG_MODULE, PREVIOUS, &err);
		}
	}
}

void repo_keyring_unload(struct repo *r)
{
	for (size_t i = 0; i < r->failure_count; i++)
		free(r->failures[i].source);
	free(r->failures);
	keyring_free(r->keyring);
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

int repo_secret_since(int64_t *out, struct repo *r, const char *fingerprint, struct error *err)
{
	autofree char *name = mem_printf(NOTE_SINCE "%s", fingerprint);
	autofree char *text = NULL;
	int found = catalog_note_get(r->catalog, name, &text, err);

	*out = 0;
	if (found <= 0)
		return found;
	return number_parse_i64(out, text, 0, INT64_MAX, err);
}

int repo_secret_note(struct repo *r, const char *fingerprint, int64_t since, struct error *err)
{
	autofree char *name = mem_printf(NOTE_SINCE "%s", fingerprint);
	char text[NUMBER_TEXT_MAX];
	int64_t known;

	if (repo_secret_since(&known, r, fingerprint, err) < 0)
		return -1;
	if (since <= 0 || (known != 0 && known <= since))
		return 0;
	snprintf(text, sizeof(text), "%lld", (long long)since);
	return catalog_note_set(r->catalog, name, text, err);
}

int repo_secret_of(const struct secret **out, const struct repo *r, const struct envelope *e,
                   struct error *err)
{
	char hex[FINGERPRINT_HEX_SIZE];

	*out = NULL;
	if (!e->encrypted)
		return 0;
	*out = keyring_find(r->keyring, &e->secret);
	if (*out)
		return 0;
	fingerprint_hex(hex, &e->secret);
	return error_set(err, ERR_DENIED, "encrypted with secret %s, which is not configured",
	                 hex);
}
