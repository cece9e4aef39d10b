"""How much of a case somebody of its area reads (policy.md D.4): the case workers all of it, a grid worker after the hand-over the state
alone, a notice supervisor what the notice shows."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import select

from engine import worklist
from engine.db import Tx
from engine.errors import Forbidden
from engine.model import Tier
from engine.routing import Actor, reaches, within
from engine.step import Case
from engine.tables import requests, user_tasks


class Extent(StrEnum):
    """What of a case's document is shown."""

    WHOLE = "whole"
    NOTICE = "notice"  # the section of the notice
    STATE = "state"  # none of it: stage, steps, time limits


NOTICE_POSTS = ("notice_supervisor",)
STATE_POSTS = ("grid_worker", "informant", "resident_rep")
"""Posts that read the state alone, unless a step of the case is theirs, once the case is the town's."""
SAID = {
    Extent.NOTICE: "您的岗位查看公示内容和办理状态；其他内容由办理人员查看。",
    Extent.STATE: "您的岗位只查看办理状态；核查和审核内容由办理人员查看。",
}
SECTIONS = {Extent.NOTICE: ("notice",), Extent.STATE: ()}


def extent(tx: Tx, actor: Actor, case: Case) -> Extent:
    """By the posts that reach the case's area; who has a step or a question of it to answer reads what that is about."""
    posts = {
        held.post
        for held in actor.appointments
        if within(case.area, held.area) or (held.tier == Tier.GRID and within(held.area, case.area))
    }
    narrow = {*NOTICE_POSTS, *STATE_POSTS}
    if not posts or posts - narrow or works(tx, actor, case.id):
        return Extent.WHOLE
    if posts & set(NOTICE_POSTS):
        return Extent.NOTICE
    return Extent.STATE if _handed_over(tx, case.id) else Extent.WHOLE


def _handed_over(tx: Tx, case_id: str) -> bool:
    """Has the case come to the town or the district?"""
    t = user_tasks.c
    above = select(t.id).where(t.case_id == case_id, t.tier.in_([Tier.TOWN, Tier.DISTRICT]))
    return tx.run(above.limit(1)).first() is not None


def works(tx: Tx, actor: Actor, case_id: str) -> bool:
    """Is a step of the case, or a question about it, the actor's to answer?"""
    t, r = user_tasks.c, requests.c
    for row in tx.run(select(user_tasks).where(t.case_id == case_id, t.state == "open")):
        if actor.id in (row.holder, row.assignee) or reaches(actor, worklist.route_of_row(row), row.area):
            return True
    asked = select(r.id).where(r.case_id == case_id, r.asked_of == actor.id, r.state == "open")
    return tx.run(asked.limit(1)).first() is not None


def whole(tx: Tx, actor: Actor, case: Case) -> Case:
    """The case, for who reads all of it. Raises Forbidden."""
    found = extent(tx, actor, case)
    if found is not Extent.WHOLE:
        raise Forbidden(SAID[found], "The reader's posts see the state of the case alone.", code="state_only")
    return case
