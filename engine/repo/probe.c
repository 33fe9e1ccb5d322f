/* SPDX-License-Identifier: MIT */
#include "engine/repo/probe.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/statvfs.h>

#include "engine/base/cancel.h"
#include "engine/base/clock.h"
#include "engine/base/fsutil.h"
#include "engine/base/json.h"
#include "engine/base/mem.h"
#include "engine/base/number.h"
#include "engine/config/config.h"
#include "engine/repo/internal.h"
#include "engine/store/store.h"

#define MICROS_PER_SECOND 1e6
#define TOKEN_LEN         4 /* random bytes of the object's name */

/* Less room than either is worth a warning: a backup could fail for it. */
#define ROOM_LEAST   ((uint64_t)64 * 1024 * 1024)
#define INODES_LEAST 1000
#define ROOM_PERCENT 5

struct probing {
	struct store *store;
	const char *key;
	const struct buf *content;
};

/* Each: 0, or -1 with what the store said. */
typedef int step_fn(const struct probing *p, struct error *err);

static int write_step(const struct probing *p, struct error *err)
{
	return store_put(p->store, p->key, p->content->data, p->content->len, err);
}

static int read_step(const struct probing *p, struct error *err)
{
	const struct store_range all = { .length = UINT64_MAX, .max = p->content->len };
	autobuf got = BUF_INIT;
	int found = store_get(p->store, p->key, all, &got, NULL, err);

	if (found < 0)
		return -1;
	if (!found)
		return error_set(err, ERR_STORE, "%s was written and is not there", p->key);
	if (got.len != p->content->len || memcmp(got.data, p->content->data, got.len) != 0)
		return error_set(err, ERR_CORRUPT,
		                 "%s does not read as it was written (want %zu bytes, got "
		                 "%zu)",
		                 p->key, p->content->len, got.len);
	return 0;
}

struct looking {
	const char *key;
	bool seen;
};

static int look(void *arg, const char *key, const struct store_stat *stat, struct error *err)
{
	struct looking *l = arg;

	(void)stat;
	l->seen = strcmp(key, l->key) == 0;
	if (l->seen || strcmp(key, l->key) > 0)
		return error_set(err, ERR_CANCELLED, "seen enough");
	return 0;
}

static int list_step(const struct probing *p, struct error *err)
{
	autofree char *before = mem_strndup(p->key, strlen(p->key) - 1);
	struct looking l = { .key = p->key };
	struct error stopped = ERROR_INIT;

	if (store_list(p->store, before, look, &l, &stopped) < 0 &&
	    stopped.code != ERR_CANCELLED) {
		*err = stopped;
		return -1;
	}
	if (!l.seen)
		return error_set(err, ERR_STORE, "%s was written and is not listed", p->key);
	return 0;
}

static int overwrite_step(const struct probing *p, struct error *err)
{
	struct error refusal = ERROR_INIT;

	if (store_put(p->store, p->key, "x", 1, &refusal) == 0)
		return error_set(err, ERR_STORE,
		                 "%s could be written over: this storage does not honour "
		                 "conditions",
		                 p->key);
	if (refusal.code == ERR_EXISTS)
		return 0;
	*err = refusal;
	return -1;
}

static int delete_step(const struct probing *p, struct error *err)
{
	int removed = store_remove(p->store, p->key, err);

	if (removed < 0)
		return -1;
	if (!removed)
		return error_set(err, ERR_STORE, "%s was written and is not there", p->key);
	return 0;
}

static const struct {
	const char *name;
	step_fn *run;
} steps[PROBE_STEP_COUNT] = {
	[PROBE_WRITE] = { "write", write_step },
	[PROBE_READ] = { "read", read_step },
	[PROBE_LIST] = { "list", list_step },
	[PROBE_OVERWRITE] = { "overwrite", overwrite_step },
	[PROBE_DELETE] = { "delete", delete_step },
};

const char *probe_step_name(enum probe_step s)
{
	return steps[s].name;
}

void probe_free(struct probe *p)
{
	if (!p)
		return;
	for (size_t i = 0; i < PROBE_STEP_COUNT; i++) {
		free(p->steps[i].error);
		free(p->steps[i].hint);
	}
	free(p->location);
	free(p);
}

static void note_failure(struct probe_result *r, const struct error *err)
{
	r->failed++;
	if (r->error)
		return;
	r->error = mem_strdup(err->text);
	r->hint = *err->hint ? mem_strdup(err->hint) : NULL;
}

/* What was not written cannot be read, listed or deleted: that says nothing new. */
static void run_round(struct probe *p, const struct probing *how)
{
	for (size_t i = 0; i < PROBE_STEP_COUNT; i++) {
		struct error err = ERROR_INIT;
		int64_t began = clock_mono_us();

		if (steps[i].run(how, &err) < 0) {
			note_failure(&p->steps[i], &err);
			if (i == PROBE_WRITE)
				return;
			continue;
		}
		p->steps[i].done++;
		p->steps[i].micros += clock_mono_us() - began;
	}
}

/* A name that sorts before all backups and is swept like a backup that was never finished. */
static int make_key(char key[REPO_KEY_MAX], struct error *err)
{
	unsigned char token[TOKEN_LEN];
	char hex[2 * TOKEN_LEN + 1], id[NAME_BACKUP_ID_MAX + 1];

	if (random_bytes(token, sizeof(token), err) < 0)
		return -1;
	number_format_hex(hex, token, sizeof(token));
	snprintf(id, sizeof(id), "_probe_%s", hex);
	repo_payload_key(key, id);
	return 0;
}

void probe_measure_room(struct probe_room *out, const struct repo *r)
{
	const char *path = config_text(r->config, "backup.storage.local.base_path");
	struct statvfs v;

	*out = (struct probe_room){ 0 };
	if (strcmp(store_provider(r->store), "local") != 0 || !path || statvfs(path, &v) < 0)
		return;
	out->free = (uint64_t)v.f_bavail * v.f_frsize;
	out->capacity = (uint64_t)v.f_blocks * v.f_frsize;
	out->inodes_free = v.f_favail;
	out->inodes = v.f_files;
}

int repo_probe(struct probe **out, struct repo *r, size_t rounds, size_t size,
               struct error *err)
{
	DEFER(probe) *p = mem_alloc(sizeof(*p));
	autobuf content = BUF_INIT;
	char key[REPO_KEY_MAX];
	struct probing how = { .store = r->store, .key = key, .content = &content };

	p->size = size;
	p->started_at = clock_now();
	p->location = mem_strdup(store_location(r->store));
	probe_measure_room(&p->room, r);
	buf_reserve(&content, size);
	content.len = size;
	for (size_t i = 0; i < rounds; i++) {
		if (cancel_check(err) < 0 || make_key(key, err) < 0 ||
		    random_bytes(content.data, size, err) < 0)
			return -1;
		run_round(p, &how);
	}
	*out = take(p);
	return 0;
}

bool probe_is_good(const struct probe *p)
{
	for (size_t i = 0; i < PROBE_STEP_COUNT; i++) {
		if (p->steps[i].failed > 0)
			return false;
	}
	return true;
}

static bool is_short(uint64_t free, uint64_t capacity, uint64_t least)
{
	return capacity > 0 && (free < least || free < capacity / 100 * ROOM_PERCENT);
}

bool probe_room_is_short(const struct probe_room *room)
{
	return is_short(room->free, room->capacity, ROOM_LEAST) ||
	       is_short(room->inodes_free, room->inodes, INODES_LEAST);
}

char *probe_room_text(const struct probe_room *room)
{
	char left[NUMBER_TEXT_MAX];

	number_format_size(left, room->free);
	return mem_printf("%s and %" PRIu64 " inodes left on the file system of the storage",
	                  left, room->inodes_free);
}

static double rounded(double v)
{
	return round(v * 1000) / 1000;
}

static double average_ms(const struct probe_result *r)
{
	return r->done == 0 ? 0 : rounded((double)r->micros / (double)r->done / 1000);
}

static struct json *issue_json(const char *severity, const char *what, const char *advice)
{
	struct json *v = json_object();

	json_set_str(v, "severity", severity);
	json_set_str(v, "description", what);
	json_set_str(v, "resolution", advice);
	return v;
}

static struct json *issues_json(const struct probe *p)
{
	struct json *all = json_array();

	for (size_t i = 0; i < PROBE_STEP_COUNT; i++) {
		const struct probe_result *r = &p->steps[i];
		autofree char *what = NULL;

		if (!r->error)
			continue;
		what = mem_printf("%s: %s", steps[i].name, r->error);
		json_append(all, issue_json("critical", what, r->hint));
	}
	if (probe_room_is_short(&p->room)) {
		autofree char *what = probe_room_text(&p->room);

		json_append(all, issue_json("warning", what,
		                            "Delete backups with: mysql-schema-sync backup "
		                            "cleanup, or move them with: mysql-schema-sync "
		                            "backup move --destination DIR"));
	}
	return all;
}

static struct json *tests_json(const struct probe *p)
{
	struct json *all = json_array();
	char at[CLOCK_TEXT_MAX];

	clock_format_utc(at, p->started_at);
	for (size_t i = 0; i < PROBE_STEP_COUNT; i++) {
		const struct probe_result *r = &p->steps[i];
		struct json *v = json_object();

		json_set_str(v, "test_type", steps[i].name);
		json_set_bool(v, "success", r->done > 0 && r->failed == 0);
		json_set_int(v, "requests", (int64_t)(r->done + r->failed));
		json_set_real(v, "response_time_ms", average_ms(r));
		if (r->error)
			json_set_str(v, "error", r->error);
		json_set_str(v, "tested_at", at);
		json_append(all, v);
	}
	return all;
}

/* Bytes moved per second of writing and reading, and requests per second of all. */
static struct json *performance_json(const struct probe *p)
{
	const struct probe_result *w = &p->steps[PROBE_WRITE], *r = &p->steps[PROBE_READ];
	double moved = (double)(w->done + r->done) * (double)p->size;
	double seconds = (double)(w->micros + r->micros) / MICROS_PER_SECOND;
	struct json *v = json_object();
	size_t done = 0, failed = 0;
	int64_t micros = 0;

	for (size_t i = 0; i < PROBE_STEP_COUNT; i++) {
		done += p->steps[i].done;
		failed += p->steps[i].failed;
		micros += p->steps[i].micros;
	}
	json_set_int(v, "object_size", (int64_t)p->size);
	json_set_real(v, "average_write_time_ms", average_ms(w));
	json_set_real(v, "average_read_time_ms", average_ms(r));
	json_set_real(v, "average_list_time_ms", average_ms(&p->steps[PROBE_LIST]));
	json_set_real(v, "average_delete_time_ms", average_ms(&p->steps[PROBE_DELETE]));
	json_set_real(v, "throughput_mbps",
	              seconds > 0 ? rounded(moved * 8 / seconds / MICROS_PER_SECOND) : 0);
	json_set_real(v, "iops",
	              micros > 0 ? rounded((double)done * MICROS_PER_SECOND / (double)micros)
	                         : 0);
	json_set_real(v, "error_rate",
	              done + failed > 0 ? rounded((double)failed / (double)(done + failed))
	                                : 0);
	return v;
}

struct json *probe_json(const struct probe *p)
{
	autofree char *provider = mem_strndup(p->location, strcspn(p->location, ":"));
	struct json *v = json_object(), *providers = json_object(), *one = json_object();
	struct json *issues = issues_json(p);
	const char *status = !probe_is_good(p)        ? "critical"
	                     : json_count(issues) > 0 ? "warning"
	                                              : "healthy";
	char at[CLOCK_TEXT_MAX];

	clock_format_utc(at, p->started_at);
	json_set_str(v, "overall_health", status);
	json_set_str(one, "provider", provider);
	json_set_str(one, "location", p->location);
	json_set_str(one, "status", status);
	if (p->room.capacity > 0) {
		json_set_int(one, "free_bytes", (int64_t)p->room.free);
		json_set_int(one, "capacity_bytes", (int64_t)p->room.capacity);
	}
	json_set(providers, provider, one);
	json_set(v, "provider_health", providers);
	json_set(v, "connectivity_tests", tests_json(p));
	json_set(v, "performance_metrics", performance_json(p));
	json_set(v, "health_issues", issues);
	json_set_str(v, "generated_at", at);
	return v;
}
