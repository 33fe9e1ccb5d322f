/* SPDX-License-Identifier: MIT */
#include "engine/repo/places.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "catalog/catalog.h"
#include "engine/base/buf.h"
#include "engine/base/cleanup.h"
#include "engine/base/error.h"
#include "engine/base/json.h"
#include "engine/base/log.h"
#include "engine/base/mem.h"
#include "engine/config/config.h"
#include "engine/repo/internal.h"
#include "engine/store/store.h"
#include "engine/store/union.h"

#define LOG_MODULE "repo/places"

#define NOTE_PLACES "places"
#define ALSO        "backup.storage.also"

static bool is_file(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISREG(st.st_mode);
}

/* The configuration of a local store with the permissions of ours. */
static int directory_config(struct config **out, const struct repo *r, const char *path,
                            struct error *err)
{
	DEFER(config) *c = NULL;
	autobuf mode = BUF_INIT;

	buf_addf(&mode, "0%llo",
	         (unsigned long long)config_int(r->config, "backup.storage.local.permissions"));
	if (config_parse(&c, "", 0, "place", err) < 0 ||
	    config_set(c, "backup.storage.provider", "local", err) < 0 ||
	    config_set(c, "backup.storage.local.base_path", path, err) < 0 ||
	    config_set(c, "backup.storage.local.permissions", mode.data, err) < 0)
		return -1;
	*out = take(c);
	return 0;
}

int place_open(struct store **out, const struct repo *r, const char *place, struct error *err)
{
	DEFER(config) *c = NULL;
	int result = is_file(place) ? config_load(&c, place, err)
	                            : directory_config(&c, r, place, err);

	if (result < 0 || store_open(out, c, err) < 0)
		return error_wrap(err, "%s", place);
	return 0;
}

static int add(struct repo *r, const char *place, struct error *err)
{
	struct store *s = NULL;

	/* A disk that is not mounted is no empty store. */
	if (access(place, F_OK) < 0)
		return error_sys(err, errno, "%s", place);
	if (place_open(&s, r, place, err) < 0)
		return -1;
	return store_union_add(r->store, s, err);
}

/* The places in the catalog; an array. */
static int noted(struct json **out, struct repo *r, struct error *err)
{
	autofree char *text = NULL;
	int found = catalog_note_get(r->catalog, NOTE_PLACES, &text, err);

	if (found < 0)
		return -1;
	if (!found) {
		*out = json_array();
		return 0;
	}
	return json_parse(out, text, strlen(text), err);
}

static int load(struct repo *r, struct error *err)
{
	DEFER(json) *places = NULL;

	for (size_t i = 0; i < config_list_count(r->config, ALSO); i++) {
		if (add(r, config_list_at(r->config, ALSO, i), err) < 0)
			return error_wrap(err, ALSO);
	}
	if (noted(&places, r, err) < 0)
		return error_wrap(err, "places of moved backups");
	for (size_t i = 0; i < json_count(places); i++) {
		const char *place = json_text(json_at(places, i), NULL);

		if (place && add(r, place, err) < 0)
			return error_wrap(err, "backups were moved there");
	}
	return 0;
}

void places_load(struct repo *r)
{
	struct error err = ERROR_INIT;

	r->places_missing = load(r, &err) < 0;
	if (r->places_missing)
		log_failure(LOG_MODULE, "a place of backups cannot be used", &err);
}

int places_add(struct repo *r, const char *place, struct error *err)
{
	autofree char *path = realpath(place, NULL);
	DEFER(json) *places = NULL;
	autobuf text = BUF_INIT;

	if (!path)
		return error_sys(err, errno, "open %s", place);
	if (noted(&places, r, err) < 0)
		return -1;
	for (size_t i = 0; i < json_count(places); i++) {
		const char *known = json_text(json_at(places, i), NULL);

		if (known && strcmp(known, path) == 0)
			return add(r, path, err);
	}
	json_append(places, json_str(path));
	json_write(&text, places, JSON_COMPACT);
	if (catalog_note_set(r->catalog, NOTE_PLACES, text.data, err) < 0)
		return -1;
	return add(r, path, err);
}
