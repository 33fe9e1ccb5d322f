/* SPDX-License-Identifier: MIT */
/* man_text: text as roff source, and the configuration's keys as a manual page. Pure. */
#ifndef CLI_MAN_TEXT_H
#define CLI_MAN_TEXT_H

#include <stddef.h>

struct buf;

/* Running text, each sentence on a line of its own; `code` becomes bold. */
void man_text(struct buf *out, const char *text);
/* The same in paragraphs, separated by empty lines; NULL is fine. */
void man_paragraphs(struct buf *out, const char *text);
/* Text that must come out as it is. */
void man_literal(struct buf *out, const char *text, size_t len);

/* DESCRIPTION and the keys of mysql-schema-sync(5). */
void man_config_keys(struct buf *out);

#endif
