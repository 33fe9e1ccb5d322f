/* SPDX-License-Identifier: MIT */
#include "engine/store/cloud.h"

#include <inttypes.h>
#include <string.h>

#include "engine/base/clock.h"
#include "engine/base/fsutil.h"
#include "engine/base/mem.h"
#include "engine/base/number.h"
#include "engine/store/provider.h"

int cloud_mark(char out[CLOUD_MARK_SIZE], struct error *err)
{
	unsigned char bytes[(CLOUD_MARK_SIZE - 1) / 2];

	if (random_bytes(bytes, sizeof(bytes), err) < 0)
		return -1;
	number_format_hex(out, bytes, sizeof(bytes));
	return 0;
}

static int read_piece(void *arg, uint64_t offset, void *to, size_t len, struct error *err)
{
	const struct cloud_piece *piece = arg;

	return piece->of->read_at(piece->of->arg, piece->offset + offset, to, len, err);
}

struct store_body cloud_body_of_piece(struct cloud_piece *piece, uint64_t size)
{
	return (struct store_body){ .size = size, .read_at = read_piece, .arg = piece };
}

void cloud_range_text(struct buf *out, size_t *limit, const struct store_range *range)
{
	uint64_t want = range->max < SIZE_MAX ? (uint64_t)range->max + 1 : SIZE_MAX;

	if (want > range->length)
		want = range->length;
	*limit = (size_t)want;
	buf_addf(out, "bytes=%" PRIu64 "-", range->offset);
	if (want > 0 && want - 1 <= UINT64_MAX - range->offset)
		buf_addf(out, "%" PRIu64, range->offset + want - 1);
}

/* "bytes 0-99/1234": the first byte and the object's size. */
static bool parse_content_range(uint64_t *first, uint64_t *size, const char *text)
{
	struct error ignored = ERROR_INIT;
	const char *dash = text ? strchr(text, '-') : NULL;
	const char *slash = dash ? strchr(dash, '/') : NULL;

	if (!slash || strncmp(text, "bytes ", 6) != 0)
		return false;
	autofree char *start = mem_strndup(text + 6, (size_t)(dash - text) - 6);

	return number_parse_u64(first, start, UINT64_MAX, &ignored) == 0 &&
	       number_parse_u64(size, slash + 1, UINT64_MAX, &ignored) == 0;
}

int cloud_range_take(struct buf *out, uint64_t *size, struct http_response *rsp,
                     const struct store_range *range, const char *key, struct error *err)
{
	const char *text = http_headers_get(&rsp->headers, "Content-Range");
	uint64_t first;
	size_t len;

	if (!parse_content_range(&first, size, text) || first != range->offset)
		return error_set(err, ERR_STORE, "%s: asked for bytes from %" PRIu64 ", got %s",
		                 key, range->offset, text ? text : "no Content-Range");
	if (store_range_len(&len, range, key, *size, err) < 0)
		return -1;
	if (rsp->body.len != len)
		return error_set(err, ERR_STORE, "%s: want %zu bytes, got %zu", key, len,
		                 rsp->body.len);
	if (out->len == 0)
		buf_move(out, &rsp->body);
	else
		buf_add(out, rsp->body.data, rsp->body.len);
	return 0;
}

int cloud_range_judge(const struct http_response *rsp, const char *key, struct error *err)
{
	if (rsp->status == 200)
		return error_set(err, ERR_STORE, "%s: the server does not keep to ranges", key);
	return rsp->status == 416;
}

int cloud_get_nothing(int found, const struct store_stat *stat, const struct store_range *range,
                      const char *key, struct error *err)
{
	if (found == 1 && range->length > 0 && range->offset < stat->size)
		return error_set(err, ERR_BUSY, "%s was replaced while it was read", key);
	return found;
}

int cloud_already_there(const char *key, struct error *err)
{
	return error_set(err, ERR_EXISTS, "%s exists already", key);
}

int cloud_moved_on(int found, const struct store_stat *now, const char *key,
                   const char *version, struct error *err)
{
	if (found < 0)
		return -1;
	if (!found)
		return error_set(err, ERR_NOT_FOUND, "%s does not exist", key);
	return error_set(err, ERR_BUSY, "%s was replaced meanwhile: want version %s, got %s",
	                 key, version, now->version);
}

int64_t cloud_clock_ahead(const struct http_response *rsp)
{
	const char *date = http_headers_get(&rsp->headers, "Date");
	int64_t there = date ? http_parse_date(date) : -1;

	return there < 0 ? 0 : clock_now() - there;
}

static void describe(struct buf *out, const struct cloud_answer *a,
                     const struct http_response *rsp)
{
	buf_addf(out, "%d", rsp->status);
	if (a->code[0] != '\0')
		buf_addf(out, " %s", a->code);
	if (a->message[0] != '\0')
		buf_addf(out, ": %.*s", (int)strcspn(a->message, "\r\n"), a->message);
	if (rsp->attempts > 1)
		buf_addf(out, ", after %d attempts", rsp->attempts);
}

static int redirected(const struct http_response *rsp, const char *said, struct error *err)
{
	const char *where = http_headers_get(&rsp->headers, "Location");
	autobuf url = BUF_INIT;

	http_show_url(&url, where ? where : "elsewhere");
	error_set(err, ERR_STORE, "the server sends us to %s (%s)", url.data, said);
	return error_hint(err,
	                  "Redirects are not followed: set endpoint to the right address.");
}

/* Google's token endpoint says 400 and "invalid_grant" where others say 401. */
static bool is_about_rights(const struct cloud_answer *a, const struct http_response *rsp)
{
	return rsp->status == 401 || rsp->status == 403 ||
	       strcmp(a->code, "invalid_grant") == 0;
}

int cloud_refused(const struct cloud_meaning *meanings, const struct cloud_answer *answer,
                  const struct http_response *rsp, struct error *err)
{
	int64_t ahead = cloud_clock_ahead(rsp);
	autobuf said = BUF_INIT;

	describe(&said, answer, rsp);
	if (is_about_rights(answer, rsp) &&
	    (ahead > CLOUD_CLOCK_SKEW_MAX || -ahead > CLOUD_CLOCK_SKEW_MAX)) {
		error_set(err, ERR_DENIED, "this machine's clock is %" PRId64 " s %s (%s)",
		          ahead > 0 ? ahead : -ahead, ahead > 0 ? "ahead" : "behind",
		          said.data);
		return error_hint(err, "Set the clock (timedatectl): signatures are only good "
		                       "for a few minutes.");
	}
	for (const struct cloud_meaning *m = meanings; m->code; m++) {
		if (strcmp(m->code, answer->code) != 0)
			continue;
		error_set(err, m->as, "%s (%s)", m->what, said.data);
		return error_hint(err, "%s", m->hint);
	}
	if (rsp->status >= 300 && rsp->status < 400)
		return redirected(rsp, said.data, err);
	return error_set(err, rsp->status == 401 || rsp->status == 403 ? ERR_DENIED : ERR_STORE,
	                 "the server says no (%s)", said.data);
}

char *cloud_location(const char *scheme, const char *bucket, const char *prefix)
{
	size_t len = strlen(prefix);

	while (len > 0 && prefix[len - 1] == '/')
		len--;
	return mem_printf("%s://%s%s%.*s", scheme, bucket, len > 0 ? "/" : "", (int)len,
	                  prefix);
}
