# SPDX-License-Identifier: MIT
"""The laws of test_plan_pairs.py on schemas that nobody here wrote.

Each schema comes back from nothing, from a version that somebody altered, and by
schema.sql. DEBIAN_SCHEMAS names those to try, with blanks between, or "all"; a few small
ones are tried without it.
"""

import os
import subprocess

import debian_schemas
import oracle
import pytest
from test_plan_pairs import Planner

SMALL = "freeradius ulogd"
ASKED = os.environ.get("DEBIAN_SCHEMAS", SMALL)
NAMES = sorted(debian_schemas.SCHEMAS) if ASKED == "all" else ASKED.split()

# What happens to every fourth table; some of it is refused, as in life.
ALTERATIONS = [
    ["drop table {0}"],
    ["alter table {0} add column added varchar(30) not null default 'x' first, comment 'changed'"],
    ["alter table {0} convert to character set utf8mb3", "alter table {0} add key added ({1})"],
    ["alter table {0} drop column {1}", "alter table {0} engine = Aria"],
]


@pytest.fixture(scope="module")
def planner(program, server):
    p = Planner(program("plan_pairs"), server)
    yield p
    p.close()


@pytest.fixture(scope="module")
def packages(tmp_path_factory):
    return tmp_path_factory.mktemp("packages")


def quoted(name):
    return "`" + name.replace("`", "``") + "`"


def alterations(server, database="pairs"):
    rows = server.sql(
        "select table_name, max(column_name) from information_schema.columns"
        f" where table_schema = '{database}' group by table_name order by 1"
    )
    yield "set foreign_key_checks = 0"
    for i, (table, column) in enumerate(rows):
        for statement in ALTERATIONS[i % len(ALTERATIONS)]:
            yield statement.format(quoted(table), quoted(column))
    views = f"select table_name from information_schema.views where table_schema = '{database}'"
    yield from (f"drop view {quoted(row[0])}" for row in server.sql(views))


def alter(planner):
    script = ";\n".join(alterations(planner.server)) + ";\n"
    planner.client("use pairs;\n" + script, "--force")


@pytest.mark.parametrize("name", NAMES)
def test_a_real_schema_comes_back(planner, packages, name):
    planner.load("pairs", debian_schemas.script(name, packages), "--force")
    assert planner("capture", "want", "pairs")["objects"] > 0

    planner.load_all("pairs", "")
    planner("capture", "have", "pairs")
    planner("apply", "have", "want", "pairs")
    planner.verify("pairs")

    alter(planner)
    planner("capture", "have", "pairs")
    assert planner("plan", "have", "want")["steps"] > 0
    planner("apply", "have", "want", "pairs")
    planner.verify("pairs")

    planner.load_script("pairs", "want")
    planner.verify("pairs")


def roll_back(home, backup):
    home.run("rollback", "execute", backup, "--yes", "--force", timeout=600)
    home.run("rollback", "validate", backup)


@pytest.mark.parametrize("name", NAMES)
def test_a_real_schema_is_rolled_back(server, database, home, packages, name):
    """By the command: from nothing, and from what somebody made of it."""
    client = ["mariadb", "--no-defaults", "-u", server.user, "-S", server.socket, database]
    load = debian_schemas.script(name, packages)
    subprocess.run([*client, "--force"], input=load.encode(), capture_output=True)
    home.write_config(server, database)
    before = oracle.schema(server, database)
    assert before
    backup = home.json("backup", "create")["backup_id"]

    server.sql(f"drop database `{database}`; create database `{database}`")
    roll_back(home, backup)
    assert oracle.schema(server, database) == before

    script = ";\n".join(alterations(server, database)) + ";\n"
    subprocess.run([*client, "--force"], input=script.encode(), capture_output=True)
    assert oracle.schema(server, database) != before
    roll_back(home, backup)
    assert oracle.schema(server, database) == before
