"""Service tasks of recurring duties: the monthly report, the quarter's rounds, the spot check."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from casework import (
    areas,
    leads,
    places,
    report_signing,
    reports,
    reviews,
    spot_checks,
    staff,
    visits,
)
from engine import cases, messages
from engine.calendar import ZONE, midnight
from engine.deadline import add_months
from engine.errors import Conflict
from engine.tables import cases as cases_table
from engine.tables import user_tasks
from tasks.registry import Job, Result, handler

WAIT = timedelta(days=120)
"""How long a town's answer waits for the district's case."""


VISITORS = ("village_liaison", "grid_worker", "village_committee")
"""Who visits the households of their own village."""


def scheduled(job: Job) -> datetime:
    """The turn of the clock that started the case."""
    value = job.variables.get("scheduled_at")
    at = value if isinstance(value, datetime) else datetime.fromisoformat(str(value)) if value else job.now
    return at.astimezone(ZONE)


def who_did(job: Job, *elements: str) -> list[str]:
    """Who completed a step of this case, signers included, the last time."""
    t = user_tasks.c
    query = select(t.ended_by, t.acted).where(
        t.case_id == job.case.id, t.element.in_(elements), t.state == "completed"
    )
    row = job.tx.run(query.order_by(t.ended_at.desc()).limit(1)).one_or_none()
    if row is None:
        return []
    signed = [str(one["person"]) for one in row.acted or []]
    return signed or ([row.ended_by] if row.ended_by else [])


# ------------------------------------------------------------------------------------------ monthly report
@handler("report.compute")
def compute_report(job: Job) -> Result:
    """按办件自动汇总: the month before the turn (D.12). The figures are counted anew whenever the preparer looks (`casework.report_signing`)."""
    month = add_months(scheduled(job).date().replace(day=1), -1)
    found = report_signing.counted(job.tx, job.case.area, month, job.now)
    nil, begun = reports.nil(found.figures), scheduled(job).isoformat()
    return Result({"month": month.isoformat(), "nil": nil, "period_end": begun})


@handler("report.freeze")
def freeze_report(job: Job) -> Result:
    """冻结并上报: the figures the preparer and the reviewer have signed become a version that is never changed."""
    prepared, reviewed = who_did(job, "prepare_report"), who_did(job, "review_report")
    number = report_signing.freeze(
        job.tx,
        town=job.case.area,
        month=date.fromisoformat(str(job.variables["month"])[:10]),
        now=job.now,
        case_id=job.case.id,
        prepared_by=prepared[0] if prepared else None,
        reviewed_by=reviewed[0] if reviewed else None,
        job=job.id,
        note=(job.document.get("report") or {}).get("note"),
    )
    return Result({"report_no": number})


@handler("report.settle")
def settle_report(job: Job) -> Result:
    """登记接收或退回."""
    accepted = job.variables.get("accepted") is True
    reports.settle(job.tx, str(job.variables["report_no"]), "received" if accepted else "returned")
    return Result()


# ------------------------------------------------------------------------------------------ the quarter's rounds
@handler("screening.freeze")
def freeze_roster(job: Job) -> Result:
    """冻结户册: the village's households on the first day of the quarter. Where nobody holds a village post, the town visits them."""
    rows = visits.roster(job.tx, job.case.area)
    begin = scheduled(job)
    vacant = not staff.holders(job.tx, VISITORS, job.case.area, job.now)
    return Result(
        {
            "households": len(rows),
            "period": visits.quarter(begin.date()),
            "quarter_start": begin.isoformat(),
            "visitor_tier": "town" if vacant else "village",
        },
        {"roster": {"rows": rows}},
    )


@handler("visits.record")
def record_visits(job: Job) -> Result:
    """登记走访: each visit in the register, each need a lead; who was not met is left to explain."""
    sheet = job.document.get("screening") or {}
    people = who_did(job, "explain_gaps", "visit_households")
    rows = [*(sheet.get("visits") or []), *(sheet.get("gaps") or [])]
    new = visits.record(
        job.tx,
        case_id=job.case.id,
        area=job.case.area,
        period=str(job.variables["period"]),
        kind="quarterly",
        person=people[0] if people else "",
        at=job.now,
        rows=rows,
    )
    opened = []
    for one in (row for row in new if row["needs"]):
        opened.append(_lead(job, one, "04", people))
        visits.opened(job.tx, one["id"], opened[-1])
    _changes(job, rows, new, people)
    known = {str(row.get("household")) for row in rows}
    frozen = (job.document.get("roster") or {}).get("rows") or []
    missing = [row for row in frozen if row["household"] not in known]
    return Result({"silent": len(missing), "leads_opened": opened}, {"missing": {"rows": missing}})


def _changes(job: Job, rows: list[Any], new: list[dict[str, Any]], people: list[str]) -> None:
    """A change seen on a round opens a review of whatever the family receives (R22)."""
    seen = {str(one["household"] or one["head"]) for one in new}
    for row in rows:
        if not row.get("change_kind") or str(row.get("household") or row["head"]) not in seen:
            continue
        actor = staff.actor_of(job.tx, people[0], job.now) if people else None
        said = {
            "source": "visit",
            "change": row["change_kind"],
            "content": row.get("change") or "走访发现变化",
        }
        if row["change_kind"] in UNSAID:
            said["change"] = None  # what else must be known is asked when it is registered
        home = str(row["household"]) if row.get("household") else None
        reviews.seen_on_a_visit(job.tx, home, job.case.area, str(row["head"]), said, actor, job.now)


UNSAID = ("death", "came_of_age", "other")
"""Changes of which a line in a visit sheet does not say enough."""


def _lead(job: Job, row: Mapping[str, Any], source: str, people: list[str]) -> str:
    """A need found on a round is a lead like any other."""
    actor = staff.actor_of(job.tx, people[0], job.now)
    values = {
        "source": source,
        "place_area": row["area"],
        "place_text": "入户走访发现",
        "main_cause": row.get("cause") or "99",
        "urgent_signs": [],
        "subject_name": row["head"],
        "residence_status": "1",
        "description": row.get("change") or row.get("note"),
    }
    home = row.get("household")
    return leads.report(job.tx, actor, values, job.now, str(home) if home else None).number


@handler("screening.coverage")
def coverage(job: Job) -> Result:
    """汇总走访: every village with its households visited, explained and silent."""
    period = visits.quarter(scheduled(job).date())
    found = visits.coverage(job.tx, job.case.area, period, job.now)
    rows = [
        {"village": c.name, "households": c.households, "visited": c.visited, "explained": c.explained,
         "silent": c.silent, "vacant": c.vacant}
        for c in found
    ]  # fmt: skip
    return Result(
        {
            "period": period,
            "silent": sum(c.silent for c in found),
            "vacant": sum(c.vacant for c in found),
            "silent_key": f"{job.case.area}:{period}",
        },
        {"coverage": {"rows": rows}},
    )


# ------------------------------------------------------------------------------------------ spot check
def _sizes(job: Job) -> spot_checks.Sizes:
    on = job.now.astimezone(ZONE).date()
    terms = job.tx.world.terms
    return spot_checks.Sizes(
        Decimal(str(terms.parameter("spot_check.lead_share", on))),
        int(terms.parameter("spot_check.lead_min", on)),
        int(terms.parameter("spot_check.no_lead_focus", on)),
        int(terms.parameter("spot_check.no_lead_random", on)),
    )


@handler("spot.freeze")
def freeze_frame(job: Job) -> Result:
    """冻结抽样框: leads no frame held yet and households without one, with a digest, before the seed."""
    first, _ = spot_checks.quarter_of(scheduled(job).date())
    number = job.case.number
    since, framed = spot_checks.framed_before(job.tx, job.case.area, number)
    items = spot_checks.frame(job.tx, job.case.area, since or midnight(first), job.now, framed)
    made = spot_checks.freeze(job.tx, number, visits.quarter(first), items, job.case.id, job.now)
    return Result({"check_no": number, "frame_size": len(items), "frame_digest": made})


@handler("spot.draw")
def draw_sample(job: Job) -> Result:
    """抽取样本: by ticket; a case for each town in the frame. It stays the district's until the town has been visited (K4)."""
    number, seed = str(job.variables["check_no"]), str(job.variables["seed"])
    source = (job.document.get("spot_check") or {}).get("seed_source")
    drawn = spot_checks.seeded(job.tx, number, seed, who_did(job, "enter_seed"), _sizes(job), source)
    towns = sorted({item["town"] for item in drawn})
    places = areas.names(job.tx, {item["area"] for item in drawn})
    for town in towns:
        child = f"{number}-{town.rpartition('/')[2]}"
        if job.tx.run(select(cases_table.c.id).where(cases_table.c.number == child)).first() is not None:
            continue
        mine = [_shown(item, places) for item in drawn if item["town"] == town]
        cases.start(
            job.tx,
            "town_check",
            now=job.now,
            area=job.case.area,
            number=child,
            title=f"{job.case.title} · {staff_town(job, town)}",
            variables={"check_no": number, "town_no": child, "checked_town": town},
            document={"sample": {"rows": mine}},
            parent=job.case.id,
        )
    return Result({"towns": towns, "town_nos": [f"{number}-{t.rpartition('/')[2]}" for t in towns]})


def staff_town(job: Job, town: str) -> str:
    return areas.names(job.tx, [town])[town]


def _shown(item: Mapping[str, Any], places: Mapping[str, str]) -> dict[str, Any]:
    return {
        "item": item["id"],
        "kind": spot_checks.STRATA[item["stratum"]],
        "name": item["name"],
        "place": places[item["area"]],
        "ticket": item["ticket"][:12],
    }


@handler("spot.record")
def record_findings(job: Job) -> Result:
    """登记抽查结果: what was found; a missed household in hardship is a lead at once; who was not reached is replaced."""
    number, people = str(job.variables["check_no"]), who_did(job, "check_items")
    sheets = job.document.get("town_check") or []
    sheet = sheets[-1] if isinstance(sheets, list) and sheets else sheets
    town = str(job.variables["checked_town"])
    known = {row.id: row for row in spot_checks.items(job.tx, number, town)}
    more: list[dict[str, Any]] = []
    findings = 0
    for row in (sheet or {}).get("items") or []:
        item = known.get(str(row.get("item")))
        if item is None or item.replaced is not None or item.missed is not None or item.wrong is not None:
            continue
        if row.get("unreached"):
            following = spot_checks.replacement(job.tx, number, item.id, str(row["unreached"]))
            if following:
                more.append(_shown(following, areas.names(job.tx, [following["area"]])))
            continue
        lead = item.stratum in spot_checks.REPORTED
        missed, wrong, hard = (bool(row.get(key)) for key in ("missed", "wrong", "in_hardship"))
        opened = None
        if missed and hard and not lead:
            opened = _lead(
                job,
                {"area": item.area, "household": item.id[1:], "head": item.name, "note": row.get("note")},
                "16",
                people,
            )
        findings += wrong if lead else missed
        spot_checks.found(
            job.tx, number, item.id, in_hardship=hard, note=row.get("note"), lead_no=opened,
            missed=None if lead else missed, wrong=wrong if lead else None,
        )  # fmt: skip
    if not more and job.case.area != town:
        reason = "入户抽查完毕，交镇（街）核认"
        places.move_case(job.tx, job.case.id, town, job.now, reason=reason, why="handed_over")
    total = int(job.variables.get("findings") or 0) + findings
    return Result({"findings": total, "replacements": len(more)}, {"sample": {"rows": more}} if more else {})


@handler("spot.report")
def report_town(job: Job) -> Result:
    """反馈本镇结果: the district's case hears that this town is done."""
    number = str(job.variables["town_no"])
    messages.deliver(
        job.tx, "town_checked", number, {"findings": job.variables.get("findings")}, now=job.now, ttl=WAIT
    )
    return Result()


@handler("spot.rates")
def error_rates(job: Job) -> Result:
    """计算差错率 with its interval, per town."""
    rows = [
        {"town": r.name, "kind": {"missed": "漏报", "wrong": "错报"}[r.kind], "looked_at": r.looked_at, "errors": r.errors,
         "interval": f"{r.low:.1%}–{r.high:.1%}"}
        for r in spot_checks.rates(job.tx, str(job.variables["check_no"]))
    ]  # fmt: skip
    if not rows and job.variables.get("towns"):
        raise Conflict("抽查没有结果。", "nothing was found", code="no_findings")
    return Result({"errors": sum(row["errors"] for row in rows)}, {"rates": {"rows": rows}})
