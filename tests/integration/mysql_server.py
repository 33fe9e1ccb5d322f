# SPDX-License-Identifier: MIT
"""A private MySQL server out of packages that were unpacked, not installed.

    with PrivateMySql(root, directory) as server:
        server.sql("create database shop")

root holds usr/sbin/mysqld and all libraries it needs: packages of another Debian
release, each unpacked by dpkg-deb -x. The server runs by its own dynamic linker.
"""

import pathlib
import subprocess

from mariadb_server import PrivateServer, SqlServer, as_root, end_with_parent, free_port

OPTIONS = [
    "--bind-address=127.0.0.1",
    "--innodb-buffer-pool-size=64M",
    "--innodb-doublewrite=OFF",
    "--innodb-flush-log-at-trx-commit=0",
    "--innodb-flush-method=nosync",
    "--mysqlx=OFF",
    "--performance-schema=OFF",
    "--secure-file-priv=NULL",
    "--skip-log-bin",
    "--skip-name-resolve",
]


class PrivateMySql(PrivateServer):
    family = "mysql"

    def __init__(self, root, directory):
        self.root = pathlib.Path(root).resolve()
        self.directory = pathlib.Path(directory)
        SqlServer.__init__(self, self.directory / "s.sock", free_port())
        self.process = None

    def command(self):
        usr = self.root / "usr"
        libraries = f"{usr}/lib/x86_64-linux-gnu:{usr}/lib/mysql/private"
        return [
            *[str(usr / "lib64/ld-linux-x86-64.so.2"), "--library-path", libraries],
            str(usr / "sbin/mysqld"),
            *["--no-defaults", f"--basedir={usr}", f"--lc-messages-dir={usr}/share/mysql"],
            *[f"--character-sets-dir={usr}/share/mysql/charsets", *as_root()],
            *[f"--plugin-dir={usr}/lib/mysql/plugin", f"--datadir={self.directory}/data"],
        ]

    def start(self):
        self.directory.mkdir(parents=True, exist_ok=True)
        init = [*self.command(), "--initialize-insecure", "--secure-file-priv=NULL"]
        subprocess.run(init, check=True, capture_output=True)
        self.process = subprocess.Popen(
            [
                *self.command(),
                *OPTIONS,
                f"--socket={self.socket}",
                f"--port={self.port}",
                f"--pid-file={self.directory}/pid",
                f"--log-error={self.directory}/err.log",
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=end_with_parent,
        )
        self.wait_until_ready()

    def __enter__(self):
        self.start()
        return self
