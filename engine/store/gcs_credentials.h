/* SPDX-License-Identifier: MIT */
/*
 * gcs_credentials: who we are to Google, found as Google's own tools do.
 *
 * The file of credentials_path (or GOOGLE_APPLICATION_CREDENTIALS), else what gcloud auth
 * application-default login left, else the metadata server of the machine. A file is a
 * service account's key or gcloud's authorized_user. Plain data; wiped by finish.
 */
#ifndef ENGINE_STORE_GCS_CREDENTIALS_H
#define ENGINE_STORE_GCS_CREDENTIALS_H

#include "engine/base/buf.h"
#include "engine/base/secret.h"

struct config;
struct error;

enum gcs_right { GCS_METADATA, GCS_SERVICE_ACCOUNT, GCS_USER };

struct gcs_credentials {
	enum gcs_right right;
	char *source;    /* the file; NULL: none */
	char *token_uri; /* of both kinds of files */
	char *email, *key_id;
	struct secret *private_key; /* PEM */
	char *client_id;
	struct secret *client_secret, *refresh_token;
	char *project; /* may be NULL */
};

int gcs_credentials_read(struct gcs_credentials *out, const struct config *c,
                         struct error *err);
/* From the text of a file; source is for messages. ERR_CONFIG, without a secret in it. */
int gcs_credentials_parse(struct gcs_credentials *out, struct str text, const char *source,
                          struct error *err);
void gcs_credentials_finish(struct gcs_credentials *c);
#define autocredentials __attribute__((cleanup(gcs_credentials_finish))) struct gcs_credentials

#endif
