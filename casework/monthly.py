"""按月发放: who is owed a month's money, to which account, and what becomes of each line of a list (R53, C-28).

A line falls off the list of a month only by its payment or by a decision that ends or changes what the family receives: nobody strikes it
off by hand. A month nobody made a list for – all posts of the town vacant, a family enrolled late – is made up for by the next list. The account is the household's of the register; where no household of the town holds it, the recognition's own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from casework import household_changes, payment_inquiries, payouts, recognitions
from casework.recognitions import Recognition
from casework.tables import households
from casework.tables import payouts as payouts_table
from engine.db import Tx
from engine.routing import Actor, at_tier

NO_ACCOUNT = "没有发放账户"
NO_AMOUNT = "没有月发放金额"
P, H = payouts_table.c, households.c


@dataclass(frozen=True, slots=True)
class Line:
    """What a recognition is owed for a month. `number`: of the payment if it is made now; `account`: None where none is known.

    `amount`: 0 where nobody has said how much. `reason`: why it was not paid so far, empty when nothing was tried and nothing is missing.
    """

    number: str
    recognition: Recognition
    month: date
    amount: Decimal
    payee: str
    account: str | None
    reason: str

    @property
    def payable(self) -> bool:
        return self.account is not None and self.amount > 0


def owed(tx: Tx, town: str, month: date, since: date | None) -> list[Line]:
    """Everybody recognised in the town whose payment of a month after `since` (None: from the first on) up to `month` is neither made
    nor under way (by a list, or by the inquiry that found it missing), the earliest month first, by programme and name. Who is owed an amount nobody has said is on it too."""
    due = recognitions.paid_until(tx, town, month, since)
    numbers = {one.application_no for _month, one in due}
    tried: dict[tuple[str, date], list[tuple[str, str]]] = {}
    rows = select(P.application_no, P.month, P.state, P.reason).where(
        P.month > (since or date.min), P.month <= month, P.application_no.in_(numbers)
    )
    for row in tx.run(rows.order_by(P.made_at, P.number)):
        tried.setdefault((row.application_no, row.month), []).append((row.state, row.reason or ""))
    accounts = _accounts(tx, [one for _month, one in due])
    elsewhere = payment_inquiries.paying(tx, town)
    made = []
    for of, one in due:
        before = tried.get((one.application_no, of), [])
        if any(state != "failed" for state, _why in before) or (one.application_no, of) in elsewhere:
            continue
        account, amount = accounts.get(one.application_no), one.amount or Decimal(0)
        missing = NO_AMOUNT if amount <= 0 else NO_ACCOUNT if account is None else ""
        reason = missing or (before[-1][1] if before else "")
        number = f"{one.application_no}-M{of:%Y%m}" + (f"-{len(before) + 1}" if before else "")
        made.append(Line(number, one, of, amount, one.payee or one.title, account, reason))
    return made


def _accounts(tx: Tx, found: Sequence[Recognition]) -> dict[str, str]:
    """Application → account, where one is known."""
    homes = _homes(tx, [one.household for one in found if one.household])
    made = {}
    for one in found:
        home = homes.get(one.household or "")
        registered, own = _bare(home.account if home is not None else None), _bare(one.account)
        chosen = registered or own if _holds(home, one) else own or registered
        if chosen:
            made[one.application_no] = chosen
    return made


def _bare(account: str | None) -> str:
    """Digits as the bank reads them: people write them in groups."""
    return "".join((account or "").split())


def _homes(tx: Tx, ids: Sequence[str]) -> dict[str, Any]:
    query = select(H.id, H.area, H.account, H.ended_on, H.revision).where(H.id.in_(ids))
    return {row.id: row for row in tx.run(query)}


def _holds(home: Any, one: Recognition) -> bool:
    """Is the account kept in the register: does the household stand, in the town that pays?"""
    if home is None or home.ended_on is not None:
        return False
    return at_tier(home.area, "town") == at_tier(one.area, "town")


def mend(
    tx: Tx, actor: Actor, application_no: str, account: str | None, payee: str | None, now: datetime
) -> None:
    """What the town found out about a line goes where the next list reads it: the account into the register, with its line of
    变更记录, else onto the recognition; whose account it is onto the recognition."""
    known = recognitions.get(tx, application_no)
    if known is None:
        return
    if payee:
        recognitions.pay_to(tx, application_no, payee=None if payee == known.title else payee)
    account = _bare(account)
    if not account:
        return
    home = _homes(tx, [known.household or ""]).get(known.household or "")
    if home is not None and _holds(home, known):
        household_changes.correct(tx, actor, home.id, home.revision, {"account": account}, now)
    else:
        recognitions.pay_to(tx, application_no, account=account)


def orders(lines: Sequence[Mapping[str, Any]], month: date, batch: str) -> list[payouts.Order]:
    """The lines of a list as it was signed, as orders to the bank. `month`: of lines that do not say theirs."""
    return [
        payouts.Order(
            number=str(line["number"]),
            case_id=str(line["case_id"]),
            application_no=str(line["application_no"]),
            area=str(line["area"]),
            amount=Decimal(str(line["amount"])),
            method="bank",
            fund="budget",
            payee=str(line["payee"]),
            account=str(line["account"]),
            batch=batch,
            month=date.fromisoformat(f"{line['month']}-01") if line.get("month") else month,
        )
        for line in lines
    ]
