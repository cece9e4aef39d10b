"""回避之后: who is declared kin gives up what they hold of that household's cases; their posts, or who is above them, hear of it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, select

from casework import books, nobody_left, staff
from engine import hands, locking, worklist
from engine.db import Tx
from engine.routing import Actor, Route, split
from engine.tables import cases as cases_table
from engine.tables import user_tasks

KIND, TITLE = "kin_withdrew", "因回避放回的任务"


def withdraw(tx: Tx, actor: Actor, person: str, cases: ColumnElement[bool], why: str, now: datetime) -> int:
    """The steps of these cases that the person holds, was named for or has signed go back to the posts; what was asked of them is asked no
    more. Returns how many steps.

    Colleagues of the post are told; where too few are left who may, their superiors.
    """
    back = {row.id for _case, row in hands.put_back(tx, actor, person, cases, why, now)}
    query = (
        select(user_tasks, *worklist.CASE_COLUMNS)
        .join(cases_table)
        .where(user_tasks.c.state == "open", cases)
    )
    for row in list(tx.run(query.order_by(user_tasks.c.case_id, user_tasks.c.id))):
        (held,) = staff.reached(tx, [(Route(row.tier, split(row.posts)), row.area)], now)
        if row.id in back:
            people = [one for one in held if one != person]
            text = f"{row.number}“{row.name}”：{why}。请认领办理。"
            books.tell(
                tx, people, kind=KIND, title=TITLE, text=text, now=now, case_id=row.case_id, task_id=row.id
            )
        if row.id in back or (person in held and row.holder is None):
            nobody_left.look(
                tx, locking.case_of(tx, row.case_id), [{**row._mapping, "recuse": row.recuse or "kin"}], now
            )
    return len(back)
