"""民主评议会议: lists, the draft with its agenda and totals, convening, closing, corrections, minutes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal
from urllib.parse import quote

from fastapi import APIRouter, Query, Response
from sqlalchemy import select

from api.deps import Read, Write, Writer
from api.schemas import meetings as shapes
from api.views import meetings as views
from casework import holding, meeting_drafts, meetings, minutes
from casework.holding import Outcome
from engine.errors import Forbidden
from engine.tables import cases

router = APIRouter(prefix="/api/meetings", tags=["meetings"])


@router.get("")
def listed(
    at: Read,
    state: Literal["", "draft", "convened", "closed", "cancelled", "unfinished"] = "",
    area: str | None = None,
    q: str = "",
    page: Annotated[int, Query(ge=1, le=10_000)] = 1,
    size: Annotated[int, Query(ge=1, le=100)] = 20,
) -> shapes.MeetingPage:
    """Meetings over the reader's areas or about cases there, newest first."""
    found, total = meetings.listing(
        at.tx, at.actor, state=state, area=area, q=q.strip(), offset=(page - 1) * size, limit=size
    )
    roots = [held.area for held in at.actor.appointments]
    return shapes.MeetingPage(
        items=views.rows(at.tx, at.actor, found),
        total=total,
        page=page,
        size=size,
        waiting=len(meetings.waiting(at.tx, at.actor)),
        may_begin=any(meetings.may_prepare(at.tx, at.actor, root, at.now) for root in roots),
    )


@router.get("/waiting")
def waiting(at: Read, area: str | None = None) -> list[shapes.Waiting]:
    """Open appraisal steps within sight that stand on no agenda yet."""
    return views.waiting(at.tx, meetings.waiting(at.tx, at.actor, area), at.now)


@router.get("/{number}.pdf")
def paper(at: Read, number: str) -> Response:
    """The minutes of the whole meeting; who sees a part of the agenda prints the extract of the case."""
    meeting, agenda, whole = meetings.seen(at.tx, at.actor, number)
    if not whole:
        raise Forbidden(
            "会议涉及其他村（居），请在本村（居）的事项页打印该户的评议记录。",
            "Only a part of the meeting is yours.",
        )
    content = minutes.paper(at.tx, meeting, agenda, at.now)
    name = quote(f"民主评议会议记录 {number}.pdf")
    headers = {
        "Content-Disposition": f"inline; filename*=UTF-8''{name}",
        "Cache-Control": "private, no-store",
    }
    return Response(content, media_type="application/pdf", headers=headers)


@router.get("/{number}")
def show(at: Read, number: str) -> shapes.MeetingDetail:
    """One meeting: header, roll, agenda with who withdraws and what the totals come to."""
    meeting, agenda, whole = meetings.seen(at.tx, at.actor, number)
    return views.detail(at.tx, at.actor, meeting, agenda, at.now, whole=whole)


def _done(at: Writer, number: str, message: str, **more: Any) -> shapes.MeetingDone:
    revision = meetings.get(at.tx, number).revision
    return at.done(shapes.MeetingDone(number=number, revision=revision, message=message, **more))


@router.post("")
def begin(at: Write, body: shapes.MeetingBegin) -> shapes.MeetingDone:
    """拟稿."""
    at.require("work")
    values = body.model_dump(exclude={"area", "tasks"})
    number = meeting_drafts.begin(at.tx, at.actor, body.area, values, body.tasks, at.now)
    return _done(at, number, f"会议 {number} 已建立，议程 {len(body.tasks)} 户。")


@router.put("/{number}")
def save(at: Write, number: str, body: shapes.MeetingWrite) -> shapes.MeetingDone:
    """保存草稿: the whole page at once."""
    at.require("work")
    meetings.seen(at.tx, at.actor, number)
    values = body.model_dump(exclude={"revision", "items"})
    rows = [one.model_dump() for one in body.items]
    meeting_drafts.save(at.tx, at.actor, number, body.revision, values, rows, at.now)
    return _done(at, number, "草稿已保存。")


@router.post("/{number}/agenda")
def change_agenda(at: Write, number: str, body: shapes.AgendaWrite) -> shapes.MeetingDone:
    """列入议程, 移出议程."""
    at.require("work")
    meetings.seen(at.tx, at.actor, number)
    if body.remove is not None:
        meeting_drafts.remove(at.tx, at.actor, number, body.revision, body.remove, at.now)
        return _done(at, number, "已移出议程，该户可列入其他会议。")
    meeting_drafts.extend(at.tx, at.actor, number, body.revision, body.add, at.now)
    return _done(at, number, f"已列入 {len(body.add)} 户。")


@router.post("/{number}/convene")
def convene(at: Write, number: str, body: shapes.MeetingStep) -> shapes.MeetingDone:
    """召集: plans every case on the agenda; one that refuses keeps its reason."""
    at.require("work")
    meetings.seen(at.tx, at.actor, number)
    return _told(at, number, holding.convene(at.tx, at.actor, number, body.revision, at.now), "已召集")


@router.post("/{number}/close")
def close(at: Write, number: str, body: shapes.MeetingStep) -> shapes.MeetingDone:
    """结束: sealed once, then every case takes its result. 422 with every wrong place; 409 when somebody was first."""
    at.require("work")
    meetings.seen(at.tx, at.actor, number)
    return _told(at, number, holding.close(at.tx, at.actor, number, body.revision, at.now), "会议已结束")


@router.post("/{number}/carry")
def carry(at: Write, number: str) -> shapes.MeetingDone:
    """重试: cases of a closed meeting that did not take their result."""
    at.require("work")
    meetings.seen(at.tx, at.actor, number)
    return _told(at, number, holding.carry(at.tx, at.actor, number, at.now), "已重试")


def _told(at: Writer, number: str, outcomes: Sequence[Outcome], what: str) -> shapes.MeetingDone:
    failed = {one.n: one.failure for one in outcomes if one.failure is not None}
    of = {one.n: one.case_id for one in meetings.items(at.tx, number) if one.n in failed}
    c = cases.c
    titles = {row.id: row.title for row in at.tx.run(select(c.id, c.title).where(c.id.in_(of.values())))}
    done = len(outcomes) - len(failed)
    text = f"{what}：{done} 户已办" + (f"，{len(failed)} 户未办结，原因见各户" if failed else "") + "。"
    refused = [shapes.Refusal(n=n, title=titles[of[n]], message=why) for n, why in sorted(failed.items())]
    return _done(at, number, text, done=done, refused=refused)


@router.post("/{number}/cancel")
def cancel(at: Write, number: str, body: shapes.MeetingEnd) -> shapes.MeetingDone:
    """取消会议."""
    at.require("work")
    meetings.seen(at.tx, at.actor, number)
    meeting_drafts.cancel(at.tx, at.actor, number, body.revision, body.reason, at.now)
    return _done(at, number, "会议已取消，各户可列入其他会议。")


@router.post("/{number}/corrections")
def correct(at: Write, number: str, body: shapes.CorrectionWrite) -> shapes.MeetingDone:
    """更正: added to the record of a closed meeting."""
    at.require("work")
    meetings.seen(at.tx, at.actor, number)
    meeting_drafts.correct(at.tx, at.actor, number, body.text, body.item, at.now)
    return _done(at, number, "更正已登记；原记录不变。")
