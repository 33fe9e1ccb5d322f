/* SPDX-License-Identifier: MIT */
/*
 * client: what the stock client (mysql, mariadb) does to a statement on its way
 * from a script to the server.
 *
 * It takes comments out (unless called with --comments), drops carriage returns,
 * reads backslashes and words like DELIMITER as its own commands, and sends bytes as they
 * are, whatever character set the statement was written for. Pure.
 */
#ifndef ENGINE_SCHEMA_CLIENT_H
#define ENGINE_SCHEMA_CLIENT_H

#include <stdbool.h>

#include "engine/base/buf.h"

struct object_context;

/*
 * Would the server get another text than this, or read it in another character
 * set, when the statement stands in a script as it is?
 */
bool client_alters(struct str sql, const struct object_context *context);

/* Would the server read it in another character set? */
bool client_recodes(struct str sql, const struct object_context *context);

#endif
