/* SPDX-License-Identifier: MIT */
#include "tests/unit/test.h"

#include "engine/store/s3_page.h"

#define KEY(key, size) "<Contents><Key>" key "</Key><ETag>\"e\"</ETag>" size "</Contents>"
#define SIZE           "<Size>12</Size>"
#define PAGE(rest)                                                                   \
	"<ListBucketResult><Prefix>p/</Prefix><IsTruncated>false</IsTruncated>" rest \
	"</ListBucketResult>"

static void keys_come_with_their_state(void **state)
{
	static const char xml[] = PAGE(KEY("p%2Fa%20b+c", SIZE) KEY("p/d", SIZE));
	struct error err = ERROR_INIT;
	struct s3_page p;

	(void)state;
	s3_page_init(&p);
	assert_ok(s3_page_parse(&p, xml, sizeof(xml) - 1, "p/", "p/", &err));
	assert_int_equal(p.count, 2);
	assert_string_equal(p.entries[0].key, "p/a b c");
	assert_int_equal(p.entries[0].stat.size, 12);
	assert_string_equal(p.entries[0].stat.version, "e");
	assert_false(p.truncated);
	s3_page_finish(&p);
}

/* A key that seems to end early would be taken for another. */
static void a_nul_in_a_key_does_not_end_it(void **state)
{
	static const char xml[] = PAGE(KEY("p/backup_1.meta%00more", SIZE));
	struct error err = ERROR_INIT;
	struct s3_page p;

	(void)state;
	s3_page_init(&p);
	assert_ok(s3_page_parse(&p, xml, sizeof(xml) - 1, "p/", "p/", &err));
	assert_string_equal(p.entries[0].key, "p/backup_1.meta\001more");
	s3_page_finish(&p);
}

static void pages_that_were_not_asked_for_are_refused(void **state)
{
	static const struct {
		const char *xml, *why;
	} cases[] = {
		{ PAGE(KEY("p/a", "")), "without size" },
		{ PAGE(KEY("p/b", SIZE) KEY("p/a", SIZE)), "does not come after" },
		{ PAGE(KEY("q/a", SIZE)), "does not come after" },
		{ PAGE("<KeyCount>1</KeyCount>"), "want 1 keys, got 0" },
		{ PAGE("<Contents></Contents>"), "an entry too many" },
		{ PAGE("<Prefix>q/</Prefix>"), "want prefix p/" },
		{ PAGE("<StartAfter>p/z</StartAfter>"), "want the page after" },
		{ PAGE("<IsTruncated>true</IsTruncated>"), "not the last" },
		{ "<ListBucketResult><Prefix>p/</Prefix></ListBucketResult>", "the last" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct error err = ERROR_INIT;
		struct s3_page p;

		s3_page_init(&p);
		assert_int_equal(
			s3_page_parse(&p, cases[i].xml, strlen(cases[i].xml), "p/", "p/", &err),
			-1);
		assert_non_null(strstr(err.text, cases[i].why));
		s3_page_finish(&p);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_come_with_their_state),
		cmocka_unit_test(a_nul_in_a_key_does_not_end_it),
		cmocka_unit_test(pages_that_were_not_asked_for_are_refused),
	};

	return cmocka_run_group_tests_name("s3_page", tests, NULL, NULL);
}
