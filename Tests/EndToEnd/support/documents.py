"""Made-up documents: the JSON of the Models API with everything in it that is legal and unkind. Seeded, so that a
document that was carried wrongly once can be made again."""

import random
from typing import Any

from .schema import ENUMS, SCHEMAS

_TEXTS = ["", "GPT_4", "4.1 GB", "a/b\\c", 'say "hi"', "\b\f\n\r\t", "\x1f\x7f", "é", "\u2028", "日🙂", "\ufeff"]
_UNKIND = ["\0", "a\0b", "\ud83d", "\ude42", "\ude42\ud83d", "x\udfff!"]
_NAMES = ["reference", "x", "", "max_tokens", "Name", "additional_properties", "é", "🙂", "a\0b", "\ud800"]
_INTEGERS = ["0", "-1", "7", "9223372036854775807", "-9223372036854775808", "4294967296", "9007199254740992"]
_WIDE_INTEGERS = ["9223372036854775808", "-9223372036854775809", "18446744073709551616", "1" * 40]
_DECIMALS = ["0.1", "-2.5", "1e3", "6.02E+23", "1e-7", "1.7976931348623157e308", "5e-324", "0e-999", "3.0"]
_WIDE_DECIMALS = ["1e400", "-1E999", "1e-400", "2e-324", "0.3e99999"]
_NUMBERS = [*_INTEGERS, *_DECIMALS]
_WIDE_NUMBERS = ["9007199254740993", *_WIDE_INTEGERS, *_WIDE_DECIMALS]
_TIMES = [
    "2024-02-29T12:34:56Z",
    "2024-02-29T12:34:56.123Z",
    "2024-02-29t12:34:56.123456789z",
    "1969-12-31T23:59:59.5+05:30",
    "2024-01-01T00:00:00-00:00",
    "0001-01-01T00:00:00Z",
    "9999-12-31T23:59:59.999999999Z",
    "2024-01-01T00:00:00.10000000000000+23:59",
]
_NO_TIMES = [
    "2024-01-01T00:00:00",
    "2024-01-01",
    "2016-12-31T23:59:60Z",
    "2023-02-29T00:00:00Z",
    "2024-01-01T24:00:00Z",
    "2024-01-01T00:00:00.0000000001Z",
    "0001-01-01T00:00:00+00:01",
    "9999-12-31T23:59:59-00:01",
    "0000-06-01T00:00:00Z",
    "",
]


class Token(str):
    """JSON text that is written as it is."""


class Members(list):
    """The members of an object, in order and with duplicates."""


class Documents:
    """An endless source of documents."""

    def __init__(self, seed: int):
        self._random = random.Random(seed)

    def document(self, schema: str) -> str:
        return self._write(self._object(schema))

    # Values

    def _object(self, schema: str) -> Members:
        chance = self._random
        members = Members()
        for name, kind in SCHEMAS[schema].items():
            if chance.random() < 0.5:
                members.append((name, self._member(kind)))
        while chance.random() < 0.3:
            members.append((chance.choice(_NAMES), self._anything(3)))
        if members and chance.random() < 0.1:
            name = chance.choice(members)[0]
            members.append((name, self._member(SCHEMAS[schema].get(name, "string"))))
        chance.shuffle(members)
        return members

    def _member(self, kind: str) -> Any:
        if self._random.random() > 0.08:
            return self._fitting(kind)
        member = self._anything(2)
        # Whether 3.0 is an integer may be seen either way.
        return None if kind == "int" and isinstance(member, Token) else member

    def _fitting(self, kind: str) -> Any:
        chance = self._random
        if kind in SCHEMAS:
            return self._object(kind)
        if kind in ENUMS:
            return chance.choice([*ENUMS[kind], "NOT_YET_KNOWN"])
        if kind == "array":
            return [self._object("Model") for _ in range(chance.randrange(4))]
        if kind == "bool":
            return chance.random() < 0.5
        if kind == "datetime":
            return chance.choice(_TIMES if chance.random() < 0.7 else _NO_TIMES)
        if kind == "int":
            return Token(chance.choice(_INTEGERS if chance.random() < 0.8 else _WIDE_INTEGERS))
        if kind == "number":
            return Token(chance.choice(_NUMBERS if chance.random() < 0.8 else _WIDE_NUMBERS))
        return self._text()

    def _anything(self, depth: int) -> Any:
        chance = self._random
        roll = chance.random()
        if roll < 0.25 and depth > 0:
            return [self._anything(depth - 1) for _ in range(chance.randrange(4))]
        if roll < 0.5 and depth > 0:
            return Members((self._text(), self._anything(depth - 1)) for _ in range(chance.randrange(4)))
        if roll < 0.55:
            return Token("[" * 40 + "]" * 40)
        number = Token(chance.choice(chance.choice([_NUMBERS, _WIDE_NUMBERS])))
        return chance.choice([None, True, False, self._text(), self._text(), number])

    def _text(self) -> str:
        chance = self._random
        return "".join(chance.choice(_UNKIND if chance.random() < 0.1 else _TEXTS) for _ in range(chance.randrange(4)))

    # Text

    def _write(self, value: Any) -> str:
        match value:
            case Token():
                return value
            case str():
                return self._quote(value)
            case Members():
                members = [self._quote(name) + self._space() + ":" + self._write(member) for name, member in value]
                return "{" + ",".join(self._space() + member + self._space() for member in members) + "}"
            case list():
                return "[" + ",".join(self._space() + self._write(element) for element in value) + self._space() + "]"
        return {None: "null", True: "true", False: "false"}[value]

    def _space(self) -> str:
        return self._random.choice([" ", "\n", "\t\r\n"]) if self._random.random() < 0.1 else ""

    def _quote(self, text: str) -> str:
        return '"' + "".join(self._character(character) for character in text) + '"'

    def _character(self, character: str) -> str:
        code = ord(character)
        short = {'"': '\\"', "\\": "\\\\", "/": "\\/", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
        if character in short and self._random.random() < 0.7:
            return short[character]
        must_escape = code < 0x20 or character in '"\\' or 0xD800 <= code < 0xE000
        if not must_escape and self._random.random() > 0.1:
            return character
        units = character.encode("utf-16-be", "surrogatepass")
        form = self._random.choice(["\\u%04x", "\\u%04X"])
        return "".join(form % int.from_bytes(units[at : at + 2]) for at in range(0, len(units), 2))
