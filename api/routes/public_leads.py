"""社会公众反映: anybody tells of a hardship and asks what became of it, without a login (R3)."""

from __future__ import annotations

from fastapi import APIRouter

from api.deps import Passing, Sending
from api.errors import TooMany
from api.schemas import public_leads as shapes
from casework import public_leads

router = APIRouter(prefix="/api/public/leads", tags=["leads"])
HELPED = frozenset({"helped", "referred", "escorted", "charity", "backstop"})
TEXTS = {
    "registered": "已登记，村（居）和镇（街）正在安排人了解情况。",
    "looking": "已报镇（街），正在核查和办理。",
}


@router.get("/form")
def form(at: Passing) -> shapes.PublicForm:
    """Towns with their villages, causes, urgent signs."""
    return shapes.PublicForm.model_validate(public_leads.choices(at.tx, at.now))


@router.post("")
def report(at: Sending, body: shapes.PublicLeadWrite) -> shapes.PublicLeadMade:
    """Register a lead. 429 when that address, or everybody together, has sent enough today."""
    values = body.model_dump(exclude={"key", "own"})
    made = public_leads.report(
        at.tx, key=body.key, address=at.address, values=values, own=body.own, now=at.now
    )
    if made is None:
        raise TooMany(
            "今天提交的次数已满。情况紧急请打 110、120，或向村（居）、镇（街）当面反映。",
            "Enough leads were sent today.",
        )
    return shapes.PublicLeadMade(
        number=made.number,
        token=made.token,
        message=f"已收到，编号 {made.number}。请记下查询码 {made.token}。",
    )


@router.get("/{token}")
def fate(at: Passing, token: str) -> shapes.PublicFate:
    """What became of what was sent, in words that tell nothing about a person."""
    found = public_leads.fate(at.tx, token)
    closed = (
        "已办结，已按政策给予帮助。"
        if found.conclusion in HELPED
        else "已办结。要了解详情，请联系所在镇（街）民政部门。"
    )
    text = closed if found.state == "closed" else TEXTS[found.state]
    return shapes.PublicFate(
        number=found.number, state=found.state, text=text, sent_at=found.sent_at, closed_at=found.closed_at
    )
