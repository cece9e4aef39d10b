"""渠道畅通 (R10): of the windows, boards and hotlines every town and village must have (R38–R40), those found good when last looked at."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from casework import areas, staff
from casework.performance import Period, inside
from casework.points import KINDS, P
from casework.tables import point_checks, service_points
from engine.db import Tx

POINT, MISSING = "point", "no_point"


@dataclass(frozen=True, slots=True)
class Channel:
    """A point of a place, or a kind the place has none of. `key`: `point:<id>` or `no_point:<area>:<kind>`."""

    key: str
    good: bool


def of_unit(tx: Tx, root: str, period: Period, now: datetime) -> list[Channel]:
    """Every channel below `root`: good when its last check, call or repair of the period said so.

    A kind a place lacks counts like a bad one – registering nothing is no way to full marks –, at places somebody works or lives in: the same
    that are checked each quarter. Points registered later or closed count neither way.
    """
    last = _last(tx, root, period)
    registered = select(P.id, P.area, P.kind).where(
        inside(P.area, root), P.state != "closed", P.entered_at < period.end
    )
    found, held = [], set()
    for row in tx.run(registered.order_by(P.area, P.kind.desc(), P.name, P.id)):
        held.add((row.area, row.kind))
        found.append(Channel(f"{POINT}:{row.id}", last.get(row.id, False)))
    until = min(period.end, now)
    for tier in ("town", "village"):
        for area, _ in staff.staffed(tx, tier, until):
            if area == root or area.startswith(root + "/"):
                found += [
                    Channel(f"{MISSING}:{area}:{kind}", False) for kind in KINDS if (area, kind) not in held
                ]
    return found


def _last(tx: Tx, root: str, period: Period) -> dict[str, bool]:
    """Point → what the last look of the period said."""
    c = point_checks.c
    query = (
        select(c.point, c.ok)
        .join(service_points, P.id == c.point)
        .where(inside(P.area, root), c.at >= period.start, c.at < period.end)
    )
    return {row.point: row.ok for row in tx.run(query.order_by(c.at, c.id))}


def labels(tx: Tx, keys: Collection[str]) -> dict[str, str]:
    """Key → as people read it: 宝平街道 便民窗口（救助窗口）."""
    ids = [key.partition(":")[2] for key in keys if key.startswith(f"{POINT}:")]
    rows = list(tx.run(select(P.id, P.area, P.kind, P.name).where(P.id.in_(ids))))
    lacking = [key.split(":") for key in keys if key.startswith(f"{MISSING}:")]
    places = areas.names(tx, {row.area for row in rows} | {area for _, area, _ in lacking})
    made = {f"{POINT}:{row.id}": f"{places[row.area]}：{row.name}（{KINDS[row.kind]}）" for row in rows}
    return made | {
        f"{MISSING}:{area}:{kind}": f"{places[area]}：缺少{KINDS[kind]}" for _, area, kind in lacking
    }
