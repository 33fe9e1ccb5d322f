#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A text file as a C string: embed.py INPUT OUTPUT NAME."""
import pathlib
import sys

source, target, name = sys.argv[1:]
lines = pathlib.Path(source).read_text().splitlines()
quoted = "\n".join('\t"%s\\n"' % line.replace("\\", "\\\\").replace('"', '\\"') for line in lines)
pathlib.Path(target).write_text(
    f'/* Made from {pathlib.Path(source).name}. */\n#include "catalog/internal.h"\n'
    f"\nconst char {name}[] =\n{quoted};\n")
