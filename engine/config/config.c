/* SPDX-License-Identifier: MIT */
#include "engine/config/config.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "engine/base/buf.h"
#include "engine/base/error.h"
#include "engine/base/fsutil.h"
#include "engine/base/mem.h"
#include "engine/base/secret.h"
#include "engine/config/document.h"
#include "engine/config/state.h"

#define WARNINGS_MAX 100

static struct config *config_new(void)
{
	struct config *c = mem_alloc(sizeof(*c));
	const struct config_key *keys = config_keys(&c->count);

	c->values = mem_array(c->count, sizeof(*c->values));
	for (size_t i = 0; i < c->count; i++)
		value_default(&c->values[i], &keys[i]);
	return c;
}

void config_free(struct config *c)
{
	if (!c)
		return;
	for (size_t i = 0; i < c->count; i++)
		value_finish(&c->values[i]);
	for (size_t i = 0; i < c->warning_count; i++)
		free(c->warnings[i]);
	free(c->warnings);
	free(c->values);
	free(c->name);
	free(c->file);
	free(c);
}

void config_warn(struct config *c, const char *fmt, ...)
{
	va_list args;
	char text[1024];

	if (c->warning_count > WARNINGS_MAX)
		return;
	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	if (c->warning_count == WARNINGS_MAX)
		snprintf(text, sizeof(text), "more warnings like these");
	MEM_GROW(c->warnings, c->warning_count, c->warning_capacity);
	c->warnings[c->warning_count++] = mem_strdup(text);
}

/* What is taken, but not for what it says. */
static void advise(struct config *c)
{
	static const char name[] = "backup.validation.checksum_algorithm";
	const char *algorithm = config_text(c, name);
	autobuf place = BUF_INIT;

	if (strcmp(algorithm, "sha256") == 0)
		return;
	config_write_origin(&place, c, config_value(c, name));
	config_warn(c, "%s: %s: SHA-256 is used all the same, not %s", place.data, name,
	            algorithm);
}

int config_parse(struct config **out, const char *yaml, size_t len, const char *name,
                 struct error *err)
{
	DEFER(config) *c = config_new();

	c->name = mem_strdup(name);
	if (load_text(c, yaml, len, name, err) < 0 || environment_apply(c, err) < 0 ||
	    rules_settle(c, err) < 0)
		return -1;
	advise(c);
	*out = take(c);
	return 0;
}

/* What a reader of the file should know about who else can read or write it. */
static void check_access(struct config *c, const char *path)
{
	struct stat st;

	if (stat(path, &st) < 0 || !S_ISREG(st.st_mode))
		return;
	if (st.st_uid != geteuid() && st.st_uid != 0)
		config_warn(c, "%s belongs to another user (uid %ju)", path,
		            (uintmax_t)st.st_uid);
	if (st.st_mode & S_IWOTH)
		config_warn(c, "%s can be changed by every user of this machine", path);
	if (c->literal_secret && (st.st_mode & (S_IRGRP | S_IROTH)))
		config_warn(c, "%s can be read by others and holds %s; chmod 600 closes it",
		            path, c->literal_secret);
}

static int load_file(struct config **out, const char *path, struct error *err)
{
	DEFER(config) *c = NULL;
	autobuf text = BUF_INIT;
	int result;

	if (file_read(&text, path, DOCUMENT_SIZE_MAX, err) < 0) {
		err->code = ERR_CONFIG;
		return error_wrap(err, "configuration");
	}
	result = config_parse(&c, text.data, text.len, path, err);
	secret_wipe(text.data, text.len);
	if (result < 0)
		return -1;
	c->file = mem_strdup(path);
	check_access(c, path);
	*out = take(c);
	return 0;
}

int config_load(struct config **out, const char *path, struct error *err)
{
	const char *variable = getenv("MYSQL_SCHEMA_SYNC_CONFIG");
	autofree char *found = NULL;
	int result;

	if (!path && variable && variable[0])
		path = variable;
	if (path)
		return load_file(out, path, err);
	result = discover(&found, err);
	if (result < 0)
		return -1;
	return result ? load_file(out, found, err) : config_parse(out, "", 0, "", err);
}

static const struct config_key *row(size_t i)
{
	size_t count;

	return &config_keys(&count)[i];
}

int config_set(struct config *c, const char *name, const char *value, struct error *err)
{
	size_t i = keys_index(name);
	struct value *slot = config_value(c, name);
	struct value before = *slot;
	autovalue v = VALUE_INIT;

	if (value_parse(&v, row(i), value, err) < 0) {
		err->code = ERR_USAGE;
		return error_wrap(err, "%s", row(i)->name);
	}
	v.origin = CONFIG_FROM_FLAG;
	*slot = v;
	v = before;
	if (rules_settle(c, err) < 0) {
		err->code = ERR_USAGE;
		return -1;
	}
	return 0;
}

struct value *config_value(const struct config *c, const char *name)
{
	size_t i = keys_index(name);

	assert(i != KEYS_NONE && "a key that is not in the table");
	return &c->values[i];
}

/* The value of a key, which must be of one of these types (bits). */
static const struct value *typed(const struct config *c, const char *name, unsigned int types)
{
	const struct config_key *k = config_key_find(name);

	assert(k && (types & 1U << k->type) && "a key that is not of this type");
	(void)types;
	return config_value(c, k->name);
}

const char *config_file(const struct config *c)
{
	return c->file;
}

size_t config_warning_count(const struct config *c)
{
	return c->warning_count;
}

const char *config_warning(const struct config *c, size_t i)
{
	return c->warnings[i];
}

bool config_is_set(const struct config *c, const char *name)
{
	return config_value(c, name)->origin != CONFIG_FROM_DEFAULT;
}

const char *config_text(const struct config *c, const char *name)
{
	return typed(c, name, 1U << CONFIG_TEXT | 1U << CONFIG_PATH | 1U << CONFIG_CHOICE)
	        ->text;
}

bool config_bool(const struct config *c, const char *name)
{
	return typed(c, name, 1U << CONFIG_BOOL)->number;
}

int64_t config_int(const struct config *c, const char *name)
{
	return typed(c, name,
	             1U << CONFIG_INT | 1U << CONFIG_SIZE | 1U << CONFIG_DURATION |
	                     1U << CONFIG_MODE)
	        ->number;
}

size_t config_list_count(const struct config *c, const char *name)
{
	return typed(c, name, 1U << CONFIG_LIST)->count;
}

const char *config_list_at(const struct config *c, const char *name, size_t i)
{
	return typed(c, name, 1U << CONFIG_LIST)->items[i];
}

size_t config_map_count(const struct config *c, const char *name)
{
	return typed(c, name, 1U << CONFIG_MAP)->count;
}

const char *config_map_at(const struct config *c, const char *name, size_t i,
                          const char **value)
{
	const struct value *v = typed(c, name, 1U << CONFIG_MAP);

	*value = v->items[i];
	return v->labels[i];
}

enum config_origin config_origin(const struct config *c, const char *name)
{
	return config_value(c, name)->origin;
}

void config_write_origin(struct buf *out, const struct config *c, const struct value *v)
{
	switch (v->origin) {
	case CONFIG_FROM_DEFAULT:
		buf_adds(out, "default");
		break;
	case CONFIG_FROM_FILE:
		buf_addf(out, "%s:%u:%u", c->name, v->line, v->column);
		break;
	case CONFIG_FROM_ENV:
		buf_addf(out, "environment %s", v->variable);
		break;
	case CONFIG_FROM_FLAG:
		buf_adds(out, "flag");
		break;
	}
}

void config_describe_origin(struct buf *out, const struct config *c, const char *name)
{
	config_write_origin(out, c, config_value(c, name));
}

void config_key_allowed(struct buf *out, const struct config_key *k)
{
	value_allowed(out, k);
}

bool config_key_variable(struct buf *out, const struct config_key *k, size_t *step)
{
	struct keys_variable variable;

	if (!keys_variable_next(&variable, k, step))
		return false;
	buf_adds(out, variable.name);
	return true;
}

bool config_holds_secret(const struct config_key *k, const char *text)
{
	return *text &&
	       (k->secret || (k->secret_prefix &&
	                      strncmp(text, k->secret_prefix, strlen(k->secret_prefix)) == 0));
}

/* Where they are may be shown, what they are may not. */
static void show_places(struct buf *out, const struct config_key *k, const struct value *v)
{
	for (size_t i = 0; i < v->count; i++) {
		buf_adds(out, i > 0 ? ", " : "");
		if (config_holds_secret(k, v->items[i]))
			buf_addf(out, "%s(secret)", k->secret_prefix);
		else
			buf_adds(out, v->items[i]);
	}
}

void config_show(struct buf *out, const struct config *c, const char *name)
{
	const struct config_key *k = config_key_find(name);
	const struct value *v = config_value(c, name);

	if (k->secret && (v->text || v->count > 0))
		buf_adds(out, "(secret)");
	else if (k->secret_prefix)
		show_places(out, k, v);
	else
		value_write(out, k, v);
}
