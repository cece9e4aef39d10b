"""服务点、政策文本: what every town and village offers the public, and whether it is in order (R38–R41)."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from api.deps import Read, Reader, Write
from api.schemas import service as shapes
from casework import areas, points, staff
from casework.points import Point
from casework.tables import areas as areas_table
from engine.calendar import ZONE
from engine.errors import Field, Forbidden, Invalid, NotFound
from engine.model import Tier
from engine.routing import sees
from engine.worklist import in_sight

router = APIRouter(prefix="/api", tags=["service points"])


@router.get("/service-points")
def list_places(
    at: Read,
    area: str | None = None,
    alarm: str | None = None,
    q: str | None = None,
    page: Annotated[int, Query(ge=1, le=10_000)] = 1,
    size: Annotated[int, Query(ge=1, le=100)] = 20,
) -> shapes.PlacePage:
    """Towns and villages within sight, what is wrong on top. `alarm`: any, or one of missing, outdated, faulty, unchecked."""
    found = points.overview(at.tx, in_sight(at.actor, areas_table.c.path, area), at.now)
    alarmed = sum(bool(one.alarms) for one in found)
    if alarm:
        found = [one for one in found if (one.alarms if alarm == "any" else alarm in one.alarms)]
    if q:
        found = [one for one in found if q in one.name]
    shown = found[(page - 1) * size : page * size]
    rows = [
        shapes.PlaceRow.model_validate(
            {
                "area": one.area,
                "name": one.name,
                "tier": one.tier,
                "points": [_row(p) for p in one.points],
                "lacks": one.lacks,
                "alarms": one.alarms,
                "open_case": one.open_case,
            }
        )
        for one in shown
    ]
    return shapes.PlacePage(
        items=rows, total=len(found), page=page, size=size, version=points.current(at.tx), alarmed=alarmed
    )


def _row(point: Point) -> shapes.PointRow:
    values = {name: getattr(point, name) for name in Point.__slots__ if name != "tier"}
    return shapes.PointRow.model_validate({**values, "kind_name": points.KINDS[point.kind]})


def _seen(at: Reader, point_id: str) -> Point:
    found = points.get(at.tx, point_id)
    if not sees(at.actor, found.area):
        raise NotFound("没有这个服务点，或您无权查看。", "No such service point.")
    return found


@router.get("/service-points/{point_id}")
def show_point(at: Read, point_id: str) -> shapes.PointDetail:
    """One point with its newest checks, test calls and repairs."""
    found = _seen(at, point_id)
    checks = points.checks_of(at.tx, point_id)
    names = staff.names(at.tx, {row.person for row in checks})
    return shapes.PointDetail(
        **_row(found).model_dump(),
        place_name=areas.names(at.tx, [found.area])[found.area],
        checks=[
            shapes.PointCheck(
                kind=row.kind,
                ok=row.ok,
                finding=row.finding,
                person=names.get(row.person, ""),
                at=row.at,
                case_id=row.case_id,
            )
            for row in checks
        ],
    )


def _tier(area: str) -> str:
    return {1: "town", 2: "village"}.get(area.count("/"), "")


@router.post("/service-points")
def add_point(at: Write, body: shapes.PointWrite) -> shapes.Said:
    """登记服务点, by somebody who works there or above."""
    at.require("work")
    area = areas.standing(at.tx, body.area, at.now.astimezone(ZONE).date())
    tier = _tier(area)
    if not tier or not sees(at.actor, area):
        raise Invalid(
            "请选择您辖区内的镇（街）或村（居）。",
            "A town or village of yours is needed.",
            fields=[Field("area", "请选择您辖区内的镇（街）或村（居）")],
        )
    _checked(body.kind, body.phone)
    made = points.add(at.tx, area, tier, body.kind, body.model_dump(exclude={"area", "kind"}), at.now)
    return at.done(shapes.Said(id=made.id, message=f"{points.KINDS[made.kind]}“{made.name}”已登记。"))


def _checked(kind: str, phone: str | None) -> None:
    if kind == "hotline" and not (phone or "").strip():
        raise Invalid(
            "服务电话须填写号码。", "A hotline needs its number.", fields=[Field("phone", "请填写号码")]
        )


@router.post("/service-points/{point_id}")
def edit_point(at: Write, point_id: str, body: shapes.PointEdit) -> shapes.Said:
    """修改或停用服务点."""
    at.require("work")
    found = _seen(at, point_id)
    _checked(found.kind, body.phone)
    made = points.edit(at.tx, point_id, body.revision, body.model_dump(exclude={"revision"}))
    return at.done(shapes.Said(id=made.id, message="已保存。"))


@router.post("/service-points/{point_id}/calls")
def log_call(at: Write, point_id: str, body: shapes.CallWrite) -> shapes.Said:
    """登记试拨, at any time; a call nobody answers shows at once."""
    at.require("work")
    found = _seen(at, point_id)
    if found.kind != "hotline":
        raise Invalid("只有服务电话可以试拨。", "Only a hotline can be called.", code="no_hotline")
    finding = None if body.answered else (body.note or "电话没有接通")
    points.note_check(
        at.tx,
        point_id,
        "call",
        ok=body.answered,
        finding=finding,
        person=at.actor.id,
        at=at.now,
    )
    return at.done(shapes.Said(id=point_id, message="试拨已登记。"))


# ------------------------------------------------------------------------------------------ policy texts
@router.get("/policy-texts")
def list_texts(at: Read) -> list[shapes.PolicyTextRow]:
    """Newest first; the first is in force."""
    return [shapes.PolicyTextRow.model_validate(one) for one in points.texts(at.tx)]


@router.post("/policy-texts")
def publish_text(at: Write, body: shapes.PolicyTextWrite) -> shapes.PolicyTextMade:
    """登记新的政策文本, by the district: every place whose board shows another one is alarmed."""
    at.require("supervise")
    if not any(held.tier == Tier.DISTRICT for held in at.actor.appointments):
        raise Forbidden("政策文本由区里登记。", "Policy texts are registered by the district.")
    if body.published_on > at.now.astimezone(ZONE).date():
        raise Invalid(
            "发布日期不能晚于今天。",
            "It is not published yet.",
            fields=[Field("published_on", "发布日期不能晚于今天")],
        )
    text = points.PolicyText(body.version, body.title, body.published_on, body.summary)
    begun = points.publish(at.tx, text, at.actor, at.now)
    message = f"已登记；{begun} 处公示牌须更换，已通知。" if begun else "已登记；没有须更换的公示牌。"
    return at.done(shapes.PolicyTextMade(version=body.version, begun=begun, message=message))
