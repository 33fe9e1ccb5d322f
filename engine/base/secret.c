/* SPDX-License-Identifier: MIT */
#include "engine/base/secret.h"

#include <assert.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "engine/base/mem.h"

/*
 * Locks and dump flags work by the page, and a page for each key is dear: a rebuild of a
 * catalog opens ten thousand of them. So those of the usual size have slots in pages that are
 * set up once, wiped when they are free; longer ones have pages of their own.
 */
#define SLOT_SIZE ((size_t)64)
#define POOL_SIZE ((size_t)16 << 10) /* the limit on locked memory may be 64 KB */

struct secret {
	unsigned char *data;
	size_t len;
	size_t mapped; /* 0: a slot */
};

union slot {
	union slot *next; /* while it is free */
	unsigned char bytes[SLOT_SIZE];
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static union slot *free_slots;

static void *map_pages(size_t size)
{
	void *pages =
		mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (pages == MAP_FAILED) {
		fprintf(stderr, "out of memory: %zu bytes for a secret\n", size);
		abort();
	}
	/* Both are best effort: the limit on locked memory is often very low. */
	(void)mlock(pages, size);
	(void)madvise(pages, size, MADV_DONTDUMP);
	return pages;
}

static void free_slot(union slot *s)
{
	explicit_bzero(s, sizeof(*s));
	pthread_mutex_lock(&lock);
	s->next = free_slots;
	free_slots = s;
	pthread_mutex_unlock(&lock);
}

static union slot *take_slot(void)
{
	union slot *s;

	pthread_mutex_lock(&lock);
	if (!free_slots) {
		union slot *pool = map_pages(POOL_SIZE);

		for (size_t i = POOL_SIZE / SLOT_SIZE; i-- > 0;) {
			pool[i].next = free_slots;
			free_slots = &pool[i];
		}
	}
	s = free_slots;
	free_slots = s->next;
	pthread_mutex_unlock(&lock);
	s->next = NULL;
	return s;
}

struct secret *secret_new(const void *data, size_t len)
{
	struct secret *s = mem_alloc(sizeof(*s));
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	assert(len <= (size_t)-1 / 2);
	s->len = len;
	s->mapped = len > SLOT_SIZE ? (len / page + 1) * page : 0;
	s->data = s->mapped > 0 ? map_pages(s->mapped) : take_slot()->bytes;
	if (len > 0)
		memcpy(s->data, data, len);
	if (s->mapped > 0)
		(void)mprotect(s->data, s->mapped, PROT_READ);
	return s;
}

void secret_free(struct secret *s)
{
	if (!s)
		return;
	if (s->mapped == 0) {
		free_slot((union slot *)(void *)s->data);
	} else {
		if (mprotect(s->data, s->mapped, PROT_READ | PROT_WRITE) == 0)
			explicit_bzero(s->data, s->mapped);
		munmap(s->data, s->mapped);
	}
	explicit_bzero(s, sizeof(*s));
	free(s);
}

const unsigned char *secret_data(const struct secret *s)
{
	return s->data;
}

size_t secret_len(const struct secret *s)
{
	return s->len;
}

void secret_wipe(void *data, size_t len)
{
	explicit_bzero(data, len);
}

void secret_protect_process(void)
{
	const struct rlimit none = { 0, 0 };

	(void)setrlimit(RLIMIT_CORE, &none);
	(void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}
