# SPDX-License-Identifier: MIT
"""The user's guides, taken apart: command lines, scripts and configurations in them."""

import pathlib
import re

DOCS = pathlib.Path(__file__).resolve().parents[2] / "docs"
GUIDES = [DOCS / "backup-rollback-guide.md", DOCS / "troubleshooting-guide.md"]
FENCE = re.compile(r"^( *)```(\w*)\n(.*?)^ *```$", re.M | re.S)


def blocks(language):
    """Every fenced block of a language, without its indentation."""
    for guide in GUIDES:
        for indent, name, body in FENCE.findall(guide.read_text()):
            if name == language:
                yield re.sub(rf"^{indent}", "", body, flags=re.M)


def script(name):
    """The script that calls itself so."""
    (found,) = [b for b in blocks("bash") if f"# {name}\n" in b]
    return found


def lines():
    """Every line of a shell block that runs the command by itself, once."""
    seen = {}
    for block in blocks("bash"):
        if block.startswith("#!"):  # scripts are run as a whole
            continue
        for line in block.splitlines():
            command = re.sub(r"^[\d* ]+/usr/local/bin/", "", line.strip())  # of a crontab
            if command.startswith("mysql-schema-sync") or "$(mysql-schema-sync" in command:
                seen[command] = True
    return list(seen)


def configurations():
    return list(blocks("yaml"))
