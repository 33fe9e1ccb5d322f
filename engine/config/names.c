/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "engine/base/cleanup.h"
#include "engine/config/config.h"
#include "engine/config/keys.h"
#include "engine/config/nearest.h"

/* Is path the block itself or something in it? Then *rest is what follows ("" or ".x"). */
static bool is_within(const char *path, const char *block, const char **rest)
{
	size_t n = strlen(block);

	if (strncmp(path, block, n) != 0 || (path[n] != '\0' && path[n] != '.'))
		return false;
	*rest = path + n;
	return true;
}

/* The spelling of the table for a path that may go through another block. */
static void canonical(char out[KEYS_PATH_MAX], const char *path)
{
	size_t count;
	const struct keys_block *blocks = keys_blocks(&count);
	const char *rest;

	for (size_t i = 0; i < count; i++) {
		if (!is_within(path, blocks[i].name, &rest))
			continue;
		if (blocks[i].is[0] == '\0' && rest[0] == '.')
			rest++;
		snprintf(out, KEYS_PATH_MAX, "%s%s", blocks[i].is, rest);
		return;
	}
	snprintf(out, KEYS_PATH_MAX, "%s", path);
}

/* The next of several words between blanks. */
static bool next_word(struct str *word, const char **list)
{
	const char *p = *list ? *list : "";

	p += strspn(p, " ");
	*word = (struct str){ p, strcspn(p, " ") };
	*list = p + word->n;
	return word->n > 0;
}

size_t keys_index(const char *name)
{
	char path[KEYS_PATH_MAX];
	size_t count;
	const struct config_key *keys = config_keys(&count);

	if (strlen(name) >= KEYS_PATH_MAX)
		return KEYS_NONE;
	canonical(path, name);
	for (size_t i = 0; i < count; i++) {
		if (strcmp(keys[i].name, path) == 0)
			return i;
	}
	for (size_t i = 0; i < count; i++) {
		const char *aliases = keys[i].alias;
		struct str alias;

		while (next_word(&alias, &aliases)) {
			if (str_is(alias, path))
				return i;
		}
	}
	return KEYS_NONE;
}

const struct config_key *config_key_find(const char *name)
{
	size_t count;
	const struct config_key *keys = config_keys(&count);
	size_t i = keys_index(name);

	return i == KEYS_NONE ? NULL : &keys[i];
}

typedef void name_fn(void *arg, struct str name);

/* Every dotted name that a file may use: keys, their aliases, and blocks elsewhere. */
static void each_name(name_fn *fn, void *arg)
{
	size_t key_count, block_count;
	const struct config_key *keys = config_keys(&key_count);
	const struct keys_block *blocks = keys_blocks(&block_count);

	for (size_t i = 0; i < key_count; i++) {
		const char *aliases = keys[i].alias;
		struct str alias;

		fn(arg, str_of(keys[i].name));
		while (next_word(&alias, &aliases))
			fn(arg, alias);
	}
	for (size_t i = 0; i < block_count; i++)
		fn(arg, str_of(blocks[i].name));
}

/* What a name has behind "parent.", or all of it for the top level; p NULL: it is not below. */
static struct str below(struct str name, const char *parent)
{
	size_t n = strlen(parent);

	if (n == 0)
		return name;
	if (name.n <= n + 1 || memcmp(name.p, parent, n) != 0 || name.p[n] != '.')
		return (struct str){ NULL, 0 };
	return str_slice(name, n + 1, name.n);
}

struct block_search {
	const char *path;
	bool found;
};

static void block_seen(void *arg, struct str name)
{
	struct block_search *s = arg;

	s->found = s->found || below(name, s->path).p;
}

bool keys_is_block(const char *path)
{
	char buf[KEYS_PATH_MAX];
	struct block_search s = { .path = buf };

	if (strlen(path) >= KEYS_PATH_MAX)
		return false;
	canonical(buf, path);
	each_name(block_seen, &s);
	return s.found;
}

struct suggestion {
	const char *parent;
	struct nearest nearest; /* among the names in the same block */
	struct str elsewhere;   /* the key of that name in another block */
	unsigned int elsewhere_count;
};

static void suggestion_seen(void *arg, struct str name)
{
	struct suggestion *s = arg;
	struct str child = below(name, s->parent);
	const char *dot = name.n ? memrchr(name.p, '.', name.n) : NULL;

	if (child.p) {
		const char *end = memchr(child.p, '.', child.n);

		nearest_offer(&s->nearest,
		              end ? str_slice(child, 0, (size_t)(end - child.p)) : child);
	}
	if (dot &&
	    str_equal(str_slice(name, (size_t)(dot + 1 - name.p), name.n), s->nearest.typed)) {
		s->elsewhere = name;
		s->elsewhere_count++;
	}
}

bool keys_suggest(struct buf *out, const char *path)
{
	char parent[KEYS_PATH_MAX];
	struct suggestion s = { .parent = parent };
	const char *dot = strrchr(path, '.');

	if (strlen(path) >= KEYS_PATH_MAX)
		return false;
	canonical(parent, path);
	if (strrchr(parent, '.'))
		*strrchr(parent, '.') = '\0';
	else
		parent[0] = '\0';
	s.nearest = NEAREST_INIT(str_of(dot ? dot + 1 : path));
	each_name(suggestion_seen, &s);
	if (s.nearest.word.p) {
		buf_addf(out, "%s%s%.*s", parent, parent[0] ? "." : "",
		         STR_ARG(s.nearest.word));
		return true;
	}
	/* One key of this name: probably indented wrongly. Several: we cannot know. */
	if (s.elsewhere_count != 1)
		return false;
	buf_add(out, s.elsewhere.p, s.elsewhere.n);
	return true;
}

static void derived_name(char out[128], const char *key)
{
	size_t n = (size_t)snprintf(out, 128, "MYSQL_SCHEMA_SYNC_%s", key);

	for (size_t i = 0; i < n && out[i]; i++) {
		if (out[i] == '.')
			out[i] = '_';
		else if (out[i] >= 'a' && out[i] <= 'z')
			out[i] = (char)(out[i] - 'a' + 'A');
	}
}

bool keys_variable_next(struct keys_variable *out, const struct config_key *k, size_t *step)
{
	static const char marks[] = {
		[KEYS_VARIABLE_INVERTED] = '!',
		[KEYS_VARIABLE_AMBIENT] = '?',
	};
	const char *list = k->env;
	struct str word;
	size_t i = 0;

	while (next_word(&word, &list)) {
		if (i++ < *step)
			continue;
		out->kind = KEYS_VARIABLE_PLAIN;
		for (size_t m = KEYS_VARIABLE_INVERTED; m < sizeof(marks); m++) {
			if (word.p[0] == marks[m])
				out->kind = (enum keys_variable_kind)m;
		}
		if (out->kind != KEYS_VARIABLE_PLAIN)
			word = str_slice(word, 1, word.n);
		snprintf(out->name, sizeof(out->name), "%.*s", STR_ARG(word));
		(*step)++;
		return true;
	}
	if (*step > i)
		return false;
	out->kind = KEYS_VARIABLE_PLAIN;
	derived_name(out->name, k->name);
	*step = i + 1;
	return true;
}
