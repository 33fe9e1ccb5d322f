/* SPDX-License-Identifier: MIT */
#include "cli/man.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#include "cli/command.h"
#include "cli/commands.h"
#include "cli/common.h"
#include "cli/describe.h"
#include "cli/man_text.h"
#include "engine/base/buf.h"
#include "engine/base/cleanup.h"
#include "engine/base/error.h"

#define PROGRAM "mysql-schema-sync"

/* Of the text, not of the build: the same source gives the same pages. */
#define DATE "November 21, 2026"

static const struct {
	const char *status;
	const char *meaning;
} statuses[] = {
	{ "0", "It is done; what was checked is valid, what was compared is equal." },
	{ "1", "It failed, or what was checked is not valid." },
	{ "2", "The command line is wrong." },
	{ "3", "Refused for safety, or a question got no answer." },
	{ "4", "A comparison found differences." },
	{ "130", "Interrupted." },
};

static void add_head(struct buf *out, const char *title, const char *section,
                     const char *summary)
{
	autobuf upper = BUF_INIT;

	for (const char *p = title; *p; p++)
		buf_addc(&upper, (char)toupper((unsigned char)*p));
	buf_addf(out, ".\\\" Made from the tables of the program: do not edit.\n");
	buf_addf(out, ".Dd %s\n.Dt %s %s\n.Os\n", DATE, upper.data, section);
	buf_addf(out, ".Sh NAME\n.Nm %s\n.Nd %s\n", title, summary);
}

static void add_option(struct buf *out, const struct opt *o)
{
	autobuf value = BUF_INIT;
	autobuf text = BUF_INIT;
	autobuf sentence = BUF_INIT;

	describe_value(&value, o);
	buf_adds(out, ".It ");
	if (o->letter)
		buf_addf(out, "Fl %c , ", o->letter);
	buf_addf(out, "Fl Fl %s", o->name);
	if (value.len > 0)
		buf_addf(out, o->optional ? " Ns Op = Ns Ar %s" : " Ar %s", value.data);
	buf_addc(out, '\n');
	describe_option(&text, o);
	describe_sentence(&sentence, text.data);
	man_text(out, sentence.data);
}

static void add_options(struct buf *out, const struct opt *opts)
{
	if (!opts || !opts->name)
		return;
	buf_adds(out, ".Bl -tag -width Ds\n");
	for (const struct opt *o = opts; o->name; o++) {
		if (!o->hidden)
			add_option(out, o);
	}
	buf_adds(out, ".El\n");
}

static void add_examples(struct buf *out, const char *lines)
{
	buf_adds(out, ".Bd -literal -offset indent\n");
	while (lines && *lines) {
		size_t n = strcspn(lines, "\n");

		buf_adds(out, PROGRAM " ");
		man_literal(out, lines, n);
		buf_addc(out, '\n');
		lines += n + (lines[n] ? 1 : 0);
	}
	buf_adds(out, ".Ed\n");
}

static void add_command(struct buf *out, const struct command *c)
{
	autobuf usage = BUF_INIT;
	autobuf sentence = BUF_INIT;

	describe_usage(&usage, c);
	buf_adds(out, ".Ss ");
	man_literal(out, c->name, strlen(c->name));
	buf_adds(out, "\n.Dl " PROGRAM " ");
	man_literal(out, usage.data, usage.len);
	buf_adds(out, "\n.Pp\n");
	describe_sentence(&sentence, c->summary);
	man_text(out, sentence.data);
	if (c->alias) {
		buf_adds(out, "Also called\n.Cm ");
		man_literal(out, c->alias, strlen(c->alias));
		buf_adds(out, " .\n");
	}
	man_paragraphs(out, c->details);
	for (const struct arg *a = c->args; a && a->name; a++) {
		buf_addf(out, ".Pp\n.Ar %s\nis\n", a->name);
		man_text(out, a->help);
		buf_adds(out, ".\n");
	}
	add_options(out, c->opts);
	if (c->examples) {
		buf_adds(out, ".Pp\nExamples:\n");
		add_examples(out, c->examples);
	}
}

static void add_commands(struct buf *out, const struct command_group *g)
{
	size_t count;
	const struct command *const *all = commands_all(&count);

	for (size_t i = 0; i < count; i++) {
		if (!all[i]->hidden && commands_in_group(all[i], g))
			add_command(out, all[i]);
	}
}

static void add_exit_status(struct buf *out)
{
	buf_adds(out, ".Sh EXIT STATUS\n.Bl -tag -width Ds\n");
	for (size_t i = 0; i < ARRAY_SIZE(statuses); i++) {
		buf_addf(out, ".It %s\n", statuses[i].status);
		man_text(out, statuses[i].meaning);
	}
	buf_adds(out, ".El\n");
}

/* Pages in the order of mdoc(7): by section, then by name. */
static void add_see_also(struct buf *out, const char *but)
{
	static const struct {
		const char *page, *section;
	} pages[] = {
		{ PROGRAM, "1" },
		{ PROGRAM "-backup", "1" },
		{ PROGRAM "-config", "1" },
		{ PROGRAM "-key", "1" },
		{ PROGRAM "-rollback", "1" },
		{ PROGRAM "-schema", "1" },
		{ PROGRAM, "5" },
	};
	bool first = true;

	buf_adds(out, ".Sh SEE ALSO\n");
	for (size_t i = 0; i < ARRAY_SIZE(pages); i++) {
		autobuf name = BUF_INIT;

		buf_addf(&name, "%s.%s", pages[i].page, pages[i].section);
		if (strcmp(name.data, but) == 0)
			continue;
		buf_addf(out, "%s.Xr %s %s", first ? "" : " ,\n", pages[i].page,
		         pages[i].section);
		first = false;
	}
	buf_addc(out, '\n');
}

static void group_page(struct buf *out, const struct command_group *g)
{
	autobuf title = BUF_INIT;
	autobuf page = BUF_INIT;

	buf_addf(&title, PROGRAM "-%s", g->name);
	buf_addf(&page, "%s.1", title.data);
	add_head(out, title.data, "1", g->summary);
	buf_addf(out, ".Sh SYNOPSIS\n.Nm " PROGRAM " %s\n.Ar command\n.Op Ar options\n",
	         g->name);
	buf_adds(out, ".Sh DESCRIPTION\n");
	man_text(out, "The options that many commands share are described in");
	buf_adds(out, ".Xr " PROGRAM " 1 .\n");
	man_paragraphs(out, g->details);
	add_commands(out, g);
	add_exit_status(out);
	add_see_also(out, page.data);
}

/* The commands of the other pages, one line each. */
static void add_overview(struct buf *out)
{
	size_t count;
	const struct command *const *all = commands_all(&count);

	buf_adds(out, ".Bl -tag -width Ds\n");
	for (size_t i = 0; i < count; i++) {
		autobuf sentence = BUF_INIT;

		if (all[i]->hidden)
			continue;
		buf_adds(out, ".It Cm ");
		man_literal(out, all[i]->name, strlen(all[i]->name));
		buf_addc(out, '\n');
		describe_sentence(&sentence, all[i]->summary);
		man_text(out, sentence.data);
	}
	buf_adds(out, ".El\n");
}

static void add_common_options(struct buf *out)
{
	size_t count;
	const struct common_group *groups = common_groups(&count);

	buf_adds(out, ".Ss Common options\n");
	man_text(out,
	         "They may stand before or behind the command. Which of them a command takes, "
	         "its help shows.");
	buf_adds(out, ".Bl -tag -width Ds\n");
	for (size_t i = 0; i < count; i++) {
		for (const struct opt *o = groups[i].opts; o->name; o++)
			add_option(out, o);
	}
	buf_adds(out, ".El\n");
}

static void add_environment(struct buf *out)
{
	static const struct {
		const char *name, *text;
	} variables[] = {
		{ "MYSQL_SCHEMA_SYNC_CONFIG", "The configuration file, as --config names it." },
		{ "MYSQL_SCHEMA_SYNC_DEBUG", "When true, the same as --debug." },
		{ "MYSQL_SCHEMA_SYNC_LOG_LEVEL",
		  "Least important lines that the log file gets." },
		{ "BACKUP_ENCRYPTION_KEY", "The secret for encryption, 64 hex digits." },
		{ "NO_COLOR", "When not empty, no colours are used." },
		{ "FORCE_COLOR",
		  "When not 0, colours are used also where there is no terminal." },
	};

	buf_adds(out, ".Sh ENVIRONMENT\n");
	man_text(out, "Every key of the configuration has a variable of its own, see");
	buf_adds(out, ".Xr " PROGRAM " 5 .\nBesides:\n.Bl -tag -width Ds\n");
	for (size_t i = 0; i < ARRAY_SIZE(variables); i++) {
		buf_addf(out, ".It Ev %s\n", variables[i].name);
		man_text(out, variables[i].text);
	}
	buf_adds(out, ".El\n");
}

static void overview_page(struct buf *out)
{
	add_head(out, PROGRAM, "1", "backups of MySQL and MariaDB schemas, and the way back");
	buf_adds(out, ".Sh SYNOPSIS\n.Nm\n.Ar command\n.Op Ar options\n.Sh DESCRIPTION\n");
	man_text(
		out,
		"Takes backups of database schemas, compares them with the live schema, plans the "
		"way back and goes it. The store of the backups is a directory or in a cloud; a "
		"catalog of it is kept on this host and may be deleted at any time.");
	add_overview(out);
	add_common_options(out);
	add_commands(out, &(const struct command_group){ .name = "" });
	add_environment(out);
	buf_adds(out, ".Sh FILES\n");
	man_text(out, "Where the configuration is looked for is told in");
	buf_adds(out, ".Xr " PROGRAM " 5 .\n");
	add_exit_status(out);
	buf_adds(out, ".Sh EXAMPLES\n");
	add_examples(out, "backup create --database shop --tag release=2\n"
	                  "backup list --database shop\n"
	                  "rollback plan --backup-id latest:shop --show-sql\n"
	                  "rollback execute --backup-id latest:shop");
	add_see_also(out, PROGRAM ".1");
}

static void config_page(struct buf *out)
{
	add_head(out, PROGRAM, "5", "configuration of mysql-schema-sync and schemafs");
	man_config_keys(out);
	add_see_also(out, PROGRAM ".5");
}

int man_page(struct buf *out, const char *name, struct error *err)
{
	size_t n = strlen(PROGRAM "-");
	const struct command_group *g = NULL;
	struct str page = str_of(name);

	if (strcmp(name, PROGRAM ".1") == 0) {
		overview_page(out);
		return 0;
	}
	if (strcmp(name, PROGRAM ".5") == 0) {
		config_page(out);
		return 0;
	}
	if (str_has_prefix(page, PROGRAM "-") && str_has_suffix(page, ".1")) {
		autobuf group = BUF_INIT;

		buf_add(&group, name + n, page.n - n - 2);
		g = commands_find_group(group.data);
	}
	if (!g)
		return error_set(err, ERR_USAGE, "no manual page %s", name);
	group_page(out, g);
	return 0;
}
