/* SPDX-License-Identifier: MIT */
/*
 * view: what the text of a view refers to: tables, columns, stored functions.
 *
 * Read from SHOW CREATE VIEW's canonical text, in which every name is quoted and
 * every column is qualified; common table expressions are not mistaken for
 * tables. Enough to put views in order, and to make stand-ins under which a
 * broken view can be created. Memory from an arena. Pure.
 */
#ifndef ENGINE_SCHEMA_VIEW_H
#define ENGINE_SCHEMA_VIEW_H

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct object;

struct view_table {
	const char *database; /* NULL: not said */
	const char *name;
	const char *alias;       /* NULL: none */
	bool sequence;           /* an argument of nextval() and the like */
	bool versioned;          /* FOR SYSTEM_TIME */
	const char **partitions; /* PARTITION (`p0`) */
	size_t partition_count;
	const char **indexes; /* USE INDEX (`k0`), FORCE, IGNORE */
	size_t index_count;
};

enum view_use { VIEW_USE_ANY, VIEW_USE_GEOMETRY, VIEW_USE_MATCH };

struct view_column {
	const char *database;  /* NULL: not said */
	const char *qualifier; /* a table's name, or its alias */
	const char *name;
	enum view_use use; /* what takes it as an argument: decides of which types it can be */
};

struct view_call {
	const char *database; /* or package; NULL: not said */
	const char *name;
	size_t arguments;
};

/* In the order of the text; what is mentioned twice is there twice. */
struct view {
	struct view_table *tables;
	size_t table_count;
	struct view_column *columns;
	size_t column_count;
	struct view_call *calls; /* of stored functions: their names are quoted */
	size_t call_count;
};

/* Any text gives a view; from one that is no view, there is nothing to refer to. */
struct view *view_parse(struct arena *a, const struct object *o);

#endif
