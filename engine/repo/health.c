/* SPDX-License-Identifier: MIT */
#include "engine/repo/health.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "engine/base/clock.h"
#include "engine/base/error.h"
#include "engine/base/json.h"
#include "engine/base/mem.h"

static const char *const part_names[HEALTH_PART_COUNT] = {
	[HEALTH_CONFIGURATION] = "configuration",
	[HEALTH_STORAGE] = "storage",
	[HEALTH_ENCRYPTION] = "encryption",
	[HEALTH_SERVER] = "server",
	[HEALTH_BACKUPS] = "backups",
};

static const char *const state_names[HEALTH_STATE_COUNT] = {
	[HEALTH_UNKNOWN] = "unknown",
	[HEALTH_HEALTHY] = "healthy",
	[HEALTH_DEGRADED] = "degraded",
	[HEALTH_UNHEALTHY] = "unhealthy",
};

const char *health_part_name(enum health_part p)
{
	return part_names[p];
}

const char *health_state_name(enum health_state s)
{
	return state_names[s];
}

struct health *health_new(void)
{
	struct health *h = mem_alloc(sizeof(*h));

	h->checked_at = clock_now();
	return h;
}

void health_free(struct health *h)
{
	if (!h)
		return;
	for (size_t i = 0; i < HEALTH_PART_COUNT; i++)
		free(h->details[i]);
	for (size_t i = 0; i < h->issue_count; i++) {
		free(h->issues[i].what);
		free(h->issues[i].advice);
	}
	free(h->issues);
	free(h);
}

static void worsen(struct health *h, enum health_part p, enum health_state state)
{
	if (state > h->states[p])
		h->states[p] = state;
}

void health_good(struct health *h, enum health_part p, const char *fmt, ...)
{
	char text[512];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	worsen(h, p, HEALTH_HEALTHY);
	free(h->details[p]);
	h->details[p] = mem_strdup(text);
}

void health_add(struct health *h, enum health_part p, enum health_state state, const char *what,
                const char *advice)
{
	worsen(h, p, state);
	MEM_GROW(h->issues, h->issue_count, h->capacity);
	h->issues[h->issue_count++] = (struct health_issue){
		.part = p,
		.state = state,
		.what = mem_strdup(what),
		.advice = advice && *advice ? mem_strdup(advice) : NULL,
	};
}

void health_fail(struct health *h, enum health_part p, const struct error *why)
{
	health_add(h, p, HEALTH_UNHEALTHY, why->text, why->hint);
}

enum health_state health_overall(const struct health *h)
{
	enum health_state worst = HEALTH_HEALTHY;

	for (size_t i = 0; i < HEALTH_PART_COUNT; i++) {
		if (h->states[i] > worst)
			worst = h->states[i];
	}
	return worst;
}

static struct json *issue_json(const struct health_issue *i)
{
	struct json *v = json_object();

	json_set_str(v, "component", part_names[i->part]);
	json_set_str(v, "severity", i->state == HEALTH_UNHEALTHY ? "error" : "warning");
	json_set_str(v, "description", i->what);
	json_set_str(v, "advice", i->advice);
	return v;
}

struct json *health_json(const struct health *h)
{
	struct json *v = json_object(), *parts = json_object(), *details = json_object();
	struct json *issues = json_array(), *advice = json_array();
	char at[CLOCK_TEXT_MAX];

	clock_format_utc(at, h->checked_at);
	json_set_str(v, "timestamp", at);
	json_set_str(v, "overall_health", state_names[health_overall(h)]);
	for (size_t i = 0; i < HEALTH_PART_COUNT; i++) {
		json_set_str(parts, part_names[i], state_names[h->states[i]]);
		json_set_str(details, part_names[i], h->details[i]);
	}
	json_set(v, "component_status", parts);
	json_set(v, "details", details);
	for (size_t i = 0; i < h->issue_count; i++) {
		json_append(issues, issue_json(&h->issues[i]));
		if (h->issues[i].advice)
			json_append(advice, json_str(h->issues[i].advice));
	}
	json_set(v, "issues", issues);
	json_set(v, "recommendations", advice);
	return v;
}
