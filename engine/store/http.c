/* SPDX-License-Identifier: MIT */
#include "engine/store/http.h"

#include <curl/curl.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "engine/base/cancel.h"
#include "engine/base/clock.h"
#include "engine/base/error.h"
#include "engine/base/log.h"
#include "engine/base/mem.h"
#include "engine/store/http_retry.h"
#include "engine/store/store.h"

#define LOG_MODULE "store/http"

#define ERROR_BODY_MAX  ((size_t)64 << 10)
#define HEADERS_MAX     ((size_t)128 << 10)
#define BYTES_PER_MS    INT64_C(32) /* slower than this for long is standing still */
#define PAUSE_SLICE_MS  INT64_C(100)
#define RESPONSE_GREW   ((size_t)256 << 10)
#define SMALL_BODY      ((uint64_t)64 << 10) /* goes out together with the headers */
#define SUCCESS(status) ((status) >= 200 && (status) < 300)

struct http {
	struct http_settings settings;
	char *ca_file;
	pthread_mutex_t lock;
	pthread_cond_t freed;
	CURL **idle;  /* guarded by lock; the one used last is on top */
	size_t count; /* guarded by lock; of idle */
	size_t made;  /* guarded by lock; at most max_concurrency */
};

/* One attempt, as the callbacks see it. */
struct attempt {
	struct http *client;
	const struct http_request *rq;
	struct http_response *out;
	CURL *curl;
	struct curl_slist *lines;
	struct error failure; /* of a callback */
	uint64_t sent;        /* bytes of the body that libcurl took */
	struct buf small;     /* the whole body, if that is small */
	size_t header_bytes;
	int64_t started, moved_at; /* of the whole request; of the last byte. Monotonic ms */
	curl_off_t moved, moved_before;
	bool asked; /* the request went out */
	bool again; /* by libcurl itself, which found a kept connection dead */
	bool stalled, late;
	char text[CURL_ERROR_SIZE];
};

static void init_library(void)
{
	curl_global_init(CURL_GLOBAL_DEFAULT);
}

struct http *http_new(const struct http_settings *settings)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	struct http *h = mem_alloc(sizeof(*h));

	pthread_once(&once, init_library);
	h->settings = *settings;
	h->ca_file = mem_strdup(settings->ca_file);
	h->idle = mem_array(settings->max_concurrency, sizeof(*h->idle)); /* NOLINT: pointers */
	pthread_mutex_init(&h->lock, NULL);
	pthread_cond_init(&h->freed, NULL);
	return h;
}

void http_free(struct http *h)
{
	if (!h)
		return;
	for (size_t i = 0; i < h->count; i++)
		curl_easy_cleanup(h->idle[i]);
	pthread_cond_destroy(&h->freed);
	pthread_mutex_destroy(&h->lock);
	free(h->idle);
	free(h->ca_file);
	free(h);
}

void http_response_finish(struct http_response *r)
{
	http_headers_finish(&r->headers);
	buf_finish(&r->body);
}

/* A handle and its connection; when all are in use, the next to be free. */
static CURL *borrow(struct http *h)
{
	CURL *curl = NULL;

	pthread_mutex_lock(&h->lock);
	while (h->count == 0 && h->made == h->settings.max_concurrency)
		pthread_cond_wait(&h->freed, &h->lock);
	if (h->count > 0)
		curl = h->idle[--h->count];
	else
		h->made++;
	pthread_mutex_unlock(&h->lock);
	if (!curl)
		curl = curl_easy_init();
	if (!curl)
		abort(); /* out of memory, like mem.c */
	return curl;
}

static void give_back(struct http *h, CURL *curl)
{
	curl_easy_reset(curl); /* keeps the connection */
	pthread_mutex_lock(&h->lock);
	h->idle[h->count++] = curl;
	pthread_cond_signal(&h->freed);
	pthread_mutex_unlock(&h->lock);
}

static size_t on_read(char *to, size_t size, size_t count, void *arg)
{
	struct attempt *a = arg;
	const struct store_body *body = a->rq->body;
	uint64_t left = body ? body->size - a->sent : 0;
	size_t len = left < size * count ? (size_t)left : size * count;

	if (len > 0 && body->read_at(body->arg, a->sent, to, len, &a->failure) < 0)
		return CURL_READFUNC_ABORT;
	a->sent += len;
	return len;
}

/* libcurl begins again when a connection that it kept turns out to be dead. */
static int on_seek(void *arg, curl_off_t offset, int origin)
{
	struct attempt *a = arg;

	if (origin != SEEK_SET || offset < 0)
		return CURL_SEEKFUNC_CANTSEEK;
	a->sent = (uint64_t)offset;
	return CURL_SEEKFUNC_OK;
}

static int status_of(const struct attempt *a)
{
	long status = 0;

	curl_easy_getinfo(a->curl, CURLINFO_RESPONSE_CODE, &status);
	return (int)status;
}

static size_t on_write(char *data, size_t size, size_t count, void *arg)
{
	struct attempt *a = arg;
	struct buf *body = &a->out->body;
	size_t len = size * count;

	if (!SUCCESS(status_of(a))) {
		size_t room = ERROR_BODY_MAX - body->len;

		buf_add(body, data, len < room ? len : room);
		return len;
	}
	if (len > a->rq->limit - body->len) {
		error_set(&a->failure, ERR_STORE,
		          "the answer is longer than the %zu bytes asked for", a->rq->limit);
		return 0;
	}
	if (body->cap - body->len < len)
		buf_reserve(body, a->rq->limit - body->len < RESPONSE_GREW
		                          ? a->rq->limit - body->len
		                          : len + RESPONSE_GREW);
	buf_add(body, data, len);
	return len;
}

static size_t on_header(char *data, size_t size, size_t count, void *arg)
{
	struct attempt *a = arg;
	size_t len = size * count;

	a->header_bytes += len;
	if (a->header_bytes > HEADERS_MAX) {
		error_set(&a->failure, ERR_STORE, "more than %zu bytes of headers",
		          HEADERS_MAX);
		return 0;
	}
	/* A status line: another answer begins, after "100 Continue" or a proxy's own. */
	if (len > 5 && memcmp(data, "HTTP/", 5) == 0)
		http_headers_finish(&a->out->headers);
	else
		http_headers_parse(&a->out->headers, data, len);
	return len;
}

/* NOLINTNEXTLINE(readability-non-const-parameter): libcurl's type */
static int on_request(void *arg, char *from, char *to, int from_port, int to_port)
{
	struct attempt *a = arg;

	(void)from;
	(void)to;
	(void)from_port;
	(void)to_port;
	a->again = a->asked;
	a->asked = true;
	a->moved_at = clock_mono_ms();
	return CURL_PREREQFUNC_OK;
}

static int64_t patience_ms(const struct http *h)
{
	return (h->settings.connection_timeout + 2 * h->settings.read_timeout) * 1000;
}

static bool is_late(const struct attempt *a, int64_t now)
{
	return now - a->started >
	       patience_ms(a->client) + (a->moved_before + a->moved) / BYTES_PER_MS;
}

static bool is_cancelled(const struct http_request *rq)
{
	return !rq->uninterrupted && cancel_requested();
}

/* About once a second, and whenever something moved. */
static int on_progress(void *arg, curl_off_t down_all, curl_off_t down, curl_off_t up_all,
                       curl_off_t up)
{
	struct attempt *a = arg;
	int64_t now = clock_mono_ms();

	(void)down_all;
	(void)up_all;
	if (down + up != a->moved) {
		a->moved = down + up;
		a->moved_at = now;
	}
	a->stalled = a->asked && now - a->moved_at > a->client->settings.read_timeout * 1000;
	a->late = is_late(a, now);
	return a->stalled || a->late || is_cancelled(a->rq);
}

static void set_headers(struct attempt *a, const struct http_headers *headers)
{
	for (size_t i = 0; i < headers->count; i++) {
		const struct http_header *h = &headers->items[i];
		/* libcurl leaves a header without a value out, unless it ends in ";". */
		autofree char *line = h->value[0] != '\0'
		                              ? mem_printf("%s: %s", h->name, h->value)
		                              : mem_printf("%s;", h->name);

		a->lines = curl_slist_append(a->lines, line);
	}
	/* libcurl's own idea of what a body may be. */
	if (!http_headers_get(headers, "Content-Type"))
		a->lines = curl_slist_append(a->lines, "Content-Type:");
	/* Waiting for "100 Continue" costs a second with servers that never say so. */
	a->lines = curl_slist_append(a->lines, "Expect:");
	curl_easy_setopt(a->curl, CURLOPT_HTTPHEADER, a->lines);
}

/* A small body in one piece with the headers: the server wakes up once for both. */
static int set_body(struct attempt *a, struct error *err)
{
	const struct store_body *body = a->rq->body;
	uint64_t size = body ? body->size : 0;

	if (size > SMALL_BODY) {
		curl_easy_setopt(a->curl, CURLOPT_UPLOAD, 1L);
		curl_easy_setopt(a->curl, CURLOPT_INFILESIZE_LARGE, (curl_off_t)size);
		return 0;
	}
	buf_reserve(&a->small, (size_t)size);
	if (size > 0 && body->read_at(body->arg, 0, a->small.data, (size_t)size, err) < 0)
		return -1;
	a->sent = size;
	curl_easy_setopt(a->curl, CURLOPT_POST, 1L);
	curl_easy_setopt(a->curl, CURLOPT_POSTFIELDS, a->small.data);
	curl_easy_setopt(a->curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)size);
	return 0;
}

static int set_method(struct attempt *a, struct error *err)
{
	const char *method = a->rq->method;

	if (strcmp(method, "HEAD") == 0) {
		curl_easy_setopt(a->curl, CURLOPT_NOBODY, 1L);
		return 0;
	}
	if ((strcmp(method, "PUT") == 0 || strcmp(method, "POST") == 0) && set_body(a, err) < 0)
		return -1;
	curl_easy_setopt(a->curl, CURLOPT_CUSTOMREQUEST, method);
	return 0;
}

static void set_callbacks(struct attempt *a)
{
	CURL *curl = a->curl;

	curl_easy_setopt(curl, CURLOPT_READFUNCTION, on_read);
	curl_easy_setopt(curl, CURLOPT_READDATA, a);
	curl_easy_setopt(curl, CURLOPT_SEEKFUNCTION, on_seek);
	curl_easy_setopt(curl, CURLOPT_SEEKDATA, a);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_write);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, a);
	curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(curl, CURLOPT_HEADERDATA, a);
	curl_easy_setopt(curl, CURLOPT_PREREQFUNCTION, on_request);
	curl_easy_setopt(curl, CURLOPT_PREREQDATA, a);
	curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, on_progress);
	curl_easy_setopt(curl, CURLOPT_XFERINFODATA, a);
	curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
	curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, a->text);
}

static void set_options(struct attempt *a)
{
	const struct http *h = a->client;
	CURL *curl = a->curl;

	curl_easy_setopt(curl, CURLOPT_URL, a->rq->url);
	curl_easy_setopt(curl, CURLOPT_PATH_AS_IS, 1L); /* a key may be "." */
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 1L);
	curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 2L);
	curl_easy_setopt(curl, CURLOPT_USERAGENT, "schemafs");
	curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS,
	                 (long)(h->settings.connection_timeout * 1000));
	curl_easy_setopt(curl, CURLOPT_BUFFERSIZE, 131072L);
	curl_easy_setopt(curl, CURLOPT_UPLOAD_BUFFERSIZE, 131072L);
	if (h->ca_file)
		curl_easy_setopt(curl, CURLOPT_CAINFO, h->ca_file);
	if (h->settings.no_proxy)
		curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
}

/* What libcurl says, in words that help, and a hint. */
static const struct {
	CURLcode curl;
	enum error_code code;
	bool final; /* another attempt would end the same */
	const char *what;
	const char *hint;
} failures[] = {
	{ CURLE_COULDNT_RESOLVE_HOST, ERR_STORE, false, "no such host",
	  "Check the endpoint and the name server (nslookup HOST)." },
	{ CURLE_COULDNT_RESOLVE_PROXY, ERR_STORE, false, "no such proxy",
	  "Check the variables https_proxy and http_proxy." },
	{ CURLE_COULDNT_CONNECT, ERR_STORE, false, "unreachable",
	  "Check the endpoint, the network, and the variables https_proxy and no_proxy." },
	{ CURLE_PEER_FAILED_VERIFICATION, ERR_DENIED, true,
	  "the server's certificate is not trusted",
	  "Name the file with its authority's certificate as ca_file, and use the host name "
	  "that the certificate is for." },
	{ CURLE_SSL_CACERT_BADFILE, ERR_CONFIG, true, "ca_file cannot be used",
	  "It must be a readable PEM file of certificates." },
	{ CURLE_SSL_CONNECT_ERROR, ERR_STORE, false, "no TLS connection",
	  "Does the server speak https at this port?" },
	{ CURLE_URL_MALFORMAT, ERR_CONFIG, true, "not an address",
	  "An endpoint looks like https://s3.example.com:9000." },
	{ CURLE_UNSUPPORTED_PROTOCOL, ERR_CONFIG, true, "neither http nor https",
	  "An endpoint looks like https://s3.example.com:9000." },
};

/* What became of an attempt without an answer. *final: the next would end the same. */
static int explain(struct attempt *a, CURLcode result, bool *final, struct error *err)
{
	const char *why = a->text[0] != '\0' ? a->text : curl_easy_strerror(result);

	*final = true;
	if (a->failure.code != ERR_NONE) {
		*err = a->failure;
		return -1;
	}
	if (is_cancelled(a->rq))
		return cancel_check(err);
	*final = a->late;
	if (a->late)
		return error_set(err, ERR_STORE, "no end after %" PRId64 " s: given up",
		                 (clock_mono_ms() - a->started) / 1000);
	if (a->stalled)
		return error_set(err, ERR_STORE, "nothing moved for %" PRId64 " s",
		                 a->client->settings.read_timeout);
	/* libcurl's word for an answer that is no HTTP. */
	if (a->asked && result == CURLE_UNSUPPORTED_PROTOCOL)
		result = CURLE_WEIRD_SERVER_REPLY;
	for (size_t i = 0; i < ARRAY_SIZE(failures); i++) {
		if (failures[i].curl != result)
			continue;
		*final = failures[i].final;
		error_set(err, failures[i].code, "%s: %s", failures[i].what, why);
		return error_hint(err, "%s", failures[i].hint);
	}
	return error_set(err, ERR_STORE, "the transfer broke off: %s", why);
}

void http_show_url(struct buf *out, const char *url)
{
	const char *host = strstr(url, "://");
	size_t path, at;

	host = host ? host + 3 : url;
	path = strcspn(host, "/?#");
	for (at = path; at > 0 && host[at - 1] != '@'; at--)
		;
	buf_add(out, url, (size_t)(host - url));
	buf_add(out, host + at, strcspn(host, "?#") - at);
}

/* For people; of an address that is a secret itself only the server. */
static void show_url(struct buf *out, const struct http_request *rq)
{
	const char *host, *path;

	http_show_url(out, rq->url);
	host = rq->private_url ? strstr(out->data, "://") : NULL;
	path = host ? strchr(host + 3, '/') : NULL;
	if (path)
		buf_truncate(out, (size_t)(path - out->data));
}

static void log_attempt(const struct attempt *a, int64_t begun, const struct error *err)
{
	autobuf url = BUF_INIT;

	if (!log_is_on(LOG_LEVEL_DEBUG))
		return;
	show_url(&url, a->rq);
	log_debug("%s %s: %d%s%s, %" PRId64 " ms, attempt %d", a->rq->method, url.data,
	          a->out->status, err->code != ERR_NONE ? " " : "", err->text,
	          clock_mono_ms() - begun, a->out->attempts);
}

/* Once. 0 an answer came, -1; then *final when another attempt would end the same. */
static int try_once(struct attempt *a, bool *final, struct error *err)
{
	int64_t begun = clock_mono_ms();
	autoheaders headers = HTTP_HEADERS_INIT;
	CURLcode result;

	*final = true;
	if (a->rq->headers)
		http_headers_copy(&headers, a->rq->headers);
	if (a->rq->sign && a->rq->sign(a->rq->sign_arg, a->rq, &headers, err) < 0)
		return -1;
	http_headers_finish(&a->out->headers);
	buf_truncate(&a->out->body, 0);
	a->curl = borrow(a->client);
	set_options(a);
	set_callbacks(a);
	set_headers(a, &headers);
	result = set_method(a, &a->failure) < 0 ? CURLE_READ_ERROR : curl_easy_perform(a->curl);
	a->out->status = result == CURLE_OK ? status_of(a) : 0;
	a->out->attempts++;
	if (result != CURLE_OK)
		explain(a, result, final, err);
	curl_slist_free_all(a->lines);
	give_back(a->client, a->curl);
	buf_finish(&a->small);
	log_attempt(a, begun, err);
	return result == CURLE_OK ? 0 : -1;
}

/* The server may have done it when it has got all of the request. */
static bool may_be_done(const struct attempt *a)
{
	uint64_t size = a->rq->body ? a->rq->body->size : 0;

	if (a->again)
		return true;
	if (a->out->status != 0)
		return http_retry_is_doubtful(a->out->status);
	return a->asked && a->sent == size;
}

/* Waits before the next attempt; -1: interrupted. */
static int pause_ms(const struct http_request *rq, int64_t ms, struct error *err)
{
	while (ms > 0) {
		int64_t slice = ms < PAUSE_SLICE_MS ? ms : PAUSE_SLICE_MS;
		struct timespec t = { .tv_nsec = (long)slice * 1000000 };

		if (is_cancelled(rq))
			return cancel_check(err);
		nanosleep(&t, NULL);
		ms -= slice;
	}
	return is_cancelled(rq) ? cancel_check(err) : 0;
}

/* Is there to be another attempt, and after how long? */
static bool is_to_be_repeated(const struct attempt *a, bool final, int64_t *wait)
{
	const struct http_response *r = a->out;
	int64_t asked =
		http_retry_after_ms(http_headers_get(&r->headers, "Retry-After"), clock_now());

	if (final || r->attempts > a->client->settings.retry_attempts ||
	    (r->status != 0 && !http_retry_is_worthwhile(r->status)) ||
	    (may_be_done(a) && !a->rq->repeatable))
		return false;
	*wait = http_retry_pause_ms(r->attempts - 1);
	if (r->status != 0 && asked > *wait)
		*wait = asked;
	return !is_late(a, clock_mono_ms() + *wait);
}

static int fail(const struct attempt *a, struct error *err)
{
	autobuf url = BUF_INIT;

	show_url(&url, a->rq);
	if (a->out->attempts > 1)
		return error_wrap(err, "%s: %s %s: after %d attempts", a->client->settings.name,
		                  a->rq->method, url.data, a->out->attempts);
	return error_wrap(err, "%s: %s %s", a->client->settings.name, a->rq->method, url.data);
}

int http_send(struct http *h, const struct http_request *rq, struct http_response *out,
              struct error *err)
{
	struct attempt first = {
		.client = h, .rq = rq, .out = out, .small = BUF_INIT, .started = clock_mono_ms()
	};
	curl_off_t moved = 0;

	out->attempts = 0;
	out->doubtful = false;
	for (;;) {
		struct attempt a = first;
		struct error failure = ERROR_INIT;
		int64_t wait = 0;
		bool final = false;
		int result;

		a.moved_before = moved;
		result = try_once(&a, &final, &failure);
		moved += a.moved;
		out->doubtful = out->doubtful || may_be_done(&a);
		if (result == 0 && !http_retry_is_worthwhile(out->status))
			return 0;
		if (is_to_be_repeated(&a, result < 0 && final, &wait)) {
			if (pause_ms(rq, wait, err) < 0)
				return -1;
			continue;
		}
		if (result == 0)
			return 0;
		*err = failure;
		return fail(&a, err);
	}
}

void http_escape(struct buf *out, const char *text, const char *keep)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				    "0123456789-._~";

	for (const char *p = text; *p; p++) {
		if (strchr(plain, *p) || strchr(keep, *p))
			buf_addc(out, *p);
		else
			buf_addf(out, "%%%02X", (unsigned char)*p);
	}
}

int64_t http_parse_date(const char *text)
{
	time_t t = curl_getdate(text, NULL);

	return t < 0 ? -1 : (int64_t)t;
}
