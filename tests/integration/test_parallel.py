# SPDX-License-Identifier: MIT
"""Steps that run at the same time: the outcome is the same, and so is what is known of them."""

import os
import random
import subprocess
import time

import pytest
from schema_generator import random_pair
from test_plan_pairs import RANDOM_SEED, Planner, failure_of, planner  # noqa: F401
from test_rollback_interrupted import Proxy, kill_after, over_tcp, through  # noqa: F401

PARALLEL_PAIRS = int(os.environ.get("PARALLEL_PAIRS", "12"))
TABLES = 24


class Parallel(Planner):
    """Applies with eight workers, after the same schema was reached one by one."""

    def __init__(self, other):
        self.server, self.process, self.unread = other.server, other.process, other.unread
        self.together = 0

    def __call__(self, command, *words):
        if command != "apply":
            return super().__call__(command, *words)
        answer = super().__call__(command, *words, "8")
        self.together = max(self.together, answer["together"])
        return answer


def test_random_schemas_are_reached_at_the_same_time(planner):
    parallel = Parallel(planner)
    for seed in range(RANDOM_SEED, RANDOM_SEED + PARALLEL_PAIRS):
        pair = random_pair(random.Random(seed))
        alone = failure_of(planner, pair, ("there", "back"))
        assert failure_of(parallel, pair, ("there", "back")) == alone, pair.sql("left")
    assert parallel.together > 1


def tables(columns):
    """Stars of foreign keys, and tables of their own."""
    text = "".join(f"create table t{i} (id int primary key{columns});\n" for i in range(TABLES))
    text += "".join(
        f"create table c{i}_{k} (id int primary key, t int{columns},"
        f" constraint f{i}_{k} foreign key (t) references t{i} (id));\n"
        for i in range(4)
        for k in range(3)
    )
    return text


def changes():
    names = [f"t{i}" for i in range(TABLES)] + [f"c{i}_{k}" for i in range(4) for k in range(3)]
    text = "".join(f"alter table {n} add column later int, drop column note;\n" for n in names)
    return text + "alter table c0_0 drop foreign key f0_0; alter table c1_1 drop foreign key f1_1;\n"


@pytest.fixture
def many(server, database, home):
    server.sql(tables(", note varchar(20)"), database)
    home.write_config(server, database)
    backup = home.json("backup", "create")["backup_id"]
    server.sql(changes(), database)
    return backup


def journal(home, backup):
    return home.json("rollback", "recovery-info", backup)["original_plan"]["statements"]


@pytest.mark.parametrize("how", [["--parallel"], ["--parallel", "3"], ["--parallel=8"]])
def test_the_ways_to_say_it(many, home, how):
    result = home.json("rollback", "execute", *how, many, "--force", "--no-proof")
    assert result["equal"]
    assert result["steps_done"] == result["steps"] == TABLES + 12 + 2
    assert {s["status"] for s in journal(home, many)} == {"done"}
    home.run("rollback", "validate", many)


def test_a_migration_runs_at_the_same_time(server, database, many, home, tmp_path):
    wanted = tmp_path / "wanted.sql"
    wanted.write_text(tables(", note varchar(20), third int"))
    home.run("migrate", "--schema", str(wanted), "--force", "--no-proof", "--parallel")
    assert server.value("select count(*) from information_schema.columns where"
                        f" table_schema = '{database}' and column_name = 'third'") == "36"


def test_a_failure_stops_the_others_at_a_boundary(server, database, many, home):
    server.sql("alter table t5 modify id varchar(20); insert into t5 (id) values ('x')", database)
    run = home.run("rollback", "execute", many, "--force", "--no-proof", "--no-backup",
                   "--parallel=4", status=1, timeout=60)
    assert "t5" in run.stderr
    steps = journal(home, many)
    failed = [s for s in steps if s["status"] == "failed"]
    assert [s["object_name"] for s in failed] == ["t5"]
    assert not [s for s in steps if s["status"] == "running"]
    server.sql("delete from t5", database)
    home.run("rollback", "execute", many, "--force", "--no-proof", "--parallel=4")
    home.run("rollback", "validate", many)


@pytest.mark.parametrize("step", [1, 6, 20])
def test_killed_in_the_middle_a_second_run_ends_equal(server, database, many, home, program, over_tcp, step):
    holder = {}
    proxy = Proxy(server, step, lambda data, sink: kill_after(holder["process"], data, sink))
    through(home, server, database, proxy)
    process = holder["process"] = subprocess.Popen(
        [program("mysql-schema-sync"), "rollback", "execute", many, "--force", "--no-proof",
         "--no-backup", "--parallel=6"], env=home.env, stderr=subprocess.PIPE)
    process.communicate(timeout=60)
    proxy.close()
    assert process.returncode == -9
    home.write_config(server, database)
    info = home.json("rollback", "recovery-info", many)
    deadline = time.time() + 10
    while info["state"] == "running" and time.time() < deadline:
        info = home.json("rollback", "recovery-info", many)
    assert info["state"] == "interrupted"
    under_way = [s for s in info["original_plan"]["statements"] if s["status"] == "running"]
    assert 1 <= len(under_way) <= 6
    assert len(info["manual_interventions"]) == len(under_way)
    home.run("rollback", "execute", many, "--force", "--no-proof", "--parallel=6")
    home.run("rollback", "validate", many)


def test_what_a_killed_run_left_to_the_server_is_waited_for(server, database, many, home):
    lock = (f"CONCAT('mysql-schema-sync ', LEFT(SHA2('{database}', 256), 40), ' 2')")
    worker = subprocess.Popen([*server.client()[0], "--unbuffered"], stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE, text=True, env=server.client()[1])
    worker.stdin.write(f"select get_lock({lock}, 0);\n")
    worker.stdin.flush()
    assert worker.stdout.readline() == "1\n"
    run = home.run("rollback", "execute", many, "--force", "--no-proof", status=1)
    assert "a statement of a run before is going on (connection" in run.stderr
    worker.communicate("")
    home.run("rollback", "execute", many, "--force", "--no-proof")
