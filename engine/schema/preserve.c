/* SPDX-License-Identifier: MIT */
#include "engine/schema/preserve.h"

#include <stdlib.h>
#include <string.h>

#include "engine/base/arena.h"
#include "engine/base/buf.h"
#include "engine/base/error.h"
#include "engine/base/mem.h"
#include "engine/schema/column_type.h"
#include "engine/schema/delta.h"
#include "engine/schema/diff.h"
#include "engine/schema/lexer.h"
#include "engine/schema/quote.h"

#define NAME_PART_MAX 40 /* bytes of a table's name in the name of its copy */

/* The new steps, in the making. */
struct preserving {
	struct plan *p;
	const struct diff *d;
	const struct schema *live;
	const char *quarantine;
	const char *stamp;
	struct arena *work;
	struct plan_step *steps;
	size_t count, capacity;
	size_t place_count;
	size_t kept_capacity;
};

static struct plan_step *add(struct preserving *k, const char *type, const char *table)
{
	MEM_GROW(k->steps, k->count, k->capacity);
	k->steps[k->count] = (struct plan_step){
		.type = type,
		.kind = OBJECT_TABLE,
		.name = arena_strdup(k->p->arena, table),
	};
	return &k->steps[k->count++];
}

/* `quarantine`.`stamp_number_table` */
static const char *new_place(struct preserving *k, const char *table)
{
	size_t n = strlen(table) < NAME_PART_MAX ? strlen(table) : NAME_PART_MAX;
	autobuf name = BUF_INIT;
	autobuf place = BUF_INIT;

	while (n > 0 && table[n] && ((unsigned char)table[n] & 0xc0) == 0x80)
		n--; /* not within a character */
	buf_addf(&name, "%s_%zu_%.*s", k->stamp, ++k->place_count, (int)n, table);
	quote_name(&place, k->quarantine);
	buf_addc(&place, '.');
	quote_name(&place, name.data);
	return arena_strdup(k->p->arena, place.data);
}

static void note(struct preserving *k, const char *what, const char *place, const char *restore)
{
	struct plan *p = k->p;

	MEM_GROW(p->preserved, p->preserved_count, k->kept_capacity);
	p->preserved[p->preserved_count++] = (struct plan_preserved){
		.what = arena_strdup(p->arena, what),
		.place = place,
		.restore = arena_strdup(p->arena, restore),
	};
}

static void add_quoted(struct buf *out, const char *database, const char *table)
{
	quote_name(out, database);
	buf_addc(out, '.');
	quote_name(out, table);
}

/* Has a step before this one dropped it? */
static bool was_dropped(const struct preserving *k, const char *type, const char *name,
                        const char *words)
{
	for (size_t i = 0; i < k->count; i++) {
		const struct plan_step *s = &k->steps[i];

		if (strcmp(s->type, type) == 0 && strcmp(s->name, name) == 0 &&
		    (!words || strstr(s->sql, words)))
			return true;
	}
	return false;
}

static void drop_triggers(struct preserving *k, const char *table)
{
	size_t count;
	const struct object *triggers = schema_of_kind(k->live, OBJECT_TRIGGER, &count);

	for (size_t i = 0; i < count; i++) {
		autobuf sql = BUF_INIT;
		struct plan_step *step;

		if (!triggers[i].table || strcmp(triggers[i].table, table) != 0 ||
		    was_dropped(k, "DROP_TRIGGER", triggers[i].name, NULL))
			continue;
		buf_adds(&sql, "DROP TRIGGER ");
		quote_name(&sql, triggers[i].name);
		step = add(k, "DROP_TRIGGER", triggers[i].name);
		step->kind = OBJECT_TRIGGER;
		step->sql = arena_strdup(k->p->arena, sql.data);
		step->description = arena_printf(
			k->p->arena, "drop trigger %s: its table moves away", triggers[i].name);
	}
}

static void drop_own_keys(struct preserving *k, const struct object *o)
{
	for (size_t i = 0; o->parsed && i < o->parsed->foreign_key_count; i++) {
		const char *name = o->parsed->foreign_keys[i].name;
		struct plan_step *step;
		autobuf words = BUF_INIT;
		autobuf sql = BUF_INIT;

		buf_adds(&words, "DROP FOREIGN KEY ");
		quote_name(&words, name);
		if (was_dropped(k, "DROP_FOREIGN_KEY", o->name, words.data))
			continue;
		buf_adds(&sql, "ALTER TABLE ");
		quote_name(&sql, o->name);
		buf_addf(&sql, " %s", words.data);
		step = add(k, "DROP_FOREIGN_KEY", o->name);
		step->sql = arena_strdup(k->p->arena, sql.data);
		step->description = arena_printf(
			k->p->arena, "drop foreign key %s: its table moves away", name);
	}
}

/* A foreign key that is left would go along, and refer to the quarantine. */
static const struct object *referrer(const struct preserving *k, const char *table)
{
	size_t count;
	const struct object *tables = schema_of_kind(k->live, OBJECT_TABLE, &count);

	for (size_t i = 0; i < count; i++) {
		const struct table *t = tables[i].parsed;

		if (strcmp(tables[i].name, table) == 0 ||
		    was_dropped(k, "PRESERVE_TABLE", tables[i].name, NULL))
			continue;
		for (size_t f = 0; t && f < t->foreign_key_count; f++) {
			autobuf words = BUF_INIT;

			buf_adds(&words, "DROP FOREIGN KEY ");
			quote_name(&words, t->foreign_keys[f].name);
			if (!t->foreign_keys[f].parent_database &&
			    strcmp(t->foreign_keys[f].parent_table, table) == 0 &&
			    !was_dropped(k, "DROP_FOREIGN_KEY", tables[i].name, words.data))
				return &tables[i];
		}
	}
	return NULL;
}

static int move_table(struct preserving *k, const struct plan_step *drop, struct error *err)
{
	const struct object *o = schema_find(k->live, OBJECT_TABLE, drop->name);
	const struct object *other = referrer(k, drop->name);
	const char *place = new_place(k, drop->name);
	struct plan_step *step;
	autobuf sql = BUF_INIT;
	autobuf restore = BUF_INIT;
	autobuf what = BUF_INIT;

	if (other) {
		error_set(err, ERR_REFUSED,
		          "table %s cannot be moved away: foreign keys of table %s refer to it",
		          drop->name, other->name);
		return error_hint(err, "Go on without --preserve-data when its rows may go.");
	}
	drop_triggers(k, drop->name);
	if (o)
		drop_own_keys(k, o);
	buf_adds(&sql, "RENAME TABLE ");
	quote_name(&sql, drop->name);
	buf_addf(&sql, " TO %s", place);
	step = add(k, "PRESERVE_TABLE", drop->name);
	step->sql = arena_strdup(k->p->arena, sql.data);
	step->description = arena_printf(k->p->arena, "move table %s to %s", drop->name, place);
	buf_addf(&restore, "RENAME TABLE %s TO ", place);
	add_quoted(&restore, k->live->name, drop->name);
	buf_addf(&what, "table %s", drop->name);
	note(k, what.data, place, restore.data);
	return 0;
}

/* Columns of a table that are copied: with how the copy is declared. */
struct copy {
	const struct object *o;
	const struct index *key;
	const char **names; /* the key first */
	size_t count;
	size_t key_count; /* 0: no key, all columns are copied */
	struct buf list;  /* `id`, `note` */
	struct buf where; /* rows in which there is something to copy; empty: all */
	struct buf what;  /* "column orders.note, column ..." */
	struct buf set;   /* t.`note` = k.`note` */
	struct buf again; /* ADD COLUMN `note` text NULL: those that the plan drops */
};

static bool is_copied(const struct copy *c, const char *name)
{
	for (size_t i = 0; i < c->count; i++) {
		if (strcmp(c->names[i], name) == 0)
			return true;
	}
	return false;
}

static void copy_column(struct copy *c, const char *name)
{
	if (is_copied(c, name))
		return;
	buf_adds(&c->list, c->count > 0 ? ", " : "");
	quote_name(&c->list, name);
	c->names[c->count++] = name;
}

static void copy_value(struct copy *c, const char *name)
{
	if (c->key_count > 0)
		copy_column(c, name);
	buf_adds(&c->where, c->where.len > 0 ? " OR " : "");
	quote_name(&c->where, name);
	buf_adds(&c->where, " IS NOT NULL");
	buf_addf(&c->what, "%scolumn %s.%s", c->what.len > 0 ? ", " : "", c->o->name, name);
	buf_adds(&c->set, c->set.len > 0 ? ", t." : "t.");
	quote_name(&c->set, name);
	buf_adds(&c->set, " = k.");
	quote_name(&c->set, name);
}

/* Does it tell any row from any other, by whole values that are never NULL? */
static bool is_key(const struct table *t, const struct index *x)
{
	if (x->kind != INDEX_PRIMARY && x->kind != INDEX_UNIQUE)
		return false;
	for (size_t i = 0; i < x->part_count; i++) {
		const struct index_part *part = &x->parts[i];
		const struct column *c = part->column ? table_column(t, part->column) : NULL;

		if (!c || part->without_overlaps ||
		    (x->kind == INDEX_UNIQUE &&
		     (!c->not_null || memchr(part->text.p, '(', part->text.n))))
			return false;
	}
	return x->part_count > 0;
}

/* The primary key, or the first that does as well; NULL: none. */
static const struct index *find_key(const struct table *t)
{
	const struct index *primary = table_index(t, "PRIMARY");

	if (primary && is_key(t, primary))
		return primary;
	for (size_t i = 0; i < t->index_count; i++) {
		if (is_key(t, &t->indexes[i]))
			return &t->indexes[i];
	}
	return NULL;
}

static void copy_begin(struct copy *c, struct preserving *k, const struct object *o)
{
	const struct index *key = find_key(o->parsed);

	*c = (struct copy){
		.o = o,
		.key = key,
		.list = BUF_INIT,
		.where = BUF_INIT,
		.what = BUF_INIT,
		.set = BUF_INIT,
		.again = BUF_INIT,
	};
	c->names = arena_array(k->work, 2 * o->parsed->column_count + 1, sizeof(char *));
	for (size_t i = 0; key && i < key->part_count; i++)
		copy_column(c, key->parts[i].column);
	c->key_count = c->count;
	for (size_t i = 0; c->key_count == 0 && i < o->parsed->column_count; i++)
		copy_column(c, o->parsed->columns[i].name);
}

static void copy_finish(struct copy *c)
{
	buf_finish(&c->list);
	buf_finish(&c->where);
	buf_finish(&c->what);
	buf_finish(&c->set);
	buf_finish(&c->again);
}

static void declare(struct buf *sql, const struct table *t, const char *name, bool key)
{
	const struct column *c = table_column(t, name);

	quote_name(sql, name);
	buf_addf(sql, " %.*s", STR_ARG(c->type));
	if (c->charset.n > 0)
		buf_addf(sql, " CHARACTER SET %.*s", STR_ARG(c->charset));
	if (c->collation.n > 0)
		buf_addf(sql, " COLLATE %.*s", STR_ARG(c->collation));
	buf_adds(sql, key ? " NOT NULL" : " NULL");
}

/* A column that the plan drops comes back before its values do. */
static void add_again(struct copy *c, const char *name)
{
	buf_adds(&c->again, c->again.len > 0 ? ", ADD COLUMN " : "ADD COLUMN ");
	declare(&c->again, c->o->parsed, name, false);
}

static void add_option(struct buf *sql, const struct table *t, const char *name)
{
	struct str value = delta_option(t, name);

	if (value.n > 0)
		buf_addf(sql, " %s=%.*s", name, STR_ARG(value));
}

static void make_copy(struct preserving *k, const struct copy *c, const char *place)
{
	const struct table *t = c->o->parsed;
	const struct index *key = c->key;
	struct plan_step *step;
	autobuf sql = BUF_INIT;

	buf_addf(&sql, "CREATE TABLE %s (\n", place);
	for (size_t i = 0; i < c->count; i++) {
		buf_adds(&sql, i > 0 ? ",\n  " : "  ");
		declare(&sql, t, c->names[i], i < c->key_count);
	}
	for (size_t i = 0; c->key_count > 0 && key && i < key->part_count; i++)
		buf_addf(&sql, "%s%.*s", i > 0 ? ", " : ",\n  PRIMARY KEY (",
		         STR_ARG(key->parts[i].text));
	buf_adds(&sql, c->key_count > 0 ? ")\n) ENGINE=InnoDB" : "\n) ENGINE=InnoDB");
	add_option(&sql, t, "DEFAULT CHARSET");
	add_option(&sql, t, "COLLATE");
	step = add(k, "PRESERVE_CREATE", c->o->name);
	step->sql = arena_strdup(k->p->arena, sql.data);
	step->description =
		arena_printf(k->p->arena, "make room for %s: %s", c->what.data, place);
}

/* Is the order of a column's values that of comparing it with a variable? Not so an enum's. */
static bool has_plain_order(const struct column *c)
{
	static const char *const others[] = { "enum", "set", "bit", "float", "double" };

	for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
		if (str_has_prefix(c->type, others[i]))
			return false;
	}
	return true;
}

static const char *why_at_once(const struct copy *c)
{
	if (!c->key)
		return "no key";
	for (size_t i = 0; i < c->key_count; i++) {
		if (!has_plain_order(table_column(c->o->parsed, c->names[i])) ||
		    memchr(c->key->parts[i].text.p, '(', c->key->parts[i].text.n))
			return "no key that rows can be counted off by";
	}
	return NULL;
}

/* `a` > @mss_key_1 OR (`a` = @mss_key_1 AND (`b` > @mss_key_2)): what an index finds. */
static void add_beyond(struct buf *sql, const struct copy *c)
{
	for (size_t i = 0; i < c->key_count; i++) {
		buf_adds(sql, i > 0 ? " AND (" : "(");
		quote_name(sql, c->names[i]);
		buf_addf(sql, " > @mss_key_%zu", i + 1);
		if (i + 1 == c->key_count)
			break;
		buf_adds(sql, " OR (");
		quote_name(sql, c->names[i]);
		buf_addf(sql, " = @mss_key_%zu", i + 1);
	}
	for (size_t i = 0; i < 2 * c->key_count - 1; i++)
		buf_addc(sql, ')');
}

/* By the key, from the last row that was copied on. */
static void set_batches(struct preserving *k, const struct copy *c, struct plan_step *step,
                        const char *place)
{
	autobuf order = BUF_INIT;
	autobuf mark = BUF_INIT;
	autobuf back = BUF_INIT;
	autobuf into = BUF_INIT;
	autobuf beyond = BUF_INIT;

	for (size_t i = 0; i < c->key_count; i++) {
		const char *comma = i > 0 ? ", " : "";

		buf_adds(&order, i > 0 ? ", " : " ORDER BY ");
		quote_name(&order, c->names[i]);
		buf_adds(&mark, i > 0 ? ", " : "SELECT ");
		quote_name(&mark, c->names[i]);
		buf_adds(&back, i > 0 ? ", " : " ORDER BY ");
		quote_name(&back, c->names[i]);
		buf_adds(&back, " DESC");
		buf_addf(&into, "%s@mss_key_%zu", comma, i + 1);
	}
	buf_addf(&mark, " INTO %s FROM %s%s LIMIT 1", into.data, place, back.data);
	add_beyond(&beyond, c);
	step->copy_order = arena_strdup(k->p->arena, order.data);
	step->copy_mark = arena_strdup(k->p->arena, mark.data);
	step->copy_more = arena_printf(k->p->arena, " %s %s",
	                               c->where.len > 0 ? "AND" : "WHERE", beyond.data);
}

/* partitions: " PARTITION (`p0`)" or "" */
static void fill_copy(struct preserving *k, const struct copy *c, const char *place,
                      const char *partitions)
{
	struct plan_step *step = add(k, "PRESERVE_COPY", c->o->name);
	const char *at_once;
	autobuf sql = BUF_INIT;

	buf_addf(&sql, "INSERT INTO %s (%s) SELECT %s FROM ", place, c->list.data,
	         c->list.data);
	quote_name(&sql, c->o->name);
	buf_adds(&sql, partitions);
	if (c->where.len > 0)
		buf_addf(&sql, " WHERE (%s)", c->where.data);
	step->sql = arena_strdup(k->p->arena, sql.data);
	at_once = why_at_once(c);
	step->description =
		arena_printf(k->p->arena, "copy %s to %s%s%s%s", c->what.data, place,
	                     at_once ? ", all rows in one transaction (the table has " : "",
	                     at_once ? at_once : "", at_once ? ")" : "");
	if (!at_once)
		set_batches(k, c, step, place);
}

/* Statements that bring the values back, and before them the columns that are no more. */
static void note_values(struct preserving *k, const struct copy *c, const char *place)
{
	autobuf restore = BUF_INIT;
	autobuf key = BUF_INIT;

	if (c->key_count == 0) {
		buf_addf(&restore, "SELECT * FROM %s", place);
	} else {
		for (size_t i = 0; i < c->key_count; i++) {
			buf_adds(&key, i > 0 ? ", " : "");
			quote_name(&key, c->names[i]);
		}
		if (c->again.len > 0) {
			buf_adds(&restore, "ALTER TABLE ");
			add_quoted(&restore, k->live->name, c->o->name);
			buf_addf(&restore, " %s; ", c->again.data);
		}
		buf_adds(&restore, "UPDATE ");
		add_quoted(&restore, k->live->name, c->o->name);
		buf_addf(&restore, " AS t JOIN %s AS k USING (%s) SET %s", place, key.data,
		         c->set.data);
	}
	note(k, c->what.data, place, restore.data);
}

static bool is_computed(const struct column *c)
{
	return c->generated != COLUMN_PLAIN;
}

/* Values that the changes of a table would drop, cut or round. */
static void copy_values(struct preserving *k, const struct table_delta *d)
{
	struct copy c;

	copy_begin(&c, k, d->from);
	for (size_t i = 0; i < d->dropped_count; i++) {
		if (is_computed(d->dropped[i]))
			continue;
		copy_value(&c, d->dropped[i]->name);
		add_again(&c, d->dropped[i]->name);
	}
	for (size_t i = 0; i < d->b->column_count; i++) {
		const struct column_delta *x = &d->columns[i];

		if (x->action != COLUMN_MODIFY || !x->from || is_computed(x->from))
			continue;
		if (is_computed(x->to) || column_type_narrows(x->from->type, x->to->type))
			copy_value(&c, x->from->name);
	}
	if (c.what.len > 0) {
		const char *place = new_place(k, d->from->name);

		make_copy(k, &c, place);
		fill_copy(k, &c, place, "");
		note_values(k, &c, place);
	}
	copy_finish(&c);
}

/* "ALTER TABLE `t` DROP PARTITION `p0`, `p1`": its rows, whole. */
static void copy_partitions(struct preserving *k, const struct plan_step *drop,
                            const struct object *o)
{
	const char *place = new_place(k, o->name);
	autobuf partitions = BUF_INIT;
	autobuf restore = BUF_INIT;
	struct lexer l;
	struct copy c;

	lexer_init(&l, str_of(drop->sql));
	while (!token_is_word(lexer_next(&l), "PARTITION"))
		;
	buf_addf(&partitions, " PARTITION (%.*s)", (int)(strlen(drop->sql) - l.at),
	         drop->sql + l.at);
	copy_begin(&c, k, o);
	for (size_t i = 0; i < o->parsed->column_count; i++) {
		if (!is_computed(&o->parsed->columns[i]))
			copy_column(&c, o->parsed->columns[i].name);
	}
	buf_addf(&c.what, "rows of table %s,%s", o->name, partitions.data);
	make_copy(k, &c, place);
	fill_copy(k, &c, place, partitions.data);
	buf_adds(&restore, "INSERT INTO ");
	add_quoted(&restore, k->live->name, o->name);
	buf_addf(&restore, " (%s) SELECT %s FROM %s", c.list.data, c.list.data, place);
	note(k, c.what.data, place, restore.data);
	copy_finish(&c);
}

static const struct change *change_of(const struct preserving *k, const char *table)
{
	for (size_t i = 0; i < k->d->count; i++) {
		const struct change *c = &k->d->changes[i];

		if (c->object_kind == OBJECT_TABLE && c->from && c->to &&
		    strcmp(c->from->name, table) == 0)
			return c;
	}
	return NULL;
}

static void append(struct preserving *k, const struct plan_step *step)
{
	MEM_GROW(k->steps, k->count, k->capacity);
	k->steps[k->count++] = *step;
}

/* An ALTER that loses values of columns loses them no more; a history it does. */
static void keep_alter(struct preserving *k, const struct plan_step *step)
{
	const struct change *c = change_of(k, step->name);
	struct table_delta *d =
		c ? delta_new(k->work, c->from, c->to, delta_renames_indexes(k->live)) : NULL;
	struct plan_step kept = *step;

	if (d && strcmp(step->type, "ALTER_PARTITIONS") == 0 && step->loses) {
		copy_partitions(k, step, c->from);
	} else if (d && !was_dropped(k, "PRESERVE_COPY", step->name, NULL)) {
		copy_values(k, d);
	}
	if (d && step->risk == PLAN_RISK_LOSS && step->loses &&
	    !strstr(step->loses, "the history of table")) {
		kept.risk = PLAN_RISK_REBUILD;
		kept.loses = NULL;
	}
	append(k, &kept);
}

static int rewrite(struct preserving *k, struct error *err)
{
	for (size_t i = 0; i < k->p->count; i++) {
		const struct plan_step *step = &k->p->steps[i];

		if (strcmp(step->type, "DROP_TABLE") == 0) {
			if (move_table(k, step, err) < 0)
				return -1;
		} else if (step->kind == OBJECT_TABLE &&
		           strncmp(step->type, "ALTER_", 6) == 0) {
			keep_alter(k, step);
		} else {
			append(k, step);
		}
	}
	return 0;
}

/* Warnings of what does not happen any more. */
static void drop_warnings(struct plan *p)
{
	bool loses = plan_worst(p) == PLAN_RISK_LOSS;
	size_t kept = 0;

	for (size_t i = 0; i < p->warning_count; i++) {
		const char *text = p->warnings[i];
		bool moot = strstr(text, " table(s) will be dropped") ||
		            strstr(text, " column(s) will be dropped") ||
		            (strncmp(text, "DESTRUCTIVE", 11) == 0 && !loses);

		if (!moot)
			p->warnings[kept++] = text;
	}
	p->warning_count = kept;
}

int plan_preserve(struct plan *p, const struct diff *d, const struct schema *live,
                  const char *quarantine, const char *stamp, struct error *err)
{
	struct preserving k = { .p = p,
		                .d = p->renamed ? p->renamed_diff : d,
		                .live = p->renamed ? p->renamed : live,
		                .quarantine = quarantine,
		                .stamp = stamp,
		                .work = arena_new() };
	int result = rewrite(&k, err);

	arena_free(k.work);
	if (result < 0) {
		free(k.steps);
		return -1;
	}
	free(p->steps);
	p->steps = k.steps;
	p->count = k.count;
	p->quarantine = arena_strdup(p->arena, quarantine);
	drop_warnings(p);
	return 0;
}
