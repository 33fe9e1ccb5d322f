/* SPDX-License-Identifier: MIT */
#include "engine/repo/audit.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <unistd.h>

#include "engine/base/buf.h"
#include "engine/base/clock.h"
#include "engine/base/error.h"
#include "engine/base/fsutil.h"
#include "engine/base/json.h"
#include "engine/base/mem.h"
#include "engine/config/config.h"

struct audit {
	int fd;
	char *path;
};

int audit_open(struct audit **out, const struct config *c, struct error *err)
{
	const char *path = config_text(c, "logging.audit_log_path");
	autofree char *dir = NULL;
	int fd;

	*out = NULL;
	if (!config_bool(c, "logging.enable_audit_log"))
		return 0;
	dir = path_parent(path);
	if (dir_create(dir, 0750, err) < 0)
		return error_wrap(err, "audit log");
	fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, 0600);
	if (fd < 0) {
		error_sys(err, errno, "open audit log %s", path);
		return error_hint(err, "Nothing is changed that cannot be recorded. Set "
		                       "logging.audit_log_path, or logging.enable_audit_log to "
		                       "false.");
	}
	*out = mem_alloc(sizeof(**out));
	(*out)->fd = fd;
	(*out)->path = mem_strdup(path);
	return 0;
}

void audit_close(struct audit *a)
{
	if (!a)
		return;
	close(a->fd);
	free(a->path);
	free(a);
}

#define USER_MAX 1024

/* The person: who became root by sudo stays who he was. Lives in buffer or the environment. */
static const char *user_name(char buffer[USER_MAX], const uid_t *by)
{
	const char *before_sudo = getenv("SUDO_USER");
	struct passwd entry, *user = NULL;

	if (!by && getuid() == 0 && before_sudo && *before_sudo)
		return before_sudo;
	if (getpwuid_r(by ? *by : getuid(), &entry, buffer, USER_MAX, &user) != 0)
		user = NULL;
	return user ? user->pw_name : "unknown";
}

int audit_write(struct audit *a, const struct audit_record *record, struct error *err)
{
	DEFER(json) *o = json_object();
	autobuf line = BUF_INIT;
	char now[CLOCK_TEXT_MAX];
	char host[256] = "";
	char buffer[USER_MAX];

	clock_format_utc(now, clock_now());
	gethostname(host, sizeof(host) - 1);
	json_set_str(o, "time", now);
	json_set_str(o, "user", user_name(buffer, record->by));
	json_set_int(o, "uid", (int64_t)(record->by ? *record->by : getuid()));
	json_set_str(o, "host", host);
	json_set_int(o, "pid", (int64_t)getpid());
	json_set_str(o, "action", record->action);
	json_set_str(o, "backup_id", record->backup_id);
	json_set_str(o, "database", record->database);
	json_set_str(o, "result", record->failure ? "failed" : record->outcome);
	json_set_str(o, "error", record->failure ? record->failure->text : "");
	json_set_int(o, "duration_ms", record->duration_ms);
	json_write(&line, o, JSON_COMPACT);
	buf_addc(&line, '\n');
	if (fd_write_all(a->fd, line.data, line.len, err) < 0)
		return error_wrap(err, "audit log %s", a->path);
	return 0;
}
