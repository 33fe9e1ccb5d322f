/* SPDX-License-Identifier: MIT */
/*
 * A view that refers to what is not there cannot be created, but it can be there
 * and must come back. So stand-ins are made for what such views miss, for as long
 * as views are created.
 */
#include <string.h>
#include <strings.h>

#include "engine/base/arena.h"
#include "engine/base/cleanup.h"
#include "engine/base/map.h"
#include "engine/schema/lexer.h"
#include "engine/schema/list.h"
#include "engine/schema/names.h"
#include "engine/schema/planner.h"
#include "engine/schema/quote.h"
#include "engine/schema/table.h"
#include "engine/schema/view.h"

/* A table or view of which broken views want something that it has not, or not at all. */
struct stand_in {
	const char *name;
	struct map *columns; /* by name; the value is not NULL where it must be a geometry */
	struct map *respelt; /* its columns as views spell them, to their names */
	struct map *indexes; /* by name: those that hints want and that are not there */
	const struct view_table *reference;
	bool was_view; /* MariaDB names the database before a table's columns only */
};

struct scan {
	struct planner *p;
	struct map *stand_ins; /* by name */
	struct map *made;      /* functions and sequences, by name */
	struct list spellings;
	const char *view; /* the one that is looked at */
};

static bool is_there(const struct planner *p, const char *name)
{
	return schema_find(p->to, OBJECT_TABLE, name) ||
	       schema_find(p->to, OBJECT_VIEW, name) ||
	       schema_find(p->to, OBJECT_SEQUENCE, name);
}

static bool is_own(const struct planner *p, const char *database)
{
	return !database || strcmp(database, p->to->name) == 0;
}

static struct stand_in *stand_in_for(struct scan *s, const struct view_table *t)
{
	struct stand_in *found = map_get(s->stand_ins, t->name);

	if (found)
		return found;
	found = arena_alloc(s->p->work, sizeof(*found));
	*found = (struct stand_in){ .name = t->name, .reference = t };
	found->columns = map_new();
	found->respelt = map_new();
	found->indexes = map_new();
	map_set(s->stand_ins, t->name, found);
	return found;
}

static const char *unquoted(struct arena *a, struct token t)
{
	autobuf name = BUF_INIT;

	token_name(&name, t);
	return arena_strdup(a, name.data);
}

typedef void column_fn(void *arg, const char *name);

/* The columns of a view: the names behind AS up to the outermost FROM. */
static void each_view_column(const struct planner *p, const struct object *view, column_fn *fn,
                             void *arg)
{
	size_t depth = 0;
	bool selected = false;
	struct lexer l;
	struct token t;

	object_lexer(&l, view);
	while ((t = lexer_next(&l)).kind != TOKEN_END) {
		if (token_is(t, '('))
			depth++;
		else if (token_is(t, ')') && depth > 0)
			depth--;
		if (depth > 0)
			continue;
		selected |= token_is_word(t, "SELECT");
		if (selected && token_is_word(t, "FROM"))
			return;
		if (selected && token_is_word(t, "AS") && lexer_peek(&l).kind == TOKEN_NAME)
			fn(arg, unquoted(p->work, lexer_peek(&l)));
	}
}

struct search {
	const char *name;
	const char *found;
};

static void compare_name(void *arg, const char *name)
{
	struct search *s = arg;

	if (strcasecmp(s->name, name) == 0)
		s->found = name;
}

/* A sequence can be read like a table. */
static const char *const sequence_columns[] = {
	"next_not_cached_value", "minimum_value", "maximum_value",
	"start_value",           "increment",     "cache_size",
	"cycle_option",          "cycle_count",
};

static const char *sequence_column(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(sequence_columns); i++) {
		if (strcasecmp(sequence_columns[i], name) == 0)
			return sequence_columns[i];
	}
	return NULL;
}

/* A column of what a view reads, as it is spelt there; NULL: there is none. */
static const char *find_column(const struct planner *p, const char *table, const char *name)
{
	const struct object *o = schema_find(p->to, OBJECT_TABLE, table);
	struct search search = { .name = name };
	const struct column *c;

	if (o && !o->parsed)
		return name;
	if (o) {
		c = table_column(o->parsed, name);
		return c ? c->name : NULL;
	}
	o = schema_find(p->to, OBJECT_VIEW, table);
	if (!o)
		return schema_find(p->to, OBJECT_SEQUENCE, table) ? sequence_column(name)
		                                                  : NULL;
	each_view_column(p, o, compare_name, &search);
	return search.found;
}

static const struct view_table *table_of(const struct view *v, const struct view_column *c)
{
	for (size_t i = 0; i < v->table_count; i++) {
		const struct view_table *t = &v->tables[i];

		if (strcasecmp(t->alias ? t->alias : t->name, c->qualifier) == 0)
			return t;
	}
	return NULL;
}

static void drop_stand_in(struct planner *p, enum object_kind kind, const char *name)
{
	const char *const types[OBJECT_KIND_COUNT] = {
		[OBJECT_TABLE] = "DROP_TABLE",
		[OBJECT_SEQUENCE] = "DROP_SEQUENCE",
		[OBJECT_FUNCTION] = "DROP_FUNCTION",
		[OBJECT_VIEW] = "DROP_VIEW",
	};
	struct plan_step *step = planner_step(p, PHASE_DROP_STAND_INS, types[kind], kind, name);
	autobuf sql = BUF_INIT;

	plan_drop(&sql, kind, name);
	planner_sql(p, step, &sql);
	planner_say(p, step, "drop the stand-in %s", name);
}

static void make(struct planner *p, const char *type, enum object_kind kind, const char *name,
                 const struct buf *sql)
{
	struct plan_step *step = planner_step(p, PHASE_STAND_INS, type, kind, name);

	planner_sql(p, step, sql);
	planner_say(p, step, "a stand-in, so that a view that needs it can be made");
}

static void make_function(struct scan *s, const struct view_call *c)
{
	autobuf sql = BUF_INIT;

	if (!is_own(s->p, c->database) || schema_find(s->p->to, OBJECT_FUNCTION, c->name) ||
	    map_has(s->made, c->name))
		return;
	map_set(s->made, c->name, s);
	buf_adds(&sql, "CREATE FUNCTION ");
	quote_name(&sql, c->name);
	buf_addc(&sql, '(');
	for (size_t i = 0; i < c->arguments; i++)
		buf_addf(&sql, "%sa%zu TEXT", i > 0 ? ", " : "", i);
	buf_adds(&sql, ") RETURNS TEXT DETERMINISTIC NO SQL RETURN NULL");
	make(s->p, "CREATE_FUNCTION", OBJECT_FUNCTION, c->name, &sql);
	drop_stand_in(s->p, OBJECT_FUNCTION, c->name);
}

static void make_sequence(struct scan *s, const char *name)
{
	autobuf sql = BUF_INIT;

	if (map_has(s->made, name))
		return;
	map_set(s->made, name, s);
	buf_adds(&sql, "CREATE SEQUENCE ");
	quote_name(&sql, name);
	make(s->p, "CREATE_SEQUENCE", OBJECT_SEQUENCE, name, &sql);
	drop_stand_in(s->p, OBJECT_SEQUENCE, name);
}

/*
 * MariaDB prints a view's columns as it was told when the view was made, or when the table
 * was: a column whose name changed its case since has to be as it was. So does MySQL when the
 * view is broken; else it spells them as the table does now, so that the column may only get
 * its name back in the statement that breaks the view.
 */
static void respell(struct scan *s, const struct view_table *t, const char *want,
                    const char *name)
{
	struct spelling *added;

	if (strcmp(want, name) == 0)
		return;
	if (schema_find(s->p->to, OBJECT_VIEW, t->name) || !planner_is_mariadb(s->p)) {
		map_set(stand_in_for(s, t)->respelt, want, arena_strdup(s->p->work, name));
		return;
	}
	added = list_add(&s->spellings);
	*added = (struct spelling){ s->view, t->name, arena_strdup(s->p->work, name), want };
}

static void compare_key(void *arg, const char *key, void *value)
{
	(void)value;
	compare_name(arg, key);
}

/* One that lacks, in the spelling of the first view that wants it. */
static void want_column(struct scan *s, const struct view_table *t, const struct view_column *c)
{
	struct stand_in *stand_in = stand_in_for(s, t);
	struct search other = { .name = c->name };

	map_each(stand_in->columns, compare_key, &other);
	if (other.found)
		respell(s, t, c->name, other.found);
	if (!other.found || c->use == VIEW_USE_GEOMETRY)
		map_set(stand_in->columns, other.found ? other.found : c->name,
		        c->use == VIEW_USE_GEOMETRY ? s : NULL);
	if (planner_is_mariadb(s->p) && !t->alias && !c->database)
		stand_in->was_view = true;
}

static void scan_column(struct scan *s, const struct view *v, const struct view_column *c,
                        bool broken)
{
	const struct view_table *t = table_of(v, c);
	const char *found;

	if (!t || t->sequence || !is_own(s->p, t->database))
		return;
	found = find_column(s->p, t->name, c->name);
	if (found && (broken || planner_is_mariadb(s->p)))
		respell(s, t, c->name, found);
	if (!found && broken)
		want_column(s, t, c);
}

/* USE INDEX (`k`): a hint is an error when there is no such index. */
static void scan_hints(struct scan *s, const struct view_table *t)
{
	const struct object *o = schema_find(s->p->to, OBJECT_TABLE, t->name);

	for (size_t i = 0; i < t->index_count; i++) {
		if (!o || (o->parsed && !table_index(o->parsed, t->indexes[i])))
			map_set(stand_in_for(s, t)->indexes, t->indexes[i], NULL);
	}
}

static void scan_view(struct scan *s, const struct object *o, bool broken)
{
	const struct view *v = view_parse(s->p->work, o);

	s->view = o->name;
	for (size_t i = 0; i < v->column_count; i++)
		scan_column(s, v, &v->columns[i], broken);
	for (size_t i = 0; broken && i < v->table_count; i++) {
		const struct view_table *t = &v->tables[i];

		if (!is_own(s->p, t->database))
			continue;
		scan_hints(s, t);
		if (is_there(s->p, t->name))
			continue;
		if (t->sequence)
			make_sequence(s, t->name);
		else
			stand_in_for(s, t);
	}
	for (size_t i = 0; broken && i < v->call_count; i++)
		make_function(s, &v->calls[i]);
}

static const char *column_type(const void *geometry)
{
	return geometry ? " GEOMETRY" : " VARCHAR(10)";
}

static void add_column(void *arg, const char *name, void *geometry)
{
	struct buf *sql = arg;

	if (sql->data[sql->len - 1] != '(')
		buf_adds(sql, ", ");
	quote_name(sql, name);
	buf_adds(sql, column_type(geometry));
}

/* `FROM t PARTITION (p0)` wants a partition of that name. */
static void add_partitions(struct buf *sql, const struct view_table *t)
{
	if (t->partition_count == 0)
		return;
	buf_adds(sql, " PARTITION BY RANGE (`stand in`) (");
	for (size_t i = 0; i < t->partition_count; i++) {
		buf_adds(sql, i > 0 ? ", PARTITION " : "PARTITION ");
		quote_name(sql, t->partitions[i]);
		buf_addf(sql, " VALUES LESS THAN (%zu)", i);
	}
	buf_addc(sql, ')');
}

static void add_index(void *arg, const char *name, void *value)
{
	struct buf *sql = arg;

	(void)value;
	if (strcasecmp(name, "PRIMARY") == 0) {
		buf_adds(sql, "PRIMARY KEY");
	} else {
		buf_adds(sql, "KEY ");
		quote_name(sql, name);
	}
	buf_adds(sql, " (`stand in`)");
}

static void add_listed_index(void *arg, const char *name, void *value)
{
	buf_adds(arg, ", ");
	add_index(arg, name, value);
}

static void make_table(struct planner *p, const struct stand_in *s)
{
	bool needs_column = map_count(s->columns) == 0 || map_count(s->indexes) > 0 ||
	                    s->reference->partition_count > 0;
	autobuf sql = BUF_INIT;

	buf_adds(&sql, "CREATE TABLE ");
	quote_name(&sql, s->name);
	buf_adds(&sql, " (");
	map_each(s->columns, add_column, &sql);
	if (needs_column)
		buf_addf(&sql, "%s`stand in` INT", map_count(s->columns) > 0 ? ", " : "");
	map_each(s->indexes, add_listed_index, &sql);
	buf_addc(&sql, ')');
	/* A foreign key that lost its parent would not take a table of InnoDB. */
	if (planner_is_mariadb(p))
		buf_adds(&sql, " ENGINE=MyISAM");
	if (s->reference->versioned)
		buf_adds(&sql, " WITH SYSTEM VERSIONING");
	add_partitions(&sql, s->reference);
	make(p, "CREATE_TABLE", OBJECT_TABLE, s->name, &sql);
	drop_stand_in(p, OBJECT_TABLE, s->name);
}

struct column_change {
	struct alter *x;
	bool add;
};

static void change_column(void *arg, const char *name, void *geometry)
{
	const struct column_change *c = arg;
	struct buf *sql = alter_clause(c->x);

	buf_adds(sql, c->add ? "ADD COLUMN " : "DROP COLUMN ");
	quote_name(sql, name);
	if (c->add)
		buf_adds(sql, column_type(geometry));
	alter_say(c->x, "%s column %s, which a broken view needs",
	          c->add ? "lend" : "take back", name);
}

static void change_index(void *arg, const char *name, void *value)
{
	const struct column_change *c = arg;
	struct buf *sql = alter_clause(c->x);

	buf_adds(sql, c->add ? "ADD " : "DROP ");
	if (c->add) {
		add_index(sql, name, value);
	} else {
		buf_adds(sql, "KEY ");
		quote_name(sql, name);
	}
	alter_say(c->x, "%s index %s, which a broken view names", c->add ? "lend" : "take back",
	          name);
}

static void rename_column(void *arg, const char *want, void *name)
{
	const struct column_change *c = arg;
	struct buf *sql = alter_clause(c->x);

	buf_adds(sql, "RENAME COLUMN ");
	quote_name(sql, c->add ? name : want);
	buf_adds(sql, " TO ");
	quote_name(sql, c->add ? want : name);
	alter_say(c->x, "%s column %s, as a view spells it", c->add ? "spell" : "respell",
	          want);
}

static void lend(struct planner *p, const struct stand_in *s, enum plan_phase phase, bool add)
{
	autoalter x = ALTER_INIT;
	struct column_change change = { &x, add };

	map_each(s->respelt, rename_column, &change);
	map_each(s->columns, change_column, &change);
	if (map_count(s->indexes) > 0)
		buf_adds(alter_clause(&x),
		         add ? "ADD COLUMN `stand in` INT" : "DROP COLUMN `stand in`");
	map_each(s->indexes, change_index, &change);
	alter_step(p, &x, phase, "ALTER_TABLE", s->name);
}

static void lend_columns(struct planner *p, const struct stand_in *s)
{
	lend(p, s, PHASE_STAND_INS, true);
	lend(p, s, PHASE_DROP_STAND_INS, false);
	if (map_count(s->columns) == 0)
		return;
	planner_warn(
		p,
		"WARNING: table %s gets columns for a moment, since a view that the backup "
		"holds is broken without them",
		s->name);
}

static void add_expression(void *arg, const char *name, void *geometry)
{
	struct buf *sql = arg;

	buf_adds(sql, geometry ? " POINT(0, 0) AS " : " '' AS ");
	quote_name(sql, name);
	buf_addc(sql, ',');
}

struct view_columns {
	struct buf *sql;
	const struct map *others; /* with which the view's own must not meet */
};

static void add_own_column(void *arg, const char *name)
{
	const struct view_columns *c = arg;
	struct search search = { .name = name };

	if (c->others)
		map_each(c->others, compare_key, &search);
	if (!search.found)
		add_expression(c->sql, name, NULL);
}

/* A view with these columns, and those of another (NULL: none). */
static void make_view(struct planner *p, const char *name, struct map *columns,
                      const struct object *like)
{
	autobuf sql = BUF_INIT;
	struct view_columns own = { .sql = &sql, .others = columns };

	buf_adds(&sql, "CREATE OR REPLACE VIEW ");
	quote_name(&sql, name);
	buf_adds(&sql, " AS SELECT");
	if (columns)
		map_each(columns, add_expression, &sql);
	if (like)
		each_view_column(p, like, add_own_column, &own);
	buf_adds(&sql, " 1 AS `stand in`");
	make(p, "CREATE_VIEW", OBJECT_VIEW, name, &sql);
}

/* The view itself is made, or made again, when all others are. */
static void add_name(void *arg, const char *name, void *value)
{
	(void)value;
	map_set(arg, name, NULL);
}

static void replace_view(struct planner *p, const struct stand_in *s, const struct object *view)
{
	map_each(s->respelt, add_name, s->columns);
	make_view(p, s->name, s->columns, view);
	plan_restore_view(p, view);
}

static void make_missing_view(struct planner *p, const struct stand_in *s)
{
	make_view(p, s->name, s->columns, NULL);
	drop_stand_in(p, OBJECT_VIEW, s->name);
}

static const char *name_aside(struct planner *p)
{
	return arena_printf(p->work, "set aside %zu", p->phases[PHASE_STAND_INS].count);
}

static void rename_object(struct planner *p, enum plan_phase phase, enum object_kind kind,
                          const char *from, const char *to)
{
	struct plan_step *step = planner_step(p, phase, "RENAME_TABLE", kind, from);
	autobuf sql = BUF_INIT;

	buf_adds(&sql, "RENAME TABLE ");
	quote_name(&sql, from);
	buf_adds(&sql, " TO ");
	quote_name(&sql, to);
	planner_sql(p, step, &sql);
	planner_say(p, step, "out of the way of a stand-in, for a moment");
}

/*
 * The view was made when a table had this name. Others, made since, see the sequence's own
 * columns.
 */
static void make_table_for_sequence(struct planner *p, const struct stand_in *s)
{
	const char *aside = name_aside(p);

	for (size_t i = 0; i < ARRAY_SIZE(sequence_columns); i++)
		map_set(s->columns, sequence_columns[i], NULL);
	rename_object(p, PHASE_STAND_INS, OBJECT_SEQUENCE, s->name, aside);
	make_table(p, s);
	rename_object(p, PHASE_DROP_STAND_INS, OBJECT_SEQUENCE, aside, s->name);
}

/* The view's text under another name. */
static void create_aside(struct planner *p, const struct object *view, const char *aside)
{
	struct plan_step *step = plan_create_code(p, PHASE_RESTORE_VIEWS, view, false);
	autobuf sql = BUF_INIT;
	struct lexer l;
	struct token t;

	object_lexer(&l, view);
	while ((t = lexer_next(&l)).kind != TOKEN_END && !token_is_word(t, "VIEW"))
		continue;
	t = lexer_next(&l);
	buf_add(&sql, view->sql.p, (size_t)(t.text.p - view->sql.p));
	quote_name(&sql, aside);
	buf_adds(&sql, t.text.p + t.text.n);
	planner_sql(p, step, &sql);
}

/* The server makes no circles, but renaming does. */
void plan_circular_view(struct planner *p, const struct object *view, bool made, bool exists)
{
	const char *aside = name_aside(p);

	if (exists && !made)
		rename_object(p, PHASE_STAND_INS, OBJECT_VIEW, view->name, aside);
	make_view(p, view->name, NULL, view);
	if (made)
		create_aside(p, view, aside);
	drop_stand_in(p, OBJECT_VIEW, view->name);
	rename_object(p, PHASE_DROP_STAND_INS, OBJECT_VIEW, aside, view->name);
}

static void make_stand_in(void *arg, const char *name, void *value)
{
	struct planner *p = arg;
	struct stand_in *s = value;
	const struct object *view = schema_find(p->to, OBJECT_VIEW, name);

	if (view)
		replace_view(p, s, view);
	else if (s->was_view && !is_there(p, name))
		make_missing_view(p, s);
	else if (schema_find(p->to, OBJECT_SEQUENCE, name))
		make_table_for_sequence(p, s);
	else if (is_there(p, name))
		lend_columns(p, s);
	else
		make_table(p, s);
	map_free(s->columns);
	map_free(s->respelt);
	map_free(s->indexes);
}

/* A view names its own database only when it is broken. */
static bool is_broken(const struct planner *p, const struct object *o)
{
	autobuf text = BUF_INIT;

	if (o->problem)
		return true;
	names_unqualified(&text, o, p->to);
	return text.len != o->sql.n;
}

void plan_stand_ins(struct planner *p, const struct object **views, size_t count)
{
	DEFER(map) *made = map_new();
	DEFER(map) *stand_ins = map_new();
	struct scan s = {
		.p = p,
		.stand_ins = stand_ins,
		.made = made,
		.spellings.size = sizeof(struct spelling),
	};

	for (size_t i = 0; i < count; i++)
		scan_view(&s, views[i], is_broken(p, views[i]));
	map_each(stand_ins, make_stand_in, p);
	plan_spellings(p, s.spellings.items, s.spellings.count);
	list_finish(&s.spellings);
}
