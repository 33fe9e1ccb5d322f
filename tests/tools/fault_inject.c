/* SPDX-License-Identifier: MIT */
#include "tests/tools/fault_inject.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "engine/base/clock.h"
#include "engine/base/error.h"
#include "engine/base/fsutil.h"
#include "engine/base/mem.h"
#include "engine/config/config.h"
#include "engine/repo/repo.h"
#include "tests/tools/fault_verbs.h"
#include "tests/tools/faults.h"

#define WRONG_MAX 25 /* findings; then it is time to look */
#define RETRY     8  /* one in so many runs that failed is tried again without a fault */

/* Written by the child, read by us. */
struct shared {
	struct fault_told told;
	size_t count;
	bool met;
	unsigned char kinds[FAULT_CALLS_MAX];
};

struct one {
	const struct fault_verb *verb;
	struct fault_plan plan;
};

struct injection {
	struct fault_stage stage;
	char work[220], template[220];
	struct shared *shared;
	struct one *all;
	size_t count, capacity;
	size_t run, met, failed, ended, retried, wrong, calls;
	unsigned int seed;
};

static int prepare(struct injection *in, const struct fault_verb *verb, struct error *err)
{
	if (dir_remove_tree(in->work, err) < 0 ||
	    fault_copy_tree(in->template, in->work, err) < 0)
		return -1;
	if (verb->damaged_catalog) {
		autofree char *path = path_join(in->work, "catalog.db");
		autoclose int fd = open(path, O_WRONLY | O_CLOEXEC);
		char rubbish[4096];

		memset(rubbish, 'x', sizeof(rubbish));
		if (fd < 0 || fd_write_all(fd, rubbish, sizeof(rubbish), err) < 0)
			return err->code ? -1 : error_sys(err, errno, "%s", path);
	}
	return 0;
}

static void say_wrong(struct injection *in, const struct one *o, const char *what)
{
	const struct fault_told *t = &in->shared->told;

	in->wrong++;
	fprintf(stderr, "WRONG: %s, call %zu %s%s", o->verb->name, o->plan.at[0],
	        fault_how_name(o->plan.how[0]), o->plan.full ? " from there on" : "");
	if (o->plan.at[1])
		fprintf(stderr, ", call %zu %s", o->plan.at[1], fault_how_name(o->plan.how[1]));
	fprintf(stderr, ": %s\n  it said: %s %d %s\n", what, t->returned ? "returned" : "ended",
	        t->result, t->text);
}

/* From opening on, calls fail as planned. */
static void run_verb(struct injection *in, const struct one *o)
{
	struct shared *sh = in->shared;
	struct fault_site s = { 0 };
	struct error err = ERROR_INIT;
	int result = fault_site_configure(&s, in->work, o->verb->secret, &err);

	faults_begin(&o->plan);
	if (result == 0)
		result = repo_open(&s.repo, s.config, &err);
	if (result == 0)
		result = o->verb->run(&s, &in->stage, &sh->told, &err);
	sh->told.result = result;
	snprintf(sh->told.text, sizeof(sh->told.text), "%s", err.text);
	sh->told.returned = true;
	fault_site_close(&s);
	faults_end();
	sh->count = faults_count();
	sh->met = faults_met();
	for (size_t i = 0; i < sh->count && i < FAULT_CALLS_MAX; i++)
		sh->kinds[i] = (unsigned char)faults_kind(i + 1);
}

/* Without memory a process ends itself, by design. */
static bool may_end(enum fault_how how)
{
	return how == FAULT_EXIT || how == FAULT_EXIT_AFTER || how == FAULT_ENOMEM;
}

/* 1 it came to its end, 0 it was ended as planned, -1; a crash is said to be wrong. */
static int run_one(struct injection *in, const struct one *o, struct error *err)
{
	int status;
	pid_t child;

	memset(in->shared, 0, sizeof(*in->shared));
	if (!may_end(o->plan.how[0]) && !may_end(o->plan.how[1])) {
		run_verb(in, o);
		return 1;
	}
	fflush(stdout);
	child = fork();
	if (child < 0)
		return error_sys(err, errno, "fork");
	if (child == 0) {
		run_verb(in, o);
		_exit(0);
	}
	if (waitpid(child, &status, 0) < 0)
		return error_sys(err, errno, "wait");
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 1;
	if ((WIFEXITED(status) && WEXITSTATUS(status) == FAULT_EXIT_STATUS) ||
	    (WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT &&
	     (o->plan.how[0] == FAULT_ENOMEM || o->plan.how[1] == FAULT_ENOMEM)))
		return 0;
	say_wrong(in, o, "it crashed");
	return 0;
}

/* What was promised must be there, whatever happened. */
static int look(struct injection *in, const struct one *o, struct fault_site *s,
                struct error *err)
{
	const struct fault_told *t = &in->shared->told;
	const struct fault_verb *verb = o->verb;
	struct fault_book book = { 0 };
	bool done = t->returned && t->result >= 0;
	int result;

	for (size_t i = 0; i < in->stage.book.count; i++)
		*fault_book_add(&book, "", "") = in->stage.book.items[i];
	if (verb->expect)
		verb->expect(&in->stage, &book);
	if (t->id[0] && done)
		fault_book_add(&book, t->id, t->hash);
	/* One that was not acknowledged may have come through all the same, but whole. */
	result = fault_site_check(s, &book, false, NULL, err);
	if (result == 0 && verb->check && (done || verb->check_always))
		result = verb->check(s, &in->stage, t, err);
	fault_book_finish(&book);
	return result;
}

/* What the second run may be told: that the first one got further than it could say. */
static bool is_answer(const struct one *o, const struct error *err)
{
	/* The lease of a process lasts as long as that, and it is the same one here. */
	return err->code == ERR_BUSY || err->code == (enum error_code)o->verb->again;
}

static int retry(struct injection *in, const struct one *o, struct fault_site *s,
                 struct error *err)
{
	struct fault_told *t = &in->shared->told;

	in->retried++;
	t->again = true;
	t->result = o->verb->run(s, &in->stage, t, err);
	if (t->result < 0 && is_answer(o, err))
		error_clear(err);
	else if (t->result < 0)
		return error_wrap(err, "once more, without a fault");
	return look(in, o, s, err);
}

static int try_one(struct injection *in, const struct one *o, struct error *err)
{
	const struct fault_told *t = &in->shared->told;
	struct error why = ERROR_INIT;
	struct fault_site s = { 0 };
	int result, returned;

	if (prepare(in, o->verb, err) < 0)
		return -1;
	returned = run_one(in, o, err);
	if (returned < 0)
		return -1;
	in->run++;
	in->ended += !returned;
	in->met += !returned || in->shared->met;
	in->failed += t->returned && t->result < 0;
	if (t->returned && t->result < 0 && t->text[0] == '\0')
		say_wrong(in, o, "it failed without a word");
	result = fault_site_open(&s, in->work, o->verb->secret, &why);
	if (result == 0)
		result = look(in, o, &s, &why);
	if (result == 0 && t->returned && t->result < 0 && in->failed % RETRY == 0)
		result = retry(in, o, &s, &why);
	if (result < 0)
		say_wrong(in, o, why.text);
	fault_site_close(&s);
	return 0;
}

static void add(struct injection *in, const struct one *o)
{
	MEM_GROW(in->all, in->count, in->capacity);
	in->all[in->count++] = *o;
}

/* Counts the calls of a run without a fault, and notes every way in which each can fail. */
static int enumerate(struct injection *in, const struct fault_verb *verb, struct error *err)
{
	struct one o = { .verb = verb };
	const struct shared *sh = in->shared;

	if (try_one(in, &o, err) < 0)
		return -1;
	if (!sh->told.returned || sh->told.result < 0 || sh->count > FAULT_CALLS_MAX)
		return error_set(err, ERR_BUG, "%s without a fault: %zu calls, %s", verb->name,
		                 sh->count, sh->told.text);
	in->calls += sh->count;
	for (size_t at = 1; at <= sh->count; at++) {
		o.plan.at[0] = at;
		for (int how = 1; how < FAULT_HOW_COUNT; how++) {
			o.plan.how[0] = (enum fault_how)how;
			if (fault_fits((enum fault_kind)sh->kinds[at - 1], o.plan.how[0]))
				add(in, &o);
		}
		o.plan.how[0] = FAULT_ENOSPC;
		o.plan.full = true;
		add(in, &o);
		o.plan.full = false;
	}
	return 0;
}

/* A failure, and another one on the way out. */
static void choose_pair(struct injection *in, struct one *out)
{
	const struct one *a = &in->all[(size_t)rand_r(&in->seed) % in->count];

	*out = *a;
	out->plan.at[1] = a->plan.at[0] + 1 + (size_t)rand_r(&in->seed) % 24;
	out->plan.how[1] = (enum fault_how)(1 + rand_r(&in->seed) % (FAULT_HOW_COUNT - 1));
}

static int run_all(struct injection *in, size_t limit, struct error *err)
{
	size_t single = limit < in->count ? limit : in->count;

	for (size_t i = 0; i < single && in->wrong < WRONG_MAX; i++) {
		if (try_one(in, &in->all[i * in->count / single], err) < 0)
			return -1;
	}
	for (size_t i = single; i < limit && in->wrong < WRONG_MAX; i++) {
		struct one o;

		choose_pair(in, &o);
		if (try_one(in, &o, err) < 0)
			return -1;
	}
	return 0;
}

static int inject(struct injection *in, const char *dir, size_t limit, const char *only,
                  struct error *err)
{
	snprintf(in->work, sizeof(in->work), "%s/work", dir);
	snprintf(in->template, sizeof(in->template), "%s/template", dir);
	/* Made where it is used: catalog and metadata know the place. */
	if (fault_stage_make(&in->stage, in->work, err) < 0)
		return error_wrap(err, "make the backups");
	if (rename(in->work, in->template) < 0)
		return error_sys(err, errno, "rename %s", in->work);
	for (size_t i = 0; i < fault_verb_count; i++) {
		if ((!only || strcmp(only, fault_verbs[i].name) == 0) &&
		    enumerate(in, &fault_verbs[i], err) < 0)
			return -1;
	}
	return run_all(in, limit, err);
}

int fault_inject(const char *dir, size_t limit, const char *only_verb, struct error *err)
{
	struct injection in = { .seed = 1 };
	int64_t began = clock_mono_ms();
	int result;

	in.shared = mmap(NULL, sizeof(*in.shared), PROT_READ | PROT_WRITE,
	                 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (in.shared == MAP_FAILED)
		return error_sys(err, errno, "share memory");
	result = inject(&in, dir, limit, only_verb, err);
	if (result == 0)
		printf("{\"points\": %zu, \"calls\": %zu, \"run\": %zu, \"reached\": %zu, "
		       "\"failed\": %zu, \"ended\": %zu, \"retried\": %zu, \"wrong\": %zu, "
		       "\"seconds\": %.1f}\n",
		       in.count, in.calls, in.run, in.met, in.failed, in.ended, in.retried,
		       in.wrong, (double)(clock_mono_ms() - began) / 1000);
	fault_stage_finish(&in.stage);
	munmap(in.shared, sizeof(*in.shared));
	free(in.all);
	return result < 0 ? -1 : in.wrong > 0;
}
