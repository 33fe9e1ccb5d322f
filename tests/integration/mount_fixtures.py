# SPDX-License-Identifier: MIT
"""A daemon in the foreground, and its mount, for tests.

    from mount_fixtures import mounts

    def test_x(home, mounts):
        mount = mounts(home)                  # started and ready
        (mount.point / "README").read_text()

What was mounted is unmounted by its path when the test ends, and every daemon
must then have ended well: status 0, and nothing from a sanitizer in its log.
"""

import contextlib
import os
import pathlib
import shutil
import signal
import subprocess
import time

import pytest

READY_SECONDS = 20
SEEN_SECONDS = 5  # on a machine that does much else; idle, it is a fraction of one


def is_mounted(path):
    mounted = pathlib.Path("/proc/self/mounts").read_text().splitlines()
    return any(line.split()[1] == str(path) for line in mounted)


def eventually(check, seconds=SEEN_SECONDS):
    """True as soon as check() is, False when it is not in time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if check():
            return True
        time.sleep(0.01)
    return bool(check())


class Mount:
    def __init__(self, home, point, *arguments, **popen):
        self.home = home
        self.point = pathlib.Path(point)
        self.log_path = self.point.with_suffix(".log")
        self.arguments = arguments
        self.popen = popen
        self.binary = home.program("schemafs")
        self.process = None

    @property
    def log(self):
        return self.log_path.read_text(errors="replace")

    def start(self):
        mounted = self.log.count("mounted at ") if self.log_path.exists() else 0
        with self.log_path.open("ab") as log:
            self.process = subprocess.Popen(
                [self.binary, "-f", *self.arguments, self.point],
                env=self.home.env,
                cwd=self.home.path,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                **self.popen,
            )
        ready = eventually(
            lambda: self.process.poll() is not None or self.log.count("mounted at ") > mounted,
            READY_SECONDS,
        )
        assert ready and self.process.poll() is None, self.log
        return self

    def end(self, how=None):
        """Unmounts, or sends a signal, and returns the exit status."""
        if how is None:
            subprocess.run(["fusermount3", "-u", self.point], check=True)
        else:
            self.process.send_signal(how)
        return self.process.wait(timeout=30)

    def kill(self):
        self.process.kill()
        self.process.wait()

    def clean_up(self):
        if not self.process:
            return 0
        if self.process.poll() is None and is_mounted(self.point):
            # Somebody of the test may be in it for another moment.
            unmounted = eventually(
                lambda: subprocess.run(["fusermount3", "-u", "-q", self.point]).returncode == 0, 5
            )
            if not unmounted:
                self.process.send_signal(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(timeout=30)
        ended = self.process.poll()
        if ended is None:
            self.kill()
        subprocess.run(["fusermount3", "-u", "-z", "-q", self.point], stderr=subprocess.DEVNULL)
        return ended


@pytest.fixture
def mounts(tmp_path):
    """mounts(home, *arguments): a started daemon, each on a mount point of its own."""
    started = []

    def start(home, *arguments, **popen):
        point = tmp_path / f"mnt{len(started)}"
        point.mkdir()
        if "user" in popen:
            os.chown(point, popen["user"], -1)
        mount = Mount(home, point, *arguments, **popen)
        if "user" in popen:  # who may not come into the build directory
            mount.binary = shutil.copy(mount.binary, tmp_path / "schemafs")
        started.append(mount)
        return mount.start()

    yield start
    for mount in started:
        status = mount.clean_up()
        assert status in (0, -signal.SIGKILL), f"status {status}\n{mount.log}"
        for sign in ("Sanitizer", "runtime error", "ERROR: AddressSanitizer"):
            assert sign not in mount.log, mount.log
