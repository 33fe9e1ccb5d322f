/* SPDX-License-Identifier: MIT */
/* node_id: by-id: a link to each backup. */
#include "engine/base/error.h"
#include "fs/census.h"
#include "fs/dirlist.h"
#include "fs/fsys.h"
#include "fs/group.h"
#include "fs/node.h"
#include "fs/shelf.h"

struct listing {
	struct worker *w;
	struct dirlist *out;
};

static int ids_attr(struct worker *w, struct node n, struct node_attr *out, struct error *err)
{
	const struct census_dir dir = { .kind = NODE_IDS };
	const struct group all = { .on_day = false };

	(void)n;
	return group_attr(w, &all, &dir, out, err);
}

static int ids_lookup(struct worker *w, struct node n, const char *name, struct node *child,
                      struct error *err)
{
	DEFER(card) *card = NULL;
	int found = group_card_named(&card, w, name, err);

	(void)n;
	if (found > 0)
		*child = group_row_node(w, NODE_ID_LINK, card->backup->row);
	return found;
}

static int list_link(void *arg, const struct backup *b, struct error *err)
{
	struct listing *l = arg;

	(void)err;
	group_add_link(l->out, l->w, NODE_ID_LINK, b);
	return 0;
}

static int ids_list(struct worker *w, struct node n, struct dirlist *out, struct error *err)
{
	struct listing l = { .w = w, .out = out };
	const struct group all = { .on_day = false };

	(void)n;
	return group_each_for(out, w, &all, list_link, &l, err) < 0 ? -1 : 1;
}

const struct node_ops node_ids_ops = {
	.attr = ids_attr,
	.lookup = ids_lookup,
	.list = ids_list,
};
