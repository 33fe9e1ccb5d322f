# SPDX-License-Identifier: MIT
"""Rollbacks that stop half-way: killed, cut off, locked out, refused; and what helps then."""

import contextlib
import os
import socket
import subprocess
import threading
import time

import pytest
from cli_fixtures import CHANGES, backup, shop  # noqa: F401

STEPS = (b"ALTER", b"CREATE", b"DROP", b"RENAME")


class Proxy:
    """Stands between command and server, and acts when the n-th step of a plan comes by."""

    def __init__(self, server, when, act):
        self.server, self.when, self.act = server, when, act
        self.seen = 0
        self.lock = threading.Lock()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            upstream = socket.create_connection(("127.0.0.1", self.server.port))
            for a, b, look in ((client, upstream, True), (upstream, client, False)):
                threading.Thread(target=self.pump, args=(a, b, look), daemon=True).start()

    def is_step(self, data):
        return len(data) > 5 and data[4] == 3 and data[5:].lstrip().upper().startswith(STEPS)

    def pump(self, source, sink, look):
        try:
            while data := source.recv(1 << 20):
                if look and self.is_step(data):
                    with self.lock:
                        self.seen += 1
                        now = self.seen == self.when
                    if now and self.act(data, sink):
                        break
                sink.sendall(data)
        except OSError:
            pass
        for s in (source, sink):
            with contextlib.suppress(OSError):
                s.shutdown(socket.SHUT_RDWR)

    def close(self):
        self.listener.close()


def through(home, server, shop, proxy):
    home.write_config(server, shop)
    home.config.write_text(
        home.config.read_text().replace(
            f'"socket": "{server.socket}"',
            f'"host": "127.0.0.1", "port": {proxy.port}, "ssl_mode": "disabled"',
        )
    )


@pytest.fixture
def over_tcp(server):
    server.sql("create user if not exists 'root'@'127.0.0.1'; grant all on *.* to 'root'@'127.0.0.1' with grant option")


def interrupted(server, shop, home, program, when, act):
    """Runs a rollback through a proxy; whether it was hit."""
    killed = {}

    def hit(data, sink):
        killed["yes"] = True
        return act(process, data, sink)

    proxy = Proxy(server, when, hit)
    through(home, server, shop, proxy)
    process = subprocess.Popen(
        [program("mysql-schema-sync"), "rollback", "execute", "latest", "--force", "--no-proof",
         "--no-backup"],
        env=home.env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )
    _, stderr = process.communicate(timeout=60)
    proxy.close()
    home.write_config(server, shop)
    return killed.get("yes", False), process.returncode, stderr


def kill_before(process, data, sink):
    process.kill()
    return True


def kill_after(process, data, sink):
    """The server gets the step from one who is dead: nobody notes its answer."""
    process.kill()
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    sink.sendall(data)
    return True


@pytest.mark.parametrize("act", [kill_before, kill_after])
def test_killed_at_any_step_a_second_run_ends_equal(server, shop, backup, home, program, over_tcp, act):
    step = 0
    while True:
        step += 1
        server.sql(CHANGES, shop)
        hit, status, stderr = interrupted(server, shop, home, program, step, act)
        if not hit:
            assert status == 0, stderr
            break
        assert status == -9
        deadline = time.time() + 10
        info = home.json("rollback", "recovery-info", "--backup-id", backup)
        while info["state"] == "running" and time.time() < deadline:
            info = home.json("rollback", "recovery-info", "--backup-id", backup)
        assert info["state"] == "interrupted"
        assert info["failed_statement_index"] == info["steps_done"] == step - 1
        assert len(info["original_plan"]["statements"]) == info["steps"]
        home.run("rollback", "execute", backup, "--force", "--no-proof", "--no-backup")
        home.run("rollback", "validate", backup)
    assert step > 4


def test_a_server_that_goes_away_in_mid_plan(server, shop, backup, home, program, over_tcp):
    server.sql(CHANGES, shop)
    hit, status, stderr = interrupted(server, shop, home, program, 3, lambda p, d, s: True)
    assert hit
    assert status == 1
    assert "lost connection to the database" in stderr
    assert "rollback recovery-info" in stderr
    text = home.run("rollback", "recovery-info", backup).stdout
    assert f"Last rollback to backup {backup}: failed" in text
    assert "2 of " in text
    assert f"mysql-schema-sync rollback execute --backup-id {backup}" in text
    home.run("rollback", "execute", backup, "--force")
    assert home.json("rollback", "recovery-info", backup)["state"] == "completed"


def test_recovery_info_without_a_run(shop, backup, home):
    info = home.json("rollback", "recovery-info", backup)
    assert (info["state"], info["steps"], info["steps_left"]) == ("never ran", 0, 0)
    assert info["recovery_steps"] == [f"Nothing: database {shop} equals backup {backup}."]


def test_the_safety_backup_is_a_way_back(server, shop, backup, home):
    server.sql("alter table orders add column extra int", shop)
    server.sql("create table junk (a int primary key, b int references customers (id))", shop)
    home.run("rollback", "execute", backup, "--force")
    safety = home.json("rollback", "recovery-info", backup)["safety_backup_id"]
    assert safety.startswith("backup_")
    home.run("rollback", "execute", safety, "--force")
    assert server.sql("show tables like 'junk'", shop) == [["junk"]]


def test_manual_steps_can_be_done_by_hand(server, shop, backup, home):
    server.sql(CHANGES, shop)
    steps = home.json("rollback", "manual-steps", "--backup-id", backup)["steps"]
    assert [s["number"] for s in steps] == list(range(1, len(steps) + 1))
    sql = [s["text"] for s in steps if not s["text"].startswith("mysql-schema-sync")]
    server.sql("\n".join(sql), shop)
    home.run("rollback", "validate", backup)
    done = home.run("rollback", "manual-steps", "--backup-id", backup)
    assert "nothing to do" in done.stdout
    text = home.run("rollback", "manual-steps", backup)
    assert text.stdout


def test_a_read_only_server_is_named_first(own_server, home):
    own_server.sql("create database d; create table d.t (a int)")
    own_server.sql("create user u@localhost identified by 'x'; grant all on *.* to u@localhost;"
                   "revoke read only admin, super on *.* from u@localhost")
    home.write_config(own_server, "d")
    backup = home.json("backup", "create")["backup_id"]
    own_server.sql("alter table d.t add b int; set global read_only = 1")
    config = home.config.read_text()
    home.config.write_text(
        config.replace(f'"username": "{own_server.user}"', '"username": "u"')
        .replace(f'"password": "{own_server.password}"', '"password": "x"')
    )
    done = home.run("rollback", "execute", backup, "--force", status=3)
    assert "the server is read-only (read_only is on)" in done.stderr
    assert len(home.json("backup", "list")) == 1


def test_an_imported_backup_is_not_trusted(server, shop, backup, home, tmp_path):
    home.run("backup", "export", "--backup-id", backup, "--output", str(tmp_path / "x.tar.gz"))
    home.run("backup", "delete", backup, "--force")
    home.run("backup", "import", "--file", str(tmp_path / "x.tar.gz"))
    server.sql("drop view totals", shop)
    done = home.run("rollback", "execute", backup, "--force", status=3)
    assert "was not taken here (import: " in done.stderr
    assert "its code would run as `root`@`localhost`" in done.stderr
    assert home.json("rollback", "plan", backup, "--prove")["proof"] is None
    home.run("rollback", "execute", backup, "--force", "--allow-untrusted")
    home.run("rollback", "validate", backup)


def test_text_of_another_family_is_refused(server, database, home, tmp_path):
    dump = tmp_path / "dump.sql"
    dump.write_text(
        "-- MySQL dump 10.13  Distrib 8.0.36, for Linux (x86_64)\n--\n"
        f"-- Host: localhost    Database: {database}\n-- Server version\t8.0.36\n"
        "CREATE TABLE `t` (\n  `a` int NOT NULL,\n  PRIMARY KEY (`a`)\n) ENGINE=InnoDB "
        "DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;\n"
    )
    home.write_config(server, database)
    home.run("backup", "import", "--file", str(dump), "--database", database)
    (made,) = home.json("backup", "list")
    server.sql("create table t (a int not null primary key)", database)
    done = home.run("rollback", "execute", made["id"], "--yes", "--allow-untrusted", status=3)
    assert "was written by MySQL" in done.stderr
    assert "1 of 1 objects read differently: t" in done.stderr
