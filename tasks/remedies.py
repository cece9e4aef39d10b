"""Service tasks around a decision: its file, the watch over remedies, and taking an application up again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from casework import books, decisions, leads, members, orders, recognitions, reviews
from engine import cases, messages, step
from engine.calendar import ZONE
from engine.tables import cases as cases_table
from engine.tables import user_tasks
from tasks.registry import Job, Result, handler

APPLICATIONS = {"DIBAO": "dibao", "DIBAO_EDGE": "dibao", "RIGID_EXP": "dibao", "TEKUN": "tekun"}
"""The process an application of a programme runs in; all others: relief_application."""


GIVEN = ("approved", "keep", "increase", "reduce")
"""Results with which something is paid."""


@handler("decision.file")
def file(job: Job) -> Result:
    """备案并启动救济跟踪: a town's decision goes on the bureau's file; the periods for remedies begin."""
    variables = job.variables
    level = "town" if variables.get("level") == "town" else "district"
    number = _filed(job, level, str(variables.get("decision_result") or "approved"))
    delivery = _last_with(job.document.get("delivery"), "delivered_on")
    decided = _day(job.variables.get("decided_on"))
    told = delivery.get("remedies_told") is True
    first = _first(job, str(variables.get("decision_result")))
    _watch(job, number, level, delivery.get("delivered_on"), told, decided, first)
    return Result({"decision_no": number})


@handler("remedy.open")
def refuse(job: Job) -> Result:
    """启动救济跟踪 after a refusal to accept: the letter itself told of the remedies."""
    number = _filed(job, "town", "not_accepted")
    today = job.now.astimezone(ZONE).date()
    _watch(job, number, "town", today.isoformat(), True, today, _first(job, "not_accepted"))
    return Result({"decision_no": number})


@handler("case.reopen")
def reopen(job: Job) -> Result:
    """恢复审核程序: the same application number, everything on file kept, reviewed anew from today (C-57).

    A decision is reopened once: its number makes the new case's (…-D2 → …-C2), so a repeated job finds it there.
    """
    if (of := job.variables.get("order_of")) is not None:
        return _order_again(job, str(of))
    decision = decisions.get(job.tx, str(job.variables["decision_no"]))
    if step.lock(job.tx, decision.case_id).process == reviews.PROCESS:
        return _review_again(job, decision)
    number = "-C".join(decision.number.rsplit("-D", 1))
    process = APPLICATIONS.get(decision.programme, "relief_application")
    if _exists(job, process, number):
        return Result()
    old = step.lock(job.tx, decision.case_id)
    day = job.now.astimezone(ZONE).date()
    today, sections = day.isoformat(), old.sections(decision.path)
    application = sections.get("application") or {}
    said = [(sections.get(name) or {}).get("persons") for name in ("opinion", "verification")]
    variables = {
        "lead_no": job.variables.get("lead_no"),
        "application_no": decision.application_no,
        "programme": decision.programme,
        "reopened": True,
        "reopened_on": today,
        "accepted_on": today,
        # What the acceptance and the first round had said and the new case does not ask again.
        "kinship_declared": application.get("kinship_declared") is True,
        "minor": members.minor_applied_for(application, old.title, day),
        "file_sampled": leads.sampled(job.tx, str(job.variables.get("lead_no") or old.number), day),
        "persons": next((number for number in said if number), None),
        "earlier_staff": _investigators(old, decision.path),
        "track": old.track,
        "amount": float(decision.amount) if decision.amount is not None else None,
    }
    cases.start(
        job.tx,
        process,
        now=job.now,
        area=old.area,
        number=number,
        title=old.title,
        variables=variables,
        document=old.sections(decision.path),
        parent=old.id,
    )
    return Result()


def _review_again(job: Job, decision: decisions.Decision) -> Result:
    """A review's decision fell: what it took is paid again, and the family is reviewed anew by others (C-57)."""
    today = job.now.astimezone(ZONE).date()
    number = decision.application_no
    recognitions.reinstate(
        job.tx,
        number,
        decision.number,
        decided_on=today,
        case_id=job.case.id,
        now=job.now,
        job=f"{job.id}:again",
    )
    known = recognitions.get(job.tx, number)
    if known is not None and known.state == "active":
        said = {"source": "remedy", "change": "other", "content": "复议或诉讼后重新复核"}
        earlier = _investigators(step.lock(job.tx, decision.case_id), decision.path)
        reviews.report(job.tx, number, said, None, job.now, earlier)
    return Result()


def _investigators(case: step.Case, path: str) -> list[str]:
    """Who investigated: assigned or there. The bureau's visit to the house is written over the town's visitors."""
    survey: Mapping[str, Any] = case.sections(path).get("survey") or {}
    return list(dict.fromkeys([*(survey.get("staff") or []), *(survey.get("visitors") or [])]))


def _filed(job: Job, level: str, result: str) -> str:
    variables = job.variables
    amount = variables.get("amount")
    number = decisions.file(
        job.tx,
        case_id=job.case.id,
        application_no=str(variables["application_no"]),
        area=job.case.area,
        programme=str(variables.get("programme") or ""),
        level=level,
        result=result,
        amount=Decimal(str(amount)) if amount is not None and result in GIVEN else None,
        decided_on=_day(variables.get("decided_on")) or job.now.astimezone(ZONE).date(),
        path=job.path,
        filed_at=job.now if level == "town" else None,
        now=job.now,
        job=job.id,
        persons=int(variables["persons"]) if variables.get("persons") else None,
    )
    if level == "town":
        text = f"{number}：镇（街）决定报区民政局备案"
        books.book(
            job.tx, "filing", area=job.case.area, at=job.now, text=text, case_id=job.case.id, key=job.id
        )
    return number


def _exists(job: Job, process: str, number: str) -> bool:
    c = cases_table.c
    return job.tx.run(select(c.id).where(c.process == process, c.number == number)).first() is not None


def watch_order(job: Job, kind: str) -> None:
    """启动救济跟踪 of an order about money, once it has been delivered."""
    order = next((one for one in orders.orders({"": job.document}) if one.kind == kind), None)
    if order is None or order.delivered_on is None or not order.contested:
        return
    told, decided = order.delivery.get("remedies_told") is True, _day(order.said.get("ordered_on"))
    _watch(
        job,
        orders.number(job.case, kind),
        "district",
        order.delivered_on,
        told,
        decided,
        False,
        order_of=job.case.id,
    )


def _order_again(job: Job, case_id: str) -> Result:
    """An order fell: what was to be returned is taken out of the book, and it is decided anew in a file of its own."""
    fallen = str(job.variables["decision_no"])
    old, number = step.lock(job.tx, case_id), f"{fallen}-C"
    kind = "recovery" if fallen.endswith(f"-{orders.MARK['recovery']}") else "penalty"
    process = {"recovery": "recovery", "penalty": "penalty_file"}[kind]
    if _exists(job, process, number):
        return Result()
    order = next(one for one in orders.orders(old.document) if one.kind == kind)
    known = {key: old.variables.get(key) for key in ("application_no", "programme", "review_no")}
    amount = order.said.get("due_amount") if kind == "recovery" else old.variables.get("overpaid_amount")
    given = {**known, "overpaid_amount": amount, "earlier_deciders": _deciders(job, case_id, kind)}
    messages.deliver(job.tx, "order_fell", fallen, {}, now=job.now)
    if kind == "penalty":
        home = messages.Home(old.area, number, old.title, parent=old.id)
        messages.deliver(job.tx, "fraud_suspected", None, given, now=job.now, home=home)
        return Result()
    text = f"{fallen}：责令退回决定已撤销或变更，冲减 {amount} 元"
    books.book(
        job.tx, "recovery", area=old.area, at=job.now, text=text, case_id=old.id, amount=-Decimal(str(amount or 0)), key=job.id
    )  # fmt: skip
    today = job.now.astimezone(ZONE).date().isoformat()
    cases.start(
        job.tx,
        process,
        now=job.now,
        area=old.area,
        number=number,
        title=old.title,
        variables={**given, "decided_on": today, "again": True, "fraud": False},
        parent=old.id,
    )
    return Result()


def _first(job: Job, result: str) -> bool:
    """Must reconsideration come before the court? As the letter told it; where it did not, after a refusal to act (C-57)."""
    said = _last_with(job.document.get("delivery"), "first_reconsideration").get("first_reconsideration")
    return said if isinstance(said, bool) else result in ("refused", "not_accepted")


DECIDING = {"recovery": ("order_recovery",), "penalty": ("investigate_fraud", "decide_penalty")}
"""Steps in which an order is made: who did them does not make the next one when it falls."""


def _deciders(job: Job, case_id: str, kind: str) -> list[str]:
    t = user_tasks.c
    query = select(t.ended_by, t.acted).where(
        t.case_id == case_id, t.element.in_(DECIDING[kind]), t.state == "completed"
    )
    did = [
        person
        for row in job.tx.run(query.order_by(t.ended_at))
        for person in (row.ended_by, *(str(one["person"]) for one in row.acted or []))
        if person
    ]
    return list(dict.fromkeys(did))


def _watch(
    job: Job,
    number: str,
    level: str,
    delivered_on: Any,
    told: bool,
    decided_on: date | None,
    first: bool,
    order_of: str | None = None,
) -> None:
    """`first`: reconsideration comes before the court. `order_of`: the case of an order about money, which is no decision on an application."""
    if _exists(job, "remedy_watch", f"{number}-R"):
        return
    cases.start(
        job.tx,
        "remedy_watch",
        now=job.now,
        area=job.case.area,
        number=f"{number}-R",
        title=job.case.title,
        variables={
            "lead_no": job.variables.get("lead_no"),
            "application_no": job.variables.get("application_no"),
            "programme": job.variables.get("programme"),
            "decision_no": number,
            "delivered_on": delivered_on,
            "remedies_told": told,
            "reconsideration_first": first,
            "decided_tier": level,
            "decided_on": decided_on.isoformat() if decided_on else None,
            "order_of": order_of,
        },
        parent=job.case.id,
    )


def _day(value: Any) -> date | None:
    return date.fromisoformat(str(value)[:10]) if value else None


def _last_with(entries: Any, key: str) -> Mapping[str, Any]:
    return next((entry for entry in reversed(entries or []) if entry.get(key) is not None), {})
