# SPDX-License-Identifier: MIT
"""Fingerprints: equal ones mean the same schema; when that is not certain there is none."""

import time

import pytest
from drive import Drive

SCHEMA = """
create table t (a int, b varchar(10) not null default 'x', key k (a)) engine=InnoDB;
create table parent (id int primary key) engine=InnoDB;
create table child (p int, constraint f foreign key (p) references parent (id)) engine=InnoDB;
create table parts (a int) partition by range (a) (partition p0 values less than (10));
create view v as select a from t;
create trigger one before insert on t for each row set @a = 1;
create trigger two before insert on t for each row set @a = 2;
create procedure p(in a int) select 1;
create function f() returns int return 1;
create event e on schedule every 1 day disable do set @a = 1;
"""

# What a second of the server's clock hides: younger changes make no fingerprint.
YOUNG_SECONDS = 3.1

CHANGES = {
    "comment": "alter table t comment='x'",
    "default": "alter table t alter b set default 'y'",
    "column name": "alter table t rename column b to c",
    "instant column": "alter table t add column c int, algorithm=instant",
    "index": "create index l on t (b)",
    "ignored index": "alter table t alter index k ignored",
    "index name": "alter table t rename index k to l",
    "new table": "create table u (a int)",
    "dropped table": "drop table child",
    "table name": "rename table t to u",
    "swapped tables": "rename table t to x, child to t, x to child",
    "parent's name": "rename table parent to mother",
    "parent's column": "alter table parent rename column id to number",
    "foreign key": "alter table child drop foreign key f",
    "partition": "alter table parts add partition (partition p1 values less than (20))",
    "versioning": "alter table t add system versioning",
    "view": "create or replace view v as select b from t",
    "view's algorithm": "create or replace algorithm=temptable view v as select a from t",
    "view's definer": "create or replace definer=nobody view v as select a from t",
    "trigger": "create or replace trigger two before insert on t for each row set @a = 3",
    "trigger's place": "drop trigger one;"
    "create trigger one before insert on t for each row set @a = 1",
    "procedure": "create or replace procedure p(in a int) select 2",
    "procedure's comment": "alter procedure p comment 'x'",
    "parameter": "set timestamp=1; create or replace procedure p(in a bigint) select 1",
    "function": "create or replace function f() returns bigint return 1",
    "event": "alter event e comment 'x'",
    "event's schedule": "set timestamp=1; alter event e on schedule every 2 day",
    "event's state": "alter event e enable",
    "character set": "alter database character set koi8r",
}  # fmt: skip


@pytest.fixture(scope="module")
def changed(server):
    """Databases that are alike, each with a fingerprint from before and a change since."""
    names = {what: f"fp_{i}" for i, what in enumerate([*CHANGES, "nothing"])}
    for name in names.values():
        server.sql(f"create database {name}; use {name};" + SCHEMA)
    yield names
    for name in names.values():
        server.sql(f"drop database {name}")


@pytest.fixture(scope="module")
def prints(server, program, changed):
    """For each change: the fingerprints before, right after it, and when it is old."""
    drive = Drive(program("server_drive"), server)

    def all_prints():
        return {what: drive("fingerprint", name)["fingerprint"] for what, name in changed.items()}

    time.sleep(YOUNG_SECONDS)
    before = all_prints()
    for what, sql in CHANGES.items():
        server.sql(sql, changed[what])
    after = all_prints()
    time.sleep(YOUNG_SECONDS)
    return before, after, all_prints()


@pytest.mark.parametrize("what", CHANGES)
def test_every_change_shows(prints, what):
    before, after, old = (p[what] for p in prints)
    assert before
    assert after != before
    assert old and old != before


def test_nothing_changes_nothing(prints):
    before, after, old = (p["nothing"] for p in prints)
    assert before == after == old
    assert len(before) < 250


def test_a_young_table_has_no_fingerprint(server, database, drive):
    """It might change once more within the second that its time is known to."""
    server.sql("create table t (a int)", database)
    assert drive("fingerprint", database) == {"found": 1, "fingerprint": ""}


@pytest.mark.parametrize(
    "sql",
    [
        "create table t (a int) engine=MyISAM",
        "create table t (a int) engine=Aria",
        "create table t (a int) engine=MEMORY",
        "create table t (a int) engine=MyISAM partition by hash (a) partitions 2",
        "create sequence s",
    ],
)
def test_what_keeps_no_true_time_has_no_fingerprint(server, database, drive, sql):
    server.sql(sql, database)
    time.sleep(YOUNG_SECONDS)
    assert drive("fingerprint", database)["fingerprint"] == ""


def test_parents_in_other_databases_make_it_uncertain(server, drive, account):
    """A rename over there changes the texts over here."""
    names = ["fk-child ü", "fk-parent"]
    server.sql(
        "".join(f"create database `{n}`; create table `{n}`.p (id int primary key);" for n in names)
        + "create table `fk-child ü`.c (p int, foreign key (p) references `fk-parent`.p (id))"
    )
    sees = drive.as_user(account("SELECT, PROCESS ON *.*"))
    blind = drive.as_user(account("SELECT ON *.*"))
    try:
        time.sleep(YOUNG_SECONDS)
        assert sees("fingerprint", "fk-child ü")["fingerprint"] == ""
        assert sees("fingerprint", "fk-parent")["fingerprint"] != ""
        assert blind("fingerprint", "fk-parent")["fingerprint"] == ""
    finally:
        server.sql("drop database `fk-child ü`; drop database `fk-parent`")


def test_an_empty_database_has_a_fingerprint(database, drive):
    assert drive("fingerprint", database)["fingerprint"] != ""


def test_rights_are_part_of_it(database, drive, account):
    """What an account could not see it must not call unchanged."""
    few = drive.as_user(account("SELECT, PROCESS ON *.*"))
    more = drive.as_user(account("SELECT, PROCESS, TRIGGER ON *.*"))
    assert few("fingerprint", database) != more("fingerprint", database)


def test_rows_change_nothing(server, database, drive):
    server.sql("create table t (a int auto_increment primary key) engine=InnoDB", database)
    time.sleep(YOUNG_SECONDS)
    before = drive("fingerprint", database)
    server.sql("insert into t values (1), (2); analyze table t; truncate table t", database)
    assert drive("fingerprint", database) == before
