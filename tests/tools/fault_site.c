/* SPDX-License-Identifier: MIT */
#include "tests/tools/fault_site.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "catalog/catalog.h"
#include "engine/base/buf.h"
#include "engine/base/error.h"
#include "engine/base/fsutil.h"
#include "engine/base/mem.h"
#include "engine/config/config.h"
#include "engine/repo/create.h"
#include "engine/repo/reader.h"
#include "engine/repo/repo.h"
#include "engine/repo/verify.h"
#include "engine/schema/model.h"

#define FILE_MAX ((size_t)64 << 20)

static const char *const secrets[] = {
	[FAULT_SECRET_A] = "8f0a6c5e2b7d41930c9e5af17d3b6248e1907c5fa2d84b3660f9175c3ead8b21",
	[FAULT_SECRET_B] = "3b91d7c05e8f426ab27c1df0945e6a83c8507b2e9d14f6a05b3e7c8192d4f06a",
};

int fault_site_configure(struct fault_site *s, const char *dir, enum fault_secret secret,
                         struct error *err)
{
	autofree char *yaml =
		mem_printf("target: {socket: /nonexistent/socket, username: nobody}\n"
	                   "backup:\n"
	                   "  parallel_operations: false\n"
	                   "  storage: {provider: local, local: {base_path: \"%s/store\"}}\n"
	                   "  retention: %s\n"
	                   "  encryption: {enabled: true, key_source: direct, key: \"%s\",\n"
	                   "    previous_keys: [\"key:%s\"]}\n"
	                   "catalog: {path: \"%s/catalog.db\", refresh_interval: 0s}\n",
	                   dir, s->retention ? s->retention : "{max_backups: 2}",
	                   secrets[secret], secrets[!secret], dir);

	snprintf(s->dir, sizeof(s->dir), "%s", dir);
	return config_parse(&s->config, yaml, strlen(yaml), "fault.yaml", err);
}

int fault_site_open(struct fault_site *s, const char *dir, enum fault_secret secret,
                    struct error *err)
{
	if (fault_site_configure(s, dir, secret, err) < 0)
		return -1;
	return repo_open(&s->repo, s->config, err);
}

void fault_site_close(struct fault_site *s)
{
	repo_close(take(s->repo));
	config_free(take(s->config));
}

char *fault_site_path(const struct fault_site *s, const char *name)
{
	return path_join(s->dir, name);
}

int fault_site_create(struct backup **out, struct repo *r, const char *database,
                      unsigned int number, struct error *err)
{
	DEFER(schema) *s = schema_new(database);
	struct create_options o = { .database = database, .captured = s };
	autofree char *text = mem_printf("CREATE TABLE `orders` (\n"
	                                 "  `id` int(11) NOT NULL,\n"
	                                 "  `c%u` varchar(20) DEFAULT NULL,\n"
	                                 "  PRIMARY KEY (`id`)\n"
	                                 ") ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 "
	                                 "COLLATE=utf8mb4_general_ci",
	                                 number);

	s->charset = "utf8mb4";
	s->collation = "utf8mb4_general_ci";
	s->server_version = "10.11.19-MariaDB";
	s->version_number = 101119;
	s->visible = OBJECT_KINDS_ALL;
	schema_add(s, OBJECT_TABLE, "orders", text, strlen(text));
	if (schema_finish(s, err) < 0)
		return -1;
	return repo_create(out, r, &o, err);
}

struct fault_known *fault_book_add(struct fault_book *b, const char *id, const char *hash)
{
	struct fault_known *k;

	MEM_GROW(b->items, b->count, b->capacity);
	k = &b->items[b->count++];
	*k = (struct fault_known){ 0 };
	snprintf(k->id, sizeof(k->id), "%s", id);
	snprintf(k->hash, sizeof(k->hash), "%s", hash);
	return k;
}

struct fault_known *fault_book_find(const struct fault_book *b, const char *id)
{
	for (size_t i = 0; i < b->count; i++) {
		if (strcmp(b->items[i].id, id) == 0)
			return &b->items[i];
	}
	return NULL;
}

void fault_book_finish(struct fault_book *b)
{
	free(b->items);
	*b = (struct fault_book){ 0 };
}

static int list_one(void *arg, const struct backup *b, struct error *err)
{
	struct fault_book *found = arg;

	if (b->status == BACKUP_FAILED)
		return 0; /* an attempt: a note of this host */
	if (b->status != BACKUP_COMPLETED)
		return error_set(err, ERR_CORRUPT, "%s is listed as damaged: %s", b->id,
		                 b->error);
	if (*b->database == '\0')
		return error_set(err, ERR_CORRUPT, "%s is half listed: %s", b->id, b->error);
	fault_book_add(found, b->id, b->schema_hash);
	return 0;
}

/* Decoded to the last byte, and the schema that was put in. */
static int check_whole(struct repo *r, const struct fault_known *k, struct error *err)
{
	DEFER(verify_result) *v = NULL;
	DEFER(schema) *s = NULL;
	DEFER(backup) *b = NULL;
	char hash[65];

	if (repo_verify_reading(&v, &s, &b, r, k->id, err) < 0)
		return error_wrap(err, "listed, but not readable");
	if (!v->valid)
		return error_set(err, ERR_CORRUPT, "%s is listed, but: %s", k->id,
		                 v->errors[0]);
	repo_schema_hash(hash, s);
	if (*k->hash && strcmp(hash, k->hash) != 0)
		return error_set(err, ERR_CORRUPT, "%s holds another schema", k->id);
	return 0;
}

static int compare(struct fault_site *s, const struct fault_book *b,
                   const struct fault_book *found, bool strict, struct error *err)
{
	for (size_t i = 0; i < found->count; i++) {
		struct fault_known *f = &found->items[i];
		const struct fault_known *k = fault_book_find(b, f->id);

		if (!k && strict)
			return error_set(err, ERR_CORRUPT, "%s is listed and nobody made it",
			                 f->id);
		if (k && k->gone)
			return error_set(err, ERR_CORRUPT, "%s was deleted and is listed",
			                 f->id);
		if (k && *k->hash)
			snprintf(f->hash, sizeof(f->hash), "%s", k->hash);
		if (check_whole(s->repo, f, err) < 0)
			return -1;
	}
	for (size_t i = 0; i < b->count; i++) {
		const struct fault_known *k = &b->items[i];

		if (!k->may_go && !k->gone && !fault_book_find(found, k->id))
			return error_set(err, ERR_CORRUPT, "%s is lost", k->id);
	}
	return 0;
}

int fault_site_check(struct fault_site *s, const struct fault_book *b, bool strict,
                     size_t *listed, struct error *err)
{
	const struct catalog_filter all = { 0 };
	struct fault_book found = { 0 };
	int result = repo_refresh(s->repo, REPO_REFRESH_STALE, err);

	if (result == 0)
		result =
			catalog_backup_each(repo_catalog(s->repo), &all, list_one, &found, err);
	if (result == 0)
		result = compare(s, b, &found, strict, err);
	if (listed)
		*listed = found.count;
	fault_book_finish(&found);
	return result;
}

static int copy_file(const char *from, const char *to, struct error *err)
{
	autobuf content = BUF_INIT;
	autoclose int fd = -1;

	if (file_read(&content, from, FILE_MAX, err) < 0)
		return -1;
	fd = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return error_sys(err, errno, "make %s", to);
	return fd_write_all(fd, content.data, content.len, err);
}

static int copy_entry(const char *from, const char *to, int depth, struct error *err);

static int copy_entries(const char *from, const char *to, int depth, struct error *err)
{
	DIR *d = opendir(from);
	const struct dirent *e;
	int result = 0;

	if (!d)
		return error_sys(err, errno, "open %s", from);
	if (mkdir(to, 0700) < 0 && errno != EEXIST)
		result = error_sys(err, errno, "make %s", to);
	while (result == 0 && (e = readdir(d)) != NULL) {
		autofree char *source = path_join(from, e->d_name);
		autofree char *target = path_join(to, e->d_name);

		if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
			result = copy_entry(source, target, depth, err);
	}
	closedir(d);
	return result;
}

static int copy_entry(const char *from, const char *to, int depth, struct error *err)
{
	struct stat st;

	if (lstat(from, &st) < 0)
		return error_sys(err, errno, "look at %s", from);
	if (S_ISDIR(st.st_mode) && depth > 0)
		return copy_entries(from, to, depth - 1, err);
	return copy_file(from, to, err);
}

int fault_copy_tree(const char *from, const char *to, struct error *err)
{
	return copy_entries(from, to, 1, err);
}
