/* SPDX-License-Identifier: MIT */
/*
 * curl_loop: what a server can do, asked by nothing but libcurl.
 *
 *	bench_curl_loop BUCKET_URL USER:SECRET put CONNECTIONS COUNT PREFIX
 *	bench_curl_loop BUCKET_URL USER:SECRET list 1 COUNT PREFIX
 *
 * put writes COUNT small objects, each connection its share; list reads all below the prefix,
 * page by page. libcurl signs. PREFIX is a word and a slash. Prints seconds.
 */
#include <curl/curl.h>
#include <openssl/sha.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define BODY_SIZE       4096
#define CONNECTIONS_MAX 64
#define PAGE_MAX        ((size_t)4 << 20)

struct loop {
	const char *url, *user, *prefix;
	size_t connections, count, first;
	size_t listed;
};

struct page {
	char text[PAGE_MAX];
	size_t len;
};

static void must(int holds, const char *what)
{
	if (holds)
		return;
	fprintf(stderr, "%s\n", what);
	exit(1);
}

static size_t drop(char *data, size_t size, size_t n, void *arg)
{
	(void)data;
	(void)arg;
	return size * n;
}

static size_t keep(char *data, size_t size, size_t n, void *arg)
{
	struct page *p = arg;

	if (n * size >= PAGE_MAX - p->len)
		return 0;
	memcpy(p->text + p->len, data, n * size);
	p->len += n * size;
	p->text[p->len] = '\0';
	return n * size;
}

/* What S3 wants beside a signature: the hash of the body, which libcurl then signs. */
static struct curl_slist *hash_header(const void *body, size_t len)
{
	char line[128] = "x-amz-content-sha256: ";
	unsigned char hash[SHA256_DIGEST_LENGTH];

	SHA256(body, len, hash);
	for (size_t i = 0; i < sizeof(hash); i++) {
		size_t at = strlen(line);

		snprintf(line + at, sizeof(line) - at, "%02x", hash[i]);
	}
	return curl_slist_append(NULL, line);
}

static CURL *handle(const struct loop *l)
{
	CURL *c = curl_easy_init();

	must(c != NULL, "curl_easy_init");
	curl_easy_setopt(c, CURLOPT_AWS_SIGV4, "aws:amz:us-east-1:s3");
	curl_easy_setopt(c, CURLOPT_USERPWD, l->user);
	curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, drop);
	curl_easy_setopt(c, CURLOPT_NOPROXY, "*");
	curl_easy_setopt(c, CURLOPT_TCP_NODELAY, 1L);
	return c;
}

static void perform(CURL *c, const char *url)
{
	long status = 0;
	CURLcode code;

	curl_easy_setopt(c, CURLOPT_URL, url);
	code = curl_easy_perform(c);
	must(code == CURLE_OK, curl_easy_strerror(code));
	curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, &status);
	if (status != 200)
		fprintf(stderr, "%s: status %ld\n", url, status);
	must(status == 200, "refused");
}

static void *put_share(void *arg)
{
	const struct loop *l = arg;
	static const char body[BODY_SIZE];
	struct curl_slist *header = hash_header(body, sizeof(body));
	CURL *c = handle(l);

	header = curl_slist_append(header, "If-None-Match: *"); /* as we do: it costs servers */
	curl_easy_setopt(c, CURLOPT_HTTPHEADER, header);
	curl_easy_setopt(c, CURLOPT_CUSTOMREQUEST, "PUT");
	curl_easy_setopt(c, CURLOPT_POSTFIELDSIZE, (long)sizeof(body));
	curl_easy_setopt(c, CURLOPT_POSTFIELDS, body);
	for (size_t i = l->first; i < l->count; i += l->connections) {
		char url[1024];

		snprintf(url, sizeof(url), "%s/%sbench%08zu", l->url, l->prefix, i);
		perform(c, url);
	}
	curl_easy_cleanup(c);
	curl_slist_free_all(header);
	return NULL;
}

static void put(const struct loop *l)
{
	pthread_t threads[CONNECTIONS_MAX];
	struct loop shares[CONNECTIONS_MAX];

	for (size_t i = 0; i < l->connections; i++) {
		shares[i] = *l;
		shares[i].first = i;
		must(pthread_create(&threads[i], NULL, put_share, &shares[i]) == 0, "thread");
	}
	for (size_t i = 0; i < l->connections; i++)
		pthread_join(threads[i], NULL);
}

static void list(struct loop *l)
{
	struct page *p = calloc(1, sizeof(*p));
	struct curl_slist *header = hash_header("", 0);
	CURL *c = handle(l);
	char last[512] = "";
	int more = 1;

	must(p != NULL, "memory");
	curl_easy_setopt(c, CURLOPT_HTTPHEADER, header);
	curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, keep);
	curl_easy_setopt(c, CURLOPT_WRITEDATA, p);
	while (more) {
		char url[2048];

		/* In the order of the alphabet and escaped, as signatures want it. */
		snprintf(url, sizeof(url), "%s?list-type=2&prefix=%.*s%%2F%s%s", l->url,
		         (int)strcspn(l->prefix, "/"), l->prefix, *last ? "&start-after=" : "",
		         last);
		p->len = 0;
		perform(c, url);
		for (char *k = strstr(p->text, "<Key>"); k; k = strstr(k + 5, "<Key>")) {
			size_t slash = strcspn(k + 5, "/");

			snprintf(last, sizeof(last), "%.*s%%2F%.*s", (int)slash, k + 5,
			         (int)strcspn(k + 6 + slash, "<"), k + 6 + slash);
			l->listed++;
		}
		more = strstr(p->text, "<IsTruncated>true") != NULL;
	}
	curl_easy_cleanup(c);
	curl_slist_free_all(header);
	free(p);
	must(l->listed >= l->count, "not all were listed");
}

int main(int argc, char **argv)
{
	struct timespec began, ended;
	struct loop l = { 0 };

	if (argc != 7) {
		fprintf(stderr,
		        "usage: bench_curl_loop URL USER:SECRET put|list N COUNT PREFIX\n");
		return 2;
	}
	l.url = argv[1];
	l.user = argv[2];
	l.connections = strtoul(argv[4], NULL, 10);
	l.count = strtoul(argv[5], NULL, 10);
	l.prefix = argv[6];
	must(l.connections > 0 && l.connections <= CONNECTIONS_MAX, "connections: 1 to 64");
	curl_global_init(CURL_GLOBAL_DEFAULT);
	clock_gettime(CLOCK_MONOTONIC, &began);
	if (strcmp(argv[3], "put") == 0)
		put(&l);
	else
		list(&l);
	clock_gettime(CLOCK_MONOTONIC, &ended);
	printf("%.6f\n", (double)(ended.tv_sec - began.tv_sec) +
	                         (double)(ended.tv_nsec - began.tv_nsec) / 1e9);
	return 0;
}
