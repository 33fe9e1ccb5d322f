/* SPDX-License-Identifier: MIT */
/* renew: a configuration that was read again, beside the one before it. */
#include <string.h>

#include "engine/base/buf.h"
#include "engine/base/secret.h"
#include "engine/config/config.h"
#include "engine/config/state.h"
#include "engine/config/value.h"

static bool is_equal(const struct config_key *k, const struct value *a, const struct value *b)
{
	autobuf left = BUF_INIT;
	autobuf right = BUF_INIT;
	bool equal;

	value_write(&left, k, a);
	value_write(&right, k, b);
	equal = left.len == right.len && memcmp(left.data, right.data, left.len) == 0;
	secret_wipe(left.data, left.len);
	secret_wipe(right.data, right.len);
	return equal;
}

void config_compare(const struct config *before, const struct config *now, config_change_fn *fn,
                    void *arg)
{
	size_t count;
	const struct config_key *keys = config_keys(&count);

	for (size_t i = 0; i < count; i++) {
		autobuf left = BUF_INIT;
		autobuf right = BUF_INIT;

		if (is_equal(&keys[i], &before->values[i], &now->values[i]))
			continue;
		config_show(&left, before, keys[i].name);
		config_show(&right, now, keys[i].name);
		fn(arg, &keys[i], left.data, right.data);
	}
}

void config_keep_fixed(struct config *c, const struct config *before)
{
	size_t count;
	const struct config_key *keys = config_keys(&count);

	for (size_t i = 0; i < count; i++) {
		if (keys[i].fixed)
			value_copy(&c->values[i], &before->values[i]);
	}
}
