/* SPDX-License-Identifier: MIT */
#include "engine/server/grants.h"

#include <string.h>

#include "engine/base/mem.h"
#include "engine/schema/lexer.h"
#include "engine/server/server.h"

/* The privileges that decide what is visible. */
enum privilege {
	PRIVILEGE_SELECT = 1 << 0,
	PRIVILEGE_SHOW_VIEW = 1 << 1,
	PRIVILEGE_TRIGGER = 1 << 2,
	PRIVILEGE_EVENT = 1 << 3,
	PRIVILEGE_SHOW_ROUTINE = 1 << 4,
	PRIVILEGE_PROCESS = 1 << 5,
	PRIVILEGE_ALL = (1 << 6) - 1,
};

#define SHOW_ROUTINE_SINCE 110300 /* MariaDB */

static const struct {
	const char *words; /* as SHOW GRANTS prints them, with single blanks */
	enum privilege privilege;
} privileges[] = {
	{ "ALL PRIVILEGES", PRIVILEGE_ALL },
	{ "ALL", PRIVILEGE_ALL },
	{ "SELECT", PRIVILEGE_SELECT },
	{ "SHOW VIEW", PRIVILEGE_SHOW_VIEW },
	{ "TRIGGER", PRIVILEGE_TRIGGER },
	{ "EVENT", PRIVILEGE_EVENT },
	{ "PROCESS", PRIVILEGE_PROCESS },
	{ "SHOW_ROUTINE", PRIVILEGE_SHOW_ROUTINE },        /* MySQL */
	{ "SHOW CREATE ROUTINE", PRIVILEGE_SHOW_ROUTINE }, /* MariaDB */
};

/*
 * What one grantee (the account, a role, PUBLIC) was given. Of several patterns
 * that match a database the server takes the most specific one only.
 */
struct grantee {
	char *name;
	unsigned int global;
	unsigned int database;
	unsigned int rank;    /* of the pattern that gave `database`; 0: none matched */
	unsigned int revoked; /* MySQL's partial revokes: REVOKE ... ON `db`.* */
	unsigned int catalog; /* on mysql.* or mysql.proc: where MariaDB keeps routines */
};

struct grants {
	char *database;
	enum server_family family;
	unsigned int all; /* what ALL PRIVILEGES means on this server */
	struct grantee *grantees;
	size_t count;
	size_t capacity;
};

struct grants *grants_new(const char *database, const struct server_info *server)
{
	struct grants *g = mem_alloc(sizeof(*g));

	g->database = mem_strdup(database);
	g->family = server->family;
	g->all = PRIVILEGE_ALL;
	/* In MySQL it is never part of ALL on a database. */
	if (server->family == SERVER_MYSQL || server->version_number < SHOW_ROUTINE_SINCE)
		g->all &= ~(unsigned int)PRIVILEGE_SHOW_ROUTINE;
	return g;
}

void grants_free(struct grants *g)
{
	if (!g)
		return;
	for (size_t i = 0; i < g->count; i++)
		free(g->grantees[i].name);
	free(g->grantees);
	free(g->database);
	free(g);
}

/* Bytes of the character (UTF-8) at s; 0 at the end. */
static size_t character(const char *s)
{
	size_t n = *s ? 1 : 0;

	while (n && ((unsigned char)s[n] & 0xc0) == 0x80)
		n++;
	return n;
}

static bool is_escape(const char *pattern)
{
	return pattern[0] == '\\' && pattern[1];
}

/* Does the name begin with what the pattern begins with? The bytes of it, or 0. */
static size_t matches_one(const char *pattern, const char *name)
{
	size_t n = character(name);

	if (*pattern == '_')
		return n;
	if (is_escape(pattern))
		pattern++;
	return strncmp(pattern, name, n) == 0 ? n : 0;
}

bool grants_pattern_matches(const char *pattern, const char *name)
{
	const char *again = NULL, *from = name; /* behind the last %, and where it may end */

	while (*name || *pattern == '%') {
		size_t n = 0;

		if (*pattern == '%') {
			again = ++pattern;
			from = name;
			continue;
		}
		if (*pattern)
			n = matches_one(pattern, name);
		if (n) {
			pattern += is_escape(pattern);
			pattern += character(pattern);
			name += n;
		} else if (again) {
			from += character(from);
			pattern = again;
			name = from;
		} else {
			return false;
		}
	}
	return !*pattern;
}

/* The server's own measure: the further right the first wildcard, the more specific. */
static unsigned int pattern_rank(const char *pattern)
{
	for (size_t i = 0; pattern[i]; i++) {
		if (pattern[i] == '\\' && pattern[i + 1])
			i++;
		else if (pattern[i] == '%' || pattern[i] == '_')
			return i + 1 < 127 ? (unsigned int)i + 1 : 127;
	}
	return 128;
}

static struct grantee *grantee_of(struct grants *g, struct str name)
{
	for (size_t i = 0; i < g->count; i++)
		if (str_is(name, g->grantees[i].name))
			return &g->grantees[i];
	MEM_GROW(g->grantees, g->count, g->capacity);
	g->grantees[g->count] = (struct grantee){ .name = mem_strndup(name.p, name.n) };
	return &g->grantees[g->count++];
}

/* The privilege with this name; 0: one that does not matter here. */
static unsigned int find_privilege(struct str words, unsigned int all)
{
	for (size_t i = 0; i < ARRAY_SIZE(privileges); i++)
		if (str_is_nocase(words, privileges[i].words))
			return privileges[i].privilege == PRIVILEGE_ALL
			               ? all
			               : privileges[i].privilege;
	return 0;
}

/* Reads "SELECT, SHOW VIEW ON": what stands before ON. Columns in parentheses do not count. */
static unsigned int read_privileges(struct lexer *l, unsigned int all)
{
	unsigned int found = 0;
	autobuf words = BUF_INIT;
	bool partial = false;
	struct token t;

	while ((t = lexer_next(l)).kind != TOKEN_END) {
		bool on = token_is_word(t, "ON");

		if (on || token_is(t, ',')) {
			if (!partial)
				found |= find_privilege((struct str){ words.data, words.len },
				                        all);
			buf_truncate(&words, 0);
			partial = false;
		}
		if (on)
			break;
		if (token_is(t, '('))
			while (!token_is(t, ')') && t.kind != TOKEN_END) {
				t = lexer_next(l);
				partial = true;
			}
		else if (t.kind == TOKEN_WORD)
			buf_addf(&words, "%s%.*s", words.len ? " " : "", STR_ARG(t.text));
	}
	return found;
}

/* The grantee's text behind TO or FROM, up to what may follow it. */
static struct str read_grantee(struct lexer *l)
{
	static const char *const ends[] = { "IDENTIFIED", "REQUIRE", "WITH" };
	struct str name = { "", 0 };
	struct token t;

	while ((t = lexer_next(l)).kind != TOKEN_END) {
		for (size_t i = 0; i < ARRAY_SIZE(ends); i++)
			if (token_is_word(t, ends[i]))
				return name;
		if (!name.n)
			name.p = t.text.p;
		name.n = (size_t)(t.text.p + t.text.n - name.p);
	}
	return name;
}

/* Where a line's privileges hold: "*.*", "`db`.*" or "`db`.`table`". */
struct place {
	struct buf database; /* empty: everywhere */
	struct buf table;    /* empty: all of the database */
};

/* False for what is no table: PROCEDURE x, or the @ of a proxy. */
static bool read_place(struct place *p, struct lexer *l)
{
	struct token t = lexer_next(l);

	if (token_is_word(t, "TABLE"))
		t = lexer_next(l);
	if (t.kind == TOKEN_NAME)
		token_name(&p->database, t);
	else if (!token_is(t, '*'))
		return false;
	if (!token_is(lexer_next(l), '.'))
		return false;
	t = lexer_next(l);
	if (t.kind == TOKEN_NAME)
		token_name(&p->table, t);
	return token_is(t, '*') || t.kind == TOKEN_NAME;
}

static void give(struct grants *g, struct grantee *who, const struct place *p,
                 unsigned int found)
{
	unsigned int rank = pattern_rank(p->database.data);

	if (!p->database.len) {
		who->global |= found;
		return;
	}
	if (grants_pattern_matches(p->database.data, "mysql") &&
	    (!p->table.len || strcmp(p->table.data, "proc") == 0))
		who->catalog |= found;
	if (p->table.len || !grants_pattern_matches(p->database.data, g->database))
		return;
	/* Two patterns that are equally specific: who knows which one the server took. */
	if (rank == who->rank)
		who->database &= found;
	else if (rank > who->rank)
		who->database = found;
	if (rank > who->rank)
		who->rank = rank;
}

static void add_line(struct grants *g, struct lexer *l, bool revoke, struct place *p)
{
	unsigned int found = read_privileges(l, g->all);
	struct token t;
	struct grantee *who;

	if (!read_place(p, l))
		return;
	t = lexer_next(l);
	if (!token_is_word(t, revoke ? "FROM" : "TO"))
		return;
	who = grantee_of(g, read_grantee(l));
	if (!revoke)
		give(g, who, p, found);
	else if (strcmp(p->database.data, g->database) == 0)
		who->revoked |= found;
}

void grants_add(struct grants *g, struct str line)
{
	struct place p = { .database = BUF_INIT, .table = BUF_INIT };
	struct lexer l;
	struct token t;

	lexer_init(&l, line);
	t = lexer_next(&l);
	if (token_is_word(t, "GRANT") || token_is_word(t, "REVOKE"))
		add_line(g, &l, token_is_word(t, "REVOKE"), &p);
	buf_finish(&p.database);
	buf_finish(&p.table);
}

void grants_add_everything(struct grants *g)
{
	grantee_of(g, (struct str){ "", 0 })->global = PRIVILEGE_ALL;
}

/* MariaDB shows all routines to who may read mysql.proc, MySQL to who may read everything. */
static bool sees_routines(const struct grants *g, const struct grantee *who,
                          unsigned int everywhere)
{
	if ((who->global & PRIVILEGE_SELECT) || (everywhere & PRIVILEGE_SHOW_ROUTINE))
		return true;
	return g->family == SERVER_MARIADB && (who->catalog & PRIVILEGE_SELECT);
}

unsigned int grants_visible(const struct grants *g)
{
	static const unsigned int routines =
		OBJECT_KIND_BIT(OBJECT_FUNCTION) | OBJECT_KIND_BIT(OBJECT_PROCEDURE) |
		OBJECT_KIND_BIT(OBJECT_PACKAGE) | OBJECT_KIND_BIT(OBJECT_PACKAGE_BODY);
	static const unsigned int mariadb_only = OBJECT_KIND_BIT(OBJECT_SEQUENCE) |
	                                         OBJECT_KIND_BIT(OBJECT_PACKAGE) |
	                                         OBJECT_KIND_BIT(OBJECT_PACKAGE_BODY);
	unsigned int held = 0, visible = 0;

	for (size_t i = 0; i < g->count; i++) {
		const struct grantee *who = &g->grantees[i];
		unsigned int everywhere = (who->global & ~who->revoked) | who->database;

		held |= everywhere;
		if (sees_routines(g, who, everywhere))
			visible |= routines;
	}
	if (held & PRIVILEGE_SELECT)
		visible |= OBJECT_KIND_BIT(OBJECT_TABLE) | OBJECT_KIND_BIT(OBJECT_SEQUENCE);
	if ((held & PRIVILEGE_SELECT) && (held & PRIVILEGE_SHOW_VIEW))
		visible |= OBJECT_KIND_BIT(OBJECT_VIEW);
	if (held & PRIVILEGE_TRIGGER)
		visible |= OBJECT_KIND_BIT(OBJECT_TRIGGER);
	if (held & PRIVILEGE_EVENT)
		visible |= OBJECT_KIND_BIT(OBJECT_EVENT);
	if (g->family == SERVER_MYSQL)
		visible |= mariadb_only; /* there are none to be seen */
	return visible;
}

bool grants_see_processes(const struct grants *g)
{
	for (size_t i = 0; i < g->count; i++)
		if (g->grantees[i].global & PRIVILEGE_PROCESS)
			return true;
	return false;
}
