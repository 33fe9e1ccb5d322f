# SPDX-License-Identifier: MIT
"""The mount started, ended, killed, watched and used so often that what goes wrong once in a
thousand times shows.

Each count has a variable of its own; NIGHTLY=1 takes all of them in full:

MOUNT_CYCLES   mounts and unmounts under load (8; 1,000)
MOUNT_KILLS    kill -9 in every state, and a start after each (14; 1,000)
FRESHNESS      changes, each seen in the mount (60; 10,000)
SOAK_SECONDS   descriptors and memory under load (8; 1,800)
"""

import contextlib
import errno
import itertools
import os
import pathlib
import random
import shutil
import signal
import subprocess
import threading
import time

import pytest
from cli_fixtures import shop  # noqa: F401
from mount_fixtures import eventually, is_mounted, mounts  # noqa: F401

NIGHTLY = "NIGHTLY" in os.environ
SEEN_SECONDS = 1.0  # that a change takes to show
PATIENCE_SECONDS = 30  # of whoever waits for a reader or a daemon: more, and it hangs
GONE = {errno.ENOTCONN, errno.ENOENT, errno.ECONNABORTED, errno.ENODEV, errno.ESTALE}


def how_many(name, usual, nightly):
    return int(os.environ.get(name, nightly if NIGHTLY else usual))


def create(home, *arguments, **how):
    return home.json("backup", "create", *arguments, **how)["id"]


def processes(*words):
    """Process ids whose command line holds all words, but for ourselves."""
    found = []
    for entry in pathlib.Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        with contextlib.suppress(OSError):
            line = (entry / "cmdline").read_bytes().decode(errors="replace")
            if all(w in line for w in words):
                found.append(int(entry.name))
    return found


def descriptors(pid="self"):
    return len(os.listdir(f"/proc/{pid}/fd"))


def left_behind(home):
    """What no one of us should leave lying about."""
    return {p for top in ("run", "cache", "state") for p in (home.path / top).rglob("*")
            if p.suffix not in (".db", ".db-wal", ".db-shm", ".log")} - {
                home.path / "state/mysql-schema-sync"}


class Daemon:
    """A daemon in the foreground, without waiting for it."""

    def __init__(self, home, point, log, *arguments):
        self.point = point
        self.log = log
        self.said = log.stat().st_size if log.exists() else 0
        with log.open("ab") as out:
            self.process = subprocess.Popen(
                [home.program("schemafs"), "-f", *arguments, point], env=home.env, cwd=home.path,
                stdin=subprocess.DEVNULL, stdout=out, stderr=out)

    def is_ready(self):
        with self.log.open("rb") as log:  # what the kernel has cached of a dead mount looks alive
            log.seek(self.said)
            return b"mounted at" in log.read()

    def ready(self):
        ready = eventually(lambda: self.process.poll() is not None or self.is_ready(), 20)
        assert ready and self.process.poll() is None, self.log.read_text()
        return self

    def ended(self):
        return self.process.wait(timeout=PATIENCE_SECONDS)

    def kill(self):
        self.process.kill()
        self.process.wait()


@pytest.fixture
def daemons(home, tmp_path):
    """daemons(*arguments): one after the other on one mount point; none stays."""
    point, log = tmp_path / "point", tmp_path / "daemons.log"
    point.mkdir()
    started = []

    def start(*arguments):
        started.append(Daemon(home, point, log, *arguments))
        return started[-1]

    start.point, start.log = point, log
    yield start
    for daemon in started:
        daemon.kill()
    while is_mounted(point):
        subprocess.run(["fusermount3", "-u", "-z", "-q", point], check=False)
    for sign in ("Sanitizer", "runtime error"):
        assert sign not in log.read_text(errors="replace"), log.read_text(errors="replace")


class Readers:
    """Threads that read whatever is mounted and compare it with what it must be."""

    def __init__(self, point, want, count=3):
        self.point, self.want = point, want  # want: path below the mount -> bytes
        self.stop, self.paused = threading.Event(), threading.Event()
        self.problems, self.reads = [], 0
        self.inside = {}  # of each thread: is it reading now?
        self.threads = [threading.Thread(target=self.work, args=(n,), daemon=True)
                        for n in range(count)]

    def __enter__(self):
        for t in self.threads:
            t.start()
        return self

    def __exit__(self, *_):
        self.stop.set()
        for t in self.threads:
            t.join(PATIENCE_SECONDS)
        assert not any(t.is_alive() for t in self.threads), "a reader hangs"
        assert self.problems == []

    @contextlib.contextmanager
    def pause(self):
        """Nobody is in the mount meanwhile."""
        self.paused.set()
        assert eventually(lambda: not any(self.inside.values()), PATIENCE_SECONDS)
        yield
        self.paused.clear()

    def work(self, seed):
        dice = random.Random(seed)
        while not self.stop.is_set():
            self.inside[seed] = True
            if self.paused.is_set():
                self.inside[seed] = False
                time.sleep(0.001)
                continue
            try:
                path = dice.choice(list(self.want))
                data = (self.point / path).read_bytes()
                if data != self.want[path]:
                    self.problems.append((path, len(data)))
                list(os.scandir(self.point / "by-id"))
                self.reads += 1
            except OSError as error:
                if error.errno not in GONE:
                    self.problems.append(repr(error))
                time.sleep(0.001)


def contents(point, ids):
    """What never changes: the files of backups, and their archives."""
    want = {}
    for backup_id in ids:
        top = point / "by-id" / backup_id
        for path in sorted(top.resolve().rglob("*.sql")):
            if path.name != "plan.sql":
                relative = path.relative_to(top.resolve())
                want[f"by-id/{backup_id}/{relative}"] = path.read_bytes()
        want[f"export/{backup_id}.tar.gz"] = (point / f"export/{backup_id}.tar.gz").read_bytes()
    return want


ENDINGS = ("fusermount3 -u", "SIGTERM", "SIGINT", "schemafs -u -z", "umount --lazy")


def end(home, daemon, how, readers=None):
    point = daemon.point
    if how.startswith("SIG"):
        daemon.process.send_signal(getattr(signal, how))
    elif how == "fusermount3 -u":
        with readers.pause():
            subprocess.run(["fusermount3", "-u", point], check=True)
    elif how == "schemafs -u -z":
        home.run("-u", "-z", point, name="schemafs")
    else:
        home.run("umount", "--lazy", point,
                 env={"PATH": f"{home.program('schemafs').parent}:{home.env['PATH']}"})


def test_mounts_and_unmounts_under_load_leave_nothing(home, shop, mounts, daemons):
    cycles = how_many("MOUNT_CYCLES", 8, 1000)
    ids = [create(home) for _ in range(3)]
    want = contents(mounts(home).point, ids)
    before = left_behind(home), descriptors()
    point, log = daemons.point, daemons.log
    slowest = 0
    with Readers(point, want) as readers:
        for how in itertools.islice(itertools.cycle(ENDINGS), cycles):
            begin = time.monotonic()
            daemon = daemons().ready()
            slowest = max(slowest, time.monotonic() - begin)
            end(home, daemon, how, readers)
            assert daemon.ended() == 0, (how, log.read_text()[-2000:])
            assert not is_mounted(point), how
    assert readers.reads > 0
    assert "ERROR" not in log.read_text()
    assert processes(str(point)) == []
    assert (left_behind(home), descriptors()) == before
    assert list(point.iterdir()) == []
    print(f"{cycles} mounts and unmounts, {readers.reads} reads, slowest start {slowest:.2f} s")


# kill -9


class Victim:
    """What the daemon is busy with when it is killed. Each knows what must be true afterwards."""

    def __init__(self, home, point, archive, imported, ids, dice):
        self.home, self.point, self.dice = home, point, dice
        self.archive, self.imported, self.ids = archive, imported, ids
        self.helpers = []

    def run(self, *command):
        self.helpers.append(subprocess.Popen(
            list(map(str, command)), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL))

    def idle(self):
        pass

    def reading(self):
        self.run("grep", "-r", "CREATE", self.point / "by-database")

    def exporting(self):
        self.run("cp", self.point / f"export/{self.ids[0]}.tar.gz", "/dev/null")
        self.run("cp", self.point / f"export/{self.ids[1]}.tar", "/dev/null")

    def importing(self):
        self.run("cp", self.archive, self.point / "import/")

    def importing_a_tree(self):
        self.run("tar", "-C", self.point / "import", "-xf", self.archive)

    def changing(self):
        by_tag = self.point / "by-tag/k"
        value = f"v{self.dice.randrange(1000)}"
        self.run("sh", "-c", f"mkdir -p {by_tag}/{value} && ln -s {self.ids[-1]} {by_tag}/{value}/")
        self.run("rm", self.point / "by-id" / self.imported)

    def planning(self):
        self.run("cat", self.point / f"by-id/{self.ids[0]}/plan.sql")

    def finish(self):
        for helper in self.helpers:
            helper.wait(timeout=PATIENCE_SECONDS)
        self.helpers.clear()


STATES = ("idle", "reading", "exporting", "importing", "importing_a_tree", "changing", "planning")


def check_after_kill(home, daemon, want, dice):
    for path in dice.sample(sorted(want), 4):
        assert (daemon.point / path).read_bytes() == want[path]
    # What was half done is there or not there, and what is there can be read.
    for link in (daemon.point / "by-id").iterdir():
        assert (link / "schema.sql").read_bytes()


def test_killed_in_every_state_it_starts_again(home, shop, mounts, daemons, tmp_path):
    kills = how_many("MOUNT_KILLS", 2 * len(STATES), 1000)
    dice = random.Random(kills)
    ids = [create(home) for _ in range(3)]  # the last one gets tags
    imported = create(home)
    archive = tmp_path / "imported.tar.gz"
    home.run("backup", "export", imported, "--output", archive)
    home.run("backup", "delete", imported, "--force")
    want = contents(mounts(home).point, ids[:-1])
    point = daemons.point
    early = 0
    for number in range(kills):
        daemon = daemons("-o", "rw")
        if number % 5 == 4:  # while it starts
            time.sleep(dice.random() * 0.02)
            early += not is_mounted(point)
            daemon.kill()
            continue
        daemon.ready()
        check_after_kill(home, daemon, want, dice)
        victim = Victim(home, point, archive, imported, ids, dice)
        getattr(victim, STATES[number % len(STATES)])()
        time.sleep(dice.random() * 0.05)
        daemon.kill()
        victim.finish()
    daemon = daemons().ready()
    check_after_kill(home, daemon, want, dice)
    end(home, daemon, "SIGTERM")
    assert daemon.ended() == 0
    assert not is_mounted(point) and processes(str(point)) == []
    for backup in home.json("backup", "list"):
        assert home.json("backup", "validate", backup["id"])["valid"]
    whole = {p.stem for p in home.store.glob("*.meta")}
    ours = whole | {".schemafs", "schemafs"}  # the lock, and a lease, which ends by itself
    halves = [p for p in home.store.iterdir() if p.stem not in ours]
    print(f"{kills} kills, {early} of them before it was mounted; {len(whole)} backups, and what"
          f" was half written: {sorted(p.name for p in halves)}")
    for half in halves:  # it goes when it is a day old
        assert half.name.startswith(".schemafs-tmp-") or half.suffix == ".backup"
        os.utime(half, (0, 0))
    home.run("backup", "recovery-scan", "--fix")
    assert {p.stem for p in home.store.iterdir()} <= ours
    assert left_behind(home) == set()


# Freshness


def seen(check, what, times):
    """Waits until it shows, and notes for how long."""
    begin = time.monotonic()
    while not check():
        assert time.monotonic() - begin < PATIENCE_SECONDS, what
        time.sleep(0.002)
    times.setdefault(what, []).append(time.monotonic() - begin)


def test_every_change_is_seen_within_a_second(home, shop, mounts):
    changes = how_many("FRESHNESS", 60, 10000)
    point = mounts(home).point
    create(home)
    times, made, done = {}, [], 0
    by_id, by_tag, latest = point / "by-id", point / "by-tag", point / f"by-database/{shop}/latest"
    while done < changes:
        os.listdir(by_id), os.listdir(point / "export"), os.listdir(by_tag)
        tag = f"t{done}"
        absent = by_tag / "n" / tag
        assert not absent.exists()
        made.append(create(home, "--tag", f"n={tag}"))
        seen(lambda: made[-1] in os.listdir(by_id), "made: listed", times)
        newest = home.json("backup", "list", "--limit", 1)[0]["id"] if done % 8 == 0 else None
        if newest:
            seen(lambda: os.readlink(latest).endswith(newest), "made: latest", times)
        seen((by_id / made[-1] / "schema.sql").exists, "made: found", times)
        seen(absent.exists, "made: tag", times)
        assert (absent / made[-1] / "schema.sql").read_bytes()
        home.run("backup", "edit", made[-1], "--tag", f"m={tag}")
        seen((by_tag / "m" / tag / made[-1]).exists, "tagged", times)
        seen(lambda: tag in os.listdir(by_tag / "m"), "tagged: listed", times)
        done += 2
        if len(made) > 5:
            gone = made.pop(0)
            real = (by_id / gone).resolve()
            home.run("backup", "delete", gone, "--force")
            seen(lambda: gone not in os.listdir(by_id), "deleted: listed", times)
            seen(lambda: not os.path.lexists(by_id / gone), "deleted: found", times)
            seen(lambda: not real.exists(), "deleted: directory", times)
            done += 1
    slow = {what: sum(s > SEEN_SECONDS for s in t) for what, t in times.items()}
    for what, t in times.items():
        print(f"{what:20} {len(t):6} times, median {sorted(t)[len(t) // 2] * 1000:4.0f} ms,"
              f" slowest {max(t) * 1000:5.0f} ms, slower than {SEEN_SECONDS} s: {slow[what]}")
    assert sum(slow.values()) == 0, slow


# Descriptors and memory


def status_of(pid, key):
    lines = pathlib.Path(f"/proc/{pid}/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith(key)).split()[1])


def children(pid):
    return subprocess.run(["ps", "--ppid", str(pid), "-o", "pid="], capture_output=True,
                          text=True).stdout.split()


def change_meanwhile(home, point, archive, imported, stop):
    """Backups come, go, are tagged, imported and looked at by everything that keeps something."""
    for number in itertools.count():
        if stop.is_set():
            return
        made = create(home, "--tag", f"n=v{number % 7}")
        with contextlib.suppress(OSError):  # what stays in import/ is held open for a minute
            shutil.copyfile(archive, point / "import" / f"x{number}.tar.gz")
            (point / "import" / f"x{number}.tar.gz").unlink()
        with contextlib.suppress(OSError):
            (point / "import" / "bad").write_bytes(b"no archive")
        for path in ("live", "status/usage.json", "status/health.json"):
            with contextlib.suppress(OSError):
                subprocess.run(["ls", "-lR", point / path], stdout=subprocess.DEVNULL)
        for plan in point.glob("by-database/*/*/*/plan.sql"):
            with contextlib.suppress(OSError):
                plan.read_bytes()
        for gone in (made, imported):
            home.run("backup", "delete", gone, "--force", status=None)


def test_descriptors_and_memory_stay_as_they_are(home, shop, mounts, tmp_path):
    seconds = how_many("SOAK_SECONDS", 8, 1800)
    ids = [create(home) for _ in range(5)]
    imported = create(home)
    archive = tmp_path / "imported.tar.gz"
    home.run("backup", "export", imported, "--output", archive)
    home.run("backup", "delete", imported, "--force")
    mount = mounts(home)
    pid = mount.process.pid
    want = contents(mount.point, ids)
    stop = threading.Event()
    changer = threading.Thread(target=change_meanwhile, daemon=True,
                               args=(home, mount.point, archive, imported, stop))
    samples = []
    with Readers(mount.point, want, 4) as readers:
        changer.start()
        begin = time.monotonic()
        while time.monotonic() - begin < seconds:
            time.sleep(seconds / 120)
            samples.append((status_of(pid, "VmRSS"), descriptors(pid), status_of(pid, "Threads"),
                            len(children(pid))))
        assert mount.process.poll() is None, mount.log
        stop.set()
    changer.join(PATIENCE_SECONDS)
    assert not changer.is_alive()
    half = len(samples) // 2
    for name, of in (("VmRSS kB", 0), ("descriptors", 1), ("threads", 2), ("children", 3)):
        values = [s[of] for s in samples]
        print(f"{name:12} first half at most {max(values[:half])}, second {max(values[half:])},"
              f" last {values[-1]}")
    print(f"{readers.reads} reads in {seconds} s")
    assert max(s[3] for s in samples) == 0
    assert max(s[1] for s in samples[half:]) <= max(s[1] for s in samples[:half]) + 8
    sanitized = "san.so" in pathlib.Path(f"/proc/{pid}/maps").read_text()
    if seconds >= 60 and not sanitized:  # before that it still fills its caches
        assert max(s[0] for s in samples[half:]) <= max(s[0] for s in samples[:half]) * 1.1
