#!/bin/sh
# SPDX-License-Identifier: MIT
# Does clang-format agree with every C file, committed or not?
set -eu
cd "$(dirname "$0")/../.."
git ls-files -co --exclude-standard -- '*.c' '*.h' | sort -u |
	while read -r file; do
		[ ! -f "$file" ] || echo "$file"
	done |
	xargs -r clang-format --dry-run -Werror
