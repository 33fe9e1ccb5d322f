# SPDX-License-Identifier: MIT
"""Moving and copying backups to other directories and stores."""

import json
import signal
import subprocess
import time

import pytest
from cli_fixtures import backup, flip_a_byte, shop  # noqa: F401


def names(path):
    return sorted(p.name for p in path.iterdir()) if path.exists() else []


def files_of(*ids):
    return sorted(f"{id}.{kind}" for id in ids for kind in ("backup", "meta"))


def test_a_moved_store_works_as_before(server, shop, home, backup):
    other = home.json("backup", "create")["backup_id"]
    to = home.path / "new" / "path"
    moved = home.json("backup", "move", "--destination", to)
    assert (moved["moved"], moved["failed"], moved["total"]) == (2, 0, 2)
    assert names(to) == files_of(backup, other) and names(home.store) == []
    for id in (backup, other):
        assert home.json("backup", "info", id)["storage_location"] == f"local:{to}/{id}"
        home.run("backup", "validate", "--backup-id", id)
    assert {b["id"] for b in home.json("backup", "list")} == {backup, other}
    home.run("rollback", "validate", "--backup-id", other)
    home.run("backup", "validate-all")
    newer = home.json("backup", "create")["backup_id"]
    assert names(home.store) == files_of(newer), "new ones go where they went"
    home.run("backup", "delete", "--backup-id", backup, "--force")
    assert names(to) == files_of(other)
    again = home.json("backup", "move", "--destination", to, "--backup-id", other)
    assert again["backups"][0]["outcome"] == "already there"


def test_moving_back_works_too(home, backup):
    to = home.path / "away"
    home.run("backup", "move", "--destination", to)
    home.run("backup", "move", "--destination", home.store)
    assert names(to) == [] and names(home.store) == files_of(backup)
    home.run("backup", "validate", backup)


def test_a_lost_catalog_finds_places_in_the_configuration(server, shop, home, backup):
    to = home.path / "away"
    home.run("backup", "move", "--destination", to)
    for path in (home.path / "state" / "mysql-schema-sync").iterdir():
        path.unlink()
    assert home.json("backup", "list") == []
    storage = {"provider": "local", "local": {"base_path": str(home.store)}, "also": [str(to)]}
    home.write_config(server, shop, backup={"storage": storage})
    assert [b["id"] for b in home.json("backup", "list", )] in ([], [backup])
    home.run("backup", "recovery-scan", "--fix")
    assert [b["id"] for b in home.json("backup", "list")] == [backup]


def test_a_copy_stays_in_both_and_filters_choose(home, backup):
    to = home.path / "copies"
    assert home.json("backup", "move", "--destination", to, "--database", "no")["total"] == 0
    dry = home.json("backup", "move", "--destination", to, "--dry-run")
    assert dry["total"] == 1 and not to.exists()
    assert home.json("backup", "move", "--destination", to, "--copy")["copied"] == 1
    assert names(to) == names(home.store) == files_of(backup)
    assert (to / f"{backup}.backup").read_bytes() == (home.store / f"{backup}.backup").read_bytes()


def test_a_configuration_describes_the_destination(home, backup):
    to = home.path / "described"
    config = home.path / "to.yaml"
    config.write_text(json.dumps({"backup": {"storage": {
        "provider": "local", "local": {"base_path": str(to)}}}}))
    home.run("backup", "move", backup, "--to-config", config)
    assert names(to) == files_of(backup)
    home.run("backup", "validate", backup)
    home.run("backup", "move", backup, status=2)
    home.run("backup", "move", backup, "--to-config", config, "--destination", to, status=2)
    config.unlink()
    home.run("backup", "cleanup", "--dry-run")
    done = home.run("backup", "list", "--format", "json")
    assert [b["id"] for b in json.loads(done.stdout)] == [backup], "not gone, only out of reach"
    assert "a place of backups cannot be used" in done.stderr


def test_what_is_damaged_is_not_moved(home, backup):
    whole = home.json("backup", "create")["backup_id"]
    flip_a_byte(home.store / f"{backup}.backup")
    to = home.path / "away"
    done = home.run("backup", "move", "--destination", to, status=1)
    assert "checksum mismatch" in done.stdout and "1 of 2 backups could not be moved" in done.stderr
    assert names(to) == files_of(whole) and names(home.store) == files_of(backup)


def test_the_destination_is_never_overwritten(home, backup):
    to = home.path / "away"
    to.mkdir(mode=0o700)
    (to / f"{backup}.backup").write_bytes(b"another")
    home.run("backup", "move", "--destination", to, status=1)
    assert (to / f"{backup}.backup").read_bytes() == b"another"
    home.run("backup", "validate", backup)


@pytest.mark.parametrize("left", ["payload", "payload and envelope", "only the source's payload"])
def test_what_was_interrupted_goes_on(home, backup, left):
    to = home.path / "away"
    payload, envelope = (home.store / f"{backup}.{kind}" for kind in ("backup", "meta"))
    content = payload.read_bytes(), envelope.read_bytes()
    if left == "only the source's payload":
        home.run("backup", "move", "--destination", to)
        payload.write_bytes(content[0])
    else:
        to.mkdir(mode=0o700)
        (to / payload.name).write_bytes(content[0])
        if left != "payload":
            (to / envelope.name).write_bytes(content[1])
    home.run("backup", "move", "--destination", to)
    assert names(to) == files_of(backup) and names(home.store) == []
    home.run("backup", "validate", backup)


def test_killed_at_any_moment_nothing_is_lost(home, shop, backup):
    ids = {backup} | {home.json("backup", "create")["backup_id"] for _ in range(5)}
    to = home.path / "away"
    for delay in (0.05, 0.1, 0.15, 0.2, 0.3):
        running = subprocess.Popen(
            [home.program("mysql-schema-sync"), "backup", "move", "--destination", to],
            env=home.env, cwd=home.path, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(delay)
        running.send_signal(signal.SIGKILL)
        running.wait()
        assert {b["id"] for b in home.json("backup", "list")} == ids
        home.run("backup", "validate-all")
    home.run("backup", "move", "--destination", to)
    assert names(to) == files_of(*ids)
    assert [n for n in names(home.store) if not n.startswith(".")] in ([], ["schemafs.lease"])
