# SPDX-License-Identifier: MIT
"""Rows about the schema: capturing it, taking it again, comparing it, and memory."""

import json
import os
import resource
import shutil
import subprocess
import time

from measure import Row, compare, quiet
from plot import Curve

SIZES = (100, 300, 1_000, 3_000, 10_000)
PATIENCE = 15  # seconds: a peer that took longer is not asked about the next size
TABLES = int(os.environ.get("BENCH_TABLES", 5_000))  # fewer where the machine is busy
VIEWS = TABLES // 25
NAME = "bench_create"
MEMORY_MB = 150


def drive(world, *words):
    """engine/server alone, without the command around it."""
    account = json.dumps({"socket": world.server.socket, "user": "root"})
    done = subprocess.run(
        [world.build / "tests/tools/server_drive", account, *map(str, words)],
        check=True, capture_output=True, env=world.env,
    )  # fmt: skip
    return json.loads(done.stdout)


def large(world):
    """The database, made once, old enough for a fingerprint; and its configuration."""
    if NAME not in world.stores:
        world.database(NAME, TABLES)
        world.server.sql(
            "".join(f"create view v{i} as select id, amount from t{i};" for i in range(VIEWS)), NAME
        )
        time.sleep(3.1)
        world.stores[NAME] = config = world.fast / "create.yaml"
        config.write_text(json.dumps({
            "target": {"socket": world.server.socket, "username": "root", "database": NAME},
            "backup": {"storage": {"local": {"base_path": str(world.fast / "create-store")}}},
            "catalog": {"path": str(world.fast / "create.db")},
        }))  # fmt: skip
        config.chmod(0o600)
    return world.stores[NAME]


def bare_loop(world):
    """Seconds for the same statements, sent ahead in the same way, their rows thrown away."""
    done = subprocess.run(
        [world.program("bare_loop"), world.server.socket, NAME],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    return float(done.stdout) / 1000


def captured(world):
    """Seconds for a capture, its connection not counted, as with the loop."""
    return drive(world, "time", NAME, 1)["capture_ms"][0] / 1000


def fingerprint(world):
    return min(drive(world, "time", NAME, 3)["fingerprint_ms"]) / 1000


def mariadb_dump(world, name=NAME):
    quiet(shutil.which("mariadb-dump"), "--no-defaults", f"--socket={world.server.socket}",
          "--user=root", "--no-data", "--routines", "--events", "--triggers", name)  # fmt: skip


def skeema_init(world, name=NAME):
    """It writes a file per table, too; -d is taken from where it runs."""
    shutil.rmtree(world.fast / "skeema", ignore_errors=True)
    quiet(shutil.which("skeema"), "init", "-h", "localhost", "-S", world.server.socket, "-u", "root",
          "--password=", "--schema", name, "-d", "skeema",
          cwd=world.fast, env=world.env, stderr=subprocess.DEVNULL)  # fmt: skip


def capture(world, rows):
    large(world)
    row = Row(f"capture of {TABLES:,} tables and {VIEWS} views, one connection",
              "the same SHOW CREATEs, rows thrown away", 1.3)  # fmt: skip
    compare(row, lambda: captured(world), lambda: bare_loop(world), 5)
    rows.append(row)


def peers(world, rows):
    """Whole processes: ours writes, compresses and reads back a backup besides."""
    config = large(world)
    for name, peer, target in (("mariadb-dump --no-data", mariadb_dump, 1 / 50),
                               ("skeema init", skeema_init, 1 / 10)):  # fmt: skip
        row = Row(f"create --full, {TABLES:,} tables", name, target)
        compare(row, lambda: world.command("backup", "create", "--full", "--config", config),
                lambda peer=peer: peer(world), 1)  # fmt: skip
        rows.append(row)


def again(world, rows):
    config = large(world)
    world.command("backup", "create", "--config", config)
    row = Row(f"create when nothing changed, {TABLES:,} tables, whole process",
              "one fingerprint query", 1.5)  # fmt: skip
    compare(row, lambda: world.command("backup", "create", "--config", config),
            lambda: fingerprint(world), 5)  # fmt: skip
    rows.append(row)


def diff_and_plan(world, rows):
    """CPU of `rollback plan` with 100 changed tables, less that of `rollback plan` with none."""
    config = large(world)
    row = Row(f"diff and plan, {TABLES:,} tables, 100 changed: CPU beyond an equal pair", "", 60,
              unit="ms")  # fmt: skip
    world.command("backup", "create", "--config", config)
    plan = ("rollback", "plan", "latest:" + NAME, "--format", "json", "--config", config)
    equal = [cpu(world, plan) for _ in range(5)]
    world.server.sql(
        "".join(f"alter table t{i} add column more int;" for i in range(0, TABLES, TABLES // 100)),
        NAME,
    )
    row.ours = [max(cpu(world, plan) - e, 0) * 1000 for e in equal]
    rows.append(row)


def resident(world, *words):
    """Peak memory of the command as the kernel counts it, in MB."""
    command = [world.program("mysql-schema-sync"), *words]
    done = subprocess.run(
        ["/usr/bin/python3", "-c",
         "import resource, subprocess, sys; subprocess.run(sys.argv[1:], check=True,"
         "stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL);"
         "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)",
         *map(str, command)],
        check=True, capture_output=True, text=True, env=world.env,
    )  # fmt: skip
    return int(done.stdout) / 1024


def cpu(world, words):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    world.command(*words)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def memory(world, rows):
    """Of whole processes: taking backups, planning, proving and running a rollback."""
    config = large(world)
    backup = "latest:" + NAME
    world.command("backup", "create", "--full", "--config", config)
    world.server.sql("alter table t1 add column proof int", NAME)
    for words in (("backup", "create", "--full"), ("backup", "create"), ("backup", "validate", backup),
                  ("rollback", "plan", backup), ("rollback", "plan", backup, "--prove"),
                  ("rollback", "execute", backup, "--yes")):  # fmt: skip
        if words[0] == "rollback":
            world.server.sql("alter table t1 add column if not exists more int", NAME)
        name = " ".join(w for w in words if w != backup)
        row = Row(f"peak memory of {name}, {TABLES:,} tables", "", MEMORY_MB, unit="MB")
        row.ours = [resident(world, *words, "--config", config)]
        rows.append(row)


def seconds(work):
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def curves(world):
    """From a hundred to ten thousand tables."""
    peers = {"mariadb-dump --no-data": mariadb_dump, "skeema init": skeema_init}
    series = {"create --full": [], "create, unchanged": [], **{name: [] for name in peers}}
    slow = set()
    for tables in SIZES:
        name = world.database(f"grow{tables}", tables)
        time.sleep(3.1)
        config = world.store(name, name)
        for what, words in (("create --full", ["--full"]), ("create, unchanged", [])):
            took = [seconds(lambda w=words: world.create(config, *w)) for _ in range(4)]
            series[what].append((tables, min(took[1:])))
        for what in [p for p in peers if p not in slow]:
            took = seconds(lambda w=what: peers[w](world, name))
            series[what].append((tables, took))
            if took > PATIENCE:
                slow.add(what)
        world.server.sql(f"drop database {name}")
    return {"tables": Curve("Taking a backup of a schema", "tables", "seconds", series)}


MEASURES = [capture, peers, again, diff_and_plan, memory]
