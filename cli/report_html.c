/* SPDX-License-Identifier: MIT */
/*
 * report_html: the report as one page that needs nothing else: style and charts
 * (SVG) stand in it, it runs no script and loads nothing.
 */
#include <inttypes.h>
#include <limits.h>
#include <string.h>
#include <time.h>

#include "cli/report.h"
#include "engine/base/buf.h"
#include "engine/base/cleanup.h"
#include "engine/base/json.h"
#include "engine/base/number.h"

/* A chart, in the units of its viewBox. */
#define WIDTH  900
#define HEIGHT 180
#define LEFT   70 /* for the scale */
#define BOTTOM 24 /* for the dates */
#define TOP    12

static const char head[] =
	"<!DOCTYPE html>\n"
	"<html lang=\"en\">\n"
	"<head>\n"
	"<meta charset=\"utf-8\">\n"
	"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
	"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
	"style-src 'unsafe-inline'\">\n"
	"<title>Backup report</title>\n"
	"<style>\n"
	":root{color-scheme:light dark;--ink:#1c2733;--dim:#5d6b79;--line:#d8dee5;--page:#fff;"
	"--card:#f6f8fa;--good:#2f7d4f;--bad:#c0392b;--kept:#4a90d9;--gone:#e2a33b}\n"
	"@media(prefers-color-scheme:dark){:root{--ink:#e3e9ef;--dim:#98a5b3;--line:#36414d;"
	"--page:#14191f;--card:#1d242c;--good:#5bbd83;--bad:#ec7063;--kept:#6aa9e9;"
	"--gone:#e8b45c}}\n"
	"body{font:15px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--page);"
	"max-width:980px;margin:2rem auto;padding:0 1.2rem}\n"
	"h1{font-size:1.6rem;margin:0}h2{font-size:1.1rem;margin:2.2rem 0 .6rem}\n"
	"p.where{color:var(--dim);margin:.2rem 0 1.5rem;overflow-wrap:anywhere}\n"
	".cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(150px,1fr));gap:.8rem}\n"
	".card{background:var(--card);border:1px solid var(--line);border-radius:8px;"
	"padding:.7rem .9rem}.card b{display:block;font-size:1.2rem;white-space:nowrap}\n"
	".card span{color:var(--dim);font-size:.85rem}.card.bad b{color:var(--bad)}\n"
	"table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}\n"
	"th,td{text-align:left;padding:.35rem .6rem;border-bottom:1px solid var(--line)}\n"
	"th{color:var(--dim);font-weight:600;font-size:.85rem}td.n,th.n{text-align:right}\n"
	"svg{width:100%;height:auto;display:block}svg text{fill:var(--dim);font-size:11px}"
	"svg.calendar text{font-size:7px}\n"
	".scroll{overflow-x:auto}.grid{stroke:var(--line)}.good{fill:var(--good)}"
	".bad{fill:var(--bad)}.kept{fill:var(--kept)}.gone{fill:var(--gone)}"
	".none{fill:var(--line)}\n"
	"p.key{color:var(--dim);font-size:.85rem;margin:.3rem 0}\n"
	"i{display:inline-block;width:.8em;height:.8em;border-radius:2px;margin:0 .3em 0 .9em}"
	"i:first-child{margin-left:0}i.none{background:var(--line)}\n"
	"i.good{background:var(--good)}i.bad{background:var(--bad)}i.kept{background:var(--kept)}"
	"i.gone{background:var(--gone)}\n"
	"footer{color:var(--dim);font-size:.85rem;margin:2.5rem 0}\n"
	"</style>\n"
	"</head>\n"
	"<body>\n";

static void add_text(struct buf *out, const char *text)
{
	static const char *const entities[UCHAR_MAX + 1] = {
		['&'] = "&amp;",
		['<'] = "&lt;",
		['>'] = "&gt;",
		['"'] = "&quot;",
	};

	for (; *text; text++) {
		const char *entity = entities[(unsigned char)*text];

		if (entity)
			buf_adds(out, entity);
		else
			buf_addc(out, *text);
	}
}

static void add_card(struct buf *out, const char *value, const char *what, bool bad)
{
	buf_addf(out, "<div class=\"card%s\"><b>", bad ? " bad" : "");
	add_text(out, value);
	buf_addf(out, "</b><span>%s</span></div>\n", what);
}

static int64_t sum_of(const struct json *days, const char *key)
{
	int64_t sum = 0;

	for (size_t i = 0; i < json_count(days); i++)
		sum += json_get_int(json_at(days, i), key, 0);
	return sum;
}

static void add_number_card(struct buf *out, int64_t value, const char *what, bool bad)
{
	autobuf text = BUF_INIT;

	buf_addf(&text, "%" PRId64, value);
	add_card(out, text.data, what, bad);
}

static void add_cards(struct buf *out, const struct json *report)
{
	const struct json *u = json_get(report, "usage"), *days = json_get(report, "days");
	int64_t failed = sum_of(days, "failed_count");
	int64_t corrupted = json_get_int(json_get(u, "backups_by_status"), "CORRUPTED", 0);
	const char *newest = json_get_str(u, "newest_backup", "never");
	autobuf when = BUF_INIT;
	char stored[NUMBER_TEXT_MAX];

	number_format_size(stored, (uint64_t)json_get_int(u, "total_compressed_size", 0));
	buf_add(&when, newest, strcspn(newest, "T"));
	buf_adds(out, "<div class=\"cards\">\n");
	add_number_card(out, json_get_int(u, "backup_count", 0), "backups", false);
	add_number_card(out, (int64_t)json_count(json_get(u, "storage_by_database")),
	                "databases", false);
	add_card(out, stored, "stored", false);
	add_card(out, when.data, "newest backup", json_get_int(u, "backup_count", 0) == 0);
	add_number_card(out, failed, "failed attempts in this period", failed > 0);
	add_number_card(out, corrupted, "corrupted", corrupted > 0);
	buf_adds(out, "</div>\n");
}

/* What a chart shows of each day. */
struct series {
	const char *style; /* class */
	const char *key;
	const char *name; /* NULL: the chart's title says it */
};

typedef void label_fn(struct buf *out, int64_t value);

struct chart {
	const char *title;
	struct series series[2]; /* stacked; key NULL: one only */
	label_fn *label;
};

static void label_size(struct buf *out, int64_t value)
{
	char text[NUMBER_TEXT_MAX];

	number_format_size(text, (uint64_t)value);
	buf_adds(out, text);
}

static void label_number(struct buf *out, int64_t value)
{
	buf_addf(out, "%" PRId64, value);
}

static void label_ms(struct buf *out, int64_t value)
{
	buf_addf(out, "%" PRId64 " ms", value);
}

static const struct chart charts[] = {
	{ "Backups and failed attempts a day",
	  { { "good", "backup_count", "backups" },
	    { "bad", "failed_count", "failed attempts" } },
	  label_number },
	{ "Stored, of what is still there", { { "kept", "stored_until_then" } }, label_size },
	{ "How long a backup took, on average",
	  { { "gone", "average_duration_ms" } },
	  label_ms },
};

static int64_t value_of(const struct series *s, const struct json *day)
{
	return s->key ? json_get_int(day, s->key, 0) : 0;
}

static int64_t top_of(const struct chart *c, const struct json *days)
{
	int64_t top = 2;

	for (size_t i = 0; i < json_count(days); i++) {
		int64_t both = value_of(&c->series[0], json_at(days, i)) +
		               value_of(&c->series[1], json_at(days, i));

		top = both > top ? both : top;
	}
	/* The middle of the scale is a whole number, too. */
	return top + top % 2;
}

#define DATE_ROOM 80 /* what the text of a date takes */

/* The first of each month, where there is room between the first and the last day. */
static void add_month_marks(struct buf *out, const struct json *days)
{
	double step = (double)(WIDTH - LEFT) / (double)json_count(days);
	double taken = LEFT + DATE_ROOM;

	for (size_t i = 0; i < json_count(days); i++) {
		const char *date = json_get_str(json_at(days, i), "date", "");
		double x = LEFT + step * (double)i;

		if (strlen(date) != strlen("2026-11-01") || strcmp(date + 8, "01") != 0 ||
		    x < taken || x > WIDTH - 2 * DATE_ROOM)
			continue;
		buf_addf(out, "<text x=\"%.1f\" y=\"%d\">%s</text>", x, HEIGHT - 6, date);
		taken = x + DATE_ROOM;
	}
}

static void add_scale(struct buf *out, const struct chart *c, const struct json *days,
                      int64_t top)
{
	size_t n = json_count(days);

	for (int i = 0; i <= 2; i++) {
		int y = TOP + (HEIGHT - TOP - BOTTOM) * i / 2;

		buf_addf(out, "<line class=\"grid\" x1=\"%d\" x2=\"%d\" y1=\"%d\" y2=\"%d\"/>",
		         LEFT, WIDTH, y, y);
		buf_addf(out, "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">", LEFT - 6, y + 4);
		c->label(out, top * (2 - i) / 2);
		buf_adds(out, "</text>");
	}
	buf_addf(out, "<text x=\"%d\" y=\"%d\">%s</text>", LEFT, HEIGHT - 6,
	         json_get_str(json_at(days, 0), "date", ""));
	add_month_marks(out, days);
	buf_addf(out, "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">%s</text>\n", WIDTH,
	         HEIGHT - 6, json_get_str(json_at(days, n - 1), "date", ""));
}

static void add_bars(struct buf *out, const struct chart *c, const struct json *days,
                     int64_t top)
{
	double step = (double)(WIDTH - LEFT) / (double)json_count(days);
	double room = HEIGHT - TOP - BOTTOM;

	for (size_t i = 0; i < json_count(days); i++) {
		const struct json *day = json_at(days, i);
		double y = HEIGHT - BOTTOM;

		for (size_t s = 0; s < ARRAY_SIZE(c->series); s++) {
			int64_t v = value_of(&c->series[s], day);
			double h = room * (double)v / (double)top;

			if (v <= 0)
				continue;
			y -= h;
			buf_addf(out,
			         "<rect class=\"%s\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" "
			         "height=\"%.1f\"><title>%s: ",
			         c->series[s].style, LEFT + step * (double)i, y, step * 0.86, h,
			         json_get_str(day, "date", ""));
			c->label(out, v);
			buf_adds(out, "</title></rect>\n");
		}
	}
}

static void add_chart(struct buf *out, const struct chart *c, const struct json *days)
{
	int64_t top = top_of(c, days);

	buf_addf(out, "<h2>%s</h2>\n", c->title);
	if (c->series[0].name)
		buf_addf(out,
		         "<p class=\"key\"><i class=\"%s\"></i>%s<i class=\"%s\"></i>%s</p>\n",
		         c->series[0].style, c->series[0].name, c->series[1].style,
		         c->series[1].name);
	buf_addf(out, "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s\">", WIDTH,
	         HEIGHT, c->title);
	add_scale(out, c, days, top);
	add_bars(out, c, days, top);
	buf_adds(out, "</svg>\n");
}

#define CELL     13
#define WEEKDAYS 7
#define NAMES    26 /* room for the names of weekdays */
#define MONTHS   14 /* and of months */

/* The weekday of a date, from 0 for Monday. */
static size_t weekday_of(const char *date)
{
	struct tm tm = { .tm_mday = 1 };

	if (!strptime(date, "%Y-%m-%d", &tm))
		return 0;
	return (size_t)(tm.tm_wday + 6) % WEEKDAYS;
}

static void add_day(struct buf *out, const struct json *d, size_t place)
{
	int64_t kept = json_get_int(d, "kept", 0), gone = json_get_int(d, "expired", 0);

	buf_addf(out,
	         "<rect class=\"%s\" x=\"%zu\" y=\"%zu\" width=\"%d\" height=\"%d\" rx=\"2\">"
	         "<title>%s: %" PRId64 " kept, %" PRId64 " could go</title></rect>\n",
	         gone   ? "gone"
	         : kept ? "kept"
	                : "none",
	         NAMES + place / WEEKDAYS * CELL, MONTHS + place % WEEKDAYS * CELL, CELL - 2,
	         CELL - 2, json_get_str(d, "date", ""), kept, gone);
}

/* A column a week from Monday, a square a day: what retention keeps and what it would delete.
 */
static void add_calendar(struct buf *out, const struct json *report)
{
	static const char *const names[] = { "Mon", NULL, "Wed", NULL, "Fri", NULL, "Sun" };
	const struct json *days = json_get(report, "days");
	size_t n = json_count(days), first = weekday_of(json_get_str(report, "from", ""));
	size_t weeks = (first + n + WEEKDAYS - 1) / WEEKDAYS, width = NAMES + weeks * CELL;

	buf_addf(out,
	         "<h2>What retention does</h2>\n<p class=\"key\"><i class=\"kept\"></i>kept"
	         "<i class=\"gone\"></i>some of that day would go now<i class=\"none\"></i>no "
	         "backup</p>\n<svg viewBox=\"0 0 %zu %d\" style=\"max-width:%zupx\" "
	         "role=\"img\" aria-label=\"Calendar of what is kept\" class=\"calendar\">\n",
	         width, MONTHS + WEEKDAYS * CELL, width * 2);
	for (size_t i = 0; i < WEEKDAYS; i++) {
		if (names[i])
			buf_addf(out, "<text x=\"0\" y=\"%zu\">%s</text>\n",
			         MONTHS + i * CELL + 9, names[i]);
	}
	for (size_t i = 0; i < n; i++) {
		const struct json *d = json_at(days, i);
		const char *date = json_get_str(d, "date", "");

		if (strlen(date) == strlen("2026-11-01") && strcmp(date + 8, "01") == 0)
			buf_addf(out, "<text x=\"%zu\" y=\"9\">%.7s</text>\n",
			         NAMES + (first + i) / WEEKDAYS * CELL, date);
		add_day(out, d, first + i);
	}
	buf_adds(out, "</svg>\n");
}

/* A moment as people write it, in UTC; "-" for none. */
static void add_moment(struct buf *out, const char *text)
{
	size_t day = strcspn(text, "T");

	if (text[day] == '\0')
		add_text(out, text);
	else
		buf_addf(out, "%.*s %.5s", (int)day, text, text + day + 1);
}

static void add_cell_size(struct buf *out, const struct json *v, const char *key)
{
	buf_adds(out, "<td class=\"n\">");
	label_size(out, json_get_int(v, key, 0));
	buf_adds(out, "</td>");
}

static void add_databases(struct buf *out, const struct json *report)
{
	const struct json *all = json_get(json_get(report, "usage"), "storage_by_database");
	const struct json *one;
	const char *name;

	buf_adds(out, "<h2>Databases</h2>\n<div class=\"scroll\"><table><tr><th>Database"
	              "<th class=\"n\">Backups<th class=\"n\">Size<th class=\"n\">Stored"
	              "<th>Oldest (UTC)<th>Newest (UTC)</tr>\n");
	for (size_t i = 0; (name = json_member(all, i, &one)); i++) {
		buf_adds(out, "<tr><td>");
		add_text(out, *name ? name : "(cannot be opened)");
		buf_addf(out, "</td><td class=\"n\">%" PRId64 "</td>",
		         json_get_int(one, "backup_count", 0));
		add_cell_size(out, one, "total_size");
		add_cell_size(out, one, "compressed_size");
		buf_adds(out, "<td>");
		add_moment(out, json_get_str(one, "oldest_backup", "-"));
		buf_adds(out, "</td><td>");
		add_moment(out, json_get_str(one, "newest_backup", "-"));
		buf_adds(out, "</td></tr>\n");
	}
	buf_adds(out, "</table></div>\n");
}

static void add_operations(struct buf *out, const struct json *report)
{
	static const char *const numbers[] = { "count", "failed_count", "median_duration_ms",
		                               "p95_duration_ms", "max_duration_ms" };
	const struct json *all = json_get(report, "operations");

	if (json_count(all) == 0)
		return;
	buf_adds(out, "<h2>Operations on this host</h2>\n<div class=\"scroll\"><table><tr>"
	              "<th>Operation<th class=\"n\">Runs<th class=\"n\">Failed"
	              "<th class=\"n\">Median ms<th class=\"n\">95 % below, ms"
	              "<th class=\"n\">Longest ms</tr>\n");
	for (size_t i = 0; i < json_count(all); i++) {
		buf_adds(out, "<tr><td>");
		add_text(out, json_get_str(json_at(all, i), "operation", ""));
		buf_adds(out, "</td>");
		for (size_t k = 0; k < ARRAY_SIZE(numbers); k++)
			buf_addf(out, "<td class=\"n\">%" PRId64 "</td>",
			         json_get_int(json_at(all, i), numbers[k], 0));
		buf_adds(out, "</tr>\n");
	}
	buf_adds(out, "</table></div>\n");
}

static void add_failures(struct buf *out, const struct json *report)
{
	const struct json *all = json_get(report, "failures");

	if (json_count(all) == 0)
		return;
	buf_adds(out,
	         "<h2>Failed attempts</h2>\n<div class=\"scroll\"><table><tr><th>When (UTC)"
	         "<th>Database<th>Why</tr>\n");
	for (size_t i = 0; i < json_count(all); i++) {
		const struct json *one = json_at(all, i);

		buf_adds(out, "<tr><td>");
		add_moment(out, json_get_str(one, "created_at", ""));
		buf_adds(out, "</td><td>");
		add_text(out, json_get_str(one, "database_name", ""));
		buf_adds(out, "</td><td>");
		add_text(out, json_get_str(one, "error", ""));
		buf_adds(out, "</td></tr>\n");
	}
	buf_adds(out, "</table></div>\n");
}

void report_html(struct buf *out, const struct json *report)
{
	const struct json *days = json_get(report, "days");

	buf_adds(out, head);
	buf_adds(out, "<h1>Backup report</h1>\n<p class=\"where\">");
	add_text(out, json_get_str(report, "storage", ""));
	buf_addf(out, ", %s to %s</p>\n", json_get_str(report, "from", ""),
	         json_get_str(report, "to", ""));
	add_cards(out, report);
	for (size_t i = 0; i < ARRAY_SIZE(charts); i++)
		add_chart(out, &charts[i], days);
	add_calendar(out, report);
	add_databases(out, report);
	add_operations(out, report);
	add_failures(out, report);
	buf_addf(out, "<footer>%s, ", json_get_str(report, "tool_version", ""));
	add_moment(out, json_get_str(report, "generated_at", ""));
	buf_adds(out, " UTC</footer>\n</body>\n</html>\n");
}
