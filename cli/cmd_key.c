/* SPDX-License-Identifier: MIT */
/* cmd_key: the command that makes a secret. */
#include "cli/cli.h"
#include "cli/cmd.h"
#include "cli/out.h"
#include "engine/base/error.h"
#include "engine/base/fsutil.h"
#include "engine/base/number.h"
#include "engine/base/secret.h"

#define SECRET_SIZE 32

static int run(struct cli *cli, const void *options, struct error *err)
{
	unsigned char bytes[SECRET_SIZE];
	char hex[2 * SECRET_SIZE + 1];
	int result = random_bytes(bytes, sizeof(bytes), err);

	(void)options;
	if (result == 0) {
		number_format_hex(hex, bytes, sizeof(bytes));
		out_text(cli->out, OUT_PLAIN, "%s\n", hex);
	}
	secret_wipe(bytes, sizeof(bytes));
	secret_wipe(hex, sizeof(hex));
	return result;
}

const struct command cmd_key_new = {
	.name = "key new",
	.summary = "print a fresh secret for encryption",
	.details =
		"64 hex digits from the kernel's random numbers, for the environment variable "
		"or the key file that the configuration names. Without its secret an encrypted "
		"backup cannot be read by anybody: keep a copy elsewhere.",
	.examples = "key new",
	.run = run,
};
