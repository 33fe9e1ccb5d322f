/* SPDX-License-Identifier: MIT */
/*
 * model: a database's schema as a value.
 *
 * A schema is a sorted list of objects. The truth of an object is the server's
 * own text (SHOW CREATE ...), byte for byte, with two exceptions. The table option
 * AUTO_INCREMENT=n is data, so it is cut out of the text and kept as a number. In the
 * head of a trigger its author may have named the database; that is cut out, too.
 * What the text does not say (sql_mode, character sets, a trigger's place in the
 * order) is kept beside it.
 *
 *	DEFER(schema) *s = schema_new("shop");
 *	struct object *o = schema_add(s, OBJECT_TABLE, name, sql, len);
 *
 *	if (schema_finish(s, err) < 0) ...     // sorts, parses tables
 *	o = schema_find(s, OBJECT_TABLE, "orders");
 *
 * Everything lives in the schema's arena. Pure. Read-only after
 * schema_finish(), and then thread-safe.
 */
#ifndef ENGINE_SCHEMA_MODEL_H
#define ENGINE_SCHEMA_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/base/buf.h"
#include "engine/base/cleanup.h"

struct arena;
struct error;
struct lexer;
struct table;

/* In the order in which schema.sql creates them, but for what depends on each other. */
enum object_kind {
	OBJECT_SEQUENCE,
	OBJECT_TABLE,
	OBJECT_FUNCTION,
	OBJECT_PROCEDURE,
	OBJECT_PACKAGE,
	OBJECT_PACKAGE_BODY,
	OBJECT_VIEW,
	OBJECT_TRIGGER,
	OBJECT_EVENT,
	OBJECT_KIND_COUNT
};

struct object_kind_info {
	const char *word;   /* "package body": in sentences */
	const char *folder; /* "package_bodies": below objects/ */
	const char *sql;    /* "PACKAGE BODY": after CREATE, DROP */
};
const struct object_kind_info *object_kind_info(enum object_kind kind);
/* True and *out when folder names a kind. */
bool object_kind_from_folder(enum object_kind *out, const char *folder);

#define OBJECT_KIND_BIT(kind) (1U << (kind))
#define OBJECT_KINDS_ALL      ((1U << OBJECT_KIND_COUNT) - 1)

enum server_family { SERVER_MARIADB, SERVER_MYSQL };

/* Under what a stored object was created; NULL where a kind has no such thing. */
struct object_context {
	const char *sql_mode;             /* routines, triggers, events, packages */
	const char *client_charset;       /* character_set_client; also views */
	const char *connection_collation; /* collation_connection; also views */
	const char *database_collation;   /* of the database when it was created */
	const char *time_zone;            /* events */
};

struct object {
	enum object_kind kind;
	const char *name;
	struct str sql; /* the server's text, no semicolon behind it, NUL-terminated */
	struct object_context context;

	const char *table;  /* trigger: on which table */
	const char *timing; /* trigger: "BEFORE" */
	const char *event;  /* trigger: "INSERT" */
	unsigned int order; /* trigger: 1.. among those of the same table, timing and event */
	uint64_t auto_increment; /* table: the next value; 0: none. Never compared */
	const char *definer;     /* "`u`@`h`" as in the text; NULL: none */
	/* view, sequence, ...: why the object could not be read as it should be; NULL: it could
	 */
	const char *problem;

	const struct table
		*parsed; /* table: its parts; NULL when the text was not understood */
};

struct schema {
	struct arena *arena;
	const char *name;      /* the database */
	const char *charset;   /* its default character set */
	const char *collation; /* and collation */
	enum server_family family;
	const char *server_version;  /* "10.11.19-MariaDB-deb12" */
	unsigned int version_number; /* 101119 */
	unsigned int visible;        /* OBJECT_KIND_BITs that the account could see */
	int lower_case_table_names;
	size_t libraries;       /* of MySQL: CREATE LIBRARY. Seen, but no objects of ours */
	struct object *objects; /* by kind, then name bytewise */
	size_t count;
	size_t capacity;
};

struct schema *schema_new(const char *name);
void schema_free(struct schema *s); /* NULL is fine */
DEFINE_DEFER(schema, schema_free)

/*
 * Adds an object with a copy of its text. For tables AUTO_INCREMENT=n is cut
 * out of the options and kept in auto_increment; for triggers the database's name. The result
 * is valid until the next schema_add(); set its other fields (arena memory) at once. A table is
 * parsed here, while a server may be busy with the next; one that is not understood keeps
 * parsed NULL (but names of foreign keys and their columns in which MariaDB 10.5 and 11.8
 * forgot to double the backticks are mended).
 */
struct object *schema_add(struct schema *s, enum object_kind kind, const char *name,
                          const char *sql, size_t len);

/* Before schema_finish(): objects[i] turned out to be of this kind, with this text. */
void schema_set_text(struct schema *s, size_t i, enum object_kind kind, const char *sql,
                     size_t len);

/* Sorts and finds definers. ERR_INVALID for two objects of one kind and name. */
int schema_finish(struct schema *s, struct error *err);

const struct object *schema_find(const struct schema *s, enum object_kind kind,
                                 const char *name); /* NULL: none */
/* The objects of one kind: first and number. */
const struct object *schema_of_kind(const struct schema *s, enum object_kind kind,
                                    size_t *count);

/* A lexer over the object's text that reads quotes as the object's sql_mode says. */
void object_lexer(struct lexer *l, const struct object *o);

/* Same text, same context (a trigger's order too). AUTO_INCREMENT aside. */
bool object_equal(const struct object *a, const struct object *b);
/* Same charset, collation and objects. */
bool schema_equal(const struct schema *a, const struct schema *b);

#endif
