/* SPDX-License-Identifier: MIT */
#include "engine/store/azure_page.h"

#include <stdlib.h>
#include <string.h>

#include "engine/base/buf.h"
#include "engine/base/error.h"
#include "engine/base/mem.h"
#include "engine/base/number.h"
#include "engine/store/azure.h"
#include "engine/store/xml.h"

#define BLOB   "EnumerationResults/Blobs/Blob"
#define PREFIX "EnumerationResults/Blobs/BlobPrefix"

static void entry_finish(struct azure_entry *e)
{
	free(e->name);
	*e = (struct azure_entry){ .name = NULL };
}

void azure_page_finish(struct azure_page *p)
{
	for (size_t i = 0; i < p->count; i++)
		entry_finish(&p->items[i]);
	free(p->items);
	free(p->marker);
	*p = (struct azure_page){ .items = NULL };
}

struct reading {
	struct azure_page *page;
	struct azure_entry entry; /* the one being read */
	bool has_size;
};

static int read_size(struct reading *r, const char *text, struct error *err)
{
	r->has_size = true;
	if (number_parse_u64(&r->entry.stat.size, text, UINT64_MAX, err) == 0)
		return 0;
	err->code = ERR_STORE;
	return error_wrap(err, "Content-Length");
}

static int read_name(struct reading *r, const char *text, struct error *err)
{
	(void)err;
	free(r->entry.name);
	r->entry.name = mem_strdup(text);
	return 0;
}

static int read_etag(struct reading *r, const char *text, struct error *err)
{
	(void)err;
	azure_etag(r->entry.stat.version, text);
	return 0;
}

static int read_modified(struct reading *r, const char *text, struct error *err)
{
	r->entry.stat.modified = http_parse_date(text);
	if (r->entry.stat.modified < 0)
		return error_set(err, ERR_STORE, "Last-Modified: no date: %.64s", text);
	return 0;
}

/* The end of a blob or of a prefix: it is complete, or the page is no good. */
static int add_entry(struct reading *r, bool is_prefix, struct error *err)
{
	struct azure_page *p = r->page;

	if (!r->entry.name || r->entry.name[0] == '\0')
		return error_set(err, ERR_STORE, "an entry without a name");
	if (!is_prefix && (!r->has_size || r->entry.stat.version[0] == '\0'))
		return error_set(err, ERR_STORE, "%s: without size or ETag", r->entry.name);
	r->entry.is_prefix = is_prefix;
	MEM_GROW(p->items, p->count, p->capacity);
	p->items[p->count++] = r->entry;
	r->entry = (struct azure_entry){ .name = NULL };
	r->has_size = false;
	return 0;
}

static int end_blob(struct reading *r, const char *text, struct error *err)
{
	(void)text;
	return add_entry(r, false, err);
}

static int end_prefix(struct reading *r, const char *text, struct error *err)
{
	(void)text;
	return add_entry(r, true, err);
}

static int read_marker(struct reading *r, const char *text, struct error *err)
{
	(void)err;
	free(r->page->marker);
	r->page->marker = text[0] != '\0' ? mem_strdup(text) : NULL;
	return 0;
}

static const struct {
	const char *path;
	int (*read)(struct reading *r, const char *text, struct error *err);
} elements[] = {
	{ BLOB "/Name", read_name },
	{ BLOB "/Properties/Content-Length", read_size },
	{ BLOB "/Properties/Etag", read_etag },
	{ BLOB "/Properties/Last-Modified", read_modified },
	{ BLOB, end_blob },
	{ PREFIX "/Name", read_name },
	{ PREFIX, end_prefix },
	{ "EnumerationResults/NextMarker", read_marker },
};

static int on_element(void *arg, const char *path, const char *text, struct error *err)
{
	for (size_t i = 0; i < ARRAY_SIZE(elements); i++) {
		if (strcmp(path, elements[i].path) == 0)
			return elements[i].read(arg, text, err);
	}
	return 0;
}

static int by_name(const void *a, const void *b)
{
	const struct azure_entry *x = a, *y = b;

	return strcmp(x->name, y->name);
}

int azure_page_parse(struct azure_page *p, const char *xml, size_t len, struct error *err)
{
	struct reading r = { .page = p };
	int result;

	read_marker(&r, "", err);
	result = xml_parse(xml, len, on_element, &r, err);
	entry_finish(&r.entry);
	/* Azurite gives blobs first, then prefixes. */
	if (result == 0 && p->count > 0)
		qsort(p->items, p->count, sizeof(p->items[0]), by_name);
	return result;
}
