# SPDX-License-Identifier: MIT
"""The table and the plots of docs/performance-guide.md, made from measured rows."""

import dataclasses
import json
import pathlib
import statistics

import plot
from measure import Row

DOCS = pathlib.Path(__file__).resolve().parents[2] / "docs"
GUIDE = DOCS / "performance-guide.md"
PLOTS = DOCS / "plots"
MEASURED = PLOTS / "measured.json"
BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"


def number(v):
    return f"{v:.3g}" if v < 1000 else f"{v:,.0f}"


def table(rows):
    lines = [
        "| work | beside | ours | theirs | ratio (from, to) | target | |",
        "|---|---|---|---|---|---|---|",
    ]
    for r in rows:
        sign = "≥" if r.larger_is_better else "≤"
        low, high = r.spread
        theirs = f"{number(statistics.median(r.beside))} {r.unit}" if r.beside else "—"
        ratio = f"**{number(r.value)}** ({number(low)}, {number(high)})" if r.beside else "—"
        lines.append(
            f"| {r.work} | {r.reference} | {number(statistics.median(r.ours))} {r.unit} | "
            f"{theirs} | {ratio} | {sign} {number(r.target)}{'' if r.beside else ' ' + r.unit} | "
            f"{'met' if r.met else '**missed**'}{'; ' + r.note if r.note else ''} |"
        )
    return "\n".join(lines)


def read_known():
    """What was published before: rows and curves that are not measured now stay."""
    if not MEASURED.is_file():
        return {"rows": [], "curves": {}}
    return json.loads(MEASURED.read_text())


def merge(rows, curves, about):
    """Everything that is published, in the order in which it was first."""
    known = read_known()
    new = {r.work + "|" + r.reference: {**r.as_json(), "about": about} for r in rows}
    old = {r["work"] + "|" + r["reference"]: r for r in known["rows"]}
    known["rows"] = list({**old, **new}.values())
    known["curves"].update({name: c.as_json() for name, c in curves.items()})
    return known


def from_json(known):
    names = {f.name for f in dataclasses.fields(Row)}
    return Row(**{k: v for k, v in known.items() if k in names})


def write(rows, curves, about):
    """Puts the table between the marks of the guide, and the plots beside it."""
    known = merge(rows, curves, about)
    PLOTS.mkdir(exist_ok=True)
    MEASURED.write_text(json.dumps(known, indent=1) + "\n")
    published = [from_json(r) for r in known["rows"]]
    (PLOTS / "targets.svg").write_text(plot.targets(published))
    pictures = ["![Each figure beside its target](plots/targets.svg)"]
    for name, c in known["curves"].items():
        (PLOTS / f"{name}.svg").write_text(plot.curve(plot.Curve(**c)))
        pictures.append(f"![{c['title']}](plots/{name}.svg)")
    machines = list(dict.fromkeys(r["about"] for r in known["rows"]))
    text = GUIDE.read_text()
    head, rest = text.split(BEGIN)
    tail = rest.split(END)[1]
    body = [BEGIN, "\n".join(machines), table(published), *pictures, END]
    GUIDE.write_text(head + "\n\n".join(body) + tail)
