"""公示: the board, the paper to post, and objections to it."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from urllib.parse import quote

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel

from api import schemas
from api.deps import Read, Reader, Write
from api.schemas import notices as shapes
from api.views import notices as views
from casework import notice_board, notices
from engine import definitions, locking
from engine.errors import Forbidden, Invalid
from engine.forms import Form
from engine.hosting import LegalHost
from engine.model import Tier
from engine.routing import as_context, sees

router = APIRouter(prefix="/api/notices", tags=["notices"])
PROCESS, FORM = "handle_objection", "objection"


class ObjectionWrite(BaseModel):
    values: dict[str, Any]


class ObjectionMade(BaseModel):
    number: str
    message: str


def _notice(at: Reader, number: str) -> notices.Notice:
    """Where the paper hangs and where its case is: a case handed over leaves its paper behind."""
    found = notices.get(at.tx, number)
    if not (sees(at.actor, found.area) or sees(at.actor, notices.case_area(at.tx, found))):
        raise Forbidden("这份公示不在您的区域范围内。", "The notice is outside your areas.")
    return found


def _form(at: Reader, notice: notices.Notice) -> tuple[Form, Any, dict[str, Any], Any]:
    pinned = definitions.coming(at.tx, PROCESS, at.now)
    context = {"actor": as_context(at.actor), **notice.known}
    functions = LegalHost(at.tx.world.terms, at.tx.world.calendar, now=at.now).functions(at.now, context)
    return pinned.form(PROCESS, FORM), pinned.codes, context, functions


class NoticeOnline(BaseModel):
    number: str
    content: dict[str, str]


@router.get("")
def board(
    at: Read,
    state: Literal["", "to_post", "to_remove", "posted", "objected", "expired", "removed"] = "",
    area: str | None = None,
    q: str = "",
    page: Annotated[int, Query(ge=1, le=10_000)] = 1,
    size: Annotated[int, Query(ge=1, le=100)] = 20,
) -> shapes.NoticePage:
    """公示管理: every notice of the reader's areas with how it stands. The village does not learn of objections (K4)."""
    objected = any(held.tier in (Tier.TOWN, Tier.DISTRICT) for held in at.actor.appointments)
    found, total, counts = notice_board.board(
        at.tx,
        at.actor,
        at.now,
        state=state,
        area=area,
        q=q.strip(),
        objected=objected,
        offset=(page - 1) * size,
        limit=size,
    )
    shown = {key: word for key, word in notice_board.STATES.items() if objected or key != "objected"}
    return shapes.NoticePage(
        items=views.rows(at.tx, at.actor, found, at.now, objected=objected),
        total=total,
        page=page,
        size=size,
        counts={key: counts[key] for key in shown},
        states=shown,
        coded=bool(at.tx.world.address),
    )


@router.get("/{number}.json")
def online(at: Read, number: str) -> NoticeOnline:
    """The notice for a page: the given name hidden (policy.md D.10); nothing of one that must not hang."""
    found = _notice(at, number)
    (one,) = notice_board.standing(at.tx, [found], at.now)
    if one.paper == "to_remove" or one.barred:
        return NoticeOnline(number=found.number, content={})
    shown = notices.dated(found, notice_board.period(at.tx, one, at.now))
    return NoticeOnline(number=found.number, content=notices.masked(shown))


@router.get("/{number}.pdf")
def paper(at: Read, number: str) -> Response:
    """The notice as it is to be posted today, or as it hangs."""
    content = notice_board.printed(at.tx, _notice(at, number), at.now)
    headers = {"Content-Disposition": f"inline; filename*=UTF-8''{quote(f'公示 {number}.pdf')}"}
    return Response(content, media_type="application/pdf", headers=headers)


@router.get("/{number}/objection")
def objection_form(at: Read, number: str) -> schemas.LeadForm:
    """The form by which an objection is taken down."""
    form, codes, context, functions = _form(at, _notice(at, number))
    return schemas.LeadForm(
        form=form.resolve(codes, context, functions), values=form.prefill(context, functions)
    )


@router.post("/{number}/objections")
def take_objection(at: Write, number: str, body: ObjectionWrite) -> ObjectionMade:
    """收到异议: opens a sealed case; who investigated will not judge it."""
    notice = _notice(at, number)
    form, codes, context, functions = _form(at, notice)
    checked = form.check(body.values, context, functions, codes=codes)
    if checked.errors:
        raise Invalid("填写内容有误，请按提示修改。", "The form has errors.", fields=checked.errors)
    # Locked: no notice closes while an objection to it is being written.
    locking.for_act(at.tx, at.actor, notice.case_id, ended=True)
    made = notices.object_to(at.tx, notice, checked.values, at.actor, at.now)
    return at.done(ObjectionMade(number=made, message=f"异议 {made} 已登记，将为异议人保密。"))
