/* SPDX-License-Identifier: MIT */
/*
 * fault_drive: tries to make the product lose a backup.
 *
 *	fault_drive inject DIR LIMIT [VERB]       fault_inject.h, fault_inject()
 *	fault_drive power DIR VARIANTS            fault_power()
 *	fault_drive storm DIR WORKERS OPERATIONS  fault_storm()
 *	fault_drive soak DIR YEARS                fault_soak()
 *
 * DIR is made for it and removed when nothing was found. Exit status 0 nothing was found
 * wrong, 1 something was, 2 it could not be tried.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/error.h"
#include "engine/base/fsutil.h"
#include "engine/base/log.h"
#include "tests/tools/fault_inject.h"

static int inject(char **words, int count, struct error *err)
{
	return fault_inject(words[0], strtoul(words[1], NULL, 10), count > 2 ? words[2] : NULL,
	                    err);
}

static int power(char **words, int count, struct error *err)
{
	(void)count;
	return fault_power(words[0], strtoul(words[1], NULL, 10), err);
}

static int storm(char **words, int count, struct error *err)
{
	return fault_storm(words[0], strtoul(words[1], NULL, 10),
	                   count > 2 ? strtoul(words[2], NULL, 10) : 1, err);
}

static int soak(char **words, int count, struct error *err)
{
	(void)count;
	return fault_soak(words[0], strtod(words[1], NULL), err);
}

static const struct {
	const char *name;
	int (*run)(char **words, int count, struct error *err);
} modes[] = {
	{ "inject", inject },
	{ "power", power },
	{ "storm", storm },
	{ "soak", soak },
};

int main(int argc, char **argv)
{
	struct error err = ERROR_INIT;
	int result = -1;

	log_setup(getenv("FAULTS_LOG") ? LOG_LEVEL_DEBUG : (enum log_level) - 1,
	          LOG_FORMAT_TEXT);
	if (argc < 4 || dir_create(argv[2], 0700, &err) < 0) {
		fprintf(stderr,
		        "usage: fault_drive inject|power|storm|soak DIR NUMBER...\n%s\n",
		        err.text);
		return 2;
	}
	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		if (strcmp(modes[i].name, argv[1]) == 0)
			result = modes[i].run(argv + 2, argc - 2, &err);
	}
	if (result < 0)
		fprintf(stderr, "fault_drive: %s\n", err.text);
	if (result == 0)
		result = dir_remove_tree(argv[2], &err);
	return result < 0 ? 2 : result;
}
