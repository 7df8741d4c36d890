"""The Markdown pages of the repository: their blocks, tables and links."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from .gateway import ROOT

#: Not ours, or made by programs.
HIDDEN = re.compile(r"(^|/)(\.|build/|.*\.egg-info/)")


def pages() -> list[Path]:
    found = (page.relative_to(ROOT) for top in ("Protos", "Sources", "Tests", "examples") for page in
             (ROOT / top).rglob("*.md"))  # fmt: skip
    return [ROOT / "README.md", *(ROOT / page for page in sorted(found) if not HIDDEN.search(str(page)))]


@dataclass
class Block:
    """What stands between two fences."""

    heading: str
    language: str
    text: str


def blocks(page: Path) -> list[Block]:
    found, heading, inside = [], "", None
    for line in page.read_text().splitlines():
        if inside is None and line.startswith("#"):
            heading = line.lstrip("# ")
        if line.startswith("```"):
            if inside is None:
                inside = Block(heading, line[3:], "")
            else:
                found.append(inside)
                inside = None
        elif inside is not None:
            inside.text += line + "\n"
    return found


def rows(page: Path) -> list[list[str]]:
    """The cells of every row of every table, without headings."""
    lines = page.read_text().splitlines()
    heads = {at - 1 for at, line in enumerate(lines) if line.startswith("| ---")}
    return [
        [cell.strip() for cell in line.strip("|").split("|")]
        for at, line in enumerate(lines)
        if line.startswith("|") and at not in heads and at - 1 not in heads
    ]


def links(page: Path) -> list[str]:
    """Where the page's relative links lead."""
    targets = re.findall(r"\]\(([^)\s]+)\)", page.read_text())
    return [target.partition("#")[0] for target in targets if not re.match(r"[a-z]+:|#", target)]
