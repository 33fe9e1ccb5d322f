/* SPDX-License-Identifier: MIT */
/* node_status: status: what the commands tell of health and usage, as JSON, now. */
#include <string.h>

#include "engine/base/buf.h"
#include "engine/base/clock.h"
#include "engine/base/error.h"
#include "engine/base/json.h"
#include "engine/base/mem.h"
#include "engine/repo/health.h"
#include "engine/repo/usage.h"
#include "fs/cache.h"
#include "fs/content.h"
#include "fs/fsys.h"
#include "fs/node.h"

/* So long it is the same text: its size was told, and is then true for who reads it. */
#define KEPT_MS 5000

static void look_at_configuration(struct health *h, struct worker *w)
{
	struct error why = ERROR_INIT;
	autofree char *text = NULL;

	if (!fsys_reload_failure(w->fs, &why)) {
		health_good(h, HEALTH_CONFIGURATION, "as the mount has read it");
		return;
	}
	text = mem_printf("the mount goes on by the configuration of before: %s", why.text);
	health_add(h, HEALTH_CONFIGURATION, HEALTH_DEGRADED, text,
	           "Mend the file and send SIGHUP once more.");
}

static int make_health(struct json **out, struct worker *w, struct error *err)
{
	const struct health_options o = { .max_age = 0 };
	DEFER(health) *h = health_new();

	look_at_configuration(h, w);
	if (repo_health(h, w->repo, &o, err) < 0)
		return -1;
	*out = health_json(h);
	return 0;
}

static int make_usage(struct json **out, struct worker *w, struct error *err)
{
	DEFER(usage) *u = NULL;

	if (repo_usage(&u, w->repo, NULL, err) < 0)
		return -1;
	*out = usage_json(u, true);
	return 0;
}

struct making {
	struct worker *w;
	bool health;
};

static int make(void *arg, struct buf *out, struct error *err)
{
	const struct making *m = arg;
	DEFER(json) *v = NULL;

	if ((m->health ? make_health(&v, m->w, err) : make_usage(&v, m->w, err)) < 0)
		return -1;
	json_write(out, v, JSON_PRETTY);
	return 0;
}

static int get_text(struct content **out, struct worker *w, struct node n, struct error *err)
{
	struct making m = { .w = w, .health = n.kind == NODE_STATUS_HEALTH };
	autofree char *key = mem_printf("%s %lld %u", m.health ? "health" : "usage",
	                                (long long)(clock_mono_ms() / KEPT_MS),
	                                atomic_load(&w->fs->reloads));

	return cache_get(out, w->fs->status, key, make, &m, err);
}

static int directory_attr(struct worker *w, struct node n, struct node_attr *out,
                          struct error *err)
{
	(void)n;
	(void)err;
	out->mtime = w->fs->started_at;
	out->nlink = 2;
	return 1;
}

static int status_attr(struct worker *w, struct node n, struct node_attr *out,
                       struct error *err)
{
	DEFER(content) *c = NULL;

	if (get_text(&c, w, n, err) < 0)
		return -1;
	out->mtime = clock_now();
	out->size = c->len;
	return 1;
}

static int status_open(struct worker *w, struct node n, struct content **out, struct error *err)
{
	return get_text(out, w, n, err) < 0 ? -1 : 1;
}

const struct node_ops node_statuses_ops = { .attr = directory_attr };
const struct node_ops node_status_ops = { .attr = status_attr, .open = status_open };
