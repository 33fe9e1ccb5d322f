/* SPDX-License-Identifier: MIT */
/*
 * azure_account: whose storage it is, where it stands, and by what right we use it.
 *
 * In this order: what a connection string says, sas_token, account_key, and when there is
 * none of these the managed identity of the machine. Plain data; wiped by finish.
 */
#ifndef ENGINE_STORE_AZURE_ACCOUNT_H
#define ENGINE_STORE_AZURE_ACCOUNT_H

#include "engine/base/secret.h"

struct config;
struct error;

enum azure_right {
	AZURE_IDENTITY, /* a token of the machine's managed identity */
	AZURE_SHARED_KEY,
	AZURE_SAS,
};

struct azure_account {
	char *name;
	char *endpoint; /* "https://name.blob.core.windows.net", no slash at its end */
	enum azure_right right;
	struct secret *key; /* AZURE_SHARED_KEY: the bytes */
	char *sas;          /* AZURE_SAS: a query without its "?" */
};

/* ERR_CONFIG, naming what is missing. Secrets are never in a message. */
int azure_account_read(struct azure_account *out, const struct config *c, struct error *err);
void azure_account_finish(struct azure_account *a);
#define autoaccount __attribute__((cleanup(azure_account_finish))) struct azure_account

#endif
