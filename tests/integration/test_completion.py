# SPDX-License-Identifier: MIT
"""Tab, as bash, zsh and fish see it: each shell runs on a terminal, text and Tab are typed, and what
then stands in the line is read back. What is offered is what the catalog, the server and the
configuration hold now.
"""

import os
import pty
import select
import shutil
import subprocess
import time

import pytest
from cli_fixtures import backup, shop  # noqa: F401

BASH = """
PS1='$ '; bind 'set bell-style none'; bind 'set completion-query-items 0'; bind 'set page-completions off'
source "$SCRIPT"
show() { printf '%s\\n' "$READLINE_LINE" >"$RESULT.new"; mv "$RESULT.new" "$RESULT"; READLINE_LINE=; }
bind -x '"\\C-xp": show'
: >"$RESULT"
"""
ZSH = """
PS1='$ '; setopt no_beep no_prompt_sp; unsetopt list_ambiguous
fpath=("$FOLDER" $fpath); autoload -Uz compinit; compinit -D -u
show() { print -r -- "$BUFFER" >|"$RESULT.new"; mv -f "$RESULT.new" "$RESULT"; BUFFER= }
zle -N show; bindkey '^Xp' show; bindkey '^I' complete-word
: >|"$RESULT"
"""
SHELLS = {"bash": (["bash", "--norc", "--noprofile", "-i"], BASH), "zsh": (["zsh", "-f", "-i"], ZSH)}


class Terminal:
    """A shell on a terminal, in which a line can be typed and completed."""

    def __init__(self, name, home, program, folder):
        words, start = SHELLS[name]
        script = folder / "_mysql-schema-sync"
        script.write_text(home.run("completion", name).stdout)
        (folder / "start").write_text(start)
        self.result = folder / "result"
        env = {**home.env, "SCRIPT": str(script), "FOLDER": str(folder), "RESULT": str(self.result),
               "TERM": "dumb", "PATH": f"{program('mysql-schema-sync').parent}:{home.env['PATH']}"}
        ours, theirs = pty.openpty()
        self.terminal = ours
        self.process = subprocess.Popen(words, env=env, cwd=home.path, stdin=theirs, stdout=theirs,
                                        stderr=theirs, start_new_session=True)
        os.close(theirs)
        self.type(f"source {folder}/start\n")
        self.wait()

    def type(self, text):
        os.write(self.terminal, text.encode())

    def wait(self):
        """Until the result is there; what the shell prints is read and forgotten."""
        end = time.monotonic() + 30
        while not self.result.exists():
            assert time.monotonic() < end, "the shell does not answer"
            if select.select([self.terminal], [], [], 0.02)[0]:
                os.read(self.terminal, 65536)
        text = self.result.read_text()
        self.result.unlink()
        return text

    def complete(self, text):
        """The line after Tab."""
        self.type(f"mysql-schema-sync {text}\t\x18p")
        return self.wait().rstrip("\n").removeprefix("mysql-schema-sync ").rstrip(" =")

    def end(self):
        self.process.kill()
        self.process.wait()
        os.close(self.terminal)


class Fish:
    """fish says without a terminal what Tab would offer."""

    def __init__(self, home, program, folder):
        self.home = home
        (folder / "m.fish").write_text(home.run("completion", "fish").stdout)
        self.start = f"source {folder}/m.fish; "
        self.env = {**home.env, "PATH": f"{program('mysql-schema-sync').parent}:{home.env['PATH']}"}

    def complete(self, text):
        done = subprocess.run(
            ["fish", "--no-config", "-c", self.start + 'complete -C "mysql-schema-sync $argv[1]"', "--", text],
            env=self.env, cwd=self.home.path, capture_output=True, text=True, timeout=30)
        offers = sorted({line.split("\t")[0] for line in done.stdout.splitlines()})
        *before, word = text.split(" ")
        return " ".join([*before, os.path.commonprefix(offers) if offers else word])

    def end(self):
        pass


@pytest.fixture(params=["bash", "zsh", "fish"])
def shell(request, home, program, shop, backup, tmp_path):  # noqa: F811
    if not shutil.which(request.param):
        pytest.skip(f"{request.param} is not here")
    folder = tmp_path / "completion"
    folder.mkdir()
    made = Fish(home, program, folder) if request.param == "fish" \
        else Terminal(request.param, home, program, folder)
    yield made
    made.end()


def test_words_and_live_values(shell, shop, backup, server):  # noqa: F811
    server.sql(f"create database if not exists `{shop}_on_the_server`")
    typed = {
        # commands, options, and values that are always the same
        "backu": "backup",
        "backup val": "backup validate",
        "--debug rollback pl": "--debug rollback plan",
        "backup list --creat": "backup list --created-",
        "backup list --status corr": "backup list --status corrupted",
        "backup list --form": "backup list --format",
        "completion fi": "completion fish",
        # ids, tags, databases of the catalog and of the server, keys of the configuration
        "backup info backup_": f"backup info {backup}",
        "rollback --backup-id backup_": f"rollback --backup-id {backup}",
        "backup delete late": "backup delete latest",
        "backup list --tag rel": "backup list --tag release=1",
        f"backup create --database {shop[:5]}": f"backup create --database {shop}",
        f"backup create --database {shop}_on": f"backup create --database {shop}_on_the_server",
        "config show timez": "config show timezone",
        "config keys backup.compression.thr": "config keys backup.compression.threshold",
        # of another configuration
        "--config nowhere.yaml backup info backup_": "--config nowhere.yaml backup info backup_",
        "--config=nowhere.yaml backup info backup_": "--config=nowhere.yaml backup info backup_",
    }
    found = {text: shell.complete(text) for text in typed}
    server.sql(f"drop database `{shop}_on_the_server`")
    assert found == typed


def test_nothing_is_written_and_nothing_is_said_by_a_broken_configuration(shell, home):
    home.config.write_text("backup: [\n")
    assert shell.complete("backup info backup_") == "backup info backup_"
    assert shell.complete("backup li") == "backup list"
