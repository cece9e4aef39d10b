"""Text to tokens. Names are single words here; the parser joins the words of a name with blanks."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from .errors import FeelSyntaxError
from .limits import MAX_TEXT

KEYWORDS: Final = frozenset(
    {
        "and", "between", "else", "every", "external", "false", "for", "function", "if", "in", "instance",
        "null", "or", "return", "satisfies", "some", "then", "true",
    }
)  # fmt: skip

# letters of every script, the marks that stand inside words, pictures beyond the basic plane, and `?`
_START = r"[^\W\d]|[?\u200c\u200d\u2070-\u218f\u2c00-\u2fef\U00010000-\U000effff]"
_PART = _START + r"|[\d\u00b7\u0300-\u036f\u203f\u2040]"
_TOKEN: Final = re.compile(
    rf"""(?P<blank>(?:[\s\u0085\u180e\u200b\u2060\ufeff]|//[^\n]*|/\*.*?\*/)+)
    |(?P<number>(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+)?)
    |(?P<string>"(?:[^"\\]|\\.)*")
    |(?P<at>@\s*"(?:[^"\\]|\\.)*")
    |(?P<name>(?:{_START})(?:{_PART})*)
    |(?P<op>\.\.\.|\.\.|<=|>=|!=|\*\*|->|[-+*/=<>()\[\]{{}},.:|'’])
    """,
    re.VERBOSE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Token:
    """`kind` is number, string, at, name, end – or the keyword or operator itself."""

    kind: str
    text: str
    start: int
    end: int


def tokens(text: str) -> list[Token]:
    """All tokens, an `end` token last. Raises `FeelSyntaxError`."""
    if len(text) > MAX_TEXT:
        raise FeelSyntaxError(f"表达式超过 {MAX_TEXT} 个字符", "too long", text, MAX_TEXT, len(text))
    found: list[Token] = []
    at = 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            if text[at] in '"@':
                raise FeelSyntaxError("引号没有结束", "unterminated string", text, at, len(text))
            if text.startswith("/*", at):
                raise FeelSyntaxError("注释没有结束", "unterminated comment", text, at, len(text))
            raise FeelSyntaxError(
                f"不认识的字符 {text[at]!r}", f"unexpected character {text[at]!r}", text, at
            )
        kind = match.lastgroup or ""
        if kind != "blank":
            word = match.group()
            if kind == "op" or word in KEYWORDS:
                kind = word
            found.append(Token(kind, word, at, match.end()))
        at = match.end()
    found.append(Token("end", "", len(text), len(text)))
    return found


_ESCAPE: Final = re.compile(r"\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{6})|(.))", re.DOTALL)
_SIMPLE: Final = {"n": "\n", "r": "\r", "t": "\t", "\\": "\\", '"': '"', "'": "'"}


def unquote(text: str) -> str:
    """The value of a string literal, quotes included in `text`. An unknown escape stands for itself."""
    body = text[1:-1]
    if "\\" not in body:
        return body
    value = _ESCAPE.sub(_unescape, body)
    # two \u escapes may be the halves of one character
    return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _unescape(match: re.Match[str]) -> str:
    code = match[1] or match[2]
    if code:
        number = int(code, 16)
        return chr(number) if number <= 0x10FFFF else "\ufffd"
    return _SIMPLE.get(match[3], match[0])
