/* SPDX-License-Identifier: MIT */
#include "fs/plan.h"

#include "engine/base/buf.h"
#include "engine/base/clock.h"
#include "engine/base/error.h"
#include "engine/repo/rollback.h"
#include "fs/cache.h"
#include "fs/content.h"
#include "fs/fsys.h"
#include "fs/hash.h"
#include "fs/live.h"

/* Against what a plan is made. */
struct basis {
	struct worker *w;
	const struct backup *backup;
	struct snapshot *live; /* NULL: the database is not there, or nothing is known */
	bool known;
	struct buf note; /* a line for the head of the plan; empty: none */
	struct buf key;  /* in the cache: changes with everything above */
};

static void basis_finish(struct basis *b)
{
	snapshot_drop(b->live);
	buf_finish(&b->note);
	buf_finish(&b->key);
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

static void basis_init(struct basis *b, struct worker *w, const struct backup *backup)
{
	struct error why = ERROR_INIT;
	int found;

	*b = (struct basis){
		.w = w, .backup = backup, .known = true, .note = BUF_INIT, .key = BUF_INIT
	};
	found = live_schema(&b->live, w->fs->live, backup->database, &why);
	if (found < 0)
		use_last(b, &why);
	buf_addf(&b->key, "%s/%s/%d/%s", backup->id, b->live ? b->live->hash : "", b->known,
	         b->note.data);
}

static void add_excuse(struct buf *out, const struct backup *b, const char *why)
{
	buf_adds(out, "-- rollback of database ");
	add_line(out, b->database);
	buf_addf(out, " to backup %s\n-- ", b->id);
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
	const struct basis *b = arg;
	const char *note = b->note.len > 0 ? b->note.data : NULL;
	size_t before = out->len;
	autobuf why = BUF_INIT;

	if (!b->known) {
		add_excuse(out, b->backup, note);
		return 0;
	}
	if (rollback_script(out, b->w->repo, b->backup->id, b->live ? b->live->schema : NULL,
	                    note, err) == 0)
		return 0;
	if (!has_no_plan(err->code))
		return error_wrap(err, "plan.sql of backup %s", b->backup->id);
	buf_truncate(out, before);
	buf_addf(&why, "no plan: %s", err->text);
	add_excuse(out, b->backup, why.data);
	error_clear(err);
	return 0;
}

int plan_text(struct content **out, struct worker *w, const struct backup *b, struct error *err)
{
	struct basis basis;
	int result;

	basis_init(&basis, w, b);
	result = cache_get(out, w->fs->plans, basis.key.data, make, &basis, err);
	basis_finish(&basis);
	return result;
}

uint64_t plan_version(struct worker *w, const struct backup *b)
{
	struct basis basis;
	uint64_t hash;

	basis_init(&basis, w, b);
	hash = hash_text(HASH_START, basis.key.data);
	basis_finish(&basis);
	return hash;
}

int plan_length(uint64_t *out, struct worker *w, const struct backup *b, struct error *err)
{
	DEFER(content) *text = NULL;
	struct basis basis;
	int result = 0;

	basis_init(&basis, w, b);
	if (!cache_length(w->fs->plans, basis.key.data, out)) {
		result = cache_get(&text, w->fs->plans, basis.key.data, make, &basis, err);
		if (result == 0)
			*out = text->len;
	}
	basis_finish(&basis);
	return result;
}
