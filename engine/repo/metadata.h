/* SPDX-License-Identifier: MIT */
/*
 * metadata: a backup's metadata as JSON: sealed in the envelope, shown as
 * metadata.json and by `backup list --format json`. Pure.
 */
#ifndef ENGINE_REPO_METADATA_H
#define ENGINE_REPO_METADATA_H

#include <stddef.h>
#include <stdint.h>

struct backup;
struct buf;
struct error;
struct json;

/* The public fields (reference: BackupMetadata and ours); caller frees. */
struct json *metadata_public(const struct backup *b);
/* Appends metadata.json: metadata_public(), pretty. Same backup, same bytes. */
void metadata_file(struct buf *out, const struct backup *b);

/* What the envelope seals, files and their hashes included, and back. ERR_CORRUPT. */
void metadata_seal(struct buf *out, const struct backup *b);
int metadata_unseal(struct backup *b, const char *text, size_t len, struct error *err);
/* The same text for an envelope under another secret, which is used since then. ERR_CORRUPT. */
int metadata_reseal(struct buf *out, const char *text, size_t len, int64_t secret_since,
                    struct error *err);

/* The same text with another description and other tags: those of b. ERR_CORRUPT. */
int metadata_reword(struct buf *out, const char *text, size_t len, const struct backup *b,
                    struct error *err);

#endif
