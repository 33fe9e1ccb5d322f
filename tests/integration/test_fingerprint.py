# SPDX-License-Identifier: MIT
"""Fingerprints: equal ones mean the same schema; when that is not certain there is none."""

import time

import pytest
from drive import Drive

SCHEMA = """
create table t (a int, b varchar(10) not null default 'x', key k (a)) engine=InnoDB;
create table parent (id int primary key) engine=InnoDB;
create table child (p int, constraint f foreign key (p) references parent (id)) engine=InnoDB;
create table more (a int not null, b int generated always as (a + 1) virtual, t text,
  unique key u (a), check (a > 0), fulltext key words (t)) engine=InnoDB;
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
    "event's definer": "set timestamp=1; alter definer=nobody@x event e comment ''",
    "event's end": "set timestamp=1; alter event e on completion preserve",
    "event's body": "set timestamp=1; alter event e do set @a = 2",
    "event's name": "set timestamp=1; alter event e rename to f",
    "event's sql_mode": "set timestamp=1, sql_mode='ANSI_QUOTES'; alter event e comment ''",
    "event's time zone": "set timestamp=1, time_zone='+03:00'; alter event e disable",
    "new event": "create event f on schedule every 1 day disable do set @a = 1",
    "dropped event": "drop event e",
    "character set": "alter database character set koi8r",
    "collation": "alter database collate utf8mb4_bin",
    "column's type": "alter table t modify a bigint",
    "column's place": "alter table t modify a int after b",
    "column's null": "alter table t modify a int not null",
    "column's comment": "alter table t modify a int comment 'x'",
    "column's charset": "alter table t modify b varchar(10) character set latin1 not null",
    "longer column": "alter table t modify b varchar(20) not null default 'x'",
    "invisible column": "alter table t modify a int invisible",
    "dropped column": "alter table t drop column b, algorithm=instant",
    "generated column": "alter table more modify b int generated always as (a + 2) virtual",
    "check": "alter table more drop constraint CONSTRAINT_1",
    "new check": "alter table t add check (a > 0)",
    "dropped index": "alter table t drop key k",
    "unique key": "alter table t add unique (a)",
    "fulltext key": "alter table more drop key words",
    "primary key": "alter table t add primary key (b)",
    "index's comment": "alter table t drop key k, add key k (a) comment 'x'",
    "table's charset": "alter table t default character set latin1",
    "table's engine": "alter table t engine=Aria",
    "row format": "alter table t row_format=dynamic",
    "statistics": "alter table t stats_persistent=1",
    "compression": "alter table t page_compressed=1",
    "foreign key's rule": "alter table child drop foreign key f;"
    "alter table child add constraint f foreign key (p) references parent (id) on delete cascade",
    "fewer partitions": "alter table parts remove partitioning",
    "partition's comment": "alter table parts reorganize partition p0 into"
    " (partition p0 values less than (10) comment 'x')",
    "view's security": "create or replace sql security invoker view v as select a from t",
    "view's check option": "create or replace view v as select a from t with check option",
    "view's charset": "set names latin1; create or replace view v as select a from t",
    "view's name": "rename table v to w",
    "new view": "create view w as select 1",
    "dropped view": "drop view v",
    "view into table": "drop view v; create table v (a int)",
    "trigger's definer": "set timestamp=1; create or replace definer=nobody trigger two"
    " before insert on t for each row set @a = 2",
    "trigger's mode": "set timestamp=1, sql_mode='ANSI_QUOTES'; create or replace trigger two"
    " before insert on t for each row set @a = 2",
    "trigger's charset": "set names latin1; set timestamp=1; create or replace trigger two"
    " before insert on t for each row set @a = 2",
    "trigger's event": "set timestamp=1; drop trigger two;"
    "create trigger two before update on t for each row set @a = 2",
    "trigger's table": "set timestamp=1; drop trigger two;"
    "create trigger two before insert on parent for each row set @a = 2",
    "dropped trigger": "drop trigger two",
    "procedure's security": "set timestamp=1; alter procedure p sql security invoker",
    "procedure's data access": "set timestamp=1; alter procedure p no sql",
    "procedure's mode": "set timestamp=1, sql_mode='ANSI_QUOTES';"
    "create or replace procedure p(in a int) select 1",
    "procedure's definer": "set timestamp=1;"
    "create or replace definer=nobody procedure p(in a int) select 1",
    "parameter's name": "set timestamp=1; create or replace procedure p(in b int) select 1",
    "parameter's direction": "set timestamp=1; create or replace procedure p(out a int) select 1",
    "dropped procedure": "drop procedure p",
    "function's determinism": "set timestamp=1;"
    "create or replace function f() returns int deterministic return 1",
    "function's charset": "set timestamp=1;"
    "create or replace function f() returns int(10) unsigned return 1",
    "new package": "delimiter //\nset sql_mode=oracle//create package pk as procedure x; end//\ndelimiter ;\n"
    "set @a = 1",
}  # fmt: skip


# After these there is no fingerprint any more.
WITHOUT = {"table's engine"}


RESET = """;
set names utf8mb4; set timestamp = default, sql_mode = default, time_zone = default;
"""


# Tables whose times the server does not keep truly.
TIMELESS = {
    "MyISAM": "create table t (a int) engine=MyISAM",
    "Aria": "create table t (a int) engine=Aria",
    "MEMORY": "create table t (a int) engine=MEMORY",
    "parts": "create table t (a int) engine=MyISAM partition by hash (a) partitions 2",
    "sequence": "create sequence s",
}

# Made with the others: all grow old at the same time.
CHILD, PARENT, ROWS = "fk-child ü", "fk-parent", "fp_rows"
OTHERS = {
    PARENT: "create table p (id int primary key)",
    CHILD: f"create table c (p int, foreign key (p) references `{PARENT}`.p (id))",
    ROWS: "create table t (a int auto_increment primary key) engine=InnoDB",
}


@pytest.fixture(scope="module")
def changed(server):
    """Databases that are alike, each with a fingerprint from before and a change since."""
    names = {what: f"fp_{i}" for i, what in enumerate([*CHANGES, "nothing", *TIMELESS])}
    made = {names[what]: TIMELESS.get(what, SCHEMA) for what in names} | OTHERS
    server.sql("".join(f"create database `{n}`; use `{n}`;{sql};" for n, sql in made.items()))
    yield names
    server.sql("".join(f"drop database `{n}`;" for n in reversed(made)))


@pytest.fixture(scope="module")
def prints(server, program, changed):
    """For each change: the fingerprints before, right after it, and when it is old."""
    drive = Drive(program("server_drive"), server)

    def all_prints():
        found = drive("fingerprints", ",".join(changed.values()))
        return {what: found[name] for what, name in changed.items()}

    time.sleep(YOUNG_SECONDS)
    before = all_prints()
    server.sql("".join(f"use {changed[what]};\n{sql}{RESET}" for what, sql in CHANGES.items()))
    after = all_prints()
    time.sleep(YOUNG_SECONDS)
    return before, after, all_prints()


@pytest.mark.parametrize("what", CHANGES)
def test_every_change_shows(prints, what):
    before, after, old = (p[what] for p in prints)
    assert before
    assert after != before
    assert old != before
    assert old or what in WITHOUT


def test_nothing_changes_nothing(prints):
    before, after, old = (p["nothing"] for p in prints)
    assert before == after == old
    assert len(before) < 250


def test_a_young_table_has_no_fingerprint(server, database, drive):
    """It might change once more within the second that its time is known to."""
    server.sql("create table t (a int)", database)
    assert drive("fingerprint", database) == {"found": 1, "fingerprint": ""}


@pytest.mark.parametrize("what", TIMELESS)
def test_what_keeps_no_true_time_has_no_fingerprint(prints, what):
    assert [p[what] for p in prints] == ["", "", ""]


def test_parents_in_other_databases_make_it_uncertain(prints, drive, account):
    """A rename over there changes the texts over here."""
    sees = drive.as_user(account("SELECT, PROCESS ON *.*"))
    blind = drive.as_user(account("SELECT ON *.*"))
    assert sees("fingerprint", CHILD)["fingerprint"] == ""
    assert sees("fingerprint", PARENT)["fingerprint"] != ""
    assert blind("fingerprint", PARENT)["fingerprint"] == ""


def test_an_empty_database_has_a_fingerprint(database, drive):
    assert drive("fingerprint", database)["fingerprint"] != ""


def test_rights_are_part_of_it(database, drive, account):
    """What an account could not see it must not call unchanged."""
    few = drive.as_user(account("SELECT, PROCESS ON *.*"))
    more = drive.as_user(account("SELECT, PROCESS, TRIGGER ON *.*"))
    assert few("fingerprint", database) != more("fingerprint", database)


def test_rows_change_nothing(server, prints, drive):
    before = drive("fingerprint", ROWS)
    assert before["fingerprint"]
    server.sql("insert into t values (1), (2); analyze table t; truncate table t", ROWS)
    assert drive("fingerprint", ROWS) == before
