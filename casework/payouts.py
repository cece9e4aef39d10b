"""Payments: the instruction file for the paying bank, and the register of what was paid.

The bank is the outside world behind a small interface: it takes a file and answers with a result a person records (or a
gateway delivers as the message `payment_result`). The file is text with a checksum line, so that a changed line is
seen at once.

A row is `sent` when its instruction was handed over, `paid` when the money arrived, `failed` when the payment had to be
ordered anew. Cash has no `sent`: it is paid when both officers have handed it over.

Monthly money (`month`) goes out as a list, one file for all its lines, and each line has its own answer (`casework.monthly`). Nobody is
paid a month twice: of an application and a month one row at most is not `failed` (`uq_payouts_month`).
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Protocol

from sqlalchemy import func, insert, or_, select, update

from casework import files
from casework.tables import leads, payouts
from engine.db import Tx
from engine.errors import Conflict
from engine.tables import jobs

HEADER = ("序号", "发放编号", "领取人", "账号", "金额（元）", "用途")


@dataclass(frozen=True, slots=True)
class Order:
    """One payment as ordered. `amount` in yuan; `month`: the first day of the month it pays, None for a payment made once."""

    number: str
    case_id: str
    application_no: str
    area: str
    amount: Decimal
    method: str
    fund: str
    payee: str
    account: str | None = None
    batch: str | None = None
    month: date | None = None


class Bank(Protocol):
    def take(self, tx: Tx, order: Order, now: datetime) -> str:
        """Take an order over; returns the id of the file it was given. Called once per payout number."""
        ...

    def take_list(self, tx: Tx, name: str, orders: Sequence[Order], now: datetime) -> str:
        """Take a list over as one file. Called once per batch."""
        ...


class ByHand:
    """The instruction is a stored file an officer carries to the bank; its answer is recorded by form."""

    def take(self, tx: Tx, order: Order, now: datetime) -> str:
        return files.store(
            tx, f"代发 {order.number}.csv", instruction([order]), None, now, kind="text/csv"
        ).id

    def take_list(self, tx: Tx, name: str, orders: Sequence[Order], now: datetime) -> str:
        return files.store(tx, f"{name}.csv", instruction(orders), None, now, kind="text/csv").id


BANK: Bank = ByHand()


def instruction(orders: Sequence[Order], purpose: str = "社会救助金") -> bytes:
    """The bank's file: UTF-8 with mark, one line per payment, then count, total and the SHA-256 of the lines above."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(HEADER)
    for index, order in enumerate(orders, 1):
        name = order.payee.lstrip("=+-@\t\r")  # a spreadsheet must never read a name as a formula
        writer.writerow([index, order.number, name, order.account or "", f"{order.amount:.2f}", purpose])
    body = out.getvalue()
    total = sum((order.amount for order in orders), Decimal(0))
    check = hashlib.sha256(body.encode()).hexdigest()
    return ("\ufeff" + body + f"合计,{len(orders)},,,{total:.2f},{check}\r\n").encode()


def send(tx: Tx, order: Order, now: datetime, bank: Bank | None = None) -> str:
    """Give the order to the bank and open the payment's row. Returns the file's id; a second call changes nothing.

    An earlier instruction of the same application that is still out has failed, or there would be no new one.
    Raises Conflict (`number_taken`) for a number under which another case paid.
    """
    row = _own(tx, order)
    if row is not None:
        return str(row.file)
    _supersede(tx, order)
    file = (bank or BANK).take(tx, order, now)
    tx.run(insert(payouts), _row(order, now) | {"state": "sent", "file": file})
    return file


def send_list(
    tx: Tx, batch: str, name: str, orders: Sequence[Order], now: datetime, bank: Bank | None = None
) -> str:
    """Give a list to the bank and open a row for each line. Returns the file's id; the same batch is sent once."""
    sent = tx.run(select(payouts.c.file).where(payouts.c.batch == batch).limit(1)).one_or_none()
    if sent is not None:
        return str(sent.file)
    file = (bank or BANK).take_list(tx, name, orders, now)
    rows = [_row(order, now) | {"state": "sent", "file": file, "batch": batch} for order in orders]
    tx.run(insert(payouts), rows)
    return file


def settle(tx: Tx, batch: str, failed: Mapping[str, str], at: datetime, now: datetime) -> None:
    """The bank's answer to a list: the lines of `failed` (number → why) did not arrive, every other did at `at`.

    Raises Conflict (`unknown_line`) for a line the list does not have. Said again, nothing changes.
    """
    p = payouts.c
    known = set(tx.run(select(p.number).where(p.batch == batch)).scalars())
    strange = sorted(set(failed) - known)
    if strange:
        raise Conflict(
            f"回盘中的 {'、'.join(strange)} 不在批次 {batch} 的名单里，请核对后重新登记。",
            "The answer names lines the list does not have.",
            code="unknown_line",
        )
    out = (p.batch == batch, p.state == "sent")
    for number, why in failed.items():
        tx.run(update(payouts).where(*out, p.number == number).values(state="failed", reason=why))
    tx.run(update(payouts).where(*out).values(state="paid", paid_at=at, confirmed_at=now))


def paid(tx: Tx, order: Order, at: datetime, now: datetime) -> None:
    """The money arrived: the register says so, whichever way it went. Raises Conflict (`number_taken`) as `send` does."""
    if _own(tx, order) is None:
        _supersede(tx, order)
        tx.run(insert(payouts), _row(order, now) | {"state": "paid", "paid_at": at, "confirmed_at": now})
    else:
        values = {"state": "paid", "paid_at": at, "confirmed_at": now}
        tx.run(update(payouts).where(payouts.c.number == order.number).values(**values))


def given(tx: Tx, order: Order, at: datetime, now: datetime) -> None:
    """First aid 先行救助 was handed over on the spot: paid before there is any order; what comes later pays the rest (C-5)."""
    if tx.run(select(payouts.c.number).where(payouts.c.number == order.number)).one_or_none() is None:
        tx.run(insert(payouts), _row(order, now) | {"state": "paid", "paid_at": at, "confirmed_at": now})


def _own(tx: Tx, order: Order) -> Any:
    """The row of this number, if this case has opened one; money that went out is never written over by another payment."""
    p = payouts.c
    row = tx.run(select(p.case_id, p.file).where(p.number == order.number)).one_or_none()
    if row is not None and row.case_id != order.case_id:
        raise Conflict(
            f"发放编号 {order.number} 已由另一事项登记，不能重复使用：请终止本次发放，重新编制清单。",
            "Another case has paid under this number.",
            code="number_taken",
        )
    return row


def so_far(tx: Tx, application_no: str) -> Decimal:
    """What an application has been paid, or is about to be, whichever case decided it; first aid included, before it became 急难型 too."""
    p = payouts.c
    quick = "-K".join(application_no.rsplit("-E", 1))
    same = or_(p.application_no == application_no, p.number == f"{quick}-X")
    query = select(func.coalesce(func.sum(p.amount), 0)).where(same, p.state != "failed", p.month.is_(None))
    return Decimal(str(tx.run(query).scalar_one()))


def unsettled(tx: Tx, case_id: str) -> list[str]:
    """Numbers of a case's payments that were sent and not answered; monthly money has a case of its own that waits for it."""
    p = payouts.c
    once = (p.case_id == case_id, p.state == "sent", p.month.is_(None))
    query = select(p.number).where(*once).order_by(p.number)
    return list(tx.run(query).scalars())


def out(tx: Tx, lead_no: str) -> list[str]:
    """The same of a lead, by its number."""
    case = tx.run(select(leads.c.case_id).where(leads.c.number == lead_no)).scalar_one_or_none()
    return unsettled(tx, case) if case is not None else []


def unbooked(tx: Tx, lead_no: str) -> bool:
    """Whether money was handed over on a lead and its booking is still to come: what interrupts the case now would lose it."""
    j = jobs.c
    query = select(j.id).join(leads, leads.c.case_id == j.case_id)
    waiting = query.where(leads.c.number == lead_no, j.type == "fund.book", j.state.in_(("ready", "failed")))
    return tx.run(waiting.limit(1)).first() is not None


def _supersede(tx: Tx, order: Order) -> None:
    p = payouts.c
    out = (
        p.case_id == order.case_id,
        p.application_no == order.application_no,
        p.state == "sent",
        p.month.is_(None),
    )
    tx.run(update(payouts).where(*out, p.number != order.number).values(state="failed"))


def _row(order: Order, now: datetime) -> dict[str, object]:
    return {
        "number": order.number,
        "case_id": order.case_id,
        "application_no": order.application_no,
        "area": order.area,
        "amount": order.amount,
        "method": order.method,
        "fund": order.fund,
        "payee": order.payee,
        "batch": order.batch,
        "month": order.month,
        "made_at": now,
    }
