/* SPDX-License-Identifier: MIT */
/*
 * Runs a fuzz target on files and on all files of directories: so the corpus is
 * a test of every build, with any compiler.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "engine/base/buf.h"
#include "engine/base/cleanup.h"
#include "engine/base/error.h"
#include "engine/base/fsutil.h"

#define INPUT_MAX ((size_t)16 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* How many inputs were run; -1 when one could not be read. */
static int replay(const char *path, struct error *err)
{
	DIR *dir = opendir(path);
	const struct dirent *entry;
	autobuf input = BUF_INIT;
	int n = 0;

	if (!dir) {
		if (file_read(&input, path, INPUT_MAX, err) < 0)
			return -1;
		LLVMFuzzerTestOneInput((const uint8_t *)input.data, input.len);
		return 1;
	}
	while (n >= 0 && (entry = readdir(dir)) != NULL) {
		autofree char *inner = path_join(path, entry->d_name);
		int more = entry->d_name[0] == '.' ? 0 : replay(inner, err);

		n = more < 0 ? -1 : n + more;
	}
	closedir(dir);
	return n;
}

int main(int argc, char **argv)
{
	struct error err = ERROR_INIT;
	int total = 0;

	for (int i = 1; i < argc; i++) {
		int n = replay(argv[i], &err);

		if (n < 0) {
			fprintf(stderr, "%s\n", err.text);
			return 1;
		}
		total += n;
	}
	printf("%d inputs\n", total);
	return total == 0; /* a corpus that is not there tests nothing */
}
