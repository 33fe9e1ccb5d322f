/* SPDX-License-Identifier: MIT */
#include "engine/codec/digest.h"

#include <openssl/evp.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>

#include "engine/base/mem.h"
#include "engine/base/number.h"
#include "engine/codec/must.h"

struct digest_state {
	EVP_MD_CTX *ctx;
	pthread_t thread;
	bool aside; /* the thread runs, on these bytes */
	const void *data;
	size_t len;
};

void digest_of(struct digest *out, const void *data, size_t len)
{
	must(EVP_Digest(data, len, out->bytes, NULL, EVP_sha256(), NULL), "SHA-256");
}

void digest_hex(char out[DIGEST_HEX_SIZE], const struct digest *d)
{
	number_format_hex(out, d->bytes, sizeof(d->bytes));
}

struct digest_state *digest_begin(void)
{
	struct digest_state *s = mem_alloc(sizeof(*s));

	s->ctx = EVP_MD_CTX_new();
	must(s->ctx && EVP_DigestInit_ex2(s->ctx, EVP_sha256(), NULL), "SHA-256");
	return s;
}

static void update(struct digest_state *s, const void *data, size_t len)
{
	must(EVP_DigestUpdate(s->ctx, data, len), "SHA-256");
}

static void *work_aside(void *arg)
{
	struct digest_state *s = arg;

	update(s, s->data, s->len);
	return NULL;
}

void digest_wait(struct digest_state *s)
{
	if (s->aside)
		pthread_join(s->thread, NULL);
	s->aside = false;
}

void digest_update(struct digest_state *s, const void *data, size_t len)
{
	digest_wait(s);
	update(s, data, len);
}

void digest_update_aside(struct digest_state *s, const void *data, size_t len)
{
	sigset_t all, before;

	digest_wait(s);
	s->data = data;
	s->len = len;
	sigfillset(&all); /* signals belong to the main thread */
	pthread_sigmask(SIG_SETMASK, &all, &before);
	s->aside = pthread_create(&s->thread, NULL, work_aside, s) == 0;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (!s->aside)
		update(s, data, len);
}

void digest_end(struct digest_state *s, struct digest *out)
{
	digest_wait(s);
	must(EVP_DigestFinal_ex(s->ctx, out->bytes, NULL), "SHA-256");
	EVP_MD_CTX_free(s->ctx);
	free(s);
}
