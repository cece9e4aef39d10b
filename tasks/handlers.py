"""What the main line's service tasks do. Idempotent by job id; each runs in the transaction that moves the token."""

from __future__ import annotations

import hashlib
from decimal import Decimal
from typing import Any

from casework import books, leads, staff
from engine import cases
from engine.calendar import ZONE
from engine.errors import Conflict
from engine.routing import at_tier
from tasks.registry import Job, Result, handler

URGENT_POSTS = ("town_service_office",)


@handler("lead.match")
def match(job: Job) -> Result:
    """查重比对: earlier leads of the same person, and what the rules ask about the past."""
    lead = job.document.get("lead", {})
    found = leads.similar(
        job.tx,
        subject=lead.get("subject_name"),
        area=job.case.area,
        phone=lead.get("subject_phone"),
        now=job.now,
        besides=job.case.number,
    )
    year = job.now.astimezone(ZONE).year
    same = any(
        e.cause == lead.get("main_cause")
        and e.conclusion == "helped"
        and e.discovered_at.astimezone(ZONE).year == year
        for e in found
    )
    variables = {
        "duplicate_candidates": [{"number": e.number, "why": e.why} for e in found if e.conclusion is None],
        "earlier_leads": [{"number": e.number, "conclusion": e.conclusion} for e in found if e.conclusion],
        "village_known": True,
        "same_cause_recent": same,
        "source_tier": job.variables.get("source_tier", "village"),
        "discovered_at": job.variables.get("discovered_at"),
    }
    return Result(variables)


@handler("lead.transfer")
def transfer(job: Job) -> Result:
    """转属地: the case goes to the town that is responsible; history stays with it."""
    to = str(job.document.get("lead", {}).get("to_town") or "")
    if not to:
        raise Conflict("没有写明转往哪个镇（街）。", "No town to transfer to.")
    cases.move(job.tx, job.case.id, to, job.now, reason="不属本镇（街）")
    leads.acknowledged(job.tx, job.case.number, to)
    return Result()


@handler("lead.close")
def close(job: Job) -> Result:
    """登记台账并反馈: refuses while something is owed; answers every source."""
    variables, lead = job.variables, job.document.get("lead", {})
    if variables.get("papers_open"):
        raise Conflict("先行救助的手续尚未补办，不能办结。", "First-aid papers are still open.")
    conclusion = _conclusion(variables)
    merged = str(lead.get("duplicate_of") or "") or None if conclusion == "merged" else None
    leads.close(job.tx, job.case.number, conclusion, job.now, merged)
    books.book(
        job.tx,
        "lead",
        area=job.case.area,
        at=job.now,
        text=f"线索 {job.case.number} 办结：{conclusion}",
        case_id=job.case.id,
        key=job.id,
    )
    people = [s["person"] for s in leads.sources(job.tx, job.case.number) if s.get("person")]
    books.tell(
        job.tx,
        people,
        kind="answer",
        title="您上报的线索已办结",
        text=f"{job.case.number}：{conclusion}",
        now=job.now,
        case_id=job.case.id,
    )
    return Result({"conclusion": conclusion})


def _conclusion(variables: Any) -> str:
    if variables.get("ack_result") == "merge" or variables.get("verify_result") == "duplicate":
        return "merged"
    if variables.get("verify_result") == "not_confirmed":
        return "not_confirmed"
    if variables.get("changed_mind") is False:
        return "declined_by_person"
    return {"gap_filled": "backstop"}.get(str(variables.get("backstop_result")), "helped")


@handler("clock.escalate")
def escalate(job: Job) -> Result:
    """催办并报上级 (E2): the town's service office and the area officer are told; nothing is decided."""
    people = staff.holders(job.tx, ["town_service_office", "district_area_officer"], job.case.area, job.now)
    title, text = "超期催办", f"{job.case.number} 有环节超过法定时限，请督促办理。"
    books.tell(job.tx, people, kind="overdue", title=title, text=text, now=job.now, case_id=job.case.id)
    books.book(
        job.tx, "escalation", area=job.case.area, at=job.now, text=title, case_id=job.case.id, key=job.id
    )
    return Result()


@handler("fund.book")
def book_fund(job: Job) -> Result:
    """登记备用金支出: out of the town's reserve, with an alarm when little is left."""
    town = at_tier(job.case.area, "town")
    amount = Decimal(str(job.variables.get("given_amount") or job.variables.get("amount") or 0))
    books.book(
        job.tx,
        "reserve_fund",
        area=town,
        at=job.now,
        text="救助支出",
        case_id=job.case.id,
        amount=-amount,
        key=job.id,
    )
    left = books.balance(job.tx, "reserve_fund", town)
    if left < 10_000:
        people = staff.holders(job.tx, ["town_service_office"], town, job.now)
        books.tell(job.tx, people, kind="alarm", title="备用金余额不足", text=f"余额 {left} 元", now=job.now)
    return Result({"reserve_balance": float(left)})


@handler("follow_up.open")
def open_follow_up(job: Job) -> Result:
    """安排回访: one follow-up case per line and round."""
    turn = leads.next_number(job.tx, f"follow_up:{job.case.number}")
    cases.start(
        job.tx,
        "follow_up",
        now=job.now,
        area=job.case.area,
        number=f"{job.case.number}-F{turn}",
        title=job.case.title,
        variables={
            "lead_no": job.case.number,
            "follow_up_from": job.variables.get("paid_at") or job.now.isoformat(),
        },
        parent=job.case.id,
    )
    return Result()


@handler("follow_up.report")
def report_follow_up(job: Job) -> Result:
    """反馈回访结果 to the open lead; it waits for the lead if the lead is not there yet."""
    lead_no = str(job.variables.get("lead_no"))
    still = bool(job.variables.get("still_in_difficulty"))
    cases.deliver(
        job.tx, "follow_up_done", lead_no, {"still_in_difficulty": still}, now=job.now, ttl=leads.WINDOW
    )
    return Result()


@handler("application.receipt")
def receipt(job: Job) -> Result:
    """出具受理回执; draws by hash whether the bureau visits (bureau.file_share)."""
    share = float(job.tx.world.terms.parameter("bureau.file_share", job.now.astimezone(ZONE).date()))
    drawn = int(hashlib.sha256(job.case.number.encode()).hexdigest()[:8], 16) / 0xFFFFFFFF
    return Result({"receipt_no": f"{job.case.number}-S", "file_sampled": drawn < share})
