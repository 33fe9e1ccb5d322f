#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Documents that are made from the code: docs/where.md and docs/errors.md.

    tests/lint/documents.py            are they up to date?
    tests/lint/documents.py --update   make them so
"""

import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
FOLDERS = ('engine/base', 'engine/config', 'engine/schema', 'engine/codec', 'engine/store',
           'engine/server', 'catalog', 'engine/repo', 'fs', 'cli')
# "name: what it is" at the top of a file, up to the end of its first sentence.
TOP = re.compile(r'\A/\* SPDX[^\n]*\n/\*\s*(?:\n \* )?([\w ,.]+): (.+?)(?:\*/|\n \*\s*\n|\n \*/)', re.S)
UPDATE = 'run tests/lint/documents.py --update'


def sources():
    listed = subprocess.run(['git', '-C', str(ROOT), 'ls-files', '-co', '--exclude-standard'],
                            check=True, capture_output=True, text=True).stdout.split('\n')
    return [pathlib.Path(p) for p in sorted(set(listed)) if p.endswith(('.c', '.h'))]


def purpose(path):
    match = TOP.match((ROOT / path).read_text())
    if not match:
        return None
    text = re.sub(r'\s*\n \*\s*', ' ', match[2]).strip()
    return re.split(r'(?<=[.:])\s', text)[0].rstrip('.:')


def where():
    """Every module with the first sentence of its header, or of its .c file."""
    lines = ['# Where things are', '',
             f'Made from the comments at the top of the files; {UPDATE}.', '']
    files = sources()
    for folder in FOLDERS:
        modules = {}
        for path in files:
            if str(path.parent) == folder and (ROOT / path).exists():
                text = purpose(path)
                if text and (path.suffix == '.h' or path.stem not in modules):
                    modules[path.stem] = (path, text)
        lines += [f'## {folder}', '', '| file | what it is |', '|---|---|']
        for path, text in (modules[name] for name in sorted(modules)):
            lines.append(f'| `{path.name}` | {text.replace("|", chr(92) + "|")} |')
        lines.append('')
    return '\n'.join(lines)


def errors():
    """The table of error.c with the comments of error.h."""
    header = (ROOT / 'engine/base/error.h').read_text()
    table = (ROOT / 'engine/base/error.c').read_text()
    meanings = dict(re.findall(r'\t(ERR_\w+),\s+/\* (.+?) \*/', header))
    rows = re.findall(r'\[(ERR_\w+)\]\s+= \{ "(\w+)",\s+(\w+),\s+(\d+) \}', table)
    lines = ['# Errors', '',
             f'Made from `engine/base/error.c`; {UPDATE}.', '',
             'A command that fails prints `Error: what: why` and mostly a `Hint:` on stderr, and ends',
             'with the status below; the mount answers the kernel with the errno.', '',
             '| code | meaning | exit status | errno |', '|---|---|---|---|']
    for code, name, number, status in rows:
        if code != 'ERR_NONE':
            lines.append(f'| `{name}` | {meanings[code]} | {status} | {number} |')
    lines += ['', 'A comparison that finds differences ends with 4, an invalid backup with 1.', '']
    return '\n'.join(lines)


DOCUMENTS = {'docs/where.md': where, 'docs/errors.md': errors}


def main(update):
    status = 0
    for name, make in DOCUMENTS.items():
        path = ROOT / name
        text = make()
        if update:
            path.write_text(text)
        elif not path.exists() or path.read_text() != text:
            print(f'{name}: not up to date; {UPDATE}')
            status = 1
    return status


if __name__ == '__main__':
    sys.exit(main('--update' in sys.argv[1:]))
