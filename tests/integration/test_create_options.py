# SPDX-License-Identifier: MIT
"""Every option of `backup create` does what it says: a table, and the runs over several databases."""

import json
import time
import uuid

import pytest
from cli_fixtures import shop  # noqa: F401

SECRET = "".join(f"{i:02x}" for i in range(7, 39))


@pytest.fixture
def two(server, shop):
    """A second database beside shop."""
    name = "db_" + uuid.uuid4().hex[:8]
    server.sql(f"create database {name}; create table {name}.t (a int)")
    yield name
    server.sql(f"drop database {name}")


def stored(home):
    return sorted(p.name for p in home.store.glob("*")) if home.store.exists() else []


def payload(home, made):
    return (home.store / f"{made['id']}.backup").read_bytes()


OPTIONS = [
    (["--tag", "a=b", "--tag", "c=d"], {"tags": {"a": "b", "c": "d"}}),
    (["-t", "a=b,c"], {"tags": {"a": "b,c"}}),
    (["--tags", "a=b,c=d", "--tag", "e=f"], {"tags": {"a": "b", "c": "d", "e": "f"}}),
    (["--description", "why not"], {"description": "why not"}),
    ([], {"description": "Manual backup", "tags": {}, "encryption_enabled": False}),
    (["--compression", "zstd"], {"compression_type": "ZSTD"}),
    (["--compression", "gzip"], {"compression_type": "GZIP"}),
    (["--compression", "lz4"], {"compression_type": "LZ4"}),
    (["--compression", "none"], {"compression_type": "NONE"}),
    (["--encryption-key", "SECRET"], {"encryption_enabled": True}),
    (["--storage", "local"], {"status": "COMPLETED"}),
    (["--full"], {"status": "COMPLETED"}),
    (["--force"], {"status": "COMPLETED"}),
]


def test_each_option_shows_in_the_backup(shop, home):
    secret = home.path / "secret"
    secret.write_text(SECRET)
    secret.chmod(0o600)
    for options, want in OPTIONS:
        options = [str(secret) if word == "SECRET" else word for word in options]
        made = home.json("backup", "create", *options)
        assert {key: made[key] for key in want} == want, options
        assert made["database_name"] == shop
        told = home.json("backup", "validate", made["id"], env={"BACKUP_ENCRYPTION_KEY": SECRET})
        assert told["valid"], options
        readable = b"create table" in payload(home, made).lower()
        assert readable if "none" in options else not (made["encryption_enabled"] and readable)


WRONG = [
    (["--tag", "novalue"], "not a tag: novalue"),
    (["--tags", "a=b,c"], "not a tag: c"),
    (["--description", "x" * 501], "description of 501 characters, limit 500"),
    (["--compression", "zip"], '--compression: backup.compression.algorithm: "zip" is not one of'),
    (["--storage", "tape"], '"tape" is not one of'),
    (["--output-format", "csv"], '--format: "csv" is not one of'),
    (["--all-databases", "--database", "x"], "--all-databases and --database x"),
]


def test_wrong_values_are_named_and_nothing_is_stored(shop, home):
    for options, message in WRONG:
        done = home.run("backup", "create", *options, status=None)
        assert done.returncode == 2 and message in done.stderr, (options, done.stderr)
    missing = home.run("backup", "create", "--encryption-key", home.path / "nothing", status=None)
    assert missing.returncode != 0 and "nothing" in missing.stderr
    assert stored(home) == []


def test_forms_of_the_output(shop, home):
    assert json.loads(home.run("backup", "create", "--output-format", "json").stdout)["backup_id"]
    yaml = home.run("backup", "create", "--output-format", "yaml").stdout
    assert "\nbackup_id: backup_" in yaml
    compact = home.run("backup", "create", "--output-format", "compact").stdout
    assert compact.startswith("id\tbackup_") or compact.startswith("ID\tbackup_")


def test_several_databases_get_a_backup_each(shop, two, home):
    for words in (["-d", f"{shop},{two}"], ["--database", shop, "--database", two, "-d", shop]):
        made = home.json("backup", "create", *words, "--tag", "night=1")
        assert [(b["database_name"], b["status"]) for b in made] == [
            (shop, "COMPLETED"), (two, "COMPLETED")]  # fmt: skip
        assert all(b["backup_id"] == b["id"] and b["tags"] == {"night": "1"} for b in made)
    assert len(home.json("backup", "list")) == 4
    one = home.json("backup", "create", "--database", f"{two},{two}")
    assert one["database_name"] == two


def test_all_databases_but_the_servers_own(own_server, home):
    own_server.sql("create database b; create database a; create table a.t (x int);"
                   "create database _mss_scratch_0123456789abcdef")  # fmt: skip
    home.write_config(own_server, "")
    made = home.json("backup", "create", "--all-databases")
    assert [b["database_name"] for b in made] == ["a", "b"]
    told = home.run("backup", "create", "--all-databases")
    assert "Backups of 2 databases taken." in told.stderr
    own_server.sql("drop database b")
    assert [b["database_name"] for b in home.json("backup", "create", "--all-databases")] == ["a"]
    own_server.sql("drop database a")
    none = home.run("backup", "create", "--all-databases", status=1)
    assert "the account sees no database but the server's own" in none.stderr


def test_one_that_fails_is_named_and_the_others_go_on(shop, two, home):
    words = ["backup", "create", "--database", f"{shop},nowhere,{two}"]
    done = home.run(*words, "--format", "json", status=1)
    made = json.loads(done.stdout)
    assert [(b["database_name"], b["status"]) for b in made] == [
        (shop, "COMPLETED"), ("nowhere", "FAILED"), (two, "COMPLETED")]  # fmt: skip
    assert "unknown database: nowhere" in made[1]["error"] and "backup_id" not in made[1]
    assert "Error: database nowhere: unknown database: nowhere" in done.stderr
    assert "Error: 1 of 3 backups failed" in done.stderr
    table = home.run(*words, status=1)
    assert "FAILED" in table.stdout and "taken" not in table.stderr


def test_a_dry_run_tells_everything_and_writes_nothing(server, shop, two, home):
    told = home.json("backup", "create", "--dry-run", "--tag", "a=b")
    assert told["dry_run"] and told["database_name"] == shop and told["status"] == "NOT TAKEN"
    assert told["objects"] == {
        "tables": 2, "views": 1, "procedures": 1, "functions": 1, "triggers": 1}  # fmt: skip
    assert told["object_count"] == 6 and told["unchanged_since"] is None
    assert told["storage_location"] == f"local:{home.store}" and told["tags"] == {"a": "b"}
    assert "id" not in told and "backup_id" not in told
    assert stored(home) == [] and home.json("backup", "list", "--status", "failed") == []
    time.sleep(3.1)  # old enough for a fingerprint
    made = home.json("backup", "create")
    assert (made["size"], made["schema_hash"]) == (told["size"], told["schema_hash"])
    before = stored(home)
    again = home.json("backup", "create", "--dry-run")
    assert again["unchanged_since"] == made["id"]
    assert home.json("backup", "create", "--dry-run", "--full")["unchanged_since"] is None
    both = home.json("backup", "create", "--dry-run", "--database", f"{shop},{two},nowhere", status=1)
    assert [b["status"] for b in both] == ["NOT TAKEN", "NOT TAKEN", "FAILED"]
    assert "this was a dry run" in home.run("backup", "create", "--dry-run").stderr
    assert stored(home) == before


def test_a_dry_run_finds_what_would_stop_it(server, shop, home, account):
    user = account(f"SELECT, SHOW VIEW ON {shop}.*")
    told = home.run("backup", "create", "--dry-run", "--user", user, "--format", "json")
    assert "may not see every trigger" in told.stderr
    assert "trigger" not in json.loads(told.stdout)["visible_kinds"]
    home.run("backup", "create", "--dry-run", "--encryption-key", home.path / "none", status=None)
    missing = home.run("backup", "create", "--dry-run", "--encryption-key",
                       home.path / "none", status=None)  # fmt: skip
    assert missing.returncode != 0 and "none" in missing.stderr
    home.run("backup", "create", "--dry-run", "--database", "nowhere", status=1)
    assert stored(home) == [] and home.json("backup", "list", "--status", "failed") == []
