/* SPDX-License-Identifier: MIT */
/* view_compare: how two schemas that were compared are shown. */
#include <string.h>

#include "cli/view.h"
#include "engine/base/buf.h"
#include "engine/base/json.h"
#include "engine/repo/compare.h"
#include "engine/repo/repo.h"
#include "engine/schema/diff.h"
#include "engine/schema/model.h"

#define NAMES_SHOWN ((size_t)5)

static struct json *side(const struct wanted *w, bool absent)
{
	struct json *o = json_object();
	char hash[65];

	repo_schema_hash(hash, w->schema);
	json_set_str(o, "title", w->title);
	json_set_str(o, "backup_id", w->backup ? w->backup->id : NULL);
	json_set_str(o, "database", w->database[0] ? w->database : NULL);
	json_set_bool(o, "missing", absent);
	json_set_str(o, "schema_hash", hash);
	json_set_int(o, "objects", (int64_t)w->schema->count);
	return o;
}

static struct json *differences(const struct comparison *c)
{
	struct json *a = json_array();

	if (c->diff->database_changed)
		json_append(a, view_database_difference());
	for (size_t i = 0; i < c->diff->count; i++) {
		struct json *o = view_difference(&c->diff->changes[i]);
		autobuf text = BUF_INIT;

		compare_text(&text, c, &c->diff->changes[i]);
		json_set(o, "diff", json_strn(text.data, text.len));
		json_append(a, o);
	}
	return a;
}

static struct json *summary(const struct compare_counts *n)
{
	struct json *o = json_object();

	json_set_int(o, "missing", (int64_t)n->missing);
	json_set_int(o, "extra", (int64_t)n->extra);
	json_set_int(o, "changed", (int64_t)n->changed);
	json_set_int(o, "total_changes", (int64_t)n->all);
	return o;
}

static void set_hash(struct json *v, const char *key, const struct schema *s)
{
	char hash[65];

	repo_schema_hash(hash, s);
	json_set_str(v, key, hash);
}

struct json *view_compared(const struct comparison *c)
{
	struct json *v = json_object();

	json_set_str(v, "backup_id", c->from->backup ? c->from->backup->id : NULL);
	json_set_str(v, "database", c->to->database[0] ? c->to->database : NULL);
	json_set_bool(v, "database_missing", c->to_is_absent);
	json_set_bool(v, "equal", c->counts.all == 0);
	json_set(v, "summary", summary(&c->counts));
	json_set(v, "differences", differences(c));
	json_set(v, "not_compared", view_kinds(c->diff->unseen));
	json_set(v, "unread", view_unread(c->diff));
	json_set(v, "from", side(c->from, c->from_is_absent));
	json_set(v, "to", side(c->to, c->to_is_absent));
	set_hash(v, "live_hash", c->to->schema);
	set_hash(v, "backup_hash", c->from->schema);
	return v;
}

/* Behind the first @@ a line that begins with "--- " is a comment that went. */
static enum out_style line_style(struct str line, bool in_hunk)
{
	static const struct {
		const char *prefix;
		enum out_style style;
	} styles[] = {
		{ "--- ", OUT_STRONG }, { "+++ ", OUT_STRONG }, { "@@ ", OUT_NOTICE },
		{ "-", OUT_BAD },       { "+", OUT_GOOD },
	};

	for (size_t i = in_hunk ? 2 : 0; i < ARRAY_SIZE(styles); i++) {
		if (str_has_prefix(line, styles[i].prefix))
			return styles[i].style;
	}
	return OUT_PLAIN;
}

/* Of one file. */
static void show_diff(struct out *o, const char *text)
{
	bool in_hunk = false;

	while (*text) {
		size_t n = strcspn(text, "\n");

		in_hunk = in_hunk || strncmp(text, "@@ ", 3) == 0;
		out_text(o, line_style((struct str){ text, n }, in_hunk), "%.*s", (int)n, text);
		out_text(o, OUT_PLAIN, "\n");
		text += n + (text[n] ? 1 : 0);
	}
}

static void show_texts(struct out *o, const struct comparison *c)
{
	for (size_t i = 0; i < c->diff->count; i++) {
		autobuf text = BUF_INIT;

		compare_text(&text, c, &c->diff->changes[i]);
		out_text(o, OUT_PLAIN, "\n");
		show_diff(o, text.data);
	}
}

static void show_counts(struct out *o, const struct comparison *c)
{
	const struct compare_counts *n = &c->counts;

	out_text(o, OUT_STRONG,
	         "\n%zu %s between %s and %s: %zu missing, %zu extra, %zu changed.\n", n->all,
	         n->all == 1 ? "difference" : "differences", c->from->title, c->to->title,
	         n->missing, n->extra, n->changed);
}

static void first_letter_up(struct buf *text)
{
	if (text->len && text->data[0] >= 'a' && text->data[0] <= 'z')
		text->data[0] = (char)(text->data[0] - 'a' + 'A');
}

static void show_equal(struct out *o, const struct comparison *c)
{
	autobuf title = BUF_INIT;

	if (c->from->backup && c->to->database[0] && !c->to->backup)
		buf_addf(&title, "database %s", c->to->database);
	else
		buf_adds(&title, c->to->title);
	first_letter_up(&title);
	out_text(o, OUT_GOOD, "%s matches %s.\n", title.data, c->from->title);
}

struct json *view_unread(const struct diff *d)
{
	struct json *a = json_array();

	for (size_t i = 0; i < d->unread_count; i++)
		json_append(a, json_str(d->unread[i]));
	return a;
}

void view_not_compared(struct out *o, const struct diff *d)
{
	autobuf kinds = BUF_INIT;
	autobuf names = BUF_INIT;

	for (int kind = 0; kind < OBJECT_KIND_COUNT; kind++) {
		if (d->unseen & OBJECT_KIND_BIT(kind))
			buf_addf(&kinds, "%s%s", kinds.len > 0 ? ", " : "",
			         object_kind_info(kind)->word);
	}
	for (size_t i = 0; i < d->unread_count && i < NAMES_SHOWN; i++)
		buf_addf(&names, "%s%s", i > 0 ? ", " : "", d->unread[i]);
	if (d->unread_count > NAMES_SHOWN)
		buf_addf(&names, " and %zu more", d->unread_count - NAMES_SHOWN);
	if (kinds.len > 0)
		out_warning(o,
		            "not compared, because the account may not see every one of them: "
		            "%s",
		            kinds.data);
	if (names.len > 0)
		out_warning(o,
		            "not compared, because they could be read neither now nor then: %s",
		            names.data);
}

void view_compared_text(struct out *o, const struct comparison *c, bool brief)
{
	view_not_compared(o, c->diff);
	if (c->counts.all == 0) {
		show_equal(o, c);
		return;
	}
	if (c->to_is_absent)
		out_text(o, OUT_BAD, "- missing database: %s\n", c->to->database);
	if (c->from_is_absent)
		out_text(o, OUT_GOOD, "+ extra database: %s\n", c->from->database);
	view_differences(o, c->diff);
	if (!brief)
		show_texts(o, c);
	if (out_setup(o)->format != OUT_COMPACT)
		show_counts(o, c);
}
