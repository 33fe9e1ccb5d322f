# SPDX-License-Identifier: MIT
"""The preflight: rows that a plan would lose, and rows that stand in its way, are found before."""

import re
import subprocess

from cli_fixtures import backup, shop  # noqa: F401

# (kind, number, the wanted table, the live one, rows)
VIOLATIONS = {
    "NULL": (
        "nulls", 2, "a int primary key, b int not null", "a int primary key, b int",
        "(1, null), (2, null), (3, 5)",
    ),
    "shorter text": (
        "misfits", 1, "a int primary key, b varchar(3)", "a int primary key, b varchar(9)",
        "(1, 'abc'), (2, 'abcd'), (3, null), (4, 'abc   ')",
    ),
    "smaller integer": (
        "misfits", 2, "a int primary key, b tinyint", "a int primary key, b int",
        "(1, 127), (2, 128), (3, -129), (4, null)",
    ),
    "unsigned integer": (
        "misfits", 1, "a int primary key, b int unsigned", "a int primary key, b int",
        "(1, -1), (2, 1)",
    ),
    "smaller decimal": (
        "misfits", 1, "a int primary key, b decimal(4,2)", "a int primary key, b decimal(8,2)",
        "(1, 99.99), (2, 100)",
    ),
    "text to number": (
        "misfits", 1, "a int primary key, b int", "a int primary key, b varchar(20)",
        "(1, '12'), (2, 'x'), (3, '-3')",
    ),
    "shorter bytes": (
        "misfits", 1, "a int primary key, b varbinary(2)", "a int primary key, b blob",
        "(1, 'ab'), (2, 'abc')",
    ),
    "fewer members of an enum": (
        "misfits", 1, "a int primary key, b enum('x','y')", "a int primary key, b enum('x','y','z')",
        "(1, 'x'), (2, 'z'), (3, null)",
    ),
    "fewer members of a set": (
        "misfits", 1, "a int primary key, b set('x','y')", "a int primary key, b set('x','y','z')",
        "(1, 'x,y'), (2, 'x,z')",
    ),
    "characters": (
        "misfits", 1, "a int primary key, b varchar(9) character set latin1",
        "a int primary key, b varchar(9) character set utf8mb4", "(1, 'ä'), (2, '日')",
    ),
    "unique key": (
        "duplicates", 3, "a int primary key, b int, unique u (b)", "a int primary key, b int",
        "(1, 1), (2, 1), (3, 1), (4, 2), (5, null), (6, null)",
    ),
    "unique key on a prefix": (
        "duplicates", 2, "a int primary key, b varchar(9), unique u (b(2))",
        "a int primary key, b varchar(9)", "(1, 'abc'), (2, 'abd'), (3, 'ac')",
    ),
    "unique key of a wider collation": (
        "duplicates", 2, "a int primary key, b varchar(9) collate utf8mb4_general_ci, unique u (b)",
        "a int primary key, b varchar(9) collate utf8mb4_bin, unique u (b)", "(1, 'x'), (2, 'X')",
    ),
    "primary key": (
        "duplicates", 2, "a int not null, b int, primary key (a)", "a int not null, b int",
        "(1, 1), (1, 2), (2, 3)",
    ),
    "check": (
        "violations", 1, "a int primary key, b int, constraint c check (b < 10)",
        "a int primary key, b int", "(1, 9), (2, 10), (3, null)",
    ),
    "check of a column": (
        "violations", 1, "a int primary key, b int check (b <> 3)", "a int primary key, b int",
        "(1, 3), (2, 4)",
    ),
    "foreign key": (
        "orphans", 2,
        "a int primary key, b int, constraint f foreign key (b) references parent (id)",
        "a int primary key, b int", "(1, 1), (2, 2), (3, 3), (4, null)",
    ),
    "foreign key to a new table": (
        "orphans", 2,
        "a int primary key, b int, constraint f foreign key (b) references gone (id)",
        "a int primary key, b int", "(1, 1), (2, 2), (3, null)",
    ),
}
PARENTS = "create table parent (id int primary key); create table gone (id int primary key);"
# MariaDB believes a check that comes with a column; one of the table it looks at.
UNCHECKED = ["check of a column"]


def test_rows_in_the_way_are_found_and_the_server_agrees(server, database, home):
    """One table for each kind of violation; the server tries each step for itself."""
    names = {kind: f"t{i}" for i, kind in enumerate(VIOLATIONS)}

    def tables(which):
        return "".join(
            f"create table {names[kind]} ({v[which].replace('constraint f', f'constraint f{names[kind]}')});"
            for kind, v in VIOLATIONS.items()
        )

    server.sql(PARENTS + tables(2), database)
    home.write_config(server, database)
    backup = home.json("backup", "create")["backup_id"]
    server.sql(
        f"drop table {', '.join(names.values())}, gone; insert into parent values (1);"
        + tables(3)
        + "".join(f"insert into {names[k]} values {v[4]};" for k, v in VIOLATIONS.items()),
        database,
    )
    plan = home.json("rollback", "plan", backup, "--preflight")
    assert plan["preflight"]["unchecked"] == []
    found = {}
    for f in plan["preflight"]["findings"]:
        assert f["blocks"] is True
        assert server.sql(f["sample_sql"])
        (name,) = [
            n for n in names.values() if re.search(rf" {n}[ .]", f["description"])
        ]
        found[name] = (f["kind"], f["count"])
    assert found == {names[kind]: v[:2] for kind, v in VIOLATIONS.items()}
    server.sql("create table gone (id int primary key)", database)
    refused = set()
    for step in plan["statements"]:
        done = subprocess.run(
            [*server.client(database)[0], "-e", f"set sql_mode = 'STRICT_ALL_TABLES'; {step['sql']}"],
            env=server.client(database)[1], capture_output=True,
        )
        if done.returncode:
            refused.add(step["object_name"])
    assert refused - {"gone"} == {n for k, n in names.items() if k not in UNCHECKED}


def test_a_run_is_refused_before_anything_is_touched(server, database, home):
    server.sql("create table t (a int primary key, b int not null)", database)
    home.write_config(server, database)
    backup = home.json("backup", "create")["backup_id"]
    server.sql("alter table t modify b int; insert into t values (1, null)", database)
    server.sql("create table junk (a int)", database)
    done = home.run("rollback", "execute", backup, "--yes", status=3)
    assert "1 rows of table t have NULL in column b, which becomes NOT NULL" in done.stderr
    assert "Nothing was changed. See them with: SELECT * FROM " in done.stderr
    assert server.sql("show tables like 'junk'", database) == [["junk"]]
    home.run("rollback", "execute", backup, "--yes", "--dry-run", status=3)
    home.run("rollback", "execute", backup, "--force", "--no-backup", status=1)
    server.sql("delete from t", database)
    home.run("rollback", "execute", backup, "--yes", "--no-backup")


def test_what_is_lost_is_counted(server, backup, shop, home):
    server.sql(
        "create table junk (a int); insert into junk values (1), (2), (3);"
        "alter table orders add column extra int, modify total decimal(12,4);"
        "insert into orders (id, extra, total) values (5, 7, 1.2345), (6, null, 2)",
        shop,
    )
    plan = home.json("rollback", "plan", backup, "--preflight")
    found = {f["kind"]: (f["count"], f["blocks"]) for f in plan["preflight"]["findings"]}
    assert found == {
        "rows_lost": (3, False), "values_lost": (1, False), "values_changed": (1, False)
    }
    drop, alter = plan["statements"]
    assert (drop["type"], drop["table_rows"]) == ("DROP_TABLE", 3)
    assert alter["table_bytes"] > 0
    text = home.run("rollback", "plan", backup, "--preflight").stdout
    assert "step 1: 3 rows of table junk go away" in text
    assert "1 values of column orders.extra go away" in text


def test_orphans_do_not_matter_where_nobody_checks(server, backup, shop, home):
    server.sql("alter table orders drop foreign key fk; update orders set customer = 99", shop)
    done = home.run("rollback", "execute", backup, "--yes", status=3)
    assert "Error: rollback failed: foreign key constraint violation: 1 rows of table orders" in (
        done.stderr
    )
    assert "--disable-fk-checks" in done.stderr
    home.run("rollback", "execute", backup, "--yes", "--disable-fk-checks")


def test_counting_ends_in_time(server, backup, shop, home):
    server.sql(
        "create table big (a int);"
        "insert into big select 1 from seq_1_to_200000; alter table orders drop column note",
        shop,
    )
    plan = home.json("rollback", "plan", backup, "--preflight", "--preflight-timeout", "1")
    # Whatever this machine counts in a second: it is counted, or said not to be.
    (lost,) = [f for f in plan["preflight"]["findings"] if f["kind"] == "rows_lost"] or [None]
    if lost:
        assert lost["count"] == 200000
    else:
        assert plan["preflight"]["unchecked"] == ["rows of table big go away: not counted in 1 s"]
