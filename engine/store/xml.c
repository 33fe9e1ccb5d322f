/* SPDX-License-Identifier: MIT */
#include "engine/store/xml.h"

#include <expat.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/buf.h"
#include "engine/base/error.h"

#define DEPTH_MAX 16
#define TEXT_MAX  ((size_t)16 << 10)
#define NAMES_MAX ((size_t)1024)

struct reader {
	XML_Parser parser;
	xml_fn *fn;
	void *arg;
	struct buf path;
	struct buf text;
	size_t depth;
	struct error failure;
};

static void stop(struct reader *r, const char *why)
{
	if (r->failure.code == ERR_NONE)
		error_set(&r->failure, ERR_STORE, "the server's XML is refused: %s", why);
	XML_StopParser(r->parser, XML_FALSE);
}

static void on_start(void *arg, const XML_Char *name, const XML_Char **attributes)
{
	struct reader *r = arg;

	(void)attributes;
	buf_truncate(&r->text, 0);
	if (r->depth++ > 0)
		buf_addc(&r->path, '/');
	buf_adds(&r->path, name);
	if (r->depth > DEPTH_MAX || r->path.len > NAMES_MAX)
		stop(r, "it is too deep");
}

static void on_end(void *arg, const XML_Char *name)
{
	struct reader *r = arg;
	size_t len = strlen(name);

	/* What was read before a stop is not handed on. */
	if (r->failure.code != ERR_NONE)
		return;
	if (r->fn(r->arg, r->path.data, r->text.data, &r->failure) < 0)
		XML_StopParser(r->parser, XML_FALSE);
	buf_truncate(&r->text, 0);
	r->depth--;
	buf_truncate(&r->path, r->path.len - len - (r->depth > 0 ? 1 : 0));
}

static void on_text(void *arg, const XML_Char *text, int len)
{
	struct reader *r = arg;

	if (r->text.len + (size_t)len > TEXT_MAX) {
		stop(r, "a text is too long");
		return;
	}
	buf_add(&r->text, text, (size_t)len);
}

static void on_doctype(void *arg, const XML_Char *name, const XML_Char *system,
                       const XML_Char *public, int has_subset)
{
	(void)name;
	(void)system;
	(void)public;
	(void)has_subset;
	stop(arg, "it has a DOCTYPE");
}

static int parse(struct reader *r, const char *data, size_t len, struct error *err)
{
	enum XML_Status status;

	if (len > INT_MAX)
		return error_set(err, ERR_STORE, "%zu bytes of XML", len);
	XML_SetUserData(r->parser, r);
	XML_SetElementHandler(r->parser, on_start, on_end);
	XML_SetCharacterDataHandler(r->parser, on_text);
	XML_SetStartDoctypeDeclHandler(r->parser, on_doctype);
	status = XML_Parse(r->parser, data, (int)len, XML_TRUE);
	if (r->failure.code != ERR_NONE) {
		*err = r->failure;
		return -1;
	}
	if (status != XML_STATUS_OK)
		return error_set(err, ERR_STORE, "the server's XML is damaged: %s in line %lu",
		                 XML_ErrorString(XML_GetErrorCode(r->parser)),
		                 (unsigned long)XML_GetCurrentLineNumber(r->parser));
	return 0;
}

int xml_parse(const char *data, size_t len, xml_fn *fn, void *arg, struct error *err)
{
	struct reader r = { .parser = XML_ParserCreate("UTF-8"),
		            .fn = fn,
		            .arg = arg,
		            .path = BUF_INIT,
		            .text = BUF_INIT };
	int result;

	if (!r.parser)
		abort(); /* out of memory, like mem.c */
	result = parse(&r, data, len, err);
	XML_ParserFree(r.parser);
	buf_finish(&r.path);
	buf_finish(&r.text);
	return result;
}
