/* SPDX-License-Identifier: MIT */
/* complete_fish: the completion script for fish. */
#include <string.h>

#include "cli/commands.h"
#include "cli/common.h"
#include "cli/complete.h"
#include "cli/options.h"
#include "engine/base/buf.h"

static const char head[] =
	"# fish completion for mysql-schema-sync. Made from the tables of the program.\n"
	"\n"
	"function __mysql_schema_sync_command\n"
	"	set -l words (commandline -opc)\n"
	"	set -l command\n"
	"	set -l skip 0\n"
	"	for word in $words[2..-1]\n"
	"		if test $skip = 1\n"
	"			set skip 0\n"
	"			continue\n"
	"		end\n"
	"		switch $word\n"
	"			case";
static const char skip_value[] = "\n"
				 "				set skip 1\n"
				 "			case '-*'\n"
				 "			case '*'\n"
				 "				set -l longer (string join ' ' "
				 "$command $word)\n"
				 "				if contains -- $longer";
static const char functions[] =
	"\n"
	"					set command $longer\n"
	"				end\n"
	"		end\n"
	"	end\n"
	"	echo $command\n"
	"end\n"
	"\n"
	"function __mysql_schema_sync_at\n"
	"	test (__mysql_schema_sync_command) = \"$argv[1]\"\n"
	"end\n"
	"\n"
	"function __mysql_schema_sync_live\n"
	"	set -l words (commandline -opc)\n"
	"	set -l config\n"
	"	if set -l at (contains -i -- --config $words)\n"
	"		set config --config $words[(math $at + 1)]\n"
	"	end\n"
	"	set -a config (string match -- '--config=*' $words)\n"
	"	mysql-schema-sync $config __complete $argv[1] -- "
	"(commandline -ct | string replace -r '^--[^=]*=' '') 2>/dev/null\n"
	"end\n"
	"\n"
	"complete -c mysql-schema-sync -f\n";

struct writer {
	struct buf *out;
	const char *words;
};

static void add_spelling(void *arg, const char *spelling)
{
	buf_addf(arg, " %s", spelling);
}

static void add_words(void *arg, const char *words, const struct command *c,
                      const struct command_group *g)
{
	(void)c;
	(void)g;
	buf_addf(arg, " '%s'", words);
}

static void add_quoted(struct buf *out, const char *text)
{
	buf_addc(out, '\'');
	for (; *text; text++) {
		if (*text == '\'' || *text == '\\')
			buf_addc(out, '\\');
		buf_addc(out, *text);
	}
	buf_addc(out, '\'');
}

static void begin(struct buf *out, const char *words)
{
	buf_addf(out, "complete -c mysql-schema-sync -n '__mysql_schema_sync_at \"%s\"'",
	         words);
}

static void add_next_word(void *arg, const char *word, const char *summary)
{
	struct writer *w = arg;

	begin(w->out, w->words);
	buf_addf(w->out, " -a %s -d ", word);
	add_quoted(w->out, summary);
	buf_addc(w->out, '\n');
}

static void add_kind(struct buf *out, enum complete_kind kind)
{
	const char *name = complete_kind_name(kind);

	if (kind == COMPLETE_FILE)
		buf_adds(out, " -r -F");
	else if (kind == COMPLETE_DIRECTORY)
		buf_adds(out, " -x -a '(__fish_complete_directories)'");
	else if (name)
		buf_addf(out, " -x -a '(__mysql_schema_sync_live %s)'", name);
	else
		buf_adds(out, " -x");
}

static void add_option(void *arg, const struct opt *o)
{
	struct writer *w = arg;
	autobuf choices = BUF_INIT;

	begin(w->out, w->words);
	if (o->letter)
		buf_addf(w->out, " -s %c", o->letter);
	buf_addf(w->out, " -l %s", o->name);
	if (o->alias)
		buf_addf(w->out, " -l %s", o->alias);
	complete_choices(&choices, o);
	if (choices.len > 0) {
		buf_addf(w->out, " -x -a '%s'", choices.data);
	} else if (opt_needs_value(o)) {
		add_kind(w->out, o->complete);
	}
	buf_adds(w->out, " -d ");
	add_quoted(w->out, o->help);
	buf_addc(w->out, '\n');
}

static void add_command(void *arg, const char *words, const struct command *c,
                        const struct command_group *g)
{
	struct writer w = { .out = arg, .words = words };

	(void)g;
	complete_each_word(words, add_next_word, &w);
	common_each_option(c, add_option, &w);
	if (c && c->args && complete_kind_name(c->args->complete)) {
		begin(arg, words);
		buf_addf(arg, " -a '(__mysql_schema_sync_live %s)'\n",
		         complete_kind_name(c->args->complete));
	}
}

void complete_fish(struct buf *out)
{
	buf_adds(out, head);
	complete_each_valued(add_spelling, out);
	buf_adds(out, skip_value);
	complete_each_words(add_words, out);
	buf_adds(out, functions);
	add_command(out, "", NULL, NULL);
	complete_each_words(add_command, out);
}
