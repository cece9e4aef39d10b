"""The rounds: who was visited in a quarter, what was found, and who was not – a silent household is a figure, not a gap nobody sees."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, insert, or_, select, update

from casework import areas
from casework.households import Register
from casework.tables import appointments, households, leads, visits
from engine.calendar import ZONE
from engine.db import Tx, new_id

NOBODY = "none"
"""Code of `met_person`: nobody was there."""
KINDS: Mapping[str, str] = {
    "quarterly": "季度入户排查",
    "focus": "重点户走访",
    "patrol": "日常巡查",
    "care": "照料走访",
    "verification": "实地核查",
    "survey": "入户调查",
    "follow_up": "回访",
    "guidance": "包片指导",
    "campaign": "专项行动",
    "spot_check": "抽查",
}
METHODS: Mapping[str, str] = {
    "on_site": "入户",
    "phone": "电话",
    "video": "视频",
    "neighbour": "邻里了解",
}


def quarter(day: date) -> str:
    """`2026Q4`."""
    return f"{day.year}Q{(day.month + 2) // 3}"


def quarter_after(period: str) -> date:
    """The first day after a quarter: `2026Q4` → 2027-01-01."""
    year, number = int(period[:4]), int(period[-1])
    return date(year + number // 4, number % 4 * 3 + 1, 1)


def roster(tx: Tx, area: str) -> list[dict[str, Any]]:
    """The households of an area and below as the register has them now: `{"household", "head", "size", "focus"}`."""
    h = households.c
    inside = or_(h.area == area, h.area.startswith(area + "/", autoescape=True))
    query = select(h.id, h.head, h.size, h.focus).where(inside, h.ended_on.is_(None)).order_by(h.id)
    return [{"household": r.id, "head": r.head, "size": r.size, "focus": r.focus} for r in tx.run(query)]


def record(
    tx: Tx,
    *,
    case_id: str,
    area: str,
    period: str,
    kind: str,
    person: str,
    at: datetime,
    rows: Iterable[Mapping[str, Any]],
    entered_at: datetime | None = None,
) -> list[dict[str, Any]]:
    """Enter visits; said again for the same case and household (or `key`) they stay as they are. Returns the new ones.

    `at`: when they were made; `entered_at`: when they reached the register, if later.
    """
    new: list[dict[str, Any]] = []
    for row in rows:
        key = f"{case_id}:{row.get('key') or row.get('household') or row['head']}"
        if tx.run(select(visits.c.id).where(visits.c.id == key)).first() is not None:
            continue
        made = {
            "id": key,
            "kind": kind,
            "period": period,
            "area": area,
            "household": row.get("household"),
            "head": row["head"],
            "met": row.get("met") or NOBODY,
            "needs": row.get("needs") or [],
            "change": row.get("change"),
            "policy_explained": bool(row.get("policy_explained")),
            "reason": row.get("not_met_reason"),
            "person": person,
            "at": at,
            "case_id": case_id,
            "lead_no": None,
            "visitors": [person] if person else [],
            "source": case_id,
            "entered_at": entered_at or at,
        }
        tx.run(insert(visits), made)
        new.append(made)
    met = [one["household"] for one in new if one["household"] and one["met"] != NOBODY]
    _seen(tx, met, at, None)
    return new


def enter(tx: Tx, row: Mapping[str, Any]) -> str:
    """Write down one visit; said again with the same `source` it stays as it is. Returns its id."""
    source = row.get("source")
    if source is not None:
        known = tx.run(select(visits.c.id).where(visits.c.source == source)).scalars().first()
        if known is not None:
            return str(known)
    made = {
        "id": new_id(),
        "needs": [],
        "policy_explained": False,
        "period": quarter(row["at"].astimezone(ZONE).date()),
        **row,
    }
    tx.run(insert(visits), made)
    if made.get("household") and made["met"] != NOBODY:
        _seen(tx, [made["household"]], made["at"], made.get("next_due"))
    return str(made["id"])


def opened(tx: Tx, visit: str, lead_no: str) -> None:
    """A need found on a visit became a lead: each knows the other."""
    tx.run(update(visits).where(visits.c.id == visit).values(lead_no=lead_no))
    tx.run(update(leads).where(leads.c.number == lead_no).values(visit=visit))


def _seen(tx: Tx, met: Sequence[str], at: datetime, asked: date | None) -> None:
    """Households at which somebody was met: their next visit moves on."""
    h = households.c
    places = set(tx.run(select(h.area).where(h.id.in_(met))).scalars()) if met else set()
    if not places:
        return
    register = Register(tx, places, None, at)
    for one in met:
        if one in register.rows:
            register.visited(one, at, asked)


def homes(tx: Tx, found: Iterable[Any]) -> dict[str, str]:
    """Household → the area it is in now, of those visited."""
    h = households.c
    ids = {visit.household for visit in found if visit.household}
    return {row.id: row.area for row in tx.run(select(h.id, h.area).where(h.id.in_(ids)))} if ids else {}


def of_household(tx: Tx, household: str, limit: int) -> list[Any]:
    v = visits.c
    return list(
        tx.run(select(visits).where(v.household == household).order_by(v.at.desc(), v.id).limit(limit))
    )


HOME = visits.outerjoin(households, households.c.id == visits.c.household)
"""Visits with the household they were to."""


def place() -> ColumnElement[str]:
    """The area a visit (of `HOME`) counts in: that of its household as the register has it now; without one, where it was made."""
    return func.coalesce(households.c.area, visits.c.area)


def of_area(tx: Tx, root: str) -> ColumnElement[bool]:
    """Visits (of `HOME`) that count in `root`; those without a household follow the area they were made in to its successor."""
    old = areas.formerly(root, areas.heirs(tx))
    below = or_(place() == root, place().startswith(root + "/", autoescape=True))
    return or_(below, and_(households.c.id.is_(None), visits.c.area.in_(old)))


def between(
    tx: Tx, where: Sequence[ColumnElement[bool]], begins: datetime, ends: datetime, offset: int, limit: int
) -> tuple[list[Any], int]:
    """Visits (of `HOME`) of [begins, ends) that fit, newest first, and how many there are."""
    v = visits.c
    wanted = (v.at >= begins, v.at < ends, *where)
    total = tx.run(select(func.count()).select_from(HOME).where(*wanted)).scalar_one()
    query = select(visits).select_from(HOME).where(*wanted).order_by(v.at.desc(), v.id)
    return list(tx.run(query.offset(offset).limit(limit))), int(total)


@dataclass(frozen=True, slots=True)
class Coverage:
    """A village in a quarter. `silent`: households with neither a visit nor a reason; `vacant`: nobody holds a village post."""

    area: str
    name: str
    households: int
    visited: int
    explained: int
    silent: int
    vacant: bool


def coverage(tx: Tx, root: str, period: str, now: datetime) -> list[Coverage]:
    """Every village below `root`, those that owe most first. A visit counts for its household, wherever that is on the register now."""
    h, v, a = households.c, visits.c, appointments.c
    today = now.astimezone(ZONE).date()
    valid = (a.valid_from <= today, or_(a.valid_to.is_(None), a.valid_to > today))
    held = set(tx.run(select(a.area).where(a.tier == "village", *valid)).scalars())
    listed: dict[str, set[str]] = {}
    for row in tx.run(
        select(h.area, h.id).where(h.area.startswith(root, autoescape=True), h.ended_on.is_(None))
    ):
        listed.setdefault(row.area, set()).add(row.id)
    met: dict[str, bool] = {}
    inside = select(h.id).where(h.area.startswith(root, autoescape=True))
    rounds = (v.period == period, v.kind == "quarterly", v.household.in_(inside))
    for row in tx.run(select(v.household, v.met).where(*rounds)):
        met[row.household] = met.get(row.household, False) or row.met != NOBODY
    made = []
    for path, name in areas.of_tier(tx, "village", now):
        if not path.startswith(root):
            continue
        of = listed.get(path, set())
        visited = sum(met.get(one, False) for one in of)
        explained = sum(met.get(one) is False for one in of)
        if of or path in held:
            silent = len(of) - visited - explained
            made.append(Coverage(path, name, len(of), visited, explained, silent, path not in held))
    return sorted(made, key=lambda c: (-c.silent, not c.vacant, c.area))


def silent(tx: Tx, key: str) -> int:
    """Households of the district nobody visited and nobody explained; `key`: `120115:2026Q4`. For forms that ask."""
    root, _, period = key.partition(":")
    h, v = households.c, visits.c
    known = select(v.household).where(v.period == period, v.kind == "quarterly", v.household.is_not(None))
    query = select(h.id).where(
        h.area.startswith(root, autoescape=True), h.id.not_in(known), h.ended_on.is_(None)
    )
    return len(tx.run(query).all())
