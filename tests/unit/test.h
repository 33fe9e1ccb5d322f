/* SPDX-License-Identifier: MIT */
/*
 * test: what every unit test needs: cmocka, and assertions on a struct error
 * that the test calls err.
 */
#ifndef TESTS_UNIT_TEST_H
#define TESTS_UNIT_TEST_H

/* cmocka 1.1.5 needs these in this order. */
/* clang-format off */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */

#include <stdio.h>
#include <string.h>

#include "engine/base/error.h"

/*
 * Ends a test that cannot be made on this machine. (cmocka 1.1.5's own skip()
 * says "not ok # SKIP", which Meson takes for a failure.)
 */
#define skip_because(why)                                              \
	do {                                                           \
		fprintf(stderr, "%s is skipped: %s\n", __func__, why); \
		return;                                                \
	} while (0)

/* The call succeeds; otherwise the error's text is the message. */
#define assert_ok(call)                                                                 \
	do {                                                                            \
		if ((call) < 0)                                                         \
			fail_msg("%s: %s (%s)", #call, err.text, error_name(err.code)); \
	} while (0)

/* The call fails with this code and a text that contains this; err is empty again after. */
#define assert_fails(call, want_code, part)                                               \
	do {                                                                              \
		if ((call) >= 0)                                                          \
			fail_msg("%s succeeded", #call);                                  \
		if (err.code != (want_code))                                              \
			fail_msg("%s: want %s, got %s: %s", #call, error_name(want_code), \
			         error_name(err.code), err.text);                         \
		if (!strstr(err.text, (part)))                                            \
			fail_msg("%s: \"%s\" is not in \"%s\"", #call, (part), err.text); \
		error_clear(&err);                                                        \
	} while (0)

#endif
