r"""Regular expressions run as an automaton: every way through the pattern at once, so no pattern can run for ever.

It takes the patterns that would make a backtracking matcher try the same text again and again, `(a+)+` and its kin,
and finds what that one would find: the leftmost match, and of several there the one the pattern prefers (a repeated part
is not repeated with nothing). References to a group are beyond it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from engine.feel.errors import Fault
from engine.feel.limits import MAX_PROGRAM, MAX_WAYS


@dataclass(frozen=True, slots=True)
class One:
    """One character: `text` is Python's pattern for it."""

    text: str


@dataclass(frozen=True, slots=True)
class Edge:
    r"""A place: `^`, `$` or `\Z`."""

    text: str


@dataclass(frozen=True, slots=True)
class Back:
    """What a group has matched, once more."""

    number: int


@dataclass(frozen=True, slots=True)
class Group:
    """A group, `number` None for `(?:…)`."""

    number: int | None
    body: Part


@dataclass(frozen=True, slots=True)
class Branches:
    """`a|b`, the first preferred."""

    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Sequence:
    """One after the other."""

    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Repeat:
    """A repetition as it is written (`mark`); `most` None: without limit."""

    body: Part
    mark: str
    least: int
    most: int | None


Part = One | Edge | Back | Group | Branches | Sequence | Repeat


def python(part: Part) -> str:
    """The part in Python's notation."""
    match part:
        case One(text) | Edge(text):
            return text
        case Back(number):
            return f"(?:\\{number})"
        case Group(number, body):
            return f"({'?:' if number is None else ''}{python(body)})"
        case Branches(parts):
            return "|".join(map(python, parts))
        case Sequence(parts):
            return "".join(map(python, parts))
        case Repeat(body, mark):
            return python(body) + mark


def may_be_empty(part: Part) -> bool:
    """Whether the part may match no character at all."""
    match part:
        case One():
            return False
        case Edge() | Back():
            return True
        case Group(_, body):
            return may_be_empty(body)
        case Branches(parts):
            return any(map(may_be_empty, parts))
        case Sequence(parts):
            return all(map(may_be_empty, parts))
        case Repeat(body, _, least):
            return least == 0 or may_be_empty(body)


Step = tuple[str, int, int, Callable[[str], bool] | None]
_NO: Final = 0
Spans = tuple[int | None, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """A match, with as much of `re.Match` as is asked for."""

    text: str
    spans: Spans

    def start(self) -> int:
        return self.spans[0] or 0

    def end(self) -> int:
        return self.spans[1] or 0

    def __getitem__(self, group: int) -> str | None:
        first, last = self.spans[2 * group], self.spans[2 * group + 1]
        return None if first is None or last is None else self.text[first:last]


class Automaton:
    """A pattern as a program of steps, each reached at most once per character."""

    def __init__(self, part: Part, groups: int, options: re.RegexFlag) -> None:
        self.groups = groups
        self.options = options
        self.program: list[Step] = []
        self._emit(Group(0, part))
        self._step("end")

    def _step(self, kind: str, a: int = _NO, b: int = _NO, test: Callable[[str], bool] | None = None) -> int:
        if len(self.program) >= MAX_PROGRAM:
            raise Fault("pattern", "正则表达式有误：重复次数过多")
        self.program.append((kind, a, b, test))
        return len(self.program) - 1

    def _emit(self, part: Part) -> None:
        match part:
            case One(text):
                self._step("one", test=_known(re.compile(text, self.options)))
            case Edge(text):
                self._step("edge", test=None, a="^$\\".index(text[0]))
            case Group(None, body):
                self._emit(body)
            case Group(number, body):
                assert number is not None
                self._step("save", 2 * number)
                self._emit(body)
                self._step("save", 2 * number + 1)
            case Sequence(parts):
                for one in parts:
                    self._emit(one)
            case Branches(parts):
                self._branches(parts)
            case Repeat():
                self._repeat(part)
            case Back():
                raise Fault("pattern", "正则表达式有误：既引用分组又有多重重复，可能无法结束")

    def _branches(self, parts: tuple[Part, ...]) -> None:
        ends: list[int] = []
        for one in parts[:-1]:
            fork = self._step("fork")
            self._emit(one)
            ends.append(self._step("jump"))
            self._fork(fork, fork + 1, len(self.program), lazy=False)
        self._emit(parts[-1])
        for end in ends:
            self.program[end] = ("jump", len(self.program), _NO, None)

    def _repeat(self, part: Repeat) -> None:
        lazy = len(part.mark) > 1 and part.mark.endswith("?")
        for _ in range(part.least):
            before = len(self.program)
            self._emit(part.body)
            if len(self.program) == before:
                break  # nothing, however often
        if part.most is None:
            fork = self._step("fork")
            self._emit(part.body)
            self._step("jump", fork)
            self._fork(fork, fork + 1, len(self.program), lazy)
            return
        forks: list[int] = []
        for _ in range(part.most - part.least):
            forks.append(self._step("fork"))
            self._emit(part.body)
        for fork in forks:
            self._fork(fork, fork + 1, len(self.program), lazy)

    def _fork(self, at: int, inside: int, beyond: int, lazy: bool) -> None:
        self.program[at] = ("fork", beyond, inside, None) if lazy else ("fork", inside, beyond, None)

    def search(self, text: str) -> Found | None:
        """The leftmost match; raises `Fault` for a text too long for the pattern."""
        return self._search(text, 0, MAX_WAYS)[0]

    def finditer(self, text: str) -> Iterator[Found]:
        """All matches, none empty, one behind the other; raises `Fault` for a text too long for the pattern."""
        found, left = self._search(text, 0, MAX_WAYS)
        while found is not None and found.end() > found.start():
            yield found
            found, left = self._search(text, found.end(), left)

    def _search(self, text: str, begin: int, left: int) -> tuple[Found | None, int]:
        """The leftmost match from a position on, and what is left of the steps that may be taken."""
        blank: Spans = (None,) * (2 * self.groups + 2)
        best: Spans | None = None
        ways: list[tuple[int, Spans]] = []
        for at in range(begin, len(text) + 1):
            begun = {pc for pc, _ in ways}
            if best is None:
                self._follow(0, blank, at, text, ways, begun)
            nearer: list[tuple[int, Spans]] = []
            seen: set[int] = set()
            for pc, spans in ways:
                kind, _, _, test = self.program[pc]
                if kind == "end":
                    best = spans
                    break  # what is left is preferred less
                if test is not None and at < len(text) and test(text[at]):
                    self._follow(pc + 1, spans, at + 1, text, nearer, seen)
            ways = nearer
            left -= len(begun) + len(seen)
            if left < 0:
                raise Fault("budget", "文本对这个正则表达式来说过长")
            if not ways and best is not None:
                break
        return None if best is None else Found(text, best), left

    def _follow(
        self, pc: int, spans: Spans, at: int, text: str, ways: list[tuple[int, Spans]], seen: set[int]
    ) -> None:
        """Every step that waits for a character, reached from here without one, the preferred first."""
        stack = [(pc, spans)]
        while stack:
            pc, spans = stack.pop()
            if pc in seen:
                continue
            seen.add(pc)
            kind, a, b, _ = self.program[pc]
            if kind == "jump":
                stack.append((a, spans))
            elif kind == "fork":
                stack += ((b, spans), (a, spans))
            elif kind == "save":
                stack.append((pc + 1, (*spans[:a], at, *spans[a + 1 :])))
            elif kind == "edge":
                if self._at_edge(a, at, text):
                    stack.append((pc + 1, spans))
            else:
                ways.append((pc, spans))

    def _at_edge(self, kind: int, at: int, text: str) -> bool:
        multiline = bool(self.options & re.MULTILINE)
        if kind == 0:
            return at == 0 or (multiline and text[at - 1] == "\n")
        return at == len(text) or (kind == 1 and multiline and text[at] == "\n")


def _known(pattern: re.Pattern[str]) -> Callable[[str], bool]:
    """A test of one character that remembers its answers."""
    known: dict[str, bool] = {}

    def test(char: str) -> bool:
        answer = known.get(char)
        if answer is None:
            answer = known[char] = pattern.fullmatch(char) is not None
        return answer

    return test
