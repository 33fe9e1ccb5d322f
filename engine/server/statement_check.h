/* SPDX-License-Identifier: MIT */
/*
 * statement_check: may this text run? The last gate before a statement of a
 * plan, which may come from a backup that somebody else made, reaches the server.
 *
 * A statement must CREATE, ALTER, DROP or RENAME one kind of object, and what
 * it touches must be in the current database. Version comments, which one
 * server reads and the other does not, may not stand before the object's name.
 * Bodies of stored code are not looked into: running them is the server's
 * decision, by their definer. Pure. Internal to engine/server.
 */
#ifndef ENGINE_SERVER_STATEMENT_CHECK_H
#define ENGINE_SERVER_STATEMENT_CHECK_H

#include "engine/schema/model.h"

struct buf;
struct error;

/*
 * ERR_REFUSED names the reason. database: may stand before a name; NULL: no
 * name may be qualified. sql_mode: of the session, NULL: none.
 */
int statement_check(const char *sql, enum server_family family, const char *sql_mode,
                    const char *database, struct error *err);

/*
 * Only for the statements that move rows out of a plan's way: RENAME TABLE `t` TO
 * `quarantine`.`x`, CREATE TABLE `quarantine`.`x` (columns), INSERT INTO `quarantine`.`x`
 * (names) SELECT names FROM `t` and what selects rows of it. Nothing else may name that
 * database.
 */
int statement_check_preserve(const char *sql, const char *quarantine, struct error *err);

/* The same for what prepares the session: SET of session variables, ALTER DATABASE. */
int statement_check_setting(const char *sql, enum server_family family, struct error *err);

/* Appends the beginning of a statement on one line, for messages. */
void statement_excerpt(struct buf *out, const char *sql);

#endif
