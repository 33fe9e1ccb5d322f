# SPDX-License-Identifier: MIT
"""Azurite, Microsoft's own double of Azure Storage, as npm installs it from tests/tools/azurite.

    with Azurite(directory, installed) as azure:
        azure.create("backups")
        azure.settings("backups")      # for backup.storage.azure
"""

import base64
import datetime
import hashlib
import hmac
import os
import pathlib
import shutil
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request

from loopback import free_port, trust, wait_until

SOURCE = pathlib.Path(__file__).resolve().parents[1] / "tools/azurite"
MAIN = "node_modules/azurite/dist/src/blob/main.js"
VERSION = "2023-11-03"


def install(directory):
    """Installs Azurite below a directory, unless it is there; None when that is impossible."""
    directory = pathlib.Path(directory)
    if (directory / MAIN).exists():
        return directory
    if not shutil.which("npm") or not shutil.which("node"):
        return None
    fresh = directory.with_name(f"{directory.name}.{os.getpid()}")
    shutil.copytree(SOURCE, fresh, ignore=shutil.ignore_patterns("node_modules"))
    command = ["npm", "ci", "--prefer-offline", "--ignore-scripts", "--no-audit", "--no-fund"]
    done = subprocess.run(command, cwd=fresh, capture_output=True, timeout=300)
    if done.returncode != 0 or not (fresh / MAIN).exists():
        shutil.rmtree(fresh, ignore_errors=True)
        return None
    try:
        fresh.rename(directory)
    except OSError:  # another run was faster
        shutil.rmtree(fresh, ignore_errors=True)
    return directory


class Azurite:
    """A server with one account; authority (loopback.Authority) makes it speak https."""

    def __init__(self, directory, installed, authority=None, options=()):
        self.directory = pathlib.Path(directory)
        self.directory.mkdir(parents=True, exist_ok=True)
        self.account = "acct1"
        self.key = base64.b64encode(os.urandom(64)).decode()
        self.port = free_port()
        self.authority = authority
        scheme = "https" if authority else "http"
        self.base = f"{scheme}://127.0.0.1:{self.port}"
        self.endpoint = f"{self.base}/{self.account}"
        self.host_style = f"{scheme}://{self.account}.blob.localhost:{self.port}"
        self.command = ["node", installed / MAIN, "--blobHost", "127.0.0.1", "--blobPort",
                        str(self.port), "--inMemoryPersistence", "--silent",
                        "--disableTelemetry", "--skipApiVersionCheck", *options]
        if authority:
            self.command += ["--cert", authority.certificate, "--key", authority.key]

    def __enter__(self):
        env = os.environ | {"AZURITE_ACCOUNTS": f"{self.account}:{self.key}"}
        self.log = open(self.directory / "azurite.log", "wb")
        self.process = subprocess.Popen(self.command, cwd=self.directory, env=env,
                                        stdout=self.log, stderr=subprocess.STDOUT)
        try:
            wait_until(self.is_up, self.process, self.directory / "azurite.log")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.log.close()

    def is_up(self):
        try:
            self.request("GET", "", "comp=list")
            return True
        except OSError:
            return False

    def request(self, method, path, query="", body=b"", headers=None):
        """A signed request, by code that shares nothing with ours: (status, headers, body)."""
        now = datetime.datetime.now(datetime.timezone.utc)
        sent = {"x-ms-date": now.strftime("%a, %d %b %Y %H:%M:%S GMT"),
                "x-ms-version": VERSION, **(headers or {})}
        if body:
            sent["Content-Type"] = "application/octet-stream"
        canonical = "".join(f"{name.lower()}:{value}\n" for name, value in
                            sorted(sent.items()) if name.lower().startswith("x-ms-"))
        resource = f"/{self.account}/{self.account}/{path}" + "".join(
            f"\n{name}:{value}" for name, value in
            sorted(urllib.parse.parse_qsl(query, keep_blank_values=True)))
        text = "\n".join([method, "", "", str(len(body) or ""), "",
                          sent.get("Content-Type", ""), "", "", "", "", "", ""])
        signature = hmac.new(base64.b64decode(self.key), (text + "\n" + canonical + resource)
                             .encode(), hashlib.sha256).digest()
        sent["Authorization"] = (f"SharedKey {self.account}:"
                                 + base64.b64encode(signature).decode())
        url = f"{self.endpoint}/{path}" + (f"?{query}" if query else "")
        request = urllib.request.Request(url, body or None, sent, method=method)
        if not body and method == "PUT":
            request.add_header("Content-Length", "0")
        try:
            with urllib.request.urlopen(request, timeout=30,
                                        context=trust(self.authority)) as reply:
                return reply.status, reply.headers, reply.read()
        except urllib.error.HTTPError as e:
            return e.code, e.headers, e.read()

    def create(self, container):
        status, _, body = self.request("PUT", container, "restype=container")
        assert status == 201, body

    def settings(self, container, **more):
        ca = {"ca_file": str(self.authority.ca)} if self.authority else {}
        return {"account_name": self.account, "account_key": self.key,
                "container_name": container, "endpoint": self.endpoint} | ca | more
