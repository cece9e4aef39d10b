"""How much of a case somebody of its area reads (policy.md D.4): the case workers all of it, a grid worker after the hand-over the state
alone, a notice supervisor what the notice shows; sensitive answers (`sensitive`) in clear for whom the case has work, and every such reading
is on record (`reveals`)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import select

from casework import reveals, sensitive, sight
from engine import definitions, worklist
from engine.calendar import ZONE
from engine.db import Tx
from engine.errors import Forbidden
from engine.model import Tier
from engine.routing import Actor, reaches, within
from engine.step import Case
from engine.tables import cases, requests, user_tasks


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


def of_household(tx: Tx, actor: Actor, household: str, area: str) -> None:
    """Raises Forbidden for who holds there only posts that read a notice or a state, and has no step of a case of the household."""
    posts = {held.post for held in actor.appointments if within(area, held.area)}
    if posts - {*NOTICE_POSTS, *STATE_POSTS}:
        return
    about = select(cases.c.id).where(cases.c.subject == household, cases.c.status == "active")
    if not any(works(tx, actor, one) for one in tx.run(about).scalars().all()):
        raise Forbidden(
            "您的岗位不查阅该户的敏感信息；有该户事项的在办环节时可以查阅。",
            "Your posts do not read it.",
            code="not_yours",
        )


def whole(tx: Tx, actor: Actor, case: Case) -> Case:
    """The case, for who reads all of it. Raises Forbidden."""
    found = extent(tx, actor, case)
    if found is not Extent.WHOLE:
        raise Forbidden(SAID[found], "The reader's posts see the state of the case alone.", code="state_only")
    return case


# ------------------------------------------------------------------------------------------ sensitive answers
ANSWERS = {"opinion": "答复征求意见", "presign": "前加签"}
DECIDED = "已作出的决定：{}"


@dataclass
class View:
    """How the sensitive answers of a case lie before one reader. `purpose`: the work that opens them; `until`: a reveal with its reason
    does, to that instant; neither: they are masked."""

    case: Case
    veil: sensitive.Veil
    purpose: str | None
    until: datetime | None

    @property
    def masked(self) -> bool:
        """Has something been left out?"""
        return self.veil.found and not self.veil.lifted

    def readings(self, actor: Actor, now: datetime, doing: str | None = None) -> list[reveals.Reading]:
        """What is to be recorded of what was shown: nothing where nothing sensitive was, or where a reveal stands for it."""
        if not self.veil.found or self.purpose is None:
            return []
        purpose = f"{doing}：{self.purpose}" if doing else self.purpose
        return [reveals.Reading(actor.id, self.case.id, purpose, now)]


def view(tx: Tx, actor: Actor, case: Case, now: datetime) -> View:
    """Case workers with an open step or question, and deciders, read in clear; others for hours, having said why."""
    marks = sensitive.marks(tx, definitions.pinned(tx, case.pins), now)
    purpose = _work(tx, actor, case) or _decided(tx, actor, case, marks)
    until = None if purpose else reveals.open_until(tx, actor.id, now, case_id=case.id)
    lifted = purpose is not None or until is not None
    return View(case, sensitive.Veil(marks, lifted, now.astimezone(ZONE).date()), purpose, until)


def closed(tx: Tx, case: Case, now: datetime) -> View:
    """For whom nothing of the case opens them: the people of a place it has left."""
    marks = sensitive.marks(tx, definitions.pinned(tx, case.pins), now)
    return View(case, sensitive.Veil(marks, lifted=False, today=now.astimezone(ZONE).date()), None, None)


def doing(tx: Tx, actor: Actor, case: Case, now: datetime, purpose: str) -> View:
    """For who does something with the case now that is no step of it: records what an outside party said."""
    found = view(tx, actor, case, now)
    found.purpose, found.veil.lifted = found.purpose or purpose, True
    return found


def _work(tx: Tx, actor: Actor, case: Case) -> str | None:
    """The open step in the actor's hands or free for the actor to take, or the question asked of them."""
    t, r = user_tasks.c, requests.c
    for row in tx.run(select(user_tasks).where(t.case_id == case.id, t.state == "open").order_by(t.id)):
        if in_hand(actor, row):
            return str(row.name)
    asked = select(r.kind).where(r.case_id == case.id, r.asked_of == actor.id, r.state == "open")
    kind = tx.run(asked.where(r.kind.in_(ANSWERS)).order_by(r.kind).limit(1)).scalar_one_or_none()
    return ANSWERS[kind] if kind is not None else None


def in_hand(actor: Actor, row: Any) -> bool:
    """Is the open task the actor's to do? What a colleague has taken is not."""
    if actor.id in (row.holder, row.assignee) or any(one["person"] == actor.id for one in row.acted):
        return True
    free = not worklist.held_by_another(row, actor)
    return free and reaches(actor, worklist.route_of_row(row), row.area)


def _decided(tx: Tx, actor: Actor, case: Case, marks: sensitive.Marks) -> str | None:
    """The deciding step the actor has done or signed, while the case is open: who decided answers for it."""
    if case.status != "active" or not marks.decides:
        return None
    t = user_tasks.c
    done = select(t.name, t.acted, t.ended_by).where(t.case_id == case.id, t.state == "completed")
    for row in tx.run(done.where(t.form.in_(marks.decides)).order_by(t.ended_at.desc())):
        if row.ended_by == actor.id or any(one["person"] == actor.id for one in row.acted):
            return DECIDED.format(row.name)
    return None


@dataclass
class Listed:
    """How sensitive answers of the cases of a list lie before one reader: as on the page of each. `opened`: case → the work that opens
    it, None where a reason given does; a case that is not there is masked."""

    marks: Mapping[str, sensitive.Marks]
    opened: Mapping[str, str | None]
    found: set[str] = field(default_factory=set)

    def text(self, case_id: str, place: sensitive.Place, said: str) -> str:
        """The answer in words, or that it is hidden."""
        known = self.marks.get(case_id)
        if not said or (known is not None and place not in known.places):
            return said
        if known is None or case_id not in self.opened:
            return sensitive.HIDDEN
        self.found.add(case_id)
        return said

    def readings(self, actor: Actor, now: datetime, doing: str) -> list[reveals.Reading]:
        """What is to be recorded of what was shown for somebody's work; a reveal stands for itself."""
        shown = ((one, self.opened[one]) for one in sorted(self.found))
        return [reveals.Reading(actor.id, one, f"{doing}：{why}", now) for one, why in shown if why]


def listed(tx: Tx, actor: Actor, ids: Iterable[str], now: datetime) -> Listed:
    """The same as `view` for a page of cases, asked once for all of them."""
    c, t, q, r = cases.c, user_tasks.c, requests.c, reveals.R
    wanted = sorted(set(ids))
    rows = list(
        tx.run(select(c.id, c.area, c.process, c.opened_by, c.status, c.pins).where(c.id.in_(wanted)))
    )
    by_pins = {
        pins: sensitive.marks(tx, definitions.pinned(tx, pins), now) for pins in {row.pins for row in rows}
    }
    known = {row.id: by_pins[row.pins] for row in rows}
    inside = [row.id for row in rows if sight.inside(actor, row)]
    revealed = select(r.case_id).where(r.person == actor.id, r.until > now, r.case_id.in_(inside))
    opened: dict[str, str | None] = dict.fromkeys(tx.run(revealed).scalars())
    active = [row.id for row in rows if row.status == "active" and row.id in inside]
    done = select(t.case_id, t.name, t.form, t.acted, t.ended_by).where(
        t.case_id.in_(active), t.state == "completed", t.form.in_({f for one in known.values() for f in one.decides})
    )  # fmt: skip
    for row in tx.run(done.order_by(t.ended_at)):
        acted = row.ended_by == actor.id or any(one["person"] == actor.id for one in row.acted)
        if acted and row.form in known[row.case_id].decides:
            opened[row.case_id] = DECIDED.format(row.name)
    asked = select(q.case_id, q.kind).where(
        q.case_id.in_(inside), q.asked_of == actor.id, q.state == "open", q.kind.in_(ANSWERS)
    )
    opened |= {row.case_id: ANSWERS[row.kind] for row in tx.run(asked)}
    steps = select(user_tasks).where(t.case_id.in_(inside), t.state == "open").order_by(t.id)
    opened |= {row.case_id: str(row.name) for row in tx.run(steps) if in_hand(actor, row)}
    return Listed(known, opened)


NO_STEP = "含敏感信息，由本事项的办理人员打印"
STATE_A_REASON = "含敏感信息，您没有本事项的在办环节；先在本页点“说明事由查阅”"


def openly(tx: Tx, actor: Actor, case: Case, now: datetime) -> View:
    """For a paper that tells sensitive answers: who does not read them in clear is told how to. Raises Forbidden."""
    found = view(tx, actor, case, now)
    if not found.veil.lifted:
        raise Forbidden(
            "这份材料含敏感信息。您没有这件事项的在办环节，请先在事项页面说明事由查阅。",
            "The paper tells sensitive answers; state a reason on the page of the case first.",
            code="masked",
        )
    found.veil.found = True
    return found
