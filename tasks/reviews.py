"""Service tasks of a review: the family's record, what the decision changes in it, recovery, penalty file, applying anew."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from casework import books, leads, recognitions, staff
from casework.recognitions import ENDING, Recognition
from engine import messages
from engine.calendar import ZONE
from engine.deadline import add_months
from engine.errors import NotFound
from engine.tables import cases as cases_table
from tasks import owed
from tasks.duties import who_did
from tasks.registry import Job, Result, handler
from tasks.remedies import watch_order

WORDS = {
    "keep": "维持",
    "increase": "增发",
    "reduce": "减发",
    "stop": "停发",
    "natural": "自然减员",
    "expired": "到期终结",
}


def _recognition(job: Job) -> Recognition:
    found = recognitions.get(job.tx, str(job.variables["application_no"]))
    if found is None:
        raise NotFound("没有这份在享救助。", "There is no such recognition.")
    return found


@handler("review.load")
def load(job: Job) -> Result:
    """调出救助档案: what the family receives now, and what earlier reviews decided."""
    now = _recognition(job)
    c = cases_table.c
    lead_no = job.tx.run(select(c.number).where(c.id == now.case_id)).scalar_one()
    earlier = [
        {"decided_on": one.decided_on.isoformat(), "result": WORDS.get(one.result, one.result), "amount": _number(one.amount)}
        for one in recognitions.changes(job.tx, now.application_no)
    ]  # fmt: skip
    record = {
        "programme": now.programme,
        "since": now.decided_on.isoformat(),
        "amount": _number(now.amount),
        "persons": now.persons,
        "valid_to": now.valid_to.isoformat() if now.valid_to else None,
        "earlier": earlier,
    }
    variables = {
        "programme": now.programme,
        "amount_before": _number(now.amount),
        "persons": now.persons,
        "recognised_on": now.decided_on.isoformat(),
        "lead_no": lead_no,
    }
    return Result(variables, {"recognition": record})


def _number(amount: Decimal | None) -> float | None:
    return float(amount) if amount is not None else None


@handler("review.apply")
def apply(job: Job) -> Result:
    """更新救助档案: from the month after the decision (or the later month it names); nothing is cut without a hearing."""
    now, given = _recognition(job), job.variables
    result, decided = str(given["decision_result"]), _day(job, given.get("decided_on"))
    amount = given.get("amount")
    made = recognitions.change(
        job.tx,
        now.application_no,
        result=result,
        decided_on=decided,
        from_month=_effective(job, now, result, decided),
        amount=Decimal(str(amount)) if amount is not None else now.amount,
        persons=int(given.get("persons") or now.persons),
        reason=given.get("change"),
        hearing_ref=given.get("hearing_ref"),
        decision_no=given.get("decision_no"),
        case_id=job.case.id,
        now=job.now,
        job=job.id,
    )
    text = f"{now.application_no}：{WORDS.get(result, result)}，自 {made.from_month:%Y-%m-%d} 起"
    books.book(job.tx, "review", area=job.case.area, at=job.now, text=text, case_id=job.case.id, key=job.id)
    return Result({"still_recognised": result not in ENDING})


def _day(job: Job, value: Any) -> date:
    return date.fromisoformat(str(value)[:10]) if value else job.now.astimezone(ZONE).date()


def _effective(job: Job, now: Recognition, result: str, decided: date) -> date:
    if result == "expired" and now.valid_to is not None:
        return now.valid_to + timedelta(days=1)
    following = add_months(decided.replace(day=1), 1)
    papers = job.document.get("decision") or []
    named = next((one["effective_month"] for one in reversed(papers) if one.get("effective_month")), None)
    return max(following, _day(job, named).replace(day=1)) if named else following


@handler("review.recover")
def recover(job: Job) -> Result:
    """登记追回并启动跟踪: what has to be paid back, and nothing more; orders of before were told without a delivery of their own."""
    paper = job.document.get("recovery") or {}
    amount = Decimal(str(paper.get("due_amount") or 0))
    text = f"{job.variables['application_no']}：责令退回多发资金 {amount} 元"
    books.book(
        job.tx,
        "recovery",
        area=job.case.area,
        at=job.now,
        text=text,
        case_id=job.case.id,
        amount=amount,
        key=job.id,
    )
    watch_order(job, "recovery")
    owed.follow(job, "recovery")
    return Result()


@handler("remedy.penalty")
def watch_penalty(job: Job) -> Result:
    """启动救济和退缴跟踪 of a fine; where nothing was imposed there is nothing to contest, nor to pay."""
    watch_order(job, "penalty")
    owed.follow(job, "penalty")
    return Result()


@handler("review.penalty")
def penalty(job: Job) -> Result:
    """移送处罚立案: a file of its own, so that the review does not wait for it."""
    number = f"{job.variables['review_no']}-CF"
    home = messages.Home(job.case.area, number, f"查处：{job.case.title}", parent=job.case.id)
    given = {"review_no": job.variables["review_no"], "overpaid_amount": job.variables.get("overpaid_amount")}
    if not messages.deliver(job.tx, "fraud_suspected", None, given, now=job.now, home=home):
        raise NotFound("还没有部署骗取救助查处流程。", "The penalty process is not deployed.")
    return Result({"penalty_no": number})


@handler("review.reapply")
def reapply(job: Job) -> Result:
    """登记重新申请: a lead like any other, found by who reminded the family."""
    people = who_did(job, "tell_expiry")
    actor = staff.actor_of(job.tx, people[0], job.now)
    values = {
        "source": "07",
        "place_area": job.case.area,
        "place_text": "刚性支出困难家庭认定到期",
        "main_cause": "99",
        "urgent_signs": [],
        "subject_name": job.case.title,
        "residence_status": "1",
        "description": f"原认定 {job.variables['application_no']} 将到期，本人愿意重新申请。",
    }
    made = leads.report(job.tx, actor, values, job.now, _recognition(job).household)
    return Result({"new_lead": made.number})
