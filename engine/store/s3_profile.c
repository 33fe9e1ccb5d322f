/* SPDX-License-Identifier: MIT */
/* s3_profile: the files that Amazon's tools share, ~/.aws/credentials and ~/.aws/config. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/buf.h"
#include "engine/base/cleanup.h"
#include "engine/base/error.h"
#include "engine/base/fsutil.h"
#include "engine/base/mem.h"
#include "engine/base/secret.h"
#include "engine/store/s3_sign.h"
#include "engine/store/s3_sources.h"

#define FILE_MAX ((size_t)1 << 20)

static const struct {
	const char *variable, *path;
	const char *before; /* a section's name, but for "default" */
} files[] = {
	{ "AWS_SHARED_CREDENTIALS_FILE", "~/.aws/credentials", "" },
	{ "AWS_CONFIG_FILE", "~/.aws/config", "profile " },
};

static void wipe_buf(struct buf *b)
{
	secret_wipe(b->data, b->cap > 0 ? b->len : 0);
	buf_finish(b);
}
#define autosecretbuf __attribute__((cleanup(wipe_buf))) struct buf

/* "[profile x]": is it the one? */
static bool is_section(struct str line, const char *profile, const char *before)
{
	struct str name = str_trim(str_slice(line, 1, line.n - 1));

	if (str_is(name, profile))
		return before[0] == '\0' || strcmp(profile, "default") == 0;
	if (!str_has_prefix(name, before))
		return false;
	return str_is(str_trim(str_slice(name, strlen(before), name.n)), profile);
}

static bool take_value(struct buf *out, struct str line, const char *name)
{
	const char *equals = memchr(line.p, '=', line.n);
	size_t at = equals ? (size_t)(equals - line.p) : 0;
	struct str value;

	if (!equals || !str_is(str_trim(str_slice(line, 0, at)), name))
		return false;
	value = str_trim(str_slice(line, at + 1, line.n));
	buf_add(out, value.p, value.n);
	return value.n > 0;
}

static bool find_value(struct buf *out, const struct buf *text, const char *section[2],
                       const char *name)
{
	const char *p = text->data, *end = text->data + text->len;
	bool inside = false;

	while (p < end) {
		const char *newline = memchr(p, '\n', (size_t)(end - p));
		const char *stop = newline ? newline : end;
		struct str raw = { p, (size_t)(stop - p) };
		struct str line = str_trim(raw);

		p = stop + 1;
		if (line.n == 0 || line.p[0] == '#' || line.p[0] == ';')
			continue;
		if (line.p[0] == '[' && line.p[line.n - 1] == ']')
			inside = is_section(line, section[0], section[1]);
		/* An indented line is part of a nested block. */
		else if (inside && raw.p[0] != ' ' && raw.p[0] != '\t' &&
		         take_value(out, line, name))
			return true;
	}
	return false;
}

int s3_profile_value(struct buf *out, const char *profile, const char *name, struct error *err)
{
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		const char *given = getenv(files[i].variable);
		autofree char *path = path_expand(given && *given ? given : files[i].path);
		const char *section[2] = { profile, files[i].before };
		autosecretbuf text = BUF_INIT;
		int there = file_read_if_there(&text, path, FILE_MAX, err);

		if (there < 0)
			return -1;
		if (there && find_value(out, &text, section, name))
			return 1;
	}
	return 0;
}

/* A profile may name a role instead of keys. */
static int role_of(struct s3_identity *out, const struct s3_source *src, struct error *err)
{
	autobuf role = BUF_INIT;
	autobuf token_file = BUF_INIT;

	if (s3_profile_value(&role, src->profile, "role_arn", err) < 0 ||
	    s3_profile_value(&token_file, src->profile, "web_identity_token_file", err) < 0)
		return -1;
	if (role.len == 0)
		return 0;
	if (token_file.len == 0) {
		error_set(err, ERR_UNSUPPORTED,
		          "profile %s takes role %s from another profile, which only Amazon's "
		          "own tools can",
		          src->profile, role.data);
		return error_hint(err,
		                  "Run: eval \"$(aws configure export-credentials "
		                  "--profile %s --format env)\"",
		                  src->profile);
	}
	return s3_assume_with_token(out, src, role.data, token_file.data, err);
}

int s3_source_profile(struct s3_identity *out, const struct s3_source *src, struct error *err)
{
	autosecretbuf access_key = BUF_INIT;
	autosecretbuf secret_key = BUF_INIT;
	autosecretbuf token = BUF_INIT;

	if (s3_profile_value(&access_key, src->profile, "aws_access_key_id", err) < 0 ||
	    s3_profile_value(&secret_key, src->profile, "aws_secret_access_key", err) < 0 ||
	    s3_profile_value(&token, src->profile, "aws_session_token", err) < 0)
		return -1;
	if (access_key.len == 0)
		return role_of(out, src, err);
	if (secret_key.len == 0)
		return error_set(err, ERR_CONFIG,
		                 "profile %s has an aws_access_key_id, but no "
		                 "aws_secret_access_key",
		                 src->profile);
	*out = (struct s3_identity){
		.access_key = mem_strdup(access_key.data),
		.secret_key = mem_strdup(secret_key.data),
		.session_token = token.len > 0 ? mem_strdup(token.data) : NULL,
	};
	return 1;
}
