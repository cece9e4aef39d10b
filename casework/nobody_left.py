"""无人可办: a step opens whose posts nobody holds, or for which, without those who did an earlier step or are kin, too few hands are
left. Somebody above hears of it at once, not when it is late."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from casework import areas, books, roster, staff
from engine import before_step, duties, locking
from engine.db import Tx
from engine.routing import Actor, Route, at_tier, split
from engine.step import Case

KIND, TITLE = "nobody_left", "无人可办"


def look(tx: Tx, case_id: str, tasks: Sequence[Mapping[str, Any]], now: datetime) -> None:
    """Tell those above what to arrange: somebody appointed where nobody is; a substitute, or one more, where all are excluded."""
    routes = [(Route(task["tier"], split(task["posts"])), task["area"]) for task in tasks]
    held = staff.reached(tx, routes, now)
    if all(held) and not any(task["recuse"] for task in tasks):
        return
    case = locking.case_of(tx, case_id)
    for task, (route, area), people in zip(tasks, routes, held, strict=True):
        if not people:
            _vacant(tx, case, task, route, area, now)
        elif task["recuse"]:
            _excluded(tx, case, task, people, now)


def _vacant(tx: Tx, case: Case, task: Mapping[str, Any], route: Route, area: str, now: datetime) -> None:
    place = at_tier(area, route.tier)
    posts = "、".join(str(tx.world.posts.get(post, {}).get("label", post)) for post in route.posts)
    text = (
        f"{case.number}“{task['name']}”无人可办：{areas.names(tx, [place]).get(place, place)}的{posts or '岗位'}空缺。"
        "请任命人员（任命后即可办理），或移交属地。"
    )
    above = roster.above(tx, route.tier, area, now)
    books.tell(tx, above, kind=KIND, title=TITLE, text=text, now=now, case_id=case.id)


def _excluded(tx: Tx, case: Case, task: Mapping[str, Any], held: list[str], now: datetime) -> None:
    gone = {*duties.earlier(tx, case, task["recuse"], task["id"], task["path"], now)}
    free = [person for person in held if person not in gone]
    kin = before_step.relations(tx, free, case.subject, case.title, case.area)
    left = set(free) - kin.keys()
    if len(left) >= task["together"]:
        return
    text = (
        f"{case.number}“{task['name']}”须 {task['together']} 人办理；该岗位 {len(held)} 人中 {len(held) - len(left)} 人办理过前序环节或与本人有"
        "亲属关系，须回避。请安排委托代理，或增派人员任职。"
    )
    above = roster.superiors(tx, held, case.area, now)
    books.tell(tx, above, kind=KIND, title=TITLE, text=text, now=now, case_id=case.id)


def superior(tx: Tx, actor: Actor, posts: Sequence[str], case: Any, now: datetime) -> bool:
    """Whether everybody in these posts over a case is related to whom it is about, and the actor is one of their superiors: then those act."""
    held = staff.holders(tx, posts, case.area, now)
    if not held or actor.id in held:
        return False
    kin = before_step.relations(tx, held, case.subject, case.title, case.area)
    return set(held) == kin.keys() and actor.id in roster.superiors(tx, held, case.area, now)
