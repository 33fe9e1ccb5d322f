/* SPDX-License-Identifier: MIT */
/*
 * table: the parts of a CREATE TABLE text, losslessly.
 *
 * Every part keeps its text verbatim: comparing parts is comparing text, and a
 * plan writes the text back into ALTER TABLE. Beside it stands what planning
 * must know. Names are unquoted; texts are slices of the object's own text.
 * Grammar: MariaDB 10.6 to 11 and MySQL 8.0 to 9, as their SHOW CREATE TABLE
 * prints it (comments of the form / *!nnnnn ... * / and / *M!nnnnnn ... * / are read as code).
 * Pure.
 */
#ifndef ENGINE_SCHEMA_TABLE_H
#define ENGINE_SCHEMA_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "engine/base/buf.h"

struct arena;
struct error;

enum column_generated {
	COLUMN_PLAIN,
	COLUMN_VIRTUAL,
	COLUMN_STORED,
	COLUMN_ROW_START,
	COLUMN_ROW_END
};

struct column {
	const char *name;
	struct str text;         /* all of it behind the name: "int(11) NOT NULL DEFAULT 5" */
	struct str type;         /* "varchar(20)", "enum('a','b')", "bigint(20) unsigned" */
	struct str charset;      /* empty: not said */
	struct str collation;    /* empty: not said */
	struct str default_text; /* expression behind DEFAULT; empty: none */
	struct str expression;   /* of a generated column, without AS and outer parentheses */
	struct str check; /* of a column-level CHECK, without outer parentheses; empty: none */
	enum column_generated generated;
	bool not_null;
	bool auto_increment;
	bool invisible;
};

enum index_kind {
	INDEX_PRIMARY,
	INDEX_UNIQUE,
	INDEX_PLAIN,
	INDEX_FULLTEXT,
	INDEX_SPATIAL,
	INDEX_VECTOR,
};

struct index_part {
	const char *column;    /* NULL: an expression */
	struct str text;       /* "`a`(10) DESC" or "(expression)" */
	bool without_overlaps; /* "`app` WITHOUT OVERLAPS": column is the name of a period */
};

struct index {
	const char *name; /* "PRIMARY" for the primary key */
	struct str text;  /* all of it: "UNIQUE KEY `k` (`a`) USING HASH" */
	enum index_kind kind;
	struct index_part *parts;
	size_t part_count;
	bool ignored; /* IGNORED or INVISIBLE */
};

struct foreign_key {
	const char *name;
	struct str text; /* "CONSTRAINT `f` FOREIGN KEY (`a`) REFERENCES `p` (`id`) ON DELETE
	                    CASCADE" */
	const char **columns;
	size_t column_count;
	const char *parent_database; /* NULL: the table's own */
	const char *parent_table;
	const char **parent_columns;
	size_t parent_column_count;
};

struct check {
	const char *name;
	struct str text;       /* "CONSTRAINT `c` CHECK (`a` > 0)" */
	struct str expression; /* without outer parentheses */
};

/* PERIOD FOR ..., and whatever else stands between the parentheses. */
struct clause {
	struct str text;
	bool known; /* a PERIOD clause */
};

/* Without the marks of a version comment around it. */
struct table_option {
	/* "ENGINE", "DEFAULT CHARSET", "WITH SYSTEM VERSIONING"; empty: a plain comment, in
	 * which MariaDB puts options that the engine does not know: "/ * `x`='1' * /" */
	struct str name;
	struct str value; /* "InnoDB", "'text'", "(`a`,`b`)"; empty for a bare word */
	struct str text;  /* "ENGINE=InnoDB" */
};

struct partition {
	const char *name;
	struct str text; /* "PARTITION `p0` VALUES LESS THAN (10) ENGINE = InnoDB",
	                    sub-partitions included */
};

struct partitioning {
	struct str text; /* all of it without the comment marks; empty: not partitioned */
	struct str head; /* "PARTITION BY RANGE (`a`)", with SUBPARTITION BY ... and PARTITIONS
	                    n */
	struct partition *partitions; /* those that are written out */
	size_t count;
};

struct table {
	struct column *columns; /* in order */
	size_t column_count;
	struct index *indexes; /* in order */
	size_t index_count;
	struct foreign_key *foreign_keys;
	size_t foreign_key_count;
	struct check *checks;
	size_t check_count;
	struct clause *clauses;
	size_t clause_count;
	struct table_option *options; /* in order */
	size_t option_count;
	bool system_versioned;
	struct partitioning partitioning;
};

/*
 * Parses a CREATE TABLE text; memory from the arena, slices of text. ERR_INVALID
 * with the offset and what was expected: the caller then treats the table as text.
 */
int table_parse(struct table **out, struct arena *a, struct str text, struct error *err);

const struct column *table_column(const struct table *t,
                                  const char *name); /* NULL: none; case ignored */
const struct index *table_index(const struct table *t,
                                const char *name); /* NULL: none; case ignored */
const struct foreign_key *table_foreign_key(const struct table *t, const char *name);
const struct check *table_check(const struct table *t, const char *name);
const struct table_option *table_option(const struct table *t, const char *name);

/* Where AUTO_INCREMENT=n stands among the options: the slice with one blank before it; empty:
 * nowhere. */
struct str table_auto_increment(struct str create_table, uint64_t *value);

#endif
