/* SPDX-License-Identifier: MIT */
/*
 * out: what the command says. Data goes to standard output in the form that
 * was asked for; talk (notes, warnings, progress, errors) goes to standard error.
 *
 * Commands make struct json and say how a table shows it; the same value is
 * what --format json and yaml print:
 *
 *	DEFER(out_list) *l = NULL;
 *
 *	if (out_list_begin(&l, cli->out, columns, err) < 0)
 *		return -1;
 *	out_list_add(l, row);     // again and again; takes the row
 *	out_list_end(l);
 *
 * Write errors are kept by the streams; out_finish() reports them. Not thread-safe.
 */
#ifndef CLI_OUT_H
#define CLI_OUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "engine/base/cleanup.h"

struct buf;
struct error;
struct json;
struct out;
struct out_list;

enum out_format {
	OUT_TABLE = 1, /* for people */
	OUT_JSON,
	OUT_YAML,
	OUT_COMPACT, /* one line per record, fields separated by tabs */
};

enum out_theme { OUT_THEME_DARK, OUT_THEME_LIGHT, OUT_THEME_HIGH_CONTRAST };

/* Lines around a table. */
enum out_frame { OUT_FRAME_NONE, OUT_FRAME_MINIMAL, OUT_FRAME_BORDER, OUT_FRAME_ROUNDED };

/* One of the two streams. */
struct out_stream {
	FILE *file;
	bool terminal;
	bool color;
};

struct out_setup {
	struct out_stream data, talk;
	enum out_format format;
	enum out_theme theme;
	enum out_frame frame; /* of tables on a terminal */
	bool quiet;           /* warnings and errors only */
	bool progress;        /* show out_step() */
	bool icons;           /* symbols before results, where the terminal can show them */
	int width;            /* widest table on a terminal; 0: the terminal's */
	const char *zone;     /* of dates; NULL: the process's */
	const char *columns;  /* of -o; NULL: the usual ones */
};

struct out *out_new(const struct out_setup *setup);
void out_free(struct out *o); /* NULL is fine */
DEFINE_DEFER(out, out_free)
void out_change(struct out *o, const struct out_setup *setup);
const struct out_setup *out_setup(const struct out *o);

/* Is it JSON or YAML? Then nothing but one value may be written. */
bool out_is_data(const struct out *o);
/* Writes one JSON or YAML document. */
void out_value(struct out *o, const struct json *v);

enum out_style {
	OUT_PLAIN,
	OUT_STRONG,
	OUT_DIM,
	OUT_GOOD,
	OUT_NOTICE,
	OUT_BAD,
	OUT_STYLE_COUNT
};

/* Text for people. Control characters are made visible on a terminal. */
void out_text(struct out *o, enum out_style style, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* Bytes as they are, but for control characters on a terminal: scripts, files. */
void out_raw(struct out *o, const char *data, size_t len);

/* How a member of a record is shown. */
enum out_kind {
	OUT_KIND_TEXT,
	OUT_KIND_NUMBER,
	OUT_KIND_SIZE,   /* bytes */
	OUT_KIND_TIME,   /* RFC 3339; shown in the zone */
	OUT_KIND_BOOL,   /* yes, no */
	OUT_KIND_PAIRS,  /* an object: k=v, k=v */
	OUT_KIND_LIST,   /* an array of text */
	OUT_KIND_STATUS, /* coloured by what it says */
};

/* What becomes of a value that is too wide for the terminal. */
enum out_fit { OUT_WHOLE, OUT_CUT, OUT_WRAP };

struct out_column {
	const char *name;  /* for -o: "created"; NULL ends a table */
	const char *title; /* "CREATED" */
	const char *key;   /* the member: "created_at" */
	enum out_kind kind;
	bool usual; /* shown without -o */
	enum out_fit fit;
};

/* ERR_USAGE when -o names a column that is not there. */
int out_list_begin(struct out_list **out, struct out *o, const struct out_column *columns,
                   struct error *err);
void out_list_add(struct out_list *l, struct json *row); /* takes row */
void out_list_end(struct out_list *l);
void out_list_free(struct out_list *l); /* NULL is fine */
DEFINE_DEFER(out_list, out_list_free)

/* One record, a line per member that is there and not empty. All of columns. */
void out_record(struct out *o, const struct out_column *columns, const struct json *v);

/* The text of a member as people read it; appends. */
void out_render(struct buf *text, const struct out *o, const struct out_column *c,
                const struct json *v);
/* How a status is coloured. */
enum out_style out_status_style(const char *status);
/* The sequence that begins a style, and ends it (OUT_PLAIN). "" without colours. */
const char *out_escape(const struct out *o, const struct out_stream *s, enum out_style style);
/* Appends text with control characters made visible. */
void out_add_visible(struct buf *to, const char *text, size_t len);

void out_note(struct out *o, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void out_success(struct out *o, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void out_warning(struct out *o, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* A step of long work: shown on a terminal or with --verbose. */
void out_step(struct out *o, size_t i, size_t count, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
/* "Error: what: why" and "Hint: ..." */
void out_error(struct out *o, const struct error *err);

/* Can this locale show more than ASCII? */
bool out_is_utf8(void);

/* Called behind every write to standard output, while errno still tells why it failed. */
void out_keep_reason(struct out *o);
/* Flushes; ERR_SYSTEM when anything could not be written to standard output. */
int out_finish(struct out *o, struct error *err);

#endif
