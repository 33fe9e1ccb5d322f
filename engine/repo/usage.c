/* SPDX-License-Identifier: MIT */
#include "engine/repo/usage.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "catalog/catalog.h"
#include "engine/base/clock.h"
#include "engine/base/json.h"
#include "engine/base/map.h"
#include "engine/base/mem.h"
#include "engine/repo/repo.h"

#define DAY ((int64_t)86400)

static const struct {
	const char *name;
	int64_t most; /* seconds; 0: any */
} ages[USAGE_AGE_COUNT] = {
	[USAGE_DAILY] = { "daily", DAY },
	[USAGE_WEEKLY] = { "weekly", 7 * DAY },
	[USAGE_MONTHLY] = { "monthly", 30 * DAY },
	[USAGE_OLDER] = { "older", 0 },
};

void usage_free(struct usage *u)
{
	if (!u)
		return;
	for (size_t i = 0; i < u->database_count; i++)
		free(u->databases[i].name);
	free(u->databases);
	free(u->location);
	free(u);
}

static enum usage_age age_of(int64_t seconds)
{
	enum usage_age a = USAGE_DAILY;

	while (ages[a].most > 0 && seconds > ages[a].most)
		a++;
	return a;
}

static void total_add(struct usage_total *t, const struct backup *b)
{
	t->count++;
	t->size += b->size;
	t->stored += b->stored_size;
}

static void extreme_set(struct usage_extreme *e, const struct backup *b)
{
	snprintf(e->id, sizeof(e->id), "%s", b->id);
	e->stored = b->stored_size;
}

/* Does anything of it lie in the store? */
static bool is_stored(const struct backup *b)
{
	return b->status != BACKUP_FAILED && b->status != BACKUP_CREATING;
}

static void sum_add(struct usage_sum *s, const struct backup *b, int64_t now)
{
	s->statuses[b->status]++;
	if (!is_stored(b))
		return;
	total_add(&s->all, b);
	total_add(&s->ages[age_of(now - b->created_at)], b);
	if (!*s->largest.id || b->stored_size > s->largest.stored)
		extreme_set(&s->largest, b);
	if (!*s->smallest.id || b->stored_size < s->smallest.stored)
		extreme_set(&s->smallest, b);
	if (s->oldest == 0 || b->created_at < s->oldest)
		s->oldest = b->created_at;
	if (b->created_at > s->newest)
		s->newest = b->created_at;
}

struct collecting {
	struct usage *usage;
	struct map *places; /* name to index + 1 */
	size_t capacity;
};

static struct usage_sum *sum_of(struct collecting *c, const char *database)
{
	struct usage *u = c->usage;
	size_t place = (size_t)(uintptr_t)map_get(c->places, database);

	if (place == 0) {
		MEM_GROW(u->databases, u->database_count, c->capacity);
		u->databases[u->database_count++] =
			(struct usage_database){ .name = mem_strdup(database) };
		place = u->database_count;
		map_set(c->places, database,
		        (void *)(uintptr_t)place); // NOLINT(performance-no-int-to-ptr)
	}
	return &u->databases[place - 1].sum;
}

static int collect(void *arg, const struct backup *b, struct error *err)
{
	struct collecting *c = arg;

	(void)err;
	sum_add(&c->usage->sum, b, c->usage->generated_at);
	sum_add(sum_of(c, b->database), b, c->usage->generated_at);
	return 0;
}

static int by_name(const void *a, const void *b)
{
	const struct usage_database *x = a, *y = b;

	return strcmp(x->name, y->name);
}

int repo_usage(struct usage **out, struct repo *r, const char *database, struct error *err)
{
	const struct catalog_filter f = { .database = database };
	DEFER(usage) *u = mem_alloc(sizeof(*u));
	DEFER(map) *places = map_new();
	struct collecting c = { .usage = u, .places = places };

	u->generated_at = clock_now();
	u->location = mem_strdup(repo_location(r));
	if (catalog_backup_each(repo_catalog(r), &f, collect, &c, err) < 0)
		return -1;
	if (u->database_count > 1)
		qsort(u->databases, u->database_count, sizeof(*u->databases), by_name);
	*out = take(u);
	return 0;
}

/* Scripts compare these figures with bc, which knows no exponents: four decimals at most. */
static double four_decimals(double v)
{
	return round(v * 10000) / 10000;
}

double usage_ratio(const struct usage_total *t)
{
	return t->size == 0 ? 0 : four_decimals((double)t->stored / (double)t->size);
}

static void set_time(struct json *v, const char *key, int64_t t)
{
	char text[CLOCK_TEXT_MAX];

	if (t > 0)
		clock_format_utc(text, t);
	json_set_str(v, key, t > 0 ? text : NULL);
}

static void set_total(struct json *v, const struct usage_total *t)
{
	json_set_int(v, "backup_count", (int64_t)t->count);
	json_set_int(v, "total_size", (int64_t)t->size);
	json_set_int(v, "compressed_size", (int64_t)t->stored);
	json_set_real(v, "compression_ratio", usage_ratio(t));
}

static struct json *extreme_json(const struct usage_extreme *e)
{
	struct json *v;

	if (!*e->id)
		return json_null();
	v = json_object();
	json_set_str(v, "id", e->id);
	json_set_int(v, "compressed_size", (int64_t)e->stored);
	return v;
}

static struct json *ages_json(const struct usage_sum *s)
{
	struct json *all = json_object();

	for (size_t i = 0; i < USAGE_AGE_COUNT; i++) {
		struct json *v = json_object();

		json_set_str(v, "age_group", ages[i].name);
		set_total(v, &s->ages[i]);
		json_set(all, ages[i].name, v);
	}
	return all;
}

static struct json *statuses_json(const struct usage_sum *s)
{
	struct json *v = json_object();

	for (size_t i = 0; i < BACKUP_STATUS_COUNT; i++)
		json_set_int(v, backup_status_name((enum backup_status)i),
		             (int64_t)s->statuses[i]);
	return v;
}

/* What of that which is kept came in the last day, week and 30 days. */
static struct json *growth_json(const struct usage_sum *s)
{
	static const char *const names[] = { "daily_growth", "weekly_growth",
		                             "monthly_growth" };
	struct json *v = json_object();
	uint64_t stored = 0;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		stored += s->ages[i].stored;
		json_set_int(v, names[i], (int64_t)stored);
	}
	return v;
}

static uint64_t average(const struct usage_total *t)
{
	return t->count == 0 ? 0 : t->stored / t->count;
}

static struct json *database_json(const struct usage_database *d, bool detailed)
{
	struct json *v = json_object();

	json_set_str(v, "database_name", d->name);
	set_total(v, &d->sum.all);
	set_time(v, "oldest_backup", d->sum.oldest);
	set_time(v, "newest_backup", d->sum.newest);
	if (!detailed)
		return v;
	json_set_int(v, "average_backup_size", (int64_t)average(&d->sum.all));
	json_set(v, "largest_backup", extreme_json(&d->sum.largest));
	json_set(v, "smallest_backup", extreme_json(&d->sum.smallest));
	json_set(v, "backups_by_status", statuses_json(&d->sum));
	json_set(v, "backups_by_age", ages_json(&d->sum));
	json_set(v, "storage_growth", growth_json(&d->sum));
	return v;
}

static struct json *provider_json(const struct usage *u)
{
	autofree char *name = mem_strndup(u->location, strcspn(u->location, ":"));
	struct json *all = json_object(), *v = json_object();

	json_set_str(v, "provider", name);
	json_set_str(v, "location", u->location);
	set_total(v, &u->sum.all);
	json_set(all, name, v);
	return all;
}

struct json *usage_json(const struct usage *u, bool detailed)
{
	static const double gigabyte = 1024.0 * 1024 * 1024;
	const struct usage_total *all = &u->sum.all;
	struct json *v = json_object(), *databases = json_object();

	json_set_int(v, "backup_count", (int64_t)all->count);
	json_set_int(v, "total_backups", (int64_t)all->count);
	json_set_real(v, "total_size_gb", four_decimals((double)all->stored / gigabyte));
	json_set_int(v, "total_size", (int64_t)all->size);
	json_set_int(v, "total_compressed_size", (int64_t)all->stored);
	json_set_real(v, "compression_ratio", usage_ratio(all));
	json_set_int(v, "average_backup_size", (int64_t)average(all));
	json_set(v, "largest_backup", extreme_json(&u->sum.largest));
	json_set(v, "smallest_backup", extreme_json(&u->sum.smallest));
	set_time(v, "oldest_backup", u->sum.oldest);
	set_time(v, "newest_backup", u->sum.newest);
	json_set(v, "backups_by_status", statuses_json(&u->sum));
	json_set(v, "storage_by_provider", provider_json(u));
	for (size_t i = 0; i < u->database_count; i++)
		json_set(databases, u->databases[i].name,
		         database_json(&u->databases[i], detailed));
	json_set(v, "storage_by_database", databases);
	json_set(v, "storage_by_age", ages_json(&u->sum));
	json_set(v, "storage_growth", growth_json(&u->sum));
	set_time(v, "generated_at", u->generated_at);
	return v;
}
