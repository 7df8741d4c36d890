"""What the structure check sees of a Swift file: what it imports, declares and uses, and how long its functions are."""

import re
from dataclasses import dataclass, field
from typing import NamedTuple

from swift_code import code

TOKEN = re.compile(r"`[^`\n]*`|[A-Za-z_]\w*|\d\w*|[^\w\s]")
IMPORT = re.compile(
    r"^[ \t]*(?:@\w+(?:\([^)]*\))?[ \t]+)*(?:(?:public|package|internal|fileprivate|private)[ \t]+)?"
    r"import[ \t]+(?:(?:class|struct|enum|protocol|typealias|func|var|let)[ \t]+)?(\w+)",
    re.MULTILINE,
)
TYPES = {"class", "struct", "enum", "protocol", "actor", "typealias"}
FUNCTIONS = {"func", "init", "deinit", "subscript"}
PRIVATE = {"private", "fileprivate"}
MODIFIERS = PRIVATE | {"public", "package", "internal", "open", "final", "indirect"}


class Token(NamedTuple):
    text: str
    line: int


class Block(NamedTuple):
    """What stands before a brace: of a type its name, of anything else nothing."""

    kind: str = ""
    name: str = ""


class Name(NamedTuple):
    """A type as it is declared or used, with the type or module that it stands in or behind, if any."""

    name: str
    outer: str = ""


class Function(NamedTuple):
    name: str
    line: int
    length: int


@dataclass
class SwiftSource:
    path: str
    line_count: int
    imports: set[str]
    # Those that other files can see.
    types: set[Name] = field(default_factory=set)
    own_names: set[str] = field(default_factory=set)
    uses: set[Name] = field(default_factory=set)
    functions: list[Function] = field(default_factory=list)


def read(path: str, text: str) -> SwiftSource:
    stripped = code(text)
    source = SwiftSource(path, len(text.splitlines()), set(IMPORT.findall(stripped)))
    lines = IMPORT.sub("", stripped).split("\n")
    tokens = [Token(text.strip("`"), number) for number, line in enumerate(lines, 1) for text in TOKEN.findall(line)]
    _find_uses(source, tokens)
    _find_declarations(source, tokens)
    return source


def _find_uses(source: SwiftSource, tokens: list[Token]):
    for index, token in enumerate(tokens):
        if token.text[:1].isupper():
            is_behind_a_type = index > 1 and tokens[index - 1].text == "." and tokens[index - 2].text[:1].isupper()
            source.uses.add(Name(token.text, tokens[index - 2].text if is_behind_a_type else ""))


def _find_declarations(source: SwiftSource, tokens: list[Token]):
    blocks: list[Block] = []
    coming = Block()
    for index, (token, line) in enumerate(tokens):
        before = tokens[index - 1].text if index else ""
        after = tokens[index + 1].text if index + 1 < len(tokens) else ""
        if token == "{":
            blocks.append(coming)
            coming = Block()
        elif token == "}":
            if blocks:
                blocks.pop()
        elif token == "extension":
            coming = Block(token, _extended(tokens, index))
        elif token in TYPES and before != "." and after[:1].isupper():
            source.own_names.add(after)
            is_local = bool(blocks) and not blocks[-1].kind
            if not is_local and not _is_private(tokens, index):
                source.types.add(Name(after, blocks[-1].name if blocks else ""))
            if token != "typealias":
                coming = Block(token, after)
        elif token in FUNCTIONS and before != "." and not (blocks and blocks[-1].kind == "protocol"):
            end = _end_of_body(tokens, index)
            if end is not None:
                source.functions.append(Function(after if token == "func" else token, line, end - line + 1))


def _extended(tokens: list[Token], index: int) -> str:
    """The name of the type that an extension extends, without those that it stands in."""
    index += 1
    while index + 2 < len(tokens) and tokens[index + 1].text == ".":
        index += 2
    return tokens[index].text if index < len(tokens) else ""


def _is_private(tokens: list[Token], index: int) -> bool:
    while index and tokens[index - 1].text in MODIFIERS:
        index -= 1
        if tokens[index].text in PRIVATE:
            return True
    return False


def _end_of_body(tokens: list[Token], start: int) -> int | None:
    """The line of the brace that closes the body of the function that begins there; None if it has no body."""
    depth = 0
    for index in range(start + 1, len(tokens)):
        token = tokens[index].text
        if token in ("(", "[", "{"):
            depth += 1
        elif token in (")", "]", "}"):
            depth -= 1
            if depth < 0:
                return None
            if depth == 0 and token == "}":
                return tokens[index].line
    return None
