# SPDX-License-Identifier: MIT
"""The backup commands at work: what each one promises, on a real server and a real store."""

import json
import re
import subprocess

import pytest
from cli_fixtures import backup, flip_a_byte, shop  # noqa: F401


def jq(text, program):
    return subprocess.run(
        ["jq", "-r", program], input=text, capture_output=True, text=True, check=True
    ).stdout.strip()


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


def test_validate_finds_a_flipped_byte(backup, home):
    assert home.json("backup", "validate", backup)["valid"] is True
    flip_a_byte(home.store / f"{backup}.backup")
    done = home.run("backup", "validate", "--backup-id", backup, "--format", "json", status=1)
    found = json.loads(done.stdout)
    assert found["valid"] is found["checksum_valid"] is False
    assert found["backup_id"] == backup
    assert set(found) == {
        "backup_id", "valid", "level", "checksum_valid", "checked_at", "errors", "warnings"
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


def test_cleanup_does_what_a_plan_says_or_nothing(shop, home):
    made = [home.json("backup", "create", "--full")["backup_id"] for _ in range(3)]
    plan = home.path / "plan.json"
    plan.write_text(home.run("backup", "cleanup", "--dry-run", "--max-backups", "1", "--format", "json").stdout)
    newer = home.json("backup", "create", "--full")["backup_id"]
    home.run("backup", "edit", made[0], "--tag", "protected=true")
    done = home.run("backup", "cleanup", "--plan", plan, status=3)
    assert f"the plan does not fit any more: backup {made[0]} must stay now: protected" in done.stderr
    assert "Make a new plan" in done.stderr
    assert len(home.json("backup", "list")) == 4
    home.run("backup", "edit", made[0], "--remove-tag", "protected")
    assert home.json("backup", "cleanup", "--plan", plan)["deleted"] == 2
    assert {b["id"] for b in home.json("backup", "list")} == {made[2], newer}
    done = home.run("backup", "cleanup", "--plan", plan, status=3)
    assert "is not there any more" in done.stderr
    done = home.run("backup", "cleanup", "--plan", home.config, status=1)
    assert "is no plan of a cleanup" in done.stderr


def test_words_on_a_backup_can_be_changed(server, shop, home):
    made = home.json("backup", "create", "--description", "first", "--tag", "env=test")["id"]
    file = home.store / f"{made}.backup"
    before = file.read_bytes()
    done = home.json("backup", "edit", made, "--description", "second", "--tag", "release=2",
                     "--tags", "protected=true,owner=ann", "--remove-tag", "env")
    assert done["changed"] and done["backup_id"] == made
    info = home.json("backup", "info", made)
    assert info["description"] == "second"
    assert info["tags"] == {"release": "2", "protected": "true", "owner": "ann"}
    assert file.read_bytes() == before
    again = home.json("backup", "edit", "--backup-id", made, "--tag", "release=2")
    assert again["changed"] is False
    assert "so already" in home.run("backup", "edit", made, "--remove-tag", "env").stderr
    home.run("backup", "create")
    home.run("backup", "delete", made, "--yes", status=3)
    home.run("backup", "edit", made, "--remove-tag", "protected")
    home.run("backup", "validate", made)
    home.run("backup", "delete", made, "--yes")
    for wrong in (["--tag", "a b=c"], ["--description", "x" * 501], []):
        home.run("backup", "edit", "latest", *wrong, status=2)
    assert "not found" in home.run("backup", "edit", made, "--tag", "a=b", status=1).stderr


def test_names_that_are_mistyped_are_suggested(backup, shop, home):
    near = shop[:-1] + ("0" if shop[-1] != "0" else "1")
    wrong_id = backup[:-1] + ("0" if backup[-1] != "0" else "1")
    said = {
        ("backup", "info", wrong_id): f"Did you mean {backup}?",
        ("rollback", "plan", wrong_id): f"Did you mean {backup}?",
        ("backup", "validate", f"latest:{near}"): f"Did you mean latest:{shop}?",
        ("backup", "export", f"{near}@2026-01-01", "--output", "x.tar"): f"Did you mean {shop}@2026-01-01?",
        ("backup", "create", "--database", near): f"Did you mean {shop}?",
    }
    for words, hint in said.items():
        assert hint in home.run(*words, status=1).stderr, words
    for words in (["backup", "list"], ["rollback", "list"], ["backup", "storage-usage"], ["backup", "validate-all"]):
        assert f"there are no backups of database {near}z; did you mean" in home.run(*words, "-d", near + "z").stderr
    assert "Did you mean --tag release=1?" in home.run("backup", "list", "--tag", "relese=1").stderr
    assert "Did you mean --tag release=1?" in home.run("backup", "list", "--tag", "release=11").stderr
