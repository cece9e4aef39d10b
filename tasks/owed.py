"""Service tasks of money an order asks for: followed from its delivery, reckoned with every payment, dropped where the order falls."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from casework import books, orders, owed, staff
from engine import cases
from engine.calendar import instant
from engine.deadline import compute
from engine.tables import cases as cases_table
from tasks.registry import Job, Result, handler

PROCESS = "money_owed"
DIRECT = "remedy.court_direct"
OFFICE = ("district_assistance_office",)


def follow(job: Job, kind: str) -> None:
    """登记应退应缴: an order that asks for money is followed until it is settled. Orders of before were not delivered as papers."""
    order = next((one for one in orders.orders({"": job.document}) if one.kind == kind), None)
    if order is None or order.delivered_on is None or owed.total(order) <= 0:
        return
    number = orders.number(job.case, kind)
    c = cases_table.c
    if job.tx.run(select(c.id).where(c.process == PROCESS, c.number == f"{number}-K")).first() is not None:
        return
    rows = owed.planned(job.tx, order, job.case.area)
    on = date.fromisoformat(order.delivered_on)
    term = job.tx.world.terms.get(DIRECT, on)
    over = compute(term, instant(on), job.tx.world.calendar.of(job.case.area), provisional=True).due
    cases.start(
        job.tx,
        PROCESS,
        now=job.now,
        area=job.case.area,
        number=f"{number}-K",
        title=job.case.title.removeprefix("查处："),
        variables={
            "order_no": number,
            "owed_kind": "fine" if kind == "penalty" else "recovery",
            "fraud": job.variables.get("fraud") is True,
            "delivered_on": order.delivered_on,
            "period_over_on": over.isoformat(),
            "fine_term": kind == "penalty",
            "next_due_at": _at(rows),
        },
        document={"owed": _state(number, rows)},
        parent=job.case.id,
    )


def _at(rows: list[dict[str, Any]]) -> str | None:
    due = owed.next_due(rows)
    return due.isoformat() if due else None


def _state(order_no: str, rows: list[dict[str, Any]], said: str = "跟踪中") -> dict[str, Any]:
    return {"order_no": order_no, "rows": rows, "balance": float(owed.balance(rows)), "state": said}


@handler("owed.settle")
def settle(job: Job) -> Result:
    """更新余额和计划: money settles what is due first; what the second person agreed to is carried out."""
    order_no, rows = str(job.variables["order_no"]), list(job.document["owed"]["rows"])
    asked = job.document["collecting"][-1]
    act, left = str(asked["act"]), owed.balance(rows)
    at = (job.case.area, job.case.id, order_no)
    fine_term, closed, said = job.variables.get("fine_term") is True, act in ("waive", "enforce"), "跟踪中"
    if act == "paid":
        amount = Decimal(str(asked["amount"]))
        rows = owed.pay(rows, amount, str(asked["acted_on"])[:10])
        owed.received(job.tx, *at, amount, job.now, job.id)
        closed = owed.balance(rows) <= 0
        said = "已退清" if closed else said
    elif act == "plan":
        rows, fine_term = owed.replan(rows, asked["plan"]), False
    elif act == "waive":
        owed.waived(job.tx, *at, left, job.now, job.id)
        said = "其余免予退回"
    else:
        said = "已申请人民法院强制执行"
    state = _state(order_no, rows, said)
    variables = {
        "balance": state["balance"],
        "closed": closed,
        "next_due_at": _at(rows),
        "fine_term": fine_term,
    }
    return Result(variables, {"owed": state})


@handler("owed.fell")
def fell(job: Job) -> Result:
    """登记不再收取: what was paid on an order that fell is given back, or counts towards the new one – a person sees to it."""
    rows = list(job.document["owed"]["rows"])
    paid = sum((Decimal(str(row["paid"])) for row in rows), Decimal(0))
    said = f"决定已撤销或变更，不再收取；已退缴 {paid} 元" + ("须退还或抵作新的决定" if paid else "")
    if paid:
        people = staff.holders(job.tx, OFFICE, job.case.area, job.now)
        text = f"{job.variables['order_no']}：{said}。"
        books.tell(
            job.tx,
            people,
            kind="overdue",
            title="退缴的款项须退还",
            text=text,
            now=job.now,
            case_id=job.case.id,
        )
    return Result({}, {"owed": _state(str(job.variables["order_no"]), rows, said)})
