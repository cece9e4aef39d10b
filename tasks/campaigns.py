"""Service tasks of special campaigns."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta
from typing import Any

from casework import campaigns, leads, publicity, staff
from engine import messages
from tasks.duties import who_did
from tasks.registry import Job, Result, handler

WAIT = timedelta(days=200)
"""How long an answer waits for the case above."""
SOURCE = "16"
"""Lead source: special campaign."""


def _given(job: Job) -> dict[str, Any]:
    return {key: job.variables.get(key) for key in ("theme", "begins_on", "ends_on")}


def _plan(job: Job) -> dict[str, Any]:
    """What the district planned, to be read on the steps of towns and villages."""
    return {key: job.document[key] for key in ("campaign", "campaign_town") if job.document.get(key)}


def _chosen(job: Job, section: str, rows: str, key: str) -> list[str]:
    """Areas of a form's list that lie below this case."""
    sheet = job.document.get(section) or {}
    inside = job.case.area + "/"
    return [str(row[key]) for row in sheet.get(rows) or [] if str(row.get(key)).startswith(inside)]


@handler("campaign.towns")
def open_towns(job: Job) -> Result:
    """下达镇(街): a case for each town that takes part, with its villages to choose from."""

    def villages(town: str) -> dict[str, Any]:
        return {
            **_plan(job),
            "campaign_list": {"villages": campaigns.staffed(job.tx, town, "village", job.now)},
        }

    chosen = _chosen(job, "campaign", "towns", "town")
    numbers = campaigns.below(job.tx, campaigns.TOWN, job.case, chosen, _given(job), job.now, villages)
    return Result({"town_nos": numbers})


@handler("campaign.villages")
def open_villages(job: Job) -> Result:
    """下达村(居): a case for each village that takes part."""
    chosen = _chosen(job, "campaign_town", "villages", "village")
    numbers = campaigns.below(
        job.tx, campaigns.VILLAGE, job.case, chosen, _given(job), job.now, lambda _village: _plan(job)
    )
    return Result({"village_nos": numbers})


@handler("campaign.record")
def record(job: Job) -> Result:
    """登记宣传和线索: sessions in the publicity book, each need a lead; the town hears that this village is done."""
    sheet, people = job.document.get("campaign_village") or {}, who_did(job, "run_campaign")
    person = people[0] if people else ""
    campaign = "-".join(job.case.number.split("-")[:2])
    for index, row in enumerate(sheet.get("sessions") or [], 1):
        publicity.enter(
            job.tx,
            {
                **row,
                "form": row["how"],
                "topic": str(job.variables.get("theme") or job.case.title),
                "photos": sheet.get("photos"),
            },
            area=job.case.area,
            person=person,
            at=job.now,
            key=f"{job.case.number}:{index}",
            campaign=campaign,
            case_id=job.case.id,
        )
    found = sheet.get("found") or []
    if found:
        actor = staff.actor_of(job.tx, person, job.now)
        for row in found:
            leads.report(job.tx, actor, _lead(job, row), job.now)
    messages.deliver(
        job.tx, "campaign_village_done", job.case.number, {"leads_found": len(found)}, now=job.now, ttl=WAIT
    )
    return Result({"leads_found": len(found)})


def _lead(job: Job, row: dict[str, Any]) -> dict[str, Any]:
    return {
        "source": SOURCE,
        "place_area": job.case.area,
        "place_text": "专项行动排查发现",
        "main_cause": row.get("cause") or "99",
        "urgent_signs": [],
        "subject_name": row["name"],
        "residence_status": "1",
        "description": row.get("note"),
    }


@handler("campaign.sum")
def add_up(job: Job) -> Result:
    """汇总成果: from the books and the villages' sheets, never typed."""
    return Result(document={"campaign_sum": asdict(campaigns.reckon(job.tx, job.case.number, job.case.area))})


@handler("campaign.town_done")
def town_done(job: Job) -> Result:
    """报送小结: the district's case hears that this town is done."""
    total = campaigns.reckon(job.tx, job.case.number, job.case.area)
    messages.deliver(
        job.tx, "campaign_town_done", job.case.number, {"leads_found": total.leads}, now=job.now, ttl=WAIT
    )
    return Result()
