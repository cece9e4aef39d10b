"""备用金台账: opening, in, out, case, balance – per town."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

from sqlalchemy import select

from casework import reserve
from casework.ledgers.book import Book, Found, Scope
from casework.tables import ledger
from engine.calendar import ZONE
from engine.tables import cases

COLUMNS = {
    "town": "镇街",
    "on": "日期",
    "text": "摘要",
    "document_no": "凭证号",
    "opening": "上期余额",
    "in": "收入",
    "out": "支出",
    "case_no": "办件编号",
    "balance": "余额",
    "by": "经办",
}
EVER = (datetime(2000, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC))


def _lines(scope: Scope) -> Found:
    b = ledger.c
    held = select(b.area).where(b.book == reserve.BOOK, scope.sight(b.area)).distinct()
    towns = sorted(scope.tx.run(held).scalars())
    begin = datetime.combine(scope.since, time(), ZONE) if scope.since else EVER[0]
    end = datetime.combine(scope.until + timedelta(days=1), time(), ZONE) if scope.until else EVER[1]
    found = [(town, line) for town in towns for line in reserve.lines(scope.tx, town, begin, end)[1]]
    page = found[scope.offset : scope.offset + scope.limit]
    places = scope.places(town for town, _line in page)
    people = scope.people(line.by for _town, line in page)
    ids = [line.case_id for _town, line in page if line.case_id]
    numbers = {
        r.id: r.number for r in scope.tx.run(select(cases.c.id, cases.c.number).where(cases.c.id.in_(ids)))
    }
    made = [
        {
            "case_id": line.case_id,
            "town": places[town]["town"],
            "on": line.on,
            "text": line.text,
            "document_no": line.document_no,
            "opening": f"{line.balance - line.amount:.2f}",
            "in": f"{line.amount:.2f}" if line.amount > 0 else "",
            "out": f"{-line.amount:.2f}" if line.amount < 0 else "",
            "balance": f"{line.balance:.2f}",
            "case_no": numbers.get(line.case_id or "", ""),
            "by": people.get(line.by or "", ""),
        }
        for town, line in page
    ]
    return made, len(found)


BOOK = Book("reserve", "备用金台账", "各镇（街）备用金的收支和余额", COLUMNS, _lines, "记账日期")
