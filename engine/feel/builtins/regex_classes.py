r"""Character classes of XPath regular expressions: ranges, escapes, `\p{…}` categories, subtraction."""

from __future__ import annotations

import re
import sys
import unicodedata
from functools import lru_cache
from typing import Final

from engine.feel.errors import Fault

_NAME_START: Final = ":A-Z_a-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u1fff\u3001-\ud7ff"
_NAME: Final = _NAME_START + r"\-.0-9\u00b7\u0300-\u036f"
CLASS_ESCAPES: Final = {
    "d": r"\d", "D": r"\D", "s": r"[ \t\n\r]", "S": r"[^ \t\n\r]", "w": r"\w", "W": r"\W",
    "i": f"[{_NAME_START}]", "I": f"[^{_NAME_START}]", "c": f"[{_NAME}]", "C": f"[^{_NAME}]",
}  # fmt: skip
_INSIDE: Final = {
    "d": r"\d",
    "D": r"\D",
    "s": r" \t\n\r",
    "w": r"\w",
    "W": r"\W",
    "i": _NAME_START,
    "c": _NAME,
}
_BLOCKS: Final = {
    "IsBasicLatin": "\u0000-\u007f", "IsLatin-1Supplement": "\u0080-\u00ff", "IsCJKUnifiedIdeographs": "\u4e00-\u9fff",
    "IsGreek": "\u0370-\u03ff", "IsCyrillic": "\u0400-\u04ff",
}  # fmt: skip
_CATEGORY: Final = re.compile(r"\{([A-Z][a-z]?|Is[\w-]{1,40})\}", re.ASCII)


def character_class(source: str, at: int) -> tuple[str, int]:
    """The class whose `[` has just been read: Python's text and the position behind `]`; raises `Fault`."""
    negated = source.startswith("^", at)
    at += negated
    parts: list[str] = []
    while at < len(source):
        char = source[at]
        if char == "]" and parts:
            body = "".join(parts)
            return f"[{'^' if negated else ''}{body}]", at + 1
        if source.startswith("-[", at) and parts:
            subtracted, at = character_class(source, at + 2)
            if not source.startswith("]", at):
                break
            return f"(?!{subtracted})[{'^' if negated else ''}{''.join(parts)}]", at + 1
        if char == "[":
            break
        text, at = _member(source, at)
        parts.append(text)
    raise Fault("pattern", "正则表达式有误：字符类没有结束")


def _member(source: str, at: int) -> tuple[str, int]:
    char = source[at]
    if char != "\\":
        return ("-" if char == "-" else re.escape(char)), at + 1
    following = source[at + 1 : at + 2]
    if following in ("p", "P"):
        return property_class(source, at + 2, negated=following == "P")
    if following in _INSIDE:
        return _INSIDE[following], at + 2
    if following and following in r"nrt\|.?*+(){}[]^$-":
        return "\\" + following, at + 2
    raise Fault("pattern", f"正则表达式有误：不认识的转义 \\{following}")


def property_class(source: str, at: int, negated: bool) -> tuple[str, int]:
    r"""The inside of a class for `\p{…}` whose `p` has just been read; raises `Fault`."""
    match = _CATEGORY.match(source, at)
    if match is None:
        raise Fault("pattern", r"正则表达式有误：\p 之后应为 {类别}")
    name = match[1]
    if name.startswith("Is"):
        if name not in _BLOCKS or negated:
            raise Fault("pattern", f"正则表达式有误：没有字符区 {name}")
        return _BLOCKS[name], match.end()
    return _category(name, negated), match.end()


@lru_cache(64)
def _category(name: str, negated: bool) -> str:
    """All characters of a Unicode category as ranges (computed once per category)."""
    ranges: list[str] = []
    start: int | None = None
    for code in range(sys.maxunicode + 2):
        inside = code <= sys.maxunicode and (unicodedata.category(chr(code)).startswith(name) is not negated)
        if inside and start is None:
            start = code
        elif not inside and start is not None:
            ranges.append(_span(start, code - 1))
            start = None
    if not ranges:
        raise Fault("pattern", f"正则表达式有误：没有字符类别 {name}")
    return "".join(ranges)


def _span(first: int, last: int) -> str:
    return f"\\U{first:08x}-\\U{last:08x}"
