"""Types as they stand behind `instance of` and in function definitions."""

from __future__ import annotations

from .ast import TypeName
from .cursor import Cursor, KnownNames

BUILT_IN = (
    "date and time",
    "days and time duration",
    "years and months duration",
    "day and time duration",
    "year and month duration",
)
_SEVERAL_WORDS = KnownNames(BUILT_IN)


def parse_type(cursor: Cursor) -> TypeName:
    """One type at the cursor."""
    with cursor.nested():
        start = cursor.now.start
        match = _SEVERAL_WORDS.match(cursor.tokens, cursor.at)
        if match:
            cursor.at += match[0]
            return TypeName(start, cursor.last_end, match[1])
        if cursor.now.kind == "function":
            return _function(cursor, start)
        if cursor.accept("null"):
            return TypeName(start, cursor.last_end, "Null")
        name = cursor.name()
        while cursor.now.kind == "." and cursor.ahead() == "name":
            cursor.take()
            name += "." + cursor.name(path=True)
        if cursor.now.kind != "<" or name not in ("list", "range", "context"):
            return TypeName(start, cursor.last_end, name)
        if name == "context":
            return _context(cursor, start)
        cursor.take()
        inner = parse_type(cursor)
        cursor.expect(">")
        return TypeName(start, cursor.last_end, name, (inner,))


def _context(cursor: Cursor, start: int) -> TypeName:
    cursor.take()
    fields: list[tuple[str, TypeName]] = []
    while cursor.now.kind != ">":
        if fields:
            cursor.expect(",")
        name = cursor.name_until(":")
        cursor.expect(":")
        fields.append((name, parse_type(cursor)))
    cursor.take()
    return TypeName(start, cursor.last_end, "context", fields=tuple(fields))


def _function(cursor: Cursor, start: int) -> TypeName:
    cursor.take()
    if not cursor.accept("<"):
        return TypeName(start, cursor.last_end, "function")
    arguments: list[TypeName] = []
    while cursor.now.kind != ">":
        if arguments:
            cursor.expect(",")
        arguments.append(parse_type(cursor))
    cursor.take()
    cursor.expect("->")
    result = parse_type(cursor)
    return TypeName(start, cursor.last_end, "function", tuple(arguments), result=result)
