# SPDX-License-Identifier: MIT
"""What goes wrong is said clearly, with a way out, and nothing is left behind."""

import json
import os
import secrets
import subprocess

import pytest

TABLE = "CREATE TABLE t (id INT PRIMARY KEY, name VARCHAR(20))"


@pytest.fixture
def ready(server, database, home):
    """A home with an encrypted store, and a database with one table."""
    server.sql(TABLE, database)
    home.env["BACKUP_ENCRYPTION_KEY"] = secrets.token_hex(32)
    home.write_config(server, database, backup=backup_section(home.store))
    return home


def backup_section(store, **more):
    return {
        "storage": {"provider": "local", "local": {"base_path": str(store)}},
        "encryption": {"enabled": True, "key_source": "env"},
        **more,
    }


def create(home):
    return json.loads(home.run("backup", "create", "--format", "json").stdout)["backup_id"]


def fails(home, *args, status=1, says, **how):
    """The command fails so: its message, a hint, nothing on stdout, no usage dump."""
    done = home.run(*args, status=status, **how)
    error = [line for line in done.stderr.splitlines() if line.startswith("Error: ")]
    assert len(error) == 1, done.stderr
    assert says in error[0]
    assert "Usage" not in done.stderr and "usage:" not in done.stderr
    return done


def store_is_empty(home):
    return not home.store.exists() or not [f for f in os.listdir(home.store) if f.startswith("backup_")]


def test_no_server(ready):
    config = json.loads(ready.config.read_text())
    config["target"] = {"host": "127.0.0.1", "port": 1, "username": "root", "database": "shop"}
    ready.config.write_text(json.dumps(config))
    done = fails(ready, "backup", "create", says="failed to connect to database: connection refused")
    assert "Hint: " in done.stderr and "127.0.0.1" in done.stderr
    assert store_is_empty(ready)
    failed = ready.json("backup", "list", "--status", "failed")
    assert len(failed) == 1 and failed[0]["status"] == "FAILED"
    assert ready.json("backup", "list") == []


def test_no_socket(ready):
    config = json.loads(ready.config.read_text())
    config["target"] = {"socket": "/nonexistent/mysqld.sock", "username": "root", "database": "shop"}
    ready.config.write_text(json.dumps(config))
    done = fails(ready, "backup", "create", says="failed to connect to database")
    assert "/nonexistent/mysqld.sock" in done.stderr


def test_wrong_password(ready, server, database):
    server.sql("CREATE USER IF NOT EXISTS 'backup'@'%' IDENTIFIED BY 'right'")
    config = json.loads(ready.config.read_text())
    config["target"].update(username="backup", password="wrong-password")
    ready.config.write_text(json.dumps(config))
    done = fails(ready, "backup", "create", says="access denied for user 'backup'@'")
    assert "Hint: " in done.stderr
    assert "wrong-password" not in done.stderr
    assert store_is_empty(ready)


def test_missing_database(ready):
    done = fails(ready, "backup", "create", "--database", "no_such_db", says="no_such_db")
    assert "Hint: " in done.stderr
    assert store_is_empty(ready)


def test_unwritable_store(ready):
    blocked = ready.path / "a-file"
    blocked.write_text("")
    ready.config.write_text(
        ready.config.read_text().replace(str(ready.store), str(blocked / "store"))
    )
    done = fails(ready, "backup", "create", says="failed to write backup file: ")
    assert str(blocked) in done.stderr and "Hint: " in done.stderr


def test_store_closed_to_this_user(ready, program, tmp_path, server, database):
    if os.geteuid() != 0:
        pytest.skip("needs root to become somebody else")
    server.sql("CREATE USER IF NOT EXISTS 'everybody'@'%' IDENTIFIED BY 'x'")
    server.sql(f"GRANT ALL ON `{database}`.* TO 'everybody'@'%'")
    config = json.loads(ready.config.read_text())
    config["target"] = {"host": "127.0.0.1", "port": server.port, "username": "everybody",
                        "password": "x", "database": database}
    ready.config.write_text(json.dumps(config))
    ready.store.mkdir(mode=0o700)
    for path in (tmp_path, *tmp_path.parents):
        if path.owner() == "root" and path != path.parent:
            subprocess.run(["chmod", "o+x", path], check=True)
    for path in ready.path.rglob("*"):
        if path != ready.store:
            os.chown(path, 65534, 65534)
    os.chown(ready.path, 65534, 65534)
    done = subprocess.run(
        ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", program("mysql-schema-sync"),
         "backup", "create"],
        env=ready.env, capture_output=True, text=True,
    )
    assert done.returncode == 1
    assert "Error: failed to create backup: permission denied: " in done.stderr
    assert str(ready.store) in done.stderr


def test_full_disk(ready, tmp_path):
    if os.geteuid() != 0:
        pytest.skip("needs root to mount a small file system")
    small = tmp_path / "small"
    small.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16k,nr_inodes=20", "none", small], check=True)
    try:
        (small / "filler").write_bytes(b"x" * 12288)
        ready.config.write_text(ready.config.read_text().replace(str(ready.store), str(small)))
        done = fails(ready, "backup", "create", says="no space left on device")
        assert "failed to write backup file" in done.stderr
        assert os.listdir(small) == ["filler"]
    finally:
        subprocess.run(["umount", small], check=True)


def test_wrong_secret(ready, database):
    backup_id = create(ready)
    info = ready.json("backup", "info", "--backup-id", backup_id)
    other = {"BACKUP_ENCRYPTION_KEY": secrets.token_hex(32)}
    done = fails(ready, "rollback", "plan", "--backup-id", backup_id, env=other,
                 says=info["secret_fingerprint"])
    assert "Hint: " in done.stderr
    # Listing needs no secret.
    assert len(ready.json("backup", "list", env=other)) == 1


@pytest.mark.parametrize("key", ["", "12", "zz" * 32, "00" * 31, "00" * 32])
def test_bad_secret(ready, key):
    fails(ready, "backup", "create", env={"BACKUP_ENCRYPTION_KEY": key}, says="encryption key")
    assert store_is_empty(ready)


def test_secret_file_open_to_others(ready, server, database):
    file = ready.path / "backup.key"
    file.write_bytes(secrets.token_bytes(32))
    file.chmod(0o644)
    section = backup_section(ready.store)
    section["encryption"].update(key_source="file", key_file=str(file))
    ready.write_config(server, database, backup=section)
    done = fails(ready, "backup", "create", says=str(file))
    assert "chmod 600" in done.stderr
    file.chmod(0o600)
    create(ready)


def test_truncated_container(ready):
    backup_id = create(ready)
    payload = ready.store / f"{backup_id}.backup"
    whole = payload.read_bytes()
    for size in (0, 1, 33, len(whole) // 2, len(whole) - 1):
        payload.write_bytes(whole[:size])
        fails(ready, "backup", "validate", "--backup-id", backup_id,
              says="backup validation failed: ")
        fails(ready, "rollback", "execute", "--backup-id", backup_id, "--force",
              says="rollback failed: backup validation failed: ")
    payload.write_bytes(whole)
    ready.run("backup", "validate", "--backup-id", backup_id)


def test_flipped_byte(ready):
    backup_id = create(ready)
    payload = ready.store / f"{backup_id}.backup"
    whole = bytearray(payload.read_bytes())
    whole[len(whole) // 2] ^= 1
    payload.write_bytes(whole)
    fails(ready, "backup", "validate", "--backup-id", backup_id,
          says="backup validation failed: checksum mismatch (expected: ")
    verdict = json.loads(
        ready.run("backup", "validate", "--backup-id", backup_id, "--format", "json", status=1).stdout
    )
    assert verdict["valid"] is False and verdict["errors"]


def test_missing_payload(ready):
    backup_id = create(ready)
    (ready.store / f"{backup_id}.backup").unlink()
    fails(ready, "backup", "validate", "--backup-id", backup_id, says="missing")


def test_unknown_backup(ready):
    done = fails(ready, "backup", "info", "--backup-id", "backup_20200101_000000_00000000",
                 says="backup not found: backup_20200101_000000_00000000")
    assert "Hint: " in done.stderr


def test_broken_yaml(ready):
    ready.config.write_text("backup:\n  storage: [\n")
    done = fails(ready, "backup", "list", says=ready.config.name)
    assert ":3:" in done.stderr or ":2:" in done.stderr


def test_unknown_key_is_a_warning_with_line_and_column(ready):
    ready.config.write_text(
        f"backup:\n  storage:\n    provider: local\n    local:\n      base_pth: {ready.store}\n"
    )
    done = ready.run("backup", "list", "--format", "json")
    assert f"{ready.config.name}:5:7" in done.stderr and "base_path" in done.stderr
    assert json.loads(done.stdout) == []
