/* SPDX-License-Identifier: MIT */
#include "fs/logs.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine/base/error.h"
#include "engine/base/fsutil.h"
#include "engine/base/log.h"
#include "engine/base/mem.h"
#include "engine/config/config.h"

/* In the background there is no terminal: what happens must stand somewhere. */
static char *default_path(void)
{
	autofree char *state = NULL;

	if (geteuid() == 0 && !getenv("XDG_STATE_HOME"))
		return mem_strdup("/var/log/mysql-schema-sync/schemafs.log");
	state = path_xdg("XDG_STATE_HOME", ".local/state");
	return mem_printf("%s/mysql-schema-sync/schemafs.log", state);
}

static int open_file(const char *path, enum log_level level, struct error *err)
{
	autofree char *fallback = NULL;
	autofree char *dir = NULL;

	if (!path) {
		fallback = default_path();
		path = fallback;
		dir = path_parent(path);
		if (dir_create(dir, 0700, err) < 0)
			return -1;
	}
	return log_open_file(path, level, err);
}

int logs_open(const struct config *c, const struct logs_options *o, struct error *err)
{
	const char *path = config_text(c, "logging.log_file");
	const char *format = config_text(c, "logging.log_format");
	enum log_level level = LOG_LEVEL_INFO;
	enum log_format form = LOG_FORMAT_TEXT;

	if (getenv("JOURNAL_STREAM") && o->foreground)
		form = LOG_FORMAT_JOURNAL;
	else if (strcmp(format, "json") == 0)
		form = LOG_FORMAT_JSON;
	log_level_from_name(&level, config_text(c, "logging.log_level"));
	if (o->verbose)
		level = LOG_LEVEL_DEBUG;
	if ((path || !o->foreground) && open_file(path, level, err) < 0)
		return -1;
	log_setup(o->foreground ? level : LOG_LEVEL_WARN, form);
	return 0;
}
