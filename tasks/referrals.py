"""Service tasks about other departments: a lead on the municipal platform, a referral by the channel the officer chose."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from casework import areas, books, outbox, referring, staff
from casework.tables import outbox as outbox_table
from engine import definitions, step
from engine.calendar import ZONE
from engine.deadline import last_words
from engine.errors import Conflict
from tasks.registry import Job, Result, handler

OFFICERS = ("district_assistance_office",)
"""Who carries a paper letter to a department (blueprint §8: prepare_referral)."""


@handler("referral.send")
def send(job: Job) -> Result:
    """发送转介单: the least that is needed – no account, no diagnosis (policy.md F-6)."""
    sheet = _sheet(job.document.get("referral"))
    recipient, number = (
        str(job.variables.get("to_dept") or sheet.get("to_dept") or ""),
        job.variables.get("referral_no"),
    )
    if not recipient or not number:
        raise Conflict(
            "转介单缺少承办部门或编号，请先在“拟定转介单”中选择部门。",
            "The referral names no department.",
            code="no_recipient",
        )
    attempt = int(job.variables.get("attempt") or 1)
    reference = f"{number}-{attempt}"
    to = _word(job, "department", recipient)
    payload = {
        "转介编号": reference,
        "姓名": job.case.title,
        "事项": _word(job, "programme", sheet.get("programme")),
        "必要情况": sheet.get("summary"),
        "联系方式": sheet.get("contact"),
        "首次受理": job.variables.get("received_on"),
        "第几次": attempt,
    }
    channel = str(sheet.get("channel") or outbox.PAPER)
    if outbox.send(job.tx, channel, recipient, reference, payload, job.now):
        text = f"转介 {reference} → {to}（{_word(job, 'referral_channel', channel)}）"
        where: dict[str, Any] = {"area": job.case.area, "at": job.now, "case_id": job.case.id, "key": job.id}
        books.book(job.tx, "referral", text=text, to=recipient, **where)
        if channel == outbox.PAPER:
            people = staff.holders(job.tx, OFFICERS, job.case.area, job.now)
            title = "请送达书面转介函"
            books.tell(job.tx, people, kind="paper", title=title, text=text, now=job.now, case_id=job.case.id)
        _tell_departments(job, recipient, reference, str(payload["事项"]))
        if attempt > 1:
            _release(job, recipient, f"{number}-{attempt - 1}")
    return Result({"sent_on": job.now.astimezone(ZONE).date().isoformat()})


def _tell_departments(job: Job, department: str, reference: str, matter: str) -> None:
    """The department's people learn of the letter and until when they take it or send it back."""
    pinned = definitions.pinned(job.tx, job.case.pins)
    functions = step.host_of(job.tx, job.case, pinned, job.now).functions(job.now, {})
    due = functions["deadline"]("referral.accept", job.now.astimezone(ZONE).date())
    text = f"转介 {reference}：{matter}，请于 {last_words(due, job.now)}前接收或退回。"
    people = referring.holders(job.tx, department, job.case.area, job.now)
    books.tell(job.tx, people, kind="referral", title="收到转介单", text=text, now=job.now)


def _release(job: Job, department: str, before: str) -> None:
    """The department asked before is told that nothing more is expected of it."""
    row = job.tx.run(select(outbox_table.c.recipient).where(outbox_table.c.id == before)).one_or_none()
    if row is None or row.recipient == department:
        return
    people = referring.holders(job.tx, row.recipient, job.case.area, job.now)
    text = f"转介 {before} 已改送其他部门，贵单位无需再办理。"
    books.tell(job.tx, people, kind="referral", title="转介已改送", text=text, now=job.now)


@handler("lead.platform")
def report(job: Job) -> Result:
    """同报救急难平台 (R51): the same lead on the municipal platform, and before the bureau's area officers, at once."""
    lead: Mapping[str, Any] = job.document.get("lead") or {}
    if lead.get("via_platform") is not True:
        return Result()
    needs = "、".join(str(_word(job, "special_needs", need)) for need in lead.get("special_needs") or [])
    payload = {
        "线索编号": job.case.number,
        "姓名": job.case.title,
        "所在村居": areas.names(job.tx, [job.case.area])[job.case.area],
        "需要": needs,
        "联系方式": lead.get("subject_phone"),
    }
    if outbox.send(job.tx, "platform", "district_bureau", job.case.number, payload, job.now):
        people = staff.holders(job.tx, ["district_area_officer"], job.case.area, job.now)
        text = f"{job.case.number}：{needs or '专项救助'}，请联系转介。"
        title = "经救急难平台报来的线索"
        books.tell(job.tx, people, kind="platform", title=title, text=text, now=job.now, case_id=job.case.id)
    return Result()


def _sheet(referral: Any) -> Mapping[str, Any]:
    """The referral as it was drawn up: later entries (a new department, a result) have no summary of their own."""
    entries = referral if isinstance(referral, list) else [referral or {}]
    return next((entry for entry in reversed(entries) if entry.get("summary")), {})


def _word(job: Job, codes: str, value: Any) -> Any:
    """A code as people say it; what is in no list stays as it is."""
    options = definitions.pinned(job.tx, job.case.pins).codes.get(codes, [])
    return next((option["label"] for option in options if option["value"] == value), value)
