# SPDX-License-Identifier: MIT
"""Two hosts, each with a catalog of its own, work on one store at the same time."""

import concurrent.futures
import json
import random
import secrets
import shutil
import subprocess
import uuid

import pytest
from cli_fixtures import shop  # noqa: F401
from cloud_fixtures import nightly
from conftest import Home

ROUNDS = 14  # of each host


def on_s3(request, prefix):
    server = request.getfixturevalue("radosgw")
    return server.config(server.new_bucket())


def on_azure(request, prefix):
    server = request.getfixturevalue("azurite")
    return {"provider": "azure", "azure": server.settings("backups", prefix=prefix)}


def on_gcs(request, prefix):
    if not shutil.which("node"):
        pytest.skip("node is not installed: no double of Google Cloud Storage")
    server = request.getfixturevalue("google")
    return {"provider": "gcs", "gcs": server.settings("backups", prefix=prefix)}


def on_local(request, prefix):
    path = request.getfixturevalue("tmp_path") / "store"
    return {"provider": "local", "local": {"base_path": str(path)}}


@pytest.fixture(params=[on_local, on_s3, pytest.param(on_azure, marks=nightly),
                        pytest.param(on_gcs, marks=nightly)])
def storage(request):
    """A store that both reach, as backup.storage says it."""
    return request.param(request, f"{uuid.uuid4().hex}/")


@pytest.fixture
def two_hosts(tmp_path, program, server, shop, storage):  # noqa: F811
    """Two homes whose configurations name the same store and the same two secrets."""
    keys = []
    for name in ("a.key", "b.key"):
        keys.append(tmp_path / name)
        keys[-1].write_bytes(secrets.token_bytes(32))
        keys[-1].chmod(0o600)
    hosts = []
    for i in range(2):
        path = tmp_path / f"host{i}"
        path.mkdir(mode=0o700)
        host = Home(path, program)

        def configure(current, host=host):
            host.write_config(
                server,
                shop,
                backup={
                    "storage": storage,
                    "retention": {"max_backups": 8},
                    "encryption": {
                        "enabled": True,
                        "key_file": str(keys[current]),
                        "previous_keys": [str(keys[1 - current])],
                    },
                },
                catalog={"refresh_interval": "0s"},
            )

        host.configure = configure
        configure(i)
        hosts.append(host)
    return hosts


def attempt(host, *words):
    """A command that may be told that the other host is at it."""
    done = host.run(*words, "--format", "json", status=None)
    if done.returncode != 0:
        expected = ("is busy:", "was deleted meanwhile", "is missing", "backup not found")
        assert any(e in done.stderr for e in expected), done.stderr
        return None
    return json.loads(done.stdout)


def live(host, number):
    """What a host was told is done: ids that it made, and ids that somebody may have deleted."""
    chance = random.Random(number)
    made, gone = set(), set()
    for _ in range(ROUNDS):
        what = chance.choices(["create", "cleanup", "rotate", "delete"], [6, 2, 3, 1])[0]
        if what == "create":
            made.add(host.json("backup", "create")["backup_id"])
        elif what == "cleanup":
            result = attempt(host, "backup", "cleanup")
            gone |= {b["backup_id"] for b in (result or {"backups": []})["backups"]
                     if b["action"] == "delete"}
        elif what == "rotate":
            host.configure(chance.randrange(2))
            result = attempt(host, "key", "rotate")
            assert not result or result["failed"] == 0
        else:
            victim = attempt(host, "backup", "info", "latest")
            if victim:
                host.run("backup", "delete", victim["id"], "--force", status=None)
                gone.add(victim["id"])
    return made, gone


def test_nothing_acknowledged_is_lost(two_hosts):
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        results = list(pool.map(live, two_hosts, range(2)))
    made = set().union(*(m for m, _ in results))
    gone = set().union(*(g for _, g in results))
    listings = []
    for host in two_hosts:
        host.run("backup", "recovery-scan", status=None)
        listed = {b["id"]: b["secret_fingerprint"] for b in host.json("backup", "list", "--limit", "0")}
        assert made - gone <= set(listed), "an acknowledged backup is lost"
        assert set(listed) <= made
        check = host.json("key", "check")
        assert (check["opened"], check["closed"]) == (len(listed), [])
        listings.append(listed)
    assert listings[0] == listings[1]
    assert listings[0]
    for backup in listings[0]:
        two_hosts[0].run("backup", "validate", backup)


def test_two_rotations_and_a_cleanup_at_once(two_hosts):
    """All at the same moment: each is done, or told who is at it."""
    made = {two_hosts[i % 2].json("backup", "create")["backup_id"] for i in range(10)}
    commands = [(h, words) for h in two_hosts for words in (["key", "rotate"], ["backup", "cleanup"])]
    running = [
        subprocess.Popen(
            [str(h.program("mysql-schema-sync")), *words],
            env=h.env,
            cwd=h.path,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        for h, words in commands
    ]
    for process in running:
        said = process.communicate(timeout=60)[1]
        assert process.returncode == 0 or "is busy:" in said, said
    for host in two_hosts:
        left = {b["id"] for b in host.json("backup", "list")}
        assert left <= made and len(left) >= 8
        assert host.json("key", "check")["closed"] == []
