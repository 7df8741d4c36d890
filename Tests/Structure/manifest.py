"""The targets of a Package.swift, and what each depends on."""

import re
from dataclasses import dataclass


@dataclass
class Target:
    name: str
    directory: str
    dependencies: list[str]


def targets(manifest: str) -> list[Target]:
    """Those that are written out in `targets: [...]`; what the manifest computes is not seen."""
    text = _without_comments(manifest)
    found = []
    for match in re.finditer(r"\btargets:\s*(?=\[)", text):
        for kind, arguments in _calls(_enclosed(text, match.end()))[1]:
            if name := re.match(r'\s*name:\s*"([^"]+)"', arguments):
                path = re.search(r'\bpath:\s*"([^"]+)"', arguments)
                folder = "Tests" if kind == "testTarget" else "Sources"
                found.append(Target(name[1], path[1] if path else f"{folder}/{name[1]}", _dependencies(arguments)))
    return found


def _dependencies(arguments: str) -> list[str]:
    start = re.search(r"\bdependencies:\s*(?=\[)", arguments)
    if not start:
        return []
    plain, calls = _calls(_enclosed(arguments, start.end()))
    named = [re.match(r'\s*name:\s*"([^"]+)"', call) for _, call in calls]
    return re.findall(r'"([^"]+)"', plain) + [name[1] for name in named if name]


def _calls(text: str) -> tuple[str, list[tuple[str, str]]]:
    """A list without its calls, such as `.product(...)`; and these, each with what stands in its parentheses."""
    calls = []
    while match := re.search(r"\.(\w+)(?=\()", text):
        arguments = _enclosed(text, match.end())
        calls.append((match[1], arguments))
        text = text[: match.start()] + text[match.end() + len(arguments) + 2 :]
    return text, calls


def _enclosed(text: str, start: int) -> str:
    """What stands between the bracket at `start` and the one that closes it."""
    depth = 0
    for mark in re.finditer(r'"(?:\\.|[^"\\])*"|[(\[{]|[)\]}]', text[start:]):
        if mark[0] in "([{":
            depth += 1
        elif mark[0] in ")]}":
            depth -= 1
            if depth == 0:
                return text[start + 1 : start + mark.start()]
    return text[start + 1 :]


def _without_comments(text: str) -> str:
    return re.sub(r'("(?:\\.|[^"\\\n])*")|//[^\n]*', lambda match: match[1] or "", text)
