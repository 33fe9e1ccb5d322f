/* SPDX-License-Identifier: MIT */
/* load: from the text of a YAML file to values, with warnings for what is not ours. */
#include <stdio.h>
#include <string.h>

#include "engine/base/buf.h"
#include "engine/base/error.h"
#include "engine/config/document.h"
#include "engine/config/state.h"
#include "engine/config/substitute.h"

/* What is being read: one dotted name in one file. */
struct load {
	struct config *config;
	const char *name; /* of the file */
};

/* One entry of the file and the row that it belongs to. */
struct place {
	const struct config_key *key;
	const struct document_entry *entry;
};

/* Puts "file:line:column: key: " before an error that value or substitution gave. */
static int located(const struct load *l, const struct place *at, struct error *err)
{
	err->code = ERR_CONFIG;
	return error_wrap(err, "%s:%u:%u: %s", l->name, at->entry->value->line,
	                  at->entry->value->column, at->key->name);
}

static int wrong_kind(const struct load *l, const struct place *at, const char *found,
                      struct error *err)
{
	autobuf allowed = BUF_INIT;

	value_allowed(&allowed, at->key);
	error_set(err, ERR_CONFIG, "%s is not %s", found, allowed.data);
	return located(l, at, err);
}

/* Replaces variables and warns of those that are not set. */
static int expand(struct substitution *out, const struct load *l, const struct place *at,
                  const struct document_node *node, struct error *err)
{
	bool several;

	if (substitute(out, node->text, err) < 0)
		return located(l, at, err);
	several = strchr(out->missing.data, ',') != NULL;
	if (!out->any && config_holds_secret(at->key, out->text.data))
		l->config->literal_secret = at->key->name;
	if (out->missing.len > 0)
		config_warn(l->config, "%s:%u:%u: %s: environment variable%s %s %s not set",
		            l->name, node->line, node->column, at->key->name,
		            several ? "s" : "", out->missing.data, several ? "are" : "is");
	return 0;
}

/*
 * An empty text unsets what has no default anyway and switches a default off
 * (prefix: ""). One that comes from variables counts as not said.
 */
static bool is_unsaid(const struct config_key *k, const struct substitution *s)
{
	if (s->text.len > 0)
		return false;
	switch (k->type) {
	case CONFIG_TEXT:
	case CONFIG_PATH:
		return s->any || !k->fallback;
	case CONFIG_LIST:
	case CONFIG_MAP:
		return true;
	case CONFIG_BOOL:
	case CONFIG_INT:
	case CONFIG_SIZE:
	case CONFIG_DURATION:
	case CONFIG_MODE:
	case CONFIG_CHOICE:
		break;
	}
	return false;
}

/* 1 read, 0 not said, -1. */
static int read_scalar(struct value *v, const struct load *l, const struct place *at,
                       struct error *err)
{
	autosubstitution s = SUBSTITUTION_INIT;
	struct config_key key = *at->key;

	if (expand(&s, l, at, at->entry->value, err) < 0)
		return -1;
	if (is_unsaid(&key, &s))
		return 0;
	key.secret = key.secret || s.hidden;
	if (s.any && s.text.len == 0) {
		error_set(err, ERR_CONFIG, "empty: environment variable %s is not set",
		          s.missing.len ? s.missing.data : "or part of it");
		return located(l, at, err);
	}
	if (key.type == CONFIG_LIST) {
		value_append(v, NULL, s.text.data);
		return 1;
	}
	if (value_parse(v, &key, s.text.data, err) < 0)
		return located(l, at, err);
	return 1;
}

static int read_items(struct value *v, const struct load *l, const struct place *at,
                      struct error *err)
{
	const struct document_node *list = at->entry->value;

	for (size_t i = 0; i < list->count; i++) {
		const struct document_node *item = list->entries[i].value;
		struct place here = { at->key, &list->entries[i] };
		autosubstitution s = SUBSTITUTION_INIT;

		if (item->kind == DOCUMENT_NULL)
			continue;
		if (item->kind != DOCUMENT_TEXT)
			return wrong_kind(l, &here, "a block or list", err);
		if (expand(&s, l, &here, item, err) < 0)
			return -1;
		if (s.text.len > 0 || list->entries[i].key)
			value_append(v, list->entries[i].key, s.text.data);
	}
	return 1;
}

/* 1 read, 0 not said, -1. */
static int read_value(struct value *v, const struct load *l, const struct place *at,
                      struct error *err)
{
	enum config_type type = at->key->type;

	switch (at->entry->value->kind) {
	case DOCUMENT_NULL:
		return 0;
	case DOCUMENT_TEXT:
		return read_scalar(v, l, at, err);
	case DOCUMENT_LIST:
		return type == CONFIG_LIST ? read_items(v, l, at, err)
		                           : wrong_kind(l, at, "a list", err);
	case DOCUMENT_BLOCK:
		return type == CONFIG_MAP ? read_items(v, l, at, err)
		                          : wrong_kind(l, at, "a block of keys", err);
	}
	return 0;
}

/* A key may be there under two spellings, as long as both say the same. */
static int check_repeated(const struct load *l, const struct place *at,
                          const struct value *before, const struct value *now,
                          struct error *err)
{
	autobuf a = BUF_INIT;
	autobuf b = BUF_INIT;

	if (before->origin != CONFIG_FROM_FILE)
		return 0;
	value_write(&a, at->key, before);
	value_write(&b, at->key, now);
	if (strcmp(a.data, b.data) == 0)
		return 0;
	error_set(err, ERR_CONFIG, "is there twice with different values, here and in line %u",
	          before->line);
	return located(l, at, err);
}

static int load_value(const struct load *l, const struct place *at, size_t row,
                      struct error *err)
{
	autovalue v = VALUE_INIT;
	struct value *slot = &l->config->values[row];
	int result = read_value(&v, l, at, err);

	if (result <= 0)
		return result;
	if (check_repeated(l, at, slot, &v, err) < 0)
		return -1;
	v.origin = CONFIG_FROM_FILE;
	v.line = at->entry->value->line;
	v.column = at->entry->value->column;
	value_move(slot, &v);
	return 0;
}

static void warn_unknown(const struct load *l, const struct document_entry *e, const char *path)
{
	autobuf shown = BUF_INIT;
	autobuf near = BUF_INIT;

	document_quote(&shown, path);
	if (keys_suggest(&near, path))
		config_warn(l->config, "%s:%u:%u: unknown key %s, did you mean %s?", l->name,
		            e->line, e->column, shown.data, near.data);
	else
		config_warn(l->config, "%s:%u:%u: unknown key %s", l->name, e->line, e->column,
		            shown.data);
}

static int load_block(const struct load *l, const struct document_node *block,
                      const char *parent, struct error *err);

static int load_entry(const struct load *l, const struct document_entry *e, const char *path,
                      struct error *err)
{
	size_t count;
	const struct config_key *keys = config_keys(&count);
	size_t row = keys_index(path);

	if (row != KEYS_NONE)
		return load_value(l, &(struct place){ &keys[row], e }, row, err);
	if (!keys_is_block(path)) {
		warn_unknown(l, e, path);
		return 0;
	}
	if (e->value->kind == DOCUMENT_NULL)
		return 0;
	if (e->value->kind != DOCUMENT_BLOCK)
		return error_set(err, ERR_CONFIG,
		                 "%s:%u:%u: %s is a block of keys, not a value", l->name,
		                 e->value->line, e->value->column, path);
	return load_block(l, e->value, path, err);
}

static int load_block(const struct load *l, const struct document_node *block,
                      const char *parent, struct error *err)
{
	for (size_t i = 0; i < block->count; i++) {
		const struct document_entry *e = &block->entries[i];
		char path[KEYS_PATH_MAX + 1];
		int n = snprintf(path, sizeof(path), "%s%s%s", parent, parent[0] ? "." : "",
		                 e->key);

		if (n < 0 || (size_t)n >= KEYS_PATH_MAX || e->key[0] == '\0') {
			warn_unknown(l, e, e->key);
			continue;
		}
		if (load_entry(l, e, path, err) < 0)
			return -1;
	}
	return 0;
}

int load_text(struct config *c, const char *yaml, size_t len, const char *name,
              struct error *err)
{
	DEFER(document) *d = NULL;
	struct load l = { .config = c, .name = name };
	const struct document_node *root;

	if (document_parse(&d, yaml, len, name, err) < 0)
		return -1;
	root = document_root(d);
	if (!root || root->kind == DOCUMENT_NULL)
		return 0;
	if (root->kind != DOCUMENT_BLOCK)
		return error_set(err, ERR_CONFIG,
		                 "%s:%u:%u: a configuration is a block of keys", name,
		                 root->line, root->column);
	return load_block(&l, root, "", err);
}
