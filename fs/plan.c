/* SPDX-License-Identifier: MIT */
#include "fs/plan.h"

#include <string.h>

#include "engine/base/buf.h"
#include "engine/base/clock.h"
#include "engine/base/error.h"
#include "engine/base/hash.h"
#include "engine/base/mem.h"
#include "engine/repo/rollback.h"
#include "fs/cache.h"
#include "fs/content.h"
#include "fs/filename.h"
#include "fs/fsys.h"
#include "fs/live.h"
#include "fs/promises.h"

/* Against what a plan is made. */
struct basis {
	struct worker *w;
	const struct backup *backup;
	struct snapshot *live; /* NULL: the database is not there, or nothing is known */
	bool known;
	bool own;        /* the text made last is of this backup only */
	struct buf note; /* a line for the head of the plan; empty: none */
	struct buf
		key; /* in the cache, of all backups of this schema: changes with all above */
	struct buf alone; /* in the cache, of this backup only */
};

static void basis_finish(struct basis *b)
{
	snapshot_drop(b->live);
	buf_finish(&b->note);
	buf_finish(&b->key);
	buf_finish(&b->alone);
}

/* One line, whatever is in it: it goes into a comment. */
static void add_line(struct buf *out, const char *text)
{
	for (; *text; text++) {
		if ((unsigned char)*text < 0x20)
			buf_addc(out, ' ');
		else
			buf_addc(out, *text);
	}
}

static void use_last(struct basis *b, const struct error *why)
{
	char when[CLOCK_TEXT_MAX];

	b->live = live_last(b->w->fs->live, b->backup->database);
	b->known = b->live != NULL;
	if (b->live) {
		clock_format_local(when, b->live->taken_at, b->w->fs->zone);
		buf_addf(&b->note, "made against the live schema seen at %s, for: ", when);
	} else {
		buf_adds(&b->note, "no plan, for the live schema is not known: ");
	}
	add_line(&b->note, why->text);
}

/* What a plan depends on; of a backup that does not tell its schema's hash, also its id. */
static void add_keys(struct basis *b)
{
	const struct backup *backup = b->backup;

	buf_addf(&b->key, "%s/%s/%x/%s/%s/%d/%s/", backup->schema_hash, backup->server_family,
	         backup->visible, backup->server_version, b->live ? b->live->hash : "",
	         b->known, b->note.data);
	filename_add(&b->key, backup->database);
	buf_addf(&b->alone, "%s/%s", backup->id, b->key.data);
}

static void basis_init(struct basis *b, struct worker *w, const struct backup *backup)
{
	struct error why = ERROR_INIT;
	int found;

	*b = (struct basis){ .w = w,
		             .backup = backup,
		             .known = true,
		             .note = BUF_INIT,
		             .key = BUF_INIT,
		             .alone = BUF_INIT };
	found = live_schema(&b->live, w->fs->live, backup->database, &why);
	if (found < 0)
		use_last(b, &why);
	add_keys(b);
}

/* The first line, which is each backup's own. */
static void add_title(struct buf *out, const struct backup *b)
{
	buf_adds(out, "-- rollback of database ");
	add_line(out, b->database);
	buf_addf(out, " to backup %s\n", b->id);
}

static void add_excuse(struct buf *out, const char *why)
{
	buf_adds(out, "-- ");
	add_line(out, why);
	buf_addc(out, '\n');
}

/* There is no plan, though both schemas are known and whole. */
static bool has_no_plan(enum error_code code)
{
	return code == ERR_UNSUPPORTED || code == ERR_REFUSED || code == ERR_INVALID;
}

static int make(void *arg, struct buf *out, struct error *err)
{
	struct basis *b = arg;
	const struct rollback_basis against = {
		.live = b->live ? b->live->schema : NULL,
		.live_hash = b->live ? b->live->hash : "",
		.note = b->note.len > 0 ? b->note.data : NULL,
	};
	size_t before = out->len;
	autobuf why = BUF_INIT;

	b->own = false;
	if (!b->known) {
		add_excuse(out, against.note);
		return 0;
	}
	if (rollback_script(out, &b->own, b->w->repo, b->backup, &against, err) == 0)
		return 0;
	if (!has_no_plan(err->code))
		return error_wrap(err, "plan.sql of backup %s", b->backup->id);
	buf_truncate(out, before);
	buf_addf(&why, "no plan: %s", err->text);
	b->own = strstr(err->text, b->backup->id) != NULL;
	add_excuse(out, why.data);
	error_clear(err);
	return 0;
}

/* No bytes for a plan that is not the same for all backups of the schema. */
static int make_shared(void *arg, struct buf *out, struct error *err)
{
	const struct basis *b = arg;
	size_t before = out->len;

	if (make(arg, out, err) < 0)
		return -1;
	if (b->own)
		buf_truncate(out, before);
	return 0;
}

/* All but the title. */
static int get_steps(struct content **out, struct basis *b, struct error *err)
{
	struct cache *plans = b->w->fs->plans;
	DEFER(content) *shared = NULL;

	if (!*b->backup->schema_hash)
		return cache_get(out, plans, b->alone.data, make, b, err);
	if (cache_get(&shared, plans, b->key.data, make_shared, b, err) < 0)
		return -1;
	if (shared->len == 0)
		return cache_get(out, plans, b->alone.data, make, b, err);
	*out = take(shared);
	return 0;
}

/* The length of that, when it is known. */
static bool known_length(uint64_t *out, const struct basis *b)
{
	struct cache *plans = b->w->fs->plans;

	if (*b->backup->schema_hash && cache_length(plans, b->key.data, out) && *out > 0)
		return true;
	return cache_length(plans, b->alone.data, out);
}

int plan_text(struct content **out, struct worker *w, const struct backup *b, struct error *err)
{
	DEFER(content) *steps = NULL;
	autobuf text = BUF_INIT;
	struct basis basis;
	int result;

	basis_init(&basis, w, b);
	result = get_steps(&steps, &basis, err);
	basis_finish(&basis);
	if (result < 0)
		return -1;
	add_title(&text, b);
	buf_add(&text, steps->data, steps->len);
	*out = content_new(&text);
	return 0;
}

uint64_t plan_version(struct worker *w, const struct backup *b)
{
	struct basis basis;
	uint64_t hash;

	basis_init(&basis, w, b);
	hash = hash_text(HASH_START, basis.alone.data);
	basis_finish(&basis);
	return hash;
}

int plan_length(uint64_t *out, struct worker *w, const struct backup *b, struct error *err)
{
	DEFER(content) *steps = NULL;
	autobuf title = BUF_INIT;
	struct basis basis;
	int result = 0;

	basis_init(&basis, w, b);
	if (!known_length(out, &basis)) {
		result = get_steps(&steps, &basis, err);
		if (result == 0)
			*out = steps->len;
	}
	basis_finish(&basis);
	add_title(&title, b);
	*out += title.len;
	return result;
}

/* Of the live schema, as far as plans depend on it; NULL: the server is away. Caller frees. */
static char *live_state(struct fsys *fs, const char *database)
{
	DEFER(snapshot) *live = NULL;
	struct error err = ERROR_INIT;
	int found = live_schema(&live, fs->live, database, &err);

	error_clear(&err);
	if (found < 0)
		return NULL;
	return mem_strdup(live ? live->hash : "-");
}

bool plan_promise(struct worker *w, const struct backup *b)
{
	autofree char *state = live_state(w->fs, b->database);

	return state && promises_give(w->fs->promises, b->database, state, b->row);
}

int64_t *plan_news(size_t *count, struct fsys *fs, const char *database)
{
	autofree char *state = live_state(fs, database);

	return promises_break(count, fs->promises, database, state ? state : "away");
}
