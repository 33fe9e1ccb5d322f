# SPDX-License-Identifier: MIT
"""What an account may not see is known to be unseen."""

import pytest

SCHEMA = """
create table t (a int); create table u (a int); create sequence s; create view v as select a from t;
create trigger tr before insert on t for each row set @a = 1;
create procedure p() select 1; create function f() returns int return 1;
create event e on schedule every 1 day do set @a = 1;
"""

TABLES = {"table", "sequence"}
ROUTINES = {"function", "procedure", "package", "package body"}
EVERYTHING = TABLES | ROUTINES | {"view", "trigger", "event"}
GUIDES = ["SELECT, SHOW DATABASES, SHOW VIEW, LOCK TABLES ON *.*", "PROCESS ON *.*"]


@pytest.fixture
def full(server, database):
    server.sql(SCHEMA, database)
    return database


def kinds(schema):
    return {o["kind"] for o in schema["objects"]}


def test_root_sees_everything(full, drive):
    assert set(drive.capture(full)["visible"]) == EVERYTHING


def test_the_guides_grants_hide_triggers_and_events(full, drive, account):
    schema = drive.as_user(account(*GUIDES)).capture(full)
    assert set(schema["visible"]) == EVERYTHING - {"trigger", "event"}
    assert kinds(schema) == {"table", "sequence", "view", "procedure", "function"}


def test_the_grants_of_our_hint_show_everything(full, drive, account):
    user = account("SELECT, SHOW DATABASES, SHOW VIEW, TRIGGER, EVENT, PROCESS ON *.*")
    schema = drive.as_user(user)("capture", full)
    assert schema == drive("capture", full)


@pytest.mark.parametrize(
    "grants, visible",
    [
        (["SELECT ON `{db}`.*"], TABLES),
        (["SELECT, SHOW VIEW ON `{db}`.*"], TABLES | {"view"}),
        (["SELECT, TRIGGER ON `{db}`.*"], TABLES | {"trigger"}),
        (["SELECT, EVENT ON `{db}`.*"], TABLES | {"event"}),
        (["SELECT ON `{db}`.*", "SELECT ON mysql.proc"], TABLES | ROUTINES),
        (["ALL ON `{db}`.*"], TABLES | {"view", "trigger", "event"}),
        (["ALL ON `{db}`.*", "SELECT ON mysql.*"], EVERYTHING),
        (["ALL ON *.*"], EVERYTHING),
        (["SELECT ON `db\\_%`.*", "TRIGGER ON `db\\_%`.*"], TABLES | {"trigger"}),
        (["SELECT, TRIGGER ON `db%`.*", "SELECT ON `{db}`.*"], TABLES),
        (["SELECT (a), SHOW VIEW ON `{db}`.t"], set()),
    ],
)
def test_rights_decide_what_is_visible(full, drive, account, grants, visible):
    user = account(*[g.format(db=full) for g in grants])
    schema = drive.as_user(user).capture(full)
    assert set(schema["visible"]) == visible
    # What counts as visible is there, as root sees it.
    mine = {k: v for k, v in schema["by_name"].items() if k[0] in visible}
    roots = {k: v for k, v in drive.capture(full)["by_name"].items() if k[0] in visible}
    assert mine == roots


def test_rights_on_single_tables_are_not_the_whole(full, drive, account):
    schema = drive.as_user(account(f"SELECT, TRIGGER ON `{full}`.t")).capture(full)
    assert schema["visible"] == []
    assert set(schema["by_name"]) == {("table", "t"), ("trigger", "tr")}


def test_who_may_only_run_a_routine_does_not_see_it(full, drive, account):
    user = account(f"SELECT, EXECUTE ON `{full}`.*")
    schema = drive.as_user(user).capture(full)
    assert not ROUTINES & set(schema["visible"])
    procedure = schema["by_name"]["procedure", "p"]
    assert procedure["sql"] == ""
    assert "not shown" in procedure["problem"]


def test_a_view_that_may_not_be_read_is_named(full, drive, account):
    schema = drive.as_user(account(f"SELECT ON `{full}`.*")).capture(full)
    view = schema["by_name"]["view", "v"]
    assert view["sql"] == ""
    assert "denied" in view["problem"]
    assert ("table", "v") not in schema["by_name"]


def test_roles_count_when_they_are_active(server, full, drive, account):
    user = account(f"SELECT ON `{full}`.*")
    server.sql(
        f"create role inner_role; grant EVENT ON *.* to inner_role;"
        f"create role outer_role; grant TRIGGER ON `{full}`.* to outer_role;"
        f"grant inner_role to outer_role; grant outer_role to {user}@'%'"
    )
    try:
        assert set(drive.as_user(user).capture(full)["visible"]) == TABLES
        server.sql(f"set default role outer_role for {user}@'%'")
        schema = drive.as_user(user).capture(full)
        assert set(schema["visible"]) == TABLES | {"trigger", "event"}
        assert kinds(schema) == {"table", "sequence", "trigger", "event", "view"}
    finally:
        server.sql("drop role inner_role; drop role outer_role")


def test_rights_of_the_public_count(server, full, drive, account):
    user = account(f"SELECT ON `{full}`.*")
    server.sql(f"grant TRIGGER ON `{full}`.* to public")
    try:
        assert set(drive.as_user(user).capture(full)["visible"]) == TABLES | {"trigger"}
    finally:
        server.sql(f"revoke TRIGGER ON `{full}`.* from public")


def test_a_database_out_of_sight_is_not_there(full, drive, account):
    limited = drive.as_user(account("SELECT ON mysql.proc"))
    assert limited("capture", full)["found"] == 0
    assert full not in limited("databases")["databases"]


def test_a_server_without_accounts_shows_everything(own_server, drive):
    own_server.sql("create database d; use d;" + SCHEMA)
    own_server.stop()
    own_server.start("--skip-grant-tables", "--event-scheduler=OFF")
    schema = drive.as_user("anybody", socket=own_server.socket).capture("d")
    assert set(schema["visible"]) == EVERYTHING
    assert {"table", "trigger", "view"} <= kinds(schema)
