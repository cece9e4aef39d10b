"""护送（引导）台账: people without support who were brought to the rescue station (policy.md F-5)."""

from __future__ import annotations

from casework.ledgers.book import STATUS, Book, Found, Scope, cases_with, first, last, leaves, moment, truth

COLUMNS = {
    "number": "线索编号",
    "town": "镇街",
    "village": "发现地",
    "name": "姓名",
    "condition": "身体状况",
    "identity": "身份查询",
    "escorts": "护送人员",
    "departed_at": "出发时间",
    "arrived_at": "到达时间",
    "vehicle": "交通",
    "belongings": "随身物品",
    "received": "救助站接收",
    "received_at": "交接时间",
    "receipt_no": "交接单号",
    "refusal": "拒收理由",
    "status": "事项状态",
}


def _lines(scope: Scope) -> Found:
    rows, total = cases_with(scope, ("escort_person", "guide_person"))
    found = [(row, entries) for row in rows for entries in leaves(row.document, "escort")]
    places = scope.places(row.area for row in rows)
    people = scope.people(str(one) for _row, entries in found for one in first(entries, "escorts") or [])
    made = []
    for row, entries in found:
        things = first(entries, "belongings") or []
        made.append(
            {
                "case_id": row.id,
                "number": row.number,
                **places[row.area],
                "name": scope.mask["name"](row.title),
                "condition": str(first(entries, "condition") or ""),
                "identity": str(first(entries, "identity_inquiry") or ""),
                "escorts": "、".join(people.get(str(one), "") for one in first(entries, "escorts") or []),
                "departed_at": moment(first(entries, "departed_at")),
                "arrived_at": moment(first(entries, "arrived_at")),
                "vehicle": str(first(entries, "vehicle") or ""),
                "belongings": "、".join(f"{t.get('thing')}×{t.get('number') or 1}" for t in things),
                "received": truth(last(entries, "received"), "已接收", "未接收"),
                "received_at": moment(last(entries, "received_at")),
                "receipt_no": str(last(entries, "receipt_no") or ""),
                "refusal": str(last(entries, "refusal_reason") or ""),
                "status": STATUS.get(row.status, row.status),
            }
        )
    return made, total


ANSWERS = {
    "identity": "identity_inquiry",
    "refusal": "refusal_reason",
}
"""Columns that are called otherwise than the answer they tell."""
SENSITIVE = {
    key: ("escort", ANSWERS.get(key, key))
    for key in (
        "condition", "identity", "escorts", "departed_at", "arrived_at", "vehicle", "belongings", "received", "received_at",
        "receipt_no", "refusal",
    )
}  # fmt: skip
BOOK = Book(
    "escorts",
    "护送引导台账",
    "生活无着的流散人员的护送、引导和交接",
    COLUMNS,
    _lines,
    "护送日期",
    sensitive=SENSITIVE,
)
