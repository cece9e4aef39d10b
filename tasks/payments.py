"""Service tasks of the monthly payment: the list, the bank's file, what became of each line (R53, C-28)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from casework import monthly, payouts, staff
from engine import definitions
from engine.calendar import ZONE, instant
from engine.tables import cases as cases_table
from tasks.duties import scheduled, who_did
from tasks.registry import Job, Result, handler

SHOWN = 300
"""Lines to mend at a time; the rest is listed when these are mended."""


@handler("payment.list")
def listed(job: Job) -> Result:
    """生成发放名单: what the town is still owed for the month. Who has no account is put on a list of its own, never into the file.

    What was mended in the step before goes into the register first; lines put off stay out of this list alone.
    """
    fixes = ((job.document.get("payment_fix") or [{}])[-1]).get("fixes") or []
    _mended(job, fixes)
    put_off = {str(one["application_no"]) for one in fixes if one.get("how") == "later"}
    due = _owed(job)
    now = [line for line in due if line.recognition.application_no not in put_off]
    payable = [line for line in now if line.payable]
    lacking = [line for line in now if not line.payable]
    total = sum((line.amount for line in payable), Decimal(0))
    round_ = int(job.variables.get("round") or 0) + 1
    numbers = {
        "owed": len(due),
        "count": len(payable),
        "total": float(total),
        "lacking": len(lacking),
        "round": round_,
        "batch_no": f"{job.case.number}-B{round_}",
    }
    sheet = {
        "rows": [_row(n, line, _month(job)) for n, line in enumerate(payable, 1)],
        "fix": _to_fix(lacking or (due if not payable else [])),
        "total": float(total),
    }
    return Result(numbers, {"payment": sheet})


def _month(job: Job) -> date:
    return scheduled(job).date().replace(day=1)


def _owed(job: Job) -> list[monthly.Line]:
    """What is owed for the month, and for earlier ones back to the month of a list of the town that is still open: that one pays its own."""
    month, c = _month(job), cases_table.c
    others = select(c.variables).where(
        c.process == job.case.process,
        c.area == job.case.area,
        c.status == "active",
        c.id != job.case.id,
    )
    turns = [
        str(values["scheduled_at"]) for values in job.tx.run(others).scalars() if "scheduled_at" in values
    ]
    months = [instant(turn).astimezone(ZONE).date().replace(day=1) for turn in turns]
    return monthly.owed(job.tx, job.case.area, month, max((m for m in months if m < month), default=None))


def _mended(job: Job, fixes: Sequence[Mapping[str, Any]]) -> None:
    people = who_did(job, "fix_failures")
    if not fixes or not people:
        return
    actor = staff.actor_of(job.tx, people[0], job.now)
    for one in fixes:
        number, account = str(one["application_no"]), one.get("account")
        monthly.mend(job.tx, actor, number, str(account) if account else None, one.get("payee"), job.now)


def _row(n: int, line: monthly.Line, month: date) -> dict[str, Any]:
    one = line.recognition
    arrears = f"（补发{line.month:%Y年%-m月}）" if line.month != month else ""
    return {
        "no": n,
        "number": line.number,
        "application_no": one.application_no,
        "name": one.title,
        "programme": one.programme,
        "month": f"{line.month:%Y-%m}",
        "amount": float(line.amount),
        "payee": line.payee,
        "account": line.account,
        "tail": f"{line.payee} 尾号 {(line.account or '')[-4:]}{arrears}",
        "area": one.area,
        "case_id": one.case_id,
    }


def _to_fix(lines: Sequence[monthly.Line]) -> list[dict[str, Any]]:
    """One entry for each family, whatever months it is owed."""
    found: dict[str, dict[str, Any]] = {}
    for line in lines:
        one = line.recognition
        entry: dict[str, Any] = found.setdefault(
            one.application_no,
            {
                "application_no": one.application_no,
                "name": one.title,
                "amount": 0.0,
                "reason": line.reason or "上次暂缓发放",
            },
        )
        entry["amount"] += float(line.amount)
    return list(found.values())[:SHOWN]


@handler("payment.send")
def send(job: Job) -> Result:
    """送代发银行: one file for the list as it was signed."""
    batch = str(job.variables["batch_no"])
    rows = (job.document.get("payment") or {}).get("rows") or []
    orders = monthly.orders(rows, _month(job), batch)
    return Result({"payment_file": payouts.send_list(job.tx, batch, f"按月发放 {batch}", orders, job.now)})


@handler("payment.book")
def book(job: Job) -> Result:
    """登记发放: each line by the bank's answer; what did not arrive is still owed and goes back to the town."""
    answer, batch = job.variables, str(job.variables["batch_no"])
    rows = answer.get("failed_rows") or [] if answer.get("all_paid") is not True else []
    failed = {str(one["line"]): _why(job, one) for one in rows}
    at = answer.get("paid_at")
    payouts.settle(job.tx, batch, failed, instant(at) if at else job.now, job.now)
    due = _owed(job)
    sheet = {**(job.document.get("payment") or {}), "fix": _to_fix(due)}
    return Result({"owed": len(due), "count": 0}, {"payment": sheet})


def _why(job: Job, one: Mapping[str, Any]) -> str:
    options = definitions.pinned(job.tx, job.case.pins).codes.get("bank_failure", [])
    words = {str(option["value"]): str(option["label"]) for option in options}
    why, note = str(one.get("why") or ""), one.get("note")
    return words.get(why, why) + (f"（{note}）" if note else "")
