/* SPDX-License-Identifier: MIT */
/*
 * report: the forms of `backup report`. Each appends a whole document made from
 * what repo_report() collected (docs/api-docs.md). Pure.
 */
#ifndef CLI_REPORT_H
#define CLI_REPORT_H

struct buf;
struct json;

void report_text(struct buf *out, const struct json *report);    /* for people, 80 columns */
void report_csv(struct buf *out, const struct json *report);     /* RFC 4180, a line a backup */
void report_html(struct buf *out, const struct json *report);    /* one file, nothing to load */
void report_metrics(struct buf *out, const struct json *report); /* Prometheus text, 0.0.4 */

#endif
