"""Service tasks about money: the bank's file, what was given, the first payment's follow-up."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from casework import books, follow_ups, payment_inquiries, payouts, reserve
from engine import messages
from engine.calendar import instant
from engine.errors import Conflict
from engine.routing import at_tier
from tasks.registry import Job, Result, handler


@handler("payout.due")
def due(job: Job) -> Result:
    """核对已发金额: what a decision leaves to pay. An application decided anew is paid what it was not paid before, under numbers of its own."""
    application_no = str(job.variables["application_no"])
    decided = Decimal(str(job.variables.get("amount") or 0))
    left = max(decided - payouts.so_far(job.tx, application_no), Decimal(0))
    anew = job.case.number.startswith(f"{application_no}-")
    return Result({"amount_due": float(left), "payout_base": job.case.number if anew else application_no})


@handler("payout.file")
def send_to_bank(job: Job) -> Result:
    """送代发银行: one instruction file per list."""
    return Result({"payout_file": payouts.send(job.tx, _order(job), job.now)})


@handler("payment.inquire")
def inquire(job: Job) -> Result:
    """发起未到账查明: who says that the money did not come sets off an inquiry into this payment, a recognition's months, or all of the lead.

    `of` says which. Who got it sets off nothing. Where the books know of no money, what is missing is the aid itself (`aid_missing`).
    """
    v, of = job.variables, job.headers["of"]
    got = v.get("aid_received" if of == "lead" else "received")
    none = {"inquiry_no": v.get("inquiry_no"), "aid_missing": False}
    if got is not False:
        return Result(none)
    lead_no = str(v.get("lead_no") or job.case.number)
    which = {
        "payment": payment_inquiries.of_payment(str(v.get("payout_no"))),
        "months": payment_inquiries.of_months(str(v.get("application_no"))),
        "lead": payment_inquiries.of_lead(lead_no),
    }[of]
    said = str(v.get("missing_note") or "")
    found = payment_inquiries.begin(job.tx, job.case, lead_no, which, said, job.now)
    return Result({"inquiry_no": found, "aid_missing": found is None})


@handler("payment.correct")
def correct(job: Job) -> Result:
    """更正发放登记: what the finding says did not arrive is taken back and owed again, each with its application."""
    findings = (job.document.get("trace") or {}).get("findings") or []
    return Result({"owed": payment_inquiries.correct(job.tx, job.case, findings, job.now)})


@handler("payment.traced")
def traced(job: Job) -> Result:
    """通报查明结果: to the step or the visit that waits for it, whenever it begins to."""
    payload = {"owed_again": len(job.variables.get("owed") or [])}
    number = str(job.variables["inquiry_no"])
    messages.deliver(job.tx, "payment_traced", number, payload, now=job.now, ttl=follow_ups.HEARD_BY_THEN)
    return Result()


@handler("fund.book")
def book(job: Job) -> Result:
    """登记发放: the register of payments, the reserve if it paid, and the follow-up the first payment opens."""
    order = _order(job)
    town = at_tier(job.case.area, "town")
    if job.variables.get("payout_no"):
        paid_at = _paid_at(job)
        payouts.paid(job.tx, order, paid_at, job.now)
        follow_ups.open_for(job.tx, job.case, job.variables, paid_at, job.now)
    else:
        given_at = job.variables.get("given_at")
        payouts.given(job.tx, order, instant(given_at) if given_at else job.now, job.now)
    if order.fund != "reserve":
        return Result({"reserve_balance": float(books.balance(job.tx, reserve.BOOK, town))})
    title = f"{job.case.number} {order.number}"
    left = reserve.spend(
        job.tx, town, order.amount, case_id=job.case.id, key=job.id, now=job.now, title=title
    )
    return Result({"reserve_balance": float(left)})


def _paid_at(job: Job) -> datetime:
    at = job.variables.get("paid_at")
    return instant(at) if at else job.now


def _order(job: Job) -> payouts.Order:
    """The payment a job is about: a list that was drawn up, or first aid given on the spot.

    Which fund paid is read, never assumed: neither paper in the file means there is nothing to book.
    """
    variables, document = job.variables, job.document
    by_list = variables.get("payout_no") is not None
    drawn = _last_with(document.get("payout"), "fund") if by_list else document.get("first_aid")
    amount = variables.get("amount" if by_list else "given_amount")
    if not drawn or amount is None:
        raise Conflict(
            "没有发放清单，也没有先行救助记录，不能登记支出：请先补录金额和资金来源。",
            "There is neither a payment list nor first aid to book.",
            code="nothing_to_book",
        )
    application_no = str(variables.get("application_no") or job.case.number)
    return payouts.Order(
        number=str(variables.get("payout_no") or f"{application_no}-X"),
        case_id=job.case.id,
        application_no=application_no,
        area=job.case.area,
        amount=Decimal(str(amount)),
        method=str(drawn.get("method") or drawn.get("form") or "cash"),
        fund=str(drawn.get("fund") or "reserve"),
        payee=str(drawn.get("payee") or job.case.title),
        account=drawn.get("account"),
        batch=drawn.get("batch_no"),
        month=date.fromisoformat(str(month)) if (month := variables.get("payout_month")) else None,
    )


def _last_with(entries: Any, key: str) -> Mapping[str, Any] | None:
    """The latest entry of a list section that says something of `key`."""
    return next((entry for entry in reversed(entries or []) if entry.get(key) is not None), None)
