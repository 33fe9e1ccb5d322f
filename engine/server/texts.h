/* SPDX-License-Identifier: MIT */
/*
 * texts: SHOW CREATE for the objects of a listing, many per round trip. Internal
 * to engine/server.
 */
#ifndef ENGINE_SERVER_TEXTS_H
#define ENGINE_SERVER_TEXTS_H

#include <stddef.h>

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

struct texts_wanted {
	const struct listing *listing;
	const size_t *which;
	size_t count;
	enum text_state *states; /* how it went with each */
};

/*
 * Adds the listing's objects which[0..count-1] to `into`, an empty schema, in this order, each
 * as it arrives, and says in states[] how it went. What could not be read has an empty text and
 * a problem; a broken view is read and has one, too. A table of the listing may turn out to be
 * a view or a sequence. The database becomes the session's current one.
 */
int texts_read(struct schema *into, struct server *s, const struct texts_wanted *wanted,
               struct error *err);

#endif
