# SPDX-License-Identifier: MIT
"""The mount as a disk: real clients on a real mount. Each test names what it promises."""

import concurrent.futures
import errno
import json
import os
import pathlib
import secrets
import shutil
import signal
import socket
import subprocess
import time

import pytest
from mount_fixtures import eventually, is_mounted, mounts  # noqa: F401

SCHEMA = """
create table customer (id int primary key, name varchar(20));
create table orders (id int primary key, customer int, foreign key (customer) references customer (id));
create table `odd/name` (a int);
create view v as select * from orders;
create procedure p () select 1;
"""


@pytest.fixture
def shop(server, database, home):
    """A database with a few objects, an encrypted store, and a first backup."""
    server.sql(SCHEMA, database)
    write_config(home, server, database)
    return database


def write_config(home, server, database, **sections):
    home.env["BACKUP_ENCRYPTION_KEY"] = secrets.token_hex(32)
    home.write_config(
        server,
        database,
        backup={
            "storage": {"provider": "local", "local": {"base_path": str(home.store)}},
            "encryption": {
                "enabled": True,
                "key_source": "env",
                "key_env_var": "BACKUP_ENCRYPTION_KEY",
            },
        },
        **sections,
    )


def create(home, *arguments):
    return home.json("backup", "create", *arguments)["id"]


def delete(home, backup_id):
    home.run("backup", "delete", "--backup-id", backup_id, "--force")


def next_second():
    """The next backup is newer than the last one by the clock, not only by chance."""
    time.sleep(1.01 - time.time() % 1)


def directory(mount, backup_id):
    return (mount.point / "by-id" / backup_id).resolve()


def stored(mount, backup_id):
    """The files of a backup that never change, by their relative path."""
    top = directory(mount, backup_id)
    return sorted(
        p.relative_to(top) for p in top.rglob("*") if p.is_file() and p.name != "plan.sql"
    )


def run(*command, **how):
    return subprocess.run(list(map(str, command)), capture_output=True, text=True, **how)


# The tree


def test_the_tree_has_every_way_in(home, shop, mounts):
    backup_id = create(home, "--tag", "env=prod", "--tag", "release=2.1/rc")
    mount = mounts(home)
    assert sorted(os.listdir(mount.point)) == [
        "README", "by-database", "by-date", "by-id", "by-tag", "export", "import", "live", "status",
    ]
    assert len((mount.point / "README").read_text().splitlines()) in range(25, 36)
    day = f"{backup_id[7:11]}-{backup_id[11:13]}-{backup_id[13:15]}"
    real = mount.point / "by-database" / shop / day / backup_id
    assert sorted(os.listdir(real)) == ["metadata.json", "objects", "plan.sql", "schema.sql"]
    assert sorted(os.listdir(real / "objects")) == ["procedures", "tables", "views"]
    assert sorted(os.listdir(real / "objects/tables")) == [
        "customer.sql", "odd%2Fname.sql", "orders.sql",
    ]
    assert not real.is_symlink()
    links = [
        mount.point / "by-database" / shop / "latest",
        mount.point / "by-date" / day / shop / backup_id,
        mount.point / "by-tag/env/prod" / backup_id,
        mount.point / "by-tag/release/2.1%2Frc" / backup_id,
        mount.point / "by-id" / backup_id,
    ]
    for link in links:
        assert link.is_symlink() and not os.readlink(link).startswith("/")
        assert link.resolve() == real
        assert os.lstat(link).st_size == len(os.readlink(link))
    assert json.loads((real / "metadata.json").read_text())["id"] == backup_id


def test_attributes_are_those_of_a_disk(home, shop, mounts):
    backup_id = create(home)
    mount = mounts(home)
    created = json.loads((directory(mount, backup_id) / "metadata.json").read_text())["created_at"]
    for path in [mount.point, *mount.point.rglob("*")]:
        st = path.lstat()
        if path.is_symlink():
            continue
        if path.is_dir():
            below = [p for p in path.iterdir() if p.is_dir() and not p.is_symlink()]
            if path != mount.point / "live":
                assert st.st_nlink == 2 + len(below), path
            assert st.st_mode & 0o777 == (0o700 if path.name == "import" else 0o500)
            continue
        assert st.st_size == len(path.read_bytes()), path
        assert st.st_blocks == (st.st_size + 511) // 512
        assert st.st_nlink == 1 and st.st_mode & 0o777 == 0o400
        assert (st.st_uid, st.st_gid) == (os.getuid(), os.getgid())
    mtime = (directory(mount, backup_id) / "schema.sql").stat().st_mtime
    assert time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(mtime)) == created


def test_inode_numbers_are_unique_and_the_same_after_a_remount(home, shop, mounts):
    create(home, "--tag", "a=b")
    create(home)

    def numbers(mount):
        top = mount.point
        return {str(p.relative_to(top)): p.lstat().st_ino for p in [top, *top.rglob("*")]}

    first = mounts(home)
    before = numbers(first)
    assert len(set(before.values())) == len(before)
    assert first.end() == 0
    shutil.rmtree(home.path / "state")  # and with another catalog
    assert numbers(mounts(home)) == before


def test_dates_are_of_the_configured_zone(server, home, shop, mounts):
    backup_id = create(home)
    home.env["TZ"] = "UTC"
    write = json.loads(home.config.read_text())
    for zone in ("Pacific/Kiritimati", "Pacific/Pago_Pago"):  # never the same day
        home.config.write_text(json.dumps({**write, "timezone": zone}))
        seconds = directory(mounts(home), backup_id).stat().st_mtime
        want = run("date", "-d", f"@{int(seconds)}", "+%F", env={**os.environ, "TZ": zone})
        assert os.listdir(mounts(home).point / "by-date") == [want.stdout.strip()]


def test_extended_attributes_tell_of_the_backup(home, shop, mounts):
    backup_id = create(home, "--tag", "env=prod", "--description", "before the move")
    real = directory(mounts(home), backup_id)
    assert os.getxattr(real, "user.schemafs.id") == backup_id.encode()
    assert os.getxattr(real, "user.schemafs.database") == shop.encode()
    assert os.getxattr(real, "user.schemafs.status") == b"COMPLETED"
    assert os.getxattr(real, "user.schemafs.description") == b"before the move"
    assert os.getxattr(real, "user.schemafs.tag.env") == b"prod"
    assert "user.schemafs.checksum" in os.listxattr(real)
    for name in ("security.selinux", "system.posix_acl_access"):
        with pytest.raises(OSError) as refused:
            os.getxattr(real / "schema.sql", name)
        assert refused.value.errno == errno.EOPNOTSUPP
    with pytest.raises(OSError) as missing:
        os.getxattr(real, "user.nothing")
    assert missing.value.errno == errno.ENODATA


# Real clients


def test_real_clients_copy_the_tree_byte_by_byte(home, shop, mounts, tmp_path):
    for _ in range(3):
        create(home, "--tag", "env=prod")
    mount = mounts(home)
    top = mount.point / "by-database"
    copies = [tmp_path / name for name in ("cp", "tar", "rsync")]
    for copy in copies:
        copy.mkdir()
    cp, tar, rsync = copies
    assert run("cp", "-a", top, cp).stderr == ""
    pipe = f"set -o pipefail; tar -C '{mount.point}' -c by-database | tar -C '{tar}' -x"
    assert run("bash", "-c", pipe).stderr == ""
    assert run("rsync", "-a", top, rsync).stderr == ""
    files = sorted(p.relative_to(top) for p in top.rglob("*"))
    for copy in copies:
        below = copy / "by-database"
        assert sorted(p.relative_to(below) for p in below.rglob("*")) == files
        assert run("diff", "-r", top, below).stdout == ""
        for path in files:
            a, b = (top / path).lstat(), (below / path).lstat()
            assert (a.st_mode, int(a.st_mtime)) == (b.st_mode, int(b.st_mtime)), path
        subprocess.run(["chmod", "-R", "u+w", below], check=True)  # for whoever removes it


def test_find_du_ls_grep_and_wc_agree(home, shop, mounts):
    create(home)
    top = mounts(home).point / "by-database"
    files = [p for p in top.rglob("*") if p.is_file() and not p.is_symlink()]
    found = run("find", top, "-type", "f", "-printf", "%s %p\n").stdout.splitlines()
    assert sorted(found) == sorted(f"{p.stat().st_size} {p}" for p in files)
    everything = sum(p.lstat().st_size for p in [top, *top.rglob("*")])
    assert run("du", "-sb", top).stdout.split()[0] == str(everything)
    assert run("ls", "-lR", top).stderr == ""
    greps = run("grep", "-rlE", "CREATE TABLE `orders`", top).stdout.splitlines()
    assert sorted(pathlib.Path(g).name for g in greps) == ["orders.sql", "schema.sql"]
    counted = run("wc", "-c", *files).stdout.splitlines()[-1].split()[0]
    assert counted == str(sum(p.stat().st_size for p in files))


def test_mmap_and_seek_read_the_same(home, shop, mounts):
    import mmap

    backup_id = create(home)
    real = directory(mounts(home), backup_id)
    for name in ("schema.sql", "plan.sql", "metadata.json"):
        whole = (real / name).read_bytes()
        with (real / name).open("rb") as file:
            mapped = mmap.mmap(file.fileno(), 0, flags=mmap.MAP_PRIVATE, prot=mmap.PROT_READ)
            assert mapped[:] == whole
            mapped.close()
            file.seek(-7, os.SEEK_END)
            assert file.read() == whole[-7:]
            assert os.pread(file.fileno(), 100, len(whole)) == b""


def test_nothing_can_be_written(home, shop, mounts):
    backup_id = create(home)
    mount = mounts(home)
    real = directory(mount, backup_id)
    attempts = [
        lambda: (real / "schema.sql").open("w"),
        lambda: (real / "schema.sql").open("a"),
        lambda: (real / "new").touch(),
        lambda: (real / "new").mkdir(),
        lambda: (real / "schema.sql").unlink(),
        lambda: (real / "objects").rmdir(),
        lambda: (real / "schema.sql").rename(real / "other"),
        lambda: (real / "new").symlink_to("x"),
        lambda: os.chmod(real / "schema.sql", 0o777),
        lambda: os.chown(real / "schema.sql", 1, 1),
        lambda: os.utime(real / "schema.sql"),
        lambda: os.truncate(real / "schema.sql", 0),
        lambda: os.setxattr(real, "user.schemafs.tag.x", b"y"),
        lambda: (mount.point / "by-tag" / "x").mkdir(),
    ]
    for attempt in attempts:
        with pytest.raises(OSError) as refused:
            attempt()
        assert refused.value.errno == errno.EROFS


def test_thirty_readers_at_once_read_the_same(home, shop, mounts):
    ids = [create(home) for _ in range(4)]
    mount = mounts(home)
    want = {i: (directory(mount, i) / "schema.sql").stat().st_size for i in ids}

    def read_all(number):
        got = {}
        for i in ids[number % 4 :] + ids[: number % 4]:
            top = directory(mount, i)
            for path in [p for p in top.rglob("*") if p.is_file()]:
                data = path.read_bytes()
                assert len(data) == path.stat().st_size
                got[path] = data
        return got

    with concurrent.futures.ThreadPoolExecutor(30) as pool:
        results = list(pool.map(read_all, range(30)))
    assert all(r == results[0] for r in results)
    assert {i: len(results[0][directory(mount, i) / "schema.sql"]) for i in ids} == want


# Freshness


def test_a_new_backup_shows_within_a_second_everywhere(home, shop, mounts):
    create(home, "--tag", "n=first")
    mount = mounts(home)
    for round_number in range(5):
        # Listings and negative lookups that the kernel keeps.
        for path in ("by-id", "by-tag", "by-tag/n", f"by-database/{shop}", "by-date"):
            os.listdir(mount.point / path)
        tag = mount.point / f"by-tag/n/round{round_number}"
        assert not tag.exists()
        before = os.readlink(mount.point / "by-database" / shop / "latest")
        next_second()
        backup_id = create(home, "--tag", f"n=round{round_number}")
        assert eventually(lambda: backup_id in os.listdir(mount.point / "by-id"))
        # Whoever sees it there finds all that came with it: a listing may have been read anew by
        # chance, a moment before the kernel is told of names.
        link = mount.point / "by-database" / shop / "latest"
        assert eventually(lambda: os.readlink(link).endswith(backup_id), 0.3)
        latest = os.readlink(link)
        assert eventually(lambda: tag.name in os.listdir(mount.point / "by-tag/n"), 0.3)
        assert (tag / backup_id / "schema.sql").stat().st_size > 0
        assert (mount.point / "by-id" / backup_id / "metadata.json").read_text()
        assert latest != before
        day = os.path.dirname(latest)
        assert backup_id in os.listdir(mount.point / "by-database" / shop / day)
        assert (mount.point / "by-database" / shop / day).stat().st_nlink == 3 + round_number + 1


def test_a_deleted_backup_goes_within_a_second_everywhere(home, shop, mounts):
    kept = create(home)
    next_second()
    gone = create(home, "--tag", "only=here")
    mount = mounts(home)
    real = directory(mount, gone)
    subprocess.run(["find", mount.point, "-ls"], stdout=subprocess.DEVNULL, check=True)
    for path in real.rglob("*.sql"):
        path.read_bytes()
    delete(home, gone)
    assert eventually(lambda: not (mount.point / "by-id" / gone).is_symlink())
    assert eventually(lambda: gone not in os.listdir(mount.point / "by-id"), 0.3)
    assert eventually(lambda: not real.exists(), 0.3)
    assert eventually(lambda: os.listdir(mount.point / "by-tag") == [], 0.3)
    assert os.listdir(real.parent) == [kept]
    assert os.readlink(mount.point / "by-database" / shop / "latest").endswith(kept)


def test_a_new_database_shows_and_goes_with_its_last_backup(server, home, shop, mounts):
    create(home)
    mount = mounts(home)
    other = shop + "_2"
    assert os.listdir(mount.point / "by-database") == [shop]
    assert not (mount.point / "by-database" / other).exists()
    server.sql(f"create database `{other}`; create table `{other}`.t (a int)")
    try:
        backup_id = create(home, "--database", other)
    finally:
        server.sql(f"drop database `{other}`")
    assert eventually(lambda: sorted(os.listdir(mount.point / "by-database")) == [shop, other])
    assert (mount.point / "by-database" / other / "latest/objects/tables/t.sql").exists()
    delete(home, backup_id)
    assert eventually(lambda: os.listdir(mount.point / "by-database") == [shop])
    assert eventually(lambda: not (mount.point / "by-database" / other).exists())


def test_what_comes_and_goes_between_two_looks_does_not_stay(server, home, shop, mounts):
    create(home)
    other = shop + "_2"
    server.sql(f"create database `{other}`; create table `{other}`.t (a int)")
    try:
        for _ in range(6):  # each beginning of a mount is another moment of its watch
            mount = mounts(home)
            names = mount.point / "by-database"
            backup_id = create(home, "--database", other)
            assert eventually(lambda: sorted(os.listdir(names)) == [shop, other])
            assert (names / other / "latest").is_symlink()
            delete(home, backup_id)
            assert eventually(lambda: os.listdir(names) == [shop])
            assert eventually(lambda: not (names / other).exists())
            mount.end()
    finally:
        server.sql(f"drop database `{other}`")


def test_readers_of_a_deleted_backup_finish(home, shop, mounts):
    create(home)
    gone = create(home)
    mount = mounts(home)
    real = directory(mount, gone)
    names = stored(mount, gone)
    opened = [(real / name).open("rb") for name in names]
    sizes = [os.fstat(file.fileno()).st_size for file in opened]
    delete(home, gone)
    assert eventually(lambda: not real.exists())
    for name, file, size in zip(names, opened, sizes):
        assert len(file.read()) == size, name
        file.close()


def test_who_is_in_a_backup_stays_in_it_when_another_one_comes(home, shop, mounts):
    backup_id = create(home)
    mount = mounts(home)
    real = directory(mount, backup_id)
    there = os.open(real, os.O_DIRECTORY)
    try:
        other = create(home)
        assert eventually(lambda: other in os.listdir(mount.point / "by-id"))
        assert os.readlink(f"/proc/self/fd/{there}") == str(real)
        assert "schema.sql" in os.listdir(there)
    finally:
        os.close(there)


def test_what_another_host_stored_shows_after_a_refresh(server, home, shop, mounts, tmp_path):
    create(home)
    mount = mounts(home)
    assert len(os.listdir(mount.point / "by-id")) == 1
    other = {**home.env, "XDG_STATE_HOME": str(tmp_path / "other-host")}
    backup_id = home.json("backup", "create", env=other)["id"]
    assert eventually(lambda: backup_id in os.listdir(mount.point / "by-id"), 4)
    home.run("backup", "delete", "--backup-id", backup_id, "--force", env=other)
    assert eventually(lambda: backup_id not in os.listdir(mount.point / "by-id"), 4)


def test_a_deleted_catalog_is_made_anew_under_the_mount(home, shop, mounts):
    ids = [create(home) for _ in range(3)]
    mount = mounts(home)
    names = stored(mount, ids[0])
    before = {i: [(directory(mount, i) / n).read_bytes() for n in names] for i in ids}
    catalogs = list((home.path / "state").rglob("*.db*"))
    assert catalogs
    for file in catalogs:
        file.unlink()
    assert eventually(lambda: "was replaced" in mount.log, 5)
    assert eventually(lambda: sorted(os.listdir(mount.point / "by-id")) == sorted(ids), 5)
    # Rows are others now; no name may lead to another backup's bytes.
    after = {i: [(directory(mount, i) / n).read_bytes() for n in names] for i in ids}
    assert after == before


# The live schema


def test_live_shows_what_the_server_has_and_diff_the_change(server, home, shop, mounts):
    create(home)
    mount = mounts(home)
    ours = mount.point / "by-database" / shop / "latest/objects"
    live = mount.point / "live" / shop / "objects"
    assert shop in os.listdir(mount.point / "live")
    same = run("diff", "-r", ours, live)
    assert (same.returncode, same.stdout, same.stderr) == (0, "", "")
    plan = mount.point / "by-database" / shop / "latest/plan.sql"
    assert "nothing to do" in plan.read_text()

    server.sql("alter table customer add column mail varchar(50)", shop)
    time.sleep(1.1)
    changed = run("diff", "-r", ours, live).stdout.splitlines()
    assert [line for line in changed if line.startswith(("<", ">"))] == [
        ">   `mail` varchar(50) DEFAULT NULL,"
    ]
    assert sum(line.startswith("diff -r") for line in changed) == 1
    text = plan.read_bytes()
    assert b"DROP COLUMN `mail`" in text and plan.stat().st_size == len(text)

    # The plan runs as it stands.
    server.sql(text.decode(), shop)
    time.sleep(1.1)
    assert run("diff", "-r", ours, live).stdout == ""


def test_an_open_live_file_keeps_what_it_was(server, home, shop, mounts):
    create(home)
    mount = mounts(home)
    path = mount.point / "live" / shop / "objects/tables/customer.sql"
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        server.sql("alter table customer add column added_in_between int", shop)
        time.sleep(1.1)
        assert path.stat().st_size > size
        assert os.fstat(file.fileno()).st_size == size
        assert len(file.read()) == size
    assert b"added_in_between" in path.read_bytes()


def test_a_database_comes_and_goes_in_live(server, home, shop, mounts):
    mount = mounts(home)
    name = shop + "_later"
    assert not (mount.point / "live" / name).exists()
    server.sql(f"create database `{name}`")
    try:
        assert eventually(lambda: (mount.point / "live" / name / "objects").is_dir(), 2)
        assert os.listdir(mount.point / "live" / name / "objects") == []
    finally:
        server.sql(f"drop database `{name}`")
    assert eventually(lambda: not (mount.point / "live" / name).exists(), 2)


def live_databases(mount):
    """None while the mount thinks that there is no server."""
    try:
        return os.listdir(mount.point / "live")
    except OSError:
        return None


def test_with_the_server_away_plans_say_so_and_nobody_waits(own_server, home, mounts):
    own_server.sql("create database d")
    own_server.sql("create table t (a int)", "d")
    write_config(home, own_server, "d")
    backup_id = create(home)
    own_server.sql("alter table t add column b int", "d")
    mount = mounts(home)
    real = directory(mount, backup_id)
    assert b"DROP COLUMN `b`" in (real / "plan.sql").read_bytes()
    own_server.kill()
    time.sleep(1.1)
    begin = time.monotonic()
    text = (real / "plan.sql").read_bytes()
    assert b"DROP COLUMN `b`" in text and b"-- made against the live schema seen at" in text
    assert (real / "plan.sql").stat().st_size == len(text)
    with pytest.raises(OSError):
        os.listdir(mount.point / "live")
    assert run("ls", "-l", real).stderr == ""
    assert (real / "schema.sql").read_bytes()
    assert time.monotonic() - begin < 10
    own_server.start()
    assert eventually(lambda: b"made against" not in (real / "plan.sql").read_bytes(), 5)
    assert eventually(lambda: live_databases(mount) == ["d"], 5)


def test_a_server_never_seen_gives_a_plan_of_comments(own_server, home, mounts):
    own_server.sql("create database d")
    write_config(home, own_server, "d")
    backup_id = create(home)
    own_server.kill()
    text = (directory(mounts(home), backup_id) / "plan.sql").read_text()
    assert "the live schema is not known" in text
    assert all(line.startswith("-- ") for line in text.splitlines())


# Damage


def flip(path, offset):
    with path.open("r+b") as file:
        file.seek(offset)
        byte = file.read(1)
        file.seek(offset)
        file.write(bytes([byte[0] ^ 0x10]))


def test_a_flipped_byte_anywhere_is_an_error_and_never_wrong_bytes(home, shop, mounts):
    good = create(home)
    first = mounts(home)
    names = stored(first, good)
    want = {n: (directory(first, good) / n).read_bytes() for n in names if n.name != "metadata.json"}
    payload = (home.store / f"{good}.backup").stat().st_size
    envelope = (home.store / f"{good}.meta").stat().st_size
    offsets = [(".backup", i) for i in (0, 5, 20, 60, 100, 150, payload - 1)]
    offsets += [(".backup", payload * i // 8) for i in range(1, 8)]
    offsets += [(".meta", i) for i in (0, 9, 30, 70, envelope - 1)]
    offsets += [(".meta", envelope * i // 5) for i in range(1, 5)]
    bad = {}
    for suffix, offset in offsets:
        backup_id = create(home)
        size = (home.store / (backup_id + suffix)).stat().st_size
        flip(home.store / (backup_id + suffix), min(offset, size - 1))
        bad[backup_id] = (suffix, offset)
    mount = mounts(home)
    for backup_id, where in bad.items():
        failed = 0
        for link in (mount.point / "by-id").iterdir():
            if link.name != backup_id:
                continue
            for name, data in want.items():
                try:
                    assert (link / name).read_bytes() == data, (where, name)
                except OSError as error:
                    assert error.errno in (errno.EIO, errno.EACCES, errno.ENOENT), (where, name)
                    failed += 1
        if where[0] == ".meta" and (mount.point / "by-id" / backup_id).exists():
            assert failed == 0, where  # opened by what the catalog keeps of the envelope
        else:
            assert failed > 0 and backup_id in mount.log, where
    for name, data in want.items():  # the good one is as good as it was
        assert (directory(mount, good) / name).read_bytes() == data


def test_a_damaged_backup_says_in_the_log_what_and_why(home, shop, mounts):
    backup_id = create(home)
    mount = mounts(home)
    real = directory(mount, backup_id)
    size = real.joinpath("schema.sql").stat().st_size
    path = home.store / f"{backup_id}.backup"
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(OSError) as failed:
        (real / "schema.sql").read_bytes()
    assert failed.value.errno == errno.EIO
    assert (real / "schema.sql").stat().st_size == size
    line = [line for line in mount.log.splitlines() if "schema.sql" in line][-1]
    assert "ERROR" in line and backup_id in line


def test_a_wrong_secret_is_told_of_at_the_start(home, shop, mounts):
    backup_id = create(home)
    home.env["BACKUP_ENCRYPTION_KEY"] = secrets.token_hex(32)
    mount = mounts(home)
    assert "the newest backup cannot be read" in mount.log
    with pytest.raises(OSError) as refused:
        (directory(mount, backup_id) / "schema.sql").read_bytes()
    assert refused.value.errno == errno.EACCES


# Life


def test_sigterm_unmounts(home, shop, mounts):
    create(home)
    mount = mounts(home)
    os.listdir(mount.point)
    assert mount.end(signal.SIGTERM) == 0
    assert not is_mounted(mount.point)


def test_sigterm_with_somebody_in_it_unmounts_lazily_and_names_him(home, shop, mounts):
    create(home)
    mount = mounts(home)
    sleeper = subprocess.Popen(["sleep", "60"], cwd=mount.point / "by-id")
    try:
        begin = time.monotonic()
        assert mount.end(signal.SIGTERM) == 0
        assert time.monotonic() - begin < 5
        assert not is_mounted(mount.point)
        assert f"sleep ({sleeper.pid})" in mount.log and "lazily" in mount.log
    finally:
        sleeper.kill()
        sleeper.wait()


def test_a_killed_daemon_leaves_a_mount_point_that_the_next_one_takes(home, shop, mounts):
    backup_id = create(home)
    mount = mounts(home)
    assert directory(mount, backup_id).is_dir()
    mount.kill()
    with pytest.raises(OSError) as dead:
        os.listdir(mount.point)
    assert dead.value.errno == errno.ENOTCONN
    mount.start()
    assert "the daemon of the last mount is gone" in mount.log
    assert directory(mount, backup_id).is_dir()


def test_into_the_background_only_when_it_is_mounted(home, shop, tmp_path):
    backup_id = create(home)
    point = tmp_path / "background"
    point.mkdir()
    done = home.run(point, name="schemafs")
    try:
        assert (done.stdout, done.stderr) == ("", "")
        assert (point / "by-id" / backup_id / "schema.sql").read_bytes()
        log = home.path / "state/mysql-schema-sync/schemafs.log"
        assert "mounted at" in log.read_text() and log.stat().st_mode & 0o777 == 0o600
    finally:
        subprocess.run(["fusermount3", "-u", point], check=True)
    assert eventually(lambda: "unmounted" in log.read_text(), 10)
    assert "Sanitizer" not in log.read_text()


def test_systemd_hears_when_it_is_ready(home, shop, mounts, tmp_path):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
        path = str(tmp_path / "notify")
        notify.bind(path)
        notify.settimeout(10)
        home.env["NOTIFY_SOCKET"] = path
        mount = mounts(home)
        assert notify.recv(100).startswith(b"READY=1")
        assert mount.end(signal.SIGTERM) == 0
        assert notify.recv(100) == b"STOPPING=1"


def test_mount_calls_us_as_its_helper(home, shop, mounts, tmp_path):
    create(home)
    point = tmp_path / "helped"
    point.mkdir()
    helper = tmp_path / "mount.fuse.schemafs"
    helper.symlink_to(home.program("schemafs"))
    command = [helper, "schemafs", point, "-o", f"rw,noauto,config={home.config}"]
    done = run(*command, env=home.env, cwd=home.path)
    try:
        assert done.returncode == 0, done.stderr
        assert (point / "README").exists()
        mounts_line = [
            line for line in open("/proc/self/mounts") if line.split()[1] == str(point)
        ]
        assert mounts_line[0].split()[2] == "fuse.schemafs"
        for option in ("nosuid", "nodev", "noexec"):
            assert option in mounts_line[0].split()[3].split(",")
    finally:
        subprocess.run(["fusermount3", "-u", point], check=True)


def test_owner_and_permissions_are_as_asked(home, shop, mounts):
    create(home)
    mount = mounts(home, "-o", "allow_other,uid=12,gid=34,umask=0022")
    st = mount.point.stat()
    assert (st.st_uid, st.st_gid, st.st_mode & 0o777) == (12, 34, 0o555)
    st = (mount.point / "README").stat()
    assert (st.st_uid, st.st_gid, st.st_mode & 0o777) == (12, 34, 0o444)


@pytest.fixture
def open_device():
    """/dev/fuse as it is on most machines: open for all users."""
    device = pathlib.Path("/dev/fuse")
    mode = device.stat().st_mode & 0o777
    if mode != 0o666:
        device.chmod(0o666)
    yield
    if mode != 0o666:
        device.chmod(mode)


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to be somebody else")
@pytest.mark.skipif(not os.path.exists("/etc/mtab"), reason="fusermount3 of a user wants /etc/mtab")
def test_a_plain_user_mounts_and_nobody_else_sees_it(home, shop, open_device, mounts, tmp_path):
    nobody = 65534
    backup_id = create(home)
    subprocess.run(["chown", "-R", str(nobody), home.path], check=True)
    for directory_above in [tmp_path, *tmp_path.parents][:-1]:
        if directory_above.stat().st_uid == os.getuid() and directory_above != pathlib.Path("/tmp"):
            directory_above.chmod(directory_above.stat().st_mode | 0o011)
    mount = mounts(home, user=nobody)
    seen = run("ls", mount.point / "by-id", user=nobody)
    assert seen.stdout.strip() == backup_id, seen.stderr
    with pytest.raises(PermissionError):  # not even for root
        os.listdir(mount.point)
    assert run("fusermount3", "-u", mount.point, user=nobody).returncode == 0


# What goes wrong at the start


def test_errors_at_the_start_are_clear(home, shop, mounts, tmp_path):
    def refused(status, *arguments):
        done = home.run(*arguments, name="schemafs", status=status)
        assert done.stdout == ""
        return done.stderr

    missing = tmp_path / "missing"
    text = refused(1, missing)
    assert text.startswith(f"Error: mount point {missing}: no such directory\n")
    assert f"Hint: Create it first: mkdir -p {missing}" in text
    file = tmp_path / "file"
    file.write_text("")
    assert "not a directory" in refused(1, file)
    assert "Error: no mount point named" in refused(2)
    assert "unknown mount option: nothing" in refused(2, "-o", "nothing", missing)
    assert "ro" in refused(2, "-o", "rw,ro", missing)
    mount = mounts(home)
    text = refused(1, mount.point)
    assert "mounted there already" in text and f"fusermount3 -u {mount.point}" in text
    home.config.write_text("backup: {storage: {provider: nothing}}\n")
    assert text.startswith("Error: ") and "nothing" in refused(1, tmp_path)


def test_a_directory_that_is_not_empty_is_mounted_over_with_a_word(home, shop, tmp_path):
    create(home)
    point = tmp_path / "full"
    point.mkdir()
    (point / "mine").write_text("x")
    done = home.run(point, name="schemafs")
    try:
        assert "is not empty" in done.stderr
        assert not (point / "mine").exists()
    finally:
        subprocess.run(["fusermount3", "-u", point], check=True)
    assert (point / "mine").read_text() == "x"


def test_help_and_version_go_to_stdout(home):
    done = home.run("--help", name="schemafs")
    assert done.stderr == "" and done.stdout.startswith("Usage: schemafs")
    assert home.run("--version", name="schemafs").stdout.startswith("schemafs ")
