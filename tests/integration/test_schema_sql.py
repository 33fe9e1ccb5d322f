# SPDX-License-Identifier: MIT
"""schema.sql makes the same schema again, with the stock client and no help from us.

Each script below tests/data/schema/mariadb makes nasty objects of one kind. They are
read by the stock client alone, given to emit_script() as files, loaded into another
database, and read again: every text and every attribute must come back byte for byte.
"""

import pathlib
import subprocess
import uuid

import photo
import pytest

SCRIPTS = pathlib.Path(__file__).resolve().parents[1] / "data/schema/mariadb"
ALL = sorted(path.stem for path in SCRIPTS.glob("*.sql"))


@pytest.fixture
def make(server):
    """Makes databases by name, and drops them: make("shop")."""
    made = []

    def run(prefix, charset="utf8mb4", collation="utf8mb4_general_ci"):
        name = f"{prefix}_{uuid.uuid4().hex[:8]}"
        server.sql(f"CREATE DATABASE `{name}` CHARACTER SET {charset} COLLATE {collation}")
        made.append(name)
        return name

    yield run
    for name in made:
        server.sql(f"SET foreign_key_checks=0; DROP DATABASE IF EXISTS `{name}`")


def load(server, database, script, *options):
    """Feeds a script to the stock client as a user would; its output."""
    command, env = server.client(database)
    done = subprocess.run(
        [command[0], "--no-defaults", *options, *command[2:]],
        input=script,
        env=env,
        capture_output=True,
    )
    errors = done.stderr.decode(errors="replace")
    assert done.returncode == 0, errors[-3000:]
    return done.stdout.decode(errors="replace")


def make_fixture(server, make, name):
    database = make("from")
    other = make("other")
    script = (SCRIPTS / f"{name}.sql").read_text()
    script = script.replace("@OTHER@", other).replace("@SELF@", database)
    load(server, database, script.encode(), "--comments")
    return database


def emit(program, picture, database, directory):
    photo.write_archive(picture, database, directory)
    done = subprocess.run([program("schema_script"), directory], capture_output=True)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


def assert_same(got, want):
    """Like ==, but says which object differs, and how."""
    assert sorted(got) == sorted(want)
    for key in want:
        assert got[key] == want[key], key


@pytest.mark.parametrize("name", ALL)
def test_every_object_comes_back(server, make, program, tmp_path, name):
    source = make_fixture(server, make, name)
    target = make("to", "latin1", "latin1_german2_ci")
    want = photo.take(server, source)
    script = emit(program, want, source, tmp_path)
    said = load(server, target, script)
    assert said == ""
    got = photo.take(server, target)
    assert_same(got, photo.renamed(want, source, target))
    again = emit(program, photo.renamed(got, target, source), source, tmp_path / "again")
    assert again == script
