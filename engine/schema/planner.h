/* SPDX-License-Identifier: MIT */
/*
 * planner: a plan in the making, shared by the plan_*.c files and nobody else.
 *
 * Each file looks at the two schemas and puts steps into phases; plan.c then
 * takes the phases in their order. Pure.
 */
#ifndef ENGINE_SCHEMA_PLANNER_H
#define ENGINE_SCHEMA_PLANNER_H

#include <stdbool.h>
#include <stddef.h>

#include "engine/base/buf.h"
#include "engine/schema/diff.h"
#include "engine/schema/plan.h"

struct column;
struct index;
struct foreign_key;
struct map;
struct table;
struct table_delta;

/* For statements that a strict mode refuses and that harm no value. */
#define PLAN_LENIENT_MODE "NO_ENGINE_SUBSTITUTION"

enum plan_phase {
	PHASE_RENAMES,
	PHASE_DROP_EVENTS,
	PHASE_DROP_TRIGGERS,
	PHASE_DROP_VIEWS,
	PHASE_DROP_FOREIGN_KEYS,
	PHASE_DROP_ROUTINES,
	PHASE_DROP_TABLES,
	PHASE_DATABASE,
	PHASE_FREE_NAMES, /* sequences whose names become tables */
	PHASE_SEQUENCES,
	PHASE_CREATE_TABLES,
	PHASE_ALTER_TABLES,
	PHASE_ADD_FOREIGN_KEYS,
	PHASE_DROP_SEQUENCES,
	PHASE_ROUTINES,
	PHASE_STAND_INS, /* for what broken views miss */
	PHASE_VIEWS,
	PHASE_DEFINERS,      /* of views on which others were made meanwhile */
	PHASE_RESTORE_VIEWS, /* those that others needed to be otherwise */
	PHASE_DROP_STAND_INS,
	PHASE_LAST_OPTIONS, /* that copying a table changes */
	PHASE_TRIGGERS,
	PHASE_DROP_STAND_IN_SEQUENCES,
	PHASE_EVENTS,
	PHASE_COUNT
};

struct step_list {
	struct plan_step *items;
	size_t count;
	size_t capacity;
};

/* A table of either side. */
struct plan_table {
	const struct object *from; /* NULL: created */
	const struct object *to;   /* NULL: dropped */
	struct table_delta *delta; /* both are there, differ, and were understood */
	bool rebuilt;              /* dropped and created: no ALTER says the difference */
	bool *from_keys_dropped;   /* for each foreign key of from: dropped by a step of its own
	                            */
	bool outgrown;             /* to is a parent in foreign keys for which it is not fit */
	bool *to_keys_added;       /* for each foreign key of to: added by a step of its own */
};

struct planner {
	struct plan *plan;
	struct arena *arena; /* the plan's */
	struct arena *work;  /* ends with the planning */
	const struct schema *from;
	const struct schema *to;
	const struct plan_options *options;
	struct diff *diff;
	struct step_list phases[PHASE_COUNT];
	struct plan_table *tables; /* by name; of kept, created and dropped ones */
	size_t table_count;
	struct map *table_of; /* by name */
	size_t warning_capacity;
};

static inline bool planner_sees(const struct planner *p, enum object_kind kind)
{
	return !(p->diff->unseen & OBJECT_KIND_BIT(kind));
}

static inline bool planner_is_mariadb(const struct planner *p)
{
	return p->to->family == SERVER_MARIADB;
}

/* Adds a step; sql and description are copied. Valid until the next step of the phase. */
struct plan_step *planner_step(struct planner *p, enum plan_phase phase, const char *type,
                               enum object_kind kind, const char *name);
void planner_say(struct planner *p, struct plan_step *step, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
void planner_sql(struct planner *p, struct plan_step *step, const struct buf *sql);
void planner_warn(struct planner *p, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* Is it known of, but not its text? NULL is not. */
bool planner_is_unread(const struct object *o);

const struct plan_table *planner_table(const struct planner *p, const char *name);

/*
 * An ALTER TABLE that grows clause by clause, and what people should know of it.
 */
struct alter {
	struct buf clauses;
	struct buf tail; /* partitioning: stands last, with no comma */
	struct buf description;
	struct buf loses;
	enum plan_risk risk;
	size_t count;     /* of clauses */
	size_t reordered; /* of those, that only put an index into another place */
};
#define ALTER_INIT                                \
	((struct alter){ .clauses = BUF_INIT,     \
	                 .tail = BUF_INIT,        \
	                 .description = BUF_INIT, \
	                 .loses = BUF_INIT })
void alter_finish(struct alter *x);
#define autoalter __attribute__((cleanup(alter_finish))) struct alter

/* Begins a clause: a comma behind the one before. The caller goes on in x->clauses. */
struct buf *alter_clause(struct alter *x);
void alter_say(struct alter *x, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void alter_risk(struct alter *x, enum plan_risk risk);
void alter_loses(struct alter *x, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
bool alter_is_empty(const struct alter *x);
/* Adds the step, unless there is nothing in it; NULL then. The alter is empty again. */
struct plan_step *alter_step(struct planner *p, struct alter *x, enum plan_phase phase,
                             const char *type, const char *table);

/* plan_tables.c: which tables are altered, dropped, created; and the last two in order */
void plan_tables_decide(struct planner *p);
void plan_tables_order(struct planner *p);
/* plan_create_tables.c */
void plan_tables_create(struct planner *p);
/* A column of b as a statement says it: what stands behind its name. */
void plan_column_text(struct buf *out, const struct table *b, const struct column *c);
/* plan_table.c: the ALTERs */
void plan_tables_alter(struct planner *p);
/* plan_columns.c */
void plan_columns_drop(struct alter *x, const struct table_delta *d);
void plan_columns_change(const struct planner *p, struct alter *x, const struct table_delta *d);
/* Does a column stay out of its table's versioning? */
bool plan_column_is_unversioned(const struct column *c);
/* Says those of the columns again that do. */
void plan_columns_unversion(struct alter *x, const struct table_delta *d);
/* plan_defaults.c: none at all, and those that a statement of its own sets */
/* " DEFAULT (uuid())" in the text of a column: MySQL adds none with it. Empty: as it is. */
struct str plan_default_later(const struct planner *p, const struct table_delta *d,
                              const struct column *c);
void plan_defaults_created(struct planner *p, const struct object *to);
void plan_defaults_altered(struct planner *p, const struct table_delta *d);
/* plan_indexes.c: and checks */
void plan_indexes_decide(struct planner *p, struct plan_table *t);
void plan_indexes_drop(struct alter *x, const struct table_delta *d, bool mariadb);
void plan_indexes_add(struct alter *x, const struct table_delta *d, bool mariadb);
void plan_indexes_insist(struct alter *x, const struct table_delta *d);
/* plan_checks.c: MySQL's, whose names move to other tables */
void plan_checks(struct planner *p);
/* plan_options.c: and periods, versioning */
void plan_options_decide(struct table_delta *d);
void plan_options_first(struct planner *p, const struct table_delta *d);
void plan_options_drop(struct alter *x, const struct table_delta *d);
void plan_options_change(struct alter *x, const struct table_delta *d);
void plan_options_last(struct planner *p, const struct table_delta *d);
/* What comes when nothing copies the tables any more. */
void plan_last_options(struct planner *p);
/* plan_partitions.c: first what a statement of its own must do before, then within, then after
 */
void plan_partitions_first(struct planner *p, const struct table_delta *d);
void plan_partitions_change(struct alter *x, const struct table_delta *d);
void plan_partitions_last(struct planner *p, const struct table_delta *d);
/* History in partitions without a rule for their rotation: strict modes refuse every ALTER. */
bool plan_partitions_need_leniency(const struct table *t);
/* plan_foreign_keys.c */
enum plan_parent {
	PARENT_FIT,
	PARENT_GONE,        /* legal, with the checks off */
	PARENT_KEYLESS,     /* there, but lost its index */
	PARENT_PARTITIONED, /* there, but became one that cannot be a parent */
	PARENT_UNFIT, /* there, but of another type: no statement makes such a foreign key. Or
	               * it rests on a generated column that it would write */
};
enum plan_parent plan_parent_of(const struct planner *p, const struct table *child,
                                const struct foreign_key *f);
void plan_foreign_keys_decide(struct planner *p);
void plan_foreign_keys(struct planner *p);
/* plan_unfit_parents.c: foreign keys that are there although their parent is not fit for them
 */
void plan_unfit_parents(struct planner *p, const struct plan_table *t);
/* plan_sequences.c */
void plan_sequences(struct planner *p);
/* plan_missing_sequences.c: what defaults refer to and is not there; behind all that */
void plan_missing_sequences(struct planner *p);
/* plan_code.c: routines, packages, events; and what the other stored code shares */
void plan_drop_code(struct planner *p, enum plan_phase phase, const struct object *o);
struct plan_step *plan_create_code(struct planner *p, enum plan_phase phase,
                                   const struct object *o, bool replace);
void plan_routines(struct planner *p);
void plan_events(struct planner *p);
/* plan_views.c, plan_broken_views.c, plan_triggers.c */
void plan_stand_ins(struct planner *p, const struct object **views, size_t count);
/* plan_spellings.c: columns of tables, as a view spells them */
struct spelling {
	const char *view;
	const char *table;
	const char *have;
	const char *want;
};
void plan_spellings(struct planner *p, const struct spelling *items, size_t count);
void plan_circular_view(struct planner *p, const struct object *view, bool made, bool exists);
/* views: in the order in which they are made */
void plan_definers(struct planner *p, const struct object **views, size_t count);
void plan_restore_view(struct planner *p, const struct object *view);
void plan_views(struct planner *p);
void plan_triggers(struct planner *p);
/* plan_broken_triggers.c */
void plan_create_trigger(struct planner *p, const struct object *trigger);
/* plan_database.c: the database itself, and its collation around stored code */
void plan_database(struct planner *p);
void plan_database_around_code(struct planner *p);
/* plan_renames.c: the renames that were asked for; notes about others that may be some */
void plan_rename(struct planner *p);
void plan_renames(struct planner *p);
/* plan_parallel.c: which steps may run at the same time; when all phases are made */
void plan_parallel(struct planner *p);
/* plan_risk.c */
enum plan_risk plan_risk_of_column(const struct table_delta *d, size_t column);
void plan_warnings(struct planner *p);

/* "CREATE OR REPLACE ...": the text of an object with these words behind CREATE. */
void plan_or_replace(struct buf *out, const struct object *o);
/* "DROP VIEW `v`" */
void plan_drop(struct buf *out, enum object_kind kind, const char *name);

#endif
