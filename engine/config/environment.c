/* SPDX-License-Identifier: MIT */
/* environment: values from environment variables, as the rows of the table name them. */
#include <stdlib.h>
#include <string.h>

#include "engine/base/buf.h"
#include "engine/base/error.h"
#include "engine/base/mem.h"
#include "engine/config/state.h"

/*
 * Parts of one credential. When the configuration gives one of them, the
 * cloud's own variables give none: the token of one account must not meet the
 * key of another.
 */
static const char *const credentials[][4] = {
	{ "backup.storage.s3.access_key", "backup.storage.s3.secret_key",
	  "backup.storage.s3.session_token", NULL },
	{ "backup.storage.azure.account_key", "backup.storage.azure.sas_token",
	  "backup.storage.azure.connection_string", NULL },
};

static bool is_said(const struct config *c, const char *name)
{
	return config_value(c, name)->origin != CONFIG_FROM_DEFAULT;
}

/* Does the configuration already give a part of the credential that this key is a part of? */
static bool is_given(const struct config *c, const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(credentials); i++) {
		bool part = false;
		bool given = false;

		for (size_t j = 0; credentials[i][j]; j++) {
			part = part || strcmp(credentials[i][j], name) == 0;
			given = given || is_said(c, credentials[i][j]);
		}
		if (part)
			return given;
	}
	return is_said(c, name);
}

static int take_variable(struct value *slot, const struct config_key *k,
                         const struct keys_variable *variable, const char *text,
                         struct error *err)
{
	autovalue v = VALUE_INIT;

	if (value_parse(&v, k, text, err) < 0) {
		err->code = ERR_CONFIG;
		return error_wrap(err, "environment %s: %s", variable->name, k->name);
	}
	if (variable->kind == KEYS_VARIABLE_INVERTED)
		v.number = !v.number;
	v.origin = CONFIG_FROM_ENV;
	v.variable = mem_strdup(variable->name);
	value_move(slot, &v);
	return 0;
}

/* The strongest variable of a key that is set: ours, or else the cloud's own. */
static int apply(struct value *slot, const struct config_key *k, bool ambient,
                 struct error *err)
{
	struct keys_variable variable;
	size_t step = 0;

	while (keys_variable_next(&variable, k, &step)) {
		const char *text = getenv(variable.name);

		if ((variable.kind == KEYS_VARIABLE_AMBIENT) == ambient && text && text[0])
			return take_variable(slot, k, &variable, text, err);
	}
	return 0;
}

int environment_apply(struct config *c, struct error *err)
{
	size_t count;
	const struct config_key *keys = config_keys(&count);
	autofree bool *wanted = mem_array(count, sizeof(*wanted));

	for (size_t i = 0; i < count; i++) {
		if (apply(&c->values[i], &keys[i], false, err) < 0)
			return -1;
	}
	/* Decided for all keys before the first is taken: parts of a credential come together.
	 */
	for (size_t i = 0; i < count; i++)
		wanted[i] = !is_given(c, keys[i].name);
	for (size_t i = 0; i < count; i++) {
		if (wanted[i] && apply(&c->values[i], &keys[i], true, err) < 0)
			return -1;
	}
	return 0;
}
