# SPDX-License-Identifier: MIT
"""A mount with rw: backups deleted, tagged and described with the tools people have."""

import json
import os
import subprocess

import pytest
from cli_fixtures import shop  # noqa: F401
from mount_fixtures import eventually, mounts  # noqa: F401


def run(*command, status=0, says=""):
    done = subprocess.run([str(c) for c in command], capture_output=True, text=True,
                          stdin=subprocess.DEVNULL)
    assert done.returncode == status, f"{command}: {done.returncode}\n{done.stderr}"
    assert says in done.stderr, done.stderr
    return done.stdout


@pytest.fixture
def audit(server, shop, home):
    """The records of the audit log, as (action, result, backup)."""
    path = home.path / "audit.log"
    home.write_config(server, shop,
                      logging={"enable_audit_log": True, "audit_log_path": str(path)})
    return lambda: [(r["action"], r["result"], r["backup_id"])
                    for r in map(json.loads, path.read_text().splitlines())]


def ids(home):
    return {b["id"] for b in home.json("backup", "list")}


def test_without_rw_every_attempt_is_read_only(home, audit, mounts):
    made = home.json("backup", "create", "--tag", "env=test")["id"]
    home.run("backup", "create")
    point = mounts(home).point
    day = next((point / "by-database").glob("*/2*"))
    rofs = "Read-only file system"
    run("rmdir", day / made, status=1, says=rofs)
    run("rm", "-r", day / made, status=1, says=rofs)
    run("rm", point / "by-id" / made, status=1, says=rofs)
    run("rm", point / "by-tag/env/test" / made, status=1, says=rofs)
    run("mkdir", point / "by-tag/new", status=1, says=rofs)
    run("ln", "-s", f"x/{made}", point / "by-tag/env/test/x", status=1, says=rofs)
    run("setfattr", "-n", "user.description", "-v", "x", day / made, status=1, says=rofs)
    run("setfattr", "-x", "user.tag.env", day / made, status=1, says=rofs)
    assert made in ids(home)
    assert len(audit()) == 2


def test_backups_are_deleted(home, audit, mounts):
    made = [home.json("backup", "create")["id"] for _ in range(5)]
    kept = home.json("backup", "create", "--tag", "protected=true")["id"]
    mount = mounts(home, "-o", "rw")
    day = next((mount.point / "by-database").glob("*/2*"))
    run("rmdir", day / made[0])
    assert not (day / made[0]).exists()
    run("rm", "-r", day / made[1])
    run("rm", mount.point / "by-id" / made[2])
    assert ids(home) == {*made[3:], kept}
    run("rmdir", day / kept, status=1, says="Operation not permitted")
    run("rm", "-r", day / kept, status=1, says="Operation not permitted")
    assert f"{kept} is protected" in mount.log
    run("rmdir", day, status=1, says="Directory not empty")
    assert eventually(lambda: sorted(os.listdir(mount.point / "by-id")) == sorted([*made[3:], kept]))
    # What stays last of a database stays, as with the command.
    home.run("backup", "delete", kept, "--force")
    run("rm", "-r", day / made[3])
    run("rmdir", day / made[4], status=1, says="Operation not permitted")
    assert f"{made[4]} is the only one" in mount.log
    assert (day / made[4] / "schema.sql").read_bytes()
    records = [r for r in audit() if r[0] == "backup delete"]
    assert records == [
        ("backup delete", "done", made[0]),
        ("backup delete", "done", made[1]),
        ("backup delete", "done", made[2]),
        ("backup delete", "failed", kept),
        ("backup delete", "done", kept),
        ("backup delete", "done", made[3]),
        ("backup delete", "failed", made[4]),
    ]


def test_backups_are_tagged(home, audit, mounts):
    first, second = (home.json("backup", "create")["id"] for _ in range(2))
    mount = mounts(home, "-o", "rw")
    tags = mount.point / "by-tag"
    assert os.listdir(tags) == []
    run("mkdir", tags / "env")
    assert os.listdir(tags) == ["env"]
    run("mkdir", "-p", tags / "env/a%2Fb", tags / "env/test")
    assert sorted(os.listdir(tags / "env")) == ["a%2Fb", "test"]
    run("mkdir", tags / "a b", status=1, says="Invalid argument")
    for made in (first, second):
        run("ln", "-s", f"../../by-id/{made}", tags / "env/a%2Fb/")
    assert home.json("backup", "info", first)["tags"] == {"env": "a/b"}
    assert sorted(os.listdir(tags / "env/a%2Fb")) == sorted([first, second])
    assert (tags / "env/a%2Fb" / first / "schema.sql").exists()
    run("ln", "-s", f"x/{first}", tags / "env/test" / second, status=1, says="Invalid argument")
    run("ln", "-s", "x/backup_19990101_000000_00000000", tags / "env/test", status=1,
        says="No such file")
    run("ln", "-s", first, tags / "env/test/")  # one value at a time
    assert eventually(lambda: os.listdir(tags / "env/a%2Fb") == [second])
    run("rm", tags / "env/a%2Fb" / second)
    assert home.json("backup", "info", second)["tags"] == {}
    assert eventually(lambda: os.listdir(tags / "env") == ["test"])
    run("rmdir", tags / "env/test", status=1, says="Directory not empty")
    run("rm", "-r", tags / "env")
    assert home.json("backup", "info", first)["tags"] == {}
    assert eventually(lambda: os.listdir(tags) == [])
    run("mkdir", "-p", tags / "empty/never")
    run("rm", "-r", tags / "empty")
    assert os.listdir(tags) == []
    assert {r[:2] for r in audit()} == {("backup create", "done"), ("backup edit", "done")}


def test_attributes_are_edited(home, audit, mounts):
    made = home.json("backup", "create")["id"]
    mount = mounts(home, "-o", "rw")
    there = mount.point / "by-id" / made
    run("setfattr", "-n", "user.description", "-v", "before the move", there)
    run("setfattr", "-n", "user.tag.env", "-v", "test", there)
    run("setfattr", "-n", "user.schemafs.tag.owner", "-v", "", there)
    info = home.json("backup", "info", made)
    assert info["description"] == "before the move"
    assert info["tags"] == {"env": "test", "owner": ""}
    assert os.getxattr(there, "user.tag.env") == b"test"
    assert os.getxattr(there, "user.schemafs.description") == b"before the move"
    assert eventually(lambda: json.loads((there / "metadata.json").read_text())["tags"]
                      == info["tags"])
    with pytest.raises(FileExistsError):
        os.setxattr(there, "user.tag.env", b"x", os.XATTR_CREATE)
    run("setfattr", "-x", "user.tag.env", there)
    run("setfattr", "-x", "user.tag.env", there, status=1, says="No such attribute")
    run("setfattr", "-n", "user.checksum", "-v", "0", there, status=1, says="not permitted")
    run("setfattr", "-n", "user.tag.a b", "-v", "0", there, status=1, says="Invalid argument")
    run("setfattr", "-n", "user.description", "-v", "x" * 501, there, status=1,
        says="Invalid argument")
    run("setfattr", "-n", "user.description", "-v", "x", there / "schema.sql", status=1)
    assert home.json("backup", "info", made)["tags"] == {"owner": ""}
    home.run("backup", "validate", made)
    assert sum(r == ("backup edit", "done", made) for r in audit()) == 4


def test_what_cannot_be_recorded_does_not_happen(server, shop, home, mounts):
    made = [home.json("backup", "create")["id"] for _ in range(2)]
    home.write_config(server, shop, logging={"enable_audit_log": True,
                                             "audit_log_path": "/dev/null/audit"})
    mount = mounts(home, "-o", "rw")
    run("rm", mount.point / "by-id" / made[0], status=1)
    run("cp", "/dev/null", mount.point / "import/x.sql")
    (home.path / "y.sql").write_text("CREATE TABLE t (a int);\n")
    run("cp", home.path / "y.sql", mount.point / "import", status=1)
    assert "audit log" in (mount.point / "import/y.sql.error").read_text()
    assert made[0] in os.listdir(mount.point / "by-id")


@pytest.mark.skipif("NIGHTLY" not in os.environ, reason="NIGHTLY=1 waits for the shortest interval")
def test_retention_runs_while_mounted(server, shop, home, mounts):  # noqa: F811
    for i in range(3):
        home.run("backup", "create", "--force")
    config = json.loads(home.config.read_text())
    config["backup"]["retention"] = {"max_backups": 1, "cleanup_interval": "1m"}
    home.config.write_text(json.dumps(config))
    mount = mounts(home)
    assert len(os.listdir(mount.point / "by-id")) == 3
    assert eventually(lambda: len(os.listdir(mount.point / "by-id")) == 1, 90)
    assert "cleanup: 1 kept, 2 deleted" in mount.log
