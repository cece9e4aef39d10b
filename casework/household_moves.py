"""户迁往另一村（居）: a household moves within the district, by who keeps the register of both places. Its record goes along, what was done stays."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update

from casework import areas, audit, books, places, staff
from casework.household_changes import Written
from casework.households import kept, must_keep, note, seen
from casework.organisation import today
from casework.tables import households, recognitions
from engine.db import Tx
from engine.errors import Conflict, Field, Invalid, StaleRevision
from engine.locking import reason
from engine.routing import Actor
from engine.tables import cases

TOLD = ("village_liaison", "village_committee")
"""Who keeps a village's register and hears who comes and goes."""


def move(
    tx: Tx, actor: Actor, household: str, revision: int, to_area: str, why: str, now: datetime
) -> Written:
    """The household belongs to another village from today: members, lists, visits and what it is paid go along; the village before is kept
    (`casework.places`), both villages have the line in 变更记录 and are told. Open cases are handed over on their own (移交属地).

    Raises Forbidden for who keeps the register of one of the two only.
    """
    old = seen(tx, actor, household).area
    areas.hold(tx, [old, to_area])
    row = kept(tx, actor, household, revision)
    if row.area != old:
        raise StaleRevision("该户已转到另一村（居），请载入最新内容后再改。", "The household has moved.")
    must_keep(actor, to_area)
    if to_area == old or not any(
        a.path == to_area and a.tier == "village" for a in areas.subtree(tx, to_area, now)
    ):
        raise Invalid(
            "请选择另一个村（居）。", "No such village.", fields=[Field("area", "请选择另一个村（居）")]
        )
    stated = reason(why, "迁移")
    number = _number(tx, row, to_area)
    values = {"area": to_area, "number": number, "updated_at": now, "updated_by": actor.id}
    h, r, c = households.c, recognitions.c, cases.c
    tx.run(update(households).where(h.id == household).values(**values, revision=h.revision + 1))
    tx.run(update(recognitions).where(r.household == household, r.state == "active").values(area=to_area))
    places.leave(tx, "household", [household], old, to_area, today(now), "handed_over", now)
    names = areas.names(tx, [old, to_area])
    words = f"由{names[old]}迁往{names[to_area]}：{stated}"
    note(tx, actor, row, "home_moved", now, what=words)
    audit.record(tx, actor.id, "home_moved", words, now, area=to_area, to=household)
    for place in (old, to_area):
        people = [one for one in staff.holders(tx, TOLD, place, now) if one != actor.id]
        books.tell(
            tx, people, kind="change", title="户迁往另一村（居）", text=f"{row.head}户{words}", now=now
        )
    warnings = [f"新村（居）已有户编号 {row.number}，本户改为 {number}。"] if number != row.number else []
    open_ = select(func.count()).where(c.subject == household, c.status == "active", c.area != to_area)
    if waiting := tx.run(open_).scalar_one():
        warnings.append(f"本户还有 {waiting} 件在办事项留在原处；须由新处办理的，请逐件移交属地。")
    return Written(household, warnings=tuple(warnings))


def _number(tx: Tx, row: Any, area: str) -> str | None:
    """The number it bears in the new village; one that is taken stands behind the code of the old one, as when villages merge."""
    h = households.c
    known = select(h.id).where(h.area == area)
    number: str | None = row.number
    if number is None or tx.run(known.where(h.number == number)).first() is None:
        return number
    marked = f"{row.area[-6:]}-{row.number}"
    if tx.run(known.where(h.number == marked)).first() is not None:
        said = f"户编号 {row.number} 和 {marked} 在新村（居）都已使用，请先改户编号。"
        raise Conflict(said, "The number is taken.", code="number_taken")
    return marked
