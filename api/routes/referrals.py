"""转介收发: what was referred to departments, read and answered by their own people and followed by the town and the bureau."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query

from api import schemas
from api.deps import Read, Reader, Write
from api.schemas import referrals as shapes
from api.views import cases as case_views
from api.views import due
from api.views import referrals as views
from casework import reading, referring
from casework.words import Words
from engine import definitions, filling, step, subscriptions

router = APIRouter(prefix="/api/referrals", tags=["referrals"])


@router.get("")
def list_referrals(
    at: Read,
    tab: Literal["", "waiting", "working", "bounced", "done", "withdrawn"] = "",
    department: Annotated[str, Query(max_length=60)] = "",
    q: Annotated[str, Query(max_length=80)] = "",
    page: Annotated[int, Query(ge=1, le=10_000)] = 1,
    size: Annotated[int, Query(ge=1, le=100)] = 20,
) -> shapes.ReferralPage:
    """Referrals to the reader's department, or of the cases of the reader's areas: what is awaited first, by its date."""
    at.require("refer")
    found = referring.board(
        at.tx, at.actor, state=tab, department=department, q=q.strip(), offset=(page - 1) * size, limit=size
    )
    words = Words.of_codes(definitions.coming(at.tx, "referral", at.now).codes)
    return shapes.ReferralPage(
        items=views.rows(at.tx, at.actor, found.items, at.now),
        total=found.total,
        page=page,
        size=size,
        counts=found.counts,
        states=referring.STATES,
        departments=[shapes.Named(value=d, label=words.of("department", d)) for d in found.departments],
        follows=bool(referring.officer(at.actor).appointments),
    )


@router.get("/{reference}")
def show_referral(at: Read, reference: str) -> shapes.ReferralDetail:
    """One letter as it was sent, what became of it, how its dates are counted, and the form of what is awaited."""
    at.require("refer")
    one = referring.get(at.tx, at.actor, reference)
    case = case_views.load(at.tx, one.case_id)
    pinned = definitions.pinned(at.tx, case.pins)
    known = referring.clocks_of(at.tx, one)
    (row,) = views.rows(at.tx, at.actor, [one], at.now)
    if referring.speaking(at.actor, one.department, one.case_area) is not None:
        view = reading.doing(at.tx, at.actor, case, at.now, f"收到的转介单 {one.reference}")
    else:
        view = reading.view(at.tx, at.actor, case, at.now)
    letter = views.letter(at.actor, one, view.veil)
    at.shown(view)
    return shapes.ReferralDetail(
        referral=row,
        letter=letter,
        timeline=views.course(at.tx, one, pinned, views.follows(at.actor, one), view.veil),
        receipts=due.receipts(at.tx.world, known, at.now, ended=True),
        awaited=_awaited(at, one, case, pinned),
    )


def _awaited(
    at: Reader, one: referring.Referral, case: step.Case, pinned: definitions.Pinned
) -> shapes.Awaited | None:
    found = subscriptions.get(at.tx, one.awaited) if one.awaited is not None else None
    if found is None:
        return None
    node = pinned.node(found.process, found.element)
    key = node.properties.get("form")
    form = pinned.form(found.process, key) if key else None
    around = (found.id, found.path, at.now, at.actor)
    return shapes.Awaited(
        subscription=found.id,
        label=form.title if form is not None else node.name or found.name,
        form=filling.resolved(at.tx, case, form, *around) if form is not None else None,
        values=filling.prefill(at.tx, case, form, *around) if form is not None else {},
        by_proxy=referring.speaking(at.actor, one.department, one.case_area) is None,
    )


@router.post("/{reference}")
def answer(at: Write, reference: str, body: shapes.ReferralAnswer) -> schemas.Done:
    """The department's answer: taken, sent back, or what came of it. Of two who answer at once one is first, the other is told."""
    at.require("refer")
    one = referring.answer(at.tx, at.actor, reference, body.subscription, body.values, at.now)
    told = _told(one.state, body.values)
    case_id = one.case_id if views.follows(at.actor, one) else None
    return at.done(schemas.Done(message=told, case_id=case_id))


def _told(state: str, values: dict[str, object]) -> str:
    if state == "working":
        return "办理结果已报送，等待区民政局核对。"
    return (
        "已退回，区民政局将另行确定承办部门。"
        if values.get("dept_reply") == "bounced"
        else "已接收，请在期限内办理并报送结果。"
    )
