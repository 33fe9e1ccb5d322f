# SPDX-License-Identifier: MIT
"""The product on S3: backups, a rollback and the mount, with every request counted."""

import json
import os

import pytest
from cli_fixtures import shop  # noqa: F401
from fault_proxy import FaultProxy
from mount_fixtures import mounts  # noqa: F401


@pytest.fixture
def counted(radosgw, server, shop, home):
    """The shop's backups go to a bucket behind a proxy that counts."""
    with FaultProxy(radosgw.port) as proxy:
        storage = radosgw.config(radosgw.new_bucket(), endpoint=proxy.endpoint)
        home.write_config(server, shop, backup={"storage": storage})
        yield proxy


def test_create_list_validate_rollback(counted, server, shop, home):
    made = home.json("backup", "create")
    assert made["storage_location"].startswith("s3://")
    counted.requests.clear()
    assert [b["id"] for b in home.json("backup", "list")] == [made["id"]]
    # Other hosts' backups are looked for, nothing more.
    assert all("list-type=2" in request for request in counted.requests)
    assert home.json("backup", "validate", made["id"])["valid"]
    server.sql("create table later (a int)", shop)
    server.sql("drop view if exists nothing", shop)
    home.run("rollback", "execute", made["id"], "--yes", "--force")
    assert ["later"] not in server.sql("show tables", shop)
    home.run("backup", "delete", made["id"], "--yes", "--force")
    assert made["id"] not in [b["id"] for b in home.json("backup", "list")]


def test_another_host_finds_the_backups(counted, home):
    made = home.json("backup", "create")
    for path in (home.path / "state").rglob("*.db*"):
        path.unlink()
    assert made["id"] in json.dumps(home.json("backup", "list"))
    assert home.json("backup", "validate", made["id"])["valid"]


# What the catalog knows is not asked of the store. The catalog was brought up to date a moment ago.
KNOWN = [
    "backup list", "backup list --status all --format json", "backup list --status failed", "backup list --tag release=1",
    "backup list --database nothing", "backup stats ID", "rollback list",
    "backup storage-usage", "backup storage-usage --detailed", "backup report", "backup report --format json",
    "backup report --format csv", "backup report --format html", "backup report --format prometheus",
    "config show", "config check", "__complete backup backup_", "__complete tag rel", "__complete database x",
]
# And what needs the store asks this often at most, for one backup. (info says whether it can be read.)
ASKED = {
    "backup info ID": 2, "backup info latest": 2,
    "backup validate ID": 4, "backup export ID --output a.tar.gz": 3, "rollback plan ID": 3, "schema compare ID --to ID": 6,
    "rollback compare ID": 3, "backup test-encryption --backup-id ID": 3,
}


def test_what_the_catalog_knows_is_not_asked_of_the_store(counted, shop, home):
    config = json.loads(home.config.read_text())
    home.config.write_text(json.dumps({**config, "catalog": {"refresh_interval": "1h"}}))
    made = home.json("backup", "create", "--tag", "release=1")["id"]
    home.run("backup", "create", "--database", "nowhere", status=1)
    home.run("backup", "list")  # looks once for what other hosts stored
    counted.requests.clear()
    for line in KNOWN:
        done = home.run(*line.replace("ID", made).split())
        assert counted.requests == [], f"{line}: {done.stdout[:200]}"
    found = {}
    for line in ASKED:
        counted.requests.clear()
        home.run(*line.replace("ID", made).split(), status=None)
        found[line] = len(counted.requests)
    assert {line: n for line, n in found.items() if not 0 < n <= ASKED[line]} == {}, found


def asked(proxy):
    """What was asked of the store, but for listings: the mount looks for other hosts' backups."""
    return [request for request in proxy.requests if "list-type=2" not in request]


def date(backup_id):
    return f"{backup_id[7:11]}-{backup_id[11:13]}-{backup_id[13:15]}"


def walk(top, below=""):
    """Paths and sizes, but for what is computed when asked for: its size is known afterwards."""
    for entry in sorted(os.scandir(top / below), key=lambda e: e.name):
        path = f"{below}{entry.name}"
        if entry.name in ("plan.sql", "export", "live"):
            continue
        yield path, entry.stat(follow_symlinks=False).st_size
        if entry.is_dir(follow_symlinks=False):
            yield from walk(top, path + "/")


def test_browsing_asks_the_store_nothing_and_a_first_read_once(counted, shop, home, mounts):
    made = [home.json("backup", "create", "--force")["id"] for _ in range(2)]
    mount = mounts(home)
    counted.requests.clear()
    seen = dict(walk(mount.point))
    assert seen[f"by-database/{shop}/{date(made[0])}/{made[0]}/objects/tables/orders.sql"] == 362
    assert asked(counted) == []
    directory = mount.point / "by-id" / made[0]
    assert "CREATE TABLE" in (directory / "schema.sql").read_text()
    first = asked(counted)
    assert [request.split(".")[-1] for request in first] == ["backup"]
    (directory / "schema.sql").read_text()
    assert asked(counted) == first
