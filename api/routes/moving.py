"""移案: open cases to another version of a bundle – dry run, case by case, and back."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from api import schemas
from api.deps import Read, Reader, Write
from api.schemas.moving import (
    MovingCase,
    MovingChoice,
    MovingPlan,
    MovingQuestion,
    MovingUndo,
    MovingWrite,
)
from api.views.people import mask_title
from casework import areas, sight
from engine import moving
from engine.replay import Place

router = APIRouter(prefix="/api/moving", tags=["moving"])
Words = Annotated[list[str], Query(max_length=200)]


@router.get("")
def plan(
    at: Read,
    bundle: str,
    version: int | None = None,
    renamed: Words = [],  # noqa: B006 - FastAPI copies it
    skipped: Words = [],  # noqa: B006
    page: Annotated[int, Query(ge=1, le=10_000)] = 1,
    size: Annotated[int, Query(ge=1, le=100)] = 20,
) -> MovingPlan:
    """The dry run: what would become of each open case. Nothing is written."""
    at.require("publish")
    target = moving.target_of(at.tx, bundle, version, at.now)
    moves = moving.parse(renamed, skipped)
    ids = moving.open_on_other_versions(at.tx, target)
    wanted = ids[(page - 1) * size : page * size]
    verdicts = [moving.verdict(at.tx, case_id, target, moves, at.now) for case_id in wanted]
    places = areas.names(at.tx, {v.area for v in verdicts})
    return MovingPlan(
        bundle=target.bundle,
        version=target.version,
        items=[_row(v, places) for v in verdicts],
        total=len(ids),
        page=page,
        size=size,
    )


def _row(verdict: moving.Verdict, places: dict[str, str]) -> MovingCase:
    return MovingCase(
        case_id=verdict.case_id,
        number=verdict.number,
        title=mask_title(verdict.title),
        place=places.get(verdict.area, verdict.area),
        state=verdict.state,
        reason=verdict.reason,
        notes=list(verdict.notes),
        questions=[
            MovingQuestion(
                place=_words(q.place),
                name=q.name,
                what=q.what,
                choices=[MovingChoice(value=_words(place), label=label) for place, label in q.choices],
            )
            for q in verdict.questions
        ],
    )


def _words(place: Place) -> str:
    return "/".join(place)


def _may(at: Reader, case_id: str) -> None:
    at.require("publish")
    sight.within(at.tx, at.actor, case_id)


@router.post("")
def move(at: Write, body: MovingWrite) -> schemas.Done:
    """Move one case; 409 with the reason when it cannot move as the mapping stands."""
    _may(at, body.case_id)
    target = moving.target_of(at.tx, body.bundle, body.version, at.now)
    moves = moving.parse(body.renamed, body.skipped)
    verdict = moving.move(at.tx, at.actor, body.case_id, target, moves, at.now)
    return at.done(
        schemas.Done(message=f"{verdict.number} 已移到第 {target.version} 版。", case_id=body.case_id)
    )


@router.post("/undo")
def undo(at: Write, body: MovingUndo) -> schemas.Done:
    """Back to the version before the last move; what has been done since stays done."""
    _may(at, body.case_id)
    verdict = moving.undo(at.tx, at.actor, body.case_id, at.now)
    return at.done(schemas.Done(message=f"{verdict.number} 已移回原版本。", case_id=body.case_id))
