/* SPDX-License-Identifier: MIT */
/*
 * node_export: export: each backup as an archive, as `backup export` makes it.
 *
 * How long a .tar is follows from the catalog. A .tar.gz has to be made to know;
 * its length is then noted in the catalog, so once for each backup. Both hold
 * metadata.json: when that changes, they are other nodes.
 */
#include <stdio.h>
#include <string.h>

#include "catalog/catalog.h"
#include "engine/base/buf.h"
#include "engine/base/error.h"
#include "engine/base/hash.h"
#include "engine/base/log.h"
#include "engine/base/mem.h"
#include "engine/base/number.h"
#include "engine/repo/export.h"
#include "fs/cache.h"
#include "fs/census.h"
#include "fs/content.h"
#include "fs/dirlist.h"
#include "fs/fsys.h"
#include "fs/group.h"
#include "fs/node.h"
#include "fs/shelf.h"

#define LOG_MODULE "fs/export"

#define NOTE_MAX 160

/* By the end of the name; the longer one first. */
static const struct {
	const char *suffix;
	enum node_kind kind;
	enum export_form form;
} forms[] = {
	{ ".tar.gz", NODE_EXPORT_TAR_GZ, EXPORT_TAR_GZ },
	{ ".tar", NODE_EXPORT_TAR, EXPORT_TAR },
};

static uint32_t version_of(const struct card *card)
{
	const struct content *metadata = card->metadata;

	return (uint32_t)hash_bytes(HASH_START, metadata->data, metadata->len) % NODE_SUB_MAX;
}

/* The directory */

static int exports_attr(struct worker *w, struct node n, struct node_attr *out,
                        struct error *err)
{
	const struct census_dir dir = { .kind = NODE_EXPORTS };
	const struct group all = { .on_day = false };

	(void)n;
	return group_attr(w, &all, &dir, out, err);
}

static int exports_lookup(struct worker *w, struct node n, const char *name, struct node *child,
                          struct error *err)
{
	struct str whole = str_of(name);
	DEFER(card) *card = NULL;
	size_t i = 0;

	(void)n;
	while (i < ARRAY_SIZE(forms) && !str_has_suffix(whole, forms[i].suffix))
		i++;
	if (i < ARRAY_SIZE(forms)) {
		autofree char *id = mem_strndup(name, whole.n - strlen(forms[i].suffix));
		int found = group_card_named(&card, w, id, err);

		if (found <= 0)
			return found;
		*child = group_row_node(w, forms[i].kind, card->backup->row);
		child->sub = version_of(card);
		return 1;
	}
	return 0;
}

struct listing {
	struct worker *w;
	struct dirlist *out;
};

/* Names only: who wants to know more asks. */
static int list_forms(void *arg, const struct backup *b, struct error *err)
{
	struct listing *l = arg;

	(void)err;
	for (size_t i = 0; i < ARRAY_SIZE(forms); i++) {
		autofree char *name = mem_printf("%s%s", b->id, forms[i].suffix);

		dirlist_add_plain(l->out, name, group_row_node(l->w, forms[i].kind, b->row),
		                  node_ino(forms[i].kind, b->id, NULL, 0));
	}
	return 0;
}

static int exports_list(struct worker *w, struct node n, struct dirlist *out, struct error *err)
{
	struct listing l = { .w = w, .out = out };
	const struct group all = { .on_day = false };

	(void)n;
	return group_each_for(out, w, &all, list_forms, &l, err) < 0 ? -1 : 1;
}

/* The files */

static int export_version(struct worker *w, struct node n, uint32_t *sub, struct error *err)
{
	DEFER(card) *card = NULL;
	int found = group_card(&card, w, n.row, err);

	if (found > 0)
		*sub = version_of(card);
	return found;
}

struct making {
	struct worker *w;
	const char *id;
	enum export_form form;
};

static int collect(void *arg, const void *data, size_t len, struct error *err)
{
	(void)err;
	buf_add(arg, data, len);
	return 0;
}

static int make(void *arg, struct buf *out, struct error *err)
{
	const struct making *m = arg;
	const struct export_options o = { .form = m->form };

	return repo_export(m->w->repo, m->id, &o, collect, out, err);
}

static void note_name(char out[NOTE_MAX], const struct card *card)
{
	snprintf(out, NOTE_MAX, CATALOG_NOTE_OF "%s/export.tar.gz", card->backup->id);
}

/* 1 *length is what was noted for this metadata; else 0. */
static int noted_length(uint64_t *length, struct worker *w, const struct card *card)
{
	struct error err = ERROR_INIT;
	autofree char *text = NULL;
	char name[NOTE_MAX];
	unsigned int version;
	unsigned long long value;

	note_name(name, card);
	if (catalog_note_get(w->catalog, name, &text, &err) <= 0)
		return 0;
	/* NOLINTNEXTLINE(cert-err34-c): written by us, below */
	if (sscanf(text, "%x %llu", &version, &value) != 2 || version != version_of(card))
		return 0;
	*length = value;
	return 1;
}

static void note_length(struct worker *w, const struct card *card, uint64_t length)
{
	struct error err = ERROR_INIT;
	char name[NOTE_MAX], text[NOTE_MAX];

	note_name(name, card);
	snprintf(text, sizeof(text), "%x %llu", version_of(card), (unsigned long long)length);
	if (catalog_note_set(w->catalog, name, text, &err) < 0)
		log_failure(LOG_MODULE, card->backup->id, &err);
}

static int get_archive(struct content **out, struct worker *w, const struct card *card,
                       enum export_form form, struct error *err)
{
	struct making m = { .w = w, .id = card->backup->id, .form = form };
	autofree char *key = mem_printf("%s %x %s", export_form_name(form), version_of(card),
	                                card->backup->id);

	return cache_get(out, w->fs->exports, key, make, &m, err);
}

/* Known, noted, or made to know it. */
static int gz_length(uint64_t *length, struct worker *w, const struct card *card,
                     struct error *err)
{
	DEFER(content) *c = NULL;

	if (noted_length(length, w, card))
		return 0;
	if (get_archive(&c, w, card, EXPORT_TAR_GZ, err) < 0)
		return -1;
	*length = c->len;
	note_length(w, card, c->len);
	return 0;
}

static int export_attr(struct worker *w, struct node n, struct node_attr *out,
                       struct error *err)
{
	DEFER(card) *card = NULL;
	int found = group_card(&card, w, n.row, err);
	int result;

	if (found <= 0)
		return found;
	out->mtime = card->backup->created_at;
	if (n.kind == NODE_EXPORT_TAR)
		result = repo_export_length(&out->size, card->backup, card->metadata->len, err);
	else
		result = gz_length(&out->size, w, card, err);
	return result < 0 ? -1 : 1;
}

static int export_open(struct worker *w, struct node n, struct content **out, struct error *err)
{
	bool gz = n.kind == NODE_EXPORT_TAR_GZ;
	DEFER(card) *card = NULL;
	uint64_t noted;
	int found = group_card(&card, w, n.row, err);

	if (found <= 0)
		return found;
	if (get_archive(out, w, card, gz ? EXPORT_TAR_GZ : EXPORT_TAR, err) < 0)
		return -1;
	/* Another zlib packs otherwise than the one that was there when it was noted. */
	if (gz && (!noted_length(&noted, w, card) || noted != (*out)->len))
		note_length(w, card, (*out)->len);
	return 1;
}

const struct node_ops node_exports_ops = {
	.attr = exports_attr,
	.lookup = exports_lookup,
	.list = exports_list,
};
const struct node_ops node_export_ops = {
	.version = export_version,
	.attr = export_attr,
	.open = export_open,
};
