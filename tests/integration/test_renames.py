# SPDX-License-Identifier: MIT
"""--rename: a rollback or migration over a rename keeps rows and values."""

import pytest

TABLES = """
create table customers (id int primary key, mail varchar(40), note varchar(20), key (mail));
create table bills (
  id int primary key, customer int not null, total decimal(8,2),
  double_total decimal(9,2) as (total * 2), check (total >= 0),
  foreign key (customer) references customers (id)
);
create table logs (a int, b varchar(10));
create trigger logs_in before insert on logs for each row set new.b = 'x';
create view sums as select customer, sum(total) as total from bills group by customer;
insert into customers values (1, 'a@b', 'n'), (2, null, null);
insert into bills (id, customer, total) values (1, 1, 10), (2, 2, 20);
insert into logs values (1, 'x');
"""
RENAMED = """
alter table customers rename column id to number;
alter table bills rename column total to amount;
alter table bills rename column customer to buyer;
rename table logs to journal;
create or replace view sums as select buyer, sum(amount) as total from bills group by buyer;
"""
OPTIONS = [
    "customers.number=id", "bills.amount=total", "bills.buyer=customer", "journal=logs",
]  # fmt: skip


@pytest.fixture
def shop(server, database, home):
    home.write_config(server, database)
    return database


def given(options):
    return [word for option in options for word in ("--rename", option)]


def change_and_back_up(server, shop, home):
    server.sql(TABLES, shop)
    id = home.json("backup", "create")["id"]
    server.sql(RENAMED, shop)
    return id


def rows(server, shop):
    return [
        server.sql("select id, mail from customers order by id", shop),
        server.sql("select id, customer, total, double_total from bills order by id", shop),
        server.sql("select a, b from logs", shop),
    ]


KEPT = [
    [["1", "a@b"], ["2", "NULL"]],
    [["1", "1", "10.00", "20.00"], ["2", "2", "20.00", "40.00"]],
    [["1", "x"]],
]


def test_values_are_kept(server, shop, home):
    id = change_and_back_up(server, shop, home)
    plain = home.json("rollback", "plan", id)
    assert plain["risk"] == "data loss"
    for option in OPTIONS[1:2] + OPTIONS[3:]:
        assert any(w.endswith(f"plan with: --rename {option}") for w in plain["warnings"]), option
    plan = home.json("rollback", "plan", id, "--prove", "--preflight", *given(OPTIONS))
    assert plan["risk"] != "data loss"
    assert plan["proof"]["proven"] is True
    done = home.json("rollback", "execute", id, "--yes", *given(OPTIONS))
    assert done["equal"] is True
    assert rows(server, shop) == KEPT
    # Once more: what was renamed already is no mistake.
    again = home.json("rollback", "execute", id, "--yes", *given(OPTIONS))
    assert again["status"] == "already_matches"


def test_the_script_keeps_them_too(server, shop, home):
    id = change_and_back_up(server, shop, home)
    server.sql(home.run("rollback", "plan", id, "--show-sql", *given(OPTIONS)).stdout)
    assert rows(server, shop) == KEPT
    home.run("rollback", "validate", id)


def test_rows_are_asked_under_their_live_names(server, shop, home):
    server.sql("create table t (a int not null, c varchar(5), d int)", shop)
    id = home.json("backup", "create")["id"]
    server.sql(
        "alter table t change column a b int, modify c varchar(9), add e int;"
        "rename table t to u; insert into u values (null, 'too long', 1, 5);",
        shop,
    )
    plan = home.json("rollback", "plan", id, "--preflight", *given(["u.b=a", "u=t"]))
    found = {c["kind"]: c["count"] for c in plan["preflight"]["findings"]}
    assert found == {"nulls": 1, "misfits": 1, "values_lost": 1}


def test_a_migration_keeps_them_too(server, shop, home):
    server.sql("create table t (a int, k int); insert into t values (5, 6)", shop)
    id = home.json("backup", "create")["id"]
    server.sql("alter table t rename column a to b", shop)
    home.run("migrate", "--backup-id", id, "--yes", "--rename", "t.b=a")
    assert server.sql("select a, k from t", shop) == [["5", "6"]]


def test_what_does_not_fit_is_refused(server, shop, home):
    server.sql("create table t (a int)", shop)
    id = home.json("backup", "create")["id"]
    server.sql("alter table t rename column a to b", shop)
    bad = home.run("rollback", "plan", id, "--rename", "t.x=y", status=1)
    assert "--rename t.x=y: the table has no such column" in bad.stderr
    bad = home.run("rollback", "plan", id, "--rename", "nonsense", status=2)
    assert "no rename: nonsense" in bad.stderr
