"""String functions. Positions count characters (code points) from 1; regular expressions are guarded in `regex`."""

from __future__ import annotations

from decimal import Decimal

from engine.feel.errors import Fault
from engine.feel.limits import MAX_LIST, MAX_STRING
from engine.feel.values import Value

from .conversion import whole
from .regex import compile_pattern, replacement
from .registry import declare, functions


def _substring(text: str, start: Decimal, length: Decimal | None = None) -> str:
    first = whole(start, "起始位置")
    if first == 0 or abs(first) > len(text):
        raise Fault("arguments", "起始位置不在文本内")
    begin = first - 1 if first > 0 else len(text) + first
    if length is None:
        return text[begin:]
    count = int(length)
    if count < 1:
        raise Fault("arguments", "长度应为正数")
    return text[begin : begin + count]


def _before(text: str, match: str) -> str:
    return text.partition(match)[0] if match and match in text else ""


def _after(text: str, match: str) -> str:
    if not match:
        return text
    return text.partition(match)[2]


def _matches(text: str, pattern: str, flags: str | None = None) -> bool:
    compiled = compile_pattern(pattern, flags or "")
    return compiled.matcher(text).search(text) is not None


def _replace(text: str, pattern: str, by: str, flags: str | None = None) -> str:
    compiled = compile_pattern(pattern, flags or "")
    matcher = compiled.matcher(text)
    if compiled.matcher("").search("") is not None:
        raise Fault("pattern", "替换的模式不能匹配空文本")
    parts = by if compiled.literal else replacement(by, compiled.regex.groups)
    pieces: list[str] = []
    room = MAX_STRING
    at = 0
    for match in matcher.finditer(text):
        made = (
            parts
            if isinstance(parts, str)
            else "".join(p if isinstance(p, str) else match[p] or "" for p in parts)
        )
        room -= len(made)
        if room < 0:
            raise Fault("budget", "文本过长")
        pieces += (text[at : match.start()], made)
        at = match.end()
    return "".join((*pieces, text[at:]))


def _split(text: str, delimiter: str, flags: str | None = None) -> list[str]:
    compiled = compile_pattern(delimiter, flags or "")
    matcher = compiled.matcher(text)
    if compiled.matcher("").search("") is not None:
        raise Fault("pattern", "分隔的模式不能匹配空文本")
    pieces: list[str] = []
    at = 0
    for match in matcher.finditer(text):
        pieces.append(text[at : match.start()])
        at = match.end()
        if len(pieces) > MAX_LIST:
            raise Fault("budget", "列表过长")
    return [*pieces, text[at:]]


def _join(
    items: list[Value], delimiter: str | None = None, prefix: str | None = None, suffix: str | None = None
) -> str:
    if any(item is not None and not isinstance(item, str) for item in items):
        raise Fault("type", "列表里应都是文本")
    texts = [item for item in items if item is not None]
    between = delimiter or ""
    if sum(map(len, texts)) + len(between) * len(texts) > MAX_STRING:
        raise Fault("budget", "文本过长")
    return (prefix or "") + between.join(texts) + (suffix or "")


FUNCTIONS = functions(
    substring=[declare("string: string, start position: number, length: number?", _substring)],
    string_length=[declare("string: string", lambda text: Decimal(len(text)))],
    upper_case=[declare("string: string", str.upper)],
    lower_case=[declare("string: string", str.lower)],
    substring_before=[declare("string: string, match: string", _before)],
    substring_after=[declare("string: string, match: string", _after)],
    contains=[declare("string: string, match: string", lambda text, match: match in text)],
    starts_with=[declare("string: string, match: string", str.startswith)],
    ends_with=[declare("string: string, match: string", str.endswith)],
    matches=[declare("input: string, pattern: string, flags: null or string?", _matches)],
    replace=[
        declare("input: string, pattern: string, replacement: string, flags: null or string?", _replace)
    ],
    split=[declare("string: string, delimiter: string, flags: null or string?", _split)],
    string_join=[
        declare("list: list, delimiter: null or string?", _join),
        declare("list: list, delimiter: null or string, prefix: string, suffix: string", _join),
    ],
    trim=[declare("string: string", str.strip)],
    is_blank=[declare("string: string", lambda text: not text.strip())],
)
