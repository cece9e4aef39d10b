"""Service tasks about public notices, objections and the appraisal meeting."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from casework import areas, kin, notices
from engine import cases, messages
from engine.calendar import ZONE
from engine.errors import Conflict
from engine.routing import at_tier
from engine.step import sections_at
from engine.tables import cases as cases_table
from engine.terms import accepted
from tasks.registry import Job, Result, handler


@handler("notice.render")
def render(job: Job) -> Result:
    """生成公示内容: from the allow-list. Who must not be shown is an error a person sees (policy.md D.10)."""
    variables, document = job.variables, job.document
    programme = str(variables.get("programme") or "")
    today = job.now.astimezone(ZONE).date()
    about = notices.about(job.tx, job.case.id)
    reason = notices.refusal(
        programme, notices.protected(variables, document, job.case.title, today)
    ) or notices.kept_from_view(job.tx, about, job.path, today)
    if reason is not None:
        raise Conflict(f"不能生成公示：{reason}。", "There must be no notice.", code="notice_suppressed")
    on = accepted(variables) or today
    term = job.tx.world.terms.get(str(variables["notice_term"]), on, job.case.track)
    town = at_tier(job.case.area, "town")
    shown = notices.content(
        applicant=job.case.title,
        place=areas.names(job.tx, [job.case.area])[job.case.area],
        programme=programme,
        persons=variables.get("persons"),
        amount=variables.get("amount"),
        kinship=variables.get("kinship_declared") is True
        or bool(kin.relatives(job.tx, job.case.subject, job.case.title, job.case.area)),
        days=f"自张贴次日起 {term.n} 日",
        office=f"{areas.names(job.tx, [town])[town]}公共（民政）服务办",
        phone=areas.complaint_phone(job.tx, town),
    )
    made = notices.make(
        job.tx,
        case_id=job.case.id,
        area=job.case.area,
        application_no=str(variables["application_no"]),
        shown=shown,
        investigators=_investigators(
            document if about.id == job.case.id else sections_at(about.document, "")
        ),
        now=job.now,
        job=job.id,
        path=job.path,
        term=term.key,
        terms_on=on,
    )
    return Result({"notice_no": made.number, "notice_file": made.file})


@handler("notice.afterwards")
def afterwards(job: Job) -> Result:
    """启动事后公示: a case of its own, so that neither money nor visits wait. Nobody who must not be shown; not twice for one application."""
    variables, today = job.variables, job.now.astimezone(ZONE).date()
    about = notices.about(job.tx, job.case.id)
    programme, application = str(variables.get("programme") or ""), str(variables["application_no"])
    shown = notices.protected(variables, job.document, job.case.title, today)
    barred = notices.refusal(programme, shown) or notices.kept_from_view(job.tx, about, job.path, today)
    number = f"{application}-H"
    c = cases_table.c
    known = select(c.id).where(c.process == notices.AFTERWARDS, c.number == number)
    if barred is None and job.tx.run(known).first() is None:
        kept = ("application_no", "lead_no", "programme", "amount", "persons", "notice_term", "accepted_on")
        cases.start(
            job.tx,
            notices.AFTERWARDS,
            now=job.now,
            area=job.case.area,
            number=number,
            title=job.case.title,
            parent=job.case.id,
            subject=job.case.subject,
            variables={
                **{key: variables.get(key) for key in kept},
                "round": 1,
                "review_no": number,
                "investigators": _investigators(job.document),
                "track": job.case.track,
            },
        )
    return Result()


def _investigators(document: Any) -> list[str]:
    survey = document.get("survey") or {}
    return list(dict.fromkeys([*(survey.get("staff") or []), *(survey.get("visitors") or [])]))


@handler("objection.report")
def report(job: Job) -> Result:
    """通报复查结论: every objection that waits for the new investigation goes on; nothing in the first round.

    An objection that came after the notice was closed sends the decision back instead of opening a round: it is answered then.
    """
    application = str(job.variables.get("application_no"))
    known = notices.objections_to(job.tx, application)
    again = (job.variables.get("round") or 1) > 1 or job.variables.get("decision_result") == "returned"
    for objection in [o for o in known if o["state"] == "reinvestigate"] if again else ():
        payload = {"reinvestigated": True, "opinion": job.variables.get("opinion")}
        messages.deliver(job.tx, "reinvestigation_done", objection["number"], payload, now=job.now)
    return Result({"complained": True} if known else {})


@handler("objection.release")
def release(job: Job) -> Result:
    """通报异议不再复查: the application is withdrawn or the person wants no help, so no new investigation will come.

    Who waits for one is answered now; who is not judged yet, or objects later, finds the word waiting.
    """
    application = job.variables.get("application_no")
    for number in notices.unanswered(job.tx, job.case.id, str(application) if application else None):
        notices.release(job.tx, number, job.now)
    return Result()


@handler("appraisal.recuse")
def recuse(job: Job) -> Result:
    """核验回避: relatives of the household are struck from the panel; who is struck is said."""
    found = kin.relatives(job.tx, job.case.subject, job.case.title, job.case.area)
    relatives = {one.name for one in found}
    meeting = dict(job.document.get("appraisal") or {})
    panel = list(meeting.get("panel") or [])
    struck = [member["name"] for member in panel if member.get("name") in relatives]
    kept = [member for member in panel if member.get("name") not in relatives]
    return Result({"recused_people": struck}, {"appraisal": {**meeting, "panel": kept}})
