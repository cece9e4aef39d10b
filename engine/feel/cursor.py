"""Reading tokens and names. FEEL's names may hold blanks and operators, so what a name is depends on what is known.

A sequence of plain words with nothing between them (`monthly income`) can only be one name and is read as one,
known or not. Names that hold keywords or operators (`terms and conditions`, `a-b`) must be known: the caller says
them, or a context entry, parameter or loop variable of the expression itself declares them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

from .errors import FeelSyntaxError
from .lexer import KEYWORDS, Token, tokens
from .limits import MAX_DEPTH

_WORDS = KEYWORDS | {"name"}
_INSIDE = _WORDS | {"number", "-", "+", "*", "/", ".", "'", "’", "**"}


def spelling(found: Sequence[Token]) -> str:
    """Tokens as written, each run of blanks as one."""
    parts: list[str] = []
    for index, token in enumerate(found):
        if index and token.start > found[index - 1].end:
            parts.append(" ")
        parts.append(token.text)
    return "".join(parts)


class KnownNames:
    """Names found by their token texts, longest first.

    Blanks count: a known `a-b` is not read out of `a - b`, which stays a subtraction.
    """

    def __init__(self, names: Iterable[str] = ()) -> None:
        self._by_first: dict[str, list[tuple[int, str, str]]] = {}
        for name in names:
            self.add(name)

    def add(self, name: str) -> None:
        """Make a name known; one that is no sequence of tokens cannot be written and is left out."""
        try:
            parts = tokens(name)[:-1]
        except FeelSyntaxError:
            return
        if len(parts) > 1:
            rest = self._by_first.setdefault(parts[0].text, [])
            rest.append((len(parts), spelling(parts), name))
            rest.sort(key=lambda known: -known[0])

    def match(self, found: list[Token], at: int) -> tuple[int, str] | None:
        """The longest known name at a position: its number of tokens and the name."""
        for length, spelled, name in self._by_first.get(found[at].text, ()):
            if at + length < len(found) and spelling(found[at : at + length]) == spelled:
                return length, name
        return None


class Cursor:
    """A place in the tokens of one text, with the names that are known there."""

    def __init__(self, text: str, offset: int, known: KnownNames, calls: KnownNames) -> None:
        self.text = text
        self.tokens = tokens(" " * offset + text[offset:]) if offset else tokens(text)
        self.at = 0
        self.depth = 0
        self._known = [known]
        self._calls = calls

    @property
    def now(self) -> Token:
        """The token about to be read."""
        return self.tokens[self.at]

    @property
    def last_end(self) -> int:
        """Where the token read last ends."""
        return self.tokens[self.at - 1].end if self.at else 0

    def ahead(self, count: int = 1) -> str:
        """The kind of a later token."""
        return self.tokens[min(self.at + count, len(self.tokens) - 1)].kind

    def take(self) -> Token:
        """Read one token."""
        token = self.tokens[self.at]
        if token.kind != "end":
            self.at += 1
        return token

    def accept(self, kind: str) -> bool:
        """Read a token if it is of this kind."""
        if self.tokens[self.at].kind != kind:
            return False
        self.take()
        return True

    def expect(self, kind: str) -> Token:
        """Read a token that must be of this kind."""
        if self.now.kind != kind:
            self.fail(f"此处应为 {kind}", f"expected {kind}")
        return self.take()

    def expect_word(self, word: str) -> None:
        """Read a word that is no keyword, such as `of`."""
        if self.now.text != word:
            self.fail(f"此处应为 {word}", f"expected {word}")
        self.take()

    def fail(self, chinese: str, english: str) -> None:
        """Raise a syntax error at the current token."""
        token = self.now
        found = f"“{token.text}”" if token.kind != "end" else "结尾"
        english_found = f"{token.text!r}" if token.kind != "end" else "the end"
        raise FeelSyntaxError(
            f"{chinese}，却是{found}",
            f"{english}, found {english_found}",
            self.text,
            token.start,
            max(token.end, token.start + 1),
        )

    @contextmanager
    def nested(self) -> Iterator[None]:
        """One level deeper; raises at the limit."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise FeelSyntaxError(
                f"嵌套超过 {MAX_DEPTH} 层",
                f"nested deeper than {MAX_DEPTH}",
                self.text,
                self.now.start,
                self.now.end,
            )
        yield
        self.depth -= 1

    @contextmanager
    def declaring(self, names: Iterable[str]) -> Iterator[KnownNames]:
        """Names declared by the expression itself, known inside."""
        inner = KnownNames(names)
        self._known.append(inner)
        yield inner
        self._known.pop()

    def name(self, *, path: bool = False) -> str:
        """Read a name; after a dot (`path`) its first word may be a keyword."""
        start = self.at
        if self.now.kind != "name" and not (path and self.now.kind in _WORDS):
            known = self._longest(path)
            if known is None:
                self.fail("此处应为名称", "expected a name")
        known = self._longest(path)
        self.take()
        while self.now.kind == "name" or (self.now.kind == "number" and self.now.text.isdigit()):
            self.take()
        if known is not None and known[0] >= self.at - start:
            self.at = start + known[0]
            return known[1]
        return self._spelling(start, self.at)

    def known_here(self) -> bool:
        """Does a known name of several tokens begin here?"""
        return self._longest(path=False) is not None

    def _longest(self, path: bool) -> tuple[int, str] | None:
        best: tuple[int, str] | None = None
        for known in self._known:
            match = known.match(self.tokens, self.at)
            if match and (best is None or match[0] > best[0]):
                best = match
        if best is None and not path:
            match = self._calls.match(self.tokens, self.at)
            # `date and time` is a function only where it is called; else it may be two conditions
            if match and self.tokens[self.at + match[0]].kind == "(":
                best = match
        return best

    def name_until(self, *stops: str) -> str:
        """Read a name that a declaration gives: everything up to one of the stops."""
        start = self.at
        if self.now.kind == "string" and self.ahead() in stops:
            return ""
        while self.now.kind in _INSIDE and self.now.kind not in stops and self.at - start < 40:
            self.take()
        if self.at == start or self.now.kind not in stops or self.tokens[start].kind not in _WORDS:
            self.fail("此处应为名称", "expected a name")
        return self._spelling(start, self.at)

    def _spelling(self, start: int, end: int) -> str:
        """The name as written between two positions."""
        return spelling(self.tokens[start:end])

    def names_argument(self) -> bool:
        """Is this the name of a named argument (`name: value`)?"""
        at = self.at
        while self.tokens[at].kind in _INSIDE:
            at += 1
        return at > self.at and self.tokens[at].kind == ":" and self.now.kind in _WORDS
