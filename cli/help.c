/* SPDX-License-Identifier: MIT */
#include "cli/help.h"

#include <stdbool.h>
#include <string.h>

#include "cli/command.h"
#include "cli/commands.h"
#include "cli/common.h"
#include "cli/describe.h"
#include "cli/out.h"
#include "engine/base/buf.h"
#include "engine/repo/repo.h"

#define PROGRAM      "mysql-schema-sync"
#define OPTION_WIDTH ((size_t)28)
#define NAME_WIDTH   ((size_t)26)

static void heading(struct out *o, const char *text)
{
	out_text(o, OUT_STRONG, "\n%s:\n", text);
}

/* Two columns: what it is called, and what it does, wrapped. */
static void row(struct out *o, struct buf *name, const char *text, size_t width)
{
	if (name->len + 2 > width) {
		buf_addc(name, '\n');
		for (size_t i = 0; i < width; i++)
			buf_addc(name, ' ');
	} else {
		while (name->len < width)
			buf_addc(name, ' ');
	}
	describe_wrapped(name, text, width, HELP_WIDTH);
	out_text(o, OUT_PLAIN, "%s\n", name->data);
}

static void option_row(struct out *o, const struct opt *opt)
{
	autobuf name = BUF_INIT;
	autobuf value = BUF_INIT;
	autobuf text = BUF_INIT;

	if (opt->letter)
		buf_addf(&name, "  -%c, --%s", opt->letter, opt->name);
	else
		buf_addf(&name, "      --%s", opt->name);
	describe_value(&value, opt);
	if (value.len > 0)
		buf_addf(&name, opt->optional ? "[=%s]" : " %s", value.data);
	describe_option(&text, opt);
	row(o, &name, text.data, OPTION_WIDTH);
}

/* Does the command have an option of its own of this name? Then that one is meant. */
static bool is_own(const struct command *c, const struct opt *common)
{
	for (const struct opt *own = c ? c->opts : NULL; own && own->name; own++) {
		if (strcmp(own->name, common->name) == 0)
			return true;
	}
	return false;
}

static void common_options(struct out *o, const struct command *c, unsigned int traits)
{
	size_t count;
	const struct common_group *groups = common_groups(&count);

	for (size_t i = 0; i < count; i++) {
		if (!common_is_shown(&groups[i], traits))
			continue;
		/* Not above nothing: a command may have its own for all of them. */
		if (groups[i].title && !(is_own(c, groups[i].opts) && !groups[i].opts[1].name))
			heading(o, groups[i].title);
		for (const struct opt *opt = groups[i].opts; opt->name; opt++) {
			if (!is_own(c, opt))
				option_row(o, opt);
		}
	}
}

static void paragraphs(struct out *o, const char *text)
{
	while (text && *text) {
		const char *end = strstr(text, "\n\n");
		size_t n = end ? (size_t)(end - text) : strlen(text);
		autobuf one = BUF_INIT;
		autobuf wrapped = BUF_INIT;

		buf_add(&one, text, n);
		describe_wrapped(&wrapped, one.data, 0, HELP_WIDTH);
		out_text(o, OUT_PLAIN, "\n%s\n", wrapped.data);
		text += n + (end ? 2 : 0);
	}
}

static void examples(struct out *o, const char *lines)
{
	if (!lines)
		return;
	heading(o, "Examples");
	while (*lines) {
		size_t n = strcspn(lines, "\n");

		out_text(o, OUT_PLAIN, "  " PROGRAM " %.*s\n", (int)n, lines);
		lines += n + (lines[n] ? 1 : 0);
	}
}

static void arguments(struct out *o, const struct arg *args)
{
	if (!args || !args->name)
		return;
	heading(o, "Arguments");
	for (const struct arg *a = args; a->name; a++) {
		autobuf name = BUF_INIT;

		buf_addf(&name, "  %s", a->name);
		row(o, &name, a->help, OPTION_WIDTH);
	}
}

static void command_rows(struct out *o, const struct command_group *g)
{
	size_t count;
	const struct command *const *all = commands_all(&count);

	for (size_t i = 0; i < count; i++) {
		autobuf name = BUF_INIT;

		if (all[i]->hidden || !commands_in_group(all[i], g))
			continue;
		buf_addf(&name, "  %s", all[i]->name);
		row(o, &name, all[i]->summary, NAME_WIDTH);
	}
}

void help_command(struct out *o, const struct command *c)
{
	const struct command_group *g = commands_find_group(c->name);
	autobuf usage = BUF_INIT;
	autobuf sentence = BUF_INIT;

	describe_usage(&usage, c);
	describe_sentence(&sentence, c->summary);
	out_text(o, OUT_PLAIN, "Usage: " PROGRAM " %s\n\n%s\n", usage.data, sentence.data);
	if (c->alias)
		out_text(o, OUT_PLAIN, "Also called: %s\n", c->alias);
	paragraphs(o, c->details);
	if (g) {
		heading(o, "Commands");
		command_rows(o, g);
	}
	arguments(o, c->args);
	if (c->opts && c->opts->name) {
		heading(o, "Options");
		for (const struct opt *opt = c->opts; opt->name; opt++) {
			if (!opt->hidden)
				option_row(o, opt);
		}
	}
	common_options(o, c, c->traits);
	examples(o, c->examples);
}

void help_group(struct out *o, const struct command_group *g)
{
	autobuf sentence = BUF_INIT;

	describe_sentence(&sentence, g->summary);
	out_text(o, OUT_PLAIN, "Usage: " PROGRAM " %s COMMAND [OPTIONS]\n\n%s\n", g->name,
	         sentence.data);
	paragraphs(o, g->details);
	heading(o, "Commands");
	command_rows(o, g);
	common_options(o, NULL, 0);
	out_text(o, OUT_PLAIN, "\n`" PROGRAM " help %s COMMAND` tells more about one.\n",
	         g->name);
}

void help_overview(struct out *o)
{
	size_t count;
	const struct command_group *groups = commands_groups(&count);

	out_text(o, OUT_PLAIN,
	         "Usage: " PROGRAM " COMMAND [OPTIONS]\n\n"
	         "Backups of MySQL and MariaDB schemas, and the way back to "
	         "them.\n");
	for (size_t i = 0; i < count; i++) {
		autobuf title = BUF_INIT;

		describe_sentence(&title, groups[i].summary);
		buf_truncate(&title, title.len - 1); /* the full stop */
		heading(o, title.data);
		command_rows(o, &groups[i]);
	}
	common_options(o, NULL, 0);
	out_text(o, OUT_PLAIN, "\n`" PROGRAM " help COMMAND` tells more about one.\n");
}

void help_version(struct out *o)
{
	out_text(o, OUT_PLAIN, "%s\n", REPO_TOOL_VERSION);
}
