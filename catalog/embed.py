#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""SQL as a C string, and a number that differs when it does: embed.py INPUT OUTPUT NAME.

The number, which comments and blanks do not change, serves as the file's version: nobody
can change the schema and forget to raise it.
"""
import pathlib
import re
import sys
import zlib

source, target, name = sys.argv[1:]
sql = pathlib.Path(source).read_text()
quoted = "\n".join('\t"%s\\n"' % line.replace("\\", "\\\\").replace('"', '\\"')
                   for line in sql.splitlines())
bare = " ".join(re.sub(r"--.*", "", sql).split())
version = zlib.crc32(bare.encode()) & 0x7fffffff or 1
pathlib.Path(target).write_text(
    f'/* Made from {pathlib.Path(source).name}. */\n#include "catalog/internal.h"\n'
    f"\nconst char {name}[] =\n{quoted};\nconst int {name}_version = {version};\n")
