/* SPDX-License-Identifier: MIT */
/* reference: prints docs/config-reference.md, made from the table of keys. */
#include <stdio.h>
#include <string.h>

#include "engine/base/buf.h"
#include "engine/base/cleanup.h"
#include "engine/config/config.h"
#include "engine/config/keys.h"
#include "engine/config/value.h"

static const char introduction[] =
	"<!-- SPDX-License-Identifier: MIT -->\n"
	"<!-- Made by engine/config/reference.c; tests/lint/generated.py compares it. -->\n"
	"# Configuration reference\n"
	"\n"
	"Both programs read the same configuration. A value comes from the first of these\n"
	"that says it: an option of the command line, an environment variable, the file, the\n"
	"default. `mysql-schema-sync config` prints a file with every key and its default.\n"
	"\n"
	"## The file\n"
	"\n"
	"`--config FILE` names it, or the variable `MYSQL_SCHEMA_SYNC_CONFIG`. Otherwise the\n"
	"first of these is read that exists:\n"
	"\n"
	"1. `.mysql-schema-sync.yaml`, `mysql-schema-sync.yaml` in the working directory\n"
	"2. `config.yaml` there, if it has one of the keys `backup`, `source`, `target`,\n"
	"   `retention` or `migration` at the top\n"
	"3. `mysql-schema-sync/config.yaml`, `mysql-schema-sync/mysql-schema-sync.yaml`,\n"
	"   `mysql-schema-sync.yaml` in `$XDG_CONFIG_HOME` (`~/.config`)\n"
	"4. `~/.mysql-schema-sync.yaml`, `~/mysql-schema-sync.yaml`\n"
	"5. `/etc/mysql-schema-sync/config.yaml`, `/etc/mysql-schema-sync.yaml`\n"
	"\n"
	"A file that cannot be read, is not YAML or holds a wrong value is an error with line\n"
	"and column. A key that is not in this list is a warning. A key without a value counts\n"
	"as not given.\n"
	"\n"
	"In values, `${NAME}` is an environment variable, `${NAME:-default}` has a default for\n"
	"when it is empty or not set, `${NAME:offset:length}` is a part of it. `$${` stands for\n"
	"the two characters `${`; any other `$` for itself. A variable that is not set and has\n"
	"no default is empty, and a warning says so.\n"
	"\n"
	"Durations are written as `90s`, `1h30m`, `168h`, `7d`, `2w` or in seconds; sizes as\n"
	"`4096`, `64KB`, `64MB`, `1GB`, in powers of 1024. A list may be a single value. In\n"
	"variables and options the parts of lists and maps are separated by commas. Relative\n"
	"paths begin at the working directory, `~/` at the home directory.\n";

/* The block of a key: all of its name before the last dot. */
static struct str block_of(const char *name)
{
	const char *dot = strrchr(name, '.');

	return dot ? (struct str){ name, (size_t)(dot - name) } : str_of("");
}

static void add_number(struct buf *out, const struct config_key *k, int64_t number)
{
	struct value v = VALUE_INIT;

	v.number = number;
	value_write(out, k, &v);
}

/* What a key takes, shorter than messages say it: the introduction explains the forms. */
static void add_type(struct buf *out, const struct config_key *k)
{
	static const char *const words[] = {
		[CONFIG_TEXT] = "text",        [CONFIG_PATH] = "path",
		[CONFIG_BOOL] = "true, false", [CONFIG_INT] = "number",
		[CONFIG_SIZE] = "size",        [CONFIG_DURATION] = "duration",
		[CONFIG_MODE] = "file mode",   [CONFIG_CHOICE] = "",
		[CONFIG_LIST] = "list",        [CONFIG_MAP] = "map",
	};

	buf_adds(out, words[k->type]);
	for (const char *p = k->choices; p && *p; p++) {
		if (*p == '|')
			buf_adds(out, ", ");
		else
			buf_addc(out, *p);
	}
	if (k->max == 0)
		return;
	buf_addc(out, ' ');
	add_number(out, k, k->min);
	buf_adds(out, " to ");
	add_number(out, k, k->max);
}

static void add_key(struct buf *out, const struct config_key *k)
{
	struct str block = block_of(k->name);

	buf_addf(out, "| `%s` | ", k->name + (block.n ? block.n + 1 : 0));
	add_type(out, k);
	buf_adds(out, " | ");
	if (k->fallback)
		buf_addf(out, "`%s`", k->fallback);
	buf_addf(out, " | %s%s |\n", k->help, k->fixed ? "; kept while mounted" : "");
}

/* A heading and the keys of a block; blocks inside it come under headings of their own. */
static void add_block(struct buf *out, struct str block)
{
	size_t count;
	const struct config_key *keys = config_keys(&count);
	char name[KEYS_PATH_MAX];

	snprintf(name, sizeof(name), "%.*s", STR_ARG(block));
	if (block.n)
		buf_addf(out, "\n## %s\n\n%s.\n", name, keys_heading(name));
	else
		buf_adds(out, "\n## Top level\n");
	buf_adds(out, "\n| key | takes | default | meaning |\n|---|---|---|---|\n");
	for (size_t i = 0; i < count; i++) {
		if (str_equal(block_of(keys[i].name), block))
			add_key(out, &keys[i]);
	}
}

/* Every block once, where its first key stands. */
static void add_blocks(struct buf *out)
{
	size_t count;
	const struct config_key *keys = config_keys(&count);

	for (size_t i = 0; i < count; i++) {
		struct str block = block_of(keys[i].name);
		bool seen = false;

		for (size_t j = 0; j < i; j++)
			seen = seen || str_equal(block_of(keys[j].name), block);
		if (!seen)
			add_block(out, block);
	}
}

static void add_spellings(struct buf *out)
{
	size_t count;
	const struct config_key *keys = config_keys(&count);
	const struct keys_block *blocks;

	buf_adds(out, "\n## Other spellings\n"
	              "\n"
	              "| spelling | means |\n|---|---|\n");
	for (size_t i = 0; i < count; i++) {
		if (keys[i].alias)
			buf_addf(out, "| `%s` | `%s` |\n", keys[i].alias, keys[i].name);
	}
	blocks = keys_blocks(&count);
	for (size_t i = 0; i < count; i++)
		buf_addf(out, "| `%s.*` | `%s%s*` |\n", blocks[i].name, blocks[i].is,
		         blocks[i].is[0] ? "." : "");
}

static void add_variables(struct buf *out)
{
	static const char *const remarks[] = {
		[KEYS_VARIABLE_PLAIN] = "",
		[KEYS_VARIABLE_INVERTED] = " (true means false)",
		[KEYS_VARIABLE_AMBIENT] = " (weaker than the file)",
	};
	size_t count;
	const struct config_key *keys = config_keys(&count);

	buf_adds(out,
	         "\n## Environment variables\n"
	         "\n"
	         "Every key can be given as `MYSQL_SCHEMA_SYNC_` and its name in capitals,\n"
	         "dots as underscores: `MYSQL_SCHEMA_SYNC_BACKUP_RETENTION_MAX_AGE`. These\n"
	         "have further names, which are tried first. A variable that is empty counts\n"
	         "as not set. Those of the clouds are weaker than the file, and give no part\n"
	         "of a credential of which the file has another part.\n"
	         "\n"
	         "| key | variables |\n|---|---|\n");
	for (size_t i = 0; i < count; i++) {
		struct keys_variable v;
		size_t step = 0;
		const char *between = "";

		if (!keys[i].env)
			continue;
		buf_addf(out, "| `%s` | ", keys[i].name);
		while (keys_variable_next(&v, &keys[i], &step)) {
			buf_addf(out, "%s`%s`%s", between, v.name, remarks[v.kind]);
			between = ", ";
		}
		buf_adds(out, " |\n");
	}
}

int main(void)
{
	autobuf out = BUF_INIT;

	buf_adds(&out, introduction);
	add_blocks(&out);
	add_spellings(&out);
	add_variables(&out);
	return fwrite(out.data, 1, out.len, stdout) == out.len && fflush(stdout) == 0 ? 0 : 1;
}
