# SPDX-License-Identifier: MIT
"""Servers on loopback: ports, certificates of an authority of our own, waiting."""

import pathlib
import socket
import ssl
import subprocess
import time

WAIT_S = 30


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def wait_until(ready, process, log):
    """Waits until ready(), or says why the process is not."""
    end = time.monotonic() + WAIT_S
    while time.monotonic() < end and process.poll() is None:
        if ready():
            return
        time.sleep(0.05)
    raise AssertionError(f"{process.args[0]} did not start:\n"
                         + pathlib.Path(log).read_text(errors="replace")[-2000:])


def trust(authority):
    return ssl.create_default_context(cafile=authority.ca) if authority else None


class Authority:
    """A certificate authority, and a server certificate for localhost and 127.0.0.1."""

    def __init__(self, directory):
        directory = pathlib.Path(directory)
        directory.mkdir(parents=True, exist_ok=True)
        self.ca, self.certificate = directory / "ca.pem", directory / "server.pem"
        self.key = directory / "server.key"
        names = "DNS:localhost,DNS:*.localhost,DNS:*.blob.localhost,DNS:*.s3.localhost,IP:127.0.0.1"
        (directory / "extensions").write_text(
            f"subjectAltName={names}\nextendedKeyUsage=serverAuth\n"
            "basicConstraints=CA:FALSE\n")
        curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
        for command in (
            ["req", "-x509", *curve, "-keyout", "ca.key", "-out", self.ca, "-days", "30",
             "-subj", "/CN=test-ca", "-addext", "basicConstraints=critical,CA:TRUE",
             "-addext", "keyUsage=critical,keyCertSign,cRLSign"],
            ["req", *curve, "-keyout", self.key, "-out", "server.csr", "-subj",
             "/CN=localhost"],
            ["x509", "-req", "-in", "server.csr", "-CA", self.ca, "-CAkey", "ca.key",
             "-CAcreateserial", "-days", "30", "-out", self.certificate, "-extfile",
             "extensions"],
        ):
            subprocess.run(["openssl", *command], cwd=directory, check=True,
                           capture_output=True)
