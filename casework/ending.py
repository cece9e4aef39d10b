"""What stands against ending or voiding a case by hand: an answer owed to the person, money on its way or not
received, a family that is being paid."""

from __future__ import annotations

from sqlalchemy import or_, select

from casework import leads, payment_inquiries, takedowns
from casework.tables import payouts, recognitions
from engine.db import Tx
from engine.tables import cases


def held(tx: Tx, case_id: str) -> str | None:
    """Why an open case must not be ended (终止, 撤回, 作废): hardship without an answer, money a person did not get and others wait
    to hear of, a notice that hangs and must not, or a payment whose result is not known."""
    return (
        leads.unanswered(tx, case_id)
        or _traced(tx, case_id)
        or takedowns.held(tx, case_id)
        or _unsettled(tx, [case_id])
    )


def bound(tx: Tx, case_id: str) -> str | None:
    """Why a case, open or closed, must not be voided: somebody is being paid because of it, or of what it has started."""
    c, r = cases.c, recognitions.c
    line = list(tx.run(select(c.id).where(or_(c.id == case_id, c.parent == case_id))).scalars())
    active = select(r.application_no, r.title).where(r.case_id.in_(line), r.state == "active")
    found = tx.run(active.order_by(r.application_no).limit(1)).one_or_none()
    if found is not None:
        return f"{found.title}户（{found.application_no}）仍在享救助，须先经动态复核停发。"
    return _unsettled(tx, line)


def _traced(tx: Tx, case_id: str) -> str | None:
    c = cases.c
    open_inquiry = (c.id == case_id, c.process == payment_inquiries.PROCESS, c.status == "active")
    number = tx.run(select(c.number).where(*open_inquiry)).scalar_one_or_none()
    return f"{number} 的款项还没有查明或重新发放，须有结果才能办结。" if number is not None else None


def _unsettled(tx: Tx, case_ids: list[str]) -> str | None:
    p = payouts.c
    numbers = select(p.number).where(p.case_id.in_(case_ids), p.state == "sent").order_by(p.number)
    number = tx.run(numbers.limit(1)).scalar_one_or_none()
    return f"发放 {number} 尚未登记结果，须先登记银行回盘或现场签收。" if number is not None else None
