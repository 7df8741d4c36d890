"""Draws CPU time a call against nginx: bars to the left of the line are cheaper, to the right dearer. Logarithmic."""

import math
from xml.sax.saxutils import escape

from goals import ratios

COLOURS = {"gateway": "blue", "gateway, alone": "teal", "Envoy": "amber"}
LOWEST, HIGHEST = 0.03, 100
LABELS, PANEL, GAP, TOP = 172, 300, 44, 100
BAR, SPACE = 13, 12

STYLE = """
text { font: 12px system-ui, sans-serif; fill: #24292f }
.title { font-size: 15px; font-weight: 600 } .small { font-size: 11px; fill: #57606a }
.grid { stroke: #d0d7de } .one { stroke: #24292f; stroke-width: 1.5 }
.blue { fill: #2f6fdb } .teal { fill: #1b998b } .amber { fill: #d98e04 }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3 } .small { fill: #9198a1 } .grid { stroke: #3d444d } .one { stroke: #e6edf3 }
  .blue { fill: #6ea8ff } .teal { fill: #4fd1c1 } .amber { fill: #f2b544 }
}
"""


def _position(ratio):
    share = math.log(min(max(ratio, LOWEST), HIGHEST) / LOWEST) / math.log(HIGHEST / LOWEST)
    return share * PANEL


def _short(ratio):
    return f"{ratio:.2f}" if ratio < 1 else f"{ratio:.1f}" if ratio < 10 else f"{ratio:.0f}"


def _text(x, y, text, kind="", anchor="start"):
    return f'<text x="{x:.1f}" y="{y:.1f}" class="{kind}" text-anchor="{anchor}">{escape(text)}</text>'


def _legend():
    x, parts = LABELS, []
    for way, colour in COLOURS.items():
        parts.append(f'<rect x="{x}" y="34" width="12" height="12" class="{colour}"/>')
        parts.append(_text(x + 17, 44, way))
        x += 130
    return parts


def _scale(left, bottom, title):
    parts = [_text(left, TOP - 22, title, "title")]
    for ratio in (0.03, 0.1, 0.3, 1, 3, 10, 30, 100):
        x = left + _position(ratio)
        kind = "one" if ratio == 1 else "grid"
        parts.append(f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{TOP}" y2="{bottom}" class="{kind}"/>')
        parts.append(_text(x, TOP - 6, "nginx" if ratio == 1 else f"{ratio:g}", "small", "middle"))
    return parts


def _bars(results, case, left, y):
    parts = []
    for way, colour in COLOURS.items():
        if way in results[case]:
            ratio = ratios(results, case, way, "nginx").median
            one, end = left + _position(1), left + _position(ratio)
            x, width = min(one, end), abs(end - one)
            parts.append(f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{BAR - 2}" class="{colour}"/>')
            anchor, x = ("end", end - 4) if ratio < 1 else ("start", end + 4)
            parts.append(_text(x, y + BAR - 4, _short(ratio), "small", anchor))
            y += BAR
    return parts


def draw(results, date):
    calls = list(dict.fromkeys(case.call for case in results))
    row = BAR * len(COLOURS) + SPACE
    bottom, width = TOP + row * len(calls) + SPACE, LABELS + 2 * PANEL + GAP + 40
    parts = [
        _text(10, 20, "CPU time a call of the process in the middle, against nginx relaying the same bytes", "title")
    ]
    parts += _legend()
    for panel, in_flight in enumerate((1, 32)):
        left = LABELS + panel * (PANEL + GAP)
        parts += _scale(left, bottom, f"{in_flight} in flight")
        for case in results:
            if case.in_flight == in_flight:
                parts += _bars(results, case, left, TOP + SPACE + row * calls.index(case.call))
    parts += [_text(10, TOP + SPACE + row * i + row / 2 - 4, call) for i, call in enumerate(calls)]
    parts.append(
        _text(
            10,
            bottom + 22,
            f"Logarithmic: left of the line is cheaper than nginx, right of it dearer. Measured {date}.",
            "small",
        )
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {bottom + 34}" width="{width}" role="img" '
        f'aria-label="CPU time a call against nginx"><style>{STYLE}</style>\n' + "\n".join(parts) + "\n</svg>\n"
    )
