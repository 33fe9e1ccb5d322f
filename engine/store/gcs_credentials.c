/* SPDX-License-Identifier: MIT */
#include "engine/store/gcs_credentials.h"

#include <stdlib.h>
#include <string.h>

#include "engine/base/error.h"
#include "engine/base/fsutil.h"
#include "engine/base/json.h"
#include "engine/base/mem.h"
#include "engine/config/config.h"

#define AT        "backup.storage.gcs."
#define FILE_MAX  ((size_t)256 << 10)
#define TOKEN_URI "https://oauth2.googleapis.com/token"
#define ADC_NAME  "application_default_credentials.json"

void gcs_credentials_finish(struct gcs_credentials *c)
{
	free(c->source);
	free(c->token_uri);
	free(c->email);
	free(c->key_id);
	free(c->client_id);
	free(c->project);
	secret_free(c->private_key);
	secret_free(c->client_secret);
	secret_free(c->refresh_token);
	*c = (struct gcs_credentials){ .right = GCS_METADATA };
}

static int missing(const char *source, const char *member, struct error *err)
{
	error_set(err, ERR_CONFIG, "%s: no \"%s\" in it", source, member);
	return error_hint(err, "Make a new key file: gcloud iam service-accounts keys create "
	                       "FILE --iam-account ACCOUNT");
}

static int take_text(char **out, const struct json *o, const char *member, const char *source,
                     struct error *err)
{
	const char *text = json_get_str(o, member, "");

	if (text[0] == '\0')
		return missing(source, member, err);
	*out = mem_strdup(text);
	return 0;
}

static int take_secret(struct secret **out, const struct json *o, const char *member,
                       const char *source, struct error *err)
{
	const char *text = json_get_str(o, member, "");

	if (text[0] == '\0')
		return missing(source, member, err);
	*out = secret_new(text, strlen(text));
	return 0;
}

static int read_service_account(struct gcs_credentials *c, const struct json *o,
                                const char *source, struct error *err)
{
	const char *id = json_get_str(o, "private_key_id", "");

	c->right = GCS_SERVICE_ACCOUNT;
	c->key_id = id[0] != '\0' ? mem_strdup(id) : NULL;
	if (take_text(&c->email, o, "client_email", source, err) < 0)
		return -1;
	return take_secret(&c->private_key, o, "private_key", source, err);
}

static int read_user(struct gcs_credentials *c, const struct json *o, const char *source,
                     struct error *err)
{
	c->right = GCS_USER;
	if (take_text(&c->client_id, o, "client_id", source, err) < 0 ||
	    take_secret(&c->client_secret, o, "client_secret", source, err) < 0)
		return -1;
	return take_secret(&c->refresh_token, o, "refresh_token", source, err);
}

static const struct {
	const char *type;
	int (*read)(struct gcs_credentials *c, const struct json *o, const char *source,
	            struct error *err);
} types[] = {
	{ "service_account", read_service_account },
	{ "authorized_user", read_user },
};

static int read_object(struct gcs_credentials *c, const struct json *o, const char *source,
                       struct error *err)
{
	const char *type = json_get_str(o, "type", "");
	const char *project = json_get_str(o, "project_id", "");

	c->source = mem_strdup(source);
	c->token_uri = mem_strdup(json_get_str(o, "token_uri", TOKEN_URI));
	c->project = project[0] != '\0' ? mem_strdup(project) : NULL;
	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		if (strcmp(types[i].type, type) == 0)
			return types[i].read(c, o, source, err);
	}
	error_set(err, ERR_CONFIG,
	          "%s: credentials of type \"%.40s\": want service_account or "
	          "authorized_user",
	          source, type);
	return error_hint(err, "Use a service account's key file, or the metadata server.");
}

int gcs_credentials_parse(struct gcs_credentials *out, struct str text, const char *source,
                          struct error *err)
{
	autocredentials c = { .right = GCS_METADATA };
	struct error why = ERROR_INIT;
	DEFER(json) *o = NULL;

	/* Not the text of the failure: it may quote what is a secret. */
	if (json_parse(&o, text.p, text.n, &why) < 0 || !json_is_object(o)) {
		error_set(err, ERR_CONFIG, "%s: no JSON object", source);
		return error_hint(err, "It is a service account's key, as Google's console "
		                       "gives it.");
	}
	if (read_object(&c, o, source, err) < 0)
		return -1;
	*out = c;
	c = (struct gcs_credentials){ .right = GCS_METADATA };
	return 0;
}

/* $CLOUDSDK_CONFIG or ~/.config/gcloud, as gcloud has it (which knows no XDG_CONFIG_HOME). */
static char *usual_path(void)
{
	const char *directory = getenv("CLOUDSDK_CONFIG");
	autofree char *expanded =
		path_expand(directory && *directory ? directory : "~/.config/gcloud");

	return path_join(expanded, ADC_NAME);
}

int gcs_credentials_read(struct gcs_credentials *out, const struct config *c, struct error *err)
{
	const char *given = config_text(c, AT "credentials_path");
	autofree char *path = given ? mem_strdup(given) : usual_path();
	autobuf text = BUF_INIT;
	int found = file_read_if_there(&text, path, FILE_MAX, err);
	int result = 0;

	if (found < 0)
		return error_wrap(err, AT "credentials_path");
	if (!found && given) {
		error_set(err, ERR_CONFIG, AT "credentials_path: %s does not exist", path);
		return error_hint(err, "Download the key of a service account there, or unset "
		                       "credentials_path and GOOGLE_APPLICATION_CREDENTIALS.");
	}
	if (found)
		result = gcs_credentials_parse(out, (struct str){ text.data, text.len }, path,
		                               err);
	secret_wipe(text.data, text.len);
	return result;
}
