/* SPDX-License-Identifier: MIT */
/*
 * The shortest edit script after E. Myers, "An O(ND) Difference Algorithm and Its Variations"
 * (1986). Its memory grows with the square of the differences, so there is a limit.
 */
#include "engine/base/textdiff.h"

#include <stdlib.h>
#include <string.h>

#include "engine/base/cleanup.h"
#include "engine/base/mem.h"

#define CONTEXT         ((size_t)3)
#define DIFFERENCES_MAX 1500

struct lines {
	struct str *items;
	size_t count, capacity;
};

struct work {
	struct lines a, b;
	bool *gone;  /* lines of a that are not in b */
	bool *added; /* lines of b that are not in a */
};

static void split(struct lines *l, struct str text)
{
	while (text.n) {
		const char *newline = memchr(text.p, '\n', text.n);
		size_t n = newline ? (size_t)(newline - text.p) + 1 : text.n;

		MEM_GROW(l->items, l->count, l->capacity);
		l->items[l->count++] = str_slice(text, 0, n);
		text = str_slice(text, n, text.n);
	}
}

static bool same(const struct work *w, size_t a, size_t b)
{
	return str_equal(w->a.items[a], w->b.items[b]);
}

/* A part of both texts: [a, a + n) and [b, b + m). */
struct part {
	size_t a, b;
	long n, m;
};

/* How far along a one gets on diagonal k after d differences. */
static long furthest(const long *v, long k, long d)
{
	if (k == -d || (k != d && v[k - 1] < v[k + 1]))
		return v[k + 1];
	return v[k - 1] + 1;
}

/* Marks the way that the trace tells of, from its end. */
static void walk_back(struct work *w, const struct part *p, long *const *trace, long d)
{
	long x = p->n, y = p->m;

	for (; d > 0; d--) {
		const long *v = trace[d - 1] + d; /* of which k from -d to d were set before */
		long k = x - y;
		bool down = k == -d || (k != d && v[k - 1] < v[k + 1]);
		long from = down ? k + 1 : k - 1;
		long from_x = v[from];

		x = from_x;
		y = from_x - from;
		if (down)
			w->added[p->b + (size_t)y] = true;
		else
			w->gone[p->a + (size_t)x] = true;
	}
}

static void mark_all(struct work *w, const struct part *p)
{
	for (long i = 0; i < p->n; i++)
		w->gone[p->a + (size_t)i] = true;
	for (long i = 0; i < p->m; i++)
		w->added[p->b + (size_t)i] = true;
}

/* One round: all diagonals with d differences. True: the end is reached. */
static bool extend(const struct work *w, const struct part *p, long *v, long d)
{
	for (long k = -d; k <= d; k += 2) {
		long x = d ? furthest(v, k, d) : 0;

		while (x < p->n && x - k < p->m &&
		       same(w, p->a + (size_t)x, p->b + (size_t)(x - k)))
			x++;
		v[k] = x;
		if (x >= p->n && x - k >= p->m)
			return true;
	}
	return false;
}

static void compare(struct work *w, const struct part *p)
{
	long most = p->n + p->m < DIFFERENCES_MAX ? p->n + p->m : DIFFERENCES_MAX;
	autofree long *room = mem_array(2 * (size_t)most + 3, sizeof(*room));
	autofree long **trace = mem_array((size_t)most + 1, sizeof(*trace));
	long *v = room + most + 1;
	bool found = false;
	long d = 0;

	for (; d <= most; d++) {
		if (d > 0) { /* what the round before left: diagonals -d to d */
			trace[d - 1] = mem_array(2 * (size_t)d + 1, sizeof(**trace));
			memcpy(trace[d - 1], v - d, (2 * (size_t)d + 1) * sizeof(*v));
		}
		found = extend(w, p, v, d);
		if (found)
			break;
	}
	if (found)
		walk_back(w, p, trace, d);
	else
		mark_all(w, p);
	for (long i = 0; i < most; i++)
		free(trace[i]);
}

static void mark(struct work *w)
{
	size_t n = w->a.count, m = w->b.count, head = 0;

	while (head < n && head < m && same(w, head, head))
		head++;
	while (n > head && m > head && same(w, n - 1, m - 1)) {
		n--;
		m--;
	}
	compare(w, &(struct part){ head, head, (long)(n - head), (long)(m - head) });
}

static void add_line(struct buf *out, char sign, struct str line)
{
	buf_addc(out, sign);
	buf_add(out, line.p, line.n);
	if (!line.n || line.p[line.n - 1] != '\n')
		buf_adds(out, "\n\\ No newline at end of file\n");
}

/* Behind the lines that both texts have from here on, at most `most`. */
static size_t common(const struct work *w, size_t i, size_t k, size_t most)
{
	size_t n = 0;

	while (n < most && i + n < w->a.count && k + n < w->b.count && !w->gone[i + n] &&
	       !w->added[k + n])
		n++;
	return n;
}

/* Lines that differ, from i and k on. */
static void skip_changed(const struct work *w, size_t *i, size_t *k)
{
	while (*i < w->a.count && w->gone[*i])
		++*i;
	while (*k < w->b.count && w->added[*k])
		++*k;
}

struct hunk {
	size_t i, k;         /* where it begins */
	size_t end_i, end_k; /* and ends */
};

/* The hunk whose first difference is at i, k. */
static struct hunk find_hunk(const struct work *w, size_t i, size_t k)
{
	size_t before = i < k ? i : k;
	struct hunk h;
	size_t n;

	if (before > CONTEXT)
		before = CONTEXT;
	h.i = i - before;
	h.k = k - before;
	for (;;) {
		skip_changed(w, &i, &k);
		n = common(w, i, k, 2 * CONTEXT + 1);
		if (n > 2 * CONTEXT || (i + n == w->a.count && k + n == w->b.count))
			break;
		i += n;
		k += n;
	}
	n = n < CONTEXT ? n : CONTEXT;
	h.end_i = i + n;
	h.end_k = k + n;
	return h;
}

static void add_range(struct buf *out, char sign, size_t from, size_t count)
{
	/* An empty range is said to begin on the line before. */
	buf_addf(out, "%c%zu", sign, count ? from + 1 : from);
	if (count != 1)
		buf_addf(out, ",%zu", count);
}

static void add_hunk(struct buf *out, const struct work *w, const struct hunk *h)
{
	size_t i = h->i, k = h->k;

	buf_adds(out, "@@ ");
	add_range(out, '-', i, h->end_i - i);
	buf_addc(out, ' ');
	add_range(out, '+', k, h->end_k - k);
	buf_adds(out, " @@\n");
	while (i < h->end_i || k < h->end_k) {
		if (i < h->end_i && w->gone[i]) {
			/* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): it has lines */
			add_line(out, '-', w->a.items[i++]);
		} else if (k < h->end_k && w->added[k]) {
			add_line(out, '+', w->b.items[k++]);
		} else {
			add_line(out, ' ', w->a.items[i++]);
			k++;
		}
	}
}

static void add_hunks(struct buf *out, const struct work *w)
{
	size_t i = 0, k = 0;

	while (i < w->a.count || k < w->b.count) {
		struct hunk h;
		size_t n = common(w, i, k, w->a.count);

		i += n;
		k += n;
		if (i == w->a.count && k == w->b.count)
			break;
		h = find_hunk(w, i, k);
		add_hunk(out, w, &h);
		i = h.end_i;
		k = h.end_k;
	}
}

void textdiff_unified(struct buf *out, struct str from, struct str to, const char *from_name,
                      const char *to_name)
{
	struct work w = { 0 };

	if (str_equal(from, to))
		return;
	split(&w.a, from);
	split(&w.b, to);
	w.gone = mem_array(w.a.count + 1, sizeof(*w.gone));
	w.added = mem_array(w.b.count + 1, sizeof(*w.added));
	mark(&w);
	if (from_name && to_name)
		buf_addf(out, "--- %s\n+++ %s\n", from_name, to_name);
	add_hunks(out, &w);
	free(w.gone);
	free(w.added);
	free(w.a.items);
	free(w.b.items);
}
