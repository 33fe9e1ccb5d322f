/* SPDX-License-Identifier: MIT */
/* What every store promises (engine/store/store.h): one suite, run on each provider. */
#include "tests/unit/test.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "engine/base/buf.h"
#include "engine/base/clock.h"
#include "engine/base/fsutil.h"
#include "engine/config/config.h"
#include "engine/store/store.h"

#define WRITERS 8

static const struct store_range all = { .length = UINT64_MAX, .max = (size_t)64 << 20 };

struct fixture {
	struct store *store;
	char dir[64];    /* of a local store */
	bool configured; /* on a server */
};

/* A configuration file: the suite then runs on the store that it describes, and on no other. */
#define CONFIGURED "STORE_UNDER_TEST"

static int with_memory(void **state)
{
	static struct fixture f;

	f = (struct fixture){ .store = store_open_memory() };
	*state = &f;
	return 0;
}

static int with_local(void **state)
{
	static struct fixture f;
	struct error err = ERROR_INIT;
	DEFER(config) *c = NULL;
	autobuf yaml = BUF_INIT;

	f = (struct fixture){ .dir = "/tmp/test_store.XXXXXX" };
	*state = &f;
	if (!mkdtemp(f.dir))
		return -1;
	buf_addf(&yaml, "backup: {storage: {provider: local, local: {base_path: %s/a/b}}}",
	         f.dir);
	if (config_parse(&c, yaml.data, yaml.len, "test", &err) < 0)
		return -1;
	return store_open(&f.store, c, &err);
}

/* The store that a file describes, below a prefix of its own: how servers are tested. */
static int with_configured(void **state)
{
	static struct fixture f;
	static int tests;
	struct error err = ERROR_INIT;
	DEFER(config) *c = NULL;
	autobuf name = BUF_INIT, prefix = BUF_INIT;

	f = (struct fixture){ .configured = true };
	*state = &f;
	if (config_load(&c, getenv(CONFIGURED), &err) < 0)
		return -1;
	buf_addf(&name, "backup.storage.%s.prefix", config_text(c, "backup.storage.provider"));
	buf_addf(&prefix, "test-%d-%d/", (int)getpid(), tests++);
	if (config_set(c, name.data, prefix.data, &err) < 0 ||
	    store_open(&f.store, c, &err) < 0) {
		fprintf(stderr, "%s\n", err.text);
		return -1;
	}
	return 0;
}

static int remove_key(void *arg, const char *key, const struct store_stat *stat,
                      struct error *err)
{
	(void)stat;
	return store_remove(arg, key, err);
}

static int tear_down(void **state)
{
	struct fixture *f = *state;
	struct error err = ERROR_INIT;

	if (f->configured && store_list(f->store, NULL, remove_key, f->store, &err) < 0)
		fprintf(stderr, "%s\n", err.text);
	store_close(f->store);
	return f->dir[0] != '\0' ? dir_remove_tree(f->dir, &err) : 0;
}

static struct store *store_of(void **state)
{
	return ((struct fixture *)*state)->store;
}

static void put(struct store *s, const char *key, const char *text)
{
	struct error err = ERROR_INIT;

	assert_ok(store_put(s, key, text, strlen(text), &err));
}

static void assert_holds(struct store *s, const char *key, const char *text)
{
	struct error err = ERROR_INIT;
	autobuf out = BUF_INIT;

	assert_int_equal(store_get(s, key, all, &out, NULL, &err), 1);
	assert_string_equal(out.data, text);
}

static void put_then_get_returns_the_same_bytes(void **state)
{
	static const size_t lengths[] = { 0, 1, 4095, 65536, 5 * 1024 * 1024 + 3 };
	struct store *s = store_of(state);

	for (size_t i = 0; i < ARRAY_SIZE(lengths); i++) {
		struct error err = ERROR_INIT;
		struct store_stat stat, got;
		autobuf data = BUF_INIT;
		autobuf out = BUF_INIT;
		char key[32];

		for (size_t k = 0; k < lengths[i]; k++)
			buf_addc(&data, (char)(k * 31 + k / 253));
		snprintf(key, sizeof(key), "%zu.backup", lengths[i]);
		assert_ok(store_put(s, key, data.data, data.len, &err));
		buf_adds(&out, "> ");
		assert_int_equal(store_get(s, key, all, &out, &got, &err), 1);
		assert_int_equal(out.len, 2 + data.len);
		assert_memory_equal(out.data + 2, data.data, data.len);
		assert_int_equal(store_stat(s, key, &stat, &err), 1);
		assert_int_equal(stat.size, data.len);
		assert_string_equal(stat.version, got.version);
		assert_true(stat.version[0] != '\0');
		assert_in_range(stat.modified, clock_now() - 10, clock_now() + 1);
	}
}

/* Bytes that no two offsets share in a small distance. */
static int read_pattern(void *arg, uint64_t offset, void *to, size_t len, struct error *err)
{
	unsigned char *bytes = to;

	(void)arg;
	(void)err;
	for (size_t i = 0; i < len; i++) {
		uint64_t at = offset + i;

		bytes[i] = (unsigned char)(at * 31 + at / 253 + at / 65521);
	}
	return 0;
}

static int open_temporary(void)
{
	char path[] = "/tmp/test_store.XXXXXX";
	int fd = mkstemp(path);

	unlink(path);
	return fd;
}

static void assert_is_pattern(int fd, uint64_t size)
{
	autofree unsigned char *got = malloc(1 << 20), *want = malloc(1 << 20);
	struct error err = ERROR_INIT;

	assert_int_equal(lseek(fd, 0, SEEK_END), size);
	for (uint64_t at = 0; at < size; at += 1 << 20) {
		size_t len = size - at < 1 << 20 ? (size_t)(size - at) : 1 << 20;

		assert_int_equal(pread(fd, got, len, (off_t)at), len);
		read_pattern(NULL, at, want, len, &err);
		assert_memory_equal(got, want, len);
	}
}

/* LARGE_MB: the size of the large object; what it takes in memory is measured from outside. */
static void a_large_object_streams_both_ways(void **state)
{
	const char *mb = getenv("LARGE_MB");
	uint64_t size = ((uint64_t)(mb ? atol(mb) : 20) << 20) + 17;
	struct store_body body = { .size = size, .read_at = read_pattern };
	struct store *s = store_of(state);
	struct error err = ERROR_INIT;
	autoclose int fd = open_temporary();
	struct store_stat stat, got;

	assert_ok(store_put_body(s, "large.backup", &body, &err));
	assert_fails(store_put_body(s, "large.backup", &body, &err), ERR_EXISTS, "large");
	assert_int_equal(store_stat(s, "large.backup", &stat, &err), 1);
	assert_int_equal(stat.size, size);
	assert_int_equal(store_get_to_fd(s, "large.backup", fd, &got, &err), 1);
	assert_string_equal(got.version, stat.version);
	assert_is_pattern(fd, size);
	assert_int_equal(store_get_to_fd(s, "missing", fd, NULL, &err), 0);
}

static int read_fails(void *arg, uint64_t offset, void *to, size_t len, struct error *err)
{
	(void)arg;
	if (offset + len > 65536)
		return error_set(err, ERR_CORRUPT, "the source broke off");
	memset(to, 0, len);
	return 0;
}

static void a_body_that_fails_leaves_nothing(void **state)
{
	struct store_body body = { .size = 1 << 20, .read_at = read_fails };
	struct store *s = store_of(state);
	struct error err = ERROR_INIT;
	struct store_stat stat;

	assert_int_equal(store_put_body(s, "broken", &body, &err), -1);
	assert_int_equal(err.code, ERR_CORRUPT);
	assert_non_null(strstr(err.text, "the source broke off"));
	error_clear(&err);
	assert_int_equal(store_stat(s, "broken", &stat, &err), 0);
}

static void an_object_is_copied_from_store_to_store(void **state)
{
	struct store_body body = { .size = (9 << 20) + 5, .read_at = read_pattern };
	struct store *s = store_of(state);
	DEFER(store) *memory = store_open_memory();
	struct error err = ERROR_INIT;
	autoclose int fd = open_temporary();

	assert_ok(store_put_body(memory, "a.backup", &body, &err));
	assert_int_equal(store_copy(memory, "a.backup", s, &err), 1);
	assert_fails(store_copy(memory, "a.backup", s, &err), ERR_EXISTS, "a.backup");
	assert_int_equal(store_remove(memory, "a.backup", &err), 1);
	assert_int_equal(store_copy(memory, "a.backup", s, &err), 0);
	assert_int_equal(store_copy(s, "a.backup", memory, &err), 1);
	assert_int_equal(store_get_to_fd(memory, "a.backup", fd, NULL, &err), 1);
	assert_is_pattern(fd, body.size);
}

static void put_refuses_to_overwrite(void **state)
{
	struct store *s = store_of(state);
	struct error err = ERROR_INIT;

	put(s, "a", "first");
	assert_fails(store_put(s, "a", "second", 6, &err), ERR_EXISTS, "a exists already");
	assert_holds(s, "a", "first");
}

static void what_is_missing_is_an_answer(void **state)
{
	struct store *s = store_of(state);
	struct error err = ERROR_INIT;
	struct store_stat stat;
	autobuf out = BUF_INIT;

	for (int i = 0; i < 2; i++) {
		assert_int_equal(store_get(s, "a", all, &out, NULL, &err), 0);
		assert_int_equal(store_stat(s, "a", &stat, &err), 0);
		assert_int_equal(store_remove(s, "a", &err), 0);
		assert_fails(store_replace(s, "a", "1", "x", 1, &err), ERR_NOT_FOUND,
		             "a does not exist");
		put(s, "b", "another"); /* the second time something else is there */
		assert_int_equal(store_remove(s, "b", &err), 1);
	}
	assert_int_equal(out.len, 0);
}

static void a_range_is_read_alone(void **state)
{
	static const struct {
		uint64_t offset, length;
		const char *want;
	} cases[] = {
		{ 0, 3, "012" }, { 4, 3, "456" },        { 8, 5, "89" },
		{ 10, 1, "" },   { 99, UINT64_MAX, "" }, { 7, UINT64_MAX, "789" },
		{ 0, 0, "" },    { UINT64_MAX, 1, "" },
	};
	struct store *s = store_of(state);
	struct error err = ERROR_INIT;

	put(s, "digits", "0123456789");
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct store_range range = { cases[i].offset, cases[i].length, 100 };
		struct store_stat stat;
		autobuf out = BUF_INIT;

		assert_int_equal(store_get(s, "digits", range, &out, &stat, &err), 1);
		assert_string_equal(out.data, cases[i].want);
		assert_int_equal(stat.size, 10);
	}
}

static void more_than_the_limit_is_refused(void **state)
{
	const struct store_range range = { .length = UINT64_MAX, .max = 9 };
	const struct store_range part = { .offset = 1, .length = UINT64_MAX, .max = 9 };
	struct store *s = store_of(state);
	struct error err = ERROR_INIT;
	autobuf out = BUF_INIT;

	put(s, "digits", "0123456789");
	assert_fails(store_get(s, "digits", range, &out, NULL, &err), ERR_CORRUPT,
	             "digits: 10 bytes, limit 9");
	assert_int_equal(out.len, 0);
	assert_int_equal(store_get(s, "digits", part, &out, NULL, &err), 1);
	assert_string_equal(out.data, "123456789");
}

static void replace_needs_the_present_version(void **state)
{
	struct store *s = store_of(state);
	struct error err = ERROR_INIT;
	struct store_stat first, second;

	put(s, "a", "first");
	assert_int_equal(store_stat(s, "a", &first, &err), 1);
	assert_ok(store_replace(s, "a", first.version, "other", 5, &err));
	assert_holds(s, "a", "other");
	assert_int_equal(store_stat(s, "a", &second, &err), 1);
	assert_string_not_equal(first.version, second.version);
	assert_fails(store_replace(s, "a", first.version, "third", 5, &err), ERR_BUSY,
	             "a was replaced meanwhile");
	assert_holds(s, "a", "other");
	assert_ok(store_replace(s, "a", second.version, "", 0, &err));
	assert_holds(s, "a", "");
}

static void a_key_made_anew_has_a_new_version(void **state)
{
	struct store *s = store_of(state);
	struct error err = ERROR_INIT;
	struct store_stat before, after;

	put(s, "a", "same");
	assert_int_equal(store_stat(s, "a", &before, &err), 1);
	assert_int_equal(store_remove(s, "a", &err), 1);
	/* A cloud's version may be a hash of the content: the same bytes are the same then. */
	put(s, "a", ((struct fixture *)*state)->configured ? "else" : "same");
	assert_int_equal(store_stat(s, "a", &after, &err), 1);
	assert_string_not_equal(before.version, after.version);
}

static void remove_removes_and_frees_the_key(void **state)
{
	struct store *s = store_of(state);
	struct error err = ERROR_INIT;
	struct store_stat stat;

	put(s, "a", "1");
	put(s, "b", "2");
	assert_int_equal(store_remove(s, "a", &err), 1);
	assert_int_equal(store_stat(s, "a", &stat, &err), 0);
	assert_holds(s, "b", "2");
	put(s, "a", "3");
	assert_holds(s, "a", "3");
}

/* Collects keys as "a b c ", and stops before one that is asked for. */
struct listing {
	struct buf keys;
	const char *stop_at;
};

static int add_key(void *arg, const char *key, const struct store_stat *stat, struct error *err)
{
	struct listing *l = arg;

	assert_int_equal(stat->size, strlen(key));
	assert_true(stat->version[0] != '\0');
	if (l->stop_at && strcmp(key, l->stop_at) == 0)
		return error_set(err, ERR_CANCELLED, "stopped at %s", key);
	buf_addf(&l->keys, "%s|", key);
	return 0;
}

static void assert_lists(struct store *s, const char *after, const char *want)
{
	struct error err = ERROR_INIT;
	struct listing l = { .keys = BUF_INIT };

	assert_ok(store_list(s, after, add_key, &l, &err));
	assert_string_equal(l.keys.data, want);
	buf_finish(&l.keys);
}

static void list_is_in_byte_order_from_after_a_key(void **state)
{
	static const char *const keys[] = {
		"b", "a.b", "a", "a-b", "B", "a~", "10", "9", "a0"
	};
	struct store *s = store_of(state);
	struct error err = ERROR_INIT;
	struct listing l = { .keys = BUF_INIT, .stop_at = "a.b" };

	assert_lists(s, NULL, "");
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		put(s, keys[i], keys[i]);
	assert_lists(s, NULL, "10|9|B|a|a-b|a.b|a0|a~|b|");
	assert_lists(s, "", "10|9|B|a|a-b|a.b|a0|a~|b|");
	assert_lists(s, "a", "a-b|a.b|a0|a~|b|");
	assert_lists(s, "a/", "a0|a~|b|");
	assert_lists(s, "b", "");
	assert_lists(s, "zzz", "");
	assert_fails(store_list(s, "B", add_key, &l, &err), ERR_CANCELLED, "stopped at a.b");
	assert_string_equal(l.keys.data, "a|a-b|");
	buf_finish(&l.keys);
}

static void odd_names_are_names(void **state)
{
	static const char *const keys[] = {
		" ", "%",   "%2F",     "%41",  "+",   "-rf", ".",  "..",  "../x", ".hidden",
		"/", "a b", "a#b&c=d", "a//b", "a/b", "a?b", "b/", "con", "x*y",  "~",
	};
	struct store *s = store_of(state);
	struct error err = ERROR_INIT;
	autobuf want = BUF_INIT;

	for (size_t i = ARRAY_SIZE(keys); i-- > 0;)
		put(s, keys[i], keys[i]);
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		assert_holds(s, keys[i], keys[i]);
		buf_addf(&want, "%s|", keys[i]);
	}
	assert_lists(s, NULL, want.data);
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		assert_int_equal(store_remove(s, keys[i], &err), 1);
	assert_lists(s, NULL, "");
}

/* Azure takes "\" for "/": a provider that cannot keep such a name refuses it. */
static void a_backslash_is_kept_or_refused(void **state)
{
	struct store *s = store_of(state);
	struct error err = ERROR_INIT;

	put(s, "a/b", "slash");
	if (strcmp(store_provider(s), "azure") == 0) {
		assert_fails(store_put(s, "a\\b", "x", 1, &err), ERR_INVALID, "a\\b");
		assert_int_equal(store_remove(s, "a\\b", &err), 0);
	} else {
		put(s, "a\\b", "backslash");
		assert_holds(s, "a\\b", "backslash");
		assert_int_equal(store_remove(s, "a\\b", &err), 1);
	}
	assert_holds(s, "a/b", "slash");
}

static void what_is_no_key_is_refused(void **state)
{
	static const char *const keys[] = { "", "a\nb", "\x7f", "\xc3\xa4", "\xff" };
	struct store *s = store_of(state);
	struct error err = ERROR_INIT;
	struct store_stat stat;
	autobuf out = BUF_INIT;
	autobuf longer = BUF_INIT;

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		assert_fails(store_put(s, keys[i], "", 0, &err), ERR_INVALID, "store key");
		assert_fails(store_replace(s, keys[i], "1", "", 0, &err), ERR_INVALID, "key");
		assert_fails(store_get(s, keys[i], all, &out, NULL, &err), ERR_INVALID, "key");
		assert_fails(store_stat(s, keys[i], &stat, &err), ERR_INVALID, "key");
		assert_fails(store_remove(s, keys[i], &err), ERR_INVALID, "key");
	}
	while (longer.len <= STORE_KEY_MAX)
		buf_addc(&longer, 'k');
	assert_fails(store_put(s, longer.data, "", 0, &err), ERR_INVALID, "1 to 1024");
}

/* One of many who write the same key at once. */
struct writer {
	struct store *store;
	const char *version; /* NULL: puts */
	char text[16];
	pthread_t thread;
	int result;
	struct error err;
};

static void *write_once(void *arg)
{
	struct writer *w = arg;

	w->err = ERROR_INIT;
	w->result = w->version ? store_replace(w->store, "contested", w->version, w->text,
	                                       strlen(w->text), &w->err)
	                       : store_put(w->store, "contested", w->text, strlen(w->text),
	                                   &w->err);
	return NULL;
}

/* Exactly one wins, the others are told so, and what is there is the winner's. */
static void assert_one_winner(struct store *s, const char *version, enum error_code lost)
{
	struct writer writers[WRITERS];
	const struct writer *winner = NULL;

	for (int i = 0; i < WRITERS; i++) {
		writers[i] = (struct writer){ .store = s, .version = version };
		/* Never what is there already: a version may be a hash of the content. */
		snprintf(writers[i].text, sizeof(writers[i].text), "%s %d",
		         version ? "replacer" : "creator", i);
		assert_int_equal(
			pthread_create(&writers[i].thread, NULL, write_once, &writers[i]), 0);
	}
	for (int i = 0; i < WRITERS; i++)
		pthread_join(writers[i].thread, NULL);
	for (int i = 0; i < WRITERS; i++) {
		if (writers[i].result < 0) {
			if (writers[i].err.code != lost)
				fail_msg("%s", writers[i].err.text);
			continue;
		}
		assert_null(winner);
		winner = &writers[i];
	}
	assert_non_null(winner);
	assert_holds(s, "contested", winner->text);
}

/* Swift has no conditional writes: what happens at the same moment is beyond it. */
static bool is_unconditional(void)
{
	return getenv("STORE_IS_UNCONDITIONAL") != NULL;
}

static void of_concurrent_writers_one_wins(void **state)
{
	struct store *s = store_of(state);
	struct error err = ERROR_INIT;
	struct store_stat stat;

	if (is_unconditional())
		skip_because("this server has no conditions");
	for (int round = 0; round < 20; round++) {
		assert_one_winner(s, NULL, ERR_EXISTS);
		assert_int_equal(store_stat(s, "contested", &stat, &err), 1);
		assert_one_winner(s, stat.version, ERR_BUSY);
		assert_int_equal(store_remove(s, "contested", &err), 1);
	}
	assert_lists(s, NULL, "");
}

/* Somebody removes what others replace: it never comes back. */
static void *remove_once(void *arg)
{
	struct writer *w = arg;

	w->err = ERROR_INIT;
	w->result = store_remove(w->store, "contested", &w->err);
	return NULL;
}

static void a_removed_key_is_not_brought_back(void **state)
{
	struct store *s = store_of(state);
	struct error err = ERROR_INIT;

	if (is_unconditional())
		skip_because("this server has no conditions");
	for (int round = 0; round < 50; round++) {
		struct writer writer = { .store = s, .text = "again" };
		struct writer remover = { .store = s };
		struct store_stat stat;

		put(s, "contested", "first");
		assert_int_equal(store_stat(s, "contested", &stat, &err), 1);
		writer.version = stat.version;
		pthread_create(&writer.thread, NULL, write_once, &writer);
		pthread_create(&remover.thread, NULL, remove_once, &remover);
		pthread_join(writer.thread, NULL);
		pthread_join(remover.thread, NULL);
		assert_int_equal(remover.result, 1);
		if (writer.result < 0)
			assert_int_equal(writer.err.code, ERR_NOT_FOUND);
		assert_int_equal(store_stat(s, "contested", &stat, &err), 0);
	}
}

static void a_store_says_where_it_is(void **state)
{
	const struct fixture *f = *state;
	autobuf want = BUF_INIT;

	/* gs:// is what Google's own tools say. */
	if (f->configured && strcmp(store_provider(f->store), "gcs") == 0)
		buf_adds(&want, "gs://");
	else if (f->configured)
		buf_addf(&want, "%s://", store_provider(f->store));
	else
		buf_addf(&want, "%s:", store_provider(f->store));
	if (f->dir[0] != '\0')
		buf_addf(&want, "%s/a/b", f->dir);
	assert_memory_equal(store_location(f->store), want.data, want.len);
}

static void providers_are_listed(void **state)
{
	autobuf names = BUF_INIT;
	const char *name, *summary;

	(void)state;
	for (size_t i = 0; (name = store_provider_at(i, &summary)) != NULL; i++) {
		buf_addf(&names, "%s ", name);
		assert_non_null(strchr(summary, ' '));
	}
	assert_memory_equal(names.data, "local s3 azure gcs ", strlen("local s3 azure gcs "));
	assert_non_null(strstr(names.data, "memory "));
}

/* clang-format off */
#define ON(provider, check) cmocka_unit_test_setup_teardown(check, with_##provider, tear_down)
#define SUITE(provider) \
	ON(provider, put_then_get_returns_the_same_bytes), \
	ON(provider, a_large_object_streams_both_ways), \
	ON(provider, a_body_that_fails_leaves_nothing), \
	ON(provider, an_object_is_copied_from_store_to_store), \
	ON(provider, put_refuses_to_overwrite), \
	ON(provider, what_is_missing_is_an_answer), \
	ON(provider, a_range_is_read_alone), \
	ON(provider, more_than_the_limit_is_refused), \
	ON(provider, replace_needs_the_present_version), \
	ON(provider, a_key_made_anew_has_a_new_version), \
	ON(provider, remove_removes_and_frees_the_key), \
	ON(provider, list_is_in_byte_order_from_after_a_key), \
	ON(provider, odd_names_are_names), \
	ON(provider, a_backslash_is_kept_or_refused), \
	ON(provider, what_is_no_key_is_refused), \
	ON(provider, of_concurrent_writers_one_wins), \
	ON(provider, a_removed_key_is_not_brought_back), \
	ON(provider, a_store_says_where_it_is)
/* clang-format on */

int main(void)
{
	const struct CMUnitTest everywhere[] = {
		SUITE(memory),
		SUITE(local),
		cmocka_unit_test(providers_are_listed),
	};
	const struct CMUnitTest configured[] = { SUITE(configured) };

	return getenv(CONFIGURED) ? cmocka_run_group_tests(configured, NULL, NULL)
	                          : cmocka_run_group_tests(everywhere, NULL, NULL);
}
