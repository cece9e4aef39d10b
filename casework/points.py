"""Service points: window, policy board and hotline of every town and village (R38–R40) – a missing one, an old text, a bad check show."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, func, insert, or_, select, update

from casework import areas, staff
from casework.tables import areas as areas_table
from casework.tables import point_checks, policy_texts, service_points
from engine import messages
from engine.calendar import ZONE
from engine.db import Tx, made, new_id
from engine.errors import Conflict, NotFound, StaleRevision
from engine.routing import Actor
from engine.tables import cases

KINDS = {"window": "救助窗口", "policy_board": "政策公示牌", "hotline": "服务电话"}
P = service_points.c
MESSAGE, PROCESS = "policy_version_changed", "service_point_check"


@dataclass(frozen=True, slots=True)
class Point:
    """`state`: good, faulty, closed. `policy_version`: the text a board shows."""

    id: str
    area: str
    tier: str
    kind: str
    name: str
    place: str
    hours: str | None
    staff: str | None
    phone: str | None
    photo: list[str]
    policy_version: str | None
    checked_on: date | None
    state: str
    note: str | None
    revision: int


COLUMNS = [P[name] for name in Point.__slots__]
WRITABLE = ("name", "place", "hours", "staff", "phone", "photo", "policy_version", "state", "note")


@dataclass(frozen=True, slots=True)
class PolicyText:
    version: str
    title: str
    published_on: date
    summary: str


def of_area(tx: Tx, area: str, *, closed: bool = False) -> list[Point]:
    """The points of one town or village."""
    query = select(*COLUMNS).where(P.area == area).order_by(P.kind.desc(), P.name, P.id)
    return [made(Point, row) for row in tx.run(query) if closed or row.state != "closed"]


def of_areas(tx: Tx, paths: Iterable[str]) -> dict[str, list[Point]]:
    """Points by area, closed ones left out."""
    found: dict[str, list[Point]] = {}
    query = (
        select(*COLUMNS)
        .where(P.area.in_(list(paths)), P.state != "closed")
        .order_by(P.kind.desc(), P.name, P.id)
    )
    for row in tx.run(query):
        found.setdefault(row.area, []).append(made(Point, row))
    return found


def get(tx: Tx, point_id: str) -> Point:
    row = tx.run(select(*COLUMNS).where(P.id == point_id)).one_or_none()
    if row is None:
        raise NotFound("没有这个服务点。", "No such service point.")
    return made(Point, row)


def add(tx: Tx, area: str, tier: str, kind: str, values: Mapping[str, Any], now: datetime) -> Point:
    """Register a point of a town or village."""
    row: dict[str, Any] = {
        "id": new_id(),
        "area": area,
        "tier": tier,
        "kind": kind,
        "checked_on": None,
        "revision": 1,
        "entered_at": now,
        "state": "good",
        "photo": [],
        **{key: values.get(key) for key in WRITABLE if key in values},
    }
    tx.run(insert(service_points), row)
    return get(tx, str(row["id"]))


def equip(tx: Tx, paths: Iterable[str], now: datetime) -> None:
    """The three kinds at each place, for a district that is made up."""
    for area in paths:
        tier = "town" if area.count("/") == 1 else "village"
        for kind, word in KINDS.items():
            add(tx, area, tier, kind, {"name": word, "place": "服务站", "phone": "022-00000000"}, now)


def edit(tx: Tx, point_id: str, revision: int, values: Mapping[str, Any]) -> Point:
    """Correct or close a point. Raises StaleRevision when somebody else was faster."""
    done = tx.run(
        update(service_points)
        .where(P.id == point_id, P.revision == revision)
        .values(revision=revision + 1, **{key: values[key] for key in WRITABLE if key in values})
    )
    if done.rowcount == 0:
        get(tx, point_id)
        raise StaleRevision("这个服务点已被他人修改，请刷新后再改。", "The point was changed meanwhile.")
    return get(tx, point_id)


def missing(tx: Tx, area: str) -> list[str]:
    """Kinds an area has none of. For forms that ask."""
    return lacking(of_area(tx, area))


def lacking(found: Iterable[Point]) -> list[str]:
    """Kinds that are not among these points."""
    held = {point.kind for point in found}
    return [kind for kind in KINDS if kind not in held]


# ------------------------------------------------------------------------------------------ checks
def note_check(
    tx: Tx,
    point_id: str,
    kind: str,
    *,
    ok: bool,
    finding: str | None,
    person: str,
    at: datetime,
    case_id: str | None = None,
) -> bool:
    """A check, test call or repair of a point; said again for the same case it changes nothing and is False."""
    key = f"{case_id}:{kind}:{point_id}" if case_id else new_id()
    if tx.run(select(point_checks.c.id).where(point_checks.c.id == key)).first() is not None:
        return False
    row = {
        "id": key,
        "point": point_id,
        "area": get(tx, point_id).area,
        "kind": kind,
        "ok": ok,
        "finding": finding,
        "person": person,
        "at": at,
        "case_id": case_id,
    }
    tx.run(insert(point_checks), row)
    day = at.astimezone(ZONE).date()
    tx.run(
        update(service_points)
        .where(P.id == point_id)
        .values(checked_on=day, state="good" if ok else "faulty", note=finding, revision=P.revision + 1)
    )
    return True


def checks_of(tx: Tx, point_id: str, limit: int = 20) -> list[Any]:
    """The newest checks, calls and repairs of a point."""
    c = point_checks.c
    return list(
        tx.run(select(point_checks).where(c.point == point_id).order_by(c.at.desc(), c.id).limit(limit))
    )


# ------------------------------------------------------------------------------------------ policy texts
def texts(tx: Tx) -> list[PolicyText]:
    """Newest first; the first is in force."""
    t = policy_texts.c
    query = select(*(t[name] for name in PolicyText.__slots__)).order_by(t.published_on.desc(), t.at.desc())
    return [made(PolicyText, row) for row in tx.run(query)]


def current(tx: Tx) -> str | None:
    """Version of the text in force."""
    found = texts(tx)
    return found[0].version if found else None


def publish(tx: Tx, text: PolicyText, actor: Actor, now: datetime) -> int:
    """Register a new text: every place whose board shows another one gets a case at once. Returns how many.

    Raises Conflict (`version_known`) for a version that is registered, (`older_text`) for one older than the text in force.
    """
    known = texts(tx)
    if any(one.version == text.version for one in known):
        raise Conflict("这个版本已经登记过。", "The version is registered.", code="version_known")
    if known and text.published_on < known[0].published_on:
        raise Conflict("发布日期早于现行文本。", "It is older than the text in force.", code="older_text")
    row = {name: getattr(text, name) for name in PolicyText.__slots__}
    tx.run(insert(policy_texts), {**row, "person": actor.id, "at": now})
    begun, manned = 0, staff.manned(tx, "village", now)
    for area, tier in _outdated(tx, text.version):
        number = f"policy-{text.version}-{area.rpartition('/')[2]}"
        name = areas.names(tx, [area])[area]
        acts = "town" if tier == "village" and area not in manned else tier
        given = {"tier": acts, "of_area": area, "current_version": text.version}
        home = messages.Home(area, number, f"更换公示牌 · {name}")
        begun += len(messages.deliver(tx, MESSAGE, None, given, now=now, actor=actor, home=home))
    return begun


def _outdated(tx: Tx, version: str) -> list[tuple[str, str]]:
    old = or_(P.policy_version.is_(None), P.policy_version != version)
    query = (
        select(P.area, P.tier)
        .where(P.kind == "policy_board", P.state != "closed", old)
        .distinct()
        .order_by(P.area)
    )
    return [(row.area, row.tier) for row in tx.run(query)]


# ------------------------------------------------------------------------------------------ the list by place
ALARMS = {
    "missing": "缺少",
    "outdated": "公示牌不是现行文本",
    "faulty": "有问题未整改",
    "unchecked": "超过一个季度没有核验",
}
OLD = 92
"""Days after which a check is too long ago: each point is looked at once a quarter."""


def alarms(found: list[Point], version: str | None, today: date) -> list[str]:
    """What is wrong with a place, as keys of `ALARMS`."""
    wrong = {
        "missing": bool(lacking(found)),
        "outdated": any(
            p.kind == "policy_board" and version is not None and p.policy_version != version for p in found
        ),
        "faulty": any(p.state == "faulty" for p in found),
        "unchecked": any(p.checked_on is None or (today - p.checked_on).days > OLD for p in found),
    }
    return [key for key, is_so in wrong.items() if is_so]


@dataclass(frozen=True, slots=True)
class Where:
    """A town or village that has to have the three kinds."""

    area: str
    name: str
    tier: str
    points: list[Point]
    lacks: list[str]
    alarms: list[str]
    open_case: str | None


def overview(tx: Tx, sight: ColumnElement[bool], now: datetime) -> list[Where]:
    """Every town and village within sight with its points; what is most wrong on top."""
    a = areas_table.c
    today = now.astimezone(ZONE).date()
    query = select(a.path, a.tier).where(
        sight,
        a.tier.in_(("town", "village")),
        a.valid_from <= today,
        or_(a.valid_to.is_(None), a.valid_to > today),
    )
    listed = [(row.path, row.tier) for row in tx.run(query)]
    paths = [path for path, _ in listed]
    names, points, version = areas.names(tx, paths), of_areas(tx, paths), current(tx)
    c = cases.c
    running = (
        select(c.area, func.min(c.id).label("id"))
        .where(c.process == PROCESS, c.status == "active")
        .group_by(c.area)
    )
    open_ = {row.area: row.id for row in tx.run(running)}
    found = []
    for path, tier in listed:
        held = points.get(path, [])
        wrong = alarms(held, version, today)
        found.append(Where(path, names[path], tier, held, lacking(held), wrong, open_.get(path)))
    return sorted(found, key=lambda w: (-bool(w.points), -len(w.alarms), w.area))
