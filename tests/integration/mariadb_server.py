# SPDX-License-Identifier: MIT
"""A private MariaDB server for tests, and SQL on any server.

    template = make_template(directory)              # half a second, once
    with PrivateServer.from_template(template, directory) as server:
        server.sql("create database shop")
        rows = server.sql("select a, b from t", "shop")

The server listens on a socket and on a loopback port, keeps everything below
its directory, and ends with the test run: by its own process id, and by
PR_SET_PDEATHSIG when the test run is killed.
"""

import contextlib
import ctypes
import fcntl
import os
import pathlib
import random
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time

START_SECONDS = 30
PR_SET_PDEATHSIG = 1
# Below the kernel's ephemeral range: nobody else gets one of these by chance.
PORTS = range(20000, 32000)

# A server that loses its data when the machine goes down is fine here; a slow one is not.
COMMON = [
    "--innodb-flush-log-at-trx-commit=0",
    "--innodb-flush-method=nosync",
    "--innodb-log-file-size=8M",
]
SERVER = [
    *COMMON,
    "--bind-address=127.0.0.1",
    "--innodb-buffer-pool-dump-at-shutdown=OFF",
    "--innodb-buffer-pool-load-at-startup=OFF",
    "--innodb-buffer-pool-size=64M",
    "--innodb-doublewrite=0",
    "--performance-schema=OFF",
    "--skip-log-bin",
    "--skip-name-resolve",
]


class SqlError(Exception):
    """The server refused a statement; .code is its error number."""

    def __init__(self, text):
        super().__init__(text)
        number = re.search(r"^ERROR (\d+)", text, re.MULTILINE)
        self.code = int(number[1]) if number else 0


class SqlServer:
    """A server that is there: how to reach it, and SQL on it as any account."""

    family = "mariadb"

    def __init__(self, socket_path, port=0, user="root", password=""):
        self.socket = str(socket_path)
        self.host = "127.0.0.1"
        self.port = port
        self.user = user
        self.password = password

    @classmethod
    def running(cls, socket_path):
        """A server that somebody else started."""
        server = cls(socket_path)
        version, port = server.sql("select version(), @@port")[0]
        server.port = int(port)
        server.family = "mariadb" if "MariaDB" in version else "mysql"
        return server

    def client(self, database="", user=None, password=None):
        """The stock client's command line and environment."""
        command = [
            "mariadb",
            "--no-defaults",
            f"--socket={self.socket}",
            f"--user={user or self.user}",
            "--default-character-set=utf8mb4",
            "--batch",
            "--raw",
            "--skip-column-names",
        ]
        secret = self.password if password is None else password
        env = dict(os.environ, MYSQL_PWD=secret) if secret else dict(os.environ)
        return command + ([database] if database else []), env

    def sql(self, text, database="", user=None, password=None):
        """Runs statements; the rows as lists of str. DELIMITER works as in the client.

        Values with tabs or newlines would be cut up: SELECT HEX(value), or to_base64().
        """
        command, env = self.client(database, user, password)
        done = subprocess.run(command, input=text.encode(), env=env, capture_output=True)
        if done.returncode != 0:
            raise SqlError(done.stderr.decode(errors="replace").strip())
        lines = done.stdout.decode(errors="surrogateescape").split("\n")[:-1]
        return [line.split("\t") for line in lines]

    def value(self, text, database="", **account):
        """The first column of the first row."""
        return self.sql(text, database, **account)[0][0]


class PrivateServer(SqlServer):
    """A mariadbd of our own. kill() and start() may be used in tests."""

    def __init__(self, directory):
        self.directory = pathlib.Path(directory)
        super().__init__(self.directory / "s.sock", free_port())
        self.process = None

    @classmethod
    def from_template(cls, template, directory, *options):
        server = cls(directory)
        server.directory.mkdir(parents=True, exist_ok=True)
        subprocess.run(["cp", "-a", template, server.directory / "data"], check=True)
        server.start(*options)
        return server

    @property
    def pid(self):
        return self.process.pid

    @property
    def log(self):
        return (self.directory / "err.log").read_text(errors="replace")

    def start(self, *options):
        command = [
            shutil.which("mariadbd", path=server_path()),
            "--no-defaults",
            *as_root(),
            f"--datadir={self.directory}/data",
            f"--tmpdir={self.directory}",
            f"--socket={self.socket}",
            f"--port={self.port}",
            f"--pid-file={self.directory}/pid",
            f"--log-error={self.directory}/err.log",
            *SERVER,
            *options,
        ]
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=end_with_parent,
        )
        self.wait_until_ready()

    def wait_until_ready(self):
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end:
            if self.process.poll() is not None:
                raise RuntimeError(f"mariadbd ended at its start:\n{self.log}")
            with contextlib.suppress(SqlError):
                self.sql("select 1")
                return
            time.sleep(0.02)
        self.kill()
        raise RuntimeError(f"mariadbd not ready after {START_SECONDS} s:\n{self.log}")

    def stop(self):
        self._end(signal.SIGTERM)

    def kill(self):
        self._end(signal.SIGKILL)

    def _end(self, signal_number):
        if self.process is None:
            return
        self.process.send_signal(signal_number)
        try:
            self.process.wait(timeout=START_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.kill()


def make_template(directory):
    """A fresh data directory: root@localhost without a password, no other account.

    One at a time: the script that makes it is not meant to run beside itself.
    """
    data = pathlib.Path(directory) / "template"
    with (pathlib.Path(tempfile.gettempdir()) / "schemafs-test-install.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        install(data)
    return data


def install(data):
    subprocess.run(
        [
            "mariadb-install-db",
            "--no-defaults",
            *as_root(),
            f"--datadir={data}",
            "--skip-test-db",
            "--force",  # also where the name of this host does not resolve
            "--auth-root-authentication-method=normal",
            "--innodb-buffer-pool-size=32M",
            *COMMON,
        ],
        check=True,
        capture_output=True,
    )
    return data


def fast_directory():
    """Where servers live: memory when there is some."""
    shm = pathlib.Path("/dev/shm")
    return shm if os.access(shm, os.W_OK) else None


def free_port():
    for port in random.sample(PORTS, 200):
        with socket.socket() as s, contextlib.suppress(OSError):
            s.bind(("127.0.0.1", port))
            return port
    raise RuntimeError("no free port")


def as_root():
    """mariadbd refuses to run as root unless told so."""
    return ["--user=root"] if os.geteuid() == 0 else []


def server_path():
    return os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin"


def end_with_parent():
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
