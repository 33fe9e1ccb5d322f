# SPDX-License-Identifier: MIT
"""The tree of the mount equals what `backup export` writes to a disk, for the clients people use."""

import mmap
import os
import pathlib
import subprocess
import tarfile

import pytest
from cli_fixtures import CHANGES, shop  # noqa: F401
from mount_fixtures import mounts  # noqa: F401

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


@pytest.fixture
def both(server, home, shop, mounts, tmp_path):
    """The same backups as the mount shows them and as the command exports them, by id."""
    ids = [home.json("backup", "create")["backup_id"]]
    server.sql(CHANGES, shop)
    tables = "".join(f"create table many_{i} (id int primary key, n{i} int);" for i in range(120))
    server.sql(tables, shop)
    ids.append(home.json("backup", "create", "--tag", "of=many")["backup_id"])
    exported = tmp_path / "exported"
    for backup_id in ids:
        archive = tmp_path / f"{backup_id}.tar"
        home.run("backup", "export", backup_id, "--output", archive)
        with tarfile.open(archive) as tar:
            tar.extractall(exported)
    mount = mounts(home)
    return {i: ((mount.point / "by-id" / i).resolve(), exported / i) for i in ids}


def test_names_sizes_and_times(both):
    for ours, theirs in both.values():
        assert files(ours).keys() == files(theirs).keys()
        for name, path in files(ours).items():
            there = files(theirs)[name].stat()
            assert path.stat().st_size == there.st_size == len(path.read_bytes())
            assert path.stat().st_mtime == ours.stat().st_mtime
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
                else:
                    data = file.read()
            (to / name).write_bytes(data)


def test_bytes_by_every_way_of_copying(both, tmp_path):
    for client in ("cp", "tar", "rsync", "cat", "mmap"):
        for backup_id, (ours, theirs) in both.items():
            to = tmp_path / client / backup_id
            to.mkdir(parents=True)
            copy(client, ours, to, tmp_path)
            assert contents(to) == contents(theirs), client
            assert (to / "plan.sql").read_bytes() == (ours / "plan.sql").read_bytes()


def test_searching_and_comparing(both):
    first, second = both.values()
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
