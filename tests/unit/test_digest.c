/* SPDX-License-Identifier: MIT */
#include "tests/unit/test.h"

#include "engine/codec/digest.h"

static void check(const struct digest *d, const char *want)
{
	char hex[DIGEST_HEX_SIZE];

	digest_hex(hex, d);
	assert_string_equal(hex, want);
}

static void the_published_vectors_hold(void **state)
{
	struct digest d;

	(void)state;
	digest_of(&d, "", 0);
	check(&d, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	digest_of(&d, "abc", 3);
	check(&d, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

static void pieces_give_what_the_whole_gives(void **state)
{
	struct digest_state *s = digest_begin();
	struct digest d;

	(void)state;
	digest_update(s, "a", 1);
	digest_update(s, "", 0);
	digest_update(s, "bc", 2);
	digest_end(s, &d);
	check(&d, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_published_vectors_hold),
		cmocka_unit_test(pieces_give_what_the_whole_gives),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
