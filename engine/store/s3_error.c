/* SPDX-License-Identifier: MIT */
/* s3_error: what an S3 server's refusal means, and what to do about it. */
#include <stdio.h>
#include <string.h>

#include "engine/base/error.h"
#include "engine/base/mem.h"
#include "engine/store/s3.h"
#include "engine/store/xml.h"

struct answer {
	char code[S3_CODE_MAX];
	char message[256];
};

static int on_element(void *arg, const char *path, const char *text, struct error *err)
{
	struct answer *a = arg;

	(void)err;
	/* STS wraps it once more. */
	if (strcmp(path, "Error/Code") == 0 || strcmp(path, "ErrorResponse/Error/Code") == 0)
		snprintf(a->code, sizeof(a->code), "%s", text);
	if (strcmp(path, "Error/Message") == 0 ||
	    strcmp(path, "ErrorResponse/Error/Message") == 0)
		snprintf(a->message, sizeof(a->message), "%s", text);
	return 0;
}

/* HEAD has no body: its status has to do. */
static const struct {
	int status;
	const char *code;
} by_status[] = {
	{ 301, "PermanentRedirect" },  { 403, "AccessDenied" },   { 404, "NoSuchKey" },
	{ 412, "PreconditionFailed" }, { 501, "NotImplemented" }, { 503, "SlowDown" },
};

static void read_answer(struct answer *a, const struct http_response *rsp)
{
	struct error ignored = ERROR_INIT;

	*a = (struct answer){ .code = "" };
	/* A cut-off or foreign document: what could be read of it has to do. */
	if (rsp->body.len > 0)
		(void)xml_parse(rsp->body.data, rsp->body.len, on_element, a, &ignored);
	for (size_t i = 0; a->code[0] == '\0' && i < ARRAY_SIZE(by_status); i++) {
		if (by_status[i].status == rsp->status)
			snprintf(a->code, sizeof(a->code), "%s", by_status[i].code);
	}
}

void s3_error_code(char out[S3_CODE_MAX], const struct http_response *rsp)
{
	struct answer a;

	read_answer(&a, rsp);
	snprintf(out, S3_CODE_MAX, "%s", a.code);
}

bool s3_error_is(const struct http_response *rsp, const char *code)
{
	char got[S3_CODE_MAX];

	s3_error_code(got, rsp);
	return strcmp(got, code) == 0;
}

#define SEE_CREDENTIALS                                                                        \
	"Check access_key and secret_key of backup.storage.s3, or where else they come from: " \
	"AWS_ACCESS_KEY_ID, ~/.aws/credentials, a role."

static const struct {
	const char *code;
	enum error_code as;
	const char *what; /* NULL: the server's own words */
	const char *hint;
} meanings[] = {
	{ "AccessDenied", ERR_DENIED, "failed to connect to S3: access denied",
	  "The credentials need s3:GetObject, s3:PutObject, s3:DeleteObject and s3:ListBucket "
	  "there. Try: aws s3 ls s3://BUCKET" },
	{ "AllAccessDisabled", ERR_DENIED, "failed to connect to S3: access denied",
	  "The bucket's owner or the provider has blocked it." },
	{ "AccountProblem", ERR_DENIED, "failed to connect to S3: access denied",
	  "Look at the account with its provider." },
	{ "UserSuspended", ERR_DENIED, "failed to connect to S3: the user is suspended",
	  "Look at the account with its provider." },
	{ "InvalidAccessKeyId", ERR_DENIED, "failed to connect to S3: no such access key",
	  SEE_CREDENTIALS },
	{ "SignatureDoesNotMatch", ERR_DENIED,
	  "failed to connect to S3: the secret key is wrong", SEE_CREDENTIALS },
	{ "ExpiredToken", ERR_DENIED, "failed to connect to S3: the session token has expired",
	  "Get new temporary credentials, then try again." },
	{ "TokenRefreshRequired", ERR_DENIED,
	  "failed to connect to S3: the session token has expired",
	  "Get new temporary credentials, then try again." },
	{ "InvalidToken", ERR_DENIED, "failed to connect to S3: the session token is wrong",
	  "session_token must belong to access_key and secret_key." },
	{ "RequestTimeTooSkewed", ERR_DENIED,
	  "failed to connect to S3: this machine's clock is wrong",
	  "Compare date -u with the server's time, and set the clock (timedatectl)." },
	{ "RequestExpired", ERR_DENIED,
	  "failed to connect to S3: this machine's clock is wrong",
	  "Compare date -u with the server's time, and set the clock (timedatectl)." },
	{ "NoSuchBucket", ERR_STORE, "no such bucket",
	  "Check backup.storage.s3.bucket, or make the bucket: aws s3 mb s3://BUCKET" },
	{ "InvalidBucketName", ERR_CONFIG, "no name for a bucket",
	  "Check backup.storage.s3.bucket: 3 to 63 lower-case letters, digits, dots, hyphens." },
	{ "PermanentRedirect", ERR_STORE, "the bucket is in another region",
	  "Set backup.storage.s3.region to the bucket's region." },
	{ "TemporaryRedirect", ERR_STORE, "the server sends us elsewhere",
	  "Redirects are not followed: set backup.storage.s3.endpoint to the right address." },
	{ "AuthorizationHeaderMalformed", ERR_STORE, "the bucket is in another region",
	  "Set backup.storage.s3.region to the bucket's region." },
	{ "IllegalLocationConstraintException", ERR_STORE, "the bucket is in another region",
	  "Set backup.storage.s3.region to the bucket's region." },
	{ "QuotaExceeded", ERR_STORE, "the quota is used up",
	  "Delete backups (backup cleanup), or get a larger quota." },
	{ "InvalidStorageClass", ERR_CONFIG, "the server has no such storage class",
	  "Check backup.storage.s3.storage_class." },
	{ "InvalidObjectState", ERR_STORE, "the object is archived",
	  "Restore it first: aws s3api restore-object." },
	{ "EntityTooLarge", ERR_STORE, "the object is too large for one request",
	  "Lower backup.storage.s3.multipart_threshold." },
	{ "SlowDown", ERR_STORE, "the server is overloaded", "Try again later." },
	{ "ServiceUnavailable", ERR_STORE, "the server is overloaded", "Try again later." },
	{ "KMS.DisabledException", ERR_DENIED, "the KMS key is disabled",
	  "Check backup.storage.s3.kms_key_id." },
	{ "KMS.NotFoundException", ERR_CONFIG, "no such KMS key",
	  "Check backup.storage.s3.kms_key_id." },
};

static int explain(const struct answer *a, const struct http_response *rsp, struct error *err)
{
	autobuf said = BUF_INIT;

	buf_addf(&said, "%d", rsp->status);
	if (a->code[0] != '\0')
		buf_addf(&said, " %s", a->code);
	if (a->message[0] != '\0')
		buf_addf(&said, ": %s", a->message);
	if (rsp->attempts > 1)
		buf_addf(&said, ", after %d attempts", rsp->attempts);
	for (size_t i = 0; i < ARRAY_SIZE(meanings); i++) {
		if (strcmp(meanings[i].code, a->code) != 0)
			continue;
		error_set(err, meanings[i].as, "%s (%s)", meanings[i].what, said.data);
		return error_hint(err, "%s", meanings[i].hint);
	}
	if (rsp->status >= 300 && rsp->status < 400) {
		const char *where = http_headers_get(&rsp->headers, "Location");
		autobuf url = BUF_INIT;

		http_show_url(&url, where ? where : "elsewhere");
		error_set(err, ERR_STORE, "the server sends us to %s (%s)", url.data,
		          said.data);
		return error_hint(err, "Redirects are not followed: set "
		                       "backup.storage.s3.endpoint to the right address.");
	}
	return error_set(err, rsp->status == 403 ? ERR_DENIED : ERR_STORE,
	                 "the server says no (%s)", said.data);
}

int s3_refused(struct s3_store *s, const struct http_response *rsp, const char *what,
               const char *key, struct error *err)
{
	struct answer a;

	read_answer(&a, rsp);
	explain(&a, rsp, err);
	/* The guide's words come first, where people and their filters look for them. */
	if (strncmp(err->text, "failed to connect", strlen("failed to connect")) == 0) {
		autofree char *text = mem_strdup(err->text);

		snprintf(err->text, sizeof(err->text), "%s: %s %s%s%s", text, what,
		         s->base.location, key ? ": " : "", key ? key : "");
		return -1;
	}
	return error_wrap(err, "%s %s%s%s", what, s->base.location, key ? ": " : "",
	                  key ? key : "");
}
