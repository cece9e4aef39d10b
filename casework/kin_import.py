"""近亲属备案导入: a table of staff and households, looked at line by line, then taken in whole or not at all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select

from casework import areas, kin
from casework.organisation import in_force, keeps, today
from casework.tables import appointments, households, kinship, persons
from casework.tables import areas as areas_table
from engine.db import Tx
from engine.errors import Field, Invalid
from engine.routing import Actor, at_tier

COLUMNS = ("工作人员", "户主", "村（居）", "关系")


@dataclass
class Line:
    """`state`: new, same (known already), error."""

    number: int
    name: str
    head: str
    place: str
    relation: str
    person: str | None = None
    household: str | None = None
    state: str = "new"
    notes: list[str] = field(default_factory=list)


def preview(tx: Tx, actor: Actor, table: Sequence[Mapping[str, Any]], now: datetime) -> list[Line]:
    """What taking the table in would do; nothing is written."""
    lines = []
    for number, row in enumerate(table, 2):
        said = [str(row.get(column) or "").strip() for column in COLUMNS]
        name, head, place, relation = said
        line = Line(number, name, head, place, relation)
        missing = [column for column, value in zip(COLUMNS, said, strict=True) if not value]
        if missing:
            line.notes.append(f"缺{'、'.join(missing)}")
        else:
            _judge(tx, actor, line, now)
        if line.notes:
            line.state = "error"
        lines.append(line)
    return lines


def _judge(tx: Tx, actor: Actor, line: Line, now: datetime) -> None:
    h, c = households.c, areas_table.c
    query = select(h.id, h.area, c.name).join(areas_table, c.path == h.area).where(h.head == line.head)
    homes = list(tx.run(query))
    names = areas.names(tx, {row.area for row in homes})
    wanted = line.place.replace(" ", "")
    found = [row for row in homes if wanted in (row.name, names[row.area], row.area.rpartition("/")[2])]
    if len(found) != 1:
        line.notes.append(
            f"{line.place}有 {len(found)} 户“{line.head}”" if found else f"{line.place}没有户主“{line.head}”"
        )
        return
    (home,) = found
    if not keeps(actor, home.area):
        line.notes.append("这一户不在您维护的范围内")
    line.household = home.id
    p, a = persons.c, appointments.c
    town = at_tier(home.area, "town")
    held = select(a.person, a.area).join(persons, p.id == a.person)
    held = held.where(p.name == line.name, p.disabled.is_(False), in_force(appointments, today(now)))
    near = {row.person for row in tx.run(held) if row.area.startswith(town) or town.startswith(row.area)}
    if len(near) != 1:
        line.notes.append(
            f"有 {len(near)} 名“{line.name}”，请逐一登记" if near else f"没有工作人员“{line.name}”"
        )
        return
    (line.person,) = near
    same = select(kinship.c.relation).where(
        kinship.c.person == line.person, kinship.c.household == home.id, kinship.c.ended_on.is_(None)
    )
    if tx.run(same).first() is not None:
        line.state = "same"


def take_in(tx: Tx, actor: Actor, table: Sequence[Mapping[str, Any]], now: datetime) -> tuple[int, int]:
    """Take the table in. → declared, unchanged. Raises Invalid naming every line that is wrong."""
    lines = preview(tx, actor, table, now)
    wrong = [Field(f"第 {line.number} 行", "；".join(line.notes)) for line in lines if line.state == "error"]
    if wrong:
        raise Invalid(f"有 {len(wrong)} 行有误，没有导入。", "Some lines are wrong.", fields=wrong)
    done: set[tuple[str, str]] = set()
    for line in lines:
        assert line.person is not None
        assert line.household is not None
        if line.state == "new" and (line.person, line.household) not in done:
            done.add((line.person, line.household))
            kin.declare(tx, actor, line.person, line.household, line.relation, now)
    return len(done), len(lines) - len(done)
