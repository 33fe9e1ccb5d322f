# SPDX-License-Identifier: MIT
"""Fixtures of the tests of the command: a database with one of everything, and a backup of it."""

import pytest

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


def flip_a_byte(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.chmod(0o600)
    path.write_bytes(content)
