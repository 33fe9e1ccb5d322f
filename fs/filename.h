/* SPDX-License-Identifier: MIT */
/*
 * filename: a database, tag or table as the name of a directory entry.
 *
 * base/name.h does the escaping. Two cases are left to us: a name that is empty
 * becomes "%", and one whose escaped form is longer than a file name may be is
 * cut and ends in "%~" and 16 hex digits of its hash. Neither is what
 * name_escape() makes of anything, so all names stay different. Pure.
 */
#ifndef FS_FILENAME_H
#define FS_FILENAME_H

struct buf;

void filename_add(struct buf *out, const char *name);

enum filename_form {
	FILENAME_WHOLE,    /* out holds the name */
	FILENAME_CUT,      /* must be looked for among the names that there are */
	FILENAME_IS_WRONG, /* no name looks like this */
};
enum filename_form filename_read(struct buf *out, const char *filename);

#endif
