/* SPDX-License-Identifier: MIT */
/*
 * document: a YAML file as a tree that knows where everything stands.
 *
 * All scalars are text; what they mean is the table's business (keys.c). The
 * tree is hostile input: file size, nesting, number of nodes and anchors are
 * limited, duplicate keys, foreign tags and self-references are refused. An
 * alias shares the node of its anchor, so that walking a tree may take
 * exponential time: walk only where the table leads. Not thread-safe.
 */
#ifndef ENGINE_CONFIG_DOCUMENT_H
#define ENGINE_CONFIG_DOCUMENT_H

#include <stddef.h>

#include "engine/base/cleanup.h"

struct buf;
struct document;
struct error;

#define DOCUMENT_SIZE_MAX ((size_t)256 << 10) /* bytes of YAML */

enum document_kind { DOCUMENT_NULL, DOCUMENT_TEXT, DOCUMENT_LIST, DOCUMENT_BLOCK };

struct document_node {
	enum document_kind kind;
	unsigned int line, column;      /* from 1 */
	char *text;                     /* of DOCUMENT_TEXT; no NUL inside */
	struct document_entry *entries; /* of DOCUMENT_LIST and DOCUMENT_BLOCK */
	size_t count;
};

struct document_entry {
	const char *key; /* NULL in lists */
	const struct document_node *value;
	unsigned int line, column; /* of the key */
};

/* name stands before line and column in errors. ERR_CONFIG. */
int document_parse(struct document **out, const char *yaml, size_t len, const char *name,
                   struct error *err);
void document_free(struct document *d); /* NULL is fine; wipes all text */
DEFINE_DEFER(document, document_free)

const struct document_node *document_root(const struct document *d); /* NULL: empty file */

/* Appends text for a message: cut to 60 bytes, control characters escaped. */
void document_quote(struct buf *out, const char *text);

#endif
