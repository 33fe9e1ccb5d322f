/* SPDX-License-Identifier: MIT */
/*
 * elsewhere: what people who know other documents of this tool look for, and
 * what does it here. Pure; the texts are static.
 */
#ifndef CLI_ELSEWHERE_H
#define CLI_ELSEWHERE_H

#include <stddef.h>

/* A sentence for a command that is not there: "backup convert". NULL: nothing is known of it.
 */
const char *elsewhere_command(const char *words);
/* For an option that a command does not take; its name without dashes. NULL as above. */
const char *elsewhere_option(const char *command, const char *name, size_t len);

#endif
