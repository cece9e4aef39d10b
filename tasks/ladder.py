"""Service tasks of the urging ladder: notices numbered and settled, orders raised, circulars computed and issued."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select

from casework import areas, books, circulars, issued, ladder, papers, staff
from engine.calendar import ZONE
from engine.deadline import compute
from engine.receipt import sentence
from engine.routing import at_tier
from engine.tables import cases as cases_table
from tasks.duties import scheduled, who_did
from tasks.registry import Job, Result, handler

BELOW = {
    "village": ("village_liaison", "village_committee"),
    "town": ("town_service_office", "town_civil_officer"),
    "district": ("district_assistance_office", "district_area_officer"),
}
"""Who answers a notice addressed to a tier."""


def _parent(job: Job) -> str | None:
    """The case this one is about."""
    query = select(cases_table.c.parent).where(cases_table.c.id == job.case.id)
    return job.tx.run(query).scalar_one_or_none()


# ------------------------------------------------------------------------------------------ 催办通知书
@handler("urging.issue")
def issue_notice(job: Job) -> Result:
    """编号制发: the notice as signed becomes a numbered paper; whom it is addressed to is told."""
    sheet = job.document.get("urging") or {}
    tier = str(job.variables.get("addressee") or "town")
    issuer = issued.unit_name(job.tx, job.case.area, "town" if tier == "village" else "district")
    to = areas.names(job.tx, [at_tier(job.case.area, tier)])[at_tier(job.case.area, tier)]
    on = job.now.astimezone(ZONE).date()
    term = job.tx.world.terms.get("urge.reply", on)
    due = compute(term, job.now, job.tx.world.calendar.of(job.case.area), provisional=True)
    content = {
        "to": to, "matter": sheet.get("matter_shown") or job.variables.get("matter"), "demand": sheet.get("demand"),
        "reply_by": due.due.isoformat(), "signed_by": who_did(job, "sign_notice"), "about": job.variables.get("about_case"),
    }  # fmt: skip
    made = issued.issue(
        job.tx,
        "urging_notice",
        issued.Sheet(
            lead=f"{to}：",
            rows=[
                ("事由", str(content["matter"])),
                ("催办要求", str(content["demand"])),
                ("书面答复期限", f"{papers.written(due.due)}前（{term.words}）"),
                ("签发人", _signed(job, sheet)),
            ],
            lines=["逾期不书面答复的，提请区民政局督办，并计入考核。"],
            receipts=[(f"{term.name}：{due.due}", sentence(due), term.citation or "")],
        ),
        job=job.id,
        issuer=issuer,
        area=job.case.area,
        case_id=job.case.id,
        about=_parent(job),
        content=content,
        now=job.now,
    )
    people = staff.holders(job.tx, BELOW[tier], job.case.area, job.now)
    books.tell(
        job.tx, people, kind="urged", title=f"催办通知书：{made.number}", text=f"{content['matter']}请于 {due.due.month} 月 {due.due.day} 日前书面答复。",
        now=job.now, case_id=job.case.id,
    )  # fmt: skip
    return Result(
        {"notice_no": made.number, "issued_on": on.isoformat()}, {"urging": {"notice_no": made.number}}
    )


def _signed(job: Job, sheet: Any) -> str:
    """The signer's name: as typed, or of who drew a signature."""
    names = staff.names(job.tx, who_did(job, "sign_notice"))
    text = str(sheet.get("signature") or "")
    return text if text and not text.startswith("data:") else "、".join(names.values())


@handler("urging.settle")
def settle_notice(job: Job) -> Result:
    """登记答复: who signed hears of it."""
    sheet = job.document.get("urging") or {}
    books.tell(
        job.tx, who_did(job, "sign_notice"), kind="answered", title=f"已答复：{job.variables.get('notice_no')}",
        text=str(sheet.get("answer") or ""), now=job.now, case_id=job.case.id,
    )  # fmt: skip
    return Result()


@handler("supervision.raise")
def raise_order(job: Job) -> Result:
    """转督办: a notice nobody has answered in time goes to the district, about the place it was addressed to."""
    of = replace(ladder.about(job.tx, _parent(job) or job.case.id), area=job.case.area)
    matter = f"{job.variables.get('notice_no')}催办通知书逾期没有答复：{job.variables.get('matter')}"
    tier = str(job.variables.get("addressee") or "")
    ladder.raise_order(job.tx, of, matter, job.now, term=job.variables.get("term"), tier=tier)
    return Result()


# ------------------------------------------------------------------------------------------ 通报
@handler("circular.compute")
def compute_circular(job: Job) -> Result:
    """汇总数据: the quarter before the turn, or the period a person asked for."""
    asked = job.variables.get("period_from")
    first, after = (
        (_day(asked), _day(job.variables["period_to"]) + timedelta(days=1))
        if asked
        else circulars.quarter_before(scheduled(job).date())
    )
    rows, lists = circulars.figures(job.tx, job.case.area, first, after, job.now)
    last = after - timedelta(days=1)
    shown = [{**row, "named": bool(row["late"] or row["unanswered"])} for row in rows]
    return Result(
        {"period_from": first.isoformat(), "period_to": last.isoformat(), "units": len(rows)},
        {"circular_figures": {"rows": shown, "lists": lists}},
    )


def _day(value: Any) -> date:
    return date.fromisoformat(str(value)[:10])


@handler("circular.issue")
def issue_circular(job: Job) -> Result:
    """编号印发: the figures as checked, who is named, the right to appeal; every town is told."""
    on = job.now.astimezone(ZONE).date()
    made = circulars.issue(
        job.tx, job.document, _day(job.variables["period_from"]), _day(job.variables["period_to"]), case_id=job.case.id,
        district=job.case.area, job=job.id, by=who_did(job, "sign_circular"), now=job.now,
    )  # fmt: skip
    for row in made.content["rows"]:
        named = row.get("named") is True
        text = "点名通报；对数据或结论有异议的，可在申诉期内向区民政局申诉。" if named else "请阅知。"
        books.tell(
            job.tx, staff.holders(job.tx, ["town_service_office"], row["area"], job.now), kind="circular",
            title=f"通报：{made.number}", text=text, now=job.now, case_id=job.case.id,
        )  # fmt: skip
    return Result({"circular_no": made.number, "circular_paper": made.id, "issued_on": on.isoformat()})


@handler("circular.correct")
def correct_circular(job: Job) -> Result:
    """登记核定结果: beside the paper; the unit that objected hears of it."""
    entries = job.document.get("circular_objection") or []
    said = entries[-1] if isinstance(entries, list) and entries else {}
    upheld = job.variables.get("upheld") is True
    area = str(said.get("decided_area") or job.variables.get("objecting_area"))
    entry = {
        "at": job.now.isoformat(), "by": who_did(job, "decide_objection"), "area": area, "upheld": upheld, "reason": said.get("reason"),
    }  # fmt: skip
    issued.correct(job.tx, str(job.variables["circular_paper"]), entry)
    word = "申诉成立，已撤销点名" if upheld else "申诉不成立，维持通报"
    people = staff.holders(job.tx, ["town_service_office"], area, job.now)
    books.tell(
        job.tx, people, kind="circular", title=f"{word}：{job.variables.get('circular_no')}", text=str(said.get("reason") or ""),
        now=job.now, case_id=job.case.id,
    )  # fmt: skip
    return Result()
