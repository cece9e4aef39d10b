"""Service tasks about public notices, objections and the appraisal meeting."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from casework import areas, notices
from casework.tables import households, kinship, persons
from engine import cases
from engine.errors import Conflict
from tasks.registry import Job, Result, handler


@handler("notice.render")
def render(job: Job) -> Result:
    """生成公示内容: from the allow-list. Who must not be shown is an error a person sees (policy.md D.10)."""
    variables, document = job.variables, job.document
    programme = str(variables.get("programme") or "")
    reason = notices.refusal(programme, variables)
    if reason is not None:
        raise Conflict(f"不能生成公示：{reason}。", "There must be no notice.", code="notice_suppressed")
    days = job.tx.world.terms.get(str(variables["notice_term"]), job.now.date()).n
    shown = notices.content(
        applicant=job.case.title,
        place=areas.names(job.tx, [job.case.area])[job.case.area],
        programme=programme,
        persons=variables.get("persons"),
        amount=variables.get("amount"),
        kinship=variables.get("kinship_declared") is True,
        days=f"自张贴之日起 {days} 日",
    )
    made = notices.make(
        job.tx,
        case_id=job.case.id,
        area=job.case.area,
        application_no=str(variables["application_no"]),
        shown=shown,
        investigators=_investigators(document),
        now=job.now,
    )
    return Result({"notice_no": made.number, "notice_file": made.file})


def _investigators(document: Any) -> list[str]:
    survey = document.get("survey") or {}
    return list(dict.fromkeys([*(survey.get("staff") or []), *(survey.get("visitors") or [])]))


@handler("objection.report")
def report(job: Job) -> Result:
    """通报复查结论: every objection that waits for the new investigation goes on; nothing in the first round."""
    application = str(job.variables.get("application_no"))
    waiting = [o for o in notices.objections_to(job.tx, application) if o["state"] == "reinvestigate"]
    for objection in waiting if (job.variables.get("round") or 1) > 1 else ():
        payload = {"reinvestigated": True, "opinion": job.variables.get("opinion")}
        cases.deliver(job.tx, "reinvestigation_done", objection["number"], payload, now=job.now)
    return Result()


@handler("appraisal.recuse")
def recuse(job: Job) -> Result:
    """核验回避: relatives of the household are struck from the panel; who is struck is said."""
    relatives = set(
        job.tx.run(
            select(persons.c.name)
            .join(kinship, kinship.c.person == persons.c.id)
            .join(households, households.c.id == kinship.c.household)
            .where(households.c.head == job.case.title, households.c.area == job.case.area)
        ).scalars()
    )
    meeting = dict(job.document.get("appraisal") or {})
    panel = list(meeting.get("panel") or [])
    struck = [member["name"] for member in panel if member.get("name") in relatives]
    kept = [member for member in panel if member.get("name") not in relatives]
    return Result({"recused_people": struck}, {"appraisal": {**meeting, "panel": kept}})
