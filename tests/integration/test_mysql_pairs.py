# SPDX-License-Identifier: MIT
"""The laws of test_plan_pairs.py on MySQL.

MYSQL_ROOT names a directory with an unpacked server (mysql_server.py); without it
these tests are skipped. MYSQL_PAIRS sets how many random pairs.
"""

import os
import random

import pytest
from mysql_server import PrivateMySql
from schema_generator import random_pair, shrink
from test_plan_pairs import PAIRS, RANDOM_SEED, Planner, failure_of, texts

ROOT = os.environ.get("MYSQL_ROOT")
MYSQL_PAIRS = int(os.environ.get("MYSQL_PAIRS", "20"))

pytestmark = pytest.mark.skipif(not ROOT, reason="MYSQL_ROOT names no unpacked MySQL server")


@pytest.fixture(scope="module")
def planner(program, server_root):
    with PrivateMySql(ROOT, server_root / "mysql") as server:
        p = Planner(program("plan_pairs"), server)
        yield p
        p.close()


def loads(planner, text):
    return planner.load("pairs", text).returncode == 0


@pytest.mark.parametrize("pair", PAIRS)
def test_plan_reaches_the_wanted_schema(planner, pair):
    have, want = texts(pair, "there")
    if not loads(planner, have) or not loads(planner, want):
        pytest.skip("what MySQL has not")
    planner.keep("want", "pairs")
    planner.load_all("pairs", have)
    planner.keep("have", "pairs")
    planner("apply", "have", "want", "pairs")
    planner.verify("pairs", "want")
    planner("apply", "want", "have", "pairs")
    planner.verify("pairs", "have")
    planner.load_script("pairs", "want")
    planner.verify_script("pairs", "want")


@pytest.mark.parametrize("seed", range(RANDOM_SEED, RANDOM_SEED + MYSQL_PAIRS))
def test_plan_reaches_a_random_schema(planner, seed):
    pair = random_pair(random.Random(seed), "mysql")
    failure = failure_of(planner, pair)
    if failure is None:
        return
    small = shrink(pair, lambda p: failure_of(planner, p) is not None, most=50)
    failure = failure_of(planner, small) or failure
    pytest.fail(f"{failure}\n\nfrom:\n{small.sql('left')}\nto:\n{small.sql('right')}")


def test_libraries_are_named(planner):
    """A kind of object that no backup holds must not be left out silently."""
    planner.load_all("pairs", "create library l language javascript as $$ export function f() {} $$;")
    assert planner("capture", "live", "pairs")["libraries"] == 1
    planner.load_all("pairs", "create table t (a int);")
    assert planner("capture", "live", "pairs")["libraries"] == 0
