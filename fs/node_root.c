/* SPDX-License-Identifier: MIT */
/* node_root: the top directory and its README. */
#include <string.h>

#include "engine/base/buf.h"
#include "fs/content.h"
#include "fs/fsys.h"
#include "fs/node.h"

static const char readme[] =
	"Backups of database schemas, as files. All is read-only but import/.\n"
	"\n"
	"by-database/DB/DATE/ID/   a backup:\n"
	"    schema.sql            the whole schema; loads into an empty database:\n"
	"                          mariadb newdb < schema.sql\n"
	"    objects/KIND/NAME.sql one file for each table, view, trigger, routine, ...\n"
	"    metadata.json         what is known of the backup\n"
	"    plan.sql              what would bring the live schema back to this one;\n"
	"                          read it before you run it\n"
	"by-database/DB/latest     the newest completed backup of a database\n"
	"by-date/DATE/DB/ID        the same backups by day,\n"
	"by-tag/KEY/VALUE/ID       by tag,\n"
	"by-id/ID                  and by id; these are links\n"
	"export/ID.tar.gz          and as archives, also .tar: cp one, and it is exported\n"
	"import/                   put an archive, a directory or a dump there, and it is\n"
	"                          a backup; NAME.error says why it is none\n"
	"live/DB/                  the schema that the server has now\n"
	"status/*.json             is all well, and how much there is\n"
	"\n"
	"Try:\n"
	"    diff -r by-database/shop/latest/objects live/shop/objects\n"
	"    grep -rl customer_id by-database/*/latest/objects\n"
	"    getfattr -d -m user. by-id/ID/\n"
	"    tar czf shop.tar.gz -C by-database/shop latest/\n"
	"\n"
	"Dates are local time, ids are UTC. In names, '/', '%', control characters and a\n"
	"leading dot are written as %XX.\n"
	"\n"
	"A backup that fails its checksum cannot be read (\"Input/output error\"); the\n"
	"log says why. live/ and plan.sql are made when you look; everything else is as\n"
	"it was stored. Backups are made, deleted and rolled back by the command\n"
	"mysql-schema-sync. See also schemafs(1).\n";

static int root_attr(struct worker *w, struct node n, struct node_attr *out, struct error *err)
{
	(void)n;
	(void)err;
	out->mtime = w->fs->started_at;
	out->nlink = 2;
	for (int k = 0; k < NODE_KIND_COUNT; k++) {
		const struct node_info *info = node_info((enum node_kind)k);

		if (info->named && info->parent == NODE_ROOT && S_ISDIR(info->type))
			out->nlink++;
	}
	return 1;
}

static int readme_attr(struct worker *w, struct node n, struct node_attr *out,
                       struct error *err)
{
	(void)n;
	(void)err;
	out->mtime = w->fs->started_at;
	out->size = strlen(readme);
	return 1;
}

static int readme_open(struct worker *w, struct node n, struct content **out, struct error *err)
{
	autobuf text = BUF_INIT;

	(void)w;
	(void)n;
	(void)err;
	buf_adds(&text, readme);
	*out = content_new(&text);
	return 1;
}

const struct node_ops node_root_ops = { .attr = root_attr };
const struct node_ops node_readme_ops = { .attr = readme_attr, .open = readme_open };
