/* SPDX-License-Identifier: MIT */
#include "engine/store/gcs_source.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/clock.h"
#include "engine/base/error.h"
#include "engine/base/json.h"
#include "engine/base/mem.h"
#include "engine/codec/jwt.h"
#include "engine/store/cloud.h"
#include "engine/store/http.h"
#include "engine/store/token.h"

#define SCOPE      "https://www.googleapis.com/auth/devstorage.read_write"
#define GRANT      "urn:ietf:params:oauth:grant-type:jwt-bearer"
#define CLAIM_S    3600
#define ANSWER_MAX ((size_t)64 << 10)

#define METADATA_HOST "metadata.google.internal"
#define METADATA_PATH "/computeMetadata/v1/instance/service-accounts/default/token"

struct gcs_source {
	struct gcs_credentials credentials;
	struct http *http;
	struct http *metadata; /* GCS_METADATA only */
};

struct gcs_source *gcs_source_new(struct gcs_credentials *credentials, struct http *http)
{
	/* The server is on this very machine: it answers at once or is not there. */
	const struct http_settings settings = { .name = "metadata server",
		                                .connection_timeout = 2,
		                                .read_timeout = 10,
		                                .retry_attempts = 2,
		                                .max_concurrency = 1,
		                                .no_proxy = true };
	struct gcs_source *s = mem_alloc(sizeof(*s));

	s->credentials = *credentials;
	*credentials = (struct gcs_credentials){ .right = GCS_METADATA };
	s->http = http;
	if (s->credentials.right == GCS_METADATA)
		s->metadata = http_new(&settings);
	return s;
}

void gcs_source_free(struct gcs_source *s)
{
	if (!s)
		return;
	http_free(s->metadata);
	gcs_credentials_finish(&s->credentials);
	free(s);
}

static const struct cloud_meaning meanings[] = {
	{ "invalid_grant", ERR_DENIED,
	  "failed to connect to Google: the credentials are not accepted",
	  "The key may be deleted or of another account: gcloud iam service-accounts keys list. "
	  "Or is this machine's clock wrong?" },
	{ "invalid_client", ERR_DENIED,
	  "failed to connect to Google: the credentials are not accepted",
	  "Log in again: gcloud auth application-default login" },
	{ "unauthorized_client", ERR_DENIED,
	  "failed to connect to Google: the account may not have tokens",
	  "Look at the service account in Google's console." },
	{ NULL },
};

/* {"error": "invalid_grant", "error_description": "..."} */
static int refused(const struct gcs_source *s, const struct http_response *rsp,
                   struct error *err)
{
	const struct gcs_credentials *c = &s->credentials;
	struct cloud_answer answer = { .code = "" };
	struct error ignored = ERROR_INIT;
	DEFER(json) *o = NULL;

	if (json_parse(&o, rsp->body.data, rsp->body.len, &ignored) == 0) {
		snprintf(answer.code, sizeof(answer.code), "%s", json_get_str(o, "error", ""));
		snprintf(answer.message, sizeof(answer.message), "%s",
		         json_get_str(o, "error_description", ""));
	}
	cloud_refused(meanings, &answer, rsp, err);
	err->code = ERR_DENIED;
	return error_wrap(err, "%s", c->source ? c->source : "metadata server");
}

static int ask(const struct gcs_source *s, struct str form, struct buf *token,
               int64_t *lifetime, struct error *err)
{
	struct store_body body = store_body_of_text(&form);
	autoheaders headers = HTTP_HEADERS_INIT;
	autoresponse rsp = HTTP_RESPONSE_INIT;
	struct http_request rq = { .method = "POST",
		                   .url = s->credentials.token_uri,
		                   .headers = &headers,
		                   .body = &body,
		                   .limit = ANSWER_MAX,
		                   .repeatable = true };

	http_headers_set(&headers, "Content-Type", "application/x-www-form-urlencoded");
	if (http_send(s->http, &rq, &rsp, err) < 0)
		return error_wrap(err, "%s", s->credentials.source);
	if (rsp.status != 200)
		return refused(s, &rsp, err);
	return token_parse(token, lifetime, rsp.body.data, rsp.body.len, err);
}

static int claim(struct buf *out, const struct gcs_credentials *c, struct error *err)
{
	struct str pem = { (const char *)secret_data(c->private_key),
		           secret_len(c->private_key) };
	int64_t now = clock_now();
	DEFER(json) *claims = json_object();

	json_set_str(claims, "iss", c->email);
	json_set_str(claims, "scope", SCOPE);
	json_set_str(claims, "aud", c->token_uri);
	json_set_int(claims, "iat", now);
	json_set_int(claims, "exp", now + CLAIM_S);
	if (jwt_sign(out, claims, c->key_id, pem, err) == 0)
		return 0;
	err->code = ERR_CONFIG;
	return error_wrap(err, "%s", c->source);
}

static int fetch_for_service_account(const struct gcs_source *s, struct buf *token,
                                     int64_t *lifetime, struct error *err)
{
	autobuf assertion = BUF_INIT;
	autobuf form = BUF_INIT;

	if (claim(&assertion, &s->credentials, err) < 0)
		return -1;
	buf_adds(&form, "grant_type=");
	http_escape(&form, GRANT, "");
	buf_addf(&form, "&assertion=%s", assertion.data);
	return ask(s, (struct str){ form.data, form.len }, token, lifetime, err);
}

static void add_secret(struct buf *form, const char *name, const struct secret *secret)
{
	autofree char *text =
		mem_strndup((const char *)secret_data(secret), secret_len(secret));

	buf_addf(form, "&%s=", name);
	http_escape(form, text, "");
	secret_wipe(text, strlen(text));
}

static int fetch_for_user(const struct gcs_source *s, struct buf *token, int64_t *lifetime,
                          struct error *err)
{
	const struct gcs_credentials *c = &s->credentials;
	autobuf form = BUF_INIT;
	int result;

	buf_adds(&form, "grant_type=refresh_token&client_id=");
	http_escape(&form, c->client_id, "");
	add_secret(&form, "client_secret", c->client_secret);
	add_secret(&form, "refresh_token", c->refresh_token);
	result = ask(s, (struct str){ form.data, form.len }, token, lifetime, err);
	secret_wipe(form.data, form.len);
	return result;
}

static int fetch_from_metadata(const struct gcs_source *s, struct buf *token, int64_t *lifetime,
                               struct error *err)
{
	const char *host = getenv("GCE_METADATA_HOST");
	autofree char *url =
		mem_printf("http://%s" METADATA_PATH, host && *host ? host : METADATA_HOST);
	autoheaders headers = HTTP_HEADERS_INIT;
	autoresponse rsp = HTTP_RESPONSE_INIT;
	struct http_request rq = { .method = "GET",
		                   .url = url,
		                   .headers = &headers,
		                   .limit = ANSWER_MAX,
		                   .repeatable = true };

	http_headers_set(&headers, "Metadata-Flavor", "Google");
	if (http_send(s->metadata, &rq, &rsp, err) < 0) {
		error_wrap(err, "no credentials_path, no gcloud login, and no metadata server");
		err->code = err->code == ERR_CANCELLED ? ERR_CANCELLED : ERR_DENIED;
		err->hint[0] = '\0';
		return error_hint(err, "Set backup.storage.gcs.credentials_path or "
		                       "GOOGLE_APPLICATION_CREDENTIALS to a service account's "
		                       "key file.");
	}
	if (rsp.status != 200)
		return refused(s, &rsp, err);
	return token_parse(token, lifetime, rsp.body.data, rsp.body.len, err);
}

int gcs_source_fetch(void *arg, struct buf *token, int64_t *lifetime, struct error *err)
{
	static int (*const fetch[])(const struct gcs_source *s, struct buf *token,
	                            int64_t *lifetime, struct error *err) = {
		[GCS_METADATA] = fetch_from_metadata,
		[GCS_SERVICE_ACCOUNT] = fetch_for_service_account,
		[GCS_USER] = fetch_for_user,
	};
	const struct gcs_source *s = arg;

	return fetch[s->credentials.right](s, token, lifetime, err);
}
