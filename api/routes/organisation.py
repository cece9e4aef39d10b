"""组织与网格: the tree with its days, posts, substitutes, vacancies, the record of every change."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query
from sqlalchemy import update

from api import schemas
from api.deps import Read, Reader, Write
from api.periods import Day
from api.schemas import organisation as shapes
from api.views import organisation as views
from casework import appointing, areas, audit, reorganising, staff, substituting, tree, vacancies
from casework.organisation import area_row, require_keeper, today
from casework.tables import area_changes
from casework.tables import areas as areas_table
from engine.errors import Field, Invalid, NotFound

router = APIRouter(prefix="/api/organisation", tags=["organisation"])
DETAILS = {
    "reason": "原因",
    "items": "交接内容",
    "witness": "监交人",
    "households": "户数",
    "open_cases": "在办事项",
    "tasks": "随转任务",
    "put_back": "放回岗位的任务",
}


def _root(at: Reader, area: str | None) -> str:
    """The area asked for, or the reader's own; only what the reader's posts cover."""
    root = area or at.home
    if not views.readable(at.actor, root):
        raise NotFound("没有这个区域，或不在您的辖区。", "No such area.")
    return root


# ------------------------------------------------------------------------------------------ the tree
@router.get("")
def organisation(at: Read, on: Day | None = None) -> shapes.OrganisationTree:
    """The tree of a day (default: today) as far as the reader's posts reach, with its vacancies."""
    at.require("organise")
    day = on or today(at.now)
    return shapes.OrganisationTree(
        day=day,
        units=views.units(at.tx, at.actor, day, at.now),
        kinds=areas.KINDS,
        may_change="reorganise" in at.rights,
    )


@router.get("/unit")
def unit(at: Read, area: str) -> shapes.UnitDetail:
    at.require("organise")
    return views.detail(at.tx, at.actor, _root(at, area), at.now)


@router.get("/vacancies")
def list_vacancies(at: Read, area: str | None = None) -> shapes.Vacancies:
    """空岗: places without the people they need, the longest first; those nobody ever held last."""
    at.require("organise")
    found = vacancies.under(at.tx, _root(at, area), at.now)
    by_kind: dict[str, int] = {}
    for one in found:
        by_kind[one.label] = by_kind.get(one.label, 0) + 1
    shown = [views.vacancy_row(one) for one in found[:200]]
    return shapes.Vacancies(items=shown, by_kind=by_kind, total=len(found))


@router.get("/counts")
def counts(at: Read, area: str | None = None, on: Day | None = None) -> shapes.Counts:
    """Households and cases by unit on the tree of a day; the total is the same on every tree."""
    at.require("organise")
    root, of = _root(at, area), tree.of_day(at.tx, on or today(at.now))
    found = tree.counts(at.tx, root, of)
    total = tree.total(found.values())
    rows = [
        _count(path, of.names[path], figures)
        for path, figures in found.items()
        if figures.households or figures.open_cases or figures.closed_cases
    ]
    return shapes.Counts(day=of.day, rows=rows, total=_count(root, "合计", total))


def _count(path: str, name: str, figures: tree.Figures) -> shapes.CountRow:
    return shapes.CountRow(
        area=path,
        name=name,
        households=figures.households,
        open_cases=figures.open_cases,
        closed_cases=figures.closed_cases,
        unplaced=figures.unplaced,
    )


def _plan(body: shapes.AreaChangeWrite) -> dict[str, Any]:
    """The part of the body its kind needs. Raises Invalid naming what is missing."""
    needed: dict[str, dict[str, Any]] = {
        "found": {"parent": body.parent, "name": body.name, "kind": body.unit_kind},
        "rename": {"area": body.area, "name": body.name},
        "merge": {"sources": body.sources or None},
        "split": {"area": body.area, "parts": [part.model_dump() for part in body.parts]},
        "move": {"area": body.area, "parent": body.parent},
    }
    wanted = needed[body.kind]
    missing = [key for key, value in wanted.items() if value is None or value == ""]
    if missing:
        raise Invalid(
            "请把区划调整填写完整。",
            "Something is missing.",
            fields=[Field(key, "必填") for key in missing],
        )
    if body.kind == "found":
        wanted["code"] = body.code
    if body.kind == "rename":
        wanted["kind"] = body.unit_kind
    if body.kind == "merge":
        new = body.new.model_dump() if body.new else None
        wanted |= {"into": body.into, "new": new, "liaison": body.liaison}
    if body.kind == "split":
        wanted["keep"] = body.keep
    return wanted


@router.post("/changes/preview")
def foresee(at: Write, body: shapes.AreaChangeWrite) -> shapes.Foreseen:
    """What would follow if the change were carried out now. It is, and is then taken back: nothing is written."""
    plan = _plan(body)
    with at.tx.savepoint(keep=False):
        day = min(body.on, today(at.now))
        made = reorganising.plan(at.tx, at.actor, body.kind, day, plan, body.document, at.now)
        row = at.tx.run(area_changes.select().where(area_changes.c.id == made)).one()
        answer = shapes.Foreseen(text=reorganising.describe(at.tx, row), result=views.result(row.result))
    return at.done(answer)


@router.post("/changes")
def change_areas(at: Write, body: shapes.AreaChangeWrite) -> schemas.Done:
    """区划调整, by the district."""
    made = reorganising.plan(at.tx, at.actor, body.kind, body.on, _plan(body), body.document, at.now)
    row = at.tx.run(area_changes.select().where(area_changes.c.id == made)).one()
    words = reorganising.describe(at.tx, row)
    if row.state == "planned":
        at.tx.after_commit("worker", at.tx.world.bell)
        return at.done(schemas.Done(message=f"已登记，{body.on:%Y年%m月%d日}生效：{words}。"))
    return at.done(schemas.Done(message=f"已生效：{words}。"))


@router.get("/changes")
def list_changes(at: Read) -> shapes.AreaChanges:
    at.require("organise")
    found, total = reorganising.listed(at.tx)
    people = staff.names(at.tx, {row.by for row in found})
    items = [
        shapes.AreaChange(
            id=row.id,
            kind=row.kind,
            text=reorganising.describe(at.tx, row),
            on=row.effective,
            state=row.state,
            document=row.document,
            by=people.get(row.by, row.by),
            at=row.at,
            result=views.result(row.result),
        )
        for row in found
    ]
    return shapes.AreaChanges(items=items, total=total)


@router.post("/changes/{change_id}/cancel")
def cancel_change(at: Write, change_id: str) -> schemas.Done:
    reorganising.cancel(at.tx, at.actor, change_id, at.now)
    return at.done(schemas.Done(message="已撤销，不再生效。"))


@router.post("/phone")
def set_phone(at: Write, body: shapes.PhoneWrite) -> schemas.Done:
    """监督电话 of a town (or the district's for towns without one), as printed on its notices."""
    row = area_row(at.tx, body.area, today(at.now))
    if row.tier not in ("town", "district"):
        raise Invalid("监督电话设在镇（街）或区。", "Of a town or the district.")
    own = any(h.post == "town_service_office" and h.area == body.area for h in at.actor.appointments)
    if not own:
        require_keeper(at.actor, body.area)
    phone = body.phone.strip() or None
    at.tx.run(update(areas_table).where(areas_table.c.path == body.area).values(phone=phone))
    text = f"{row.name}监督电话：{row.phone or '无'} → {phone or '无'}"
    audit.record(at.tx, at.actor.id, "phone_set", text, at.now, area=body.area)
    return at.done(schemas.Done(message="监督电话已保存，此后的公示使用新号码。"))


# ------------------------------------------------------------------------------------------ posts
@router.post("/appointments")
def appoint(at: Write, body: shapes.AppointmentWrite) -> schemas.Done:
    appointing.appoint(
        at.tx,
        at.actor,
        person=body.person,
        post=body.post,
        area=body.area,
        begins=body.begins or today(at.now),
        until=views.first_day_after(body.until),
        now=at.now,
    )
    return at.done(schemas.Done(message="已任职。"))


@router.post("/appointments/{appointment_id}/end")
def end_appointment(at: Write, appointment_id: str, body: shapes.PostEnd) -> schemas.Done:
    on = body.on or today(at.now)
    left = appointing.end(at.tx, at.actor, appointment_id, on, body.reason, at.now)
    more = f"此人还持有该区域 {left} 项待办，请在“工作交接”中交接。" if left else ""
    return at.done(schemas.Done(message=f"已免职。{more}"))


@router.post("/liaison")
def change_liaison(at: Write, body: shapes.LiaisonChange) -> schemas.Done:
    """联络员交接, with its record."""
    made = appointing.change_liaison(
        at.tx,
        at.actor,
        area=body.area,
        person=body.person,
        on=body.on or today(at.now),
        items=body.items,
        witness=body.witness,
        now=at.now,
    )
    words = f"已由{made.before or '空缺'}交接给{made.after}：{made.households} 户、在办 {made.open_cases} 件"
    words += f"，随转任务 {made.tasks} 项" if made.tasks else ""
    words += f"，放回岗位 {made.put_back} 项" if made.put_back else ""
    return at.done(schemas.Done(message=words + "。"))


@router.post("/appointments/{appointment_id}/substitute")
def substitute(at: Write, appointment_id: str, body: shapes.SubstitutionWrite) -> schemas.Done:
    """委托代理, by a keeper or the absent person."""
    until = views.first_day_after(body.until) or body.until
    substituting.substitute(
        at.tx, at.actor, appointment_id, body.person, body.begins, until, body.reason, at.now
    )
    return at.done(schemas.Done(message="已登记委托代理。"))


@router.post("/substitutions/{substitution_id}/end")
def end_substitution(at: Write, substitution_id: str) -> schemas.Done:
    substituting.end(at.tx, at.actor, substitution_id, at.now)
    return at.done(schemas.Done(message="代理已终止。"))


@router.get("/mine")
def my_posts(at: Read) -> list[shapes.AppointmentRow]:
    """The reader's own appointments with their substitutes: where one arranges one's leave."""
    on = today(at.now)
    rows = appointing.of_person(at.tx, at.actor.id, on)
    return views.appointments(at.tx, rows, on, areas.names(at.tx, {row.area for row in rows}))


# ------------------------------------------------------------------------------------------ the record
@router.get("/log")
def log(
    at: Read,
    area: str | None = None,
    person: str | None = None,
    kind: str | None = None,
    page: Annotated[int, Query(ge=1, le=10_000)] = 1,
    size: Annotated[int, Query(ge=1, le=100)] = 20,
) -> schemas.Page[shapes.LogRow]:
    """变更记录: who changed what when, newest first."""
    at.require("organise")
    if kind is not None and kind not in audit.KINDS:
        raise Invalid("没有这类变更。", "No such kind.")
    found, total = audit.page(
        at.tx, at.actor, area=area, person=person, kind=kind, offset=(page - 1) * size, limit=size
    )
    people = staff.names(at.tx, {one.by for one in found} | {one.person or "" for one in found})
    places = areas.names(at.tx, {one.area for one in found if one.area})
    items = [
        shapes.LogRow(
            id=one.id,
            at=one.at,
            by=people.get(one.by, one.by),
            kind=one.kind,
            kind_text=audit.KINDS.get(one.kind, one.kind),
            place=places.get(one.area or "", ""),
            person=people.get(one.person or ""),
            text=one.text,
            details=[
                {"label": label, "value": str(one.details[key])}
                for key, label in DETAILS.items()
                if one.details.get(key) not in (None, "", 0)
            ],
        )
        for one in found
    ]
    return schemas.Page(items=items, total=total, page=page, size=size)
