# SPDX-License-Identifier: MIT
"""Measuring one thing beside another: interleaved, with warm-up, as ratios.

    row = Row("find, warm", "ext4", 1.3)
    compare(row, lambda: find(mount), lambda: find(ext4))
    print(row)

A machine that does something else meanwhile slows both; the ratio stays.
"""

import dataclasses
import statistics
import subprocess
import time


@dataclasses.dataclass
class Row:
    """A line of the table. ours and reference are seconds, or what unit says."""

    work: str
    reference: str
    target: float  # of the ratio, or of ours where there is no reference
    larger_is_better: bool = False
    unit: str = "s"
    ours: list = dataclasses.field(default_factory=list)
    beside: list = dataclasses.field(default_factory=list)
    note: str = ""

    @property
    def value(self):
        """The ratio of the medians; the median itself when nothing stands beside it."""
        ours = statistics.median(self.ours)
        return ours / statistics.median(self.beside) if self.beside else ours

    @property
    def spread(self):
        """The smallest and the largest ratio of neighbours in time."""
        if not self.beside:
            return min(self.ours), max(self.ours)
        ratios = [a / b for a, b in zip(self.ours, self.beside)]
        return min(ratios), max(ratios)

    @property
    def met(self):
        if self.larger_is_better:
            return self.value >= self.target
        return self.value <= self.target

    def as_json(self):
        return {
            "work": self.work, "reference": self.reference, "target": self.target,
            "larger_is_better": self.larger_is_better, "unit": self.unit,
            "ours": self.ours, "beside": self.beside, "value": self.value,
            "spread": self.spread, "met": self.met, "note": self.note,
        }


def seconds(work):
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def compare(row, ours, beside, repeats=5, warm_up=1):
    """Runs both in turn; what they return counts when it is a number, else the time."""

    def one(work):
        began = time.perf_counter()
        result = work()
        took = time.perf_counter() - began
        return result if isinstance(result, (int, float)) else took

    for i in range(warm_up + repeats):
        a, b = one(ours), one(beside) if beside else None
        if i >= warm_up:
            row.ours.append(a)
            if b is not None:
                row.beside.append(b)
    return row


def quiet(*command, **how):
    """Runs a program to its end; what it prints is read and dropped."""
    subprocess.run([str(c) for c in command], check=True, stdout=subprocess.DEVNULL, **how)
