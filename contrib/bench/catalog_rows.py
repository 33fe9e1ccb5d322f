# SPDX-License-Identifier: MIT
"""Rows about the catalog: listing a million, rebuilding ten thousand."""

from measure import Row, compare
from plot import Curve

COUNT = 10_000
MILLION = 1_000_000


def listing(world, rows):
    config = world.rows(MILLION)
    row = Row(f"backup list --limit 50 of {MILLION:,}, whole process", "", 20, unit="ms")
    compare(row, lambda: world.command("backup", "list", "--limit", 50, "--config", config), None)
    row.ours = [s * 1000 for s in row.ours]
    rows.append(row)


def rebuild(world, rows):
    config = world.many(COUNT)
    row = Row(f"rebuild of the catalog, {COUNT:,} local backups", "", 1.3)

    def again():
        for name in ("catalog.db", "catalog.db-wal", "catalog.db-shm"):
            (config.parent / name).unlink(missing_ok=True)
        world.command("backup", "list", "--limit", 1, "--config", config)

    rows.append(compare(row, again, None, repeats=3))


def curves(world):
    """From a thousand to a million backups in the catalog."""
    listed, ready = [], []
    for count in (1_000, 10_000, 100_000, MILLION):
        config = world.rows(count)
        row = Row("", "", 0)
        compare(row, lambda c=config: world.command("backup", "list", "--limit", 50, "--config", c), None, 5)
        listed.append((count, row.value * 1000))
        with world.mounted(config) as (_, _, seconds):
            ready.append((count, seconds * 1000))
    return {
        "backups": Curve("Backups in the catalog", "backups", "milliseconds",
                         {"backup list --limit 50": listed, "mount until ready": ready})
    }  # fmt: skip


MEASURES = [listing, rebuild]
