/* SPDX-License-Identifier: MIT */
/* Any bytes as a configuration: a value or an error with its place, never a crash. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/buf.h"
#include "engine/base/error.h"
#include "engine/config/config.h"
#include "engine/config/connection.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
	if (!holds)
		abort();
}

/* A value that was taken is within the range of its row. */
static void check_value(const struct config *c, const struct config_key *k)
{
	autobuf shown = BUF_INIT;

	config_show(&shown, c, k->name);
	if (k->type == CONFIG_INT && k->max > 0 && config_is_set(c, k->name))
		must(config_int(c, k->name) >= k->min && config_int(c, k->name) <= k->max);
	if (k->type == CONFIG_CHOICE && config_text(c, k->name))
		must(strstr(k->choices, config_text(c, k->name)) != NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	DEFER(config) *c = NULL;
	struct error err = ERROR_INIT;
	struct connection connection;
	size_t count;
	const struct config_key *keys = config_keys(&count);

	if (config_parse(&c, (const char *)data, size, "fuzz.yaml", &err) < 0) {
		must(err.code == ERR_CONFIG && strncmp(err.text, "fuzz.yaml:", 10) == 0);
		return 0;
	}
	for (size_t i = 0; i < count; i++)
		check_value(c, &keys[i]);
	if (connection_from_config(&connection, c, CONNECTION_TARGET, &err) < 0)
		must(err.code == ERR_CONFIG && strncmp(err.text, "fuzz.yaml:", 10) == 0);
	return 0;
}
