/* SPDX-License-Identifier: MIT */
#include "engine/schema/archive_counters.h"

#include <string.h>

#include "engine/base/error.h"
#include "engine/base/json.h"
#include "engine/base/map.h"
#include "engine/schema/model.h"

#define OBJECTS "objects"
#define COUNTER "auto_increment"

/* An object's members with another counter, which stands last. */
static struct json *with_counter(const struct json *object, const char *counter)
{
	struct json *new = json_object();

	for (size_t i = 0; i < json_count(object); i++) {
		const struct json *value;
		const char *key = json_member(object, i, &value);

		if (strcmp(key, COUNTER) != 0)
			json_set(new, key, json_share(value));
	}
	if (counter)
		json_set_str(new, COUNTER, counter);
	return new;
}

static struct json *with_counters(const struct json *objects, const struct map *counters)
{
	const char *tables = object_kind_info(OBJECT_TABLE)->folder;
	struct json *new = json_array();

	for (size_t i = 0; i < json_count(objects); i++) {
		const struct json *o = json_at(objects, i);
		bool table = strcmp(json_get_str(o, "kind", ""), tables) == 0;

		json_append(new, table ? with_counter(o, map_get(counters,
		                                                 json_get_str(o, "name", "")))
		                       : json_share(o));
	}
	return new;
}

int archive_set_counters(struct buf *out, struct str model, const struct map *counters,
                         struct error *err)
{
	DEFER(json) *old = NULL;
	DEFER(json) *new = json_object();

	if (json_parse(&old, model.p, model.n, err) < 0) {
		err->code = ERR_CORRUPT;
		return error_wrap(err, "model");
	}
	if (!json_is_array(json_get(old, OBJECTS)))
		return error_set(err, ERR_CORRUPT, "model: there are no objects");
	for (size_t i = 0; i < json_count(old); i++) {
		const struct json *value;
		const char *key = json_member(old, i, &value);

		json_set(new, key,
		         strcmp(key, OBJECTS) == 0 ? with_counters(value, counters)
		                                   : json_share(value));
	}
	json_write(out, new, JSON_COMPACT);
	return 0;
}
