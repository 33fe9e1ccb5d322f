/* SPDX-License-Identifier: MIT */
/*
 * emit: a schema as SQL text for the stock client. Deterministic: same schema,
 * same bytes; no times, no ids. Pure.
 */
#ifndef ENGINE_SCHEMA_EMIT_H
#define ENGINE_SCHEMA_EMIT_H

#include <stddef.h>

struct buf;
struct object;
struct schema;

/*
 * Appends schema.sql: `mariadb DATABASE < schema.sql` makes the same schema in an
 * empty database with no help, whatever the client's configuration. It is the
 * plan that leads there from nothing (plan.h): session settings, saved first and
 * given back at the end; the database's character set and collation (ALTER
 * DATABASE without a name); sequences; tables with their foreign keys, unchecked;
 * routines, packages; views in dependency order, with stand-ins for what broken
 * ones miss; triggers in order; events. AUTO_INCREMENT is not in it.
 *
 * A broken view or table that cannot be made, and an object whose text could not
 * be read, are named on the client's output; everything else is made. (MySQL's
 * client stops at what cannot be made.)
 */
void emit_script(struct buf *out, const struct schema *s);

/*
 * Appends the file of one object (objects/tables/NAME.sql): comment lines that name it, what
 * it needs of the session, the server's text, a delimiter. Returns where in out the server's
 * text begins; its length is o->sql.n. Any client loads it but for what client.h says.
 */
size_t emit_object(struct buf *out, const struct object *o);

#endif
