/* SPDX-License-Identifier: MIT */
#include "engine/store/azure_sign.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "engine/base/buf.h"
#include "engine/base/cleanup.h"
#include "engine/base/mem.h"
#include "engine/base/number.h"
#include "engine/base/secret.h"
#include "engine/codec/signature.h"
#include "engine/store/http_headers.h"

struct pair {
	char *name, *value;
};

struct pairs {
	struct pair *items;
	size_t count, capacity;
};

static void pairs_finish(struct pairs *p)
{
	for (size_t i = 0; i < p->count; i++) {
		free(p->items[i].name);
		free(p->items[i].value);
	}
	free(p->items);
}
#define autopairs __attribute__((cleanup(pairs_finish))) struct pairs

static char *lower(struct str s)
{
	char *out = mem_strndup(s.p, s.n);

	for (char *p = out; *p; p++)
		*p = (char)tolower((unsigned char)*p);
	return out;
}

static int by_name(const void *a, const void *b)
{
	const struct pair *x = a, *y = b;

	return strcmp(x->name, y->name);
}

/* Takes the value over. */
static void add_pair(struct pairs *p, struct str name, char *value) /* NOLINT: it is kept */
{
	MEM_GROW(p->items, p->count, p->capacity);
	p->items[p->count++] = (struct pair){ lower(name), value };
}

/* Sorted by name, a line each. */
static void write_pairs(struct buf *out, struct pairs *p, const char *before, const char *after)
{
	if (p->count > 0)
		qsort(p->items, p->count, sizeof(p->items[0]), by_name);
	for (size_t i = 0; i < p->count; i++)
		buf_addf(out, "%s%s:%s%s", before, p->items[i].name, p->items[i].value, after);
}

static void add_headers(struct buf *out, const struct http_headers *headers)
{
	autopairs p = { .items = NULL };

	for (size_t i = 0; i < headers->count; i++) {
		const struct http_header *h = &headers->items[i];

		if (strncasecmp(h->name, "x-ms-", 5) == 0)
			add_pair(&p, str_of(h->name), mem_strdup(h->value));
	}
	write_pairs(out, &p, "", "\n");
}

static char *unescape(struct str s)
{
	autobuf out = BUF_INIT;

	for (size_t i = 0; i < s.n; i++) {
		unsigned char byte;

		if (s.p[i] == '%' && i + 2 < s.n &&
		    number_parse_hex(&byte, 1, s.p + i + 1, 2)) {
			buf_addc(&out, (char)byte);
			i += 2;
		} else {
			buf_addc(&out, s.p[i]);
		}
	}
	return buf_take(&out);
}

/* "/account/path", then a line for each parameter of the query. */
static void add_resource(struct buf *out, const struct azure_sign_request *rq)
{
	const char *host = strstr(rq->url, "://");
	const char *path = host ? host + 3 : rq->url;
	autopairs p = { .items = NULL };
	size_t len;

	path += strcspn(path, "/?");
	len = strcspn(path, "?");
	buf_addf(out, "/%s%.*s", rq->account, (int)len, path);
	for (path += len; *path;) {
		size_t end = strcspn(++path, "&");
		size_t equals = strcspn(path, "=&");
		struct str name = { path, equals };
		struct str value = { path + equals, end - equals };

		if (value.n > 0)
			value = str_slice(value, 1, value.n);
		if (end > 0)
			add_pair(&p, name, unescape(value));
		path += end;
	}
	write_pairs(out, &p, "\n", "");
}

void azure_sign_text(struct buf *out, const struct azure_sign_request *rq)
{
	static const char *const names[] = {
		"Content-Encoding",
		"Content-Language",
		NULL /* the length */,
		"Content-MD5",
		"Content-Type",
		"Date",
		"If-Modified-Since",
		"If-Match",
		"If-None-Match",
		"If-Unmodified-Since",
		"Range",
	};

	buf_addf(out, "%s\n", rq->method);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		const char *value = names[i] ? http_headers_get(rq->headers, names[i]) : NULL;

		if (!names[i] && rq->length > 0)
			buf_addf(out, "%" PRIu64, rq->length);
		buf_addf(out, "%s\n", value ? value : "");
	}
	add_headers(out, rq->headers);
	add_resource(out, rq);
}

void azure_sign(struct buf *out, const struct azure_sign_request *rq, const struct secret *key)
{
	autobuf text = BUF_INIT;
	struct digest mac;

	azure_sign_text(&text, rq);
	signature_hmac(&mac, secret_data(key), secret_len(key), text.data, text.len);
	buf_addf(out, "SharedKey %s:", rq->account);
	signature_base64(out, mac.bytes, sizeof(mac.bytes));
}

void azure_sign_date(struct buf *out, int64_t now)
{
	static const char days[][4] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" };
	static const char months[][4] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
		                          "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
	time_t t = (time_t)now;
	struct tm tm;

	gmtime_r(&t, &tm);
	buf_addf(out, "%s, %02d %s %d %02d:%02d:%02d GMT", days[tm.tm_wday], tm.tm_mday,
	         months[tm.tm_mon], 1900 + tm.tm_year, tm.tm_hour, tm.tm_min, tm.tm_sec);
}
