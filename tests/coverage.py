#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What the tests reached, by folder, and the files where most is left: coverage.py SUMMARY.

SUMMARY is what `gcovr --json-summary` wrote. Exits 1 when engine, catalog or fs has less than
95 % of its lines or 85 % of its branches.
"""
import collections
import json
import sys

LINES, BRANCHES = 95.0, 85.0
JUDGED = ("engine", "catalog", "fs")


def share(covered, total):
    return 100.0 * covered / total if total else 100.0


def add_up(files):
    sums = collections.defaultdict(collections.Counter)
    for f in files:
        parts = f["filename"].split("/")
        for folder in {parts[0], "/".join(parts[:-1])}:
            for key in ("line_covered", "line_total", "branch_covered", "branch_total"):
                sums[folder][key] += f[key]
    return sums


def main(path):
    with open(path) as file:
        files = json.load(file)["files"]
    sums = add_up(files)
    short = False
    for folder in sorted(sums):
        s = sums[folder]
        lines = share(s["line_covered"], s["line_total"])
        branches = share(s["branch_covered"], s["branch_total"])
        missed = folder in JUDGED and (lines < LINES or branches < BRANCHES)
        short = short or missed
        print(f"{folder:24} lines {lines:5.1f} %   branches {branches:5.1f} %"
              + (f"   wanted {LINES:.0f} and {BRANCHES:.0f}" if missed else ""))
    print("\nmost lines not reached:")
    for f in sorted(files, key=lambda f: f["line_covered"] - f["line_total"])[:30]:
        print(f"{f['line_total'] - f['line_covered']:5} of {f['line_total']:5}  {f['filename']}")
    return 1 if short else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
