#!/usr/bin/env python3
"""Checks how the sources hang together.

usage: Tests/Structure/check.py [DIRECTORY]

For every target of the Package.swift in DIRECTORY (the repository's root if none is given) whose files are in Sources,
it fails when

  circles     two files of a target need each other, at once or by way of others
  arrows      a target depends on one that does not stand below it in ORDER, the order of design.md, section 7
  imports     a file imports what its target does not declare, or a target declares what no file imports
  lengths     a Swift file has more than 250 lines, or a function more than 60; those in Tests, too

A file needs another when its code names a type (class, struct, enum, protocol, actor, typealias) that the other
declares. Comments and strings do not count. A name that stands behind another type's (`Other.Name`) is that type's. A
nested type whose name is not the only one of its kind in the target counts only where its outer type stands before it.
A file that extends a type of another file needs that file.

What such a scan of names cannot see: members. A file that calls what an extension in another file has added to a type
needs that file too, and so does a file that uses a value without naming its type. So a circle can be missed; one that
is reported is there.

No Swift here is generated, so none is left out.

The last line is 'N passed, N failed', one for each target and kind of check; the exit code is 0 when nothing failed.
"""

import statistics
import sys
from pathlib import Path

from circles import circles
from manifest import Target, targets
from swift_source import Name, SwiftSource, read

# From the ground up: a target may depend on those before it.
ORDER = """
    CLibUV CProtobufC CNGHTTP2 CZLib CSimdJSON CArguments CContract
    Bytes EventLoop Calls Contract TTRPC GRPC HTTP PiecesOS Transcoding Gateway
    CModelsClient models-gateway pieces-os-simulator
""".split()
# What comes with the toolchain is not declared.
SYSTEM = {"Dispatch", "Foundation", "FoundationEssentials", "Glibc", "Swift", "Synchronization"}
LONGEST_FILE = 250
LONGEST_FUNCTION = 60


def needs(sources: list[SwiftSource], target: str) -> dict[str, dict[str, set[str]]]:
    """Which file of a target needs which others, and for the sake of which names."""
    declared: dict[str, list[tuple[Name, str]]] = {}
    for source in sources:
        for type_ in source.types:
            declared.setdefault(type_.name, []).append((type_, source.path))
    found: dict[str, dict[str, set[str]]] = {source.path: {} for source in sources}
    for source in sources:
        for use in source.uses:
            path = declaring(use, source, declared.get(use.name, []), target)
            if path and path != source.path:
                found[source.path].setdefault(path, set()).add(use.name)
    return found


def declaring(use: Name, source: SwiftSource, declared: list[tuple[Name, str]], target: str) -> str | None:
    """The file that declares what a name is used for, if it is clear which."""
    if use.outer:
        outer = "" if use.outer == target else use.outer
        paths = {path for type_, path in declared if type_.outer == outer}
    elif use.name in source.own_names:
        return None
    else:
        top_level = {path for type_, path in declared if not type_.outer}
        paths = top_level or {path for _, path in declared}
    return paths.pop() if len(paths) == 1 else None


def check_circles(sources: list[SwiftSource], target: str) -> list[str]:
    graph = needs(sources, target)
    problems = []
    for members in circles({path: set(others) for path, others in graph.items()}):
        arrows = [
            f"    {path} needs {other} for {', '.join(sorted(graph[path][other]))}"
            for path in members
            for other in sorted(graph[path])
            if other in members
        ]
        problems.append("\n".join([f"{len(members)} files need each other in a circle: {', '.join(members)}", *arrows]))
    return problems


def check_arrows(target: Target, names: set[str]) -> list[str]:
    if target.name not in ORDER:
        return ["it has no place in ORDER (Tests/Structure/check.py): give it the one that design.md, section 7, does"]
    below = ORDER[: ORDER.index(target.name)]
    upward = [name for name in target.dependencies if name in names and name not in below]
    return [f"it depends on {name}, which does not stand below it" for name in upward]


def check_imports(target: Target, sources: list[SwiftSource]) -> list[str]:
    problems = []
    for source in sources:
        for module in sorted(source.imports - SYSTEM - set(target.dependencies)):
            problems.append(f"{source.path} imports {module}, which Package.swift does not declare")
    imported = set().union(*(source.imports for source in sources))
    if sources:
        for name in target.dependencies:
            if name not in imported:
                problems.append(f"Package.swift declares {name}, which no file imports")
    return problems


def check_lengths(sources: list[SwiftSource]) -> list[str]:
    problems = []
    for source in sources:
        if source.line_count > LONGEST_FILE:
            problems.append(f"{source.path} has {source.line_count} lines, more than {LONGEST_FILE}")
        for function in source.functions:
            if function.length > LONGEST_FUNCTION:
                where = f"{source.path}:{function.line}: {function.name}"
                problems.append(f"{where} has {function.length} lines, more than {LONGEST_FUNCTION}")
    return problems


def read_all(directory: Path) -> list[SwiftSource]:
    files = sorted(directory.rglob("*.swift"))
    return [read(file.relative_to(directory).as_posix(), file.read_text()) for file in files]


def check(root: Path) -> tuple[dict[tuple[str, str], list[str]], list[SwiftSource]]:
    """What is wrong with each target, by its name and the kind of check; and all files of Sources."""
    all_targets = targets((root / "Package.swift").read_text())
    names = {target.name for target in all_targets}
    results: dict[tuple[str, str], list[str]] = {}
    read_sources: list[SwiftSource] = []
    for target in all_targets:
        if not target.directory.startswith("Sources/"):
            continue
        sources = read_all(root / target.directory)
        read_sources += sources
        results[target.name, "arrows"] = check_arrows(target, names)
        if sources:
            results[target.name, "circles"] = check_circles(sources, target.name)
            results[target.name, "imports"] = check_imports(target, sources)
            results[target.name, "lengths"] = check_lengths(sources)
    if tests := read_all(root / "Tests"):
        results["Tests", "lengths"] = check_lengths(tests)
    return results, read_sources


def medians(sources: list[SwiftSource]) -> list[str]:
    lines = [source.line_count for source in sources]
    lengths = [function.length for source in sources for function in source.functions]
    return [
        f"{len(values)} {what}: median {statistics.median(values):g} lines, longest {max(values)}"
        for what, values in (("files", lines), ("functions", lengths))
        if values
    ]


def main(arguments: list[str]) -> int:
    if arguments in (["--help"], ["-h"]):
        print(__doc__.strip())
        return 0
    if len(arguments) > 1 or arguments[:1] and not Path(arguments[0], "Package.swift").is_file():
        print("usage: Tests/Structure/check.py [DIRECTORY], a directory with a Package.swift", file=sys.stderr)
        return 64
    results, sources = check(Path(arguments[0]) if arguments else Path(__file__).resolve().parents[2])
    for (target, kind), problems in results.items():
        for problem in problems:
            print(f"{target}, {kind}: {problem}")
    print(*medians(sources), sep="\n")
    failed = sum(bool(problems) for problems in results.values())
    print(f"{len(results) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
