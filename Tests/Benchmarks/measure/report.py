"""What is printed and written: one table of goals, one of ratios, and the figures behind them."""

import dataclasses
import json

from goals import Spread, ratios, spread
from throughput import METRICS

MARKS = {True: "met", False: "**not met**"}


def number(value):
    return (
        f"{value:.3f}"
        if value < 0.1
        else f"{value:.2f}"
        if value < 10
        else f"{value:.1f}"
        if value < 100
        else f"{value:,.0f}"
    )


def _value(value):
    if not isinstance(value, Spread):
        return value
    return f"{number(value.median)} ({number(value.min)}–{number(value.max)})"


def table(head, rows):
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(map(str, line))} |" for line in lines) + "\n"


def goals_table(goals):
    return table(
        ["what", "goal", "measured", ""], [[g.what, g.goal, _value(g.value), MARKS[bool(g.met)]] for g in goals]
    )


def ratio_table(results):
    """CPU time a call of the process in the middle; nginx is 1."""
    ways = list(dict.fromkeys(way for found in results.values() for way in found))
    rows = []
    for case, found in results.items():
        nginx = spread([one["cpu_us"] for one in found["nginx"]])
        cells = [
            number(ratios(results, case, way, "nginx").median) if way in found else ""
            for way in ways
            if way != "nginx"
        ]
        rows.append([case.name, f"{number(nginx.median)} µs", *cells])
    return table(["case", "nginx", *(f"{way} / nginx" for way in ways if way != "nginx")], rows)


def figures_table(results):
    rows = [
        [case.name, way, *(_value(spread([one[metric] for one in measured])) for metric in METRICS)]
        for case, found in results.items()
        for way, measured in found.items()
    ]
    return table(["case", "way", "CPU µs a call", "calls a second", "p50 µs", "p99 µs"], rows)


def markdown(about, results, goals):
    met = sum(bool(goal.met) for goal in goals)
    return "\n".join([
        f"# Benchmark of {about['date']}\n",
        f"`{about['command']}`: {about['repetitions']} repetitions of {about['seconds']} s each, {about['cores']} "
        f"cores. Median, and in parentheses the least and the greatest; ratios are taken within a repetition.\n",
        f"## Goals: {met} of {len(goals)} met\n", goals_table(goals),
        "## CPU time a call of the process in the middle, against nginx\n", ratio_table(results),
        "![CPU time a call against nginx](results.svg)\n",
        "## Figures\n", figures_table(results),
    ])  # fmt: skip


def as_json(about, results, goals, others):
    figures = [
        {**dataclasses.asdict(case), "case": case.name, "way": way}
        | {metric: spread([one[metric] for one in measured])._asdict() for metric in METRICS}
        for case, found in results.items()
        for way, measured in found.items()
    ]
    listed = [
        goal._asdict()
        | {"value": goal.value._asdict() if isinstance(goal.value, Spread) else goal.value, "met": bool(goal.met)}
        for goal in goals
    ]
    return json.dumps({**about, "goals": listed, "figures": figures, **others}, indent=2, ensure_ascii=False) + "\n"
