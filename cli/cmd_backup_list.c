/* SPDX-License-Identifier: MIT */
/* cmd_backup_list: the command that lists backups by filters. */
#include <string.h>

#include "catalog/catalog.h"
#include "cli/cli.h"
#include "cli/cmd.h"
#include "cli/out.h"
#include "cli/view.h"
#include "engine/base/arena.h"
#include "engine/base/buf.h"
#include "engine/base/error.h"
#include "engine/base/json.h"
#include "engine/repo/repo.h"
#include "engine/repo/suggest.h"

#define BIT(status) (1 << BACKUP_##status)

struct list_opts {
	const char *database;
	int statuses; /* bits; 0: not given */
	struct opt_list tags;
	const char *created_after, *created_before;
	int64_t limit;
};

/* What somebody can go back to, and what was it once. */
#define USUAL_STATUSES (BIT(COMPLETED) | BIT(VALIDATING) | BIT(CORRUPTED))

static const struct opt_choice statuses[] = {
	{ "completed", BIT(COMPLETED) },
	{ "failed", BIT(FAILED) },
	{ "corrupted", BIT(CORRUPTED) },
	{ "creating", BIT(CREATING) },
	{ "validating", BIT(VALIDATING) },
	{ "all", USUAL_STATUSES | BIT(FAILED) | BIT(CREATING) },
	{ NULL },
};

#define T struct list_opts

static const struct opt opts[] = {
	OPT_STRING('d', "database", T, database, "NAME", COMPLETE_DATABASE,
	           "only backups of this database"),
	OPT_CHOICE(
		0, "status", NULL, T, statuses, statuses,
		"only backups in this state; all but failed and unfinished ones unless given"),
	OPT_LIST('t', "tag", T, tags, "KEY[=VALUE]", COMPLETE_TAG,
	         "only backups with this tag; given again, with all of them"),
	OPT_CSV(0, "tags", T, tags, "KEY=VALUE,..", COMPLETE_TAG, "the same, several at once"),
	OPT_TIME(0, "created-after", "start-date", T, created_after,
	         "only backups from then on"),
	OPT_TIME(0, "created-before", "end-date", T, created_before,
	         "only backups before then"),
	OPT_INT('n', "limit", T, limit, 0, 1000000000, 50,
	        "at most so many, the newest; 0: all"),
	OPT_END,
};

static int add_tags(struct catalog_filter *f, struct cli *cli, const struct opt_list *tags,
                    struct error *err)
{
	for (size_t i = 0; i < tags->count; i++) {
		const char *tag = tags->items[i], *equals = strchr(tag, '=');

		if (f->tag_count == ARRAY_SIZE(f->tag_keys))
			return error_set(err, ERR_USAGE, "--tag: more than %zu tags",
			                 ARRAY_SIZE(f->tag_keys));
		f->tag_keys[f->tag_count] =
			equals ? arena_strndup(cli->arena, tag, (size_t)(equals - tag)) : tag;
		f->tag_values[f->tag_count++] = equals ? equals + 1 : NULL;
	}
	return 0;
}

static int add(void *arg, const struct backup *b, struct error *err)
{
	(void)err;
	out_list_add(arg, view_backup(b));
	return 0;
}

#define COUNT_MAX 10000 /* to count a million takes longer than to list fifty */

static void tell_none(struct cli *cli, const struct catalog_filter *f)
{
	out_note(cli->out, "No backups found.");
	for (size_t i = 0; i < f->tag_count; i++) {
		autobuf near = BUF_INIT;

		if (suggest_tag(&near, cli->repo, f->tag_keys[i], f->tag_values[i]))
			out_note(cli->out, "Did you mean --tag %s?", near.data);
	}
}

/* What a reader of the table cannot see: that there is more, or nothing. */
static int tell_rest(struct cli *cli, const struct catalog_filter *f, struct error *err)
{
	struct catalog_filter all = *f;
	int64_t count;

	if (out_setup(cli->out)->format != OUT_TABLE)
		return 0;
	all.limit = f->limit > 0 && f->limit < COUNT_MAX ? COUNT_MAX : f->limit + 1;
	count = catalog_backup_count(repo_catalog(cli->repo), &all, err);
	if (count < 0)
		return -1;
	if (count == 0)
		tell_none(cli, f);
	else if (f->limit > 0 && (size_t)count > f->limit)
		out_note(cli->out, "The newest %zu of %s%lld; --limit 0 shows all.", f->limit,
		         (size_t)count == all.limit ? "at least " : "", (long long)count);
	return 0;
}

/* Of attempts that failed people want to know why, not how large they are. */
static const struct out_column *columns_for(struct cli *cli, unsigned int listed)
{
	size_t count = 0;
	struct out_column *made;

	if (listed & ~(unsigned int)(BIT(FAILED) | BIT(CREATING)))
		return view_backup_columns;
	while (view_backup_columns[count].name)
		count++;
	made = arena_array(cli->arena, count + 1, sizeof(*made));
	for (size_t i = 0; i < count; i++) {
		made[i] = view_backup_columns[i];
		if (strcmp(made[i].name, "error") == 0)
			made[i].usual = true;
		else if (strcmp(made[i].name, "size") == 0 ||
		         strcmp(made[i].name, "description") == 0)
			made[i].usual = false;
	}
	return made;
}

static int run(struct cli *cli, const void *options, struct error *err)
{
	const struct list_opts *o = options;
	struct catalog_filter f = {
		.database = o->database,
		.statuses = (unsigned int)(o->statuses ? o->statuses : USUAL_STATUSES),
		.limit = (size_t)o->limit,
	};
	DEFER(out_list) *l = NULL;

	if (add_tags(&f, cli, &o->tags, err) < 0 ||
	    cli_time(cli, o->created_after, &f.created_from, err) < 0 ||
	    cli_time(cli, o->created_before, &f.created_before, err) < 0)
		return -1;
	cli_check_database(cli, o->database);
	if (out_list_begin(&l, cli->out, columns_for(cli, f.statuses), err) < 0 ||
	    catalog_backup_each(repo_catalog(cli->repo), &f, add, l, err) < 0)
		return -1;
	out_list_end(l);
	return tell_rest(cli, &f, err);
}

const struct command cmd_backup_list = {
	.name = "backup list",
	.summary = "list backups, newest first",
	.details =
		"Dates are YYYY-MM-DD, YYYY-MM-DD HH:MM:SS, RFC 3339, or an age such as 24h, 7d, "
		"2w, 1m. A date without a zone is local time, or that of the configured timezone; "
		"--created-before leaves its own moment out, so that a day is --created-after "
		"2026-11-21 --created-before 2026-11-22.",
	.examples = "backup list --database shop --limit 10\n"
		    "backup list --created-after 7d --tag environment=production\n"
		    "backup list --status failed --format json\n"
		    "backup list -o id,created,tags",
	.opts = opts,
	.traits = NEED_FRESH | HAS_FORMAT | HAS_LIST,
	.options_size = sizeof(struct list_opts),
	.run = run,
};
