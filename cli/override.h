/* SPDX-License-Identifier: MIT */
/*
 * override: options of the command line that set keys of the configuration, and
 * the password, which is never one of them.
 */
#ifndef CLI_OVERRIDE_H
#define CLI_OVERRIDE_H

struct config;
struct error;
struct parse;
struct prompt;

/*
 * Sets what the options say. What says which server (--host and its like) goes
 * to the block that describes it: target, database or source. ERR_USAGE.
 */
int override_apply(struct config *c, const struct parse *p, struct error *err);

/* Reads a password from a file that only its owner can read. */
int override_password_file(struct config *c, const char *path, struct error *err);
/* Asks for it. */
int override_password_prompt(struct config *c, const struct prompt *p, struct error *err);

#endif
