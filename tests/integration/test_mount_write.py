# SPDX-License-Identifier: MIT
"""What the mount gives as archives and takes as files, with the clients people use."""

import errno
import hashlib
import json
import os
import pathlib
import shutil
import subprocess
import tarfile

import pytest
from cli_fixtures import backup, shop  # noqa: F401
from mount_fixtures import eventually, mounts  # noqa: F401


def sha256(path):
    return hashlib.sha256(pathlib.Path(path).read_bytes()).hexdigest()


def run(*command, status=0, **how):
    done = subprocess.run([str(c) for c in command], capture_output=True, text=True, **how)
    assert done.returncode == status, f"{command}: {done.returncode}\n{done.stdout}{done.stderr}"
    return done


# export/


@pytest.mark.parametrize("suffix", ["tar", "tar.gz"])
def test_an_export_is_that_of_the_command(suffix, home, backup, mounts, tmp_path):
    file = tmp_path / f"x.{suffix}"
    home.run("backup", "export", backup, "--output", file)
    export = mounts(home).point / "export"
    assert sorted(os.listdir(export)) == [f"{backup}.tar", f"{backup}.tar.gz"]
    there = export / f"{backup}.{suffix}"
    assert there.stat().st_size == file.stat().st_size
    assert sha256(there) == sha256(file)
    run("cp", "-p", there, tmp_path / "copy")
    assert sha256(tmp_path / "copy") == sha256(file)
    run("dd", f"if={there}", f"of={tmp_path}/dd", "bs=777")
    assert sha256(tmp_path / "dd") == sha256(file)
    run("tar", "-C", tmp_path, "-xf", there)
    run("sha256sum", "-c", "--quiet", "SHA256SUMS", cwd=tmp_path / backup)
    assert not (export / f"{backup}.zip").exists()
    assert not (export / "backup_19990101_000000_00000000.tar").exists()


def test_sizes_are_true_before_anything_was_opened_and_outlive_the_mount(home, backup, mounts):
    home.run("backup", "create")
    for _ in range(2):
        mount = mounts(home)
        sizes = {p.name: p.stat().st_size for p in (mount.point / "export").iterdir()}
        assert len(sizes) == 4
        for name, size in sizes.items():
            assert len((mount.point / "export" / name).read_bytes()) == size
        mount.end()


def test_new_and_deleted_backups_show_in_export(home, backup, mounts):
    export = mounts(home).point / "export"
    assert len(os.listdir(export)) == 2
    made = home.json("backup", "create")["id"]
    eventually(lambda: (export / f"{made}.tar.gz").exists() and len(os.listdir(export)) == 4)
    home.run("backup", "delete", made, "--force")
    eventually(lambda: not (export / f"{made}.tar").exists() and len(os.listdir(export)) == 2)


def test_a_damaged_backup_is_no_archive(home, backup, mounts):
    payload = home.store / f"{backup}.backup"
    content = bytearray(payload.read_bytes())
    content[len(content) // 2] ^= 1
    payload.chmod(0o600)
    payload.write_bytes(content)
    mount = mounts(home)
    with pytest.raises(OSError) as failed:
        (mount.point / "export" / f"{backup}.tar").read_bytes()
    assert failed.value.errno == errno.EIO


# status/


def test_status_is_what_the_commands_say(home, backup, mounts):
    status = mounts(home).point / "status"
    usage = json.loads((status / "usage.json").read_text())
    assert usage == {**json.loads(home.run("backup", "storage-usage", "--detailed", "--format",
                                           "json").stdout),
                     "generated_at": usage.get("generated_at")}
    health = json.loads((status / "health.json").read_text())
    assert health["overall_health"] in ("healthy", "degraded", "unhealthy")
    for name in ("usage.json", "health.json"):
        file = status / name
        assert file.stat().st_size == len(file.read_bytes())
        copied = run("cat", file).stdout
        assert json.loads(copied)
