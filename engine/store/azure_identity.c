/* SPDX-License-Identifier: MIT */
#include "engine/store/azure_identity.h"

#include <stdlib.h>
#include <string.h>

#include "engine/base/buf.h"
#include "engine/base/error.h"
#include "engine/base/json.h"
#include "engine/base/mem.h"
#include "engine/store/http.h"
#include "engine/store/token.h"

#define USUAL_HOST "http://169.254.169.254"
#define PATH       "/metadata/identity/oauth2/token?api-version=2018-02-01&resource="
#define RESOURCE   "https://storage.azure.com/"
#define ANSWER_MAX ((size_t)64 << 10)

struct azure_identity {
	struct http *http;
	char *url;
};

struct azure_identity *azure_identity_new(void)
{
	/* The service is on this very machine: it answers at once or is not there. */
	const struct http_settings settings = { .name = "managed identity",
		                                .connection_timeout = 2,
		                                .read_timeout = 10,
		                                .retry_attempts = 2,
		                                .max_concurrency = 1,
		                                .no_proxy = true };
	const char *host = getenv("AZURE_POD_IDENTITY_AUTHORITY_HOST");
	const char *client = getenv("AZURE_CLIENT_ID");
	struct azure_identity *i = mem_alloc(sizeof(*i));
	autobuf url = BUF_INIT;

	buf_addf(&url, "%s%s", host && *host ? host : USUAL_HOST, PATH);
	http_escape(&url, RESOURCE, "");
	if (client && *client) {
		buf_adds(&url, "&client_id=");
		http_escape(&url, client, "");
	}
	i->url = buf_take(&url);
	i->http = http_new(&settings);
	return i;
}

void azure_identity_free(struct azure_identity *i)
{
	if (!i)
		return;
	http_free(i->http);
	free(i->url);
	free(i);
}

static int refused(const struct http_response *rsp, struct error *err)
{
	DEFER(json) *answer = NULL;
	struct error ignored = ERROR_INIT;
	const char *why = "";

	if (json_parse(&answer, rsp->body.data, rsp->body.len, &ignored) == 0)
		why = json_get_str(answer, "error_description", "");
	error_set(err, ERR_DENIED, "managed identity: no token (%d%s%.200s)", rsp->status,
	          why[0] != '\0' ? ": " : "", why);
	return error_hint(err, "Give the machine an identity (az vm identity assign) that has "
	                       "the role Storage Blob Data Contributor; AZURE_CLIENT_ID "
	                       "chooses among several.");
}

int azure_identity_fetch(void *arg, struct buf *token, int64_t *lifetime, struct error *err)
{
	struct azure_identity *i = arg;
	autoheaders headers = HTTP_HEADERS_INIT;
	autoresponse rsp = HTTP_RESPONSE_INIT;
	struct http_request rq = { .method = "GET",
		                   .url = i->url,
		                   .headers = &headers,
		                   .limit = ANSWER_MAX,
		                   .repeatable = true };

	http_headers_set(&headers, "Metadata", "true");
	if (http_send(i->http, &rq, &rsp, err) < 0) {
		error_wrap(err, "no account_key, no sas_token, and no managed identity");
		err->code = err->code == ERR_CANCELLED ? ERR_CANCELLED : ERR_DENIED;
		err->hint[0] = '\0';
		return error_hint(err, "Set AZURE_STORAGE_KEY to a key of the account, or "
		                       "AZURE_STORAGE_CONNECTION_STRING.");
	}
	if (rsp.status != 200)
		return refused(&rsp, err);
	return token_parse(token, lifetime, rsp.body.data, rsp.body.len, err);
}
