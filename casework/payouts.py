"""Payments: the instruction file for the paying bank, and the register of what was paid.

The bank is the outside world behind a small interface: it takes a file and answers with a result a person records (or a
gateway delivers as the message `payment_result`). The file is text with a checksum line, so that a changed line is
seen at once.

A row is `sent` when its instruction was handed over, `paid` when the money arrived, `failed` when the payment had to be
ordered anew. Cash has no `sent`: it is paid when both officers have handed it over.
"""

from __future__ import annotations

import csv
import hashlib
import io
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from sqlalchemy import insert, select, update

from casework import files
from casework.tables import payouts
from engine.db import Tx

HEADER = ("序号", "发放编号", "领取人", "账号", "金额（元）", "用途")


@dataclass(frozen=True, slots=True)
class Order:
    """One payment as ordered. `amount` in yuan."""

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


class Bank(Protocol):
    def take(self, tx: Tx, order: Order, now: datetime) -> str:
        """Take an order over; returns the id of the file it was given. Called once per payout number."""
        ...


class ByHand:
    """The instruction is a stored file an officer carries to the bank; its answer is recorded by form."""

    def take(self, tx: Tx, order: Order, now: datetime) -> str:
        return files.store(
            tx, f"代发 {order.number}.csv", instruction([order]), None, now, kind="text/csv"
        ).id


BANK: Bank = ByHand()


def instruction(orders: list[Order], purpose: str = "社会救助金") -> bytes:
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
    """
    row = tx.run(select(payouts.c.file).where(payouts.c.number == order.number)).one_or_none()
    if row is not None:
        return str(row.file)
    _supersede(tx, order)
    file = (bank or BANK).take(tx, order, now)
    tx.run(insert(payouts), _row(order, now) | {"state": "sent", "file": file})
    return file


def paid(tx: Tx, order: Order, at: datetime, now: datetime) -> None:
    """The money arrived: the register says so, whichever way it went."""
    known = tx.run(select(payouts.c.number).where(payouts.c.number == order.number)).one_or_none()
    if known is None:
        _supersede(tx, order)
        tx.run(insert(payouts), _row(order, now) | {"state": "paid", "paid_at": at, "confirmed_at": now})
    else:
        values = {"state": "paid", "paid_at": at, "confirmed_at": now}
        tx.run(update(payouts).where(payouts.c.number == order.number).values(**values))


def unsettled(tx: Tx, case_id: str) -> list[str]:
    """Numbers of a case's payments that were sent and not answered."""
    p = payouts.c
    query = select(p.number).where(p.case_id == case_id, p.state == "sent").order_by(p.number)
    return list(tx.run(query).scalars())


def _supersede(tx: Tx, order: Order) -> None:
    p = payouts.c
    out = (p.case_id == order.case_id, p.application_no == order.application_no, p.state == "sent")
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
        "made_at": now,
    }
