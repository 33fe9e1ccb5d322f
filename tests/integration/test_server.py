# SPDX-License-Identifier: MIT
"""Connecting, with errors that say what was tried; locks; scratch databases."""

import socket
import subprocess

import pytest
from drive import Refused
from mariadb_server import PrivateServer, free_port

GRANT = "GRANT SELECT, SHOW DATABASES, SHOW VIEW, TRIGGER, EVENT, PROCESS ON *.* TO"


def localhost_resolves():
    try:
        return bool(socket.getaddrinfo("localhost", 0))
    except OSError:
        return False


needs_localhost = pytest.mark.skipif(not localhost_resolves(), reason="no name localhost here")


def refused(drive, *arguments, **connection):
    if connection:
        drive = drive.as_user("root", socket=None, **connection)
    with pytest.raises(Refused) as failed:
        drive(*(arguments or ["info"]))
    return failed.value


def test_info(server, drive):
    info = drive("info")
    assert info["family"] == "mariadb"
    assert info["version"] == server.value("select @@version")
    major, minor, patch = (int(n) for n in info["version"].split("-")[0].split("."))
    assert info["version_number"] == major * 10000 + minor * 100 + patch
    assert info["account"] == "root@localhost"
    assert info["lower_case_table_names"] == 0
    assert info["read_only"] is False


def test_a_read_only_server_says_so(own_server, drive):
    own_server.sql("set global read_only = 1")
    assert drive.as_user("root", socket=own_server.socket)("info")["read_only"] is True


@needs_localhost
def test_tcp_and_localhost(server, drive, account):
    """A port means TCP, also for localhost, as everywhere but in the C library."""
    user = account(password="secret")
    for host in ("127.0.0.1", "localhost"):
        tcp = drive.as_user(user, password="secret", socket=None, host=host, port=server.port)
        assert tcp("info")["account"] == f"{user}@%"


def test_nobody_listens(drive):
    error = refused(drive, host="127.0.0.1", port=free_port())
    assert error.code == "connect"
    assert error.text == "failed to connect to database: connection refused"
    assert error.hint.startswith("Tried 127.0.0.1:")
    assert "as user root" in error.hint


def test_no_such_socket(drive):
    error = refused(drive.as_user("root", socket="/nowhere/s.sock"))
    assert error.text == "failed to connect to database: no such file or directory"
    assert "socket /nowhere/s.sock" in error.hint


def test_no_such_host(drive):
    error = refused(drive, host="no-such-host.invalid", port=3306)
    assert error.code == "connect"
    assert error.text == "failed to connect to database: unknown host"


@pytest.mark.parametrize("password", ["", "wrong"])
def test_wrong_password(drive, account, password):
    user = account(password="right")
    error = refused(drive.as_user(user, password=password))
    assert error.code == "denied"
    assert error.text == f"access denied for user '{user}'@'localhost'"
    assert ("with a password" if password else "without a password") in error.hint
    assert f"{GRANT} '{user}'@'localhost';" in error.hint
    assert "right" not in error.hint and (not password or password not in error.hint)


def test_too_many_connections(own_server, drive):
    own_server.sql("set global max_connections = 10; create user u@localhost")
    user = drive.as_user("u", socket=own_server.socket)
    own_server.sql("create database d")
    held = [user.start("lock", f"d{i}") for i in range(10)]
    try:
        for h in held:
            h.stdout.readline()
        error = refused(user)
        assert error.code == "connect"
        assert error.text == "failed to connect to database: too many connections"
    finally:
        for h in held:
            h.communicate(b"")


def test_options_come_from_the_option_file(server, drive, account, tmp_path, home):
    user = account("SELECT ON *.*", password="from file")
    (home.path / ".my.cnf").write_text(
        f"[client]\nsocket={server.socket}\nuser={user}\n"
        "[mysql-schema-sync]\npassword='from file'\n"
    )
    nothing = drive.as_user(None, socket=None)
    assert nothing("info", env=home.env)["account"] == f"{user}@%"


@pytest.fixture(scope="module")
def tls(server_root, server_template, tmp_path_factory):
    """A server with a certificate for localhost, and the authority's."""
    if not localhost_resolves():
        pytest.skip("no name localhost here")
    d = tmp_path_factory.mktemp("tls")
    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]

    def openssl(*arguments):
        subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)

    for name in ("ca", "other"):
        files = ["-keyout", d / f"{name}.key", "-out", d / f"{name}.pem"]
        openssl("req", "-x509", *key, *files, "-subj", f"/CN={name}")
    openssl("req", *key, "-keyout", d / "srv.key", "-out", d / "srv.csr", "-subj", "/CN=localhost")
    (d / "ext").write_text("subjectAltName=DNS:localhost\n")
    authority = ["-CA", d / "ca.pem", "-CAkey", d / "ca.key", "-CAcreateserial"]
    files = ["-in", d / "srv.csr", "-out", d / "srv.pem", "-extfile", d / "ext"]
    openssl("x509", "-req", *authority, *files)
    options = [f"--ssl-cert={d}/srv.pem", f"--ssl-key={d}/srv.key"]
    with PrivateServer.from_template(server_template, server_root / "tls", *options) as s:
        s.sql("create user tls@'%' require ssl; create user any@'%'")
        s.authority, s.other_authority = str(d / "ca.pem"), str(d / "other.pem")
        yield s


def tls_drive(drive, tls, user="tls", **connection):
    return drive.as_user(user, socket=None, host="localhost", port=tls.port, **connection)


@pytest.mark.parametrize("mode", [None, "preferred", "required", "verify_ca", "verify_identity"])
def test_tls_is_used(drive, tls, mode):
    assert tls_drive(drive, tls, ssl_mode=mode, ssl_ca=tls.authority)("info")["account"] == "tls@%"


def test_tls_can_be_declined(drive, tls):
    assert tls_drive(drive, tls, "any", ssl_mode="disabled")("info")["account"] == "any@%"
    assert refused(tls_drive(drive, tls, ssl_mode="disabled")).code == "denied"


@pytest.mark.parametrize("mode", ["verify_ca", "verify_identity"])
def test_an_unknown_authority_is_refused(drive, tls, mode):
    for authority in (tls.other_authority, None):
        error = refused(tls_drive(drive, tls, ssl_mode=mode, ssl_ca=authority))
        assert error.code == "connect"
        assert error.text.startswith("failed to connect to database: TLS/SSL error: ")
        assert "ssl_ca" in error.hint


def test_the_name_is_checked_when_asked_for(drive, tls):
    wrong = {"ssl_ca": tls.authority, "host": "127.0.0.1"}
    by_address = drive.as_user("tls", socket=None, port=tls.port, **wrong, ssl_mode="verify_ca")
    assert by_address("info")["account"] == "tls@%"
    by_address.connection["ssl_mode"] = "verify_identity"
    assert refused(by_address).code == "connect"


@pytest.mark.parametrize("mode", ["required", "verify_ca", "verify_identity"])
def test_a_server_without_tls_is_refused(server, drive, tls, mode):
    error = refused(drive, host="127.0.0.1", port=server.port, ssl_mode=mode, ssl_ca=tls.authority)
    assert error.code == "connect"


def test_databases_are_those_of_users(server, database, drive):
    names = drive("databases")["databases"]
    assert database in names
    assert names == sorted(names)
    assert not {"mysql", "sys", "information_schema", "performance_schema"} & set(names)


def test_one_run_per_database(server, database, drive):
    holder = drive.start("lock", database)
    try:
        assert holder.stdout.readline() == b"locked\n"
        connection = server.value(
            "select id from information_schema.processlist where command = 'Sleep'"
        )
        error = refused(drive, "lock", database)
        assert error.code == "busy"
        assert error.text == (
            f"database {database}: another run holds the lock (connection {connection})"
        )
        # Another database is free, and so is one whose name differs by case.
        drive("lock", database + "x")
        drive("lock", database.upper())
    finally:
        holder.communicate(b"")
    drive("lock", database)


def test_a_lock_ends_with_its_process(database, drive):
    holder = drive.start("lock", database)
    assert holder.stdout.readline() == b"locked\n"
    holder.kill()
    holder.communicate()
    for _ in range(100):
        try:
            drive("lock", database)
            return
        except Refused as error:
            assert error.code == "busy"
    raise AssertionError("the lock outlived its process")


def test_long_names_can_be_locked(drive):
    drive("lock", "日" * 64)


def test_rows_are_counted_up_to_a_limit(server, database, drive):
    server.sql(
        "create table `a``b` (x int); insert into `a``b` select seq from seq_1_to_50", database
    )
    assert drive("count", database, "a`b", 1000)["rows"] == 50
    assert drive("count", database, "a`b", 50)["rows"] == 50
    assert drive("count", database, "a`b", 10)["rows"] == 10
    assert refused(drive, "count", database, "none", 10).code == "server"


def test_a_database_is_made_as_told(server, database, drive):
    name = "_mss_scratch_ `x`"
    drive("create", name, "latin1", "latin1_bin")
    assert drive.capture(name)["collation"] == "latin1_bin"
    drive("drop-scratch", name)
    assert drive("has", name)["found"] == 0
    assert refused(drive, "create", database, "utf8mb4", "utf8mb4_bin").code == "server"
    assert refused(drive, "create", name, "utf8mb4 COMMENT 'x'", "utf8mb4_bin").code == "invalid"
    assert drive("has", name)["found"] == 0


def test_only_scratch_databases_are_dropped(database, drive):
    assert "no scratch database" in refused(drive, "drop-scratch", database).text
    assert drive("has", database)["found"] == 1


def test_a_scratch_database_with_circular_foreign_keys_is_dropped(server, drive):
    name = "_mss_scratch_circle"
    server.sql(
        f"create database {name}; use {name}; create table a (x int primary key);"
        "create table b (x int primary key, foreign key (x) references a (x));"
        "alter table a add foreign key (x) references b (x)"
    )
    drive("drop-scratch", name)
    assert drive("has", name)["found"] == 0
