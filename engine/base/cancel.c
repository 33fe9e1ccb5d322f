/* SPDX-License-Identifier: MIT */
#include "engine/base/cancel.h"

#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>

#include "engine/base/error.h"

static atomic_bool requested; /* lock-free, so a signal handler may set it */

static void on_signal(int signo)
{
	(void)signo;
	atomic_store(&requested, true);
}

void cancel_install(void)
{
	struct sigaction action = { .sa_handler = on_signal };

	/* No SA_RESTART: a blocking call must return, or nobody polls the flag. */
	sigemptyset(&action.sa_mask);
	sigaction(SIGTERM, &action, NULL);
	/* After the first SIGINT the default is back, so that the second one kills. */
	action.sa_flags = (int)SA_RESETHAND;
	sigaction(SIGINT, &action, NULL);
}

void cancel_set(void)
{
	atomic_store(&requested, true);
}

void cancel_reset(void)
{
	atomic_store(&requested, false);
}

bool cancel_requested(void)
{
	return atomic_load(&requested);
}

int cancel_check(struct error *err)
{
	return cancel_requested() ? error_set(err, ERR_CANCELLED, "interrupted") : 0;
}
