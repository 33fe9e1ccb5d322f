#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The architecture as a test: who may include what, and a few rules of the house.

Prints "path:line: what is wrong" for each finding; exit status 1 if there are any.
"""

import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]

# A layer and the layers that it may include. Imports point down only.
BASE = 'engine/base'
CONFIG = 'engine/config'
SCHEMA = 'engine/schema'
CODEC = 'engine/codec'
STORE = 'engine/store'
SERVER = 'engine/server'
REPO = 'engine/repo'
CATALOG = 'catalog'
LAYERS = {
    BASE: (),
    CONFIG: (BASE,),
    SCHEMA: (BASE,),
    CODEC: (BASE,),
    CATALOG: (BASE,),
    STORE: (BASE, CONFIG, CODEC),
    SERVER: (BASE, CONFIG, SCHEMA),
    REPO: (BASE, CONFIG, SCHEMA, CODEC, STORE, SERVER, CATALOG),
    'fs': (BASE, CONFIG, SCHEMA, CATALOG, REPO),
    'cli': (BASE, CONFIG, SCHEMA, CATALOG, REPO),
}

# Code outside of the layers, which may include them all.
OUTSIDE = ('tests/', 'contrib/')

# A library's headers and the one place where they may be included.
HOMES = (
    (r'sqlite3(ext)?\.h', 'catalog/'),
    (r'(mysql|mariadb)([/_].*)?\.h|mysqld_error\.h|errmsg\.h', 'engine/server/'),
    (r'curl/.*', 'engine/store/http.c'),
    (r'expat.*\.h', 'engine/store/'),
    (r'openssl/.*', 'engine/codec/'),
    (r'zstd.*\.h|zlib\.h|lz4.*\.h', 'engine/codec/'),
    (r'fuse.*', 'fs/'),
    (r'jansson\.h', 'engine/base/json.c'),
    (r'ut(hash|list|array|string)\.h', 'engine/base/map.c'),
    (r'yaml\.h', 'engine/config/'),
    (r'libsmartcols(/.*)?\.h', 'cli/'),
    (r'archive.*\.h', 'engine/repo/'),
)

BANNED = re.compile(r'\b(strcpy|strcat|sprintf|strncpy|strtok|atoi|gets|alloca)\s*\(')
GOTO = re.compile(r'\bgoto\b')
INCLUDE = re.compile(r'\s*#\s*include\s*([<"])([^>"]+)[>"]')
# Comments and literals: kept as empty lines, so that line numbers stay true.
NO_CODE = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)

LINES_MAX = 800
SPDX = 'SPDX-License-Identifier: MIT'


def source_files():
    """Every file of the project, also those that are not committed yet."""
    command = ['git', '-C', str(ROOT), 'ls-files', '-z', '-co', '--exclude-standard']
    try:
        listed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        names = set(filter(None, listed.split('\0')))
    except (OSError, subprocess.CalledProcessError):  # a release without a repository
        names = {str(p.relative_to(ROOT)) for p in ROOT.rglob('*')}
    return sorted(name for name in names if (ROOT / name).is_file())


def layer_of(path):
    """The layer of a file or of an included header; None when it is in none."""
    folder = path.rpartition('/')[0]
    for layer in LAYERS:
        if folder == layer or folder.startswith(layer + '/'):
            return layer
    return None


def check_include(path, layer, quote, target):
    """What is wrong with one #include, or None."""
    if quote == '<':
        for pattern, home in HOMES:
            if re.fullmatch(pattern, target) and not path.startswith(home):
                return f'<{target}> belongs to {home} only'
        return None
    wanted = layer_of(target)
    if wanted is None:
        return f'"{target}" is no path from the root to a header of a layer'
    if wanted != layer and wanted not in LAYERS[layer]:
        return f'{layer} may not include {wanted} ("{target}")'
    return None


def check_c(path, text):
    """Findings in a C file as (line, what)."""
    code = NO_CODE.sub(lambda m: '\n' * m.group().count('\n') or ' ', text)
    for number, line in enumerate(code.split('\n'), 1):
        if match := BANNED.search(line):
            yield number, f'{match[1]}() is banned'
        if GOTO.search(line):
            yield number, 'goto: let resources release themselves'
    if path.startswith(OUTSIDE):
        return
    layer = layer_of(path)
    if layer is None:
        yield 1, 'this folder is no layer: see LAYERS in tests/lint/layers.py'
        return
    for number, line in enumerate(text.split('\n'), 1):
        if match := INCLUDE.match(line):
            wrong = check_include(path, layer, match[1], match[2])
            if wrong:
                yield number, wrong


def check(path):
    """All findings in one file."""
    name = path.rpartition('/')[2]
    suffix = pathlib.Path(name).suffix
    if suffix not in ('.c', '.h', '.py', '.sh') and name != 'meson.build':
        return
    text = (ROOT / path).read_text(encoding='utf-8', errors='replace')
    lines = text.split('\n')
    if suffix in ('.c', '.h', '.py') and text.count('\n') > LINES_MAX:
        yield LINES_MAX + 1, f'{text.count(chr(10))} lines, limit {LINES_MAX}'
    if SPDX not in '\n'.join(lines[:2] if lines[0].startswith('#!') else lines[:1]):
        yield 1, f'no {SPDX}'
    if suffix in ('.c', '.h'):
        yield from check_c(path, text)


def main():
    findings = 0
    for path in source_files():
        for number, what in check(path):
            print(f'{path}:{number}: {what}')
            findings += 1
    return 1 if findings else 0


if __name__ == '__main__':
    sys.exit(main())
