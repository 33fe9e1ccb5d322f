/* SPDX-License-Identifier: MIT */
#include "engine/repo/script_files.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "engine/base/error.h"
#include "engine/base/fsutil.h"
#include "engine/base/mem.h"
#include "engine/base/number.h"
#include "engine/schema/model.h"

#define SIZE_MAX_ALL ((size_t)512 * 1024 * 1024)
#define COUNT_MAX    100000
#define DEPTH_MAX    8

/* Ranks leave room for the numbers of triggers. */
#define KIND_RANK 100000U

void script_files_free(struct script_files *f)
{
	if (!f)
		return;
	for (size_t i = 0; i < f->count; i++) {
		free(f->items[i].path);
		buf_finish(&f->items[i].text);
	}
	free(f->items);
	free(f);
}

/* "-- trigger `t`, number 2 of its table, time and event" */
static unsigned int trigger_number(const struct buf *text)
{
	static const char mark[] = ", number ";
	struct str line = { text->data, strcspn(text->data, "\n") };
	const char *at = memmem(line.p, line.n, mark, strlen(mark));
	struct error ignored = ERROR_INIT;
	autobuf digits = BUF_INIT;
	uint64_t n = 0;

	if (!at)
		return 0;
	at += strlen(mark);
	buf_add(&digits, at, strspn(at, "0123456789"));
	if (number_parse_u64(&n, digits.data, KIND_RANK - 1, &ignored) < 0)
		return 0;
	return (unsigned int)n;
}

/* By the name of its directory; 0: that is no kind of object. */
static unsigned int rank_of(const struct script_file *f)
{
	autofree char *parent = path_parent(f->path);
	const char *slash = strrchr(parent, '/');
	enum object_kind kind;

	if (!object_kind_from_folder(&kind, slash ? slash + 1 : parent))
		return 0;
	return ((unsigned int)kind + 1) * KIND_RANK +
	       (kind == OBJECT_TRIGGER ? trigger_number(&f->text) : 0);
}

static int add_file(struct script_files *f, const char *path, struct error *err)
{
	struct script_file file = { .text = BUF_INIT };

	if (f->count >= COUNT_MAX)
		return error_set(err, ERR_INVALID, "%s: more than %d files", path, COUNT_MAX);
	if (file_read(&file.text, path, SIZE_MAX_ALL - f->size, err) < 0) {
		buf_finish(&file.text);
		return -1;
	}
	MEM_GROW(f->items, f->count, f->capacity);
	file.path = mem_strdup(path);
	file.rank = rank_of(&file);
	f->size += file.text.len;
	f->items[f->count++] = file;
	return 0;
}

static int add_path(struct script_files *f, const char *path, int depth, struct error *err);

static int add_entry(struct script_files *f, const char *dir, const struct dirent *e, int depth,
                     struct error *err)
{
	autofree char *path = path_join(dir, e->d_name);
	struct stat st;
	size_t n = strlen(e->d_name);
	bool sql = n > 4 && strcmp(e->d_name + n - 4, ".sql") == 0;

	if (e->d_name[0] == '.')
		return 0;
	if (stat(path, &st) < 0)
		return error_sys(err, errno, "%s", path);
	if (S_ISDIR(st.st_mode) || (sql && S_ISREG(st.st_mode)))
		return add_path(f, path, depth + 1, err);
	return 0;
}

static int add_directory(struct script_files *f, const char *path, int depth, struct error *err)
{
	DIR *d;
	const struct dirent *e;
	int result = 0;

	if (depth > DEPTH_MAX)
		return error_set(err, ERR_INVALID, "%s: more than %d directories deep", path,
		                 DEPTH_MAX);
	d = opendir(path);
	if (!d)
		return error_sys(err, errno, "open %s", path);
	while (result == 0 && (e = readdir(d)))
		result = add_entry(f, path, e, depth, err);
	closedir(d);
	return result;
}

static bool is_there(const char *dir, const char *name, mode_t type)
{
	autofree char *path = path_join(dir, name);
	struct stat st;

	return stat(path, &st) == 0 && (st.st_mode & S_IFMT) == type;
}

static int add_path(struct script_files *f, const char *path, int depth, struct error *err)
{
	struct stat st;

	if (stat(path, &st) < 0) {
		if (errno == ENOENT)
			return error_set(err, ERR_NOT_FOUND, "no such file: %s", path);
		return error_sys(err, errno, "%s", path);
	}
	if (!S_ISDIR(st.st_mode))
		return add_file(f, path, err);
	if (is_there(path, "schema.sql", S_IFREG) && is_there(path, "objects", S_IFDIR)) {
		autofree char *script = path_join(path, "schema.sql");

		return add_file(f, script, err);
	}
	return add_directory(f, path, depth, err);
}

static int compare_files(const void *a, const void *b)
{
	const struct script_file *x = a, *y = b;

	if (x->rank != y->rank)
		return x->rank < y->rank ? -1 : 1;
	return strverscmp(x->path, y->path);
}

int script_files_read(struct script_files **out, const char *path, struct error *err)
{
	DEFER(script_files) *f = mem_alloc(sizeof(*f));
	autofree char *expanded = path_expand(path);

	if (add_path(f, expanded, 0, err) < 0)
		return -1;
	if (f->count == 0)
		return error_set(err, ERR_NOT_FOUND, "no .sql files in %s", path);
	qsort(f->items, f->count, sizeof(*f->items), compare_files);
	*out = take(f);
	return 0;
}
