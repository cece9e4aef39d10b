"""The board of notices as people see it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from api.schemas import notices as shapes
from api.schemas.limits import Receipt
from api.views import due
from casework import areas, notice_board, staff
from casework.notice_board import Standing
from casework.words import Words
from engine import clocks, definitions, worklist
from engine.calendar import ZONE, instant
from engine.clocks import Clock
from engine.db import Tx
from engine.routing import Actor, reaches


def rows(
    tx: Tx, actor: Actor, found: Sequence[Standing], now: datetime, *, objected: bool
) -> list[shapes.NoticeRow]:
    """`objected`: whether the reader learns of objections."""
    places = areas.names(tx, {one.notice.area for one in found})
    people = [one.task.holder for one in found if one.task is not None] + [one.remover for one in found]
    names = staff.names(tx, [person for person in people if person])
    pins = definitions.pins_of(
        tx, {one.notice.case_id for one in found} | {one.task.case_id for one in found if one.task}
    )
    pinned = {case_id: definitions.pinned(tx, pin) for case_id, pin in pins.items()}
    return [_row(tx, actor, one, now, places[one.notice.area], names, pinned, objected) for one in found]


def _row(
    tx: Tx,
    actor: Actor,
    one: Standing,
    now: datetime,
    place: str,
    names: dict[str, str],
    pinned: Mapping[str, definitions.Pinned],
    objected: bool,
) -> shapes.NoticeRow:
    notice, facts, words = one.notice, one.facts, pinned[one.notice.case_id].codes
    state = one.state if objected else one.paper
    start, end = list(facts.get("photo_start") or []), list(facts.get("photo_end") or [])
    hung = one.paper != "to_post" and "posted_on" in facts
    down = "removed_at" in facts
    return shapes.NoticeRow(
        number=notice.number,
        case_id=notice.case_id,
        title=one.title,
        place_name=place,
        programme=notice.content["救助事项"],
        state=state,
        state_text=notice_board.STATES[state],
        made_at=notice.made_at,
        posted_on=_day(facts.get("posted_on")) if hung else None,
        ends_on=one.clock.due if hung and one.clock else None,
        days_left=_left(one.clock, now) if one.paper == "posted" and one.clock else None,
        removed_at=instant(facts["removed_at"]) if down else None,
        removed_by=names.get(one.remover) if down and one.remover else None,
        receipts=_receipts(tx, one, now) if hung else [],
        start=_photo(hung, start),
        end=_photo(down, end),
        photos_start=start,
        photos_end=end,
        continuous=facts.get("continuous"),
        early=one.paper == "to_remove" or one.takedown is not None,
        result=Words.of_codes(words).of("notice_result", facts.get("notice_result")) or None,
        objections=one.objections if objected else None,
        unanswered=one.unanswered if objected else None,
        task=_task(tx, actor, one.task, names, pinned, now),
        address=f"{tx.world.address}{notice.web}" if one.paper == "posted" and tx.world.address else None,
    )


def _receipts(tx: Tx, one: Standing, now: datetime) -> list[Receipt]:
    """Of the period; of the limit to take it down where it must not hang."""
    asked = one.takedown.case_id if one.paper == "to_remove" and one.takedown is not None else None
    counted = clocks.of_case(tx, asked) if asked else [one.clock] if one.clock else []
    return due.receipts(tx.world, counted, now)


def _left(clock: Clock, now: datetime) -> int:
    return max(0, (clock.due - now.astimezone(ZONE).date()).days)


def _day(text: Any) -> date | None:
    return date.fromisoformat(str(text)[:10]) if text else None


def _photo(due_now: bool, photos: list[str]) -> shapes.Photo:
    return "there" if photos else "missing" if due_now else "not_yet"


def _task(
    tx: Tx,
    actor: Actor,
    row: Any,
    names: dict[str, str],
    pinned: Mapping[str, definitions.Pinned],
    now: datetime,
) -> shapes.NoticeTask | None:
    if row is None:
        return None
    route = worklist.route_of_row(row)
    posts = "、".join(str(tx.world.posts.get(post, {}).get("label", post)) for post in route.posts)
    node = pinned[row.case_id].node(row.process, row.element)
    free = row.holder in (None, actor.id)
    return shapes.NoticeTask(
        id=row.id,
        name=row.name,
        verb=node.properties.get("verb") or row.name,
        mine=free and (row.holder == actor.id or reaches(actor, route, row.area)),
        who=f"{names[row.holder]}（办理中）" if row.holder in names else posts,
        late=row.due_at is not None and row.due_at < now,
    )
