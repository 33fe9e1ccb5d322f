/* SPDX-License-Identifier: MIT */
/* gcs_error: what Google's refusal means, and what to do about it. */
#include <stdio.h>
#include <string.h>

#include "engine/base/json.h"
#include "engine/store/gcs.h"

#define AT "backup.storage.gcs."

#define SEE_ROLE                                                                                 \
	"The account needs the role Storage Object Admin on the bucket: gcloud storage buckets " \
	"add-iam-policy-binding gs://BUCKET --member serviceAccount:ACCOUNT --role "             \
	"roles/storage.objectAdmin"
#define SEE_CREDENTIALS                                                                \
	"Check " AT "credentials_path or GOOGLE_APPLICATION_CREDENTIALS: gcloud auth " \
	"activate-service-account --key-file=FILE"

/* Reasons that the API has no word of its own for. */
#define NO_BUCKET    "noSuchBucket"
#define WANTS_PAYER  "userProjectMissing"
#define BUCKET_WORDS "bucket does not exist"
#define PAYER_WORDS  "requester pays"

static const struct cloud_meaning meanings[] = {
	{ NO_BUCKET, ERR_STORE, "no such bucket",
	  "Check " AT "bucket, or make the bucket: gcloud storage buckets create gs://BUCKET" },
	{ WANTS_PAYER, ERR_CONFIG, "the bucket's owner does not pay for requests",
	  "Set " AT "project_id to the project that does." },
	{ "authError", ERR_DENIED,
	  "failed to connect to Google: the credentials are not accepted", SEE_CREDENTIALS },
	{ "required", ERR_DENIED,
	  "failed to connect to Google: the credentials are not accepted", SEE_CREDENTIALS },
	{ "forbidden", ERR_DENIED, "failed to connect to Google: access denied", SEE_ROLE },
	{ "insufficientPermissions", ERR_DENIED, "failed to connect to Google: access denied",
	  SEE_ROLE },
	{ "accessNotConfigured", ERR_DENIED,
	  "failed to connect to Google: the project has no storage API",
	  "Turn it on: gcloud services enable storage.googleapis.com" },
	{ "accountDisabled", ERR_DENIED, "failed to connect to Google: the account is disabled",
	  "Look at the project and its billing in Google's console." },
	{ "retentionPolicyNotMet", ERR_DENIED, "the bucket's retention policy forbids it",
	  "Objects may go when they are old enough for the policy." },
	{ "objectUnderActiveHold", ERR_DENIED, "the object is on hold",
	  "Release it: gcloud storage objects update --no-temporary-hold." },
	{ "quotaExceeded", ERR_STORE, "the quota is used up",
	  "Delete backups (backup cleanup), or get a larger quota." },
	{ "rateLimitExceeded", ERR_STORE, "the server is overloaded", "Try again later." },
	{ "userRateLimitExceeded", ERR_STORE, "the server is overloaded", "Try again later." },
	{ "backendError", ERR_STORE, "the server is overloaded", "Try again later." },
	{ NULL },
};

/* Downloads bring their refusals as plain text. */
static const struct {
	int status;
	const char *reason;
} by_status[] = {
	{ 401, "authError" },
	{ 403, "forbidden" },
	{ 429, "rateLimitExceeded" },
	{ 503, "backendError" },
};

static void read_answer(struct cloud_answer *a, const struct http_response *rsp)
{
	DEFER(json) *o = NULL;
	struct error ignored = ERROR_INIT;
	const struct json *e;

	*a = (struct cloud_answer){ .code = "" };
	if (json_parse(&o, rsp->body.data, rsp->body.len, &ignored) == 0) {
		e = json_get(o, "error");
		snprintf(a->message, sizeof(a->message), "%s", json_get_str(e, "message", ""));
		e = json_get(e, "errors");
		if (json_is_array(e))
			snprintf(a->code, sizeof(a->code), "%s",
			         json_get_str(json_at(e, 0), "reason", ""));
	} else {
		snprintf(a->message, sizeof(a->message), "%s", rsp->body.data);
	}
	for (size_t i = 0; a->code[0] == '\0' && i < ARRAY_SIZE(by_status); i++) {
		if (by_status[i].status == rsp->status)
			snprintf(a->code, sizeof(a->code), "%s", by_status[i].reason);
	}
}

bool gcs_is_missing(const struct http_response *rsp)
{
	return rsp->status == 404 && !strstr(rsp->body.data, BUCKET_WORDS);
}

bool gcs_wants_payer(const struct http_response *rsp)
{
	return rsp->status == 400 && strstr(rsp->body.data, PAYER_WORDS);
}

int gcs_refused(const struct gcs_store *s, const struct http_response *rsp, const char *what,
                const char *key, struct error *err)
{
	struct cloud_answer a;

	read_answer(&a, rsp);
	if (rsp->status == 404 && (!key || !gcs_is_missing(rsp)))
		snprintf(a.code, sizeof(a.code), "%s", NO_BUCKET);
	if (gcs_wants_payer(rsp))
		snprintf(a.code, sizeof(a.code), "%s", WANTS_PAYER);
	cloud_refused(meanings, &a, rsp, err);
	return error_wrap(err, "%s %s%s%s", what, s->base.location, key ? ": " : "",
	                  key ? key : "");
}
