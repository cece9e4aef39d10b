"""未到账查明: money the register calls paid and a person did not get – looked into, taken back in the register, ordered anew.

Nobody is paid twice: a new order needs the finding on record, and a payment is found missing once. What a finding takes back stays in the
register as it was entered, with the reason and the moment beside it, so that a frozen month keeps its figure (policy.md D.12).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select, update

from casework import books, reserve, staff
from casework.tables import decisions, recognitions
from casework.tables import payouts as payouts_table
from engine import cases
from engine.calendar import ZONE
from engine.db import Tx
from engine.routing import at_tier
from engine.step import Case
from engine.tables import cases as cases_table
from engine.tables import user_tasks

PROCESS = "payment_inquiry"
HANDED = ("hand_over", "give_first_aid")
"""Steps in which officers put money into somebody's hand: who did them does not look into it."""
BACK = ("returned", "taken_back")
"""Findings by which the money is in the town's hands again."""
FOUND: Mapping[str, str] = {
    "returned": "银行退汇",
    "taken_back": "未交到本人，款已收回",
    "astray": "付错账户或他人",
}
"""Findings that say the person did not get it."""
P, C = payouts_table.c, cases_table.c


def of_payment(number: str) -> ColumnElement[bool]:
    return P.number == number


def of_months(application_no: str) -> ColumnElement[bool]:
    return (P.application_no == application_no) & P.month.is_not(None)


def of_lead(lead_no: str) -> ColumnElement[bool]:
    return P.application_no.startswith(f"{lead_no}-", autoescape=True)


def paid_months(tx: Tx, application_no: str) -> int:
    """How many months of a recognition the register calls paid."""
    query = select(func.count()).where(of_months(application_no), P.state == "paid")
    return int(tx.run(query).scalar_one())


def paying(tx: Tx, town: str) -> set[tuple[str, date]]:
    """Months of recognitions (application, month) an open inquiry of the town has found missing and pays anew: no list pays them too."""
    inside = or_(C.area == town, C.area.startswith(f"{town}/", autoescape=True))
    query = select(C.variables).where(C.process == PROCESS, C.status == "active", inside)
    return {
        (str(one["application_no"]), date.fromisoformat(one["month"]))
        for variables in tx.run(query).scalars()
        for one in variables.get("owed") or []
        if one.get("month")
    }


def open_numbers(tx: Tx, lead_no: str) -> dict[str, list[str]]:
    """The open inquiries of a lead and the payments each looks into."""
    query = select(C.number, C.document).where(
        C.process == PROCESS, C.status == "active", C.number.startswith(f"{lead_no}-Q", autoescape=True)
    )
    return {
        row.number: [one["number"] for one in row.document.get("", {}).get("inquiry", {}).get("payments", [])]
        for row in tx.run(query.order_by(C.number))
    }


def begin(
    tx: Tx, case: Case, lead_no: str, which: ColumnElement[bool], said: str, now: datetime
) -> str | None:
    """Open an inquiry into the payments of `which` the register calls paid; its number. What another one looks into already is left to
    it: then that one's number. None where nothing was paid: there is no money to look for."""
    rows = list(tx.run(select(payouts_table).where(which, P.state == "paid").order_by(P.paid_at, P.number)))
    running = open_numbers(tx, lead_no)
    taken = {number: inquiry for inquiry, numbers in running.items() for number in numbers}
    fresh = [row for row in rows if row.number not in taken]
    if not fresh:
        return next((taken[row.number] for row in rows), None)
    known = select(func.count()).where(
        C.process == PROCESS, C.number.startswith(f"{lead_no}-Q", autoescape=True)
    )
    number = f"{lead_no}-Q{int(tx.run(known).scalar_one()) + 1}"
    cases.start(
        tx,
        PROCESS,
        now=now,
        area=case.area,
        number=number,
        title=case.title,
        variables={
            "lead_no": lead_no,
            "inquiry_no": number,
            "said_on": now.isoformat(),
            "handlers": _handlers(tx, fresh),
            "track": case.track,
        },
        document={"inquiry": {"said": said, "payments": [_shown(row) for row in fresh]}},
        parent=case.id,
        subject=case.subject,
    )
    return number


def _handlers(tx: Tx, rows: Sequence[Any]) -> list[str]:
    t = user_tasks.c
    query = select(t.ended_by, t.acted).where(
        t.case_id.in_({row.case_id for row in rows if row.method != "bank"}),
        t.element.in_(HANDED),
        t.state == "completed",
    )
    found: set[str] = set()
    for row in tx.run(query):
        found |= {str(one["person"]) for one in row.acted or []} or {row.ended_by}
    return sorted(found)


def _shown(row: Any) -> dict[str, Any]:
    return {
        "number": row.number,
        "application_no": row.application_no,
        "paid_on": row.paid_at.astimezone(ZONE).date().isoformat(),
        "month": f"{row.month:%Y-%m}" if row.month else None,
        "amount": float(row.amount),
        "method": row.method,
        "payee": row.payee,
    }


def correct(tx: Tx, case: Case, findings: Iterable[Mapping[str, Any]], now: datetime) -> list[dict[str, Any]]:
    """Take back what did not arrive; returns what is to be paid again. A payment taken back before is not owed a second time."""
    owed = []
    for one in findings:
        if one.get("found") not in FOUND:
            continue
        row = tx.run(
            select(payouts_table).where(P.number == str(one["number"])).with_for_update()
        ).one_or_none()
        if row is None or row.state != "paid":
            continue
        reason = f"{FOUND[str(one['found'])]}：{one.get('basis') or ''}"
        values = {"state": "failed", "reason": reason, "returned_at": now}
        tx.run(update(payouts_table).where(P.number == row.number).values(**values))
        _settle(tx, case, row, str(one["found"]), now)
        owed.append(
            {
                "number": row.number,
                "application_no": row.application_no,
                "amount": float(row.amount),
                "month": row.month.isoformat() if row.month else None,
                "payee": row.payee,
                "programme": _programme(tx, row.application_no),
            }
        )
    return owed


def _settle(tx: Tx, case: Case, row: Any, found: str, now: datetime) -> None:
    """Where the money is: back in the reserve it came from, or with somebody it must be recovered from."""
    town = at_tier(row.area, "town")
    line: dict[str, Any] = {"area": town, "at": now, "case_id": case.id, "key": row.number}
    if found in BACK and row.fund == "reserve":
        text = f"未到账退回：{case.number} {row.number}"
        books.book(tx, reserve.BOOK, text=text, amount=row.amount, **line)
    if found == "astray":
        posts = (*reserve.TOWN_POSTS, *reserve.BUREAU_POSTS, "district_area_officer")
        text = f"{row.number}（{row.amount} 元）付错账户或他人，已重新安排发放；错付的款请追回，追回后在备用金或财务账上更正。"
        people = staff.holders(tx, posts, town, now)
        books.tell(tx, people, kind="alarm", title="错付的救助款须追回", text=text, now=now, case_id=case.id)


def _programme(tx: Tx, application_no: str) -> str | None:
    """What was decided or recognised on an application; quick relief by its number."""
    for table in (recognitions, decisions):
        query = select(table.c.programme).where(table.c.application_no == application_no).limit(1)
        found = tx.run(query).scalar_one_or_none()
        if found is not None:
            return str(found)
    quick = application_no.rpartition("-")[2].startswith("K")
    return "SMALL_QUICK" if quick else None
