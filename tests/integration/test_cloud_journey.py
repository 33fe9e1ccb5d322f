# SPDX-License-Identifier: MIT
"""The product on clouds: create, list, validate, roll back; and what their own clients see."""

import json
import os
import pathlib
import shutil
import subprocess

import pytest
from cloud_fixtures import store  # noqa: F401

CLIENTS = pathlib.Path(__file__).resolve().parents[1] / "tools/cloud_clients"


@pytest.fixture(params=["azurite_tls", "google_tls"])
def storage(request):
    server = request.getfixturevalue(request.param)
    provider = "azure" if request.param.startswith("azurite") else "gcs"
    return {"provider": provider, provider: server.settings("backups", prefix=f"{os.getpid()}/")}


def test_a_backup_s_life(storage, server, database, home):
    server.sql("create table account (id int primary key, name varchar(20))", database)
    home.write_config(server, database, backup={"storage": storage, "encryption": {
        "enabled": True, "key_source": "env", "key_env_var": "TEST_SECRET"}})
    env = {"TEST_SECRET": "0123456789abcdef" * 4}
    created = home.json("backup", "create", env=env)
    assert created["storage_location"].startswith(
        {"azure": "azure://backups/", "gcs": "gs://backups/"}[storage["provider"]])
    listed = home.json("backup", "list", env=env)
    assert created["id"] in json.dumps(listed)
    home.run("backup", "validate", created["id"], env=env)
    server.sql("alter table account drop column name", database)
    home.run("rollback", "execute", "--backup-id", created["id"], "--yes", env=env)
    assert "`name`" in str(server.sql("show create table account", database))
    # A catalog that was lost is made from the store again.
    shutil.rmtree(home.path / "state")
    assert created["id"] in home.run("backup", "list", env=env).stdout
    home.run("backup", "delete", created["id"], "--yes", "--force", env=env)
    home.run("backup", "info", created["id"], status=1, env=env)


@pytest.fixture(scope="module")
def clients(tmp_path_factory):
    """The clouds' own clients, which take npm a while: only when asked for."""
    if "CLOUD_CLIENTS" not in os.environ:
        pytest.skip("takes 66 MB from npm: set CLOUD_CLIENTS=1 to run it")
    directory = tmp_path_factory.mktemp("clients")
    shutil.copytree(CLIENTS, directory, dirs_exist_ok=True)
    subprocess.run(["npm", "ci", "--prefer-offline", "--ignore-scripts", "--no-audit",
                    "--no-fund"], cwd=directory, check=True, capture_output=True)
    return directory


@pytest.mark.parametrize("provider", ["azure", "gcs"])
def test_official_clients_read_ours_and_we_theirs(provider, request, store, clients,  # noqa: F811
                                                  tmp_path):
    server = request.getfixturevalue("azurite" if provider == "azure" else "google")
    data = {name: os.urandom(size) for name, size in (("small", 1000), ("large", 3_000_000))}
    chunk = {"azure": {"block_size": "256KB"}, "gcs": {"chunk_size": "256KB"}}[provider]
    s = store(provider, server.settings("backups", prefix="clients/", **chunk))
    for name, content in data.items():
        (tmp_path / name).write_bytes(content)
        s.put(f"ours a+b {name}", content)
    arguments = {"azure": lambda: [server.endpoint, server.account, server.key],
                 "gcs": lambda: [server.base, str(server.credentials()), "-"]}[provider]()
    done = subprocess.run(["node", clients / f"{provider}.mjs", *arguments, tmp_path],
                          capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    for name, content in data.items():
        assert (tmp_path / f"{name}.read").read_bytes() == content
        assert s.get(f"theirs a+b {name}") == content
    assert s.list() == [f"{who} a+b {name}" for who in ("ours", "theirs")
                        for name in ("large", "small")]
