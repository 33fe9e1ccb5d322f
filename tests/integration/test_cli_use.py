# SPDX-License-Identifier: MIT
"""How the command is used: configuration, help, completion, wrong use, terminals, logs."""

import json
import os
import pty
import re
import shutil
import signal
import subprocess

import pytest
from cli_fixtures import backup, shop  # noqa: F401


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
    try:
        master, terminal = pty.openpty()
    except OSError as e:
        pytest.skip(f"no terminal to be had: {e}")
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


def test_an_interrupted_question_is_130(backup, home, program):
    process = subprocess.Popen(
        [str(program("mysql-schema-sync")), "backup", "delete", backup],
        env=home.env, cwd=home.path, text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )
    asked = process.stderr.read(len("Delete backup"))
    process.send_signal(signal.SIGINT)
    _, rest = process.communicate(timeout=60)
    assert process.returncode == 130
    assert asked == "Delete backup"
    assert "Error: interrupted" in rest
    assert len(home.json("backup", "list")) == 1


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
    home.run("backup", "delete", made, stdin="no\n")
    home.run("backup", "cleanup", "--dry-run")
    records = [json.loads(line) for line in audit.read_text().splitlines()]
    assert [(r["action"], r["result"], r["backup_id"]) for r in records] == [
        ("backup create", "done", made),
        ("backup delete", "failed", made),
        ("backup delete", "cancelled", made),
        ("backup cleanup", "dry run", ""),
    ]
    assert all(r["database"] == shop for r in records[:3])
    assert all(r["user"] and r["time"] for r in records)
    assert "the only one" in records[1]["error"]


def test_what_cannot_be_recorded_does_not_happen(server, shop, home):
    home.write_config(
        server, shop, logging={"enable_audit_log": True, "audit_log_path": "/dev/null/audit"}
    )
    done = home.run("backup", "create", status=1)
    assert "audit log" in done.stderr
    assert home.json("backup", "list") == []


def test_a_broken_store_does_not_hide_the_server(server, shop, home):
    home.write_config(server, shop, backup={"storage": {"provider": "s3"}})
    assert home.json("test-connection")["database"] == shop
    done = home.run("backup", "test-connection", status=None)
    assert done.returncode != 0 and "bucket" in done.stderr
