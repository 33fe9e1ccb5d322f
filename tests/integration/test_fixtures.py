# SPDX-License-Identifier: MIT
"""The fixtures themselves: a server that starts, dies and comes back."""

import pytest
from mariadb_server import SqlError


def test_statements_give_rows(server, database):
    server.sql("create table t (a int, b text); insert into t values (1, 'x'), (2, 'ü')", database)
    assert server.sql("select a, b from t order by a", database) == [["1", "x"], ["2", "ü"]]


def test_refused_statements_raise_with_their_number(server):
    with pytest.raises(SqlError) as refused:
        server.sql("select * from nowhere.nothing")
    assert refused.value.code == 1146


def test_a_killed_server_comes_back_with_its_data(own_server):
    own_server.sql("create database kept")
    own_server.kill()
    own_server.start()
    assert own_server.sql("show databases like 'kept'") == [["kept"]]


def test_servers_are_apart(server, own_server):
    own_server.sql("create database only_here")
    assert server.sql("show databases like 'only_here'") == []
