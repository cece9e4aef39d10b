"""Orders about money a family has to give 责令退回决定书、处罚决定书: facts, basis, amount, how and until when it is paid, how to contest them.

Returned is what was paid too much (Assistance Law art. 73); a fine is decided in a file of its own. Neither is a refusal, so reconsideration and
the court stand side by side (Reconsideration Law art. 23; Litigation Law art. 46).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from casework import areas, letters, papers
from casework.ledgers.book import first, leaves
from casework.words import Words
from engine import definitions
from engine.calendar import ZONE, instant
from engine.db import Tx
from engine.deadline import compute
from engine.routing import at_tier
from engine.step import Case

TITLES = {
    "recovery": "责令退回社会救助资金决定书",
    "fine": "行政处罚决定书",
    "none": "不予行政处罚决定书",
    "warning": "不予行政处罚决定书（批评教育）",
    "transfer": "涉嫌违法案件移送告知书",
}
SAID = {
    "recovery": "经复核，你户领取的社会救助资金有多发，现责令退回。",
    "fine": "经立案调查并听取陈述申辩，决定给予罚款。",
    "none": "经立案调查，决定不予行政处罚。",
    "warning": "经立案调查并听取陈述申辩，决定不予行政处罚，予以批评教育。",
    "transfer": "经立案调查，本案涉嫌违法犯罪，移送公安机关处理。",
}
MARK = {"recovery": "T", "penalty": "J"}
"""What an order's number ends with: the remedies against it are watched under that number."""


@dataclass(frozen=True, slots=True)
class Order:
    """One order of a case. `kind`: the section it was written in; `said`: its answers; `delivery`: those of its delivery, empty before."""

    kind: str
    said: Mapping[str, Any]
    delivery: Mapping[str, Any]

    @property
    def result(self) -> str:
        return "recovery" if self.kind == "recovery" else str(self.said.get("result"))

    @property
    def contested(self) -> bool:
        """Is there anything the person may ask a review of?"""
        return self.result in ("recovery", "fine")

    @property
    def delivered_on(self) -> str | None:
        return str(self.delivery["delivered_on"])[:10] if self.delivery.get("delivered_on") else None


def number(case: Case, kind: str) -> str:
    return f"{case.number}-{MARK[kind]}"


def orders(document: Mapping[str, Mapping[str, Any]]) -> list[Order]:
    """The orders of a case. One of before orders were delivered as papers (`told_on`) is none."""
    found = []
    for kind in MARK:
        for entries in leaves(document, kind):
            if first(entries, "ordered_on") is not None:
                said = {key: value for entry in entries for key, value in entry.items()}
                delivered = [one for given in leaves(document, "order_delivery") for one in given]
                found.append(Order(kind, said, delivered[-1] if delivered else {}))
    return found


def paper(tx: Tx, case: Case, kind: str, now: datetime) -> bytes | None:
    """The order of a kind as PDF; None where there is none."""
    order = next((one for one in orders(case.document) if one.kind == kind), None)
    if order is None:
        return None
    district = at_tier(case.area, "district")
    names = areas.names(tx, [case.area, district])
    words = Words.of_codes(definitions.pinned(tx, case.pins).codes)
    law, name = tx.world.terms, case.title.removeprefix("查处：")
    on = date.fromisoformat(order.delivered_on) if order.delivered_on else now.astimezone(ZONE).date()
    return papers.paper(
        TITLES[order.result],
        lead=f"{name}：{SAID[order.result]}",
        rows=[
            ("文书编号", number(case, kind)),
            ("当事人", name),
            ("村（居）", names[case.area]),
            *_said(order, words),
            ("决定日期", str(order.said["ordered_on"])[:10]),
            ("送达日期", order.delivered_on or "待送达"),
        ],
        lines=[
            *_how(order, law, on),
            *(
                letters.ways(str(order.said.get("authority") or "区人民政府"), False, law, on)
                if order.contested
                else []
            ),
        ],
        signed=f"{names[district]}民政局",
        date=str(order.said["ordered_on"])[:10],
        receipts=_receipts(tx, order, case.area, now),
        footer=number(case, kind),
    )


def _said(order: Order, words: Words) -> list[tuple[str, str]]:
    """What was decided, in rows; what was not has none."""
    said = order.said
    if order.kind == "recovery":
        rows = [
            ("应退金额", _yuan(said.get("due_amount"))),
            ("事实和理由", str(said.get("cause") or "")),
            ("依据", str(said.get("basis") or "")),
            ("退回方式", words.of("recovery_method", said.get("how"))),
            ("分期计划", _plan(said)),
            ("退清日期", str(said.get("by") or "")[:10]),
            ("退回途径", str(said.get("pay_to") or "")),
        ]
    else:
        rows = [
            ("违法事实和证据", "；".join(str(said[key]) for key in ("facts", "evidence") if said.get(key))),
            ("陈述申辩及采纳情况", str(said.get("defence") or "")),
            ("理由", str(said.get("reasons") or "")),
            ("依据", str(said.get("basis") or "")),
            ("罚款", _yuan(said.get("fine")) if order.result == "fine" else ""),
            ("缴纳途径", str(said.get("pay_to") or "")),
        ]
    return [(name, text) for name, text in rows if text]


def _plan(said: Mapping[str, Any]) -> str:
    plan = said.get("plan") or [] if said.get("how") == "instalments" else []
    return "；".join(f"{str(one['due_on'])[:10]} 以前 {_yuan(one['amount'])}" for one in plan)


def _yuan(amount: Any) -> str:
    return "" if amount is None else f"{float(amount):,.2f} 元"


def _how(order: Order, law: Any, on: date) -> list[str]:
    """Until when it is paid, and what follows otherwise."""
    if order.result == "recovery" and order.said.get("by"):
        return [f"请于 {str(order.said['by'])[:10]} 以前退清；一次退清确有困难的，可以书面申请分期。"]
    if order.result == "fine":
        term = law.get("penalty.pay", on)
        return [
            f"请自收到本决定书之日起 {term.words}内缴纳；到期不缴纳的，{law.parameter('penalty.late', on)}。"
        ]
    return []


def _receipts(tx: Tx, order: Order, area: str, now: datetime) -> list[papers.Receipt]:
    """How long it may be contested and until when a fine is paid, counted once it has been delivered."""
    if not order.contested:
        return []
    found = [letters.period(tx, order.delivered_on, area, now)]
    if order.result == "fine" and order.delivered_on:
        on = date.fromisoformat(order.delivered_on)
        term = tx.world.terms.get("penalty.pay", on)
        due = compute(term, instant(on), tx.world.calendar.of(area), provisional=True)
        found.append(letters.counted(due))
    return found
