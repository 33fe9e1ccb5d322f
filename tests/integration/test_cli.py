# SPDX-License-Identifier: MIT
"""The command at work: what each one promises, on a real server and a real store."""

import json
import os
import pty
import re
import shutil
import subprocess

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


def jq(text, program):
    return subprocess.run(
        ["jq", "-r", program], input=text, capture_output=True, text=True, check=True
    ).stdout.strip()


# backup create


def test_create_tells_the_id_in_json(shop, home):
    done = home.run(
        *"backup create --tag a=b --tags c=d,e=f --description Before --output-format json".split()
    )
    made = json.loads(done.stdout)
    assert re.fullmatch(r"backup_\d{8}_\d{6}_[0-9a-f]{8}", made["backup_id"])
    assert jq(done.stdout, ".backup_id") == made["backup_id"] == made["id"]
    assert made["tags"] == {"a": "b", "c": "d", "e": "f"}
    assert made["description"] == "Before"
    assert made["database_name"] == shop
    assert made["status"] == "COMPLETED"
    assert made["object_count"] == 6


def test_create_for_people_shows_the_record(shop, home):
    done = home.run("backup", "create", "--database", shop)
    assert re.search(r"^ID +backup_", done.stdout, re.M)
    assert done.stderr == f"Backup of database {shop} taken.\n"


def test_create_works_with_no_configuration(server, shop, home):
    home.config.unlink()
    (home.path / ".my.cnf").write_text(f"[client]\nsocket={server.socket}\nuser=root\n")
    made = home.json("backup", "create", "--database", shop)
    assert made["storage_location"].startswith(f"local:{home.path}/data/mysql-schema-sync/backups")


def test_connection_options_override_the_configuration(server, shop, home):
    home.write_config(server, shop, target={"host": "127.0.0.1", "port": 1, "username": "x"})
    home.run("backup", "create", "--database", shop, status=1)
    options = ["--socket", server.socket, "--user", "root"]
    home.run(*options, "backup", "create", "--database", shop)
    home.run("backup", "create", "--database", shop, "--host", "127.0.0.1", "--port", server.port,
             "--user", "root", status=None)


def test_a_password_comes_from_a_file_or_standard_input(server, shop, home):
    server.sql("create or replace user cli@localhost identified by 'geheim'")
    server.sql("grant all on *.* to cli@localhost")
    file = home.path / "password"
    file.write_text("geheim\n")
    file.chmod(0o600)
    options = ["test-connection", "--user", "cli"]
    try:
        home.run(*options, "--password-file", file)
        home.run(*options, "--password", stdin="geheim\n")
        wrong = home.run(*options, "--password", stdin="falsch\n", status=1)
        assert "Error: access denied for user 'cli'@'localhost'" in wrong.stderr
        assert "falsch" not in wrong.stderr
        file.chmod(0o644)
        refused = home.run(*options, "--password-file", file, status=1)
        assert "is open to others (mode 0644)" in refused.stderr
        ended = home.run(*options, "--password", status=3)
        assert "no password: the input has ended" in ended.stderr
    finally:
        server.sql("drop user cli@localhost")


def test_create_is_off_when_the_configuration_says_so(server, shop, home):
    store = {"provider": "local", "local": {"base_path": str(home.store)}}
    home.write_config(server, shop, backup={"enabled": False, "storage": store})
    done = home.run("backup", "create", status=3)
    assert "Error: backups are turned off: backup.enabled is false" in done.stderr
    assert "--force" in done.stderr
    home.run("backup", "create", "--force")


@pytest.mark.parametrize("algorithm", ["zstd", "gzip", "lz4", "none"])
def test_create_compresses_as_told(shop, home, algorithm):
    made = home.json("backup", "create", "--compression", algorithm)
    assert made["compression_type"] == algorithm.upper()
    home.run("backup", "validate", made["id"])


def test_create_encrypts_with_a_key_file(shop, home):
    secret = home.run("key", "new").stdout
    assert re.fullmatch(r"[0-9a-f]{64}\n", secret)
    assert home.run("key", "new").stdout != secret
    file = home.path / "key"
    file.write_text(secret)
    file.chmod(0o600)
    made = home.json("backup", "create", "--encryption-key", file)
    assert made["encryption_enabled"] is True
    info = home.json("backup", "info", made["id"])
    assert info["secret_fingerprint"] == made["secret_fingerprint"] != ""
    assert info["secret_available"] is False
    assert info["readable"] is False
    here = {"BACKUP_ENCRYPTION_KEY": secret.strip()}
    info = home.json("backup", "info", made["id"], env=here)
    assert info["secret_available"] is info["readable"] is True
    assert info["problem"] is None
    home.run("backup", "validate", made["id"], env=here)
    home.run("backup", "validate", made["id"], "--integrity")
    refused = home.run("backup", "validate", made["id"], status=1)
    assert refused.stderr.startswith("Error: backup validation failed: ")


def test_a_failed_create_is_remembered(shop, home):
    done = home.run("backup", "create", "--database", "nowhere", status=1)
    assert "Error: unknown database: nowhere" in done.stderr
    assert home.json("backup", "list") == []
    (failed,) = home.json("backup", "list", "--status", "failed", "--created-after", "24h")
    assert failed["status"] == "FAILED"
    assert failed["error"] == "unknown database: nowhere"
    assert [b["status"] for b in home.json("backup", "list", "--status", "all")] == ["FAILED"]
    for command in (["backup", "validate"], ["rollback", "plan"]):
        refused = home.run(*command, failed["id"], status=1)
        assert "was never completed" in refused.stderr


def test_a_server_that_is_away_has_the_guides_words(home, server, shop):
    done = home.run("backup", "create", "--host", "127.0.0.1", "--port", "1", status=1)
    assert done.stderr.startswith("Error: failed to connect to database: connection refused\n")
    assert "Hint: " in done.stderr
    assert done.stdout == ""


# backup list


def test_list_is_newest_first_and_limited(shop, home):
    made = [home.json("backup", "create")["backup_id"] for _ in range(3)]
    listed = home.json("backup", "list")
    assert sorted(b["id"] for b in listed) == sorted(made)
    times = [b["created_at"] for b in listed]
    assert times == sorted(times, reverse=True)
    assert len(home.json("backup", "list", "--limit", "1")) == 1
    assert len(home.json("backup", "list", "--limit", "0")) == 3
    done = home.run("backup", "list", "--limit", "2")
    assert len(done.stdout.splitlines()) == 3
    assert done.stderr == "The newest 2 of 3; --limit 0 shows all.\n"


def test_an_empty_list_is_a_list(shop, home):
    assert home.run("backup", "list", "--format", "json").stdout == "[]\n"
    assert home.run("backup", "list", "--format", "yaml").stdout == "[]\n"
    assert jq("[]", ".[0].id") == "null"
    done = home.run("backup", "list")
    assert (done.stdout, done.stderr) == ("", "No backups found.\n")


def test_list_filters(backup, shop, home):
    def count(*options):
        return len(home.json("backup", "list", *options))

    assert count("--database", shop) == 1
    assert count("--database", "other") == 0
    assert count("--tag", "release=1") == 1
    assert count("--tag", "release") == 1
    assert count("--tag", "release=2") == 0
    assert count("--tag", "release=1", "--tag", "other=1") == 0
    assert count("--status", "completed") == 1
    assert count("--status", "COMPLETED") == 1
    assert count("--status", "failed") == 0
    assert count("--created-after", "1h") == 1
    assert count("--start-date", "7d") == 1
    assert count("--created-before", "1h") == 0
    assert count("--created-before", "2099-01-01", "--created-after", "2020-01-01") == 1


def test_dates_are_of_the_local_zone_and_half_open(shop, home, backup):
    """The day of the disaster-recovery script, wherever one is."""
    for zone in ("UTC", "Pacific/Kiritimati", "Pacific/Pago_Pago"):
        env = dict(home.env, TZ=zone)
        day = subprocess.check_output(["date", "+%Y-%m-%d"], env=env, text=True).strip()
        after = subprocess.check_output(
            ["date", "-d", f"{day} + 1 day", "+%Y-%m-%d"], env=env, text=True
        ).strip()
        window = ["--created-after", day, "--created-before", after]
        assert len(home.json("backup", "list", *window, env={"TZ": zone})) == 1
        next_day = ["--created-after", after]
        assert home.json("backup", "list", *next_day, env={"TZ": zone}) == []


def test_columns_are_chosen(backup, home):
    done = home.run("backup", "list", "-o", "status,id", "--format", "compact")
    assert done.stdout == f"COMPLETED\t{backup}\n"
    assert home.json("backup", "list", "-o", "id") == [{"id": backup}]
    assert home.run("backup", "list", "-o", "+tags").stdout.splitlines()[0].endswith("TAGS")
    done = home.run("backup", "list", "-o", "idd", status=2)
    assert "Did you mean id?" in done.stderr


def test_all_formats_say_the_same(backup, home):
    yaml = pytest.importorskip("yaml")
    listed = home.json("backup", "list")
    assert yaml.safe_load(home.run("backup", "list", "--format", "yaml").stdout) == listed
    info = home.json("backup", "info", backup)
    assert yaml.safe_load(home.run("backup", "info", backup, "-f", "yaml").stdout) == info
    assert home.run("backup", "info", backup, "--format", "compact").stdout.startswith("id\t")


# backup info, validate, stats, delete, cleanup


def test_an_id_is_an_argument_or_an_option(backup, home):
    assert home.json("backup", "info", backup) == home.json("backup", "info", "--backup-id", backup)
    assert home.json("backup", "info", "latest")["id"] == backup
    assert home.json("backup", "info", backup[:20])["id"] == backup
    done = home.run("backup", "info", backup, "--backup-id", "other", status=2)
    assert "BACKUP-ID is given twice" in done.stderr
    done = home.run("backup", "info", status=2)
    assert "Error: backup info: BACKUP-ID is missing" in done.stderr
    done = home.run("backup", "info", "backup_20200101_000000_00000000", status=1)
    assert "Error: backup not found: backup_20200101_000000_00000000" in done.stderr


def flip_a_byte(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.chmod(0o600)
    path.write_bytes(content)


def test_validate_finds_a_flipped_byte(backup, home):
    assert home.json("backup", "validate", backup)["valid"] is True
    flip_a_byte(home.store / f"{backup}.backup")
    done = home.run("backup", "validate", "--backup-id", backup, "--format", "json", status=1)
    found = json.loads(done.stdout)
    assert found["valid"] is found["checksum_valid"] is False
    assert found["backup_id"] == backup
    assert set(found) == {
        "backup_id", "valid", "checksum_valid", "checked_at", "errors", "warnings"
    }
    want = r"Error: backup validation failed: checksum mismatch \(expected: [0-9a-f]{64}, got: [0-9a-f]{64}\)\n"
    assert re.match(want, done.stderr)
    assert home.json("backup", "list")[0]["status"] == "CORRUPTED"
    refused = home.run("rollback", "execute", backup, "--force", status=None)
    assert refused.returncode != 0


def test_stats_count_what_is_there(backup, home):
    stats = home.json("backup", "stats", backup)
    assert stats["objects"]["tables"] == 2
    assert stats["objects"]["views"] == stats["objects"]["triggers"] == 1
    assert stats["object_count"] == 6
    assert 0 < stats["compression_ratio"] < 1
    sizes = [f["size"] for f in stats["largest_files"]]
    assert sizes == sorted(sizes, reverse=True)
    assert "LARGEST FILES" in home.run("backup", "stats", backup).stdout


def test_delete_asks(backup, shop, home):
    home.run("backup", "create")
    done = home.run("backup", "delete", backup, status=3)
    assert f"Delete backup {backup} of database {shop}" in done.stderr
    assert "no answer: the input has ended" in done.stderr
    done = home.run("backup", "delete", backup, stdin="no\n")
    assert "Cancelled: nothing was deleted." in done.stderr
    done = home.run("backup", "delete", backup, "--dry-run")
    assert f"Would delete backup {backup}" in done.stderr
    assert len(home.json("backup", "list")) == 2
    home.run("backup", "delete", backup, stdin="y\n")
    assert len(home.json("backup", "list")) == 1
    assert not list(home.store.glob(f"{backup}.*"))


@pytest.mark.parametrize("option", ["--yes", "--auto-approve", "--force", "-y"])
def test_delete_without_a_question(backup, home, option):
    home.run("backup", "create")
    gone = home.json("backup", "delete", backup, option)
    assert gone["deleted"] is True
    assert gone["freed_bytes"] > 0


def test_the_only_backup_stays_unless_forced(backup, home):
    done = home.run("backup", "delete", backup, "--yes", status=3)
    assert "the only one" in done.stderr
    home.run("backup", "delete", backup, "--force")


def test_cleanup_tells_why(server, shop, home):
    store = {"provider": "local", "local": {"base_path": str(home.store)}}
    home.write_config(server, shop, backup={"storage": store, "retention": {"max_backups": 2}})
    for _ in range(4):
        home.run("backup", "create")
    plan = home.json("backup", "cleanup", "--dry-run")
    assert plan["dry_run"] is True
    assert (plan["kept"], plan["deleted"]) == (2, 2)
    assert all(b["reasons"] for b in plan["backups"])
    assert plan["backups"][0]["action"] == "keep"
    assert "newest" in plan["backups"][0]["reasons"]
    assert len(home.json("backup", "list")) == 4
    done = home.run("backup", "cleanup")
    assert "Kept 2, deleted 2, freed" in done.stderr
    assert len(home.json("backup", "list")) == 2
    assert home.json("backup", "cleanup", "--max-backups", "1")["deleted"] == 1


# rollback


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


# test-connection, config, version, help, completion


def test_test_connection_tells_what_can_be_seen(shop, home, server):
    seen = home.json("test-connection", "--config", home.config)
    assert seen["connected"] is True
    assert seen["database"] == shop
    assert seen["hidden_kinds"] == []
    assert "MariaDB" in seen["server_version"]
    done = home.run("test-connection", "--database", "nowhere", status=1)
    assert "Error: unknown database: nowhere" in done.stderr


def test_backup_test_connection_counts_the_store(backup, home):
    seen = home.json("backup", "test-connection")
    assert seen["connected"] is True
    assert seen["backup_count"] == 1
    assert seen["storage"] == f"local:{home.store}"


def test_the_sample_configuration_loads(home):
    sample = home.run("config").stdout
    file = home.path / "sample.yaml"
    file.write_text(sample)
    done = home.run("config", "check", "--config", file)
    assert done.stderr == ""
    assert "Valid" in done.stdout


@pytest.mark.parametrize("command", [["config", "check"], ["backup", "validate-config"]])
def test_a_configuration_is_checked(home, server, shop, command):
    assert home.json(*command)["valid"] is True
    home.write_config(server, shop, backup={"retention": {"max_agee": "7d"}})
    checked = home.json(*command)
    assert checked["valid"] is True
    assert "max_agee" in checked["warnings"][0]
    assert "did you mean" in checked["warnings"][0]
    home.write_config(server, shop, backup={"retention": {"max_age": "7 fortnights"}})
    done = home.run(*command, "--format", "json", status=1)
    checked = json.loads(done.stdout)
    assert checked["valid"] is False
    assert "7 fortnights" in checked["errors"][0]
    assert "Error: " in done.stderr
    home.config.write_text("backup: [\n")
    done = home.run(*command, status=1)
    assert re.search(r"\.mysql-schema-sync\.yaml:\d+:\d+", done.stderr)


def test_config_show_tells_origins_and_no_secrets(home, server, shop):
    target = {"socket": server.socket, "username": "root", "password": "geheim"}
    home.write_config(server, shop, target=target)
    rows = home.json("config", "show", "target")
    by_key = {r["key"]: r for r in rows}
    assert by_key["target.password"]["value"] == "(secret)"
    assert ":" in by_key["target.username"]["origin"]
    assert "geheim" not in home.run("config", "show").stdout
    rows = home.json("config", "show", "backup.retention", env={"BACKUP_MAX_AGE": "72h"})
    age = next(r for r in rows if r["key"].endswith("max_age"))
    assert "BACKUP_MAX_AGE" in age["origin"]
    flag = home.json("config", "show", "target.host", "--host", "elsewhere")
    assert (flag[0]["value"], flag[0]["origin"]) == ("elsewhere", "flag")
    changed = home.json("config", "show", "--changed")
    assert all(r["origin"] != "default" for r in changed)
    done = home.run("config", "show", "backup.retentoin", status=2)
    assert "unknown configuration key: backup.retentoin" in done.stderr


def test_unknown_keys_warn_and_go_on(home, server, shop):
    home.write_config(server, shop, surprise={"a": 1})
    done = home.run("backup", "list", "--format", "json")
    assert done.stdout == "[]\n"
    assert "Warning: " in done.stderr
    assert "surprise" in done.stderr
    assert home.run("backup", "list", "--quiet").stderr == ""


def test_version_and_help_need_nothing(home):
    assert re.fullmatch(r"mysql-schema-sync \d+\.\d+\.\d+\n", home.run("--version").stdout)
    assert home.run("version").stdout == home.run("--version").stdout
    assert home.json("version")["name"] == "mysql-schema-sync"
    assert home.run().stdout == home.run("help").stdout == home.run("--help").stdout
    assert home.run("backup").stdout == home.run("help", "backup").stdout
    assert home.run("backup", "list", "-h").stdout == home.run("help", "backup", "list").stdout
    assert home.run("help", "backup", "lst", status=2).stdout == ""


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_scripts_are_scripts(home, shell):
    script = home.run("completion", shell).stdout
    assert script.count("rollback") > 5
    if shutil.which(shell):
        subprocess.run([shell, "-n"], input=script, text=True, check=True)


COMPLETE = """
source /dev/stdin <<<"$SCRIPT"
COMP_LINE=$1 COMP_POINT=${#1}
read -ra COMP_WORDS <<<"$1"
_mysql_schema_sync mysql-schema-sync
printf '%s\\n' "${COMPREPLY[@]}"
"""


def test_bash_completes_words_and_live_values(backup, shop, home, program):
    script = home.run("completion", "bash").stdout
    env = dict(home.env, SCRIPT=script)
    env["PATH"] = f"{program('mysql-schema-sync').parent}:{env['PATH']}"

    def complete(line):
        done = subprocess.run(
            ["bash", "-c", COMPLETE, "bash", line], env=env, capture_output=True, text=True
        )
        return done.stdout.split()

    assert complete("mysql-schema-sync ba") == ["backup"]
    assert "validate-config" in complete("mysql-schema-sync backup ")
    assert complete("mysql-schema-sync --debug rollback pl") == ["plan"]
    assert complete("mysql-schema-sync backup list --stat") == ["--status"]
    assert complete("mysql-schema-sync backup list --status=com") == ["completed"]
    assert complete("mysql-schema-sync backup info backup_") == [backup]
    assert complete("mysql-schema-sync rollback --backup-id backup_") == [backup]
    assert shop in complete("mysql-schema-sync backup create --database ")
    assert complete("mysql-schema-sync backup list --tag rel") == ["release=1"]
    assert complete("mysql-schema-sync config show timez") == ["timezone"]


# wrong use


WRONG = [
    (["backup", "lst"], "unknown command: backup lst", "Did you mean backup list?"),
    (["lst"], "unknown command: lst", "`mysql-schema-sync help`"),
    (["rollback", "latest"], "unknown command: rollback latest", "Did you mean"),
    (["backup", "list", "--formt", "json"], "unknown option: --formt", "Did you mean --format?"),
    (["backup", "list", "--form", "json"], "unknown option: --form", "Did you mean --format?"),
    (["backup", "list", "-Z"], "unknown option: -Z", "help backup list"),
    (["backup", "list", "x"], "unexpected argument: x", "help backup list"),
    (["backup", "list", "--format", "xml"], '"xml" is not one of table, json, yaml, compact', ""),
    (["backup", "list", "--output-format", "jsn"], '"jsn" is not one of', "Did you mean json?"),
    (["backup", "list", "--status", "complete"], '"complete" is not one of completed, failed', ""),
    (["backup", "list", "--limit", "ten"], '--limit: "ten" is not a number from 0 to', ""),
    (["backup", "list", "--limit", "-1"], '--limit: "-1" is not a number from 0 to', ""),
    (["backup", "list", "--limit"], "--limit needs a value", ""),
    (["backup", "list", "--created-after", "soon"], '--created-after: "soon" is not a time', ""),
    (["backup", "list", "--end-date", "2026-13-01"], '--created-before: "2026-13-01"', ""),
    (["backup", "list", "-o", "nme"], '"nme" is not one of id, database', ""),
    (["backup", "list", "--verbose", "--quiet"], "--verbose and --quiet contradict", ""),
    (["backup", "list", "--color", "--no-color"], "--color and --no-color contradict", ""),
    (["backup", "list", "--yes"], "unknown option: --yes", ""),
    (["backup", "create", "--tag", "x"], "not a tag: x", "A tag is KEY=VALUE"),
    (["backup", "create", "--tag", "a b=c"], "not a tag: a b=c", ""),
    (["backup", "create", "--description", "x" * 501], "501 characters, limit 500", ""),
    (["backup", "create", "--compression", "rar"], '"rar"', ""),
    (["backup", "create", "--storage", "tape"], '"tape"', ""),
    (["backup", "create", "--port", "0"], '--port: target.port: "0"', ""),
    (["backup", "create", "--port", "65536"], '"65536"', ""),
    (["backup", "create", "--timeout", "never"], '"never"', ""),
    (["backup", "info"], "BACKUP-ID is missing", "backup list"),
    (["backup", "info", "no/such"], "not a backup id: no/such", ""),
    (["backup", "delete"], "BACKUP-ID is missing", ""),
    (["backup", "cleanup", "--max-age", "x"], '"x"', ""),
    (["rollback"], "BACKUP-ID is missing", "rollback list"),
    (["rollback", "plan"], "BACKUP-ID is missing", ""),
    (["rollback", "execute", "--force=yes", "x"], "--force takes no value", ""),
    (["key", "new", "x"], "unexpected argument: x", ""),
    (["completion"], "SHELL is missing", ""),
    (["completion", "tcsh"], '"tcsh" is not one of bash, zsh, fish', ""),
    (["config", "show", "no.such"], "unknown configuration key: no.such", ""),
    (["help", "nothing"], "unknown command: nothing", ""),
]


@pytest.mark.parametrize("words,error,hint", WRONG, ids=[" ".join(w[0])[:50] for w in WRONG])
def test_wrong_use_is_named_and_exits_2(shop, home, words, error, hint):
    done = home.run(*words, status=2)
    assert done.stdout == ""
    assert done.stderr.startswith("Error: ")
    assert error in done.stderr
    assert hint in done.stderr
    assert len(done.stderr.splitlines()) <= 2, "no usage dump"


# output


def test_a_full_disk_and_a_closed_pipe_are_noticed(backup, home, program):
    binary = str(program("mysql-schema-sync"))
    with open("/dev/full", "w") as full:
        done = subprocess.run([binary, "backup", "list"], env=home.env, stdout=full,
                              stderr=subprocess.PIPE, text=True, cwd=home.path)
    assert done.returncode == 1
    assert done.stderr == "Error: write to standard output: no space left on device\n"
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run([binary, "backup", "list"], env=home.env, stdout=write,
                          stderr=subprocess.PIPE, text=True, cwd=home.path)
    os.close(write)
    assert done.returncode == 1
    assert done.stderr == "Error: write to standard output: broken pipe\n"


def on_a_terminal(home, program, *words, env=None):
    """What a command writes to a terminal."""
    master, terminal = pty.openpty()
    process = subprocess.Popen(
        [str(program("mysql-schema-sync")), *words],
        env={**home.env, "TERM": "xterm", **(env or {})},
        cwd=home.path, stdin=terminal, stdout=terminal, stderr=terminal,
    )
    os.close(terminal)
    text = b""
    while True:
        try:
            part = os.read(master, 65536)
        except OSError:
            break
        if not part:
            break
        text += part
    os.close(master)
    process.wait()
    return text.decode(errors="replace")


def test_colours_are_for_terminals_that_want_them(backup, home, program):
    listing = ["backup", "list"]
    assert "\x1b[32mCOMPLETED" in on_a_terminal(home, program, *listing)
    for env in ({"NO_COLOR": "1"}, {"TERM": "dumb"}):
        assert "\x1b" not in on_a_terminal(home, program, *listing, env=env)
    assert "\x1b" not in on_a_terminal(home, program, *listing, "--no-color")
    assert "\x1b" not in home.run(*listing).stdout
    assert "\x1b[32m" in home.run(*listing, "--color").stdout
    assert "\x1b[32m" in home.run(*listing, env={"FORCE_COLOR": "1"}).stdout
    assert "\x1b" not in home.run(*listing, env={"FORCE_COLOR": "1", "NO_COLOR": "1"}).stdout
    assert "\x1b" not in home.run(*listing, "--format", "json", env={"FORCE_COLOR": "1"}).stdout


def test_a_description_cannot_play_with_the_terminal(shop, home, program):
    home.run("backup", "create", "--description", "\x1b[31mred\x07")
    for words in (["backup", "list"], ["backup", "info", "latest"]):
        shown = on_a_terminal(home, program, *words, "--no-color")
        assert "\x1b" not in shown
        assert "\x07" not in shown
        assert "\\x1b[31mred" in shown


def test_debug_and_verbose_talk_on_standard_error(backup, home):
    assert home.run("backup", "list", "--format", "json").stderr == ""
    for how in (["--debug"], []):
        env = {} if how else {"MYSQL_SCHEMA_SYNC_DEBUG": "true"}
        done = home.run(*how, "backup", "list", "--format", "json", env=env)
        assert json.loads(done.stdout)
        assert " DEBUG " in done.stderr


# log and audit log


def test_the_log_has_operations_durations_and_errors(shop, home):
    log = home.path / "state/mysql-schema-sync/backup.log"
    home.run("backup", "create")
    home.run("backup", "create", "--database", "nowhere", status=1)
    text = log.read_text()
    assert re.search(r" INFO .*created in storage .*duration \d+ ms", text)
    assert re.search(r" ERROR cli: backup create: unknown database: nowhere", text)
    assert oct(log.stat().st_mode & 0o777) == "0o600"


def test_a_log_file_that_was_asked_for_must_open(shop, home):
    mine = home.path / "deep" / "my.log"
    home.run("backup", "create", "--log-file", mine)
    assert "created in storage" in mine.read_text()
    done = home.run("backup", "list", "--log-file", "/dev/null/x", status=1)
    assert "Error: log file /dev/null/x" in done.stderr


def test_a_configured_log_that_does_not_open_is_a_warning(server, shop, home):
    home.write_config(server, shop, logging={"log_file": "/dev/null/x"})
    done = home.run("backup", "list", "--format", "json")
    assert done.stdout == "[]\n"
    assert "Warning: log file /dev/null/x" in done.stderr


def test_changes_are_recorded(server, shop, home):
    audit = home.path / "audit/audit.log"
    home.write_config(
        server, shop, logging={"enable_audit_log": True, "audit_log_path": str(audit)}
    )
    made = home.json("backup", "create")["backup_id"]
    home.run("backup", "list")
    home.run("backup", "delete", made, "--yes", status=3)
    records = [json.loads(line) for line in audit.read_text().splitlines()]
    assert [(r["action"], r["result"], r["backup_id"]) for r in records] == [
        ("backup create", "done", made),
        ("backup delete", "failed", made),
    ]
    assert all(r["database"] == shop and r["user"] and r["time"] for r in records)
    assert "the only one" in records[1]["error"]


def test_what_cannot_be_recorded_does_not_happen(server, shop, home):
    home.write_config(
        server, shop, logging={"enable_audit_log": True, "audit_log_path": "/dev/null/audit"}
    )
    done = home.run("backup", "create", status=1)
    assert "audit log" in done.stderr
    assert home.json("backup", "list") == []


# scripts of the guides


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
