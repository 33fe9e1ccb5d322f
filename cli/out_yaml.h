/* SPDX-License-Identifier: MIT */
/*
 * out_yaml: JSON values as YAML 1.2, in block style, so that YAML 1.1 readers
 * understand the same: whatever could be taken for something else than text is
 * quoted. Pure.
 */
#ifndef CLI_OUT_YAML_H
#define CLI_OUT_YAML_H

struct buf;
struct json;

void yaml_write(struct buf *out, const struct json *v); /* a whole document, newline included */
void yaml_write_item(struct buf *out, const struct json *v); /* "- ...": an element of a list */

#endif
