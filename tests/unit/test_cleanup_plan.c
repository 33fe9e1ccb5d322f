/* SPDX-License-Identifier: MIT */
#include "engine/repo/cleanup_plan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "catalog/backup.h"
#include "engine/base/buf.h"
#include "engine/base/clock.h"
#include "engine/repo/retention.h"
#include "tests/unit/test.h"

#define STORAGE "local:/copies"
#define NOW     ((int64_t)1795392000) /* 2026-11-23T00:00:00Z */
#define COUNT   ((size_t)4)

/* A plan from text, through a file that goes away at once. */
static int read_plan(struct cleanup_plan **out, const char *text, struct error *err)
{
	char path[] = "/tmp/schemafs-plan-XXXXXX";
	int fd = mkstemp(path);
	int result;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
	result = cleanup_plan_read(out, path, STORAGE, err);
	unlink(path);
	return result;
}

/* Four backups of shop, a day between them, newest first. */
static void make(struct backup_list *out)
{
	struct error err = ERROR_INIT;

	for (size_t i = 0; i < COUNT; i++) {
		DEFER(backup) *b = backup_new();
		char id[64];

		snprintf(id, sizeof(id), "backup_20261120_000000_0000000%zu", i);
		backup_set(&b->id, id);
		backup_set(&b->database, "shop");
		b->created_at = NOW - 8 * 86400 - (int64_t)i * 86400;
		b->status = BACKUP_COMPLETED;
		backup_list_add(out, b, &err);
	}
}

/* A plan by the letters of `actions`: k keep, d delete, for the backups in their order. */
static struct cleanup_plan *plan(const struct backup_list *l, const char *actions)
{
	struct error err = ERROR_INIT;
	struct cleanup_plan *p = NULL;
	autobuf text = BUF_INIT;

	buf_adds(&text, "{\"dry_run\":true,\"storage\":\"" STORAGE "\",\"backups\":[");
	for (size_t i = 0; actions[i]; i++) {
		char created[CLOCK_TEXT_MAX];

		clock_format_utc(created, l->items[i]->created_at);
		buf_addf(&text,
		         "%s{\"action\":\"%s\",\"backup_id\":\"%s\",\"database_name\":\"shop\","
		         "\"created_at\":\"%s\",\"status\":\"COMPLETED\"}",
		         i ? "," : "", actions[i] == 'k' ? "keep" : "delete", l->items[i]->id,
		         created);
	}
	buf_adds(&text, "]}");
	assert_ok(read_plan(&p, text.data, &err));
	return p;
}

static int apply(char *kept, const struct cleanup_plan *p, const struct backup_list *l,
                 struct error *err)
{
	struct retention_decision d[COUNT];
	struct retention_policy policy;
	int result;

	cleanup_plan_strictest(&policy);
	retention_decide(d, (const struct backup *const *)l->items, l->count, &policy, NOW);
	result = cleanup_plan_apply(p, d, l->count, err);
	for (size_t i = 0; i < l->count; i++) {
		assert_true(d[i].reasons.len > 0);
		kept[i] = d[i].keep ? 'k' : 'd';
	}
	kept[l->count] = '\0';
	retention_finish(d, l->count);
	return result;
}

static void a_plan_is_carried_out_as_it_is(void **state)
{
	struct backup_list l = { 0 };
	struct error err = ERROR_INIT;
	DEFER(cleanup_plan) *p = NULL;
	char kept[COUNT + 1];

	(void)state;
	make(&l);
	p = plan(&l, "kdk"); /* it does not know the last */
	assert_ok(apply(kept, p, &l, &err));
	assert_string_equal(kept, "kdkk");
	backup_list_finish(&l);
}

static void what_may_not_go_any_more_stops_the_plan(void **state)
{
	static const struct {
		const char *actions, *protected_tag, *says;
		size_t gone; /* backups from the front of the list */
	} cases[] = {
		{ "dkkk", NULL, "must stay now: newest", 0 },
		{ "kdkk", "true", "must stay now: protected", 0 },
		{ "kkdk", NULL, "00000000 is not there any more", 1 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct backup_list l = { 0 };
		struct error err = ERROR_INIT;
		DEFER(cleanup_plan) *p = NULL;
		struct backup_list seen;
		char kept[COUNT + 1];

		make(&l);
		p = plan(&l, cases[i].actions);
		if (cases[i].protected_tag)
			backup_tag_set(l.items[1], "protected", cases[i].protected_tag);
		seen = (struct backup_list){ l.items + cases[i].gone, COUNT - cases[i].gone,
			                     0 };
		assert_fails(apply(kept, p, &seen, &err), ERR_REFUSED, cases[i].says);
		backup_list_finish(&l);
	}
}

static void a_backup_that_is_not_what_it_was_stops_the_plan(void **state)
{
	struct backup_list l = { 0 };
	struct error err = ERROR_INIT;
	DEFER(cleanup_plan) *p = NULL;
	char kept[COUNT + 1];

	(void)state;
	make(&l);
	p = plan(&l, "kkkd");
	l.items[3]->status = BACKUP_CORRUPTED;
	assert_fails(apply(kept, p, &l, &err), ERR_REFUSED, "is not what it was");
	backup_list_finish(&l);
}

static void what_is_no_plan_is_refused(void **state)
{
	static const struct {
		const char *text;
		enum error_code code;
		const char *says;
	} cases[] = {
		{ "", ERR_INVALID, "is no plan" },
		{ "[]", ERR_INVALID, "not the output of a dry run" },
		{ "{\"dry_run\":false,\"storage\":\"" STORAGE "\",\"backups\":[]}", ERR_INVALID,
		  "not the output of a dry run" },
		{ "{\"dry_run\":true,\"storage\":\"s3://b\",\"backups\":[]}", ERR_REFUSED,
		  "a plan for storage s3://b, not for " STORAGE },
		{ "{\"dry_run\":true,\"storage\":\"" STORAGE
		  "\",\"backups\":[{\"action\":\"burn\"}]}",
		  ERR_INVALID, "neither keep nor delete" },
		{ "{\"dry_run\":true,\"storage\":\"" STORAGE
		  "\",\"backups\":[{\"action\":\"keep\",\"backup_id\":\"../x\"}]}",
		  ERR_INVALID, "an id that is none" },
		{ "{\"dry_run\":true,\"storage\":\"" STORAGE
		  "\",\"backups\":[{\"action\":\"keep\",\"backup_id\":\"b\"},"
		  "{\"action\":\"delete\",\"backup_id\":\"b\"}]}",
		  ERR_INVALID, "twice" },
	};
	struct error err = ERROR_INIT;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		DEFER(cleanup_plan) *p = NULL;

		assert_fails(read_plan(&p, cases[i].text, &err), cases[i].code, cases[i].says);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_plan_is_carried_out_as_it_is),
		cmocka_unit_test(what_may_not_go_any_more_stops_the_plan),
		cmocka_unit_test(a_backup_that_is_not_what_it_was_stops_the_plan),
		cmocka_unit_test(what_is_no_plan_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
