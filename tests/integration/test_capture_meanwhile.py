# SPDX-License-Identifier: MIT
"""DDL that runs while a schema is captured: never a mixture, never a wait for long."""

import contextlib
import re
import subprocess
import threading
import time

import pytest

FILLERS = 120  # objects that are read between the first and the last one
MILLISECONDS = 1500  # of captures; without the checks a mixture shows in the first 500
CAPTURES = 5  # at least, however busy the machine is


class Session:
    """A client session that stays open; statements are answered in order."""

    def __init__(self, server, database):
        command, env = server.client(database)
        self.process = subprocess.Popen(
            [*command, "--unbuffered"], env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )

    def send(self, sql):
        self.process.stdin.write((sql + ";\n").encode())
        self.process.stdin.flush()

    def run(self, sql):
        self.send(sql + "; select 'done'")
        while self.process.stdout.readline() != b"done\n":
            assert self.process.poll() is None, f"the client ended at: {sql}"

    def close(self):
        self.process.stdin.close()
        self.process.wait()


@contextlib.contextmanager
def session(server, database):
    s = Session(server, database)
    try:
        yield s
    finally:
        s.close()


@contextlib.contextmanager
def changes(server, database, statements):
    """Changes the first object, then the last, again and again: first is never behind."""
    stop = threading.Event()

    def run():
        with session(server, database) as s:
            n = 0
            while not stop.is_set():
                n += 1
                for statement in statements:
                    s.run(statement.format(n=n))
                time.sleep(0.03 * (n % 7))

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


# What makes the two objects, and what changes them so that the text holds n.
SUBJECTS = {
    "innodb": (
        "create table {name} (x int) comment='n=0' engine=InnoDB",
        "alter table {name} comment='n={{n}}'",
    ),
    "no true time": (  # CREATE_TIME stays as it was
        "create table {name} (x int) comment='n=0' engine=MyISAM",
        "alter table {name} comment='n={{n}}'",
    ),
    "recreated": (
        "create table {name} (x int) comment='n=0'",
        "create or replace table {name} (x int) comment='n={{n}}'",
    ),
    "view": (
        "create view {name} as select 'n=0' as x",
        "create or replace view {name} as select 'n={{n}}' as x",
    ),
    "procedure": (
        "create procedure {name}() select 'n=0'",
        "create or replace procedure {name}() select 'n={{n}}'",
    ),
    "parameter": (  # by a clock that stands still
        "create procedure {name}(in `n=0` int) select 1",
        "set timestamp=1000000000; create or replace procedure {name}(in `n={{n}}` int) select 1",
    ),
    "event": (
        "create event {name} on schedule every 1 day disable comment 'n=0' do set @a = 1",
        "alter event {name} comment 'n={{n}}'",
    ),
    "trigger": (
        "create trigger {name} before insert on rows_of for each row set @a = 'n=0'",
        "create or replace trigger {name} before insert on rows_of for each row set @a = 'n={{n}}'",
    ),
    "sequence": (
        "create sequence {name} start with 1 maxvalue 1000000 increment by 1 comment='n=0'",
        "alter table {name} comment='n={{n}}'",
    ),
}


@pytest.mark.parametrize("sees_processes", [True, False], ids=["counters", "listings"])
@pytest.mark.parametrize("subject", SUBJECTS)
def test_a_capture_is_never_a_mixture(server, database, drive, account, subject, sees_processes):
    create, change = SUBJECTS[subject]
    names = ["a_first", "z_last"]
    server.sql(
        "create table rows_of (x int) comment='filler';"
        + "".join(
            create.format(name=f"f{i}").replace("n=0", "filler") + ";" for i in range(FILLERS)
        )
        + "".join(create.format(name=n) + ";" for n in names),
        database,
    )
    if not sees_processes:
        user = account(
            f"SELECT, SHOW VIEW, TRIGGER, EVENT ON `{database}`.*", "SELECT ON mysql.proc"
        )
        drive = drive.as_user(user)
    with changes(server, database, [change.format(name=n) for n in names]):
        answer = drive("capture-for", database, MILLISECONDS, CAPTURES)

    numbers = [
        [int(n) for text in texts if "filler" not in text for n in re.findall(r"n=(\d+)", text)]
        for texts in answer["objects"]
    ]
    assert answer["captured"] >= CAPTURES, f"too few to tell, {answer['busy']} were busy"
    assert len({tuple(n) for n in numbers}) > 1, "nothing changed meanwhile"
    for first, last in numbers:
        assert first in (last, last + 1)


def test_objects_that_come_and_go_are_no_failure(server, database, drive):
    server.sql("".join(f"create table f{i} (x int);" for i in range(FILLERS)), database)
    with changes(
        server,
        database,
        [
            "create table a_new (x int)",
            "create view z_new as select x from a_new",
            "drop table a_new",
            "drop view z_new",
        ],
    ):
        answer = drive("capture-for", database, MILLISECONDS, CAPTURES)
    assert answer["captured"] >= CAPTURES
    for texts in answer["objects"]:
        # The view is there only with its table, or right after the table was dropped.
        assert FILLERS <= len(texts) <= FILLERS + 2


def test_a_schema_that_never_rests_is_busy(server, database, drive):
    """Five attempts, then an error that says so; never a mixture, never for ever."""
    server.sql(
        "create table a (x int) engine=MyISAM comment='n=0';"
        + "".join(f"create table f{i} (x int);" for i in range(2 * FILLERS)),
        database,
    )
    stop = threading.Event()

    def run():
        with session(server, database) as s:
            n = 0
            while not stop.is_set():
                n += 1
                s.run(f"alter table a comment='n={n}'")

    thread = threading.Thread(target=run)
    thread.start()
    try:
        answer = drive("capture-for", database, 4000, 0)
    finally:
        stop.set()
        thread.join()
    assert answer["busy"] >= 1


def test_an_alter_that_waits_does_not_stop_a_capture(server, database, drive):
    server.sql("create table t (a int) engine=InnoDB; insert into t values (1)", database)
    with session(server, database) as reader, session(server, database) as writer:
        reader.run("start transaction; select * from t")
        writer.send("alter table t add column b int, algorithm=copy")
        wait_for(server, "Waiting for table metadata lock")
        start = time.monotonic()
        objects = drive.capture(database)["by_name"]
        assert time.monotonic() - start < 5
        assert "`b`" not in objects["table", "t"]["sql"]
        reader.run("commit")
        writer.run("select 1")
    assert "`b`" in drive.capture(database)["by_name"]["table", "t"]["sql"]


def test_a_table_locked_for_writing_can_be_captured(server, database, drive):
    server.sql("create table t (a int)", database)
    with session(server, database) as writer:
        writer.run("lock tables t write")
        assert len(drive.capture(database)["objects"]) == 1
        writer.run("unlock tables")


def wait_for(server, state):
    for _ in range(500):
        if any(state in " ".join(row) for row in server.sql("show full processlist")):
            return
        time.sleep(0.01)
    raise AssertionError(f"no session is in state {state}")
