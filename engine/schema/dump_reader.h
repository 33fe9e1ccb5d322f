/* SPDX-License-Identifier: MIT */
/*
 * dump_reader: a dump in the making, shared by the dump*.c files and nobody else.
 */
#ifndef ENGINE_SCHEMA_DUMP_READER_H
#define ENGINE_SCHEMA_DUMP_READER_H

#include <stdbool.h>
#include <stddef.h>

#include "engine/base/buf.h"
#include "engine/schema/dump.h"
#include "engine/schema/lexer.h"
#include "engine/schema/model.h"
#include "engine/schema/splitter.h"

struct arena;
struct map;

/* What the script has set of what objects remember. Values live in the dump's arena. */
enum dump_setting {
	DUMP_SQL_MODE,
	DUMP_CLIENT,
	DUMP_COLLATION,
	DUMP_TIME_ZONE,
	DUMP_SETTING_COUNT
};

struct dump {
	struct arena *arena;
	struct splitter *splitter;
	struct map *objects;                 /* "kind name" to struct dump_object */
	struct map *variables;               /* "@saved_cs_client" to its value */
	const char *wanted;                  /* the database that the caller named, or NULL */
	const char *used;                    /* by USE or CREATE DATABASE, or NULL */
	const char *said;                    /* in a comment at the head, or NULL */
	const char *tool;                    /* in a comment at the head */
	const char *version;                 /* of the server */
	bool mysql, mariadb;                 /* what the text shows of the server's family */
	const char *set[DUMP_SETTING_COUNT]; /* NULL: never set */
	const char *charset;                 /* of the database; "": not said */
	const char *collation;               /* of the database now: code remembers it */
	const char *next_collation;          /* of the next object, as our own files say it */
	unsigned int next_order;
	const char *next_problem;
	unsigned int complete; /* OBJECT_KIND_BITs that the script says it has all of */
	size_t order;          /* of objects, so that triggers keep theirs */
	size_t text;           /* bytes of all objects */
	size_t data_statements, other_statements, opaque_tables;
	bool finished;
};

/* An object as the script left it. */
struct dump_object {
	enum object_kind kind;
	const char *name;
	struct str sql;
	struct object_context context;
	const char *table, *timing, *event;
	const char *problem;
	unsigned int order; /* of a trigger, as a comment said it; 0: not said */
	bool dropped;
};

/* A statement without version comments around its parts; arena memory. */
struct str dump_unwrap(struct dump *d, struct str text);

/* CREATE and DROP. -1 with the reason; the caller adds the line. */
int dump_create(struct dump *d, struct str sql, struct error *err);
int dump_drop(struct dump *d, struct str sql, struct error *err);
/* SET, and ALTER DATABASE. */
int dump_set(struct dump *d, struct str sql, struct error *err);
int dump_alter_database(struct dump *d, struct str sql);
/* [DEFAULT] CHARACTER SET [=] x [COLLATE [=] y], from anywhere in a text; else they stay. */
void dump_read_charset(struct dump *d, struct str text, const char **charset,
                       const char **collation);

/* The text that a variable holds, NULL: none. */
const char *dump_variable(const struct dump *d, struct str name);
bool dump_is_mysql(const struct dump *d);
const char *dump_mode(const struct dump *d); /* sql_mode now, the server's default unless set */
/* Names the database; ERR_UNSUPPORTED when it is a second one. */
int dump_use(struct dump *d, const char *name, struct error *err);
/* A token as text: 'it''s' gives it's, `a` gives a. Arena memory. */
const char *dump_text(struct dump *d, struct token t);

#endif
