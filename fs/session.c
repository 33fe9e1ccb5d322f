/* SPDX-License-Identifier: MIT */
#include "fs/session.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "engine/base/buf.h"
#include "engine/base/cancel.h"
#include "engine/base/clock.h"
#include "engine/base/error.h"
#include "engine/base/fsutil.h"
#include "engine/base/log.h"
#include "fs/daemon.h"
#include "fs/fsys.h"
#include "fs/handles.h"
#include "fs/jobs.h"
#include "fs/listings.h"
#include "fs/live.h"
#include "fs/mountpoint.h"
#include "fs/notify.h"
#include "fs/ops.h"
#include "fs/reload.h"
#include "fs/watch.h"

#define LOG_MODULE "fs"

#define THREADS      12   /* for requests that take long, at most */
#define PATIENCE_MS  1500 /* for threads that wait for a store or server, at the end */
#define NUDGE_SIGNAL SIGUSR1
#define NUDGE_MS     20

struct session {
	const struct session_options *options;
	struct ops ops;
	struct fuse_session *fuse;
	struct notify notify;
	struct watch *watch;
	pthread_t loop_thread;
	pthread_t signal_thread;
	atomic_bool over; /* the loop has ended */
};

/* libfuse's own words */
static void log_fuse(enum fuse_log_level level, const char *fmt, va_list ap)
	__attribute__((format(printf, 2, 0)));

static void log_fuse(enum fuse_log_level level, const char *fmt, va_list ap)
{
	char text[512];
	size_t len;

	vsnprintf(text, sizeof(text), fmt, ap);
	len = strlen(text);
	if (len > 0 && text[len - 1] == '\n')
		text[len - 1] = '\0';
	log_write(level <= FUSE_LOG_ERR ? LOG_LEVEL_WARN : LOG_LEVEL_DEBUG, "fs/libfuse", "%s",
	          text);
}

/* Signals */

static void ignore_nudge(int number)
{
	(void)number;
}

/* These go to the signal thread; the nudge only interrupts the loop's waiting. */
static void wanted_signals(sigset_t *out)
{
	sigemptyset(out);
	sigaddset(out, SIGTERM);
	sigaddset(out, SIGINT);
	sigaddset(out, SIGHUP);
}

static void prepare_signals(void)
{
	const struct sigaction nudge = { .sa_handler = ignore_nudge };
	const struct sigaction ignore = { .sa_handler = SIG_IGN };
	sigset_t set;

	sigaction(NUDGE_SIGNAL, &nudge, NULL);
	sigaction(SIGPIPE, &ignore, NULL);
	wanted_signals(&set);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
}

/* Ends a loop whose connection lives on in processes that hold files open. */
static void end_loop(struct session *s)
{
	const struct timespec pause = { .tv_nsec = NUDGE_MS * 1000000L };

	fuse_session_exit(s->fuse);
	while (!atomic_load(&s->over)) {
		pthread_kill(s->loop_thread, NUDGE_SIGNAL);
		nanosleep(&pause, NULL);
	}
}

static void unmount(struct session *s)
{
	const char *path = s->options->mountpoint;
	struct error err = ERROR_INIT;
	autobuf holders = BUF_INIT;
	int done = mountpoint_unmount(path, false, &err);

	if (done > 0) { /* nobody reads any more, and the loop sees that */
		cancel_set();
		return;
	}
	if (done == 0) {
		mountpoint_holders(&holders, path);
		log_warn("%s is busy: %s: unmounting it lazily", path,
		         holders.len > 0 ? holders.data : "in use");
		done = mountpoint_unmount(path, true, &err);
	}
	if (done < 0)
		log_failure(LOG_MODULE, "unmount", &err);
	cancel_set();
	end_loop(s);
}

/* Two messages to systemd: its clock says that the second belongs to the first. */
static void reload(struct session *s)
{
	struct error err = ERROR_INIT;
	char state[64];

	snprintf(state, sizeof(state), "RELOADING=1\nMONOTONIC_USEC=%lld",
	         (long long)clock_mono_ms() * 1000);
	daemon_notify(state);
	log_reopen();
	if (reload_run(s->ops.fs, &s->options->reload, &err) < 0) {
		log_failure(LOG_MODULE, "configuration: it stays as it was", &err);
		fsys_note_reload(s->ops.fs, &err);
		daemon_notify("READY=1\nSTATUS=mounted; the configuration has an error");
		return;
	}
	fsys_note_reload(s->ops.fs, NULL);
	watch_wake(s->watch);
	daemon_notify("READY=1\nSTATUS=mounted");
}

static void *handle_signals(void *arg)
{
	struct session *s = arg;
	sigset_t set;
	int number;

	wanted_signals(&set);
	while (!atomic_load(&s->over)) {
		if (sigwait(&set, &number) != 0 || atomic_load(&s->over))
			continue;
		if (number == SIGHUP) {
			reload(s);
			continue;
		}
		log_info("signal %s: unmounting %s", sigabbrev_np(number),
		         s->options->mountpoint);
		daemon_notify("STOPPING=1");
		unmount(s);
		break;
	}
	return NULL;
}

/* Mounting */

static void session_is_ready(void *arg)
{
	const struct session *s = arg;

	log_info("mounted at %s", s->options->mountpoint);
	if (s->options->ready)
		s->options->ready(s->options->arg);
	daemon_notify("READY=1\nSTATUS=mounted");
}

static int mount_fuse(struct session *s, struct error *err)
{
	const char *path = s->options->mountpoint;
	struct fuse_args args = FUSE_ARGS_INIT(0, NULL);
	struct fuse_lowlevel_ops table;
	int failure;

	ops_fill(&table);
	fuse_opt_add_arg(&args, "schemafs");
	fuse_opt_add_arg(&args, "-onosuid,nodev,noexec,fsname=schemafs,subtype=schemafs");
	fuse_opt_add_arg(&args, s->options->read_only ? "-oro" : "-orw");
	/*
	 * The kernel need judge by modes only where others may come in; to the one user
	 * what cannot be written then says so (EROFS), and not that he may not.
	 */
	if (s->options->allow_other)
		fuse_opt_add_arg(&args, "-oallow_other,default_permissions");
	s->fuse = fuse_session_new(&args, &table, sizeof(table), &s->ops);
	fuse_opt_free_args(&args);
	if (!s->fuse)
		return error_set(err, ERR_BUG, "mount at %s: libfuse refuses our options",
		                 path);
	if (fuse_session_mount(s->fuse, path) == 0)
		return 0;
	failure = errno;
	fuse_session_destroy(s->fuse);
	s->fuse = NULL;
	if (failure == 0)
		error_set(err, ERR_SYSTEM, "mount at %s failed", path);
	else
		error_sys(err, failure, "mount at %s", path);
	return error_hint(err, "The lines above say why; mounting takes write permission for "
	                       "the directory, and /dev/fuse.");
}

static int answer_kernel(struct session *s, struct error *err)
{
	int result = fuse_session_loop(s->fuse);

	atomic_store(&s->over, true);
	/* Unmounted lazily while somebody asked: then the kernel says this, and not ENODEV. */
	if (result < 0 && result != -ECONNABORTED)
		return error_sys(err, -result, "answer the kernel");
	return 0;
}

/* 0, or -1; whatever it returns, unmounted it is. */
static int run_mounted(struct session *s, struct fsys *fs, struct error *err)
{
	int result, failure;

	s->notify = (struct notify){ .fs = fs, .session = s->fuse };
	s->loop_thread = pthread_self();
	result = watch_start(&s->watch, fs, notify_kernel, &s->notify, err);
	failure = pthread_create(&s->signal_thread, NULL, handle_signals, s);
	if (failure != 0)
		result = error_sys(err, failure, "start a thread");
	if (result == 0)
		result = answer_kernel(s, err);
	atomic_store(&s->over, true);
	if (failure == 0) {
		pthread_kill(s->signal_thread, SIGHUP); /* it may wait for a signal yet */
		pthread_join(s->signal_thread, NULL);
	}
	return result;
}

/* Waits for threads, but not for ever: a store or a server may keep one. */
static void end_threads(struct session *s, struct fsys *fs)
{
	bool ended = jobs_end(s->ops.jobs, PATIENCE_MS);

	ended = watch_stop(s->watch, PATIENCE_MS) && ended;
	ended = live_end(fs->live, PATIENCE_MS) && ended;
	if (!ended) {
		log_info("a thread still waits for a server: ending without it");
		_exit(0);
	}
	watch_free(s->watch);
	jobs_free(s->ops.jobs);
}

int session_run(struct repo *r, const struct session_options *o, struct error *err)
{
	DEFER(fsys) *fs = fsys_new(r);
	DEFER(handles) *handles = handles_new();
	DEFER(listings) *listings = listings_new();
	struct session s = { .options = o };
	int result;

	s.ops = (struct ops){
		.fs = fs,
		.handles = handles,
		.listings = listings,
		.uid = o->uid,
		.gid = o->gid,
		.mask = o->mask,
		.writable = o->writable,
		.ready = session_is_ready,
		.arg = &s,
	};
	if (random_bytes(&s.ops.generation, sizeof(s.ops.generation), err) < 0)
		return -1;
	fuse_set_log_func(log_fuse);
	prepare_signals();
	if (mount_fuse(&s, err) < 0)
		return -1;
	s.ops.jobs = jobs_new(THREADS);
	result = run_mounted(&s, fs, err);
	end_threads(&s, fs);
	fuse_session_unmount(s.fuse);
	log_info("unmounted %s", o->mountpoint);
	fuse_session_destroy(s.fuse);
	return result;
}
