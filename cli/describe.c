/* SPDX-License-Identifier: MIT */
#include "cli/describe.h"

#include <ctype.h>
#include <inttypes.h>
#include <string.h>

#include "engine/base/buf.h"

static void add_upper(struct buf *out, const char *text)
{
	for (; *text; text++)
		buf_addc(out, (char)toupper((unsigned char)*text));
}

void describe_value(struct buf *out, const struct opt *o)
{
	if (o->value)
		buf_adds(out, o->value);
	else if (o->type == OPT_TYPE_CHOICE)
		add_upper(out, o->name);
}

void describe_option(struct buf *out, const struct opt *o)
{
	buf_adds(out, o->help);
	if (o->type == OPT_TYPE_CHOICE) {
		for (const struct opt_choice *c = o->choices; c->name; c++)
			buf_addf(out, "%s%s", c == o->choices ? " (" : ", ", c->name);
		buf_addc(out, ')');
	}
	if (o->type == OPT_TYPE_INT)
		buf_addf(out, " (%" PRId64 " unless given)", o->fallback);
	if (o->alias)
		buf_addf(out, " (also --%s)", o->alias);
}

void describe_usage(struct buf *out, const struct command *c)
{
	buf_adds(out, c->name);
	for (const struct arg *a = c->args; a && a->name; a++)
		buf_addf(out, " %s%s%s%s", a->optional ? "[" : "", a->name,
		         a->rest ? "..." : "", a->optional ? "]" : "");
	buf_adds(out, " [OPTIONS]");
}

void describe_sentence(struct buf *out, const char *summary)
{
	buf_addc(out, (char)toupper((unsigned char)summary[0]));
	buf_adds(out, summary + 1);
	buf_addc(out, '.');
}

void describe_wrapped(struct buf *out, const char *text, size_t indent, size_t width)
{
	size_t column = indent;

	while (*text) {
		size_t n = strcspn(text, " ");

		if (column > indent && column + 1 + n > width) {
			buf_addc(out, '\n');
			for (size_t i = 0; i < indent; i++)
				buf_addc(out, ' ');
			column = indent;
		} else if (column > indent) {
			buf_addc(out, ' ');
			column++;
		}
		buf_add(out, text, n);
		column += n;
		text += n;
		text += strspn(text, " ");
	}
}
