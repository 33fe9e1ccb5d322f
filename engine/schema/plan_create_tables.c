/* SPDX-License-Identifier: MIT */
/*
 * Tables that are made: the order, and a text that gives the wanted one.
 *
 * Parents come before their children, so that foreign keys can be part of CREATE
 * TABLE; one that closes a circle is added later. With the checks off none of
 * that is needed, and tables come by name. But a foreign key that does not fit
 * its parent (which can be, when the parent was replaced with the checks off) is
 * accepted only as long as the parent is not there: then the child comes first.
 */
#include <stdint.h>
#include <string.h>

#include "engine/base/arena.h"
#include "engine/base/map.h"
#include "engine/schema/column_type.h"
#include "engine/schema/delta.h"
#include "engine/schema/lexer.h"
#include "engine/schema/list.h"
#include "engine/schema/planner.h"

enum visit { VISIT_NONE, VISIT_OPEN, VISIT_DONE };

/* A child with a foreign key that this parent does not fit. */
struct misfit {
	struct plan_table *child;
	struct misfit *next;
};

/* What is known of each of p->tables. */
struct node {
	enum visit state;
	struct misfit *misfits; /* of this parent */
	bool *is_misfit;        /* of this child's foreign keys; NULL: none is one */
};

struct ordering {
	struct planner *p;
	struct node *nodes;
	struct list stack; /* of struct frame: hostile schemas chain deeper than ours reaches */
	struct plan_table **order;
	size_t count;
};

static bool is_created(const struct plan_table *t)
{
	return t->to && (!t->from || t->rebuilt);
}

static struct node *node_of(const struct ordering *o, const struct plan_table *t)
{
	return &o->nodes[t - o->p->tables];
}

static struct plan_table *parent_of(const struct planner *p, const struct foreign_key *f)
{
	return f->parent_database ? NULL : map_get(p->table_of, f->parent_table);
}

/* What decides of a column's collation, in one of the words that say it. */
static struct str collation_of(const struct table *t, const struct column *c)
{
	struct str table = delta_option(t, "COLLATE");

	if (!column_is_text(c))
		return (struct str){ "", 0 };
	if (c->collation.n > 0)
		return c->collation;
	if (c->charset.n > 0)
		return c->charset;
	return table.n > 0 ? table : delta_option(t, "DEFAULT CHARSET");
}

static bool column_fits(const struct table *child, const char *name, const struct table *parent,
                        const char *parent_name)
{
	const struct column *c = table_column(child, name);
	const struct column *pc = table_column(parent, parent_name);

	return c && pc && column_type_same_but_width(c->type, pc->type) &&
	       str_equal(collation_of(child, c), collation_of(parent, pc));
}

/* Does it look so that the server takes it? If in doubt it does not: that costs nothing. */
static bool fits(const struct table *child, const struct foreign_key *f,
                 const struct table *parent)
{
	bool has_index = false;

	if (f->column_count != f->parent_column_count)
		return false;
	for (size_t i = 0; i < f->column_count; i++) {
		if (!column_fits(child, f->columns[i], parent, f->parent_columns[i]))
			return false;
	}
	for (size_t i = 0; i < parent->index_count; i++)
		has_index |= index_serves(&parent->indexes[i], f->parent_columns,
		                          f->parent_column_count);
	return has_index;
}

static void add_misfit(struct ordering *o, struct plan_table *child, size_t key,
                       const struct plan_table *parent)
{
	struct node *node = node_of(o, child);
	struct misfit *m = arena_alloc(o->p->work, sizeof(*m));

	if (!node->is_misfit)
		node->is_misfit = arena_array(o->p->work, child->to->parsed->foreign_key_count,
		                              sizeof(bool));
	node->is_misfit[key] = true;
	*m = (struct misfit){ child, node_of(o, parent)->misfits };
	node_of(o, parent)->misfits = m;
}

static void find_misfits(struct ordering *o, struct plan_table *t)
{
	const struct table *b = t->to->parsed;

	for (size_t i = 0; b && i < b->foreign_key_count; i++) {
		const struct foreign_key *f = &b->foreign_keys[i];
		const struct plan_table *parent = parent_of(o->p, f);

		if (parent && parent != t && is_created(parent) && parent->to->parsed &&
		    !fits(b, f, parent->to->parsed))
			add_misfit(o, t, i, parent);
	}
}

static bool is_misfit(const struct ordering *o, const struct plan_table *t, size_t key)
{
	const bool *is = node_of(o, t)->is_misfit;

	return is && is[key];
}

/* CREATE TABLE spells the columns as the table does; ALTER TABLE, as the foreign key does. */
static bool is_spelt_otherwise(const struct table *t, const struct foreign_key *f)
{
	for (size_t i = 0; i < f->column_count; i++) {
		const struct column *c = table_column(t, f->columns[i]);

		if (c && strcmp(c->name, f->columns[i]) != 0)
			return true;
	}
	return false;
}

/* Can this foreign key be part of CREATE TABLE: is its parent there, in its final form? */
static bool can_be_inline(const struct ordering *o, const struct plan_table *t, size_t key)
{
	const struct foreign_key *f = &t->to->parsed->foreign_keys[key];
	const struct plan_table *parent = parent_of(o->p, f);

	if (is_spelt_otherwise(t->to->parsed, f))
		return false;
	if (o->p->options->foreign_key_checks_off || is_misfit(o, t, key))
		return true;
	if (!parent || parent == t)
		return parent == t || f->parent_database;
	if (is_created(parent))
		return node_of(o, parent)->state == VISIT_DONE;
	return parent->to && !parent->delta;
}

/* A table that waits for others, and how far its search for them has come. */
struct frame {
	struct plan_table *table;
	const struct misfit *misfit;
	size_t key;
};

static void enter(struct ordering *o, struct plan_table *t)
{
	struct frame *f = list_add(&o->stack);

	node_of(o, t)->state = VISIT_OPEN;
	*f = (struct frame){ .table = t, .misfit = node_of(o, t)->misfits };
}

static void leave(struct ordering *o, struct plan_table *t)
{
	const struct table *b = t->to->parsed;

	for (size_t i = 0; b && i < b->foreign_key_count; i++)
		t->to_keys_added[i] = !can_be_inline(o, t, i);
	node_of(o, t)->state = VISIT_DONE;
	o->order[o->count++] = t;
	o->stack.count--;
}

static struct plan_table *next_parent(const struct ordering *o, struct frame *f)
{
	const struct table *b = f->table->to->parsed;

	if (o->p->options->foreign_key_checks_off || !b)
		return NULL;
	while (f->key < b->foreign_key_count) {
		size_t key = f->key++;
		struct plan_table *parent = parent_of(o->p, &b->foreign_keys[key]);

		if (parent && is_created(parent) && !is_misfit(o, f->table, key) &&
		    node_of(o, parent)->state == VISIT_NONE)
			return parent;
	}
	return NULL;
}

/* Another table that must come before; NULL: no more. */
static struct plan_table *next_before(const struct ordering *o, struct frame *f)
{
	while (f->misfit) {
		struct plan_table *child = f->misfit->child;

		f->misfit = f->misfit->next;
		if (node_of(o, child)->state == VISIT_NONE)
			return child;
	}
	return next_parent(o, f);
}

static void visit(struct ordering *o, struct plan_table *t)
{
	enter(o, t);
	while (o->stack.count > 0) {
		struct frame *top = (struct frame *)o->stack.items + o->stack.count - 1;
		struct plan_table *before = next_before(o, top);

		if (before)
			enter(o, before);
		else
			leave(o, top->table);
	}
}

/*
 * MySQL prints `a` text COLLATE x when the column has its table's collation x without
 * saying so; read again, that says so, and is printed with CHARACTER SET from then on.
 * The clause with the blank before it; empty when the column needs it.
 */
static struct str needless_collation(const struct table *b, const struct column *c)
{
	static const char word[] = " COLLATE ";
	const size_t n = sizeof(word) - 1;
	const struct str none = { NULL, 0 };

	if (c->collation.n == 0 || c->charset.n > 0 ||
	    !str_equal(c->collation, delta_option(b, "COLLATE")) ||
	    c->collation.p < c->text.p + n || memcmp(c->collation.p - n, word, n) != 0)
		return none;
	return (struct str){ c->collation.p - n, n + c->collation.n };
}

/* A foreign key with the comma before it. */
static struct str with_comma(struct str sql, struct str part)
{
	const char *from = part.p;

	while (from > sql.p && *from != ',')
		from--;
	return (struct str){ from, (size_t)(part.p + part.n - from) };
}

void plan_column_text(struct buf *out, const struct table *b, const struct column *c)
{
	struct str needless = needless_collation(b, c);
	const char *from = c->text.p;

	if (needless.n > 0) {
		buf_add(out, from, (size_t)(needless.p - from));
		from = needless.p + needless.n;
	}
	buf_add(out, from, (size_t)(c->text.p + c->text.n - from));
}

static const char *cut(struct buf *out, const char *copied, struct str part)
{
	if (part.n == 0)
		return copied;
	buf_add(out, copied, (size_t)(part.p - copied));
	return part.p + part.n;
}

/* The text without the foreign keys that come later, and without what must not be said. */
static void add_text(struct buf *out, const struct plan_table *t)
{
	struct str sql = t->to->sql;
	const struct table *b = t->to->parsed;
	const char *copied = sql.p;

	for (size_t i = 0; b && i < b->column_count; i++)
		copied = cut(out, copied, needless_collation(b, &b->columns[i]));
	for (size_t i = 0; b && i < b->foreign_key_count; i++) {
		if (t->to_keys_added[i])
			copied = cut(out, copied, with_comma(sql, b->foreign_keys[i].text));
	}
	buf_add(out, copied, (size_t)(sql.p + sql.n - copied));
}

/*
 * Options that the engine does not know are printed as comments: as options they
 * are kept again, when the session asks for that. True if there are any.
 */
static bool open_comments(struct buf *out, struct str sql)
{
	const char *copied = sql.p;
	struct lexer l;
	struct token t;

	lexer_init(&l, sql);
	l.want_comments = true;
	while ((t = lexer_next(&l)).kind != TOKEN_END) {
		if (t.kind != TOKEN_COMMENT || !str_has_prefix(t.text, "/*"))
			continue;
		buf_add(out, copied, (size_t)(t.text.p - copied));
		buf_add(out, t.text.p + 2, t.text.n - 4);
		copied = t.text.p + t.text.n;
	}
	buf_add(out, copied, (size_t)(sql.p + sql.n - copied));
	return copied != sql.p;
}

static void restore_auto_increment(struct planner *p, const struct object *to)
{
	autoalter x = ALTER_INIT;

	if (!p->options->preserve_auto_increment || to->auto_increment == 0)
		return;
	buf_addf(alter_clause(&x), "AUTO_INCREMENT = %ju", (uintmax_t)to->auto_increment);
	p->plan->counts_on = true;
	alter_say(&x, "continue counting at %ju", (uintmax_t)to->auto_increment);
	alter_step(p, &x, PHASE_CREATE_TABLES, "ALTER_TABLE", to->name);
}

static void create_table(const struct ordering *o, const struct plan_table *t)
{
	struct planner *p = o->p;
	struct plan_step *step =
		planner_step(p, PHASE_CREATE_TABLES, "CREATE_TABLE", OBJECT_TABLE, t->to->name);
	autobuf text = BUF_INIT;
	autobuf sql = BUF_INIT;

	add_text(&text, t);
	/* There are no rows yet that a strict mode would keep from harm. */
	step->context.sql_mode = PLAN_LENIENT_MODE;
	if (planner_is_mariadb(p) && open_comments(&sql, (struct str){ text.data, text.len }))
		step->context.sql_mode = "IGNORE_BAD_TABLE_OPTIONS,NO_ENGINE_SUBSTITUTION";
	planner_sql(p, step, sql.len > 0 ? &sql : &text);
	planner_say(p, step, "create table %s", t->to->name);
	if (t->rebuilt || !t->to->parsed || node_of(o, t)->is_misfit)
		step->foreign_key_checks_off = true;
	plan_defaults_created(p, t->to);
	restore_auto_increment(p, t->to);
}

void plan_tables_create(struct planner *p)
{
	struct ordering o = { .p = p };

	o.order = arena_array(p->work, p->table_count + 1, sizeof(struct plan_table *));
	o.nodes = arena_array(p->work, p->table_count + 1, sizeof(*o.nodes));
	o.stack.size = sizeof(struct frame);
	for (size_t i = 0; i < p->table_count; i++) {
		if (is_created(&p->tables[i]))
			find_misfits(&o, &p->tables[i]);
	}
	for (size_t i = 0; i < p->table_count; i++) {
		if (is_created(&p->tables[i]) && o.nodes[i].state == VISIT_NONE)
			visit(&o, &p->tables[i]);
	}
	for (size_t i = 0; i < o.count; i++)
		create_table(&o, o.order[i]);
	list_finish(&o.stack);
}
