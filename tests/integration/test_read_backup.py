# SPDX-License-Identifier: MIT
"""contrib/read-backup, which knows docs/format.md and none of our code, reads what we write."""

import os
import pathlib
import shutil
import subprocess

import pytest

PROJECT = pathlib.Path(__file__).resolve().parents[2]
SAMPLES = PROJECT / "tests/data/format"
SECRET = SAMPLES / "secret.hex"
NAMES = sorted(p.stem for p in SAMPLES.glob("*.meta"))


def read_backup(*arguments):
    """Exit status, output and errors; no secret in the environment."""
    environment = {k: v for k, v in os.environ.items() if k != "BACKUP_ENCRYPTION_KEY"}
    command = ["/usr/bin/python3", PROJECT / "contrib/read-backup", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, env=environment, timeout=60)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


@pytest.fixture
def copy(tmp_path):
    """A sample's two files where they may be changed; gives the path without suffix."""

    def make(name):
        for suffix in (".meta", ".backup"):
            shutil.copy(SAMPLES / (name + suffix), tmp_path)
        return tmp_path / name

    return make


def flip(path, at):
    data = bytearray(path.read_bytes())
    data[at] ^= 1
    path.write_bytes(data)


def test_there_are_samples_of_every_kind():
    assert len(NAMES) == 6
    for word in ("none", "gzip", "lz4", "zstd", "plain", "encrypted"):
        assert any(word in name for name in NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_it_reads_every_sample(name):
    status, out, err = read_backup(SAMPLES / name, "--secret-file", SECRET)
    assert (status, err) == (0, "")
    assert out == (SAMPLES / "SHA256SUMS").read_text()


def test_it_extracts_parts(tmp_path):
    status, out, err = read_backup(SAMPLES / "sample_zstd_encrypted", "--secret-file", SECRET,
                                   "--extract", tmp_path / "new")
    assert (status, err) == (0, "")
    view = tmp_path / "new/objects/views/v.sql"
    assert view.read_text() == "CREATE VIEW `v` AS SELECT 1;\n"
    status, out, err = read_backup(SAMPLES / "sample_none_plain", "--cat",
                                   "objects/views/v.sql")
    assert (status, out) == (0, view.read_text())


def test_it_says_which_secret_is_missing(tmp_path):
    other = tmp_path / "other.hex"
    other.write_text("ff" * 31 + "00\n")
    status, out, err = read_backup(SAMPLES / "sample_lz4_encrypted")
    assert (status, out) == (1, "")
    assert "needs the secret 507d2b4ef4f1b14f8769dbc5b607ab8f" in err
    status, out, err = read_backup(SAMPLES / "sample_lz4_encrypted", "--secret-file", other)
    assert (status, out) == (1, "")
    assert "needs secret 507d2b4ef4f1b14f8769dbc5b607ab8f, got " in err


@pytest.mark.parametrize("name", ["sample_zstd_encrypted", "sample_gzip_plain"])
@pytest.mark.parametrize("suffix", [".meta", ".backup"])
@pytest.mark.parametrize("at", [0, 8, 16, 33, 60, -1])
def test_it_refuses_damage(copy, name, suffix, at):
    backup = copy(name)
    flip(backup.with_name(name + suffix), at)
    status, out, err = read_backup(backup, "--secret-file", SECRET)
    assert (status, out) == (1, "")
    assert err.startswith("read-backup: ")


def test_it_refuses_another_backups_files(copy, tmp_path):
    copy("sample_zstd_plain")
    for suffix in (".meta", ".backup"):
        (tmp_path / f"sample_zstd_plain{suffix}").rename(tmp_path / f"other{suffix}")
    status, out, err = read_backup(tmp_path / "other")
    assert (status, out) == (1, "")
    assert "another backup" in err
