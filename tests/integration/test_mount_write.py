# SPDX-License-Identifier: MIT
"""What the mount gives as archives and takes as files, with the clients people use."""

import errno
import hashlib
import json
import os
import pathlib
import shutil
import sqlite3
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
    assert eventually(lambda: (export / f"{made}.tar.gz").exists() and len(os.listdir(export)) == 4)
    home.run("backup", "delete", made, "--force")
    assert eventually(lambda: not (export / f"{made}.tar").exists() and len(os.listdir(export)) == 2)


def test_what_was_noted_of_an_export_goes_with_the_backup(home, backup, mounts):
    other = home.json("backup", "create")["id"]
    export = mounts(home).point / "export"
    assert all(p.stat().st_size for p in export.iterdir())
    database = sqlite3.connect(next((home.path / "state").rglob("*.db")))

    def notes():
        return [n for (n,) in database.execute("select name from note where name like 'of/%'")]

    assert sorted(notes()) == sorted(f"of/{b}/export.tar.gz" for b in (backup, other))
    home.run("backup", "delete", backup, "--force")
    assert notes() == [f"of/{other}/export.tar.gz"]
    database.close()


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


# import/


@pytest.fixture
def archive(home, backup, tmp_path):
    """The backup's archive; the backup itself is deleted again."""
    file = tmp_path / "a.tar.gz"
    home.run("backup", "export", backup, "--output", file)
    home.run("backup", "delete", backup, "--force")
    return file


def arrives(mount, backup):
    assert eventually(lambda: (mount.point / "by-id" / backup / "schema.sql").exists())


CLIENTS = {
    "cp": lambda file, box: run("cp", file, box),
    "cp -r": lambda file, box: (run("tar", "-C", file.parent, "-xf", file),
                                run("cp", "-r", next(file.parent.glob("backup_*")), box)),
    "mv": lambda file, box: run("mv", file, box),
    "rsync": lambda file, box: run("rsync", "-a", file, f"{box}/"),
    "cat": lambda file, box: run("sh", "-c", f"cat {file} > {box}/x.tar.gz"),
    "tar -x": lambda file, box: run("tar", "-C", box, "-xf", file),
}
MORE_CLIENTS = {
    "cp -p": lambda file, box: run("cp", "-p", file, box),
    "cp -a": lambda file, box: run("cp", "-a", file, box),
    "dd": lambda file, box: run("dd", f"if={file}", f"of={box}/x.tar.gz", "bs=777"),
    "install": lambda file, box: run("install", file, box),
    "python": lambda file, box: shutil.copy(file, box),
    "rsync -r": lambda file, box: (run("tar", "-C", file.parent, "-xf", file),
                                   run("rsync", "-a", next(file.parent.glob("backup_*")), box)),
}
if "NIGHTLY" in os.environ:
    CLIENTS.update(MORE_CLIENTS)


def test_an_archive_becomes_a_backup(home, backup, archive, mounts, tmp_path):
    mount = mounts(home)
    box = mount.point / "import"
    for name, client in CLIENTS.items():
        place = tmp_path / name.replace(" ", "")
        place.mkdir()
        file = pathlib.Path(shutil.copy(archive, place))
        assert not (mount.point / "by-id" / backup).exists(), name
        client(file, box)
        arrives(mount, backup)
        assert not list(box.glob("*.error")), name
        assert name != "mv" or not file.exists()
        assert home.json("backup", "info", backup)["origin"].startswith("import: ")
        home.run("backup", "delete", backup, "--force")
        assert eventually(lambda: not (mount.point / "by-id" / backup).exists())
        run("find", box, "-mindepth", "1", "-delete")


def test_a_bad_archive_makes_the_client_fail(home, backup, archive, mounts, tmp_path):
    box = mounts(home).point / "import"
    bad = tmp_path / "bad.tar.gz"
    bad.write_bytes(archive.read_bytes()[:-200])
    for client in ("cp", "cp -a", "mv", "rsync", "dd", "cat", "install"):
        with pytest.raises(AssertionError):
            {**CLIENTS, **MORE_CLIENTS}[client](bad, box)
        assert bad.exists()
        name = "x.tar.gz" if client in ("dd", "cat") else bad.name
        assert "import " in (box / f"{name}.error").read_text()
        for file in box.iterdir():
            file.unlink()
    with pytest.raises(OSError):
        shutil.copy(bad, box)
    assert "damaged" in (box / "bad.tar.gz.error").read_text()
    # The next one of that name is judged by itself.
    shutil.copy(archive, box / "bad.tar.gz")
    assert not (box / "bad.tar.gz.error").exists()
    assert home.json("backup", "info", backup)["id"] == backup
    assert len([p for p in home.store.iterdir() if p.suffix == ".meta"]) == 1


def test_the_verdict_is_the_same_each_time_it_is_asked_for(home, backup, archive, mounts, tmp_path):
    box = mounts(home).point / "import"
    for content, wanted in ((archive.read_bytes(), 0), (b"no archive", errno.EINVAL)):
        fd = os.open(box / f"x{wanted}", os.O_WRONLY | os.O_CREAT)
        os.write(fd, content)
        for _ in range(3):
            second = os.dup(fd)
            if wanted:
                with pytest.raises(OSError) as refused:
                    os.close(second)
                assert refused.value.errno == wanted
            else:
                os.close(second)
        try:
            os.close(fd)
        except OSError as failed:
            assert failed.errno == wanted
    assert len(home.json("backup", "list")) == 1


def test_a_directory_of_the_mount_and_a_dump(server, home, shop, backup, archive, mounts, tmp_path):
    mount = mounts(home)
    box = mount.point / "import"
    shutil.copy(archive, box)
    arrives(mount, backup)
    run("cp", "-rL", mount.point / "by-id" / backup, tmp_path / "taken")
    home.run("backup", "delete", backup, "--force")
    run("cp", "-r", tmp_path / "taken", box)  # no SHA256SUMS: judged when it is at rest
    assert eventually(lambda: (mount.point / "by-id" / backup).exists(), 6)
    (box / "dump.sql").write_text("use other; create table t (a int);\n")
    assert eventually(lambda: (mount.point / "by-database" / "other" / "latest" / "schema.sql").exists())
    (tmp_path / "wrong").mkdir()
    (tmp_path / "wrong" / "schema.sql").write_text("hello;\n")
    run("cp", "-r", tmp_path / "wrong", box)
    assert eventually(lambda: (box / "wrong.error").exists(), 6)
    assert "schema.sql: line 1" in (box / "wrong.error").read_text()


def test_hostile_files_are_refused_and_nothing_stays(home, shop, mounts, tmp_path):
    box = mounts(home).point / "import"
    evil = tmp_path / "evil.tar"
    with tarfile.open(evil, "w") as tar:
        info = tarfile.TarInfo("b/schema.sql")
        info.type, info.linkname = tarfile.SYMTYPE, "/etc/passwd"
        tar.addfile(info)
    with pytest.raises(OSError) as refused:
        shutil.copy(evil, box)
    assert refused.value.errno == errno.EINVAL
    assert "no regular file" in (box / "evil.tar.error").read_text()
    for attempt in (lambda: (box / "link").symlink_to("/etc/passwd"),
                    lambda: os.link(box / "evil.tar", box / "hard"),
                    lambda: os.mkfifo(box / "fifo")):
        with pytest.raises(OSError) as refused:
            attempt()
        assert refused.value.errno == errno.EPERM
    with open(box / "huge", "wb") as huge, pytest.raises(OSError) as refused:
        os.pwrite(huge.fileno(), b"x", 1 << 40)
    assert refused.value.errno == errno.EFBIG
    assert not home.store.exists() or not list(home.store.glob("*.meta"))


def test_import_is_for_its_owner_only(home, backup, mounts):
    mount = mounts(home, "-o", "allow_other,umask=0022")
    assert (mount.point / "import").stat().st_mode & 0o777 == 0o700
    assert mount.point.stat().st_mode & 0o777 == 0o555


def test_ro_takes_nothing(home, backup, archive, mounts):
    box = mounts(home, "-o", "ro").point / "import"
    with pytest.raises(OSError) as refused:
        shutil.copy(archive, box)
    assert refused.value.errno == errno.EROFS


# mount and umount


def test_mount_and_umount_are_commands(home, backup, tmp_path):
    point = tmp_path / "point"
    point.mkdir()
    env = {"PATH": f"{home.program('schemafs').parent}:{home.env['PATH']}"}
    home.run("mount", point, env=env)
    try:
        assert (point / "by-id" / backup / "schema.sql").exists()
        with open(point / "README"):
            busy = home.run("umount", point, env=env, status=1)
            assert "is busy: " in busy.stderr and "--lazy" in busy.stderr
            home.run("umount", "--lazy", point, env=env)
        assert not (point / "README").exists()
    finally:
        subprocess.run(["fusermount3", "-uzq", point], check=False)
    gone = home.run("umount", point, env=env, status=None)
    assert gone.returncode != 0 and "no backups are mounted there" in gone.stderr
    elsewhere = home.run("umount", "/proc", env=env, status=None)
    assert elsewhere.returncode != 0 and pathlib.Path("/proc/self").exists()
