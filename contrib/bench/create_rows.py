# SPDX-License-Identifier: MIT
"""Rows about the schema: capturing it, taking it again, comparing it, and memory."""

import json
import resource
import shutil
import subprocess
import time

from measure import Row, compare

TABLES, VIEWS = 5_000, 200
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


def bare_loop():
    """The texts by one connection of the stock client, all statements sent in one go."""
    return "".join(f"show create table t{i};" for i in range(TABLES)) + "".join(
        f"show create view v{i};" for i in range(VIEWS)
    )


def stock(world, name, *words, text=None):
    subprocess.run(
        [shutil.which(name), "--no-defaults", f"--socket={world.server.socket}", "--user=root",
         *words, NAME], input=text, text=True, check=True, stdout=subprocess.DEVNULL,
    )  # fmt: skip


def capture(world, rows):
    large(world)
    text = bare_loop()
    for reference, other, target, repeats in (
        ("the same SHOW CREATEs through one client", lambda: stock(world, "mariadb", text=text), 1.3, 5),
        ("mariadb-dump --no-data", lambda: stock(
            world, "mariadb-dump", "--no-data", "--routines", "--events", "--triggers"), 0.02, 1),
    ):  # fmt: skip
        row = Row(f"capture of {TABLES:,} tables and {VIEWS} views", reference, target)
        compare(row, lambda: drive(world, "time", NAME, 1), other, repeats)
        rows.append(row)


def again(world, rows):
    config = large(world)
    world.command("backup", "create", "--config", config)
    row = Row(f"create when nothing changed, {TABLES:,} tables, whole process",
              "one fingerprint query", 1.5)  # fmt: skip
    compare(row, lambda: world.command("backup", "create", "--config", config),
            lambda: drive(world, "fingerprint", NAME), 5)  # fmt: skip
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
    row.ours = [(cpu(world, plan) - e) * 1000 for e in equal]
    rows.append(row)


def cpu(world, words):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    world.command(*words)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def memory(world, rows):
    """Peak of whole processes, as the kernel counts it."""
    config = large(world)
    for words in (("backup", "create", "--full"), ("backup", "create"),
                  ("rollback", "plan", "latest:" + NAME)):  # fmt: skip
        row = Row(f"peak memory of {' '.join(words)}, {TABLES:,} tables", "", MEMORY_MB, unit="MB")
        command = [world.program("mysql-schema-sync"), *words, "--config", config]
        done = subprocess.run(
            ["/usr/bin/python3", "-c",
             "import resource, subprocess, sys; subprocess.run(sys.argv[1:], check=True,"
             "stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL);"
             "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)",
             *map(str, command)],
            check=True, capture_output=True, text=True, env=world.env,
        )  # fmt: skip
        row.ours = [int(done.stdout) / 1024]
        rows.append(row)


MEASURES = [capture, again, diff_and_plan, memory]
