# SPDX-License-Identifier: MIT
"""Secrets in life: which are configured and needed, rotation, checks."""

import contextlib
import json
import os
import secrets
import signal
import sqlite3
import subprocess
import time

import pytest
from cli_fixtures import shop  # noqa: F401


@pytest.fixture
def keyed(shop, server, home):  # noqa: F811
    """Writes the configuration for a current secret and previous ones; its argument is a file."""

    def write(current, *previous, **more):
        home.write_config(
            server,
            shop,
            backup={
                "storage": {"provider": "local", "local": {"base_path": str(home.store)}},
                "encryption": {
                    "enabled": True,
                    "key_file": str(current),
                    "previous_keys": [str(p) for p in previous],
                    **more,
                },
            },
        )

    return write


@pytest.fixture
def key_file(home):
    def make(name, content=None, mode=0o600):
        path = home.path / name
        path.write_bytes(secrets.token_bytes(32) if content is None else content)
        path.chmod(mode)
        return path

    return make


def create(home):
    return home.json("backup", "create")["backup_id"]


def roles(home, *args):
    return {k["source"] or k["role"]: k for k in home.json("key", "list", *args)}


def test_a_life_with_two_secrets(home, keyed, key_file):
    old, new = key_file("old.key"), key_file("new.key")
    keyed(old)
    ids = [create(home) for _ in range(3)]
    before = home.json("backup", "info", "--backup-id", ids[0])
    assert before["secret_source"] == f"file {old}"

    keyed(new, old)
    listed = roles(home)
    assert listed[f"file {old}"]["backups"] == 3
    assert listed[f"file {new}"] == {
        "role": "current",
        "source": f"file {new}",
        "fingerprint": listed[f"file {new}"]["fingerprint"],
        "backups": 0,
        "in_use_since": None,
        "problem": None,
    }
    dry = home.json("key", "rotate", "--dry-run")
    assert (dry["rotated"], dry["failed"], dry["dry_run"]) == (3, 0, True)
    assert roles(home)[f"file {old}"]["backups"] == 3

    done = home.run("key", "rotate")
    assert "Rotated 3 of 3 backups" in done.stderr
    assert f"No backup in this store needs file {old} any more" in done.stderr
    again = home.json("key", "rotate")
    assert (again["rotated"], again["already_new"]) == (0, 3)
    assert again["previous_not_needed"] == [f"file {old}"]

    keyed(new)
    assert home.json("key", "check")["opened"] == 3
    after = home.json("backup", "info", "--backup-id", ids[0])
    assert after["readable"] and after["secret_source"] == f"file {new}"
    assert after["checksum"] == before["checksum"], "the payload was rewritten"
    home.run("backup", "validate", ids[0])

    keyed(old)
    assert roles(home)["missing"]["backups"] == 3
    assert home.json("backup", "info", ids[0])["secret_available"] is False


def test_the_troubleshooting_guide_finds_the_wrong_secret(home, keyed, key_file):
    right, wrong = key_file("right.key"), key_file("wrong.key")
    keyed(right)
    backup = create(home)
    t = home.json("backup", "test-encryption", "--backup-id", backup)
    assert t["success"] and t["sealed_bytes"] == 1 << 20
    assert t["opened_with"] == f"file {right}"
    needed = t["needs_secret"]

    keyed(wrong)
    done = home.run("backup", "test-encryption", "--backup-id", backup, "--format", "json", status=1)
    t = json.loads(done.stdout)
    assert not t["success"] and t["needs_secret"] == needed
    assert f"encrypted with secret {needed}, which is not configured" in done.stderr
    assert needed in home.run("backup", "info", "--backup-id", backup).stdout
    done = home.run("key", "check", status=1)
    assert f"{backup}: encrypted with secret {needed}" in done.stdout
    assert "1 of 1 backups do not open" in done.stderr


def test_every_source_serves_for_current_and_previous_secrets(home, server, shop, key_file):  # noqa: F811
    """Five secrets in a row, each from another place, each the predecessor of the next."""
    hexes = [secrets.token_hex(32) for _ in range(5)]
    credentials = home.path / "credentials"
    credentials.mkdir(mode=0o700)
    (credentials / "unit").write_text(hexes[3])
    (credentials / "unit").chmod(0o600)
    env = {"FIRST": hexes[0], "CREDENTIALS_DIRECTORY": str(credentials)}
    path = key_file("third.key", hexes[2].encode() + b"\n")
    reading = key_file("fifth.key", hexes[4].encode())
    sources = [
        ({"key_source": "env", "key_env_var": "FIRST"}, "env:FIRST"),
        ({"key_source": "direct", "key": hexes[1]}, f"key:{hexes[1]}"),
        ({"key_source": "file", "key_file": str(path)}, f"file:{path}"),
        ({"key_source": "credential", "key_credential": "unit"}, "credential:unit"),
        ({"key_source": "fd", "key_fd": 9}, "fd:9"),
    ]

    def run(*args):
        # The descriptor is read to its end by each command: a new one each time.
        done = subprocess.run(
            ["sh", "-c", f'exec 9<"{reading}"; exec "$@"', "sh", home.program("mysql-schema-sync")]
            + list(args),
            env={**home.env, **env},
            cwd=home.path,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    previous = []
    for current, as_previous in sources:
        home.write_config(
            server,
            shop,
            backup={
                "storage": {"provider": "local", "local": {"base_path": str(home.store)}},
                "encryption": {"enabled": True, "previous_keys": previous, **current},
            },
        )
        run("backup", "create")
        check = json.loads(run("key", "check", "--format", "json"))
        assert check["opened"] == len(previous) + 1
        previous.append(as_previous)
    assert json.loads(run("key", "rotate", "--format", "json"))["rotated"] == 4
    shown = run("config", "show", "--format", "json") + run("key", "list", "--format", "json")
    assert "key:(secret)" in shown
    assert not [h for h in hexes if h in shown]


def test_secrets_that_cannot_be_relied_on_are_named(home, keyed, key_file):
    good = key_file("good.key")
    keyed(
        good,
        key_file("open.key", mode=0o644),
        key_file("short.key", b"abc"),
        key_file("weak.key", b"0123456789abcdef" * 2),
        home.path / "none.key",
    )
    done = home.run("key", "check", status=1)
    for expected in (
        "open.key has mode 0644, which lets others read it",
        "short.key: encryption key: want 64 hex characters or 32 raw bytes, got 3",
        "weak.key: weak: a pattern that repeats itself",
        "none.key: no such file",
    ):
        assert expected in done.stdout
    assert "4 of the configured secrets cannot be relied on" in done.stderr


def test_a_rotation_that_is_killed_is_finished_by_the_next(home, keyed, key_file):
    files = [key_file("a.key"), key_file("b.key")]
    keyed(files[0])
    ids = {create(home) for _ in range(12)}
    for turn in range(6):
        keyed(files[1], files[0])
        process = subprocess.Popen(
            [home.program("mysql-schema-sync"), "key", "rotate"],
            env=home.env,
            cwd=home.path,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        time.sleep(0.01 + 0.02 * turn)
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert home.json("key", "check")["opened"] == len(ids)
        result = home.json("key", "rotate")
        assert result["rotated"] + result["already_new"] == len(ids)
        keyed(files[1])
        assert home.json("key", "check")["opened"] == len(ids)
        files.reverse()
    # What a killed process was writing has a name of its own until it is a day old.
    names = {n for n in os.listdir(home.store) if not n.startswith(".schemafs")}
    assert names == {name for i in ids for name in (f"{i}.backup", f"{i}.meta")}


def test_another_hosts_lease_is_told_and_left_alone(home, keyed, key_file):
    keyed(key_file("a.key"))
    create(home)
    lease = home.store / "schemafs.lease"
    lease.write_text(
        json.dumps(
            {"token": "t", "work": "cleanup", "host": "db7", "pid": 12, "user": "ops"}
            | {"since": "2026-11-21T09:03:11Z", "machine": "another"}
        )
    )
    for command in (["key", "rotate"], ["backup", "cleanup"]):
        done = home.run(*command, status=1)
        assert "cleanup by ops on host db7 (process 12) since 2026-11-21T09:03:11Z" in done.stderr
        assert "Hint: Try again when that is done." in done.stderr
    create(home)  # does not wait
    home.run("backup", "cleanup", "--dry-run")
    os.utime(lease, (time.time() - 130, time.time() - 130))
    home.run("key", "rotate")
    assert not lease.exists()


def test_an_old_secret_is_complained_about(home, keyed, key_file):
    keyed(key_file("a.key"), rotation_enabled=True, rotation_days=30)
    assert "in use for" not in home.run("backup", "create").stderr
    (catalog,) = (home.path / "state" / "mysql-schema-sync").glob("*.db")
    with contextlib.closing(sqlite3.connect(catalog)) as db, db:
        db.execute("update note set value = value - 31 * 86400 where name like 'secret_since:%'")
    first = home.run("backup", "create").stderr
    assert "has been in use for 31 days" in first and "previous_keys" in first
    # It is written in the backup, too: another host without this catalog learns it.
    catalog.unlink()
    home.run("backup", "list")
    assert "has been in use for 31 days" in home.run("backup", "create").stderr
    keyed(key_file("b.key"), home.path / "a.key", rotation_enabled=True, rotation_days=30)
    assert "in use for" not in home.run("backup", "create").stderr
