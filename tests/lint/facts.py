# SPDX-License-Identifier: MIT
"""Is everything there that docs/server-facts.md names? Says what is not, and exits 1."""

import pathlib
import re
import sys

PROJECT = pathlib.Path(__file__).resolve().parents[2]
FACTS = PROJECT / "docs/server-facts.md"
FOLDERS = {".py": "tests/integration", ".c": "tests/unit"}


def has_pair(number):
    pairs = (PROJECT / "tests/golden/plan").glob(f"{number}-*")
    return any((p / "from.sql").exists() and (p / "to.sql").exists() for p in pairs)


def has_test(file, name):
    path = PROJECT / FOLDERS[pathlib.Path(file).suffix] / file
    return path.exists() and re.search(rf"\b{name}\(", path.read_text()) is not None


def is_there(reference):
    if reference == "limits":
        return (PROJECT / "docs/limits.md").exists()
    if reference.startswith("plan/"):
        return has_pair(reference.removeprefix("plan/"))
    return has_test(*reference.split("::"))


def problems():
    for number, line in enumerate(FACTS.read_text().splitlines(), 1):
        if not line.startswith("|") or line.startswith(("|---", "| fact ", "| wish ")):
            continue
        references = re.findall(r"`([^`]+)`", line.split("|")[2])
        if not references:
            yield f"{number}: nothing shows it"
        yield from (f"{number}: no {r}" for r in references if not is_there(r))


def main():
    found = list(problems())
    for problem in found:
        print(f"docs/server-facts.md:{problem}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
