#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Adds up the results of all test runners: summary.py DIRECTORY.

Reads lint.txt (lines "NAME: ok" or "NAME: FAILED"), unit.xml and integration.xml (JUnit),
and again.xml, if there: the second try of what failed. A result that is missing counts as a
failure: a runner that died ran nothing.
"""
import collections
import pathlib
import re
import sys
import xml.etree.ElementTree as ET


def lint(path):
    verdicts = {"ok": "passed", "FAILED": "failed"}
    found = re.findall(r"^(\w+): (ok|FAILED)$", path.read_text(), re.MULTILINE)
    if not found:
        raise ValueError("no check reported")
    for name, verdict in found:
        yield f"lint {name}", verdicts[verdict]


def junit(path):
    for case in ET.parse(path).iter("testcase"):
        name = f"{case.get('classname')}: {case.get('name')}"
        kinds = {child.tag for child in case}
        if kinds & {"failure", "error"}:
            yield name, "failed"
        elif "skipped" in kinds:
            yield name, "skipped"
        else:
            yield name, "passed"


def read(path, reader):
    try:
        return dict(reader(path))
    except (OSError, ET.ParseError, ValueError) as e:
        return {f"{path.name}: {e}": "failed"}


def main(directory):
    directory = pathlib.Path(directory)
    results = read(directory / "lint.txt", lint)
    for file in ("unit.xml", "integration.xml"):
        results.update(read(directory / file, junit))
    if (directory / "again.xml").exists():
        for name, result in read(directory / "again.xml", junit).items():
            if result == "passed" and results.get(name) == "failed":
                print(f"passed at the second try: {name}")
            results[name] = result
    for name in sorted(name for name, result in results.items() if result == "failed"):
        print(f"failed: {name}")
    counts = collections.Counter(results.values())
    skipped = f", {counts['skipped']} skipped" if counts["skipped"] else ""
    print(f"{counts['passed']} passed, {counts['failed']} failed{skipped}")
    return 1 if counts["failed"] or not counts["passed"] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
