# SPDX-License-Identifier: MIT
"""Running the steps of a plan: one by one, only what a plan may do, errors that help."""

import subprocess
import threading
import time

import pytest
from drive import Refused


def refused(drive, database, *steps):
    with pytest.raises(Refused) as failed:
        drive.apply(database, *steps)
    return failed.value


def tables(server, database):
    return [row[0] for row in server.sql("show tables", database)]


def test_steps_run_in_order_and_say_so(database, drive, server):
    answer = drive.apply(
        database,
        {"type": "CREATE_TABLE", "sql": "CREATE TABLE `a` (x int)"},
        {"type": "ALTER_TABLE", "sql": "ALTER TABLE `a` ADD y int"},
    )
    assert answer["done"] == 2
    assert answer["log"] == [
        "0 running CREATE_TABLE",
        "0 done CREATE_TABLE",
        "1 running ALTER_TABLE",
        "1 done ALTER_TABLE",
    ]
    assert server.sql("show columns from a", database)[1][0] == "y"


def test_a_failure_stops_the_run_and_is_named(database, drive, server):
    steps = ["CREATE TABLE a (x int)", "ALTER TABLE a\nDROP z", "CREATE TABLE b (x int)"]
    error = refused(drive, database, *steps)
    assert error.code == "server"
    assert error.text == (
        "step 2 of 3: ALTER TABLE a DROP z: can't DROP COLUMN `z`; check that it exists"
    )
    assert error.answer["done"] == 1
    assert error.answer["log"][-1] == "1 running STEP"
    assert tables(server, database) == ["a"]


def test_nothing_runs_when_a_statement_is_refused(database, drive, server):
    move = f"ALTER TABLE {database}.t RENAME mysql.t"
    for evil in ("DROP DATABASE mysql", "CREATE USER x", move):
        error = refused(drive, database, "CREATE TABLE a (x int)", evil)
        assert error.code == "refused"
        assert error.text.startswith("step 2 of 2: statement refused: ")
        assert error.answer["done"] == 0
        assert tables(server, database) == []


def test_two_statements_are_not_one(database, drive, server):
    """Where the text cannot tell (bodies), the protocol does."""
    error = refused(drive, database, "CREATE PROCEDURE p() SELECT 1; DROP TABLE mysql.user")
    assert error.code == "server"
    assert drive.capture(database)["objects"] == []


PARENT_IN_USE = (
    "create table p (id int primary key);"
    "create table c (x int, foreign key (x) references p (id))"
)


@pytest.mark.parametrize(
    "before, step",
    [
        (PARENT_IN_USE,
         "DROP TABLE p"),
        ("create table p (id int primary key); create table c (x int); insert into c values (1)",
         "ALTER TABLE c ADD CONSTRAINT f FOREIGN KEY (x) REFERENCES p (id)"),
        ("create table p (id int); create table c (x int)",
         "ALTER TABLE c ADD CONSTRAINT f FOREIGN KEY (x) REFERENCES p (id)"),
    ],
    ids=["parent in use", "row without parent", "no parent key"],
)  # fmt: skip
def test_foreign_keys_that_do_not_hold(database, drive, server, before, step):
    server.sql(before, database)
    error = refused(drive, database, step)
    assert error.text.startswith(f"foreign key constraint violation: step 1 of 1: {step}: ")
    assert "--disable-fk-checks" in error.hint


def test_foreign_key_checks_are_off_where_a_step_says_so(database, drive, server):
    server.sql(PARENT_IN_USE, database)
    drive.apply(database, {"sql": "DROP TABLE p", "foreign_key_checks_off": True}, "DROP TABLE c")
    error = refused(
        drive,
        database,
        {"sql": "CREATE TABLE a (x int)", "foreign_key_checks_off": True},
        "CREATE TABLE c (x int, FOREIGN KEY (x) REFERENCES p (id))",
    )
    assert error.answer["done"] == 1


LATIN1 = "CREATE DEFINER=`root`@`localhost` PROCEDURE `größe`()\nselect 'süß €', '\\\\'"


def test_stored_code_comes_back_in_its_character_set(database, drive, server):
    """Sent as the client sent it that made it, byte for byte."""
    command, env = server.client(database)
    command[command.index("--default-character-set=utf8mb4")] = "--default-character-set=latin1"
    subprocess.run(command, input=LATIN1.encode("cp1252"), env=env, check=True)
    before = drive.capture(database)["by_name"]["procedure", "größe"]
    assert before["client_charset"] == "latin1"
    server.sql("drop procedure `größe`", database)

    keys = ("sql", "sql_mode", "client_charset", "connection_collation")
    step = {k: before[k] for k in keys}
    drive.apply(database, step, "CREATE TABLE `süß` (x int COMMENT '日本')")
    assert drive.capture(database)["by_name"]["procedure", "größe"] == before
    assert "日本" in drive.capture(database)["by_name"]["table", "süß"]["sql"]


@pytest.mark.parametrize("charset", ["sjis", "gbk", "big5", "ujis", "cp1251", "koi8r"])
def test_every_character_set_there_and_back(database, drive, server, charset):
    # 表 has a backslash for its second byte in sjis
    text = {"cp1251": "Привет", "koi8r": "Привет"}.get(charset, "表示能功")
    step = {
        "sql": f"CREATE PROCEDURE p() select '{text}'",
        "sql_mode": "",
        "client_charset": charset,
        "connection_collation": f"{charset}_bin",
    }
    drive.apply(database, step)
    made = drive.capture(database)["by_name"]["procedure", "p"]
    assert made["sql"].endswith(f"select '{text}'")
    assert made["client_charset"] == charset


def test_what_a_character_set_lacks_is_refused(database, drive):
    step = {"sql": "CREATE PROCEDURE p() select '日本'", "client_charset": "latin1"}
    assert "lacks characters" in refused(drive, database, step).text
    step["client_charset"] = "latin1 USING utf8) --"
    assert refused(drive, database, step).code in ("refused", "server")


def test_stored_code_keeps_its_sql_mode(database, drive):
    mode = "ANSI_QUOTES,NO_BACKSLASH_ESCAPES"
    step = {"sql": 'CREATE PROCEDURE "p"() select \'a\\\'', "sql_mode": mode}
    drive.apply(database, step, "CREATE TABLE t (x text COMMENT 'it\\'s')")
    objects = drive.capture(database)["by_name"]
    assert objects["procedure", "p"]["sql_mode"] == mode


def test_packages(database, drive):
    mode = "PIPES_AS_CONCAT,ANSI_QUOTES,IGNORE_SPACE,ORACLE,NO_KEY_OPTIONS,NO_TABLE_OPTIONS"
    head = 'CREATE PACKAGE "p" AS PROCEDURE a(x int); END'
    body = 'CREATE PACKAGE BODY "p" AS PROCEDURE a(x int) AS BEGIN NULL; END; END'
    drive.apply(database, {"sql": head, "sql_mode": mode}, {"sql": body, "sql_mode": mode})
    assert len(drive.capture(database)["objects"]) == 2
    drive.apply(database, {"sql": "DROP PACKAGE `p`", "sql_mode": mode})
    assert drive.capture(database)["objects"] == []


def test_zero_dates_do_not_stop_an_alter(database, drive, server):
    server.sql("set sql_mode=''; create table t (d date default '0000-00-00')", database)
    drive.apply(database, "ALTER TABLE t ADD x int")


def holder(server, database, seconds):
    """Keeps a table in use for so long; returns when it is."""
    command, env = server.client(database)
    p = subprocess.Popen(
        [*command, "--unbuffered"], env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    p.stdin.write(f"start transaction; select count(*) from t; do sleep({seconds})".encode())
    p.stdin.close()
    p.stdout.readline()
    return p


def test_a_table_in_use_is_waited_for(database, drive, server):
    server.sql("create table t (x int)", database)
    p = holder(server, database, 6)
    start = time.monotonic()
    result = []

    def run():
        result.append(drive.apply(database, "ALTER TABLE t ADD y int"))

    runner = threading.Thread(target=run)
    runner.start()
    # Others get through: the ALTER waits a few seconds, then lets them pass.
    while runner.is_alive():
        asked = time.monotonic()
        server.sql("select count(*) from t", database)
        assert time.monotonic() - asked < 5.5
        time.sleep(0.1)
    assert result and result[0]["done"] == 1
    assert time.monotonic() - start > 4
    p.wait()


def test_a_table_in_use_for_long_is_busy(database, drive, server):
    server.sql("create table t (x int)", database)
    p = holder(server, database, 60)
    try:
        error = refused(drive, database, "ALTER TABLE t ADD y int")
        assert error.code == "busy"
        assert error.text.startswith("step 1 of 1: ALTER TABLE t ADD y int: lock wait timeout")
        assert "; it is held by session " in error.text
        assert "(root@localhost, for " in error.text
        assert "KILL" in error.hint
    finally:
        p.kill()
        p.wait()
    sleeping = "select id from information_schema.processlist where state = 'User sleep'"
    for row in server.sql(sleeping):
        server.sql(f"kill {row[0]}")


def test_a_server_that_dies_in_a_step(own_server, drive):
    own_server.sql(
        "create database d; use d; create table t (x int) engine=InnoDB;"
        "insert into t select seq from seq_1_to_3000000"
    )
    own = drive.as_user("root", socket=own_server.socket)
    failed = []

    def run():
        slow = "ALTER TABLE t ADD KEY (x), ALGORITHM=COPY"
        failed.append(refused(own, "d", "CREATE TABLE u (x int)", slow))

    runner = threading.Thread(target=run)
    runner.start()
    while not any("copy to tmp table" in " ".join(r) for r in own_server.sql("show processlist")):
        assert runner.is_alive()
    own_server.kill()
    runner.join()
    assert failed[0].code == "connect"
    assert failed[0].text.startswith("step 2 of 2: ALTER TABLE t ")
    assert "lost connection to the database" in failed[0].text
    assert "recovery-info" in failed[0].hint
    assert failed[0].answer["done"] == 1


def test_no_such_database(drive):
    error = refused(drive, "no_such_database", "CREATE TABLE t (x int)")
    assert error.code == "not_found"


def test_an_account_with_the_rights_of_one_database_is_enough(database, drive, account):
    limited = drive.as_user(account(f"ALL ON `{database}`.*"))
    limited.apply(
        database, "CREATE TABLE t (x int)", "CREATE PROCEDURE p() SELECT 1", "DROP TABLE t"
    )
    not_mine = "CREATE DEFINER=`root`@`localhost` VIEW v AS SELECT 1"
    assert refused(limited, database, not_mine).code == "denied"
