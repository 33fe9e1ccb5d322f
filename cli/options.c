/* SPDX-License-Identifier: MIT */
#include "cli/options.h"

#include <ctype.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "cli/elsewhere.h"
#include "engine/base/arena.h"
#include "engine/base/buf.h"
#include "engine/base/clock.h"
#include "engine/base/error.h"
#include "engine/base/mem.h"
#include "engine/base/number.h"
#include "engine/base/secret.h"
#include "engine/config/config.h"
#include "engine/config/nearest.h"

#define ROWS_MAX    64
#define LONG_BASE   0x1000 /* getopt's value of a long option: above every letter */
#define GIVEN_PLAIN 1      /* getopt's value of a word without dashes */

/* An option and the struct its field is in. */
struct row {
	const struct opt *opt;
	void *base;
};

struct reader {
	struct parse *p;
	struct row rows[ROWS_MAX];
	size_t row_count;
	struct option longs[2 * ROWS_MAX + 1]; /* names and aliases */
	size_t long_row[2 * ROWS_MAX];         /* which row each of them means */
	size_t long_count;
	char letters[2 + 3 * ROWS_MAX + 1];
	int argc;
	char **argv;
	size_t arg; /* which argument comes next */
};

bool opt_takes_value(const struct opt *o)
{
	return o->type != OPT_TYPE_FLAG;
}

bool opt_needs_value(const struct opt *o)
{
	return opt_takes_value(o) && !o->optional;
}

static bool is_named(const char *have, const char *name, size_t len)
{
	return have && strlen(have) == len && memcmp(have, name, len) == 0;
}

const struct opt *options_find(const struct opt *table, const char *name, size_t len)
{
	for (const struct opt *o = table; o && o->name; o++) {
		if (is_named(o->name, name, len) || is_named(o->alias, name, len))
			return o;
	}
	return NULL;
}

const struct opt *options_find_letter(const struct opt *table, char letter)
{
	for (const struct opt *o = table; o && o->name; o++) {
		if (o->letter == letter)
			return o;
	}
	return NULL;
}

static void *field(const struct row *r)
{
	return (char *)r->base + r->opt->offset;
}

static void add_long(struct reader *rd, const char *name, const struct opt *o)
{
	for (size_t i = 0; i < rd->long_count; i++) {
		if (strcmp(rd->longs[i].name, name) == 0)
			return; /* an earlier table knows it */
	}
	rd->longs[rd->long_count] = (struct option){
		.name = name,
		.has_arg = opt_needs_value(o) ? required_argument : optional_argument,
		.val = (int)(LONG_BASE + rd->long_count),
	};
	rd->long_row[rd->long_count++] = rd->row_count;
}

static void add_row(struct reader *rd, const struct opt *o, void *base)
{
	size_t n = strlen(rd->letters);

	if (rd->row_count == ROWS_MAX)
		abort(); /* a bug of the tables: a test parses with every command */
	add_long(rd, o->name, o);
	if (o->alias)
		add_long(rd, o->alias, o);
	if (o->letter && !strchr(rd->letters + 2, o->letter)) {
		rd->letters[n++] = o->letter;
		for (int colons = opt_takes_value(o) + o->optional; colons > 0; colons--)
			rd->letters[n++] = ':';
		rd->letters[n] = '\0';
	}
	rd->rows[rd->row_count++] = (struct row){ o, base };
	if (o->type == OPT_TYPE_INT)
		*(int64_t *)field(&rd->rows[rd->row_count - 1]) = o->fallback;
}

static void read_tables(struct reader *rd)
{
	/* '-': words come in their place, none is moved. ':': a missing value is told apart. */
	memcpy(rd->letters, "-:", 3);
	for (size_t t = 0; t < rd->p->table_count; t++) {
		for (const struct opt *o = rd->p->tables[t].opts; o && o->name; o++)
			add_row(rd, o, rd->p->tables[t].base);
	}
}

static void list_add(struct arena *a, struct opt_list *l, const char *item)
{
	if (l->count == l->capacity) {
		size_t capacity = l->capacity ? 2 * l->capacity : 8;
		const char **items = arena_array(a, capacity, sizeof(*items));

		if (l->count > 0)
			memcpy(items, l->items, l->count * sizeof(*items));
		l->items = items;
		l->capacity = capacity;
	}
	l->items[l->count++] = item;
}

static void list_add_csv(struct arena *a, struct opt_list *l, const char *text)
{
	for (;;) {
		size_t n = strcspn(text, ",");

		if (n > 0)
			list_add(a, l, arena_strndup(a, text, n));
		if (text[n] == '\0')
			return;
		text += n + 1;
	}
}

static int set_choice(const struct row *r, const char *text, struct error *err)
{
	struct nearest near = NEAREST_INIT(str_of(text));
	autobuf allowed = BUF_INIT;

	for (const struct opt_choice *c = r->opt->choices; c->name; c++) {
		if (strcasecmp(c->name, text) == 0) {
			*(int *)field(r) = c->value;
			return 0;
		}
		buf_addf(&allowed, "%s%s", allowed.len > 0 ? ", " : "", c->name);
		nearest_offer(&near, str_of(c->name));
	}
	error_set(err, ERR_USAGE, "--%s: \"%s\" is not one of %s", r->opt->name, text,
	          allowed.data);
	if (near.word.p)
		error_hint(err, "Did you mean %.*s?", STR_ARG(near.word));
	return -1;
}

/* What a parser of values found wrong is the command line's fault here. */
static int bad_value(const struct row *r, struct error *err)
{
	err->code = ERR_USAGE;
	return error_wrap(err, "--%s", r->opt->name);
}

bool opt_is_secret(const struct opt *o)
{
	const struct config_key *k = o->key ? config_key_find(o->key) : NULL;

	return k && k->secret;
}

static void add_override(struct parse *p, const struct opt *o, const char *value)
{
	if (p->override_count == p->override_capacity) {
		size_t capacity = p->override_capacity ? 2 * p->override_capacity : 8;
		struct opt_override *all = arena_array(p->arena, capacity, sizeof(*all));

		if (p->override_count > 0)
			memcpy(all, p->overrides, p->override_count * sizeof(*all));
		p->overrides = all;
		p->override_capacity = capacity;
	}
	p->overrides[p->override_count++] = (struct opt_override){ o, value };
}

/* Text for a field; one that an argument binds to as well must not be given two values. */
static int set_text(const struct parse *p, const struct row *r, const char *text,
                    struct error *err)
{
	const char **at = field(r);

	for (const struct arg *a = p->args; a && a->name; a++) {
		if (r->base == p->args_base && a->offset == r->opt->offset && *at &&
		    strcmp(*at, text) != 0)
			return error_set(err, ERR_USAGE, "%s is given twice: %s and %s",
			                 a->name, *at, text);
	}
	*at = text;
	return 0;
}

/* An empty value is a script's variable that was not set, and would widen what is meant. */
static int check_empty(const struct opt *o, const char *text, struct error *err)
{
	bool is_text = o->type == OPT_TYPE_STRING || o->type == OPT_TYPE_LIST ||
	               o->type == OPT_TYPE_CSV;

	if (*text || !is_text || o->may_be_empty)
		return 0;
	error_set(err, ERR_USAGE, "--%s: the value is empty", o->name);
	return error_hint(err, "Is a variable of the script not set?");
}

/* --force, --force=true and --force=false. */
static int set_flag(const struct row *r, const char *text, struct error *err)
{
	if (text && strcmp(text, "true") != 0 && strcmp(text, "false") != 0)
		return error_set(err, ERR_USAGE, "--%s takes no value but true or false: %s",
		                 r->opt->name, text);
	*(bool *)field(r) = !text || strcmp(text, "true") == 0;
	return 0;
}

/* A secret is taken out of argv: from here on `ps` does not show it. */
static int set_value(struct reader *rd, const struct row *r, char *text, struct error *err)
{
	int64_t ignored;

	if (text && check_empty(r->opt, text, err) < 0)
		return -1;
	switch (r->opt->type) {
	case OPT_TYPE_FLAG:
		return set_flag(r, text, err);
	case OPT_TYPE_STRING:
		return set_text(rd->p, r, text, err);
	case OPT_TYPE_LIST:
		list_add(rd->p->arena, field(r), text);
		return 0;
	case OPT_TYPE_CSV:
		list_add_csv(rd->p->arena, field(r), text);
		return 0;
	case OPT_TYPE_INT:
		if (!text) {
			*(int64_t *)field(r) = r->opt->bare;
			return 0;
		}
		if (number_parse_i64(field(r), text, r->opt->min, r->opt->max, err) < 0)
			return bad_value(r, err);
		return 0;
	case OPT_TYPE_CHOICE:
		return set_choice(r, text, err);
	case OPT_TYPE_TIME:
		if (clock_parse(&ignored, text, clock_now(), NULL, err) < 0)
			return bad_value(r, err);
		*(const char **)field(r) = text;
		return 0;
	case OPT_TYPE_CONFIG:
		if (opt_is_secret(r->opt)) {
			add_override(rd->p, r->opt, arena_strdup(rd->p->arena, text));
			secret_wipe(text, strlen(text));
			return 0;
		}
		add_override(rd->p, r->opt, text ? text : "true");
		return 0;
	}
	return error_set(err, ERR_BUG, "option --%s has no type", r->opt->name);
}

static int take_word(struct reader *rd, const char *word, struct error *err)
{
	const struct arg *a = rd->p->args ? &rd->p->args[rd->arg] : NULL;
	void *at = a && a->name ? (char *)rd->p->args_base + a->offset : NULL;

	if (!at) {
		error_set(err, ERR_USAGE, "unexpected argument: %s", word);
		return error_hint(err, "`mysql-schema-sync help %s` shows what it takes.",
		                  rd->p->command);
	}
	if (a->rest) {
		list_add(rd->p->arena, at, word);
		return 0;
	}
	if (*(const char **)at && strcmp(*(const char **)at, word) != 0)
		return error_set(err, ERR_USAGE, "%s is given twice: %s and %s", a->name,
		                 *(const char **)at, word);
	if (!*word && !a->optional) {
		error_set(err, ERR_USAGE, "%s is empty", a->name);
		return error_hint(err, "Is a variable of the script not set?");
	}
	*(const char **)at = word;
	rd->arg++;
	return 0;
}

static int unknown_option(const struct reader *rd, const char *word, struct error *err)
{
	size_t n = strcspn(word, "=");
	const char *known = elsewhere_option(rd->p->command, word + 2, n - 2);
	struct nearest near = NEAREST_INIT(((struct str){ word + 2, n - 2 }));

	for (size_t i = 0; i < rd->long_count; i++)
		nearest_offer(&near, str_of(rd->longs[i].name));
	error_set(err, ERR_USAGE, "unknown option: %.*s", (int)n, word);
	if (known)
		return error_hint(err, "%s", known);
	if (near.word.p)
		return error_hint(err, "Did you mean --%.*s?", STR_ARG(near.word));
	return error_hint(err, "`mysql-schema-sync help %s` shows the options.",
	                  rd->p->command);
}

/* The word that getopt_long() has just read a long option from. */
static const char *long_word(const struct reader *rd)
{
	int at = optind - 1;

	return optarg && optarg == rd->argv[at] ? rd->argv[at - 1] : rd->argv[at];
}

/* Is this word, up to a '=', the whole name? getopt_long() takes beginnings too. */
static bool is_spelled_out(const struct reader *rd, size_t i, const char *word)
{
	return is_named(rd->longs[i].name, word + 2, strcspn(word + 2, "="));
}

static int complain(const struct reader *rd, int found, struct error *err)
{
	const char *word = long_word(rd);
	size_t i = (size_t)(optopt - LONG_BASE);

	if (optopt == 0) /* a long option that is unknown, or an ambiguous abbreviation */
		return unknown_option(rd, word, err);
	if (optopt < LONG_BASE && found == '?') {
		error_set(err, ERR_USAGE, "unknown option: -%c", optopt);
		return error_hint(err, "`mysql-schema-sync help %s` shows the options.",
		                  rd->p->command);
	}
	if (optopt < LONG_BASE)
		return error_set(err, ERR_USAGE, "-%c needs a value", optopt);
	if (!is_spelled_out(rd, i, word))
		return unknown_option(rd, word, err);
	return error_set(err, ERR_USAGE, "--%s needs a value", rd->longs[i].name);
}

static const struct row *find_letter(const struct reader *rd, int letter)
{
	for (size_t i = 0; i < rd->row_count; i++) {
		if (rd->rows[i].opt->letter == letter)
			return &rd->rows[i];
	}
	return NULL;
}

/* getopt_long() sees an optional value only behind '='; a number in the next word is one, too.
 */
static char *value_of(const struct reader *rd, const struct opt *o)
{
	char *next = !optarg && o->optional && optind < rd->argc ? rd->argv[optind] : NULL;

	if (!next || !*next || next[strspn(next, "0123456789")])
		return optarg;
	optind++;
	return next;
}

static int take_one(struct reader *rd, int found, struct error *err)
{
	size_t i = (size_t)(found - LONG_BASE);
	const struct row *r;
	const char *word;

	if (found == GIVEN_PLAIN)
		return take_word(rd, optarg, err);
	if (found == '?' || found == ':')
		return complain(rd, found, err);
	if (found < LONG_BASE) {
		r = find_letter(rd, found);
		if (!r) /* getopt knows only letters of these rows */
			return error_set(err, ERR_BUG, "option -%c is in no table", found);
	} else {
		word = long_word(rd);
		if (!is_spelled_out(rd, i, word))
			return unknown_option(rd, word, err);
		r = &rd->rows[rd->long_row[i]];
	}
	return set_value(rd, r, value_of(rd, r->opt), err);
}

int options_parse(struct parse *p, int argc, char **argv, struct error *err)
{
	struct reader rd = { .p = p, .argc = argc, .argv = argv };
	int found;

	read_tables(&rd);
	optind = 0; /* glibc: begin anew */
	opterr = 0;
	while ((found = getopt_long(argc, argv, rd.letters, rd.longs, NULL)) != -1) {
		if (take_one(&rd, found, err) < 0)
			return -1;
	}
	for (int i = optind; i < argc; i++) { /* behind "--" */
		if (take_word(&rd, argv[i], err) < 0)
			return -1;
	}
	return 0;
}

/* The option that binds to the same field as an argument. */
static const struct opt *same_field(const struct parse *p, const struct arg *a)
{
	for (size_t t = 0; t < p->table_count; t++) {
		for (const struct opt *o = p->tables[t].opts; o && o->name; o++) {
			if (p->tables[t].base == p->args_base && o->offset == a->offset &&
			    o->type == OPT_TYPE_STRING)
				return o;
		}
	}
	return NULL;
}

int options_check_args(const struct parse *p, struct error *err)
{
	for (const struct arg *a = p->args; a && a->name; a++) {
		const struct opt *o = same_field(p, a);

		if (a->optional || *(const char **)((char *)p->args_base + a->offset))
			continue;
		error_set(err, ERR_USAGE, "%s: %s is missing", p->command, a->name);
		if (o && a->complete == COMPLETE_BACKUP)
			return error_hint(err,
			                  "Give it as an argument or as --%s; "
			                  "`mysql-schema-sync backup list` shows the ids.",
			                  o->name);
		return error_hint(err, "`mysql-schema-sync help %s` shows what it takes.",
		                  p->command);
	}
	return 0;
}
