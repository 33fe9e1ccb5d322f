#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""generated.py [--update] FILE PROGRAM [ARGUMENT...]: is FILE what PROGRAM prints?

Prints the difference and ends with 1 when it is not; --update rewrites FILE instead.
"""
import difflib
import pathlib
import subprocess
import sys


def main(arguments: list[str]) -> int:
    update = arguments[:1] == ["--update"]
    path, *command = arguments[update:]
    file = pathlib.Path(path)
    want = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    if update:
        file.write_text(want)
        return 0
    have = file.read_text() if file.exists() else ""
    difference = list(difflib.unified_diff(
        have.splitlines(True), want.splitlines(True), path, "generated"))
    sys.stdout.writelines(difference)
    if difference:
        print(f"{path} is out of date: generated.py --update {path} {' '.join(command)}")
    return 1 if difference else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
