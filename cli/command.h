/* SPDX-License-Identifier: MIT */
/*
 * command: the command line as tables. A command is a row: what it is called,
 * what it takes, what runs it. Parser, help, manual pages and completion are
 * made from these rows and nothing else; commands.c lists them.
 *
 * An option row binds to a field of the command's options struct and does not
 * compile when the field has another type:
 *
 *	struct list_options {
 *		const char *database;
 *		int64_t limit;
 *	};
 *
 *	static const struct opt list_opts[] = {
 *		OPT_STRING('d', "database", struct list_options, database, "NAME",
 *		           COMPLETE_DATABASE, "only backups of this database"),
 *		OPT_INT(0, "limit", struct list_options, limit, 0, 1000000, 50,
 *		        "at most so many; 0: all"),
 *		OPT_END,
 *	};
 */
#ifndef CLI_COMMAND_H
#define CLI_COMMAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cli;
struct error;

/* What Tab offers for a value. The names are in complete.c. */
enum complete_kind {
	COMPLETE_NOTHING,
	COMPLETE_FILE,
	COMPLETE_DIRECTORY,
	COMPLETE_BACKUP,
	COMPLETE_DATABASE,
	COMPLETE_TAG,
	COMPLETE_CONFIG_KEY,
	COMPLETE_COMMAND,
	COMPLETE_SHELL,
	COMPLETE_KIND_COUNT
};

enum opt_type {
	OPT_TYPE_FLAG,   /* bool */
	OPT_TYPE_STRING, /* const char * */
	OPT_TYPE_LIST,   /* struct opt_list: may be given again and again */
	OPT_TYPE_CSV,    /* struct opt_list: the same, and each value is split at commas */
	OPT_TYPE_INT,    /* int64_t */
	OPT_TYPE_CHOICE, /* int: the value of the choice; 0: not given */
	OPT_TYPE_TIME,   /* const char *, checked; cli_time() makes a point in time of it */
	OPT_TYPE_CONFIG, /* no field: sets a key of the configuration, which checks the value */
};

struct opt_choice {
	const char *name; /* NULL ends a table of choices */
	int value;        /* not 0 */
};

struct opt_list {
	const char **items;
	size_t count, capacity;
};

struct opt {
	const char *name;  /* "created-after"; NULL ends a table */
	const char *help;  /* no full stop */
	const char *value; /* "DATE": what the value is called; NULL for flags and choices */
	const char *alias; /* another spelling; NULL: none */
	const struct opt_choice *choices;
	const char *key;  /* OPT_TYPE_CONFIG: which */
	const char *also; /* OPT_TYPE_CONFIG: what is set besides, "KEY=VALUE KEY=VALUE" */
	int64_t min, max, fallback; /* OPT_TYPE_INT */
	int64_t bare;               /* with optional: the value of the option alone */
	size_t offset;              /* of the field */
	enum opt_type type;
	enum complete_kind complete;
	bool optional; /* OPT_TYPE_INT, OPT_TYPE_CONFIG: the value may be left out */
	bool hidden;   /* a spelling of before: taken, but not in help, manual and completion */
	bool may_be_empty;
	char letter; /* 0: none */
};

/* A word without dashes. When an option binds to the same field, either will do. */
struct arg {
	const char *name; /* "BACKUP-ID"; NULL ends a table */
	const char *help;
	size_t offset; /* of a const char *, or of a struct opt_list for one that takes the rest
	                */
	enum complete_kind complete;
	bool optional;
	bool rest;
};

/* offsetof() that does not compile unless the field has the type given. */
#define OPT_FIELD(T, field, type_name) \
	(offsetof(T, field) + 0 * sizeof(&((T *)0)->field == (type_name *)0))

/* clang-format off */
#define OPT_FLAG(l, n, T, field, h) \
	{ .type = OPT_TYPE_FLAG, .letter = (l), .name = (n), .help = (h), \
	  .offset = OPT_FIELD(T, field, bool) }
#define OPT_FLAG_ALIAS(l, n, other, T, field, h) \
	{ .type = OPT_TYPE_FLAG, .letter = (l), .name = (n), .alias = (other), .help = (h), \
	  .offset = OPT_FIELD(T, field, bool) }
#define OPT_STRING(l, n, T, field, v, c, h) \
	{ .type = OPT_TYPE_STRING, .letter = (l), .name = (n), .value = (v), .complete = (c), \
	  .help = (h), .offset = OPT_FIELD(T, field, const char *) }
#define OPT_TEXT(l, n, T, field, v, h) \
	{ .type = OPT_TYPE_STRING, .letter = (l), .name = (n), .value = (v), .may_be_empty = true, \
	  .help = (h), .offset = OPT_FIELD(T, field, const char *) }
#define OPT_LIST(l, n, T, field, v, c, h) \
	{ .type = OPT_TYPE_LIST, .letter = (l), .name = (n), .value = (v), .complete = (c), \
	  .help = (h), .offset = OPT_FIELD(T, field, struct opt_list) }
#define OPT_CSV(l, n, T, field, v, c, h) \
	{ .type = OPT_TYPE_CSV, .letter = (l), .name = (n), .value = (v), .complete = (c), \
	  .help = (h), .offset = OPT_FIELD(T, field, struct opt_list) }
#define OPT_INT(l, n, T, field, least, most, otherwise, h) \
	{ .type = OPT_TYPE_INT, .letter = (l), .name = (n), .value = "N", .help = (h), \
	  .min = (least), .max = (most), .fallback = (otherwise), \
	  .offset = OPT_FIELD(T, field, int64_t) }
/* --parallel, --parallel=N, --parallel N: a word behind it is its value when it is a number. */
#define OPT_INT_BARE(l, n, T, field, least, most, otherwise, alone, h) \
	{ .type = OPT_TYPE_INT, .letter = (l), .name = (n), .value = "N", .help = (h), \
	  .min = (least), .max = (most), .fallback = (otherwise), .bare = (alone), \
	  .optional = true, .offset = OPT_FIELD(T, field, int64_t) }
#define OPT_CHOICE(l, n, other, T, field, table, h) \
	{ .type = OPT_TYPE_CHOICE, .letter = (l), .name = (n), .alias = (other), \
	  .choices = (table), .help = (h), .offset = OPT_FIELD(T, field, int) }
#define OPT_TIME(l, n, other, T, field, h) \
	{ .type = OPT_TYPE_TIME, .letter = (l), .name = (n), .alias = (other), .value = "DATE", \
	  .help = (h), .offset = OPT_FIELD(T, field, const char *) }
#define OPT_CONFIG(l, n, config_key, v, c, h) \
	{ .type = OPT_TYPE_CONFIG, .letter = (l), .name = (n), .key = (config_key), .value = (v), \
	  .complete = (c), .help = (h) }
/* A key that another program's option of this name set; true when no value is given. */
#define OPT_CONFIG_BEFORE(n, config_key) \
	{ .type = OPT_TYPE_CONFIG, .name = (n), .key = (config_key), .value = "VALUE", \
	  .help = "as the key of the configuration", .hidden = true }
#define OPT_CONFIG_BEFORE_FLAG(n, config_key) \
	{ .type = OPT_TYPE_CONFIG, .name = (n), .key = (config_key), .value = "BOOL", \
	  .help = "as the key of the configuration", .hidden = true, .optional = true }
#define OPT_CONFIG_ALIAS(l, n, other, config_key, v, c, h) \
	{ .type = OPT_TYPE_CONFIG, .letter = (l), .name = (n), .alias = (other), \
	  .key = (config_key), .value = (v), .complete = (c), .help = (h) }
#define OPT_CONFIG_ALSO(l, n, config_key, others, v, c, h) \
	{ .type = OPT_TYPE_CONFIG, .letter = (l), .name = (n), .key = (config_key), \
	  .also = (others), .value = (v), .complete = (c), .help = (h) }
#define OPT_END { .name = NULL }

#define ARG(n, T, field, c, h) \
	{ .name = (n), .help = (h), .complete = (c), .offset = OPT_FIELD(T, field, const char *) }
#define ARG_OPTIONAL(n, T, field, c, h) \
	{ .name = (n), .help = (h), .complete = (c), .optional = true, \
	  .offset = OPT_FIELD(T, field, const char *) }
#define ARG_REST(n, T, field, c, h) \
	{ .name = (n), .help = (h), .complete = (c), .optional = true, .rest = true, \
	  .offset = OPT_FIELD(T, field, struct opt_list) }
#define ARG_END { .name = NULL }

/* The backup that a command is about: by option or by word, told in the same words everywhere. */
#define OPT_BACKUP_ID(T, field) \
	OPT_STRING(0, "backup-id", T, field, "ID", COMPLETE_BACKUP, "which backup")
#define ARG_BACKUP_ID(T, field) \
	ARG("BACKUP-ID", T, field, COMPLETE_BACKUP, "which backup; latest is the newest")
/* clang-format on */

/* What a command needs, and so which of the common options it takes. */
enum command_trait {
	NEED_CONFIG = 1 << 0,             /* cli->config; options that override it */
	NEED_REPO = 1 << 1 | NEED_CONFIG, /* cli->repo */
	NEED_FRESH = 1 << 2 | NEED_REPO,  /* a catalog that knows what other hosts did */
	NEED_SERVER =
		1 << 3 | NEED_CONFIG, /* talks to the server: help shows how to say which */
	HAS_FORMAT = 1 << 4,          /* writes data: --format */
	HAS_LIST = 1 << 5,            /* writes a table: --columns */
	ASKS = 1 << 6,                /* may ask: --yes */
	CHANGES = 1 << 7, /* changes something: goes into the audit log, and word is sent */
	SHOWS_WARNINGS = 1 << 8, /* shows the configuration's warnings as data */
	WATCHES = 1 << 9,        /* sends word when it finds something wrong */
};

struct command {
	const char *name;       /* "backup list" */
	const char *alias;      /* another name; NULL: none */
	const char *summary;    /* one line, no full stop; at most 60 characters */
	const char *details;    /* paragraphs, separated by empty lines; NULL: nothing to add */
	const char *examples;   /* one per line, without the program's name */
	const struct opt *opts; /* NULL: none of its own */
	const struct arg *args; /* NULL: none */
	unsigned int traits;
	bool hidden; /* for our own scripts: not in help */
	size_t options_size;
	int (*run)(struct cli *cli, const void *options, struct error *err);
};

/* Commands with a common first word: a manual page, a part of the help. */
struct command_group {
	const char *name; /* "backup"; "": the commands of one word */
	const char *summary;
	const char *details;
};

#endif
