/* SPDX-License-Identifier: MIT */
#include "cli/override.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/options.h"
#include "cli/prompt.h"
#include "engine/base/buf.h"
#include "engine/base/cleanup.h"
#include "engine/base/error.h"
#include "engine/base/fsutil.h"
#include "engine/base/mem.h"
#include "engine/base/secret.h"
#include "engine/config/config.h"

#define TARGET       "target."
#define KEY_MAX      128
#define PASSWORD_MAX 4096

/* The block that says which server; connection_from_config() looks in the same order. */
static const char *server_block(const struct config *c)
{
	static const char *const blocks[] = { "target", "database", "source" };
	static const char *const telling[] = { "host",     "port",     "socket",
		                               "username", "database", "defaults_file" };

	for (size_t i = 0; i < ARRAY_SIZE(blocks); i++) {
		for (size_t k = 0; k < ARRAY_SIZE(telling); k++) {
			char name[KEY_MAX];

			snprintf(name, sizeof(name), "%s.%s", blocks[i], telling[k]);
			if (config_is_set(c, name))
				return blocks[i];
		}
	}
	return blocks[0];
}

static int set_in_block(struct config *c, const char *block, const char *key, const char *value,
                        struct error *err)
{
	char name[KEY_MAX];

	snprintf(name, sizeof(name), "%s.%s", block, key);
	return config_set(c, name, value, err);
}

/* "backup.encryption.enabled=true backup.encryption.key_source=file" */
static int set_also(struct config *c, const char *also, struct error *err)
{
	while (also && *also) {
		size_t n = strcspn(also, " "), name = strcspn(also, "=");
		autofree char *key = mem_strndup(also, name);
		autofree char *value = mem_strndup(also + name + 1, n - name - 1);

		if (config_set(c, key, value, err) < 0)
			return -1;
		also += n + (also[n] ? 1 : 0);
	}
	return 0;
}

static bool is_given(const struct parse *p, const char *key)
{
	for (size_t i = 0; i < p->override_count; i++) {
		if (strcmp(p->overrides[i].opt->key, key) == 0)
			return true;
	}
	return false;
}

/* A host that is given replaces a socket of the file, and the other way round. */
static int drop_opposite(struct config *c, const struct parse *p, const char *block,
                         struct error *err)
{
	bool host = is_given(p, TARGET "host"), socket = is_given(p, TARGET "socket");

	if (host && !socket)
		return set_in_block(c, block, "socket", "", err);
	if (socket && !host)
		return set_in_block(c, block, "host", "", err);
	return 0;
}

int override_apply(struct config *c, const struct parse *p, struct error *err)
{
	const char *block = server_block(c);

	for (size_t i = 0; i < p->override_count; i++) {
		const struct opt *o = p->overrides[i].opt;
		const char *value = p->overrides[i].value;
		int result;

		/* --target-host means the target, --host whichever block there is. */
		if (strncmp(o->key, TARGET, strlen(TARGET)) == 0 &&
		    strncmp(o->name, "target-", strlen("target-")) != 0)
			result = set_in_block(c, block, o->key + strlen(TARGET), value, err);
		else
			result = config_set(c, o->key, value, err);
		if (result < 0 || set_also(c, o->also, err) < 0)
			return error_wrap(err, "--%s", o->name);
	}
	return drop_opposite(c, p, block, err);
}

static int check_access(int fd, const char *path, struct error *err)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return error_sys(err, errno, "password file %s", path);
	if (!S_ISREG(st.st_mode)) /* a pipe from a password manager */
		return 0;
	if (st.st_uid != geteuid() && st.st_uid != 0)
		return error_set(err, ERR_DENIED,
		                 "password file %s belongs to another user (uid %u, not %u)",
		                 path, (unsigned int)st.st_uid, (unsigned int)geteuid());
	if ((st.st_mode & (S_IRWXG | S_IRWXO)) == 0)
		return 0;
	error_set(err, ERR_DENIED, "password file %s is open to others (mode %04o)", path,
	          (unsigned int)(st.st_mode & 07777));
	return error_hint(err, "Close it with: chmod 600 %s", path);
}

static int set_password(struct config *c, const struct buf *password, struct error *err)
{
	return set_in_block(c, server_block(c), "password", password->data, err);
}

int override_password_file(struct config *c, const char *path, struct error *err)
{
	autofree char *expanded = path_expand(path);
	autoclose int fd = open(expanded, O_RDONLY | O_CLOEXEC);
	autobuf text = BUF_INIT;
	int result;

	if (fd < 0)
		return error_sys(err, errno, "password file %s", path);
	if (check_access(fd, path, err) < 0)
		return -1;
	buf_reserve(&text, PASSWORD_MAX); /* it must not move and leave copies behind */
	result = fd_read_all(&text, fd, PASSWORD_MAX, err);
	if (result < 0)
		error_wrap(err, "password file %s", path);
	buf_truncate(&text, strcspn(text.data, "\r\n"));
	if (result == 0)
		result = set_password(c, &text, err);
	secret_wipe(text.data, text.cap);
	return result;
}

int override_password_prompt(struct config *c, const struct prompt *p, struct error *err)
{
	autobuf text = BUF_INIT;
	int result = prompt_password(&text, p, "Password", err);

	if (result == 0)
		result = set_password(c, &text, err);
	secret_wipe(text.data, text.cap);
	return result;
}
