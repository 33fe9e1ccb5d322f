# SPDX-License-Identifier: MIT
"""migrate: the live schema becomes a wanted one, or it is said what stands in the way."""

import json
import subprocess

import pytest
from cli_fixtures import backup, shop  # noqa: F401

WANTED = """
create table customers (id int auto_increment primary key, name varchar(40) not null);
create table orders (id int primary key, customer int, total decimal(10,2), note text,
  placed datetime not null default current_timestamp(),
  key (customer), constraint fk foreign key (customer) references customers (id));
create table audit (id bigint primary key, what text);
create view totals as select customer, sum(total) as total from orders group by customer;
create view big as select customer from totals where total > 100;
create procedure p() select 1;
create function f(a int) returns int deterministic return a + 1;
create trigger tr before insert on orders for each row set new.note = 'x';
"""

DEPLOY = """#!/bin/bash
# deploy-schema.sh

set -e

# Create pre-deployment backup
echo "Creating pre-deployment backup..."
BACKUP_ID=$(mysql-schema-sync backup create --description "Pre-deployment backup for release $RELEASE_VERSION" --tag release=$RELEASE_VERSION --output-format json | jq -r '.backup_id')

echo "Backup created: $BACKUP_ID"

# Run migration
echo "Running schema migration..."
if mysql-schema-sync migrate --config config-prod.yaml; then
    echo "Migration successful"
    
    # Validate post-migration state
    mysql-schema-sync backup validate --backup-id $BACKUP_ID
    
    echo "Deployment completed successfully"
else
    echo "Migration failed, rolling back..."
    
    # Rollback to pre-deployment state
    mysql-schema-sync rollback execute --backup-id $BACKUP_ID --force
    
    echo "Rollback completed"
    exit 1
fi
"""  # noqa: W293


@pytest.fixture
def wanted(server, shop, home):
    """A source database with the schema that is wanted; its name."""
    name = f"{shop}_new"
    server.sql(f"create database `{name}` character set utf8mb4 collate utf8mb4_general_ci")
    server.sql(WANTED, name)
    source = {"socket": server.socket, "username": server.user, "database": name}
    home.write_config(server, shop, source=source)
    yield name
    server.sql(f"drop database `{name}`")


def configure(home, **sections):
    content = json.loads(home.config.read_text())
    content.update(sections)
    home.config.write_text(json.dumps(content))


def pre_migration(home):
    return home.json("backup", "list", "--tag", "type=pre-migration")


def test_the_source_is_the_wanted_schema(server, wanted, shop, home):
    done = home.run("migrate", "--config", home.config, "--auto-backup")
    assert f"Migration of database {shop} to source database {wanted}" in done.stderr
    assert f"Database {shop} equals source database {wanted}" in done.stderr
    home.run("schema", "compare", "--source")
    (before,) = pre_migration(home)
    assert before["description"] == "Automatic pre-migration backup"
    context = before["migration_context"]
    assert before["tags"]["migration_plan_hash"] == context["plan_hash"]
    assert set(context) == {
        "plan_hash", "source_schema", "pre_migration_id", "migration_time", "tool_version",
    }  # fmt: skip
    assert server.value("select total from orders where id = 1", shop) == "3.50"
    again = home.run("migrate")
    assert f"Database {shop} already matches" in again.stderr
    assert len(pre_migration(home)) == 1
    home.run("rollback", "execute", before["id"], "--force")
    home.run("schema", "compare", before["id"])


def test_what_is_configured_goes_into_the_backup(wanted, shop, home):
    configure(
        home,
        migration={"backup_description": "Vor dem Umbau", "backup_tags": {"release": "7", "type": "x"}},
    )
    home.run("migrate")
    (before,) = pre_migration(home)
    assert before["description"] == "Vor dem Umbau"
    assert (before["tags"]["release"], before["tags"]["type"]) == ("7", "pre-migration")


def test_no_backup_is_taken_when_it_is_declined(wanted, shop, home):
    home.run("migrate", "--auto-backup", "--no-backup", status=2)
    home.run("migrate", "--no-backup")
    assert pre_migration(home) == []


def test_a_configuration_may_decline_it_and_the_option_wins(server, wanted, shop, home):
    configure(home, migration={"auto_backup": False})
    done = home.run("migrate")
    assert "Warning: no backup is taken before the migration: migration.auto_backup" in done.stderr
    assert pre_migration(home) == []
    server.sql("drop view big", shop)
    home.run("migrate", "--auto-backup")
    assert len(pre_migration(home)) == 1


def test_a_dry_run_changes_nothing(server, wanted, shop, home):
    done = home.run("migrate", "--dry-run")
    assert "Nothing was changed (dry run)." in done.stderr
    assert "- missing table: audit" in done.stdout
    plan = home.json("migrate", "--dry-run")
    assert plan["status"] == "ready_to_apply"
    assert plan["summary"]["tables_added"] == plan["summary"]["tables_modified"] == 1
    assert plan["summary"]["total_changes"] == 3
    assert {"add_table", "modify_table", "create_view"} <= {c["type"] for c in plan["changes"]}
    assert all(c["sql"] for c in plan["changes"])
    home.run("schema", "compare", "--source", status=4)
    assert pre_migration(home) == []
    script = home.run("migrate", "--show-sql").stdout
    server.sql(script)
    home.run("schema", "compare", "--source")


@pytest.mark.parametrize("option", ["--schema", "--file", "--from"])
def test_a_file_is_the_wanted_schema(server, shop, home, option):
    (home.path / "new.sql").write_text(WANTED + "insert into customers values (5, 'x');")
    done = home.run("migrate", option, "./new.sql")
    assert "1 statements about rows were left out" in done.stderr
    home.run("schema", "compare", "--file", "new.sql")
    assert server.value("select count(*) from customers", shop) == "1"
    assert server.value(
        "select count(*) from information_schema.schemata where schema_name like '\\_mss\\_%'"
    ) == "0"  # fmt: skip


def test_a_directory_and_a_backup_are_wanted_schemas(server, backup, shop, home):
    (home.path / "m").mkdir()
    (home.path / "m/2.sql").write_text("alter table a add b int")
    (home.path / "m/1.sql").write_text("create table a (id int primary key)")
    result = home.json("migrate", "--schema", "m", "--yes")
    assert result["status"] == "completed" and result["equal"]
    assert result["source"] == "file m"
    (before,) = pre_migration(home)
    assert result["pre_migration_backup_id"] == before["id"]
    assert result["rollback_command"].endswith(f"rollback execute --backup-id {before['id']}")
    assert server.value("show tables", shop) == "a"
    home.run("migrate", "--backup-id", backup, "--yes")
    home.run("rollback", "validate", backup)


def test_a_database_that_is_missing_is_made(server, shop, home):
    name = f"{shop}_made"
    (home.path / "new.sql").write_text(WANTED)
    try:
        home.run("migrate", "--schema", "new.sql", "--database", name)
        home.run("schema", "compare", "--file", "new.sql", "-d", name)
    finally:
        server.sql(f"drop database if exists `{name}`")


def test_without_a_terminal_data_is_lost_only_when_it_is_approved(server, wanted, shop, home):
    server.sql("create table old (a int); insert into old values (1)", shop)
    done = home.run("migrate", stdin="yes\n", status=3)
    assert "the migration loses data, and nobody is there to be asked" in done.stderr
    assert server.value("select a from old", shop) == "1"
    assert pre_migration(home) == []
    configure(home, auto_approve=True)
    home.run("migrate")
    home.run("schema", "compare", "--source")


def test_standard_input_stays_with_the_script(wanted, shop, home, program):
    done = subprocess.run(
        ["bash"], input="mysql-schema-sync migrate && echo the script goes on\n", text=True,
        env={**home.env, "PATH": f"{program('mysql-schema-sync').parent}:{home.env['PATH']}"},
        capture_output=True, cwd=home.path,
    )  # fmt: skip
    assert done.stdout.endswith("the script goes on\n")


def test_a_failure_says_what_ran_and_how_to_go_back(server, shop, home):
    """Two customers with one name: the key cannot be made, and the steps before it ran."""
    server.sql("insert into customers values (2, 'a')", shop)
    wanted = WANTED.replace("name varchar(40) not null)", "name varchar(40) not null, unique (name))")
    (home.path / "new.sql").write_text(wanted)
    refused = home.run("migrate", "--schema", "new.sql", status=3)
    assert pre_migration(home) == []
    assert "unique" in refused.stderr.lower()
    done = home.run("migrate", "--schema", "new.sql", "--force", status=1)
    assert "Error: migration failed: " in done.stderr
    assert "Duplicate entry 'a'" in done.stderr.replace("duplicate", "Duplicate")
    (before,) = pre_migration(home)
    assert f"Pre-migration backup: {before['id']}" in done.stderr
    way_back = f"mysql-schema-sync rollback execute --backup-id {before['id']}"
    assert f"Roll back with: {way_back}\n" in done.stderr
    assert "\n  failed  " in done.stderr
    assert "\n  not run " in done.stderr
    assert "migrate --schema new.sql --dry-run" in done.stderr
    home.run(*way_back.split()[1:], "--force")
    home.run("rollback", "validate", before["id"])


def deploy(home, program, status):
    config = json.loads(home.config.read_text())
    (home.path / "config-prod.yaml").write_text(json.dumps(config))
    (home.path / "config-prod.yaml").chmod(0o600)
    path = f"{program('mysql-schema-sync').parent}:{home.env['PATH']}"
    done = subprocess.run(
        ["bash", "-c", DEPLOY],
        env={**home.env, "PATH": path, "RELEASE_VERSION": "2.0"},
        cwd=home.path, capture_output=True, text=True, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert done.returncode == status, done.stdout + done.stderr
    return done


def test_the_deployment_script_of_the_guides(wanted, shop, home, program):
    done = deploy(home, program, 0)
    assert done.stdout.endswith("Deployment completed successfully\n")
    home.run("schema", "compare", "--source")
    assert len(home.json("backup", "list", "--tag", "release=2.0")) == 1
    assert len(pre_migration(home)) == 1


def test_the_deployment_script_rolls_back(server, wanted, shop, home, program):
    """The migration runs into rows that do not fit, and the script goes back."""
    server.sql("alter table audit add constraint c check (id > 0)", wanted)
    server.sql("create table audit (id int primary key, what text)", shop)
    server.sql("insert into audit values (-1, 'x')", shop)
    done = deploy(home, program, 1)
    assert "Migration failed, rolling back..." in done.stdout
    assert done.stdout.endswith("Rollback completed\n")
    assert server.value("select id from audit", shop) == "-1"


def test_the_source_alone_is_never_changed(server, wanted, shop, home):
    content = json.loads(home.config.read_text())
    del content["target"]
    home.config.write_text(json.dumps(content))
    done = home.run("migrate", status=1)
    assert "no target server in the configuration" in done.stderr
    home.write_config(server, shop)
    done = home.run("migrate", status=1)
    assert "no source server in the configuration" in done.stderr
    home.run("migrate", "--schema", "a.sql", "--backup-id", "x", status=2)


def test_the_root_command_of_before(server, wanted, shop, home):
    """Without a command: six flags, or a configuration."""
    home.config.unlink()
    flags = [
        f"--source-socket={server.socket}", "--source-user", server.user, "--source-db", wanted,
        f"--target-socket={server.socket}", "--target-username", server.user,
        "--target-database", shop, "--no-icons", "--theme", "light", "--table-style", "minimal",
    ]  # fmt: skip
    home.run(*flags, "--dry-run", "--format", "compact")
    assert home.run(*flags, "--auto-approve", "--verbose").stderr
    home.write_config(
        server,
        shop,
        source={"socket": server.socket, "username": server.user, "database": wanted},
    )
    assert "already matches" in home.run("--config", home.config).stderr
    assert "Usage" in home.run("--config", home.config, "--help").stdout
    assert "Usage" in home.run().stdout


def test_tables_that_the_account_cannot_see_are_not_taken_for_unwanted(
    server, database, home, account
):
    server.sql("create table kept (a int)", database)
    file = home.path / "want.sql"
    file.write_text("create table t (a int);")
    user = account(f"ALL ON `{database}`.*", "CREATE, DROP ON *.*")
    home.write_config(server, database)
    done = home.run("migrate", "--schema", file, "--dry-run", "--user", user, status=None)
    assert done.returncode == 1 and "already matches" not in done.stderr
    assert "the account may not see the tables of the scratch database _mss_scratch_" in done.stderr
    assert r"Grant it on `\_mss\_scratch\_%`.* what it has" in done.stderr


def test_kinds_that_were_not_compared_are_named(server, database, home, account):
    server.sql("create table t (a int); create event e on schedule every 1 day do set @a = 1",
               database)  # fmt: skip
    file = home.path / "want.sql"
    file.write_text("create table t (a int);")
    rights = "SELECT, CREATE, ALTER, DROP, REFERENCES, INDEX, SHOW VIEW, CREATE VIEW, LOCK TABLES"
    user = account(f"{rights} ON `{database}`.*", rf"{rights} ON `\_mss\_scratch\_%`.*")
    home.write_config(server, database)
    done = home.run("migrate", "--schema", file, "--dry-run", "--user", user)
    assert "not compared, because the account may not see every one of them: " in done.stderr
    assert "event" in done.stderr


def test_a_table_like_another_one(server, database, home):
    folder = home.path / "wanted"
    folder.mkdir()
    (folder / "a.sql").write_text("create table archive like orders; create table b (like orders);")
    (folder / "orders.sql").write_text("create table orders (id int primary key, note text, key (note(5)));")
    home.write_config(server, database)
    home.run("migrate", "--schema", folder, "--yes")
    for name in ("archive", "b", "orders"):
        assert "KEY `note`" in str(server.sql(f"show create table {name}", database))
    assert "already matches" in home.run("migrate", "--schema", folder).stderr
    (folder / "a.sql").write_text("create table stolen like mysql.user;")
    refused = home.run("migrate", "--schema", folder, "--yes", status=None)
    assert refused.returncode != 0 and "it makes a table from another one" in refused.stderr


def test_a_view_that_names_its_own_database_equals_itself(server, database, home):
    file = home.path / "wanted.sql"
    file.write_text(f"create table t (a int);"
                    f"create view v as select `{database}`.`t`.`a` from `{database}`.`t`;")  # fmt: skip
    home.write_config(server, database)
    server.sql("create table t (a int)", database)
    home.run("migrate", "--schema", file, "--yes")
    assert "already matches" in home.run("migrate", "--schema", file).stderr
