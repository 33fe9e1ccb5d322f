/* SPDX-License-Identifier: MIT */
/*
 * Any bytes as the header lines of an answer, and what is read of them: dates, ranges,
 * versions, pauses. An error or a value within its bounds, never a crash.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/buf.h"
#include "engine/base/error.h"
#include "engine/store/azure.h"
#include "engine/store/cloud.h"
#include "engine/store/http.h"
#include "engine/store/http_retry.h"
#include "engine/store/s3.h"

#define NOW        INT64_C(1795392000)
#define PAUSE_MAX  (INT64_C(86400) * 1000)
#define BODY_BYTES 100

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
	if (!holds)
		abort();
}

/* No header holds another: a line break in a value is none any more. */
static void check_headers(const struct http_headers *h)
{
	for (size_t i = 0; i < h->count; i++) {
		must(h->items[i].name[0] != '\0');
		for (const char *p = h->items[i].value; *p; p++)
			must((unsigned char)*p >= ' ' && *p != 127);
		must(http_headers_get(h, h->items[i].name) == h->items[i].value);
	}
}

static void read_range(struct http_response *rsp, struct store_range range)
{
	struct error err = ERROR_INIT;
	autobuf out = BUF_INIT;
	uint64_t size;
	static const char bytes[BODY_BYTES];

	buf_truncate(&rsp->body, 0);
	buf_add(&rsp->body, bytes, sizeof(bytes));
	if (cloud_range_take(&out, &size, rsp, &range, "key", &err) < 0)
		must(err.code != ERR_NONE && err.code != ERR_BUG);
	else
		must(out.len == BODY_BYTES && range.offset + BODY_BYTES <= size);
}

static void read_values(struct http_response *rsp)
{
	static const struct cloud_meaning meanings[] = { { .code = NULL } };
	const struct cloud_answer answer = { .code = "" };
	char version[STORE_VERSION_MAX];
	struct error err = ERROR_INIT;
	int64_t pause =
		http_retry_after_ms(http_headers_get(&rsp->headers, "Retry-After"), NOW);

	must(pause >= -1 && pause <= PAUSE_MAX);
	s3_etag(version, &rsp->headers);
	must(memchr(version, '\0', sizeof(version)) != NULL);
	azure_etag(version, http_headers_get(&rsp->headers, "ETag"));
	must(memchr(version, '\0', sizeof(version)) != NULL);
	(void)cloud_clock_ahead(rsp);
	must(cloud_refused(meanings, &answer, rsp, &err) < 0 && err.code != ERR_NONE);
	read_range(rsp, (struct store_range){ .length = BODY_BYTES, .max = BODY_BYTES });
	read_range(rsp, (struct store_range){ .offset = 5, .length = UINT64_MAX, .max = 4096 });
}

/* The first byte stands for the status, the lines end as they do on the wire or anyhow. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const int statuses[] = { 200, 206, 301, 307, 308, 400, 401, 403, 404, 412, 503 };
	autoresponse rsp = HTTP_RESPONSE_INIT;
	const char *p = (const char *)data + 1, *end = (const char *)data + size;

	if (size == 0)
		return 0;
	rsp.status = statuses[data[0] % ARRAY_SIZE(statuses)];
	while (p < end) {
		const char *line_end = memchr(p, '\n', (size_t)(end - p));
		const char *next = line_end ? line_end + 1 : end;

		http_headers_parse(&rsp.headers, p, (size_t)(next - p));
		p = next;
	}
	check_headers(&rsp.headers);
	read_values(&rsp);
	return 0;
}
