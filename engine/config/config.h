/* SPDX-License-Identifier: MIT */
/*
 * config: what the user configured, from flags, environment, file and defaults.
 *
 * Every key is a row of the table in keys.c: dotted name, type, default,
 * range, environment names, help. Asking for a name that is not in the table
 * is a bug and asserts.
 *
 *	DEFER(config) *c = NULL;
 *
 *	if (config_load(&c, path_or_null, err) < 0) ...
 *	for (i = 0; i < config_warning_count(c); i++) log_warn("%s", config_warning(c, i));
 *	base = config_text(c, "backup.storage.local.base_path");
 *
 * Precedence: flag (config_set) > environment > file > default. Read-only
 * after loading, and then thread-safe.
 */
#ifndef ENGINE_CONFIG_CONFIG_H
#define ENGINE_CONFIG_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/base/cleanup.h"

struct buf;
struct error;
struct config;

enum config_type {
	CONFIG_TEXT,
	CONFIG_PATH, /* "~" expanded; relative to the working directory, as the guides use them
	              */
	CONFIG_BOOL,
	CONFIG_INT,
	CONFIG_SIZE,     /* bytes: "64MB" */
	CONFIG_DURATION, /* seconds: "168h", "7d"; a bare number is seconds */
	CONFIG_MODE,     /* file mode: "0755" */
	CONFIG_CHOICE,   /* one of choices, case ignored, stored lower case */
	CONFIG_LIST, /* of text, "~" expanded as in a path; a single text is a list of one */
	CONFIG_MAP,  /* text to text */
};

enum config_origin { CONFIG_FROM_DEFAULT, CONFIG_FROM_FILE, CONFIG_FROM_ENV, CONFIG_FROM_FLAG };

struct config_key {
	const char *name; /* "backup.storage.local.base_path" */
	/* Text of the default, may hold ${...}; NULL: unset, or decided by rules.c. */
	const char *fallback;
	int64_t min, max;    /* of CONFIG_INT, SIZE, DURATION; 0, 0: any that is not negative */
	const char *choices; /* "local|s3|azure|gcs" for CONFIG_CHOICE */
	/*
	 * Further variables, "A B", tried in this order before the derived one: "!A" means the
	 * opposite, "?A" is a cloud's own and weaker than the file.
	 */
	const char *env;
	const char *alias; /* other dotted spellings, separated by blanks */
	const char *help;  /* one line, no full stop */
	enum config_type type;
	bool secret; /* never shown */
	bool fixed;  /* a mount keeps it until it ends */
	/* CONFIG_LIST: items that begin so hold a secret behind it, which is never shown. */
	const char *secret_prefix;
};

/* Where a secret for encryption is looked for: by default, and, after key_env_var, in any case.
 */
#define CONFIG_SECRET_VARIABLE "BACKUP_ENCRYPTION_KEY"
#define CONFIG_SECRET_VARIABLES \
	CONFIG_SECRET_VARIABLE " MYSQL_SCHEMA_SYNC_" CONFIG_SECRET_VARIABLE

/* The table. */
const struct config_key *config_keys(size_t *count);
/* Also by alias or through a block that stands elsewhere ("retention.max_age"); NULL: none. */
const struct config_key *config_key_find(const char *name);
/* What a key takes: "a whole number from 1 to 65535", "one of local, s3, azure, gcs". */
void config_key_allowed(struct buf *out, const struct config_key *k);
/* The environment variables of a key, strongest first; false at the end. *step begins at 0. */
bool config_key_variable(struct buf *out, const struct config_key *k, size_t *step);

/*
 * Loads a configuration. path NULL: discovery, the first that exists of
 * ./.mysql-schema-sync.yaml, ./mysql-schema-sync.yaml, ./config.yaml (only when it has one of
 * the top-level keys backup, source, target, retention, migration),
 * $XDG_CONFIG_HOME/mysql-schema-sync/{config,mysql-schema-sync}.yaml,
 * $XDG_CONFIG_HOME/mysql-schema-sync.yaml, ~/.mysql-schema-sync.yaml,
 * ~/mysql-schema-sync.yaml, /etc/mysql-schema-sync/config.yaml,
 * /etc/mysql-schema-sync.yaml; none of them: defaults and environment only.
 * MYSQL_SCHEMA_SYNC_CONFIG names a file as --config does.
 *
 * ${VAR}, ${VAR:-default} and ${VAR:offset:length} are replaced in values,
 * and $${ stands for ${ (substitute.h). Unknown keys are warnings with file:line:column and a
 * suggestion; a value that is wrong is ERR_CONFIG with file:line:column, the value, what is
 * allowed.
 */
int config_load(struct config **out, const char *path, struct error *err);
/* The same from text in memory, with no discovery; for tests and other sources. */
int config_parse(struct config **out, const char *yaml, size_t len, const char *name,
                 struct error *err);
void config_free(struct config *c); /* NULL is fine */
DEFINE_DEFER(config, config_free)

/*
 * Sets a value as a flag does; the text is checked like a value in a file. ERR_USAGE, after
 * which c is good for config_free() only. Lists and maps are separated by commas.
 */
int config_set(struct config *c, const char *name, const char *value, struct error *err);

const char *config_file(const struct config *c); /* the file read; NULL: none */
size_t config_warning_count(const struct config *c);
const char *config_warning(const struct config *c, size_t i);

/* Values. Borrowed: they live as long as c. Unset or empty text is NULL, unset numbers 0. */
bool config_is_set(const struct config *c, const char *name); /* by anything but the default */
const char *config_text(const struct config *c, const char *name); /* TEXT, PATH, CHOICE */
bool config_bool(const struct config *c, const char *name);
int64_t config_int(const struct config *c, const char *name); /* INT, SIZE, DURATION, MODE */
size_t config_list_count(const struct config *c, const char *name);
const char *config_list_at(const struct config *c, const char *name, size_t i);
size_t config_map_count(const struct config *c, const char *name);
const char *config_map_at(const struct config *c, const char *name, size_t i,
                          const char **value);

/* Where a value comes from: "default", "config.yaml:12:5", "environment BACKUP_MAX_AGE",
 * "flag". */
enum config_origin config_origin(const struct config *c, const char *name);
void config_describe_origin(struct buf *out, const struct config *c, const char *name);
/* The value as text for people; "(secret)" for secrets, "" when unset. */
void config_show(struct buf *out, const struct config *c, const char *name);

/* What differs between two configurations; secrets show as "(secret)". */
typedef void config_change_fn(void *arg, const struct config_key *k, const char *before,
                              const char *now);
void config_compare(const struct config *before, const struct config *now, config_change_fn *fn,
                    void *arg);
/* What is fixed for a mount is in c as it was before. */
void config_keep_fixed(struct config *c, const struct config *before);

/* A commented sample configuration, made from the table. */
void config_sample(struct buf *out);

#endif
