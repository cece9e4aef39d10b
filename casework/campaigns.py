"""Special campaigns (R42): the district's case, one for each town and village below it, and what they add up to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, select

from casework import publicity, staff
from engine import cases, messages
from engine.calendar import ZONE
from engine.db import Tx
from engine.errors import NotFound
from engine.routing import Actor
from engine.tables import cases as cases_table

PROCESS, TOWN, VILLAGE, MESSAGE = "campaign", "campaign_town", "campaign_village", "campaign_ordered"
C = cases_table.c


@dataclass(frozen=True, slots=True)
class Sum:
    """What villages have done so far."""

    sessions: int
    people: int
    visited: int
    leads: int
    villages: int
    done: int


def order(tx: Tx, theme: str, area: str, actor: Actor, now: datetime) -> tuple[str, str]:
    """Begin a campaign; returns its case and number."""
    day = f"ZX{now.astimezone(ZONE):%Y%m%d}"
    count = tx.run(select(func.count()).where(C.process == PROCESS, C.number.like(f"{day}-%"))).scalar_one()
    number = f"{day}-{int(count) + 1}"
    listed = {"campaign_list": {"towns": staffed(tx, area, "town", now)}}
    home = messages.Home(area, number, f"专项行动 · {theme}", document=listed)
    begun = messages.deliver(tx, MESSAGE, None, {"theme": theme}, now=now, actor=actor, home=home)
    if not begun:
        raise NotFound("还没有部署专项行动流程。", "The campaign process is not deployed.")
    return begun[0], number


def below(
    tx: Tx,
    process: str,
    parent: Any,
    areas: list[str],
    given: dict[str, Any],
    now: datetime,
    listed: Callable[[str], Mapping[str, Any]] | None = None,
) -> list[str]:
    """A case for each area, once; returns their numbers.

    `given`: what each starts with, besides its number as `own_no`. `listed`: the document it starts with.
    """
    numbers = []
    for area in areas:
        number = f"{parent.number}-{area.rpartition('/')[2]}"
        numbers.append(number)
        if tx.run(select(C.id).where(C.process == process, C.number == number)).first() is not None:
            continue
        cases.start(
            tx,
            process,
            now=now,
            area=area,
            number=number,
            title=parent.title,
            variables={**given, "own_no": number},
            document=listed(area) if listed else None,
            parent=parent.id,
        )
    return numbers


def reckon(tx: Tx, number: str, area: str) -> Sum:
    """A campaign in an area: from the books and the villages' sheets."""
    root = number.split("-")
    campaign = "-".join(root[:2])
    inside = (C.area == area) | C.area.startswith(area + "/", autoescape=True)
    query = select(C.status, C.document).where(C.process == VILLAGE, C.number.like(f"{campaign}-%"), inside)
    visited = leads = villages = done = 0
    for row in tx.run(query):
        sheet = (row.document.get("") or {}).get("campaign_village") or {}
        villages += 1
        done += row.status == "completed"
        visited += int(sheet.get("visited") or 0)
        leads += len(sheet.get("found") or [])
    sessions, people = publicity.reached(tx, campaign, area)
    return Sum(sessions, people, visited, leads, villages, done)


def listed(tx: Tx, sight: ColumnElement[bool], offset: int, limit: int) -> tuple[list[Any], int]:
    """Campaigns whose district is within sight, newest first."""
    where = (C.process == PROCESS, sight)
    total = tx.run(select(func.count()).select_from(cases_table).where(*where)).scalar_one()
    query = select(cases_table).where(*where).order_by(C.opened_at.desc(), C.id)
    return list(tx.run(query.offset(offset).limit(limit))), int(total)


def staffed(tx: Tx, area: str, tier: str, now: datetime) -> list[dict[str, str]]:
    """Towns or villages of an area where somebody holds a post: `[{town, name}]`."""
    manned = staff.manned(tx, tier, now)
    return [
        {tier: path, "name": name}
        for path, name in staff.staffed(tx, tier, now)
        if path in manned and (path == area or path.startswith(area + "/"))
    ]
