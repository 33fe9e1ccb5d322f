# SPDX-License-Identifier: MIT
"""SIGHUP: the mount reads its configuration again, and a mistake in it harms nobody."""

import json
import os
import secrets
import signal
import time

import pytest
from mount_fixtures import eventually, mounts  # noqa: F401
from test_mount import create, shop, write_config  # noqa: F401


@pytest.fixture
def edit(home, shop):
    """edit(logging={...}): sets sections of the configuration; what is in "backup" is merged."""

    def change(**sections):
        content = json.loads(home.config.read_text())
        content["backup"].update(sections.pop("backup", {}))
        content.update(sections)
        home.config.write_text(json.dumps(content, indent=2) + "\n")

    return change


def reload(mount, says="configuration read again"):
    before = mount.log.count(says)
    mount.process.send_signal(signal.SIGHUP)
    assert eventually(lambda: mount.log.count(says) > before), mount.log


def configuration_health(mount):
    health = json.loads((mount.point / "status/health.json").read_text())
    return health["component_status"]["configuration"], [
        i for i in health["issues"] if i["component"] == "configuration"]


def test_the_log_is_opened_anew_and_moves(home, edit, mounts):
    log, other = home.path / "mount.log", home.path / "other.log"
    edit(logging={"log_file": str(log)})
    mount = mounts(home)
    assert "mounted at" in log.read_text()
    log.rename(home.path / "mount.log.1")
    mount.process.send_signal(signal.SIGHUP)
    assert eventually(lambda: log.exists() and "read again, 0 values changed" in log.read_text())
    edit(logging={"log_file": str(other), "log_level": "debug", "log_format": "json"})
    mount.process.send_signal(signal.SIGHUP)
    assert eventually(lambda: other.exists() and "3 values changed" in other.read_text())
    assert all(json.loads(line) for line in other.read_text().splitlines())
    edit(logging={"log_file": str(other), "log_level": "error", "log_format": "json"})
    mount.process.send_signal(signal.SIGHUP)
    time.sleep(0.5)
    assert "1 values changed" not in other.read_text()  # it was not wanted any more


def test_secrets_are_read_again(home, shop, edit, mounts):
    """The secret is rotated on this host; the mount that stands reads old backups and new ones."""
    old, new = home.path / "old.key", home.path / "new.key"
    for key in (old, new):
        key.write_text(secrets.token_hex(32) + "\n")
        key.chmod(0o600)
    edit(backup={"encryption": {"enabled": True, "key_source": "file", "key_file": str(old)}})
    first = create(home)
    mount = mounts(home)
    assert (mount.point / "by-id" / first / "schema.sql").read_bytes()
    edit(backup={"encryption": {"enabled": True, "key_source": "file", "key_file": str(new),
                                "previous_keys": [str(old)]}})
    second = create(home)
    there = mount.point / "by-database/%25"
    assert eventually(lambda: second in os.listdir(mount.point / "by-id"))
    with pytest.raises(PermissionError):
        (mount.point / "by-id" / second / "schema.sql").read_bytes()
    reload(mount)
    assert eventually(lambda: second in os.readlink(mount.point / f"by-database/{shop}/latest"))
    for backup in (first, second):
        assert (mount.point / "by-id" / backup / "schema.sql").read_bytes()
    assert not there.exists()
    # A secret that is not there: everything stays as it was, and is said.
    new.rename(home.path / "gone.key")
    reload(mount, "it stays as it was")
    assert str(new) in mount.log
    assert (mount.point / "by-id" / second / "objects/tables/orders.sql").read_bytes()


def test_another_server_another_interval(own_server, home, shop, edit, mounts):
    own_server.sql("create database elsewhere; create table elsewhere.t (a int)")
    mount = mounts(home)
    assert "elsewhere" not in os.listdir(mount.point / "live")
    edit(target={"socket": own_server.socket, "username": own_server.user},
         mount={"live_interval": 0, "live_timeout": "1s", "refresh_interval": "1h"})
    reload(mount)
    assert os.listdir(mount.point / "live") == ["elsewhere"]
    assert (mount.point / "live/elsewhere/schema.sql").read_bytes()
    assert "target.socket is " in mount.log


def test_what_makes_another_mount_stays_and_is_named(home, shop, edit, mounts):
    backup = create(home)
    mount = mounts(home)
    storage = {"provider": "local", "local": {"base_path": str(home.path / "other")}}
    edit(backup={"storage": storage, "retention": {"max_backups": 5}}, timezone="Asia/Tokyo",
         mount={"mountpoint": "/nowhere"}, catalog={"path": str(home.path / "other.db")})
    reload(mount)
    for key in ("backup.storage.local.base_path", "timezone", "mount.mountpoint", "catalog.path"):
        assert f"{key} stays " in mount.log
    assert "unmount and start again" in mount.log
    assert "backup.retention.max_backups is 5 now" in mount.log
    assert os.listdir(mount.point / "by-id") == [backup]
    assert (mount.point / "by-id" / backup / "schema.sql").read_bytes()
    assert not (home.path / "other.db").exists()


@pytest.mark.parametrize("text, where, why", [
    ("backup:\n  retention:\n    max_age: 7 fortnights\n", ":3:14:", "7 fortnights"),
    ("backup: [\n", ":2:1", ""),
    ("mount:\n  live_timeout: 90m\n", ":2:17:", "90m"),
])
def test_a_broken_file_changes_nothing(text, where, why, home, shop, mounts):
    backup = create(home)
    mount = mounts(home)
    good = home.config.read_text()
    home.config.write_text(text)
    reload(mount, "it stays as it was")
    line = [line for line in mount.log.splitlines() if "it stays as it was" in line][-1]
    assert f"{home.config.name}{where}" in line and why in line and "ERROR" in line
    state, issues = configuration_health(mount)
    assert state == "degraded"
    assert f"{home.config.name}{where}" in issues[0]["description"]
    assert "SIGHUP" in issues[0]["advice"]
    assert (mount.point / "by-id" / backup / "schema.sql").read_bytes()
    home.config.write_text(good)
    reload(mount)
    assert configuration_health(mount) == ("healthy", [])


def test_a_file_that_is_gone_is_no_empty_one(home, shop, mounts):
    backup = create(home)
    mount = mounts(home)
    home.config.rename(home.path / "moved.yaml")
    reload(mount, "it stays as it was")
    assert f"{home.config.name} is gone" in mount.log
    assert (mount.point / "by-id" / backup / "schema.sql").read_bytes()


def test_reloads_under_load_lose_nothing_and_nobody(home, shop, edit, mounts):
    """A hundred signals while everything is read: descriptors and bytes stay what they are."""
    backups = [create(home) for _ in range(3)]
    mount = mounts(home)
    want = {b: (mount.point / "by-id" / b / "schema.sql").read_bytes() for b in backups}
    fds = f"/proc/{mount.process.pid}/fd"
    counts = []
    for number in range(100):
        edit(backup={"retention": {"keep_daily": number}})
        mount.process.send_signal(signal.SIGHUP)
        for backup in backups:
            assert (mount.point / "by-id" / backup / "schema.sql").read_bytes() == want[backup]
            (mount.point / "by-id" / backup / "plan.sql").read_bytes()
        os.listdir(mount.point / "live")
        counts.append(len(os.listdir(fds)))
    assert max(counts[50:]) <= max(counts[:50]) + 4
