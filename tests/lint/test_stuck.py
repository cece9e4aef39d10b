"""The token game of the linter: what is found, with its path, and what is left in peace. Models in the runner's notation."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.bundle import bundle_of
from engine.lint.finding import Subject
from engine.lint.rules import stuck
from engine.lint.tokens import explore
from engine.reader import read
from engine.terms_file import load_terms
from tests.runner.notation import EXTRA, HEAD, body, comp, on, sub

PROCESSES = Path(__file__).parents[2] / "processes"


def file(xml: str) -> bytes:
    return f'{HEAD}{EXTRA}<bpmn:process id="P" isExecutable="true">{xml}</bpmn:process></bpmn:definitions>'.encode()


def troubles(xml: str) -> list[tuple[str, tuple[str, ...]]]:
    return [(t.kind, t.nodes) for t in explore(read(file(xml)).processes[0])]


INSIDE = sub("Q", body("s:IS x:IG u:IA e:IE e:IX?err.r1", "IS>IA>IG; IG>IE[a = 1]; IG>IX*"))
SOUND = [
    pytest.param(body("s:S p:F u:A u:B p:J e:E", "S>F; F>A>J; F>B>J; J>E"), id="fork and join"),
    pytest.param(body("s:S x:F u:A u:B x:J e:E", "S>F; F>A[a = 1]>J; F>B*>J; J>E"), id="decision and merge"),
    pytest.param(body("s:S o:F u:A u:B o:J e:E", "S>F; F>A[a = 1]>J; F>B*>J; J>E"), id="inclusive"),
    pytest.param(body("s:S x:M u:A x:G e:E", "S>M>A>G; G>M*; G>E[stop = true]"), id="loop with a way out"),
    pytest.param(
        body("s:S x:M u:A x:G e:E b:N@A!?cyc.R3/P1D u:H e:E2", "S>M>A>G; G>M*; G>E[x = 1]; N>H>E2"),
        id="reminders beside a loop",
    ),
    pytest.param(body("s:S v:V c:C?msg.m c:D?dur.P1D x:J e:E", "S>V; V>C>J; V>D>J; J>E"), id="event gateway"),
    pytest.param(
        body("s:S p:F u:A p:J e:E e:T?end. x:G", "S>F; F>A>J; F>G; G>J[a = 1]; G>T*; J>E"),
        id="terminate ends all",
    ),
    pytest.param(
        body("s:S p:F u:A p:J e:E x:M b:X@Q?err.r1", "S>F; F>Q>M; X>M>J; F>A>J; J>E", INSIDE),
        id="error caught inside",
    ),
    pytest.param(body("s:S u:A h:T?link.w c:W?link.w u:B e:E", "S>A>T; W>B>E"), id="link"),
    pytest.param(body("s:S u:A u:B e:E h:T?undo.", "S>A>B>T>E", comp("A", "B")), id="compensation"),
    pytest.param(body("s:S u:A e:E", "S>A>E", on("X", "msg.m", calm=True)), id="event sub-process"),
    pytest.param(
        body(
            "s:S p:F e:E p:J" + "".join(f" u:U{i}" for i in range(40)),
            "S>F; J>E; " + "; ".join(f"F>U{i}>J" for i in range(40)),
        ),
        id="forty at once are no explosion",
    ),
]
WRONG = [
    pytest.param(
        body("s:S x:F u:A u:B p:J e:E", "S>F; F>A[a = 1]>J; F>B*>J; J>E"),
        [("starved", ("J",))],
        id="decision into join",
    ),
    pytest.param(
        body("s:S p:F u:A x:G u:B p:J e:E e:E2", "S>F; F>A>J; F>G; G>B[a = 1]>J; G>E2*; J>E"),
        [("starved", ("J",))],
        id="one branch may leave",
    ),
    pytest.param(body("s:S x:M u:A u:B", "S>M>A>B>M"), [("endless", ("M",))], id="no way out"),
    pytest.param(
        body(
            "s:S p:P u:U x:M p:F u:A x:G p:J e:E e:E2",
            "S>P; P>U>J; P>M>F; F>A>G; F>J; G>M*; G>E2[x = 1]; J>E",
        ),
        [("starved", ("J",)), ("piling", ("J",))],
        id="tokens pile up",
    ),
    pytest.param(
        body("s:S e:E", "S>Q>E", sub("Q", body("s:IS x:F p:J e:IE", "IS>F; F>J[a = 1]; F>J*; J>IE"))),
        [("starved", ("J",))],
        id="inside a sub-process",
    ),
    pytest.param(
        body("s:S p:F u:A p:J e:E b:X@Q?err.r1 e:E2", "S>F; F>Q>J; X>E2; F>A>J; J>E", INSIDE),
        [("starved", ("J",))],
        id="the error leaves the join alone",
    ),
]


@pytest.mark.parametrize("xml", SOUND)
def test_sound_models_are_left_in_peace(xml: str) -> None:
    assert troubles(xml) == []


@pytest.mark.parametrize(("xml", "expected"), WRONG)
def test_what_gets_stuck_is_found(xml: str, expected: list[tuple[str, tuple[str, ...]]]) -> None:
    assert troubles(xml) == expected


def test_the_finding_shows_the_path() -> None:
    xml = body("s:S x:F u:A u:B p:J e:E", "S>F; F>A[a = 1]>J; F>B*>J; J>E")
    bundle = bundle_of("b", {"b.bpmn": file(xml)})
    found = list(stuck.check(Subject(bundle, load_terms(PROCESSES / "terms.toml"), {})))
    assert [(f.element, f.severity) for f in found] == [("J", "error")]
    assert "经过：S → F→" in found[0].message
