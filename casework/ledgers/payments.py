"""发放台账: every payment ordered, line by line – whether it arrived, when, and if not why (R53, R54)."""

from __future__ import annotations

from sqlalchemy import select

from casework.ledgers.book import Book, Found, Scope, moment
from casework.tables import decisions, payouts, recognitions
from engine.db import Tx

COLUMNS = {
    "number": "发放编号",
    "town": "镇街",
    "village": "村居",
    "name": "领取人",
    "programme": "救助类别",
    "month": "所属月份",
    "amount": "金额",
    "method": "方式",
    "fund": "资金",
    "batch": "批次",
    "made_at": "编制时间",
    "paid_at": "到账时间",
    "state": "状态",
    "reason": "未到账原因",
}
STATES = {"sent": "已送银行", "paid": "已到账", "failed": "未到账"}


def _lines(scope: Scope) -> Found:
    p = payouts.c
    query = select(payouts).where(scope.sight(p.area), *scope.during(p.made_at))
    rows, total = scope.page(query.order_by(p.made_at.desc(), p.number))
    places = scope.places(row.area for row in rows)
    programmes = _programmes(scope.tx, [row.application_no for row in rows])
    made = [
        {
            "case_id": row.case_id,
            "number": row.number,
            **places[row.area],
            "name": scope.mask["name"](row.payee),
            "programme": scope.words.of("programme_all", programmes.get(row.application_no)),
            "month": f"{row.month:%Y-%m}" if row.month else "一次性",
            "amount": f"{row.amount:.2f}",
            "method": scope.words.of("payout_method", row.method) if row.method != "service" else "服务",
            "fund": scope.words.of("fund", row.fund),
            "batch": row.batch or "",
            "made_at": moment(row.made_at),
            "paid_at": moment(row.paid_at),
            "state": STATES[row.state],
            "reason": row.reason or "",
        }
        for row in rows
    ]
    return made, total


def _programmes(tx: Tx, numbers: list[str]) -> dict[str, str]:
    """Application → what was recognised, or decided, on it."""
    found: dict[str, str] = {}
    for table in (decisions, recognitions):
        t = table.c
        query = select(t.application_no, t.programme).where(t.application_no.in_(numbers))
        found |= {row.application_no: row.programme for row in tx.run(query)}
    return found


BOOK = Book("payments", "发放台账", "按月发放和一次性救助，逐笔是否到账", COLUMNS, _lines, "编制日期")
