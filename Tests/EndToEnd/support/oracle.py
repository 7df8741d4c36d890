"""What a JSON text means as protobuf, worked out a second time and differently from the gateway.

Both sides become plain values that can be compared: a message is a dict by JSON member name, its extras are parsed JSON
under `additional_properties`, times are (seconds, nanos), enums are numbers.
"""

import json
import re
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from .schema import ENUMS, SCHEMAS

EXTRAS = "additional_properties"


class Number(str):
    """A JSON number as it was written."""

    @property
    def is_integer(self) -> bool:
        return re.fullmatch(r"-?\d+", self) is not None

    @property
    def plain(self) -> int | float | Decimal | tuple:
        """Integers as they are, decimals as the nearest double unless that is infinite or a zero that they are not."""
        if self.is_integer:
            return int(self)
        nearest = float(self)
        is_zero = re.match("[-0.]*[1-9]", self) is None
        if abs(nearest) != float("inf") and (nearest == 0) == is_zero:
            return nearest
        try:
            return Decimal(str(self))
        except InvalidOperation:
            return ("beyond all measure", str(self))


class Misfit(Exception):
    """A value that its typed field cannot carry exactly."""


def parse(text: str | bytes) -> Any:
    """JSON with its numbers as they were written. Of duplicate members the last wins."""
    return json.loads(text, parse_int=Number, parse_float=Number, parse_constant=_refuse)


def plain(value: Any) -> Any:
    """A parsed value in which equal means equal: True is not 1."""
    match value:
        case Number():
            return value.plain
        case bool():
            return ("bool", value)
        case list():
            return [plain(element) for element in value]
        case dict():
            return {name: plain(member) for name, member in value.items()}
    return value


def meaning(text: str | bytes, schema: str) -> dict[str, Any]:
    """What a message of that schema has to hold for this JSON text."""
    return _message(schema, parse(text))


def contents(message) -> dict[str, Any]:
    """What a message does hold."""
    found: dict[str, Any] = {}
    for field, value in message.ListFields():
        name = "maxTokens" if field.name == "max_tokens" else field.name
        if name == EXTRAS:
            found[name] = plain(parse(value))
        elif name == "iterable":
            found[name] = [contents(element) for element in value]
        elif field.message_type is None:
            found[name] = plain(value)
        elif field.message_type.full_name == "google.protobuf.Timestamp":
            found[name] = (value.seconds, value.nanos)
        else:
            found[name] = contents(value)
    return found


def written(message) -> str:
    """The JSON that a message stands for: its extras, and its fields in the place of extras of the same name."""
    members: dict[str, str] = {}
    for field, value in message.ListFields():
        name = "maxTokens" if field.name == "max_tokens" else field.name
        if name == EXTRAS:
            members = {key: _text(member) for key, member in parse(value).items()} | members
        elif field.enum_type is not None:
            members[name] = json.dumps(field.enum_type.values_by_number[value].name.partition(_PREFIXES[name])[2])
        elif field.message_type is None:
            members[name] = json.dumps(value)
        elif field.message_type.full_name == "google.protobuf.Timestamp":
            members[name] = json.dumps(value.ToJsonString())
        else:
            members[name] = written(value)
    return _text({name: Number(member) for name, member in members.items()})


_PREFIXES = {"type": "MODEL_TYPE_", "usage": "MODEL_USAGE_", "semantic": "SEMANTIC_VERSION_"}


def _text(value: Any) -> str:
    """JSON of parsed JSON; a number is written as it was, and so is what poses as one."""
    match value:
        case Number():
            return str(value)
        case list():
            return "[" + ",".join(map(_text, value)) + "]"
        case dict():
            return "{" + ",".join(json.dumps(name) + ":" + _text(member) for name, member in value.items()) + "}"
    return json.dumps(value)


def _message(schema: str, value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise Misfit
    found: dict[str, Any] = {}
    extras: dict[str, Any] = {}
    for name, member in value.items():
        try:
            found[name] = _typed(SCHEMAS[schema].get(name), member)
        except Misfit:
            extras[name] = plain(member)
    if found.get("iterable") == []:
        del found["iterable"]
    if extras:
        found[EXTRAS] = extras
    return found


def _typed(kind: str | None, value: Any) -> Any:
    if kind is None:
        raise Misfit
    if kind in SCHEMAS:
        return _message(kind, value)
    if kind in ENUMS:
        if not _is_string(value) or value not in ENUMS[kind]:
            raise Misfit
        return ENUMS[kind].index(value)
    return {
        "array": _array,
        "bool": _bool,
        "datetime": _instant,
        "int": _int64,
        "number": _double,
        "string": _string,
    }[
        kind
    ](value)


def _array(value: Any) -> list:
    if not isinstance(value, list):
        raise Misfit
    return [_message("Model", element) for element in value]


def _bool(value: Any) -> tuple:
    if not isinstance(value, bool):
        raise Misfit
    return plain(value)


def _int64(value: Any) -> int:
    if not isinstance(value, Number) or not value.is_integer or not -(2**63) <= int(value) < 2**63:
        raise Misfit
    return int(value)


def _double(value: Any) -> float:
    if not isinstance(value, Number) or isinstance(value.plain, (Decimal, tuple)):
        raise Misfit
    try:
        nearest = float(value)
    except OverflowError:
        raise Misfit from None
    if value.is_integer and (nearest == float("inf") or nearest == float("-inf") or int(nearest) != int(value)):
        raise Misfit
    return nearest


def _is_string(value: Any) -> bool:
    return isinstance(value, str) and not isinstance(value, Number)


def _string(value: Any) -> str:
    if not _is_string(value) or re.search("[\0\ud800-\udfff]", value):
        raise Misfit
    return value


_RFC3339 = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:[Zz]|([+-])(\d\d):(\d\d))", re.ASCII
)


def _instant(value: Any) -> tuple[int, int]:
    match = _RFC3339.fullmatch(value) if _is_string(value) else None
    if match is None:
        raise Misfit
    year, month, day, hour, minute, second = map(int, match.groups()[:6])
    fraction = (match[7] or "").rstrip("0")
    offset_hour, offset_minute = int(match[9] or 0), int(match[10] or 0)
    if hour > 23 or minute > 59 or second > 59 or len(fraction) > 9 or offset_hour > 23 or offset_minute > 59:
        raise Misfit
    try:
        days = date(year, month, day).toordinal() - date(1970, 1, 1).toordinal()
    except ValueError:
        raise Misfit from None
    offset = (offset_hour * 60 + offset_minute) * 60 * (-1 if match[8] == "-" else 1)
    seconds = days * 86400 + hour * 3600 + minute * 60 + second - offset
    if not -62135596800 <= seconds <= 253402300799:
        raise Misfit
    return seconds, int(fraction.ljust(9, "0"))


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is no JSON")
