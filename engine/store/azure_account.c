/* SPDX-License-Identifier: MIT */
#include "engine/store/azure_account.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "engine/base/buf.h"
#include "engine/base/error.h"
#include "engine/base/mem.h"
#include "engine/codec/signature.h"
#include "engine/config/config.h"

#define AT             "backup.storage.azure."
#define USUAL_SUFFIX   "core.windows.net"
#define USUAL_PROTOCOL "https"

static void wipe(char *text)
{
	if (text)
		secret_wipe(text, strlen(text));
	free(text);
}

void azure_account_finish(struct azure_account *a)
{
	free(a->name);
	free(a->endpoint);
	secret_free(a->key);
	wipe(a->sas);
	*a = (struct azure_account){ .name = NULL };
}

/* What a connection string may say, and we use. */
struct connection {
	char *account_name, *account_key, *sas, *endpoint, *protocol, *suffix, *development;
};

static void connection_finish(struct connection *k)
{
	free(k->account_name);
	wipe(k->account_key);
	wipe(k->sas);
	free(k->endpoint);
	free(k->protocol);
	free(k->suffix);
	free(k->development);
}

static char **connection_field(struct connection *k, struct str name)
{
	const struct {
		const char *name;
		char **field;
	} fields[] = {
		{ "AccountName", &k->account_name },          { "AccountKey", &k->account_key },
		{ "SharedAccessSignature", &k->sas },         { "BlobEndpoint", &k->endpoint },
		{ "DefaultEndpointsProtocol", &k->protocol }, { "EndpointSuffix", &k->suffix },
		{ "UseDevelopmentStorage", &k->development },
	};

	for (size_t i = 0; i < ARRAY_SIZE(fields); i++) {
		if (str_is_nocase(name, fields[i].name))
			return fields[i].field;
	}
	return NULL;
}

/* "Name=value;Name=value": a value may hold "=", and fields that we do not use may come. */
static int parse_connection(struct connection *k, const char *text, struct error *err)
{
	for (const char *p = text; *p; p += strcspn(p, ";"), p += *p == ';') {
		struct str part = str_trim((struct str){ p, strcspn(p, ";") });
		const char *equals = part.n > 0 ? memchr(part.p, '=', part.n) : NULL;
		char **field;

		if (part.n == 0)
			continue;
		if (!equals) {
			error_set(err, ERR_CONFIG, AT "connection_string: no name=value pairs");
			return error_hint(err,
			                  "Copy it as it stands in the Azure portal, under "
			                  "Access keys.");
		}
		field = connection_field(k, (struct str){ part.p, (size_t)(equals - part.p) });
		if (!field)
			continue;
		wipe(*field);
		*field = mem_strndup(equals + 1, part.n - (size_t)(equals + 1 - part.p));
	}
	if (k->development)
		return error_set(err, ERR_CONFIG,
		                 AT
		                 "connection_string: UseDevelopmentStorage is not supported: "
		                 "give AccountName, AccountKey and BlobEndpoint");
	return 0;
}

/* http://127.0.0.1:10000: an address leaves no room for the account but in the path. */
static bool is_bare_address(const char *endpoint)
{
	const char *host = strstr(endpoint, "://");
	size_t len;

	host = host ? host + 3 : endpoint;
	len = strcspn(host, "/");
	if (host[len] == '/' && host[len + 1] != '\0')
		return false;
	return host[0] == '[' || strspn(host, "0123456789.:") == len;
}

static void settle_endpoint(struct azure_account *a, const struct connection *k,
                            const char *configured)
{
	const char *given = k->endpoint ? k->endpoint : configured;
	autobuf url = BUF_INIT;

	if (!given)
		buf_addf(&url, "%s://%s.blob.%s", k->protocol ? k->protocol : USUAL_PROTOCOL,
		         a->name, k->suffix ? k->suffix : USUAL_SUFFIX);
	else
		buf_adds(&url, given);
	while (url.len > 0 && url.data[url.len - 1] == '/')
		buf_truncate(&url, url.len - 1);
	if (is_bare_address(url.data))
		buf_addf(&url, "/%s", a->name);
	a->endpoint = buf_take(&url);
}

/* The account is the first label of the usual host name. */
static char *name_in_endpoint(const char *endpoint)
{
	const char *host = endpoint ? strstr(endpoint, "://") : NULL;
	const char *blob = host ? strstr(host, ".blob.") : NULL;

	return blob ? mem_strndup(host + 3, (size_t)(blob - host - 3)) : NULL;
}

static int settle_name(struct azure_account *a, const struct connection *k,
                       const char *configured, struct error *err)
{
	if (k->account_name)
		a->name = mem_strdup(k->account_name);
	else if (k->endpoint)
		a->name = name_in_endpoint(k->endpoint);
	if (!a->name)
		a->name = mem_strdup(configured);
	/* It goes into a host name and into signatures. */
	if (a->name && a->name[0] != '\0' &&
	    a->name[strspn(a->name, "abcdefghijklmnopqrstuvwxyz0123456789-")] == '\0')
		return 0;
	if (a->name)
		error_set(err, ERR_CONFIG,
		          AT "account_name: %s: want lower-case letters and digits", a->name);
	else
		error_set(err, ERR_CONFIG, AT "account_name is not set");
	return error_hint(err, "Name the storage account, or set " AT "connection_string or "
	                       "AZURE_STORAGE_CONNECTION_STRING.");
}

static int decode_key(struct azure_account *a, const char *text, struct error *err)
{
	autobuf bytes = BUF_INIT;

	if (signature_unbase64(&bytes, text, err) < 0 || bytes.len == 0) {
		error_clear(err);
		error_set(err, ERR_CONFIG, AT "account_key is not base64");
		return error_hint(err,
		                  "Show the keys: az storage account keys list "
		                  "--account-name %s",
		                  a->name);
	}
	a->key = secret_new(bytes.data, bytes.len);
	secret_wipe(bytes.data, bytes.len);
	a->right = AZURE_SHARED_KEY;
	return 0;
}

static void take_sas(struct azure_account *a, const char *sas)
{
	a->sas = mem_strdup(sas[0] == '?' ? sas + 1 : sas);
	a->right = AZURE_SAS;
}

static int settle_right(struct azure_account *a, const struct connection *k,
                        const struct config *c, struct error *err)
{
	const char *sas = config_text(c, AT "sas_token");
	const char *key = config_text(c, AT "account_key");

	if (k->sas)
		take_sas(a, k->sas);
	else if (k->account_key)
		return decode_key(a, k->account_key, err);
	else if (sas)
		take_sas(a, sas);
	else if (key)
		return decode_key(a, key, err);
	return 0;
}

int azure_account_read(struct azure_account *out, const struct config *c, struct error *err)
{
	__attribute__((cleanup(connection_finish))) struct connection k = { NULL };
	autoaccount a = { .right = AZURE_IDENTITY };
	const char *connection = config_text(c, AT "connection_string");

	if (connection && parse_connection(&k, connection, err) < 0)
		return -1;
	if (settle_name(&a, &k, config_text(c, AT "account_name"), err) < 0 ||
	    settle_right(&a, &k, c, err) < 0)
		return -1;
	settle_endpoint(&a, &k, config_text(c, AT "endpoint"));
	*out = a;
	a = (struct azure_account){ .name = NULL };
	return 0;
}
