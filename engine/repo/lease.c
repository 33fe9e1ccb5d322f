/* SPDX-License-Identifier: MIT */
#include "engine/repo/lease.h"

#include <errno.h>
#include <limits.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine/base/buf.h"
#include "engine/base/clock.h"
#include "engine/base/error.h"
#include "engine/base/fsutil.h"
#include "engine/base/json.h"
#include "engine/base/log.h"
#include "engine/base/mem.h"
#include "engine/base/number.h"
#include "engine/store/store.h"

#define LOG_MODULE "repo/lease"

#define RENEW_MS    ((int64_t)LEASE_SECONDS * 1000 / 4)
#define SURE_MS     ((int64_t)LEASE_SECONDS * 1000 / 2) /* so long nobody can have taken it */
#define TRIES       5                                   /* of a race with other hosts */
#define CONTENT_MAX 4096                                /* bytes of a lease */
#define TOKEN_BYTES 16
#define STATE_MAX   1024

struct lease {
	struct store *store;
	struct json *content;
	int64_t renewals;
	int64_t kept_at; /* clock_mono_ms() from before the last renewal */
	char token[2 * TOKEN_BYTES + 1];
	char version[STORE_VERSION_MAX];
	bool held;
};

/* Somebody's lease as it lies in the store. content NULL: it cannot be read. */
struct holder {
	struct json *content;
	struct store_stat stat;
};

static void holder_finish(struct holder *h)
{
	json_free(h->content);
}
#define autoholder __attribute__((cleanup(holder_finish))) struct holder

/* When a process began, in ticks since boot, so that a reused number is told apart; 0: unknown.
 */
static int64_t process_started(int64_t pid)
{
	autofree char *path = mem_printf("/proc/%lld/stat", (long long)pid);
	struct error err = ERROR_INIT;
	autobuf text = BUF_INIT;
	const char *p;
	int64_t t = 0;

	if (file_read_if_there(&text, path, STATE_MAX, &err) <= 0)
		return 0;
	p = strrchr(text.data, ')'); /* the name before it may hold anything */
	for (int field = 2; p && field < 22; field++)
		p = strchr(p + 1, ' ');
	if (p)
		t = strtoll(p + 1, NULL, 10);
	return t;
}

/* Names this boot of this machine and the space of its process numbers; "" when unknown. */
static char *machine_name(void)
{
	struct error err = ERROR_INIT;
	char space[64];
	ssize_t n = readlink("/proc/self/ns/pid", space, sizeof(space) - 1);
	autobuf boot = BUF_INIT;

	if (n <= 0 ||
	    file_read_if_there(&boot, "/proc/sys/kernel/random/boot_id", STATE_MAX, &err) <= 0)
		return mem_strdup("");
	space[n] = '\0';
	return mem_printf("%.36s %s", boot.data, space);
}

static int describe(struct lease *l, const char *work, struct error *err)
{
	struct passwd *user = getpwuid(geteuid());
	autofree char *machine = machine_name();
	unsigned char random[TOKEN_BYTES];
	char host[256] = "", since[CLOCK_TEXT_MAX];

	if (random_bytes(random, sizeof(random), err) < 0)
		return -1;
	number_format_hex(l->token, random, sizeof(random));
	gethostname(host, sizeof(host) - 1);
	clock_format_utc(since, clock_now());
	l->content = json_object();
	json_set_str(l->content, "token", l->token);
	json_set_str(l->content, "work", work);
	json_set_str(l->content, "host", host);
	json_set_int(l->content, "pid", getpid());
	json_set_str(l->content, "user", user ? user->pw_name : "unknown");
	json_set_str(l->content, "since", since);
	json_set_str(l->content, "machine", machine);
	json_set_int(l->content, "started", process_started(getpid()));
	return 0;
}

/* Every writing has other bytes, and so another version with every provider. */
static void write_content(struct buf *out, struct lease *l)
{
	json_set_int(l->content, "renewals", l->renewals++);
	json_write(out, l->content, JSON_PRETTY);
}

/* 1, 0 there is none, -1. */
static int read_holder(struct holder *out, struct store *s, struct error *err)
{
	const struct store_range all = { .length = UINT64_MAX, .max = CONTENT_MAX };
	struct error damage = ERROR_INIT;
	autobuf text = BUF_INIT;
	int found = store_get(s, LEASE_KEY, all, &text, &out->stat, err);

	if (found < 0 && err->code == ERR_CORRUPT) { /* too long to be one of ours */
		error_clear(err);
		found = store_stat(s, LEASE_KEY, &out->stat, err);
	}
	if (found > 0)
		json_parse(&out->content, text.data ? text.data : "", text.len, &damage);
	return found;
}

static int busy(const struct holder *h, const struct store *s, struct error *err)
{
	char renewed[CLOCK_TEXT_MAX];

	clock_format_utc(renewed, h->stat.modified);
	error_set(err, ERR_BUSY, "%s is busy: %s by %s on host %s (process %lld) since %s",
	          store_location(s), json_get_str(h->content, "work", "something"),
	          json_get_str(h->content, "user", "somebody"),
	          json_get_str(h->content, "host", "unknown"),
	          (long long)json_get_int(h->content, "pid", 0),
	          json_get_str(h->content, "since", renewed));
	return error_hint(err,
	                  "Try again when that is done. Its lease was renewed at %s; without a "
	                  "sign of life it ends after %d seconds.",
	                  renewed, LEASE_SECONDS);
}

/* The store's time: that of an object just written. 1, 0 others were always faster, -1. */
static int ask_clock(int64_t *now, struct store *s, struct error *err)
{
	struct store_stat stat = { 0 };
	struct error ignored = ERROR_INIT;

	for (int i = 0; i < TRIES; i++) {
		int found = 0;

		if (store_put(s, LEASE_CLOCK_KEY, "", 0, err) == 0)
			found = store_stat(s, LEASE_CLOCK_KEY, &stat, err);
		else if (err->code == ERR_EXISTS)
			error_clear(err);
		if (found < 0 || err->code != ERR_NONE)
			return error_wrap(err, "the store's clock");
		if (found > 0)
			*now = stat.modified;
		/* Also what somebody left who was killed while asking. */
		store_remove(s, LEASE_CLOCK_KEY, &ignored);
		error_clear(&ignored);
		if (found > 0)
			return 1;
	}
	return 0;
}

/* Is its holder a process of this machine that is no more? */
static bool holder_is_gone(const struct holder *h)
{
	const char *machine = json_get_str(h->content, "machine", "");
	int64_t pid = json_get_int(h->content, "pid", 0);
	int64_t then = json_get_int(h->content, "started", 0);
	autofree char *mine = machine_name();
	int64_t started;

	if (!*machine || strcmp(machine, mine) != 0 || pid <= 0 || pid > INT_MAX)
		return false;
	if (kill((pid_t)pid, 0) < 0 && errno == ESRCH)
		return true;
	started = process_started(pid);
	return started != 0 && then != 0 && started != then;
}

/* 1, 0 it is held, -1. */
static int is_over(const struct holder *h, struct store *s, struct error *err)
{
	int64_t now = 0;
	int known;

	if (holder_is_gone(h))
		return 1;
	known = ask_clock(&now, s, err);
	if (known <= 0)
		return known; /* not known to be over */
	return now - h->stat.modified > LEASE_SECONDS;
}

static bool is_ours(const struct lease *l, const struct holder *h)
{
	return strcmp(json_get_str(h->content, "token", ""), l->token) == 0;
}

/* After a write: the version it has, if it is still ours. 1, 0 it is not, -1. */
static int learn_version(struct lease *l, struct error *err)
{
	autoholder h = { 0 };
	int found = read_holder(&h, l->store, err);

	if (found <= 0)
		return found;
	if (!is_ours(l, &h))
		return 0;
	snprintf(l->version, sizeof(l->version), "%s", h.stat.version);
	l->held = true;
	return 1;
}

/* Did a write that failed arrive all the same? Then only its answer was lost. */
static bool was_written(struct lease *l, struct error *err)
{
	struct error ignored = ERROR_INIT;
	autoholder h = { 0 };

	if (read_holder(&h, l->store, &ignored) <= 0 || !is_ours(l, &h) ||
	    json_get_int(h.content, "renewals", -1) != l->renewals - 1)
		return false;
	error_clear(err);
	return true;
}

/* 1 it is ours, 0 try again, -1. version NULL: there is none yet. */
static int try_write(struct lease *l, const char *version, struct error *err)
{
	int64_t now = clock_mono_ms();
	autobuf text = BUF_INIT;
	int result;

	write_content(&text, l);
	if (version)
		result = store_replace(l->store, LEASE_KEY, version, text.data, text.len, err);
	else
		result = store_put(l->store, LEASE_KEY, text.data, text.len, err);
	if (result < 0 &&
	    (err->code == ERR_EXISTS || err->code == ERR_BUSY || err->code == ERR_NOT_FOUND)) {
		error_clear(err);
		return 0;
	}
	if (result < 0 && !was_written(l, err))
		return -1;
	l->kept_at = now;
	return learn_version(l, err);
}

static int try_take(struct lease *l, struct error *err)
{
	autoholder h = { 0 };
	int result = try_write(l, NULL, err);

	if (result != 0)
		return result;
	result = read_holder(&h, l->store, err);
	if (result <= 0)
		return result;
	result = is_over(&h, l->store, err);
	if (result < 0)
		return -1;
	if (result == 0)
		return busy(&h, l->store, err);
	log_info("taking over the lease of %s: its holder %s on host %s is gone",
	         store_location(l->store), json_get_str(h.content, "work", "something"),
	         json_get_str(h.content, "host", "unknown"));
	return try_write(l, h.stat.version, err);
}

int lease_take(struct lease **out, struct store *s, const char *work, struct error *err)
{
	DEFER(lease) *l = mem_alloc(sizeof(*l));
	int result = 0;

	l->store = s;
	if (describe(l, work, err) < 0)
		return -1;
	for (int i = 0; i < TRIES && result == 0; i++)
		result = try_take(l, err);
	if (result == 0)
		error_set(err, ERR_BUSY, "%s is busy: other hosts take turns with its lease",
		          store_location(s));
	if (result <= 0)
		return error_wrap(err, "%s", work);
	*out = take(l);
	return 0;
}

int lease_take_to_delete(struct lease **out, struct store *s, const char *work,
                         struct error *err)
{
	struct error ignored = ERROR_INIT;
	struct store_stat stat;

	if (lease_take(out, s, work, err) == 0)
		return 0;
	if ((err->sys_errno != ENOSPC && err->sys_errno != EDQUOT) ||
	    store_stat(s, LEASE_KEY, &stat, &ignored) != 0)
		return -1;
	log_warn("%s is full: %s goes on without its lease", store_location(s), work);
	error_clear(err);
	return 0;
}

static int lost(struct lease *l, struct error *err)
{
	autoholder h = { 0 };

	l->held = false;
	if (read_holder(&h, l->store, err) < 0)
		return -1;
	if (h.content)
		return busy(&h, l->store, err);
	return error_set(err, ERR_BUSY, "the lease of %s was taken away",
	                 store_location(l->store));
}

int lease_renew(struct lease *l, struct error *err)
{
	int result = l->held ? try_write(l, l->version, err) : 0;

	return result == 0 ? lost(l, err) : result < 0 ? -1 : 0;
}

int lease_keep(struct lease *l, struct error *err)
{
	if (l->held && clock_mono_ms() - l->kept_at < RENEW_MS)
		return 0;
	return lease_renew(l, err);
}

void lease_release(struct lease *l)
{
	struct error err = ERROR_INIT;

	if (!l)
		return;
	/* Removing names no version: it must be ours, and nobody may be about to take it over.
	 */
	if (l->held && clock_mono_ms() - l->kept_at > SURE_MS)
		l->held = try_write(l, l->version, &err) > 0;
	else if (l->held)
		l->held = learn_version(l, &err) > 0;
	if (l->held)
		store_remove(l->store, LEASE_KEY, &err);
	if (err.code != ERR_NONE)
		log_failure(LOG_MODULE, "release the lease", &err);
	json_free(l->content);
	free(l);
}
