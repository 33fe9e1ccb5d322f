# SPDX-License-Identifier: MIT
"""What the mount stands on goes away, stalls, fills up or breaks: who reads is told, in time and
truly, what is not concerned goes on, and all is well when it comes back."""

import concurrent.futures
import contextlib
import errno
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import time

import pytest
from cli_fixtures import shop  # noqa: F401
from fault_proxy import FaultProxy, stall, status
from mount_fixtures import eventually, mounts  # noqa: F401
from test_mount import create

READ_SECONDS = 15  # of a store with these settings, after which a reader must have heard
PATIENCE = {"connection_timeout": "1s", "read_timeout": "1s", "retry_attempts": 2}


def read(path):
    """The bytes, or the number of the error; fails when it takes too long."""
    begin = time.monotonic()
    try:
        return pathlib.Path(path).read_bytes()
    except OSError as error:
        return error.errno
    finally:
        assert time.monotonic() - begin < READ_SECONDS, path


def names(mount):
    return sorted(os.listdir(mount.point / "by-id"))


def health(mount, part):
    found = json.loads((mount.point / "status/health.json").read_text())
    return found["component_status"][part], [
        i["description"] for i in found["issues"] if i["component"] == part]


def sql_of(mount, backup, name="schema.sql"):
    return mount.point / "by-id" / backup / name


# A local store


def test_a_directory_that_goes_and_comes_back(home, shop, mounts):
    ids = sorted(create(home) for _ in range(3))
    mount = mounts(home)
    kept = sql_of(mount, ids[0]).read_bytes()
    with sql_of(mount, ids[1], "metadata.json").open("rb") as opened:
        home.store.rename(home.path / "elsewhere")
        # Nothing is believed to be deleted: the names stay, and what was read can be read.
        assert eventually(lambda: "there is no such directory, and 3 backups are known" in mount.log)
        assert names(mount) == ids
        assert read(sql_of(mount, ids[0])) == kept
        assert read(sql_of(mount, ids[2])) == errno.EIO
        assert "there is no such directory" in mount.log
        assert opened.read()
        assert health(mount, "storage")[0] == "unhealthy"
        listed = home.run("backup", "list", "--format", "json", status=None)
        assert ids[0] in listed.stdout
        # Below a disk that is not mounted lies an empty directory.
        home.store.mkdir()
        assert eventually(lambda: "an empty directory, and another one than before" in mount.log
                          or mount.log.count("no such directory") > 0)
        time.sleep(2.5)
        assert names(mount) == ids
        home.store.rmdir()
        (home.path / "elsewhere").rename(home.store)
    assert read(sql_of(mount, ids[2]))
    assert eventually(lambda: "refresh from the store: works again" in mount.log)
    assert names(mount) == ids and [b["id"] for b in home.json("backup", "list")]
    assert eventually(lambda: health(mount, "storage")[0] == "healthy")


def test_an_emptied_store_is_emptied_and_a_lost_one_can_be_given_up(home, shop, mounts):
    ids = [create(home) for _ in range(2)]
    mount = mounts(home)
    for file in home.store.iterdir():  # as another host does
        file.unlink()
    assert eventually(lambda: names(mount) == [])
    ids = [create(home) for _ in range(2)]
    assert eventually(lambda: names(mount) == sorted(ids))
    shutil.rmtree(home.store)
    for _ in range(2):
        time.sleep(0.1)
        assert names(mount) == sorted(ids)
    assert eventually(lambda: "Is its disk mounted?" in mount.log)
    home.run("backup", "recovery-scan", "--fix")  # who says so may
    assert eventually(lambda: names(mount) == [])


# A store behind a network


@pytest.fixture
def far(radosgw, server, shop, home):
    """Backups in a bucket behind a proxy."""
    with FaultProxy(radosgw.port) as proxy:
        storage = radosgw.config(radosgw.new_bucket(), endpoint=proxy.endpoint, **PATIENCE)
        home.write_config(server, shop, backup={"storage": storage})
        yield proxy


def test_a_bucket_that_stalls_fails_and_comes_back(far, home, shop, mounts):
    ids = sorted(create(home, "--force") for _ in range(8))
    mount = mounts(home)
    kept = sql_of(mount, ids[0]).read_bytes()
    tables = sorted(p.name for p in sql_of(mount, ids[0], "objects/tables").iterdir())
    for fault in (stall(60), status(500), status(503)):
        far.always("*", fault)
        before = mount.log.count("ERROR")
        with concurrent.futures.ThreadPoolExecutor(20) as pool:
            late = [pool.submit(read, sql_of(mount, i, name)) for i in ids[1:]
                    for name in ("schema.sql", "objects/tables/orders.sql")]
            late += [pool.submit(read, mount.point / f"export/{i}.tar") for i in ids[1:4]]
            # Meanwhile, and with more readers waiting than there are threads for them:
            assert read(sql_of(mount, ids[0])) == kept
            assert names(mount) == ids
            assert sorted(os.listdir(sql_of(mount, ids[3], "objects/tables"))) == tables
            assert read(sql_of(mount, ids[3], "metadata.json"))
            begin = time.monotonic()
            assert os.listdir(mount.point / "live")
            assert time.monotonic() - begin < 8
            answers = {future.result() for future in late}
        assert answers == {errno.EIO}
        assert mount.log.count("ERROR") > before and ids[3] in mount.log
        far.constant.clear()
    assert read(sql_of(mount, ids[3])) and read(mount.point / f"export/{ids[3]}.tar")
    assert eventually(lambda: read(sql_of(mount, ids[5])) not in (None, errno.EIO))


# The catalog


def test_a_damaged_catalog_under_the_mount(home, shop, mounts):
    ids = sorted(create(home) for _ in range(3))
    mount = mounts(home)
    want = {i: sql_of(mount, i).read_bytes() for i in ids}
    catalog = next((home.path / "state").rglob("*.db"))
    for damage in (b"not a database at all " * 2000, b""):
        for extra in catalog.parent.glob("*.db-*"):
            extra.unlink()
        catalog.write_bytes(damage)
        for i in ids:
            assert read(sql_of(mount, i)) in (want[i], errno.EIO)
        home.run("backup", "recovery-scan", "--rebuild")
        assert eventually(lambda: names(mount) == ids, 8), mount.log
        assert eventually(lambda: all(read(sql_of(mount, i)) == want[i] for i in ids), 8), mount.log
    assert create(home)


# Full disks


@pytest.fixture
def small(tmp_path):
    """A file system of 3 MB; small.fill() leaves nothing of it, small.free() gives it back."""
    place = pathlib.Path(tempfile.mkdtemp(dir=tmp_path))
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", place],
                          capture_output=True)
    if done.returncode != 0:
        pytest.skip("needs root, to mount a small file system")

    class Small:
        path = place

        def fill(self):
            with contextlib.suppress(OSError), (place / "ballast").open("wb") as file:
                while True:
                    file.write(b"x" * 4096)
                    file.flush()

        def free(self):
            (place / "ballast").unlink()

    yield Small()
    subprocess.run(["umount", "-l", place], check=True)


@pytest.mark.parametrize("what", ["catalog", "store"])
def test_a_full_disk_while_mounted(what, small, server, shop, home, mounts, tmp_path):
    config = json.loads(home.config.read_text())
    if what == "catalog":
        config["catalog"] = {"path": str(small.path / "catalog.db")}
    else:
        config["backup"]["storage"]["local"]["base_path"] = str(small.path / "store")
    home.config.write_text(json.dumps(config))
    ids = sorted(create(home) for _ in range(3))
    archive = tmp_path / "a.tar"
    home.run("backup", "export", ids[0], "--output", archive)
    home.run("backup", "delete", ids[0], "--force")
    mount = mounts(home)
    want = sql_of(mount, ids[1]).read_bytes()
    small.fill()
    assert names(mount) == ids[1:]
    assert read(sql_of(mount, ids[1])) == want
    assert read(sql_of(mount, ids[2]))
    done = subprocess.run(["cp", archive, mount.point / "import/"], capture_output=True, text=True)
    if done.returncode != 0:
        note = (mount.point / f"import/{archive.name}.error").read_text()
        assert "o space left" in note or "full" in note, note
    else:  # a store with room is enough: the catalog follows
        assert what == "catalog"
    assert mount.process.poll() is None
    small.free()
    assert eventually(lambda: subprocess.run(
        ["cp", archive, mount.point / "import/"], capture_output=True).returncode == 0)
    assert eventually(lambda: names(mount) == ids)
    assert read(sql_of(mount, ids[0]))


# The server behind plan.sql


def test_who_looks_while_everything_changes_hears_of_no_stale_handles(server, shop, home, mounts):
    """Attributes and names of what changes with each look, as ls and cp ask for them."""
    backup = create(home)
    mount = mounts(home)
    places = [sql_of(mount, backup, "plan.sql"), mount.point / "live" / shop / "schema.sql",
              mount.point / "live" / shop / "objects/tables/orders.sql"]
    stop = time.monotonic() + 4
    with concurrent.futures.ThreadPoolExecutor(6) as pool:

        def look(place):
            count = 0
            while time.monotonic() < stop:
                place.stat()
                assert place.read_bytes()
                count += 1
            return count

        looks = [pool.submit(look, place) for place in places for _ in range(2)]
        number = 0
        while time.monotonic() < stop:
            number += 1
            server.sql(f"alter table orders add column n{number} int comment '{'x' * number}'", shop)
        assert min(future.result() for future in looks) > 0



def test_a_plan_has_its_stated_size_whatever_the_server_does(own_server, home, mounts):
    own_server.sql("create database d; create table d.t (a int)")
    home.write_config(own_server, "d", mount={"live_timeout": "1s", "live_interval": "1s"})
    backup = create(home)
    mount = mounts(home)
    plan = sql_of(mount, backup, "plan.sql")
    def look():
        begin = time.monotonic()
        with plan.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            text = file.read()
        assert len(text) == size
        assert time.monotonic() - begin < 5

    look()
    for change in range(3):
        own_server.sql(f"alter table d.t add column c{change} int")
        for _ in range(10):
            look()
            time.sleep(0.05)
    own_server.process.send_signal(19)  # SIGSTOP: it takes connections, and says nothing
    try:
        for _ in range(4):
            look()
            time.sleep(0.3)
        assert subprocess.run(["ls", "-l", plan.parent], capture_output=True).returncode == 0
    finally:
        own_server.process.send_signal(18)
    own_server.kill()
    for _ in range(3):
        look()
    own_server.start()
    assert eventually(lambda: b"made against" not in plan.read_bytes(), 6)
    look()
    assert mount.process.poll() is None
