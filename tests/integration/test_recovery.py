# SPDX-License-Identifier: MIT
"""When something was lost: scanning the store, rebuilding the catalog, saving what can be saved."""

import json
import os
import random
import re
import subprocess
import time

import pytest
from cli_fixtures import backup, flip_a_byte, shop  # noqa: F401

DAY = 86400


def catalog_of(home):
    (path,) = (home.path / "state" / "mysql-schema-sync").glob("*.db")
    return path


def drop_catalog(home):
    for path in (home.path / "state" / "mysql-schema-sync").iterdir():
        path.unlink()


def scan(home, *options, status=0):
    return json.loads(home.run("backup", "recovery-scan", *options, "--format", "json",
                               status=status).stdout)


def found(report):
    return sorted((f["kind"], f["name"]) for f in report["found"])


def age(path, seconds):
    then = time.time() - seconds
    os.utime(path, (then, then))


def test_a_sound_store_has_nothing_to_tell(home, backup):
    report = scan(home)
    assert (report["backups"], report["listed"], report["found"]) == (1, 1, [])
    done = home.run("backup", "recovery-scan")
    assert done.stderr == "Store and catalog agree.\n"
    assert "ERROR" not in done.stdout and "FAIL" not in done.stdout


def test_a_lost_catalog_is_made_anew(home, backup):
    others = {home.json("backup", "create")["backup_id"] for _ in range(2)} | {backup}
    drop_catalog(home)
    assert found(scan(home)) == sorted(("unlisted", id) for id in others)
    report = scan(home, "--rebuild", "--all")
    assert found(report) == sorted(("unlisted", id) for id in others)
    assert report["listed"] == 3 and all(f["mended"] for f in report["found"])
    assert found(scan(home)) == []
    assert {b["id"] for b in home.json("backup", "list")} == others


@pytest.mark.parametrize("where", ["header", "pages"])
def test_a_damaged_catalog_is_kept_and_made_anew(home, backup, where):
    path = catalog_of(home)
    content = bytearray(path.read_bytes())
    first, last = (0, 100) if where == "header" else (len(content) // 2, len(content))
    content[first:last] = b"\xa5" * (last - first)
    path.write_bytes(content)
    for suffix in ("-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    if where == "pages":
        assert found(scan(home, status=1))[0] == ("catalog", str(path))
    report = scan(home, "--rebuild")
    assert report["backups"] == report["listed"] == 1
    assert path.with_name(path.name + ".old").exists()
    assert home.json("backup", "list")[0]["id"] == backup
    assert found(scan(home)) == []


def test_each_kind_of_loss_is_told(home, backup):
    ids = [home.json("backup", "create")["backup_id"] for _ in range(4)]
    home.run("backup", "list")
    (home.store / f"{ids[0]}.backup").unlink()
    (home.store / f"{ids[1]}.meta").unlink()
    flip_a_byte(home.store / f"{ids[2]}.meta")
    cut = home.store / f"{ids[3]}.backup"
    cut.chmod(0o600)
    cut.write_bytes(cut.read_bytes()[:100])
    (home.store / "README.txt").write_text("ours")
    (home.store / ".schemafs-tmp-0123456789abcdef").write_text("half")
    report = scan(home, "--all", status=1)
    assert found(report) == sorted([
        ("no-payload", ids[0]), ("gone", ids[1]), ("orphan", ids[1]), ("length", ids[3]),
        ("foreign", "README.txt"), ("temporary", ".schemafs-tmp-0123456789abcdef"),
    ]), "the catalog has not yet looked at the damaged envelope"
    report = scan(home, "--rebuild", status=1)
    kinds = dict((name, kind) for kind, name in found(report) if kind != "gone")
    assert kinds[ids[2]] in ("closed", "corrupted")
    assert (home.store / "README.txt").read_text() == "ours"


def test_orphans_go_when_asked_and_old(home, backup):
    old, young = (home.json("backup", "create")["backup_id"] for _ in range(2))
    for id in (old, young):
        (home.store / f"{id}.meta").unlink()
    age(home.store / f"{old}.backup", 2 * DAY)
    report = scan(home)
    assert (home.store / f"{old}.backup").exists()
    report = scan(home, "--fix")
    assert report["freed_bytes"] > 0
    assert not (home.store / f"{old}.backup").exists()
    assert (home.store / f"{young}.backup").exists()
    assert ("orphan", young) in found(scan(home))
    assert [b["id"] for b in home.json("backup", "list")] == [backup]


def test_a_rebuild_remembers_what_was_found_wrong(home, backup):
    flip_a_byte(home.store / f"{backup}.backup")
    home.run("backup", "validate", backup, status=1)
    report = scan(home, "--rebuild", status=1)
    assert found(report) == [("corrupted", backup)]
    assert re.search("checksum mismatch", report["found"][0]["text"])
    assert home.json("backup", "info", backup)["status"] == "CORRUPTED"


def test_scanning_needs_neither_secret_nor_server(server, home, shop):
    storage = {"provider": "local", "local": {"base_path": str(home.store)}}
    encryption = {"enabled": True, "key_source": "env"}
    home.write_config(server, shop, backup={"storage": storage, "encryption": encryption})
    secret = {"BACKUP_ENCRYPTION_KEY": "0123456789abcdef" * 4}
    id = home.json("backup", "create", env=secret)["backup_id"]
    drop_catalog(home)
    home.write_config(server, shop, backup={"storage": storage, "encryption": encryption},
                      target={"host": "127.0.0.1", "port": 1})
    report = scan(home, "--rebuild", status=1)
    assert ("closed", id) in found(report)
    report = json.loads(home.run("backup", "recovery-scan", "--rebuild", "--format", "json",
                                 env=secret).stdout)
    assert [f["kind"] for f in report["found"]] == []


def recover(home, id, *options, status=0, env=None):
    return json.loads(home.run("backup", "partial-recovery", "--backup-id", id, *options,
                               "--format", "json", status=status, env=env).stdout)


def change(path, at, size=1):
    content = bytearray(path.read_bytes())
    for i in range(at, min(at + size, len(content))):
        content[i] ^= 0x55
    path.chmod(0o600)
    path.write_bytes(content)


@pytest.fixture
def large(server, shop, home):
    """A backup over many chunks: tables with names and comments that do not compress."""
    chance = random.Random(7)
    for i in range(40):
        comments = ", ".join(
            f"c{n} int comment '{chance.randbytes(400).hex()}'" for n in range(6))
        server.sql(f"create table t{i:02} ({comments})", shop)
    return home.json("backup", "create")["backup_id"]


def test_a_whole_backup_is_recovered_whole(server, home, shop, backup):
    done = recover(home, backup, "--output", home.path / "out")
    assert done["lost"] == 0 and done["script"] == "whole"
    assert "CREATE TABLE `orders`" in (home.path / "out/objects/tables/orders.sql").read_text()
    home.run("backup", "partial-recovery", backup, "--output", home.path / "out", status=1)
    home.run("backup", "partial-recovery", "backup_20200101_000000_00000000", status=1)


@pytest.mark.parametrize("where", ["middle", "end", "cut", "head"])
def test_what_is_whole_is_saved_and_right(server, home, shop, large, where):
    good = home.path / "good"
    recover(home, large, "--output", good)
    path = home.store / f"{large}.backup"
    size = path.stat().st_size
    if where == "cut":
        path.chmod(0o600)
        path.write_bytes(path.read_bytes()[: size * 3 // 4])
    else:
        change(path, {"middle": size // 2, "end": size - 5, "head": 20}[where], 4)
    done = recover(home, large, "--output", home.path / "out", status=0 if where == "head" else 1)
    saved = [f["name"] for f in done["files"] if f["state"] == "saved"]
    lost = [f["name"] for f in done["files"] if f["state"] == "lost"]
    assert len(saved) >= 10 and (where == "head") == (lost == [])
    for name in saved:
        assert (home.path / "out" / name).read_bytes() == (good / name).read_bytes()
    for name in lost:
        assert name == "schema.sql" or not (home.path / "out" / name).exists()
    report = (home.path / "out" / "RECOVERY.txt").read_text()
    assert all(f"lost  {name}" in report for name in lost)


def test_the_script_of_what_was_saved_loads(server, home, shop, large):
    path = home.store / f"{large}.backup"
    size = path.stat().st_size
    for at in range(size // 3, size // 3 + 40000, 16400):
        change(path, at)
    done = recover(home, large, "--output", home.path / "out", status=1)
    assert done["script"] in ("made", "whole")
    server.sql("create database recovered")
    try:
        subprocess.run(["mariadb", "--no-defaults", f"--socket={server.socket}", "-uroot",
                        "recovered"], input=(home.path / "out" / "schema.sql").read_bytes(),
                       check=True)
        tables = {row[0] for row in server.sql("show full tables where table_type='BASE TABLE'",
                                               "recovered")}
        saved = {f["name"].split("/")[-1][:-4] for f in done["files"]
                 if f["state"] == "saved" and f["name"].startswith("objects/tables/")}
        assert saved <= tables
    finally:
        server.sql("drop database recovered")


def test_without_envelope_only_what_is_not_encrypted_is_saved(server, home, shop, backup):
    (home.store / f"{backup}.meta").unlink()
    done = recover(home, backup, "--output", home.path / "plain")
    assert done["lost"] == 0 and done["envelope"] is False
    storage = {"provider": "local", "local": {"base_path": str(home.store)}}
    encryption = {"enabled": True, "key_source": "env"}
    home.write_config(server, shop, backup={"storage": storage, "encryption": encryption})
    secret = {"BACKUP_ENCRYPTION_KEY": "0123456789abcdef" * 4}
    id = home.json("backup", "create", env=secret)["backup_id"]
    home.run("backup", "partial-recovery", id, "--output", home.path / "no", status=1)
    (home.store / f"{id}.meta").unlink()
    done = home.run("backup", "partial-recovery", id, "--output", home.path / "no", status=1,
                    env=secret)
    assert "nothing can be saved" in done.stderr and not (home.path / "no").exists()


def test_the_guides_ways_out_of_damage(home, backup):
    """Checksum mismatch, file corruption, emergency recovery: in the order of the guide."""
    flip_a_byte(home.store / f"{backup}.backup")
    assert "Error: backup validation failed: checksum mismatch (expected: " in home.run(
        "backup", "validate", "--backup-id", backup, status=1).stderr
    home.run("backup", "info", "--backup-id", backup)
    refused = home.run("backup", "recalculate-checksum", "--backup-id", backup, status=1)
    assert "checksum mismatch" in refused.stderr and "damaged" in refused.stderr
    home.run("backup", "list", "--status", "all")
    home.run("backup", "validate-all", status=1)
    home.run("backup", "recovery-scan", status=1)
    home.run("backup", "partial-recovery", "--backup-id", backup, status=None)
    home.run("backup", "create", "--description", "Replacement for corrupted backup")
    home.run("backup", "delete", "--backup-id", backup, "--force")
    home.run("backup", "validate-all")
    home.run("backup", "integrity-check")
