/* SPDX-License-Identifier: MIT */
/* dropbox_judge: is it whole, and is it a backup? */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "catalog/backup.h"
#include "engine/base/buf.h"
#include "engine/base/clock.h"
#include "engine/base/fsutil.h"
#include "engine/base/log.h"
#include "engine/base/mem.h"
#include "engine/repo/audit.h"
#include "engine/repo/import.h"
#include "engine/repo/repo.h"
#include "fs/dropbox_entry.h"

#define LOG_MODULE "fs/import"

#define SUMS      "SHA256SUMS"
#define SUMS_NAME 66 /* where the name begins in a line of it */

/* What is judged, taken out of the box so that its lock is free meanwhile. */
struct judging {
	char *name;
	struct import_file *files; /* of a directory; names and contents are ours */
	size_t count, capacity;
	int fd; /* of a file, our own place in it */
};

static void judging_finish(struct judging *j)
{
	for (size_t i = 0; i < j->count; i++) {
		union {
			const char *given;
			char *ours;
		} name = { .given = j->files[i].name };

		free(name.ours);
		buf_finish(j->files[i].content);
		free(j->files[i].content);
	}
	free(j->files);
	free(j->name);
	if (j->fd >= 0)
		close(j->fd);
}

static int read_whole(struct buf *out, const struct drop *e, struct error *err)
{
	buf_reserve(out, (size_t)e->size);
	while (out->len < e->size) {
		ssize_t n = pread(e->fd, out->data + out->len, (size_t)e->size - out->len,
		                  (off_t)out->len);

		if (n <= 0)
			return error_sys(err, n < 0 ? errno : EIO, "import/%s", e->name);
		out->len += (size_t)n;
	}
	out->data[out->len] = '\0';
	return 0;
}

/* The path below the entry that stands in the box. */
static char *path_of(struct dropbox *d, const struct drop *e, const struct drop *top)
{
	char *path = mem_strdup(e->name);

	for (e = drop_at(d, e->parent); e && e != top; e = drop_at(d, e->parent)) {
		char *longer = path_join(e->name, path);

		free(path);
		path = longer;
	}
	return path;
}

/* Under the lock. */
static int take_files(struct judging *j, struct dropbox *d, struct drop *top, struct error *err)
{
	struct drop *e;

	LIST_FOREACH(e, &d->entries, order)
	{
		struct import_file *f;

		if (e->directory || e == top || drop_top(d, e) != top)
			continue;
		MEM_GROW(j->files, j->count, j->capacity);
		f = &j->files[j->count++];
		f->name = path_of(d, e, top);
		f->content = mem_alloc(sizeof(*f->content));
		*f->content = BUF_INIT;
		if (read_whole(f->content, e, err) < 0)
			return -1;
	}
	return 0;
}

/* Takes what is judged out of the box. 1, 0 it has been judged, -1. */
static int begin(struct judging *j, struct dropbox *d, int64_t number, struct error *err)
{
	struct drop *top = drop_at(d, number);

	while (top && top->busy) {
		pthread_cond_wait(&d->changed, &d->lock);
		top = drop_at(d, number);
	}
	if (!top)
		return error_sys(err, ESTALE, "import");
	if (top->state == DROP_REFUSED) {
		*err = top->why;
		return -1;
	}
	if (top->state == DROP_ACCEPTED)
		return 0;
	j->name = mem_strdup(top->name);
	if (top->directory && take_files(j, d, top, err) < 0)
		return -1;
	/* A descriptor of its own: the place in the file is ours. */
	if (!top->directory) {
		autofree char *path = mem_printf("/proc/self/fd/%d", top->fd);

		j->fd = open(path, O_RDONLY | O_CLOEXEC);
		if (j->fd < 0)
			return error_sys(err, errno, "import/%s", top->name);
	}
	top->busy = true;
	return 1;
}

/* As the command `backup import` is recorded. */
static int record(struct audit *a, const struct import_result *res, int64_t began,
                  const struct error *failure, struct error *err)
{
	const struct audit_record record = {
		.action = "backup import",
		.backup_id = res ? res->backup->id : "",
		.database = res ? res->backup->database : "",
		.outcome = "done",
		.failure = failure,
		.duration_ms = clock_mono_ms() - began,
	};

	return a ? audit_write(a, &record, err) : 0;
}

static int import(struct import_result **res, struct judging *j, struct repo *r,
                  struct error *err)
{
	const struct import_options o = { .name = j->name };
	int64_t began = clock_mono_ms();
	struct error second = ERROR_INIT;
	DEFER(audit) *a = NULL;

	if (audit_open(&a, repo_config(r), err) < 0)
		return -1;
	if ((j->fd >= 0 ? repo_import(res, r, j->fd, &o, err)
	                : repo_import_files(res, r, j->files, j->count, &o, err)) == 0)
		return record(a, *res, began, NULL, err);
	if (record(a, NULL, began, err, &second) < 0)
		log_failure(LOG_MODULE, "audit", &second);
	return -1;
}

static int run(struct judging *j, struct repo *r, struct error *err)
{
	DEFER(import_result) *res = NULL;
	int result = import(&res, j, r, err);

	if (result < 0)
		log_failure(LOG_MODULE, j->name, err);
	else
		log_info("import/%s is backup %s%s", j->name, res->backup->id,
		         res->existed ? ", which was there already" : "");
	return result;
}

/* NAME.error says why; an older one goes. */
static void write_note(struct dropbox *d, const char *name, const struct error *why)
{
	autofree char *note = mem_printf("%s.error", name);
	struct drop *e = drop_named(d, DROPBOX_TOP, note);
	autobuf text = BUF_INIT;

	if (e && !e->note) /* a file of somebody's own has this name */
		return;
	if (e)
		drop_forget(d, e);
	if (!why)
		return;
	buf_addf(&text, "%s\n", why->text);
	if (why->hint[0])
		buf_addf(&text, "%s\n", why->hint);
	e = drop_add(d, DROPBOX_TOP, note, false);
	e->note = true;
	e->fd = memfd_create("schemafs-import", MFD_CLOEXEC);
	if (e->fd >= 0 && pwrite(e->fd, text.data, text.len, 0) == (ssize_t)text.len) {
		e->size = text.len;
		d->total += text.len;
	}
}

static void end(struct dropbox *d, int64_t number, const char *name, const struct error *why)
{
	struct drop *top;

	pthread_mutex_lock(&d->lock);
	top = drop_at(d, number);
	if (top) {
		top->busy = false;
		top->state = why ? DROP_REFUSED : DROP_ACCEPTED;
		top->touched_ms = clock_mono_ms();
		if (why)
			top->why = *why;
	}
	write_note(d, name, why);
	pthread_cond_broadcast(&d->changed);
	pthread_mutex_unlock(&d->lock);
}

int drop_judge(struct dropbox *d, int64_t number, struct repo *r, struct error *err)
{
	struct judging j = { .fd = -1 };
	int result;

	pthread_mutex_lock(&d->lock);
	result = begin(&j, d, number, err);
	pthread_mutex_unlock(&d->lock);
	if (result > 0) {
		result = run(&j, r, err);
		end(d, number, j.name, result < 0 ? err : NULL);
	}
	judging_finish(&j);
	return result;
}

/* The file of this path below the directory that the list stands in. */
static bool has_file(struct dropbox *d, const struct drop *list, struct str path)
{
	int64_t parent = list->parent;
	const struct drop *e = NULL;

	while (path.n > 0) {
		const char *slash = memchr(path.p, '/', path.n);
		size_t n = slash ? (size_t)(slash - path.p) : path.n;
		autofree char *part = mem_strndup(path.p, n);

		e = drop_named(d, parent, part);
		if (!e)
			return false;
		parent = e->number;
		path = str_slice(path, n + (slash != NULL), path.n);
	}
	return e && !e->directory && e->size > 0;
}

/* Is everything there that a list of sums names? Without one nobody can tell. */
static bool is_whole(struct dropbox *d, struct drop *top)
{
	struct drop *list;
	autobuf text = BUF_INIT;
	struct error ignored = ERROR_INIT;
	struct str rest;

	LIST_FOREACH(list, &d->entries, order)
	if (strcmp(list->name, SUMS) == 0 && drop_top(d, list) == top)
		break;
	if (!list || list->size == 0 || read_whole(&text, list, &ignored) < 0)
		return false;
	rest = (struct str){ text.data, text.len };
	while (rest.n > 0) {
		const char *newline = memchr(rest.p, '\n', rest.n);
		size_t n = newline ? (size_t)(newline - rest.p) : rest.n;

		if (n > SUMS_NAME && !has_file(d, list, str_slice(rest, SUMS_NAME, n)))
			return false;
		rest = str_slice(rest, n + (newline != NULL), rest.n);
	}
	return true;
}

/* The number of what can be judged now; 0: not yet. */
static int64_t ready_now(struct dropbox *d, int64_t number)
{
	struct drop *e = drop_at(d, number);
	struct drop *top = e ? drop_top(d, e) : NULL;

	if (!top || top->note || top->name[0] == '.')
		return 0;
	/* Nothing was written yet: a shell closes its copy of what it redirects at once. */
	if (!top->directory && top->size == 0 && top->state == DROP_OPEN)
		return 0;
	if (top->directory && top->state == DROP_OPEN && !is_whole(d, top))
		return 0;
	return top->number;
}

int dropbox_settle(struct dropbox *d, int64_t number, struct repo *r, struct error *err)
{
	int64_t top;

	pthread_mutex_lock(&d->lock);
	top = ready_now(d, number);
	pthread_mutex_unlock(&d->lock);
	return top ? drop_judge(d, top, r, err) : 0;
}

/* Under the lock; the entry that moves. */
static int check_move(struct drop **out, struct dropbox *d, const struct drop_move *m,
                      struct error *err)
{
	struct drop *e = drop_named(d, m->from, m->name);
	const struct drop *there = drop_named(d, m->to, m->new_name);
	const struct drop *above = m->to == DROPBOX_TOP ? NULL : drop_at(d, m->to);

	if (!e || (m->to != DROPBOX_TOP && (!above || !above->directory)))
		return error_sys(err, ENOENT, "import/%s", m->name);
	for (; above; above = drop_at(d, above->parent))
		if (above == e)
			return error_sys(err, EINVAL, "import/%s", m->name);
	if (there && m->keep)
		return error_sys(err, EEXIST, "import/%s", m->new_name);
	if (there && (there->directory || e->directory))
		return error_sys(err, EISDIR, "import/%s", m->new_name);
	*out = e;
	return e->busy || (there && there->busy) ? error_sys(err, EBUSY, "import/%s", m->name)
	                                         : 0;
}

static void move(struct dropbox *d, struct drop *e, int64_t to, const char *name)
{
	struct drop *there = drop_named(d, to, name);

	if (there && there != e)
		drop_forget(d, there);
	free(e->name);
	e->name = mem_strdup(name);
	e->parent = to;
	d->changes++;
	e->touched_ms = clock_mono_ms();
}

int dropbox_rename(struct dropbox *d, const struct drop_move *m, struct repo *r,
                   struct error *err)
{
	struct drop *e = NULL;
	int64_t number = 0;
	int result;

	pthread_mutex_lock(&d->lock);
	result = check_move(&e, d, m, err);
	if (result == 0 && e) {
		number = e->number;
		move(d, e, m->to, m->new_name);
	}
	pthread_mutex_unlock(&d->lock);
	if (result < 0 || dropbox_settle(d, number, r, err) == 0)
		return result;
	/* Refused: for who renames it nothing has changed. */
	pthread_mutex_lock(&d->lock);
	e = drop_at(d, number);
	if (e)
		move(d, e, m->from, m->name);
	pthread_mutex_unlock(&d->lock);
	return -1;
}
