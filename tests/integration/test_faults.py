# SPDX-License-Identifier: MIT
"""Proof that faults lose nothing: failing calls, power cuts, crowds, full disks.

tests/tools/fault_drive does the work, tests/tools/faults.c stands between it and the system.
FAULTS=N: so many injections (3,000); NIGHTLY=1: 100,000 of them, and the rest to match.
"""

import concurrent.futures
import json
import os
import subprocess

import pytest
from cli_fixtures import shop  # noqa: F401
from mariadb_server import fast_directory

NIGHTLY = bool(os.environ.get("NIGHTLY"))
INJECTIONS = int(os.environ.get("FAULTS", 100_000 if NIGHTLY else 3_000))
VARIANTS = 400 if NIGHTLY else 6  # of each power cut
OPERATIONS = 2_000 if NIGHTLY else 40  # of each of 8 processes
YEARS = 30 if NIGHTLY else 0.2  # of hourly backups
VERBS = ["create", "delete", "cleanup", "rotate", "rebuild", "rebuild-damaged", "import",
         "export", "move"]
CHEAPER = "quarantine_size_mb=1:malloc_context_size=2:detect_stack_use_after_return=0"


@pytest.fixture
def faults(program, tmp_path, request):
    """Runs fault_drive: what it counted. Anything that it finds wrong fails the test."""
    below = os.path.join(fast_directory(), f"faults-{os.getpid()}")

    def run(mode, name, *numbers):
        directory = f"{below}-{name}"
        options = os.environ.get("ASAN_OPTIONS", "")
        done = subprocess.run(
            [str(program("fault_drive")), mode, directory, *map(str, numbers)],
            env={"HOME": str(tmp_path), "PATH": os.environ["PATH"], "TZ": "UTC",
                 "ASAN_OPTIONS": f"{options}:{CHEAPER}" if options else CHEAPER},
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, f"kept: {directory}\n{done.stdout}\n{done.stderr}"
        counted = json.loads(done.stdout)
        print(mode, name, counted)
        return counted

    return run


def test_every_call_may_fail(faults):
    """The k-th call of each verb fails, or the process ends there: nothing acknowledged is lost."""
    each = max(1, INJECTIONS // len(VERBS))
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        counted = list(pool.map(lambda v: faults("inject", v, each, v), VERBS))
    assert sum(c["run"] for c in counted) >= INJECTIONS // len(VERBS) * len(VERBS)
    for verb, c in zip(VERBS, counted):
        assert c["calls"] > 30, f"{verb}: too few calls are seen"
        if each >= 100:
            assert c["reached"] > c["run"] * 0.8, f"{verb}: the faults do not happen"
            assert c["failed"] > 0 and c["ended"] > 0, f"{verb}: nothing came of the faults"


def test_power_cuts_lose_nothing(faults):
    """Every prefix of the store's write log, with what was not synced there, gone or in part."""
    counted = faults("power", "power", VARIANTS)
    assert counted["steps"] > 80 and counted["images"] > counted["steps"] / 2


def test_a_crowd_loses_nothing(faults):
    """Eight processes on one store and one catalog, killed and stopped at random."""
    counted = faults("storm", "storm", 8, OPERATIONS)
    assert counted["operations"] >= 8 * OPERATIONS
    assert counted["kills"] > 0 and counted["verified"] > 0 and counted["made"] > 8 * OPERATIONS / 5


def test_years_pass(faults):
    """Hourly backups, retention, rotation, a failing call in one of a hundred operations."""
    counted = faults("soak", "soak", YEARS)
    assert counted["made"] >= counted["hours"] and counted["checks"] > 2
    assert counted["faults"] > counted["hours"] / 400 and counted["rotated"] > counted["checks"]
    assert counted["made"] - counted["deleted"] <= 2 * counted["most_listed"]


# Calls of the real command, which is loaded with the same library.

def calls(home, library, *words, at=None, how=None):
    """Runs the command under the library: its exit status, and the calls when none fails."""
    log = home.path / "calls"
    env = {"LD_PRELOAD": str(library),
           "ASAN_OPTIONS": "verify_asan_link_order=0:detect_leaks=0"}
    env.update({"FAULTS_AT": str(at), "FAULTS_HOW": how} if at else {"FAULTS_COUNT": str(log)})
    done = home.run(*words, status=None, env=env)
    return done, log.read_text().split() if not at else None


HOWS = {"open": "EMFILE", "read": "EIO", "write": "ENOSPC", "fsync": "EIO", "link": "EIO",
        "rename": "EIO", "unlink": "EIO", "close": "EIO", "mmap": "exit", "getrandom": "EINTR",
        "mkdir": "ENOSPC", "truncate": "EIO"}


def test_the_exit_status_tells_the_truth(shop, home, build_dir):  # noqa: F811
    library = build_dir / "tests/tools/libfaults.so"
    known = {home.json("backup", "create")["backup_id"]}
    done, seen = calls(home, library, "backup", "create")
    assert done.returncode == 0 and len(seen) > 50, done.stderr
    points = 400 if NIGHTLY else 12
    told = {0: 0}
    for i in range(points):
        at = 1 + i * len(seen) // points
        done, _ = calls(home, library, "backup", "create", at=at, how=HOWS[seen[at - 1]])
        told[done.returncode] = told.get(done.returncode, 0) + 1
        assert done.returncode in (0, 1, 2, 86), (at, done.stderr)
        if done.returncode in (1, 2):
            assert "Error:" in done.stderr, f"call {at}: it failed without a word"
        listed = {b["id"] for b in home.json("backup", "list", "--limit", "0")}
        assert known <= listed, f"call {at}: an acknowledged backup is lost"
        if done.returncode == 0:
            assert listed - known, f"call {at}: it said that it was done"
        known = listed
    assert set(told) - {0}, "no fault ever reached it"
    home.run("backup", "validate-all", "--level", "decode")


# A file system of 16 MB.

@pytest.fixture
def small_disk(tmp_path):
    path = tmp_path / "disk"
    path.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16m,mode=0700", "none", path],
                      capture_output=True).returncode != 0:
        pytest.skip("mounting a file system needs root")
    yield path
    subprocess.run(["umount", path], check=True)


def fill(path, leave):
    free = os.statvfs(path)
    (path / "ballast").write_bytes(b"x" * (free.f_bavail * free.f_bsize - leave))


@pytest.mark.parametrize("catalog_too", [False, True], ids=["store", "store-and-catalog"])
def test_a_full_disk(shop, home, server, small_disk, tmp_path, catalog_too):  # noqa: F811
    store = small_disk / "store"
    catalog = (small_disk if catalog_too else tmp_path) / "catalog.db"
    home.write_config(
        server, shop,
        backup={"storage": {"provider": "local", "local": {"base_path": str(store)}},
                "retention": {"max_backups": 2}},
        catalog={"path": str(catalog)},
    )
    made = [home.json("backup", "create")["backup_id"] for _ in range(3)]
    fill(small_disk, leave=160 * 1024)
    for _ in range(60):
        done = home.run("backup", "create", "--format", "json", status=None)
        if done.returncode != 0:
            break
        made.append(json.loads(done.stdout)["backup_id"])
    assert done.returncode == 1 and "no space left on device" in done.stderr, done.stderr
    if not catalog_too:
        assert "failed to write backup file: no space left on device" in done.stderr
    # To the last byte, and once more.
    (small_disk / "crumbs").write_bytes(b"")
    fd = os.open(small_disk / "crumbs", os.O_WRONLY)
    try:
        while os.write(fd, b"x" * 4096) > 0:
            pass
    except OSError:
        pass
    os.close(fd)
    done = home.run("backup", "create", status=1)
    assert "no space left on device" in done.stderr
    # Nothing half written, and all that was acknowledged is whole.
    names = {p.name for p in store.iterdir()}
    assert names == {f"{i}.{kind}" for i in made for kind in ("meta", "backup")}
    listed = [b["id"] for b in home.json("backup", "list", "--limit", "0")]
    assert sorted(listed) == sorted(made)
    home.run("backup", "validate", made[-1])
    # And there is a way out.
    result = home.json("backup", "cleanup")
    assert result["deleted"] == len(made) - 2
    assert len(list(store.glob("*.meta"))) == 2
    (small_disk / "crumbs").unlink()
    home.run("backup", "create")
    home.run("backup", "validate-all", "--level", "decode")
