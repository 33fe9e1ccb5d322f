/* SPDX-License-Identifier: MIT */
#include "engine/store/gcs_object.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "engine/base/clock.h"
#include "engine/base/json.h"
#include "engine/base/mem.h"
#include "engine/base/number.h"

/* 64-bit numbers are texts in Google's JSON. */
static int read_number(uint64_t *out, const struct json *o, const char *member,
                       struct error *err)
{
	if (number_parse_u64(out, json_get_str(o, member, ""), INT64_MAX, err) == 0)
		return 0;
	err->code = ERR_STORE;
	return error_wrap(err, "%s", member);
}

int gcs_object_read(struct store_stat *out, char mark[CLOUD_MARK_SIZE], const struct json *o,
                    struct error *err)
{
	uint64_t generation;

	if (read_number(&out->size, o, "size", err) < 0 ||
	    read_number(&generation, o, "generation", err) < 0)
		return -1;
	if (clock_parse(&out->modified, json_get_str(o, "updated", ""), 0, "UTC", err) < 0) {
		err->code = ERR_STORE;
		return error_wrap(err, "updated");
	}
	snprintf(out->version, sizeof(out->version), "%" PRIu64, generation);
	if (mark)
		snprintf(mark, CLOUD_MARK_SIZE, "%s",
		         json_get_str(json_get(o, "metadata"), "schemafs_put", ""));
	return 0;
}

static int parse(struct json **out, const char *text, size_t len, struct error *err)
{
	if (json_parse(out, text, len, err) == 0 && json_is_object(*out))
		return 0;
	error_clear(err);
	return error_set(err, ERR_STORE, "the server's answer is no JSON object");
}

int gcs_object_parse(struct store_stat *out, char mark[CLOUD_MARK_SIZE], const char *text,
                     size_t len, struct error *err)
{
	DEFER(json) *o = NULL;

	if (parse(&o, text, len, err) < 0)
		return -1;
	return gcs_object_read(out, mark, o, err);
}

int gcs_page_parse(const char *text, size_t len, gcs_object_fn *fn, void *arg, char **next,
                   struct error *err)
{
	DEFER(json) *o = NULL;
	const struct json *items;
	const char *token;

	if (parse(&o, text, len, err) < 0)
		return -1;
	items = json_get(o, "items");
	for (size_t i = 0; items && i < json_count(items); i++) {
		const struct json *item = json_at(items, i);
		const char *name = json_get_str(item, "name", "");
		struct store_stat stat;

		if (name[0] == '\0')
			return error_set(err, ERR_STORE, "an object without a name");
		if (gcs_object_read(&stat, NULL, item, err) < 0)
			return error_wrap(err, "%s", name);
		if (fn(arg, name, &stat, err) < 0)
			return -1;
	}
	token = json_get_str(o, "nextPageToken", "");
	*next = token[0] != '\0' ? mem_strdup(token) : NULL;
	return 0;
}
