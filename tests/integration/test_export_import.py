# SPDX-License-Identifier: MIT
"""Exports that need none of us, and imports of them, of directories and of dumps."""

import gzip
import hashlib
import io
import json
import os
import pathlib
import shutil
import subprocess
import tarfile

import pytest
from cli_fixtures import backup, shop  # noqa: F401

# What dumps write in forms of their own.
RICH = r"""
create table parent (id int auto_increment primary key, name varchar(40) default 'it''s; \\ "x"',
  twice int generated always as (id * 2) virtual) auto_increment=77;
create table child (id int primary key, parent int, note text comment '/* no comment; */',
  key (parent), constraint fk foreign key (parent) references parent (id));
create table parted (a int) partition by range (a)
  (partition p0 values less than (10), partition p1 values less than maxvalue);
create sequence seq start with 5;
create view beta as select id, name from parent;
create view alpha as select name from beta;
insert into parent (name) values ('a;b'), ('c''d'), ('-- e'), ('/* f');
delimiter //
create procedure `odd ``name`(in a int) comment 'x;y'
begin
  -- a comment; with a semicolon
  declare s varchar(20) default ';;';
  select s, a /* and ; another */;
end//
create function f(a int) returns int deterministic return a + 1//
create trigger second_by_name before insert on child for each row set new.note = 'x;'//
create trigger a_later_one before insert on child for each row
begin
  set new.note = concat(new.note, 'y');
end//
create event tick on schedule every 1 day disable do begin select 1; end//
delimiter ;
"""


@pytest.fixture
def rich(server, database, home):
    subprocess.run(
        ["mariadb", "--no-defaults", "-S", server.socket, "-u", "root", database],
        input=RICH, text=True, check=True,
    )
    home.write_config(server, database)
    return database


@pytest.fixture
def second(tmp_path, program, home):
    """Another person's machine: the same server, a store and a catalog of its own."""
    path = tmp_path / "second"
    path.mkdir(mode=0o700)
    other = type(home)(path, program)
    text = home.config.read_text() if home.config.exists() else "{}"
    other.config.write_text(text.replace(str(home.path), str(path)))
    other.config.chmod(0o600)
    return other


def sha256(path):
    return hashlib.sha256(pathlib.Path(path).read_bytes()).hexdigest()


def stored(home):
    return sorted(p.name for p in home.store.iterdir()) if home.store.exists() else []


def refused(home, file, *words, status=1, stdin=""):
    """The file is refused with these words, and nothing of it stays."""
    before = stored(home)
    done = home.run("backup", "import", "--file", file, status=status, stdin=stdin)
    for word in words:
        assert word in done.stderr
    assert stored(home) == before
    assert "Sanitizer" not in done.stderr
    return done


@pytest.mark.parametrize("suffix", ["tar", "tar.gz", "tgz", "tar.zst"])
def test_an_archive_needs_none_of_us(suffix, backup, home, tmp_path):
    file = tmp_path / f"x.{suffix}"
    made = home.json("backup", "export", "--backup-id", backup, "--output", file)
    assert made["sha256"] == sha256(file) and made["size"] == file.stat().st_size
    assert file.stat().st_mode & 0o777 == 0o600
    subprocess.run(["tar", "-C", tmp_path, "-xf", file], check=True)
    done = subprocess.run(["sha256sum", "-c", "--strict", "SHA256SUMS"], cwd=tmp_path / backup,
                          capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    names = sorted(str(p.relative_to(tmp_path / backup))
                   for p in (tmp_path / backup).rglob("*") if p.is_file())
    assert {"schema.sql", "metadata.json", "model.json", "SHA256SUMS",
            "objects/tables/orders.sql", "objects/triggers/tr.sql"} <= set(names)
    assert len(done.stdout.splitlines()) == len(names) - 1
    assert json.loads((tmp_path / backup / "metadata.json").read_text())["id"] == backup


def test_the_same_backup_gives_the_same_bytes(backup, home, tmp_path):
    files = [tmp_path / "a.tar.gz", tmp_path / "b.tar.gz"]
    home.run("backup", "export", backup, "--destination", files[0])
    home.run("backup", "export", backup, "--output", files[1],
             env={"LANG": "C", "LC_ALL": "C", "TZ": "Asia/Tokyo"})
    assert sha256(files[0]) == sha256(files[1])
    piped = subprocess.run([home.program("mysql-schema-sync"), "backup", "export", backup,
                            "--output", "-"], env=home.env, capture_output=True, check=True)
    assert piped.stdout == files[0].read_bytes()


def test_what_is_there_is_not_replaced(backup, home, tmp_path):
    file = tmp_path / "x.tar"
    file.write_text("mine")
    done = home.run("backup", "export", backup, "--output", file, status=1)
    assert "is there already" in done.stderr and file.read_text() == "mine"
    home.run("backup", "export", backup, "--output", file, "--force")
    assert tarfile.is_tarfile(file)
    home.run("backup", "export", backup, "--output", tmp_path / "x.zip", status=2)
    home.run("backup", "export", backup, "--output", tmp_path / "none/x.tar", status=1)
    assert sorted(os.listdir(tmp_path)) == ["home", "x.tar"]


def test_a_directory(backup, home, second, tmp_path):
    made = home.json("backup", "export", backup, "--output", f"{tmp_path}/out/")
    root = pathlib.Path(made["path"])
    assert root == tmp_path / "out" / backup
    subprocess.run(["sha256sum", "-c", "--quiet", "SHA256SUMS"], cwd=root, check=True)
    home.run("backup", "export", backup, "--output", f"{tmp_path}/out", status=1)
    assert second.json("backup", "import", root)["backup_id"] == backup


@pytest.mark.parametrize("suffix", ["tar", "tar.gz", "tar.zst"])
def test_there_and_back(suffix, rich, home, second, tmp_path):
    made = home.json("backup", "create", "--tag", "release=7", "--description", "Before it")
    file = tmp_path / f"x.{suffix}"
    home.run("backup", "export", made["id"], "--output", file)
    got = second.json("backup", "import", "--file", file)
    for field in ("id", "created_at", "created_by", "host", "description", "tags", "size",
                  "schema_hash", "server_version", "visible_kinds", "object_count"):
        assert got[field] == made[field], field
    assert got["origin"] == f"import: x.{suffix}"
    assert got["definers"] == ["`root`@`localhost`"]
    assert second.json("rollback", "compare", made["id"])["equal"]
    # Again: nothing happens. The bytes of an export of it are those of the first.
    before = stored(second)
    assert second.json("backup", "import", file)["existed"]
    assert stored(second) == before
    assert second.run("backup", "validate", made["id"]).returncode == 0


def test_the_same_id_with_other_content_is_refused(server, backup, shop, home, second, tmp_path):
    home.run("backup", "export", backup, "--output", f"{tmp_path}/out/")
    second.run("backup", "import", tmp_path / "out" / backup)
    other = tmp_path / "other"
    other.mkdir()
    metadata = (tmp_path / "out" / backup / "metadata.json").read_text()
    (other / "metadata.json").write_text(metadata)
    (other / "schema.sql").write_text("create table something (a int);\n")
    refused(second, other, f"backup {backup} is there already", "Hint:")


def test_encrypted(shop, server, home, second, tmp_path):
    key = tmp_path / "key"
    key.write_text("00112233445566778899aabbccddeeff" * 2 + "\n")
    key.chmod(0o600)
    storage = {"provider": "local", "local": {"base_path": str(home.store)}}
    encryption = {"enabled": True, "key_source": "file", "key_file": str(key)}
    plain = home.json("backup", "create")["id"]
    done = home.run("backup", "export", plain, "--encrypted", "--output", tmp_path / "p.tar",
                    status=3)
    assert "is not encrypted" in done.stderr
    home.write_config(server, shop, backup={"storage": storage, "encryption": encryption})
    made = home.json("backup", "create")
    file = tmp_path / "x.tar.gz"
    home.run("backup", "export", made["id"], "--encrypted", "--output", file)
    with tarfile.open(file) as tar:
        assert [pathlib.Path(n).name for n in tar.getnames()] == [
            f"{made['id']}.backup", f"{made['id']}.meta", "SHA256SUMS"]
    assert b"orders" not in gzip.decompress(file.read_bytes())
    refused(second, file, "which is not configured")
    storage = {"provider": "local", "local": {"base_path": str(second.store)}}
    second.write_config(server, shop, backup={"storage": storage, "encryption": encryption})
    got = second.json("backup", "import", "--file", file)
    assert (got["id"], got["schema_hash"]) == (made["id"], made["schema_hash"])
    assert second.json("rollback", "compare", made["id"])["equal"]


def dump(server, database, *options):
    program = shutil.which("mariadb-dump")
    if not program:
        pytest.skip("mariadb-dump is not here")
    return subprocess.run(
        [program, "--no-defaults", "-S", server.socket, "-u", "root", *options, database],
        capture_output=True, check=True,
    ).stdout


ALL = ["--routines", "--events", "--triggers"]


def test_a_dump_is_the_schema_it_was_made_of(server, rich, home, tmp_path):
    script = tmp_path / "dump.sql"
    script.write_bytes(dump(server, rich, *ALL))
    got = home.json("backup", "import", script)
    assert got["database_name"] == rich
    assert got["data_statements"] >= 1 and got["opaque_tables"] == 0
    assert got["origin"] == "import: dump.sql"
    assert got["server_version"].startswith("10.") or "MariaDB" in got["server_version"]
    compared = home.json("rollback", "compare", got["id"])
    assert compared["equal"], json.dumps(compared["differences"], indent=1)


def test_a_dump_without_routines_leaves_routines_alone(server, rich, home, tmp_path):
    script = tmp_path / "dump.sql"
    script.write_bytes(dump(server, rich))
    got = home.json("backup", "import", script)
    assert not {"procedure", "function", "event"} & set(got["visible_kinds"])
    plan = home.run("rollback", "plan", got["id"], "--format", "json", status=None)
    assert "DROP PROCEDURE" not in plan.stdout and "DROP EVENT" not in plan.stdout


def test_a_dump_from_a_pipe_and_compressed(server, rich, home, tmp_path):
    text = dump(server, rich, *ALL, "--no-data")
    done = home.run("backup", "import", "--file", "-", "--output-format", "json",
                    stdin=text.decode())
    assert json.loads(done.stdout)["origin"] == "import: standard input"
    for name, packed in (("x.sql.gz", gzip.compress(text)),
                         ("x.sql.zst", subprocess.run(["zstd", "-c"], input=text, check=True,
                                                      capture_output=True).stdout)):
        (tmp_path / name).write_bytes(packed)
        assert home.json("backup", "import", tmp_path / name)["object_count"] == 11
    done = home.run("backup", "import", "--file", tmp_path / "x.sql.gz", "--format", "mysqldump")
    assert "imported" in done.stderr


def test_our_own_schema_sql_and_the_files_of_objects(rich, home, second, tmp_path):
    made = home.json("backup", "create")
    home.run("backup", "export", made["id"], "--output", f"{tmp_path}/out/")
    root = tmp_path / "out" / made["id"]
    bare = tmp_path / "bare.sql"
    shutil.copy(root / "schema.sql", bare)
    got = second.json("backup", "import", bare, "--database", rich)
    assert second.json("rollback", "compare", got["id"])["equal"]
    # As it is in the mount: no model.json, no sums.
    (root / "model.json").unlink()
    (root / "SHA256SUMS").unlink()
    (root / "plan.sql").write_text("-- nothing\n")
    got = second.json("backup", "import", root)
    assert got["id"] == made["id"] and got["schema_hash"] == made["schema_hash"]
    subprocess.run(["tar", "-C", root, "-cf", tmp_path / "m.tar", "."], check=True)
    assert second.json("backup", "import", tmp_path / "m.tar")["existed"]


@pytest.mark.parametrize("script, words", [
    ("", ["it is empty"]),
    ("hello world;\n", ["line 1", "not a statement that makes a schema", "hello world"]),
    ("create table t (a int);\nalter table t add b int;\n", ["line 2", "only a server can tell"]),
    ("create table t (a int);\ncreate index i on t (a);\n", ["line 2", "CREATE INDEX"]),
    ("create table t (a varchar(9) default 'x", ["line 1", "never ends"]),
    ("create table t (a int);\ncreate table t (b int);\n", ["line 2", "table t is made twice"]),
    ("use a;\ncreate table t (a int);\nuse b;\n", ["line 3", "a second database, b, after a"]),
    ("insert into t values (1);\n", ["makes no table", "holds rows only"]),
    ("create table t (a int);\0", ["NUL byte"]),
    ("drop table t", ["makes no table"]),
])
def test_scripts_that_are_refused(script, words, shop, home, tmp_path):
    (tmp_path / "x.sql").write_text(script)
    refused(home, tmp_path / "x.sql", "x.sql", *words)


def test_a_script_that_names_no_database(shop, home, tmp_path):
    (tmp_path / "x.sql").write_text("create table t (a int);\n")
    done = refused(home, tmp_path / "x.sql", "of which database", status=2)
    assert "Hint: Give --database NAME." in done.stderr
    assert home.json("backup", "import", tmp_path / "x.sql", "-d", "s")["database_name"] == "s"


def entry(name, data=b"", kind=tarfile.REGTYPE, **more):
    info = tarfile.TarInfo(name)
    info.size = len(data)
    info.type = kind
    for key, value in more.items():
        setattr(info, key, value)
    return info, data


def archive(*entries, form=tarfile.GNU_FORMAT):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=form) as tar:
        for info, data in entries:
            tar.addfile(info, io.BytesIO(data))
    return out.getvalue()


SCRIPT = entry("b/schema.sql", b"use shop; create table t (a int);\n")

HOSTILE = {
    "up": ([entry("../evil.sql", b"x"), SCRIPT], "has no place"),
    "up inside": ([SCRIPT, entry("b/../../evil", b"x")], "has no place"),
    "absolute": ([entry("/tmp/evil.sql", b"x")], "has no place"),
    "symlink": ([entry("b/schema.sql", kind=tarfile.SYMTYPE, linkname="/etc/passwd")],
                "no regular file"),
    "hard link": ([SCRIPT, entry("b/model.json", kind=tarfile.LNKTYPE, linkname="/etc/passwd")],
                  "no regular file"),
    "device": ([entry("b/schema.sql", kind=tarfile.CHRTYPE, devmajor=1, devminor=5)],
               "no regular file"),
    "fifo": ([entry("b/schema.sql", kind=tarfile.FIFOTYPE)], "no regular file"),
    "twice": ([SCRIPT, SCRIPT], "is there twice"),
    "twice by dots": ([SCRIPT, entry("./b/schema.sql", b"x")], "is there twice"),
    "two backups": ([SCRIPT, entry("c/schema.sql", b"x")], "has no place"),
    "hidden": ([SCRIPT, entry("b/.bashrc", b"x")], "has no place"),
    "unexpected": ([SCRIPT, entry("b/run.sh", b"x")], "has no place"),
    "unknown kind": ([SCRIPT, entry("b/objects/users/x.sql", b"x")], "has no place"),
    "deep": ([SCRIPT, entry("b/objects/tables/x/y.sql", b"x")], "has no place"),
    "wrong sum": ([SCRIPT, entry("b/SHA256SUMS", b"0" * 64 + b"  schema.sql\n")],
                  "checksum mismatch"),
    "sum of nothing": ([SCRIPT, entry("b/SHA256SUMS", b"0" * 64 + b"  x.sql\n")], "is missing"),
    "sums of none": ([SCRIPT, entry("b/SHA256SUMS", b"")], "lists 0 files"),
    "bad sums": ([SCRIPT, entry("b/SHA256SUMS", b"hello\n")], "damaged"),
    "bad metadata": ([SCRIPT, entry("b/metadata.json", b"{")], "metadata.json"),
    "bad id": ([SCRIPT, entry("b/metadata.json", b'{"id": "../../x"}')], "id is wrong"),
    "bad tag": ([SCRIPT, entry("b/metadata.json", b'{"tags": {"a b": "c"}}')], "not a tag"),
    "bad time": ([SCRIPT, entry("b/metadata.json", b'{"created_at": "7d"}')], "created_at"),
    "bad model": ([SCRIPT, entry("b/model.json", b"[]")], "model.json"),
    "half of a pair": ([entry("b/x.meta", b"x")], "x.backup is missing"),
    "no envelope": ([entry("b/x.meta", b"x"), entry("b/x.backup", b"x")], "import x.tar"),
    "nothing": ([], "empty"),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_hostile_archives(what, shop, home, tmp_path):
    entries, words = HOSTILE[what]
    file = tmp_path / "x.tar"
    file.write_bytes(archive(*entries))
    refused(home, file, words)
    assert sorted(os.listdir(tmp_path)) == ["home", "x.tar"]


def limited(home, file, stdin=None):
    """Imports in 400 MB of memory beside the sanitizers' own; the error."""
    done = subprocess.run(
        ["/usr/bin/time", "-f", "%M", home.program("mysql-schema-sync"), "backup", "import",
         "--file", str(file)] if os.path.exists("/usr/bin/time") else
        [home.program("mysql-schema-sync"), "backup", "import", "--file", str(file)],
        env=home.env, stdin=stdin, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1, done.stderr
    return done.stderr


def test_bombs_and_lies(shop, home, tmp_path):
    # 10 GB of zeros, none of which is stored anywhere.
    with open(tmp_path / "zeros", "wb") as zeros:
        zeros.truncate(10 << 30)
    assert "import zeros" in limited(home, tmp_path / "zeros")
    with open(tmp_path / "zeros") as stdin:
        assert "import standard input" in limited(home, "-", stdin)
    # An entry that claims 10 GB, and one that claims more than is there.
    info, _ = entry("b/schema.sql")
    info.size = 10 << 30
    (tmp_path / "claims.tar").write_bytes(info.tobuf(tarfile.GNU_FORMAT) + bytes(1024))
    assert "bytes of content" in limited(home, tmp_path / "claims.tar")
    info.size = 5000
    (tmp_path / "cut.tar").write_bytes(info.tobuf(tarfile.GNU_FORMAT) + bytes(1024))
    assert "damaged or cut short" in limited(home, tmp_path / "cut.tar")
    # Small outside, large inside; zstd's ratio has no bound of its own.
    info.size = 400 << 20
    packed = subprocess.run(
        ["zstd", "-c", "-19"], capture_output=True, check=True,
        input=info.tobuf(tarfile.GNU_FORMAT) + b"\n" * (400 << 20) + bytes(1024)).stdout
    (tmp_path / "bomb.tar.zst").write_bytes(packed)
    assert "unfold" in limited(home, tmp_path / "bomb.tar.zst")
    twice = gzip.compress(gzip.compress(archive(SCRIPT)))
    (tmp_path / "twice.tar.gz").write_bytes(twice)
    assert "more than once" in limited(home, tmp_path / "twice.tar.gz")


def test_pax_tricks(shop, home, tmp_path):
    """The pax header says another name and another size than the plain one."""
    info, data = entry("b/schema.sql", b"use shop; create table t (a int);\n")
    info.pax_headers = {"path": "../../evil.sql"}
    (tmp_path / "x.tar").write_bytes(archive((info, data), form=tarfile.PAX_FORMAT))
    refused(home, tmp_path / "x.tar", "has no place")
    info, data = entry("b/schema.sql", b"use shop; create table t (a int);\n")
    info.pax_headers = {"linkpath": "/etc/passwd"}
    (tmp_path / "y.tar").write_bytes(archive((info, data), form=tarfile.PAX_FORMAT))
    home.run("backup", "import", tmp_path / "y.tar", status=None)
    assert sorted(os.listdir(tmp_path)) == ["home", "x.tar", "y.tar"]


def test_every_cut_and_many_flips_are_refused(backup, home, second, tmp_path):
    whole = tmp_path / "x.tar.gz"
    home.run("backup", "export", backup, "--output", whole)
    content = whole.read_bytes()
    plain = gzip.decompress(content)
    cut = tmp_path / "y.tar.gz"
    for n in range(1, 12):
        cut.write_bytes(content[: len(content) * n // 12])
        refused(second, cut, "y.tar.gz")
    flipped = tmp_path / "z.tar"
    for n in range(12):
        damaged = bytearray(plain)
        damaged[len(damaged) * n // 12 + 700] ^= 4
        flipped.write_bytes(damaged)
        done = second.run("backup", "import", flipped, "--format", "json", status=None)
        if done.returncode == 0:  # a byte of padding
            assert json.loads(done.stdout)["backup_id"] == backup
            second.run("backup", "delete", backup, "--force")
