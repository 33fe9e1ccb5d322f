# SPDX-License-Identifier: MIT
"""The double of Google Cloud Storage (tests/tools/gcs_server) as a fixture's server.

    with GcsServer(directory, bucket="backups") as google:
        google.settings("backups")     # for backup.storage.gcs
        google.fault(method="GET", status=503, times=1)
"""

import json
import pathlib
import subprocess
import urllib.request

from loopback import free_port, trust, wait_until

MAIN = pathlib.Path(__file__).resolve().parents[1] / "tools/gcs_server/main.mjs"


class GcsServer:
    """A server with its accounts; authority (loopback.Authority) makes it speak https."""

    def __init__(self, directory, authority=None, **options):
        self.directory = pathlib.Path(directory)
        self.directory.mkdir(parents=True, exist_ok=True)
        self.authority = authority
        self.port = free_port()
        self.base = (f"https://localhost:{self.port}" if authority
                     else f"http://127.0.0.1:{self.port}")
        options |= {"accounts": self.directory, "port": self.port}
        if authority:
            options |= {"cert": authority.certificate, "key": authority.key}
        self.command = ["node", str(MAIN)]
        for name, value in options.items():
            self.command += [f"--{name}", str(value)]

    def __enter__(self):
        log = self.directory / "gcs.log"
        self.log = open(log, "wb")
        self.process = subprocess.Popen(self.command, stdout=self.log,
                                        stderr=subprocess.STDOUT)
        try:
            wait_until(lambda: b"READY" in log.read_bytes(), self.process, log)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.log.close()

    def credentials(self, name="writer"):
        """writer, reader or user: the file."""
        return self.directory / f"{name}.json"

    def settings(self, bucket, account="writer", **more):
        ca = {"ca_file": str(self.authority.ca)} if self.authority else {}
        return {"bucket": bucket, "endpoint": self.base,
                "credentials_path": str(self.credentials(account))} | ca | more

    def own(self, path, value=None):
        """One of the server's own paths: __fault, __reset, __counts."""
        data = None if value is None else json.dumps(value).encode()
        with urllib.request.urlopen(f"{self.base}/{path}", data, timeout=30,
                                    context=trust(self.authority)) as reply:
            return json.load(reply)

    def fault(self, **fault):
        self.own("__fault", [fault])

    def reset(self):
        self.own("__reset", {})

    def counts(self):
        return self.own("__counts")
