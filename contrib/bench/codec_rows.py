# SPDX-License-Identifier: MIT
"""Rows about payloads: writing and reading a large one, beside its codec and AES-256-GCM alone."""

import subprocess

from measure import Row, compare

SIZE = 24 << 20  # of the payload: large, and bearable for gzip


def payload(world):
    """A large file of SQL, in which names differ as they do in schemas."""
    path = world.fast / "payload.sql"
    if not path.is_file():
        config = world.store("codec", world.database("codec", 300))
        backup = world.create(config)
        folder = world.fast / "exported"
        world.command("backup", "export", backup, "--config", config, "--output", f"{folder}/")
        text = next(folder.rglob("schema.sql")).read_text()
        with path.open("w") as file:
            for i in range(SIZE // len(text) + 1):
                file.write(text.replace("item", f"item{i * 7919}_"))
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
                           ("quick", "read as the mount does")]:
            bound = "write-bound" if what == "write" else "read-bound"
            row = Row(f"{text}, {name} and AES-256-GCM", "codec and AES alone, one after the other",
                      0.8, larger_is_better=True, unit="MB/s", note=note)
            rows.append(compare(row, lambda: size / 1e6 / run(name, what),
                                lambda: size / 1e6 / run(name, bound), repeats=3, warm_up=0))


MEASURES = [codec]
