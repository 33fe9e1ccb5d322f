# SPDX-License-Identifier: MIT
"""Objects that a server cannot show: each is named, none takes the others down, none is dropped."""

import pytest

SCHEMA = """
create database sick; use sick;
create table good (a int primary key, b int);
create table corrupt (a int);
create table gone (a int) engine=InnoDB;
create table cut (a int) engine=MyISAM;
create table member (a int) engine=MyISAM;
create table merged (a int) engine=MERGE union=(member);
create table foreigner (a int) engine=MyISAM;
create table deaf (a int);
create view well as select a from good;
create view nonsense as select a from good;
create view orphan as select a from member;
create definer=ghost@nowhere view haunted as select a from good;
create procedure garbled() select 1;
create function misread() returns int return 1;
create definer=ghost@nowhere procedure ghostly() select 1;
create trigger sound before insert on good for each row set @a = 1;
create trigger spoilt before insert on deaf for each row set @a = 1;
create event daily on schedule every 1 day disable do set @a = 1;
drop table member;
update mysql.proc set body = 'BEGIN this is not sql' where db = 'sick' and name = 'garbled';
update mysql.proc set param_list = '!!' where db = 'sick' and name = 'misread';
"""

# What can be read neither at the backup nor later, and what the server says of it.
SICK = {
    "table corrupt": "incorrect information in file",
    "table gone": "Tablespace is missing",
    "table cut": "cut.MYD",
    "table merged": "unable to open underlying table",
    "table foreigner": "unknown storage engine 'SPIDER'",
    "table nonsense": "incorrect information in file",  # a view that says so no more
    "procedure garbled": "near 'is not sql'",
    "function misread": "near '!!)",
}
DOUBTFUL = {"view orphan": "missing", "view haunted": "definer"}


def spoil(data):
    """As disks, careless copies and servers without their plugins do."""
    (data / "corrupt.frm").write_bytes(b"garbage" * 20)
    (data / "gone.ibd").unlink()
    (data / "cut.MYD").unlink()
    (data / "nonsense.frm").write_text("TYPE=VIEW\nquery=nonsense\n")
    foreigner = bytearray((data / "foreigner.frm").read_bytes().replace(b"MyISAM", b"SPIDER"))
    foreigner[3] = 47  # the engine's number: one that is not loaded
    (data / "foreigner.frm").write_bytes(foreigner)
    triggers = data / "deaf.TRG"
    triggers.write_text(triggers.read_text().replace("for each row set", "for each rows get"))


@pytest.fixture
def sick(own_server, home):
    own_server.sql(SCHEMA)
    own_server.stop()
    spoil(own_server.directory / "data" / "sick")
    own_server.start()
    home.write_config(own_server, "sick")
    return own_server


def tables(server):
    return {row[0] for row in server.sql("show tables", "sick")}


def test_each_is_named_and_none_is_dropped(sick, home):
    taken = home.run("backup", "create")
    (backup,) = [b["id"] for b in home.json("backup", "list")]
    info = home.json("backup", "info", backup)
    named = dict(problem.split(": ", 1) for problem in info["object_problems"])
    assert set(named) == {*SICK, *DOUBTFUL, "trigger (unreadable"}
    for what, why in {**SICK, **DOUBTFUL}.items():
        assert why in named[what]
        assert what.split()[1] in taken.stderr
    assert home.json("backup", "validate", backup)["valid"] is True

    before = tables(sick)
    sick.sql("drop table good; create table extra (a int)", "sick")
    plan = home.json("rollback", "plan", backup, "--prove")
    assert {s["object_name"] for s in plan["statements"]} == {"extra", "good", "sound"}
    assert set(SICK) <= set(plan["unread"])
    done = home.run("rollback", "execute", backup, "--yes")
    assert "could be read neither now nor then" in done.stderr
    assert tables(sick) == before
    done = home.run("rollback", "validate", backup)
    assert "could be read neither now nor then" in done.stderr


def test_what_was_read_before_it_broke_is_left_alone(own_server, home):
    """Here it is broken, there it is not: nobody knows what dropping it would lose."""
    own_server.sql(SCHEMA)
    home.write_config(own_server, "sick")
    backup = home.json("backup", "create")["backup_id"]
    own_server.stop()
    spoil(own_server.directory / "data" / "sick")
    own_server.start()
    before = tables(own_server)
    plan = home.json("rollback", "plan", backup)
    warnings = "\n".join(plan["warnings"])
    for name in ("corrupt", "gone", "cut", "foreigner"):
        assert f"CRITICAL: table {name} is left as it is: it could not be read" in warnings
    assert [s for s in plan["statements"] if s["type"].startswith("DROP_TABLE")] == []
    done = home.run("rollback", "execute", backup, "--yes", status=None)
    assert done.returncode in (0, 1)
    assert tables(own_server) == before


def test_an_engine_that_only_reads_is_named_first(own_server, home):
    own_server.sql("create database d; create table d.t (a int primary key)")
    home.write_config(own_server, "d")
    backup = home.json("backup", "create")["backup_id"]
    own_server.sql("alter table d.t add b int")
    own_server.stop()
    own_server.start("--innodb-read-only")
    done = home.run("rollback", "execute", backup, "--yes", status=None)
    assert done.returncode in (1, 3)
    assert "read" in done.stderr and "only" in done.stderr
    assert own_server.sql("show columns from t", "d") != []
    assert home.json("backup", "create")["backup_id"] != backup  # still taken


ONE_OBJECT = {
    "select on one table": ("grant select on {d}.t to {u}", "table"),
    "no trigger": ("grant select, show view, event on {d}.* to {u}; grant select on mysql.proc to {u}", "trigger"),
    "no event": ("grant select, show view, trigger on {d}.* to {u}; grant select on mysql.proc to {u}", "event"),
    "no view's text": ("grant select, trigger, event on {d}.* to {u}; grant select on mysql.proc to {u}", "view"),
    "no routine's text": ("grant select, show view, trigger, event, execute on {d}.* to {u}", "procedure"),
}  # fmt: skip


@pytest.mark.parametrize("rights", ONE_OBJECT)
def test_what_a_backup_could_not_see_is_never_dropped(server, database, home, account, rights):
    grants, kind = ONE_OBJECT[rights]
    server.sql(
        """create table t (a int primary key); create table u (a int); create view v as select a from t;
        create trigger g before insert on t for each row set @a = 1; create procedure p() select 1;
        create event e on schedule every 1 day disable do set @a = 1""",
        database,
    )
    user = account("usage on *.*")
    server.sql(grants.format(d=f"`{database}`", u=f"{user}@'%'"))
    target = {"socket": server.socket, "username": user, "database": database}
    home.write_config(server, database, target=target)
    taken = home.run("backup", "create")
    assert f"may not see every {kind}" in taken.stderr
    (made,) = home.json("backup", "list")
    assert kind not in home.json("backup", "info", made["id"])["visible_kinds"]
    home.write_config(server, database)
    plan = home.json("rollback", "plan", made["id"])
    assert plan["statements"] == []
    assert kind in plan["not_compared"]
    done = home.run("rollback", "execute", made["id"], "--yes")
    assert "may not see every one of them" in done.stderr and kind in done.stderr
