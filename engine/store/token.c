/* SPDX-License-Identifier: MIT */
#include "engine/store/token.h"

#include <pthread.h>
#include <stdbool.h>
#include <string.h>

#include "engine/base/buf.h"
#include "engine/base/clock.h"
#include "engine/base/error.h"
#include "engine/base/json.h"
#include "engine/base/mem.h"
#include "engine/base/number.h"
#include "engine/base/secret.h"
#include "engine/store/http_headers.h"

#define MARGIN_MS    INT64_C(300000) /* renewed so long before its end */
#define LIFETIME_MAX INT64_C(86400 * 7)
#define LENGTH_MAX   ((size_t)32 << 10)

struct token {
	token_fetch_fn *fetch;
	void *arg;
	pthread_mutex_t lock;
	pthread_cond_t fetched;
	bool fetching;                   /* guarded by lock */
	struct buf text;                 /* guarded by lock; empty: none yet */
	int64_t renew_at_ms, ends_at_ms; /* guarded by lock; by clock_mono_ms() */
};

struct token *token_new(token_fetch_fn *fetch, void *arg)
{
	struct token *t = mem_alloc(sizeof(*t));

	t->fetch = fetch;
	t->arg = arg;
	t->text = BUF_INIT;
	pthread_mutex_init(&t->lock, NULL);
	pthread_cond_init(&t->fetched, NULL);
	return t;
}

static void drop(struct buf *text)
{
	if (text->len > 0)
		secret_wipe(text->data, text->len);
	buf_finish(text);
}

void token_free(struct token *t)
{
	if (!t)
		return;
	drop(&t->text);
	pthread_cond_destroy(&t->fetched);
	pthread_mutex_destroy(&t->lock);
	free(t);
}

/* A good token into the header, or the duty to fetch one. Waits for who has that duty. */
static bool use(struct token *t, struct http_headers *headers, bool *duty)
{
	bool good = false;

	pthread_mutex_lock(&t->lock);
	for (;;) {
		int64_t now = clock_mono_ms();

		good = t->text.len > 0 && now < t->ends_at_ms;
		*duty = !t->fetching && (!good || now >= t->renew_at_ms);
		if (good || *duty)
			break;
		pthread_cond_wait(&t->fetched, &t->lock);
	}
	t->fetching = t->fetching || *duty;
	if (good)
		http_headers_setf(headers, "Authorization", "Bearer %s", t->text.data);
	pthread_mutex_unlock(&t->lock);
	return good;
}

static void keep(struct token *t, struct buf *text, int64_t lifetime)
{
	int64_t ms = lifetime * 1000;
	int64_t margin = ms / 2 < MARGIN_MS ? ms / 2 : MARGIN_MS;

	pthread_mutex_lock(&t->lock);
	if (text) {
		drop(&t->text);
		buf_move(&t->text, text);
		t->ends_at_ms = clock_mono_ms() + ms;
		t->renew_at_ms = t->ends_at_ms - margin;
	}
	t->fetching = false;
	pthread_cond_broadcast(&t->fetched);
	pthread_mutex_unlock(&t->lock);
}

int token_authorize(struct token *t, struct http_headers *headers, struct error *err)
{
	for (;;) {
		struct error failure = ERROR_INIT;
		autobuf text = BUF_INIT;
		int64_t lifetime = 0;
		bool duty;
		bool good = use(t, headers, &duty);

		if (!duty)
			return 0;
		if (t->fetch(t->arg, &text, &lifetime, &failure) == 0) {
			keep(t, &text, lifetime);
			continue;
		}
		keep(t, NULL, 0);
		/* What cannot be renewed yet is still good. */
		if (good)
			return 0;
		*err = failure;
		return -1;
	}
}

void token_forget(struct token *t)
{
	pthread_mutex_lock(&t->lock);
	drop(&t->text);
	pthread_mutex_unlock(&t->lock);
}

/* Google says 3599, Azure "3599". */
static int64_t seconds_of(const struct json *v)
{
	struct error ignored = ERROR_INIT;
	const char *text = json_text(v, NULL);
	int64_t seconds = json_int_value(v, 0);

	if (text && number_parse_i64(&seconds, text, 0, INT64_MAX, &ignored) < 0)
		return 0;
	return seconds;
}

int token_parse(struct buf *token, int64_t *lifetime, const char *text, size_t len,
                struct error *err)
{
	DEFER(json) *answer = NULL;
	struct error why = ERROR_INIT;
	const char *value;

	/* Not the text of the failure: it may quote what is a secret. */
	if (json_parse(&answer, text, len, &why) < 0)
		return error_set(err, ERR_DENIED, "the token server's answer is no JSON");
	value = json_get_str(answer, "access_token", "");
	*lifetime = seconds_of(json_get(answer, "expires_in"));
	if (value[0] == '\0' || strlen(value) > LENGTH_MAX)
		return error_set(err, ERR_DENIED,
		                 "the token server's answer has no access_token");
	if (*lifetime <= 0 || *lifetime > LIFETIME_MAX)
		return error_set(err, ERR_DENIED, "the token server gives a token for %lld s",
		                 (long long)*lifetime);
	buf_adds(token, value);
	return 0;
}
