"""扫码看公示、提异议: the only pages nobody logs in for. No cookie is read, so there is nothing a strange page could abuse."""

from __future__ import annotations

from datetime import timedelta

from fastapi import APIRouter, Response

from api.deps import Passing, Sending
from api.errors import TooMany
from api.schemas import notices as shapes
from casework import scanning
from engine.calendar import ZONE

router = APIRouter(prefix="/api/public/notices", tags=["notices"])


@router.get("/{token}")
def read(at: Passing, token: str, response: Response) -> shapes.PostedNotice:
    """The notice as far as a page may show it, while it is posted; before and after only whom to turn to."""
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    found = scanning.read(at.tx, token, at.now)
    ends = (found.ends.astimezone(ZONE) - timedelta(microseconds=1)).date() if found.ends else None
    return shapes.PostedNotice(
        number=found.number,
        state=found.state,
        content=dict(found.shown),
        ends_on=ends,
        office=found.office,
        phone=found.phone,
    )


@router.post("/{token}/objections")
def object_(at: Sending, token: str, body: shapes.ScannedWrite) -> shapes.ScannedMade:
    """提出异议, with or without a name. 429 when that address, or everybody together, has sent enough to this notice today."""
    number = scanning.object_(
        at.tx, token, key=body.key, address=at.address, content=body.content, name=body.name, phone=body.phone, now=at.now
    )  # fmt: skip
    if number is None:
        raise TooMany(
            "今天提交的次数已满，请打公示上的电话或当面反映。", "Enough objections were sent today."
        )
    return shapes.ScannedMade(number=number, message=f"异议已收到，编号 {number}。")
