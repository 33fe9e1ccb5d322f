# SPDX-License-Identifier: MIT
"""Every option of every command with values that it cannot have, made from the tables of commands.

Each is exit status 2, a message that names the value and what is allowed, at most three lines,
no usage dump, and nothing done.
"""

import json
import subprocess
from concurrent.futures import ThreadPoolExecutor

import pytest
from conftest import Home

# Wrong values of options that set a key of the configuration, which checks them.
OF_KEYS = {
    "port": ["0", "65536", "ten", ""],
    "timeout": ["never", "-1s"],
    "compression": ["rar", ""],
    "storage": ["tape"],
    "theme": ["pink"],
    "table-style": ["round"],
    "max-table-width": ["ten", "39", "301"],
    "max-age": ["x", "-1d"],
    "max-backups": ["x", "-1"],
    "source-port": ["0", "x"],
    "target-port": ["70000", "x"],
}
# Wrong values of options that take text.
OF_TEXTS = {
    "backup-id": ["no/such", "..", ""],
    "tag": ["a b=c", "", "=x"],
    "tags": ["a b=c", "x=1,=2"],
    "database": [""],
    "description": ["x" * 501],
    "file": [""],
    "output": [""],
    "destination": [""],
    "columns": ["nme", "", "+nme"],
    "sample": ["x", "-1", "101%"],
}


@pytest.fixture(scope="module")
def desk(tmp_path_factory, program):
    path = tmp_path_factory.mktemp("wrong") / "home"
    path.mkdir(mode=0o700)
    h = Home(path, program)
    h.config.write_text(json.dumps({
        "target": {"host": "127.0.0.1", "port": 1, "username": "root", "database": "shop"},
        "backup": {"storage": {"provider": "local", "local": {"base_path": str(h.store)}}},
    }))
    h.config.chmod(0o600)
    return h


@pytest.fixture(scope="module")
def commands(program):
    done = subprocess.run([program("mysql-schema-sync"), "__commands"], capture_output=True, check=True)
    return [c for c in json.loads(done.stdout) if not c["hidden"]]


def values(o):
    """Wrong values of an option, with what the message must say."""
    if o["type"] == "int":
        allowed = f"number from {o['min']} to {o['max']}"
        return [(v, allowed) for v in ("ten", "1.5", str(o["min"] - 1), str(o["max"] + 1))]
    if o["type"] == "choice":
        return [(v, "is not one of " + ", ".join(o["choices"])) for v in ("xyzzy", "")]
    if o["type"] == "time":
        return [(v, "is not a time") for v in ("soon", "2026-02-30", "-7d")]
    if o["type"] == "config":
        return [(v, "") for v in OF_KEYS.get(o["name"], [])]
    return [(v, "") for v in OF_TEXTS.get(o["name"], [])]


def own_options(commands):
    """Each option of each command, and what is the same for all of them once."""
    seen = set()
    for c in commands:
        for o in c["options"]:
            key = json.dumps(o)
            if key not in seen:
                seen.add(key)
                yield c, o


def required(c, option):
    """The words without which a command says that they are missing; one may be the option's."""
    return ["latest" for a in c["args"] if not a["optional"] and option not in ("backup-id", "file")]


def cases(commands):
    """(words, what the message must say)"""
    for c, o in own_options(commands):
        words, name = [*c["name"].split(), *required(c, o["name"])], "--" + o["name"]
        if not o["takes_value"]:
            yield [*words, name + "=x"], [f"{name} takes no value"]
            continue
        if o["needs_value"]:
            yield [*words, name], [f"{name} needs a value"]
        for value, allowed in values(o):
            yield [*words, f"{name}={value}"], [f'{name}: "{value}"', allowed] if allowed else []
    for c in commands:
        words = [*c["name"].split(), *required(c, None)]
        typo = f"--{c['options'][0]['name']}qq"
        yield [*words, typo], [f"unknown option: {typo}", "Did you mean --" if len(typo) > 7 else "Hint: "]
        yield [*words, "-Z"], ["unknown option: -Z", f"help {c['name']}"]
        if not any(a["rest"] for a in c["args"]):
            yield [*c["name"].split(), *["latest"] * len(c["args"]), "surplus"], ["surplus"]
        for a in c["args"]:
            if not a["optional"]:
                yield c["name"].split(), [f"{a['name']} is missing"]
                yield [*c["name"].split(), ""], [f"{a['name']} is empty"]


def problem(desk, words, says):
    done = desk.run(*words, status=None)
    lines = done.stderr.splitlines()
    if done.returncode != 2:
        return f"exit status {done.returncode}: {done.stderr[:200]}{done.stdout[:100]}"
    if done.stdout or not lines or not lines[0].startswith("Error: ") or len(lines) > 3:
        return f"talk: {done.stdout[:100]} {done.stderr[:300]}"
    missing = [s for s in says if s not in done.stderr]
    return f"does not say {missing}: {done.stderr}" if missing else None


def test_every_wrong_value_is_refused(desk, commands):
    all_of_them = list(cases(commands))
    assert len(all_of_them) > 300
    with ThreadPoolExecutor(4) as pool:
        found = pool.map(lambda case: problem(desk, *case), all_of_them)
    wrong = [f"{' '.join(words)[:100]}: {p}" for (words, _), p in zip(all_of_them, found) if p]
    assert not wrong, "\n".join(wrong)
