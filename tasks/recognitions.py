"""Service tasks after a recognition: payment begins, a status is registered, the next review gets its day."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from casework import books, kin, recognitions
from engine.calendar import ZONE
from engine.deadline import add_months
from engine.errors import Conflict
from tasks.registry import Job, Result, handler


@handler("recognition.enrol")
def enrol(job: Job) -> Result:
    """纳入按月发放: from the month after the decision, until another decision (C-28). Refuses without an amount: nobody is enrolled for nothing."""
    decided = _decided(job)
    if not Decimal(str(job.variables.get("amount") or 0)) > 0:
        raise Conflict(
            f"{job.variables['application_no']} 的决定没有写明每月发放金额，不能纳入按月发放：请终止本事项，重新上报并在决定中写明金额。",
            "The decision says no monthly amount.",
            code="no_amount",
        )
    begins = add_months(decided.replace(day=1), 1)
    _recognise(job, decided, begins, None)
    text = f"{job.variables['application_no']}：自 {begins.year}年{begins.month}月起按月发放"
    books.book(
        job.tx, "enrolment", area=job.case.area, at=job.now, text=text, case_id=job.case.id, key=job.id
    )
    return Result({"from_month": begins.isoformat()})


@handler("recognition.register")
def register(job: Job) -> Result:
    """登记身份: low-income edge until its review; rigid expenditure for `rigid.valid` at most (C-38)."""
    decided = _decided(job)
    lasts = recognitions.lasts(job.tx.world, str(job.variables.get("programme")), decided)
    valid_to = lasts.due if lasts is not None else None
    _recognise(job, decided, None, valid_to)
    return Result({"valid_to": valid_to.isoformat() if valid_to else None})


@handler("recognition.schedule")
def schedule(job: Job) -> Result:
    """设定复核日期: a status that expires is taken up `rigid.remind` before; families with income or able members twice a year (C-30)."""
    decided, number = _decided(job), str(job.variables["application_no"])
    known = recognitions.get(job.tx, number)
    if known is not None and known.state == "ended":
        recognitions.schedule(job.tx, number, None)
        return Result({"review_on": None})
    if known is not None and known.valid_to is not None:
        due = known.valid_to - timedelta(days=job.tx.world.terms.get(recognitions.REMIND, decided).n)
    else:
        programme = str(job.variables.get("programme"))
        periodic = recognitions.review(job.tx.world, programme, decided)
        if periodic is None:
            raise Conflict("没有有效期的身份无法设定复核日期。", f"{number} has no end to review before.")
        due = periodic.due
    recognitions.schedule(job.tx, number, due)
    return Result({"review_on": due.isoformat()})


def _decided(job: Job) -> date:
    value = job.variables.get("decided_on")
    return date.fromisoformat(str(value)[:10]) if value else job.now.astimezone(ZONE).date()


def _recognise(job: Job, decided: date, from_month: date | None, valid_to: date | None) -> None:
    amount = job.variables.get("amount")
    recognitions.recognise(
        job.tx,
        application_no=str(job.variables["application_no"]),
        programme=str(job.variables.get("programme") or ""),
        case_id=job.case.id,
        area=job.case.area,
        title=job.case.title,
        decided_on=decided,
        amount=Decimal(str(amount)) if amount is not None else None,
        persons=int(job.variables.get("persons") or 1),
        from_month=from_month,
        valid_to=valid_to,
        now=job.now,
        support_form=job.variables.get("support_form"),
        household=_household(job),
    )


def _household(job: Job) -> str | None:
    """The one the case is about; else the one household of the village that bears the name."""
    return kin.household_of(job.tx, job.case.subject, job.case.area, job.case.title)
