# SPDX-License-Identifier: MIT
"""Rows about payloads: writing and reading a large one, beside its codec and AES-256-GCM alone."""

import random
import subprocess

from measure import Row, compare

SIZE = 24 << 20  # of the payload: large, and bearable for gzip
SYLLABLES = [c + v for c in "b c d f g h l m n p r s t v st tr pl".split()
             for v in "a e i o u ea io".split()]
TYPES = ["int unsigned NOT NULL", "bigint(20) NOT NULL", "varchar({n}) DEFAULT NULL",
         "varchar({n}) NOT NULL DEFAULT ''", "datetime DEFAULT NULL", "decimal({n},2) NOT NULL",
         "text DEFAULT NULL", "tinyint(1) NOT NULL DEFAULT 0", "enum('a{n}','done') NOT NULL"]


def table(chance, words, number):
    """A table whose columns have names and comments of many words, a few of them often."""
    def some(least, most):
        return chance.choices(words, [1 / (i + 3) for i in range(len(words))],
                              k=chance.randint(least, most))

    columns = dict.fromkeys("_".join(some(1, 2)) for _ in range(chance.randint(4, 30)))
    lines = []
    for column in columns:
        line = f"  `{column}` {chance.choice(TYPES).format(n=chance.randint(8, 60))}"
        if chance.random() < 0.2:
            line += f" COMMENT '{' '.join(some(3, 8))}'"
        lines.append(line)
    body = ",\n".join(lines)
    return f"CREATE TABLE `{'_'.join(some(2, 2))}_{number}` (\n{body}\n) ENGINE=InnoDB;\n\n"


def payload(world):
    """A large file of SQL as people write it: zstd makes less than a quarter of it."""
    path = world.fast / "payload.sql"
    if not path.is_file():
        chance = random.Random(7)
        words = ["".join(chance.choices(SYLLABLES, k=chance.randint(2, 4))) for _ in range(3000)]
        with path.open("w") as file:
            while file.tell() < SIZE:
                file.write("".join(table(chance, words, i) for i in range(100)))
    return path


def codec(world, rows):
    path = payload(world)

    def run(name, what):
        done = subprocess.run([world.program("bench_codec_rates"), path, name, what],
                              check=True, capture_output=True, text=True)
        return float(done.stdout)

    size = path.stat().st_size
    for name in ("zstd", "gzip", "lz4", "none"):
        note = f"{size / 1e6:.0f} MB, {size / run(name, 'stored'):.1f} to 1"
        for what, text in [("write", "write"), ("read", "read with SHA-256"),
                           ("quick", "read without SHA-256")]:
            if name == "none" and what != "quick":
                continue  # SHA-256 alone takes longer than all that is beside it
            bound = "write-bound" if what == "write" else "read-bound"
            row = Row(f"{text}, {name} and AES-256-GCM", "codec and AES alone, one after the other",
                      0.8, larger_is_better=True, unit="MB/s", note=note)
            rows.append(compare(row, lambda: size / 1e6 / run(name, what),
                                lambda: size / 1e6 / run(name, bound), repeats=5, warm_up=0))


MEASURES = [codec]
