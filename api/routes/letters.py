"""决定文书: the letters of a case as they are handed over."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Path, Response

from api.deps import Read
from casework import letters, printing, reading, sight

router = APIRouter(prefix="/api/cases", tags=["cases"])


@router.get("/{case_id}/letters/{number}.pdf")
def letter(at: Read, case_id: str, number: Annotated[int, Path(ge=1, le=99)]) -> Response:
    """The `number`-th letter of a case, for who may see the case."""
    case = reading.whole(at.tx, at.actor, sight.within(at.tx, at.actor, case_id))
    name, paper = quote(f"文书 {case.number}-W{number}.pdf"), letters.paper(at.tx, case, number, at.now)
    at.shown(reading.openly(at.tx, at.actor, case, at.now), f"打印{printing.NAMES['letter']}")
    return Response(
        paper,
        media_type="application/pdf",
        headers={
            "Content-Disposition": f"inline; filename*=UTF-8''{name}",
            "Cache-Control": "private, no-store",
        },
    )
