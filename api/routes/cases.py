"""救助事项: list, page, and recording what outside parties said."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel
from sqlalchemy import ColumnElement, exists, func, or_, select

from api import schemas
from api.deps import Read, Reader, Write
from api.schemas import homes as shapes
from api.views import cases as views
from api.views.actions import unless_kin
from casework import awaited, ladder, places, reading, reveals, sight, transferring
from engine import cases, definitions, filling, hands, recording, step, worklist
from engine.calendar import ZONE
from engine.model import Tier
from engine.routing import Actor, sees
from engine.tables import cases as cases_table
from engine.tables import clocks, incidents, user_tasks
from engine.worklist import in_sight, late, pressing

router = APIRouter(prefix="/api/cases", tags=["cases"])
C = cases_table.c


class MessageForm(BaseModel):
    label: str
    form: dict[str, Any]
    values: dict[str, Any]


class MessageWrite(BaseModel):
    revision: int
    subscription: str
    values: dict[str, Any] = {}


class Ending(BaseModel):
    revision: int
    reason: str


def _filters(
    at: Reader, q: str | None, status: str | None, process: str | None, light: str | None
) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if q:
        found.append(or_(C.number.like(f"%{q}%"), C.title.like(f"%{q}%")))
    if status == "incident":
        found.append(exists().where(incidents.c.case_id == C.id, incidents.c.state == "open"))
    elif status:
        found.append(C.status == status)
    if process:
        found.append(C.process == process)
    if light == "overdue":
        overdue = or_(
            exists().where(user_tasks.c.case_id == C.id, user_tasks.c.state == "open", late(at.now)),
            exists().where(
                clocks.c.case_id == C.id,
                clocks.c.state == "running",
                clocks.c.kind == "max",
                clocks.c.due_at < at.now,
            ),
        )
        found.append(overdue)
    return found


def _pressing(at: Reader) -> Any:
    """The next day something of the case is due."""
    u = user_tasks.c
    due = select(func.min(u.due_at)).where(u.case_id == C.id, u.state == "open").scalar_subquery()
    return pressing(C.urgent, due, C.opened_at, at.now)


def _district(actor: Actor) -> bool:
    return any(held.tier == Tier.DISTRICT for held in actor.appointments)


@router.get("")
def list_cases(
    at: Read,
    q: str | None = None,
    status: Literal["active", "completed", "cancelled", "incident"] | None = None,
    process: str | None = None,
    area: str | None = None,
    light: Literal["overdue"] | None = None,
    page: Annotated[int, Query(ge=1, le=10_000)] = 1,
    size: Annotated[int, Query(ge=1, le=100)] = 20,
) -> schemas.Page[schemas.CaseRow]:
    """Cases of the areas the reader's posts cover, or that were handed over from there; newest first, on top the urgent ones in which
    something is to be done within a day."""
    seen = or_(in_sight(at.actor, C.area, area), places.once_in_sight(at.actor, area))
    where = [seen, sight.open_to(at.actor), *_filters(at, q, status, process, light)]
    total = at.tx.run(select(func.count()).select_from(cases_table).where(*where)).scalar_one()
    query = (
        select(cases_table)
        .where(*where)
        .order_by(C.closed_at.is_not(None), _pressing(at), C.opened_at.desc(), C.id)
    )
    found = list(at.tx.run(query.offset((page - 1) * size).limit(size)))
    return schemas.Page(items=views.rows(at.tx, found, at.now), total=total, page=page, size=size)


def seen(at: Reader, case_id: str) -> step.Case:
    """A case the reader may know of: in their areas or opened by them, and not sealed from them. Raises NotFound."""
    return sight.known(at.tx, at.actor, case_id)


@router.get("/{case_id}")
def show_case(at: Read, case_id: str) -> schemas.CaseDetail:
    """The whole page of a case. A finder from outside the area sees where it stands, not what was found; the people of an
    area it has left read what was done there."""
    case = seen(at, case_id)
    number = case.number
    line = or_(C.parent == case_id, C.id == _parent(at, case_id), C.number.like(f"{number}-%"))
    beside = (line, C.id != case_id, sight.open_to(at.actor))
    related = list(at.tx.run(select(cases_table).where(*beside).order_by(C.opened_at)))
    supervises = "supervise" in at.rights
    if sight.inside(at.actor, case):
        actions = _actions(at, case)
        extent = reading.extent(at.tx, at.actor, case)
        view = reading.view(at.tx, at.actor, case, at.now)
        shown = views.detail(
            at.tx, at.actor, view, at.now, actions, related, supervises=supervises, extent=extent
        )
        at.shown(view)
        return shown.model_copy(
            update={
                "may_reveal": shown.masked and extent is reading.Extent.WHOLE and "work" in at.rights,
                "looked": _looked(at, case_id) if "watch" in at.rights else [],
            }
        )
    until = places.read_until(at.tx, at.actor, case_id)
    closed = reading.closed(at.tx, case, at.now)
    shown = views.detail(at.tx, at.actor, closed, at.now, [], related, until=until or 0)
    return shown.model_copy(update={"receipts": [], "requests": [], "related": []})


def _looked(at: Reader, case_id: str) -> list[schemas.Looked]:
    """The last to read sensitive answers, for who watches over the case's area."""
    held = [one.area for one in at.actor.appointments]
    return views.looked(reveals.record(at.tx, at.actor, held, 0, 20, case_id=case_id)[0])


@router.post("/{case_id}/reveal")
def reveal(at: Write, case_id: str, body: shapes.RevealWrite) -> shapes.RevealDone:
    """查阅敏感信息 of a case in which the reader has no step, with a reason; on record."""
    case = reading.whole(at.tx, at.actor, sight.within(at.tx, at.actor, case_id))
    at.require("work")
    until = reveals.reveal(at.tx, at.actor, body.reason, at.now, case_id=case.id)
    return at.done(
        shapes.RevealDone(message=f"可查阅至 {until.astimezone(ZONE):%H:%M}，已记入查阅记录。", until=until)
    )


def _parent(at: Reader, case_id: str) -> str | None:
    return at.tx.run(select(C.parent).where(C.id == case_id)).scalar_one_or_none()


def _actions(at: Reader, case: step.Case) -> list[schemas.Action]:
    """Messages from outside the reader may record, each with its form, and what else may be done with the case."""
    offers = recording.offers(at.tx, case, at.actor, at.now)
    names = awaited.names(at.tx, case, offers)
    found = [
        schemas.Action(
            key=f"message:{one.id}",
            label=f"登记：{names[one.id]}",
            enabled=one.refused is None,
            reason=one.refused,
        )
        for one in offers
    ]
    open_ = case.status == "active"
    if sees(at.actor, case.area):
        found.append(schemas.Action(key="copy", label="抄送"))
    if open_ and ("supervise" in at.rights or case.opened_by == at.actor.id):
        tasks = [t for t in worklist.open_of_case(at.tx, case.id) if t.holder != at.actor.id]
        options = [schemas.Option(value=t.id, label=t.name) for t in tasks]
        if options:
            found.append(schemas.Action(key="urge", label="催办", targets=options))
    if open_ and "supervise" in at.rights and _district(at.actor) and case.process not in ladder.OWN:
        found.append(schemas.Action(key="supervise", label="督办"))
    if open_ and case.opened_by == at.actor.id:
        acted = hands.others_acted(at.tx, case)
        reason = "已有他人办理过，请联系镇（街）终止" if acted else None
        found.append(schemas.Action(key="withdraw", label="撤回申请", enabled=not acted, reason=reason))
    if "void" in at.rights:
        void = case.conclusion == hands.VOIDED
        world = at.tx.world
        against = world.bound(at.tx, case.id) or (world.held(at.tx, case.id) if open_ else None)
        reason = "已经作废" if void else against
        found.append(schemas.Action(key="void", label="作废", enabled=reason is None, reason=reason))
    if open_ and "supervise" in at.rights and sees(at.actor, case.area):
        asked = transferring.waiting_for(at.tx, case.id)
        reason = "已提出移交，等待接收" if asked else None
        found.append(schemas.Action(key="hand_over", label="移交属地", enabled=asked is None, reason=reason))
    if "supervise" in at.rights:
        reason = None if open_ else "事项已经办结"
        found.append(schemas.Action(key="cancel", label="终止", enabled=open_, reason=reason))
    return unless_kin(at.tx, at.actor, case, found)


@router.get("/{case_id}/messages/{subscription_id}")
def message_form(at: Read, case_id: str, subscription_id: str) -> MessageForm:
    """The form by which a person records what an outside party said."""
    case = seen(at, case_id)
    found = recording.awaited(at.tx, subscription_id, case_id)
    pinned = definitions.pinned(at.tx, case.pins)
    node = pinned.node(found.process, found.element)
    recording.must(at.tx, case, found, node, at.actor, at.now)
    form = pinned.form(found.process, str(recording.form_of(node)))
    values = filling.prefill(at.tx, case, form, found.id, found.path, at.now, at.actor)
    offers = recording.offers(at.tx, case, at.actor, at.now)
    label = awaited.names(at.tx, case, offers).get(found.id, node.name or found.name)
    view = reading.doing(at.tx, at.actor, case, at.now, f"登记：{label}")
    view.veil.of_form(form.section, values)
    at.shown(view)
    return MessageForm(
        label=label,
        form=filling.resolved(at.tx, case, form, found.id, found.path, at.now, at.actor),
        values=values,
    )


@router.post("/{case_id}/messages")
def record_message(at: Write, case_id: str, body: MessageWrite) -> schemas.Done:
    """Record the message; the case goes on from where it waited."""
    seen(at, case_id)
    recording.awaited(at.tx, body.subscription, case_id)
    cases.receive(at.tx, at.actor, body.subscription, body.revision, body.values, at.now)
    return at.done(schemas.Done(message="已登记。", case_id=case_id))


@router.post("/{case_id}/withdraw")
def withdraw(at: Write, case_id: str, body: Ending) -> schemas.Done:
    """撤回申请, by who opened the case, while nobody else has acted."""
    hands.withdraw(at.tx, at.actor, case_id, body.revision, body.reason, at.now)
    return at.done(schemas.Done(message="已撤回。", case_id=case_id))


@router.post("/{case_id}/void")
def void(at: Write, case_id: str, body: Ending) -> schemas.Done:
    """作废, by the district, with a reason. The case and its history stay."""
    at.require("void")
    sight.within(at.tx, at.actor, case_id)
    hands.void(at.tx, at.actor, case_id, body.revision, body.reason, at.now)
    return at.done(schemas.Done(message="已作废，记录保留。", case_id=case_id))


@router.post("/{case_id}/cancel")
def cancel(at: Write, case_id: str, body: Ending) -> schemas.Done:
    """终止, with a reason, by a supervisor. Nothing is deleted."""
    at.require("supervise")
    sight.within(at.tx, at.actor, case_id)
    cases.cancel(at.tx, at.actor, case_id, body.revision, body.reason, at.now)
    return at.done(schemas.Done(message="已终止。", case_id=case_id))
