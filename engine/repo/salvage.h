/* SPDX-License-Identifier: MIT */
/*
 * salvage: saves what is left of a damaged backup as plain files in a directory.
 *
 *	DIR/objects/FOLDER/NAME.sql   every object whose bytes are authentic
 *	DIR/model.json                when it is
 *	DIR/schema.sql                the backup's own, or made of what was saved
 *	DIR/RECOVERY.txt              what was saved and what was lost, by name
 *
 * Never wrong bytes: every file has the SHA-256 that the envelope (or, without envelope and
 * encryption, the index) names. The store is only read.
 */
#ifndef ENGINE_REPO_SALVAGE_H
#define ENGINE_REPO_SALVAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/base/cleanup.h"

struct error;
struct repo;

struct salvage_file {
	char *name; /* "objects/tables/orders.sql" */
	uint64_t size;
	bool saved;
};
enum salvage_script {
	SALVAGE_SCRIPT_WHOLE, /* schema.sql is the backup's own: every object is in it */
	SALVAGE_SCRIPT_MADE,  /* made of the objects that were saved, in order */
	SALVAGE_SCRIPT_JOINED /* the objects' files one behind the other, since model.json is
	                         lost */
};
struct salvage_report {
	char *directory;
	bool envelope; /* it could be opened */
	enum salvage_script script;
	size_t chunks, chunks_damaged; /* of the payload, 16 KiB each */
	struct salvage_file *files;
	size_t count, capacity, saved;
	uint64_t bytes; /* saved */
};
void salvage_report_free(struct salvage_report *r); /* NULL is fine */
DEFINE_DEFER(salvage_report, salvage_report_free)

/*
 * directory NULL: "ID-recovered" in the working directory. It is made, and must not be there or
 * be empty (ERR_EXISTS). ERR_CORRUPT when nothing can be saved; ERR_DENIED when the secret is
 * missing: nothing is written then.
 */
int repo_salvage(struct salvage_report **out, struct repo *r, const char *id,
                 const char *directory, struct error *err);

#endif
