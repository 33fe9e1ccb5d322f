/* SPDX-License-Identifier: MIT */
/*
 * Any sequence of requests as the kernel's: each gets one answer, of a size and shape that the
 * kernel takes; never a crash, never none.
 *
 * An input is a program: each step takes one byte for what is asked (table `steps`) and then
 * what that needs: which of the nodes and handles seen so far, which name, size and offset. As
 * the kernel does, it forgets and releases only what it was given.
 */
#include <errno.h>
#include <linux/fuse.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include "engine/base/buf.h"
#include "engine/base/log.h"
#include "fs/handles.h"
#include "fs/jobs.h"
#include "fs/listings.h"
#include "fs/ops.h"
#include "tests/unit/fs_test.h"

#define STEPS_MAX  64
#define NODES_MAX  128
#define OPEN_MAX   32
#define REPLY_MAX  ((size_t)2 << 20)
#define THREADS    4
#define PATIENCE_S 60

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct input {
	const uint8_t *data;
	size_t size;
};

struct seen_node {
	uint64_t id;
	uint64_t lookups;
};

struct open_file {
	uint64_t node; /* 0: none is open */
	uint64_t handle;
	bool directory;
	bool silent; /* ENOSYS: the kernel opens and releases such by itself */
};

/* What answers, and what was learnt from its answers. */
static struct machine {
	struct fs_world *world;
	struct ops ops;
	struct fuse_session *session;
	int64_t generation; /* of the catalog, when the world was new */

	uint64_t unique;
	pthread_mutex_t lock;
	pthread_cond_t answered;
	struct buf reply; /* guarded by lock */
	bool replied;     /* guarded by lock */

	struct seen_node nodes[NODES_MAX];
	size_t node_count;
	struct open_file files[OPEN_MAX];
	size_t file_count;
} m = { .lock = PTHREAD_MUTEX_INITIALIZER, .answered = PTHREAD_COND_INITIALIZER };

static void must(bool holds)
{
	if (!holds)
		abort();
}

/* The kernel's side of the connection */

static ssize_t take_reply(int fd, struct iovec *iov, int count, void *userdata)
{
	size_t total = 0;

	(void)fd, (void)userdata;
	pthread_mutex_lock(&m.lock);
	must(!m.replied); /* one answer for each request */
	buf_truncate(&m.reply, 0);
	for (int i = 0; i < count; i++) {
		buf_add(&m.reply, iov[i].iov_base, iov[i].iov_len);
		total += iov[i].iov_len;
	}
	m.replied = true;
	pthread_cond_signal(&m.answered);
	pthread_mutex_unlock(&m.lock);
	return (ssize_t)total;
}

static ssize_t no_request(int fd, void *buf, size_t len, void *userdata)
{
	(void)fd, (void)buf, (void)len, (void)userdata;
	return 0;
}

static void wait_for_reply(void)
{
	struct timespec until;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += PATIENCE_S;
	pthread_mutex_lock(&m.lock);
	while (!m.replied)
		must(pthread_cond_timedwait(&m.answered, &m.lock, &until) == 0);
	pthread_mutex_unlock(&m.lock);
}

/* Sends a request; the answer's body, with its error in *error (0 or an errno). */
static struct str ask(uint32_t opcode, uint64_t node, struct str body, int *error)
{
	struct fuse_in_header in = { .len = (uint32_t)(sizeof(in) + body.n),
		                     .opcode = opcode,
		                     .unique = ++m.unique,
		                     .nodeid = node,
		                     .uid = getuid(),
		                     .gid = getgid(),
		                     .pid = 1 };
	const struct fuse_out_header *out;
	autobuf request = BUF_INIT;
	struct fuse_buf whole = { .size = in.len };

	buf_add(&request, &in, sizeof(in));
	buf_add(&request, body.p, body.n);
	whole.mem = request.data;
	m.replied = false;
	fuse_session_process_buf(m.session, &whole);
	*error = 0;
	if (opcode == FUSE_FORGET)
		return (struct str){ .n = 0 };
	wait_for_reply();
	must(m.reply.len >= sizeof(*out) && m.reply.len <= REPLY_MAX);
	out = (const struct fuse_out_header *)(const void *)m.reply.data;
	must(out->len == m.reply.len && out->unique == in.unique);
	must(out->error <= 0 && out->error > -1000);
	must(out->error == 0 || out->len == sizeof(*out));
	*error = -out->error;
	return (struct str){ m.reply.data + sizeof(*out), m.reply.len - sizeof(*out) };
}

/* The input */

static uint8_t next(struct input *in)
{
	if (in->size == 0)
		return 0;
	in->size--;
	return *in->data++;
}

static uint64_t next_node(struct input *in)
{
	uint8_t which = next(in);

	/* One that nobody was told: of another mount, by way of a handle of NFS. */
	if (which == UINT8_MAX)
		return m.nodes[0].id ^ (uint64_t)next(in) << next(in) % 57;
	return m.nodes[which % m.node_count].id;
}

static struct open_file next_file(struct input *in)
{
	uint8_t which = next(in);

	return m.file_count > 0 ? m.files[which % m.file_count] : (struct open_file){ 0 };
}

static uint64_t next_number(struct input *in)
{
	uint64_t n = next(in);

	return n < 128 ? n : n << next(in) % 40;
}

/* A name, with its NUL: of the tree, of import/, or any. */
static void next_name(struct buf *out, struct input *in)
{
	static const char *const names[] = {
		"by-database",
		"by-id",
		"by-tag",
		"by-date",
		"live",
		"export",
		"import",
		"status",
		"README",
		"shop",
		"latest",
		"environment",
		"production",
		"a%2Fb",
		".",
		"..",
		"",
		"objects",
		"tables",
		"schema.sql",
		"metadata.json",
		"plan.sql",
		"orders.sql",
		"health.json",
		"x.sql",
		"x.sql.error",
		"x.tar.gz",
		"d",
		"user.description",
		"user.checksum",
		"security.capability",
		"new-tag",
	};
	uint8_t which = next(in);

	if (which < ARRAY_SIZE(names)) {
		buf_adds(out, names[which]);
	} else {
		for (size_t n = which % 20; n > 0; n--) {
			char c = (char)next(in);

			if (c != '\0' && c != '/')
				buf_add(out, &c, 1);
		}
	}
	buf_add(out, "", 1);
}

/* Learning from answers */

static void see_node(uint64_t id)
{
	must(id != 0);
	for (size_t i = 0; i < m.node_count; i++) {
		if (m.nodes[i].id == id) {
			m.nodes[i].lookups++;
			return;
		}
	}
	must(m.node_count < NODES_MAX);
	m.nodes[m.node_count++] = (struct seen_node){ id, 1 };
}

/* Is there room for what the next answers tell? A directory tells of many. */
static bool has_room(void)
{
	return m.node_count < NODES_MAX / 2 && m.file_count < OPEN_MAX;
}

static void see_attr(const struct fuse_attr *a)
{
	mode_t type = a->mode & S_IFMT;

	must(type == S_IFDIR || type == S_IFREG || type == S_IFLNK);
	must(a->nlink > 0 && a->size < (uint64_t)1 << 40);
}

static void see_entry(struct str body)
{
	const struct fuse_entry_out *e = (const struct fuse_entry_out *)(const void *)body.p;

	must(body.n >= sizeof(*e));
	if (e->nodeid == 0)
		return; /* there is none, and that may be kept */
	see_attr(&e->attr);
	see_node(e->nodeid);
}

static void see_file(struct str body, uint64_t node, bool directory)
{
	const struct fuse_open_out *o = (const struct fuse_open_out *)(const void *)body.p;

	must(body.n == sizeof(*o) && m.file_count < OPEN_MAX);
	m.files[m.file_count++] =
		(struct open_file){ .node = node, .handle = o->fh, .directory = directory };
}

/* What is asked */

/* A request that is answered with a node. */
static void ask_entry(uint32_t opcode, uint64_t node, const struct buf *body)
{
	struct str answer;
	int error;

	if (!has_room())
		return;
	answer = ask(opcode, node, (struct str){ body->data, body->len }, &error);
	if (error == 0)
		see_entry(answer);
}

static void step_lookup(struct input *in)
{
	uint64_t node = next_node(in);
	autobuf body = BUF_INIT;

	next_name(&body, in);
	ask_entry(FUSE_LOOKUP, node, &body);
}

static void step_getattr(struct input *in)
{
	const struct fuse_getattr_in body = { 0 };
	const struct fuse_attr_out *out;
	struct str answer;
	int error;

	answer = ask(FUSE_GETATTR, next_node(in),
	             (struct str){ (const char *)&body, sizeof(body) }, &error);
	if (error != 0)
		return;
	must(answer.n == sizeof(*out));
	out = (const struct fuse_attr_out *)(const void *)answer.p;
	see_attr(&out->attr);
}

static void step_readlink(struct input *in)
{
	int error;
	struct str answer = ask(FUSE_READLINK, next_node(in), (struct str){ "", 0 }, &error);

	must(error != 0 || answer.n > 0);
}

static void open_node(struct input *in, uint32_t opcode)
{
	uint64_t node = next_node(in);
	const struct fuse_open_in body = { .flags = next(in) & 3U };
	struct str answer;
	int error;

	if (!has_room())
		return;
	answer = ask(opcode, node, (struct str){ (const char *)&body, sizeof(body) }, &error);
	if (error == 0)
		see_file(answer, node, opcode == FUSE_OPENDIR);
	if (error == ENOSYS)
		m.files[m.file_count++] = (struct open_file){
			.node = node, .directory = opcode == FUSE_OPENDIR, .silent = true
		};
}

static void step_open(struct input *in)
{
	open_node(in, FUSE_OPEN);
}

static void step_opendir(struct input *in)
{
	open_node(in, FUSE_OPENDIR);
}

static void see_names(struct str answer)
{
	const struct fuse_dirent *d;
	size_t len;

	for (size_t at = 0; at < answer.n; at += len) {
		d = (const struct fuse_dirent *)(const void *)(answer.p + at);
		must(answer.n - at >= FUSE_NAME_OFFSET && d->namelen > 0);
		len = FUSE_DIRENT_SIZE(d);
		must(len <= answer.n - at && !memchr(d->name, '/', d->namelen));
	}
}

static void see_entries(struct str answer)
{
	const struct fuse_direntplus *d;
	size_t len;

	for (size_t at = 0; at < answer.n; at += len) {
		d = (const struct fuse_direntplus *)(const void *)(answer.p + at);
		must(answer.n - at >= FUSE_NAME_OFFSET_DIRENTPLUS && d->dirent.namelen > 0);
		len = FUSE_DIRENTPLUS_SIZE(d);
		must(len <= answer.n - at);
		if (d->entry_out.nodeid != 0)
			see_node(d->entry_out.nodeid);
	}
}

static void read_file(struct input *in, bool directory)
{
	struct open_file f = next_file(in);
	struct fuse_read_in body = { .fh = f.handle,
		                     .offset = next_number(in),
		                     .size = (uint32_t)next_number(in) & 0xfffff };
	uint32_t opcode = FUSE_READ;
	struct str answer;
	int error;

	if (f.node == 0 || f.directory != directory)
		return;
	if (directory)
		opcode = next(in) % 2 > 0 ? FUSE_READDIRPLUS : FUSE_READDIR;
	if (opcode == FUSE_READDIRPLUS) {
		body.size %= 4000; /* what it tells of must be remembered */
		if (!has_room())
			return;
	}
	answer = ask(opcode, f.node, (struct str){ (const char *)&body, sizeof(body) }, &error);
	if (error != 0)
		return;
	must(answer.n <= body.size);
	if (opcode == FUSE_READDIR)
		see_names(answer);
	else if (opcode == FUSE_READDIRPLUS)
		see_entries(answer);
}

static void step_read(struct input *in)
{
	read_file(in, false);
}

static void step_readdir(struct input *in)
{
	read_file(in, true);
}

static void close_file(size_t which)
{
	struct open_file f = m.files[which];
	const struct fuse_release_in body = { .fh = f.handle };
	int error;

	m.files[which] = m.files[--m.file_count];
	if (f.silent)
		return;
	ask(f.directory ? FUSE_RELEASEDIR : FUSE_RELEASE, f.node,
	    (struct str){ (const char *)&body, sizeof(body) }, &error);
}

static void step_release(struct input *in)
{
	uint8_t which = next(in);

	if (m.file_count > 0)
		close_file(which % m.file_count);
}

static void step_flush(struct input *in)
{
	struct open_file f = next_file(in);
	const struct fuse_flush_in body = { .fh = f.handle };
	int error;

	if (f.node != 0 && !f.directory)
		ask(FUSE_FLUSH, f.node, (struct str){ (const char *)&body, sizeof(body) },
		    &error);
}

static uint32_t least(uint64_t a, uint64_t b)
{
	return (uint32_t)(a < b ? a : b);
}

static void step_write(struct input *in)
{
	struct open_file f = next_file(in);
	struct fuse_write_in head = { .fh = f.handle, .offset = next_number(in) };
	autobuf body = BUF_INIT;
	struct str answer;
	int error;

	head.size = (uint32_t)least(next_number(in), in->size);
	buf_add(&body, &head, sizeof(head));
	buf_add(&body, in->data, head.size);
	in->data += head.size;
	in->size -= head.size;
	if (f.node == 0 || f.directory || f.silent)
		return;
	answer = ask(FUSE_WRITE, f.node, (struct str){ body.data, body.len }, &error);
	must(error != 0 || answer.n == sizeof(struct fuse_write_out));
}

static void step_create(struct input *in)
{
	uint64_t node = next_node(in);
	const struct fuse_create_in head = { .flags = 1 | 0100, .mode = S_IFREG | 0600 };
	autobuf body = BUF_INIT;
	struct str answer;
	int error;

	buf_add(&body, &head, sizeof(head));
	next_name(&body, in);
	if (!has_room())
		return;
	answer = ask(FUSE_CREATE, node, (struct str){ body.data, body.len }, &error);
	if (error != 0)
		return;
	must(answer.n == sizeof(struct fuse_entry_out) + sizeof(struct fuse_open_out));
	see_entry(answer);
	see_file(str_slice(answer, sizeof(struct fuse_entry_out), answer.n),
	         ((const struct fuse_entry_out *)(const void *)answer.p)->nodeid, false);
}

static void step_mkdir(struct input *in)
{
	uint64_t node = next_node(in);
	const struct fuse_mkdir_in head = { .mode = 0700 };
	autobuf body = BUF_INIT;

	buf_add(&body, &head, sizeof(head));
	next_name(&body, in);
	ask_entry(FUSE_MKDIR, node, &body);
}

static void step_symlink(struct input *in)
{
	uint64_t node = next_node(in);
	autobuf body = BUF_INIT;

	next_name(&body, in);
	next_name(&body, in);
	ask_entry(FUSE_SYMLINK, node, &body);
}

static void remove_name(struct input *in, uint32_t opcode)
{
	uint64_t node = next_node(in);
	autobuf body = BUF_INIT;
	int error;

	next_name(&body, in);
	ask(opcode, node, (struct str){ body.data, body.len }, &error);
}

static void step_unlink(struct input *in)
{
	remove_name(in, FUSE_UNLINK);
}

static void step_rmdir(struct input *in)
{
	remove_name(in, FUSE_RMDIR);
}

static void step_rename(struct input *in)
{
	uint64_t node = next_node(in);
	const struct fuse_rename2_in head = { .newdir = next_node(in), .flags = next(in) & 3U };
	autobuf body = BUF_INIT;
	int error;

	buf_add(&body, &head, sizeof(head));
	next_name(&body, in);
	next_name(&body, in);
	ask(FUSE_RENAME2, node, (struct str){ body.data, body.len }, &error);
}

static void step_setattr(struct input *in)
{
	uint64_t node = next_node(in);
	const struct fuse_setattr_in body = { .valid = next(in),
		                              .size = next_number(in),
		                              .mode = S_IFREG | 0600 };
	int error;

	ask(FUSE_SETATTR, node, (struct str){ (const char *)&body, sizeof(body) }, &error);
}

static void step_getxattr(struct input *in)
{
	uint64_t node = next_node(in);
	const struct fuse_getxattr_in head = { .size = (uint32_t)next_number(in) & 0xffff };
	uint32_t opcode = next(in) % 2 > 0 ? FUSE_GETXATTR : FUSE_LISTXATTR;
	autobuf body = BUF_INIT;
	struct str answer;
	int error;

	buf_add(&body, &head, sizeof(head));
	if (opcode == FUSE_GETXATTR)
		next_name(&body, in);
	answer = ask(opcode, node, (struct str){ body.data, body.len }, &error);
	if (error == 0)
		must(head.size == 0 ? answer.n == sizeof(struct fuse_getxattr_out)
		                    : answer.n <= head.size);
}

static void step_setxattr(struct input *in)
{
	uint64_t node = next_node(in);
	autobuf name = BUF_INIT;
	autobuf value = BUF_INIT;
	autobuf body = BUF_INIT;
	int error;

	next_name(&name, in);
	next_name(&value, in);
	/* As long as it is without FUSE_SETXATTR_EXT. */
	buf_add(&body, &(struct fuse_setxattr_in){ .size = (uint32_t)value.len },
	        FUSE_COMPAT_SETXATTR_IN_SIZE);
	buf_add(&body, name.data, name.len);
	buf_add(&body, value.data, value.len);
	ask(FUSE_SETXATTR, node, (struct str){ body.data, body.len }, &error);
}

static void step_statfs(struct input *in)
{
	int error;
	struct str answer = ask(FUSE_STATFS, next_node(in), (struct str){ "", 0 }, &error);

	must(error != 0 || answer.n == sizeof(struct fuse_statfs_out));
}

static void forget(struct seen_node *n)
{
	const struct fuse_forget_in body = { .nlookup = n->lookups };
	int error;

	ask(FUSE_FORGET, n->id, (struct str){ (const char *)&body, sizeof(body) }, &error);
	n->lookups = 0;
}

typedef void step_fn(struct input *in);

static step_fn *const steps[] = {
	step_lookup,   step_lookup,  step_lookup,   step_lookup,   step_getattr,
	step_readlink, step_open,    step_opendir,  step_read,     step_read,
	step_readdir,  step_readdir, step_release,  step_flush,    step_write,
	step_create,   step_mkdir,   step_symlink,  step_unlink,   step_rmdir,
	step_rename,   step_setattr, step_getxattr, step_setxattr, step_statfs,
};

/* The tree that is asked */

static void make_world(void)
{
	static const char *const tags[][2] = { { "environment", "production" },
		                               { "new-tag", "a/b" } };
	void *state = NULL;
	struct error err = ERROR_INIT;

	must(fs_world_make(&state) == 0);
	m.world = state;
	backup_free(fs_backup(m.world, "shop", tags, ARRAY_SIZE(tags)));
	backup_free(fs_backup(m.world, "shop", tags, 1));
	backup_free(fs_backup(m.world, "a/b", NULL, 0));
	m.generation = catalog_generation(m.world->worker->catalog, &err);
	m.ops = (struct ops){ .fs = m.world->fs,
		              .handles = handles_new(),
		              .listings = listings_new(),
		              .jobs = jobs_new(THREADS),
		              .writable = true,
		              .generation = 1 };
}

static void open_session(void)
{
	static const struct fuse_custom_io io = { .writev = take_reply, .read = no_request };
	static char name[] = "fuzz_requests";
	char *argv[] = { name, NULL };
	struct fuse_args args = FUSE_ARGS_INIT(1, argv);
	const struct fuse_init_in hello = {
		.major = FUSE_KERNEL_VERSION,
		.minor = 36,
		.max_readahead = 1 << 17,
		.flags = FUSE_DO_READDIRPLUS | FUSE_BIG_WRITES | FUSE_MAX_PAGES |
		         FUSE_NO_OPEN_SUPPORT | FUSE_NO_OPENDIR_SUPPORT,
	};
	struct fuse_lowlevel_ops table;
	int error;

	ops_fill(&table);
	m.session = fuse_session_new(&args, &table, sizeof(table), &m.ops);
	fuse_opt_free_args(&args);
	must(m.session != NULL);
	must(fuse_session_custom_io(m.session, &io, memfd_create("requests", MFD_CLOEXEC)) ==
	     0);
	ask(FUSE_INIT, 0, (struct str){ (const char *)&hello, sizeof(hello) }, &error);
	must(error == 0);
	m.nodes[0] = (struct seen_node){ FUSE_ROOT_ID, 1 };
	m.node_count = 1;
}

static void end(void)
{
	void *state = m.world;

	if (!state)
		return;
	fuse_session_destroy(m.session);
	must(jobs_end(m.ops.jobs, (int64_t)PATIENCE_S * 1000));
	jobs_free(m.ops.jobs);
	handles_free(m.ops.handles);
	listings_free(m.ops.listings);
	fs_world_unmake(&state);
	buf_finish(&m.reply);
	m.world = NULL;
}

static void begin(void)
{
	static bool registered;

	log_setup(LOG_LEVEL_ERROR, LOG_FORMAT_TEXT);
	make_world();
	open_session();
	if (!registered)
		atexit(end);
	registered = true;
}

/* As it is when all are gone; what was changed or put into it makes a new one necessary. */
static void put_back(bool changed)
{
	struct error err = ERROR_INIT;

	while (m.file_count > 0)
		close_file(0);
	for (size_t i = 1; i < m.node_count; i++)
		forget(&m.nodes[i]);
	m.node_count = 1;
	if (changed || catalog_generation(m.world->worker->catalog, &err) != m.generation) {
		end();
		begin();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { data, size };
	bool changed = false;

	if (!m.world)
		begin();
	for (size_t i = 0; i < STEPS_MAX && in.size > 0; i++) {
		step_fn *step = steps[next(&in) % ARRAY_SIZE(steps)];

		step(&in);
		changed = changed || step == step_create || step == step_mkdir ||
		          step == step_rename;
	}
	put_back(changed);
	return 0;
}
