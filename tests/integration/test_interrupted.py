# SPDX-License-Identifier: MIT
"""Ctrl-C at moments spread over the run of a command that changes something: it ends with 130, and
nothing is half done.
"""

import os
import signal
import subprocess
import time

import pytest
from conftest import Home

MOMENTS = 12 if os.environ.get("NIGHTLY") else 2
TABLES = 60 if os.environ.get("NIGHTLY") else 15


@pytest.fixture(scope="module")
def desk(tmp_path_factory, program, server):
    """A database with many tables, and two backups of it; the second differs."""
    path = tmp_path_factory.mktemp("interrupted") / "home"
    path.mkdir(mode=0o700)
    h = Home(path, program)
    h.server, h.database = server, "interrupted"
    server.sql("drop database if exists interrupted; create database interrupted")
    server.sql("".join(f"create table t{i} (id int primary key, a varchar(40), key (a));" for i in range(TABLES)),
               h.database)
    storage = {"provider": "local", "local": {"base_path": str(h.store)}}
    h.write_config(server, h.database, backup={"storage": storage, "retention": {"max_backups": 3}})
    h.first = h.json("backup", "create", "--tag", "protected=true")["backup_id"]
    yield h
    server.sql("drop database if exists interrupted")


def run(desk, words, delay):
    """Its exit status when it is interrupted after so many seconds, and how long it ran."""
    began = time.monotonic()
    process = subprocess.Popen([str(desk.program("mysql-schema-sync")), *words], env=desk.env, cwd=desk.path,
                               stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        process.wait(delay)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGINT)
    _, talk = process.communicate(timeout=60)
    # Before it listens, the signal itself ends it: a shell calls that 130, too.
    status = 130 if process.returncode == -signal.SIGINT else process.returncode
    assert status in (0, 130), talk
    assert status == 0 or talk == "" or "interrupted" in talk, talk
    return status, time.monotonic() - began


def spread(desk, words, before=lambda: None):
    """The exit statuses of runs that are interrupted ever later, with what was done checked by the caller."""
    before()
    _, whole = run(desk, words, 60)
    for i in range(MOMENTS):
        before()
        yield run(desk, words, whole * (i + 0.5) / MOMENTS)[0]


def files(desk):
    return {path.name for path in desk.store.iterdir()}


def assert_store_is_whole(desk):
    names = files(desk)
    assert {n[:-7] for n in names if n.endswith(".backup")} == {n[:-5] for n in names if n.endswith(".meta")}
    assert all(n.endswith((".backup", ".meta")) for n in names), names
    desk.run("backup", "validate-all")


def test_create(desk):
    for status in spread(desk, ["backup", "create", "--full"]):
        assert_store_is_whole(desk)
        for b in desk.json("backup", "list", "--status", "all"):
            assert b["status"] in ("COMPLETED", "FAILED")


def test_cleanup(desk):
    def fill():
        for _ in range(4):
            desk.run("backup", "create")

    for status in spread(desk, ["backup", "cleanup"], fill):
        assert_store_is_whole(desk)
        assert desk.first in {b["id"] for b in desk.json("backup", "list")}
    desk.run("backup", "cleanup")  # no lease stands in the way


def test_export(desk):
    out = desk.path / "out.tar.gz"
    want = desk.path / "want.tar.gz"
    desk.run("backup", "export", desk.first, "--output", want)
    for status in spread(desk, ["backup", "export", desk.first, "--output", str(out)], lambda: out.unlink(True)):
        assert out.exists() == (status == 0) or out.read_bytes() == want.read_bytes()
        assert {p.name for p in desk.path.glob("*out.tar.gz*")} <= {"out.tar.gz"}


@pytest.mark.parametrize("words", [["rollback", "execute", "FIRST", "--yes"],
                                   ["migrate", "--backup-id", "FIRST", "--yes"]])
def test_a_changed_schema_comes_back_in_the_end(desk, words):
    words = [desk.first if word == "FIRST" else word for word in words]

    def change():
        desk.server.sql("".join(f"alter table t{i} drop column a;" for i in range(0, TABLES, 3))
                        + "create table extra (a int);", desk.database)

    def restore_and_change():
        desk.run("rollback", "execute", desk.first, "--yes", "--no-proof", "--no-backup")
        change()

    for status in spread(desk, words, restore_and_change):
        if status == 0:
            desk.run("rollback", "validate", desk.first)
            continue
        done = desk.run(*words)
        assert "equals" in done.stderr or "already matches" in done.stderr
        desk.run("rollback", "validate", desk.first)
        scratch = [n for (n,) in desk.server.sql("show databases") if n.startswith("_mss_scratch")]
        assert scratch == []
