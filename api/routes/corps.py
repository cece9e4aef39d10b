"""人员名册: the register of the corps, accounts, training, and rosters taken in from Excel or CSV."""

from __future__ import annotations

import io
from typing import Annotated

import xlsxwriter
from fastapi import APIRouter, Query, Response, UploadFile

from api import schemas
from api.deps import Read, Reader, Write
from api.schemas import organisation as shapes
from api.views import organisation as views
from casework import appointing, areas, corps, enrolling, sheets
from casework.organisation import post_label, today
from engine.errors import NotFound

router = APIRouter(prefix="/api/corps", tags=["organisation"])


@router.get("")
def members(
    at: Read,
    area: str | None = None,
    q: Annotated[str, Query(max_length=50)] = "",
    gone: bool = False,
    page: Annotated[int, Query(ge=1, le=10_000)] = 1,
    size: Annotated[int, Query(ge=1, le=100)] = 20,
) -> schemas.Page[shapes.MemberRow]:
    """People with posts in an area and below; `gone`: who has left."""
    at.require("organise")
    root = area or at.home
    if not views.readable(at.actor, root):
        raise NotFound("没有这个区域，或不在您的辖区。", "No such area.")
    on = today(at.now)
    found, total = corps.members(at.tx, root, on, q=q, gone=gone, offset=(page - 1) * size, limit=size)
    places = areas.names(at.tx, {post.area for one in found for post in one.posts})
    items = [views.member(at.tx, one, on, places) for one in found]
    return schemas.Page(items=items, total=total, page=page, size=size)


@router.post("")
def add(at: Write, body: shapes.PersonWrite) -> schemas.Done:
    """A new person with a first post. The account has no password until one is handed over."""
    person = corps.add(at.tx, at.actor, body.name, body.phone, at.now, area=body.area)
    appointing.appoint(
        at.tx,
        at.actor,
        person=person,
        post=body.post,
        area=body.area,
        begins=body.begins or today(at.now),
        until=None,
        now=at.now,
    )
    return at.done(schemas.Done(message=f"已新增{body.name.strip()}；请重置密码后当面交付。"))


@router.post("/{person}/password")
def set_password(at: Write, person: str) -> shapes.Password:
    """A new password, shown this once. Not kept with the answer: a repeated request makes another."""
    made = corps.set_password(at.tx, at.actor, person, at.now)
    return shapes.Password(username=corps.username(at.tx, person), password=made)


@router.post("/{person}/phone")
def set_phone(at: Write, person: str, body: shapes.PhoneNumber) -> schemas.Done:
    corps.set_phone(at.tx, at.actor, person, body.phone, at.now)
    return at.done(schemas.Done(message="手机号已保存。"))


@router.post("/{person}/disable")
def disable(at: Write, person: str, body: shapes.Disable) -> schemas.Done:
    left = corps.disable(at.tx, at.actor, person, body.reason, at.now)
    more = f"此人还持有 {left} 项待办，请在“工作交接”中交接。" if left else ""
    return at.done(schemas.Done(message=f"账号已停用，任职同时终止。{more}"))


@router.post("/{person}/enable")
def enable(at: Write, person: str) -> schemas.Done:
    corps.enable(at.tx, at.actor, person, at.now)
    return at.done(schemas.Done(message="账号已恢复；请重新任职。"))


@router.post("/{person}/trainings")
def train(at: Write, person: str, body: shapes.TrainingWrite) -> schemas.Done:
    corps.train(at.tx, at.actor, person, body.topic, body.held_on, body.valid_to, at.now)
    return at.done(schemas.Done(message="培训已登记。"))


# ------------------------------------------------------------------------------------------ import
@router.get("/template.xlsx")
def template(at: Read) -> Response:
    """An empty roster with the heads it needs and the posts one may write."""
    at.require("organise")
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        bold = book.add_format({"bold": True})
        sheet = book.add_worksheet("名册")
        sheet.write_row(0, 0, enrolling.COLUMNS, bold)
        sheet.set_column(0, len(enrolling.COLUMNS) - 1, 18)
        sheet.freeze_panes(1, 0)
        posts = book.add_worksheet("岗位")
        posts.write_row(0, 0, ["可填岗位", "层级"], bold)
        for number, post in enumerate(at.tx.world.posts.values(), 1):
            tiers = "、".join(areas.TIER_WORDS[tier] for tier in post["tiers"])
            posts.write_row(number, 0, [post["label"], tiers])
        posts.set_column(0, 1, 28)
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    name = "%E5%90%8D%E5%86%8C%E6%A8%A1%E6%9D%BF.xlsx"
    return Response(
        out.getvalue(),
        media_type=kind,
        headers={"Content-Disposition": f"attachment; filename*=UTF-8''{name}"},
    )


@router.post("/import/preview")
def preview(at: Write, file: UploadFile) -> shapes.RosterPreview:
    """What taking in a table would do, line by line. Nothing is written."""
    at.require("organise")
    rows = sheets.read(file.filename or "", file.file.read(sheets.MAX_BYTES + 1))
    plain = [{key: _plain(value) for key, value in row.items()} for row in rows]
    lines = enrolling.preview(at.tx, at.actor, plain, at.now)
    return at.done(_preview(at, lines, plain))


def _plain(value: object) -> object:
    """A cell as JSON can carry it: a date as ISO text."""
    if hasattr(value, "isoformat"):
        return value.isoformat()[:10]
    return value if isinstance(value, int | float | str) or value is None else str(value)


def _preview(at: Reader, lines: list[enrolling.Line], rows: list[dict[str, object]]) -> shapes.RosterPreview:
    places = areas.names(at.tx, {line.area for line in lines if line.area})
    counts: dict[str, int] = {}
    for line in lines:
        counts[line.state] = counts.get(line.state, 0) + 1
    shown = [
        shapes.RosterLine(
            number=line.number,
            name=line.name,
            phone=line.phone,
            post=post_label(at.tx, line.post) if line.post else None,
            place=places.get(line.area) if line.area else None,
            begins=line.begins,
            state=line.state,
            notes=line.notes,
        )
        for line in lines
    ]
    return shapes.RosterPreview(lines=shown, counts=counts, rows=rows)


@router.post("/import")
def take_in(at: Write, body: shapes.RosterImport) -> schemas.Done:
    """Take the lines in, judged again as they are now; one that is wrong refuses all."""
    at.require("organise")
    made = enrolling.take_in(at.tx, at.actor, body.rows, at.now)
    words = f"新增 {made['added']} 人，任职 {made['appointed']} 项，{made['same']} 行没有变化"
    return at.done(schemas.Done(message=f"已导入：{words}。"))
