# SPDX-License-Identifier: MIT
"""What people know of this command from elsewhere: other spellings, environment variables, sample
configurations, fields of the output. Each row is run.
"""

import json
import pathlib
import re

import pytest
from cli_fixtures import desk, listing  # noqa: F401

SAMPLES = pathlib.Path(__file__).resolve().parents[1] / "data" / "samples"
SECRET = "0123456789abcdef" * 4

# Exit status, command line, what standard output and standard error say. ID is a backup of the database shop,
# which has changed since; SERVER stands for the options that name the source's and the target's server.
SPELLINGS = [
    # options that are accepted in front of the command, behind it, and everywhere
    (0, "--debug backup list", "shop"),
    (0, "backup list --debug --no-color", "shop"),
    (0, "backup create --no-color", "shop"),
    (0, "--version", r"^mysql-schema-sync \d"),
    (0, "version", r"^mysql-schema-sync \d"),
    (0, "help backup create", "Usage: "),
    (0, "backup", "Commands:"),
    (0, "rollback --help", "Usage: "),
    (0, "completion bash", "complete"),
    (0, "completion zsh", "compdef"),
    (0, "completion fish", "complete -c"),
    (0, "config", "backup:"),
    (2, "--verbose --quiet backup list", "contradict"),
    # create
    (0, "backup create --description d --tags a=1,b=2 --tags c=3 --compression gzip", "shop"),
    (0, "backup create --compression none --storage local --force", "shop"),
    (0, "backup create --encryption-key secret --output-format json", '"backup_id"'),
    (0, "backup create --tag type=manual --tag environment=production --database other", "other"),
    # list
    (0, "backup list --database shop --start-date 7d --end-date 2099-01-01 --limit 50", "shop"),
    (0, "backup list --start-date 1w", "shop"),
    (0, "backup list --start-date 1m", "shop"),
    (0, "backup list --start-date 2020-01-01T00:00:00Z --status COMPLETED", "shop"),
    (0, "backup list --created-after 2020-01-01 --created-before 2020-01-02 --format json", r"^\[\]$"),
    (0, "backup list --status failed", "nowhere"),
    (0, "backup list --status creating", ""),
    (0, "backup list --status validating", ""),
    (0, "backup list --status Corrupted", ""),
    (0, "backup list --status all --output-format yaml", "^- id: "),
    (0, "backup list --tags environment=production --output-format json", r"^\["),
    # a backup by position and by option
    (0, "backup info ID", "Checksum"),
    (0, "backup info --backup-id ID", "Checksum"),
    (0, "backup validate ID --integrity --completeness --restorability", "is valid"),
    (0, "backup export ID --destination exported.tar.gz", ""),
    (0, "backup export --backup-id ID --output exported2.tar", ""),
    (0, "backup import exported.tar.gz", "backup_"),
    (0, "backup import --file dump.sql --format mysqldump --database dumped", "backup_"),
    (1, "backup info backup-20240816-143022-a1b2c3d4", "backup not found"),
    (1, "backup info backup_20240816_143022_a1b2c3d4", "backup not found"),
    # rollback
    (0, "rollback list --database shop --limit 20 --format json", "schema_hash"),
    (0, "rollback plan ID --show-differences --show-warnings", "orders"),
    (0, "rollback plan ID --show-differences=true --show-warnings=false", "orders"),
    (0, "rollback plan --backup-id ID --show-sql", "ALTER TABLE"),
    (1, "rollback status ID --verify", "differences"),
    (0, "rollback execute ID --dry-run --skip-validation", "Nothing was changed"),
    (0, "rollback execute ID --auto-approve", "equals backup"),
    (0, "rollback status ID", ""),
    (0, "rollback execute --backup-id ID --force", "already matches"),
    # the command without a command
    (0, "SERVER --source-db other --target-db shop --dry-run", "already matches|Nothing was changed"),
    (0, "SERVER --source-database other --target-database shop --dry-run --theme light --no-icons"
        " --no-progress --no-interactive --table-style rounded --max-table-width 100 --auto-approve"
        " --timeout 10s --log-file sync.log --no-color", "already matches|Nothing was changed"),
    (0, "SERVER --source-db other --target-db shop --dry-run --backup-enabled=true"
        " --backup-storage-provider LOCAL --backup-local-path copies --backup-max-backups 10"
        " --backup-max-age 30d --backup-compression-enabled=true --backup-compression-algorithm GZIP"
        " --backup-encryption-enabled=false --backup-encryption-key-source env", ""),
    (0, "migrate --source-db other --target-db shop --dry-run --format json", '"summary"'),
    # delete
    (0, "backup delete ID --auto-approve", "[Dd]eleted"),
    # what is done by another command here says so
    (2, "backup setup-monitoring", "--format prometheus"),
    (2, "backup validate-recent --hours 24", "validate-all --max-age 24h"),
    (2, "backup convert --backup-id x --format native", "backup import"),
    (2, "backup test-connection --all-providers", "--config FILE"),
]


@pytest.mark.parametrize("status,line,pattern", SPELLINGS, ids=[line for _, line, _ in SPELLINGS])
def test_other_spellings(desk, server, status, line, pattern):  # noqa: F811
    for side in ("source", "target"):
        where = f"--{side}-socket {server.socket} --{side}-username root"
        line = line.replace("SERVER", f"{where} SERVER" if side == "source" else where)
    done = desk.run(*desk.words(line), status=None)
    said = done.stdout + done.stderr
    assert done.returncode == status, said
    assert re.search(pattern, said, re.M), said


def test_a_backup_is_taken_by_position_and_by_option(listing):  # noqa: F811
    for c in listing:
        arguments = {a["name"] for a in c["args"]}
        options = {o["name"] for o in c["options"]}
        if "BACKUP-ID" in arguments:
            assert "backup-id" in options, c["name"]


def test_every_other_name_of_an_option_is_known_to_its_commands(listing):  # noqa: F811
    for c in listing:
        names = {o["name"]: o["alias"] for o in c["options"]}
        if "format" in names and not c["hidden"]:
            assert names["format"] == "output-format", c["name"]
        if "yes" in names:
            assert names["yes"] == "auto-approve", c["name"]
        if "tag" in names:
            assert "tags" in names, c["name"]
        if "created-after" in names:
            assert (names["created-after"], names["created-before"]) == ("start-date", "end-date")


# --- environment variables

BACKUP = {
    "ENABLED": ("backup.enabled", "false"),
    "STORAGE_PROVIDER": ("backup.storage.provider", "s3"),
    "LOCAL_BASE_PATH": ("backup.storage.local.base_path", "/copies"),
    "LOCAL_PERMISSIONS": ("backup.storage.local.permissions", "0755"),
    "S3_BUCKET": ("backup.storage.s3.bucket", "b"),
    "S3_REGION": ("backup.storage.s3.region", "eu-west-1"),
    "S3_ACCESS_KEY": ("backup.storage.s3.access_key", "a"),
    "S3_SECRET_KEY": ("backup.storage.s3.secret_key", "(secret)"),
    "AZURE_ACCOUNT_NAME": ("backup.storage.azure.account_name", "a"),
    "AZURE_ACCOUNT_KEY": ("backup.storage.azure.account_key", "(secret)"),
    "AZURE_CONTAINER_NAME": ("backup.storage.azure.container_name", "c"),
    "GCS_BUCKET": ("backup.storage.gcs.bucket", "b"),
    "GCS_CREDENTIALS_PATH": ("backup.storage.gcs.credentials_path", "/key.json"),
    "GCS_PROJECT_ID": ("backup.storage.gcs.project_id", "p"),
    "MAX_BACKUPS": ("backup.retention.max_backups", "7"),
    "MAX_AGE": ("backup.retention.max_age", "7d"),
    "CLEANUP_INTERVAL": ("backup.retention.cleanup_interval", "1h"),
    "KEEP_DAILY": ("backup.retention.keep_daily", "7"),
    "KEEP_WEEKLY": ("backup.retention.keep_weekly", "4"),
    "KEEP_MONTHLY": ("backup.retention.keep_monthly", "12"),
    "COMPRESSION_ENABLED": ("backup.compression.enabled", "false"),
    "COMPRESSION_ALGORITHM": ("backup.compression.algorithm", "lz4"),
    "COMPRESSION_LEVEL": ("backup.compression.level", "9"),
    "COMPRESSION_THRESHOLD": ("backup.compression.threshold", "2KB"),
    "ENCRYPTION_ENABLED": ("backup.encryption.enabled", "true"),
    "ENCRYPTION_KEY_SOURCE": ("backup.encryption.key_source", "direct"),
    "ENCRYPTION_KEY_PATH": ("backup.encryption.key_file", "/secret"),
    "ENCRYPTION_KEY_ENV_VAR": ("backup.encryption.key_env_var", "OTHER"),
    "ENCRYPTION_ROTATION_ENABLED": ("backup.encryption.rotation_enabled", "true"),
    "ENCRYPTION_ROTATION_DAYS": ("backup.encryption.rotation_days", "30"),
    "VALIDATION_ENABLED": ("backup.validation.enabled", "false"),
    "VALIDATION_CHECKSUM_ALGORITHM": ("backup.validation.checksum_algorithm", "md5"),
    "VALIDATION_ON_CREATE": ("backup.validation.validate_on_create", "false"),
    "VALIDATION_ON_RESTORE": ("backup.validation.validate_on_restore", "false"),
    "VALIDATION_TIMEOUT": ("backup.validation.validation_timeout", "30s"),
    "VALIDATION_DRY_RUN": ("backup.validation.dry_run_validation", "false"),
}
OURS = "MYSQL_SCHEMA_SYNC_"
VARIABLES = [
    *[(OURS + f"{side}_{name}", f"{side.lower()}.{key}", value)
      for side in ("SOURCE", "TARGET")
      for name, key, value in [
          ("HOST", "host", "h"), ("PORT", "port", "3307"), ("USER", "username", "u"),
          ("USERNAME", "username", "u"), ("DB", "database", "d"), ("DATABASE", "database", "d"),
          ("PASSWORD", "password", "(secret)")]],
    (OURS + "DRY_RUN", "dry_run", "true"),
    (OURS + "VERBOSE", "verbose", "true"),
    (OURS + "QUIET", "quiet", "true"),
    (OURS + "AUTO_APPROVE", "auto_approve", "true"),
    (OURS + "TIMEOUT", "timeout", "9s"),
    (OURS + "LOG_FILE", "logging.log_file", "l.log"),
    (OURS + "LOG_LEVEL", "logging.log_level", "error"),
    (OURS + "DEBUG", "debug", "true"),
    (OURS + "THEME", "display.theme", "light"),
    (OURS + "FORMAT", "display.output_format", "json"),
    (OURS + "NO_COLOR=true", "display.color_enabled", "false"),
    (OURS + "NO_ICONS=true", "display.use_icons", "false"),
    (OURS + "NO_PROGRESS=true", "display.show_progress", "false"),
    (OURS + "NO_INTERACTIVE=true", "display.interactive", "false"),
    (OURS + "TABLE_STYLE", "display.table_style", "minimal"),
    (OURS + "MAX_TABLE_WIDTH", "display.max_table_width", "80"),
    *[(OURS + "BACKUP_" + name, *what) for name, what in BACKUP.items()],
    *[("BACKUP_" + name, *what) for name, what in BACKUP.items()],
    ("AWS_REGION", "backup.storage.s3.region", "eu-west-1"),
    ("AWS_ACCESS_KEY_ID", "backup.storage.s3.access_key", "a"),
    ("AWS_SECRET_ACCESS_KEY", "backup.storage.s3.secret_key", "(secret)"),
    ("AZURE_STORAGE_KEY", "backup.storage.azure.account_key", "(secret)"),
    ("AZURE_STORAGE_ACCOUNT", "backup.storage.azure.account_name", "a"),
    ("AZURE_STORAGE_CONNECTION_STRING", "backup.storage.azure.connection_string", "(secret)"),
    ("GOOGLE_APPLICATION_CREDENTIALS", "backup.storage.gcs.credentials_path", "/key.json"),
]


def test_every_variable_sets_its_key(home):
    for variable, key, want in VARIABLES:
        name, _, value = variable.partition("=")
        env = {name: value or want.replace("(secret)", "hush")}
        (row,) = home.json("config", "show", key, env=env)
        assert (row["value"], row["origin"]) == (want, f"environment {name}"), variable
        assert "hush" not in json.dumps(row)


@pytest.mark.parametrize("name", ["BACKUP_ENCRYPTION_KEY", OURS + "BACKUP_ENCRYPTION_KEY"])
def test_the_secret_is_found_under_both_names(desk, name):  # noqa: F811
    config = json.loads(desk.config.read_text())
    config["backup"]["encryption"] = {"enabled": True}
    file = desk.path / "env.yaml"
    file.write_text(json.dumps(config))
    file.chmod(0o600)
    seen = desk.json("backup", "test-encryption", "--config", file, env={name: SECRET})
    assert (seen["algorithm"], seen["secret_source"]) == ("AES-256-GCM", f"environment variable {name}")


def test_terminals_variables(desk):  # noqa: F811
    colour = "\x1b["
    line = ["config", "show", "timezone"]
    assert colour not in desk.run(*line).stdout
    assert colour in desk.run(*line, env={"FORCE_COLOR": "1"}).stdout
    assert colour not in desk.run(*line, env={"FORCE_COLOR": "1", "NO_COLOR": "1"}).stdout
    assert colour not in desk.run(*line, "--no-color", env={"FORCE_COLOR": "1"}).stdout


def test_a_flag_is_stronger_than_a_variable_than_the_file_than_the_default(home):
    key = "target.timeout"

    def shown(*options, **env):
        (row,) = home.json("config", "show", key, *options, env=env)
        return row["value"], row["origin"]

    home.config.write_text("{}")
    assert shown() == ("0s", "default")
    home.config.write_text("target: {timeout: 3s}\n")
    assert shown() == ("3s", ".mysql-schema-sync.yaml:1:19")
    assert shown(MYSQL_SCHEMA_SYNC_TARGET_TIMEOUT="4s") == ("4s", "environment MYSQL_SCHEMA_SYNC_TARGET_TIMEOUT")
    assert shown("--timeout", "5s", MYSQL_SCHEMA_SYNC_TARGET_TIMEOUT="4s") == ("5s", "flag")


# --- sample configurations


@pytest.mark.parametrize("sample", sorted(SAMPLES.glob("*.yaml")), ids=lambda path: path.stem)
def test_a_sample_loads_as_it_is(home, sample):
    env = {"BACKUP_S3_BUCKET": "b", "CI_BACKUP_BUCKET": "b", "PRIMARY_BACKUP_BUCKET": "b",
           "AWS_REGION": "eu-west-1", "PRIMARY_AWS_REGION": "eu-west-1", "DB_HOST": "db.example.com",
           "PRIMARY_DB_HOST": "db.example.com", "CI_DB_HOST": "db.example.com", "DB_NAME": "shop",
           "CI_PIPELINE_ID": "7", "CI_COMMIT_SHA": "0123456789abcdef",
           "BACKUP_ENCRYPTION_KEY": SECRET, "CI_BACKUP_ENCRYPTION_KEY": SECRET}
    copy = home.path / sample.name
    copy.write_text(sample.read_text())
    copy.chmod(0o600)
    checked = home.json("config", "check", "--config", copy, env=env)
    assert checked["valid"] is True, checked["errors"]
    assert checked["encryption"] is (sample.stem.startswith("backup-") and "development" not in sample.stem)
    # What is not ours is named, with its place; nothing else is said.
    for warning in checked["warnings"]:
        assert re.search(r"\.yaml:\d+:\d+: (unknown key|[\w.]+: (environment variable|SHA-256))", warning), warning
    shown = {r["key"]: r["value"] for r in home.json("config", "show", "--config", copy, env=env)}
    block = "database" if sample.stem.startswith("backup-") else "target"
    assert shown[f"{block}.host"].endswith(("localhost", "example.com"))
    if sample.stem in ("backup-production", "backup-ci-cd", "backup-high-availability"):
        assert shown["backup.storage.provider"] == "s3"
        assert checked["storage"].startswith("s3://b/")
    if sample.stem == "backup-ci-cd":
        assert shown["migration.backup_description"] == "CI/CD Pipeline 7 - 01234567"
        assert "{{backup_id}}" in shown["notifications.message_template"]


def test_another_checksum_is_taken_for_ours_and_that_is_said(desk):  # noqa: F811
    for algorithm in ("md5", "sha512"):
        env = {"BACKUP_VALIDATION_CHECKSUM_ALGORITHM": algorithm}
        done = desk.run("backup", "create", "--full", env=env)
        assert f"SHA-256 is used all the same, not {algorithm}" in done.stderr
    (row,) = desk.json("backup", "list", "--limit", "1")
    assert len(row["checksum"]) == 64


def test_many_warnings_do_not_drown_the_output(home):
    home.config.write_text("".join(f"nonsense{i}: 1\n" for i in range(30)))
    few = home.run("config", "show", "timezone").stderr.splitlines()
    assert len(few) == 5
    assert re.search("26 more about the configuration: `mysql-schema-sync config check`", few[-1])
    assert home.run("config", "check").stdout.count("nonsense") == 30
    assert home.run("config", "show", "timezone", "--verbose").stderr.count("nonsense") == 30


# --- fields of the output that programs read

FIELDS = {
    "backup list": "id database_name created_at created_by description tags size compressed_size"
                   " compression_type encryption_enabled storage_location checksum status",
    "backup create": "backup_id database_name created_at size compressed_size status checksum",
    "backup validate latest:shop": "valid errors warnings checked_at checksum_valid",
    "rollback list": "backup_id database_name created_at description schema_hash tags",
    "rollback plan latest:other": "backup_id statements warnings risk preflight proof",
    "backup storage-usage": "total_size_gb backup_count total_backups total_size total_compressed_size"
                            " compression_ratio average_backup_size largest_backup smallest_backup"
                            " storage_by_provider storage_by_database storage_by_age generated_at",
    "backup storage-health": "overall_health provider_health connectivity_tests performance_metrics"
                             " health_issues generated_at",
    "backup storage-optimize": "total_potential_savings recommendations compression_analysis"
                               " retention_analysis duplication_analysis generated_at",
    "backup health-check": "timestamp overall_health component_status issues recommendations",
    "migrate --source-db other --target-db shop --dry-run": "summary changes status source database",
}


@pytest.mark.parametrize("line", FIELDS)
def test_fields(desk, line):  # noqa: F811
    shown = json.loads(desk.run(*line.split(), "--format", "json", status=None).stdout)
    first = shown[0] if isinstance(shown, list) else shown
    assert [name for name in FIELDS[line].split() if name not in first] == []
