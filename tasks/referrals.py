"""Service task about other departments: a referral leaves by the channel the officer chose."""

from __future__ import annotations

from casework import outbox
from engine.calendar import ZONE
from tasks.registry import Job, Result, handler


@handler("referral.send")
def send(job: Job) -> Result:
    """发送转介单: the least that is needed – no account, no diagnosis (policy.md F-6)."""
    referral = job.document.get("referral") or {}
    sheet = referral[-1] if isinstance(referral, list) and referral else referral
    reference = f"{job.variables.get('referral_no')}-{job.variables.get('attempt') or 1}"
    payload = {
        "转介编号": reference,
        "姓名": job.case.title,
        "事项": sheet.get("programme"),
        "必要情况": sheet.get("summary"),
        "联系方式": sheet.get("contact"),
    }
    recipient = str(job.variables.get("to_dept") or sheet.get("to_dept") or "")
    outbox.send(job.tx, str(sheet.get("channel") or "paper"), recipient, reference, payload, job.now)
    return Result({"sent_on": job.now.astimezone(ZONE).date().isoformat()})
