/* SPDX-License-Identifier: MIT */
#include "fs/options.h"

#include <getopt.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine/base/buf.h"
#include "engine/base/cleanup.h"
#include "engine/base/error.h"
#include "engine/base/mem.h"
#include "engine/base/number.h"

#define MASK_DEFAULT 077

/* A word behind -o. */
enum word_type {
	WORD_IGNORED,    /* always so, or no business of ours */
	WORD_READ_WRITE, /* from mount(8) it only means: not ro */
	WORD_WRITABLE,
	WORD_READ_ONLY,
	WORD_ALLOW_OTHER,
	WORD_CONFIG, /* these have a value */
	WORD_UID,
	WORD_GID,
	WORD_UMASK,
};

struct word {
	const char *name;
	enum word_type type;
	const char *help; /* NULL: not in --help */
};

/* clang-format off */
static const struct word words[] = {
	{ "config",      WORD_CONFIG,      "config=FILE    configuration file, as --config" },
	{ "allow_other", WORD_ALLOW_OTHER, "allow_other    let other users in (add umask=0022 to let them read)" },
	{ "uid",         WORD_UID,         "uid=N          owner of all files (default: you)" },
	{ "gid",         WORD_GID,         "gid=N          group of all files (default: yours)" },
	{ "umask",       WORD_UMASK,       "umask=M        permissions nobody gets, octal (default: 0077)" },
	{ "rw",          WORD_READ_WRITE,  "rw             backups can be deleted and tagged, too" },
	{ "writable",    WORD_WRITABLE,    "writable       the same in fstab and for mount(8), which always says rw" },
	{ "ro",          WORD_READ_ONLY,   "ro             take nothing in import/ either" },
	/* What it is in any case, too. */
	{ "default_permissions", WORD_IGNORED, NULL },
	{ "nosuid", WORD_IGNORED, NULL }, { "nodev", WORD_IGNORED, NULL }, { "noexec", WORD_IGNORED, NULL },
	/* What mount(8) and fstab pass on although it is theirs. */
	{ "suid", WORD_IGNORED, NULL }, { "dev", WORD_IGNORED, NULL }, { "exec", WORD_IGNORED, NULL },
	{ "auto", WORD_IGNORED, NULL }, { "noauto", WORD_IGNORED, NULL }, { "defaults", WORD_IGNORED, NULL },
	{ "user", WORD_IGNORED, NULL }, { "users", WORD_IGNORED, NULL }, { "nouser", WORD_IGNORED, NULL },
	{ "owner", WORD_IGNORED, NULL }, { "group", WORD_IGNORED, NULL }, { "_netdev", WORD_IGNORED, NULL },
	{ "nofail", WORD_IGNORED, NULL }, { "comment", WORD_IGNORED, NULL }, { "async", WORD_IGNORED, NULL },
	{ "atime", WORD_IGNORED, NULL }, { "noatime", WORD_IGNORED, NULL }, { "relatime", WORD_IGNORED, NULL },
};
/* clang-format on */

static const struct word *find_word(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (strcmp(words[i].name, name) == 0)
			return &words[i];
	return NULL;
}

static bool has_value(enum word_type type)
{
	return type >= WORD_CONFIG;
}

static int read_id(unsigned int *out, const char *value, struct error *err)
{
	uint64_t id;

	if (number_parse_u64(&id, value, UINT32_MAX - 1, err) < 0)
		return -1;
	*out = (unsigned int)id;
	return 0;
}

static int apply_word(struct options *o, const struct word *w, const char *value,
                      struct error *err)
{
	switch (w->type) {
	case WORD_IGNORED:
		return 0;
	case WORD_READ_WRITE:
		o->read_write = true;
		return 0;
	case WORD_WRITABLE:
		o->writable = true;
		return 0;
	case WORD_READ_ONLY:
		o->read_only = true;
		return 0;
	case WORD_ALLOW_OTHER:
		o->allow_other = true;
		return 0;
	case WORD_CONFIG:
		free(o->config);
		o->config = mem_strdup(value);
		return 0;
	case WORD_UID:
		return read_id(&o->uid, value, err);
	case WORD_GID:
		return read_id(&o->gid, value, err);
	case WORD_UMASK:
		o->has_mask = true;
		return number_parse_mode(&o->mask, value, err);
	}
	return 0;
}

static int parse_word(struct options *o, const char *text, struct error *err)
{
	const char *equals = strchr(text, '=');
	autofree char *name =
		equals ? mem_strndup(text, (size_t)(equals - text)) : mem_strdup(text);
	const struct word *w = find_word(name);
	const char *value = equals ? equals + 1 : "";

	if (strncmp(name, "x-", 2) == 0) /* systemd's and other people's */
		return 0;
	if (!w) {
		error_set(err, ERR_USAGE, "unknown mount option: %s", name);
		return error_hint(err, "See schemafs --help for those that there are.");
	}
	if (has_value(w->type) && !*value)
		return error_set(err, ERR_USAGE, "mount option %s needs a value", name);
	if (apply_word(o, w, value, err) == 0)
		return 0;
	err->code = ERR_USAGE;
	return error_wrap(err, "mount option %s", name);
}

/* Commas part words; "\," is a comma in one. */
static int parse_words(struct options *o, const char *text, struct error *err)
{
	autobuf word = BUF_INIT;

	for (const char *p = text;; p++) {
		if (*p == '\\' && p[1]) {
			buf_addc(&word, *++p);
		} else if (*p && *p != ',') {
			buf_addc(&word, *p);
		} else {
			if (word.len > 0 && parse_word(o, word.data, err) < 0)
				return -1;
			buf_truncate(&word, 0);
			if (!*p)
				return 0;
		}
	}
}

static bool is_mount_helper(const char *program)
{
	const char *slash = strrchr(program, '/');

	return strncmp(slash ? slash + 1 : program, "mount.", 6) == 0;
}

static const char short_options[] = ":fo:hVvnst:N:c:uz";
static const struct option long_options[] = {
	{ "config", required_argument, NULL, 'c' },
	{ "foreground", no_argument, NULL, 'f' },
	{ "verbose", no_argument, NULL, 'v' },
	{ "options", required_argument, NULL, 'o' },
	{ "unmount", no_argument, NULL, 'u' },
	{ "lazy", no_argument, NULL, 'z' },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'V' },
	{ NULL, 0, NULL, 0 },
};

static int parse_option(struct options *o, int letter, bool helper, char **argv,
                        struct error *err)
{
	switch (letter) {
	case 'c':
		free(o->config);
		o->config = mem_strdup(optarg);
		return 0;
	case 'f':
		if (helper)
			o->action = OPTIONS_NOTHING; /* mount -f */
		o->foreground = true;
		return 0;
	case 'v':
		o->verbose = true;
		return 0;
	case 'o':
		return parse_words(o, optarg, err);
	case 'u':
		o->action = OPTIONS_UNMOUNT;
		return 0;
	case 'z':
		o->lazy = true;
		return 0;
	case 'h':
		o->action = OPTIONS_HELP;
		return 0;
	case 'V':
		o->action = OPTIONS_VERSION;
		return 0;
	case 'n':
	case 's':
	case 't':
	case 'N': /* mount(8)'s */
		if (helper)
			return 0;
		break;
	case ':':
		return error_set(err, ERR_USAGE, "option %s needs a value", argv[optind - 1]);
	default:
		break;
	}
	error_set(err, ERR_USAGE, "unknown option: %s", argv[optind - 1]);
	return error_hint(err, "See schemafs --help for those that there are.");
}

static int parse_places(struct options *o, int count, char **places, bool helper,
                        struct error *err)
{
	if (count > 2)
		return error_set(err, ERR_USAGE, "too many arguments: %s", places[2]);
	if (count == 0 && helper)
		return error_set(err, ERR_USAGE, "no mount point named");
	if (count == 0)
		return 0;
	o->mountpoint = mem_strdup(places[count - 1]);
	/* SOURCE: a configuration, or any word ("schemafs") that fstab wants to see. */
	if (count == 2 && !o->config && strchr(places[0], '/') && access(places[0], F_OK) == 0)
		o->config = mem_strdup(places[0]);
	return 0;
}

int options_parse(struct options *out, int argc, char **argv, struct error *err)
{
	bool helper = is_mount_helper(argv[0]);
	int letter;

	*out = (struct options){ .uid = getuid(), .gid = getgid(), .mask = MASK_DEFAULT };
	optind = 0; /* GNU: begin anew, also for the second time in a process */
	while ((letter = getopt_long(argc, argv, short_options, long_options, NULL)) != -1)
		if (parse_option(out, letter, helper, argv, err) < 0)
			return -1;
	if (out->action == OPTIONS_HELP || out->action == OPTIONS_VERSION)
		return 0;
	if (parse_places(out, argc - optind, argv + optind, helper, err) < 0)
		return -1;
	/* mount(8) says rw unless told otherwise; from anybody else it is meant. */
	if (out->read_write && !helper && argc - optind < 2)
		out->writable = true;
	if (out->writable && out->read_only)
		return error_set(err, ERR_USAGE, "mount options rw and ro exclude each other");
	return 0;
}

void options_finish(struct options *o)
{
	free(o->config);
	free(o->mountpoint);
	o->config = o->mountpoint = NULL;
}

void options_help(struct buf *out)
{
	buf_adds(out, "Usage: schemafs [OPTION...] [MOUNTPOINT]\n"
	              "Shows backups of database schemas as files.\n"
	              "\n"
	              "  -c, --config FILE   configuration file (default: where "
	              "mysql-schema-sync\n"
	              "                      finds it)\n"
	              "  -f, --foreground    stay in the foreground, log to standard error\n"
	              "  -v, --verbose       log more\n"
	              "  -o OPTION,...       mount options, see below\n"
	              "  -u, --unmount       end the mount at MOUNTPOINT\n"
	              "  -z, --lazy          with -u: also when somebody is in it\n"
	              "  -h, --help          show this and exit\n"
	              "  -V, --version       show the version and exit\n"
	              "\n"
	              "Without MOUNTPOINT the configuration's mount.mountpoint is taken.\n"
	              "Unmount with: schemafs -u MOUNTPOINT\n"
	              "\n"
	              "Mount options:\n");
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (words[i].help)
			buf_addf(out, "  %s\n", words[i].help);
}
