# SPDX-License-Identifier: MIT
"""schema.sql makes the same schema again, with the stock client and no help from us.

Each script below tests/data/schema/mariadb makes nasty objects of one kind. They are
read by the stock client alone, given to emit_script() as files, loaded into another
database, and read again: every text and every attribute must come back byte for byte.
"""

import os
import pathlib
import subprocess
import uuid

import photo
import pytest

# What people have in their option files.
CLIENTS = {
    "comments": ["--comments"],
    "binary": ["--binary-mode"],
    "delimiter": ["--delimiter=//"],
    "commands": ["--named-commands"],
    "latin1": ["--default-character-set=latin1"],
    "sjis": ["--default-character-set=sjis"],
    "gbk": ["--default-character-set=gbk"],
    "careful": ["--safe-updates", "--ignore-spaces", "--sandbox"],
    "session": [
        "--init-command=SET sql_mode='ANSI,NO_BACKSLASH_ESCAPES,NO_ZERO_DATE,STRICT_ALL_TABLES',"
        " time_zone='+09:00', autocommit=0, old_mode='', foreign_key_checks=1"
    ],
    "oracle": ["--init-command=SET sql_mode='ORACLE', character_set_results='latin1'"],
}
DATA = pathlib.Path(__file__).resolve().parents[1] / "data/schema"
SCRIPTS = DATA / "mariadb"
ALL = sorted(path.stem for path in SCRIPTS.glob("*.sql"))


def create_database(server, prefix, charset="utf8mb4", collation="utf8mb4_general_ci"):
    name = f"{prefix}_{uuid.uuid4().hex[:8]}"
    server.sql(f"CREATE DATABASE `{name}` CHARACTER SET {charset} COLLATE {collation}")
    return name


def drop_database(server, name):
    server.sql(f"SET foreign_key_checks=0; DROP DATABASE IF EXISTS `{name}`")


@pytest.fixture
def make(server):
    """Makes databases by name, and drops them: make("shop")."""
    made = []

    def run(*how):
        made.append(create_database(server, *how))
        return made[-1]

    yield run
    for name in made:
        drop_database(server, name)


@pytest.fixture(scope="module")
def recorded(server):
    """recorded("views"): the database that a fixture script made, and its picture."""
    made = {}

    def run(name):
        if name not in made:
            database = create_database(server, "from")
            other = create_database(server, "other")
            script = (SCRIPTS / f"{name}.sql").read_text()
            script = script.replace("@OTHER@", other).replace("@SELF@", database)
            load(server, database, script.encode(), "--comments")
            made[name] = database, photo.take(server, database), other
        return made[name][:2]

    yield run
    for database, _, other in made.values():
        drop_database(server, database)
        drop_database(server, other)


def load(server, database, script, *options):
    """Feeds a script to the stock client as a user would; its output."""
    command, env = server.client(database)
    done = subprocess.run(
        [*command[:-1], *options, command[-1]],
        input=script,
        env=env,
        capture_output=True,
    )
    errors = done.stderr.decode(errors="replace")
    assert done.returncode == 0, errors[-3000:]
    return done.stdout.decode(errors="replace")


def emit(program, picture, database, directory, family="mariadb"):
    photo.write_archive(picture, database, directory, family)
    done = subprocess.run([program("schema_script"), directory], capture_output=True)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


def assert_same(got, want):
    """Like ==, but says which object differs, and how."""
    assert sorted(got) == sorted(want)
    for key in want:
        assert got[key] == want[key], key


@pytest.mark.parametrize("name", ALL)
def test_every_object_comes_back(server, make, recorded, program, tmp_path, name):
    source, want = recorded(name)
    target = make("to", "latin1", "latin1_german2_ci")
    script = emit(program, want, source, tmp_path)
    said = load(server, target, script)
    assert said == ""
    got = photo.take(server, target)
    assert_same(got, photo.renamed(want, source, target))
    again = emit(program, photo.renamed(got, target, source), source, tmp_path / "again")
    assert again == script


def undoubled(text):
    return text.replace("``", "`")


@pytest.mark.parametrize("name", ALL)
def test_capture_sees_what_the_client_sees(recorded, drive, name):
    source, want = recorded(name)
    got = drive.capture(source)
    expected = {key: seen for key, seen in photo.renamed(want, source, source).items() if key[1]}
    assert sorted(got["by_name"]) == sorted(expected)
    assert (got["charset"], got["collation"]) == tuple(want["database", ""].values())
    for key, seen in expected.items():
        found = got["by_name"][key]
        assert (found["problem"] is None) == ("problem" not in seen), key
        if found["sql"] or "problem" not in seen:
            seen = {**seen, "sql": seen["sql"].encode("utf8", "surrogateescape").decode(errors="replace")}
            if key[0] == "table" and undoubled(found["sql"]) == undoubled(seen["sql"]):
                # Some servers (10.11.18, 11.8.6) forget to double backticks in names of
                # foreign keys; what they print is no SQL, and is mended.
                seen["sql"] = found["sql"]
            assert {field: found[field] for field in seen if field != "problem"} == {
                field: value for field, value in seen.items() if field != "problem"
            }, key


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("name", ["names", "routines", "views"])
def test_any_client_will_do(server, make, recorded, program, tmp_path, name, client):
    source, want = recorded(name)
    target = make("to")
    load(server, target, emit(program, want, source, tmp_path), *CLIENTS[client])
    assert_same(photo.take(server, target), photo.renamed(want, source, target))


def test_the_session_is_given_back(server, make, recorded, program, tmp_path):
    source, want = recorded("events")
    target = make("to")
    script = emit(program, want, source, tmp_path)
    settings = "select @@sql_mode, @@time_zone, @@foreign_key_checks, @@unique_checks,"
    settings += " @@explicit_defaults_for_timestamp, @@old_mode, @@check_constraint_checks,"
    settings += " @@system_versioning_alter_history, @@innodb_strict_mode, @@timestamp < 2e9,"
    settings += " @@character_set_client, @@character_set_results, @@collation_connection;"
    before = (
        "SET sql_mode='ANSI', time_zone='+09:00', foreign_key_checks=0, unique_checks=0,"
        " explicit_defaults_for_timestamp=0, old_mode='UTF8_IS_UTF8MB3',"
        " check_constraint_checks=0, innodb_strict_mode=1,"
        " character_set_client=latin1, collation_connection=latin1_bin;\n" + settings
    )
    said = load(server, target, before.encode() + script + settings.encode())
    first, last = said.splitlines()
    assert first == last


def test_one_broken_view_does_not_stop_the_rest(server, make, recorded, program, tmp_path):
    source, want = recorded("views")
    target = make("to")
    text = "CREATE ALGORITHM=UNDEFINED DEFINER=`root`@`localhost` SQL SECURITY DEFINER VIEW"
    context = {"client_charset": "utf8mb4", "connection_collation": "utf8mb4_general_ci"}
    hopeless = {"sql": f"{text} `it's` AS select `x`.`a` AS `a` from `nowhere`.`x`", "problem": "x"}
    unread = {"sql": "", "problem": "the server said no"}
    more = {("view", "it's"): {**hopeless, **context}, ("view", "unread"): {**unread, **context}}
    said = load(server, target, emit(program, {**want, **more}, source, tmp_path))
    assert said.splitlines() == [
        "view it's is broken, and could not be made",
        "view unread could not be read, and is not made",
    ]
    assert_same(photo.take(server, target), photo.renamed(want, source, target))


class MySql:
    """A MySQL server that is there: the socket, and a client that is MySQL's own."""

    family = "mysql"

    def __init__(self, socket, client):
        self.socket = socket
        self.command = client.split()

    def client(self, database=""):
        options = ["--default-character-set=utf8mb4", "--batch", "--raw", "--skip-column-names"]
        command = [*self.command, "--no-defaults", f"--socket={self.socket}", "--user=root"]
        return [*command, *options] + ([database] if database else []), None

    def sql(self, text):
        load(self, "mysql", text.encode())


@pytest.fixture(scope="module")
def mysql():
    """MYSQL_SOCKET and MYSQL_CLIENT name a server that the tests may fill; root has no password."""
    if "MYSQL_SOCKET" not in os.environ:
        pytest.skip("MYSQL_SOCKET names no MySQL server")
    return MySql(os.environ["MYSQL_SOCKET"], os.environ.get("MYSQL_CLIENT", "mysql"))


@pytest.mark.parametrize("name", sorted(path.stem for path in (DATA / "mysql").glob("*.sql")))
def test_mysqls_own_schema_comes_back(mysql, program, tmp_path, name):
    source = create_database(mysql, "from")
    target = create_database(mysql, "to", "latin1", "latin1_german2_ci")
    try:
        load(mysql, source, (DATA / "mysql" / f"{name}.sql").read_bytes(), "--comments")
        want = photo.take(mysql, source)
        script = emit(program, want, source, tmp_path, "mysql")
        assert load(mysql, target, script, "--comments") == ""
        assert_same(photo.take(mysql, target), photo.renamed(want, source, target))
    finally:
        drop_database(mysql, source)
        drop_database(mysql, target)
