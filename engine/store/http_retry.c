/* SPDX-License-Identifier: MIT */
#include "engine/store/http_retry.h"

#include <stddef.h>

#include "engine/base/cleanup.h"
#include "engine/base/error.h"
#include "engine/base/fsutil.h"
#include "engine/base/number.h"
#include "engine/store/http.h"

#define FIRST_CAP_MS  INT64_C(200)
#define LARGE_CAP_MS  INT64_C(20000)
#define RETRY_AFTER_S INT64_C(86400) /* who asks for more does not want us back */

static const struct {
	int status;
	bool doubtful; /* a 503 may be a gateway's, whose server did what was asked */
} momentary[] = {
	{ 408, true }, { 429, false }, { 500, true },
	{ 502, true }, { 503, true },  { 504, true },
};

bool http_retry_is_worthwhile(int status)
{
	for (size_t i = 0; i < ARRAY_SIZE(momentary); i++) {
		if (momentary[i].status == status)
			return true;
	}
	return false;
}

bool http_retry_is_doubtful(int status)
{
	for (size_t i = 0; i < ARRAY_SIZE(momentary); i++) {
		if (momentary[i].status == status)
			return momentary[i].doubtful;
	}
	return false;
}

int64_t http_retry_cap_ms(int attempt)
{
	int64_t cap = FIRST_CAP_MS;

	for (int i = 0; i < attempt && cap < LARGE_CAP_MS; i++)
		cap *= 2;
	return cap < LARGE_CAP_MS ? cap : LARGE_CAP_MS;
}

int64_t http_retry_pause_ms(int attempt)
{
	int64_t cap = http_retry_cap_ms(attempt);
	struct error ignored = ERROR_INIT;
	uint32_t dice;

	if (random_bytes(&dice, sizeof(dice), &ignored) < 0)
		return cap;
	return (int64_t)dice % (cap + 1);
}

int64_t http_retry_after_ms(const char *value, int64_t now)
{
	struct error ignored = ERROR_INIT;
	uint64_t seconds;
	int64_t date;

	if (!value)
		return -1;
	if (number_parse_u64(&seconds, value, RETRY_AFTER_S, &ignored) == 0)
		return (int64_t)seconds * 1000;
	date = http_parse_date(value);
	if (date < 0 || date - now > RETRY_AFTER_S)
		return -1;
	return date > now ? (date - now) * 1000 : 0;
}
