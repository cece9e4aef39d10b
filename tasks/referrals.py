"""Service task about other departments: a referral leaves by the channel the officer chose."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from casework import books, outbox, staff
from engine import definitions
from engine.calendar import ZONE
from engine.errors import Conflict
from tasks.registry import Job, Result, handler

OFFICERS = ("district_assistance_office",)
"""Who carries a paper letter to a department (blueprint §8: prepare_referral)."""


@handler("referral.send")
def send(job: Job) -> Result:
    """发送转介单: the least that is needed – no account, no diagnosis (policy.md F-6)."""
    referral: Any = job.document.get("referral") or {}
    sheet: Mapping[str, Any] = (referral[-1] if referral else {}) if isinstance(referral, list) else referral
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
    reference = f"{number}-{job.variables.get('attempt') or 1}"
    to = _word(job, "department", recipient)
    payload = {
        "转介编号": reference,
        "姓名": job.case.title,
        "事项": _word(job, "programme", sheet.get("programme")),
        "必要情况": sheet.get("summary"),
        "联系方式": sheet.get("contact"),
    }
    channel = str(sheet.get("channel") or outbox.PAPER)
    if outbox.send(job.tx, channel, recipient, reference, payload, job.now):
        text = f"转介 {reference} → {to}（{_word(job, 'referral_channel', channel)}）"
        books.book(
            job.tx, "referral", area=job.case.area, at=job.now, text=text, case_id=job.case.id, key=job.id
        )
        if channel == outbox.PAPER:
            people = staff.holders(job.tx, OFFICERS, job.case.area, job.now)
            title = "请送达书面转介函"
            books.tell(job.tx, people, kind="paper", title=title, text=text, now=job.now, case_id=job.case.id)
    return Result({"sent_on": job.now.astimezone(ZONE).date().isoformat()})


def _word(job: Job, codes: str, value: Any) -> Any:
    """A code as people say it; what is in no list stays as it is."""
    options = definitions.pinned(job.tx, job.case.pins).codes.get(codes, [])
    return next((option["label"] for option in options if option["value"] == value), value)
