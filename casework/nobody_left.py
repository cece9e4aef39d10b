"""无人可办: a step opens for which, without those who did an earlier step or are kin, too few hands are left. Somebody above hears of it at once, not
when it is late."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from casework import books, roster, staff
from engine import before_step, duties, locking
from engine.db import Tx

KIND = "nobody_left"


def look(tx: Tx, case_id: str, tasks: Sequence[Mapping[str, Any]], now: datetime) -> None:
    """Tell the superiors of the people who are excluded what to arrange: a substitute, or one more in the post."""
    case = locking.case_of(tx, case_id)
    for task in tasks:
        posts = [post for post in str(task["posts"]).split(",") if post]
        held = staff.holders(tx, posts, case.area, now)
        gone = {*duties.earlier(tx, case, task["recuse"], task["id"], task["path"], now)}
        free = [person for person in held if person not in gone]
        kin = before_step.relations(tx, free, case.subject, case.title, case.area)
        left = set(free) - kin.keys()
        if not held or len(left) >= task["together"]:
            continue
        text = (
            f"{case.number}“{task['name']}”须 {task['together']} 人办理；该岗位 {len(held)} 人中 {len(held) - len(left)} 人办理过前序环节或与本人有"
            "亲属关系，须回避。请安排委托代理，或增派人员任职。"
        )
        above = roster.superiors(tx, held, case.area, now)
        books.tell(tx, above, kind=KIND, title="无人可办", text=text, now=now, case_id=case.id)
