/* SPDX-License-Identifier: MIT */
#include "engine/store/s3_credentials.h"

#include <pthread.h>
#include <string.h>

#include "engine/base/buf.h"
#include "engine/base/clock.h"
#include "engine/base/error.h"
#include "engine/base/log.h"
#include "engine/base/mem.h"
#include "engine/config/config.h"
#include "engine/store/http.h"
#include "engine/store/s3_sources.h"

#define LOG_MODULE "store/s3"

#define EARLY_S     INT64_C(300) /* new ones are asked for so long before the end */
#define ASK_AGAIN_S INT64_C(30)  /* when that failed */

typedef int source_fn(struct s3_identity *out, const struct s3_source *src, struct error *err);

static const struct {
	const char *name;
	source_fn *find;
} sources[] = {
	{ "web identity", s3_source_web_identity },
	{ "shared files", s3_source_profile },
	{ "container role", s3_source_container },
	{ "machine role", s3_source_machine },
};

struct s3_credentials {
	bool written_down; /* in the configuration: who never changes */
	char *profile, *region, *ca_file;
	struct http_settings settings;
	/* Held while credentials are fetched, so that one thread does it for all. */
	pthread_mutex_t lock;
	struct s3_identity now; /* guarded by lock */
	int64_t ask_at;         /* guarded by lock; 0: never again */
};

/* A session token from another place than the key would spoil a good key. */
static const char *session_token(const struct config *c)
{
	enum config_origin key = config_origin(c, "backup.storage.s3.access_key");
	enum config_origin token = config_origin(c, "backup.storage.s3.session_token");

	if (token == CONFIG_FROM_ENV && key != CONFIG_FROM_ENV)
		return NULL;
	return config_text(c, "backup.storage.s3.session_token");
}

struct s3_credentials *s3_credentials_new(const struct config *c, const char *region,
                                          const struct http_settings *settings)
{
	const char *access_key = config_text(c, "backup.storage.s3.access_key");
	const char *secret_key = config_text(c, "backup.storage.s3.secret_key");
	struct s3_credentials *k = mem_alloc(sizeof(*k));

	pthread_mutex_init(&k->lock, NULL);
	k->profile = mem_strdup(config_text(c, "backup.storage.s3.profile"));
	k->region = mem_strdup(region);
	k->ca_file = mem_strdup(settings->ca_file);
	k->settings = *settings;
	k->settings.ca_file = k->ca_file;
	k->settings.max_concurrency = 1;
	if (access_key && secret_key) {
		k->written_down = true;
		k->now = (struct s3_identity){ .access_key = mem_strdup(access_key),
			                       .secret_key = mem_strdup(secret_key),
			                       .session_token = mem_strdup(session_token(c)) };
	}
	return k;
}

void s3_credentials_free(struct s3_credentials *c)
{
	if (!c)
		return;
	pthread_mutex_destroy(&c->lock);
	s3_identity_finish(&c->now);
	free(c->profile);
	free(c->region);
	free(c->ca_file);
	free(c);
}

static int find(struct s3_identity *out, const struct s3_credentials *c, struct error *err)
{
	struct s3_source src = { c->profile, c->region, &c->settings };

	for (size_t i = 0; i < ARRAY_SIZE(sources); i++) {
		int found = sources[i].find(out, &src, err);

		if (found < 0)
			return error_wrap(err, "credentials for S3: %s", sources[i].name);
		if (found) {
			log_debug("credentials from the %s", sources[i].name);
			return 0;
		}
	}
	error_set(err, ERR_DENIED, "no credentials for S3");
	return error_hint(err, "Set access_key and secret_key of backup.storage.s3, or "
	                       "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or make "
	                       "~/.aws/credentials (aws configure).");
}

/* Called with the lock held. Old ones that are still good are good enough. */
static int refresh(struct s3_credentials *c, struct error *err)
{
	int64_t now = clock_now();
	struct s3_identity fresh = { .expires = 0 };
	struct error failure = ERROR_INIT;

	if (find(&fresh, c, &failure) < 0) {
		if (!c->now.access_key || c->now.expires <= now) {
			*err = failure;
			return -1;
		}
		log_warn("the present credentials are used on: %s", failure.text);
		c->ask_at = now + ASK_AGAIN_S;
		return 0;
	}
	s3_identity_finish(&c->now);
	c->now = fresh;
	c->ask_at = 0;
	if (fresh.expires > 0)
		c->ask_at = fresh.expires - EARLY_S > now + ASK_AGAIN_S
		                    ? fresh.expires - EARLY_S
		                    : now + ASK_AGAIN_S;
	return 0;
}

int s3_credentials_get(struct s3_credentials *c, struct s3_identity *out, struct error *err)
{
	int result = 0;

	pthread_mutex_lock(&c->lock);
	if (!c->written_down &&
	    (!c->now.access_key || (c->ask_at > 0 && clock_now() >= c->ask_at)))
		result = refresh(c, err);
	if (result == 0)
		*out = (struct s3_identity){
			.access_key = mem_strdup(c->now.access_key),
			.secret_key = mem_strdup(c->now.secret_key),
			.session_token = mem_strdup(c->now.session_token),
			.expires = c->now.expires,
		};
	pthread_mutex_unlock(&c->lock);
	return result;
}

bool s3_credentials_expire(struct s3_credentials *c)
{
	if (c->written_down)
		return false;
	pthread_mutex_lock(&c->lock);
	s3_identity_finish(&c->now);
	pthread_mutex_unlock(&c->lock);
	return true;
}
