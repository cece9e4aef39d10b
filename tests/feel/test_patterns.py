"""Regular expressions: what the automaton finds is what Python's matcher finds, and nothing runs for ever."""

from __future__ import annotations

import random
import re
import time

import pytest

from engine import feel
from engine.feel.builtins.regex import compile_pattern
from engine.feel.builtins.regex_automaton import Automaton
from engine.feel.errors import Fault
from tests.feel.cases import same


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('matches("sing sing sang", "^(?:sing(?: sang)? ?)*$")', True),
        ('matches("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab", "^(a+)+$")', False),
        ('matches("xyxxy", "^(x|xy)*$")', True),
        ('matches("一二一二", "^(?:[一二]+)+$")', True),
        ('matches("line\nnext", "(?:^n[a-z]*)+", "m")', True),
        ('matches("ABAB", "^(?:(ab)*)*$", "i")', True),
        ('replace("k=1;key=22;", "(([a-z]+)=([0-9]+);)+?", "$3:$2,")', "1:k,22:key,"),
        ('replace("aab", "(?:(a)|(ab))+", "[$1$2]")', "[a]b"),
        ('replace("ab", "(?:(ab)|(a))+", "[$1|$2]")', "[ab|]"),
        ('split("1 , 2,,3", "(?: *,+ *)+")', ["1", "2", "3"]),
        ('replace("abab", "(?:a*)*", "-")', None),  # may match nothing
        (r'matches("xyzxyz", "^(?:(x)(y|z)+)+\\1$")', None),  # a reference and repetitions of repetitions
    ],
)
def test_repetitions_of_repetitions(text: str, expected: object) -> None:
    assert same(feel.evaluate(text).value, expected)


def _pattern(chance: random.Random, depth: int) -> str:
    kind = chance.random()
    if depth == 0 or kind < 0.35:
        return chance.choice(["a", "b", "c", "[ab]", "."])
    if kind < 0.55:
        return _pattern(chance, depth - 1) + _pattern(chance, depth - 1)
    body = _pattern(chance, depth - 1)
    opening = chance.choice(["(", "(?:"])
    if kind < 0.7:
        return f"{opening}{body}|{_pattern(chance, depth - 1)})"
    if kind < 0.75:
        return chance.choice(["^", "$"]) + body
    marks = ["+", "+?", "{2}", "{1,2}", "{2,}"]
    return f"{opening}{body}){chance.choice(marks)}" + chance.choice(["", "", "c*", "b??"])


def test_the_automaton_finds_what_python_finds() -> None:
    chance = random.Random(1857)
    endless = 0
    for _ in range(1500):
        pattern = compile_pattern(_pattern(chance, 4), chance.choice(["", "m", "s", "i"]))
        endless += pattern.endless
        automaton = Automaton(pattern.part, pattern.regex.groups, re.RegexFlag(pattern.regex.flags))
        for _ in range(3):
            text = "".join(chance.choice("abc\nA") for _ in range(chance.randint(0, 9)))
            expected, found = pattern.regex.search(text), automaton.search(text)
            case = (pattern.regex.pattern, text)
            assert (expected is None) == (found is None), case
            if expected is not None and found is not None:
                assert expected.span() == (found.start(), found.end()), case
                assert expected[0] == found[0], case
            if pattern.regex.search("") is None:
                spans = [one.span() for one in pattern.regex.finditer(text)]
                assert spans == [(one.start(), one.end()) for one in automaton.finditer(text)], case
    assert endless > 50


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("(a+)+c", "a" * 5000 + "b"),
        ("(a|ab)*c", "ab" * 5000),
        ("(.*)(.*)(.*)(.*)x", "a" * 20_000),
        ("x(.*)*y|x", "x" * 20_000),
        ("((a?){50}){50}", "a" * 500),
        ("(?:(?:(?:){1000}){1000}){1000}", ""),
        ("(((a?){1000}){1000}){1000}", ""),
        (r"(a+)+\1c", "a" * 100),
    ],
)
def test_nothing_runs_for_ever(pattern: str, text: str) -> None:
    begun = time.monotonic()
    try:
        matcher = compile_pattern(pattern, "").matcher(text)
        for _ in matcher.finditer(text):
            pass
    except Fault as fault:
        assert fault.code in ("budget", "pattern")
    assert time.monotonic() - begun < 20
