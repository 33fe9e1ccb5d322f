/* SPDX-License-Identifier: MIT */
#include "fs/notify.h"

#include <string.h>

#include "engine/base/cleanup.h"
#include "engine/base/mem.h"
#include "fs/fsys.h"
#include "fs/names.h"
#include "fs/ops.h"
#include "fs/watch.h"

/* The number that the kernel knows a directory by; 0: it does not know it. */
static uint64_t id_of(struct fsys *fs, const struct census_dir *dir)
{
	struct node n = { .kind = dir->kind, .sub = (uint32_t)dir->day };

	switch (node_info(dir->kind)->key) {
	case NODE_KEY_NONE:
		break;
	case NODE_KEY_NAME:
		n.row = names_find(fs->names, dir->a, dir->b);
		if (n.row == 0)
			return 0;
		break;
	case NODE_KEY_DROP:
		return 0; /* the kernel keeps nothing of those */
	case NODE_KEY_ROW:
		n.epoch = atomic_load(&fs->epoch) % NODE_EPOCHS;
		n.row = dir->row;
		break;
	}
	return node_id(n);
}

static uint64_t id_of_news(struct fsys *fs, const struct watch_news *news)
{
	return news->id != 0 ? news->id : id_of(fs, &news->dir);
}

static int compare_ids(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* The directories in the news, each once. */
static size_t collect_ids(uint64_t *out, struct fsys *fs, const struct watch_news *news,
                          size_t count)
{
	size_t n = 0, unique = 0;

	for (size_t i = 0; i < count; i++) {
		out[n] = id_of_news(fs, &news[i]);
		n += out[n] != 0;
	}
	qsort(out, n, sizeof(*out), compare_ids);
	for (size_t i = 0; i < n; i++)
		if (unique == 0 || out[unique - 1] != out[i])
			out[unique++] = out[i];
	return unique;
}

/* That the kernel does not know it any more is no failure: there is nothing to forget. */
static void forget_directories(struct fuse_session *session, const uint64_t *ids, size_t count)
{
	for (size_t i = 0; i < count; i++)
		fuse_lowlevel_notify_inval_inode(session, ids[i], 0, 0);
}

void notify_kernel(void *arg, const struct watch_news *news, size_t count)
{
	const struct notify *n = arg;
	autofree uint64_t *ids = mem_array(count, sizeof(*ids));
	size_t directories = collect_ids(ids, n->fs, news, count);

	/*
	 * Names first: a listing that shows what is new or hides what is gone is then never
	 * contradicted by what the kernel remembers of a name. Forgetting a name also waits for
	 * those who are reading the directory, so that what they were told goes with the rest.
	 */
	for (size_t i = 0; i < count; i++) {
		uint64_t id = news[i].name ? id_of_news(n->fs, &news[i]) : 0;

		if (id != 0)
			fuse_lowlevel_notify_inval_entry(n->session, id, news[i].name,
			                                 strlen(news[i].name));
	}
	forget_directories(n->session, ids, directories);
}
