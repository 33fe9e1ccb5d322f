# SPDX-License-Identifier: MIT
"""The tree of the mount equals what `backup export` writes to a disk, for the clients people use.

DIFFERENTIAL_FILES=N: of so many files in all (250; 30,000 with NIGHTLY=1).
"""

import mmap
import os
import pathlib
import shutil
import subprocess
import tarfile

import pytest
from cli_fixtures import CHANGES, SCHEMA
from conftest import Home
from mount_fixtures import Mount

FILES = int(os.environ.get("DIFFERENTIAL_FILES", 30000 if "NIGHTLY" in os.environ else 250))
TABLES = 120  # in the first backup with many; each later one has more
ALONE = {"plan.sql", "model.json", "SHA256SUMS"}  # only in the mount; only in the archive


def run(*command, status=0):
    done = subprocess.run([str(c) for c in command], capture_output=True, text=True)
    assert done.returncode == status, f"{command}: {done.stdout}{done.stderr}"
    return done.stdout


def files(top):
    return {
        str(p.relative_to(top)): p for p in sorted(pathlib.Path(top).rglob("*"))
        if p.is_file() and p.name not in ALONE
    }


def contents(top):
    return {name: path.read_bytes() for name, path in files(top).items()}


def add_tables(server, database, first, count):
    """Of various sizes: some files are larger than what the kernel reads ahead."""
    for begin in range(first, first + count, 200):
        server.sql("".join(
            f"create table many_{i} (id int primary key, n{i} int"
            + "".join(f", c{c} int comment '{c:->100}'" for c in range(i % 97 // 8 * 10))
            + ");" for i in range(begin, min(begin + 200, first + count))), database)


@pytest.fixture(scope="module")
def both(server, program, tmp_path_factory):
    """The same backups as the mount shows them and as the command exports them, by id."""
    top = tmp_path_factory.mktemp("both")
    (top / "home").mkdir(mode=0o700)
    home = Home(top / "home", program)
    database = "differential"
    server.sql(f"drop database if exists {database}; create database {database}")
    server.sql(SCHEMA, database)
    # A plan is the same each time: on a busy machine a look at 3,000 tables may take long.
    home.write_config(server, database, mount={"live_timeout": "1m"})
    ids = [home.json("backup", "create")["backup_id"]]
    server.sql(CHANGES, database)
    size = max(TABLES, min(FILES // 6, 3000))
    add_tables(server, database, 0, size)
    while len(ids) < 2 or (len(ids) - 1) * size < FILES - TABLES:
        server.sql(f"alter table many_7 add column added_{len(ids)} int", database)
        ids.append(home.json("backup", "create", "--tag", "of=many")["backup_id"])
    exported = top / "exported"
    for backup_id in ids:
        archive = top / f"{backup_id}.tar"
        home.run("backup", "export", backup_id, "--output", archive)
        with tarfile.open(archive) as tar:
            tar.extractall(exported)
        archive.unlink()
    point = top / "mnt"
    point.mkdir()
    mount = Mount(home, point)
    mount.start()
    yield {i: ((point / "by-id" / i).resolve(), exported / i) for i in ids}
    assert mount.clean_up() == 0, mount.log
    assert "Sanitizer" not in mount.log and "ERROR" not in mount.log
    server.sql(f"drop database {database}")


def test_names_sizes_and_times(both):
    for ours, theirs in both.values():
        expected, taken_at = files(theirs), ours.stat().st_mtime
        assert files(ours).keys() == expected.keys()
        for name, path in files(ours).items():
            st = path.stat()
            assert st.st_size == expected[name].stat().st_size == len(path.read_bytes())
            assert st.st_mtime == taken_at
        listing = run("find", ours, "-type", "f", "!", "-name", "plan.sql", "-printf", "%P %s\n")
        other = run("find", theirs, "-type", "f", "!", "-name", "SHA256SUMS",
                    "!", "-name", "model.json", "-printf", "%P %s\n")
        assert sorted(listing.splitlines()) == sorted(other.splitlines())
        for name in ("objects/tables", "objects/views"):
            if (theirs / name).is_dir():
                sizes = [run("ls", "-lR", top / name).splitlines() for top in (ours, theirs)]
                fields = [[(x.split()[4], x.split()[-1]) for x in s if x[:1] == "-"] for s in sizes]
                assert fields[0] == fields[1] != []
                count = [run("du", "-ab", top / name).splitlines() for top in (ours, theirs)]
                of_files = [sorted((x.split()[0], os.path.basename(x)) for x in c
                                   if x.endswith(".sql")) for c in count]
                assert of_files[0] == of_files[1] != []


def sent(file):
    """What sendfile(2) passes to a pipe, from the end and from the middle as well."""
    size = os.fstat(file.fileno()).st_size
    parts = []
    for begin in (size // 2, 0):
        got = b""
        while begin + len(got) < size:
            reader, writer = os.pipe()
            os.sendfile(writer, file.fileno(), begin + len(got), 4096)
            os.close(writer)
            with os.fdopen(reader, "rb") as pipe:
                got += pipe.read()
        parts.append(got)
    assert parts[1][size // 2:] == parts[0]
    return parts[1]


def copy(client, ours, to, tmp_path):
    if client == "cp":
        run("cp", "-a", f"{ours}/.", to)
    elif client == "tar":
        run("tar", "-C", ours, "-cf", tmp_path / "x.tar", ".")
        run("tar", "-C", to, "-xf", tmp_path / "x.tar")
    elif client == "rsync":
        run("rsync", "-a", f"{ours}/", to)
        assert run("rsync", "-ani", "--checksum", f"{ours}/", to) == ""
    else:
        for name, path in [*files(ours).items(), ("plan.sql", ours / "plan.sql")]:
            (to / name).parent.mkdir(parents=True, exist_ok=True)
            with path.open("rb") as file:
                if client == "mmap" and name != "plan.sql":  # which is past the page cache
                    data = mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ)[:]
                elif client == "sendfile":
                    data = sent(file)
                else:
                    data = file.read()
            (to / name).write_bytes(data)


@pytest.mark.parametrize("client", ["cp", "tar", "rsync", "cat", "mmap", "sendfile"])
def test_bytes_by_every_way_of_copying(client, both, tmp_path):
    for backup_id, (ours, theirs) in both.items():
        to = tmp_path / backup_id
        to.mkdir(parents=True)
        copy(client, ours, to, tmp_path)
        assert contents(to) == contents(theirs), client
        assert (to / "plan.sql").read_bytes() == (ours / "plan.sql").read_bytes()
        shutil.rmtree(to)
    count = sum(len(files(theirs)) for _, theirs in both.values())
    print(f"{client}: {count} files of {len(both)} backups are the same")
    assert count >= FILES * 0.9


def test_searching_and_comparing(both):
    first, second = list(both.values())[:2]
    for pattern in ("create table", "PRIMARY KEY", "many_7"):
        found = [
            sorted(os.path.relpath(line, top) for line in subprocess.run(
                ["grep", "-ril", pattern, top / "objects"], capture_output=True, text=True,
            ).stdout.splitlines()) for top in second
        ]
        assert found[0] == found[1] != []
    for ours, theirs in (first, second):
        run("diff", "-r", ours / "objects", theirs / "objects")
        run("git", "diff", "--no-index", "--quiet", ours / "objects", theirs / "objects")
    between = [run("git", "diff", "--no-index", "--name-status", first[i] / "objects",
                   second[i] / "objects", status=1).splitlines() for i in (0, 1)]
    names = [sorted((x.split()[0], os.path.basename(x)) for x in lines) for lines in between]
    assert names[0] == names[1]
    assert len(names[0]) > 120
