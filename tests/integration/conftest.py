# SPDX-License-Identifier: MIT
"""Fixtures of the integration tests.

    def test_x(server, database, home):
        server.sql("create table t (a int)", database)
        home.write_config(server, database)
        out = home.run("backup", "create", "--format", "json")

server      a private MariaDB for the whole run
own_server  one for this test alone: it may be killed and started again
database    the name of an empty database, dropped afterwards
drive       engine/server as a function (tests/tools/server_drive)
account     makes accounts with given grants
radosgw     Ceph's S3 gateway, swift: OpenStack's (object_servers.py)
azurite     Azure's double, google: Google's; *_tls over TLS (cloud_fixtures.py)
home        an empty home directory: HOME, XDG_*, a config file, our programs

SERVER_SOCKET names the socket of a server that runs already, of whatever kind and release:
then that is the shared one. Tests that ask for what it has not fail there.

The programs come from the build directory named by BUILD_DIR ("build" in the
project when not set).
"""

import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import uuid

import pytest
from cloud_fixtures import (authority, azurite, azurite_program, azurite_tls,  # noqa: F401
                            conformance, google, google_tls)
from drive import Drive
from mariadb_server import PrivateServer, SqlServer, fast_directory, make_template
from object_servers import radosgw, swift, tls  # noqa: F401

PROJECT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM_FOLDERS = ["cli", "fs", "tests/tools", "."]


@pytest.fixture(scope="session")
def build_dir():
    path = pathlib.Path(os.environ.get("BUILD_DIR", PROJECT / "build")).resolve()
    assert path.is_dir(), f"{path} is not there: build first, or set BUILD_DIR"
    return path


@pytest.fixture(scope="session")
def program(build_dir):
    """Finds a built program by name: program("capture_dump")."""

    def find(name):
        paths = [build_dir / folder / name for folder in PROGRAM_FOLDERS]
        for path in paths:
            if os.access(path, os.X_OK) and path.is_file():
                return path
        raise AssertionError(f"{name} is not built: looked for {', '.join(map(str, paths))}")

    return find


@pytest.fixture(scope="session")
def server_root():
    """A directory for servers' data, short enough for sockets and fast."""
    path = tempfile.mkdtemp(prefix="schemafs-test-", dir=fast_directory())
    yield pathlib.Path(path)
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture(scope="session")
def server_template(server_root):
    return make_template(server_root)


@pytest.fixture(scope="session")
def server(request):
    if "SERVER_SOCKET" in os.environ:
        yield SqlServer.running(os.environ["SERVER_SOCKET"])
        return
    root, template = (request.getfixturevalue(f"server_{x}") for x in ("root", "template"))
    with PrivateServer.from_template(template, root / "shared") as s:
        yield s


@pytest.fixture
def own_server(server_root, server_template):
    directory = server_root / uuid.uuid4().hex[:8]
    with PrivateServer.from_template(server_template, directory) as s:
        yield s
    shutil.rmtree(directory, ignore_errors=True)


@pytest.fixture
def database(server):
    name = "db_" + uuid.uuid4().hex[:8]
    server.sql(f"create database `{name}` character set utf8mb4 collate utf8mb4_general_ci")
    yield name
    server.sql(f"drop database if exists `{name}`")


@pytest.fixture
def drive(program, server):
    """engine/server as root on the shared server; drive.as_user(...) for others."""
    return Drive(program("server_drive"), server)


@pytest.fixture
def account(server):
    """Makes accounts with given grants: account("SELECT ON *.*") gives the user's name."""
    made = []

    def make(*grants, password=""):
        user = "u" + uuid.uuid4().hex[:8]
        made.append(user)
        server.sql(f"create user {user}@'%' identified by '{password}'")
        for grant in grants:
            server.sql(f"grant {grant} to {user}@'%'")
        return user

    yield make
    for user in made:
        server.sql(f"drop user {user}@'%'")


class Home:
    """A home directory with nothing in it, and programs that know no other."""

    def __init__(self, path, program):
        self.path = pathlib.Path(path)
        self.program = program
        self.config = self.path / ".mysql-schema-sync.yaml"
        self.store = self.path / "store"
        self.env = {
            "HOME": str(self.path),
            "XDG_CONFIG_HOME": str(self.path / "config"),
            "XDG_DATA_HOME": str(self.path / "data"),
            "XDG_STATE_HOME": str(self.path / "state"),
            "XDG_CACHE_HOME": str(self.path / "cache"),
            "XDG_RUNTIME_DIR": str(self.path / "run"),
            "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
            "LANG": "C.UTF-8",
            "TZ": "UTC",
        }
        for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS", "TSAN_OPTIONS"):
            if name in os.environ:
                self.env[name] = os.environ[name]
        for name in ("config", "data", "state", "cache", "run"):
            (self.path / name).mkdir(mode=0o700)

    def write_config(self, server, database, **sections):
        """The default config file: a server, a database, a local store; sections are added.

        A section "backup" replaces ours. (JSON is YAML.)
        """
        content = {
            "target": {
                "socket": server.socket,
                "username": server.user,
                "password": server.password,
                "database": database,
            },
            "backup": {
                "storage": {"provider": "local", "local": {"base_path": str(self.store)}}
            },
        }
        content.update(sections)
        self.config.write_text(json.dumps(content, indent=2) + "\n")
        self.config.chmod(0o600)

    def run(self, *args, name="mysql-schema-sync", status=0, stdin="", timeout=120, env=None):
        """Runs a program to its end and returns it: .stdout, .stderr. None: any status."""
        done = subprocess.run(
            [str(self.program(name)), *map(str, args)],
            env={**self.env, **(env or {})},
            cwd=self.path,
            input=stdin,
            capture_output=True,
            text=True,
            errors="surrogateescape",
            timeout=timeout,
        )
        if status is not None:
            assert done.returncode == status, (
                f"{name} {' '.join(map(str, args))}: exit status {done.returncode},"
                f" want {status}\nstdout: {done.stdout}\nstderr: {done.stderr}"
            )
        return done

    def json(self, *args, **how):
        """Runs the command with --format json and reads its output."""
        return json.loads(self.run(*args, "--format", "json", **how).stdout)


@pytest.fixture
def home(tmp_path, program):
    path = tmp_path / "home"
    path.mkdir(mode=0o700)
    return Home(path, program)
