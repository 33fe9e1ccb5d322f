/* SPDX-License-Identifier: MIT */
/*
 * Any bytes as retention options and backups: what must never be deleted is kept, each decision
 * has a reason, and more to keep never deletes more. Never a crash.
 *
 * Up to the first NUL an input is a configuration, behind it are backups of 8 bytes each.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "catalog/backup.h"
#include "engine/base/error.h"
#include "engine/base/mem.h"
#include "engine/config/config.h"
#include "engine/repo/retention.h"

#define NOW         INT64_C(1795392000)
#define LAST        INT64_C(253402300799) /* of the year 9999 */
#define BACKUPS_MAX ((size_t)64)
#define RECORD      ((size_t)8)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct history {
	struct backup *items[BACKUPS_MAX];
	size_t count;
};

static void must(bool holds)
{
	if (!holds)
		abort();
}

/* An age of either sign, a database of four, a status, tags. Moments are those of metadata. */
static struct backup *read_backup(const uint8_t r[RECORD], size_t i)
{
	static const char *const databases[] = { "shop", "crm", "Shop", "" };
	static const char *const types[] = { "manual", "pre-migration", "pre-rollback",
		                             "daily" };
	struct backup *b = backup_new();
	int64_t age = 0;
	char id[32];

	for (size_t k = 0; k < 4; k++)
		age = age * 256 + r[k];
	age *= INT64_C(1) << (r[4] & 15);
	snprintf(id, sizeof(id), "b%zu", i);
	backup_set(&b->id, id);
	backup_set(&b->database, databases[r[5] & 3]);
	b->created_at = NOW - (r[4] & 128 ? -age : age);
	b->created_at = b->created_at < 0 ? 0 : b->created_at > LAST ? LAST : b->created_at;
	b->status = r[6] & 128 ? (enum backup_status)(r[6] % BACKUP_STATUS_COUNT)
	                       : BACKUP_COMPLETED;
	backup_tag_set(b, "type", types[r[7] & 3]);
	if (r[7] & 128)
		backup_tag_set(b, "protected", "true");
	return b;
}

static int newest_first(const void *a, const void *b)
{
	const struct backup *x = *(struct backup *const *)a, *y = *(struct backup *const *)b;

	return (x->created_at < y->created_at) - (x->created_at > y->created_at);
}

/* What the rules say of the completed backups of a database, newest first. */
static void check_group(const struct history *h, const struct retention_decision *d,
                        const struct retention_policy *p, const char *database)
{
	int64_t seen = 0;

	for (size_t i = 0; i < h->count; i++) {
		const struct backup *b = h->items[i];
		const char *protected_tag = backup_tag_get(b, "protected");

		if (b->status != BACKUP_COMPLETED || strcmp(b->database, database) != 0)
			continue;
		seen++;
		must(seen > 1 || d[i].keep);
		must(seen > p->keep_last || d[i].keep);
		must(!protected_tag || d[i].keep);
		must(p->keep_within == 0 || NOW - b->created_at > p->keep_within || d[i].keep);
		must(p->max_backups > 0 || p->max_age > 0 || d[i].keep);
	}
}

static void check(const struct history *h, const struct retention_policy *p)
{
	const struct backup *const *items = (const struct backup *const *)h->items;
	struct retention_policy more = *p;
	struct retention_decision d[BACKUPS_MAX], with_more[BACKUPS_MAX];

	more.keep_daily++;
	more.keep_last++;
	retention_decide(d, items, h->count, p, NOW);
	retention_decide(with_more, items, h->count, &more, NOW);
	for (size_t i = 0; i < h->count; i++) {
		const struct backup *b = h->items[i];

		must(d[i].backup == b && d[i].reasons.len > 0);
		must(b->status != BACKUP_CORRUPTED || d[i].keep);
		must(!d[i].keep || with_more[i].keep);
		if (*b->database)
			check_group(h, d, p, b->database);
	}
	retention_finish(d, h->count);
	retention_finish(with_more, h->count);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *end = memchr(data, 0, size);
	struct history h = { .count = 0 };
	struct retention_policy p;
	DEFER(config) *c = NULL;
	struct error err = ERROR_INIT;

	if (!end ||
	    config_parse(&c, (const char *)data, (size_t)(end - data), "fuzz.yaml", &err) < 0)
		return 0;
	retention_policy_from_config(&p, c);
	for (const uint8_t *r = end + 1;
	     (size_t)(data + size - r) >= RECORD && h.count < BACKUPS_MAX; r += RECORD) {
		h.items[h.count] = read_backup(r, h.count);
		h.count++;
	}
	if (h.count > 0)
		qsort(h.items, h.count, sizeof(h.items[0]), newest_first);
	check(&h, &p);
	for (size_t i = 0; i < h.count; i++)
		backup_free(h.items[i]);
	return 0;
}
