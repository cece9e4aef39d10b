"""发起: processes a person may start by hand, by itself or about a case."""

from __future__ import annotations

from fastapi import APIRouter

from api import schemas
from api.deps import Read, Write
from api.schemas.control import StartForm, StartOffer, StartWrite
from api.views import basis
from api.views.cases import load
from casework import by_hand, sight

router = APIRouter(prefix="/api/starts", tags=["starts"])


@router.get("")
def list_starts(at: Read, case_id: str | None = None) -> list[StartOffer]:
    """What the reader's posts may start: about a case of the reader's areas where one is named, else by itself."""
    if case_id is not None and not sight.inside(at.actor, load(at.tx, case_id)):
        return []
    found = by_hand.offers(at.tx, at.actor, at.now, about=case_id is not None)
    return [
        StartOffer(
            process=o.process,
            event=o.event,
            name=o.name,
            process_name=o.process_name,
            hint=basis.told(o.documentation),
        )
        for o in found
    ]


@router.get("/{process}/{event}")
def start_form(at: Read, process: str, event: str, case_id: str | None = None) -> StartForm:
    """The form that begins it."""
    opened = by_hand.open_form(at.tx, at.actor, process, event, case_id, at.now)
    form = opened.form.resolve(opened.pinned.codes, opened.context, opened.functions)
    label = opened.node.name or opened.process.name or process
    return StartForm(label=label, form=form, values=by_hand.prefill(opened))


@router.post("/{process}/{event}")
def start(at: Write, process: str, event: str, body: StartWrite) -> schemas.Done:
    """Begin a case by hand."""
    case_id, number = by_hand.begin(at.tx, at.actor, process, event, body.case_id, body.values, at.now)
    return at.done(schemas.Done(message=f"已发起，编号 {number}。", case_id=case_id))
