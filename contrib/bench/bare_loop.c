/* SPDX-License-Identifier: MIT */
/*
 * bare_loop: what capturing cannot be faster than: the same SHOW CREATEs, sent ahead in
 * the same way over one connection, as capture does it, and every row thrown away.
 *
 *	bare_loop SOCKET DATABASE        // prints milliseconds
 *
 * Listing the names is not counted. The loop's own limits are those of engine/server/query.c.
 */
#include <mysql.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define AHEAD     64
#define STATEMENT 256

struct statements {
	char (*sql)[STATEMENT];
	size_t count, capacity;
};

static void give_up(MYSQL *m, const char *what)
{
	fprintf(stderr, "bare_loop: %s: %s\n", what, mysql_error(m));
	exit(1);
}

static void add(struct statements *all, const char *kind, const char *name)
{
	if (all->count == all->capacity) {
		all->capacity = all->capacity ? 2 * all->capacity : 1024;
		all->sql = realloc(all->sql, all->capacity * sizeof(*all->sql));
		if (!all->sql)
			abort();
	}
	snprintf(all->sql[all->count++], STATEMENT, "SHOW CREATE %s `%s`", kind, name);
}

static void list(struct statements *all, MYSQL *m)
{
	MYSQL_RES *names;
	MYSQL_ROW row;

	if (mysql_query(m, "SHOW FULL TABLES"))
		give_up(m, "list");
	names = mysql_store_result(m);
	while (names && (row = mysql_fetch_row(names)))
		add(all, row[1][0] == 'V' ? "VIEW" : "TABLE", row[0]);
	mysql_free_result(names);
}

static void take_reply(MYSQL *m)
{
	MYSQL_RES *rows;

	if (mysql_read_query_result(m) || !(rows = mysql_store_result(m)))
		give_up(m, "reply");
	mysql_free_result(rows);
}

static void run(const struct statements *all, MYSQL *m)
{
	size_t replied = 0;

	for (size_t sent = 0; sent < all->count; sent++) {
		if (mysql_send_query(m, all->sql[sent], strlen(all->sql[sent])))
			give_up(m, all->sql[sent]);
		if (sent + 1 - replied == AHEAD) {
			take_reply(m);
			replied++;
		}
	}
	while (replied++ < all->count)
		take_reply(m);
}

static double now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

int main(int argc, char **argv)
{
	struct statements all = { 0 };
	MYSQL *m = mysql_init(NULL);
	double began;

	if (argc != 3) {
		fputs("usage: bare_loop SOCKET DATABASE\n", stderr);
		return 2;
	}
	if (!mysql_real_connect(m, "localhost", "root", "", argv[2], 0, argv[1], 0))
		give_up(m, argv[1]);
	list(&all, m);
	began = now_ms();
	run(&all, m);
	printf("%.1f\n", now_ms() - began);
	free(all.sql);
	mysql_close(m);
	return 0;
}
