/* SPDX-License-Identifier: MIT */
#include "tests/unit/test.h"

#include <stdlib.h>

#include "engine/base/buf.h"
#include "engine/base/cleanup.h"
#include "engine/schema/lexer.h"

static const char *const kind_names[] = {
	[TOKEN_END] = "end",           [TOKEN_WORD] = "word",
	[TOKEN_NAME] = "name",         [TOKEN_STRING] = "string",
	[TOKEN_NUMBER] = "number",     [TOKEN_PUNCTUATION] = "mark",
	[TOKEN_VARIABLE] = "variable", [TOKEN_COMMENT] = "comment",
	[TOKEN_COMMENT_OPEN] = "open", [TOKEN_COMMENT_CLOSE] = "close",
	[TOKEN_BROKEN] = "broken",
};

/* "word<select> number<1>" */
static void describe(struct buf *out, struct lexer *l)
{
	struct token t;

	while ((t = lexer_next(l)).kind != TOKEN_END)
		buf_addf(out, "%s%s<%.*s>", out->len > 0 ? " " : "", kind_names[t.kind],
		         STR_ARG(t.text));
}

static void check(struct lexer l, const char *want)
{
	autobuf got = BUF_INIT;

	describe(&got, &l);
	assert_string_equal(got.data, want);
}

static struct lexer lexer_on(const char *text)
{
	struct lexer l;

	lexer_init(&l, str_of(text));
	return l;
}

static const struct {
	const char *text;
	const char *want;
} cases[] = {
	{ "", "" },
	{ " \t\r\n\v\f", "" },
	{ "a b\nc", "word<a> word<b> word<c>" },
	{ "_x $y 1a \xc3\xa9", "word<_x> word<$y> word<1a> word<\xc3\xa9>" },
	/* quotes */
	{ "`a``b`", "name<`a``b`>" },
	{ "`a\n--;/*)'\\`", "name<`a\n--;/*)'\\`>" },
	{ "'it''s' 'it\\'s' \"a\"\"b\"",
	  "string<'it''s'> string<'it\\'s'> string<\"a\"\"b\">" },
	{ "'a' 'b'", "string<'a'> string<'b'>" },
	{ "n'x' x'41' X'' b'1' B'0'",
	  "string<n'x'> string<x'41'> string<X''> string<b'1'> string<B'0'>" },
	{ "_utf8mb4'x' _latin1\"y\" _utf8 'z'",
	  "string<_utf8mb4'x'> string<_latin1\"y\"> word<_utf8> string<'z'>" },
	{ "date'2020-01-01'", "word<date> string<'2020-01-01'>" },
	/* numbers */
	{ "1 1.5 .5 1. 1e5 1E-5 1.5e+3",
	  "number<1> number<1.5> number<.5> number<1.> number<1e5> "
	  "number<1E-5> number<1.5e+3>" },
	{ "0x1F 0xZZ 0b01 0b2 0x", "number<0x1F> word<0xZZ> number<0b01> word<0b2> word<0x>" },
	{ "1e 1ex a.1b `a`.5e1",
	  "word<1e> word<1ex> word<a> mark<.> word<1b> name<`a`> mark<.> word<5e1>" },
	{ "-1", "mark<-> number<1>" },
	/* operators */
	{ ":= <=> <= >= <> != << >> || && -> ->>",
	  "mark<:=> mark<<=>> mark<<=> mark<>=> mark<<>> mark<!=> mark<<<> mark<>>> mark<||> "
	  "mark<&&> mark<->> mark<->>>" },
	{ "a.b,(c);", "word<a> mark<.> word<b> mark<,> mark<(> word<c> mark<)> mark<;>" },
	/* variables */
	{ "@a @`b c` @'d' @@e @@global.f @", "variable<@a> variable<@`b c`> variable<@'d'> "
	                                     "variable<@@e> variable<@@global.f> mark<@>" },
	{ "`u`@`h`", "name<`u`> variable<@`h`>" },
	/* comments */
	{ "a /* b */ c -- d\ne # f\ng", "word<a> word<c> word<e> word<g>" },
	{ "a--b --\tc", "word<a> mark<-> mark<-> word<b>" },
	{ "1 --", "number<1>" },
	{ "a /*!80023 INVISIBLE */ b",
	  "word<a> open</*!80023> word<INVISIBLE> close<*/> word<b>" },
	{ "/*M!100301 COMPRESSED*/", "open</*M!100301> word<COMPRESSED> close<*/>" },
	{ "/*! a */ /*!1 b */",
	  "open</*!> word<a> close<*/> open</*!> number<1> word<b> close<*/>" },
	{ "/*!50100 a /* b */ c */ d", "open</*!50100> word<a> word<c> close<*/> word<d>" },
	{ "/*!50100 /*!50500 a */ */",
	  "open</*!50100> open</*!50500> word<a> close<*/> close<*/>" },
	{ "a */ b", "word<a> mark<*> mark</> word<b>" },
	/* what never ends */
	{ "a 'b", "word<a> broken<'b>" },
	{ "a 'b\\", "word<a> broken<'b\\>" },
	{ "`", "broken<`>" },
	{ "@`a", "broken<@`a>" },
	{ "a /* b", "word<a> broken</* b>" },
	{ "/*", "broken</*>" },
	{ "/*!50100 a", "open</*!50100> word<a> broken<>" },
};

static void text_is_cut_as_mysql_cuts_it(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		check(lexer_on(cases[i].text), cases[i].want);
}

static void a_nul_is_a_byte_like_others(void **state)
{
	struct lexer l;
	struct token t;

	(void)state;
	lexer_init(&l, (struct str){ "a\0b '\0'", 7 });
	assert_int_equal(lexer_next(&l).kind, TOKEN_WORD);
	assert_int_equal(lexer_next(&l).kind, TOKEN_PUNCTUATION);
	assert_int_equal(lexer_next(&l).kind, TOKEN_WORD);
	t = lexer_next(&l);
	assert_int_equal(t.kind, TOKEN_STRING);
	assert_int_equal(t.text.n, 3);
}

static void sql_mode_decides_about_quotes(void **state)
{
	struct lexer l = lexer_on("\"a\" _x\"b\" 'c\\'");

	(void)state;
	lexer_set_mode(&l, "PIPES_AS_CONCAT,ansi_quotes,NO_BACKSLASH_ESCAPES");
	check(l, "name<\"a\"> word<_x> name<\"b\"> string<'c\\'>");
	lexer_set_mode(&l, NULL);
	check(l, "string<\"a\"> string<_x\"b\"> broken<'c\\'>");
	lexer_set_mode(&l, "MY_ANSI_QUOTES");
	assert_false(l.ansi_quotes);
}

static void comments_come_when_asked_for(void **state)
{
	struct lexer l = lexer_on("a /* b */ -- c\nd # e");

	(void)state;
	l.want_comments = true;
	check(l, "word<a> comment</* b */> comment<-- c> word<d> comment<# e>");
}

static void peek_does_not_move(void **state)
{
	struct lexer l = lexer_on("/*!50100 a */ b");

	(void)state;
	assert_int_equal(lexer_peek(&l).kind, TOKEN_COMMENT_OPEN);
	assert_int_equal(lexer_peek(&l).kind, TOKEN_COMMENT_OPEN);
	assert_int_equal(l.depth, 0);
	lexer_next(&l);
	assert_true(token_is_word(lexer_peek(&l), "A"));
	assert_true(token_is_word(lexer_next(&l), "a"));
}

static void names_lose_their_quotes(void **state)
{
	struct lexer l = lexer_on("`a``b```  plain `` \"c\"\"d\"");
	autobuf out = BUF_INIT;

	(void)state;
	l.ansi_quotes = true;
	for (int i = 0; i < 4; i++) {
		token_name(&out, lexer_next(&l));
		buf_addc(&out, '|');
	}
	assert_string_equal(out.data, "a`b`|plain||c\"d|");
}

static void token_names_compares_without_quotes(void **state)
{
	(void)state;
	assert_true(
		token_names(lexer_peek(&(struct lexer){ .text = str_of("`a``b`") }), "a`b"));
	assert_true(token_names(lexer_peek(&(struct lexer){ .text = str_of("abc") }), "abc"));
	assert_false(token_names(lexer_peek(&(struct lexer){ .text = str_of("`abc`") }), "ab"));
	assert_false(
		token_names(lexer_peek(&(struct lexer){ .text = str_of("'abc'") }), "abc"));
}

/* Tokens are slices in order, blanks lie between them, and every text ends. */
static void assert_covers(const char *text, size_t len, bool want_comments)
{
	struct lexer l;
	struct token t;
	size_t at = 0;

	lexer_init(&l, (struct str){ text, len });
	l.want_comments = want_comments;
	do {
		size_t from;

		t = lexer_next(&l);
		from = (size_t)(t.text.p - text);
		assert_true(from >= at && from + t.text.n <= len);
		assert_true(t.text.n > 0 || t.kind == TOKEN_END || t.kind == TOKEN_BROKEN);
		while (want_comments && at < from)
			assert_non_null(memchr(" \t\n\v\f\r", text[at++], 6));
		at = from + t.text.n;
	} while (t.kind != TOKEN_END);
	assert_int_equal(at, len);
	assert_int_equal(lexer_next(&l).kind, TOKEN_END);
}

static void tokens_and_gaps_are_the_text(void **state)
{
	static const char alphabet[] = "ab1.`'\"\\@*/!M-# \n0x_(),;e+<=>|\xc3";
	char text[24];

	(void)state;
	srand(1);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_covers(cases[i].text, strlen(cases[i].text), true);
	for (int i = 0; i < 100000; i++) {
		size_t len = (size_t)rand() % sizeof(text);

		for (size_t k = 0; k < len; k++)
			text[k] = alphabet[(size_t)rand() % (sizeof(alphabet) - 1)];
		assert_covers(text, len, i % 2 == 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_is_cut_as_mysql_cuts_it),
		cmocka_unit_test(a_nul_is_a_byte_like_others),
		cmocka_unit_test(sql_mode_decides_about_quotes),
		cmocka_unit_test(comments_come_when_asked_for),
		cmocka_unit_test(peek_does_not_move),
		cmocka_unit_test(names_lose_their_quotes),
		cmocka_unit_test(token_names_compares_without_quotes),
		cmocka_unit_test(tokens_and_gaps_are_the_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
