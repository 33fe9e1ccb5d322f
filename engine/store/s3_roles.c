/* SPDX-License-Identifier: MIT */
/* s3_roles: credentials that a server near us hands out: to a container, a machine, a token. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/clock.h"
#include "engine/base/error.h"
#include "engine/base/fsutil.h"
#include "engine/base/json.h"
#include "engine/base/mem.h"
#include "engine/store/http.h"
#include "engine/store/s3.h"
#include "engine/store/s3_sign.h"
#include "engine/store/s3_sources.h"
#include "engine/store/store.h"
#include "engine/store/xml.h"

#define ANSWER_MAX    ((size_t)64 << 10)
#define TOKEN_MAX     ((size_t)64 << 10)
#define CONTAINER     "http://169.254.170.2"
#define MACHINE       "http://169.254.169.254"
#define MACHINE_ROLES "/latest/meta-data/iam/security-credentials/"
#define TOKEN_SECONDS "21600"
/* A machine outside of Amazon has no such server: it must not wait long for that. */
#define NEAR_TIMEOUT_S 2

static const char *env(const char *name)
{
	const char *value = getenv(name);

	return value && *value ? value : NULL;
}

int64_t s3_parse_expiry(const char *text)
{
	struct error ignored = ERROR_INIT;
	int64_t t;

	return text && clock_parse(&t, text, 0, "UTC", &ignored) == 0 ? t : 0;
}

/* A request to a server of this machine or of the cloud's own network. */
static int ask_near(struct http_response *rsp, const char *method, const char *url,
                    const struct http_headers *headers, struct error *err)
{
	const struct http_settings settings = { .name = "credentials",
		                                .connection_timeout = NEAR_TIMEOUT_S,
		                                .read_timeout = NEAR_TIMEOUT_S,
		                                .retry_attempts = 1,
		                                .max_concurrency = 1,
		                                .no_proxy = true };
	const struct http_request rq = { .method = method,
		                         .url = url,
		                         .headers = headers,
		                         .limit = ANSWER_MAX,
		                         .repeatable = true };
	DEFER(http) *h = http_new(&settings);

	return http_send(h, &rq, rsp, err);
}

/* The JSON that both kinds of near servers answer with. */
static int read_json(struct s3_identity *out, const struct buf *body, struct error *err)
{
	DEFER(json) *o = NULL;
	const char *access_key, *secret_key;

	if (json_parse(&o, body->data, body->len, err) < 0)
		return -1;
	access_key = json_get_str(o, "AccessKeyId", NULL);
	secret_key = json_get_str(o, "SecretAccessKey", NULL);
	if (!access_key || !secret_key)
		return error_set(err, ERR_STORE, "the answer has no AccessKeyId (%s)",
		                 json_get_str(o, "Code", "no code"));
	*out = (struct s3_identity){
		.access_key = mem_strdup(access_key),
		.secret_key = mem_strdup(secret_key),
		.session_token = mem_strdup(json_get_str(o, "Token", NULL)),
		.expires = s3_parse_expiry(json_get_str(o, "Expiration", NULL)),
	};
	return 1;
}

static int read_token(struct buf *out, const char *path, struct error *err)
{
	if (file_read(out, path, TOKEN_MAX, err) < 0)
		return -1;
	while (out->len > 0 &&
	       (out->data[out->len - 1] == '\n' || out->data[out->len - 1] == '\r'))
		buf_truncate(out, out->len - 1);
	return 0;
}

/* The token must not go over the open network. */
static int check_container_url(const char *url, struct error *err)
{
	static const char *const near[] = { "http://127.0.0.1",      "http://localhost",
		                            "http://[::1]",          "http://169.254.170.2",
		                            "http://169.254.170.23", "http://[fd00:ec2::23]" };

	if (strncmp(url, "https://", 8) == 0)
		return 0;
	for (size_t i = 0; i < ARRAY_SIZE(near); i++) {
		size_t len = strlen(near[i]);

		/* No "@": what stands before it is a user, not the host. */
		if (strncmp(url, near[i], len) == 0 && strchr(":/", url[len]) &&
		    !strchr(url, '@'))
			return 0;
	}
	return error_set(err, ERR_CONFIG,
	                 "AWS_CONTAINER_CREDENTIALS_FULL_URI: want https or a host of this "
	                 "machine, got %s",
	                 url);
}

int s3_source_container(struct s3_identity *out, const struct s3_source *src, struct error *err)
{
	const char *relative = env("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
	const char *full = env("AWS_CONTAINER_CREDENTIALS_FULL_URI");
	const char *token = env("AWS_CONTAINER_AUTHORIZATION_TOKEN");
	const char *token_file = env("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
	autofree char *url = relative ? mem_printf(CONTAINER "%s", relative) : mem_strdup(full);
	autoheaders headers = HTTP_HEADERS_INIT;
	autoresponse rsp = HTTP_RESPONSE_INIT;
	autobuf text = BUF_INIT;

	(void)src;
	if (!url)
		return 0;
	if (!relative && check_container_url(url, err) < 0)
		return -1;
	if (token_file && read_token(&text, token_file, err) < 0)
		return -1;
	if (token_file || token)
		http_headers_set(&headers, "Authorization", token_file ? text.data : token);
	if (ask_near(&rsp, "GET", url, &headers, err) < 0)
		return -1;
	if (rsp.status != 200)
		return error_set(err, ERR_DENIED, "%s answers %d", url, rsp.status);
	return read_json(out, &rsp.body, err);
}

/* 1 and a session's token, 0 there is no such server here. */
static int machine_token(struct http_headers *headers, const char *base)
{
	autofree char *url = mem_printf("%s/latest/api/token", base);
	autoheaders ask = HTTP_HEADERS_INIT;
	autoresponse rsp = HTTP_RESPONSE_INIT;
	struct error nobody = ERROR_INIT;

	http_headers_set(&ask, "x-aws-ec2-metadata-token-ttl-seconds", TOKEN_SECONDS);
	if (ask_near(&rsp, "PUT", url, &ask, &nobody) < 0 || rsp.status != 200 ||
	    rsp.body.len == 0)
		return 0;
	http_headers_set(headers, "x-aws-ec2-metadata-token", rsp.body.data);
	return 1;
}

int s3_source_machine(struct s3_identity *out, const struct s3_source *src, struct error *err)
{
	const char *disabled = env("AWS_EC2_METADATA_DISABLED");
	const char *base = env("AWS_EC2_METADATA_SERVICE_ENDPOINT");
	autofree char *list = NULL, *url = NULL;
	autoheaders headers = HTTP_HEADERS_INIT;
	autoresponse roles = HTTP_RESPONSE_INIT;
	autoresponse rsp = HTTP_RESPONSE_INIT;
	struct str role;

	(void)src;
	if (disabled && strcmp(disabled, "true") == 0)
		return 0;
	if (!base)
		base = MACHINE;
	if (!machine_token(&headers, base))
		return 0;
	list = mem_printf("%s" MACHINE_ROLES, base);
	if (ask_near(&roles, "GET", list, &headers, err) < 0)
		return -1;
	role = str_trim((struct str){ roles.body.data, strcspn(roles.body.data, "\r\n") });
	if (roles.status != 200 || role.n == 0)
		return 0; /* a machine without a role */
	url = mem_printf("%s%.*s", list, STR_ARG(role));
	if (ask_near(&rsp, "GET", url, &headers, err) < 0)
		return -1;
	if (rsp.status != 200)
		return error_set(err, ERR_DENIED, "%s answers %d", url, rsp.status);
	return read_json(out, &rsp.body, err);
}

/* STS's XML: the elements of <Credentials>. */
static int on_sts(void *arg, const char *path, const char *text, struct error *err)
{
	struct s3_identity *who = arg;
	static const char root[] = "AssumeRoleWithWebIdentityResponse/"
				   "AssumeRoleWithWebIdentityResult/Credentials/";
	char **into;

	(void)err;
	if (strncmp(path, root, sizeof(root) - 1) != 0)
		return 0;
	path += sizeof(root) - 1;
	if (strcmp(path, "Expiration") == 0)
		who->expires = s3_parse_expiry(text);
	into = strcmp(path, "AccessKeyId") == 0       ? &who->access_key
	       : strcmp(path, "SecretAccessKey") == 0 ? &who->secret_key
	       : strcmp(path, "SessionToken") == 0    ? &who->session_token
	                                              : NULL;
	if (into) {
		free(*into);
		*into = mem_strdup(text);
	}
	return 0;
}

static void sts_url(struct buf *url, const char *region)
{
	const char *given = env("AWS_ENDPOINT_URL_STS");

	if (given)
		buf_addf(url, "%s/", given);
	else
		buf_addf(url, "https://sts.%s.amazonaws.com%s/", region,
		         strncmp(region, "cn-", 3) == 0 ? ".cn" : "");
}

static void sts_form(struct buf *form, const char *role, const char *token)
{
	const char *session = env("AWS_ROLE_SESSION_NAME");

	buf_adds(form, "Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleArn=");
	http_escape(form, role, "");
	buf_adds(form, "&RoleSessionName=");
	http_escape(form, session ? session : "schemafs", "");
	buf_adds(form, "&WebIdentityToken=");
	http_escape(form, token, "");
}

static int sts_refused(const struct http_response *rsp, const char *role,
                       const char *token_file, struct error *err)
{
	char code[S3_CODE_MAX];

	s3_error_code(code, rsp);
	error_set(err, ERR_DENIED, "role %s is refused (%d%s%s)", role, rsp->status,
	          *code ? " " : "", code);
	if (strcmp(code, "ExpiredTokenException") == 0 || strcmp(code, "ExpiredToken") == 0)
		return error_hint(err, "The token in %s is too old: does anybody renew it?",
		                  token_file);
	return error_hint(err, "The role must trust the issuer of the token in %s.",
	                  token_file);
}

int s3_assume_with_token(struct s3_identity *out, const struct s3_source *src, const char *role,
                         const char *token_file, struct error *err)
{
	DEFER(http) *h = http_new(src->settings);
	autoidentity who = { .expires = 0 };
	autobuf url = BUF_INIT, token = BUF_INIT, form = BUF_INIT;
	autoheaders headers = HTTP_HEADERS_INIT;
	autoresponse rsp = HTTP_RESPONSE_INIT;
	struct str text = { "", 0 };
	struct store_body body;
	/* By POST: what is in an address, proxies and servers log. */
	struct http_request rq = { .method = "POST",
		                   .headers = &headers,
		                   .body = &body,
		                   .limit = ANSWER_MAX,
		                   .repeatable = true };

	if (read_token(&token, token_file, err) < 0)
		return -1;
	sts_url(&url, src->region);
	sts_form(&form, role, token.data);
	text = (struct str){ form.data, form.len };
	body = store_body_of_text(&text);
	rq.url = url.data;
	http_headers_set(&headers, "Content-Type", "application/x-www-form-urlencoded");
	if (http_send(h, &rq, &rsp, err) < 0)
		return -1;
	if (rsp.status != 200)
		return sts_refused(&rsp, role, token_file, err);
	if (xml_parse(rsp.body.data, rsp.body.len, on_sts, &who, err) < 0)
		return -1;
	if (!who.access_key || !who.secret_key || !who.session_token)
		return error_set(err, ERR_STORE, "the answer of STS has no credentials");
	*out = who;
	who = (struct s3_identity){ .expires = 0 };
	return 1;
}

int s3_source_web_identity(struct s3_identity *out, const struct s3_source *src,
                           struct error *err)
{
	const char *role = env("AWS_ROLE_ARN");
	const char *token_file = env("AWS_WEB_IDENTITY_TOKEN_FILE");

	return role && token_file ? s3_assume_with_token(out, src, role, token_file, err) : 0;
}
