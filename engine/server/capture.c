/* SPDX-License-Identifier: MIT */
#include "engine/server/capture.h"

#include <string.h>
#include <time.h>

#include "engine/base/arena.h"
#include "engine/base/buf.h"
#include "engine/base/error.h"
#include "engine/base/log.h"
#include "engine/base/mem.h"
#include "engine/schema/quote.h"
#include "engine/server/count.h"
#include "engine/server/listing.h"
#include "engine/server/mend.h"
#include "engine/server/quiet.h"
#include "engine/server/session.h"
#include "engine/server/texts.h"

#define LOG_MODULE "server/capture"

#define ATTEMPTS 5
#define PAUSE_MS 50 /* after the first attempt; doubled after each */

enum outcome { OUTCOME_NO_DATABASE, OUTCOME_DONE, OUTCOME_CHANGED };

/* A pass over the texts: of all objects, or again of those that are doubtful. */
struct pass {
	const struct listing *listing;
	size_t *which; /* indexes into the listing */
	size_t count;
	struct schema *schema; /* the objects, in the order of which[]; not finished */
	enum text_state *states;
};

static void pass_free(struct pass *p)
{
	if (!p)
		return;
	schema_free(p->schema);
	free(p->states);
	free(p->which);
	free(p);
}
DEFINE_DEFER(pass, pass_free)

static struct pass *pass_new(const struct listing *l)
{
	struct pass *p = mem_alloc(sizeof(*p));

	p->listing = l;
	p->schema = schema_new(l->database);
	p->which = mem_array(l->count, sizeof(*p->which));
	p->states = mem_array(l->count, sizeof(*p->states));
	return p;
}

static int pass_run(struct pass *p, struct server *s, struct error *err)
{
	const struct texts_wanted wanted = { p->listing, p->which, p->count, p->states };

	return texts_read(p->schema, s, &wanted, err);
}

static bool pass_read_all(const struct pass *p)
{
	for (size_t i = 0; i < p->count; i++)
		if (p->states[i] != TEXT_READ)
			return false;
	return true;
}

/* Were the texts that were read twice the same both times? */
static bool passes_agree(const struct pass *all, const struct pass *again)
{
	for (size_t i = 0; i < again->count; i++)
		if (!object_equal(&again->schema->objects[i],
		                  &all->schema->objects[again->which[i]]))
			return false;
	return true;
}

/* Takes the kinds of what could not be read from the listing that knows them. */
static bool take_kinds(struct pass *all, const struct listing *second)
{
	for (size_t i = 0; i < all->count; i++) {
		struct object *o = &all->schema->objects[i];

		if (all->states[i] != TEXT_READ)
			o->kind = second->items[i].kind;
		if (o->kind != second->items[i].kind)
			return false;
	}
	return true;
}

/*
 * Were the texts those of one moment, the second listing? Both listings show the same objects
 * in the same versions. A text that is not doubtful did not change from before the first
 * listing on; a doubtful one was the same before and after the second.
 */
static int compare_again(struct pass *all, struct server *s, struct error *err)
{
	const struct listing *first = all->listing;
	DEFER(listing) *second = NULL;
	DEFER(pass) *again = NULL;
	int found = listing_read(&second, s, first->database, first, err);

	if (found <= 0)
		return found < 0 ? -1 : OUTCOME_CHANGED;
	if (!listing_agrees(first, second) || !take_kinds(all, second))
		return OUTCOME_CHANGED;
	again = pass_new(second);
	for (size_t i = 0; i < all->count; i++)
		if (second->items[i].doubtful || all->states[i] == TEXT_MISSING)
			again->which[again->count++] = i;
	if (again->count && pass_run(again, s, err) < 0)
		return -1;
	return passes_agree(all, again) ? OUTCOME_DONE : OUTCOME_CHANGED;
}

/* A kind that was seen in part must not look as if the rest had been dropped. */
static unsigned int visible_kinds(const struct pass *all)
{
	unsigned int visible = all->listing->visible;

	for (size_t i = 0; i < all->count; i++)
		if (all->states[i] == TEXT_DENIED)
			visible &= ~OBJECT_KIND_BIT(all->schema->objects[i].kind);
	return visible;
}

static int read_consistently(struct schema **out, struct server *s, const struct quiet *quiet,
                             const struct listing *first, struct error *err)
{
	DEFER(pass) *all = pass_new(first);
	int outcome, still = 0;

	while (all->count < first->count) {
		all->which[all->count] = all->count;
		all->count++;
	}
	if (pass_run(all, s, err) < 0)
		return -1;
	/* What could not be read was dropped, or is a mystery: the second listing decides. */
	if (first->sees_processes && pass_read_all(all))
		still = quiet_is_still(quiet, s, err);
	if (still < 0)
		return -1;
	outcome = still ? OUTCOME_DONE : compare_again(all, s, err);
	if (outcome != OUTCOME_DONE)
		return outcome;
	all->schema->visible = visible_kinds(all);
	*out = take(all->schema);
	return OUTCOME_DONE;
}

static void describe(struct schema *schema, const struct listing *l,
                     const struct server_info *info)
{
	schema->charset = arena_strdup(schema->arena, l->charset);
	schema->collation = arena_strdup(schema->arena, l->collation);
	schema->family = info->family;
	schema->server_version = arena_strdup(schema->arena, info->version);
	schema->version_number = info->version_number;
	schema->lower_case_table_names = info->lower_case_table_names;
}

/* A kind of object that only MySQL has, and we do not keep: it shall at least be named. */
static int count_libraries(struct schema *schema, struct server *s, struct error *err)
{
	const unsigned int first = 90200;
	autobuf sql = BUF_INIT;
	uint64_t count = 0;

	if (schema->family != SERVER_MYSQL || schema->version_number < first)
		return 0;
	buf_adds(&sql, "SELECT COUNT(*) FROM information_schema.LIBRARIES WHERE "
	               "LIBRARY_SCHEMA = ");
	quote_string(&sql, schema->name);
	if (count_query(&count, 1, s, sql.data, 0, err) < 0)
		return -1;
	schema->libraries = (size_t)count;
	return 0;
}

static int attempt(struct schema **out, struct server *s, const char *database,
                   struct error *err)
{
	DEFER(listing) *l = NULL;
	DEFER(schema) *schema = NULL;
	struct quiet quiet = { 0 };
	int found, outcome;

	if (quiet_begin(&quiet, s, err) < 0)
		return -1;
	found = listing_read(&l, s, database, NULL, err);
	if (found <= 0)
		return found < 0 ? -1 : OUTCOME_NO_DATABASE;
	outcome = read_consistently(&schema, s, &quiet, l, err);
	if (outcome < 0 && err->code == ERR_NOT_FOUND) { /* the database went away meanwhile */
		error_clear(err);
		return OUTCOME_CHANGED;
	}
	if (outcome != OUTCOME_DONE)
		return outcome;
	describe(schema, l, server_info(s));
	if (count_libraries(schema, s, err) < 0 || mend_schema(schema, s, err) < 0 ||
	    schema_finish(schema, err) < 0)
		return -1;
	*out = take(schema);
	return OUTCOME_DONE;
}

static void pause_ms(long ms)
{
	const struct timespec t = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 };

	nanosleep(&t, NULL); /* a signal may cut it short */
}

int capture_schema(struct schema **out, struct server *s, const char *database,
                   struct error *err)
{
	autobuf name = BUF_INIT;
	int found = listing_database(&name, s, database, err);

	for (int i = 0; found > 0 && i < ATTEMPTS; i++) {
		int outcome = attempt(out, s, name.data, err);

		if (outcome == OUTCOME_DONE || outcome == OUTCOME_NO_DATABASE)
			return outcome == OUTCOME_DONE;
		if (outcome < 0)
			return error_wrap(err, "database %s", database);
		log_info("database %s changed while it was read (attempt %d of %d)", database,
		         i + 1, ATTEMPTS);
		pause_ms((long)PAUSE_MS << i);
	}
	if (found <= 0)
		return found < 0 ? error_wrap(err, "database %s", database) : 0;
	error_set(err, ERR_BUSY, "database %s: the schema changed during each of %d attempts",
	          database, ATTEMPTS);
	return error_hint(err, "Try again when the statements that change it are done.");
}
