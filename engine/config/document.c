/* SPDX-License-Identifier: MIT */
#include "engine/config/document.h"

#include <string.h>
#include <yaml.h>

#include "engine/base/arena.h"
#include "engine/base/buf.h"
#include "engine/base/error.h"
#include "engine/base/map.h"
#include "engine/base/mem.h"
#include "engine/base/secret.h"

#define DEPTH_MAX   32
#define NODES_MAX   10000
#define ENTRIES_MAX 1000 /* of one block or list: duplicates are sought pair by pair */
#define QUOTE_MAX   60

/* A node as it is made: all are chained, so that their text can be wiped. */
struct made {
	struct document_node node;
	struct made *next;
};

struct document {
	struct arena *arena;
	struct made *made;
	size_t count;
	const struct document_node *root;
};

struct parse {
	yaml_parser_t yaml;
	struct document *document;
	struct map *anchors; /* name to finished node */
	const char *name;
	const char *text;
	size_t len;
};

static void event_finish(yaml_event_t *e)
{
	yaml_event_delete(e);
}
#define autoevent __attribute__((cleanup(event_finish))) yaml_event_t

static int fail(const struct parse *p, yaml_mark_t at, struct error *err, const char *what)
{
	return error_set(err, ERR_CONFIG, "%s:%zu:%zu: %s", p->name, at.line + 1, at.column + 1,
	                 what);
}

/* Where a byte stands: the reader of libyaml knows only the offset of what it refuses. */
static yaml_mark_t mark_of(const struct parse *p, size_t offset)
{
	yaml_mark_t at = { 0 };

	for (size_t i = 0; i < offset && i < p->len; i++) {
		unsigned char c = (unsigned char)p->text[i];

		if (c == '\n') {
			at.line++;
			at.column = 0;
		} else if ((c & 0xC0) != 0x80) {
			at.column++;
		}
	}
	return at;
}

static int fail_syntax(const struct parse *p, struct error *err)
{
	const yaml_parser_t *y = &p->yaml;
	const char *problem = y->problem ? y->problem : "unreadable";
	autobuf what = BUF_INIT;

	if (y->error == YAML_READER_ERROR) {
		buf_addf(&what, "not YAML: %s", problem);
		return fail(p, mark_of(p, y->problem_offset), err, what.data);
	}
	buf_adds(&what, "not YAML: ");
	if (y->context && y->context_mark.line != y->problem_mark.line)
		buf_addf(&what, "%s from line %zu: ", y->context, y->context_mark.line + 1);
	else if (y->context)
		buf_addf(&what, "%s: ", y->context);
	buf_adds(&what, problem);
	return fail(p, y->problem_mark, err, what.data);
}

static int next_event(struct parse *p, yaml_event_t *out, struct error *err)
{
	if (!yaml_parser_parse(&p->yaml, out))
		return fail_syntax(p, err);
	return 0;
}

/* NULL: there are too many, and err says so. */
static struct document_node *node_new(struct parse *p, const yaml_event_t *e, struct error *err)
{
	struct document *d = p->document;
	struct made *m;

	if (d->count == NODES_MAX) {
		fail(p, e->start_mark, err, "more than 10000 values");
		return NULL;
	}
	m = arena_alloc(d->arena, sizeof(*m));
	m->node.line = (unsigned int)e->start_mark.line + 1;
	m->node.column = (unsigned int)e->start_mark.column + 1;
	m->next = d->made;
	d->made = m;
	d->count++;
	return &m->node;
}

/* Tags choose types, and types are the table's business: only YAML's own may stand there. */
static int check_tag(const struct parse *p, const yaml_event_t *e, const yaml_char_t *tag,
                     struct error *err)
{
	static const char core[] = "tag:yaml.org,2002:";

	if (!tag || strcmp((const char *)tag, "!") == 0 ||
	    (strncmp((const char *)tag, core, strlen(core)) == 0 &&
	     strcmp((const char *)tag + strlen(core), "binary") != 0))
		return 0;
	return fail(p, e->start_mark, err, "tags such as !this are not supported");
}

static bool is_null(const yaml_event_t *e)
{
	static const char *const words[] = { "", "~", "null", "Null", "NULL" };

	if (e->data.scalar.style != YAML_PLAIN_SCALAR_STYLE)
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		if (strcmp((const char *)e->data.scalar.value, words[i]) == 0)
			return true;
	}
	return false;
}

/* The text of a scalar event; NULL for a null. */
static int scalar_text(char **out, struct parse *p, const yaml_event_t *e, struct error *err)
{
	const char *text = (const char *)e->data.scalar.value;
	size_t len = e->data.scalar.length;

	if (check_tag(p, e, e->data.scalar.tag, err) < 0)
		return -1;
	if (strlen(text) != len)
		return fail(p, e->start_mark, err, "a NUL character in a value");
	*out = is_null(e) ? NULL : arena_strndup(p->document->arena, text, len);
	return 0;
}

static int add_entry(struct parse *p, struct document_node *n, size_t *capacity,
                     const struct document_entry *entry, struct error *err)
{
	yaml_mark_t at = { .line = entry->line - 1, .column = entry->column - 1 };

	if (n->count == ENTRIES_MAX)
		return fail(p, at, err, "more than 1000 entries in one block or list");
	if (n->count == *capacity) {
		size_t wider = *capacity ? *capacity * 2 : 8;
		struct document_entry *entries =
			arena_array(p->document->arena, wider, sizeof(*entries));

		for (size_t i = 0; i < n->count; i++)
			entries[i] = n->entries[i];
		n->entries = entries;
		*capacity = wider;
	}
	n->entries[n->count++] = *entry;
	return 0;
}

static int check_duplicate(const struct parse *p, const struct document_node *n,
                           const yaml_event_t *e, const char *key, struct error *err)
{
	for (size_t i = 0; i < n->count; i++) {
		autobuf what = BUF_INIT;

		if (strcmp(n->entries[i].key, key) != 0)
			continue;
		document_quote(&what, key);
		buf_addf(&what, " stands twice, here and in line %u", n->entries[i].line);
		return fail(p, e->start_mark, err, what.data);
	}
	return 0;
}

static int parse_node(const struct document_node **out, struct parse *p, const yaml_event_t *e,
                      unsigned int depth, struct error *err);

/* One key with its value; e is the event of the key. */
static int parse_pair(struct document_entry *out, struct parse *p,
                      const struct document_node *block, const yaml_event_t *e,
                      unsigned int depth, struct error *err)
{
	autoevent value = { 0 };
	char *key = NULL;

	if (e->type != YAML_SCALAR_EVENT)
		return fail(p, e->start_mark, err, "a key must be plain text");
	if (scalar_text(&key, p, e, err) < 0)
		return -1;
	out->key = key ? key : "";
	out->line = (unsigned int)e->start_mark.line + 1;
	out->column = (unsigned int)e->start_mark.column + 1;
	if (check_duplicate(p, block, e, out->key, err) < 0 || next_event(p, &value, err) < 0)
		return -1;
	return parse_node(&out->value, p, &value, depth, err);
}

static int parse_entries(struct document_node *n, struct parse *p, unsigned int depth,
                         struct error *err)
{
	yaml_event_type_t end =
		n->kind == DOCUMENT_BLOCK ? YAML_MAPPING_END_EVENT : YAML_SEQUENCE_END_EVENT;
	size_t capacity = 0;

	for (;;) {
		autoevent e = { 0 };
		struct document_entry entry = { 0 };

		if (next_event(p, &e, err) < 0)
			return -1;
		if (e.type == end)
			return 0;
		if (n->kind == DOCUMENT_BLOCK) {
			if (parse_pair(&entry, p, n, &e, depth, err) < 0)
				return -1;
		} else {
			if (parse_node(&entry.value, p, &e, depth, err) < 0)
				return -1;
			entry.line = (unsigned int)e.start_mark.line + 1;
			entry.column = (unsigned int)e.start_mark.column + 1;
		}
		if (add_entry(p, n, &capacity, &entry, err) < 0)
			return -1;
	}
}

static int parse_alias(const struct document_node **out, const struct parse *p,
                       const yaml_event_t *e, struct error *err)
{
	/* Anchors are entered when their node ends: a node that holds itself is not found. */
	*out = map_get(p->anchors, (const char *)e->data.alias.anchor);
	if (*out)
		return 0;
	return fail(p, e->start_mark, err, "an alias without an anchor before it");
}

static int parse_node(const struct document_node **out, struct parse *p, const yaml_event_t *e,
                      unsigned int depth, struct error *err)
{
	struct document_node *n;
	const yaml_char_t *anchor;

	if (depth > DEPTH_MAX)
		return fail(p, e->start_mark, err, "nested more than 32 deep");
	if (e->type == YAML_ALIAS_EVENT)
		return parse_alias(out, p, e, err);
	n = node_new(p, e, err);
	if (!n)
		return -1;
	if (e->type == YAML_SCALAR_EVENT) {
		anchor = e->data.scalar.anchor;
		if (scalar_text(&n->text, p, e, err) < 0)
			return -1;
		n->kind = n->text ? DOCUMENT_TEXT : DOCUMENT_NULL;
	} else {
		bool block = e->type == YAML_MAPPING_START_EVENT;

		anchor = block ? e->data.mapping_start.anchor : e->data.sequence_start.anchor;
		n->kind = block ? DOCUMENT_BLOCK : DOCUMENT_LIST;
		if (check_tag(p, e,
		              block ? e->data.mapping_start.tag : e->data.sequence_start.tag,
		              err) < 0 ||
		    parse_entries(n, p, depth + 1, err) < 0)
			return -1;
	}
	if (anchor)
		map_set(p->anchors, (const char *)anchor, n);
	*out = n;
	return 0;
}

static int parse_stream(struct parse *p, struct error *err)
{
	for (;;) {
		autoevent e = { 0 };

		if (next_event(p, &e, err) < 0)
			return -1;
		if (e.type == YAML_STREAM_END_EVENT)
			return 0;
		if (e.type == YAML_DOCUMENT_START_EVENT && p->document->root)
			return fail(p, e.start_mark, err, "a second document in one file");
		if (e.type == YAML_STREAM_START_EVENT || e.type == YAML_DOCUMENT_START_EVENT ||
		    e.type == YAML_DOCUMENT_END_EVENT)
			continue;
		if (parse_node(&p->document->root, p, &e, 0, err) < 0)
			return -1;
	}
}

int document_parse(struct document **out, const char *yaml, size_t len, const char *name,
                   struct error *err)
{
	DEFER(document) *d = NULL;
	DEFER(map) *anchors = NULL;
	struct parse p = { .name = name, .text = yaml, .len = len };
	int result;

	if (len > DOCUMENT_SIZE_MAX)
		return error_set(err, ERR_CONFIG, "%s: %zu bytes, limit %zu", name, len,
		                 DOCUMENT_SIZE_MAX);
	d = mem_alloc(sizeof(*d));
	d->arena = arena_new();
	anchors = map_new();
	p.document = d;
	p.anchors = anchors;
	if (!yaml_parser_initialize(&p.yaml))
		return error_set(err, ERR_SYSTEM, "%s: no memory for the YAML parser", name);
	yaml_parser_set_input_string(&p.yaml, (const unsigned char *)yaml, len);
	result = parse_stream(&p, err);
	yaml_parser_delete(&p.yaml);
	if (result < 0)
		return -1;
	*out = take(d);
	return 0;
}

void document_free(struct document *d)
{
	if (!d)
		return;
	for (struct made *m = d->made; m; m = m->next) {
		if (m->node.text)
			secret_wipe(m->node.text, strlen(m->node.text));
	}
	arena_free(d->arena);
	free(d);
}

const struct document_node *document_root(const struct document *d)
{
	return d->root;
}

void document_quote(struct buf *out, const char *text)
{
	size_t n = strlen(text);
	size_t cut = n;

	if (n > QUOTE_MAX) {
		cut = QUOTE_MAX;
		while (cut > 0 && ((unsigned char)text[cut] & 0xC0) == 0x80)
			cut--;
	}
	buf_addc(out, '"');
	for (size_t i = 0; i < cut; i++) {
		unsigned char c = (unsigned char)text[i];

		if (c < 0x20 || c == 0x7F)
			buf_addf(out, "\\x%02x", c);
		else
			buf_addc(out, (char)c);
	}
	buf_adds(out, cut < n ? "...\"" : "\"");
}
