/* SPDX-License-Identifier: MIT */
#include "fs/options.h"

#include <unistd.h>

#include "engine/base/buf.h"
#include "engine/base/cleanup.h"
#include "tests/unit/test.h"

/* The arguments end with NULL. */
static int parse(struct options *o, struct error *err, char **argv)
{
	int argc = 0;

	while (argv[argc])
		argc++;
	return options_parse(o, argc, argv, err);
}
#define PARSE(o, ...) parse((o), &err, (char *[]){ __VA_ARGS__, NULL })

static char program[] = "/usr/bin/schemafs";
static char helper[] = "/sbin/mount.fuse.schemafs";
static char minus_o[] = "-o";

#define ARG(text) ((char[]){ text })

static void a_mount_point_is_all_it_takes(void **state)
{
	struct error err = ERROR_INIT;
	struct options o;

	(void)state;
	assert_ok(PARSE(&o, program, ARG("/mnt")));
	assert_int_equal(o.action, OPTIONS_MOUNT);
	assert_string_equal(o.mountpoint, "/mnt");
	assert_null(o.config);
	assert_false(o.foreground || o.allow_other);
	assert_int_equal(o.uid, getuid());
	assert_int_equal(o.mask, 077);
	options_finish(&o);
}

static void mount_options_are_words_behind_o(void **state)
{
	struct error err = ERROR_INIT;
	struct options o;

	(void)state;
	assert_ok(PARSE(&o, program, minus_o,
	                ARG("ro,allow_other,uid=12,gid=34,umask=0022,config=a\\,b.yaml"),
	                ARG("-f"), ARG("/mnt")));
	assert_true(o.allow_other && o.foreground && o.has_mask);
	assert_int_equal(o.uid, 12);
	assert_int_equal(o.gid, 34);
	assert_int_equal(o.mask, 022);
	assert_string_equal(o.config, "a,b.yaml");
	options_finish(&o);
}

static void mount_calls_with_source_and_words_of_its_own(void **state)
{
	struct error err = ERROR_INIT;
	struct options o;

	(void)state;
	assert_ok(PARSE(&o, helper, ARG("schemafs"), ARG("/mnt"), ARG("-n"), ARG("-t"),
	                ARG("fuse.schemafs"), minus_o,
	                ARG("rw,noauto,user,_netdev,x-gvfs-hide")));
	assert_string_equal(o.mountpoint, "/mnt");
	assert_null(o.config);
	assert_true(o.read_write);
	assert_false(o.writable); /* mount(8) always says rw */
	options_finish(&o);
	assert_ok(PARSE(&o, helper, ARG("schemafs"), ARG("/mnt"), minus_o, ARG("rw,writable")));
	assert_true(o.writable);
	options_finish(&o);
	assert_ok(PARSE(&o, program, minus_o, ARG("rw"), ARG("/mnt")));
	assert_true(o.writable);
	options_finish(&o);
	assert_ok(PARSE(&o, helper, ARG("/etc/passwd"), ARG("/mnt"), minus_o, ARG("rw")));
	assert_string_equal(o.config, "/etc/passwd"); /* a source that is a file */
	options_finish(&o);
	assert_ok(PARSE(&o, helper, ARG("schemafs"), ARG("/mnt"), ARG("-f")));
	assert_int_equal(o.action, OPTIONS_NOTHING); /* mount -f only pretends */
	options_finish(&o);
}

static void wrong_lines_are_refused_with_their_word(void **state)
{
	static const struct {
		const char *argument[3];
		const char *part;
	} cases[] = {
		{ { "--nothing", "/mnt" }, "--nothing" },
		{ { "-n", "/mnt" }, "-n" },
		{ { "-o", "nothing", "/mnt" }, "nothing" },
		{ { "-o", "uid", "/mnt" }, "uid" },
		{ { "-o", "uid=x", "/mnt" }, "uid" },
		{ { "-o", "uid=4294967295", "/mnt" }, "uid" },
		{ { "-o", "umask=9", "/mnt" }, "umask" },
		{ { "-o", "rw,ro", "/mnt" }, "exclude" },
		{ { "/a", "/b", "/c" }, "/c" },
		{ { "/mnt", "-o" }, "-o" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct error err = ERROR_INIT;
		char words[3][32] = { "" };
		char *argv[5] = { program };
		struct options o;

		for (size_t j = 0; j < 3 && cases[i].argument[j]; j++) {
			memcpy(words[j], cases[i].argument[j], strlen(cases[i].argument[j]));
			argv[j + 1] = words[j];
		}
		assert_fails(parse(&o, &err, argv), ERR_USAGE, cases[i].part);
		options_finish(&o);
	}
}

static void help_is_no_wider_than_a_terminal(void **state)
{
	autobuf text = BUF_INIT;
	const char *end;

	(void)state;
	options_help(&text);
	for (const char *line = text.data; *line; line = end + 1) {
		end = strchr(line, '\n');
		assert_non_null(end);
		assert_true(end - line <= 80);
	}
	assert_non_null(strstr(text.data, "--config"));
	assert_non_null(strstr(text.data, "allow_other"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_mount_point_is_all_it_takes),
		cmocka_unit_test(mount_options_are_words_behind_o),
		cmocka_unit_test(mount_calls_with_source_and_words_of_its_own),
		cmocka_unit_test(wrong_lines_are_refused_with_their_word),
		cmocka_unit_test(help_is_no_wider_than_a_terminal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
