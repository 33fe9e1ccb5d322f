# SPDX-License-Identifier: MIT
"""Fixtures of the tests of the command: a database with one of everything, and a backup of it."""

import json
import subprocess

import pytest
from conftest import Home

SCHEMA = """
create table customers (id int auto_increment primary key, name varchar(40) not null);
create table orders (id int primary key, customer int, total decimal(10,2), note text,
  key (customer), constraint fk foreign key (customer) references customers (id));
create view totals as select customer, sum(total) as total from orders group by customer;
create procedure p() select 1;
create function f(a int) returns int deterministic return a + 1;
create trigger tr before insert on orders for each row set new.note = 'x';
insert into customers values (1, 'a');
insert into orders (id, customer, total) values (1, 1, 3.5);
"""

CHANGES = """
alter table orders drop foreign key fk, drop column note, add column extra int;
create table junk (a int);
insert into junk values (1);
drop view totals;
drop procedure p;
"""


@pytest.fixture
def shop(server, database, home):
    """A database with one of everything, configured; its name."""
    server.sql(SCHEMA, database)
    home.write_config(server, database)
    return database


@pytest.fixture
def backup(shop, home):
    """The id of a backup of it."""
    return home.json("backup", "create", "--tag", "release=1")["backup_id"]


@pytest.fixture(scope="module")
def listing(program):
    """The tables of all commands."""
    done = subprocess.run([program("mysql-schema-sync"), "__commands"], capture_output=True, check=True)
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def desk(tmp_path_factory, program, server):
    """A home with a store that holds a damaged backup, a failed one and one of a schema that changed."""
    path = tmp_path_factory.mktemp("schemas") / "home"
    path.mkdir(mode=0o700)
    h = Home(path, program)
    for name in ("shop", "other", "shop_mss_quarantine"):
        server.sql(f"drop database if exists `{name}`")
    for name in ("shop", "other"):
        server.sql(f"create database `{name}`")
        server.sql(SCHEMA, name)
    secret = path / "secret"
    secret.write_text("0123456789abcdef" * 4 + "\n")
    secret.chmod(0o600)
    storage = {"provider": "local", "local": {"base_path": str(h.store)}}
    encryption = {"enabled": True, "key_source": "file", "key_file": str(secret)}
    h.write_config(server, "shop", backup={"storage": storage, "encryption": encryption})
    (path / "wrong.yaml").write_text('backup: { retention: { max_age: "7 fortnights" } }\n')
    (path / "wanted.sql").write_text("create table customers (id int primary key, born date);\n")
    (path / "dump.sql").write_text("CREATE TABLE `t` (\n  `a` int DEFAULT NULL\n);\n"
                                   "INSERT INTO `t` VALUES (1);\n")
    h.damaged = h.json("backup", "create", "--database", "other")["backup_id"]
    h.backup = h.json("backup", "create", "--tag", "release=1")["backup_id"]
    h.run("backup", "create", "--database", "nowhere", status=1)
    flip_a_byte(h.store / f"{h.damaged}.backup")
    server.sql(CHANGES, "shop")
    stands_for = {"ID": h.backup, "DAMAGED": h.damaged, "ID-OPTION": f"--backup-id={h.backup}"}
    h.words = lambda line: [stands_for.get(word, word) for word in line.split()]
    yield h
    for name in ("shop", "other", "shop_mss_quarantine"):
        server.sql(f"drop database if exists `{name}`")


def flip_a_byte(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.chmod(0o600)
    path.write_bytes(content)
