/* SPDX-License-Identifier: MIT */
/*
 * plan: the ordered steps that turn one schema into another. A step is one
 * statement and what the session must look like for it.
 *
 * The order: renames, events that go or change, triggers, views, foreign keys in the way,
 * routines that go, tables that go, the database, sequences, new tables, one
 * ALTER per changed table, foreign keys, sequences that go, routines and packages,
 * views in dependency order, triggers in order, events.
 *
 * A plan for equal schemas has no steps. Objects of kinds that either side
 * could not see are never touched; warnings say so. Pure.
 */
#ifndef ENGINE_SCHEMA_PLAN_H
#define ENGINE_SCHEMA_PLAN_H

#include <stdbool.h>
#include <stddef.h>

#include "engine/base/cleanup.h"
#include "engine/schema/model.h"

struct arena;
struct buf;
struct diff;
struct error;
struct rename;

/* What a step may do to data. In rising order. */
enum plan_risk {
	PLAN_RISK_NONE,    /* no row is touched */
	PLAN_RISK_REBUILD, /* rows are copied or checked; none is changed */
	PLAN_RISK_NARROW,  /* rows may not fit: the statement fails, or values are cut */
	PLAN_RISK_LOSS,    /* data goes away */
};
const char *plan_risk_name(enum plan_risk r); /* "none", "rebuild", "narrowing", "data loss" */

struct plan_step {
	/* "CREATE_TABLE", "ALTER_TABLE", "DROP_VIEW", "ADD_FOREIGN_KEY", ... */
	const char *type;
	enum object_kind kind;
	const char *name; /* of the object; "" for the database itself */
	const char *sql;  /* one statement, no semicolon, names not qualified */
	/* "drop column total, change column name (varchar(10), want varchar(20))" */
	const char *description;
	/* with PLAN_RISK_LOSS: what: "column total and its values"; else NULL */
	const char *loses;
	enum plan_risk risk;
	bool foreign_key_checks_off; /* the statement needs it */
	/* what the session must have; NULL members: the plan's standard */
	struct object_context context;
	const char *timestamp; /* expression for SET timestamp (events in the past); or NULL */
	/* A copy of rows that may run in batches: what each of them adds behind sql, what each
	 * but the first adds before that, and what is run between two, to note where the last
	 * one ended. NULL: at once. */
	const char *copy_order;
	const char *copy_more;
	const char *copy_mark;
	/* Steps that follow each other with the same phase and are not of the same kin
	 * (tables that foreign keys connect) may run at the same time, and change places. 0:
	 * alone, in its place. */
	unsigned int phase;
	size_t kin; /* below the plan's kin_limit */
};

/* What a plan keeps elsewhere rather than losing it (preserve.h). */
struct plan_preserved {
	const char *what;    /* "table junk", "column orders.note" */
	const char *place;   /* `shop_mss_quarantine`.`20261122_101500_1_junk` */
	const char *restore; /* a statement that brings it back */
};

struct plan {
	struct arena *arena;
	const char *database;
	enum server_family family;
	struct plan_step *steps;
	size_t count;
	size_t kin_limit;
	const char **warnings;
	size_t warning_count;
	const char *quarantine; /* the database of what is preserved; NULL: nothing is */
	struct plan_preserved *preserved;
	size_t preserved_count;
	bool counts_on; /* a step gives a table its next AUTO_INCREMENT value back */
	/* The renames that it begins with, what is there behind them, and how that differs from
	 * what is wanted; NULL: none. */
	struct rename *renames;
	size_t rename_count;
	struct schema *renamed;
	struct diff *renamed_diff;
};

struct plan_options {
	bool foreign_key_checks_off;  /* --disable-fk-checks: for all steps */
	bool preserve_auto_increment; /* give re-created tables their next value back */
	bool any_database;            /* texts that name their own database leave it out */
	bool any_family;              /* texts of another kind of server are run as they are */
	const char *const *renames;   /* "orders.total=sum" (renames.h); rows are kept */
	size_t rename_count;
};

/*
 * from may go away afterwards, to only when there are no renames. ERR_UNSUPPORTED when families
 * differ and any_family is not set. ERR_USAGE, ERR_INVALID: a rename that is none, or does not
 * fit.
 */
int plan_make(struct plan **out, const struct schema *from, const struct schema *to,
              const struct plan_options *options, struct error *err);
void plan_free(struct plan *p); /* NULL is fine */
DEFINE_DEFER(plan, plan_free)

enum plan_risk plan_worst(const struct plan *p);

/*
 * Appends the plan as a script for the stock client (USE, session settings,
 * delimiters; a comment with risk before each step). header: comment lines for
 * its top, without "-- "; NULL: none. Deterministic.
 */
void plan_script(struct buf *out, const struct plan *p, const char *header);

/* Appends one step of a script: what the session needs, the statement. previous NULL: none. */
void plan_script_step(struct buf *out, enum server_family family,
                      const struct plan_step *previous, const struct plan_step *step);

/*
 * The statements that prepare a session for a step; the standard ones first.
 * Shared by script and server. previous NULL: the first step.
 */
typedef int plan_set_fn(void *arg, const char *statement, struct error *err);
int plan_session_begin(plan_set_fn *set, void *arg, struct error *err);
int plan_session_step(const struct plan_step *previous, const struct plan_step *step,
                      plan_set_fn *set, void *arg, struct error *err);
int plan_session_end(const struct plan_step *last, plan_set_fn *set, void *arg,
                     struct error *err);

#endif
