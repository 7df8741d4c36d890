"""The page of results."""

from attack import UNITS
from report import MARKS, number, table


def _figure(goal, findings):
    text = f"{number(goal.value(findings) / UNITS[goal.unit])} {goal.unit}"
    if goal.is_wait:
        text += f" ({number(goal.value(findings) / max(findings.before['most'], 1e-6))} × before)"
        if findings.during["unanswered"] > 1:
            text = "over " + text
    return text


def goal_rows(attack, findings):
    """One for each goal; `findings` is a text if the attack could not be carried out."""
    if isinstance(findings, str):
        return [[attack.what, findings, "", "", MARKS[False]]]
    return [
        [attack.what, goal.measured, _figure(goal, findings), f"≤ {goal.limit} {goal.unit}", MARKS[goal.met(findings)]]
        for goal in attack.goals
    ]


def _seen_row(attack, findings):
    def waits(seen):
        errors = f", {seen['errors']} errors" * bool(seen["errors"])
        return f"{number(seen['p99'] * 1000)}, {number(seen['most'] * 1000)}{errors}"

    memory = [findings.memory_before, findings.memory_most]
    return [
        attack.name, waits(findings.before), waits(findings.during), *(number(bytes / (1 << 20)) for bytes in memory),
        number(findings.cpu), number(findings.delay), number(findings.seconds),
    ]  # fmt: skip


GOALS_HEAD = ["attack", "what is measured", "figure", "goal", "met"]
SEEN_HEAD = [
    "attack", "bystander before: p99, longest wait (ms)", "during", "memory before (MiB)", "at most", "CPU (s)",
    "kept from its core (s)", "took (s)",
]  # fmt: skip


def markdown(about, groups):
    """`groups`: by heading, pairs of an attack and its findings."""
    every = [pair for pairs in groups.values() for pair in pairs]
    rows = [row for pair in every for row in goal_rows(*pair)]
    met = sum(row[-1] == MARKS[True] for row in rows)
    parts = [
        f"# Attacks of {about['date']}\n",
        f"`{about['command']}`, {about['cores']} cores: {met} of {len(rows)} goals met. What is measured, and how: "
        "README.md, 'Attacks'. 'Over': it had not ended when the attack's time was up.\n",
    ]
    for heading, pairs in groups.items():
        parts += [f"## {heading}\n", table(GOALS_HEAD, [row for pair in pairs for row in goal_rows(*pair)])]
    seen = [_seen_row(*pair) for pair in every if not isinstance(pair[1], str)]
    parts += ["## What was seen\n", table(SEEN_HEAD, seen)]
    return "\n".join(parts)
