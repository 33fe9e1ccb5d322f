# SPDX-License-Identifier: MIT
"""What it takes to answer: the daemon's reads of the store, and how old an answer may be."""

import pathlib
import shutil
import subprocess

import pytest
from cli_fixtures import shop  # noqa: F401
from mount_fixtures import eventually, mounts  # noqa: F401
from test_mount import create, run


def store_reads(mount, work):
    """How often the daemon opens the store's files while something is done."""
    trace = mount.point.parent / "trace"
    tracer = subprocess.Popen(
        ["strace", "-f", "-qq", "-e", "trace=openat", "-o", trace, "-p", str(mount.process.pid)],
        stderr=subprocess.PIPE,
    )
    try:
        assert eventually(lambda: "TracerPid:\t0" not in pathlib.Path(
            f"/proc/{mount.process.pid}/status").read_text(), 5)
        work()
    finally:
        tracer.terminate()
        tracer.communicate()
    lines = trace.read_text().splitlines()
    return [line for line in lines if ".backup" in line or ".meta" in line]


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
