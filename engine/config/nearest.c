/* SPDX-License-Identifier: MIT */
#include "engine/config/nearest.h"

#include <string.h>

#define WORD_MAX 64

static unsigned int least(unsigned int a, unsigned int b)
{
	return a < b ? a : b;
}

/* Insertions, deletions, replacements and swaps of neighbours that make b of a. */
static unsigned int distance(struct str a, struct str b)
{
	unsigned int rows[3][WORD_MAX + 1];
	unsigned int *before = rows[0], *above = rows[1], *row = rows[2];

	for (size_t j = 0; j <= b.n; j++)
		above[j] = (unsigned int)j;
	for (size_t i = 1; i <= a.n; i++) {
		unsigned int *oldest = before;

		row[0] = (unsigned int)i;
		for (size_t j = 1; j <= b.n; j++) {
			bool same = a.p[i - 1] == b.p[j - 1];

			row[j] = least(least(above[j], row[j - 1]) + 1,
			               above[j - 1] + (same ? 0 : 1));
			if (i > 1 && j > 1 && a.p[i - 1] == b.p[j - 2] &&
			    a.p[i - 2] == b.p[j - 1])
				row[j] = least(row[j], before[j - 2] + 1);
		}
		before = above;
		above = row;
		row = oldest;
	}
	return above[b.n];
}

/* One is the beginning of the other: "compress" for "compression". */
static bool begins_alike(struct str a, struct str b)
{
	size_t n = a.n < b.n ? a.n : b.n;

	return n >= 4 && memcmp(a.p, b.p, n) == 0;
}

void nearest_offer(struct nearest *n, struct str word)
{
	unsigned int d;

	if (n->typed.n == 0 || n->typed.n > WORD_MAX || word.n > WORD_MAX)
		return;
	d = distance(n->typed, word);
	if (d > 1 + n->typed.n / 4) {
		if (!begins_alike(n->typed, word))
			return;
		d += WORD_MAX; /* any slip of the keyboard is more likely */
	}
	if (!n->word.p || d < n->distance) {
		n->word = word;
		n->distance = d;
	}
}
