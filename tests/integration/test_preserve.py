# SPDX-License-Identifier: MIT
"""--preserve-data: what a rollback would lose is found in the quarantine database."""

import pytest
from cli_fixtures import backup, shop  # noqa: F401


@pytest.fixture
def quarantine(server, database):
    name = f"{database}_mss_quarantine"
    yield name
    server.sql(f"drop database if exists `{name}`")


def test_nothing_is_lost(server, backup, shop, home, quarantine):
    server.sql(
        """
        create table junk (a int primary key, b varchar(10));
        create table child (x int, foreign key (x) references junk (a));
        create trigger jt before insert on junk for each row set new.b = 'x';
        insert into junk values (1, 'one'), (2, 'two'); insert into child values (1), (2), (2);
        alter table orders add extra varchar(20), add more int, modify total decimal(20,6);
        insert into orders (id, extra, more, total) values (7, 'seven', 8, 1.234567), (9, null, null, 2);
        create table nokey (a int, b int); insert into nokey values (1, 2), (1, 2);
        """,
        shop,
    )
    plan = home.json("rollback", "plan", backup, "--preserve-data", "--prove", "--preflight")
    assert plan["proof"]["proven"] is True
    assert plan["risk"] != "data loss"
    assert not [w for w in plan["warnings"] if "dropped: junk" in w]
    done = home.json("rollback", "execute", backup, "--yes", "--preserve-data")
    assert done["status"] == "completed"
    home.run("rollback", "validate", backup)
    kept = {p["what"]: p for p in done["preserved"]}
    assert set(kept) == {
        "table junk", "table child", "table nokey",
        "column orders.extra, column orders.more, column orders.total",
    }

    def rows(what):
        return sorted(server.sql(f"select * from {kept[what]['place']}"))

    assert rows("table junk") == [["1", "x"], ["2", "x"]]
    assert rows("table child") == [["1"], ["2"], ["2"]]
    assert rows("table nokey") == [["1", "2"], ["1", "2"]]
    values = rows("column orders.extra, column orders.more, column orders.total")
    assert ["7", "seven", "8", "1.234567"] in values

    server.sql(kept["table junk"]["restore_sql"])
    assert server.value("select count(*) from junk", shop) == "2"
    server.sql("alter table orders modify total decimal(20,6)", shop)
    server.sql(kept["column orders.extra, column orders.more, column orders.total"]["restore_sql"])
    assert server.sql("select extra, more, total from orders where id = 7", shop) == [
        ["seven", "8", "1.234567"]
    ]


def test_copies_run_in_batches(server, backup, shop, home, quarantine):
    server.sql(
        "alter table orders add extra int; set session foreign_key_checks = 0;"
        "insert into orders (id, extra) select seq + 10, seq from seq_1_to_2500",
        shop,
    )
    home.run("rollback", "execute", backup, "--yes", "--preserve-data", "--batch-size", "700")
    (table,) = [r[0] for r in server.sql("show tables", quarantine)]
    assert server.sql(f"select count(*), sum(extra) from `{table}`", quarantine) == [
        ["2500", str(2500 * 2501 // 2)]
    ]
    home.run("rollback", "validate", backup)


# The key, what is in it for the n-th row, and whether rows are copied in batches.
KEYS = {
    "two columns": ("a int, b int, primary key (a, b)", "n div 100, n", True),
    "three columns": (
        "a varchar(20) collate utf8mb4_general_ci, b datetime(3), c decimal(9,2), primary key (a, b, c desc)",
        "concat(char(65 + n % 3), n % 7), '2026-01-01' + interval n div 10 second, n", True,
    ),
    "a unique key": ("a int not null, b uuid not null, unique (b, a)", "n, uuid()", True),
    "no key": ("a int, key (a)", "n % 2", False),
    "a key with NULLs": ("a int, unique (a)", "n", False),
    "an enum": ("a enum('z', 'y', 'x'), b int, primary key (a, b)", "1 + n % 3, n", False),
    "a prefix": ("a varchar(20), primary key (a(10))", "n", False),
}  # fmt: skip


def test_any_key_is_good_enough_to_copy_in_batches(server, database, home, quarantine):
    """Every row is there, whatever order the key puts them in."""
    tables = {f"k{i}": row for i, row in enumerate(KEYS.values())}
    make = "".join(f"create table {t} ({k});" for t, (k, _, _) in tables.items())
    server.sql(make, database)
    home.write_config(server, database)
    backup = home.json("backup", "create")["backup_id"]
    server.sql(
        "".join(
            f"alter table {t} add extra int;"
            f"insert into {t} select {v}, n from (select seq as n from seq_1_to_1000) as s;"
            for t, (_, v, _) in tables.items()
        ),
        database,
    )
    keep = ("--preserve-data", "--batch-size", "70")
    plan = home.json("rollback", "plan", backup, "--preserve-data")
    done = home.json("rollback", "execute", backup, "--yes", *keep)
    copies = {s["object_name"]: s for s in plan["statements"] if s["type"] == "PRESERVE_COPY"}
    for name, (_, _, batches) in tables.items():
        assert ("all rows in one transaction" in copies[name]["description"]) is not batches
        (place,) = [p["place"] for p in done["preserved"] if f"{name}.extra" in p["what"]]
        assert server.sql(f"select count(*), count(distinct extra) from {place}") == [["1000", "1000"]]
    home.run("rollback", "validate", backup)


def test_rows_of_partitions_are_kept(server, database, home, quarantine):
    parts = "partition p0 values less than (10)"
    table = "create table t (a int primary key, b int) partition by range (a) ({})"
    server.sql(table.format(parts), database)
    home.write_config(server, database)
    backup = home.json("backup", "create")["backup_id"]
    server.sql(
        "alter table t add partition (partition p1 values less than (20));"
        "insert into t values (1, 1), (11, 2)",
        database,
    )
    plan = home.json("rollback", "plan", backup, "--preflight")
    (lost,) = plan["preflight"]["findings"]
    assert lost["description"] == "1 rows of partition p1 of table t go away"
    done = home.json("rollback", "execute", backup, "--yes", "--preserve-data")
    (kept,) = done["preserved"]
    assert server.sql(f"select * from {kept['place']}") == [["11", "2"]]
    assert server.sql("select * from t", database) == [["1", "1"]]


def test_what_cannot_be_kept_is_refused(server, database, home, quarantine):
    server.sql("create table t (a int primary key)", database)
    home.write_config(server, database)
    backup = home.json("backup", "create")["backup_id"]
    server.sql("alter table t add system versioning", database)
    done = home.run("rollback", "execute", backup, "--yes", "--preserve-data", status=3)
    assert "--preserve-data cannot keep the history of table t" in done.stderr
    home.run("rollback", "execute", backup, "--force", "--preserve-data")
