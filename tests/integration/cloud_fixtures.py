# SPDX-License-Identifier: MIT
"""Servers of clouds, one of each for the whole run, and stores on them.

    from cloud_fixtures import store  # noqa: F401

azurite     an Azurite with a container "backups"
google      a double of Google Cloud Storage with a bucket "backups"
store       store(provider, settings) drives engine/store: .put(key, bytes), .get(key) ...
"""

import json
import os
import pathlib
import subprocess
import tempfile
import uuid

import azurite as azurite_server
import pytest
from gcs_server import GcsServer
from loopback import Authority

MISSING = 3
nightly = pytest.mark.skipif("NIGHTLY" not in os.environ,
                             reason="takes long: set NIGHTLY=1 to run it")
# Where npm puts what it installs: once for all runs of a checkout's lock file.
CACHE = pathlib.Path(os.environ.get("BUILD_DIR", "build")).resolve() / "azurite"


class StoreError(Exception):
    def __init__(self, text):
        self.code, _, rest = text.partition(": ")
        self.text, _, self.hint = rest.strip().partition("\n")
        super().__init__(text)


class Store:
    def __init__(self, program, directory, config, env):
        self.program, self.directory, self.env = program, directory, env
        self.config = directory / f"{uuid.uuid4().hex[:8]}.json"
        self.config.write_text(json.dumps(config))

    def drive(self, *arguments):
        """The bytes printed; None when there is no such key."""
        done = subprocess.run([self.program, self.config, *map(str, arguments)], env=self.env,
                              capture_output=True, timeout=120)
        if done.returncode == MISSING:
            return None
        if done.returncode != 0:
            raise StoreError(done.stderr.decode())
        return done.stdout

    def put(self, key, data):
        path = self.directory / uuid.uuid4().hex
        path.write_bytes(data)
        self.drive("put", key, path)
        path.unlink()

    def replace(self, key, version, data):
        path = self.directory / uuid.uuid4().hex
        path.write_bytes(data)
        self.drive("replace", key, version, path)
        path.unlink()

    def get(self, key, *window):
        return self.drive("get", key, *window)

    def version(self, key):
        return self.drive("stat", key).split()[2].decode()

    def list(self, *after):
        return [line.rsplit(" ", 3)[0] for line in
                self.drive("list", *after).decode().splitlines()]

    def remove(self, key):
        return self.drive("remove", key) is not None


@pytest.fixture
def store(program, tmp_path):
    """Drives engine/store with nothing of the environment but what is given."""

    def make(provider, settings, **env):
        clean = {"HOME": str(tmp_path), "PATH": os.environ["PATH"]}
        for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS"):
            if name in os.environ:
                clean[name] = os.environ[name]
        config = {"backup": {"storage": {"provider": provider, provider: settings}}}
        return Store(program("store_drive"), tmp_path, config, clean | env)

    return make


@pytest.fixture(scope="session")
def authority():
    with tempfile.TemporaryDirectory(prefix="schemafs-ca-") as directory:
        yield Authority(directory)


@pytest.fixture(scope="session")
def azurite_program():
    installed = azurite_server.install(CACHE)
    if not installed:
        pytest.skip("Azurite cannot be installed: no npm, or no registry to be reached")
    return installed


@pytest.fixture(scope="session")
def azurite(azurite_program):
    with tempfile.TemporaryDirectory(prefix="schemafs-azure-") as directory:
        with azurite_server.Azurite(directory, azurite_program) as server:
            server.create("backups")
            yield server


@pytest.fixture(scope="session")
def azurite_tls(azurite_program, authority):
    with tempfile.TemporaryDirectory(prefix="schemafs-azure-") as directory:
        with azurite_server.Azurite(directory, azurite_program, authority,
                                    ["--oauth", "basic"]) as server:
            server.create("backups")
            yield server


@pytest.fixture(scope="session")
def google():
    with tempfile.TemporaryDirectory(prefix="schemafs-gcs-") as directory:
        with GcsServer(directory, bucket="backups,paid-bucket",
                       payers="paid-bucket") as server:
            yield server


@pytest.fixture(scope="session")
def google_tls(authority):
    with tempfile.TemporaryDirectory(prefix="schemafs-gcs-") as directory:
        with GcsServer(directory, authority, bucket="backups", ttl=5) as server:
            yield server


@pytest.fixture
def conformance(build_dir, store):
    """Runs the conformance suite of tests/unit/test_store on a store."""

    def run(provider, settings):
        configured = store(provider, settings)
        done = subprocess.run([build_dir / "tests/unit/test_store"], capture_output=True,
                              env=configured.env | {"STORE_UNDER_TEST": str(configured.config)},
                              text=True, timeout=300)
        said = done.stdout + done.stderr
        assert done.returncode == 0 and "test(s) run" in said, said

    return run
