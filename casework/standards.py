"""救助标准: dated amounts per area – the monthly dibao standard, a town's registered residents. Never in code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import insert, select, update

from casework import areas, audit
from casework.tables import standards
from engine.calendar import ZONE
from engine.db import Tx, made
from engine.errors import Conflict, Field, Forbidden, Invalid
from engine.routing import Actor, within

DIBAO, RESIDENTS = "dibao", "registered_residents"


@dataclass(frozen=True, slots=True)
class Kind:
    """A standard somebody may set. `tier`: of the areas it is set for."""

    label: str
    unit: str
    tier: str
    used: str


KINDS: Mapping[str, Kind] = {
    DIBAO: Kind(
        "最低生活保障标准", "元/人·月", "district", "小额快救和临时救助的限额、低保和边缘户的认定都按它算"
    ),
    RESIDENTS: Kind("户籍人口", "人", "town", "镇（街）备用金的年度额度按它算"),
}


@dataclass(frozen=True, slots=True)
class Standard:
    area: str
    key: str
    valid_from: date
    amount: Decimal
    source: str


def plain(amount: Decimal) -> str:
    """`1100`, `1099.5`: without zeros nobody needs."""
    return f"{amount.normalize():f}"


def standard(tx: Tx | None, area: str, key: str, on: date) -> Any:
    """The amount in force that day in the area or the nearest area above it; None when there is none."""
    if tx is None:
        return None
    above = ["/".join(area.split("/")[: n + 1]) for n in range(area.count("/") + 1)]
    s = standards.c
    query = select(s.amount).where(s.key == key, s.area.in_(above), s.valid_from <= on)
    return tx.run(query.order_by(s.area.desc(), s.valid_from.desc()).limit(1)).scalar()


def listing(tx: Tx) -> list[Standard]:
    """Every entry, by what it is and where, the latest first."""
    s = standards.c
    query = select(s.area, s.key, s.valid_from, s.amount, s.source)
    return [made(Standard, row) for row in tx.run(query.order_by(s.key, s.area, s.valid_from.desc()))]


def put(tx: Tx, actor: Actor, given: Standard, now: datetime) -> None:
    """A new amount from a day on, with its source (文号). An entry of the same day is put right, and both figures stay in the journal.

    What has been decided keeps its amount. Raises Invalid with every wrong field, Forbidden outside the actor's areas, Conflict for the same
    amount again.
    """
    kind = KINDS.get(given.key)
    known = dict(areas.of_tier(tx, kind.tier, now)) if kind else {}
    wrong = []
    if kind is None:
        wrong.append(Field("key", "没有这项标准"))
    elif given.area not in known:
        wrong.append(Field("area", f"须是{areas.TIER_WORDS[kind.tier]}"))
    if given.amount <= 0 or (given.key == RESIDENTS and given.amount != given.amount.to_integral_value()):
        wrong.append(Field("amount", "须是大于 0 的整数" if given.key == RESIDENTS else "须大于 0"))
    if len(given.source.strip()) < 4:
        wrong.append(Field("source", "请写明文号或来源"))
    if wrong or kind is None:
        raise Invalid("填写内容有误，请按提示修改。", "The standard is not right.", fields=wrong)
    if not any(within(given.area, held.area) for held in actor.appointments):
        raise Forbidden("这个区域不在您的职责范围内。", "The area is outside your posts.")
    s = standards.c
    same = (s.area == given.area, s.key == given.key, s.valid_from == given.valid_from)
    before = tx.run(select(s.amount).where(*same).with_for_update()).scalar_one_or_none()
    values = {"amount": given.amount, "source": given.source.strip()}
    if before is None:
        row = {"area": given.area, "key": given.key, "valid_from": given.valid_from}
        tx.run(insert(standards), {**row, **values})
    elif Decimal(before) == given.amount:
        raise Conflict("该日起的标准已是这个数。", "The same amount is on file.", code="same_standard")
    else:
        tx.run(update(standards).where(*same).values(**values))
    was = f"，更正原登记的 {plain(Decimal(before))}" if before is not None else ""
    text = f"{known[given.area]}{kind.label}自 {given.valid_from:%Y-%m-%d} 起为 {plain(given.amount)} {kind.unit}{was}（{values['source']}）"
    audit.record(tx, actor.id, "standard_set", text, now, area=given.area)


def in_force(entries: list[Standard], now: datetime) -> set[tuple[str, str, date]]:
    """Keys of the entries that count today."""
    today, found = now.astimezone(ZONE).date(), dict[tuple[str, str], date]()
    for one in entries:
        if one.valid_from <= today:
            place = (one.key, one.area)
            found[place] = max(found.get(place, one.valid_from), one.valid_from)
    return {(*place, day) for place, day in found.items()}
