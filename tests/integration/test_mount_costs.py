# SPDX-License-Identifier: MIT
"""What it takes to answer: the daemon's reads of the store, and how old an answer may be."""

import contextlib
import pathlib
import re
import shutil
import struct
import subprocess

import pytest
from cli_fixtures import shop  # noqa: F401
from mount_fixtures import eventually, mounts  # noqa: F401
from test_mount import create, run


@contextlib.contextmanager
def traced(mount, *what):
    """Lines of strace(1) about the daemon, complete when the block has ended."""
    trace = mount.point.parent / "trace"
    tracer = subprocess.Popen(
        ["strace", "-f", "-qq", *what, "-o", trace, "-p", str(mount.process.pid)],
        stderr=subprocess.PIPE,
    )
    lines = []
    try:
        assert eventually(lambda: "TracerPid:\t0" not in pathlib.Path(
            f"/proc/{mount.process.pid}/status").read_text(), 5)
        yield lines
    finally:
        tracer.terminate()
        tracer.communicate()
    lines += trace.read_text().splitlines()


def store_reads(mount, work):
    """How often the daemon opens the store's files while something is done."""
    with traced(mount, "-e", "trace=openat") as lines:
        work()
    return [line for line in lines if ".backup" in line or ".meta" in line]


# The kernel's requests that somebody waits for, by number (linux/fuse.h).
ASKED = {1: "LOOKUP", 3: "GETATTR", 5: "READLINK", 14: "OPEN", 15: "READ", 18: "RELEASE",
         22: "GETXATTR", 23: "LISTXATTR", 25: "FLUSH", 27: "OPENDIR", 28: "READDIR",
         29: "RELEASEDIR", 34: "ACCESS", 44: "READDIRPLUS"}
# A request is read from /dev/fuse: its length, its number, which one it is, the node.
REQUEST = re.compile(r'read.*"((?:\\x..){24})')


def requests(mount, work):
    """What the kernel asks the daemon while something is done."""
    with traced(mount, "-e", "trace=read", "-x", "-s", "24") as lines:
        work()
    found = []
    for match in filter(None, map(REQUEST.search, lines)):
        head = bytes.fromhex(match[1].replace("\\x", ""))
        length, number = struct.unpack_from("<II", head)
        if 40 <= length < 1 << 20 and number in ASKED:
            found.append(ASKED[number])
    return found


@pytest.mark.skipif(not shutil.which("strace"), reason="needs strace")
def test_names_sizes_and_times_read_nothing_of_the_store(server, home, shop, mounts):
    for _ in range(3):
        create(home, "--force")
    mount = mounts(home)
    real = mount.point / "by-database" / shop / "latest"
    assert store_reads(mount, lambda: run("ls", "-lR", mount.point / "by-database")) == []
    size = (real / "plan.sql").stat().st_size
    assert size == len((real / "plan.sql").read_bytes())
    assert store_reads(mount, lambda: (real / "schema.sql").read_bytes()) != []

    # An older schema is read once for all backups that have it: an envelope and a payload.
    server.sql("alter table customers add column more int", shop)
    plans = sorted((mount.point / "by-database").glob("*/20*/*/plan.sql"))
    assert len(plans) == 3
    reads = store_reads(mount, lambda: eventually(
        lambda: all(p.stat().st_size != size for p in plans), 5))
    assert len(reads) == 2
    assert all(p.stat().st_size == len(p.read_bytes()) != size for p in plans)


def test_the_size_of_a_plan_follows_the_server(server, home, shop, mounts):
    create(home)
    mount = mounts(home)
    plan = mount.point / "by-database" / shop / "latest/plan.sql"
    for i in range(3):
        before = plan.stat().st_size
        server.sql(f"alter table customers add column followed_{i} int", shop)
        assert eventually(lambda: plan.stat().st_size != before, 4)
        assert plan.stat().st_size == len(plan.read_bytes())


@pytest.mark.skipif(not shutil.which("strace"), reason="needs strace")
def test_who_looks_again_asks_the_daemon_nothing(home, shop, mounts):
    for _ in range(3):
        create(home, "--force", "--tag", "kind=seen")
    mount = mounts(home)

    def look():
        for branch in ("by-database", "by-date", "by-id", "by-tag"):
            run("ls", "-lR", mount.point / branch)
            run("find", mount.point / branch, "-size", "+0")
            run("du", "-s", mount.point / branch)

    assert {"READDIRPLUS", "LOOKUP"} <= set(requests(mount, look))
    look()  # times are asked for once more, now that the directories have been read
    # Under pressure the kernel may give up what it has, but not each time.
    passes = [requests(mount, look) for _ in range(5)]
    # Whether there are labels and ACLs at all is asked by each run of ls(1), not for each file.
    assert any(set(asked) <= {"GETXATTR"} and len(asked) <= 8 for asked in passes), passes


@pytest.mark.skipif(not shutil.which("strace"), reason="needs strace")
def test_reading_again_asks_for_the_file_only_once(home, shop, mounts):
    create(home)
    mount = mounts(home)
    file = mount.point / "by-database" / shop / "latest/schema.sql"
    content = file.read_bytes()
    file.stat()
    asked = requests(mount, lambda: [file.read_bytes() for _ in range(20)])
    assert set(asked) == {"OPEN", "RELEASE"} and asked.count("OPEN") == 20
    assert file.read_bytes() == content
