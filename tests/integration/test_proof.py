# SPDX-License-Identifier: MIT
"""The proof: a plan is tried on an empty scratch copy before it touches anything.

Random pairs: PROOF_PAIRS sets how many, RANDOM_SEED the first seed.
"""

import os
import random
import signal
import subprocess
import time

import pytest
from cli_fixtures import CHANGES, backup, shop  # noqa: F401
from schema_generator import random_pair
from test_plan_pairs import LOAD_SETTINGS

PROOF_PAIRS = int(os.environ.get("PROOF_PAIRS", "24"))
RANDOM_SEED = int(os.environ.get("RANDOM_SEED", "1"))


def scratch_databases(server):
    return [r[0] for r in server.sql("show databases like '\\_mss\\_scratch\\_%'")]


def test_a_plan_is_proven_and_nothing_of_it_stays(server, backup, shop, home):
    server.sql(CHANGES, shop)
    server.sql("insert into junk values ()", shop)
    plan = home.json("rollback", "plan", backup, "--prove")
    assert plan["proof"]["proven"] is True
    assert plan["proof"]["outcome"] == "proven"
    assert plan["proof"]["objects_copied"] > 0
    assert home.json("rollback", "plan", backup)["proof"] is None
    assert scratch_databases(server) == []
    assert server.sql("show tables like 'junk'", shop) == [["junk"]]
    text = home.run("rollback", "plan", backup, "--prove").stdout
    assert "Proof: proven\n  on an empty copy of" in text


def test_the_server_says_how_it_runs_each_alter(server, database, home):
    server.sql("create table t (a int primary key, b int, c varchar(20)) engine=innodb", database)
    home.write_config(server, database)
    backup = home.json("backup", "create")["backup_id"]
    ways = {}
    for change in (
        "alter table t add d int",
        "alter table t drop column b, add column b bigint after a",
        "alter table t drop primary key",
        "alter table t engine=myisam",
        "create table u (x int)",
    ):
        server.sql("drop table if exists u", database)
        server.sql(change, database)
        plan = home.json("rollback", "plan", backup, "--prove")
        ways[change] = [(s["type"], s["algorithm"], s["lock"]) for s in plan["statements"]]
        home.run("rollback", "execute", backup, "--force", "--no-backup")
    assert ways == {
        "alter table t add d int": [("ALTER_TABLE", "instant", "none")],
        "alter table t drop column b, add column b bigint after a": [
            ("ALTER_TABLE", "copy", "shared")
        ],
        "alter table t drop primary key": [("ALTER_TABLE", "inplace", "none")],
        "alter table t engine=myisam": [("ALTER_TABLE", "copy", "shared")],
        "create table u (x int)": [("DROP_TABLE", None, None)],
    }


def test_events_never_fire_on_a_copy(own_server, home):
    own_server.sql(
        "set global event_scheduler = on; create database d; use d;"
        "create table log (a int auto_increment primary key, b varchar(64));"
        "create event e on schedule every 1 second on completion preserve enable"
        " do insert into d.log (b) values (database())"
    )
    home.write_config(own_server, "d")
    backup = home.json("backup", "create")["backup_id"]
    own_server.sql("alter table d.log add c int; drop event d.e")
    proof = home.json("rollback", "plan", backup, "--prove")["proof"]
    assert proof["proven"] is True
    assert any("tried disabled" in line for line in proof["limits"])
    assert any("names its own database d" in line for line in proof["limits"])
    home.run("rollback", "execute", backup, "--force")
    time.sleep(1.2)
    assert own_server.sql("select distinct b from d.log") == [["d"]]


def as_user(server, home, user):
    """The same configuration for another account; gives back the text of the first."""
    config = home.config.read_text()
    changed = config.replace(f'"username": "{server.user}"', f'"username": "{user}"')
    changed = changed.replace(f'"password": "{server.password}"', '"password": "x"')
    assert user in changed
    home.config.write_text(changed)
    return config


SCRATCH = "ALL ON `\\_mss\\_scratch\\_%`.*"


def test_a_step_that_the_server_refuses_is_found_before(server, backup, shop, home, account):
    """The trigger is somebody else's: this account may not make it again."""
    user = account(f"ALL ON `{shop}`.*", SCRATCH, "SELECT, PROCESS ON *.*", password="x")
    server.sql("drop trigger tr; create table junk (a int)", shop)
    as_user(server, home, user)
    done = home.run("rollback", "execute", backup, "--yes", status=3)
    assert "the plan fails on a scratch copy: step" in done.stderr
    assert "Nothing was changed." in done.stderr
    assert server.sql("show tables like 'junk'", shop) == [["junk"]]
    assert len(home.json("backup", "list")) == 1
    dry = home.run("rollback", "execute", backup, "--yes", "--dry-run", status=3)
    assert "Proof: refuted" in dry.stdout
    done = home.run("rollback", "execute", backup, "--force", status=1)
    assert server.sql("show tables like 'junk'", shop) == []


def test_without_the_right_to_make_databases_it_says_so(server, backup, shop, home, account):
    user = account(f"ALL ON `{shop}`.*", "SELECT, PROCESS ON *.*", password="x")
    server.sql("create table junk (a int)", shop)
    config = as_user(server, home, user)
    proof = home.json("rollback", "plan", backup, "--prove")["proof"]
    assert proof["outcome"] == "not made"
    text = home.run("rollback", "plan", backup, "--prove").stdout
    assert "Proof: not made" in text
    assert "GRANT ALL ON `\\_mss\\_scratch\\_%`.* TO" in text
    done = home.run("rollback", "execute", backup, "--force")
    assert "the plan was not proven: create database" in done.stderr
    assert "GRANT ALL ON" in done.stderr
    home.config.write_text(config)
    home.run("rollback", "validate", backup)


def test_a_proof_can_be_declined(server, backup, shop, home):
    server.sql(CHANGES, shop)
    plan = home.json("rollback", "execute", backup, "--dry-run", "--no-proof")
    assert plan["proof"] is None
    home.run("rollback", "execute", backup, "--force", "--no-proof")


def test_the_scratch_copy_of_a_killed_run_goes_with_the_next(server, backup, shop, home, program):
    server.sql(CHANGES + "".join(f"create table filler{i} (a int);" for i in range(60)), shop)
    process = subprocess.Popen(
        [program("mysql-schema-sync"), "rollback", "plan", backup, "--prove"],
        env=home.env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )
    until = time.time() + 20
    while not scratch_databases(server) and process.poll() is None and time.time() < until:
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    process.wait()
    left = scratch_databases(server)
    assert len(left) == 1
    server.sql("create database _mss_scratch_of_somebody")
    try:
        until = time.time() + 20
        while left[0] in scratch_databases(server) and time.time() < until:
            home.run("backup", "cleanup")
        assert scratch_databases(server) == ["_mss_scratch_of_somebody"]
    finally:
        server.sql("drop database _mss_scratch_of_somebody")


@pytest.mark.parametrize("seed", range(RANDOM_SEED, RANDOM_SEED + PROOF_PAIRS))
def test_the_proof_agrees_with_what_happens(server, database, home, seed):
    pair = random_pair(random.Random(seed))
    command, env = server.client(database)

    def load(side):
        server.sql(
            f"drop database {database}; create database {database}"
            " character set utf8mb4 collate utf8mb4_general_ci"
        )
        text = LOAD_SETTINGS[server.family] + "delimiter ;;\n" + pair.sql(side)
        subprocess.run(
            command[:1] + command[1:-1] + ["--comments", "--force", database],
            input=text.encode(), env=env, capture_output=True,
        )

    home.write_config(server, database)
    load("right")
    backup = home.json("backup", "create")["backup_id"]
    load("left")
    plan = home.json("rollback", "plan", backup, "--prove")
    if not plan["statements"]:
        return
    proven = plan["proof"]["proven"]
    done = home.run(
        "rollback", "execute", backup, "--force", "--no-backup", "--no-proof",
        status=None,
    )
    assert (done.returncode == 0) == proven, f"{plan['proof']}\n{done.stderr}"
    assert scratch_databases(server) == []
