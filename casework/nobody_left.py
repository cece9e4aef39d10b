"""无人可办: a step opens whose posts nobody holds, or for which, without those who did an earlier step or are kin, too few hands are
left. Somebody above hears of it at once, not when it is late, and the posts that stand by for the step may do it.

A step that names people for another one is told of as soon as too few may be named.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from casework import able, areas, books, roster, staff
from engine import before_step, definitions, duties, filling, step, worklist
from engine.db import Tx
from engine.forms import Form
from engine.forms.inputs import Input
from engine.routing import Actor, Route, at_tier, split
from engine.step import Case

KIND, TITLE = "nobody_left", "无人可办"


def look(tx: Tx, case: Case, tasks: Sequence[Mapping[str, Any]], now: datetime) -> None:
    """Tell those above what to arrange: somebody appointed where nobody is; a substitute, or one more, where all are excluded."""
    routes = [(Route(task["tier"], split(task["posts"])), task["area"]) for task in tasks]
    held = staff.reached(tx, routes, now)
    pinned = definitions.pinned(tx, case.pins)
    for task, (route, area), people in zip(tasks, routes, held, strict=True):
        spare = able.standby(pinned.node(task["process"], task["element"]))
        if not people:
            _vacant(tx, case, task, route, area, now)
        if task["recuse"]:
            _excluded(tx, case, task, people, spare, now)
        form = pinned.form(task["process"], task["form"]) if task["form"] else None
        if form is not None:
            for one in form.fields:
                if one.among is not None:
                    _unnamed(tx, case, task, form, one, now)


def _vacant(tx: Tx, case: Case, task: Mapping[str, Any], route: Route, area: str, now: datetime) -> None:
    place = at_tier(area, route.tier)
    posts = "、".join(str(tx.world.posts.get(post, {}).get("label", post)) for post in route.posts)
    text = (
        f"{case.number}“{task['name']}”无人可办：{areas.names(tx, [place]).get(place, place)}的{posts or '岗位'}空缺。"
        "请任命人员（任命后即可办理），或移交属地。"
    )
    above = roster.above(tx, route.tier, area, now)
    books.tell(tx, above, kind=KIND, title=TITLE, text=text, now=now, case_id=case.id)


def _excluded(
    tx: Tx, case: Case, task: Mapping[str, Any], held: list[str], spare: Route | None, now: datetime
) -> None:
    gone = duties.earlier(tx, case, task["recuse"], task["id"], task["path"], now)
    left = able.left(tx, case, held, gone)
    if len(left) >= task["together"]:
        return
    if spare is not None and not set(spare.posts) <= set(
        split(task["posts"])
    ):  # whoever stands by has it beside those who are left, at whatever tier
        worklist.change(tx, task["id"], tier=None, posts=f"{task['posts']}{','.join(spare.posts)},")
        text = f"{case.number}“{task['name']}”：本级能办理的不足 {task['together']} 人，请区级人员参加办理。"
        stand_by = able.left(tx, case, staff.reached(tx, [(spare, case.area)], now)[0], gone)
        books.tell(tx, stand_by, kind=KIND, title=TITLE, text=text, now=now, case_id=case.id)
        return
    if not held:
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


def _unnamed(tx: Tx, case: Case, task: Mapping[str, Any], form: Form, one: Input, now: datetime) -> None:
    """Too few of the posts' own people may be named: those above are to take part, or to send somebody."""
    seen = filling.context(tx, case, task["id"], task["path"])
    pinned = definitions.pinned(tx, case.pins)
    functions = step.host_of(tx, case, pinned, now).functions(now, seen)
    options = form.people(one, seen, functions)
    if options is None:
        return
    needed = one.limits.at_least or 1
    own = [option["value"] for option in options if not option.get("standby")]
    if len(own) >= needed:
        return
    text = (
        f"{case.number}“{task['name']}”：除须回避和以前办理过的人员外，本级只有 {len(own)} 人可指定为{one.label}，少于 {needed} 人。"
        + ("已可指定区级人员，请参加办理。" if len(options) >= needed else "请增派人员任职，或安排委托代理。")
    )
    above = roster.above(tx, task["tier"], case.area, now)
    people = dict.fromkeys([*above, *(option["value"] for option in options if option.get("standby"))])
    books.tell(tx, people, kind=KIND, title=TITLE, text=text, now=now, case_id=case.id)
