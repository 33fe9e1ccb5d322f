# SPDX-License-Identifier: MIT
"""Secrets leave no trace: canaries are planted, and then looked for everywhere."""

import json
import os
import re
import resource
import stat
import subprocess

import pytest
from cli_fixtures import shop  # noqa: F401

SECRET = "5ec4e7ca4a41e0c4" * 4  # 64 hex digits
CANARIES = {
    "secret": SECRET,
    "secret as bytes": bytes.fromhex(SECRET),
    "password": "CANARY-password-7f3a",
    "cloud key": "CANARY-cloudkey-91bc",
    "session token": "CANARY-token-55de",
    "address of the webhook": "CANARY-hook-0b7e",
    "address of Slack": "CANARY-slack-c2d1",
}


def found_in(content):
    if isinstance(content, str):
        content = content.encode(errors="surrogateescape")
    return [name for name, c in CANARIES.items()
            if (c if isinstance(c, bytes) else c.encode()) in content]


@pytest.fixture
def planted(shop, home, server, account):  # noqa: F811
    user = account(f"ALL ON `{shop}`.*", password=CANARIES["password"])
    home.write_config(
        server, shop,
        target={"socket": server.socket, "username": user, "password": CANARIES["password"],
                "database": shop},
        backup={
            "storage": {
                "provider": "local",
                "local": {"base_path": str(home.store)},
                "s3": {"access_key": "AKIACANARY", "secret_key": CANARIES["cloud key"],
                       "session_token": CANARIES["session token"]},
            },
            "encryption": {"enabled": True, "key_source": "direct", "key": SECRET},
        },
        logging={"log_file": str(home.path / "log/all.log"), "log_level": "debug",
                 "enable_audit_log": True, "audit_log_path": str(home.path / "log/audit.log")},
        notifications={
            "webhook": {"url": f"http://127.0.0.1:1/{CANARIES['address of the webhook']}",
                        "timeout": "1s"},
            "slack": {"webhook_url": f"http://127.0.0.1:1/{CANARIES['address of Slack']}"},
        },
    )
    (home.path / "log").mkdir(mode=0o700)
    return home


def test_no_canary_sings(planted):
    home, said = planted, {}
    backup = home.json("backup", "create")["backup_id"]
    commands = [
        ["--debug", "backup", "create"],
        ["backup", "list"], ["backup", "info", backup], ["backup", "validate", backup],
        ["backup", "export", backup, "--output", str(home.path / "out.tar.gz")],
        ["key", "list"], ["key", "check"], ["config", "show"], ["config", "check"],
        ["test-connection"], ["backup", "report"], ["backup", "health-check"],
        ["backup", "storage-health"], ["backup", "test-encryption"],
        ["rollback", "plan", "--backup-id", backup],
        ["backup", "create", "--database", "no_such_database"],
        ["backup", "recovery-scan", "--rebuild"], ["backup", "cleanup"],
    ]
    for words in commands:
        done = home.run(*words, status=None)
        said[" ".join(words)] = done.stdout + done.stderr
    # Refused by the server, and refused as secrets: errors quote what is wrong.
    text = home.config.read_text()
    home.config.write_text(text.replace(CANARIES["password"], CANARIES["password"] + "x"))
    said["a wrong password"] = home.run("backup", "create", status=1).stderr
    home.config.write_text(text.replace(SECRET, SECRET + "00"))
    said["a secret that is too long"] = home.run("backup", "create", status=None).stderr
    home.config.write_text(text.replace('"key":', '"kye":'))
    said["a misspelt key"] = home.run("config", "check", status=None).stderr
    for what, content in said.items():
        assert not found_in(content), f"{what}: {found_in(content)}\n{content}"
    files = [p for p in home.path.rglob("*") if p.is_file() and p != home.config]
    names = {p.name for p in files}
    assert {"all.log", "audit.log", "out.tar.gz"} <= names and len(names) > 6
    assert any(n.endswith(".db") for n in names)
    for path in files:
        assert not found_in(path.read_bytes()), f"{path}: {found_in(path.read_bytes())}"


def test_what_is_written_is_the_users_alone(planted):
    home = planted
    before = set(home.path.rglob("*"))
    old = os.umask(0)
    try:
        backup = home.json("backup", "create")["backup_id"]
        home.run("backup", "export", backup, "--output", str(home.path / "out.tar.gz"))
        home.run("backup", "list")
    finally:
        os.umask(old)
    made = set(home.path.rglob("*")) - before
    assert len(made) >= 6
    for path in made:
        mode = stat.S_IMODE(path.lstat().st_mode)
        assert mode == (0o700 if path.is_dir() else 0o600), f"{path}: {mode:o}"


def test_a_crash_leaves_no_core(planted, program):
    """Killed while it works, with cores allowed and a place for them."""
    if "core" not in open("/proc/sys/kernel/core_pattern").read().strip()[:5]:
        pytest.skip("this machine hands cores to a program")
    home = planted
    process = subprocess.Popen(
        [str(program("mysql-schema-sync")), "backup", "import", "-"],
        env={**home.env, "ASAN_OPTIONS": "handle_abort=0:disable_coredump=0"},
        cwd=home.path, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CORE, (1 << 24, 1 << 24)),
    )
    try:
        process.stdin.write(b"x")
        process.stdin.flush()
        limits = f"/proc/{process.pid}/limits"
        for _ in range(200):
            line = next(x for x in open(limits) if x.startswith("Max core"))
            if line.split()[4] == "0":
                break
            process.poll()
            subprocess.run(["sleep", "0.05"])
        assert line.split()[4] == "0", line
        arguments = open(f"/proc/{process.pid}/cmdline").read()
        environment = open(f"/proc/{process.pid}/environ").read()
        assert not found_in(arguments) and not found_in(environment)
        process.send_signal(6)
        process.wait(30)
    finally:
        process.kill()
        process.wait()
    assert not list(home.path.glob("core*"))


def test_a_plain_backup_is_no_goal_when_encryption_is_required(shop, home):  # noqa: F811
    backup = home.json("backup", "create")["backup_id"]
    home.run("rollback", "plan", "--backup-id", backup)
    required = {"BACKUP_ENCRYPTION_REQUIRED": "true"}
    for words in (["rollback", "plan"], ["rollback", "execute", "--yes", "--force"]):
        done = home.run(*words, "--backup-id", backup, status=3, env=required)
        assert "is not encrypted, and backup.encryption.required is on" in done.stderr


@pytest.mark.parametrize("name", ["mysql-schema-sync", "schemafs"])
def test_binaries_are_hardened(program, build_dir, name):
    def readelf(*options):
        return subprocess.run(["readelf", "-W", *options, str(program(name))], check=True,
                              capture_output=True, text=True).stdout

    headers, dynamic, symbols = readelf("-hl"), readelf("-d"), readelf("--dyn-syms")
    assert re.search(r"Type:\s+DYN", headers), "not position independent"
    assert "GNU_RELRO" in headers
    assert re.search(r"GNU_STACK\s+(\S+\s+){5}RW\s", headers), "the stack is executable"
    assert re.search(r"FLAGS.*(BIND_)?NOW", dynamic), "symbols are bound late"
    assert "TEXTREL" not in dynamic and "RPATH" not in dynamic
    assert "__stack_chk_fail" in symbols
    # A release build has the checking calls as well; the sanitizers have checks of their own.
    if "__asan_init" not in symbols and is_release(build_dir):
        assert "__memcpy_chk" in symbols or "__snprintf_chk" in symbols


def is_release(build_dir):
    options = json.loads((build_dir / "meson-info/intro-buildoptions.json").read_text())
    return next(o["value"] for o in options if o["name"] == "buildtype") == "release"
