/* SPDX-License-Identifier: MIT */
/* azure_error: what Azure's refusal means, and what to do about it. */
#include <stdio.h>
#include <string.h>

#include "engine/base/error.h"
#include "engine/store/azure.h"
#include "engine/store/xml.h"

#define AT "backup.storage.azure."

#define SEE_KEY                                                                       \
	"Check " AT "account_key or AZURE_STORAGE_KEY: az storage account keys list " \
	"--account-name ACCOUNT"
#define SEE_CONTAINER                                                                     \
	"Check " AT "container_name, or make the container: az storage container create " \
	"--name CONTAINER --account-name ACCOUNT"
#define SEE_ROLE                                                                                 \
	"The identity needs the role Storage Blob Data Contributor, or the SAS the permissions " \
	"racwdl, on the container."

static const struct cloud_meaning meanings[] = {
	{ "AuthenticationFailed", ERR_DENIED,
	  "failed to connect to Azure: the account key or signature is wrong or has expired",
	  SEE_KEY },
	{ "InvalidAuthenticationInfo", ERR_DENIED,
	  "failed to connect to Azure: the credentials are not accepted", SEE_KEY },
	{ "NoAuthenticationInformation", ERR_DENIED,
	  "failed to connect to Azure: no credentials", SEE_KEY },
	{ "KeyBasedAuthenticationNotPermitted", ERR_DENIED,
	  "failed to connect to Azure: the account takes no keys",
	  "Use a managed identity, or allow shared key access to the account." },
	{ "AuthorizationFailure", ERR_DENIED, "failed to connect to Azure: access denied",
	  "The key may be wrong, the account's firewall may keep this machine out, or the "
	  "SAS may not go so far." },
	{ "AuthorizationPermissionMismatch", ERR_DENIED,
	  "failed to connect to Azure: access denied", SEE_ROLE },
	{ "AuthorizationServiceMismatch", ERR_DENIED,
	  "failed to connect to Azure: the SAS is not for blobs", SEE_ROLE },
	{ "AuthorizationResourceTypeMismatch", ERR_DENIED,
	  "failed to connect to Azure: the SAS is not for containers and blobs", SEE_ROLE },
	{ "AuthorizationProtocolMismatch", ERR_DENIED,
	  "failed to connect to Azure: the SAS is for https only", "Use an https endpoint." },
	{ "InsufficientAccountPermissions", ERR_DENIED,
	  "failed to connect to Azure: access denied", SEE_ROLE },
	{ "AccountIsDisabled", ERR_DENIED,
	  "failed to connect to Azure: the account is disabled",
	  "Look at the account in the Azure portal." },
	{ "AccountBeingCreated", ERR_STORE, "the account is still being made",
	  "Try again in a minute." },
	{ "ContainerNotFound", ERR_STORE, "no such container", SEE_CONTAINER },
	{ "ContainerBeingDeleted", ERR_STORE, "the container is being deleted", SEE_CONTAINER },
	{ "ContainerDisabled", ERR_STORE, "the container is disabled", SEE_CONTAINER },
	{ "ResourceNotFound", ERR_STORE, "no such account or container", SEE_CONTAINER },
	{ "InvalidResourceName", ERR_CONFIG, "no name for a container", SEE_CONTAINER },
	{ "OutOfRangeInput", ERR_CONFIG, "a name is too long or too short", SEE_CONTAINER },
	{ "LeaseIdMissing", ERR_BUSY, "somebody holds a lease on the blob",
	  "End the lease: az storage blob lease break." },
	{ "BlobImmutableDueToPolicy", ERR_DENIED, "the blob is immutable",
	  "The container has a retention policy or a legal hold." },
	{ "SnapshotsPresent", ERR_STORE, "the blob has snapshots",
	  "Delete its snapshots: az storage blob delete --delete-snapshots only." },
	{ "BlobArchived", ERR_STORE, "the blob is archived",
	  "Bring it back first: az storage blob set-tier --tier Hot." },
	{ "ServerBusy", ERR_STORE, "the server is overloaded", "Try again later." },
	{ "OperationTimedOut", ERR_STORE, "the server took too long", "Try again later." },
	{ NULL },
};

/* A HEAD brings no code when the server is not quite Azure. */
static const struct {
	int status;
	const char *code;
} by_status[] = {
	{ 401, "InvalidAuthenticationInfo" },
	{ 403, "AuthorizationFailure" },
	{ 503, "ServerBusy" },
};

static int on_element(void *arg, const char *path, const char *text, struct error *err)
{
	struct cloud_answer *a = arg;

	(void)err;
	if (strcmp(path, "Error/Code") == 0 && a->code[0] == '\0')
		snprintf(a->code, sizeof(a->code), "%s", text);
	if (strcmp(path, "Error/Message") == 0)
		snprintf(a->message, sizeof(a->message), "%s", text);
	return 0;
}

const char *azure_error_code(const struct http_response *rsp)
{
	const char *code = http_headers_get(&rsp->headers, "x-ms-error-code");

	return code ? code : "";
}

bool azure_is_missing(const struct http_response *rsp)
{
	const char *code = azure_error_code(rsp);

	return rsp->status == 404 && (code[0] == '\0' || strcmp(code, "BlobNotFound") == 0);
}

int azure_refused(const struct azure_store *s, const struct http_response *rsp,
                  const char *what, const char *key, struct error *err)
{
	struct cloud_answer a = { .code = "" };
	struct error ignored = ERROR_INIT;

	snprintf(a.code, sizeof(a.code), "%s", azure_error_code(rsp));
	/* A cut-off or foreign document: what could be read of it has to do. */
	if (rsp->body.len > 0)
		(void)xml_parse(rsp->body.data, rsp->body.len, on_element, &a, &ignored);
	for (size_t i = 0; a.code[0] == '\0' && i < ARRAY_SIZE(by_status); i++) {
		if (by_status[i].status == rsp->status)
			snprintf(a.code, sizeof(a.code), "%s", by_status[i].code);
	}
	cloud_refused(meanings, &a, rsp, err);
	return error_wrap(err, "%s %s%s%s", what, s->base.location, key ? ": " : "",
	                  key ? key : "");
}
