# SPDX-License-Identifier: MIT
"""The session that README.md shows: its commands are run, and what they say is what stands there,
but for ids, dates, sizes and durations.
"""

import os
import pathlib
import re
import subprocess

import pytest
from mount_fixtures import is_mounted

README = pathlib.Path(__file__).resolve().parents[2] / "README.md"
SCHEMA = """
create table customers (id int primary key, email varchar(190) not null, name varchar(80));
create table orders (id int primary key, customer_id int not null, note text,
  foreign key (customer_id) references customers (id));
create view names as select name from customers;
insert into customers values (1, 'ann@example.com', 'Ann'), (2, 'bob@example.com', 'Bob');
insert into orders values (1, 1, 'gift'), (2, 2, null);
"""
VARYING = [
    (r"backup_\d{8}_\d{6}_[0-9a-f]{8}", "ID"),
    (r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", "TIME"),
    (r"\d+\.\d [KM]B", "SIZE"),
    (r"\d+\.\d s\b", "DURATION"),
    (r" +", " "),
]


def normal(text):
    for pattern, word in VARYING:
        text = re.sub(pattern, word, text)
    return text.strip().splitlines()


def session():
    """(command, what it says) of every block that shows a session."""
    for block in re.findall(r"^```console\n(.*?)^```$", README.read_text(), re.M | re.S):
        for command, said in re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", block, re.M):
            yield command, said


@pytest.mark.skipif(not os.access("/dev/fuse", os.W_OK), reason="no /dev/fuse")
def test_the_session_goes_as_it_is_shown(server, home, program):
    server.sql("drop database if exists shop; create database shop")
    server.sql(SCHEMA, "shop")
    folders = {str(program(name).parent) for name in ("mysql-schema-sync", "schemafs")}
    env = {**home.env, "PATH": ":".join([*folders, home.env["PATH"]])}
    (home.path / ".my.cnf").write_text(f"[client]\nsocket={server.socket}\nuser={server.user}\n")
    steps = list(session())
    assert len(steps) >= 8
    try:
        for command, said in steps:
            done = subprocess.run(["bash", "-c", command], env=env, cwd=home.path, text=True, timeout=60,
                                  stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            assert done.returncode == 0, done.stdout
            assert normal(done.stdout) == normal(said), command
    finally:
        server.sql("drop database if exists shop")
        if is_mounted(home.path / "schemas"):
            subprocess.run(["fusermount3", "-u", home.path / "schemas"], check=False)
