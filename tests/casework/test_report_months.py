"""Every event counts in the month it happened in and is known since it was entered: typed after the freeze it is an adjustment, once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from casework import files, report_signing, reports, seed
from casework.tables import notices, objections, payouts
from casework.tables import reports as reports_table
from engine import definitions, locking, step
from engine.calendar import ZONE
from engine.db import Tx
from engine.tables import cases, clocks
from tests.tasks.rig import LINE, a_case

SEPTEMBER, OCTOBER, NOVEMBER = date(2026, 9, 1), date(2026, 10, 1), date(2026, 11, 1)
BEFORE = datetime(2026, 9, 30, 23, 50, tzinfo=ZONE)
"""When it happened."""
TYPED = datetime(2026, 10, 8, 9, tzinfo=ZONE)
FROZEN = datetime(2026, 10, 3, 10, tzinfo=ZONE)
DAY = BEFORE.date().isoformat()
AT = BEFORE.isoformat()

STEPS: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "confirmed": ("verify_on_site", {"verify_result": "confirmed", "verified_at": AT}),
    "declined": ("record_refusal", {"declined_at": AT}),
    "first_aid": ("give_first_aid", {"given_at": AT, "amount": 800}),
    "escorts": ("escort_person", {"departed_at": AT}),
    "deliberations": ("deliberate", {"held_at": AT}),
    "follow_ups": ("first_visit", {"done_at": AT}),
    "notices": ("post_notice", {"posted_on": DAY}),
}
MESSAGES: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "charity": ("charity_answered", {"answered_on": DAY, "charity_amount": 500}),
    "referrals_accepted": ("dept_reply", {"replied_at": AT, "dept_reply": "accepted"}),
    "referrals_bounced": ("dept_reply", {"replied_at": AT, "dept_reply": "bounced"}),
    "referrals_closed": ("dept_result", {"finished_on": DAY}),
    "reconsiderations": ("reconsideration_accepted", {"accepted_on": DAY}),
}


def noted(tx: Tx, case_id: str, kind: str, payload: Mapping[str, Any], at: datetime, now: datetime) -> None:
    locking.note(tx, step.lock(tx, case_id), step.Record(kind, None, None, at, payload), now)


def did(name: str, values: Mapping[str, Any]) -> Callable[[Tx, str, datetime], None]:
    def happen(tx: Tx, case_id: str, typed: datetime) -> None:
        noted(tx, case_id, "task.completed", {"element": name, "path": "", "values": values}, typed, typed)

    return happen


def heard(name: str, values: Mapping[str, Any]) -> Callable[[Tx, str, datetime], None]:
    def happen(tx: Tx, case_id: str, typed: datetime) -> None:
        noted(tx, case_id, "message.received", {"message": name, "path": "", "values": values}, typed, typed)

    return happen


def objected(tx: Tx, case_id: str, typed: datetime) -> None:
    own = a_case(tx, "A1-Y1")
    tx.run(update(cases).where(cases.c.id == own).values(opened_at=typed))
    row = {"number": "A1-Y1", "notice_no": "A1-G1", "application_no": "A1", "case_id": own}
    tx.run(insert(objections), {**row, "received_at": BEFORE})


HAPPENED: Mapping[str, Callable[[Tx, str, datetime], None]] = {
    **{column: did(*told) for column, told in STEPS.items()},
    **{column: heard(*told) for column, told in MESSAGES.items()},
    "objections": objected,
}


def rendered(tx: Tx, number: str, case_id: str, at: datetime) -> None:
    paper = files.store(tx, f"{number}.pdf", b"%PDF-1.4", None, at).id
    tx.run(
        insert(notices),
        {
            "number": number, "case_id": case_id, "application_no": "A1", "area": seed.VILLAGE, "content": {},
            "investigators": [], "file": paper, "made_at": at, "path": "",
        },
    )  # fmt: skip


@pytest.fixture
def case_id(tx: Tx) -> str:
    definitions.deploy(tx, LINE, now=datetime(2026, 8, 1, tzinfo=ZONE))
    made = a_case(tx, "L1")
    rendered(tx, "A1-G1", made, datetime(2026, 8, 31, 12, tzinfo=ZONE))
    return made


def freeze(tx: Tx, case_id: str, month: date, now: datetime) -> Any:
    number = report_signing.freeze(
        tx, town=seed.TOWN, month=month, now=now, case_id=case_id, prepared_by=None, reviewed_by=None, job=f"{month}{now}"[:32]
    )  # fmt: skip
    return reports.get(tx, number)


def counted(tx: Tx, month: date, column: str, cutoff: datetime) -> int:
    return int(reports.compute(tx, seed.TOWN, month, cutoff)["total"].get(column, {}).get("n", 0))


@pytest.mark.parametrize("column", HAPPENED)
def test_the_month_is_that_of_the_event_and_what_is_typed_late_is_an_adjustment(
    tx: Tx, case_id: str, column: str
) -> None:
    september = freeze(tx, case_id, SEPTEMBER, FROZEN)
    HAPPENED[column](tx, case_id, TYPED)
    assert reports.compute(tx, seed.TOWN, SEPTEMBER, FROZEN) == september.figures, "a frozen month stays"
    later = TYPED + timedelta(days=1)
    months = (date(2026, 8, 1), SEPTEMBER, OCTOBER)
    assert [counted(tx, month, column, later) for month in months] == [0, 1, 0]
    october = freeze(tx, case_id, OCTOBER, datetime(2026, 11, 3, 9, tzinfo=ZONE))
    assert [(c["month"], c["column"], c["was"], c["now"]) for c in october.adjustments] == [
        ("2026-09-01", column, 0, 1)
    ]
    december = datetime(2026, 12, 2, 9, tzinfo=ZONE)
    assert reports.adjustments(tx, seed.TOWN, NOVEMBER, december) == [], "not a second time"


@pytest.mark.parametrize("column", HAPPENED)
def test_what_is_typed_after_midnight_of_the_last_day_belongs_to_the_month_that_is_over(
    tx: Tx, case_id: str, column: str
) -> None:
    HAPPENED[column](tx, case_id, datetime(2026, 10, 1, 0, 20, tzinfo=ZONE))
    assert [counted(tx, month, column, FROZEN) for month in (SEPTEMBER, OCTOBER)] == [1, 0]


def test_a_notice_hung_up_again_is_the_same_notice_and_the_next_one_a_renotice(tx: Tx, case_id: str) -> None:
    did("post_notice", {"posted_on": "2026-09-14"})(tx, case_id, datetime(2026, 9, 14, 9, tzinfo=ZONE))
    did("post_notice", {"posted_on": "2026-10-02"})(tx, case_id, datetime(2026, 10, 2, 9, tzinfo=ZONE))
    rendered(tx, "A1-G2", case_id, datetime(2026, 10, 2, 12, tzinfo=ZONE))
    did("post_notice", {"posted_on": DAY})(tx, case_id, TYPED)
    later = TYPED + timedelta(days=1)
    assert [counted(tx, month, "notices", later) for month in (SEPTEMBER, OCTOBER)] == [2, 0]
    assert [counted(tx, month, "renotices", later) for month in (SEPTEMBER, OCTOBER)] == [1, 0]


def test_a_month_frozen_by_an_older_rule_stays_and_the_difference_is_an_adjustment_once(
    tx: Tx, case_id: str
) -> None:
    """As a version froze it that counted first aid by the hour of typing."""
    typed = datetime(2026, 10, 1, 0, 20, tzinfo=ZONE)
    HAPPENED["first_aid"](tx, case_id, typed)
    september = freeze(tx, case_id, SEPTEMBER, FROZEN)
    rows = reports_table.c
    figures = {
        area: {column: cell for column, cell in row.items() if column != "first_aid"}
        for area, row in september.figures.items()
    }
    snapshot = {**september.snapshot, "rules": "counted by the hour of typing"}
    older = update(reports_table).where(rows.number == september.number)
    tx.run(older.values(figures=figures, snapshot=snapshot))
    october = freeze(tx, case_id, OCTOBER, datetime(2026, 11, 3, 9, tzinfo=ZONE))
    (line,) = october.adjustments
    assert (line["month"], line["column"], line["now"], line["yuan_now"]) == (
        "2026-09-01",
        "first_aid",
        1,
        "800.00",
    )
    december = datetime(2026, 12, 2, 9, tzinfo=ZONE)
    assert reports.adjustments(tx, seed.TOWN, NOVEMBER, december) == []
    assert tx.run(select(rows.figures).where(rows.number == september.number)).scalar_one() == figures


# ------------------------------------------------------------------------------------------ what came to nothing, what is due
def approved(tx: Tx, case_id: str, at: datetime) -> None:
    did("register_quick", {"amount": 1000, "persons": 1})(tx, case_id, at)
    did("approve_quick", {"quick_result": "granted"})(tx, case_id, at)


def money(tx: Tx, month: date, column: str, cutoff: datetime) -> tuple[int, str | None]:
    cell = reports.compute(tx, seed.TOWN, month, cutoff)["total"].get(column, {})
    return int(cell.get("n", 0)), cell.get("yuan")


def test_quick_relief_declined_before_the_money_counts_once_it_is_approved_again(
    tx: Tx, case_id: str
) -> None:
    noon = datetime(2026, 9, 28, 12, tzinfo=ZONE)
    approved(tx, case_id, noon)
    heard("person_declined", {})(tx, case_id, noon + timedelta(hours=3))
    before, after = noon + timedelta(hours=1), noon + timedelta(hours=4)
    assert money(tx, SEPTEMBER, "small_quick", before) == (1, "1000.00"), "nobody had declined yet"
    assert money(tx, SEPTEMBER, "small_quick", after) == (0, None)
    approved(tx, case_id, noon + timedelta(days=1))
    row = {
        "number": "L1-K2-P1", "case_id": case_id, "application_no": "L1-K2", "area": seed.VILLAGE, "amount": 1000,
        "method": "cash", "fund": "reserve", "payee": "王某乙", "state": "paid",
    }  # fmt: skip
    given = noon + timedelta(days=1, hours=1)
    tx.run(insert(payouts), {**row, "made_at": given, "paid_at": given, "confirmed_at": given})
    heard("person_declined", {})(tx, case_id, noon + timedelta(days=2))
    assert money(tx, SEPTEMBER, "small_quick", FROZEN) == (1, "1000.00"), (
        "what was given stays, whatever else is declined"
    )


def test_a_visit_is_due_once_in_the_month_its_limit_ends_or_it_was_made_before(tx: Tx) -> None:
    """C-49: paid on 27 February, the first visit is due on 29 March; made in February it is due and done there."""
    definitions.deploy(tx, LINE, now=datetime(2026, 2, 1, tzinfo=ZONE))
    february, march, may = date(2026, 2, 1), date(2026, 3, 1), date(2026, 5, 1)
    opened = datetime(2026, 2, 27, 10, tzinfo=ZONE)
    late, early, void = (a_case(tx, f"L{n}-F1") for n in (1, 2, 3))
    for case in (late, early, void):
        limit(tx, case, "follow_up.first", opened, date(2026, 3, 29))
    limit(tx, early, "follow_up.second", opened, date(2026, 5, 28))
    gone = {"state": "cancelled", "stopped_at": opened + timedelta(days=3)}
    tx.run(update(clocks).where(clocks.c.case_id == void).values(gone))
    seen = datetime(2026, 2, 28, 15, tzinfo=ZONE)
    did("first_visit", {"done_at": seen.isoformat()})(tx, early, seen)
    did("first_visit", {"done_at": "2026-04-02T09:00:00+08:00"})(
        tx, late, datetime(2026, 4, 2, 9, tzinfo=ZONE)
    )
    until = datetime(2026, 6, 3, tzinfo=ZONE)
    months = (february, march, date(2026, 4, 1), may)
    assert [counted(tx, month, "follow_ups_due", until) for month in months] == [1, 1, 0, 1]
    assert [counted(tx, month, "follow_ups", until) for month in months] == [1, 0, 1, 0]
    assert counted(tx, march, "follow_ups_due", opened + timedelta(days=1)) == 3, (
        "on that day all three were owed in March"
    )


def limit(tx: Tx, case: str, term: str, start: datetime, due: date) -> None:
    row = {
        "id": f"{case}:{term}", "case_id": case, "token": case, "process": "follow_up", "element": term, "term": term,
        "name": term, "kind": "max", "terms_on": start.date(), "started_at": start, "entered_at": start,
        "due_at": datetime(due.year, due.month, due.day, 23, 59, tzinfo=ZONE), "due": due, "provisional": False,
        "state": "running", "pauses": [],
    }  # fmt: skip
    tx.run(insert(clocks), row)


def test_a_refusal_after_the_freeze_adjusts_the_month_of_the_approval(tx: Tx, case_id: str) -> None:
    approved(tx, case_id, datetime(2026, 9, 29, 12, tzinfo=ZONE))
    freeze(tx, case_id, SEPTEMBER, FROZEN)
    heard("person_declined", {})(tx, case_id, TYPED)
    october = freeze(tx, case_id, OCTOBER, datetime(2026, 11, 3, 9, tzinfo=ZONE))
    lines = [(c["month"], c["column"], c["was"], c["now"]) for c in october.adjustments]
    assert lines == [("2026-09-01", "small_quick", 1, 0)]
