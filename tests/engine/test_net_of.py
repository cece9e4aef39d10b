"""`counts = { net_of = […] }`: notice, appraisal and check of means are taken out of a limit, and out of none that counts gross."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest
from sqlalchemy import select

from engine import cases, clocks
from engine.calendar import ZONE
from engine.db import Database
from engine.reader import read
from engine.receipt import sentence
from engine.tables import timers
from tests.conftest import PROCESSES
from tests.engine.models import bundle, extension, flow, user_task
from tests.engine.test_cases import A, begin, complete, tasks

KEY = "dibao.total"
SPANS = ("econ_check", "appraisal", "appraisal", "notice")
"""One of the check, two steps of the appraisal, one of the notice."""
LAST = "date(deadline(&quot;dibao.notice&quot;, posted_on) - duration(&quot;P1D&quot;))"
STEPS = (
    user_task("check", pauses="econ_check", resumesAt="=returned_at")
    + user_task("plan", pauses="appraisal", clockStart="=called_at")
    + user_task("record", pauses="appraisal", clockStart="=called_at", resumesAt="=held_at")
    + user_task("post")
    + f'<bpmn:intermediateCatchEvent id="hangs">{extension(pauses="notice", resumesAt=f"={LAST}")}<bpmn:timerEventDefinition>'
    '<bpmn:timeDate>=deadline("dibao.notice", posted_on)</bpmn:timeDate></bpmn:timerEventDefinition></bpmn:intermediateCatchEvent>'
    + user_task("decide")
)
STAGE = (
    f'<bpmn:subProcess id="whole">{extension(term=KEY, clockStart="=accepted_on")}'
    f'<bpmn:startEvent id="s1"/><bpmn:endEvent id="e1"/>{STEPS}'
    + flow("s1", "check", "plan", "record", "post", "hangs", "decide", "e1")
    + "</bpmn:subProcess>"
    + flow("start", "whole", "end")
)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


def netted(db: Database, *reasons: str) -> None:
    terms = db.world.terms
    (term,) = terms.terms[KEY]
    db.world = db.world.with_(
        terms=replace(terms, terms={**terms.terms, KEY: (replace(term, net_of=reasons),)})
    )


def limit(db: Database, case: str) -> clocks.Clock:
    with db.reading() as tx:
        return next(c for c in clocks.of_case(tx, case) if c.term == KEY)


def lived(db: Database) -> tuple[str, list[str]]:
    """A dibao application by the calendar of autumn 2026. → case, the state of its limit in each span"""
    said = {
        "accepted_on": "2026-09-07",
        "returned_at": "2026-09-16T16:00:00+08:00",
        "posted_on": "2026-09-21",
    }
    said |= {"called_at": "2026-09-17T10:00:00+08:00", "held_at": "2026-09-21T09:00:00+08:00"}
    case = begin(db, bundle("stage", STAGE), **said)
    states = []
    for element, when in (("check", "17T10"), ("plan", "17T11"), ("record", "22T10"), ("post", "22T11")):
        states.append(limit(db, case).state)
        row = next(t for t in tasks(db, case) if t.element == element)
        complete(db, A, row, now=at(f"2026-09-{when}:00"))
    states.append(limit(db, case).state)
    with db.transaction() as tx:
        row = tx.run(select(timers.c.id, timers.c.due_at).where(timers.c.state == "pending")).one()
        assert row.due_at == at("2026-09-29T00:00")
        assert cases.fire_timer(tx, row.id, at("2026-09-29T00:03"))
    states.append(limit(db, case).state)
    return case, states


@pytest.mark.parametrize(
    ("reasons", "due", "held"),
    [
        # Thirty working days from 8 September: 4 + 5 + 5 with the make-up Sunday, 3 before and 3 + 5 + 5 after the holiday.
        ((), "2026-10-23", {"running"}),
        # The check runs from the 14th to the 16th: the 15th and 16th.
        (("econ_check",), "2026-10-27", {"running", "paused"}),
        # Called on the 17th, held on the 21st: the 18th, the make-up Sunday, the 21st.
        (("appraisal",), "2026-10-28", {"running", "paused"}),
        # Posted on the 21st, hangs to the 28th: 22nd, 23rd, 24th, 28th; the 25th is a holiday.
        (("notice",), "2026-10-29", {"running", "paused"}),
        (("notice", "appraisal", "econ_check"), "2026-11-05", {"running", "paused"}),
    ],
)
def test_what_the_term_leaves_out_is_taken_out_by_its_lawful_days(
    db: Database, reasons: tuple[str, ...], due: str, held: set[str]
) -> None:
    netted(db, *reasons)
    case, states = lived(db)
    found = limit(db, case)
    assert (found.due.isoformat(), found.state, set(states)) == (due, "running", held)
    assert sorted(p["reason"] for p in found.pauses) == sorted(r for r in SPANS if r in reasons)
    with db.reading() as tx:
        others = [c for c in clocks.of_case(tx, case) if c.term != KEY]
    assert [(c.term, c.pauses) for c in others] == [("dibao.notice", [])]
    assert len(others) == 1, "the notice is told of once"
    told = sentence(clocks.deadline_of(db.world, found))
    for reason, words in (("notice", "公示期间（9月22日"), ("appraisal", "民主评议期间（9月18日"), ("econ_check", "等待经济状况核对（9月15日")):  # fmt: skip
        assert (words in told) == (reason in reasons)
    row = next(t for t in tasks(db, case) if t.element == "decide")
    assert row.due_at == found.due_at


def test_the_drawings_say_which_span_is_which() -> None:
    """Every wait for a notice, step of an appraisal and check of means names its span and when it ends by law."""
    found: dict[tuple[str, str], tuple[str | None, str | None]] = {}
    for path in PROCESSES.rglob("*.bpmn"):
        for process in read(path.read_bytes()).processes:
            for node in process.nodes.values():
                if node.properties.get("pauses") in ("notice", "appraisal", "econ_check"):
                    found[process.id, node.id] = node.properties["pauses"], node.properties.get("resumesAt")
    last = '=date(deadline(notice_term, posted_on) - duration("P1D"))'
    assert found == {
        ("public_notice", "notice_period"): ("notice", last),
        ("appraisal", "plan_meeting"): ("appraisal", None),
        ("appraisal", "record_meeting"): ("appraisal", "=held_at"),
        ("survey_and_check", "econ_check"): ("econ_check", "=returned_at"),
        ("emergency_relief", "econ_check"): ("econ_check", "=returned_at"),
    }
