/* SPDX-License-Identifier: MIT */
/* sample: a configuration file that says nothing but what there is to say. */
#include <string.h>

#include "engine/base/buf.h"
#include "engine/config/config.h"
#include "engine/config/keys.h"
#include "engine/config/value.h"

static void indent(struct buf *out, unsigned int depth)
{
	for (unsigned int i = 0; i < depth; i++)
		buf_adds(out, "  ");
}

/* Opens the blocks that a name stands in and the one before it does not; gives their number. */
static unsigned int open_blocks(struct buf *out, const char *name, const char *before)
{
	unsigned int depth = 0;
	bool same = true;

	for (const char *dot = strchr(name, '.'); dot; dot = strchr(dot + 1, '.')) {
		size_t n = (size_t)(dot - name);
		char block[KEYS_PATH_MAX] = "";
		const char *last;

		same = same && strncmp(name, before, n + 1) == 0;
		memcpy(block, name, n);
		last = strrchr(block, '.');
		if (!same) {
			buf_addc(out, '\n');
			indent(out, depth);
			buf_addf(out, "# %s.\n", keys_heading(block));
			indent(out, depth);
			buf_addf(out, "%s:\n", last ? last + 1 : block);
		}
		depth++;
	}
	return depth;
}

static bool is_quoted(const struct config_key *k)
{
	return k->type == CONFIG_TEXT || k->type == CONFIG_PATH || k->type == CONFIG_MODE;
}

static void add_key(struct buf *out, const struct config_key *k, unsigned int depth)
{
	const char *dot = strrchr(k->name, '.');
	const char *quote = is_quoted(k) ? "\"" : "";

	indent(out, depth);
	buf_addf(out, "# %s", k->help);
	if (k->type == CONFIG_CHOICE && strchr(k->choices, '|')) {
		buf_adds(out, " (");
		value_allowed(out, k);
		buf_addc(out, ')');
	}
	buf_addc(out, '\n');
	indent(out, depth);
	buf_addf(out, "#%s:", dot ? dot + 1 : k->name);
	if (k->fallback)
		buf_addf(out, " %s%s%s", quote, k->fallback, quote);
	buf_addc(out, '\n');
}

void config_sample(struct buf *out)
{
	size_t count;
	const struct config_key *keys = config_keys(&count);
	const char *before = "";

	buf_adds(out,
	         "# Configuration of mysql-schema-sync and schemafs.\n"
	         "#\n"
	         "# Every key is here, switched off by a # and with its default. Remove the #\n"
	         "# of those that you want to be different. ${NAME} and ${NAME:-default} are\n"
	         "# replaced by environment variables.\n");
	for (size_t i = 0; i < count; i++) {
		unsigned int depth = open_blocks(out, keys[i].name, before);

		/* Blank line between a block and the plain keys behind it. */
		if (depth == 0 && strchr(before, '.'))
			buf_addc(out, '\n');
		add_key(out, &keys[i], depth);
		before = keys[i].name;
	}
}
