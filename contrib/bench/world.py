# SPDX-License-Identifier: MIT
"""What is measured: a release build, a private server, stores with many backups, mounts."""

import contextlib
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time

PROJECT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(PROJECT / "tests/integration"))

from mariadb_server import PrivateServer, fast_directory, make_template  # noqa: E402

# A column's comment that does not compress to nothing, as people write them.
TABLE = """create table t{i} (id int unsigned not null auto_increment primary key,
  name_{i} varchar({n}) not null default '' comment 'What customer {i} calls item {n}',
  created_at timestamp not null default current_timestamp(), amount decimal(10,2),
  state enum('new', 'paid', 'sent', 'x{i}') not null, key by_name_{i} (name_{i}, created_at))"""


class World:
    """Directories, programs and servers of one run; gone with it."""

    def __init__(self, build):
        self.build = build
        self.stack = contextlib.ExitStack()
        self.fast = pathlib.Path(tempfile.mkdtemp(prefix="bench-", dir=fast_directory()))
        self.disk = pathlib.Path(tempfile.mkdtemp(prefix="bench-", dir="/var/tmp"))
        self.env = {**os.environ, "HOME": str(self.fast), "TZ": "UTC", "LANG": "C.UTF-8"}
        for folder in (self.fast, self.disk):
            self.stack.callback(shutil.rmtree, folder, ignore_errors=True)
        template = make_template(self.fast)
        self.server = self.stack.enter_context(
            PrivateServer.from_template(template, self.fast / "server")
        )
        self.stores = {}

    def close(self):
        self.stack.close()

    def program(self, name):
        for folder in ("cli", "fs", "contrib/bench", "tests/tools"):
            path = self.build / folder / name
            if path.is_file():
                return path
        raise SystemExit(f"{name} is not built in {self.build}")

    def database(self, name, tables):
        """A database with so many tables."""
        sql = "".join(TABLE.format(i=i, n=10 + i % 50) + ";" for i in range(tables))
        self.server.sql(f"create database {name}; use {name}; {sql}")
        return name

    def store(self, name, database="", where=None, **sections):
        """A configuration with a store of its own; its path."""
        folder = (where or self.fast) / name
        folder.mkdir(exist_ok=True)
        config = {
            "target": {
                "socket": self.server.socket, "username": self.server.user,
                "password": self.server.password, "database": database,
            },
            "backup": {"storage": {"local": {"base_path": str(folder / "store")}}},
            "catalog": {"path": str(folder / "catalog.db"), "refresh_interval": "30d"},
            **sections,
        }
        path = folder / "config.yaml"
        path.write_text("".join(f"{k}: {json.dumps(v)}\n" for k, v in config.items()))
        path.chmod(0o600)
        return path

    def command(self, *arguments):
        """The companion command; what it prints."""
        return subprocess.run(
            [self.program("mysql-schema-sync"), *map(str, arguments)],
            check=True, capture_output=True, text=True, env=self.env,
        ).stdout

    def create(self, config, *arguments):
        """A backup; its id."""
        out = self.command("backup", "create", "--config", config, "--format", "json", *arguments)
        return json.loads(out)["backup_id"]

    def seed(self, config, what, count, backup_id):
        self.command("backup", "list", "--config", config)  # the store is known from now on
        subprocess.run(
            [self.program("bench_seed"), config, what, str(count), backup_id],
            check=True, env=self.env,
        )

    def many(self, count):
        """A store with so many small backups, made once."""
        if count not in self.stores:
            config = self.store(f"many{count}", self.small())
            self.seed(config, "backups", count - 1, self.create(config))
            self.stores[count] = config
        return self.stores[count]

    def rows(self, count):
        """A catalog with so many backups, of which one is in the store."""
        key = f"rows{count}"
        if key not in self.stores:
            config = self.store(key, self.small())
            self.seed(config, "rows", count - 1, self.create(config))
            self.stores[key] = config
        return self.stores[key]

    def small(self):
        if "small" not in self.stores:
            self.stores["small"] = self.database("small", 2)
        return self.stores["small"]

    @contextlib.contextmanager
    def mounted(self, config, name="mnt"):
        """A mount, ready: (its point, the daemon's process, seconds until it was ready)."""
        point = self.fast / name
        point.mkdir(exist_ok=True)
        began = time.perf_counter()
        process = subprocess.Popen(
            [self.program("schemafs"), "-f", "--config", config, point],
            env=self.env, stderr=(self.fast / f"{name}.log").open("w"),
        )
        try:
            while not os.path.ismount(point):
                if process.poll() is not None:
                    raise SystemExit(f"schemafs ended: {(self.fast / f'{name}.log').read_text()}")
                time.sleep(0.0005)
            (point / "README").read_bytes()
            yield point, process, time.perf_counter() - began
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(20)


def memory_mb(process):
    """Resident memory of a process that is its own, in MB."""
    total = 0
    for line in pathlib.Path(f"/proc/{process.pid}/smaps_rollup").read_text().splitlines():
        if line.startswith(("Private_Clean", "Private_Dirty")):
            total += int(line.split()[1])
    return total / 1024
