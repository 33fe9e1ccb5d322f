/* SPDX-License-Identifier: MIT */
#include "engine/repo/bundle.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "engine/base/buf.h"
#include "engine/base/error.h"
#include "engine/base/fsutil.h"
#include "engine/base/map.h"
#include "engine/base/mem.h"
#include "engine/base/name.h"
#include "engine/codec/digest.h"
#include "engine/repo/bundle_files.h"
#include "engine/repo/internal.h"
#include "engine/repo/tar.h"
#include "engine/schema/archive.h"
#include "engine/schema/model.h"

#define DEPTH_MAX 4 /* <id>/objects/tables/x.sql */

struct bundle *bundle_new(void)
{
	struct bundle *b = mem_alloc(sizeof(*b));

	b->by_name = map_new();
	return b;
}

void bundle_free(struct bundle *b)
{
	if (!b)
		return;
	for (size_t i = 0; i < b->count; i++) {
		free(b->items[i].name);
		buf_finish(&b->items[i].content);
	}
	free(b->items);
	free(b->stored_id);
	map_free(b->by_name);
	free(b);
}

size_t bundle_count(const struct bundle *b)
{
	return b->count;
}

/* No way up, no empty or hidden part, nothing that is not a name. */
static bool is_tame(const char *name)
{
	size_t depth = 0;

	for (const char *part = name;; part += strcspn(part, "/") + 1) {
		size_t n = strcspn(part, "/");

		if (n == 0 || part[0] == '.' || ++depth > DEPTH_MAX)
			return false;
		if (part[n] == '\0')
			return true;
	}
}

int bundle_add(struct bundle *b, const char *name, struct buf *content, struct error *err)
{
	const char *plain = name;
	struct bundle_file *f;

	while (strncmp(plain, "./", 2) == 0)
		plain += 2;
	if (!is_tame(plain))
		return error_set(err, ERR_INVALID, "file %s has no place in a backup", name);
	if (map_has(b->by_name, plain))
		return error_set(err, ERR_INVALID, "file %s is there twice", plain);
	if (b->count >= TAR_FILES_MAX || content->len > TAR_TOTAL_MAX - b->total)
		return error_set(err, ERR_INVALID, "more than %d files or %llu bytes",
		                 TAR_FILES_MAX, (unsigned long long)TAR_TOTAL_MAX);
	MEM_GROW(b->items, b->count, b->capacity);
	f = &b->items[b->count++];
	*f = (struct bundle_file){ .name = mem_strdup(plain), .content = BUF_INIT };
	b->total += content->len;
	buf_move(&f->content, content);
	map_set(b->by_name, plain, f->name); /* the items may move: see index_names() */
	return 0;
}

static int add_file(struct bundle *b, int dir, const char *entry, const char *name,
                    struct error *err)
{
	autoclose int fd = openat(dir, entry, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	autobuf content = BUF_INIT;
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return errno == ELOOP ? error_set(err, ERR_INVALID, "%s is a link", name)
		                      : error_sys(err, errno, "open %s", name);
	if (!S_ISREG(st.st_mode))
		return error_set(err, ERR_INVALID, "%s is no regular file", name);
	if (fd_read_all(&content, fd, (size_t)(TAR_TOTAL_MAX - b->total), err) < 0)
		return error_wrap(err, "read %s", name);
	return bundle_add(b, name, &content, err);
}

static int add_tree(struct bundle *b, int dir, const char *prefix, int depth,
                    struct error *err);

static int add_entry(struct bundle *b, int dir, const char *entry, const char *prefix,
                     int depth, struct error *err)
{
	autofree char *name = mem_printf("%s%s", prefix, entry);
	autofree char *inner = mem_printf("%s/", name);
	autoclose int fd = -1;
	struct stat st;

	if (fstatat(dir, entry, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return error_sys(err, errno, "%s", name);
	if (!S_ISDIR(st.st_mode))
		return add_file(b, dir, entry, name, err);
	if (depth >= DEPTH_MAX)
		return error_set(err, ERR_INVALID, "%s has no place in a backup", name);
	fd = openat(dir, entry, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return error_sys(err, errno, "open %s", name);
	return add_tree(b, fd, inner, depth + 1, err);
}

/* dir stays the caller's. */
static int add_tree(struct bundle *b, int dir, const char *prefix, int depth, struct error *err)
{
	int copy = dup(dir);
	DIR *stream = copy < 0 ? NULL : fdopendir(copy);
	const struct dirent *entry;
	int result = 0;

	if (!stream) {
		result = error_sys(err, errno, "read the directory %s", prefix);
		if (copy >= 0)
			close(copy);
		return result;
	}
	while (result == 0 && (entry = readdir(stream)) != NULL) {
		if (entry->d_name[0] != '.')
			result = add_entry(b, dir, entry->d_name, prefix, depth, err);
	}
	closedir(stream);
	return result;
}

int bundle_add_directory(struct bundle *b, const char *path, struct error *err)
{
	autoclose int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return error_sys(err, errno, "open %s", path);
	return add_tree(b, fd, "", 1, err);
}

/* Files that a backup has once; others are checked by their form. */
static const char *const singles[] = { ARCHIVE_SCRIPT, BUNDLE_METADATA, ARCHIVE_MODEL,
	                               BUNDLE_SUMS, BUNDLE_PLAN };

static bool is_object_file(const char *name)
{
	autofree char *copy = mem_strdup(name);
	char *folder = copy + strlen("objects/");
	char *slash = strncmp(name, "objects/", 8) == 0 ? strchr(folder, '/') : NULL;
	enum object_kind kind;
	autobuf plain = BUF_INIT;
	size_t n;

	if (!slash)
		return false;
	*slash++ = '\0';
	n = strlen(slash);
	if (n < 5 || strcmp(slash + n - 4, ".sql") != 0)
		return false;
	slash[n - 4] = '\0';
	return object_kind_from_folder(&kind, folder) && name_unescape(&plain, slash);
}

/* The id when name is ID.meta or ID.backup; caller frees. NULL: it is neither. */
static char *id_of_stored(const char *name)
{
	static const char *const suffixes[] = { REPO_ENVELOPE_SUFFIX, REPO_PAYLOAD_SUFFIX };
	size_t n = strlen(name);

	for (size_t i = 0; i < ARRAY_SIZE(suffixes); i++) {
		size_t tail = strlen(suffixes[i]);
		autofree char *id = NULL;

		if (n <= tail || strcmp(name + n - tail, suffixes[i]) != 0)
			continue;
		id = mem_strndup(name, n - tail);
		if (name_is_backup_id(id))
			return take(id);
	}
	return NULL;
}

static int check_name(struct bundle *b, const char *name, struct error *err)
{
	autofree char *id = id_of_stored(name);

	for (size_t i = 0; i < ARRAY_SIZE(singles); i++) {
		if (strcmp(name, singles[i]) == 0)
			return 0;
	}
	if (id && (!b->stored_id || strcmp(b->stored_id, id) == 0)) {
		if (!b->stored_id)
			b->stored_id = take(id);
		return 0;
	}
	if (is_object_file(name))
		return 0;
	error_set(err, ERR_INVALID, "file %s has no place in a backup", name);
	return error_hint(err, "One backup at a time: schema.sql, metadata.json and objects/, "
	                       "or what `backup export` makes.");
}

/* How long the directory around all files is: "ID/" or nothing. */
static size_t find_prefix(const struct bundle *b)
{
	const char *slash = b->count > 0 ? strchr(b->items[0].name, '/') : NULL;
	size_t n;

	if (!slash)
		return 0;
	n = (size_t)(slash - b->items[0].name) + 1;
	for (size_t i = 1; i < b->count; i++) {
		if (strncmp(b->items[i].name, b->items[0].name, n) != 0)
			return 0;
	}
	return strncmp(b->items[0].name, "objects/", 8) == 0 ? 0 : n;
}

static void index_names(struct bundle *b)
{
	map_free(b->by_name);
	b->by_name = map_new();
	for (size_t i = 0; i < b->count; i++)
		map_set(b->by_name, b->items[i].name, &b->items[i].content);
}

/* A line of SHA256SUMS: 64 digits, two blanks, the name. */
static int check_sum(struct bundle *b, struct str line, size_t number, size_t *checked,
                     struct error *err)
{
	autofree char *name = NULL;
	const struct buf *content;
	struct digest sum;
	char hex[DIGEST_HEX_SIZE];

	if (line.n < DIGEST_HEX_SIZE + 2 || line.p[64] != ' ')
		return error_set(err, ERR_CORRUPT, "%s: line %zu is damaged", BUNDLE_SUMS,
		                 number);
	name = mem_strndup(line.p + DIGEST_HEX_SIZE + 1, line.n - DIGEST_HEX_SIZE - 1);
	content = bundle_find(b, name);
	if (!content)
		return error_set(err, ERR_CORRUPT, "%s names %s, which is missing", BUNDLE_SUMS,
		                 name);
	digest_of(&sum, content->data, content->len);
	digest_hex(hex, &sum);
	if (strncasecmp(hex, line.p, 64) != 0)
		return error_set(err, ERR_CORRUPT,
		                 "%s: checksum mismatch (expected: %.64s, got: %s)", name,
		                 line.p, hex);
	++*checked;
	return 0;
}

static int check_sums(struct bundle *b, struct error *err)
{
	const struct buf *sums = bundle_find(b, BUNDLE_SUMS);
	struct str rest = sums ? (struct str){ sums->data, sums->len } : str_of(NULL);
	size_t number = 0, checked = 0;
	/* SHA256SUMS itself and plan.sql, which changes by the day, are in no list. */
	size_t listed = b->count - 1 - (bundle_find(b, BUNDLE_PLAN) != NULL);

	if (!sums)
		return 0;
	while (rest.n > 0) {
		const char *end = memchr(rest.p, '\n', rest.n);
		size_t n = end ? (size_t)(end - rest.p) : rest.n;

		if (check_sum(b, str_slice(rest, 0, n), ++number, &checked, err) < 0)
			return -1;
		rest = str_slice(rest, n + (end != NULL), rest.n);
	}
	if (checked != listed)
		return error_set(err, ERR_CORRUPT, "%s lists %zu files, but %zu are there",
		                 BUNDLE_SUMS, checked, listed);
	return 0;
}

int bundle_check(struct bundle *b, struct error *err)
{
	size_t prefix = find_prefix(b);

	if (b->count == 0)
		return error_set(err, ERR_INVALID, "it is empty");
	for (size_t i = 0; i < b->count; i++) {
		char *name = b->items[i].name;

		memmove(name, name + prefix, strlen(name + prefix) + 1);
		if (check_name(b, name, err) < 0)
			return -1;
	}
	index_names(b);
	return check_sums(b, err);
}

const struct buf *bundle_find(const struct bundle *b, const char *name)
{
	return map_get(b->by_name, name);
}

const char *bundle_stored_id(const struct bundle *b)
{
	return b->stored_id;
}
