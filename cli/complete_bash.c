/* SPDX-License-Identifier: MIT */
/* complete_bash: the completion script for bash. */
#include <string.h>

#include "cli/commands.h"
#include "cli/common.h"
#include "cli/complete.h"
#include "cli/options.h"
#include "engine/base/buf.h"

/* Takes the line apart. bash cuts words at '=' and ':' too, so this reads the line itself. */
static const char head[] =
	"# bash completion for mysql-schema-sync. Made from the tables of the program.\n"
	"\n"
	"_mysql_schema_sync()\n"
	"{\n"
	"	local line=${COMP_LINE:0:COMP_POINT} command= option= value word lead i\n"
	"	local -a words config=() found=()\n"
	"	read -ra words <<<\"$line\"\n"
	"	[[ $line == *[[:blank:]] ]] && words+=(\"\")\n"
	"	value=${words[${#words[@]} - 1]}\n"
	"	for ((i = 1; i < ${#words[@]} - 1; i++)); do\n"
	"		word=${words[i]} option=\n"
	"		case $word in\n"
	"		--config) config=(--config \"${words[i + 1]}\") ;;\n"
	"		--config=*) config=(\"$word\") ;;\n"
	"		esac\n"
	"		case $word in\n"
	"		";
static const char skip_value[] =
	") option=$word; ((i++)) ;;\n"
	"		-*) ;;\n"
	"		*)\n"
	"			case \"${command:+$command }$word\" in\n"
	"			";
static const char find_option[] =
	") command=\"${command:+$command }$word\" ;;\n"
	"			esac\n"
	"			;;\n"
	"		esac\n"
	"	done\n"
	"	# An option that wants its value now, or has it behind '='.\n"
	"	((i == ${#words[@]})) || option=\n"
	"	if [[ $value == --*=* ]]; then\n"
	"		option=${value%%=*} value=${value#*=}\n"
	"	fi\n"
	"	if [[ $option ]]; then\n"
	"		case \"$command $option\" in\n";
static const char words_begin[] = "		esac\n"
				  "	elif [[ $value == -* ]]; then\n"
				  "		case $command in\n";
static const char arguments_begin[] = "		esac\n"
				      "	else\n"
				      "		case $command in\n";
static const char tail[] =
	"		esac\n"
	"	fi\n"
	"	# What bash has cut off already must not come again.\n"
	"	lead=\n"
	"	[[ $COMP_WORDBREAKS == *:* && $value == *:* ]] && lead=${value%\"${value##*:}\"}\n"
	"	[[ $COMP_WORDBREAKS == *=* && $value == *=* ]] && lead=${value%\"${value##*=}\"}\n"
	"	for word in \"${found[@]}\"; do\n"
	"		[[ $word == \"$value\"* ]] && COMPREPLY+=(\"${word#\"$lead\"}\")\n"
	"	done\n"
	"}\n"
	"complete -F _mysql_schema_sync mysql-schema-sync\n";

struct writer {
	struct buf *out;
	const char *command; /* whose options */
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
	buf_addf(w->out, "%s\"%s\"", w->first ? "" : " | ", words);
	w->first = false;
}

/* The statement that finds the values of a kind. */
static bool add_kind(struct buf *out, enum complete_kind kind)
{
	const char *name = complete_kind_name(kind);

	if (kind == COMPLETE_FILE)
		buf_adds(out, "compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- "
		              "\"$value\"); return");
	else if (kind == COMPLETE_DIRECTORY)
		buf_adds(out, "compopt -o filenames; mapfile -t COMPREPLY < <(compgen -d -- "
		              "\"$value\"); return");
	else if (name)
		buf_addf(
			out,
			"mapfile -t found < <(\"$1\" \"${config[@]}\" __complete %s -- \"$value\" "
			"2>/dev/null)",
			name);
	return kind != COMPLETE_NOTHING;
}

static void add_case(void *arg, const char *spelling)
{
	struct writer *w = arg;

	buf_addf(w->out, "%s\"%s %s\"", w->first ? "\t\t" : " | ", w->command, spelling);
	w->first = false;
}

/* What the values of an option are. */
static void add_option_values(void *arg, const struct opt *o)
{
	struct writer *w = arg;

	autobuf choices = BUF_INIT;

	complete_choices(&choices, o);
	if (choices.len == 0 && o->complete == COMPLETE_NOTHING)
		return;
	w->first = true;
	complete_each_spelling(o, add_case, w);
	buf_adds(w->out, ") ");
	if (choices.len > 0)
		buf_addf(w->out, "found=(%s)", choices.data);
	else
		add_kind(w->out, o->complete);
	buf_adds(w->out, " ;;\n");
}

static void add_values_of(void *arg, const char *words, const struct command *c,
                          const struct command_group *g)
{
	struct writer w = { .out = arg, .command = words };

	(void)g;
	common_each_option(c, add_option_values, &w);
}

static void add_plain(void *arg, const char *spelling)
{
	struct writer *w = arg;

	if (spelling[1] != '-')
		return;
	buf_addf(w->out, "%s%s", w->first ? "" : " ", spelling);
	w->first = false;
}

static void add_option_name(void *arg, const struct opt *o)
{
	complete_each_spelling(o, add_plain, arg);
}

static void add_options_of(void *arg, const char *words, const struct command *c,
                           const struct command_group *g)
{
	struct writer w = { .out = arg, .first = true };

	(void)g;
	buf_addf(arg, "\t\t\"%s\") found=(", words);
	common_each_option(c, add_option_name, &w);
	buf_adds(arg, ") ;;\n");
}

static void add_next_word(void *arg, const char *word, const char *summary)
{
	struct writer *w = arg;

	(void)summary;
	buf_addf(w->out, "%s%s", w->first ? "" : " ", word);
	w->first = false;
}

static void add_arguments_of(void *arg, const char *words, const struct command *c,
                             const struct command_group *g)
{
	autobuf next = BUF_INIT;
	struct writer w = { .out = &next, .first = true };

	(void)g;
	complete_each_word(words, add_next_word, &w);
	if (next.len > 0) {
		buf_addf(arg, "\t\t\"%s\") found=(%s) ;;\n", words, next.data);
	} else if (c && c->args && c->args->complete != COMPLETE_NOTHING) {
		buf_addf(arg, "\t\t\"%s\") ", words);
		add_kind(arg, c->args->complete);
		buf_adds(arg, " ;;\n");
	}
}

void complete_bash(struct buf *out)
{
	struct writer w = { .out = out, .first = true };

	buf_adds(out, head);
	complete_each_valued(add_alternative, &w);
	buf_adds(out, skip_value);
	w.first = true;
	complete_each_words(add_words, &w);
	buf_adds(out, find_option);
	add_values_of(out, "", NULL, NULL);
	complete_each_words(add_values_of, out);
	buf_adds(out, words_begin);
	add_options_of(out, "", NULL, NULL);
	complete_each_words(add_options_of, out);
	buf_adds(out, arguments_begin);
	add_arguments_of(out, "", NULL, NULL);
	complete_each_words(add_arguments_of, out);
	buf_adds(out, tail);
}
