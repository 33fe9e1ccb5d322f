# SPDX-License-Identifier: MIT
"""SVG pictures of what was measured, readable on light and on dark pages.

    plot.targets(rows)                  # bars: each figure beside its target
    plot.curve(Curve(title, x, y, {"ours": [(100, 0.2), ...], "peer": [...]}))
"""

import dataclasses
import math
from html import escape

STYLE = """<style>
  text { fill: #24292f; font: 13px system-ui, sans-serif; }
  .title { font-size: 15px; font-weight: 600; }
  .dim { fill: #57606a; font-size: 12px; }
  .grid { stroke: #d0d7de; stroke-width: 1; }
  .target { stroke: #24292f; stroke-width: 1.5; stroke-dasharray: 5 4; }
  .met { fill: #1a7f5a; } .missed { fill: #c2410c; }
  .c0 { stroke: #0b66c3; fill: #0b66c3; } .c1 { stroke: #1a7f5a; fill: #1a7f5a; }
  .c2 { stroke: #c2410c; fill: #c2410c; } .c3 { stroke: #8250df; fill: #8250df; }
  polyline { fill: none !important; stroke-width: 2.5; }
  text.c0, text.c1, text.c2, text.c3 { stroke: none; font-weight: 600; }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3; } .dim { fill: #9198a1; }
    .grid { stroke: #3d444d; } .target { stroke: #e6edf3; }
    .met { fill: #3fb98a; } .missed { fill: #f0883e; }
    .c0 { stroke: #58a6ff; fill: #58a6ff; } .c1 { stroke: #3fb98a; fill: #3fb98a; }
    .c2 { stroke: #f0883e; fill: #f0883e; } .c3 { stroke: #bc8cff; fill: #bc8cff; }
  }
</style>"""


@dataclasses.dataclass
class Curve:
    """How something grows: both axes are logarithmic. x says what of, y in which unit."""

    title: str
    x: str
    y: str
    series: dict  # of [(size, value)], by what was measured

    def as_json(self):
        return dataclasses.asdict(self)


def svg(width, height, parts):
    head = (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
            f'width="{width}" height="{height}" role="img">')  # fmt: skip
    return "\n".join([head, STYLE, *parts, "</svg>"]) + "\n"


def text(x, y, words, anchor="start", kind=""):
    cls = f' class="{kind}"' if kind else ""
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{cls}>{escape(words)}</text>'


def line(x1, y1, x2, y2, kind):
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" class="{kind}"/>'


def share(row):
    """What was measured, in targets: 1 is just met, less is better."""
    value, target = row.value, row.target
    if target == 0:  # nothing at all is wanted
        return 1 + value
    return target / value if row.larger_is_better else value / target


def times(v):
    return f"{v:.2g} ×" if v < 10 else f"{v:,.0f} ×"


def label(row, rows):
    """Its work; and beside what, where that makes the difference."""
    twins = [r for r in rows if r.work == row.work]
    words = row.work if len(twins) == 1 else f"{row.work}, {row.reference}"
    return words if len(words) < 60 else words[:58] + "…"


def targets(rows):
    """Bars that end before the dashed line met their targets; wide ones are cut at four times."""
    left, right, step, top, most = 450, 80, 24, 44, 4
    width = 900
    scale = (width - left - right) / most
    bottom = top + step * len(rows)
    out = [text(16, 24, "What was measured, in targets (shorter is better)", kind="title")]
    for n in range(most + 1):
        out.append(line(left + n * scale, top, left + n * scale, bottom, "grid"))
        out.append(text(left + n * scale, bottom + 18, f"{n} ×", "middle", "dim"))
    for i, row in enumerate(rows):
        y, part = top + i * step, share(row)
        out.append(text(left - 10, y + 17, label(row, rows), "end"))
        length = max(min(part, most) * scale, 2)
        kind = "met" if row.met else "missed"
        out.append(f'<rect x="{left}" y="{y + 5}" width="{length:.1f}" height="15" rx="2" class="{kind}"/>')
        out.append(text(left + length + 6, y + 17, times(part), kind="dim"))
    out.append(line(left + scale, top - 6, left + scale, bottom, "target"))
    out.append(text(left + scale, top - 10, "target", "middle", "dim"))
    return svg(width, bottom + 30, out)


def decades(low, high):
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    return [10.0**n for n in range(first, max(last, first + 1) + 1)]


def tick(v):
    return f"{v:,.0f}" if v >= 1 else f"{v:g}"


def ends_apart(ends, gap=16):
    """Moves labels that would lie on each other: [(y, name)] by y, downwards."""
    placed = []
    for y, name in sorted(ends):
        placed.append((max(y, placed[-1][0] + gap) if placed else y, name))
    return dict((name, y) for y, name in placed)


def curve(c):
    width, height, left, right, top, bottom = 760, 400, 80, 190, 50, 64
    points = [p for series in c.series.values() for p in series]
    xs = decades(min(x for x, _ in points), max(x for x, _ in points))
    ys = decades(min(y for _, y in points), max(y for _, y in points))

    def place(x, y):
        across = (math.log10(x) - math.log10(xs[0])) / (math.log10(xs[-1]) - math.log10(xs[0]))
        up = (math.log10(y) - math.log10(ys[0])) / (math.log10(ys[-1]) - math.log10(ys[0]))
        return left + across * (width - left - right), height - bottom - up * (height - top - bottom)

    out = [text(16, 26, c.title, kind="title")]
    for x in xs:
        at, low = place(x, ys[0])
        out += [line(at, top, at, low, "grid"), text(at, low + 20, tick(x), "middle", "dim")]
    for y in ys:
        begin, at = place(xs[0], y)
        out += [line(begin, at, width - right, at, "grid"), text(begin - 8, at + 4, tick(y), "end", "dim")]
    out.append(text((left + width - right) / 2, height - 16, c.x, "middle"))
    middle = (top + height - bottom) / 2
    out.append(f'<text transform="translate(22 {middle:.0f}) rotate(-90)" text-anchor="middle">{escape(c.y)}</text>')
    last = max(x for x, _ in points)
    ends = ends_apart([(place(*series[-1])[1], name) for name, series in c.series.items()
                       if series[-1][0] == last])  # fmt: skip
    for i, (name, series) in enumerate(c.series.items()):
        places = [place(x, y) for x, y in series]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
        out.append(f'<polyline class="c{i % 4}" points="{path}"/>')
        out += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" class="c{i % 4}"/>' for x, y in places]
        x, y = places[-1]
        if name in ends:
            out.append(text(x + 10, ends[name] + 4, name, kind=f"c{i % 4}"))
        else:  # one that ends early has its name above its end
            out.append(text(x, y - 10, name, "end", kind=f"c{i % 4}"))
    return svg(width, height, out)
