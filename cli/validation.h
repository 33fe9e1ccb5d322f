/* SPDX-License-Identifier: MIT */
/* validation: what the commands that check stored backups share. */
#ifndef CLI_VALIDATION_H
#define CLI_VALIDATION_H

#include "cli/command.h"
#include "engine/repo/verify.h"

struct cli;
struct error;
struct json;

/* The choices of --level; their values are 1 + enum verify_level. */
extern const struct opt_choice validation_levels[];

/* Checks the backup that the user means, shows the result; -1 when it is not valid. */
int validation_of_one(struct cli *cli, const char *spec, enum verify_level level,
                      struct error *err);
/* Adds a result's members to an object. */
void validation_add(struct json *v, const struct verify_result *r);

#endif
