# SPDX-License-Identifier: MIT
"""Two schemas held against each other: live, backups, files, directories, other databases."""

import pathlib
import shutil
import subprocess

import pytest
from cli_fixtures import CHANGES, backup, shop  # noqa: F401

EVERYTHING = """
create table parent (id int primary key, name varchar(20) character set latin1 default 'é')
  comment='quoted '' and `ticks`';
create table child (id int auto_increment primary key, p int, j json, key (p),
  constraint child_p foreign key (p) references parent (id) on delete cascade)
  auto_increment=7;
create table parts (a int) partition by range (a) (partition p0 values less than (10),
  partition p1 values less than maxvalue);
create table `odd ``name;` (`--` int, `/*` text default ('*/;'));
create sequence numbers start with 5;
create view second as select 2 as a;
create view first as select a from second;
create function f(a int) returns int deterministic return a + 1;
create trigger one before insert on child for each row set new.p = 1;
create trigger two before insert on child for each row set new.p = 2;
create event nightly on schedule every 1 day starts '2030-01-01' do set @a = 1;
create event off on schedule every 1 day starts '2030-01-01' disable do set @a = 2;
insert into parent values (1, 'a'), (2, ';');
insert into child values (1, 1, '{}');
"""

# Through the client, as these need a delimiter.
CODE = r"""
DELIMITER ;;
create procedure p(in a int, out b text)
begin
  -- a comment; with a semicolon
  declare x int default 1; /* and ; another */
  select 'it''s;', "a", `id` from parent where id = a;
end;;
set sql_mode = 'ANSI_QUOTES,NO_BACKSLASH_ESCAPES';;
create procedure quotes() select "id", '\' from "parent";;
set sql_mode = '';;
DELIMITER ;
"""


@pytest.fixture
def full(server, database, home):
    server.sql(EVERYTHING + CODE, database)
    home.write_config(server, database)
    return database


PROJECT = pathlib.Path(__file__).resolve().parents[2]
DUMP = shutil.which("mariadb-dump")
needs_dump = pytest.mark.skipif(not DUMP, reason="there is no mariadb-dump")


def dump(server, database, *options):
    return subprocess.run(
        [DUMP, "--no-defaults", f"--socket={server.socket}", f"--user={server.user}",
         "--routines", "--events", "--triggers", *options, database],
        check=True, capture_output=True,
    ).stdout  # fmt: skip


def extracted(home, id, directory):
    """A backup's files."""
    subprocess.run(
        ["/usr/bin/python3", PROJECT / "contrib/read-backup", home.store / id, "--extract",
         directory], check=True, capture_output=True,
    )  # fmt: skip
    return directory


def written(home, name, text):
    path = home.path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(text, str):
        text = text.encode()
    path.write_bytes(text)
    return path


def scratches(server):
    return server.value(
        "select count(*) from information_schema.schemata where schema_name like '\\_mss\\_%'"
    )


def test_our_own_script_is_the_schema(server, full, home):
    id = home.json("backup", "create")["backup_id"]
    script = extracted(home, id, home.path / "files") / "schema.sql"
    done = home.run("schema", "compare", "--file", script)
    assert done.stdout == f"Live database {full} matches file {script}.\n"
    home.run("schema", "compare", "--from", id, "--to", script)
    assert scratches(server) == "0"


def test_a_directory_of_objects_is_the_schema(server, full, home):
    """Also views over views and triggers, whose order is not that of their names."""
    server.sql("create trigger a before insert on child for each row set @x = 1", full)
    id = home.json("backup", "create")["backup_id"]
    files = extracted(home, id, home.path / "files")
    home.run("schema", "compare", "--file", files)
    (files / "schema.sql").unlink()
    home.run("schema", "compare", "--file", files / "objects")
    (files / "objects/tables/parent.sql").unlink()
    done = home.run("schema", "compare", "--file", files / "objects", status=4)
    assert "+ extra table: parent" in done.stdout


@needs_dump
@pytest.mark.parametrize("options", [[], ["--no-data"], ["--databases"], ["--compact"]])
def test_a_dump_is_the_schema(server, full, home, options):
    script = written(home, "dump.sql", dump(server, full, *options))
    home.run("schema", "compare", "--file", script)
    assert server.value("select count(*) from parent", full) == "2"


def test_what_mysqldump_writes_for_mysql_is_read(server, database, home):
    """Version comments around the head of a view and a trigger, GTIDs, another delimiter."""
    server.sql(
        "set names utf8mb4; set sql_mode = '';"
        "create table t (a int); create view v as select a from t;"
        "CREATE TRIGGER `tr` BEFORE INSERT ON `t` FOR EACH ROW set @a = 1;"
        "create procedure p() select 1",
        database,
    )
    home.write_config(server, database)
    script = written(home, "dump.sql", MYSQLDUMP)
    home.run("schema", "compare", "--file", script)


MYSQLDUMP = """-- MySQL dump 10.13  Distrib 8.0.36, for Linux (x86_64)
/*!40101 SET @OLD_CHARACTER_SET_CLIENT=@@CHARACTER_SET_CLIENT */;
/*!50503 SET NAMES utf8mb4 */;
/*!40103 SET @OLD_TIME_ZONE=@@TIME_ZONE */;
/*!40103 SET TIME_ZONE='+00:00' */;
/*!40014 SET @OLD_UNIQUE_CHECKS=@@UNIQUE_CHECKS, UNIQUE_CHECKS=0 */;
/*!40101 SET @OLD_SQL_MODE=@@SQL_MODE, SQL_MODE='NO_AUTO_VALUE_ON_ZERO' */;
SET @MYSQLDUMP_TEMP_LOG_BIN = @@SESSION.SQL_LOG_BIN;
SET @@SESSION.SQL_LOG_BIN= 0;
SET @@GLOBAL.GTID_PURGED=/*!80000 '+'*/ '3e11fa47-71ca-11e1-9e33-c80aa9429562:1-5';
CREATE DATABASE /*!32312 IF NOT EXISTS*/ `elsewhere` /*!40100 DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci */ /*!80016 DEFAULT ENCRYPTION='N' */;
USE `elsewhere`;
DROP TABLE IF EXISTS `t`;
/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!50503 SET character_set_client = utf8mb4 */;
CREATE TABLE `t` (
  `a` int DEFAULT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;
/*!40101 SET character_set_client = @saved_cs_client */;
LOCK TABLES `t` WRITE;
/*!40000 ALTER TABLE `t` DISABLE KEYS */;
INSERT INTO `t` VALUES (1),(2);
/*!40000 ALTER TABLE `t` ENABLE KEYS */;
UNLOCK TABLES;
/*!50003 SET sql_mode              = '' */ ;
DELIMITER ;;
/*!50003 CREATE*/ /*!50017 DEFINER=`root`@`localhost`*/ /*!50003 TRIGGER `tr` BEFORE INSERT ON `t` FOR EACH ROW set @a = 1 */;;
DELIMITER ;
/*!50001 DROP VIEW IF EXISTS `v`*/;
/*!50001 CREATE VIEW `v` AS SELECT
 1 AS `a`*/;
DELIMITER ;;
CREATE DEFINER=`root`@`localhost` PROCEDURE `p`()
select 1 ;;
DELIMITER ;
/*!50001 DROP VIEW IF EXISTS `v`*/;
/*!50001 CREATE ALGORITHM=UNDEFINED */
/*!50013 DEFINER=`root`@`localhost` SQL SECURITY DEFINER */
/*!50001 VIEW `v` AS select `t`.`a` AS `a` from `t` */;
/*!40101 SET SQL_MODE=@OLD_SQL_MODE */;
-- Dump completed on 2026-11-20 10:00:00
"""


def test_what_people_write_is_read(server, home, shop):
    script = written(
        home,
        "by hand.sql",
        "\ufeff# made by hand\r\ncreate database if not exists anything;\r\nuse anything\r\n"
        "create table a (id int primary key, b int) -- a comment; with a semicolon\r\n;\r\n"
        "alter table a add column c int after id, add key (b);\n"
        "create index i on a (c); rename table a to b;;\n"
        "insert into b values (1, 2, 3); update b set c = 1; delete from b; commit;\n",
    )
    done = home.run("schema", "compare", "--file", script, status=4)
    assert "- missing table: b" in done.stdout
    assert "+ extra table: orders" in done.stdout
    assert "-  `c` int(11) DEFAULT NULL,\n" in done.stdout
    home.run("schema", "compare", "--from", script, "--to", script)


@pytest.mark.parametrize(
    "sql, why",
    [
        ("create table x.t (a int)", "it names another database"),
        ("drop table mysql.user", "it names another database"),
        ("load data infile '/etc/passwd' into table t", "it does not make a schema"),
        ("grant all on *.* to root", "it does not make a schema"),
        ("call p()", "it does not make a schema"),
        ("create user u", "a plan makes no such thing"),
        ("create function f returns string soname 'x.so'", "it loads a shared library"),
        ("use a; use b", "more than one database"),
        ("source /etc/passwd", "a script may not do this"),
        ("\\! touch /tmp/x", "a script may not do this"),
        ("create table t (a int", "line 1: create table t (a int"),
        ("create table t (a int); create table 'x", "line 1: a quote that opens here never ends"),
        ("-- nothing\n", "makes no schema"),
        ("create table t as select * from mysql.user", "it makes a table from another one"),
        ("delimiter ;;\ncreate procedure p() begin select 1; end", None),
    ],
)
def test_what_may_not_run_does_not(server, home, shop, sql, why):
    script = written(home, "x.sql", sql)
    done = home.run("schema", "compare", "--file", script, status=None)
    if why:
        assert done.returncode in (1, 3), done.stderr
        assert why in done.stderr
        assert "x.sql" in done.stderr
    else:
        assert done.returncode == 4
    assert scratches(server) == "0"


def test_settings_that_reach_beyond_the_session_are_left_out(server, home, shop):
    before = server.value("select @@global.max_connections")
    script = written(
        home,
        "x.sql",
        "set global max_connections = 10; set @x = sleep(100); set password = 'x';\n"
        "set @y = (select count(*) from mysql.user); create table t (a int)",
    )
    home.run("schema", "compare", "--file", script, status=4, timeout=60)
    assert server.value("select @@global.max_connections") == before


def test_events_of_a_script_do_not_run(server, home, shop):
    server.sql("create table ran (a int); set global event_scheduler = on", shop)
    try:
        script = written(
            home,
            "x.sql",
            f"create event e on schedule every 1 second do insert into `{shop}`.ran values (1);"
            "create table t (a int); set timestamp = default; create view v as select sleep(3)",
        )
        first = home.json("schema", "compare", "--file", script, status=4)
        assert "ENABLE DO insert" in next(
            d["diff"] for d in first["differences"] if d["name"] == "e"
        )
        assert server.value("select count(*) from ran", shop) == "0"
    finally:
        server.sql("set global event_scheduler = off")


def test_any_two_schemas(server, full, home):
    old = home.json("backup", "create")["backup_id"]
    server.sql("alter table parent add column extra int; drop view first", full)
    new = home.json("backup", "create")["backup_id"]
    found = home.json("schema", "compare", "--from", old, "--to", new, status=4)
    assert found["summary"] == {"missing": 1, "extra": 0, "changed": 1, "total_changes": 2}
    (changed,) = [d for d in found["differences"] if d["kind"] == "changed"]
    assert "\n+  `extra` int(11) DEFAULT NULL,\n" in changed["diff"]
    assert changed["diff"].startswith(f"--- {old}/objects/tables/parent.sql\n+++ {new}/objects/")
    assert found["from"]["backup_id"] == old and found["to"]["backup_id"] == new
    back = home.json("schema", "compare", "--from", new, "--to", old, status=4)
    assert back["summary"] == {"missing": 0, "extra": 1, "changed": 1, "total_changes": 2}
    home.run("schema", "compare", "--from", new, "--to", f"live:{full}")
    home.run("schema", "compare", "--from", "live", "--to", new)


def test_the_source_server_is_a_side(server, full, home):
    other = f"{full}_new"
    server.sql(f"create database `{other}` character set utf8mb4 collate utf8mb4_general_ci")
    server.sql("create table t (a int)", other)
    try:
        source = {"socket": server.socket, "username": server.user, "database": other}
        home.write_config(server, full, source=source)
        done = home.run("schema", "compare", "--source", "--brief", status=4)
        assert "- missing table: t\n" in done.stdout
        assert "@@" not in done.stdout
        done = home.run("schema", "compare", "--from", "source", "--to", f"live:{other}")
        assert done.stdout == f"Live database {other} matches source database {other}.\n"
        home.write_config(server, full)
        done = home.run("schema", "compare", "--source", status=1)
        assert "no source server in the configuration" in done.stderr
    finally:
        server.sql(f"drop database `{other}`")


def test_how_differences_are_told(server, backup, shop, home):
    server.sql(CHANGES, shop)
    for command in (["rollback", "compare"], ["schema", "compare"]):
        done = home.run(*command, "--backup-id", backup, "--no-color", status=4)
        assert "+ extra table: junk" in done.stdout
        assert "\n-  `note` text DEFAULT NULL,\n" in done.stdout
        assert "\n+  `extra` int(11) DEFAULT NULL,\n" in done.stdout
        assert "\n+++ /dev/null\n" in done.stdout
        assert done.stdout.endswith(": 2 missing, 1 extra, 1 changed.\n")
        assert "\x1b" not in done.stdout
        assert "\x1b[" in home.run(*command, backup, "--color", status=4).stdout
        assert home.run(*command, backup, "--exit-code", status=4).stdout == ""
        yaml = home.run(*command, backup, "--format", "yaml", status=4).stdout
        assert "\nsummary:\n" in yaml


def test_a_wrong_line_says_what_is_missing(shop, home):
    done = home.run("schema", "compare", status=2)
    assert "Give one of --backup-id ID, --file PATH, --source and --from SCHEMA." in done.stderr
    home.run("schema", "compare", "--file", "a.sql", "--backup-id", "x", status=2)
    home.run("schema", "compare", "--from", "live", "--to", "live", "-d", "x", status=2)
    done = home.run("schema", "compare", "--file", "nowhere.sql", status=1)
    assert "no such file: nowhere.sql" in done.stderr
    empty = home.path / "empty"
    empty.mkdir()
    done = home.run("schema", "compare", "--file", empty, status=1)
    assert "no .sql files in" in done.stderr
    done = home.run("schema", "compare", "--from", "live:a", "--to", "live:b", status=1)
    assert "unknown database" in done.stderr


def test_scripts_of_a_directory_run_in_the_order_of_their_numbers(server, home, shop):
    for name, sql in {
        "V2__two.sql": "alter table a add column two int",
        "V10__ten.sql": "alter table a drop column two, add column ten int",
        "V1__one.sql": "create table a (id int)",
        "notes.txt": "not sql",
    }.items():
        written(home, f"migrations/{name}", sql)
    written(home, "whole.sql", "create table a (id int, ten int)")
    home.run("schema", "compare", "--from", "./migrations", "--to", "whole.sql")
    written(home, "migrations/V3__bad.sql", "create table b (a int); alter table c add d int")
    done = home.run("schema", "compare", "--file", "migrations", status=1)
    assert "V3__bad.sql: line 1: alter table c add d int" in done.stderr
    assert scratches(server) == "0"
