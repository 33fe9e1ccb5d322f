# SPDX-License-Identifier: MIT
"""The table and the plots of docs/performance-guide.md, made from measured rows."""

import pathlib
import statistics

DOCS = pathlib.Path(__file__).resolve().parents[2] / "docs"
GUIDE = DOCS / "performance-guide.md"
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


def plot(rows):
    """Bars of value divided by target: what ends before the line is met."""
    height, left, width = 22, 330, 900
    scale = (width - left) / 2
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height * len(rows) + 30}" '
        'font-family="sans-serif" font-size="12">'
    ]
    for i, r in enumerate(rows):
        share = r.target / r.value if r.larger_is_better else r.value / r.target
        y = 10 + i * height
        color = "#2f7d4f" if r.met else "#c0392b"
        out.append(f'<text x="{left - 8}" y="{y + 13}" text-anchor="end">{r.work}</text>')
        out.append(
            f'<rect x="{left}" y="{y + 2}" width="{min(share, 2) * scale:.1f}" height="14" '
            f'fill="{color}"><title>{share:.2f} of the target</title></rect>'
        )
    bottom = 10 + height * len(rows)
    out.append(f'<line x1="{left + scale}" x2="{left + scale}" y1="4" y2="{bottom}" stroke="#888"/>')
    out.append(f'<text x="{left + scale}" y="{bottom + 14}" text-anchor="middle">target</text></svg>')
    return "\n".join(out) + "\n"


def curve(points, title, unit):
    """A growth curve: [(size, value)], both axes logarithmic by equal steps of the sizes."""
    width, height, left, bottom = 600, 260, 80, 40
    top = max(v for _, v in points) or 1
    step = (width - left - 20) / max(len(points) - 1, 1)
    places = [
        (left + i * step, height - bottom - (height - bottom - 30) * v / top)
        for i, (_, v) in enumerate(points)
    ]
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        f'font-family="sans-serif" font-size="12"><text x="{left}" y="18">{title}</text>',
        f'<polyline fill="none" stroke="#4a90d9" stroke-width="2" points="'
        + " ".join(f"{x:.1f},{y:.1f}" for x, y in places) + '"/>',
    ]
    for (x, y), (size, value) in zip(places, points):
        out.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="#4a90d9"/>')
        out.append(f'<text x="{x:.1f}" y="{height - 18}" text-anchor="middle">{size:,}</text>')
        out.append(f'<text x="{x:.1f}" y="{y - 8:.1f}" text-anchor="middle">{number(value)} {unit}</text>')
    return "\n".join(out) + "\n</svg>\n"


def write(rows, curves, machine):
    """Puts the table between the marks of the guide, and the plots beside it."""
    plots = DOCS / "plots"
    plots.mkdir(exist_ok=True)
    (plots / "targets.svg").write_text(plot(rows))
    pictures = ["![Each figure beside its target](plots/targets.svg)"]
    for name, (points, title, unit) in curves.items():
        (plots / f"{name}.svg").write_text(curve(points, title, unit))
        pictures.append(f"![{title}](plots/{name}.svg)")
    text = GUIDE.read_text()
    head, rest = text.split(BEGIN)
    tail = rest.split(END)[1]
    body = f"{BEGIN}\n\n{machine}\n\n{table(rows)}\n\n" + "\n\n".join(pictures) + f"\n\n{END}"
    GUIDE.write_text(head + body + tail)
