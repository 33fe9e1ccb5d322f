/* SPDX-License-Identifier: MIT */
#include "cli/elsewhere.h"

#include <string.h>

#include "engine/base/cleanup.h"

static const struct {
	const char *words, *hint;
} commands[] = {
	{ "backup convert",
	  "A dump becomes a backup by `backup import --file FILE --format mysqldump`; backups "
	  "need no conversion." },
	{ "backup setup-monitoring",
	  "Let cron or a timer run `backup health-check`, and `backup report --format "
	  "prometheus --output FILE` for figures." },
	{ "backup validate-recent", "Use `backup validate-all --max-age 24h`." },
	{ "backup restore", "Use `rollback execute --backup-id ID`." },
	{ "sync", "Use `migrate`." },
};

static const struct {
	const char *command, *option, *hint;
} options[] = {
	{ "backup create", "dry-run",
	  "A backup changes nothing in the database; `test-connection` tells what it would hold." },
	{ "backup test-connection", "all-providers",
	  "One storage is configured at a time; --config FILE asks another one." },
	{ "backup export", "format",
	  "The name of --output says it: .tar.gz, .tar or .tar.zst." },
};

const char *elsewhere_command(const char *words)
{
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
		if (strcmp(commands[i].words, words) == 0)
			return commands[i].hint;
	}
	return NULL;
}

const char *elsewhere_option(const char *command, const char *name, size_t len)
{
	for (size_t i = 0; i < ARRAY_SIZE(options); i++) {
		if (strcmp(options[i].command, command) == 0 &&
		    strlen(options[i].option) == len &&
		    memcmp(options[i].option, name, len) == 0)
			return options[i].hint;
	}
	return NULL;
}
