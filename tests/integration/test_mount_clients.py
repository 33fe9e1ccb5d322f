# SPDX-License-Identifier: MIT
"""The mount to editors, pagers, other users and other machines."""

import errno
import filecmp
import os
import pathlib
import shutil
import subprocess
import time

import pytest
from cli_fixtures import backup, shop  # noqa: F401
from loopback import free_port
from mount_fixtures import eventually, mounts  # noqa: F401

NOBODY, GROUP = 65534, 54321
EDITOR = shutil.which("vim") or shutil.which("vi")
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to be somebody else")


def run(*command, status=0, **how):
    done = subprocess.run([str(c) for c in command], capture_output=True, text=True,
                          stdin=subprocess.DEVNULL, **how)
    assert status in (None, done.returncode), f"{command}: {done.returncode}\n{done.stdout}{done.stderr}"
    return done.stdout


@pytest.fixture
def script(home, backup, mounts):
    return mounts(home).point / "by-id" / backup / "schema.sql"


@pytest.mark.skipif(not EDITOR, reason="needs vi")
def test_an_editor_reads_and_saves_elsewhere(script, tmp_path):
    run(EDITOR, "-es", "-u", "NONE", "-R", "-c", f"w! {tmp_path}/copy", "-c", "qa!", script)
    assert (tmp_path / "copy").read_bytes() == script.read_bytes()
    run(EDITOR, "-es", "-u", "NONE", "-c", "normal ox", "-c", "w!", "-c", "qa!", script, status=1)
    assert b"\nx\n" not in script.read_bytes()
    assert sorted(os.listdir(script.parent)) == ["metadata.json", "objects", "plan.sql", "schema.sql"]


@pytest.mark.skipif(not shutil.which("less"), reason="needs less")
def test_a_pager_pages_and_searches(script):
    text = script.read_text()
    assert run("less", script) == text
    assert run("less", "+G", script).endswith(text[-20:])


def test_pieces_from_anywhere(script, tmp_path):
    data = script.read_bytes()
    assert run("tail", "-c", 33, script).encode() == data[-33:]
    assert run("head", "-c", 33, script).encode() == data[:33]
    run("dd", f"if={script}", f"of={tmp_path}/piece", "bs=1", "skip=100", "count=57")
    assert (tmp_path / "piece").read_bytes() == data[100:157]
    run("split", "-b", 100, script, tmp_path / "part-")
    assert b"".join(p.read_bytes() for p in sorted(tmp_path.glob("part-*"))) == data
    with script.open("rb") as file:
        assert os.lseek(file.fileno(), 0, os.SEEK_DATA) == 0
        assert os.lseek(file.fileno(), 0, os.SEEK_HOLE) == len(data)
        assert os.pread(file.fileno(), 10, len(data) + 10) == b""


# Other users


def see(path, user, groups=()):
    """What somebody else reads, or the number of his error."""
    done = subprocess.run(["cat", path], capture_output=True, user=user, group=user,
                          extra_groups=groups)
    if done.returncode == 0:
        return done.stdout
    return errno.EACCES if b"ermission denied" in done.stderr else done.stderr


@pytest.fixture
def passable(tmp_path):
    """Others come as far as the mount point."""
    for above in [tmp_path, *tmp_path.parents][:-1]:
        if above.stat().st_uid == os.getuid() and above != pathlib.Path("/tmp"):
            above.chmod(above.stat().st_mode | 0o011)


@as_root
def test_others_see_what_options_allow(home, backup, mounts, passable):
    def script_of(*arguments):
        return mounts(home, *arguments).point / "by-id" / backup / "schema.sql"

    closed = script_of()
    assert see(closed, NOBODY) == errno.EACCES
    entered = script_of("-o", "allow_other")
    assert "may enter, but read nothing" in pathlib.Path(
        str(entered).split("/by-id")[0] + ".log").read_text()
    assert see(entered, NOBODY) == errno.EACCES
    shared = script_of("-o", "allow_other,umask=0022")
    want = shared.read_bytes()
    assert see(shared, NOBODY) == want
    # import/ is for its owner, and changes are for nobody else.
    top = pathlib.Path(str(shared).split("/by-id")[0])
    assert subprocess.run(["ls", top / "import"], user=NOBODY, capture_output=True).returncode != 0
    ours = script_of("-o", f"allow_other,umask=0027,uid=0,gid={GROUP}")
    assert see(ours, NOBODY) == errno.EACCES
    assert see(ours, NOBODY, [GROUP]) == want
    theirs = script_of("-o", f"allow_other,umask=0077,uid={NOBODY},gid={NOBODY}")
    assert see(theirs, NOBODY) == want
    assert see(theirs, NOBODY - 1) == errno.EACCES
    st = theirs.stat()
    assert (st.st_uid, st.st_gid, st.st_mode & 0o777) == (NOBODY, NOBODY, 0o400)


@as_root
def test_with_rw_only_the_owner_changes_anything(home, backup, mounts, passable):
    home.run("backup", "create")
    top = mounts(home, "-o", "rw,allow_other,umask=0022").point
    for command in (["rm", top / "by-id" / backup], ["mkdir", top / "by-tag/x"],
                    ["setfattr", "-n", "user.description", "-v", "x", top / "by-id" / backup],
                    ["cp", "/etc/hostname", top / "import/"]):
        done = subprocess.run(command, user=NOBODY, group=NOBODY, capture_output=True, text=True)
        assert done.returncode != 0 and "denied" in done.stderr, command
    assert backup in os.listdir(top / "by-id")
    run("mkdir", top / "by-tag/x")


# Other machines


@pytest.fixture
def samba(tmp_path):
    """samba(directory): the address of a share of it, and a client's command for it."""
    state = tmp_path / "samba"
    state.mkdir()
    port, started = free_port(), []

    def share(directory):
        config = state / "smb.conf"
        places = "\n".join(f"{name} = {state}" for name in (
            "pid directory", "lock directory", "state directory", "cache directory",
            "private dir"))
        config.write_text(
            f"[global]\nsmb ports = {port}\ninterfaces = 127.0.0.1/8\nbind interfaces only = yes\n"
            f"{places}\nncalrpc dir = {state}/ncalrpc\nlog file = {state}/log\n"
            "server role = standalone\nmap to guest = Bad User\nguest account = root\n"
            "disable spoolss = yes\nload printers = no\n"
            f"[backups]\npath = {directory}\nguest ok = yes\nread only = yes\n")
        started.append(subprocess.Popen(
            ["smbd", "-F", "--no-process-group", "-s", config], process_group=0,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))

        def client(*commands, status=0):
            return run("smbclient", "-s", config, "-p", port, "-N", "//127.0.0.1/backups",
                       "-c", "; ".join(commands), status=status)

        assert eventually(lambda: subprocess.run(
            ["smbclient", "-s", config, "-p", str(port), "-N", "//127.0.0.1/backups", "-c", "ls"],
            capture_output=True).returncode == 0, 20), (state / "log").read_text()
        return client

    yield share
    for process in started:
        process.terminate()
        process.wait(timeout=20)


@as_root
@pytest.mark.skipif(not (shutil.which("smbd") and shutil.which("smbclient")), reason="needs Samba")
def test_samba_shares_the_mount(home, shop, backup, mounts, samba, tmp_path):
    top = mounts(home).point
    client = samba(top)
    there = f"by-database/{shop}/latest"
    assert backup in client("ls by-id/*")
    (tmp_path / "got").mkdir()
    client(f"lcd {tmp_path}/got", f"cd {there}", "prompt OFF", "recurse ON", "mget *")
    compared = filecmp.dircmp(top / there, tmp_path / "got")
    assert not compared.left_only and not compared.right_only and not compared.diff_files
    ours = sorted(p.relative_to(top / there) for p in (top / there).rglob("*.sql"))
    assert sorted(p.relative_to(tmp_path / "got") for p in (tmp_path / "got").rglob("*.sql")) == ours
    for name in ours:
        assert (tmp_path / "got" / name).read_bytes() == (top / there / name).read_bytes()
    client(f"get export/{backup}.tar.gz {tmp_path}/got.tar.gz")
    assert (tmp_path / "got.tar.gz").read_bytes() == (top / f"export/{backup}.tar.gz").read_bytes()
    made = home.json("backup", "create")["id"]
    assert eventually(lambda: made in client("ls by-id/*"))
    for attempt in (f"rm {there}/schema.sql", f"put /etc/hostname {there}/x", "mkdir by-tag/x"):
        assert "NT_STATUS_" in client(attempt, status=None)


@as_root
def test_lazy_ends_name_everybody_who_is_in(home, backup, mounts):
    mount = mounts(home)
    inside = [subprocess.Popen(["sleep", "30"], cwd=mount.point / "by-id"),
              subprocess.Popen(["tail", "-f", mount.point / "README"], stdout=subprocess.DEVNULL)]
    try:
        time.sleep(0.2)
        env = {"PATH": f"{home.program('schemafs').parent}:{home.env['PATH']}"}
        busy = home.run("umount", mount.point, env=env, status=1)
        for process, name in zip(inside, ("sleep", "tail")):
            assert f"{name} ({process.pid})" in busy.stderr
        home.run("umount", "--lazy", mount.point, env=env)
        assert not (mount.point / "README").exists()
        # Who is in it goes on reading.
        assert os.listdir(f"/proc/{inside[0].pid}/cwd/") == [backup]
    finally:
        for process in inside:
            process.kill()
            process.wait()
    assert mount.process.wait(timeout=20) == 0
