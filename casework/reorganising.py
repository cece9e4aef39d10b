"""区划调整: units are founded, renamed, merged, split and moved on a day; an area that ends names its successor.

A change for a later day is kept as planned and carried out by the worker on that day. Open cases, tasks, posts and
households follow to the new place (`casework.following`); closed cases keep the old one, and counts on the old and on
the new tree have the same totals (`casework.tree`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import false, func, insert, or_, select, update

from casework import areas as areas_of
from casework import audit, following, passing_on
from casework.areas import KINDS, TIERS
from casework.following import Step
from casework.organisation import area_row, in_force, today
from casework.tables import area_changes, areas, households
from engine.db import Tx, new_id
from engine.errors import Conflict, Field, Forbidden, Invalid, NotFound, printable
from engine.locking import reason
from engine.routing import Actor
from engine.tables import user_tasks

C = area_changes.c
WORDS = {"found": "设立", "rename": "更名", "merge": "合并", "split": "拆分", "move": "划转"}
BELOW = {"district": "town", "town": "village", "village": "grid"}
KEEPERS = ("system_admin", "district_bureau")
Plan = Mapping[str, Any]


# ------------------------------------------------------------------------------------------ planning
def plan(tx: Tx, actor: Actor, kind: str, effective: date, wanted: Plan, document: str, now: datetime) -> str:
    """Enter a change with the document that orders it; one for today or earlier is carried out at once. → its id

    Raises Forbidden for all but the district's keepers, Invalid for a plan that does not fit the tree of that day.
    """
    if not any(held.post in KEEPERS and held.tier == "district" for held in actor.appointments):
        raise Forbidden("区划调整由区级办理。", "The district changes the tree.")
    source = reason(document, "批准文件")
    check(tx, kind, effective, wanted)
    row = {"id": new_id(), "kind": kind, "effective": effective, "plan": dict(wanted), "document": source}
    tx.run(insert(area_changes), {**row, "state": "planned", "by": actor.id, "at": now})
    change_id = str(row["id"])
    if effective <= today(now):
        apply(tx, change_id, now)
    return change_id


def check(tx: Tx, kind: str, on: date, wanted: Plan) -> None:
    """Raises Invalid or NotFound where the plan does not fit the tree of that day."""
    if kind == "found":
        above = area_row(tx, wanted["parent"], on, "parent")
        _fits(above, wanted)
    elif kind == "rename":
        here = area_row(tx, wanted["area"], on)
        if TIERS[wanted.get("kind") or here.kind] != here.tier:
            raise _bad("kind", f"{here.name}不能改为这一类")
    elif kind == "merge":
        _check_merge(tx, on, wanted)
    elif kind == "split":
        here = area_row(tx, wanted["area"], on)
        _village_or_grid(here)
        if len(wanted["parts"]) < (1 if wanted.get("keep") else 2):
            raise _bad("parts", "拆分后至少要有两个单位")
        for part in wanted["parts"]:
            if TIERS[part["kind"]] != here.tier:
                raise _bad("parts", "拆分后的单位须与原单位同级")
    elif kind == "move":
        here, above = area_row(tx, wanted["area"], on), area_row(tx, wanted["parent"], on, "parent")
        _village_or_grid(here)
        if BELOW.get(above.tier) != here.tier or here.parent == above.path:
            raise _bad("parent", "请选择另一个上级单位")


def _check_merge(tx: Tx, on: date, wanted: Plan) -> None:
    sources = [area_row(tx, path, on, "sources") for path in wanted["sources"]]
    if len({row.path for row in sources}) < 2 and not (sources and wanted.get("into")):
        raise _bad("sources", "请至少选择两个要合并的单位")
    for row in sources:
        _village_or_grid(row)
    if len({row.tier for row in sources}) > 1:
        raise _bad("sources", "要合并的单位须同级")
    if wanted.get("into"):
        into = area_row(tx, wanted["into"], on, "into")
        if into.tier != sources[0].tier:
            raise _bad("into", "须并入同级单位")
        if {row.path for row in sources} == {into.path}:
            raise _bad("into", "不能并入自身")
    else:
        new = wanted.get("new") or {}
        if TIERS.get(new.get("kind", "")) != sources[0].tier:
            raise _bad("new", "新单位须与原单位同级")


def _village_or_grid(row: Any) -> None:
    if row.tier not in ("village", "grid"):
        raise _bad("area", "只支持村（居）和网格的合并、拆分和划转")


def _fits(above: Any, wanted: Plan) -> None:
    if wanted["kind"] not in KINDS or BELOW.get(above.tier) != TIERS[wanted["kind"]]:
        raise _bad("kind", f"{above.name}之下不能设立这一类单位")


def _bad(path: str, why: str) -> Invalid:
    return Invalid(f"区划调整不成立：{why}。", "The plan does not fit the tree.", fields=[Field(path, why)])


def cancel(tx: Tx, actor: Actor, change_id: str, now: datetime) -> None:
    """A planned change is not carried out."""
    row = _locked(tx, change_id)
    if row.state != "planned":
        raise Conflict("只能撤销尚未生效的调整。", "It is no longer planned.")
    if not any(held.post in KEEPERS for held in actor.appointments):
        raise Forbidden("区划调整由区级办理。", "The district changes the tree.")
    tx.run(update(area_changes).where(C.id == change_id).values(state="cancelled", applied_at=now))
    audit.record(tx, actor.id, "area_changed", f"撤销计划：{describe(tx, row)}", now, area=_root(row.plan))


def _locked(tx: Tx, change_id: str) -> Any:
    row = tx.run(select(area_changes).where(C.id == change_id).with_for_update()).one_or_none()
    if row is None:
        raise NotFound("没有这次区划调整。", "No such change.")
    return row


def due(tx: Tx, now: datetime) -> list[str]:
    """Planned changes whose day has come, in the order of their days."""
    query = select(C.id).where(C.state == "planned", C.effective <= today(now))
    return list(tx.run(query.order_by(C.effective, C.at, C.id)).scalars())


NEXT_DAY = select(func.min(C.effective)).where(C.state == "planned")
"""The day whose beginning brings the next planned change."""


def failed(tx: Tx, change_id: str, why: str, now: datetime) -> None:
    """A planned change could not be carried out (the tree has changed meanwhile): it is shown with the reason."""
    result = {"error": printable(why)}
    tx.run(
        update(area_changes).where(C.id == change_id).values(state="failed", applied_at=now, result=result)
    )


# ------------------------------------------------------------------------------------------ carrying out
def apply(tx: Tx, change_id: str, now: datetime) -> dict[str, Any]:
    """Carry out a planned change. → what followed, counted."""
    row = _locked(tx, change_id)
    if row.state != "planned":
        raise Conflict("这次区划调整已经办理。", "Done already.")
    areas_of.hold(tx, _concerned(row.plan))
    check(tx, row.kind, row.effective, row.plan)
    words = describe(tx, row)
    carry_out = {"found": _found, "rename": _rename, "merge": _merge, "split": _split, "move": _move}
    t = user_tasks.c
    below = [
        or_(t.area == one, t.area.startswith(f"{one}/", autoescape=True)) for one in _concerned(row.plan)
    ]
    before = passing_on.now_on(tx, or_(false(), *below), now)
    result = carry_out[row.kind](tx, row, f"{words}（{row.document}）", now)
    _passed_on(tx, passing_on.let_go(tx, before, now), now)
    done = {
        "state": "applied",
        "applied_at": now,
        "result": result,
        "plan": {**row.plan, **result.get("was", {})},
    }
    tx.run(update(area_changes).where(C.id == change_id).values(**done))
    place = result.get("area") or _root(row.plan)
    audit.record(
        tx,
        row.by,
        "area_changed",
        f"{words}，自 {row.effective:%Y-%m-%d} 起",
        now,
        area=place,
        change=change_id,
    )
    return result


def _passed_on(tx: Tx, freed: list[str], now: datetime) -> None:
    """Steps that somebody had who is of another place now: the posts of theirs hear of them."""
    t = user_tasks.c
    query = select(t.case_id).where(t.id.in_(freed)).distinct().order_by(t.case_id)
    for case_id in list(tx.run(query).scalars()):
        passing_on.look(tx, case_id, now, freed, tell=True)


def _concerned(plan: Plan) -> list[str]:
    """The units of a plan there are already."""
    return [*(plan.get("sources") or []), *filter(None, (plan.get(key) for key in ("area", "into")))]


def _found(tx: Tx, row: Any, _why: str, _now: datetime) -> dict[str, Any]:
    return {"area": _create(tx, row.plan["parent"], row.plan, row.effective)}


def _rename(tx: Tx, row: Any, _why: str, _now: datetime) -> dict[str, Any]:
    """The path stays, for it is the place; what it was called before is kept with the change."""
    here = area_row(tx, row.plan["area"], row.effective)
    changed = {"name": row.plan["name"], "kind": row.plan.get("kind") or here.kind}
    tx.run(update(areas).where(areas.c.path == here.path).values(**changed))
    return {"area": here.path, "was": {"old_name": here.name, "old_kind": here.kind}}


def _merge(tx: Tx, row: Any, why: str, now: datetime) -> dict[str, Any]:
    on, sources = row.effective, list(dict.fromkeys(row.plan["sources"]))
    target = row.plan.get("into")
    if target is None:
        first = area_row(tx, sources[0], on)
        target = _create(tx, first.parent, row.plan["new"], on)
    sources = [path for path in sources if path != target]
    before = {path: following.liaisons(tx, path, on) for path in [target, *sources]}
    known = [one for held in before.values() for one in held]
    chosen = row.plan.get("liaison") or next((one.person for one in known), None)
    for one in before[target]:
        if one.person != chosen:
            following.end_post(tx, one.id, on)
    counted: Counter[str] = Counter()
    for path in sources:
        counted += _absorb(tx, path, target, on, why, now, chosen)
    stays = next((one.name for one in known if one.person == chosen), None)
    no_longer = [one.name for one in known if one.person != chosen]
    return {"area": target, "liaison": stays, "no_longer_liaison": no_longer, **counted}


def _absorb(
    tx: Tx, old: str, new: str, on: date, why: str, now: datetime, liaison: str | None
) -> Counter[str]:
    """Everything of an area goes to another, its grids as grids of the other; it ends with that successor."""
    counted: Counter[str] = Counter()
    children = select(areas).where(areas.c.parent == old, in_force(areas, on)).order_by(areas.c.path)
    for child in list(tx.run(children)):
        unit = {"name": child.name, "kind": child.kind, "code": child.code}
        below = _create(tx, new, unit, on)
        counted += _absorb(tx, child.path, below, on, why, now, None)
    counted += following.records(tx, Step(old, new, on, why), now)
    counted += following.posts(tx, old, new, on, liaison)
    _close(tx, old, on, new)
    return counted


def _split(tx: Tx, row: Any, why: str, now: datetime) -> dict[str, Any]:
    """Households named for a part go there with their cases; all else stays, or follows to the first part."""
    on, old, keep = row.effective, row.plan["area"], bool(row.plan.get("keep"))
    here = area_row(tx, old, on)
    counted: Counter[str] = Counter()
    made = []
    for part in row.plan["parts"]:
        path = _create(tx, here.parent, part, on)
        made.append(path)
        h, wanted = households.c, list(part.get("households") or [])
        known = tx.run(select(h.id, h.head).where(h.area == old)).all()
        ids = frozenset(one.id for one in known if one.id in wanted)
        if ids:
            others = {one.head for one in known if one.id not in ids}
            heads = frozenset(one.head for one in known if one.id in ids) - others
            counted += following.records(tx, Step(old, path, on, why, ids, heads), now)
    if not keep:
        office = following.liaisons(tx, old, on)
        counted += _absorb(tx, old, made[0], on, why, now, office[0].person if office else None)
    return {"area": old if keep else made[0], "made": made, **counted}


def _move(tx: Tx, row: Any, why: str, now: datetime) -> dict[str, Any]:
    on, here = row.effective, area_row(tx, row.plan["area"], row.effective)
    unit = {"name": here.name, "kind": here.kind, "code": here.code}
    path = _create(tx, row.plan["parent"], unit, on)
    office = following.liaisons(tx, here.path, on)
    counted = _absorb(tx, here.path, path, on, why, now, office[0].person if office else None)
    return {"area": path, **counted}


def _create(tx: Tx, parent: str, unit: Plan, on: date) -> str:
    """A new unit below another; a code that is taken there gives way to the next free one. → its path"""
    code = str(unit.get("code") or "")
    taken = set(tx.run(select(areas.c.code).where(areas.c.parent == parent)).scalars())
    if not code or code in taken:
        code = _next_code(parent, taken)
    path = f"{parent}/{code}"
    row = {"path": path, "code": code, "name": unit["name"], "kind": unit["kind"], "parent": parent}
    tx.run(insert(areas), {**row, "tier": TIERS[unit["kind"]], "valid_from": on, "valid_to": None})
    return path


def _next_code(parent: str, taken: set[str]) -> str:
    """One more than the highest numeric code there; the first below a unit adds two digits to the unit's own."""
    numbers = [int(code) for code in taken if code.isdecimal()]
    return str(max(numbers) + 1) if numbers else f"{parent.rpartition('/')[2]}01"


def _close(tx: Tx, path: str, on: date, successor: str) -> None:
    tx.run(update(areas).where(areas.c.path == path).values(valid_to=on, successor=successor))


# ------------------------------------------------------------------------------------------ words
def describe(tx: Tx, row: Any) -> str:
    """`合并：甲村、乙村 → 丙村`."""
    asked = row.plan
    paths = [*(asked.get("sources") or []), asked.get("area"), asked.get("into"), asked.get("parent")]
    known = select(areas.c.path, areas.c.name).where(areas.c.path.in_([path for path in paths if path]))
    names = {area.path: area.name for area in tx.run(known)}

    def name(path: str | None) -> str:
        return str(names.get(path or "", path or ""))

    word = WORDS[row.kind]
    if row.kind == "found":
        return f"{word}：{name(asked['parent'])}{asked['name']}"
    if row.kind == "rename":
        return f"{word}：{asked.get('old_name') or name(asked['area'])} → {asked['name']}"
    if row.kind == "merge":
        into = name(asked["into"]) if asked.get("into") else asked["new"]["name"]
        return f"{word}：{'、'.join(name(path) for path in asked['sources'])} → {into}"
    if row.kind == "split":
        parts = "、".join(part["name"] for part in asked["parts"])
        return f"{word}：{name(asked['area'])} → {parts}" + ("（原单位保留）" if asked.get("keep") else "")
    return f"{word}：{name(asked['area'])} → {name(asked['parent'])}"


def _root(wanted: Plan) -> str | None:
    """The area a plan is filed under."""
    sources = wanted.get("sources") or [None]
    found: str | None = wanted.get("area") or wanted.get("into") or wanted.get("parent") or sources[0]
    return found


def listed(tx: Tx, *, offset: int = 0, limit: int = 50) -> tuple[list[Any], int]:
    """Changes, those still planned first, then the newest."""
    total = tx.run(select(func.count()).select_from(area_changes)).scalar_one()
    query = select(area_changes).order_by(C.state != "planned", C.effective.desc(), C.at.desc(), C.id)
    return list(tx.run(query.offset(offset).limit(limit))), int(total)
