/* SPDX-License-Identifier: MIT */
/*
 * texts: SHOW CREATE for the objects of a listing, many per round trip. Internal
 * to engine/server.
 */
#ifndef ENGINE_SERVER_TEXTS_H
#define ENGINE_SERVER_TEXTS_H

#include <stdbool.h>
#include <stddef.h>

#include "engine/base/buf.h"
#include "engine/base/cleanup.h"
#include "engine/schema/model.h"

struct error;
struct listing;
struct server;

enum text_state {
	TEXT_READ,
	TEXT_MISSING, /* the server says that there is no such object */
	TEXT_DENIED,  /* the account may not read it */
	TEXT_FAILED,  /* something else */
};

struct text {
	enum object_kind
		kind; /* a table of the listing may turn out to be a view or a sequence */
	enum text_state state;
	struct str sql; /* empty unless read */
	struct object_context context;
	const char *problem; /* NULL: none. A broken view is read and has one */
};

struct texts;

/*
 * Reads the texts of the listing's objects which[0..count-1]; the database
 * becomes the session's current one. The listing must outlive the result.
 */
int texts_read(struct texts **out, struct server *s, const struct listing *l,
               const size_t *which, size_t count, struct error *err);
void texts_free(struct texts *t); /* NULL is fine */
DEFINE_DEFER(texts, texts_free)

/* The i-th of which[]. Lives as long as the texts. */
const struct text *texts_at(const struct texts *t, size_t i);

#endif
