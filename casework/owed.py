"""应退应缴: what an order about money says is due when, and what has come in – instalments paid one after the other (policy.md C-59).

Rows are plain values, kept in the case's document: `{due_on, amount, paid, paid_on}`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from casework import books
from casework.orders import Order
from engine.calendar import instant
from engine.db import Tx
from engine.deadline import compute

Row = Mapping[str, Any]
BOOK, ORDERED = "recovered", "recovery"
"""The ledgers of what came in, and of what was ordered back."""


def total(order: Order) -> Decimal:
    """What an order asks for; nothing where it asks for none."""
    asked = order.said.get("due_amount" if order.kind == "recovery" else "fine") if order.contested else None
    return Decimal(str(asked or 0))


def planned(tx: Tx, order: Order, area: str) -> list[dict[str, Any]]:
    """The instalments of an order as decided; one where it names none: by its last day, a fine within the law's fifteen."""
    plan = order.said.get("plan") or []
    if order.said.get("how") == "instalments" and plan:
        return [_row(one["due_on"], one["amount"]) for one in plan]
    if order.kind == "penalty":
        on = date.fromisoformat(str(order.delivered_on))
        term = tx.world.terms.get("penalty.pay", on)
        last = compute(term, instant(on), tx.world.calendar.of(area), provisional=True).due
        return [_row(last.isoformat(), total(order))]
    return [_row(str(order.said.get("by") or order.delivered_on), total(order))]


def _row(due_on: Any, amount: Any, paid: Any = 0, paid_on: str | None = None) -> dict[str, Any]:
    return {"due_on": str(due_on)[:10], "amount": float(amount), "paid": float(paid), "paid_on": paid_on}


def balance(rows: Sequence[Row]) -> Decimal:
    return sum((_open(row) for row in rows), Decimal(0))


def _open(row: Row) -> Decimal:
    return Decimal(str(row["amount"])) - Decimal(str(row["paid"]))


def pay(rows: Sequence[Row], amount: Decimal, on: str) -> list[dict[str, Any]]:
    """Money settles what is due first."""
    left, made = amount, []
    for row in rows:
        part = min(left, _open(row))
        left -= part
        if part > 0:
            made.append(_row(row["due_on"], row["amount"], Decimal(str(row["paid"])) + part, on))
        else:
            made.append(dict(row))
    return made


def replan(rows: Sequence[Row], plan: Sequence[Row]) -> list[dict[str, Any]]:
    """What was paid stays as it was paid; what is open is due by the new plan."""
    kept = [_row(row["due_on"], row["paid"], row["paid"], row["paid_on"]) for row in rows if row["paid"]]
    return [*kept, *(_row(one["due_on"], one["amount"]) for one in plan)]


def next_due(rows: Sequence[Row]) -> datetime | None:
    """The end of the last day of the first instalment that is open."""
    due = next((row["due_on"] for row in rows if _open(row) > 0), None)
    return instant(date.fromisoformat(due) + timedelta(days=1)) if due else None


def received(tx: Tx, area: str, case_id: str, order_no: str, amount: Decimal, at: datetime, key: str) -> None:
    """Money that came in, in its ledger."""
    text = f"{order_no}：收到退缴 {amount} 元"
    books.book(tx, BOOK, area=area, at=at, text=text, case_id=case_id, amount=amount, key=key)


def waived(tx: Tx, area: str, case_id: str, order_no: str, amount: Decimal, at: datetime, key: str) -> None:
    """What is not asked for any more is taken out of what was ordered."""
    text = f"{order_no}：免予退回 {amount} 元"
    books.book(tx, ORDERED, area=area, at=at, text=text, case_id=case_id, amount=-amount, key=f"{key}:waived")
