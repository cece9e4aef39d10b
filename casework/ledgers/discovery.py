"""主动发现救助台账 and, of it, the “急难”对象台账 (R54): one line per lead."""

from __future__ import annotations

from sqlalchemy import select

from casework import corrections, register
from casework.ledgers.book import Book, Found, Scope
from casework.tables import leads
from engine.tables import cases

BATCH = 500
SENSITIVE = {"cause": ("lead", "main_cause")}


def _lines(scope: Scope, *, urgent: bool) -> Found:
    k, c = leads.c, cases.c
    discovered = corrections.known(scope.tx).column(k.case_id, k.discovered_at, "discovered_at")
    where = [scope.sight(k.area), *scope.during(discovered)]
    if urgent:
        where.append(c.urgent.is_(True))
    query = select(k.number, k.case_id).join(cases, c.id == k.case_id).where(*where)
    found, total = scope.page(query.order_by(discovered.desc(), k.number))
    case_of = {row.number: row.case_id for row in found}
    numbers = list(case_of)
    made = [
        line
        for start in range(0, len(numbers), BATCH)
        for line in register.lines(scope.tx, numbers[start : start + BATCH], scope.words, scope.mask)
    ]
    return [{**line, "case_id": case_of[line["number"]]} for line in made], total


EMERGENCY = Book(
    "emergency",
    "“急难”对象台账",
    "列为急难的线索，由办理记录自动生成",
    register.COLUMNS,
    lambda scope: _lines(scope, urgent=True),
    "发现日期",
    sensitive=SENSITIVE,
)
DISCOVERY = Book(
    "discovery",
    "主动发现救助台账",
    "全部线索，由办理记录自动生成",
    register.COLUMNS,
    lambda scope: _lines(scope, urgent=False),
    "发现日期",
    sensitive=SENSITIVE,
)
