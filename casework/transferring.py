"""移交属地: an open case is offered to another place; the town there accepts or refuses with a reason (R56).

On acceptance the case and its open child cases go over with all open tasks, which return to the posts of the new place. What the old
place answers for stays on its account: urgings and orders for what it let run out, complaints about it, who is accountable.
History says so on both sides; the old place goes on reading its part.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, insert, or_, select, update

from casework import areas, audit, books, ladder, passing_on, places, sight, staff
from casework.organisation import area_row, today
from casework.tables import case_transfers, notices, objections
from engine import locking
from engine.db import Tx, new_id
from engine.errors import Conflict, Field, Forbidden, Invalid, NotFound, StaleRevision
from engine.locking import by, note
from engine.routing import Actor, at_tier, sees, within
from engine.tables import cases, user_tasks
from engine.worklist import in_sight

T = case_transfers.c
OFFICE = ("town_service_office",)
STAYING = (*sight.CONFIDENTIAL, *ladder.OWN)
"""Processes about what was done, or not done, where a case was."""


def ask(tx: Tx, actor: Actor, case_id: str, revision: int, to_area: str, why: str, now: datetime) -> str:
    """Offer an open case to another place. Within one town it goes over at once; another town must accept. → transfer id"""
    case = locking.for_act(tx, actor, case_id)
    if not sees(actor, case.area):
        raise Forbidden("这件事项不在您的区域范围内。", "The case is outside your areas.")
    locking.unchanged(case, revision)
    target = area_row(tx, to_area, today(now), "to_area")
    if target.tier == "district" or within(case.area, to_area):
        raise Invalid(
            "请选择现属地以外的镇（街）或村（居）。",
            "It is there.",
            fields=[Field("to_area", "请选择另一处")],
        )
    stated = locking.reason(why, "移交")
    waiting = select(T.id).where(T.case_id == case_id, T.state == "asked")
    if tx.run(waiting).first() is not None:
        raise Conflict("这件事项已提出移交，正在等待接收。", "Asked already.", code="transfer_asked")
    row = {"id": new_id(), "case_id": case_id, "from_area": case.area, "to_area": to_area, "reason": stated}
    tx.run(
        insert(case_transfers),
        {**row, "state": "asked", "asked_by": actor.id, "asked_at": now, "revision": 1},
    )
    names = areas.names(tx, [case.area, to_area])
    details = {"transfer": row["id"], "from": case.area, "to": to_area, "to_name": names[to_area]}
    note(tx, case, by(actor, "transfer.asked", **details, reason=stated), now)
    if at_tier(case.area, "town") == at_tier(to_area, "town"):
        _go(tx, actor, _locked(tx, actor, row["id"], 1), to_area, "同一镇（街）内调整", now)
    else:
        text = f"{case.number} 由{names[case.area]}移交，请接收或说明理由退回：{stated}"
        people = staff.holders(tx, OFFICE, to_area, now)
        books.tell(tx, people, kind="transfer", title="移交属地待接收", text=text, now=now, case_id=case_id)
    return row["id"]


def _locked(tx: Tx, actor: Actor, transfer: str, revision: int) -> Any:
    """The transfer under its case's lock, still waiting and unchanged since it was seen."""
    case_id = tx.run(select(T.case_id).where(T.id == transfer)).scalar_one_or_none()
    if case_id is None:
        raise NotFound("没有这次移交。", "No such transfer.")
    locking.for_act(tx, actor, case_id)
    row = tx.run(select(case_transfers).where(T.id == transfer).with_for_update()).one()
    if row.state != "asked":
        raise Conflict("这次移交已经答复或收回。", "It is no longer waiting.")
    if row.revision != revision:
        raise StaleRevision("移交已有更新，请刷新后再试。", "The transfer has changed.")
    return row


def _may_answer(actor: Actor, row: Any) -> None:
    """The receiving town answers (or the district, which may designate); never who asked."""
    if not sees(actor, row.to_area):
        raise Forbidden("由接收地镇（街）答复。", "The receiving town answers.")
    if actor.id == row.asked_by:
        raise Forbidden("提出移交的人不能自己接收。", "Another person accepts.", code="second_person")


def accept(
    tx: Tx, actor: Actor, transfer: str, revision: int, area: str | None, text: str, now: datetime
) -> str:
    """接收: the case goes over. `area`: the village it goes to, where a town had been named. → case id"""
    row = _locked(tx, actor, transfer, revision)
    _may_answer(actor, row)
    target = area or row.to_area
    if area_row(tx, target, today(now), "area").tier == "town":
        raise Invalid(
            "请选择由哪个村（居）承接。", "Name a village.", fields=[Field("area", "请选择村（居）")]
        )
    if not within(target, row.to_area):
        raise Invalid(
            "请选择接收地范围内的村（居）。", "Outside.", fields=[Field("area", "不在接收地范围内")]
        )
    _go(tx, actor, row, target, text.strip(), now)
    _tell(tx, row, actor, "移交已接收", text, now)
    return str(row.case_id)


def _go(tx: Tx, actor: Actor, row: Any, target: str, text: str, now: datetime) -> None:
    _answered(tx, row, "accepted", actor, text, now)
    details = {"transfer": row.id, "to_name": areas.names(tx, [target])[target]}
    going = [row.case_id, *with_it(tx, [row.case_id], STAYING)]
    before = passing_on.now_on(tx, user_tasks.c.case_id.in_(going), now)
    for case_id in going:
        places.move_case(
            tx, case_id, target, now, reason=row.reason, why="handed_over", actor=actor, **details
        )
    passing_on.let_go(tx, before, now)
    for case_id in going:
        passing_on.look(tx, case_id, now)
    number = tx.run(select(cases.c.number).where(cases.c.id == row.case_id)).scalar_one()
    names = areas.names(tx, [row.from_area, target])
    words = f"{number} 由{names[row.from_area]}移交{names[target]}：{row.reason}"
    for place in (row.from_area, target):
        audit.record(tx, actor.id, "case_transferred", words, now, area=place, case=row.case_id)


def with_it(tx: Tx, roots: Sequence[str], without: Collection[str] = ()) -> list[str]:
    """Open cases started by these, and by those, also where one between has ended; and objections to their notices, which are sealed
    and so no children. `without` these processes and what they have started."""
    found: dict[str, str] = {}
    around = list(roots)
    while around:
        sealed = select(objections.c.case_id).join(notices, notices.c.number == objections.c.notice_no)
        against = cases.c.id.in_(sealed.where(notices.c.case_id.in_(around)))
        query = select(cases.c.id, cases.c.status).where(or_(cases.c.parent.in_(around), against))
        query = query.where(cases.c.process.not_in(without)) if without else query
        fresh = [row for row in tx.run(query.order_by(cases.c.id)) if row.id not in found]
        found |= {row.id: row.status for row in fresh}
        around = [row.id for row in fresh]
    return [one for one, status in found.items() if status == "active" and one not in roots]


def refuse(tx: Tx, actor: Actor, transfer: str, revision: int, why: str, now: datetime) -> str:
    """不予接收, with the reason; the case stays where it is. → case id"""
    row = _locked(tx, actor, transfer, revision)
    _may_answer(actor, row)
    stated = locking.reason(why, "不予接收")
    _answered(tx, row, "refused", actor, stated, now)
    names = areas.names(tx, [row.to_area])
    record = by(actor, "transfer.refused", transfer=row.id, to_name=names[row.to_area], reason=stated)
    note(tx, locking.open_case(tx, row.case_id), record, now)
    _tell(tx, row, actor, "移交未被接收", stated, now)
    return str(row.case_id)


def withdraw(tx: Tx, actor: Actor, transfer: str, revision: int, now: datetime) -> str:
    """收回: who asked, or somebody of the place the case is in, no longer offers it. → case id"""
    row = _locked(tx, actor, transfer, revision)
    if not sees(actor, row.from_area):
        raise Forbidden("由移出地收回。", "The sending side withdraws.")
    _answered(tx, row, "withdrawn", actor, "", now)
    record = by(actor, "transfer.withdrawn", transfer=row.id)
    note(tx, locking.open_case(tx, row.case_id), record, now)
    return str(row.case_id)


def _answered(tx: Tx, row: Any, state: str, actor: Actor, text: str, now: datetime) -> None:
    changed = {"state": state, "answered_by": actor.id, "answered_at": now, "answer": text or None}
    tx.run(update(case_transfers).where(T.id == row.id).values(**changed, revision=row.revision + 1))


def _tell(tx: Tx, row: Any, actor: Actor, title: str, text: str, now: datetime) -> None:
    words = "；".join(filter(None, [actor.name, text.strip()]))
    books.tell(tx, [row.asked_by], kind="transfer", title=title, text=words, now=now, case_id=row.case_id)


def follow(tx: Tx, old: str, new: str, moved: Sequence[str], ended: bool, now: datetime) -> None:
    """Offers that wait go along when an area becomes another: those of cases that moved, and – the area has `ended` – those made to it.

    A case that has so come to where it was offered is there: nobody need answer any more.
    """
    asked = T.state == "asked"
    for start in range(0, len(moved), 500):
        some = T.case_id.in_(moved[start : start + 500])
        tx.run(update(case_transfers).where(asked, some, T.from_area == old).values(from_area=new))
    if ended:
        tx.run(update(case_transfers).where(asked, T.to_area == old).values(to_area=new))
    query = select(case_transfers).where(asked, or_(T.from_area == new, T.to_area == new))
    for row in list(tx.run(query)):
        if within(row.from_area, row.to_area):
            text = "区划调整后，事项已在接收地"
            done = {"state": "accepted", "answered_at": now, "answer": text, "revision": row.revision + 1}
            tx.run(update(case_transfers).where(T.id == row.id).values(**done))
            books.tell(
                tx,
                [row.asked_by],
                kind="transfer",
                title="移交已办结",
                text=text,
                now=now,
                case_id=row.case_id,
            )


def waiting_for(tx: Tx, case_id: str) -> Any:
    """The transfer of a case that waits for an answer, or None."""
    return tx.run(select(case_transfers).where(T.case_id == case_id, T.state == "asked")).one_or_none()


TABS = ("in", "out", "done")


def listed(tx: Tx, actor: Actor, tab: str) -> list[Any]:
    """Transfers the actor's areas are concerned with: to be answered, waiting elsewhere, answered (the newest 100)."""
    incoming, outgoing = in_sight(actor, T.to_area), in_sight(actor, T.from_area)
    where: dict[str, tuple[ColumnElement[bool], ...]] = {
        "in": (T.state == "asked", incoming),
        "out": (T.state == "asked", outgoing),
        "done": (T.state != "asked", or_(incoming, outgoing)),
    }
    query = select(case_transfers, cases.c.number, cases.c.title, cases.c.process).join(cases)
    return list(
        tx.run(query.where(*where[tab], sight.open_to(actor)).order_by(T.asked_at.desc(), T.id).limit(100))
    )
