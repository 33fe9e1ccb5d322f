# SPDX-License-Identifier: MIT
"""Rows about object stores: many small objects, and large ones in little memory.

The server is Ceph's S3 gateway on loopback; beside us stands a loop of nothing but libcurl,
with as many connections.
"""

import os
import re
import subprocess
import uuid

from fault_proxy import FaultProxy
from loopback import Authority
from measure import Row, compare
from object_servers import RadosGateway

COUNT = int(os.environ.get("BENCH_OBJECTS", 10_000))
CONNECTIONS = 8  # as many as threads of `store_drive bench`
LARGE_MB = 200
PEAK_MB = 64
PROCEDURES = 20  # that a large backup is made of; each is LARGE_MB / PROCEDURES long


def gateway(world):
    """Ceph's gateway, started once."""
    if "radosgw" not in world.stores:
        directory = world.fast / "ceph"
        directory.mkdir()
        server = RadosGateway(directory, Authority(world.fast / "tls"))
        world.stack.callback(server.processes.end)
        server.start()
        world.stores["radosgw"] = server
    return world.stores["radosgw"]


def configured(world, storage):
    """A configuration with this storage; its path."""
    return world.store(uuid.uuid4().hex, backup={"storage": storage})


def run(*command, env):
    return subprocess.run([str(c) for c in command], check=True, capture_output=True, text=True,
                          env=env)


def small_objects(world, rows):
    server, bucket = gateway(world), gateway(world).new_bucket()
    drive, loop = world.program("store_drive"), world.program("bench_curl_loop")
    put = Row(f"{COUNT:,} puts of 4 KB, {CONNECTIONS} connections", "a loop of libcurl", 0.9,
              larger_is_better=True, unit="a second")
    listed = Row(f"list of {COUNT:,} objects", "a loop of libcurl", 0.9, larger_is_better=True,
                 unit="a second")

    def ours():
        storage = server.config(bucket, prefix=f"{uuid.uuid4().hex}/",
                                max_concurrency=CONNECTIONS)
        out = run(drive, configured(world, storage), "bench", COUNT, env=world.env).stdout
        put_ms, list_ms, count = map(int, out.split())
        assert count == COUNT
        listed.ours.append(COUNT / (list_ms / 1000))
        return COUNT / (put_ms / 1000)

    def theirs():
        def one(verb, connections):
            return COUNT / float(run(loop, f"{server.endpoint}/{bucket}",
                                     f"{server.access_key}:{server.secret_key}", verb,
                                     connections, COUNT, prefix, env=world.env).stdout)

        prefix = f"{uuid.uuid4().hex}/"
        speed = one("put", CONNECTIONS)
        listed.beside.append(one("list", 1))
        return speed

    rows += [compare(put, ours, theirs, repeats=3, warm_up=0), listed]


def connections(world, rows):
    """How many connections 1,000 puts and a list open: they are used again."""
    server = gateway(world)
    row = Row("connections opened by 1,000 puts and a list", "", CONNECTIONS, unit="")
    with FaultProxy(server.port) as proxy:
        storage = server.config(server.new_bucket(), endpoint=proxy.endpoint,
                                max_concurrency=CONNECTIONS)
        run(world.program("store_drive"), configured(world, storage), "bench", 1000,
            env=world.env)
        row.ours.append(proxy.accepted)
        row.note = f"{len(proxy.requests):,} requests"
    rows.append(row)


def peak_mb(world, *command):
    """The most memory that a program had, in MB."""
    said = run("/usr/bin/time", "-f", "peak %M", *command, env=world.env).stderr
    return int(re.search(r"^peak (\d+)$", said, re.M)[1]) / 1024


def large_object(world, rows):
    server = gateway(world)
    config = configured(world, server.config(server.new_bucket()))
    content = world.disk / "large"
    content.write_bytes(os.urandom(LARGE_MB << 20))
    row = Row(f"memory of a put of {LARGE_MB} MB to S3", "", PEAK_MB, unit="MB")
    row.ours.append(peak_mb(world, world.program("store_drive"), config, "put", "large",
                            content))
    rows.append(row)


def large_backup(world):
    """A database whose backup is large and does not become smaller."""
    name = world.database("large", 1)
    for i in range(PROCEDURES):
        text = os.urandom((LARGE_MB << 20) // PROCEDURES // 2).hex()
        world.server.sql(f"create procedure p{i}() set @a = '{text}'", name)
    return name


def large_move(world, rows):
    server = gateway(world)
    to = world.disk / "moved"
    storage = server.config(server.new_bucket())
    config = world.store("large", large_backup(world),
                         backup={"storage": storage, "compression": {"algorithm": "none"}})
    world.create(config)
    row = Row(f"memory of backup move of {LARGE_MB} MB from S3", "", PEAK_MB, unit="MB")
    row.ours.append(peak_mb(world, world.program("mysql-schema-sync"), "backup", "move",
                            "--config", config, "--destination", to))
    row.note = f"{sum(f.stat().st_size for f in to.glob('*.backup')) / 1e6:.0f} MB moved"
    rows.append(row)


MEASURES = [small_objects, connections, large_object, large_move]
