"""The organisation as people see it: units, posts with their substitutes, vacancies, what a change did – in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from api.schemas import organisation as shapes
from api.views.people import mask_phone
from casework import appointing, areas, corps, staff, substituting, tree, vacancies
from casework.organisation import keeps, post_label, today
from engine.db import Tx
from engine.routing import Actor, sees, within

RESULT = {
    "cases": "在办事项随转",
    "households": "户随转",
    "recognitions": "在享待遇随转",
    "service_points": "服务点随转",
    "posts": "任职随转",
    "posts_ended": "任职终止",
}


def last_day(until: date | None) -> date | None:
    """The database keeps the first day a thing no longer holds; people speak of the last day it does."""
    return until - timedelta(days=1) if until is not None else None


def first_day_after(last: date | None) -> date | None:
    return last + timedelta(days=1) if last is not None else None


def units(tx: Tx, actor: Actor, day: date, now: datetime) -> list[shapes.UnitRow]:
    """The units of a day in the actor's sight, with who is there and what is vacant today."""
    of = tree.of_day(tx, day)
    roots = [held.area for held in actor.appointments]
    people: dict[str, set[str]] = {}
    liaison: dict[str, str] = {}
    empty: dict[str, list[str]] = {}
    for root in _topmost(roots):
        for row in appointing.under(tx, root, today(now)):
            people.setdefault(row.area, set()).add(row.person)
            if row.post == appointing.LIAISON:
                liaison[row.area] = row.name
        for vacancy in vacancies.under(tx, root, now):
            empty.setdefault(vacancy.area, []).append(vacancy.label)
    return [
        _unit(unit, of.names[path], liaison.get(path), len(people.get(path, ())), empty.get(path, []))
        for path, unit in sorted(of.units.items())
        if path in of.valid and any(within(path, root) or within(root, path) for root in roots)
    ]


def _topmost(roots: Iterable[str]) -> list[str]:
    known = set(roots)
    return sorted(root for root in known if not any(root != other and within(root, other) for other in known))


def _unit(unit: tree.Unit, name: str, liaison: str | None, people: int, empty: list[str]) -> shapes.UnitRow:
    return shapes.UnitRow(
        path=unit.path,
        name=name,
        kind=unit.kind,
        kind_text=areas.KINDS.get(unit.kind, unit.kind),
        tier=unit.tier,
        parent=unit.parent,
        valid_from=unit.valid_from,
        valid_to=unit.valid_to,
        successor=unit.successor,
        liaison=liaison,
        people=people,
        vacancies=empty,
    )


def detail(tx: Tx, actor: Actor, area: str, now: datetime) -> shapes.UnitDetail:
    """One unit: everybody who holds or held a post there, substitutes, what is vacant."""
    on = today(now)
    of = tree.of_day(tx, on)
    unit = of.units[area]
    rows = appointments(tx, appointing.of_area(tx, area), on, {area: of.names[area]})
    empty = [vacancy for vacancy in vacancies.under(tx, area, now) if vacancy.area == area]
    people = {row.person for row in rows if row.state == "active"}
    liaison = next((r.name for r in rows if r.state == "active" and r.post == appointing.LIAISON), None)
    offered = [
        {"value": key, "label": str(post["label"])}
        for key, post in tx.world.posts.items()
        if unit.tier in post["tiers"]
    ]
    labels = [vacancy.label for vacancy in empty]
    return shapes.UnitDetail(
        unit=_unit(unit, of.names[area], liaison, len(people), labels),
        place=areas.names(tx, [area])[area],
        phone=unit.phone,
        phone_inherited=areas.complaint_phone(tx, area) if unit.tier == "town" and not unit.phone else None,
        posts=rows,
        offered=offered if area in of.valid else [],
        vacancies=[vacancy_row(one) for one in empty],
        may_keep=keeps(actor, area) and area in of.valid,
    )


def vacancy_row(one: vacancies.Vacancy) -> shapes.VacancyRow:
    return shapes.VacancyRow(**{name: getattr(one, name) for name in vacancies.Vacancy.__slots__})


def appointments(
    tx: Tx, rows: Sequence[Any], on: date, places: Mapping[str, str]
) -> list[shapes.AppointmentRow]:
    """Appointments with their substitutes; active ones first."""
    standing = substituting.of_appointments(tx, [row.id for row in rows], on)
    names = staff.names(tx, {row.person for row in rows})
    made = []
    for row in rows:
        state = "future" if row.valid_from > on else "active"
        if row.valid_to is not None and row.valid_to <= on:
            state = "ended"
        made.append(
            shapes.AppointmentRow(
                id=row.id,
                person=row.person,
                name=names.get(row.person, row.person),
                phone=mask_phone(getattr(row, "phone", None)),
                post=row.post,
                label=post_label(tx, row.post),
                area=places.get(row.area, row.area),
                begins=row.valid_from,
                until=last_day(row.valid_to),
                state=state,
                substitutions=[substitution(one) for one in standing.get(row.id, [])],
            )
        )
    order = {"active": 0, "future": 1, "ended": 2}
    return sorted(made, key=lambda row: order[row.state])


def substitution(row: Any) -> shapes.SubstitutionRow:
    return shapes.SubstitutionRow(
        id=row.id,
        substitute=row.substitute,
        substitute_name=row.name,
        begins=row.valid_from,
        until=row.valid_to - timedelta(days=1),
        reason=row.reason,
    )


def result(found: Mapping[str, Any] | None) -> list[dict[str, str]]:
    """What a change did, line by line."""
    if not found:
        return []
    lines = [{"label": "没有生效", "value": str(found["error"])}] if "error" in found else []
    lines += [{"label": RESULT[key], "value": str(found[key])} for key in RESULT if found.get(key)]
    if found.get("liaison"):
        lines.append({"label": "联络员", "value": str(found["liaison"])})
    if found.get("no_longer_liaison"):
        lines.append({"label": "不再任联络员", "value": "、".join(found["no_longer_liaison"])})
    return lines


def member(tx: Tx, one: corps.Member, on: date, places: Mapping[str, str]) -> shapes.MemberRow:
    return shapes.MemberRow(
        id=one.id,
        name=one.name,
        phone=mask_phone(one.phone),
        username=one.username,
        disabled=one.disabled,
        usable=one.usable,
        posts=appointments(tx, one.posts, on, places),
        trainings=[
            shapes.TrainingRow(
                topic=row.topic,
                held_on=row.held_on,
                valid_to=row.valid_to,
                expired=row.valid_to is not None and row.valid_to < on,
            )
            for row in one.trainings
        ],
        held=one.held,
    )


def readable(actor: Actor, area: str) -> bool:
    """May the actor look at the people of a unit: it is in his areas, or above them (whom one turns to)."""
    return sees(actor, area) or any(within(held.area, area) for held in actor.appointments)
