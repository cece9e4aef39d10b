"""What the main line's service tasks do. Idempotent by job id; each runs in the transaction that moves the token."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from casework import (
    areas,
    books,
    first_aid,
    follow_ups,
    ladder,
    members,
    mergers,
    notices,
    payouts,
    places,
    rediscovery,
    referring,
    repeats,
    roster,
    staff,
    transferring,
)
from casework import leads as records
from engine import clocks, messages
from engine.calendar import ZONE, instant
from engine.errors import Conflict
from engine.tables import cases as cases_table
from engine.tables import user_tasks
from tasks.registry import Job, Result, handler


@handler("lead.match")
def match(job: Job) -> Result:
    """查重比对: earlier leads of the same person, and what the rules ask about the past."""
    lead = job.document.get("lead", {})
    found = records.similar(
        job.tx,
        subject=lead.get("subject_name"),
        area=job.case.area,
        phone=lead.get("subject_phone"),
        now=job.now,
        besides=job.case.number,
    )
    past = rediscovery.history(
        job.tx,
        subject=lead.get("subject_name"),
        area=job.case.area,
        phone=lead.get("subject_phone"),
        besides=job.case.number,
    )
    _review(job)
    variables = {
        "duplicate_candidates": [
            {"number": e.number, "why": e.why}
            for e in found
            if e.conclusion is None and mergers.hindrance(job.tx, job.case.number, e.number) is None
        ],
        "earlier_leads": [{"number": e.number, "conclusion": e.conclusion} for e in past if e.conclusion],
        "village_known": True,
        "same_cause_recent": repeats.same_cause(job.tx, {"lead": job.case.number, "at": job.now}) is True,
        "source_tier": job.variables.get("source_tier", "village"),
        "discovered_at": job.variables.get("discovered_at"),
    }
    return Result(variables)


def _review(job: Job) -> None:
    """A person found again and again and never taken up: the area officer and the town's head of service look, once a lead."""
    text = rediscovery.rediscovered(job.tx, job.case.number, job.now)
    if text is None:
        return
    line: dict[str, Any] = {
        "area": job.case.area,
        "at": job.now,
        "text": text,
        "case_id": job.case.id,
        "key": job.case.number,
    }
    if books.book(job.tx, "rediscovery", **line):
        people = staff.holders(
            job.tx, ["district_area_officer", "town_service_office"], job.case.area, job.now
        )
        words = f"{job.case.number}：{text}，请复核此前的结论。"
        books.tell(
            job.tx,
            people,
            kind="review",
            title="反复发现，请复核",
            text=words,
            now=job.now,
            case_id=job.case.id,
        )


@handler("lead.transfer")
def transfer(job: Job) -> Result:
    """转属地: the case goes to the town that is responsible, which is told; history stays with it."""
    to = str(job.variables.get("moved_to") or job.document.get("lead", {}).get("to_town") or "")
    if not to:
        raise Conflict("没有写明转往哪个镇（街）。", "No town to transfer to.")
    reason = "已迁往该镇（街）" if job.variables.get("moved_to") else "不属本镇（街）"
    before = areas.names(job.tx, [job.case.area])[job.case.area]
    places.move_case(job.tx, job.case.id, to, job.now, reason=reason, why="handed_over")
    people = staff.holders(job.tx, transferring.OFFICE, to, job.now)
    text = f"{job.case.number} 由{before}转来：{reason}。请接着办理；住在哪个村（居）查明后，办理“移交属地”到该村（居）。"
    books.tell(
        job.tx, people, kind="transfer", title="转来的线索", text=text, now=job.now, case_id=job.case.id
    )
    return Result()


@handler("lead.rest")
def rest(job: Job) -> Result:
    """为家中其他人发起线索: what is left of the family of somebody who is gone and is in hardship is a lead of its own (R31, R62)."""
    told, lead = job.document.get("gone") or {}, job.document.get("lead") or {}
    if told.get("rest") != "hardship":
        return Result({"rest_lead": None})
    values = {
        "source": "07",
        "place_area": job.case.area,
        "place_text": lead.get("place_text") or "同一户",
        "main_cause": told.get("rest_cause"),
        "urgent_signs": told.get("rest_signs") or [],
        "subject_name": told.get("rest_name"),
        "residence_status": job.variables.get("residence_status") or lead.get("residence_status"),
        "description": f"线索 {job.case.number} 终止办理，家中其他人仍有困难：{told.get('rest_note') or ''}",
    }
    made = records.report(job.tx, None, values, job.now, job.case.subject)
    return Result({"rest_lead": made.number})


@handler("lead.close")
def close(job: Job) -> Result:
    """登记台账并反馈: refuses while something is owed; answers every source."""
    variables = job.variables
    owed = _owed(job)
    if owed:
        raise Conflict(
            f"还不能办结：{'；'.join(owed)}。", "Something is still open.", code=records.STILL_OPEN
        )
    conclusion = _conclusion(variables, job)
    merged = mergers.decided(variables, job.document) if conclusion == mergers.MERGED else None
    records.close(job.tx, job.case.number, conclusion, job.now, merged)
    label = WORDS.get(conclusion, conclusion)
    text = f"线索 {job.case.number} 办结：{label}"
    line: dict[str, Any] = {
        "area": job.case.area,
        "at": job.now,
        "text": text,
        "case_id": job.case.id,
        "key": job.id,
    }
    if not books.book(job.tx, "lead", **line, conclusion=conclusion):
        return Result({"conclusion": conclusion})
    people = [s["person"] for s in records.sources(job.tx, job.case.number) if s.get("person")]
    books.tell(
        job.tx,
        people,
        kind="answer",
        title="您上报的线索已办结",
        text=f"{job.case.number}：{label}",
        now=job.now,
        case_id=job.case.id,
    )
    return Result({"conclusion": conclusion})


WORDS = {
    "helped": "已救助",
    "referred": "已转介",
    "relieved_otherwise": "困难已自行缓解",
    "escorted": "已护送",
    "charity": "慈善帮扶",
    "backstop": "政府兜底",
    "backstop_refused": "兜底会议已书面答复",
    "declined_by_person": "本人谢绝",
    "not_confirmed": "不属实",
    "merged": "重复，已合并",
    "deceased": "已去世",
    "moved_away": "已迁出本区",
    "not_found": "查无此人",
}
BESIDE = ("remedy_watch", "follow_up", "dynamic_review", "penalty_file", "money_owed", *ladder.OWN)
"""Cases that go on after the lead is answered: remedies, visits, reviews, money owed, urging."""


def _owed(job: Job) -> list[str]:
    """What keeps a lead open (R62, R68): papers of first aid, no answer yet, open steps, money on its way, other cases of the line.

    An objection counts until it is answered: then its case is closed like any other.
    """
    papers = job.variables.get("papers_open") is True or first_aid.papers_open(job.tx, job.case.number)
    found = ["先行救助的手续尚未补办"] if papers else []
    if job.variables.get("verify_result") == "confirmed" and not records.answered(job.variables):
        found.append("困难是否缓解尚未评估，慈善和兜底环节也没有结果")
    c, t = cases_table.c, user_tasks.c
    open_steps = job.tx.run(select(t.name).where(t.case_id == job.case.id, t.state == "open"))
    found += [f"“{name}”尚未办理" for name in open_steps.scalars()]
    found += [f"发放 {number} 尚无银行回盘" for number in payouts.unsettled(job.tx, job.case.id)]
    line = c.number.like(f"{job.case.number}-%")
    query = select(c.number).where(line, c.status == "active", c.process.not_in(BESIDE)).order_by(c.number)
    return found + [f"{number} 尚未办结" for number in job.tx.run(query).scalars()]


def _conclusion(variables: Mapping[str, Any], job: Job) -> str:
    """What became of the lead, the weightiest answer first; of earlier rounds of aid the books and the case file tell."""
    if variables.get("ack_result") == "merge" or variables.get("verify_result") == "duplicate":
        return mergers.MERGED
    if variables.get("verify_result") == "not_confirmed":
        return "not_confirmed"
    items = [item for item in variables.get("item_results") or [] if item]
    outcomes = {(item.get("route"), item.get("outcome")) for item in items}
    given = variables.get("quick_result") == "granted" or variables.get("emergency_result") == "relieved"
    gone = variables.get("gone") is True
    # Who declined or is gone: what was decided but not given counts by the books alone.
    declined = gone or variables.get("changed_mind") is False
    if not declined and (given or any(outcome in ("granted", "approved") for _, outcome in outcomes)):
        return "helped"
    filled = str(variables.get("filled_by")) if variables.get("backstop_result") is not None else ""
    if filled in ("charity", "backstop"):
        return filled
    if ("RESCUE_STATION", "relieved") in outcomes:
        return "escorted"
    if records.aided(job.tx, job.case.id, job.case.number):
        return "helped"
    told = [entry for sections in job.case.document.values() for entry in sections.get("referral") or []]
    if any(entry.get("outcome") == "aided" for entry in told):
        return "referred"
    if gone:
        return str(variables["gone_kind"])
    if declined:
        return "declined_by_person"
    return "backstop_refused" if variables.get("backstop_result") is not None else "relieved_otherwise"


@handler("clock.escalate")
def escalate(job: Job) -> Result:
    """催办并报上级 (E2): who holds the case's open steps, and who urges them, are told; nothing is decided."""
    t = user_tasks.c
    rows = list(job.tx.run(select(user_tasks).where(t.case_id == job.case.id, t.state == "open")))
    late = [
        row for row in rows if row.due_at is not None and row.due_at <= job.now and row.due_state != "paused"
    ]
    people: list[str] = []
    for row in late:
        posts = [post for post in row.posts.split(",") if post]
        people += [row.holder] if row.holder else staff.holders(job.tx, posts, job.case.area, job.now)
    above = roster.superiors(job.tx, people, job.case.area, job.now) or staff.holders(
        job.tx, ["town_service_office", "district_area_officer"], job.case.area, job.now
    )
    asked = _asked_late(job)
    names = (
        "、".join(f"“{name}”" for name in [*(row.name for row in late), *(n for n, _ in asked)]) or "有环节"
    )
    text = f"{job.case.number} {names}超过时限，请督促办理。"
    title = "超期催办"
    line: dict[str, Any] = {
        "area": job.case.area,
        "at": job.now,
        "text": text,
        "case_id": job.case.id,
        "key": job.id,
    }
    if books.book(job.tx, "escalation", **line, steps=[row.name for row in late]):
        told = [*people, *above]
        books.tell(job.tx, told, kind="overdue", title=title, text=text, now=job.now, case_id=job.case.id)
        for name, letter in asked:
            people = referring.holders(job.tx, letter.department, job.case.area, job.now)
            text = f"转介 {letter.reference}：{name}超过时限，请尽快答复。"
            books.tell(job.tx, people, kind="referral", title=title, text=text, now=job.now)
    return Result()


def _asked_late(job: Job) -> list[tuple[str, referring.Awaited]]:
    """What the department asked on this branch should have answered by now, with the name of the clock."""
    late = {
        clock.token: clock.name
        for clock in clocks.of_case(job.tx, job.case.id)
        if clock.state == "running" and clock.due_at <= job.now
    }
    asked = referring.awaited(job.tx, late)
    return [(late[token], letter) for token, letter in asked.items() if letter.path == job.path]


@handler("follow_up.open")
def open_follow_up(job: Job) -> Result:
    """安排回访: opens one unless the payment has opened it already."""
    paid_at = job.variables.get("paid_at")
    follow_ups.open_for(job.tx, job.case, job.variables, instant(paid_at) if paid_at else job.now, job.now)
    return Result()


@handler("follow_up.report")
def report_follow_up(job: Job) -> Result:
    """反馈回访结果 to the open lead, with the day the visit saw it; it waits for the lead, however long the round of aid still takes."""
    lead_no = str(job.variables.get("lead_no"))
    still = bool(job.variables.get("still_in_difficulty"))
    messages.deliver(
        job.tx,
        "follow_up_done",
        lead_no,
        {"still_in_difficulty": still, "visited_at": job.variables.get("visited_at")},
        now=job.now,
        ttl=follow_ups.HEARD_BY_THEN,
    )
    return Result()


@handler("application.receipt")
def receipt(job: Job) -> Result:
    """出具受理回执; draws by hash whether the bureau visits (bureau.file_share); says whether a minor is applied for."""
    number, today = job.case.number, job.now.astimezone(ZONE).date()
    minor = members.minor_applied_for(
        job.document.get("application") or {}, job.case.title, today
    ) or notices.young(job.tx, job.case, today)
    sampled = records.sampled(job.tx, number, today)
    return Result({"receipt_no": f"{number}-S", "file_sampled": sampled, "minor": minor})
