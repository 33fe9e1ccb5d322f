/* SPDX-License-Identifier: MIT */
#include "engine/server/probe.h"

#include <string.h>

#include "engine/base/buf.h"
#include "engine/base/cleanup.h"
#include "engine/base/error.h"
#include "engine/schema/lexer.h"
#include "engine/server/query.h"

#define MARIADB (1U << SERVER_MARIADB)
#define MYSQL   (1U << SERVER_MYSQL)

/* From the best on. MySQL takes no LOCK with INSTANT, and knows no NOCOPY. */
static const struct {
	struct apply_way way;
	const char *words;
	unsigned int families;
} ways[] = {
	{ { "instant", "none" }, "ALGORITHM=INSTANT", MARIADB | MYSQL },
	{ { "nocopy", "none" }, "ALGORITHM=NOCOPY, LOCK=NONE", MARIADB },
	{ { "nocopy", "shared" }, "ALGORITHM=NOCOPY, LOCK=SHARED", MARIADB },
	{ { "inplace", "none" }, "ALGORITHM=INPLACE, LOCK=NONE", MARIADB | MYSQL },
	{ { "inplace", "shared" }, "ALGORITHM=INPLACE, LOCK=SHARED", MARIADB | MYSQL },
	{ { "copy", "none" }, "ALGORITHM=COPY, LOCK=NONE", MARIADB },
	{ { "copy", "shared" }, "ALGORITHM=COPY, LOCK=SHARED", MARIADB | MYSQL },
	{ { "copy", "exclusive" }, "ALGORITHM=COPY, LOCK=EXCLUSIVE", MARIADB | MYSQL },
};

struct shape {
	size_t clauses_at; /* behind "ALTER TABLE `name`"; 0: it is something else */
	bool comma;        /* what we put there wants one behind it */
	bool copies;       /* whatever the server says */
};

static struct shape shape_of(const struct buf *sql)
{
	struct shape shape = { 0 };
	struct lexer l;
	struct token t;

	lexer_init(&l, (struct str){ sql->data, sql->len });
	if (!token_is_word(lexer_next(&l), "ALTER") || !token_is_word(lexer_next(&l), "TABLE"))
		return shape;
	t = lexer_next(&l);
	if (t.kind != TOKEN_NAME)
		return shape;
	shape.clauses_at = (size_t)(t.text.p + t.text.n - sql->data);
	/* What is said of partitions stands behind the list of clauses. */
	shape.comma = !token_is_word(lexer_peek(&l), "PARTITION") &&
	              !token_is_word(lexer_peek(&l), "REMOVE");
	/* MariaDB takes ALGORITHM=INSTANT with another engine, and copies. */
	while ((t = lexer_next(&l)).kind != TOKEN_END)
		shape.copies = shape.copies || token_is_word(t, "ENGINE");
	return shape;
}

static bool is_worth_trying(size_t way, const struct shape *shape, const struct server *s)
{
	return (ways[way].families & (1U << server_info(s)->family)) &&
	       (!shape->copies || strcmp(ways[way].way.algorithm, "copy") == 0);
}

int probe_run(struct apply_way *out, struct server *s, const struct buf *sql, struct error *err)
{
	struct shape shape = shape_of(sql);
	size_t at = shape.clauses_at;

	for (size_t i = 0; at > 0 && i < ARRAY_SIZE(ways); i++) {
		struct error why = ERROR_INIT;
		autobuf tried = BUF_INIT;

		if (!is_worth_trying(i, &shape, s))
			continue;
		buf_add(&tried, sql->data, at);
		buf_addf(&tried, " %s%s", ways[i].words, shape.comma ? "," : "");
		buf_add(&tried, sql->data + at, sql->len - at);
		if (query_run_bytes(s, tried.data, tried.len, &why) == 0) {
			*out = ways[i].way;
			return 1;
		}
		if (why.code == ERR_CONNECT) {
			*err = why;
			return -1;
		}
	}
	return 0;
}
