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
 * Appends schema.sql: loaded by `mariadb DB < schema.sql` into an empty database
 * it makes the same schema with no help: session settings first (saved and
 * restored as mysqldump does), the database's charset and collation (ALTER DATABASE without a
 * name), sequences, tables without foreign keys where those point forward or in circles,
 * foreign keys, routines, packages, views in dependency order (with stand-ins
 * where they go in circles or are broken), triggers in order, events.
 */
void emit_script(struct buf *out, const struct schema *s);

/*
 * Appends the file of one object (objects/tables/NAME.sql): a comment line that names it, what
 * it needs of the session, the server's text, a delimiter. Returns where in out the server's
 * text begins; its length is o->sql.n.
 */
size_t emit_object(struct buf *out, const struct object *o);

#endif
