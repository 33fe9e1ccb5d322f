/* SPDX-License-Identifier: MIT */
#include "fs/dropbox.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/queue.h>
#include <unistd.h>

#include "engine/base/buf.h"
#include "engine/base/clock.h"
#include "engine/base/error.h"
#include "engine/base/fsutil.h"
#include "engine/base/log.h"
#include "engine/base/mem.h"
#include "engine/repo/import.h"
#include "fs/dropbox_entry.h"

#define LOG_MODULE "fs/import"

#define TOTAL_MAX   ((uint64_t)768 << 20) /* bytes of all contents */
#define ENTRIES_MAX 200000
#define QUIET_MS    1500                 /* a directory without a list of sums is whole then */
#define KEPT_MS     ((int64_t)60 * 1000) /* what is done with goes away */
#define NOTES_MS    ((int64_t)3600 * 1000) /* NAME.error, too */

static int refuse(struct error *err, int number, const char *name)
{
	return error_sys(err, number, "import/%s", name);
}

struct dropbox *dropbox_new(void)
{
	struct dropbox *d = mem_alloc(sizeof(*d));

	pthread_mutex_init(&d->lock, NULL);
	pthread_cond_init(&d->changed, NULL);
	LIST_INIT(&d->entries);
	d->last = DROPBOX_TOP;
	return d;
}

/* It is in no list any more. */
static void entry_free(struct dropbox *d, struct drop *e)
{
	d->total -= e->size;
	d->count--;
	d->changes++;
	if (e->fd >= 0)
		close(e->fd);
	free(e->name);
	free(e);
}

void dropbox_free(struct dropbox *d)
{
	struct drop *e;

	if (!d)
		return;
	while ((e = LIST_FIRST(&d->entries)) != NULL) {
		LIST_REMOVE(e, order);
		entry_free(d, e);
	}
	pthread_cond_destroy(&d->changed);
	pthread_mutex_destroy(&d->lock);
	free(d);
}

struct drop *drop_at(struct dropbox *d, int64_t number)
{
	struct drop *e;

	LIST_FOREACH(e, &d->entries, order)
	if (e->number == number)
		return e;
	return NULL;
}

struct drop *drop_named(struct dropbox *d, int64_t parent, const char *name)
{
	struct drop *e;

	LIST_FOREACH(e, &d->entries, order)
	if (e->parent == parent && strcmp(e->name, name) == 0)
		return e;
	return NULL;
}

struct drop *drop_top(struct dropbox *d, struct drop *e)
{
	while (e && e->parent != DROPBOX_TOP)
		e = drop_at(d, e->parent);
	return e;
}

/* Something in it changed: it is judged anew. */
static void touch(struct dropbox *d, struct drop *e)
{
	struct drop *top = drop_top(d, e);

	e->mtime = clock_now();
	if (top && !top->note) {
		top->touched_ms = clock_mono_ms();
		top->state = DROP_OPEN;
	}
}

static void fill_attr(struct dropbox *d, const struct drop *e, struct drop_attr *out)
{
	const struct drop *child;

	*out = (struct drop_attr){ .number = e->number,
		                   .directory = e->directory,
		                   .size = e->size,
		                   .mtime = e->mtime,
		                   .changes = d->changes };
	if (e->directory)
		LIST_FOREACH(child, &d->entries, order)
	out->directories += child->directory && child->parent == e->number;
}

int dropbox_attr(struct dropbox *d, int64_t number, struct drop_attr *out)
{
	struct drop box = { .number = DROPBOX_TOP, .directory = true };
	struct drop *e;

	pthread_mutex_lock(&d->lock);
	e = number == DROPBOX_TOP ? &box : drop_at(d, number);
	if (e)
		fill_attr(d, e, out);
	pthread_mutex_unlock(&d->lock);
	return e != NULL;
}

int dropbox_find(struct dropbox *d, int64_t parent, const char *name, struct drop_attr *out)
{
	struct drop *e;

	pthread_mutex_lock(&d->lock);
	e = drop_named(d, parent, name);
	if (e)
		fill_attr(d, e, out);
	pthread_mutex_unlock(&d->lock);
	return e != NULL;
}

void dropbox_each(struct dropbox *d, int64_t parent, dropbox_fn *fn, void *arg)
{
	struct drop *e;

	pthread_mutex_lock(&d->lock);
	LIST_FOREACH(e, &d->entries, order)
	{
		struct drop_attr attr;

		if (e->parent != parent)
			continue;
		fill_attr(d, e, &attr);
		fn(arg, e->name, &attr);
	}
	pthread_mutex_unlock(&d->lock);
}

struct drop *drop_add(struct dropbox *d, int64_t parent, const char *name, bool directory)
{
	struct drop *e = mem_alloc(sizeof(*e));

	e->number = ++d->last;
	e->parent = parent;
	e->name = mem_strdup(name);
	e->directory = directory;
	e->fd = -1;
	e->mtime = clock_now();
	e->touched_ms = clock_mono_ms();
	LIST_INSERT_HEAD(&d->entries, e, order);
	d->count++;
	d->changes++;
	return e;
}

void drop_forget(struct dropbox *d, struct drop *e)
{
	struct drop *child, *next;

	for (child = LIST_FIRST(&d->entries); child; child = next) {
		next = LIST_NEXT(child, order);
		if (child->parent == e->number && child != e) {
			drop_forget(d, child);
			next = LIST_FIRST(&d->entries); /* the list is another one now */
		}
	}
	LIST_REMOVE(e, order);
	entry_free(d, e);
}

static int make_locked(struct drop **out, struct dropbox *d, int64_t parent, const char *name,
                       bool directory, struct error *err)
{
	struct drop *above = parent == DROPBOX_TOP ? NULL : drop_at(d, parent);
	int fd = -1;

	if (parent != DROPBOX_TOP && (!above || !above->directory))
		return refuse(err, ENOENT, name);
	if (drop_named(d, parent, name))
		return refuse(err, EEXIST, name);
	if (d->count >= ENTRIES_MAX)
		return refuse(err, ENOSPC, name);
	if (!directory) {
		fd = memfd_create("schemafs-import", MFD_CLOEXEC);
		if (fd < 0)
			return refuse(err, errno, name);
	}
	*out = drop_add(d, parent, name, directory);
	(*out)->fd = fd;
	touch(d, *out);
	return 0;
}

int dropbox_make(struct dropbox *d, int64_t parent, const char *name, bool directory,
                 struct drop_attr *out, struct error *err)
{
	struct drop *e = NULL;
	int result;

	pthread_mutex_lock(&d->lock);
	result = make_locked(&e, d, parent, name, directory, err);
	if (result == 0 && e)
		fill_attr(d, e, out);
	pthread_mutex_unlock(&d->lock);
	return result;
}

static int remove_locked(struct dropbox *d, struct drop *e, const char *name, bool directory,
                         struct error *err)
{
	const struct drop *child;

	if (!e)
		return refuse(err, ENOENT, name);
	if (e->directory != directory)
		return refuse(err, directory ? ENOTDIR : EISDIR, name);
	LIST_FOREACH(child, &d->entries, order)
	if (child->parent == e->number)
		return refuse(err, ENOTEMPTY, name);
	if (e->busy)
		return refuse(err, EBUSY, name);
	LIST_REMOVE(e, order);
	entry_free(d, e);
	return 0;
}

int dropbox_remove(struct dropbox *d, int64_t parent, const char *name, bool directory,
                   struct error *err)
{
	int result;

	pthread_mutex_lock(&d->lock);
	result = remove_locked(d, drop_named(d, parent, name), name, directory, err);
	pthread_mutex_unlock(&d->lock);
	return result;
}

/* Room for a file of this size; under the lock. */
static int check_room(const struct dropbox *d, const struct drop *e, uint64_t size,
                      struct error *err)
{
	if (e->note || e->directory)
		return refuse(err, EACCES, e->name);
	if (size > TOTAL_MAX)
		return refuse(err, EFBIG, e->name);
	return size > e->size && size - e->size > TOTAL_MAX - d->total
	               ? refuse(err, ENOSPC, e->name)
	               : 0;
}

static void set_size(struct dropbox *d, struct drop *e, uint64_t size)
{
	d->total = d->total - e->size + size;
	e->size = size;
	touch(d, e);
}

int dropbox_write(struct dropbox *d, int64_t number, uint64_t offset, const void *data,
                  size_t len, struct error *err)
{
	struct drop *e;
	int result = 0;

	pthread_mutex_lock(&d->lock);
	e = drop_at(d, number);
	if (!e)
		result = refuse(err, ESTALE, "");
	else if (offset > TOTAL_MAX || check_room(d, e, offset + len, err) < 0)
		result = err->code == ERR_NONE ? refuse(err, EFBIG, e->name) : -1;
	else if (pwrite(e->fd, data, len, (off_t)offset) != (ssize_t)len)
		result = refuse(err, errno ? errno : ENOSPC, e->name);
	else
		set_size(d, e, offset + len > e->size ? offset + len : e->size);
	pthread_mutex_unlock(&d->lock);
	return result;
}

int dropbox_resize(struct dropbox *d, int64_t number, uint64_t size, struct error *err)
{
	struct drop *e;
	int result = 0;

	pthread_mutex_lock(&d->lock);
	e = drop_at(d, number);
	if (!e)
		result = refuse(err, ESTALE, "");
	else if (check_room(d, e, size, err) < 0)
		result = -1;
	else if (ftruncate(e->fd, (off_t)size) < 0)
		result = refuse(err, errno, e->name);
	else
		set_size(d, e, size);
	pthread_mutex_unlock(&d->lock);
	return result;
}

int dropbox_read(struct dropbox *d, int64_t number, uint64_t offset, size_t len,
                 struct buf *out, struct error *err)
{
	struct drop *e;
	int result = 0;

	pthread_mutex_lock(&d->lock);
	e = drop_at(d, number);
	if (!e || e->fd < 0) {
		result = refuse(err, e ? EISDIR : ESTALE, e ? e->name : "");
	} else if (offset < e->size) {
		size_t n = len < e->size - offset ? len : (size_t)(e->size - offset);
		ssize_t got;

		buf_reserve(out, n);
		got = pread(e->fd, out->data + out->len, n, (off_t)offset);
		if (got < 0)
			result = refuse(err, errno, e->name);
		else
			out->len += (size_t)got;
	}
	pthread_mutex_unlock(&d->lock);
	return result;
}

static bool is_done(const struct drop *e, int64_t now)
{
	if (e->parent != DROPBOX_TOP || e->busy)
		return false;
	if (e->note)
		return now - e->touched_ms > NOTES_MS;
	return e->state != DROP_OPEN && now - e->touched_ms > KEPT_MS;
}

/* One that is at rest and was not judged yet; 0: there is none. Forgets on the way. */
static int64_t next_at_rest(struct dropbox *d)
{
	int64_t now = clock_mono_ms();
	int64_t number = 0;
	struct drop *e, *next;

	pthread_mutex_lock(&d->lock);
	for (e = LIST_FIRST(&d->entries); e; e = next) {
		next = LIST_NEXT(e, order);
		if (is_done(e, now)) {
			drop_forget(d, e);
			next = LIST_FIRST(&d->entries);
		} else if (e->parent == DROPBOX_TOP && e->directory && !e->busy &&
		           e->state == DROP_OPEN && e->name[0] != '.' &&
		           now - e->touched_ms > QUIET_MS) {
			number = e->number;
		}
	}
	pthread_mutex_unlock(&d->lock);
	return number;
}

void dropbox_tend(struct dropbox *d, struct repo *r)
{
	struct error err = ERROR_INIT;
	int64_t number = next_at_rest(d);

	if (number != 0 && drop_judge(d, number, r, &err) < 0)
		error_clear(&err); /* it is in NAME.error and in the log */
}

bool dropbox_waits(struct dropbox *d)
{
	bool waits;

	pthread_mutex_lock(&d->lock);
	waits = !LIST_EMPTY(&d->entries);
	pthread_mutex_unlock(&d->lock);
	return waits;
}
