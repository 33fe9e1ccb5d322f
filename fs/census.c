/* SPDX-License-Identifier: MIT */
#include "fs/census.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "catalog/catalog.h"
#include "engine/base/buf.h"
#include "engine/base/error.h"
#include "engine/base/hash.h"
#include "engine/base/map.h"
#include "engine/base/mem.h"
#include "fs/day.h"
#include "fs/filename.h"

/* A database and tags: many backups have the same. */
struct labels {
	size_t references;
	size_t tag_count;
	char text[]; /* database, then key and value of each tag, each with its NUL */
};

/* A backup as the last pass saw it. There may be a million of them. */
struct seen {
	uint64_t hash; /* of everything that the tree shows of it */
	int64_t row;
	char *id;
	struct labels *labels; /* NULL: gone, until settle() */
	int32_t day;
	unsigned int round;
};

struct seen_list {
	struct seen *items;
	size_t count, capacity;
};

struct count {
	size_t backups; /* below the directory: it is there while there are any */
	size_t children;
};

struct census {
	const char *zone;
	struct seen_list seen;  /* sorted by id */
	struct seen_list fresh; /* came in this pass; not sorted */
	struct map *labels;     /* by labels_key() */
	unsigned int round;
	/* Of the catalog at the last pass; -1: there was none. */
	_Atomic int64_t generation;
	pthread_mutex_t lock;
	struct map *counts; /* guarded by lock; by the directory's key */
};

struct census *census_new(const char *zone)
{
	struct census *c = mem_alloc(sizeof(*c));

	c->zone = zone;
	c->generation = -1;
	c->labels = map_new();
	c->counts = map_new();
	pthread_mutex_init(&c->lock, NULL);
	return c;
}

static void free_value(void *arg, const char *key, void *value)
{
	(void)arg;
	(void)key;
	free(value);
}

static void empty_map(struct map **m)
{
	map_each(*m, free_value, NULL);
	map_free(*m);
	*m = NULL;
}

void census_free(struct census *c)
{
	if (!c)
		return;
	for (size_t i = 0; i < c->seen.count; i++)
		free(c->seen.items[i].id);
	for (size_t i = 0; i < c->fresh.count; i++)
		free(c->fresh.items[i].id);
	free(c->seen.items);
	free(c->fresh.items);
	empty_map(&c->labels);
	empty_map(&c->counts);
	pthread_mutex_destroy(&c->lock);
	free(c);
}

/* A directory's key: kind, day and names, which hold no '/' when escaped. */
static void add_key(struct buf *out, const struct census_dir *dir)
{
	buf_addf(out, "%d/%d/", (int)dir->kind, (int)dir->day);
	if (dir->a)
		filename_add(out, dir->a);
	buf_addc(out, '/');
	if (dir->b)
		filename_add(out, dir->b);
}

size_t census_children(struct census *c, const struct census_dir *dir)
{
	autobuf key = BUF_INIT;
	const struct count *count;
	size_t children;

	add_key(&key, dir);
	pthread_mutex_lock(&c->lock);
	count = map_get(c->counts, key.data);
	children = count ? count->children : 0;
	pthread_mutex_unlock(&c->lock);
	return children;
}

/*
 * One way from the top to a backup: directories, and the name of each entry that
 * leads on. The last name is the backup's id.
 */
#define WAY_MAX 3

struct way {
	struct census_dir dirs[WAY_MAX];
	struct buf names[WAY_MAX];
	size_t depth;
};

static void way_add(struct way *way, struct census_dir dir, const char *plain, const char *name)
{
	way->dirs[way->depth] = dir;
	way->names[way->depth] = BUF_INIT;
	if (plain)
		buf_adds(&way->names[way->depth], plain);
	else
		filename_add(&way->names[way->depth], name);
	way->depth++;
}

static void way_finish(struct way *way)
{
	for (size_t i = 0; i < way->depth; i++)
		buf_finish(&way->names[i]);
}

typedef void way_fn(struct census *c, const struct way *way, void *arg);

static const char *const exports[] = { ".tar", ".tar.gz" };

/* export/ID.tar and its like */
static void export_ways(struct census *c, const char *id, way_fn *fn, void *arg)
{
	for (size_t i = 0; i < ARRAY_SIZE(exports); i++) {
		autofree char *name = mem_printf("%s%s", id, exports[i]);
		struct way way = { .depth = 0 };

		way_add(&way, (struct census_dir){ .kind = NODE_EXPORTS }, name, NULL);
		fn(c, &way, arg);
		way_finish(&way);
	}
}

static void main_ways(struct census *c, const char *id, const struct seen *s, way_fn *fn,
                      void *arg)
{
	const char *db = s->labels->text;
	struct way way = { .depth = 0 };
	char date[DAY_TEXT_MAX];

	day_format(date, s->day);
	way_add(&way, (struct census_dir){ .kind = NODE_DATABASES }, NULL, db);
	way_add(&way, (struct census_dir){ .kind = NODE_DATABASE, .a = db }, date, NULL);
	way_add(&way, (struct census_dir){ .kind = NODE_DAY, .a = db, .day = s->day }, id,
	        NULL);
	fn(c, &way, arg);
	way_finish(&way);

	way.depth = 0;
	way_add(&way, (struct census_dir){ .kind = NODE_DATES }, date, NULL);
	way_add(&way, (struct census_dir){ .kind = NODE_DATE, .day = s->day }, NULL, db);
	way_add(&way, (struct census_dir){ .kind = NODE_DATE_DATABASE, .a = db, .day = s->day },
	        id, NULL);
	fn(c, &way, arg);
	way_finish(&way);

	way.depth = 0;
	way_add(&way, (struct census_dir){ .kind = NODE_IDS }, id, NULL);
	fn(c, &way, arg);
	way_finish(&way);

	export_ways(c, id, fn, arg);
}

/* Walks the tags: *p begins at the text of the first key. */
static void next_tag(const char **p, const char **key, const char **value)
{
	*key = *p;
	*value = *key + strlen(*key) + 1;
	*p = *value + strlen(*value) + 1;
}

static const char *first_tag(const struct seen *s)
{
	return s->labels->text + strlen(s->labels->text) + 1;
}

static bool has_tag(const struct seen *s, const char *key, const char *value)
{
	const char *p = first_tag(s), *k, *v;

	for (size_t i = 0; i < s->labels->tag_count; i++) {
		next_tag(&p, &k, &v);
		if (strcmp(k, key) == 0 && strcmp(v, value) == 0)
			return true;
	}
	return false;
}

static void tag_way(struct census *c, const char *id, const char *key, const char *value,
                    way_fn *fn, void *arg)
{
	struct way way = { .depth = 0 };

	way_add(&way, (struct census_dir){ .kind = NODE_TAGS }, NULL, key);
	way_add(&way, (struct census_dir){ .kind = NODE_TAG_KEY, .a = key }, NULL, value);
	way_add(&way, (struct census_dir){ .kind = NODE_TAG_VALUE, .a = key, .b = value }, id,
	        NULL);
	fn(c, &way, arg);
	way_finish(&way);
}

/*
 * Calls fn for each way to a backup: by database, by date, by id, by each tag.
 * But not for those that lead to the same node in another state of it (or NULL).
 */
static void each_way(struct census *c, const char *id, const struct seen *s,
                     const struct seen *other, way_fn *fn, void *arg)
{
	bool same_node = other && other->row == s->row;
	const char *p = first_tag(s), *key, *value;

	if (!same_node || other->day != s->day ||
	    strcmp(other->labels->text, s->labels->text) != 0)
		main_ways(c, id, s, fn, arg);
	for (size_t i = 0; i < s->labels->tag_count; i++) {
		next_tag(&p, &key, &value);
		if (!same_node || !has_tag(other, key, value))
			tag_way(c, id, key, value, fn, arg);
	}
}

/* Whom to tell, and how to count. */
struct telling {
	census_fn *fn;
	void *arg;
	int step; /* 1: the backup came, -1: it went */
};

static void tell(const struct telling *t, const struct census_dir *dir, const char *name)
{
	if (t->fn)
		t->fn(t->arg, dir, name);
}

/* Under the lock. */
static struct count *count_of(struct census *c, const char *key)
{
	struct count *count = map_get(c->counts, key);

	if (!count) {
		count = mem_alloc(sizeof(*count));
		map_set(c->counts, key, count);
	}
	return count;
}

/* Counts a backup in or out of a directory. Did the directory come or go by that? */
static bool count_backup(struct census *c, const struct census_dir *dir, bool child_too,
                         int step)
{
	autobuf key = BUF_INIT;
	struct count *count;
	bool edge;

	add_key(&key, dir);
	pthread_mutex_lock(&c->lock);
	count = count_of(c, key.data);
	edge = step > 0 ? count->backups == 0 : count->backups == 1;
	count->backups = step > 0 ? count->backups + 1 : count->backups - 1;
	if (child_too)
		count->children = step > 0 ? count->children + 1 : count->children - 1;
	if (count->backups == 0) {
		map_remove(c->counts, key.data);
		free(count);
	}
	pthread_mutex_unlock(&c->lock);
	return edge;
}

/* From the backup upwards: a directory that came or went is a child of the one above. */
static void count_way(struct census *c, const struct way *way, void *arg)
{
	const struct telling *t = arg;
	bool child = true;

	for (size_t i = way->depth; i-- > 0;) {
		bool edge = count_backup(c, &way->dirs[i], child, t->step);

		if (child)
			tell(t, &way->dirs[i], way->names[i].data);
		tell(t, &way->dirs[i], NULL);
		child = edge;
	}
}

static void tell_of_latest(const struct telling *t, const struct seen *s)
{
	tell(t, &(struct census_dir){ .kind = NODE_DATABASE, .a = s->labels->text }, "latest");
}

static void count_seen(struct census *c, const char *id, const struct seen *s,
                       const struct seen *other, int step, const struct telling *how)
{
	struct telling t = *how;

	t.step = step;
	/* First: who sees the backup in a list looks there next. */
	tell_of_latest(&t, s);
	each_way(c, id, s, other, count_way, &t);
}

/* A backup whose tags, description or status changed. */
static void tell_of_change(struct census *c, const char *id, const struct seen *old,
                           const struct seen *now, const struct telling *t)
{
	const struct census_dir dir = { .kind = NODE_BACKUP, .row = now->row };

	count_seen(c, id, now, old, 1, t);
	count_seen(c, id, old, now, -1, t);
	tell(t, &dir, "metadata.json");
	tell(t, &dir, NULL);
	/* They hold metadata.json. */
	for (size_t i = 0; i < ARRAY_SIZE(exports); i++) {
		autofree char *name = mem_printf("%s%s", id, exports[i]);

		tell(t, &(struct census_dir){ .kind = NODE_EXPORTS }, name);
	}
}

static uint64_t hash_of(const struct backup *b, int32_t day)
{
	uint64_t h = hash_u64(HASH_START, (uint64_t)day);

	h = hash_u64(h, (uint64_t)b->row);
	h = hash_u64(h, b->generation);
	h = hash_u64(h, (uint64_t)b->status);
	h = hash_text(h, b->database);
	h = hash_text(h, b->description);
	h = hash_text(h, b->error);
	h = hash_text(h, b->checksum);
	h = hash_text(h, b->secret);
	for (size_t i = 0; i < b->tag_count; i++) {
		h = hash_text(h, b->tags[i].key);
		h = hash_text(h, b->tags[i].value);
	}
	return h;
}

static void labels_key(struct buf *out, const struct backup *b)
{
	filename_add(out, b->database);
	for (size_t i = 0; i < b->tag_count; i++) {
		buf_addc(out, '/');
		filename_add(out, b->tags[i].key);
		buf_addc(out, '/');
		filename_add(out, b->tags[i].value);
	}
}

static struct labels *labels_new(const struct backup *b)
{
	autobuf text = BUF_INIT;
	struct labels *l;

	buf_add(&text, b->database, strlen(b->database) + 1);
	for (size_t i = 0; i < b->tag_count; i++) {
		buf_add(&text, b->tags[i].key, strlen(b->tags[i].key) + 1);
		buf_add(&text, b->tags[i].value, strlen(b->tags[i].value) + 1);
	}
	l = mem_alloc(sizeof(*l) + text.len);
	memcpy(l->text, text.data, text.len);
	l->tag_count = b->tag_count;
	return l;
}

static struct labels *labels_hold(struct census *c, const struct backup *b)
{
	autobuf key = BUF_INIT;
	struct labels *l;

	labels_key(&key, b);
	l = map_get(c->labels, key.data);
	if (!l) {
		l = labels_new(b);
		map_set(c->labels, key.data, l);
	}
	l->references++;
	return l;
}

/* What nobody has any more is forgotten at the end of a pass. */
static void list_unused(void *arg, const char *key, void *value)
{
	struct seen_list *unused = arg;
	const struct labels *l = value;

	if (l->references > 0)
		return;
	MEM_GROW(unused->items, unused->count, unused->capacity);
	unused->items[unused->count++] = (struct seen){ .id = mem_strdup(key) };
}

static void forget_labels(struct census *c)
{
	struct seen_list unused = { .items = NULL };

	map_each(c->labels, list_unused, &unused);
	for (size_t i = 0; i < unused.count; i++) {
		free(map_get(c->labels, unused.items[i].id));
		map_remove(c->labels, unused.items[i].id);
		free(unused.items[i].id);
	}
	free(unused.items);
}

static int compare_seen(const void *a, const void *b)
{
	const struct seen *x = a, *y = b;

	return strcmp(x->id, y->id);
}

static struct seen *find_seen(const struct census *c, const char *id)
{
	char *name = (char *)(uintptr_t)id; // NOLINT(performance-no-int-to-ptr): only compared
	const struct seen wanted = { .id = name };

	if (c->seen.count == 0)
		return NULL;
	return bsearch(&wanted, c->seen.items, c->seen.count, sizeof(wanted), compare_seen);
}

/* The list as it is after a pass: without what is gone, with what came, sorted. */
static void settle(struct census *c)
{
	struct seen_list *list = &c->seen;
	size_t kept = 0;
	bool sorted = true;

	for (size_t i = 0; i < list->count; i++) {
		if (list->items[i].labels)
			list->items[kept++] = list->items[i];
		else
			free(list->items[i].id);
	}
	list->count = kept;
	for (size_t i = 0; i < c->fresh.count; i++) {
		MEM_GROW(list->items, list->count, list->capacity);
		list->items[list->count++] = c->fresh.items[i];
	}
	for (size_t i = kept > 0 ? kept : 1; i < list->count; i++)
		sorted = sorted && compare_seen(&list->items[i - 1], &list->items[i]) < 0;
	if (!sorted)
		qsort(list->items, list->count, sizeof(*list->items), compare_seen);
	free(c->fresh.items);
	c->fresh = (struct seen_list){ .items = NULL };
	forget_labels(c);
}

struct pass {
	struct census *c;
	struct telling telling;
};

/* Its place stays, for settle() or for when it comes again. */
static void forget_seen(struct pass *pass, struct seen *s)
{
	count_seen(pass->c, s->id, s, NULL, -1, &pass->telling);
	s->labels->references--;
	s->labels = NULL;
}

/* place: where it was until it went, or NULL. */
static void add_seen(struct pass *pass, struct seen now, const char *id, struct seen *place)
{
	struct seen_list *fresh = &pass->c->fresh;

	count_seen(pass->c, id, &now, NULL, 1, &pass->telling);
	now.id = place ? place->id : mem_strdup(id);
	if (place) {
		*place = now;
		return;
	}
	MEM_GROW(fresh->items, fresh->count, fresh->capacity);
	fresh->items[fresh->count++] = now;
}

static void take_in(struct pass *pass, const struct backup *b, struct seen *old)
{
	struct census *c = pass->c;
	struct seen now = { .row = b->row, .round = c->round };

	now.day = day_of(b->created_at, c->zone);
	now.hash = hash_of(b, now.day);
	if (old && old->labels && old->hash == now.hash) {
		old->round = c->round;
		return;
	}
	now.labels = labels_hold(c, b);
	if (!old || !old->labels) {
		add_seen(pass, now, b->id, old);
		return;
	}
	tell_of_change(c, b->id, old, &now, &pass->telling);
	old->labels->references--;
	now.id = old->id;
	*old = now;
}

static int look_at(void *arg, const struct backup *b, struct error *err)
{
	struct pass *pass = arg;

	(void)err;
	take_in(pass, b, find_seen(pass->c, b->id));
	return 0;
}

static int look_at_gone(void *arg, const char *id, struct error *err)
{
	struct pass *pass = arg;
	struct seen *s = find_seen(pass->c, id);

	(void)err;
	if (s && s->labels && s->round != pass->c->round) /* it may have come again */
		forget_seen(pass, s);
	return 0;
}

static int look_at_changed(void *arg, const struct backup *b, struct error *err)
{
	if ((CENSUS_STATUSES & 1U << b->status) != 0)
		return look_at(arg, b, err);
	return look_at_gone(arg, b->id, err);
}

static int look_at_all(struct pass *pass, struct catalog *catalog, struct error *err)
{
	const struct catalog_filter filter = { .statuses = CENSUS_STATUSES };
	struct census *c = pass->c;

	if (catalog_backup_each(catalog, &filter, look_at, pass, err) < 0)
		return -1;
	for (size_t i = 0; i < c->seen.count; i++)
		if (c->seen.items[i].labels && c->seen.items[i].round != c->round)
			forget_seen(pass, &c->seen.items[i]);
	return 0;
}

int64_t census_generation(const struct census *c)
{
	return atomic_load(&c->generation);
}

void census_restart(struct census *c)
{
	c->generation = -1;
}

int census_take(struct census *c, struct catalog *catalog, census_fn *fn, void *arg,
                struct error *err)
{
	struct pass pass = { .c = c, .telling = { .fn = fn, .arg = arg } };
	int64_t generation = catalog_generation(catalog, err);
	int done = 0;

	if (generation < 0)
		return -1;
	c->round++;
	if (c->generation >= 0)
		done = catalog_changes(catalog, c->generation, look_at_changed, look_at_gone,
		                       &pass, err);
	if (done == 0)
		done = look_at_all(&pass, catalog, err);
	settle(c);
	if (done < 0)
		return -1;
	c->generation = generation;
	return 0;
}
