/* SPDX-License-Identifier: MIT */
/*
 * tags: KEY=VALUE of the command line as tags of a backup.
 *
 *	autotags struct tags t = { 0 };
 *
 *	if (tags_parse(&t, &o->tags, err) < 0)
 *		return -1;
 *
 * Owns its texts. Not thread-safe.
 */
#ifndef CLI_TAGS_H
#define CLI_TAGS_H

#include <stddef.h>

struct backup_tag;
struct error;
struct opt_list;

struct tags {
	struct backup_tag *items;
	size_t count;
};

int tags_parse(struct tags *out, const struct opt_list *texts,
               struct error *err); /* ERR_USAGE */
void tags_finish(struct tags *t);
#define autotags __attribute__((cleanup(tags_finish)))

#endif
