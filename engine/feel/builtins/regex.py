r"""XPath regular expressions on Python's `re`, or on an automaton where `re` could run for ever.

Differences that are translated: flags `s m i x q`, `\i \c \p{L} \P{L}`, class subtraction `[a-z-[aeiou]]`, `$` (only
the very end), replacement texts with `$1`. The automaton (`regex_automaton`) takes a repetition inside a repeated group
(`(a+)+`), alternatives in a repeated group that may begin alike (`(a|ab)*`), and texts too long for the number of open
repetitions; with references to a group (`\1`) such a pattern is refused.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, NoReturn

from engine.feel.errors import Fault
from engine.feel.limits import MAX_MATCHING, MAX_PATTERN

from .regex_automaton import (
    Automaton,
    Back,
    Branches,
    Edge,
    Group,
    One,
    Part,
    Repeat,
    Sequence,
    may_be_empty,
    python,
)
from .regex_classes import CLASS_ESCAPES, character_class, property_class


@dataclass(frozen=True, slots=True)
class Pattern:
    """A translated pattern.

    `open_repeats`: repetitions without upper limit; `literal`: flag `q` was given; `endless`: a matcher that tries one
    way after the other could run for ever.
    """

    regex: re.Pattern[str]
    part: Part
    open_repeats: int = 0
    anchored: bool = False
    literal: bool = False
    endless: bool = False

    def matcher(self, text: str) -> re.Pattern[str] | Automaton:
        """What searches this text in bounded time; raises `Fault` if nothing does."""
        power = self.open_repeats + (0 if self.anchored else 1)
        if not self.endless and (power < 2 or len(text) ** power <= MAX_MATCHING):
            return self.regex
        return _automaton(self.part, self.regex.groups, self.regex.flags)


@lru_cache(64)
def _automaton(part: Part, groups: int, options: int) -> Automaton:
    return Automaton(part, groups, re.RegexFlag(options))


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
        return Pattern(re.compile(re.escape(pattern), options), Sequence(()), literal=True)
    translator = _Translator(_without_blanks(pattern) if "x" in flags else pattern, flags)
    part = translator.alternatives(0)[0]
    if translator.at < len(translator.source):
        bad("多余的 )")
    try:
        compiled = re.compile(python(part), options)
    except (re.error, OverflowError, RecursionError):
        bad(pattern[:60])
    anchored = pattern.startswith("^") and "m" not in flags
    return Pattern(compiled, part, translator.open_repeats, anchored, endless=translator.endless)


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


def _limits(quantifier: re.Match[str]) -> tuple[int, int | None]:
    """How often a repetition happens at least, and at most (None: without limit)."""
    if quantifier[1] is None:
        return {"*": (0, None), "+": (1, None), "?": (0, 1)}[quantifier[0][0]]
    least = int(quantifier[1])
    return least, int(quantifier[3]) if quantifier[3] else None if quantifier[2] else least


class _Translator:
    """Reads an XPath pattern once and judges its repetitions.

    Each rule answers with its part of the pattern and whether repeating that could try the same text again and again.
    """

    def __init__(self, source: str, flags: str) -> None:
        self.source = source
        self.at = 0
        self.open_repeats = 0
        self.endless = False
        self.closed: list[int] = []
        self.groups = 0
        self.multiline = "m" in flags
        self.dot_all = "s" in flags

    def peek(self) -> str:
        """The next character, empty at the end."""
        return self.source[self.at] if self.at < len(self.source) else ""

    def alternatives(self, depth: int) -> tuple[Part, bool, bool]:
        """`a|b`: the part, holds a repetition, may begin alike."""
        if depth > 20:
            bad("嵌套过深")
        branches: list[Part] = []
        firsts: list[str] = []
        repeats = alike = False
        while True:
            first = self.peek()
            part, inner = self.branch(depth)
            text = python(part)
            repeats = repeats or inner
            plain = first.isalnum() and first not in firsts and not (self.peek() == "" and not text)
            alike = alike or not plain or (len(text) > 1 and text[1] in "?*{")
            firsts.append(first)
            branches.append(part)
            if self.peek() != "|":
                break
            self.at += 1
        if len(branches) == 1:
            return branches[0], repeats, False
        return Branches(tuple(branches)), repeats, alike

    def branch(self, depth: int) -> tuple[Part, bool]:
        """A sequence of repeated atoms."""
        parts: list[Part] = []
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
            self.endless = self.endless or (not single and (risky or may_be_empty(atom)))
            least, most = _limits(quantifier)
            if max(least, most or 0) > 1000:
                bad("重复次数过多")
            variable = unlimited or (quantifier[2] is not None and not single) or mark[0] == "?"
            self.open_repeats += unlimited
            repeats = repeats or variable or risky
            parts.append(Repeat(atom, mark, least, most))
            if self.peek() in ("*", "+", "{"):
                bad("重复次数")
        return Sequence(tuple(parts)), repeats

    def atom(self, depth: int) -> tuple[Part, bool]:
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
            return Group(number if opening == "(" else None, inner), repeats or alike
        if char == "[":
            text, self.at = character_class(self.source, self.at)
            return One(text), False
        if char == "\\":
            reference = self.peek().isdigit() and self.peek() != "0"
            return (self.reference(), True) if reference else (One(self.escape()), False)
        if char == "$":
            return Edge("$" if self.multiline else r"\Z"), False
        if char == ".":
            return One("." if self.dot_all else r"[^\n\r]"), False
        if char in "*+?{}]":
            bad(f"{char} 之前没有内容")
        return (Edge(char) if char == "^" else One(re.escape(char))), False

    def reference(self) -> Back:
        r"""`\1`: what a group that has ended before has matched. Counted like an open repetition, and never repeated."""
        number = int(self.peek())
        self.at += 1
        while self.peek().isdigit() and int(f"{number}{self.peek()}") <= self.groups:
            number = int(f"{number}{self.peek()}")
            self.at += 1
        if number not in self.closed:
            bad(f"没有第 {number} 个分组可引用")
        self.open_repeats += 1
        return Back(number)

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
