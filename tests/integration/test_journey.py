# SPDX-License-Identifier: MIT
"""The main job from end to end, on real schemas: back up, browse, migrate, roll back."""

import json
import secrets
import subprocess
import time

import debian_schemas
import oracle
import pytest

LIVE_SECONDS = 1.2  # live/ may be this old

# Twenty changes of every sort, on a schema that nobody here wrote: {table} and
# {column} are filled in from what the schema has.
CHANGES = """
CREATE TABLE added_one (id INT PRIMARY KEY AUTO_INCREMENT, note TEXT, KEY k (note(20)));
CREATE TABLE added_two (id INT PRIMARY KEY, one INT, FOREIGN KEY (one) REFERENCES added_one (id));
ALTER TABLE {a} ADD COLUMN added_column VARCHAR(30) NOT NULL DEFAULT 'x' FIRST;
ALTER TABLE {a} ADD KEY added_key (added_column);
ALTER TABLE {b} ADD COLUMN added_number DECIMAL(10,2) DEFAULT NULL COMMENT 'it''s new';
ALTER TABLE {b} COMMENT='changed comment';
ALTER TABLE {c} MODIFY {c_column} VARCHAR(333);
ALTER TABLE {d} DROP COLUMN {d_column};
ALTER TABLE {e} ADD COLUMN generated INT GENERATED ALWAYS AS (1 + 1) VIRTUAL, ADD UNIQUE KEY u (generated);
ALTER TABLE {f} ROW_FORMAT=COMPRESSED;
ALTER TABLE {g} ADD CONSTRAINT added_check CHECK (1 = 1);
SET foreign_key_checks=0;
DROP TABLE {h};
SET foreign_key_checks=1;
CREATE VIEW added_view AS SELECT id, note FROM added_one;
CREATE VIEW added_view_on_view AS SELECT note FROM added_view;
CREATE TRIGGER added_trigger BEFORE INSERT ON added_one FOR EACH ROW SET NEW.note = 'x';
CREATE TRIGGER added_trigger_too AFTER DELETE ON {a} FOR EACH ROW SET @deleted = 1;
CREATE PROCEDURE added_procedure (IN n INT) SELECT n + 1;
CREATE FUNCTION added_function (n INT) RETURNS INT DETERMINISTIC RETURN n * 2;
CREATE EVENT added_event ON SCHEDULE EVERY 1 DAY DISABLE DO SELECT 1;
CREATE SEQUENCE added_sequence START WITH 5 INCREMENT BY 2;
"""


@pytest.fixture(scope="session")
def packages(tmp_path_factory):
    return tmp_path_factory.mktemp("packages")


@pytest.fixture
def mount(program, tmp_path):
    """mount(home) runs the daemon with a home's configuration and gives the mount point."""
    points = []

    def run(home):
        point = tmp_path / f"mnt{len(points)}"
        point.mkdir()
        home.run(point, name="schemafs")
        points.append(point)
        return point

    yield run
    for point in points:
        subprocess.run(["fusermount3", "-u", point], check=True)


def load(server, database, name, packages):
    server.sql(debian_schemas.script(name, packages), database)


def write_encrypted_config(home, server, database):
    home.env["BACKUP_ENCRYPTION_KEY"] = secrets.token_hex(32)
    home.write_config(
        server,
        database,
        backup={
            "storage": {"provider": "local", "local": {"base_path": str(home.store)}},
            "compression": {"algorithm": "zstd"},
            "encryption": {"enabled": True, "algorithm": "aes256", "key_source": "env"},
        },
    )


def create(home, database):
    out = home.run(
        "backup", "create", "--database", database, "--tag", "environment=production",
        "--description", "before the migration", "--output-format", "json",
    ).stdout
    return json.loads(out)["backup_id"]


def some_changes(server, database):
    """CHANGES with tables that the schema has, plain columns that no key uses among them."""
    tables = oracle.names(server, database, oracle.KINDS["table"][0])
    free = oracle.rows(
        server,
        "select table_name, column_name from information_schema.columns c"
        f" where table_schema='{database}' and column_key='' and data_type='varchar'"
        " and not exists (select 1 from information_schema.key_column_usage k where"
        " k.table_schema=c.table_schema and k.table_name=c.table_name"
        " and k.column_name=c.column_name)"
        " and not exists (select 1 from information_schema.statistics s where"
        " s.table_schema=c.table_schema and s.table_name=c.table_name"
        " and s.column_name=c.column_name) order by 1, 2",
    )
    at = lambda i: oracle.quoted(tables[i % len(tables)])
    narrow, dropped = free[0], free[len(free) // 2]
    victim = tables[-1]
    return CHANGES.format(
        a=at(0), b=at(1), c=oracle.quoted(narrow[0]), c_column=oracle.quoted(narrow[1]),
        d=oracle.quoted(dropped[0]), d_column=oracle.quoted(dropped[1]), e=at(2), f=at(3), g=at(4),
        h=oracle.quoted(victim),
    )


@pytest.mark.parametrize("name", ["pdns", "icinga", "zabbix"])
def test_rollback_brings_a_real_schema_back(server, database, home, packages, name):
    load(server, database, name, packages)
    write_encrypted_config(home, server, database)
    before = oracle.schema(server, database)
    backup_id = create(home, database)

    home.run("rollback", "validate", "--backup-id", backup_id)
    server.sql(some_changes(server, database), database)
    assert oracle.schema(server, database) != before
    home.run("rollback", "validate", "--backup-id", backup_id, status=1)

    plan = home.run("rollback", "plan", "--backup-id", backup_id, "--show-sql").stdout
    assert "DROP TABLE `added_two`" in plan
    home.run("rollback", "execute", "--backup-id", backup_id, "--force")
    assert oracle.schema(server, database) == before
    home.run("rollback", "validate", "--backup-id", backup_id)

    again = home.json("rollback", "plan", "--backup-id", backup_id)
    assert again["statements"] == []


def test_rollback_brings_the_servers_own_schema_back(own_server, home):
    write_encrypted_config(home, own_server, "sys")
    before = oracle.schema(own_server, "sys")
    backup_id = create(home, "sys")
    own_server.sql(
        "DROP VIEW memory_by_host_by_current_bytes, host_summary, processlist;"
        "DROP FUNCTION format_bytes;"
        "DROP PROCEDURE diagnostics;"
        "ALTER TABLE sys_config ADD COLUMN added INT, DROP COLUMN set_by;"
        "CREATE VIEW added AS SELECT 1 AS one;",
        "sys",
    )
    home.run("rollback", "execute", "--backup-id", backup_id, "--force")
    assert oracle.schema(own_server, "sys") == before


def test_the_script_of_a_plan_runs_in_the_stock_client(server, database, home, packages):
    load(server, database, "pdns", packages)
    write_encrypted_config(home, server, database)
    before = oracle.schema(server, database)
    backup_id = create(home, database)
    server.sql(some_changes(server, database), database)
    script = home.run("rollback", "plan", "--backup-id", backup_id, "--show-sql").stdout
    server.sql(script)
    home.run("rollback", "validate", "--backup-id", backup_id)
    assert oracle.schema(server, database) == before


@pytest.mark.parametrize("name", ["sys", "pdns", "icinga", "zabbix"])
def test_the_mount_shows_a_real_schema(server, database, home, packages, mount, name):
    source = "sys" if name == "sys" else database
    if name != "sys":
        load(server, database, name, packages)
    write_encrypted_config(home, server, source)
    backup_id = create(home, source)
    tree = mount(home)
    backup = tree / "by-id" / backup_id

    # schema.sql loads with the stock client and gives the same schema.
    copy = database + "_copy"
    server.sql(f"create database `{copy}`")
    try:
        server.sql((backup / "schema.sql").read_bytes().decode(), copy)
        got = oracle.schema(server, copy, elsewhere=True)
        assert got == oracle.schema(server, source, elsewhere=True)
    finally:
        server.sql(f"drop database `{copy}`")

    # The same objects by every way in; true sizes; plain tools agree.
    by_database = tree / "by-database" / source / "latest"
    by_tag = tree / "by-tag" / "environment" / "production" / backup_id
    assert (by_database / "schema.sql").read_bytes() == (by_tag / "schema.sql").read_bytes()
    for file in backup.rglob("*.sql"):
        assert file.stat().st_size == len(file.read_bytes()), file
    metadata = json.loads((backup / "metadata.json").read_text())
    assert metadata["id"] == backup_id and metadata["database_name"] == source
    assert "nothing to do" in (backup / "plan.sql").read_text()
    same = subprocess.run(
        ["diff", "-r", by_database / "objects", tree / "live" / source / "objects"],
        capture_output=True, text=True,
    )
    assert (same.returncode, same.stdout, same.stderr) == (0, "", "")


def test_diff_shows_exactly_the_change(server, database, home, packages, mount):
    load(server, database, "pdns", packages)
    write_encrypted_config(home, server, database)
    create(home, database)
    tree = mount(home)
    ours = tree / "by-database" / database / "latest" / "objects"
    live = tree / "live" / database / "objects"
    assert subprocess.run(["diff", "-r", ours, live]).returncode == 0
    server.sql("ALTER TABLE domains ADD COLUMN owner INT", database)
    time.sleep(LIVE_SECONDS)
    done = subprocess.run(["diff", "-r", ours, live], capture_output=True, text=True)
    assert done.returncode == 1
    changed = [line for line in done.stdout.splitlines() if line[:1] in "<>"]
    assert [line for line in changed if "owner" not in line and "`" in line[-3:]] == []
    assert any("> " in line and "`owner` int(11) DEFAULT NULL" in line for line in changed)
    assert done.stdout.count("diff -r") == 1 and "domains.sql" in done.stdout


def test_list_info_validate_delete_cleanup(server, database, home, packages):
    load(server, database, "pdns", packages)
    write_encrypted_config(home, server, database)
    ids = [create(home, database) for _ in range(3)]

    listed = home.json("backup", "list")
    assert {row["id"] for row in listed} == set(ids)
    info = home.json("backup", "info", "--backup-id", ids[0])
    assert info["encryption_enabled"] and info["compression_type"] == "ZSTD"
    verdict = home.json("backup", "validate", "--backup-id", ids[0])
    assert verdict["valid"] and verdict["checksum_valid"]

    home.run("backup", "delete", "--backup-id", ids[0], "--force")
    assert len(home.json("backup", "list")) == 2
    assert not list(home.store.glob(ids[0] + "*"))

    env = {"MYSQL_SCHEMA_SYNC_BACKUP_MAX_BACKUPS": "1"}
    dry = home.run("backup", "cleanup", "--dry-run", env=env).stdout
    assert "max_backups" in dry
    assert len(home.json("backup", "list")) == 2
    home.run("backup", "cleanup", env=env)
    assert len(home.json("backup", "list")) == 1
    assert len(list(home.store.glob("*.meta"))) == 1


def test_nothing_readable_is_stored(server, database, home, packages):
    load(server, database, "pdns", packages)
    write_encrypted_config(home, server, database)
    create(home, database)
    for file in home.store.iterdir():
        data = file.read_bytes()
        assert b"domains" not in data and b"CREATE" not in data
        assert database.encode() not in data
