"""Several applications in one case, on both databases: a pause, a stop fact, an extension, a correction and the rules of a day of acceptance
belong to one branch; what a limit has consumed goes on with the next step that shows it."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from engine import (
    cases,
    clocks,
    correcting,
    definitions,
    history,
    legal,
    limits,
    locking,
    messages,
    reprojection,
    worklist,
)
from engine.calendar import ZONE
from engine.clocks import Clock
from engine.db import Database
from engine.errors import Conflict
from engine.tables import clocks as clocks_table
from engine.tables import timers
from tests.engine.models import NOW, VILLAGE, bundle, extension, flow, form, town, user_task

CIVIL, OFFICE = town("民政"), town("服务办", post="town_service_office")
DATE = {"type": "datetime", "subtype": "date", "id": "f", "key": "accepted_on", "label": "受理日期"}
RECEIVED = {"type": "datetime", "subtype": "datetime", "id": "f", "key": "received_at", "label": "收到时间"}
FILES = {
    "accept__form": form("accept", "accept", DATE),
    "papers__form": form("papers", "papers", RECEIVED),
}
HAND_IN = (
    '<bpmn:message id="m" name="papers"><bpmn:extensionElements><zeebe:subscription correlationKey="=key"/>'
    "</bpmn:extensionElements></bpmn:message>"
)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


def timer_event(element: str, asks: str, host: str | None = None) -> str:
    tag = "boundaryEvent" if host else "intermediateCatchEvent"
    where = f' attachedToRef="{host}" cancelActivity="false"' if host else ""
    return (
        f'<bpmn:{tag} id="{element}"{where}><bpmn:timerEventDefinition><bpmn:timeDate>={asks}</bpmn:timeDate>'
        f"</bpmn:timerEventDefinition></bpmn:{tag}>"
    )


def with_form(key: str) -> str:
    return f'<zeebe:formDefinition formId="{key}"/>'


def scope(element: str, inner: str, first: str, last: str, many: str = "", **properties: str) -> str:
    start, end = f"{element}_s", f"{element}_e"
    ends = f'<bpmn:startEvent id="{start}"/><bpmn:endEvent id="{end}"/>'
    said = extension(**properties) if properties else ""
    return (
        f'<bpmn:subProcess id="{element}">{said}{many}{ends}{inner}{flow(start, first)}{flow(last, end)}'
        "</bpmn:subProcess>"
    )


def each(items: str) -> str:
    return (
        "<bpmn:multiInstanceLoopCharacteristics><bpmn:extensionElements>"
        f'<zeebe:loopCharacteristics inputCollection="={items}" inputElement="item"/>'
        "</bpmn:extensionElements></bpmn:multiInstanceLoopCharacteristics>"
    )


# Papers are awaited at an event gateway, inside a stage with a term, as in the intake.
AWAIT = (
    user_task("ask")
    + f'<bpmn:eventBasedGateway id="await">{extension(pauses="supplement")}</bpmn:eventBasedGateway>'
    + f'<bpmn:intermediateCatchEvent id="arrived">{extension(resumesAt="=received_at")}'
    '<bpmn:messageEventDefinition messageRef="m"/></bpmn:intermediateCatchEvent>'
    + timer_event("over", "deadline(&quot;apply.supplement&quot;)")
    + '<bpmn:exclusiveGateway id="on"/>'
    + user_task("judge")
    + flow("ask", "await", "arrived", "on", "judge")
    + flow("await", "over", "on")
)
PAPERS = (
    scope("stage", AWAIT, "ask", "judge", term="relief.survey")
    + timer_event("late", "deadline(&quot;relief.survey&quot;)", "stage")
    + user_task("told")
    + '<bpmn:endEvent id="noted"/>'
    + flow("late", "told", "noted")
    + flow("start", "stage", "end")
)


def begin(db: Database, body: str, extra: str = "", now: datetime = NOW, **variables: Any) -> str:
    with db.transaction() as tx:
        definitions.deploy(tx, bundle("branches", body, extra, **FILES), now=now)
        return cases.start(tx, "branches", now=now, area=VILLAGE, number="1", title="某", variables=variables)


def tasks(db: Database, case: str) -> list[Any]:
    with db.reading() as tx:
        return worklist.open_of_case(tx, case)


def do(db: Database, case: str, element: str, values: Any = None, now: datetime = NOW, item: int = 1) -> None:
    row = next(
        r for r in tasks(db, case) if r.element == element and r.path.endswith(f"#{item}" if r.path else "")
    )
    with db.transaction() as tx:
        cases.complete(tx, CIVIL, row.id, row.revision, values or {}, now)


def hand_in(db: Database, now: datetime, received: datetime | None) -> None:
    with db.transaction() as tx:
        values = {"received_at": received.isoformat() if received else None}
        assert messages.deliver(tx, "papers", "k", values, now=now)


def found(db: Database, case: str, term: str, *, live: bool = True) -> list[Clock]:
    with db.reading() as tx:
        known = [c for c in clocks.of_case(tx, case) if c.term == term and (c.live or not live)]
    return sorted(known, key=lambda c: (c.path, c.entered_at, c.id))


def timer(db: Database, case: str, element: str, path: str = "") -> Any:
    t = timers.c
    query = select(timers).where(t.case_id == case, t.element == element, t.state == "pending")
    with db.reading() as tx:
        return tx.run(query.where(t.path == path)).one()


# ------------------------------------------------------------------------------------------ pauses
@pytest.mark.parametrize(
    ("received", "due"),
    [(None, "2026-10-09"), ("2026-09-17T09:00", "2026-10-08"), ("2026-09-30T09:00", "2026-10-09")],
)
def test_a_pause_at_an_event_gateway_lasts_until_an_event_is_caught(
    db: Database, received: str | None, due: str
) -> None:
    """It ends at the lawful moment the form gives, or when the message came; the term for the papers runs meanwhile."""
    case = begin(db, PAPERS, HAND_IN, key="k")
    do(db, case, "ask")
    (clock,) = found(db, case, "relief.survey")
    assert (clock.state, [p["to"] for p in clock.pauses]) == ("paused", [None])
    assert timer(db, case, "late").due_at is None
    assert [c.state for c in found(db, case, "apply.supplement")] == ["running"]
    now = NOW + timedelta(days=4)  # Friday 18 September
    hand_in(db, now, at(received) if received else None)
    (clock,) = found(db, case, "relief.survey")
    ends = [datetime.fromisoformat(str(p["to"])) for p in clock.pauses]
    assert ends == [min(at(received), now) if received else now]
    assert (clock.state, clock.due) == ("running", date.fromisoformat(due))
    assert timer(db, case, "late").due_at == clock.due_at
    assert next(t for t in tasks(db, case) if t.element == "judge").due_at == clock.due_at


def test_a_pause_ends_when_nothing_comes_and_when_all_of_it_is_taken_back(db: Database) -> None:
    case = begin(db, PAPERS, HAND_IN, key="k")
    do(db, case, "ask")
    over = timer(db, case, "over")
    with db.transaction() as tx:
        assert cases.fire_timer(tx, over.id, over.due_at)
    (clock,) = found(db, case, "relief.survey")
    assert (clock.state, clock.pauses[0]["to"]) == ("running", over.due_at.isoformat())
    with db.reading() as tx:
        assert [c.state for c in clocks.of_case(tx, case) if c.term == "apply.supplement"] == ["stopped"]


TWO = (
    scope(
        "items",
        user_task("accept", with_form("accept"))
        + scope(
            "stage",
            user_task("ask", extends="dibao.total") + user_task("wait", pauses="supplement") + user_task("decide", stops="dibao.total") + flow("ask", "wait", "decide"),
            "ask",
            "decide",
            term="dibao.total",
            clockStart="=accepted_on",
        )
        + timer_event("late", "deadline(&quot;dibao.total&quot;, accepted_on)", "stage")
        + '<bpmn:endEvent id="noted"/>'
        + flow("late", "noted")
        + flow("accept", "stage"),
        "accept",
        "stage",
        each("[1, 2]"),
    )
    + flow("start", "items", "end")
)  # fmt: skip


def two(
    db: Database, accepted: tuple[str, str] = ("2026-09-07", "2026-09-07"), now: datetime = NOW
) -> tuple[str, Clock, Clock]:
    """Two applications of one case, accepted on these days."""
    case = begin(db, TWO, now=now)
    for item, day in enumerate(accepted, 1):
        do(db, case, "accept", {"accepted_on": day}, now, item)
    first, second = found(db, case, "dibao.total")
    return case, first, second


def test_a_pause_holds_the_clocks_of_its_own_application(db: Database) -> None:
    case, first, second = two(db)
    do(db, case, "ask")
    assert [c.state for c in found(db, case, "dibao.total")] == ["paused", "running"]
    assert timer(db, case, "late", first.path).due_at is None
    assert timer(db, case, "late", second.path).due_at == second.due_at
    do(db, case, "wait", now=NOW + timedelta(days=2))
    due = [c.due for c in found(db, case, "dibao.total", live=False)]
    assert due == [date(2026, 10, 27), second.due]


def test_a_stop_fact_stops_the_limit_of_its_own_application(db: Database) -> None:
    case, first, second = two(db)
    for element in ("ask", "wait"):
        do(db, case, element)
    states = {c.path: c.state for c in found(db, case, "dibao.total", live=False)}
    assert states == {first.path: "stopped", second.path: "running"}
    assert timer(db, case, "late", first.path).due_at is None
    assert timer(db, case, "late", second.path).due_at == second.due_at


def revision(db: Database, case: str) -> int:
    with db.reading() as tx:
        return locking.case_of(tx, case).revision


def test_an_extension_moves_the_timer_of_its_own_application(db: Database) -> None:
    case, first, second = two(db)
    with db.transaction() as tx:
        limits.extend(tx, OFFICE, case, revision(db, case), first.id, "公示有异议", NOW)
    extended, other = found(db, case, "dibao.total")
    assert (extended.due, other.due) == (date(2026, 11, 13), second.due)
    assert timer(db, case, "late", first.path).due_at == extended.due_at
    assert timer(db, case, "late", second.path).due_at == second.due_at


def correct(db: Database, case: str, clock: str, new: datetime, now: datetime = NOW) -> list[Clock]:
    with db.transaction() as tx:
        return correcting.correct(tx, OFFICE, case, revision(db, case), clock, new, "登记簿", now)


def test_a_correction_moves_the_date_of_its_own_application(db: Database) -> None:
    case, first, second = two(db, ("2026-09-14", "2026-09-14"))
    assert [c.id for c in correct(db, case, first.id, at("2026-09-07"))] == [first.id]
    moved, other = found(db, case, "dibao.total")
    assert (moved.due, other.due) == (date(2026, 10, 23), second.due)
    assert timer(db, case, "late", first.path).due_at == moved.due_at
    assert timer(db, case, "late", second.path).due_at == second.due_at
    with db.reading() as tx:
        document = locking.case_of(tx, case).document
    days = {path: sections["accept"]["accepted_on"] for path, sections in document.items()}
    assert days == {first.path: "2026-09-07", second.path: "2026-09-14"}


def test_an_ended_clock_still_lets_a_wrong_date_be_put_right(db: Database) -> None:
    case, first, _ = two(db, ("2026-09-14", "2026-09-14"))
    for element in ("ask", "wait"):
        do(db, case, element)
    (moved,) = correct(db, case, first.id, at("2026-09-07"))
    assert (moved.state, moved.due) == ("stopped", date(2026, 10, 23))
    with pytest.raises(Conflict), db.transaction() as tx:
        limits.extend(tx, OFFICE, case, revision(db, case), first.id, "公示有异议", NOW)


def test_the_rules_of_its_own_day_of_acceptance_apply_and_follow_a_correction(db: Database) -> None:
    db.world = db.world.with_(rules=legal.Rules())
    with db.transaction() as tx:
        proposed = legal.propose(
            tx, town("甲", post="district_bureau"), "term", "dibao.total", 20, date(2026, 10, 1), "区令", NOW
        )
        legal.decide(tx, town("乙", post="system_admin"), proposed.id, proposed.revision, True, "", NOW)
    now = at("2026-10-08T09:00")
    case = begin(db, TWO, now=NOW)
    for item, day in enumerate(("2026-09-30", "2026-10-08"), 1):
        do(db, case, "accept", {"accepted_on": day}, now, item)
    first, second = found(db, case, "dibao.total")
    assert (first.terms_on, second.terms_on) == (date(2026, 9, 30), date(2026, 10, 8))
    assert (first.due, second.due) == (date(2026, 11, 17), date(2026, 11, 4))
    assert [timer(db, case, "late", c.path).due_at for c in (first, second)] == [first.due_at, second.due_at]
    (moved,) = correct(db, case, second.id, at("2026-09-30"), now)
    assert (moved.terms_on, moved.due) == (first.terms_on, first.due)
    assert timer(db, case, "late", second.path).due_at == first.due_at


# ------------------------------------------------------------------------------------------ one limit, several steps
STEPS = (
    user_task("a", term="review.recheck", clockStart="=day")
    + timer_event("late_a", "deadline(&quot;review.recheck&quot;, day)", "a")
    + user_task("b", term="review.recheck", clockStart="=day")
    + timer_event("late_b", "deadline(&quot;review.recheck&quot;, day)", "b")
    + '<bpmn:parallelGateway id="fork"/><bpmn:endEvent id="aside"/><bpmn:endEvent id="n1"/><bpmn:endEvent id="n2"/>'
    + user_task("hold", pauses="dispute")
    + flow("late_a", "n1")
    + flow("late_b", "n2")
    + flow("start", "fork", "a", "b", "end")
    + flow("fork", "hold", "aside")
)


def test_the_next_step_of_a_limit_goes_on_with_its_pauses_and_so_does_its_timer(db: Database) -> None:
    case = begin(db, STEPS, day="2026-09-14")
    do(db, case, "hold", now=NOW + timedelta(days=7))
    (before,) = found(db, case, "review.recheck")
    do(db, case, "a", now=NOW + timedelta(days=8))
    (after,) = found(db, case, "review.recheck")
    assert (after.element, after.pauses, after.due) == ("b", before.pauses, before.due)
    assert after.due > date(2026, 9, 28)
    assert timer(db, case, "late_b").due_at == after.due_at
    assert next(t for t in tasks(db, case) if t.element == "b").due_at == after.due_at


def test_a_pause_that_still_holds_the_limit_holds_its_next_step(db: Database) -> None:
    case = begin(db, STEPS, day="2026-09-14")
    do(db, case, "a", now=NOW + timedelta(days=2))
    (clock,) = found(db, case, "review.recheck")
    assert (clock.element, clock.state) == ("b", "paused")
    assert timer(db, case, "late_b").due_at is None
    do(db, case, "hold", now=NOW + timedelta(days=7))
    (clock,) = found(db, case, "review.recheck")
    assert (clock.state, timer(db, case, "late_b").due_at) == ("running", clock.due_at)


def test_a_step_that_is_taken_back_counts_for_nobody(db: Database) -> None:
    """Not as kept: it was never done. One that had run out stays run out."""
    case = begin(db, STEPS, day="2026-09-14")
    with db.transaction() as tx:
        cases.cancel(tx, CIVIL, case, revision(db, case), "重复", NOW)
    with db.reading() as tx:
        assert {c.state for c in clocks.of_case(tx, case)} == {"cancelled"}


def test_clocks_a_migration_put_right_are_dated_anew_with_timers_and_tasks(db: Database) -> None:
    """A pause that never ended was taken out of the row: the worker does the rest and writes it down."""
    case = begin(db, PAPERS, HAND_IN, key="k")
    (clock,) = found(db, case, "relief.survey")
    do(db, case, "ask")
    with db.transaction() as tx:
        tx.run(
            update(clocks_table)
            .where(clocks_table.c.id == clock.id)
            .values(pauses=[], state="running", calendar=-1)
        )
    with db.reading() as tx:
        assert reprojection.waiting(tx) == [case]
    with db.transaction() as tx:
        reprojection.reproject(tx, case, NOW)
    (again,) = found(db, case, "relief.survey")
    assert (again.due_at, again.calendar, again.next_at is not None) == (clock.due_at, clock.calendar, True)
    assert timer(db, case, "late").due_at == clock.due_at
    with db.reading() as tx:
        entry = next(e for e in history.entries(tx, case) if e.kind == "clock.reprojected")
    assert "更正时限台账" in entry.payload["reason"]
