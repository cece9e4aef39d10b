"""备用金: each town's petty fund for aid on the spot – what came in, what went out for which case, what is left (policy.md C-10).

A town's year is `reserve_fund.per_capita` yuan for each registered resident; below `reserve_fund.alarm_share` of it people are told. Aid is
never held up for want of a balance: a payment beyond it is booked, marked as overdrawn and told to town and bureau at once.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select

from casework import areas, books, staff
from casework.standards import RESIDENTS
from casework.tables import ledger, standards
from engine.calendar import ZONE
from engine.db import Tx
from engine.errors import Conflict, Field, Invalid
from engine.routing import Actor

BOOK = "reserve_fund"
TOWN_POSTS, BUREAU_POSTS = ("town_service_office",), ("district_assistance_office",)


@dataclass(frozen=True, slots=True)
class Fund:
    """A town's reserve. `quota`: the year's sum, None when the number of residents is not known; `threshold`: alarm below it."""

    town: str
    name: str
    balance: Decimal
    quota: Decimal | None
    threshold: Decimal

    @property
    def state(self) -> str:
        """`overdrawn`, `low` or `ok`."""
        if self.balance < 0:
            return "overdrawn"
        return "low" if self.balance < self.threshold else "ok"


def fund(tx: Tx, town: str, now: datetime, name: str = "") -> Fund:
    """What a town has and what it should have."""
    on = now.astimezone(ZONE).date()
    share = Decimal(str(tx.world.terms.parameter("reserve_fund.alarm_share", on)))
    quota = _quota(tx, town, on)
    base = quota if quota is not None else _allotted(tx, town, on)
    return Fund(
        town,
        name or areas.names(tx, [town])[town],
        books.balance(tx, BOOK, town),
        quota,
        (base * share).quantize(Decimal("0.01")),
    )


def funds(tx: Tx, towns: Iterable[tuple[str, str]], now: datetime) -> list[Fund]:
    """The reserves of towns (path, name) that have one: a line in the book or a number of residents on file."""
    b, s = ledger.c, standards.c
    known = set(tx.run(select(b.area).where(b.book == BOOK).distinct()).scalars())
    known |= set(tx.run(select(s.area).where(s.key == RESIDENTS).distinct()).scalars())
    return [fund(tx, path, now, name) for path, name in towns if path in known]


def _quota(tx: Tx, town: str, on: date) -> Decimal | None:
    s = standards.c
    query = select(s.amount).where(s.area == town, s.key == RESIDENTS, s.valid_from <= on)
    residents = tx.run(query.order_by(s.valid_from.desc()).limit(1)).scalar_one_or_none()
    if residents is None:
        return None
    return Decimal(residents) * Decimal(str(tx.world.terms.parameter("reserve_fund.per_capita", on)))


def _allotted(tx: Tx, town: str, on: date) -> Decimal:
    """What came in this year: the measure where the number of residents is not on file."""
    b = ledger.c
    begin = datetime.combine(on.replace(month=1, day=1), time(), ZONE)
    query = select(func.sum(b.amount)).where(b.book == BOOK, b.area == town, b.amount > 0, b.at >= begin)
    return Decimal(tx.run(query).scalar() or 0)


def spend(
    tx: Tx, town: str, amount: Decimal, *, case_id: str, key: str, now: datetime, title: str
) -> Decimal:
    """Book a payment out of the reserve, once per key; tell people when little or nothing is left. Returns the balance."""
    left = books.balance(tx, BOOK, town) - amount
    details: dict[str, Any] = {"overdrawn": True} if left < 0 else {}
    line: dict[str, Any] = {"area": town, "at": now, "case_id": case_id, "amount": -amount, "key": key}
    if books.book(tx, BOOK, text=f"救助支出：{title}", **line, **details):
        _alarm(tx, fund(tx, town, now), case_id, now)
    return books.balance(tx, BOOK, town)


def _alarm(tx: Tx, found: Fund, case_id: str, now: datetime) -> None:
    if found.state == "ok":
        return
    posts = (*TOWN_POSTS, *BUREAU_POSTS)
    people = staff.holders(tx, posts, found.town, now)
    if found.state == "overdrawn":
        title, text = "备用金透支", f"{found.name}备用金已透支 {-found.balance} 元，请立即补充。"
    else:
        title = "备用金余额不足"
        text = f"{found.name}备用金余额 {found.balance} 元，低于预警线 {found.threshold} 元，请补充。"
    books.tell(tx, people, kind="alarm", title=title, text=text, now=now, case_id=case_id)


def top_up(
    tx: Tx,
    town: str,
    amount: Decimal,
    *,
    reason: str,
    document_no: str,
    on: date,
    actor: Actor,
    now: datetime,
) -> Decimal:
    """拨入 by the bureau, or a correction (a negative sum) that may not make the balance negative. Returns the new balance."""
    if amount == 0:
        raise Invalid("金额不能为零。", "The sum is zero.", fields=[Field("amount", "金额不能为零")])
    if on > now.astimezone(ZONE).date():
        raise Invalid(
            "日期不能晚于今天。", "The day is in the future.", fields=[Field("on", "日期不能晚于今天")]
        )
    if amount < 0 and books.balance(tx, BOOK, town) + amount < 0:
        raise Conflict(
            "更正后余额为负，请核对金额。", "The balance would be negative.", code="reserve_negative"
        )
    books.book(
        tx,
        BOOK,
        area=town,
        at=now,
        text=reason,
        amount=amount,
        document_no=document_no,
        on=on.isoformat(),
        by=actor.id,
    )
    people = staff.holders(tx, TOWN_POSTS, town, now)
    word = "拨入" if amount > 0 else "更正"
    books.tell(
        tx, people, kind="fund", title=f"备用金{word} {amount} 元", text=f"{reason}（{document_no}）", now=now
    )
    return books.balance(tx, BOOK, town)


@dataclass(frozen=True, slots=True)
class Line:
    """One line with the balance after it."""

    id: str
    at: datetime
    on: str
    text: str
    document_no: str
    amount: Decimal
    balance: Decimal
    case_id: str | None
    by: str | None


def lines(tx: Tx, town: str, begin: datetime, end: datetime) -> tuple[Decimal, list[Line]]:
    """The opening balance at `begin`, and every line in [begin, end) with the balance it left."""
    b = ledger.c
    mine = (b.book == BOOK, b.area == town)
    opening = Decimal(tx.run(select(func.sum(b.amount)).where(*mine, b.at < begin)).scalar() or 0)
    left, found = opening, []
    query = select(ledger).where(*mine, b.at >= begin, b.at < end).order_by(b.at, b.id)
    for row in tx.run(query):
        left += row.amount
        details = row.details
        found.append(
            Line(
                row.id,
                row.at,
                str(details.get("on") or row.at.astimezone(ZONE).date().isoformat()),
                row.text,
                str(details.get("document_no") or ""),
                row.amount,
                left,
                row.case_id,
                details.get("by"),
            )
        )
    return opening, found
