"""上报线索: the quick report."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from fastapi import APIRouter

from api import schemas
from api.deps import Read, Reader, Write
from api.views.people import mask_name
from casework import areas, leads
from engine import definitions, forms
from engine.errors import Field, Invalid, NotFound
from engine.hosting import LegalHost
from engine.routing import as_context, at_tier, sees

router = APIRouter(prefix="/api/leads", tags=["leads"])
FORM = "lead_report"
OLDEST = timedelta(days=30)
"""How long a lead may have lain on a device."""


def _form(at: Reader) -> tuple[forms.Form, dict[str, Any], dict[str, Any], Any]:
    """The report form of the version in force, its code lists, and what its expressions see."""
    try:
        pinned = definitions.coming(at.tx, leads.PROCESS, at.now)
    except NotFound:
        raise NotFound("还没有部署主动发现流程。", "The discovery process is not deployed.") from None
    context = {"actor": as_context(at.actor)}
    functions = LegalHost(at.tx.world.terms, at.tx.world.calendar, now=at.now).functions(at.now, context)
    return pinned.form(leads.PROCESS, FORM), pinned.codes, context, functions


@router.get("/form")
def report_form(at: Read) -> schemas.LeadForm:
    form, codes, context, functions = _form(at)
    return schemas.LeadForm(
        form=form.resolve(codes, context, functions), values=form.prefill(context, functions)
    )


@router.post("")
def report(at: Write, body: schemas.LeadWrite) -> schemas.LeadMade:
    """Register a lead and start its case. One entered without a network keeps the time of its entry."""
    at.require("report")
    form, codes, context, functions = _form(at)
    checked = form.check(body.values, context, functions, codes=codes)
    if checked.errors:
        raise Invalid("填写内容有误，请按提示修改。", "The form has errors.", fields=checked.errors)
    duplicates = _duplicates(
        at,
        checked.values.get("subject_name"),
        checked.values.get("place_area"),
        checked.values.get("subject_phone"),
    )
    made = leads.report(at.tx, at.actor, checked.values, at.now, found_at=_entered(body, at.now))
    message = f"线索 {made.number} 已登记，正在研判。{_followed(at, checked.values, made)}"
    return at.done(
        schemas.LeadMade(case_id=made.case_id, number=made.number, message=message, duplicates=duplicates)
    )


def _followed(at: Reader, values: Mapping[str, Any], made: leads.Reported) -> str:
    """Told to who named a village that is no more: which one has the lead."""
    said = at_tier(str(values.get("place_area")), "village")
    if said == made.area:
        return ""
    names = areas.names(at.tx, [said, made.area])
    return f"{names[said]}已撤并，由{names[made.area]}办理。"


def _entered(body: schemas.LeadWrite, now: datetime) -> datetime | None:
    """When it was entered. A clock that runs ahead is no reason to refuse a lead: then the arrival counts.

    Raises Invalid for a time so long ago that it is a wrong clock or belongs in the description.
    """
    if body.at is not None and body.at < now - OLDEST:
        text = f"登记时间早于 {OLDEST.days} 日前，请重新上报，并在情况描述中写明发现日期。"
        raise Invalid(text, "It was entered too long ago.", code="too_old", fields=[Field("at", text)])
    return body.at


def _duplicates(at: Reader, name: str | None, area: str | None, phone: str | None) -> list[schemas.Duplicate]:
    """Of what the person may see: a telephone number is no key to another town's leads."""
    found = leads.similar(
        at.tx, subject=name, area=area, phone=phone, now=at.now, seen=lambda where: sees(at.actor, where)
    )
    places = areas.names(at.tx, {e.area for e in found})
    return [
        schemas.Duplicate(
            case_id=e.case_id,
            number=e.number,
            title=mask_name(e.subject),
            place=places.get(e.area, e.area),
            reported_at=e.reported_at,
            state="已办结" if e.conclusion else "办理中",
            why=e.why,
        )
        for e in found
    ]


@router.get("/duplicates")
def duplicates(
    at: Read, name: str | None = None, area: str | None = None, phone: str | None = None
) -> list[schemas.Duplicate]:
    """Leads that may be about the same person, while typing."""
    at.require("report")
    return _duplicates(at, name, area, phone)
