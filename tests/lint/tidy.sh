#!/bin/sh
# SPDX-License-Identifier: MIT
# tidy.sh BUILD_DIR [FILE...]: clang-tidy over the C files of the layers, or over
# some of them. The build directory gives the flags; nothing is built.
set -eu
build=$(realpath "${1:?usage: tidy.sh BUILD_DIR [FILE...]}")
shift
cd "$(dirname "$0")/../.."
[ $# -gt 0 ] || set -- $(find engine catalog fs cli -name '*.c' | sort)

# The flags are gcc's: clang must neither know them all nor stop at a warning of
# its own; only what .clang-tidy asks for counts.
if ! found=$(printf '%s\n' "$@" | xargs -P 2 -n 4 clang-tidy -p "$build" --quiet \
	--extra-arg=-Wno-unknown-warning-option --extra-arg=-Wno-error \
	--extra-arg=-enable-trivial-auto-var-init-zero-knowing-it-will-be-removed-from-clang \
	2>&1); then
	printf '%s\n' "$found" | grep -v ' warnings\{0,1\} generated\|^Suppressed [0-9]'
	exit 1
fi
