/* SPDX-License-Identifier: MIT */
#include "engine/base/secret.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "engine/base/mem.h"

/* The bytes have pages of their own: locks and dump flags work by the page. */
struct secret {
	unsigned char *data;
	size_t len;
	size_t mapped;
};

struct secret *secret_new(const void *data, size_t len)
{
	struct secret *s = mem_alloc(sizeof(*s));
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	assert(len <= (size_t)-1 / 2);
	s->len = len;
	s->mapped = (len / page + 1) * page;
	s->data = mmap(NULL, s->mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
	               0);
	if (s->data == MAP_FAILED) {
		fprintf(stderr, "out of memory: %zu bytes for a secret\n", s->mapped);
		abort();
	}
	/* Both are best effort: the limit on locked memory is often very low. */
	(void)mlock(s->data, s->mapped);
	(void)madvise(s->data, s->mapped, MADV_DONTDUMP);
	if (len > 0)
		memcpy(s->data, data, len);
	(void)mprotect(s->data, s->mapped, PROT_READ);
	return s;
}

void secret_free(struct secret *s)
{
	if (!s)
		return;
	if (mprotect(s->data, s->mapped, PROT_READ | PROT_WRITE) == 0)
		explicit_bzero(s->data, s->mapped);
	munmap(s->data, s->mapped);
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
