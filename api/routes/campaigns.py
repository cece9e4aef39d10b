"""宣传与专项行动: the publicity book (R21) and the district's campaigns (R42)."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Query

from api import schemas
from api.deps import Read, Reader, Write
from api.schemas import service as shapes
from casework import areas, campaigns, publicity, staff
from casework.tables import publicity as book
from engine import definitions
from engine.calendar import ZONE
from engine.errors import Field, Forbidden, Invalid, NotFound
from engine.model import Tier
from engine.routing import sees
from engine.tables import cases
from engine.worklist import in_sight

router = APIRouter(prefix="/api", tags=["campaigns"])


def _forms(at: Reader) -> list[dict[str, str]]:
    try:
        pinned = definitions.coming(at.tx, campaigns.PROCESS, at.now)
    except NotFound:
        return []
    return [dict(one) for one in pinned.codes.get("publicity_form", [])]


@router.get("/publicity")
def list_publicity(
    at: Read,
    area: str | None = None,
    campaign: str | None = None,
    page: Annotated[int, Query(ge=1, le=10_000)] = 1,
    size: Annotated[int, Query(ge=1, le=100)] = 20,
) -> shapes.PublicityPage:
    """Sessions within sight, newest first."""
    where = in_sight(at.actor, book.c.area, area)
    rows, total, people = publicity.page(
        at.tx, where, campaign=campaign, offset=(page - 1) * size, limit=size
    )
    places = areas.names(at.tx, {row.area for row in rows})
    names = staff.names(at.tx, {row.person for row in rows})
    forms = _forms(at)
    words = {one["value"]: one["label"] for one in forms}
    items = [
        shapes.PublicityRow(
            id=row.id,
            area=row.area,
            place_name=places[row.area],
            held_on=row.held_on,
            place=row.place,
            form=row.form,
            form_name=words.get(row.form, row.form),
            people=row.people,
            topic=row.topic,
            photos=row.photos,
            campaign=row.campaign,
            person=names.get(row.person, ""),
        )
        for row in rows
    ]
    return shapes.PublicityPage(items=items, total=total, page=page, size=size, people=people, forms=forms)


@router.post("/publicity")
def enter_publicity(at: Write, body: shapes.PublicityWrite) -> shapes.Said:
    """登记宣传, within a campaign or outside one."""
    at.require("report")
    wrong, today = [], at.now.astimezone(ZONE).date()
    area = areas.where_done(at.tx, body.area, body.held_on, today)
    if not sees(at.actor, area):
        wrong.append(Field("area", "请选择您辖区内的地方"))
    if body.held_on > today:
        wrong.append(Field("held_on", "日期不能晚于今天"))
    if body.form not in {one["value"] for one in _forms(at)}:
        wrong.append(Field("form", "请选择宣传形式"))
    if wrong:
        raise Invalid("填写内容有误，请按提示修改。", "The entry has errors.", fields=wrong)
    made = publicity.enter(at.tx, body.model_dump(), area=area, person=at.actor.id, at=at.now)
    return at.done(shapes.Said(id=made, message="宣传已登记。"))


@router.get("/campaigns")
def list_campaigns(
    at: Read,
    page: Annotated[int, Query(ge=1, le=10_000)] = 1,
    size: Annotated[int, Query(ge=1, le=100)] = 20,
) -> schemas.Page[shapes.CampaignRow]:
    """Campaigns of the reader's district with what its villages have done – for who sees the district."""
    found, total = campaigns.listed(at.tx, in_sight(at.actor, cases.c.area), (page - 1) * size, size)
    items = [
        shapes.CampaignRow(
            case_id=row.id,
            number=row.number,
            theme=row.title,
            status=row.status,
            opened_at=row.opened_at,
            **asdict(campaigns.reckon(at.tx, row.number, row.area)),
        )
        for row in found
    ]
    return schemas.Page(items=items, total=total, page=page, size=size)


@router.post("/campaigns")
def order_campaign(at: Write, body: shapes.CampaignWrite) -> shapes.Said:
    """发起专项行动, by the district."""
    at.require("supervise")
    held = next((one for one in at.actor.appointments if one.tier == Tier.DISTRICT), None)
    if held is None:
        raise Forbidden("专项行动由区里发起。", "Campaigns are ordered by the district.")
    case_id, number = campaigns.order(at.tx, body.theme, held.area, at.actor, at.now)
    return at.done(shapes.Said(id=case_id, message=f"专项行动 {number} 已发起，请制定方案。"))
