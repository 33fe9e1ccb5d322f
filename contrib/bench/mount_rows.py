# SPDX-License-Identifier: MIT
"""Rows about the mount: traversal, reading, readiness, memory, freshness."""

import os
import pathlib
import shutil
import statistics
import subprocess
import time

from measure import Row, compare, quiet
from world import memory_mb

COUNT = 10_000
MILLION = 1_000_000
READ_SIZE = 64 << 20


def traversals(world, rows):
    """ls -lR, find, du of all backups, warm, beside ext4 with the same files."""
    with world.mounted(world.many(COUNT)) as (point, process, _):
        tree = point / "by-database"
        copy = world.disk / "tree"
        subprocess.run(["cp", "-a", tree, copy], check=True)
        for name, command in [("ls -lR", ["ls", "-lR"]), ("find", ["find"]), ("du", ["du", "-s"])]:
            row = Row(f"{name} of {COUNT:,} backups, warm", "ext4", 1.3)
            rows.append(compare(row, lambda c=command: quiet(*c, tree),
                                lambda c=command: quiet(*c, copy), repeats=3))
        memory = Row(f"memory after browsing {COUNT:,} backups", "", 32, unit="MB")
        memory.ours.append(memory_mb(process))
        rows.append(memory)


def first_traversal(world, rows):
    """The first find of a fresh mount, beside squashfuse_ll with the same files."""
    image = world.fast / "tree.squashfs"
    copy, squash = world.disk / "tree", world.fast / "squash"
    squash.mkdir()
    quiet("mksquashfs", copy, image, "-no-progress", "-comp", "zstd")
    row = Row(f"first find of {COUNT:,} backups", "squashfuse_ll", 0.7)

    def ours():
        with world.mounted(world.many(COUNT)) as (point, _, _):
            began = time.perf_counter()
            quiet("find", point / "by-database", "-size", "+0")
            return time.perf_counter() - began

    def theirs():
        quiet("squashfuse_ll", image, squash)
        try:
            began = time.perf_counter()
            quiet("find", squash, "-size", "+0")
            return time.perf_counter() - began
        finally:
            quiet("fusermount3" if shutil.which("fusermount3") else "fusermount", "-u", squash)

    rows.append(compare(row, ours, theirs, repeats=3))


def read_all(path):
    fd = os.open(path, os.O_RDONLY)
    total = 0
    while n := len(os.read(fd, 1 << 20)):
        total += n
    os.close(fd)
    return total


def cached_read(world, rows):
    """cat of a file that the kernel has, beside the same bytes on tmpfs."""
    big = world.database("big", 3000)
    config = world.store("big", big)
    world.create(config)
    with world.mounted(config) as (point, _, _):
        file = point / "by-database/big/latest/schema.sql"
        copy = world.fast / "copy.sql"
        shutil.copyfile(file, copy)
        again = READ_SIZE // copy.stat().st_size + 1
        row = Row("cached read, bytes per second", "tmpfs", 0.95, larger_is_better=True,
                  unit="MB/s")

        def speed(path):
            began = time.perf_counter()
            total = sum(read_all(path) for _ in range(again))
            return total / (time.perf_counter() - began) / 1e6

        rows.append(compare(row, lambda: speed(file), lambda: speed(copy)))


def cold_reads(world, rows):
    """The first read of schema.sql of 300 backups that nobody has read."""
    database = world.database("medium", 65)
    config = world.store("medium", database)
    world.seed(config, "backups", 300, world.create(config))
    with world.mounted(config) as (point, _, _):
        files = [f / "schema.sql" for f in (point / "by-id").iterdir()]
        for f in files:
            os.stat(f)
        times = []
        for f in files:
            began = time.perf_counter()
            size = len(pathlib.Path(f).read_bytes())
            times.append((time.perf_counter() - began) * 1e6)
        row = Row(f"cold read of a {size // 1024} KB schema.sql, median", "", 250, unit="µs")
        row.ours.append(statistics.median(times))
        row.note = f"99 of 100 within {sorted(times)[len(times) * 99 // 100]:.0f} µs"
        rows.append(row)


def readiness(world, rows):
    for count, config, target in [(COUNT, world.many(COUNT), 100),
                                  (MILLION, world.rows(MILLION), 300)]:
        row = Row(f"mount ready, {count:,} backups", "", target, unit="ms")
        for i in range(5):
            with world.mounted(config) as (_, _, ready):
                row.ours.append(ready * 1000)
        rows.append(row)
    with world.mounted(world.rows(MILLION)) as (point, process, _):
        quiet("ls", point / "by-database")
        quiet("ls", point / "by-database/shop_000")
        quiet("sh", "-c", f"ls -U {point}/by-id | head -100000")
        row = Row(f"memory, {MILLION:,} backups, by-id listed", "", 128, unit="MB")
        row.ours.append(memory_mb(process))
        rows.append(row)


def requests(world, rows):
    """Reads of the store's files while names, sizes and times of all backups are asked for."""
    if not shutil.which("strace"):
        return
    with world.mounted(world.many(COUNT)) as (point, process, _):
        trace = world.fast / "trace"
        tracer = subprocess.Popen(["strace", "-f", "-qq", "-e", "trace=openat", "-o", trace,
                                   "-p", str(process.pid)], stderr=subprocess.DEVNULL)
        time.sleep(1)
        quiet("ls", "-lR", point / "by-database/shop_001")
        tracer.terminate()
        tracer.wait()
        opened = [line for line in trace.read_text().splitlines() if ".backup" in line]
        row = Row("store requests for names, sizes and times", "", 0, unit="")
        row.ours.append(len(opened))
        rows.append(row)


def freshness(world, rows, count=300):
    """From the end of `backup create` until the mount shows it."""
    config = world.store("fresh", world.small())
    world.create(config)
    times = []
    with world.mounted(config) as (point, _, _):
        folder = point / "by-id"
        os.listdir(folder)
        for _ in range(count):
            made = world.create(config, "--force")
            began = time.perf_counter()
            while made not in os.listdir(folder):
                if time.perf_counter() - began > 10:
                    break
                time.sleep(0.001)
            times.append((time.perf_counter() - began) * 1000)
    row = Row(f"a new backup seen in the mount, slowest of {count}", "", 1000, unit="ms")
    row.ours.append(max(times))
    row.note = f"median {statistics.median(times):.0f} ms"
    rows.append(row)


MEASURES = [traversals, first_traversal, cached_read, cold_reads, readiness, requests, freshness]
