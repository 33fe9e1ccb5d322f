/* SPDX-License-Identifier: MIT */
#include "cli/man_text.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

#include "engine/base/buf.h"
#include "engine/base/cleanup.h"
#include "engine/config/config.h"

#define SOURCE_WIDTH ((size_t)78)

/* A line that begins so would be taken for a request. */
static void begin_line(struct buf *out, char first)
{
	if (first == '.' || first == '\'')
		buf_adds(out, "\\&");
}

/* Does a sentence end at p? */
static bool ends_sentence(const char *p)
{
	return p[0] == '.' && p[1] == ' ' && isupper((unsigned char)p[2]);
}

/* The text as roff means it, a sentence per line; breaks that a wrong line start needs come
 * later. */
static void add_roff(struct buf *out, const char *text)
{
	bool code = false;

	for (const char *p = text; *p; p++) {
		if (*p == '`') {
			buf_adds(out, code ? "\\fP" : "\\fB");
			code = !code;
		} else if (*p == '\\') {
			buf_adds(out, "\\e");
		} else if (*p == '-' && (code || p[1] == '-' || (p > text && p[-1] == '-'))) {
			buf_adds(out, "\\-");
		} else if (ends_sentence(p)) {
			buf_adds(out, ".\n");
			p++;
		} else {
			buf_addc(out, *p);
		}
	}
}

/* One sentence, in lines of at most SOURCE_WIDTH where its words let it. */
static void add_lines(struct buf *out, const char *text, size_t len)
{
	size_t column = 0;

	while (len > 0) {
		size_t n = 0;

		while (n < len && text[n] != ' ')
			n++;
		if (column > 0 && column + 1 + n > SOURCE_WIDTH) {
			buf_addc(out, '\n');
			column = 0;
		} else if (column > 0) {
			buf_addc(out, ' ');
			column++;
		}
		if (column == 0)
			begin_line(out, text[0]);
		buf_add(out, text, n);
		column += n;
		n += n < len;
		text += n;
		len -= n;
	}
	buf_addc(out, '\n');
}

void man_text(struct buf *out, const char *text)
{
	autobuf roff = BUF_INIT;
	const char *p;

	add_roff(&roff, text);
	for (p = roff.data; *p; p += strcspn(p, "\n"), p += *p == '\n')
		add_lines(out, p, strcspn(p, "\n"));
}

void man_paragraphs(struct buf *out, const char *text)
{
	while (text && *text) {
		const char *end = strstr(text, "\n\n");
		size_t n = end ? (size_t)(end - text) : strlen(text);
		autobuf one = BUF_INIT;

		buf_add(&one, text, n);
		buf_adds(out, ".Pp\n");
		man_text(out, one.data);
		text += n + (end ? 2 : 0);
	}
}

void man_literal(struct buf *out, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (text[i] == '\\')
			buf_adds(out, "\\e");
		else if (text[i] == '-')
			buf_adds(out, "\\-");
		else
			buf_addc(out, text[i]);
	}
}

static const char *const types[] = {
	[CONFIG_TEXT] = "text",          [CONFIG_PATH] = "path",
	[CONFIG_BOOL] = "true or false", [CONFIG_INT] = "number",
	[CONFIG_SIZE] = "size",          [CONFIG_DURATION] = "duration",
	[CONFIG_MODE] = "file mode",     [CONFIG_CHOICE] = NULL,
	[CONFIG_LIST] = "list",          [CONFIG_MAP] = "names and values",
};

static void add_choices(struct buf *out, const char *choices)
{
	for (const char *p = choices; *p; p++) {
		if (*p == '|')
			buf_adds(out, strchr(p + 1, '|') ? ", " : " or ");
		else
			buf_addc(out, *p);
	}
}

/* Variables of the table; "!" and "?" before them say how they count. */
static void add_variables(struct buf *out, const char *env)
{
	bool first = true;

	while (env && *env) {
		size_t n = strcspn(env, " ");
		const char *name = env + (env[0] == '!' || env[0] == '?' ? 1 : 0);

		buf_addf(out, "%s%.*s", first ? " Also from " : ", ",
		         (int)(n - (size_t)(name - env)), name);
		if (env[0] == '!')
			buf_adds(out, " (which turns it off)");
		if (env[0] == '?')
			buf_adds(out, " (weaker than the file)");
		first = false;
		env += n + strspn(env + n, " ");
	}
	if (!first)
		buf_addc(out, '.');
}

static void add_key(struct buf *out, const struct config_key *k)
{
	autobuf text = BUF_INIT;

	buf_adds(out, ".It Ic ");
	man_literal(out, k->name, strlen(k->name));
	buf_addc(out, '\n');
	buf_addc(&text, (char)toupper((unsigned char)k->help[0]));
	buf_addf(&text, "%s. ", k->help + 1);
	if (k->type == CONFIG_CHOICE) {
		buf_adds(&text, "One of ");
		add_choices(&text, k->choices);
	} else {
		buf_addf(&text, "A %s", types[k->type]);
		if (k->type == CONFIG_INT && k->max > 0)
			buf_addf(&text, " from %" PRId64 " to %" PRId64, k->min, k->max);
	}
	if (k->fallback)
		buf_addf(&text, ", %s unless given", k->fallback);
	buf_addc(&text, '.');
	add_variables(&text, k->env);
	man_text(out, text.data);
}

static size_t block_length(const char *name)
{
	size_t n = strcspn(name, ".");

	/* backup is large: its own blocks are sections too. */
	if (n == strlen("backup") && strncmp(name, "backup.", n + 1) == 0 &&
	    strchr(name + n + 1, '.'))
		n += 1 + strcspn(name + n + 1, ".");
	return name[n] == '.' ? n : 0;
}

static void add_keys(struct buf *out)
{
	size_t count;
	const struct config_key *keys = config_keys(&count);
	struct str block = { "?", 1 };

	for (size_t i = 0; i < count; i++) {
		struct str mine = { keys[i].name, block_length(keys[i].name) };

		if (!str_equal(mine, block)) {
			if (i > 0)
				buf_adds(out, ".El\n");
			if (mine.n > 0)
				buf_addf(out, ".Ss %.*s\n", STR_ARG(mine));
			else
				buf_adds(out, ".Ss Top level\n");
			buf_adds(out, ".Bl -tag -width Ds\n");
			block = mine;
		}
		add_key(out, &keys[i]);
	}
	buf_adds(out, ".El\n");
}

static const char *const places[] = {
	"./.mysql-schema-sync.yaml",
	"./mysql-schema-sync.yaml",
	"./config.yaml",
	"~/.config/mysql-schema-sync/config.yaml",
	"~/.config/mysql-schema-sync/mysql-schema-sync.yaml",
	"~/.config/mysql-schema-sync.yaml",
	"~/.mysql-schema-sync.yaml",
	"~/mysql-schema-sync.yaml",
	"/etc/mysql-schema-sync/config.yaml",
	"/etc/mysql-schema-sync.yaml",
};

void man_config_keys(struct buf *out)
{
	buf_adds(out, ".Sh DESCRIPTION\n");
	man_text(
		out,
		"The configuration is a YAML file. A dotted name below stands for nested blocks: "
		"backup.retention.max_age is max_age in the block retention in the block backup. "
		"A value comes from an option of the command line, else from the environment, else "
		"from the file, else it is the default. Without a file the defaults hold.");
	man_paragraphs(
		out,
		"In values ${NAME} is replaced by the environment variable NAME, "
		"${NAME:-TEXT} by TEXT when there is no such variable, and "
		"${NAME:OFFSET:LENGTH} by a part of it. Unknown keys are warned about.\n"
		"\n"
		"Every key has an environment variable: its name in capitals with "
		"underscores for dots, behind MYSQL_SCHEMA_SYNC_. Durations are numbers with "
		"s, m, h, d or w, such as 1h30m; sizes may end with KB, MB or GB.");
	add_keys(out);
	buf_adds(out, ".Sh FILES\n");
	man_text(out,
	         "The first of these that exists is read. The one called config.yaml counts "
	         "only when it has a block of ours.");
	buf_adds(out, ".Bl -tag -width Ds -compact\n");
	for (size_t i = 0; i < ARRAY_SIZE(places); i++)
		buf_addf(out, ".It Pa %s\n", places[i]);
	buf_adds(out, ".El\n.Sh EXAMPLES\n");
	man_text(out, "A sample with every key is printed by `mysql-schema-sync config`.");
}
