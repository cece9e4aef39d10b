"""Service tasks of visits to people in tekun care who live at home (C-47)."""

from __future__ import annotations

from typing import Any

from casework import areas, households, leads, recognitions, reviews, staff, visits
from engine.routing import Actor
from tasks.duties import UNSAID, scheduled, who_did
from tasks.registry import Job, Result, handler


@handler("care.list")
def listed(job: Job) -> Result:
    """列出在家供养人员: of the town, as the recognitions have them now."""
    found = recognitions.living_at_home(job.tx, job.case.area)
    places = areas.names(job.tx, {one.area for one in found})
    rows = [
        {
            "application_no": one.application_no,
            "head": one.title,
            "area": one.area,
            "place": places[one.area],
            "household": one.household or households.of_person(job.tx, one.area, one.title),
        }
        for one in found
    ]
    return Result({"people": len(rows)}, {"care_list": {"rows": rows}})


@handler("care.record")
def recorded(job: Job) -> Result:
    """登记走访: each in the register, of the household the person lives in; a need is a lead, a change a review."""
    sheet = job.document.get("care") or {}
    people = who_did(job, "visit_people", "check_risks")
    actor = staff.actor_of(job.tx, people[0], job.now)
    listed_ = {row["application_no"]: row for row in (job.document.get("care_list") or {}).get("rows") or []}
    month = scheduled(job)
    for row in sheet.get("people_seen") or []:
        known = listed_.get(str(row.get("application_no")))
        if known is not None:
            _enter(job, row, known, f"{month:%Y-%m}", actor)
    return Result()


def _enter(job: Job, row: dict[str, Any], known: dict[str, Any], period: str, actor: Actor) -> None:
    said = "；".join(str(row[key]) for key in ("change", "handled") if row.get(key))
    home = known.get("household")
    # two people of one household are two visits
    entered = {**row, "key": known["application_no"], "household": home, "change": said or None}
    new = visits.record(
        job.tx,
        case_id=job.case.id,
        area=known["area"],
        period=period,
        kind="care",
        person=actor.id,
        at=job.now,
        rows=[entered],
    )
    if new and row.get("needs"):
        lead = leads.report(job.tx, actor, _lead(row, known, said), job.now, home)
        visits.opened(job.tx, new[0]["id"], lead.number)
    if new and row.get("change_kind"):
        change = None if row["change_kind"] in UNSAID else row["change_kind"]
        values = {"source": "visit", "change": change, "content": said or "照料走访发现变化"}
        current = recognitions.get(job.tx, known["application_no"])
        if current is not None and current.state == "active":
            reviews.report(job.tx, known["application_no"], values, actor, job.now)


def _lead(row: dict[str, Any], known: dict[str, Any], said: str) -> dict[str, Any]:
    return {
        "source": "05",
        "place_area": known["area"],
        "place_text": "特困人员照料走访",
        "main_cause": "99",
        "urgent_signs": [],
        "subject_name": row["head"],
        "residence_status": "1",
        "description": said or None,
    }
