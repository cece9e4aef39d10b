"""Who keeps the records of the organisation where, and the words every change of it needs: areas, dates, reasons."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select

from casework.tables import areas, persons
from engine.calendar import ZONE
from engine.db import Tx
from engine.errors import Field, Forbidden, Invalid, NotFound
from engine.routing import Actor, within

KEEPERS = {"system_admin": True, "district_bureau": True, "town_service_office": False}
"""Posts that keep people and posts of their area; false: only of what lies below it."""


def today(now: datetime) -> date:
    return now.astimezone(ZONE).date()


def keeps(actor: Actor, area: str) -> bool:
    """May the actor change people and posts of this area?"""
    return any(
        held.post in KEEPERS and within(area, held.area) and (KEEPERS[held.post] or area != held.area)
        for held in actor.appointments
    )


def require_keeper(actor: Actor, area: str) -> None:
    """Raises Forbidden: the district keeps everybody, a town its villages and grids."""
    if not keeps(actor, area):
        raise Forbidden(
            "您不能维护这一区域的人员：区级维护全区，镇（街）维护所辖村（居）和网格。",
            "The area is not yours to keep.",
        )


def in_force(table: Any, on: date) -> ColumnElement[bool]:
    """Rows of a dated table that hold on a day; `valid_to` is the first day they no longer do."""
    c = table.c
    return and_(c.valid_from <= on, or_(c.valid_to.is_(None), c.valid_to > on))


def area_row(tx: Tx, path: str, on: date, field: str = "area") -> Any:
    """An area that exists on a day. Raises NotFound or Invalid."""
    row = tx.run(select(areas).where(areas.c.path == path)).one_or_none()
    if row is None:
        raise NotFound("没有这个区域。", "No such area.")
    if row.valid_from > on or (row.valid_to is not None and row.valid_to <= on):
        raise Invalid(
            f"{row.name}在 {on:%Y-%m-%d} 不存在（已撤并或尚未设立）。",
            "The area does not exist on that day.",
            fields=[Field(field, "该区域在这一天不存在")],
        )
    return row


def person_row(tx: Tx, person: str) -> Any:
    row = tx.run(select(persons).where(persons.c.id == person)).one_or_none()
    if row is None:
        raise NotFound("没有这个人。", "No such person.")
    return row


def active_person(tx: Tx, person: str, field: str = "person") -> Any:
    """A person whose account is in use. Raises Invalid."""
    row = person_row(tx, person)
    if row.disabled:
        raise Invalid(
            f"{row.name}的账号已停用。", "The account is disabled.", fields=[Field(field, "账号已停用")]
        )
    return row


def post_label(tx: Tx, post: str) -> str:
    return str(tx.world.posts.get(post, {}).get("label", post))


def place_of(tx: Tx, path: str) -> str:
    """The name of one area as people say it."""
    row = tx.run(select(areas.c.name).where(areas.c.path == path)).scalar_one_or_none()
    return str(row or path)
