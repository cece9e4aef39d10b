"""户册维护: a household entered and corrected by hand, and who joins, leaves and returns."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel

from api.deps import Read, Write
from api.schemas import homes as shapes
from api.views import homes as views
from casework import household_changes as changes
from casework import household_moves
from engine.errors import Field, Invalid

router = APIRouter(prefix="/api/register", tags=["register"])


@router.get("/choices")
def choices(at: Read) -> shapes.HomeChoices:
    """What the forms let one choose."""
    return shapes.HomeChoices(
        relations=views.choices(views.codes(at.tx, at.now), "relation"), sexes=views.coded(views.SEXES),
        labour=views.coded(views.LABOUR), whys=views.coded(changes.WHYS),
    )  # fmt: skip


def _given(body: BaseModel, kind: type[BaseModel], *more: str) -> dict[str, Any]:
    """What the body names of these facts."""
    return body.model_dump(include={*kind.model_fields, *more}, exclude_unset=True)


def _relation(at: Write, given: dict[str, Any], path: str = "") -> None:
    """Raises Invalid for a relation the district's list does not have."""
    known = views.words(views.codes(at.tx, at.now), "relation")
    if (said := given.get("relation")) and known and said not in known:
        raise Invalid(
            "没有这个关系。", "No such relation.", fields=[Field(f"{path}relation", "没有这个关系")]
        )


def _done(at: Write, written: changes.Written, message: str) -> shapes.HomeDone:
    said = message if written.changed else "没有变化。"
    return at.done(
        shapes.HomeDone(message=said, household=written.household, warnings=list(written.warnings))
    )


@router.post("")
def add(at: Write, body: shapes.HomeNew) -> shapes.HomeDone:
    """新增一户, with who lives there."""
    people = [_given(one, shapes.MemberFacts, "name") for one in body.members]
    for n, one in enumerate(people):
        _relation(at, one, f"members[{n}].")
    home = _given(body, shapes.HomeFacts, "head")
    written = changes.add(at.tx, at.actor, body.area, home, people, at.now, confirmed=body.confirmed)
    return _done(at, written, f"已新增{body.head.strip()}户。")


@router.patch("/{household}")
def correct(at: Write, household: str, body: shapes.HomePatch) -> shapes.HomeDone:
    """Put right what the register says of a household; what is not named stays."""
    given = _given(body, shapes.HomeFacts, "head")
    written = changes.correct(at.tx, at.actor, household, body.revision, given, at.now, visit=body.visit)
    return _done(at, written, "已保存。")


@router.post("/{household}/reopen")
def reopen(at: Write, household: str, body: shapes.Seen) -> shapes.HomeDone:
    """恢复本户: that it ended was a mistake."""
    written = changes.reopen(at.tx, at.actor, household, body.revision, at.now)
    return _done(at, written, "已恢复，重新列入走访。")


@router.post("/{household}/move")
def move(at: Write, household: str, body: shapes.HomeMoves) -> shapes.HomeDone:
    """迁往另一村（居）, by who keeps the register of both."""
    written = household_moves.move(at.tx, at.actor, household, body.revision, body.area, body.why, at.now)
    return _done(at, written, "已迁往另一村（居），两村（居）已收到通知。")


@router.post("/{household}/members")
def join(at: Write, household: str, body: shapes.MemberAdd) -> shapes.HomeDone:
    """添加成员."""
    given = _given(body, shapes.MemberFacts, "name")
    _relation(at, given)
    written = changes.join(
        at.tx, at.actor, household, body.revision, given, at.now, confirmed=body.confirmed, visit=body.visit
    )
    return _done(at, written, "已添加成员。")


@router.patch("/{household}/members/{member}")
def correct_member(at: Write, household: str, member: str, body: shapes.MemberPatch) -> shapes.HomeDone:
    """Put right what the register says of a member; what is not named stays."""
    given = _given(body, shapes.MemberFacts, "name")
    _relation(at, given)
    written = changes.correct_member(
        at.tx, at.actor, household, member, body.revision, given, at.now, visit=body.visit
    )
    return _done(at, written, "已保存。")


@router.post("/{household}/members/{member}/left")
def leave(at: Write, household: str, member: str, body: shapes.MemberLeaves) -> shapes.HomeDone:
    """离开本户; the head leaves to a new head, or the household ends."""
    written = changes.leave(
        at.tx, at.actor, household, member, body.revision, at.now, on=body.on, why=body.why, said=body.said,
        new_head=body.new_head, ends=body.ends, visit=body.visit,
    )  # fmt: skip
    return _done(at, written, "已登记离开，记录保留。")


@router.post("/{household}/members/{member}/back")
def come_back(at: Write, household: str, member: str, body: shapes.Seen) -> shapes.HomeDone:
    """回到本户."""
    written = changes.come_back(at.tx, at.actor, household, member, body.revision, at.now)
    return _done(at, written, "已登记回到本户。")
