# SPDX-License-Identifier: MIT
"""The laws of test_plan_pairs.py on schemas that nobody here wrote.

Each schema comes back from nothing, from a version that somebody altered, and by
schema.sql. DEBIAN_SCHEMAS names those to try, with blanks between, or "all"; a few small
ones are tried without it.
"""

import os

import debian_schemas
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


def alterations(server):
    rows = server.sql(
        "select table_name, max(column_name) from information_schema.columns"
        " where table_schema = 'pairs' group by table_name order by 1"
    )
    yield "set foreign_key_checks = 0"
    for i, (table, column) in enumerate(rows):
        for statement in ALTERATIONS[i % len(ALTERATIONS)]:
            yield statement.format(quoted(table), quoted(column))
    views = "select table_name from information_schema.views where table_schema = 'pairs'"
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
