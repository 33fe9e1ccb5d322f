# SPDX-License-Identifier: MIT
"""The promise of a plan: it turns any schema into any other, byte for byte.

tests/golden/plan/NNN-name/{from.sql,to.sql} are pairs by hand, each tried both
ways, by apply_plan() and by the script in the stock client. Random pairs follow,
for four laws: the plan reaches the wanted schema, and the plan back the one that
was there (by apply_plan()); a plan that was stopped at any step is followed by one
that goes on from there; schema.sql makes the wanted one in an empty database
(by the stock client). RANDOM_PAIRS sets how many, RANDOM_SEED the first seed.

With UPDATE_GOLDEN=1 the fixtures of tests/unit/test_plan.c (from.json, to.json)
are written anew, where they are.
"""

import json
import os
import random
import re
import subprocess

import pytest
from conftest import PROJECT
from schema_generator import random_pair, shrink

GOLDEN = PROJECT / "tests/golden/plan"
PAIRS = sorted(p.name for p in GOLDEN.iterdir() if (p / "from.sql").exists())
RANDOM_PAIRS = int(os.environ.get("RANDOM_PAIRS", "300"))
RANDOM_SEED = int(os.environ.get("RANDOM_SEED", "1"))

LAWS = ("there", "back", "resumed", "script")
FRESH = """set foreign_key_checks = 0;
drop database if exists {0};
set foreign_key_checks = 1;
create database {0} character set utf8mb4 collate utf8mb4_general_ci;
use {0};
"""
SETTINGS = """set names utf8mb4;
set sql_mode = '', time_zone = '+00:00', explicit_defaults_for_timestamp = 1;
"""
LOAD_SETTINGS = {
    "mariadb": SETTINGS + "set system_versioning_alter_history = keep;\n",
    "mysql": SETTINGS,
}


class Failed(Exception):
    pass


def is_spelling(change):
    """Keys and checks whose columns are spelt otherwise than the table's: see docs/limits.md."""
    details = change.split("\n\t")[1:]
    spelt = [d for d in details if d.startswith(("foreign key", "check"))]
    pairs = [d.split(": ", 1)[1].split(", want ") for d in spelt]
    return len(pairs) == len(details) > 0 and all(a.lower() == b.lower() for a, b in pairs)


def is_recoded(change):
    """Code that MySQL's client sends in its own character set: see docs/limits.md."""
    details = change.split("\n\t")[1:]
    return all(d.startswith("character_set_client: utf8mb4, want ") for d in details) and details


class Planner:
    """Talks to tests/tools/plan_pairs."""

    def __init__(self, program, server):
        self.server = server
        self.unread = {}
        self.process = subprocess.Popen(
            [program, server.socket],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )

    def __call__(self, *words):
        self.process.stdin.write(" ".join(words) + "\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline())
        if "error" in answer:
            raise Failed(f"{' '.join(words)}: {answer['error']}")
        return answer

    def keep(self, name, database):
        self.unread[name] = self("capture", name, database)["unread"]

    def close(self):
        self.process.stdin.close()
        assert self.process.wait(timeout=20) == 0

    def client(self, text, *options):
        command, env = self.server.client()
        command = [*command, *options]
        return subprocess.run(command, input=text.encode(), env=env, capture_output=True)

    def load(self, database, text, *options):
        """A fresh database with this in it."""
        return self.client(f"{FRESH.format(database)}{self.settings()}{text}", "--comments", *options)

    def settings(self):
        return LOAD_SETTINGS[self.server.family]

    def load_all(self, database, text):
        done = self.load(database, text)
        assert done.returncode == 0, done.stderr.decode(errors="replace")

    def load_some(self, database, text):
        self.load(database, "delimiter ;;\n" + text + "\ndelimiter ;\n", "--force")

    def script_options(self):
        """As the heads of the scripts say: MySQL cannot make stored code out of a string."""
        return ["--comments"] if self.server.family == "mysql" else []

    def load_script(self, database, name):
        """schema.sql of a kept schema makes it again, in an empty database."""
        script = self("emit", name)["script"]
        done = self.client(FRESH.format(database) + script, *self.script_options())
        if done.returncode != 0:
            raise Failed(done.stderr.decode(errors="replace") + script)

    def verify_script(self, database, want="want"):
        self.verify(database, want, self.server.family == "mysql")

    def verify(self, database, want="want", recoded=False):
        """The schema is the wanted one, and the planner sees that.

        What the server cannot print is left alone.
        """
        self.keep("got", database)
        unread = [name for names in self.unread.values() for name in names]
        lines = self("diff", "got", want)["lines"]
        lines = [x for x in lines if not any(x.split("\n\t")[0].endswith(": " + n) for n in unread)]
        if not all(is_spelling(x) or (recoded and is_recoded(x)) for x in lines):
            raise Failed("differs:\n" + "\n".join(lines))
        again = self("plan", "got", want)
        if again["steps"] and not lines:
            raise Failed("a second plan is not empty:\n" + again["script"])


@pytest.fixture(scope="module")
def planner(program, server):
    p = Planner(program("plan_pairs"), server)
    yield p
    p.close()


def texts(pair, way):
    names = ["from.sql", "to.sql"] if way == "there" else ["to.sql", "from.sql"]
    return [(GOLDEN / pair / name).read_text() for name in names]


@pytest.mark.parametrize("way", ["there", "back"])
@pytest.mark.parametrize("pair", PAIRS)
def test_plan_reaches_the_wanted_schema(planner, pair, way):
    have, want = texts(pair, way)
    planner.load_all("pairs", want)
    planner.keep("want", "pairs")
    planner.load_all("pairs", have)
    planner.keep("have", "pairs")
    planner("apply", "have", "want", "pairs")
    planner.verify("pairs")

    # The same by the script: as it stands, in the stock client.
    planner.load_all("pairs", have)
    script = planner("plan", "have", "want")["script"]
    done = planner.client(script, *planner.script_options())
    assert done.returncode == 0, done.stderr.decode(errors="replace") + script
    planner.verify_script("pairs")


# What no plan can help, see docs/limits.md: the server's words, and what a pair must hold for them
# to be no fault of the plan.
LOST_INDEX = r"set foreign_key_checks = 0\s*;;\s*alter table \S+ drop index"
CHECKED_VIEW = r"with (local|cascaded) check option"
HOPELESS = [
    # MariaDB forgets a foreign key without an index, but not its name
    (r"failed to add the foreign key constraint '.*' to system tables", LOST_INDEX),
    (r"duplicate FOREIGN KEY constraint name", LOST_INDEX),
    (r"ADD CONSTRAINT .* FOREIGN KEY .*errno: 121 ", LOST_INDEX),
    # a table took the name of a view, and the other way round
    (r"CHECK OPTION on non-updatable view", CHECKED_VIEW),
    # its column went, which the server would not allow with an index
    (r"[Kk]ey column '.*' doesn't exist in table", LOST_INDEX),
    # MySQL: the key was made when the column was no text yet
    (r"(?i)cannot create a functional index on an expression that returns a BLOB or TEXT", r"lower\("),
    # names that the character set of the connection lacks
    (r"\?\?", r"set names (latin1|cp932|cp1251|binary)"),
    # MariaDB prints the names of functions in such a view twice encoded
    (r"changed view", r"(?s)set names (latin1|cp932|cp1251|binary).*function `[^`]*[^\x00-\x7f`]"),
    # a table of tables that are not there
    (r"unable to open underlying table", r"union ="),
    # refused on purpose: what else could follow the end of a comment
    (r"a version comment has a second end", r"`[^`]*\*/[^`]*`"),
    # MySQL cannot take the word back
    (r"extra option: TABLESPACE", r"tablespace innodb_"),
    # it may cut values, which only a strict mode refuses
    (r"no rotation condition for multiple HISTORY partitions", r"system_time"),
]


def is_hopeless(failure, pair):
    text = pair.sql("left") + pair.sql("right")
    return any(re.search(words, failure) and re.search(held, text) for words, held in HOPELESS)


def failure_of(planner, pair, laws=LAWS):
    """Which law a random pair breaks, and how; None when none."""
    law = "load"
    percent = len(pair.left) * 37 % 100  # where it is stopped: anywhere, and the same each time
    planner.load_some("pairs", pair.sql("right"))
    planner.keep("want", "pairs")
    planner.load_some("pairs", pair.sql("left"))
    planner.keep("have", "pairs")
    try:
        law = "there"
        planner("apply", "have", "want", "pairs")
        planner.verify("pairs", "want")
        if "back" in laws:
            law = "back"
            planner("apply", "want", "have", "pairs")
            planner.verify("pairs", "have")
        if "resumed" in laws:
            law = "resumed"
            planner.keep("begun", "pairs")
            wanted = "have" if "back" not in laws else "want"
            planner("start", "begun", wanted, "pairs", str(percent))
            planner.keep("half", "pairs")
            planner("apply", "half", wanted, "pairs")
            planner.verify("pairs", wanted)
        if "script" in laws:
            law = "script"
            planner.load_script("pairs", "want")
            planner.verify_script("pairs", "want")
    except Failed as e:
        return None if is_hopeless(str(e), pair) else f"{law}: {e}"
    return None


def laws_of(seed):
    """All of them, in a long run; one beside the first otherwise."""
    return LAWS if RANDOM_PAIRS > 1000 else LAWS[seed % len(LAWS)]


@pytest.mark.parametrize("seed", range(RANDOM_SEED, RANDOM_SEED + RANDOM_PAIRS))
def test_plan_reaches_a_random_schema(planner, seed):
    pair = random_pair(random.Random(seed))
    failure = failure_of(planner, pair, laws_of(seed))
    if failure is None:
        return
    small = shrink(pair, lambda p: failure_of(planner, p) is not None)
    failure = failure_of(planner, small) or failure
    script = planner("plan", "have", "want")["script"]
    pytest.fail(f"{failure}\n\nfrom:\n{small.sql('left')}\nto:\n{small.sql('right')}\n{script}")


@pytest.mark.skipif(not os.environ.get("UPDATE_GOLDEN"), reason="writes fixtures when asked to")
@pytest.mark.parametrize("pair", [p for p in PAIRS if (GOLDEN / p / "from.json").exists()])
def test_fixtures_are_written(planner, pair):
    have, want = texts(pair, "there")
    for name, text in (("from", have), ("to", want)):
        planner.load_all("shop", text)
        planner("capture", name, "shop")
        fixture = planner("fixture", name)["schema"]
        path = GOLDEN / pair / f"{name}.json"
        path.write_text(json.dumps(fixture, indent=1, ensure_ascii=False) + "\n")
