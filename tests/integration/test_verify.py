# SPDX-License-Identifier: MIT
"""Checking stored backups: levels, many at a time, and what the catalog remembers of it."""

import json
import re

import pytest
from cli_fixtures import backup, flip_a_byte, shop  # noqa: F401


def status_of(home, id):
    return home.json("backup", "info", "--backup-id", id)["status"]


@pytest.mark.parametrize("level", ["listing", "stored", "decode", "load"])
def test_a_whole_backup_passes_every_level(home, backup, level):
    v = home.json("backup", "validate", "--backup-id", backup, "--level", level)
    assert v["valid"] and v["level"] == level and v["errors"] == []
    assert v["checksum_valid"] is (None if level == "listing" else True)


def test_the_old_spellings_are_levels(home, backup):
    for option, level in [("--integrity", "stored"), ("--completeness", "decode"),
                          ("--restorability", "load")]:
        assert home.json("backup", "validate", backup, option)["level"] == level
    home.run("backup", "validate", backup, "--integrity", "--level", "load", status=2)


def test_loading_leaves_no_database_behind(server, home, backup):
    server.sql("create database _mss_scratch_00000000deadbeef")
    home.run("backup", "validate", backup, "--level", "load")
    assert server.sql("show databases like '\\_mss\\_scratch%'") == []


def test_a_backup_that_does_not_load_is_invalid_but_not_corrupted(server, home, shop):
    server.sql("create view broken as select note from orders", shop)
    server.sql("alter table orders drop column note", shop)
    server.sql("drop trigger tr", shop)
    id = home.json("backup", "create")["backup_id"]
    v = home.json("backup", "validate", id, "--level", "load", status=None)
    assert any("broken" in line for line in v["errors"] + v["warnings"])
    assert status_of(home, id) == "COMPLETED"


def test_a_cut_payload_is_found_by_listing_alone(home, backup):
    path = home.store / f"{backup}.backup"
    path.chmod(0o600)
    path.write_bytes(path.read_bytes()[:-1])
    done = home.run("backup", "validate", backup, "--level", "listing", status=1)
    assert re.search(r"Error: backup validation failed: payload .* want \d+ bytes, got \d+",
                     done.stderr)
    assert status_of(home, backup) == "CORRUPTED"


def test_a_clean_check_takes_back_what_was_found(home, backup):
    path = home.store / f"{backup}.backup"
    whole = path.read_bytes()
    flip_a_byte(path)
    done = home.run("backup", "validate", "--backup-id", backup, status=1)
    assert re.search(r"^Error: backup validation failed: checksum mismatch"
                     r" \(expected: [0-9a-f]{64}, got: [0-9a-f]{64}\)$", done.stderr, re.M)
    listed = home.json("backup", "list")
    assert [b["status"] for b in listed] == ["CORRUPTED"]
    path.write_bytes(whole)
    home.run("backup", "validate", backup, "--level", "listing")
    assert status_of(home, backup) == "CORRUPTED", "listing cannot see that it is whole again"
    home.run("backup", "integrity-check", "--backup-id", backup)
    assert status_of(home, backup) == "COMPLETED"


def test_validate_all_is_quiet_when_all_is_well(home, backup):
    for i in range(3):
        home.run("backup", "create")
    done = home.run("backup", "validate-all")
    assert "ERROR" not in done.stdout + done.stderr and "FAIL" not in done.stdout + done.stderr
    assert re.search(r"^Checked +4$", done.stdout, re.M)
    assert done.stderr == "All 4 backups are valid.\n"
    home.run("backup", "integrity-check")


def test_validate_all_has_a_line_per_failure(home, backup):
    others = [home.json("backup", "create")["backup_id"] for _ in range(3)]
    flip_a_byte(home.store / f"{backup}.backup")
    (home.store / f"{others[0]}.backup").unlink()
    done = home.run("backup", "validate-all", status=1)
    for id in (backup, others[0]):
        assert re.search(rf"^FAILED +{id}", done.stdout, re.M)
    assert others[1] not in done.stdout
    assert "Error: backup validation failed: 2 of 4 backups are not valid" in done.stderr
    report = json.loads(home.run("backup", "validate-all", "--format", "json", status=1).stdout)
    assert (report["checked"], report["valid"], report["invalid"]) == (4, 2, 2)
    assert {b["backup_id"] for b in report["backups"] if not b["valid"]} == {backup, others[0]}
    assert {b["id"] for b in home.json("backup", "list", "--status", "corrupted")} == {
        backup, others[0]}


def test_samples_and_ages_choose(home, backup):
    for i in range(9):
        home.run("backup", "create")

    def checked(*options):
        return home.json("backup", "validate-all", *options)["checked"]

    assert checked("--sample", "30%") == 3
    assert checked("--sample", "4", "--parallel", "3") == 4
    assert checked("--sample", "1%") == 1
    assert checked("--max-age", "7d") == 10
    assert checked("--database", "other") == 0
    home.run("backup", "validate-all", "--sample", "many", status=2)
    home.run("backup", "validate-all", "--max-age", "soon", status=2)


def test_a_missing_secret_is_no_damage(server, home, shop):
    storage = {"provider": "local", "local": {"base_path": str(home.store)}}
    encryption = {"enabled": True, "key_source": "env"}
    home.write_config(server, shop, backup={"storage": storage, "encryption": encryption})
    id = home.json("backup", "create", env={"BACKUP_ENCRYPTION_KEY": "0123456789abcdef" * 4})["backup_id"]
    home.run("backup", "integrity-check")
    done = home.run("backup", "validate-all", status=1)
    assert re.search(rf"^ERROR +{id}", done.stdout, re.M)
    assert "1 of 1 backups could not be checked" in done.stderr
    assert status_of(home, id) == "COMPLETED"
