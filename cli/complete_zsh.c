/* SPDX-License-Identifier: MIT */
/* complete_zsh: the completion script for zsh. */
#include <string.h>

#include "cli/commands.h"
#include "cli/common.h"
#include "cli/complete.h"
#include "cli/describe.h"
#include "cli/options.h"
#include "engine/base/buf.h"

static const char head[] =
	"#compdef mysql-schema-sync\n"
	"# zsh completion for mysql-schema-sync. Made from the tables of the program.\n"
	"\n"
	"_mysql-schema-sync_live() {\n"
	"	local -a found\n"
	"	found=(${(f)\"$(_call_program live mysql-schema-sync ${(q)config[@]} __complete $1 "
	"-- ${(q)PREFIX})\"})\n"
	"	compadd -a found\n"
	"}\n"
	"\n"
	"_mysql-schema-sync() {\n"
	"	local command word\n"
	"	local -a config next\n"
	"	integer i last=1 value\n"
	"	for ((i = 2; i < CURRENT; i++)); do\n"
	"		word=$words[i]\n"
	"		case $word in\n"
	"		(--config) config=(--config $words[i+1]) ;;\n"
	"		(--config=*) config=($word) ;;\n"
	"		esac\n"
	"		case $word in\n"
	"		(";
static const char skip_value[] =
	") ((i++)) ;;\n"
	"		(-*) ;;\n"
	"		(*)\n"
	"			case \"${command:+$command }$word\" in\n"
	"			(";
static const char find_command[] =
	") command=\"${command:+$command }$word\"; last=i ;;\n"
	"			esac\n"
	"			;;\n"
	"		esac\n"
	"	done\n"
	"	((value = i > CURRENT)) # of an option\n"
	"	# _arguments sees the command as if it were a program of its own.\n"
	"	if ((last > 1)); then\n"
	"		words=(mysql-schema-sync \"${(@)words[last+1,-1]}\")\n"
	"		((CURRENT -= last - 1))\n"
	"	fi\n"
	"	case $command in\n";
static const char tail[] = "	esac\n"
			   "}\n"
			   "\n"
			   "_mysql-schema-sync \"$@\"\n";

struct writer {
	struct buf *out;
	bool first;
};

static void add_alternative(void *arg, const char *spelling)
{
	struct writer *w = arg;

	buf_addf(w->out, "%s%s", w->first ? "" : "|", spelling);
	w->first = false;
}

static void add_words(void *arg, const char *words, const struct command *c,
                      const struct command_group *g)
{
	struct writer *w = arg;

	(void)c;
	(void)g;
	buf_addf(w->out, "%s\"%s\"", w->first ? "" : "|", words);
	w->first = false;
}

/* Text inside of '...' in a specification, where [, ], : and \ mean something. */
static void add_quoted(struct buf *out, const char *text)
{
	for (; *text; text++) {
		if (*text == '\'')
			buf_adds(out, "'\\''");
		else if (strchr("[]:\\", *text))
			buf_addf(out, "\\%c", *text);
		else
			buf_addc(out, *text);
	}
}

static void add_action(struct buf *out, enum complete_kind kind)
{
	const char *name = complete_kind_name(kind);

	if (kind == COMPLETE_FILE)
		buf_adds(out, "_files");
	else if (kind == COMPLETE_DIRECTORY)
		buf_adds(out, "_files -/");
	else if (name)
		buf_addf(out, " _mysql-schema-sync_live %s", name);
	else
		buf_addc(out, ' ');
}

struct spelling {
	struct buf *out;
	const struct opt *opt;
};

/* One specification per spelling: '--status=[help]:STATUS:(completed failed)' */
static void add_specification(void *arg, const char *text)
{
	struct spelling *s = arg;
	const struct opt *o = s->opt;
	bool list = o->type == OPT_TYPE_LIST || o->type == OPT_TYPE_CSV;
	autobuf value = BUF_INIT;
	autobuf choices = BUF_INIT;

	complete_choices(&choices, o);
	buf_addf(s->out, " \\\n\t\t\t'%s%s%s[", list ? "*" : "", text,
	         !opt_takes_value(o) ? ""
	         : text[1] != '-'    ? "+"
	         : o->optional       ? "=-" /* in the same word */
	                             : "=");
	add_quoted(s->out, o->help);
	buf_addc(s->out, ']');
	if (opt_takes_value(o)) {
		describe_value(&value, o);
		buf_adds(s->out, o->optional ? "::" : ":");
		add_quoted(s->out, value.data);
		buf_addc(s->out, ':');
		if (choices.len > 0)
			buf_addf(s->out, "(%s)", choices.data);
		else
			add_action(s->out, o->complete);
	}
	buf_addc(s->out, '\'');
}

static void add_option(void *arg, const struct opt *o)
{
	struct spelling s = { arg, o };

	complete_each_spelling(o, add_specification, &s);
}

static void add_arguments(struct buf *out, const struct command *c)
{
	for (const struct arg *a = c ? c->args : NULL; a && a->name; a++) {
		buf_addf(out, " \\\n\t\t\t'%s:%s:", a->rest ? "*" : "", a->name);
		add_action(out, a->complete);
		buf_addc(out, '\'');
	}
}

static void add_next_word(void *arg, const char *word, const char *summary)
{
	buf_addf(arg, " '%s:", word);
	add_quoted(arg, summary);
	buf_addc(arg, '\'');
}

static void add_command(void *arg, const char *words, const struct command *c,
                        const struct command_group *g)
{
	struct buf *out = arg;
	autobuf next = BUF_INIT;

	(void)g;
	buf_addf(out, "\t('%s')\n", words);
	complete_each_word(words, add_next_word, &next);
	if (next.len > 0)
		buf_addf(out,
		         "\t\tif ((!value)) && [[ $words[CURRENT] != -* ]]; then\n"
		         "\t\t\tnext=(%s)\n"
		         "\t\t\t_describe -t commands command next\n"
		         "\t\t\treturn\n"
		         "\t\tfi\n",
		         next.data + 1);
	buf_adds(out, "\t\t_arguments -s -S");
	common_each_option(c, add_option, out);
	add_arguments(out, c);
	buf_adds(out, "\n\t\t;;\n");
}

void complete_zsh(struct buf *out)
{
	struct writer w = { .out = out, .first = true };

	buf_adds(out, head);
	complete_each_valued(add_alternative, &w);
	buf_adds(out, skip_value);
	w.first = true;
	complete_each_words(add_words, &w);
	buf_adds(out, find_command);
	add_command(out, "", NULL, NULL);
	complete_each_words(add_command, out);
	buf_adds(out, tail);
}
