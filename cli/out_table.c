/* SPDX-License-Identifier: MIT */
/* out_table: listings, as tables by libsmartcols and as streams of records. */
#include <libsmartcols.h>
#include <string.h>
#include <strings.h>

#include "cli/out.h"
#include "cli/out_fit.h"
#include "cli/out_frame.h"
#include "cli/out_yaml.h"
#include "engine/base/buf.h"
#include "engine/base/error.h"
#include "engine/base/json.h"
#include "engine/base/mem.h"
#include "engine/config/nearest.h"

#define COLUMNS_MAX 64

struct out_list {
	struct out *out;
	const struct out_column *columns[COLUMNS_MAX];
	size_t count;
	bool chosen; /* by -o: then JSON and YAML have these members only */
	size_t rows;
	struct libscols_table *table; /* NULL but for OUT_TABLE */
};

static const struct out_column *find_column(const struct out_column *columns, struct str name)
{
	for (const struct out_column *c = columns; c->name; c++) {
		if (str_is_nocase(name, c->name))
			return c;
	}
	return NULL;
}

static int unknown_column(const struct out_column *columns, struct str name, struct error *err)
{
	struct nearest near = NEAREST_INIT(name);
	autobuf allowed = BUF_INIT;

	for (const struct out_column *c = columns; c->name; c++) {
		buf_addf(&allowed, "%s%s", allowed.len > 0 ? ", " : "", c->name);
		nearest_offer(&near, str_of(c->name));
	}
	error_set(err, ERR_USAGE, "--columns: \"%.*s\" is not one of %s", STR_ARG(name),
	          allowed.data);
	if (near.word.p)
		error_hint(err, "Did you mean %.*s?", STR_ARG(near.word));
	return -1;
}

static void add_usual(struct out_list *l, const struct out_column *columns)
{
	for (const struct out_column *c = columns; c->name; c++) {
		if (c->usual)
			l->columns[l->count++] = c;
	}
}

/* "id,size", or "+tags" for the usual ones and more. */
static int choose_columns(struct out_list *l, const struct out_column *columns,
                          struct error *err)
{
	const char *text = out_setup(l->out)->columns;

	l->chosen = text != NULL;
	if (!text || text[0] == '+')
		add_usual(l, columns);
	if (!text)
		return 0;
	if (text[0] == '+')
		text++;
	for (;;) {
		struct str name = str_trim((struct str){ text, strcspn(text, ",") });
		const struct out_column *c = find_column(columns, name);

		if (!c)
			return unknown_column(columns, name, err);
		if (l->count == COLUMNS_MAX)
			return error_set(err, ERR_USAGE, "--columns: more than %d columns",
			                 COLUMNS_MAX);
		l->columns[l->count++] = c;
		text += strcspn(text, ",");
		if (*text == '\0')
			return 0;
		text++;
	}
}

static bool is_right(const struct out_column *c)
{
	return c->kind == OUT_KIND_SIZE || c->kind == OUT_KIND_NUMBER;
}

static const int fits[] = {
	[OUT_WHOLE] = 0,
	[OUT_CUT] = SCOLS_FL_TRUNC,
	[OUT_WRAP] = SCOLS_FL_WRAP,
};

/* Frames are for people: a pipe gets the plain table. */
static enum out_frame frame_of(const struct out_list *l)
{
	const struct out_setup *s = out_setup(l->out);

	if (!s->data.terminal)
		return OUT_FRAME_NONE;
	return s->frame == OUT_FRAME_ROUNDED && !out_is_utf8() ? OUT_FRAME_BORDER : s->frame;
}

static void begin_table(struct out_list *l)
{
	const struct out_setup *s = out_setup(l->out);
	struct libscols_table *t = scols_new_table();
	enum out_frame frame = frame_of(l);
	size_t width;

	if (!t)
		abort();
	l->table = t;
	scols_table_enable_colors(t, s->data.color);
	scols_table_set_termforce(t, s->data.terminal ? SCOLS_TERMFORCE_ALWAYS
	                                              : SCOLS_TERMFORCE_NEVER);
	width = scols_table_get_termwidth(t);
	if (s->width > 0 && width > (size_t)s->width)
		width = (size_t)s->width;
	scols_table_set_termwidth(t, width > frame_margin(frame) ? width - frame_margin(frame)
	                                                         : 1);
	scols_table_set_column_separator(t, frame_separator(frame));
	for (size_t i = 0; i < l->count; i++) {
		const struct out_column *c = l->columns[i];
		int flags = (is_right(c) ? SCOLS_FL_RIGHT : 0) | fits[c->fit];
		struct libscols_column *col = scols_table_new_column(t, c->title, 0, flags);

		if (!col)
			abort();
		if (s->data.color)
			scols_cell_set_color(scols_column_get_header(col),
			                     out_escape(l->out, &s->data, OUT_STRONG));
	}
}

int out_list_begin(struct out_list **out, struct out *o, const struct out_column *columns,
                   struct error *err)
{
	DEFER(out_list) *l = mem_alloc(sizeof(*l));

	l->out = o;
	if (choose_columns(l, columns, err) < 0)
		return -1;
	if (out_setup(o)->format == OUT_TABLE)
		begin_table(l);
	*out = take(l);
	return 0;
}

static void add_line(struct out_list *l, const struct json *row)
{
	const struct out_setup *s = out_setup(l->out);
	struct libscols_line *line = scols_table_new_line(l->table, NULL);

	if (!line)
		abort();
	for (size_t i = 0; i < l->count; i++) {
		const struct out_column *c = l->columns[i];
		autobuf text = BUF_INIT;
		enum out_style style;

		out_render(&text, l->out, c, row);
		if (scols_line_set_data(line, i, text.data) != 0)
			abort(); /* out of memory, as everywhere */
		style = c->kind == OUT_KIND_STATUS ? out_status_style(text.data) : OUT_PLAIN;
		if (style != OUT_PLAIN && s->data.color)
			scols_cell_set_color(scols_line_get_cell(line, i),
			                     out_escape(l->out, &s->data, style));
	}
}

/* A tab or a line break in a value must not look like one of ours. */
static void add_field(struct buf *to, const char *text)
{
	for (; *text; text++) {
		if (*text == '\t')
			buf_adds(to, "\\t");
		else if (*text == '\n')
			buf_adds(to, "\\n");
		else if (*text == '\\')
			buf_adds(to, "\\\\");
		else
			buf_addc(to, *text);
	}
}

static void add_compact(const struct out_list *l, const struct json *row)
{
	autobuf line = BUF_INIT;

	for (size_t i = 0; i < l->count; i++) {
		autobuf text = BUF_INIT;

		out_render(&text, l->out, l->columns[i], row);
		if (i > 0)
			buf_addc(&line, '\t');
		add_field(&line, text.data);
	}
	buf_addc(&line, '\n');
	out_raw(l->out, line.data, line.len);
}

/* The chosen members of a row, in the chosen order. */
static struct json *project(const struct out_list *l, const struct json *row)
{
	struct json *o = json_object();

	for (size_t i = 0; i < l->count; i++) {
		const char *key = l->columns[i]->key;

		json_set(o, key, json_share(json_get(row, key)));
	}
	return o;
}

#define USUAL_ROW 4096 /* bytes */

/* An element of a JSON array, as json_write() would indent it. */
static void add_json(const struct out_list *l, const struct json *row)
{
	autobuf text = BUF_INIT;
	autobuf indented = BUF_INIT;
	const char *line, *end;

	buf_reserve(&text, USUAL_ROW);
	buf_reserve(&indented, USUAL_ROW);
	json_write(&text, row, JSON_PRETTY);
	buf_truncate(&text, text.len - 1); /* the newline at the end */
	buf_adds(&indented, l->rows == 0 ? "[\n  " : ",\n  ");
	for (line = text.data; (end = strchr(line, '\n')) != NULL; line = end + 1) {
		buf_add(&indented, line, (size_t)(end - line));
		buf_adds(&indented, "\n  ");
	}
	buf_adds(&indented, line);
	fwrite(indented.data, 1, indented.len, out_setup(l->out)->data.file);
}

static void add_data(const struct out_list *l, const struct json *row)
{
	const struct out_setup *s = out_setup(l->out);
	autobuf text = BUF_INIT;

	if (s->format == OUT_JSON) {
		add_json(l, row);
		return;
	}
	yaml_write_item(&text, row);
	fwrite(text.data, 1, text.len, s->data.file);
}

void out_list_add(struct out_list *l, struct json *row)
{
	DEFER(json) *mine = row;
	DEFER(json) *part = NULL;

	switch (out_setup(l->out)->format) {
	case OUT_TABLE:
		add_line(l, row);
		break;
	case OUT_COMPACT:
		add_compact(l, row);
		break;
	case OUT_JSON:
	case OUT_YAML:
		if (l->chosen)
			part = project(l, row);
		add_data(l, part ? part : row);
		break;
	}
	out_keep_reason(l->out);
	l->rows++;
	(void)mine;
}

#define FLEXIBLE_LEAST ((size_t)12)

/* The natural widths of the columns: of the widest cell, or the title. */
static void measure(const struct out_list *l, size_t *widths)
{
	for (size_t i = 0; i < l->count; i++)
		widths[i] = fit_width(l->columns[i]->title);
	for (size_t n = 0; n < l->rows; n++) {
		struct libscols_line *line = scols_table_get_line(l->table, n);

		for (size_t i = 0; i < l->count; i++) {
			const char *text = scols_cell_get_data(scols_line_get_cell(line, i));
			size_t width = fit_width(text ? text : "");

			widths[i] = width > widths[i] ? width : widths[i];
		}
	}
}

/* Cuts and wraps the cells of a column to its width. */
static void fit_column(const struct out_list *l, size_t i, size_t width)
{
	for (size_t n = 0; n < l->rows; n++) {
		struct libscols_line *line = scols_table_get_line(l->table, n);
		const char *text = scols_cell_get_data(scols_line_get_cell(line, i));
		autobuf made = BUF_INIT;

		if (!text || fit_width(text) <= width)
			continue;
		if (l->columns[i]->fit == OUT_WRAP)
			fit_wrap(&made, text, width);
		else
			fit_cut(&made, text, width, out_is_utf8() ? "\u2026" : "...");
		if (scols_line_set_data(line, i, made.data) != 0)
			abort(); /* out of memory, as everywhere */
	}
}

/* libsmartcols would break words, and cut without a mark. */
static void fit_table(const struct out_list *l)
{
	size_t widths[COLUMNS_MAX], natural[COLUMNS_MAX] = { 0 };
	size_t between = fit_width(frame_separator(frame_of(l))) * (l->count - 1);
	size_t room = scols_table_get_termwidth(l->table);
	bool flexible[COLUMNS_MAX];

	measure(l, natural);
	memcpy(widths, natural, sizeof(widths));
	for (size_t i = 0; i < l->count; i++)
		flexible[i] = l->columns[i]->fit != OUT_WHOLE;
	fit_share(widths, flexible, l->count, room > between ? room - between : 0,
	          FLEXIBLE_LEAST);
	for (size_t i = 0; i < l->count; i++) {
		struct libscols_column *c = scols_table_get_column(l->table, i);

		if (widths[i] < natural[i])
			fit_column(l, i, widths[i]);
		if (l->columns[i]->fit != OUT_WRAP)
			continue;
		scols_column_set_safechars(c, "\n");
		scols_column_set_wrapfunc(c, scols_wrapnl_chunksize, scols_wrapnl_nextchunk,
		                          NULL);
	}
}

static void print_table(struct out_list *l)
{
	autofree char *text = NULL;
	autobuf framed = BUF_INIT;
	size_t widths[COLUMNS_MAX];

	if (out_setup(l->out)->data.terminal)
		fit_table(l);
	if (scols_print_table_to_string(l->table, &text) != 0)
		abort(); /* out of memory, as everywhere */
	for (size_t i = 0; i < l->count; i++)
		widths[i] = scols_column_get_width(scols_table_get_column(l->table, i));
	frame_draw(&framed, frame_of(l), text, widths, l->count);
	fwrite(framed.data, 1, framed.len, out_setup(l->out)->data.file);
}

void out_list_end(struct out_list *l)
{
	const struct out_setup *s = out_setup(l->out);

	switch (s->format) {
	case OUT_TABLE:
		if (l->rows > 0)
			print_table(l);
		break;
	case OUT_COMPACT:
		break;
	case OUT_JSON:
		fputs(l->rows > 0 ? "\n]\n" : "[]\n", s->data.file);
		break;
	case OUT_YAML:
		if (l->rows == 0)
			fputs("[]\n", s->data.file);
		break;
	}
	out_keep_reason(l->out);
}

void out_list_free(struct out_list *l)
{
	if (!l)
		return;
	scols_unref_table(l->table);
	free(l);
}
