/* SPDX-License-Identifier: MIT */
#include "cli/out.h"

#include <errno.h>
#include <inttypes.h>
#include <langinfo.h>
#include <stdarg.h>
#include <string.h>
#include <strings.h>

#include "cli/out_yaml.h"
#include "engine/base/buf.h"
#include "engine/base/clock.h"
#include "engine/base/error.h"
#include "engine/base/json.h"
#include "engine/base/mem.h"
#include "engine/base/number.h"

struct out {
	struct out_setup setup;
	int reason; /* why standard output could not be written: an errno; 0: it could */
};

/* clang-format off */
static const char *const escapes[][OUT_STYLE_COUNT] = {
	/*                            plain      strong     dim        good         notice       bad */
	[OUT_THEME_DARK]          = { "\33[0m", "\33[1m", "\33[2m", "\33[32m",   "\33[33m",   "\33[31m" },
	[OUT_THEME_LIGHT]         = { "\33[0m", "\33[1m", "\33[2m", "\33[32m",   "\33[35m",   "\33[31m" },
	[OUT_THEME_HIGH_CONTRAST] = { "\33[0m", "\33[1m", "",       "\33[1;92m", "\33[1;93m", "\33[1;91m" },
};

static const struct {
	const char *name;
	enum out_style style;
} statuses[] = {
	{ "completed", OUT_GOOD }, { "valid", OUT_GOOD },    { "keep", OUT_GOOD }, { "ok", OUT_GOOD },
	{ "creating", OUT_NOTICE },  { "validating", OUT_NOTICE }, { "delete", OUT_NOTICE },
	{ "rebuild", OUT_NOTICE }, { "narrowing", OUT_NOTICE },
	{ "failed", OUT_BAD },     { "corrupted", OUT_BAD }, { "data loss", OUT_BAD },
};
/* clang-format on */

struct out *out_new(const struct out_setup *setup)
{
	struct out *o = mem_alloc(sizeof(*o));

	o->setup = *setup;
	return o;
}

void out_free(struct out *o)
{
	free(o);
}

void out_change(struct out *o, const struct out_setup *setup)
{
	o->setup = *setup;
}

const struct out_setup *out_setup(const struct out *o)
{
	return &o->setup;
}

bool out_is_data(const struct out *o)
{
	return o->setup.format == OUT_JSON || o->setup.format == OUT_YAML;
}

const char *out_escape(const struct out *o, const struct out_stream *s, enum out_style style)
{
	return s->color ? escapes[o->setup.theme][style] : "";
}

enum out_style out_status_style(const char *status)
{
	for (size_t i = 0; i < ARRAY_SIZE(statuses); i++) {
		if (strcasecmp(statuses[i].name, status) == 0)
			return statuses[i].style;
	}
	return OUT_PLAIN;
}

/* Names and descriptions come from servers and archives: no escape sequence of theirs may act.
 */
void out_add_visible(struct buf *to, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text[i];
		bool c1 =
			c == 0xc2 && i + 1 < len && ((unsigned char)text[i + 1] & 0xe0) == 0x80;

		if (c1)
			buf_addf(to, "\\x%02x", (unsigned int)(unsigned char)text[++i]);
		else if ((c < 0x20 && c != '\n' && c != '\t') || c == 0x7f)
			buf_addf(to, "\\x%02x", (unsigned int)c);
		else
			buf_addc(to, text[i]);
	}
}

void out_keep_reason(struct out *o)
{
	if (ferror(o->setup.data.file) && !o->reason)
		o->reason = errno;
}

static void write_to(const struct out *o, const struct out_stream *s, enum out_style style,
                     const char *text, size_t len)
{
	autobuf visible = BUF_INIT;

	if (s->terminal) {
		out_add_visible(&visible, text, len);
		text = visible.data;
		len = visible.len;
	}
	if (style != OUT_PLAIN)
		fputs(out_escape(o, s, style), s->file);
	fwrite(text, 1, len, s->file);
	if (style != OUT_PLAIN)
		fputs(out_escape(o, s, OUT_PLAIN), s->file);
}

void out_raw(struct out *o, const char *data, size_t len)
{
	write_to(o, &o->setup.data, OUT_PLAIN, data, len);
	out_keep_reason(o);
}

void out_value(struct out *o, const struct json *v)
{
	autobuf text = BUF_INIT;

	if (o->setup.format == OUT_YAML)
		yaml_write(&text, v);
	else
		json_write(&text, v, JSON_PRETTY);
	fwrite(text.data, 1, text.len, o->setup.data.file);
	out_keep_reason(o);
}

/* A trailing newline stays outside of the colour. */
static void write_formatted(const struct out *o, const struct out_stream *s,
                            enum out_style style, const char *fmt, va_list ap)
	__attribute__((format(printf, 4, 0)));

static void write_formatted(const struct out *o, const struct out_stream *s,
                            enum out_style style, const char *fmt, va_list ap)
{
	autofree char *text = NULL;
	size_t len;

	if (vasprintf(&text, fmt, ap) < 0) {
		text = NULL;
		return;
	}
	len = strlen(text);
	if (len > 0 && text[len - 1] == '\n') {
		write_to(o, s, style, text, len - 1);
		fputc('\n', s->file);
	} else {
		write_to(o, s, style, text, len);
	}
}

void out_text(struct out *o, enum out_style style, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	write_formatted(o, &o->setup.data, style, fmt, ap);
	va_end(ap);
	out_keep_reason(o);
}

static void render_time(struct buf *text, const struct out *o, const char *rfc3339)
{
	struct error err = ERROR_INIT;
	char local[CLOCK_TEXT_MAX];
	int64_t t;

	if (clock_parse(&t, rfc3339, 0, o->setup.zone, &err) < 0) {
		buf_adds(text, rfc3339);
		return;
	}
	clock_format_local(local, t, o->setup.zone);
	buf_adds(text, local);
}

static void render_many(struct buf *text, const struct json *v)
{
	for (size_t i = 0; i < json_count(v); i++) {
		const struct json *value = json_at(v, i);
		const char *key = json_is_object(v) ? json_member(v, i, &value) : NULL;
		const char *s = json_text(value, NULL);

		buf_addf(text, "%s%s%s", i > 0 ? ", " : "", key ? key : "", key ? "=" : "");
		if (s)
			buf_adds(text, s);
		else
			json_write(text, value, JSON_COMPACT);
	}
}

void out_render(struct buf *text, const struct out *o, const struct out_column *c,
                const struct json *v)
{
	const struct json *value = json_get(v, c->key);
	const char *s = json_text(value, NULL);
	char size[NUMBER_TEXT_MAX];

	if (!value || json_is_null(value))
		return;
	switch (c->kind) {
	case OUT_KIND_TIME:
		render_time(text, o, s ? s : "");
		return;
	case OUT_KIND_SIZE:
		number_format_size(size, (uint64_t)json_int_value(value, 0));
		buf_adds(text, size);
		return;
	case OUT_KIND_BOOL:
		buf_adds(text, json_bool_value(value, false) ? "yes" : "no");
		return;
	case OUT_KIND_PAIRS:
	case OUT_KIND_LIST:
		render_many(text, value);
		return;
	case OUT_KIND_TEXT:
	case OUT_KIND_NUMBER:
	case OUT_KIND_STATUS:
		if (s)
			buf_adds(text, s);
		else
			json_write(text, value, JSON_COMPACT);
		return;
	}
}

void out_record(struct out *o, const struct out_column *columns, const struct json *v)
{
	size_t width = 0;

	for (const struct out_column *c = columns; c->name; c++)
		width = strlen(c->title) > width ? strlen(c->title) : width;
	for (const struct out_column *c = columns; c->name; c++) {
		autobuf text = BUF_INIT;
		enum out_style style;

		out_render(&text, o, c, v);
		if (text.len == 0)
			continue;
		if (o->setup.format == OUT_COMPACT) {
			out_text(o, OUT_PLAIN, "%s\t%s\n", c->name, text.data);
			continue;
		}
		style = c->kind == OUT_KIND_STATUS ? out_status_style(text.data) : OUT_PLAIN;
		out_text(o, OUT_DIM, "%-*s", (int)width + 2, c->title);
		out_text(o, style, "%s\n", text.data);
	}
}

bool out_is_utf8(void)
{
	return strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
}

static bool can_show_icons(const struct out *o)
{
	return o->setup.icons && o->setup.talk.terminal && out_is_utf8();
}

static void talk(struct out *o, enum out_style style, const char *mark, const char *fmt,
                 va_list ap) __attribute__((format(printf, 4, 0)));

static void talk(struct out *o, enum out_style style, const char *mark, const char *fmt,
                 va_list ap)
{
	const struct out_stream *s = &o->setup.talk;

	fflush(o->setup.data.file); /* both may go to one terminal */
	out_keep_reason(o);
	write_to(o, s, style, mark, strlen(mark));
	write_formatted(o, s, OUT_PLAIN, fmt, ap);
	fputc('\n', s->file);
	fflush(s->file);
}

void out_note(struct out *o, const char *fmt, ...)
{
	va_list ap;

	if (o->setup.quiet)
		return;
	va_start(ap, fmt);
	talk(o, OUT_PLAIN, "", fmt, ap);
	va_end(ap);
}

void out_success(struct out *o, const char *fmt, ...)
{
	va_list ap;

	if (o->setup.quiet)
		return;
	va_start(ap, fmt);
	talk(o, OUT_GOOD, can_show_icons(o) ? "\xe2\x9c\x93 " : "", fmt, ap);
	va_end(ap);
}

void out_warning(struct out *o, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	talk(o, OUT_NOTICE, "Warning: ", fmt, ap);
	va_end(ap);
}

void out_step(struct out *o, size_t i, size_t count, const char *fmt, ...)
{
	char mark[48];
	int digits = snprintf(NULL, 0, "%zu", count);
	va_list ap;

	if (!o->setup.progress || o->setup.quiet)
		return;
	snprintf(mark, sizeof(mark), "[%*zu/%zu] ", digits, i, count);
	va_start(ap, fmt);
	talk(o, OUT_DIM, mark, fmt, ap);
	va_end(ap);
}

static void error_line(struct out *o, enum out_style style, const char *mark, const char *fmt,
                       ...) __attribute__((format(printf, 4, 5)));

static void error_line(struct out *o, enum out_style style, const char *mark, const char *fmt,
                       ...)
{
	va_list ap;

	va_start(ap, fmt);
	talk(o, style, mark, fmt, ap);
	va_end(ap);
}

void out_error(struct out *o, const struct error *err)
{
	error_line(o, OUT_BAD, "Error: ", "%s", err->text);
	if (err->hint[0])
		error_line(o, OUT_STRONG, "Hint: ", "%s", err->hint);
}

int out_finish(struct out *o, struct error *err)
{
	FILE *f = o->setup.data.file;

	if (fflush(f) == 0 && !ferror(f))
		return 0;
	out_keep_reason(o);
	clearerr(f);
	return error_sys(err, o->reason ? o->reason : EIO, "write to standard output");
}
