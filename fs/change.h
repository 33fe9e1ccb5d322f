/* SPDX-License-Identifier: MIT */
/*
 * change: what a mount with rw does to backups: the verbs of the commands, each run recorded in
 * the audit log as the command's. What cannot be recorded does not happen. Knows no FUSE; runs
 * on the worker's thread.
 */
#ifndef FS_CHANGE_H
#define FS_CHANGE_H

#include <sys/types.h>

struct backup;
struct edit_options;
struct error;
struct worker;

/* by: who asked. ERR_REFUSED for protected backups and for the only one of a database. */
int change_delete(struct worker *w, const struct backup *b, uid_t by, struct error *err);
int change_words(struct worker *w, const struct backup *b, const struct edit_options *o,
                 uid_t by, struct error *err);
/* KEY=VALUE is set; ERR_INVALID when it is no tag. */
int change_tag(struct worker *w, const struct backup *b, const char *key, const char *value,
               uid_t by, struct error *err);
int change_untag(struct worker *w, const struct backup *b, const char *key, uid_t by,
                 struct error *err);

#endif
