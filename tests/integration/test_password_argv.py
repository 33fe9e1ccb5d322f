# SPDX-License-Identifier: MIT
"""A password on the command line, as older scripts have it, is seen by `ps` for a moment only."""

import contextlib
import pathlib
import socket
import subprocess
import time

import pytest

WARNING = "other users of this machine could read the password"


@contextlib.contextmanager
def deaf_server():
    """A port that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


def words_of(process):
    return pathlib.Path(f"/proc/{process.pid}/cmdline").read_bytes()


@pytest.mark.parametrize("side", ["source", "target"])
@pytest.mark.parametrize("form", ["{option}=geheim12", "{option} geheim12"])
def test_it_is_gone_from_the_process_list(home, program, side, form):
    with deaf_server() as port:
        words = [program("mysql-schema-sync"), "migrate", "--dry-run"]
        for role in ("source", "target"):
            words += [f"--{role}-host=127.0.0.1", f"--{role}-port={port}", f"--{role}-db=shop",
                      f"--{role}-user=app"]  # fmt: skip
        words += form.format(option=f"--{side}-password").split()
        process = subprocess.Popen(
            list(map(str, words)), env=home.env, cwd=home.path, stderr=subprocess.PIPE, text=True
        )
        try:
            warning = process.stderr.readline()  # written after the command line was read
            assert WARNING in warning and "--password-file" in warning
            assert f"--{side}-password" in warning and "geheim12" not in warning
            seen = words_of(process)
            time.sleep(0.2)
            seen += words_of(process)
            assert process.poll() is None, "it should wait for the server"
            assert b"--dry-run" in seen and b"-password" in seen
            assert b"geheim12" not in seen
        finally:
            process.kill()
            process.communicate()


def test_it_still_logs_in_and_warns_once(server, database, home, account):
    user = account(f"ALL ON `{database}`.*", r"ALL ON `\_mss\_scratch\_%`.*", password="geheim12")
    file = home.path / "want.sql"
    file.write_text("create table t (a int);")
    words = ["migrate", "--schema", file, "--dry-run", "--no-proof", "--target-db", database,
             "--target-socket", server.socket, "--target-user", user]  # fmt: skip
    done = home.run(*words, "--target-password", "geheim12", status=None)
    assert done.stderr.count(WARNING) == 1, done.stderr
    assert "access denied for user" not in done.stderr
    both = home.run(*words, "--target-password=falsch", "--source-password=x", status=None)
    assert both.stderr.count(WARNING) == 1
    assert "access denied" in both.stderr and "falsch" not in both.stderr
    quiet = home.run(*words, "--target-password", "geheim12", "--quiet", status=None)
    assert WARNING not in quiet.stderr
