# SPDX-License-Identifier: MIT
"""Every command line, every script and every configuration of the user's guides, as written.

LINES is the table: each line of docs/backup-rollback-guide.md and
docs/troubleshooting-guide.md, what it ends with and what it prints. Backup ids and
directories that stand for the reader's own are replaced, nothing else is.
"""

import json
import os
import re
import shutil
import subprocess
import uuid

import guides
import pytest
from mariadb_server import PrivateServer

SAMPLE_ID = "backup_20240816_143022_a1b2c3d4"

# The line: exit status, a pattern in what it prints, what is typed.
LINES = {
    "mysql-schema-sync --debug backup create": (0, r"backup_\d{8}_"),
    'mysql-schema-sync backup create --description "Before major refactoring"': (0, r"backup_"),
    "mysql-schema-sync backup create --tag environment=production --tag type=manual": (0, "backup_"),
    "mysql-schema-sync backup create --database my_database": (0, "my_database"),
    'mysql-schema-sync backup create --description "Replacement for corrupted backup"': (0, ""),
    'mysql-schema-sync backup create --description "Replacement backup"': (0, ""),
    'mysql-schema-sync backup create --description "Emergency backup"': (0, ""),
    'mysql-schema-sync backup create --description "Emergency backup" --force': (0, ""),
    'mysql-schema-sync backup create --description "Test backup"': (0, ""),
    "mysql-schema-sync backup create": (0, ""),
    "mysql-schema-sync backup list": (0, "ID +DATABASE.*\nbackup_"),
    "mysql-schema-sync backup list --database my_database": (0, "my_database"),
    "mysql-schema-sync backup list --status completed --created-after 2024-08-01": (0, "COMPLETED"),
    "mysql-schema-sync backup list --tag environment=production": (0, "backup_"),
    "mysql-schema-sync backup list --status all": (0, "backup_"),
    "mysql-schema-sync backup list --database your-db --status completed": (0, "your-db"),
    "mysql-schema-sync backup info --backup-id ID": (0, "Checksum"),
    "mysql-schema-sync backup validate --backup-id ID": (0, "is valid"),
    "mysql-schema-sync backup stats --backup-id ID": (0, "Stored"),
    "mysql-schema-sync backup export --backup-id ID --output backup.tar.gz": (0, ""),
    "mysql-schema-sync backup import --file backup.tar.gz": (0, "backup_"),
    "mysql-schema-sync backup delete --backup-id ID": (0, "[Dd]eleted", "y\n"),
    "mysql-schema-sync backup cleanup": (0, ""),
    "mysql-schema-sync backup move --destination /new/path": (0, ""),
    "mysql-schema-sync backup storage-usage": (0, "my_database"),
    "mysql-schema-sync backup storage-usage --detailed": (0, "weekly"),
    "mysql-schema-sync backup storage-health": (0, "Overall: healthy"),
    "mysql-schema-sync backup storage-optimize": (0, "zstd"),
    "mysql-schema-sync backup validate-all": (0, ""),
    "mysql-schema-sync backup integrity-check": (0, ""),
    "mysql-schema-sync backup integrity-check --backup-id ID": (0, ""),
    "mysql-schema-sync backup report --format json --output backup-report.json": (0, ""),
    "mysql-schema-sync backup health-check": (0, "Overall: healthy"),
    "mysql-schema-sync backup health-check > support-bundle/health-check.txt": (0, ""),
    "mysql-schema-sync backup test-connection": (0, "answers"),
    "mysql-schema-sync backup validate-config": (0, ""),
    "mysql-schema-sync backup validate-config > support-bundle/config-validation.txt": (0, ""),
    "mysql-schema-sync backup recovery-scan": (0, ""),
    "mysql-schema-sync backup partial-recovery --backup-id ID": (0, ""),
    "mysql-schema-sync backup recalculate-checksum --backup-id ID": (0, ""),
    "mysql-schema-sync backup test-encryption --backup-id ID": (0, ""),
    "mysql-schema-sync test-connection --config config.yaml": (0, "answers"),
    "mysql-schema-sync schema compare --backup-id ID": (4, "orders"),
    "mysql-schema-sync migrate --config config.yaml --auto-backup": (0, "", "my_database\n"),
    "mysql-schema-sync migrate --config config.yaml --no-backup": (0, "", "my_database\n"),
    "mysql-schema-sync rollback --backup-id ID": (0, "", "my_database\n"),
    "mysql-schema-sync rollback list --database my_database": (0, "backup_"),
    "mysql-schema-sync rollback plan --backup-id ID": (0, "orders"),
    "mysql-schema-sync rollback plan --backup-id ID --show-sql": (0, "ALTER TABLE"),
    "mysql-schema-sync rollback execute --backup-id ID": (0, "", "my_database\n"),
    "mysql-schema-sync rollback execute --backup-id ID --force": (0, ""),
    "mysql-schema-sync rollback execute --backup-id ID --dry-run": (0, ""),
    "mysql-schema-sync rollback execute --backup-id ID --disable-fk-checks": (0, "", "my_database\n"),
    "mysql-schema-sync rollback execute --backup-id ID --parallel": (0, "", "my_database\n"),
    "mysql-schema-sync rollback execute --backup-id ID --batch-size 1000": (0, "", "my_database\n"),
    "mysql-schema-sync rollback validate --backup-id ID": (1, "2 differences"),
    "mysql-schema-sync rollback compare --backup-id ID": (4, ""),
    "mysql-schema-sync rollback recovery-info --backup-id ID": (0, ""),
    "mysql-schema-sync rollback manual-steps --backup-id ID": (0, "orders"),
    "BACKUP_ID=$(mysql-schema-sync backup list --limit 1 --format json | jq -r '.[0].id')": (0, ""),
    "mysql-schema-sync rollback plan --backup-id $BACKUP_ID": (0, "orders"),
}

SCHEMA = """
create table customers (id int primary key, name varchar(40));
create table orders (id int primary key, customer int,
  constraint fk foreign key (customer) references customers (id));
create view names as select name from customers;
"""
CHANGES = """alter table orders add column extra int, drop foreign key fk; drop view names;
insert into customers values (1, 'a'); insert into orders values (1, 1, 5);"""


def normal(line):
    return line.replace(SAMPLE_ID, "ID").replace("<backup-id>", "ID")


@pytest.fixture(scope="module")
def guide_server(server_root, server_template):
    directory = server_root / uuid.uuid4().hex[:8]
    with PrivateServer.from_template(server_template, directory) as s:
        yield s
    shutil.rmtree(directory, ignore_errors=True)


class Desk:
    """Where a reader of the guides sits: a shell, the command on its PATH, a configuration."""

    def __init__(self, home, server, program):
        self.home, self.server = home, server
        folder = home.path / "bin"
        folder.mkdir()
        os.symlink(program("mysql-schema-sync"), folder / "mysql-schema-sync")
        self.env = {**home.env, "PATH": f"{folder}:{os.environ['PATH']}"}
        self.env["BACKUP_ENCRYPTION_KEY"] = "0123456789abcdef" * 4

    def run(self, text, typed=""):
        """A line of shell on a terminal, where the command may ask."""
        return subprocess.run(
            ["script", "-qec", "bash -c " + shell_quote(text), "/dev/null"] if typed
            else ["bash", "-c", text],
            env=self.env, cwd=self.home.path, input=typed, capture_output=True, text=True,
            timeout=120,
        )


def shell_quote(text):
    return "'" + text.replace("'", "'\\''") + "'"


@pytest.fixture
def desk(home, guide_server, program):
    server = guide_server
    for name in ("my_database", "your-db", "wanted"):
        server.sql(f"drop database if exists `{name}`; create database `{name}`")
        server.sql(SCHEMA, name)
    connection = {
        "socket": server.socket, "username": server.user, "password": server.password,
    }
    config = {
        "source": {**connection, "database": "wanted"},
        "target": {**connection, "database": "my_database"},
        "backup": {
            "storage": {"local": {"base_path": str(home.store)}},
            "encryption": {"enabled": True, "key_source": "env"},
        },
    }
    for name in ("config.yaml", "config-prod.yaml"):
        text = "".join(f"{key}: {json.dumps(value)}\n" for key, value in config.items())
        (home.path / name).write_text(text)
        (home.path / name).chmod(0o600)
    d = Desk(home, server, program)
    (home.path / "support-bundle").mkdir()
    return d


@pytest.fixture
def backups(desk):
    """A backup of one database and two of the other; the newest is of my_database, which has changed since."""
    for arguments in ("--database your-db", "", "--tag environment=production"):
        done = desk.run(f"mysql-schema-sync backup create {arguments} --format json")
        assert done.returncode == 0, done.stderr
    desk.server.sql(CHANGES, "my_database")
    return json.loads(done.stdout)["backup_id"]


def test_the_table_knows_every_line_of_the_guides():
    assert {normal(line) for line in guides.lines()} == set(LINES)


@pytest.mark.parametrize("line", LINES)
def test_line(line, desk, backups):
    status, pattern, typed = (*LINES[line], "")[:3]
    text = re.sub(r"\bID\b", backups, line).replace("/new/path", str(desk.home.path / "new"))
    desk.env["BACKUP_ID"] = backups
    if "import" in line:
        assert desk.run(f"mysql-schema-sync backup export --backup-id {backups}"
                        " --output backup.tar.gz").returncode == 0
    done = desk.run(text, typed)
    assert done.returncode == status, f"{done.stdout}\n{done.stderr}"
    assert re.search(pattern, done.stdout + done.stderr), f"{done.stdout}\n{done.stderr}"
    if status == 0 and line.startswith(("mysql-schema-sync rollback execute",
                                        "mysql-schema-sync rollback --backup")):
        if "--dry-run" not in line:
            after = desk.run(f"mysql-schema-sync rollback validate --backup-id {backups}")
            assert after.returncode == 0, after.stdout


def tables(desk):
    return {name for (name,) in desk.server.sql("show tables", "my_database")}


# --- scripts


def write_script(desk, name):
    path = desk.home.path / name
    path.write_text(guides.script(name))
    path.chmod(0o755)
    return f"./{name}"


def test_deploy_schema_goes_well(desk):
    desk.env["RELEASE_VERSION"] = "1.2"
    desk.server.sql("create table added (a int)", "wanted")
    done = desk.run(write_script(desk, "deploy-schema.sh"))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Deployment completed successfully" in done.stdout
    assert "added" in tables(desk)
    (made,) = desk.home.json("backup", "list", "--tag", "release=1.2", env=desk.env)
    assert re.search(rf"^Backup created: {made['id']}$", done.stdout, re.M)


def test_deploy_schema_rolls_back_what_failed_halfway(desk):
    desk.env["RELEASE_VERSION"] = "1.3"
    desk.server.sql("insert into customers values (1, null)", "my_database")
    desk.server.sql("create table a_first (a int);"
                    "alter table customers modify name varchar(40) not null", "wanted")
    done = desk.run(write_script(desk, "deploy-schema.sh"))
    assert done.returncode == 1, done.stdout + done.stderr
    assert "Migration failed, rolling back..." in done.stdout
    assert "Rollback completed" in done.stdout
    assert "a_first" not in tables(desk)


def test_disaster_recovery(desk, backups):
    today = subprocess.run(["date", "+%Y-%m-%d"], env=desk.env, capture_output=True, text=True)
    script = write_script(desk, "disaster-recovery.sh")
    done = desk.run(f"{script} my_database {today.stdout.strip()}", "yes\nmy_database\n")
    assert done.returncode == 0, done.stdout
    assert f"Found backup: {backups}" in done.stdout
    assert "Disaster recovery completed successfully" in done.stdout
    assert "names" in tables(desk)


def test_disaster_recovery_without_a_backup(desk, backups):
    done = desk.run(f"{write_script(desk, 'disaster-recovery.sh')} my_database 2024-08-15")
    assert done.returncode == 1
    assert "No backup found for my_database on 2024-08-15" in done.stdout


def test_backup_monitor(desk, backups):
    done = desk.run(write_script(desk, "backup-monitor.sh"))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Total backups: 3" in done.stdout
    assert f"Validating random backup: {backups}" in done.stdout
    assert "WARNING" not in done.stdout
    assert "error" not in done.stderr


def test_backup_monitor_counts_failed_attempts(desk, backups):
    desk.run("mysql-schema-sync backup create --database nowhere")
    desk.env["SLACK_WEBHOOK_URL"] = "http://127.0.0.1:9/"
    done = desk.run(write_script(desk, "backup-monitor.sh"))
    assert "WARNING: 1 failed backups in the last 24 hours" in done.stdout
    assert f"Validating random backup: {backups}" in done.stdout  # not the failed one


def test_health_check_script_and_its_alert(desk, backups):
    log = desk.home.path / "backup-health.log"
    alert = f'grep -q "ERROR\\|FAIL" {log}'
    script = write_script(desk, "backup-health-check.sh")
    assert desk.run(f"{script} >> {log} 2>&1").returncode == 0
    assert desk.run(alert).returncode == 1
    payload = desk.home.store / f"{backups}.backup"
    payload.chmod(0o600)
    payload.write_bytes(payload.read_bytes()[:-1])
    desk.run(f"{script} >> {log} 2>&1")
    assert desk.run(alert).returncode == 0


def test_support_bundle(desk, backups):
    (block,) = [b for b in guides.blocks("bash") if "mkdir support-bundle" in b]
    shutil.rmtree(desk.home.path / "support-bundle")
    block = block.replace("/var/log/mysql-schema-sync/", f"{desk.home.path}/state/mysql-schema-sync/")
    (desk.home.path / "state/mysql-schema-sync").mkdir(parents=True, exist_ok=True)
    (desk.home.path / "state/mysql-schema-sync/other.log").write_text("x")
    done = desk.run("set -e\n" + block)
    assert done.returncode == 0, done.stdout + done.stderr
    names = subprocess.run(["tar", "-tzf", "support-bundle.tar.gz"], cwd=desk.home.path,
                           capture_output=True, text=True).stdout
    assert "support-bundle/health-check.txt" in names
    assert "support-bundle/config-validation.txt" in names
    assert "password" not in (desk.home.path / "support-bundle/config-validation.txt").read_text()


# --- configurations


@pytest.mark.parametrize("number", range(len(guides.configurations())))
def test_configuration_is_read_without_a_warning(number, home):
    home.config.write_text(guides.configurations()[number])
    env = {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "s", "AZURE_STORAGE_KEY": "k",
           "BACKUP_ENCRYPTION_KEY": "0123456789abcdef" * 4}
    done = home.run("config", "show", "--format", "json", env=env)
    assert "Warning" not in done.stderr
    json.loads(done.stdout)
