"""名册导入: a roster of the corps taken in from a table – first looked at line by line, then all of it or nothing (R9).

A person is recognised again by phone, else by name within the same town, so that a roster read twice makes no second account.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import or_, select

from casework import appointing, audit, corps
from casework.organisation import in_force, keeps, today
from casework.tables import appointments, areas, persons, trainings
from engine.db import Tx
from engine.errors import Field, Invalid
from engine.routing import Actor, at_tier

COLUMNS = ("姓名", "手机号", "岗位", "村（居）或镇（街）", "任职日期", "培训内容", "培训日期", "培训有效期至")


@dataclass
class Line:
    """One line of a table: what it says, what would come of it, and what is wrong with it."""

    number: int
    name: str
    phone: str | None
    post: str | None = None
    area: str | None = None
    begins: date | None = None
    topic: str | None = None
    held_on: date | None = None
    valid_to: date | None = None
    person: str | None = None
    state: str = "new"  # new, known, same (nothing to do), error
    notes: list[str] = field(default_factory=list)


def preview(tx: Tx, actor: Actor, table: Sequence[Mapping[str, Any]], now: datetime) -> list[Line]:
    """What taking the table in would do, line by line; nothing is written."""
    on = today(now)
    posts = {str(post["label"]): key for key, post in tx.world.posts.items()} | {
        key: key for key in tx.world.posts
    }
    places = _places(tx, on)
    seen: dict[str, int] = {}
    lines = []
    for number, row in enumerate(table, 2):  # the first line of the table is its head
        line = Line(number, str(row.get("姓名") or "").strip(), _phone(row.get("手机号")))
        _read(line, row, posts, places, on)
        if line.area and line.post:
            _judge(tx, actor, line, on)
        key = f"{line.phone or line.name}|{line.post}|{line.area}"
        if key in seen:
            line.notes.append(f"与第 {seen[key]} 行重复")
        seen.setdefault(key, number)
        if line.notes:
            line.state = "error"
        lines.append(line)
    _one_liaison_each(lines)
    return lines


def _phone(value: Any) -> str | None:
    """A phone as text; a spreadsheet may have made a number of it."""
    text = str(int(value)) if isinstance(value, float) and value.is_integer() else str(value or "")
    return text.strip() or None


def _places(tx: Tx, on: date) -> dict[str, list[Any]]:
    """Names people write for a place → areas: a village alone, or with its town before it."""
    units = {row.path: row for row in tx.run(select(areas).where(in_force(areas, on)))}
    found: dict[str, list[Any]] = {}
    for path, row in units.items():
        above = units.get(path.rpartition("/")[0])
        for name in {row.name, f"{above.name}{row.name}" if above else row.name, row.code, path}:
            found.setdefault(name, []).append(row)
    return found


def _read(
    line: Line, row: Mapping[str, Any], posts: Mapping[str, str], places: Mapping[str, list[Any]], on: date
) -> None:
    if not line.name:
        line.notes.append("缺姓名")
    if line.phone and not (line.phone.replace("-", "").isdecimal() and 7 <= len(line.phone) <= 13):
        line.notes.append("手机号不对")
    wanted = str(row.get("岗位") or "").strip()
    line.post = posts.get(wanted)
    if line.post is None:
        line.notes.append(f"没有“{wanted}”这一岗位" if wanted else "缺岗位")
    where = str(row.get(COLUMNS[3]) or row.get("区域") or "").strip().replace(" ", "")
    matched = places.get(where, [])
    if len(matched) == 1:
        line.area = matched[0].path
    else:
        line.notes.append(
            f"有 {len(matched)} 处“{where}”，请写上镇（街）名"
            if matched
            else f"没有找到“{where}”"
            if where
            else "缺区域"
        )
    line.begins = _day(row.get("任职日期"), line, "任职日期") or on
    line.topic = str(row.get("培训内容") or "").strip() or None
    line.held_on = _day(row.get("培训日期"), line, "培训日期")
    line.valid_to = _day(row.get("培训有效期至"), line, "培训有效期")
    if line.topic and line.held_on is None:
        line.notes.append("写了培训内容，缺培训日期")


def _day(value: Any, line: Line, label: str) -> date | None:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    text = str(value or "").strip().replace("/", "-").replace(".", "-")
    if not text:
        return None
    try:
        year, month, day = (int(part) for part in text.split("-"))
        return date(year, month, day)
    except ValueError:
        line.notes.append(f"{label}不是日期：{value}")
        return None


def _judge(tx: Tx, actor: Actor, line: Line, on: date) -> None:
    """Is the person known, is the appointment new, may this actor make it, is the village's liaison free?"""
    assert line.area is not None
    assert line.post is not None
    if not keeps(actor, line.area):
        line.notes.append("这一区域不由您维护")
    tier = tx.run(select(areas.c.tier).where(areas.c.path == line.area)).scalar_one()
    if tier not in tx.world.posts[line.post]["tiers"]:
        line.notes.append("这一层级没有此岗位")
    line.person = _known(tx, line, on)
    a = appointments.c
    if line.person is not None:
        line.state = "known"
        held = select(a.id).where(a.person == line.person, a.post == line.post, a.area == line.area)
        if tx.run(held.where(in_force(appointments, on))).first() is not None:
            line.state = "same"
            return
    if line.post == appointing.LIAISON:
        other = select(a.person).where(
            a.post == line.post, a.area == line.area, or_(a.valid_to.is_(None), a.valid_to > on)
        )
        if tx.run(other).first() is not None:
            line.notes.append("该村（居）已有联络员，请先办理交接")


def _known(tx: Tx, line: Line, on: date) -> str | None:
    """The account this line is about: the one with its phone, else the only one of that name in the town without another phone."""
    p, a = persons.c, appointments.c
    if line.phone:
        row = tx.run(select(p.id, p.name).where(p.phone == line.phone)).one_or_none()
        if row is not None:
            if row.name != line.name:
                line.notes.append(f"手机号已登记在{row.name}名下")
            return str(row.id)
    town = at_tier(line.area or "", "town")
    inside = or_(a.area == town, a.area.startswith(town + "/", autoescape=True))
    query = select(p.id, p.phone, p.disabled).where(
        p.name == line.name, p.id.in_(select(a.person).where(inside, in_force(appointments, on)))
    )
    same = [row for row in tx.run(query) if not row.disabled and (not row.phone or not line.phone)]
    if len(same) > 1:
        line.notes.append("本镇（街）有同名人员，请补手机号")
    return str(same[0].id) if len(same) == 1 else None


def _one_liaison_each(lines: Iterable[Line]) -> None:
    named: dict[str, int] = {}
    for line in lines:
        if line.post == appointing.LIAISON and line.area and line.state in ("new", "known"):
            if line.area in named:
                line.state = "error"
                line.notes.append(f"第 {named[line.area]} 行已是该村（居）联络员")
            named.setdefault(line.area, line.number)


def take_in(tx: Tx, actor: Actor, table: Sequence[Mapping[str, Any]], now: datetime) -> dict[str, int]:
    """Take a whole table in, or nothing: any line that is wrong refuses it. → people added, appointments made, lines unchanged"""
    lines = preview(tx, actor, table, now)
    wrong = [Field(f"第 {line.number} 行", "；".join(line.notes)) for line in lines if line.state == "error"]
    if wrong:
        raise Invalid(f"有 {len(wrong)} 行有误，没有导入。", "Some lines are wrong.", fields=wrong)
    added: dict[str, str] = {}
    counted = {"added": 0, "appointed": 0, "same": 0}
    for line in lines:
        assert line.area is not None
        assert line.post is not None
        assert line.begins is not None
        key = line.phone or f"{line.name}@{at_tier(line.area, 'town')}"
        person = line.person or added.get(key)
        if person is None:
            person = added[key] = corps.add(tx, actor, line.name, line.phone, now, area=line.area)
            counted["added"] += 1
        if line.state == "same":
            counted["same"] += 1
        else:
            appointing.appoint(
                tx,
                actor,
                person=person,
                post=line.post,
                area=line.area,
                begins=line.begins,
                until=None,
                now=now,
            )
            counted["appointed"] += 1
        if line.topic and line.held_on and not _trained(tx, person, line.topic, line.held_on):
            corps.train(tx, actor, person, line.topic, line.held_on, line.valid_to, now)
    text = f"导入名册 {len(lines)} 行：新增 {counted['added']} 人，任职 {counted['appointed']} 项"
    audit.record(tx, actor.id, "imported", text, now, area=actor.appointments[0].area, counted=counted)
    return counted


def _trained(tx: Tx, person: str, topic: str, held_on: date) -> bool:
    c = trainings.c
    same = select(c.id).where(c.person == person, c.topic == topic, c.held_on == held_on)
    return tx.run(same).first() is not None
