"""变更记录: who changed what in the organisation and in the register of households, and when. Rows are added and never changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, insert, or_, select

from casework.tables import changes
from engine.db import Tx, made
from engine.routing import Actor

KINDS = {
    "appointed": "任职",
    "post_ended": "免职",
    "liaison_changed": "联络员交接",
    "substituted": "委托代理",
    "substitution_ended": "代理终止",
    "area_changed": "区划调整",
    "phone_set": "监督电话",
    "person_added": "新增人员",
    "person_changed": "人员资料",
    "person_disabled": "停用账号",
    "person_enabled": "恢复账号",
    "password_set": "重置密码",
    "password_changed": "修改本人密码",
    "trained": "培训",
    "imported": "名册导入",
    "kin_declared": "近亲属备案",
    "kin_ended": "近亲属备案终止",
    "duty_planned": "排班",
    "duty_removed": "撤班",
    "case_transferred": "属地移交",
    "standard_set": "救助标准",
    "installed": "初始化",
    "home_added": "新增户",
    "home_changed": "户资料更正",
    "home_ended": "户迁出或注销",
    "home_reopened": "恢复户",
    "home_moved": "户迁往另一村（居）",
    "home_linked": "关联在享救助",
    "home_unlinked": "取消关联在享救助",
    "member_added": "新增成员",
    "member_changed": "成员资料更正",
    "member_left": "成员离开",
    "member_back": "成员回到本户",
    "list_entered": "列入重点类别",
    "list_struck": "移出重点类别",
}
HOMES = tuple(kind for kind in KINDS if kind.startswith(("home_", "member_", "list_")))


@dataclass(frozen=True, slots=True)
class Change:
    """One line. `area`: where; `person`: whom it concerns; `household`: of the register, where it is about one."""

    id: int
    at: datetime
    by: str
    kind: str
    area: str | None
    person: str | None
    household: str | None
    text: str
    details: dict[str, Any]


def record(
    tx: Tx,
    by: str,
    kind: str,
    text: str,
    now: datetime,
    *,
    area: str | None = None,
    person: str | None = None,
    household: str | None = None,
    **details: Any,
) -> None:
    """Write a line in the transaction of the change itself: there is no change without its line."""
    if kind not in KINDS:
        raise ValueError(f"{kind} is no kind of change")
    row = {"at": now, "by": by, "kind": kind, "area": area, "person": person, "household": household}
    tx.run(insert(changes), {**row, "text": text, "details": details})


def _seen_by(actor: Actor) -> ColumnElement[bool]:
    c = changes.c.area
    inside = [
        or_(c == held.area, c.startswith(held.area + "/", autoescape=True)) for held in actor.appointments
    ]
    return or_(*inside)


def page(
    tx: Tx,
    actor: Actor,
    *,
    area: str | None = None,
    person: str | None = None,
    kind: str | None = None,
    offset: int = 0,
    limit: int = 20,
) -> tuple[list[Change], int]:
    """The newest lines about areas the actor's posts cover, and how many there are."""
    c = changes.c
    where: list[ColumnElement[bool]] = [_seen_by(actor)]
    if area:
        where.append(or_(c.area == area, c.area.startswith(area + "/", autoescape=True)))
    if person:
        where.append(c.person == person)
    if kind:
        where.append(c.kind == kind)
    total = tx.run(select(func.count()).select_from(changes).where(*where)).scalar_one()
    columns = [c[name] for name in Change.__slots__]
    query = select(*columns).where(*where).order_by(c.at.desc(), c.id.desc()).offset(offset).limit(limit)
    return [made(Change, row) for row in tx.run(query)], int(total)


def of_household(tx: Tx, household: str, limit: int) -> list[Change]:
    """What was done to a household of the register by hand, the newest first."""
    c = changes.c
    where = (c.household == household, c.kind.in_(HOMES))
    columns = [c[name] for name in Change.__slots__]
    query = select(*columns).where(*where).order_by(c.at.desc(), c.id.desc()).limit(limit)
    return [made(Change, row) for row in tx.run(query)]
