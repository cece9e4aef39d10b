"""打印: what can be printed about a case, and those papers that are made of its file."""

from __future__ import annotations

from urllib.parse import quote

from fastapi import APIRouter, Response

from api.deps import Read, Reader
from api.schemas import books as schemas
from casework import printing, reading, sight
from engine.model import Tier
from engine.step import Case

router = APIRouter(prefix="/api/cases", tags=["cases"])


def _case(at: Reader, case_id: str) -> Case:
    return reading.whole(at.tx, at.actor, sight.within(at.tx, at.actor, case_id))


def _printed(at: Reader, case: Case, key: str) -> None:
    """A paper that tells sensitive answers is read by who prints it."""
    kind = key.partition("-")[0]
    if kind in printing.SENSITIVE:
        at.shown(reading.openly(at.tx, at.actor, case, at.now), f"打印{printing.NAMES[kind]}")


@router.get("/{case_id}/papers")
def menu(at: Read, case_id: str) -> list[schemas.Paper]:
    """Everything that can be printed now, in the order of the work."""
    case = sight.within(at.tx, at.actor, case_id)
    if reading.extent(at.tx, at.actor, case) is not reading.Extent.WHOLE:
        return []
    district = any(held.tier == Tier.DISTRICT for held in at.actor.appointments)
    clear = reading.view(at.tx, at.actor, case, at.now).veil.lifted
    return [
        schemas.Paper(key=p.key, name=p.name, detail=p.detail, url=p.url, reason=_reason(at, p.key, clear))
        for p in printing.menu(at.tx, case, district=district)
    ]


def _reason(at: Reader, key: str, clear: bool) -> str | None:
    if clear or key.partition("-")[0] not in printing.SENSITIVE:
        return None
    return reading.STATE_A_REASON if "work" in at.rights else reading.NO_STEP


@router.get("/{case_id}/papers/{key}.pdf")
def paper(at: Read, case_id: str, key: str) -> Response:
    """Verification form, receipt of an application, minutes of an appraisal."""
    case = _case(at, case_id)
    name, content = printing.paper(at.tx, case, key, at.now)
    _printed(at, case, key)
    headers = {
        "Content-Disposition": f"inline; filename*=UTF-8''{quote(name)}",
        "Cache-Control": "private, no-store",
    }
    return Response(content, media_type="application/pdf", headers=headers)
