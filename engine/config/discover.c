/* SPDX-License-Identifier: MIT */
/* discover: which configuration file to read when none is named. */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "engine/base/buf.h"
#include "engine/base/error.h"
#include "engine/base/fsutil.h"
#include "engine/base/mem.h"
#include "engine/config/document.h"
#include "engine/config/state.h"

enum place_base { BASE_HERE, BASE_CONFIG, BASE_HOME, BASE_SYSTEM };

static const struct {
	const char *name;
	enum place_base base;
	bool shared_name; /* a name that other programs use as well */
} places[] = {
	{ ".mysql-schema-sync.yaml", BASE_HERE, false },
	{ "mysql-schema-sync.yaml", BASE_HERE, false },
	{ "config.yaml", BASE_HERE, true },
	{ "mysql-schema-sync/config.yaml", BASE_CONFIG, false },
	{ "mysql-schema-sync/mysql-schema-sync.yaml", BASE_CONFIG, false },
	{ "mysql-schema-sync.yaml", BASE_CONFIG, false },
	{ ".mysql-schema-sync.yaml", BASE_HOME, false },
	{ "mysql-schema-sync.yaml", BASE_HOME, false },
	{ "/etc/mysql-schema-sync/config.yaml", BASE_SYSTEM, false },
	{ "/etc/mysql-schema-sync.yaml", BASE_SYSTEM, false },
};

static char *place_path(enum place_base base, const char *name)
{
	autofree char *dir = NULL;

	if (base == BASE_HERE || base == BASE_SYSTEM)
		return mem_strdup(name);
	dir = base == BASE_CONFIG ? path_xdg("XDG_CONFIG_HOME", ".config") : path_expand("~");
	return path_join(dir, name);
}

/* Does a line begin with this key, at the left margin? */
static bool begins_block(struct str line, const char *key)
{
	size_t n = strlen(key);

	return str_has_prefix(line, key) && str_has_prefix(str_slice(line, n, line.n), ":");
}

/*
 * Is a config.yaml ours? Looks for a top-level key that other programs hardly
 * use. It is not parsed: a broken file of ours must be complained about, a
 * broken file of another program must not.
 */
static bool is_ours(const char *path)
{
	static const char *const marks[] = { "backup", "source", "target", "retention",
		                             "migration" };
	struct error err = ERROR_INIT;
	autobuf text = BUF_INIT;
	struct str rest;

	if (file_read(&text, path, DOCUMENT_SIZE_MAX, &err) < 0)
		return false;
	rest = (struct str){ text.data, text.len };
	if (str_has_prefix(rest, "\xEF\xBB\xBF"))
		rest = str_slice(rest, 3, rest.n);
	while (rest.n > 0) {
		const char *end = memchr(rest.p, '\n', rest.n);
		size_t n = end ? (size_t)(end - rest.p) : rest.n;

		for (size_t i = 0; i < ARRAY_SIZE(marks); i++) {
			if (begins_block(str_slice(rest, 0, n), marks[i]))
				return true;
		}
		rest = str_slice(rest, n + (end ? 1 : 0), rest.n);
	}
	return false;
}

int discover(char **out, struct error *err)
{
	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		autofree char *path = place_path(places[i].base, places[i].name);
		struct stat st;

		if (stat(path, &st) < 0) {
			if (errno == ENOENT || errno == ENOTDIR)
				continue;
			error_sys(err, errno, "look for %s", path);
			err->code = ERR_CONFIG;
			return error_hint(err, "Name the file to use with --config.");
		}
		if (!S_ISREG(st.st_mode) || (places[i].shared_name && !is_ours(path)))
			continue;
		*out = take(path);
		return 1;
	}
	return 0;
}
