/* SPDX-License-Identifier: MIT */
#include "engine/config/value.h"

#include <ctype.h>
#include <inttypes.h>
#include <string.h>

#include "engine/base/buf.h"
#include "engine/base/clock.h"
#include "engine/base/error.h"
#include "engine/base/fsutil.h"
#include "engine/base/mem.h"
#include "engine/base/number.h"
#include "engine/base/secret.h"
#include "engine/config/document.h"
#include "engine/config/nearest.h"
#include "engine/config/substitute.h"

static void wipe(char *text)
{
	if (text)
		secret_wipe(text, strlen(text));
	free(text);
}

void value_finish(struct value *v)
{
	for (size_t i = 0; i < v->count; i++) {
		wipe(v->items[i]);
		free(v->labels[i]);
	}
	free(v->items);
	free(v->labels);
	wipe(v->text);
	free(v->variable);
	*v = VALUE_INIT;
}

void value_move(struct value *to, struct value *from)
{
	value_finish(to);
	*to = *from;
	*from = VALUE_INIT;
}

static char *copy_text(const char *text)
{
	return text ? mem_strdup(text) : NULL;
}

void value_copy(struct value *to, const struct value *from)
{
	struct value made = *from;

	made.variable = copy_text(from->variable);
	made.text = copy_text(from->text);
	made.items = made.labels = NULL;
	made.count = 0;
	for (size_t i = 0; i < from->count; i++)
		value_append(&made, from->labels[i], from->items[i]);
	value_move(to, &made);
}

static int64_t highest(const struct config_key *k)
{
	return k->min == 0 && k->max == 0 ? INT64_MAX : k->max;
}

static bool in_range(const struct config_key *k, int64_t n)
{
	return n >= k->min && n <= highest(k);
}

/*
 * One reader per type: false when the text is not of the type. The parsers'
 * own errors are dropped, since ours name the range of the key.
 */
typedef bool read_fn(struct value *v, const struct config_key *k, const char *text);

static bool read_text(struct value *v, const struct config_key *k, const char *text)
{
	(void)k;
	v->text = text[0] ? mem_strdup(text) : NULL;
	return true;
}

static bool read_path(struct value *v, const struct config_key *k, const char *text)
{
	(void)k;
	v->text = text[0] ? path_expand(text) : NULL;
	return true;
}

static bool read_bool(struct value *v, const struct config_key *k, const char *text)
{
	struct error err = ERROR_INIT;
	bool b = false;

	(void)k;
	if (number_parse_bool(&b, text, &err) < 0)
		return false;
	v->number = b;
	return true;
}

static bool read_int(struct value *v, const struct config_key *k, const char *text)
{
	struct error err = ERROR_INIT;

	return number_parse_i64(&v->number, text, k->min, highest(k), &err) == 0;
}

static bool read_size(struct value *v, const struct config_key *k, const char *text)
{
	struct error err = ERROR_INIT;
	uint64_t size = 0;

	if (number_parse_size(&size, text, &err) < 0 || size > INT64_MAX)
		return false;
	v->number = (int64_t)size;
	return in_range(k, v->number);
}

static bool read_duration(struct value *v, const struct config_key *k, const char *text)
{
	struct error err = ERROR_INIT;

	/* `max_age: ""` turns a limit off as 0 does. */
	if (text[0] == '\0')
		return in_range(k, 0);
	return clock_parse_duration(&v->number, text, &err) == 0 && in_range(k, v->number);
}

static bool read_mode(struct value *v, const struct config_key *k, const char *text)
{
	struct error err = ERROR_INIT;
	unsigned int mode = 0;

	(void)k;
	if (number_parse_mode(&mode, text, &err) < 0)
		return false;
	v->number = mode;
	return true;
}

static bool next_choice(struct str *out, const char **rest)
{
	if (!*rest)
		return false;
	*out = (struct str){ *rest, strcspn(*rest, "|") };
	*rest = (*rest)[out->n] ? *rest + out->n + 1 : NULL;
	return true;
}

static bool read_choice(struct value *v, const struct config_key *k, const char *text)
{
	const char *rest = k->choices;
	struct str choice;

	while (next_choice(&choice, &rest)) {
		if (!str_is_nocase(choice, text))
			continue;
		v->text = mem_strndup(choice.p, choice.n);
		return true;
	}
	return false;
}

void value_append(struct value *v, const char *label, const char *text)
{
	v->items = mem_resize(v->items, v->count + 1, sizeof(*v->items));
	v->labels = mem_resize(v->labels, v->count + 1, sizeof(*v->labels));
	v->items[v->count] = label ? mem_strdup(text) : path_expand(text);
	v->labels[v->count] = mem_strdup(label);
	v->count++;
}

static bool read_list(struct value *v, const struct config_key *k, const char *text)
{
	const char *p = text;

	while (*p) {
		size_t n = strcspn(p, ",");
		struct str item = str_trim((struct str){ p, n });
		autofree char *copy = mem_strndup(item.p, item.n);
		char *equals = strchr(copy, '=');

		p += n + (p[n] == ',');
		if (item.n == 0)
			continue;
		if (k->type == CONFIG_LIST) {
			value_append(v, NULL, copy);
			continue;
		}
		if (!equals || equals == copy)
			return false;
		*equals = '\0';
		value_append(v, copy, equals + 1);
	}
	return true;
}

static read_fn *const readers[] = {
	[CONFIG_TEXT] = read_text, [CONFIG_PATH] = read_path,
	[CONFIG_BOOL] = read_bool, [CONFIG_INT] = read_int,
	[CONFIG_SIZE] = read_size, [CONFIG_DURATION] = read_duration,
	[CONFIG_MODE] = read_mode, [CONFIG_CHOICE] = read_choice,
	[CONFIG_LIST] = read_list, [CONFIG_MAP] = read_list,
};

/* "info" for "inof". */
static void suggest_choice(struct error *err, const struct config_key *k, const char *text)
{
	struct nearest n = NEAREST_INIT(str_of(text));
	const char *rest = k->choices;
	struct str choice;

	while (next_choice(&choice, &rest))
		nearest_offer(&n, choice);
	if (n.word.p)
		error_hint(err, "Did you mean %.*s?", STR_ARG(n.word));
}

int value_parse(struct value *v, const struct config_key *k, const char *text,
                struct error *err)
{
	autovalue made = VALUE_INIT;
	autobuf shown = BUF_INIT;
	autobuf allowed = BUF_INIT;

	if (readers[k->type](&made, k, text)) {
		value_move(v, &made);
		return 0;
	}
	if (k->secret)
		buf_adds(&shown, "the value");
	else
		document_quote(&shown, text);
	value_allowed(&allowed, k);
	error_set(err, ERR_INVALID, "%s is not %s", shown.data, allowed.data);
	if (!k->secret)
		suggest_choice(err, k, text);
	return -1;
}

void value_default(struct value *v, const struct config_key *k)
{
	struct error err = ERROR_INIT;
	autosubstitution s = SUBSTITUTION_INIT;
	autovalue made = VALUE_INIT;

	/* A unit test parses every fallback of the table. */
	if (k->fallback && substitute(&s, k->fallback, &err) == 0)
		value_parse(&made, k, s.text.data, &err);
	value_move(v, &made);
}

static void write_size(struct buf *out, int64_t bytes)
{
	static const struct {
		int64_t size;
		const char *unit;
	} units[] = {
		{ INT64_C(1) << 30, "GB" },
		{ INT64_C(1) << 20, "MB" },
		{ INT64_C(1) << 10, "KB" },
		{ 1, "" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(units); i++) {
		if (bytes % units[i].size == 0 && (bytes > 0 || units[i].size == 1)) {
			buf_addf(out, "%" PRId64 "%s", bytes / units[i].size, units[i].unit);
			return;
		}
	}
}

static void write_number(struct buf *out, const struct config_key *k, int64_t n)
{
	char duration[CLOCK_TEXT_MAX];

	if (k->type == CONFIG_BOOL) {
		buf_adds(out, n ? "true" : "false");
	} else if (k->type == CONFIG_MODE) {
		buf_addf(out, "%04" PRIo64, (uint64_t)n);
	} else if (k->type == CONFIG_SIZE) {
		write_size(out, n);
	} else if (k->type == CONFIG_DURATION) {
		clock_format_duration(duration, n);
		buf_adds(out, duration);
	} else {
		buf_addf(out, "%" PRId64, n);
	}
}

static void write_choices(struct buf *out, const struct config_key *k)
{
	const char *rest = k->choices;
	const char *between = strchr(k->choices, '|') ? "one of " : "";
	struct str choice;

	while (next_choice(&choice, &rest)) {
		buf_addf(out, "%s%.*s", between, STR_ARG(choice));
		between = ", ";
	}
}

void value_allowed(struct buf *out, const struct config_key *k)
{
	static const char *const kinds[] = {
		[CONFIG_TEXT] = "text",
		[CONFIG_PATH] = "a path",
		[CONFIG_BOOL] = "true or false",
		[CONFIG_INT] = "a whole number",
		[CONFIG_SIZE] = "a size such as 64MB",
		[CONFIG_DURATION] = "a duration such as 30s, 168h or 7d",
		[CONFIG_MODE] = "a file mode such as 0700",
		[CONFIG_LIST] = "a list",
		[CONFIG_MAP] = "a list of name=value",
	};

	if (k->type == CONFIG_CHOICE) {
		write_choices(out, k);
		return;
	}
	buf_adds(out, kinds[k->type]);
	if (k->type != CONFIG_INT && k->type != CONFIG_SIZE && k->type != CONFIG_DURATION)
		return;
	if (highest(k) == INT64_MAX) {
		if (k->type == CONFIG_INT || k->min > 0) {
			buf_adds(out, ", at least ");
			write_number(out, k, k->min);
		}
		return;
	}
	buf_adds(out, k->type == CONFIG_INT ? " from " : ", from ");
	write_number(out, k, k->min);
	buf_adds(out, " to ");
	write_number(out, k, k->max);
}

void value_write(struct buf *out, const struct config_key *k, const struct value *v)
{
	const char *between = "";

	if (k->type == CONFIG_LIST || k->type == CONFIG_MAP) {
		for (size_t i = 0; i < v->count; i++) {
			buf_adds(out, between);
			if (v->labels[i])
				buf_addf(out, "%s=", v->labels[i]);
			buf_adds(out, v->items[i]);
			between = ", ";
		}
	} else if (k->type == CONFIG_TEXT || k->type == CONFIG_PATH ||
	           k->type == CONFIG_CHOICE) {
		buf_adds(out, v->text ? v->text : "");
	} else {
		write_number(out, k, v->number);
	}
}
