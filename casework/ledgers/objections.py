"""异议台账: objections to notices and how they were answered. Who objected is in no column (K4)."""

from __future__ import annotations

from sqlalchemy import select

from casework.ledgers.book import STATUS, Book, Found, Scope, first, last, leaves, moment, truth
from casework.tables import notices, objections
from engine.tables import cases

COLUMNS = {
    "number": "异议编号",
    "notice_no": "公示编号",
    "town": "镇街",
    "village": "村居",
    "received_at": "收到时间",
    "channel": "方式",
    "content": "内容",
    "reinvestigate": "需要复查",
    "reason": "审查理由",
    "answer": "答复",
    "answered_on": "答复日期",
    "method": "答复方式",
    "status": "办理状态",
}


def _lines(scope: Scope) -> Found:
    o, n, c = objections.c, notices.c, cases.c
    query = (
        select(o.number, o.notice_no, o.received_at, o.case_id, n.area, c.document, c.status)
        .join(notices, n.number == o.notice_no)
        .join(cases, c.id == o.case_id)
        .where(scope.sight(n.area), *scope.during(o.received_at))
    )
    rows, total = scope.page(query.order_by(o.received_at.desc(), o.number))
    places = scope.places(row.area for row in rows)
    made = []
    for row in rows:
        entries = [e for found in leaves(row.document, "objection") for e in found]
        made.append(
            {
                "case_id": row.case_id,
                "number": row.number,
                "notice_no": row.notice_no,
                **places[row.area],
                "received_at": moment(first(entries, "received_at") or row.received_at),
                "channel": scope.words.of("objection_channel", first(entries, "channel")),
                "content": str(first(entries, "content") or ""),
                "reinvestigate": truth(last(entries, "needs_reinvestigation")),
                "reason": str(last(entries, "reason") or ""),
                "answer": str(last(entries, "answer") or ""),
                "answered_on": moment(last(entries, "answered_on")),
                "method": scope.words.of("tell_method", last(entries, "method")),
                "status": STATUS.get(row.status, row.status),
            }
        )
    return made, total


BOOK = Book(
    "objections", "异议台账", "对公示的异议及答复；异议人一律保密", COLUMNS, _lines, "收到日期", sealed=True
)
