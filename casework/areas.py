"""The area tree: an area is a path of codes, a tier is a depth."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import func, insert, or_, select

from casework.tables import areas
from engine.calendar import ZONE
from engine.db import Tx, made
from engine.errors import Field, Invalid
from engine.model import Tier
from engine.routing import DEPTH, at_tier, within

DATA = Path(__file__).parent / "data" / "areas.csv"
TIERS = {
    "district": "district",
    "town": "town",
    "township": "town",
    "subdistrict": "town",
    "dev_zone": "town",
    "village": "village",
    "community": "village",
    "grid": "grid",
}
"""Kind of a unit → tier. The four kinds of town have the same duties (R1)."""
KINDS = {
    "district": "区",
    "town": "镇",
    "township": "乡",
    "subdistrict": "街道",
    "dev_zone": "开发区",
    "village": "村",
    "community": "社区",
    "grid": "网格",
}
TIER_WORDS = {"district": "区", "town": "镇（街）", "village": "村（居）", "grid": "网格"}
SINCE = date(2023, 6, 30)


@dataclass(frozen=True, slots=True)
class Area:
    path: str
    code: str
    name: str
    tier: str
    kind: str
    parent: str | None
    children: int = 0


def load(tx: Tx, data: Path = DATA) -> int:
    """Fill the tree from a table of `code,name,kind,parent`, parents first (default: the extract), once. Returns how many areas there are.

    Raises Invalid with the line of whatever is wrong; nothing is written then.
    """
    known = tx.run(select(func.count()).select_from(areas)).scalar_one()
    if known:
        return int(known)
    rows = _read(data)
    tx.run(insert(areas), rows)
    return len(rows)


def _read(data: Path) -> list[dict[str, Any]]:
    paths: dict[str, str] = {}
    rows: list[dict[str, Any]] = []
    with data.open(encoding="utf-8-sig", newline="") as source:
        reader = csv.DictReader(source)
        if not {"code", "name", "kind", "parent"} <= set(reader.fieldnames or ()):
            raise Invalid(
                "区划表的表头须是 code,name,kind,parent。", "The heading is not right.", code="no_heading"
            )
        for number, line in enumerate(reader, 2):
            code, parent = line["code"].strip(), line["parent"].strip()
            wrong = _wrong(line, paths)
            if wrong:
                raise Invalid(
                    f"区划表第 {number} 行：{wrong}。", f"Line {number} is not right.", code="bad_area"
                )
            path = f"{paths[parent]}/{code}" if parent else code
            paths[code] = path
            row = {"path": path, "code": code, "name": line["name"].strip(), "kind": line["kind"].strip()}
            row |= {"tier": TIERS[row["kind"]], "parent": paths.get(parent), "valid_from": SINCE}
            rows.append(row)
    if not rows:
        raise Invalid("区划表是空的。", "There are no areas.", code="no_rows")
    return rows


def _wrong(line: Mapping[str, str | None], paths: Mapping[str, str]) -> str | None:
    """What is wrong with a line, given the areas before it."""
    code, name, kind, parent = ((line[key] or "").strip() for key in ("code", "name", "kind", "parent"))
    if not (code and code.isalnum()):
        return "代码须是数字或字母"
    if code in paths:
        return f"代码 {code} 重复"
    if not name:
        return "没有名称"
    if kind not in TIERS:
        return f"类别“{kind}”不是 {'、'.join(TIERS)} 之一"
    depth = DEPTH[Tier(TIERS[kind])]
    if depth == 1:
        return "只能有一个区，写在第一行" if paths or parent else None
    if parent not in paths:
        return f"上级 {parent or '（空）'} 不在前面的行里"
    return None if paths[parent].count("/") == depth - 2 else f"上级 {parent} 不是高一层的单位"


def names(tx: Tx, paths: Iterable[str]) -> dict[str, str]:
    """Path → name as people say it: a village with its town."""
    wanted = set(paths)
    parents = {path.rpartition("/")[0] for path in wanted} - {""}
    found = {
        row.path: row.name
        for row in tx.run(select(areas.c.path, areas.c.name).where(areas.c.path.in_(wanted | parents)))
    }
    return {
        path: _shown(path, found[path], found.get(path.rpartition("/")[0])) if path in found else path
        for path in wanted
    }


def _shown(path: str, name: str, above: str | None) -> str:
    return f"{above or ''}{name}" if path.count("/") >= 2 else name


def hold(tx: Tx, paths: Iterable[str]) -> None:
    """Nobody else does what needs these areas as they are until the end of the transaction; always in the same order."""
    query = select(areas.c.path).where(areas.c.path.in_(sorted(set(paths)))).order_by(areas.c.path)
    tx.run(query.with_for_update(key_share=True)).all()


def standing(tx: Tx, path: str, on: date, field: str = "area") -> str:
    """Where what is entered for an area belongs on a day: the area itself or, where it is no more, the one its records went to.

    Whoever entered it may have an old list before them. Held until the end of the transaction, so that no reorganisation
    passes by what is entered. Raises Invalid for a place that is no area, or not yet.
    """
    row = _held(tx, path)
    while row is not None and row.valid_to is not None and row.valid_to <= on and row.successor is not None:
        row = _held(tx, row.successor)
    if row is None or row.valid_from > on or (row.valid_to is not None and row.valid_to <= on):
        said = "请选择现有的村（居）或镇（街）"
        raise Invalid(f"{said}。", "No such area on that day.", fields=[Field(field, said)])
    return str(row.path)


def where_done(tx: Tx, path: str, day: date, on: date, field: str = "area") -> str:
    """Where what was done in an area on an earlier day is kept: there, if it stood then; else where it belongs now."""
    row = _held(tx, path)
    if row is not None and row.valid_from <= day <= on and row.valid_to is not None and day < row.valid_to:
        return path
    return standing(tx, path, on, field)


def _held(tx: Tx, path: str) -> Any:
    c = areas.c
    query = select(c.path, c.valid_from, c.valid_to, c.successor).where(c.path == path)
    return tx.run(query.with_for_update(read=True)).one_or_none()


def heirs(tx: Tx) -> dict[str, str]:
    """Areas that are no more → the area their records went to."""
    c = areas.c
    query = select(c.path, c.successor).where(c.successor.is_not(None))
    return {row.path: row.successor for row in tx.run(query)}


def follow(path: str, heirs: Mapping[str, str]) -> str:
    """Where the records of an area are now: from successor to successor."""
    seen = {path}
    while (heir := heirs.get(path)) is not None and heir not in seen:
        seen.add(heir)
        path = heir
    return path


def formerly(root: str, known: Mapping[str, str]) -> list[str]:
    """Areas that are no more and whose records are in `root` now. `known`: `heirs`."""
    return sorted(path for path in known if within(follow(path, known), root))


def of_village(tx: Tx, area: str) -> list[str]:
    """The village an area is in today, and those whose records it has taken over."""
    known = heirs(tx)
    village = follow(at_tier(area, "village"), known)
    return [village, *formerly(village, known)]


def complaint_phone(tx: Tx, area: str) -> str | None:
    """The number for complaints about what a town posts: the town's own, else the district's."""
    levels = [at_tier(area, tier) for tier in ("town", "district")]
    query = select(areas.c.path, areas.c.phone).where(areas.c.path.in_(levels), areas.c.phone.is_not(None))
    phones = {row.path: row.phone for row in tx.run(query)}
    return next((phones[level] for level in levels if level in phones), None)


def _listed(tx: Tx, *where: object, on: datetime) -> list[Area]:
    today = on.astimezone(ZONE).date()
    valid = (areas.c.valid_from <= today, or_(areas.c.valid_to.is_(None), areas.c.valid_to > today))
    inner = areas.alias()
    open_ = (inner.c.valid_from <= today, or_(inner.c.valid_to.is_(None), inner.c.valid_to > today))
    count = (
        select(func.count())
        .select_from(inner)
        .where(inner.c.parent == areas.c.path, *open_)
        .scalar_subquery()
    )
    shown = (areas.c.path, areas.c.code, areas.c.name, areas.c.tier, areas.c.kind, areas.c.parent)
    query = select(*shown, count)
    return [made(Area, row) for row in tx.run(query.where(*valid, *where).order_by(areas.c.path))]  # type: ignore[arg-type]


def children(tx: Tx, parent: str | None, on: datetime) -> list[Area]:
    return _listed(tx, areas.c.parent == parent if parent else areas.c.parent.is_(None), on=on)


def of_tier(tx: Tx, tier: str | None, on: datetime) -> list[tuple[str, str]]:
    """Path and name of every area of a tier (default: the district itself)."""
    today = on.astimezone(ZONE).date()
    valid = (areas.c.valid_from <= today, or_(areas.c.valid_to.is_(None), areas.c.valid_to > today))
    above = areas.alias()
    query = select(areas.c.path, areas.c.name, above.c.name.label("town")).select_from(
        areas.outerjoin(above, above.c.path == areas.c.parent)
    )
    rows = tx.run(query.where(areas.c.tier == (tier or "district"), *valid).order_by(areas.c.path))
    return [(row.path, _shown(row.path, row.name, row.town)) for row in rows]


def subtree(tx: Tx, root: str | None, on: datetime) -> list[Area]:
    """An area with everything below it (all without a root)."""
    if root is None:
        return _listed(tx, on=on)
    return _listed(tx, or_(areas.c.path == root, areas.c.path.startswith(root + "/", autoescape=True)), on=on)
