#!/bin/sh
# SPDX-License-Identifier: MIT
# Does clang-format agree with every C file, committed or not?
set -eu
cd "$(dirname "$0")/../.."
git ls-files -z -co --exclude-standard -- '*.c' '*.h' |
	while IFS= read -r -d '' f; do [ -f "$f" ] && printf '%s\0' "$f"; done |
	xargs -0 -r clang-format --dry-run -Werror
