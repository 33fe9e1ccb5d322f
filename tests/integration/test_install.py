# SPDX-License-Identifier: MIT
"""What `meson install` puts where, and that what is installed is what a packager expects."""

import os
import shutil
import subprocess

import pytest

PREFIX = "usr/local"
EXPECTED = [
    "bin/mysql-schema-sync",
    "bin/schemafs",
    "lib/systemd/system/schemafs@.service",
    "share/bash-completion/completions/mysql-schema-sync",
    "share/fish/vendor_completions.d/mysql-schema-sync.fish",
    "share/man/man1/mysql-schema-sync.1",
    "share/man/man1/mysql-schema-sync-backup.1",
    "share/man/man1/mysql-schema-sync-rollback.1",
    "share/man/man1/schemafs.1",
    "share/man/man5/mysql-schema-sync.5",
    "share/zsh/vendor-completions/_mysql-schema-sync",
]


@pytest.fixture(scope="module")
def installed(build_dir, tmp_path_factory):
    root = tmp_path_factory.mktemp("root")
    subprocess.run(
        ["meson", "install", "-C", build_dir, "--no-rebuild", "--quiet"],
        env={**os.environ, "DESTDIR": str(root)}, check=True, capture_output=True,
    )
    return root / PREFIX


@pytest.mark.parametrize("path", EXPECTED)
def test_is_installed(installed, path):
    assert (installed / path).stat().st_size > 0


def test_installed_programs_run(installed):
    for name in ("mysql-schema-sync", "schemafs"):
        done = subprocess.run([installed / "bin" / name, "--version"], capture_output=True, text=True)
        assert done.returncode == 0 and "0.1.0" in done.stdout


def test_manual_pages_are_well_formed(installed):
    root = installed / "share/man"  # what a page stands in for is named from here
    pages = sorted(p.relative_to(root) for p in root.rglob("*") if p.is_file() and not p.is_symlink())
    assert {p.suffix for p in pages} >= {".1", ".5", ".8"}
    done = subprocess.run(["mandoc", "-Tlint", "-Werror", *pages], cwd=root, capture_output=True,
                          text=True)
    assert done.returncode == 0, done.stdout


def test_completions_are_scripts_of_their_shell(installed):
    bash = installed / "share/bash-completion/completions/mysql-schema-sync"
    subprocess.run(["bash", "-n", bash], check=True)
    for shell, path in (("zsh", "zsh/vendor-completions/_mysql-schema-sync"),
                        ("fish", "fish/vendor_completions.d/mysql-schema-sync.fish")):
        if shutil.which(shell):
            subprocess.run([shell, "-n", installed / "share" / path], check=True)


def test_nothing_else_is_installed(installed):
    places = {p.relative_to(installed).parts[0] for p in installed.rglob("*") if p.is_file()}
    assert places <= {"bin", "lib", "share"}
