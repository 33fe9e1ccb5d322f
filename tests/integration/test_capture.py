# SPDX-License-Identifier: MIT
"""Capture: every kind of object, its own text byte for byte, and nothing else."""

import subprocess

import pytest
from drive import Refused

EVERYTHING = r"""
set names utf8mb4;
create sequence numbers start with 100 increment by 10 cache 20;
create table parents (
  id bigint unsigned not null auto_increment primary key, name varchar(40) character set latin1
) auto_increment=42;
create table children (
  id int primary key, parent bigint unsigned, total decimal(10,2) default 1.50,
  twice decimal(12,2) as (total * 2) virtual, hidden int invisible, doc json,
  at timestamp not null default current_timestamp() on update current_timestamp(),
  place point not null, words text, n bigint default nextval(numbers),
  key by_total (total desc), unique key u (parent, total), fulltext key ft (words),
  spatial key sp (place), constraint positive check (total >= 0),
  constraint fk foreign key (parent) references parents (id) on delete cascade
) comment='it''s "so" \\ `here`; -- und süß 日本';
create table parts (a int, b timestamp not null) partition by range (unix_timestamp(b)) (
  partition p0 values less than (unix_timestamp('2020-01-01 00:00:00')) comment='old',
  partition p1 values less than maxvalue);
create table history (a int) with system versioning;
create table old_engine (a int) engine=MyISAM;
create view sums as select parent, sum(total) as s from children group by parent;
create view over_view as select s from sums;
create algorithm=merge definer=current_user sql security invoker view checked as
  select id, name from parents where id > 5 with local check option;
create view one_partition as select a from parts partition (p0);
delimiter //
create trigger first_one before insert on children for each row set new.total = 1//
create trigger second_one before insert on children for each row follows first_one
  set new.total = 2//
create trigger zeroth before insert on children for each row precedes first_one begin
  set new.total = 3; end//
create trigger after_it after update on children for each row set @x = 1//
create procedure proc(in a int, out b varchar(10)) comment 'does it' sql security invoker
begin
	-- a comment;
	set b = 'x;y';
end//
create function func(a int) returns varchar(10) character set utf8mb4 deterministic
  return concat('é', a)//
create event tick on schedule every 1 day starts '2030-01-01 00:00:00'
  on completion preserve disable comment 'tock' do set @a = 1//
set sql_mode = oracle//
create package pack as procedure p1(a int); end//
create package body pack as procedure p1(a int) as begin null; end; end//
delimiter ;
"""

ALL_KINDS = {
    "sequence", "table", "function", "procedure", "package", "package body",
    "view", "trigger", "event",
}  # fmt: skip


def show_create(server, database, kind, name):
    """What the stock client gets, as bytes: name, tab, text (and more columns)."""
    quoted = name.replace("`", "``")
    sql = f"set sql_mode = ''; set time_zone = '+00:00'; show create {kind} `{quoted}`"
    command, env = server.client(database)
    return subprocess.run(
        command, input=sql.encode(), env=env, capture_output=True, check=True
    ).stdout


def status(server, name):
    sql = "select variable_value from information_schema.global_status where variable_name ="
    return int(server.value(f"{sql} '{name}'"))


def test_every_object_is_there_with_its_own_text(server, database, drive):
    server.sql(EVERYTHING, database)
    schema = drive.capture(database)

    assert sorted(schema["by_name"]) == sorted(
        [("sequence", "numbers")]
        + [("table", t) for t in ("parents", "children", "parts", "history", "old_engine")]
        + [("view", v) for v in ("sums", "over_view", "checked", "one_partition")]
        + [("trigger", t) for t in ("first_one", "second_one", "zeroth", "after_it")]
        + [("procedure", "proc"), ("function", "func"), ("event", "tick")]
        + [("package", "pack"), ("package body", "pack")]
    )
    assert set(schema["visible"]) == ALL_KINDS
    assert schema["charset"] == "utf8mb4"
    assert schema["collation"] == "utf8mb4_general_ci"
    for (kind, name), o in schema["by_name"].items():
        text = o["sql"]
        if o["auto_increment"]:
            text = text.replace(") ENGINE=InnoDB", ") ENGINE=InnoDB AUTO_INCREMENT=42")
        assert b"\t" + text.encode() in show_create(server, database, kind, name)
        assert o["problem"] is None
        assert o["parsed"] == (kind == "table")


def test_what_the_text_does_not_say_is_kept_beside_it(server, database, drive):
    server.sql(EVERYTHING, database)
    objects = drive.capture(database)["by_name"]

    order = {name: o["order"] for (kind, name), o in objects.items() if kind == "trigger"}
    assert order == {"zeroth": 1, "first_one": 2, "second_one": 3, "after_it": 1}
    first = objects["trigger", "first_one"]
    assert (first["table"], first["timing"], first["event"]) == ("children", "BEFORE", "INSERT")
    assert objects["table", "parents"]["auto_increment"] == 42
    assert "AUTO_INCREMENT=" not in objects["table", "parents"]["sql"]
    assert objects["procedure", "proc"]["definer"] == "`root`@`localhost`"
    assert "ORACLE" in objects["package", "pack"]["sql_mode"]
    assert objects["procedure", "proc"]["client_charset"] == "utf8mb4"
    assert objects["procedure", "proc"]["database_collation"] == "utf8mb4_general_ci"
    assert objects["view", "sums"]["client_charset"] == "utf8mb4"
    assert objects["view", "sums"]["sql_mode"] is None
    assert objects["event", "tick"]["time_zone"] == "SYSTEM"


ODD_NAMES = [
    "a`b", "it's", 'say "hi"', "back\\slash", "new\nline", "tab\there", "semi;colon",
    "-- comment", "/* c */", "per%cent_", "a.b", ".hidden", "../up", "a/b", "日本語", "ünïcödé",
    "select", "1", "1e5", " leading", "x" * 64,
]  # fmt: skip


def test_odd_names_are_kept(server, database, drive):
    def quote(name):
        return "`" + name.replace("`", "``") + "`"

    for i, name in enumerate(ODD_NAMES):
        server.sql(
            f"create table {quote(name)} ({quote(name)} int);"
            f"create view {quote(('v' + name)[:64])} as select * from {quote(name)};"
            f"create trigger {quote(name)} before insert on {quote(name)}"
            f" for each row set @a = {i};"
            f"create procedure {quote(name)}() select {i};"
            f"create event {quote(name)} on schedule every 1 day do set @a = {i}",
            database,
        )
    objects = drive.capture(database)["by_name"]
    for i, name in enumerate(ODD_NAMES):
        assert f"`{name.replace('`', '``')}`" in objects["table", name]["sql"]
        assert objects["trigger", name]["table"] == name
        assert objects["procedure", name]["sql"].endswith(f"select {i}")
        assert ("view", ("v" + name)[:64]) in objects
        assert ("event", name) in objects
    assert len(objects) == 5 * len(ODD_NAMES)


@pytest.mark.parametrize("name", ["odd `db`", "it's", "a%b_c", "日本", "back\\slash", "x" * 60])
def test_odd_databases(server, drive, name):
    quoted = "`" + name.replace("`", "``") + "`"
    server.sql(f"create database {quoted}")
    try:
        server.sql(f"create table {quoted}.t (a int); create procedure {quoted}.p() select 1")
        assert set(drive.capture(name)["by_name"]) == {("table", "t"), ("procedure", "p")}
        assert name in drive("databases")["databases"]
        assert drive("has", name)["found"] == 1
    finally:
        server.sql(f"drop database {quoted}")


def test_names_of_databases_differ_by_case(server, database, drive):
    upper = database.upper()
    server.sql(f"create database {upper}")
    try:
        server.sql(
            f"create procedure {upper}.p() select 1;"
            f"create event {upper}.e on schedule every 1 day do set @a=1"
        )
        assert drive.capture(database)["objects"] == []
        assert len(drive.capture(upper)["objects"]) == 2
        assert drive("has", database.title())["found"] == 0
    finally:
        server.sql(f"drop database {upper}")


def test_empty_and_missing_databases(database, drive):
    assert drive.capture(database)["objects"] == []
    assert drive("capture", "no_such_database")["found"] == 0
    assert drive("fingerprint", "no_such_database")["found"] == 0
    assert drive("has", "no_such_database")["found"] == 0


def test_a_broken_view_does_not_take_the_others_down(server, database, drive):
    server.sql(
        "create table gone (a int); create view broken as select a from gone;"
        "create view fine as select 1 as x; drop table gone; create table t (a int)",
        database,
    )
    objects = drive.capture(database)["by_name"]
    assert "select" in objects["view", "broken"]["sql"]
    assert "missing" in objects["view", "broken"]["problem"]
    assert objects["view", "fine"]["problem"] is None
    assert ("table", "t") in objects


def test_a_view_of_one_partition_does_not_crash_the_server(server, database, drive):
    server.sql(
        "create table t1 (a int) partition by hash (a) partitions 2;"
        "create view v1 as select a from t1 partition (p0)",
        database,
    )
    pid = server.pid
    for _ in range(3):
        assert len(drive.capture(database)["objects"]) == 2
    assert server.value("select 1") == "1" and server.pid == pid


def test_a_comment_does_not_make_a_sequence(server, database, drive):
    server.sql("create table t (a int) comment=' SEQUENCE=1'; create sequence s", database)
    assert set(drive.capture(database)["by_name"]) == {("table", "t"), ("sequence", "s")}


def test_texts_in_other_character_sets_arrive_as_utf8(server, database, drive):
    command, env = server.client(database)
    command[command.index("--default-character-set=utf8mb4")] = "--default-character-set=latin1"
    sql = "create procedure p() select 'größe €'; create view v as select 'süß' as x"
    subprocess.run(command, input=sql.encode("cp1252"), env=env, check=True)
    objects = drive.capture(database)["by_name"]
    assert objects["procedure", "p"]["sql"].endswith("select 'größe €'")
    assert objects["procedure", "p"]["client_charset"] == "latin1"
    assert "'süß'" in objects["view", "v"]["sql"]


def test_settings_of_the_server_change_nothing(own_server, drive):
    own_server.sql("create database d; use d; " + EVERYTHING)
    own = drive.as_user("root", socket=own_server.socket)
    before = own("capture", "d")
    own_server.sql(
        "set global sql_mode = 'ANSI_QUOTES,NO_BACKSLASH_ESCAPES,ORACLE';"
        "set global sql_select_limit = 1; set global autocommit = 0;"
        "set global time_zone = '+05:00'; set global old_mode = '';"
        "set global sql_quote_show_create = 0; set global max_error_count = 0;"
        "set global collation_connection = latin1_bin; set global lock_wait_timeout = 1"
    )
    assert own("capture", "d") == before


def test_option_files_change_nothing(server, database, drive, tmp_path):
    server.sql(EVERYTHING, database)
    options = tmp_path / "options"
    options.write_text(
        "[client]\ninit-command=\"SET sql_mode='ANSI_QUOTES', sql_select_limit=1\"\n"
        "default-character-set=latin1\nlocal-infile=1\nmulti-statements=1\n"
    )
    by_file = drive.as_user("root", defaults_file=str(options))
    assert by_file("capture", database) == drive("capture", database)


def test_large_schemas_cost_no_query_per_table(server, database, drive, record_property):
    tables = 2000
    server.sql(
        "".join(
            f"create table t{i} (id bigint unsigned auto_increment primary key,"
            f" a varchar(100) default 'x', b decimal(10,2), c datetime, d int not null,"
            f" key (a), key (b, c), unique key (d)) comment='{i}';"
            for i in range(tables)
        ),
        database,
    )
    before = {n: status(server, n) for n in ("com_select", "com_show_create_table")}
    assert len(drive.capture(database)["objects"]) == tables
    after = {n: status(server, n) for n in before}
    assert after["com_show_create_table"] - before["com_show_create_table"] == tables
    assert after["com_select"] - before["com_select"] <= 12

    times = drive("time", database, 5)
    for what in ("capture_ms", "fingerprint_ms"):
        print(f"\n{tables} tables, {what}: {sorted(times[what])}")
        record_property(what, min(times[what]))


def test_a_server_that_dies_is_a_clear_error(own_server, drive):
    own_server.sql(
        "create database d; use d; " + "".join(f"create table t{i} (a int);" for i in range(300))
    )
    own = drive.as_user("root", socket=own_server.socket)
    process = own.start("capture-for", "d", 60000, 0)
    while status(own_server, "com_show_create_table") == 0:
        pass
    own_server.kill()
    with pytest.raises(Refused) as failed:
        own.finish(process)
    assert failed.value.code == "connect"
    assert failed.value.text.startswith("database d: ")
    assert "lost connection to the database" in failed.value.text
