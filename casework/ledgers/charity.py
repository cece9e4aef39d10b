"""慈善帮扶与政府兜底台账: what policy did not cover, what charity gave, what the coordination meeting decided (R68)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from casework.ledgers.book import STATUS, Book, Found, Scope, cases_with, first, last, leaves, moment, yuan

COLUMNS = {
    "number": "线索编号",
    "town": "镇街",
    "village": "村居",
    "name": "姓名",
    "partner": "慈善组织",
    "asked_on": "对接日期",
    "asked": "期望金额",
    "answer": "慈善答复",
    "given": "帮扶金额",
    "answered_on": "答复日期",
    "content": "帮扶内容",
    "proposed": "提请兜底金额",
    "held_at": "协调会议时间",
    "conclusion": "会议结论",
    "minutes": "纪要编号",
    "status": "事项状态",
}


def _lines(scope: Scope) -> Found:
    rows, total = cases_with(scope, ("confirm_gap", "ask_charity", "deliberate"))
    places = scope.places(row.area for row in rows)
    made = []
    for row in rows:
        charity = [e for entries in leaves(row.document, "charity") for e in entries]
        backstop = [e for entries in leaves(row.document, "backstop") for e in entries]
        made.append(
            {
                "case_id": row.id,
                "number": row.number,
                **places[row.area],
                "name": scope.mask["name"](row.title),
                "partner": scope.words.of("charity_partner", first(charity, "partner")),
                "asked_on": moment(first(charity, "asked_on")),
                "asked": yuan(first(charity, "amount")),
                "answer": _answer(scope, charity),
                "given": yuan(last(charity, "charity_amount")),
                "answered_on": moment(last(charity, "answered_on")),
                "content": str(last(charity, "content") or ""),
                "proposed": yuan(last(backstop, "amount")),
                "held_at": moment(last(backstop, "held_at")),
                "conclusion": str(last(backstop, "conclusion") or ""),
                "minutes": str(last(backstop, "deliberation_ref") or ""),
                "status": STATUS.get(row.status, row.status),
            }
        )
    return made, total


def _answer(scope: Scope, charity: Sequence[Mapping[str, Any]]) -> str:
    """What charity said; of a request the person stopped, that."""
    said = scope.words.of("charity_answer", last(charity, "charity_answer"))
    return said or ("本人撤回同意" if last(charity, "withdrawn_on") else "")


BOOK = Book("charity", "慈善帮扶与兜底台账", "政策不足公益补，公益不足政府兜", COLUMNS, _lines, "办理日期")
