/* SPDX-License-Identifier: MIT */
#include "cli/complete.h"

#include <string.h>

#include "cli/commands.h"
#include "cli/common.h"
#include "cli/options.h"
#include "engine/base/buf.h"
#include "engine/base/map.h"
#include "engine/base/mem.h"
#include "engine/config/config.h"

static const char *const kinds[COMPLETE_KIND_COUNT] = {
	[COMPLETE_BACKUP] = "backup",   [COMPLETE_DATABASE] = "database",
	[COMPLETE_TAG] = "tag",         [COMPLETE_CONFIG_KEY] = "config-key",
	[COMPLETE_COMMAND] = "command", [COMPLETE_SHELL] = "shell",
};

const char *complete_kind_name(enum complete_kind kind)
{
	return kinds[kind];
}

bool complete_kind_from_name(enum complete_kind *out, const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		if (kinds[i] && strcmp(kinds[i], name) == 0) {
			*out = (enum complete_kind)i;
			return true;
		}
	}
	return false;
}

void complete_choices(struct buf *out, const struct opt *o)
{
	const struct config_key *k =
		o->type == OPT_TYPE_CONFIG ? config_key_find(o->key) : NULL;

	for (const struct opt_choice *c = o->choices; c && c->name; c++)
		buf_addf(out, "%s%s", c == o->choices ? "" : " ", c->name);
	for (const char *p = k && k->choices ? k->choices : ""; *p;) {
		size_t n = strcspn(p, "|");

		buf_addf(out, "%s%.*s", out->len > 0 ? " " : "", (int)n, p);
		p += n + (p[n] == '|');
	}
}

void complete_each_words(complete_words_fn *fn, void *arg)
{
	size_t command_count, count;
	const struct command *const *all = commands_all(&command_count);
	const struct command_group *groups = commands_groups(&count);

	for (size_t i = 0; i < count; i++) {
		if (groups[i].name[0] && !commands_find(groups[i].name))
			fn(arg, groups[i].name, NULL, &groups[i]);
	}
	for (size_t i = 0; i < command_count; i++) {
		if (all[i]->hidden)
			continue;
		fn(arg, all[i]->name, all[i], NULL);
		if (all[i]->alias)
			fn(arg, all[i]->alias, all[i], NULL);
	}
}

struct next_words {
	const char *before;
	struct map *seen;
	complete_word_fn *fn;
	void *arg;
};

static void offer_next(void *arg, const char *words, const struct command *c,
                       const struct command_group *g)
{
	struct next_words *next = arg;
	size_t n = strlen(next->before);
	const char *rest = words;
	autofree char *word = NULL;

	if (n > 0) {
		if (strncmp(words, next->before, n) != 0 || words[n] != ' ')
			return;
		rest = words + n + 1;
	}
	word = mem_strndup(rest, strcspn(rest, " "));
	if (map_has(next->seen, word))
		return;
	map_set(next->seen, word, next);
	next->fn(next->arg, word, g ? g->summary : c->summary);
}

void complete_each_word(const char *before, complete_word_fn *fn, void *arg)
{
	DEFER(map) *seen = map_new();
	struct next_words next = { before, seen, fn, arg };

	complete_each_words(offer_next, &next);
}

void complete_each_spelling(const struct opt *o, complete_spelling_fn *fn, void *arg)
{
	autobuf spelling = BUF_INIT;

	if (o->letter) {
		buf_addf(&spelling, "-%c", o->letter);
		fn(arg, spelling.data);
		buf_truncate(&spelling, 0);
	}
	buf_addf(&spelling, "--%s", o->name);
	fn(arg, spelling.data);
	if (!o->alias)
		return;
	buf_truncate(&spelling, 0);
	buf_addf(&spelling, "--%s", o->alias);
	fn(arg, spelling.data);
}

struct valued {
	struct map *seen;
	complete_spelling_fn *fn;
	void *arg;
};

static void offer_spelling(void *arg, const char *spelling)
{
	struct valued *v = arg;

	if (map_has(v->seen, spelling))
		return;
	map_set(v->seen, spelling, v);
	v->fn(v->arg, spelling);
}

static void offer_valued(void *arg, const struct opt *o)
{
	if (opt_needs_value(o))
		complete_each_spelling(o, offer_spelling, arg);
}

void complete_each_valued(complete_spelling_fn *fn, void *arg)
{
	size_t count;
	const struct command *const *all = commands_all(&count);
	DEFER(map) *seen = map_new();
	struct valued v = { seen, fn, arg };

	for (size_t i = 0; i < count; i++)
		common_each_option(all[i], offer_valued, &v);
}
