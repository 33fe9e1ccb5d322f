#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Adds up the results of all test runners: summary.py DIRECTORY.

Reads lint.txt (lines "NAME: ok" or "NAME: FAILED"), unit.xml and integration.xml (JUnit). A
result that is missing counts as a failure: a runner that died ran nothing.
"""
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


def main(directory):
    readers = {"lint.txt": lint, "unit.xml": junit, "integration.xml": junit}
    counts = {"passed": 0, "failed": 0, "skipped": 0}
    for file, reader in readers.items():
        path = pathlib.Path(directory, file)
        try:
            results = list(reader(path))
        except (OSError, ET.ParseError, ValueError) as e:
            results = [(f"{file}: {e}", "failed")]
        for name, result in results:
            counts[result] += 1
            if result == "failed":
                print(f"failed: {name}")
    skipped = f", {counts['skipped']} skipped" if counts["skipped"] else ""
    print(f"{counts['passed']} passed, {counts['failed']} failed{skipped}")
    return 1 if counts["failed"] or not counts["passed"] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
