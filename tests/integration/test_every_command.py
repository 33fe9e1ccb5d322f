# SPDX-License-Identifier: MIT
"""What holds for every command: output that cannot be written, questions that nobody answers, Ctrl-C."""

import os
import signal
import subprocess
import time

import pytest
from cli_fixtures import desk, listing  # noqa: F401
from test_schemas import RUNS, command_of

ASKING = ["backup delete ID", "rollback ID-OPTION", "rollback execute ID",
          "migrate --schema wanted.sql --database shop"]


def run(desk, program, words, stdout):
    return subprocess.run([program("mysql-schema-sync"), *words], env=desk.env, cwd=desk.path,
                          stdin=subprocess.DEVNULL, stdout=stdout, stderr=subprocess.PIPE,
                          text=True, timeout=60)


def one_of_each(listing):
    """A line for each command that writes data and changes nothing."""
    chosen = {}
    for status, line in RUNS:
        name = command_of(line, listing)
        (c,) = [c for c in listing if c["name"] == name]
        # Files, or nothing when there is nothing to do, instead of standard output.
        other = name.endswith((" export", " import", " partial-recovery", " rotate", " delete"))
        if status == 0 and (not c["changes"] or "--dry-run" in line) and not other:
            chosen.setdefault(name, line)
    for name in ("help", "config", "completion bash", "backup export ID --output -"):
        chosen.setdefault(name, name)
    return chosen.values()


def test_a_full_disk_is_noticed(desk, program, listing):
    lines = list(one_of_each(listing))
    assert len(lines) > 25
    for line in lines:
        for form in ([], ["--format", "json"]) if "backup list" in line else ([],):
            with open("/dev/full", "w") as full:
                done = run(desk, program, [*desk.words(line), *form], full)
            assert done.returncode == 1, f"{line}: {done.stderr}"
            assert "no space left on device" in done.stderr, f"{line}: {done.stderr}"


def test_a_closed_pipe_is_noticed(desk, program, listing):
    for line in list(one_of_each(listing))[::3]:
        read, write = os.pipe()
        os.close(read)
        done = run(desk, program, desk.words(line), write)
        os.close(write)
        assert done.returncode == 1, f"{line}: {done.stderr}"
        assert "broken pipe" in done.stderr, f"{line}: {done.stderr}"


def test_every_command_that_asks_is_tried(listing):
    assert {c["name"] for c in listing if c["asks"]} == {command_of(line, listing) for line in ASKING}


@pytest.mark.parametrize("line", ASKING)
def test_no_answer_is_a_refusal(desk, line):
    before = desk.json("backup", "list", "--status", "all")
    done = desk.run(*desk.words(line), status=3)
    assert "--yes" in done.stderr
    assert done.stdout == ""
    assert desk.json("backup", "list", "--status", "all") == before


@pytest.mark.parametrize("line", ASKING[:3])
def test_an_interrupted_question_is_130(desk, program, line):
    process = subprocess.Popen(
        [str(program("mysql-schema-sync")), *desk.words(line)], env=desk.env, cwd=desk.path,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )
    asked = b""
    while not asked.rstrip().endswith((b"?", b"[y/N]", b"go on:")):
        part = os.read(process.stderr.fileno(), 4096)
        assert part, asked
        asked += part
    time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    _, rest = process.communicate(timeout=60)
    assert process.returncode == 130, rest
    assert b"interrupted" in rest
