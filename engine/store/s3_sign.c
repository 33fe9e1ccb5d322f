/* SPDX-License-Identifier: MIT */
#include "engine/store/s3_sign.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "engine/base/buf.h"
#include "engine/base/cleanup.h"
#include "engine/base/mem.h"
#include "engine/base/secret.h"
#include "engine/codec/signature.h"
#include "engine/store/http_headers.h"

#define ALGORITHM "AWS4-HMAC-SHA256"

static void wipe(char *text)
{
	if (text)
		secret_wipe(text, strlen(text));
	free(text);
}

void s3_identity_finish(struct s3_identity *who)
{
	free(who->access_key);
	wipe(who->secret_key);
	wipe(who->session_token);
	*who = (struct s3_identity){ .expires = 0 };
}

/* What stands between "https://" and the path. */
static struct str authority_of(const char *url)
{
	const char *host = strstr(url, "://");

	host = host ? host + 3 : url;
	return (struct str){ host, strcspn(host, "/?") };
}

/* The Host header that libcurl makes of it: a scheme's own port is left out. */
static void add_host(struct http_headers *headers, const char *url)
{
	struct str authority = authority_of(url);
	const char *port = strncmp(url, "https:", 6) == 0 ? ":443" : ":80";
	autofree char *host = NULL;

	if (str_has_suffix(authority, port))
		authority.n -= strlen(port);
	host = mem_strndup(authority.p, authority.n);
	http_headers_set(headers, "host", host);
}

static int compare_parameters(const void *a, const void *b)
{
	const char *left = *(const char *const *)a, *right = *(const char *const *)b;
	size_t left_name = strcspn(left, "="), right_name = strcspn(right, "=");
	size_t shorter = left_name < right_name ? left_name : right_name;
	int order = strncmp(left, right, shorter);

	if (order == 0 && left_name != right_name)
		return left_name < right_name ? -1 : 1;
	return order != 0 ? order : strcmp(left, right);
}

/* Parameters in order of their names, each with a "=". */
static void add_query(struct buf *out, const char *query)
{
	autofree char *copy = mem_strdup(query);
	autofree const char **items = NULL;
	size_t count = 0, capacity = 0;
	char *rest = copy, *item;

	while ((item = strsep(&rest, "&")) != NULL) {
		if (*item == '\0')
			continue;
		MEM_GROW(items, count, capacity);
		items[count++] = item;
	}
	if (count > 1)
		qsort(items, count, sizeof(*items), compare_parameters); /* NOLINT: pointers */
	for (size_t i = 0; i < count; i++)
		buf_addf(out, "%s%s%s", i > 0 ? "&" : "", items[i],
		         strchr(items[i], '=') ? "" : "=");
}

static int compare_headers(const void *a, const void *b)
{
	return strcasecmp(((const struct http_header *)a)->name,
	                  ((const struct http_header *)b)->name);
}

/* A value as it is signed: trimmed, with single blanks. */
static void add_value(struct buf *out, const char *value)
{
	struct str text = str_trim(str_of(value));

	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] == ' ' && i > 0 && text.p[i - 1] == ' ')
			continue;
		buf_addc(out, text.p[i]);
	}
}

static void add_lower(struct buf *out, const char *name)
{
	for (; *name; name++)
		buf_addc(out, (char)tolower((unsigned char)*name));
}

/* Both forms of the headers, sorted: "name:value" lines, and "name;name". */
static void add_headers(struct buf *lines, struct buf *names,
                        const struct http_headers *headers)
{
	autofree struct http_header *sorted =
		mem_array(headers->count, sizeof(struct http_header));

	memcpy(sorted, headers->items, headers->count * sizeof(*sorted));
	qsort(sorted, headers->count, sizeof(*sorted), compare_headers);
	for (size_t i = 0; i < headers->count; i++) {
		add_lower(lines, sorted[i].name);
		buf_addc(lines, ':');
		add_value(lines, sorted[i].value);
		buf_addc(lines, '\n');
		if (i > 0)
			buf_addc(names, ';');
		add_lower(names, sorted[i].name);
	}
}

static void hash_hex(char out[DIGEST_HEX_SIZE], const struct buf *text)
{
	struct digest d;

	digest_of(&d, text->data, text->len);
	digest_hex(out, &d);
}

static void canonical_request(struct buf *out, const struct buf *lines, const struct buf *names,
                              const struct s3_sign_request *rq)
{
	struct str authority = authority_of(rq->url);
	const char *path = authority.p + authority.n;
	size_t path_len = strcspn(path, "?");

	buf_addf(out, "%s\n%.*s\n", rq->method, path_len > 0 ? (int)path_len : 1,
	         path_len > 0 ? path : "/");
	if (path[path_len] == '?')
		add_query(out, path + path_len + 1);
	buf_addf(out, "\n%s\n%s\n%s", lines->data, names->data, rq->payload);
}

/* The secret is only ever used for a day, a region and a service. */
static void signing_key(struct digest *key, const struct s3_identity *who, const char *day,
                        const struct s3_sign_request *rq)
{
	const char *const steps[] = { day, rq->region, rq->service, "aws4_request" };
	autobuf secret = BUF_INIT;
	const void *from;
	size_t len;

	buf_reserve(&secret, strlen(who->secret_key) + 5);
	buf_addf(&secret, "AWS4%s", who->secret_key);
	from = secret.data;
	len = secret.len;
	for (size_t i = 0; i < ARRAY_SIZE(steps); i++) {
		struct digest next;

		signature_hmac(&next, from, len, steps[i], strlen(steps[i]));
		*key = next;
		from = key->bytes;
		len = sizeof(key->bytes);
	}
	secret_wipe(secret.data, secret.len);
}

static void format_time(char out[20], int64_t now)
{
	time_t t = (time_t)now;
	struct tm tm;

	gmtime_r(&t, &tm);
	strftime(out, 20, "%Y%m%dT%H%M%SZ", &tm);
}

void s3_sign(struct http_headers *headers, const struct s3_identity *who,
             const struct s3_sign_request *rq)
{
	autobuf lines = BUF_INIT;
	autobuf names = BUF_INIT;
	autobuf canonical = BUF_INIT;
	autobuf scope = BUF_INIT;
	autobuf to_sign = BUF_INIT;
	struct digest key, signature;
	char date[20], day[9], hex[DIGEST_HEX_SIZE];

	format_time(date, rq->now);
	snprintf(day, sizeof(day), "%.8s", date);
	add_host(headers, rq->url);
	http_headers_set(headers, "x-amz-date", date);
	if (who->session_token)
		http_headers_set(headers, "x-amz-security-token", who->session_token);
	add_headers(&lines, &names, headers);
	canonical_request(&canonical, &lines, &names, rq);
	hash_hex(hex, &canonical);
	buf_addf(&scope, "%s/%s/%s/aws4_request", day, rq->region, rq->service);
	buf_addf(&to_sign, ALGORITHM "\n%s\n%s\n%s", date, scope.data, hex);
	signing_key(&key, who, day, rq);
	signature_hmac(&signature, key.bytes, sizeof(key.bytes), to_sign.data, to_sign.len);
	digest_hex(hex, &signature);
	http_headers_setf(headers, "Authorization",
	                  ALGORITHM " Credential=%s/%s, SignedHeaders=%s, Signature=%s",
	                  who->access_key, scope.data, names.data, hex);
	secret_wipe(&key, sizeof(key));
}
