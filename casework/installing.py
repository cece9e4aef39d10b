"""A district's own installation: its area tree, its dibao standard, and the one account everything else is set up with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

from sqlalchemy import insert, select

from casework import areas, audit, corps, standards
from casework.sessions import passwords
from casework.tables import appointments, persons
from engine.calendar import ZONE
from engine.db import Tx, new_id
from engine.errors import Conflict, Field, Invalid
from engine.routing import Actor, Appointment

POST = "system_admin"


@dataclass(frozen=True, slots=True)
class Installed:
    """What was set up. `password`: to be handed over, shown this once."""

    district: str
    areas: int
    username: str
    password: str


def install(
    tx: Tx, *, data: Path, username: str, name: str, dibao: Decimal | None, source: str, now: datetime
) -> Installed:
    """Fill an empty database with a district. Raises Conflict when it is not empty, Invalid for what is wrong with what was given."""
    if tx.run(select(persons.c.id).limit(1)).first() is not None:
        raise Conflict("这个数据库里已有人员，不能再初始化。", "The database is not empty.", code="not_empty")
    if not (3 <= len(username) <= 40 and username.isascii() and username.isalnum()):
        fields = [Field("username", "3 到 40 个字母或数字")]
        raise Invalid("用户名须是 3 到 40 个字母或数字。", "The user name will not do.", fields=fields)
    count = areas.load(tx, data)
    ((district, label),) = areas.of_tier(tx, "district", now)
    person, today = new_id(), now.astimezone(ZONE).date()
    made = corps.new_password()
    row = {
        "id": person,
        "name": name.strip() or username,
        "username": username,
        "password": passwords.hash(made),
    }
    tx.run(insert(persons), {**row, "disabled": False, "failures": 0})
    held = Appointment(POST, "district", district)
    post = {"post": held.post, "tier": held.tier, "area": held.area}
    tx.run(insert(appointments), {"id": new_id(), "person": person, "valid_from": today, **post})
    audit.record(tx, person, "installed", f"初始化{label}，{count} 个区划", now, area=district, person=person)
    if dibao is not None:
        first = standards.Standard(district, standards.DIBAO, date(today.year, 1, 1), dibao, source)
        standards.put(tx, Actor(person, row["name"], (held,)), first, now)
    return Installed(label, count, username, made)
