# SPDX-License-Identifier: MIT
"""A backup of a schema that did not change: one query, and a full, independent backup."""

import json
import pathlib
import subprocess
import time

import pytest
from cli_fixtures import CHANGES, SCHEMA, flip_a_byte

PROJECT = pathlib.Path(__file__).resolve().parents[2]
YOUNG_SECONDS = 3.1  # younger tables make no fingerprint
COPIED = "did not change since backup"


@pytest.fixture(scope="module")
def aged(server):
    """Names of databases that are alike, and old enough."""
    names = [f"aged_{i}" for i in range(20)]
    event = "create event e on schedule every 1 day disable do set @a = 1;"
    for name in names:
        server.sql(f"create database {name}; use {name};" + SCHEMA + event)
    time.sleep(YOUNG_SECONDS)
    yield iter(names)
    for name in names:
        server.sql(f"drop database {name}")


@pytest.fixture
def shop(server, aged, home):
    """A database of which there is no backup yet, configured; its name."""
    name = next(aged)
    home.write_config(server, name)
    return name


@pytest.fixture
def first(shop, home):
    """The id of a backup of it."""
    return create(home)


def create(home, *args, copied=False):
    done = home.run("backup", "create", "--format", "json", "--debug", *args)
    assert (COPIED in done.stderr) == copied, done.stderr
    return json.loads(done.stdout)["backup_id"]


def parts(home, id, secret=None):
    command = ["/usr/bin/python3", PROJECT / "contrib/read-backup", home.store / id]
    if secret:
        command += ["--secret-file", secret]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def part(home, id, name):
    command = ["/usr/bin/python3", PROJECT / "contrib/read-backup", home.store / id, "--cat", name]
    return subprocess.run(command, check=True, capture_output=True).stdout


def test_what_did_not_change_is_copied(server, first, shop, home):
    again = create(home, "--tag", "a=b", "--description", "again", copied=True)
    old, new = (home.json("backup", "info", id) for id in (first, again))
    assert (new["tags"], new["description"]) == ({"a": "b"}, "again")
    assert old["checksum"] != new["checksum"]
    for key in ("schema_hash", "size", "server_version", "database_name", "status"):
        assert old[key] == new[key], key
    assert parts(home, first) == parts(home, again)
    home.run("backup", "delete", first, "--force")
    home.run("backup", "validate", again)
    server.sql(CHANGES, shop)
    home.run("rollback", "execute", again, "--force")
    home.run("rollback", "validate", again)
    assert server.value("show create event e", shop)


def test_the_next_auto_increment_values_are_those_of_now(server, first, shop, home):
    server.sql("insert into customers (id, name) values (41, 'b')", shop)
    server.sql("insert into orders (id, customer) values (9, 41)", shop)
    copy = create(home, copied=True)
    full = create(home, "--full")
    assert part(home, copy, "model.json") == part(home, full, "model.json")
    assert b'"auto_increment":"42"' in part(home, copy, "model.json")
    assert b'"auto_increment":"42"' not in part(home, first, "model.json")
    server.sql("set foreign_key_checks = 0; truncate table customers", shop)
    emptied = create(home, copied=True)
    assert b"auto_increment" not in part(home, emptied, "model.json")


@pytest.mark.parametrize(
    "sql",
    [
        "alter table orders comment 'x'",
        "drop view totals",
        "create or replace procedure p() select 2",
        "drop trigger tr",
        "alter event e comment 'x'",
        "alter database collate utf8mb4_bin",
    ],
)
def test_what_changed_is_captured(server, first, shop, home, sql):
    server.sql(sql, shop)
    id = create(home)
    home.run("rollback", "validate", id)
    home.run("schema", "compare", "--from", first, "--to", id, status=4)


def test_full_captures_everything(first, home):
    create(home, "--full")


def test_other_rights_are_another_view(server, first, shop, home, account):
    """What this account could not see must not stand for what it can."""
    user = account("SELECT, SHOW VIEW, PROCESS ON *.*")
    id = create(home, "--user", user)
    assert home.json("backup", "info", id)["object_count"] < 6
    create(home)


def test_a_damaged_backup_is_not_copied(first, home):
    flip_a_byte(home.store / f"{first}.backup")
    id = create(home)
    home.run("backup", "validate", id)


def test_a_missing_backup_is_not_copied(first, home):
    (home.store / f"{first}.meta").unlink()
    home.run("backup", "validate", create(home))


def test_a_copy_is_encrypted_anew(first, home):
    secret = home.path / "secret"
    secret.write_bytes(bytes(range(32)))
    secret.chmod(0o600)
    id = create(home, "--encryption-key", str(secret), copied=True)
    info = home.json("backup", "info", id)
    assert info["encryption_enabled"] is True
    assert parts(home, id, secret) == parts(home, first)
    plain = create(home, "--compression", "gzip")  # without the secret
    assert parts(home, plain) == parts(home, first)
    other = create(home, "--compression", "lz4", copied=True)
    assert home.json("backup", "info", other)["compression_type"] == "LZ4"


def test_views_that_reach_out_are_captured_each_time(server, shop, home):
    """Their text changes when something changes over there."""
    other = f"{shop}_other"
    server.sql(f"create database `{other}`; create table `{other}`.t (a int)")
    try:
        server.sql(f"create view out_there as select a from `{other}`.t", shop)
        create(home)
        create(home)
        server.sql("drop view out_there; create view inside as select count(*) from orders", shop)
        create(home)
        create(home, copied=True)
    finally:
        server.sql(f"drop database `{other}`")


def test_a_server_is_known_by_its_place(server, own_server, shop, home):
    """The same definitions at the same second elsewhere are not the same schema."""
    both = "create database twin; use twin; create table t (a int);"
    server.sql(both)
    own_server.sql(both.replace("a int", "b int"))
    try:
        time.sleep(YOUNG_SECONDS)
        create(home, "-d", "twin")
        id = create(home, "-d", "twin", "--socket", own_server.socket)
        assert b"`b`" in part(home, id, "schema.sql")
    finally:
        server.sql("drop database twin")
