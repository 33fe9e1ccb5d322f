/* SPDX-License-Identifier: MIT */
#include "engine/repo/notify.h"

#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "engine/base/buf.h"
#include "engine/base/clock.h"
#include "engine/base/error.h"
#include "engine/base/json.h"
#include "engine/base/mem.h"
#include "engine/config/config.h"
#include "engine/repo/repo.h"
#include "engine/store/http.h"
#include "engine/store/store.h"

#define HOST_MAX      256
#define ANSWER_MAX    ((size_t)64 * 1024)
#define ATTEMPTS_MORE 2

#define USUAL_TEMPLATE "{{event}} {{status}}: {{database}} {{backup_id}} {{error}}"

static const char *status_of(const struct notice *n)
{
	return n->failed ? "failed" : "completed";
}

static void host_name(char out[HOST_MAX])
{
	if (gethostname(out, HOST_MAX) < 0)
		out[0] = '\0';
	out[HOST_MAX - 1] = '\0';
}

/* The value of {{name}}; NULL: there is no such name. */
static const char *value_of(const struct notice *n, struct str name, struct buf *room)
{
	const struct {
		const char *name, *value;
	} values[] = {
		{ "event", n->event },         { "status", status_of(n) },
		{ "database", n->database },   { "database_name", n->database },
		{ "backup_id", n->backup_id }, { "error", n->error },
	};
	char host[HOST_MAX];

	for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
		if (str_is(name, values[i].name))
			return values[i].value;
	}
	host_name(host);
	if (str_is(name, "host"))
		buf_adds(room, host);
	else if (str_is(name, "duration_ms"))
		buf_addf(room, "%" PRId64, n->duration_ms);
	else
		return NULL;
	return room->data;
}

/* What is in {{ }} and no name stays as it is, so that a mistake shows. */
static void fill_template(struct buf *out, const char *template, const struct notice *n)
{
	while (*template) {
		const char *from = strstr(template, "{{");
		const char *to = from ? strstr(from, "}}") : NULL;
		autobuf room = BUF_INIT;
		const char *value;

		if (!to) {
			buf_adds(out, template);
			return;
		}
		buf_add(out, template, (size_t)(from - template));
		value = value_of(n, str_trim((struct str){ from + 2, (size_t)(to - from) - 2 }),
		                 &room);
		if (value)
			buf_adds(out, value);
		else
			buf_add(out, from, (size_t)(to - from) + 2);
		template = to + 2;
	}
}

static void message_of(struct buf *out, const struct config *c, const struct notice *n)
{
	const char *template = config_text(c, "notifications.message_template");

	fill_template(out, template ? template : USUAL_TEMPLATE, n);
	while (out->len > 0 && out->data[out->len - 1] == ' ')
		buf_truncate(out, out->len - 1);
}

static struct json *webhook_json(const struct config *c, const struct notice *n)
{
	struct json *v = json_object();
	autobuf message = BUF_INIT;
	char host[HOST_MAX], at[CLOCK_TEXT_MAX];

	host_name(host);
	clock_format_utc(at, clock_now());
	message_of(&message, c, n);
	json_set_str(v, "event", n->event);
	json_set_str(v, "status", status_of(n));
	json_set_str(v, "database_name", n->database);
	json_set_str(v, "backup_id", n->backup_id);
	json_set_str(v, "error", n->error);
	json_set_int(v, "duration_ms", n->duration_ms);
	json_set_str(v, "host", host);
	json_set_str(v, "timestamp", at);
	json_set_str(v, "tool_version", REPO_TOOL_VERSION);
	json_set_str(v, "message", message.data);
	return v;
}

/* Slack's fields: api.slack.com/messaging/webhooks. */
static struct json *slack_json(const struct config *c, const struct notice *n)
{
	static const struct {
		const char *member, *key;
	} settings[] = {
		{ "channel", "notifications.slack.channel" },
		{ "username", "notifications.slack.username" },
		{ "icon_emoji", "notifications.slack.icon_emoji" },
	};
	struct json *v = json_object();
	autobuf message = BUF_INIT;

	message_of(&message, c, n);
	json_set_str(v, "text", message.data);
	for (size_t i = 0; i < ARRAY_SIZE(settings); i++) {
		const char *value = config_text(c, settings[i].key);

		if (value)
			json_set_str(v, settings[i].member, value);
	}
	return v;
}

static void add_headers(struct http_headers *headers, const struct config *c)
{
	for (size_t i = 0; i < config_map_count(c, "notifications.webhook.headers"); i++) {
		const char *value;
		const char *name = config_map_at(c, "notifications.webhook.headers", i, &value);

		http_headers_set(headers, name, value);
	}
}

/* A place that gets notices. */
static const struct place {
	const char *name;    /* for messages */
	const char *address; /* key */
	const char *method;  /* key; NULL: POST */
	struct json *(*body)(const struct config *c, const struct notice *n);
	void (*headers)(struct http_headers *headers, const struct config *c); /* NULL: none */
} places[] = {
	{ "webhook", "notifications.webhook.url", "notifications.webhook.method", webhook_json,
	  add_headers },
	{ "Slack", "notifications.slack.webhook_url", NULL, slack_json, NULL },
};

static int send_to(const struct place *p, const struct config *c, const struct notice *n,
                   struct error *err)
{
	int64_t timeout = config_int(c, "notifications.webhook.timeout");
	const struct http_settings settings = { .name = p->name,
		                                .connection_timeout = timeout,
		                                .read_timeout = timeout,
		                                .retry_attempts = ATTEMPTS_MORE,
		                                .max_concurrency = 1 };
	DEFER(http) *h = http_new(&settings);
	DEFER(json) *v = p->body(c, n);
	autoheaders headers = HTTP_HEADERS_INIT;
	autoresponse rsp = HTTP_RESPONSE_INIT;
	autobuf text = BUF_INIT;
	struct str content;
	struct store_body body;
	bool put = p->method && strcmp(config_text(c, p->method), "put") == 0;

	json_write(&text, v, JSON_COMPACT);
	content = (struct str){ text.data, text.len };
	body = store_body_of_text(&content);
	http_headers_set(&headers, "Content-Type", "application/json");
	if (p->headers)
		p->headers(&headers, c);
	if (http_send(h,
	              &(struct http_request){ .method = put ? "PUT" : "POST",
	                                      .url = config_text(c, p->address),
	                                      .headers = &headers,
	                                      .body = &body,
	                                      .limit = ANSWER_MAX,
	                                      .private_url = true },
	              &rsp, err) < 0)
		return error_wrap(err, "notification to %s", p->name);
	if (rsp.status < 200 || rsp.status > 299)
		return error_set(err, ERR_STORE, "notification to %s: the server answered %d",
		                 p->name, rsp.status);
	return 0;
}

bool notify_is_wanted(const struct config *c, const struct notice *n)
{
	bool addressed = false;

	for (size_t i = 0; i < ARRAY_SIZE(places); i++)
		addressed |= config_text(c, places[i].address) != NULL;
	return addressed && config_bool(c, "notifications.enabled") &&
	       (n->failed || strcmp(config_text(c, "notifications.min_severity"), "info") == 0);
}

int notify_send(const struct config *c, const struct notice *n, struct error *err)
{
	int result = 0;

	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		struct error problem = ERROR_INIT;

		if (!config_text(c, places[i].address) ||
		    send_to(&places[i], c, n, &problem) == 0)
			continue;
		if (result == 0)
			*err = problem;
		result = -1;
	}
	return result;
}
