# SPDX-License-Identifier: MIT
"""The rollback commands at work, and the scripts of the guides."""

import json
import re
import subprocess

import pytest
from cli_fixtures import CHANGES, backup, flip_a_byte, shop  # noqa: F401


def test_rollback_list_is_what_one_can_go_back_to(backup, shop, home):
    home.run("backup", "create", "--database", "nowhere", status=1)
    (point,) = home.json("rollback", "list", "--database", shop)
    assert point["backup_id"] == backup
    assert point["tags"] == {"release": "1"}
    assert len(point["schema_hash"]) == 64


def test_plan_tells_steps_risks_and_differences(server, backup, shop, home):
    server.sql(CHANGES, shop)
    plan = home.json("rollback", "plan", "--backup-id", backup)
    assert (plan["backup_id"], plan["database"]) == (backup, shop)
    kinds = {s["type"] for s in plan["statements"]}
    assert {"DROP_TABLE", "CREATE_VIEW", "CREATE_PROCEDURE", "ADD_FOREIGN_KEY"} <= kinds
    for s in plan["statements"]:
        assert s["is_destructive"] == (s["risk"] == "data loss") == bool(s["loses"])
    assert plan["risk"] == "data loss"
    assert plan["warnings"]
    assert {"extra", "missing", "changed"} == {d["kind"] for d in plan["differences"]}
    assert len(plan["live_hash"]) == 64
    text = home.run("rollback", "plan", backup, "--show-differences").stdout
    assert "highest risk: data loss" in text
    assert "+ extra table: junk" in text
    assert "Data that goes away:" in text


def test_the_script_of_a_plan_runs_in_the_stock_client(server, backup, shop, home):
    server.sql(CHANGES, shop)
    script = home.run("rollback", "plan", "--backup-id", backup, "--show-sql").stdout
    server.sql(script)
    home.run("rollback", "validate", backup)


def test_warnings_are_repeated_beside_a_script(server, backup, shop, home):
    server.sql(CHANGES, shop)
    assert home.run("rollback", "plan", backup, "--show-sql").stderr == ""
    done = home.run("rollback", "plan", backup, "--show-sql", "--show-warnings")
    assert "Warning: CRITICAL: 1 table(s) will be dropped: junk" in done.stderr
    assert home.json("rollback", "plan", backup, "--show-sql")["script"] == done.stdout


def test_execute_brings_the_schema_back(server, backup, shop, home):
    server.sql(CHANGES, shop)
    home.run("rollback", "validate", "--backup-id", backup, status=1)
    done = home.run("rollback", "execute", "--backup-id", backup, "--force", "--verbose")
    assert re.search(r"^\[1/\d+\] ", done.stderr, re.M)
    safety = re.search(r"Safety backup: (\S+)", done.stderr)[1]
    assert home.json("backup", "info", safety)["tags"]["type"] == "pre-rollback"
    assert home.run("rollback", "validate", backup).stdout.startswith(f"Database {shop} matches")
    server.sql("insert into orders (id, customer) values (2, 1)", shop)
    assert server.value("select note from orders where id = 2", shop) == "x"


def test_execute_in_json_is_pure(server, backup, shop, home):
    server.sql(CHANGES, shop)
    result = home.json("rollback", "execute", backup, "--yes")
    assert result["status"] == "completed"
    assert result["equal"] is True
    assert result["differences"] == []
    assert result["steps"] == result["steps_done"] > 0
    assert result["safety_backup_id"].startswith("backup_")
    assert result["live_hash"] == result["backup_hash"]
    again = home.json("rollback", "execute", backup, "--yes")
    assert (again["status"], again["steps"]) == ("already_matches", 0)


def test_an_empty_plan_is_no_failure(backup, shop, home):
    text = f"Database {shop} already matches backup {backup}."
    assert home.run("rollback", "plan", backup).stdout == text + "\n"
    assert text in home.run("rollback", "execute", backup).stderr
    assert text in home.run("rollback", "--backup-id", backup).stderr
    assert home.json("rollback", "plan", backup)["statements"] == []


def test_where_data_is_lost_the_name_is_wanted(server, backup, shop, home):
    server.sql(CHANGES, shop)
    execute = ["rollback", "--backup-id", backup]
    for answer in ("yes\n", "no\n", "\n"):
        done = home.run(*execute, stdin=answer)
        assert "Cancelled: nothing was changed." in done.stderr
    assert f"Type the name of the database ({shop})" in done.stderr
    refused = home.run(*execute, status=3)
    assert "Hint: Use --yes to go on without questions." in refused.stderr
    assert json.loads(home.run(*execute, "--format", "json", stdin="no\n").stdout)["status"] == (
        "cancelled"
    )
    home.run("rollback", "validate", backup, status=1)
    home.run(*execute, stdin=f"{shop}\n")
    home.run("rollback", "validate", backup)


def test_where_nothing_is_lost_a_yes_will_do(server, backup, shop, home):
    server.sql("drop view totals", shop)
    done = home.run("rollback", "execute", backup, stdin="y\n")
    assert f"Roll database {shop} back? [y/N]" in done.stderr
    home.run("rollback", "validate", backup)


def test_nobody_is_asked_where_nobody_may_be(server, backup, shop, home):
    server.sql("drop view totals", shop)
    env = {"MYSQL_SCHEMA_SYNC_NO_INTERACTIVE": "true"}
    done = home.run("rollback", "execute", backup, stdin="y\n", env=env, status=3)
    assert "nobody may be asked" in done.stderr
    home.run("rollback", "execute", backup, env={**env, "MYSQL_SCHEMA_SYNC_AUTO_APPROVE": "true"})


@pytest.mark.parametrize("how", ["option", "environment"])
def test_a_dry_run_changes_nothing(server, backup, shop, home, how):
    server.sql(CHANGES, shop)
    option = ["--dry-run"] if how == "option" else []
    env = {} if how == "option" else {"MYSQL_SCHEMA_SYNC_DRY_RUN": "true"}
    done = home.run("rollback", "execute", backup, "--force", *option, env=env)
    assert "DROP_TABLE" in done.stdout
    assert "Nothing was changed (dry run)." in done.stderr
    plan = home.json("rollback", "execute", backup, "--force", *option, env=env)
    assert plan["dry_run"] is True
    assert server.sql("show tables like 'junk'", shop) == [["junk"]]


def test_no_safety_backup_when_declined(server, backup, shop, home):
    server.sql("drop view totals", shop)
    result = home.json("rollback", "execute", backup, "--yes", "--no-backup", "--skip-validation")
    assert result["safety_backup_id"] is None
    assert len(home.json("backup", "list")) == 1


def test_rows_in_the_way_of_a_foreign_key(server, backup, shop, home):
    server.sql("alter table orders drop foreign key fk; update orders set customer = 99", shop)
    done = home.run("rollback", "execute", backup, "--force", status=1)
    assert "Error: rollback failed: foreign key constraint violation" in done.stderr
    home.run("rollback", "execute", backup, "--force", "--disable-fk-checks")
    home.run("rollback", "validate", backup)


def test_compare_exits_4_when_something_differs(server, backup, shop, home):
    for command in (["rollback", "compare"], ["schema", "compare"]):
        assert home.json(*command, "--backup-id", backup)["equal"] is True
    server.sql("alter table orders add column extra int", shop)
    for command in (["rollback", "compare"], ["schema", "compare"]):
        done = home.run(*command, "--backup-id", backup, status=4)
        assert "~ changed table: orders\n    extra column: extra" in done.stdout
        assert done.stderr == ""
        (difference,) = home.json(*command, "--backup-id", backup, status=4)["differences"]
        assert (difference["kind"], difference["name"]) == ("changed", "orders")
        assert difference["details"] == ["extra column: extra"]


def test_validate_exits_1_when_something_differs(server, backup, shop, home):
    server.sql("drop view totals", shop)
    for command in (["validate"], ["status"], ["status", "--verify"]):
        done = home.run("rollback", *command, "--backup-id", backup, status=1)
        assert "Error: rollback validation failed: 1 differences" in done.stderr
    flip_a_byte(home.store / f"{backup}.backup")
    done = home.run("rollback", "status", "--verify", backup, status=1)
    assert "checksum mismatch" in done.stderr


def test_a_database_that_is_gone_comes_back(server, backup, shop, home):
    server.sql(f"drop database `{shop}`")
    done = home.run("rollback", "compare", backup, status=4)
    assert f"- missing database: {shop}" in done.stdout
    assert "is not there: it is created first" in home.run("rollback", "plan", backup).stdout
    home.run("rollback", "execute", backup, "--force")
    home.run("rollback", "validate", backup)


def test_another_database_can_be_the_target(server, backup, shop, home):
    other = f"{shop}_copy"
    server.sql(f"create database `{other}`")
    try:
        home.run("rollback", "compare", backup, "--database", other, status=4)
        home.run("rollback", "execute", backup, "--database", other, "--force")
        home.run("rollback", "compare", backup, "--database", other)
        home.run("rollback", "compare", backup)
    finally:
        server.sql(f"drop database `{other}`")


def test_the_deployment_script(server, shop, home, program):
    """Example 3, as far as its commands go: back up, change, validate, go back."""
    server.sql("drop view totals", shop)
    script = f"""
set -e
BACKUP_ID=$(mysql-schema-sync backup create --description "Pre-deployment backup for release $V" --tag release=$V --output-format json | jq -r '.backup_id')
echo "Backup created: $BACKUP_ID"
mariadb --no-defaults --socket={server.socket} -u root {shop} -e 'drop table orders'
mysql-schema-sync backup validate --backup-id $BACKUP_ID
mysql-schema-sync rollback execute --backup-id $BACKUP_ID --force
mysql-schema-sync rollback validate --backup-id $BACKUP_ID
"""
    run_script(home, program, script, {"V": "2.0"})
    assert home.json("backup", "list", "--tag", "release=2.0")


RECOVERY = """
DATABASE_NAME=$1 BACKUP_DATE=$2
BACKUP_ID=$(mysql-schema-sync backup list --database $DATABASE_NAME --created-after $BACKUP_DATE --created-before $(date -d "$BACKUP_DATE + 1 day" +%Y-%m-%d) --format json | jq -r '.[0].id')
if [ "$BACKUP_ID" = "null" ] || [ -z "$BACKUP_ID" ]; then
    echo "No backup found for $DATABASE_NAME on $BACKUP_DATE"
    exit 1
fi
if ! mysql-schema-sync backup validate --backup-id $BACKUP_ID; then
    echo "Backup validation failed"
    exit 1
fi
mysql-schema-sync rollback plan --backup-id $BACKUP_ID
read -p "Proceed with rollback? (yes/no): " CONFIRM
if [ "$CONFIRM" != "yes" ]; then
    echo "Rollback cancelled"
    exit 0
fi
mysql-schema-sync rollback execute --backup-id $BACKUP_ID
mysql-schema-sync rollback validate --backup-id $BACKUP_ID
echo "Disaster recovery completed successfully"
"""


def run_script(home, program, script, env=None, args=(), stdin="", status=0):
    path = f"{program('mysql-schema-sync').parent}:{home.env['PATH']}"
    done = subprocess.run(
        ["bash", "-c", script, "script", *args],
        env={**home.env, "PATH": path, **(env or {})},
        cwd=home.path, input=stdin, capture_output=True, text=True,
    )
    assert done.returncode == status, f"{done.stdout}\n{done.stderr}"
    return done


def test_the_disaster_recovery_script(server, backup, shop, home, program):
    """Example 4: the script's own question and ours read the same input."""
    today = subprocess.check_output(["date", "+%Y-%m-%d"], env=home.env, text=True).strip()
    server.sql(CHANGES, shop)
    done = run_script(home, program, RECOVERY, args=[shop, today], stdin=f"yes\n{shop}\n")
    assert done.stdout.endswith("Disaster recovery completed successfully\n")
    assert server.sql("show tables like 'junk'", shop) == []
    done = run_script(home, program, RECOVERY, args=[shop, "2020-01-01"], status=1)
    assert done.stdout == f"No backup found for {shop} on 2020-01-01\n"


def test_the_lines_of_the_monitoring_script(backup, shop, home, program):
    """Example 5, the lines about lists and validation."""
    script = """
FAILED_BACKUPS=$(mysql-schema-sync backup list --status failed --created-after $(date -d "1 day ago" +%Y-%m-%d) --format json | jq length)
if [ "$FAILED_BACKUPS" -gt 0 ]; then echo "WARNING: $FAILED_BACKUPS failed"; fi
RANDOM_BACKUP=$(mysql-schema-sync backup list --limit 1 --format json | jq -r '.[0].id')
if [ "$RANDOM_BACKUP" != "null" ]; then
    mysql-schema-sync backup validate --backup-id $RANDOM_BACKUP
fi
"""
    assert "WARNING" not in run_script(home, program, script).stdout
    home.run("backup", "create", "--database", "nowhere", status=1)
    done = run_script(home, program, script)
    assert "WARNING: 1 failed" in done.stdout
    assert backup in done.stdout


EMPTY = "alter table orders add column extra int; create table junk (a int)"


def test_what_holds_nothing_goes_by_a_plain_yes(server, shop, backup, home):
    server.sql(EMPTY, shop)
    done = home.run("rollback", "execute", backup, stdin="y\n")
    assert f"Roll database {shop} back? [y/N]" in done.stderr
    server.sql(EMPTY, shop)
    server.sql("update orders set extra = 1", shop)
    done = home.run("rollback", "execute", backup, stdin="y\n")
    assert "Data will be lost. Type the name of the database" in done.stderr
    assert "Cancelled" in done.stderr
