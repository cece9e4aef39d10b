"""Monthly reports: figures counted from the cases themselves, frozen with a digest; what comes late is an adjustment of the next month.

A figure counts what happened in the month and was entered by the cut-off, so counting a frozen month again gives the same numbers (D.12).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from sqlalchemy import func, insert, or_, select, update

from casework.tables import decisions, leads, ledger, notices, payouts, recognitions, reports, visits
from engine.calendar import ZONE
from engine.db import Tx
from engine.deadline import add_months
from engine.tables import cases, user_tasks

COLUMNS: Mapping[str, str] = {
    "visits": "走访户次",
    "leads": "新增线索",
    "confirmed": "核查属实",
    "not_confirmed": "核查不属实",
    "merged": "重复并案",
    "urgent": "急难线索",
    "first_aid": "先行救助",
    "small_quick": "小额快救",
    "temp_emergency": "急难型救助",
    "temp_expenditure": "支出型救助",
    "paid": "发放",
    "dibao": "新增低保",
    "edge": "新增边缘",
    "rigid": "新增刚性",
    "tekun": "新增特困",
    "referrals": "部门转介",
    "escorts": "护送引导",
    "charity": "慈善帮扶",
    "backstop": "政府兜底",
    "notices": "公示",
    "objections": "异议",
    "refusals": "本人谢绝",
    "follow_ups": "回访",
    "overdue": "超期催办",
    "closed": "线索办结",
}
"""Figures in the order of policy.md D.12."""

Cell = dict[str, Any]
"""`{"n": 3, "yuan": "900.00" | None, "cases": [ids]}`."""
Found = Iterator[tuple[str, str, str | None, Decimal | None]]
"""Column, area, case id, amount."""


@dataclass(frozen=True, slots=True)
class Window:
    """The month [begin, end) and what was known at the cut-off."""

    begin: datetime
    end: datetime
    cutoff: datetime

    @classmethod
    def of(cls, month: date, cutoff: datetime) -> Window:
        begin = datetime.combine(month.replace(day=1), time(), ZONE)
        return cls(begin, datetime.combine(add_months(month.replace(day=1), 1), time(), ZONE), cutoff)


def compute(tx: Tx, town: str, month: date, cutoff: datetime) -> dict[str, dict[str, Cell]]:
    """Village path → column → cell, with the town's total under `total`. Columns without anything are left out."""
    window = Window.of(month, cutoff)
    made: dict[str, dict[str, Cell]] = {"total": {}}
    for column, area, case_id, amount in _everything(tx, town, window):
        for place in (area, "total"):
            cell = made.setdefault(place, {}).setdefault(column, {"n": 0, "yuan": None, "cases": []})
            cell["n"] += 1
            if amount is not None:
                cell["yuan"] = str(Decimal(cell["yuan"] or "0") + amount)
            if case_id and case_id not in cell["cases"]:
                cell["cases"].append(case_id)
    return {place: made[place] for place in sorted(made)}


def _everything(tx: Tx, town: str, window: Window) -> Found:
    for count in (_visits, _leads, _steps, _money, _decided, _recognised, _books, _notices):
        yield from count(tx, town, window)


def _in(column: Any, town: str) -> Any:
    return (column == town) | column.startswith(town + "/", autoescape=True)


def _when(column: Any, window: Window) -> Any:
    return (column >= window.begin) & (column < window.end) & (column <= window.cutoff)


def _visits(tx: Tx, town: str, w: Window) -> Found:
    v = visits.c
    for row in tx.run(select(v.area, v.case_id).where(_in(v.area, town), _when(v.at, w)).order_by(v.id)):
        yield "visits", row.area, row.case_id, None


def _leads(tx: Tx, town: str, w: Window) -> Found:
    known, c = leads.c, cases.c
    query = select(
        known.area, known.case_id, known.discovered_at, known.closed_at, known.conclusion, c.urgent
    ).join(cases, c.id == known.case_id)
    entered = c.opened_at <= w.cutoff
    for row in tx.run(
        query.where(_in(known.area, town), _when(known.discovered_at, w), entered).order_by(known.number)
    ):
        yield "leads", row.area, row.case_id, None
        if row.urgent:
            yield "urgent", row.area, row.case_id, None
    closed = {
        "merged": "merged",
        "charity": "charity",
        "backstop": "backstop",
        "not_confirmed": "not_confirmed",
    }
    for row in tx.run(query.where(_in(known.area, town), _when(known.closed_at, w)).order_by(known.number)):
        yield "closed", row.area, row.case_id, None
        if row.conclusion in closed:
            yield closed[row.conclusion], row.area, row.case_id, None


STEPS = {
    "verify_on_site": "confirmed",
    "give_first_aid": "first_aid",
    "escort_person": "escorts",
    "guide_person": "escorts",
    "record_refusal": "refusals",
    "first_visit": "follow_ups",
    "second_visit": "follow_ups",
}


def _steps(tx: Tx, town: str, w: Window) -> Found:
    t = user_tasks.c
    query = select(t.element, t.area, t.case_id, cases.c.variables).join(cases, cases.c.id == t.case_id)
    done = (t.state == "completed") & t.element.in_(STEPS)
    for row in tx.run(query.where(_in(t.area, town), done, _when(t.ended_at, w)).order_by(t.ended_at, t.id)):
        if row.element == "verify_on_site" and (row.variables or {}).get("verify_result") != "confirmed":
            continue
        yield STEPS[row.element], row.area, row.case_id, None


def _money(tx: Tx, town: str, w: Window) -> Found:
    p = payouts.c
    query = (
        select(p.area, p.case_id, p.amount)
        .where(_in(p.area, town), _when(p.paid_at, w), p.made_at <= w.cutoff)
        .order_by(p.number)
    )
    for row in tx.run(query):
        yield "paid", row.area, row.case_id, row.amount


def _decided(tx: Tx, town: str, w: Window) -> Found:
    d, t = decisions.c, user_tasks.c
    columns = {"TEMP_EMERGENCY": "temp_emergency", "TEMP_EXPENDITURE": "temp_expenditure"}
    query = select(d.programme, d.area, d.case_id, d.amount).where(
        _in(d.area, town),
        d.result == "approved",
        d.decided_on >= w.begin.date(),
        d.decided_on < w.end.date(),
        or_(d.entered_at.is_(None), d.entered_at <= w.cutoff),
    )
    for row in tx.run(query.order_by(d.number)):
        if row.programme in columns:
            yield columns[row.programme], row.area, row.case_id, row.amount
    quick = (t.element == "approve_quick") & (t.state == "completed")
    joined = select(t.area, t.case_id, cases.c.variables).join(cases, cases.c.id == t.case_id)
    for row in tx.run(
        joined.where(_in(t.area, town), quick, _when(t.ended_at, w)).order_by(t.ended_at, t.id)
    ):
        if (row.variables or {}).get("quick_result") == "granted":
            yield "small_quick", row.area, row.case_id, None


def _recognised(tx: Tx, town: str, w: Window) -> Found:
    r = recognitions.c
    columns = {"DIBAO": "dibao", "DIBAO_EDGE": "edge", "RIGID_EXP": "rigid", "TEKUN": "tekun"}
    query = select(r.programme, r.area, r.case_id, r.amount).where(
        _in(r.area, town),
        r.decided_on >= w.begin.date(),
        r.decided_on < w.end.date(),
        or_(r.entered_at.is_(None), r.entered_at <= w.cutoff),
    )
    for row in tx.run(query.order_by(r.application_no)):
        if row.programme in columns:
            yield columns[row.programme], row.area, row.case_id, row.amount


def _books(tx: Tx, town: str, w: Window) -> Found:
    b = ledger.c
    columns = {"referral": "referrals", "escalation": "overdue"}
    query = select(b.book, b.area, b.case_id).where(_in(b.area, town), b.book.in_(columns), _when(b.at, w))
    for row in tx.run(query.order_by(b.id)):
        yield columns[row.book], row.area, row.case_id, None


def _notices(tx: Tx, town: str, w: Window) -> Found:
    n, c = notices.c, cases.c
    query = (
        select(c.area, n.case_id).join(cases, c.id == n.case_id).where(_in(c.area, town), _when(n.made_at, w))
    )
    for row in tx.run(query.order_by(n.number)):
        yield "notices", row.area, row.case_id, None
    objections = select(c.area, c.id).where(
        _in(c.area, town), c.process == "handle_objection", _when(c.opened_at, w)
    )
    for row in tx.run(objections.order_by(c.number)):
        yield "objections", row.area, row.id, None


# ------------------------------------------------------------------------------------------ freezing
def digest(figures: Mapping[str, Any], adjustments: Any) -> str:
    """SHA-256 of the report as it stands."""
    text = json.dumps([figures, adjustments], ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def adjustments(tx: Tx, town: str, month: date, now: datetime) -> list[dict[str, Any]]:
    """What has changed in the month before since it was frozen: `{"month", "area", "column", "was", "now"}`."""
    before = add_months(month.replace(day=1), -1)
    frozen = latest(tx, town, before)
    if frozen is None:
        return []
    found = compute(tx, town, before, now)
    made = []
    for area in sorted({*frozen.figures, *found} - {"total"}):
        for column in COLUMNS:
            was = frozen.figures.get(area, {}).get(column, {}).get("n", 0)
            is_now = found.get(area, {}).get(column, {}).get("n", 0)
            if was != is_now:
                made.append(
                    {"month": before.isoformat(), "area": area, "column": column, "was": was, "now": is_now}
                )
    return made


def freeze(
    tx: Tx,
    *,
    town: str,
    month: date,
    now: datetime,
    case_id: str,
    prepared_by: str | None,
    reviewed_by: str | None,
    job: str,
) -> str:
    """Submit the month as it is known now, as the next version; the same job freezes once. Returns the number."""
    known = tx.run(select(reports.c.number).where(reports.c.job == job)).scalar_one_or_none()
    if known is not None:
        return str(known)
    first = month.replace(day=1)
    count = select(func.count()).where(reports.c.area == town, reports.c.month == first)
    version = int(tx.run(count).scalar_one()) + 1
    figures, changed = compute(tx, town, first, now), adjustments(tx, town, first, now)
    number = f"{town.rpartition('/')[2]}-{first:%Y%m}-{version}"
    tx.run(
        insert(reports),
        {
            "number": number,
            "area": town,
            "month": first,
            "version": version,
            "figures": figures,
            "adjustments": changed,
            "cutoff": now,
            "digest": digest(figures, changed),
            "prepared_by": prepared_by,
            "reviewed_by": reviewed_by,
            "state": "submitted",
            "case_id": case_id,
            "job": job,
        },
    )
    return number


def settle(tx: Tx, number: str, state: str) -> None:
    """The district has received a report, or sent it back."""
    tx.run(update(reports).where(reports.c.number == number).values(state=state))


def get(tx: Tx, number: str) -> Any:
    """One report, or None."""
    return tx.run(select(reports).where(reports.c.number == number)).one_or_none()


def latest(tx: Tx, town: str, month: date) -> Any:
    """The newest version of a month, or None."""
    r = reports.c
    query = select(reports).where(r.area == town, r.month == month).order_by(r.version.desc()).limit(1)
    return tx.run(query).one_or_none()
