r"""XPath regular expressions on Python's `re`, guarded against patterns that could run for ever.

Differences that are translated: flags `s m i x q`, `\i \c \p{L} \P{L}`, class subtraction `[a-z-[aeiou]]`, `$` (only
the very end), replacement texts with `$1`. Refused: a repetition inside a repeated group (`(a+)+`), alternatives in
a repeated group that may begin alike (`(a|ab)*`), and texts too long for the number of open repetitions.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, NoReturn

from engine.feel.errors import Fault
from engine.feel.limits import MAX_MATCHING, MAX_PATTERN

from .regex_classes import CLASS_ESCAPES, character_class, property_class


@dataclass(frozen=True, slots=True)
class Pattern:
    """A translated pattern. `open_repeats`: repetitions without upper limit; `literal`: flag `q` was given."""

    regex: re.Pattern[str]
    open_repeats: int
    anchored: bool
    literal: bool


_FLAGS: Final = {"s": re.DOTALL, "m": re.MULTILINE, "i": re.IGNORECASE}
_QUANTIFIER: Final = re.compile(r"(?:[*+?]|\{(\d{1,5})(,)?(\d{1,5})?\})\??")


def bad(message: str) -> NoReturn:
    """Raise the fault of a pattern."""
    raise Fault("pattern", f"正则表达式有误：{message}")


@lru_cache(512)
def compile_pattern(pattern: str, flags: str) -> Pattern:
    """The translated pattern; raises `Fault`."""
    if len(pattern) > MAX_PATTERN:
        bad("过长")
    options = re.RegexFlag(0)
    for flag in flags:
        if flag not in "smixq":
            bad(f"没有标志 {flag!r}")
        options |= _FLAGS.get(flag, re.RegexFlag(0))
    if "q" in flags:
        return Pattern(re.compile(re.escape(pattern), options), 0, False, True)
    translator = _Translator(_without_blanks(pattern) if "x" in flags else pattern, flags)
    text = translator.alternatives(0)[0]
    if translator.at < len(translator.source):
        bad("多余的 )")
    try:
        compiled = re.compile(text, options)
    except (re.error, OverflowError, RecursionError):
        bad(pattern[:60])
    return Pattern(compiled, translator.open_repeats, pattern.startswith("^") and "m" not in flags, False)


def _without_blanks(pattern: str) -> str:
    """The flag `x`: blanks outside character classes mean nothing."""
    kept: list[str] = []
    depth = 0
    for index, char in enumerate(pattern):
        escaped = index > 0 and pattern[index - 1] == "\\"
        depth += (char == "[" and not escaped) - (char == "]" and not escaped)
        if depth > 0 or not char.isspace():
            kept.append(char)
    return "".join(kept)


def within_budget(pattern: Pattern, text: str) -> None:
    """Raise `Fault` if matching could take longer than the budget allows."""
    power = pattern.open_repeats + (0 if pattern.anchored else 1)
    if power > 1 and len(text) ** power > MAX_MATCHING:
        raise Fault("budget", "文本对这个正则表达式来说过长")


def replacement(text: str, groups: int) -> str | list[str | int]:
    """A replacement text as its parts: texts and group numbers; raises `Fault`."""
    parts: list[str | int] = []
    at = 0
    for match in re.finditer(r"\$(\d)?|\\(.)?", text):
        parts.append(text[at : match.start()])
        at = match.end()
        if match[0].startswith("\\"):
            if match[2] not in ("\\", "$"):
                bad("替换文本里 \\ 之后只能是 \\ 或 $")
            parts.append(match[2])
        elif match[1] is None:
            bad("替换文本里 $ 之后应为数字")
        elif int(match[1]) <= groups:
            parts.append(int(match[1]))
    parts.append(text[at:])
    return (
        "".join(p for p in parts if isinstance(p, str)) if all(isinstance(p, str) for p in parts) else parts
    )


class _Translator:
    """Reads an XPath pattern once, writing Python's and judging its repetitions.

    Each rule answers with its text, whether it holds an open repetition, and the texts its matches may begin with
    (None where that is not one literal character).
    """

    def __init__(self, source: str, flags: str) -> None:
        self.source = source
        self.at = 0
        self.open_repeats = 0
        self.closed: list[int] = []
        self.groups = 0
        self.multiline = "m" in flags
        self.dot_all = "s" in flags

    def peek(self) -> str:
        """The next character, empty at the end."""
        return self.source[self.at] if self.at < len(self.source) else ""

    def alternatives(self, depth: int) -> tuple[str, bool, bool]:
        """`a|b`: text, holds a repetition, may begin alike."""
        if depth > 20:
            bad("嵌套过深")
        branches: list[str] = []
        firsts: list[str] = []
        repeats = alike = False
        while True:
            first = self.peek()
            text, inner = self.branch(depth)
            repeats = repeats or inner
            plain = first.isalnum() and first not in firsts and not (self.peek() == "" and not text)
            alike = alike or not plain or (len(text) > 1 and text[1] in "?*{")
            firsts.append(first)
            branches.append(text)
            if self.peek() != "|":
                break
            self.at += 1
        return "|".join(branches), repeats, alike and len(branches) > 1

    def branch(self, depth: int) -> tuple[str, bool]:
        """A sequence of repeated atoms."""
        parts: list[str] = []
        repeats = False
        while self.peek() not in ("", "|", ")"):
            atom, risky = self.atom(depth)
            quantifier = _QUANTIFIER.match(self.source, self.at)
            if quantifier is None:
                repeats = repeats or risky
                if self.peek() in ("*", "+", "?", "{"):
                    bad("重复次数")
                parts.append(atom)
                continue
            self.at = quantifier.end()
            mark = quantifier[0]
            unlimited = mark[0] in "*+" or (quantifier[2] is not None and quantifier[3] is None)
            single = mark[0] == "?" or mark.startswith(("{0}", "{1}", "{0,1}"))
            if risky and not single:
                bad("重复的分组里还有重复，可能无法结束")
            if max(int(quantifier[1] or 0), int(quantifier[3] or 0)) > 1000:
                bad("重复次数过多")
            variable = unlimited or (quantifier[2] is not None and not single) or mark[0] == "?"
            self.open_repeats += unlimited
            repeats = repeats or variable or risky
            parts.append(atom + mark)
            if self.peek() in ("*", "+", "{"):
                bad("重复次数")
        return "".join(parts), repeats

    def atom(self, depth: int) -> tuple[str, bool]:
        """One character, class, escape or group; and whether repeating it is risky."""
        char = self.peek()
        self.at += 1
        if char == "(":
            opening = "(?:" if self.source.startswith("?:", self.at) else "("
            if opening == "(?:":
                self.at += 2
            elif self.peek() == "?":
                bad("不支持的分组")
            number = self.groups = self.groups + (opening == "(")
            inner, repeats, alike = self.alternatives(depth + 1)
            if self.peek() != ")":
                bad("缺少 )")
            self.at += 1
            if opening == "(":
                self.closed.append(number)
            return f"{opening}{inner})", repeats or alike
        if char == "[":
            text, self.at = character_class(self.source, self.at)
            return text, False
        if char == "\\":
            reference = self.peek().isdigit() and self.peek() != "0"
            return (self.reference(), True) if reference else (self.escape(), False)
        if char == "$":
            return ("$" if self.multiline else r"\Z"), False
        if char == ".":
            return ("." if self.dot_all else r"[^\n\r]"), False
        if char in "*+?{}]":
            bad(f"{char} 之前没有内容")
        return (char if char == "^" else re.escape(char)), False

    def reference(self) -> str:
        r"""`\1`: what a group that has ended before has matched. Counted like an open repetition, and never repeated."""
        number = int(self.peek())
        self.at += 1
        while self.peek().isdigit() and int(f"{number}{self.peek()}") <= self.groups:
            number = int(f"{number}{self.peek()}")
            self.at += 1
        if number not in self.closed:
            bad(f"没有第 {number} 个分组可引用")
        self.open_repeats += 1
        return f"(?:\\{number})"

    def escape(self) -> str:
        """What follows a backslash."""
        char = self.peek()
        self.at += 1
        if char in ("p", "P"):
            text, self.at = property_class(self.source, self.at, negated=char == "P")
            return f"[{text}]"
        if char in CLASS_ESCAPES:
            return CLASS_ESCAPES[char]
        if char in "nrt":
            return "\\" + char
        if char and char in r"\|.?*+(){}[]^$-":
            return "\\" + char
        bad(f"不认识的转义 \\{char}")
