"""A case and a task under their row locks, and what a person's act leaves in the history."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select

from engine import recusal, step, worklist
from engine.db import Tx, made
from engine.errors import Conflict, Field, Invalid, NotFound, StaleRevision
from engine.routing import Actor, Route, in_own_right, stands_in_for
from engine.step import Case, Record
from engine.tables import cases, history, user_tasks

_HELD = (
    select(*step.LABELLED)
    .where(
        cases.c.id
        == select(user_tasks.c.case_id).where(user_tasks.c.id == bindparam("task")).scalar_subquery()
    )
    .with_for_update()
    .cte("held")
)
_TASK = (
    select(user_tasks, _HELD)
    .join(_HELD, _HELD.c.case__id == user_tasks.c.case_id)
    .where(user_tasks.c.id == bindparam("task"))
    .with_for_update(of=user_tasks)
)


def task_row(tx: Tx, task_id: str) -> tuple[Case, Any]:
    """A task, open or not, and its case, both locked in one statement: two people on one task meet here.

    The case's lock is taken first, as everywhere: people on two tasks of one case wait for each other, never crosswise.
    """
    row = tx.run(_TASK, {"task": task_id}).one_or_none()
    if row is None:
        raise NotFound("没有这项任务，或您无权查看。", "No such task.")
    return step.case_of_row(row), row


GONE = {
    "task.taken_back": "上一环节的经办人已把它取回",
    "task.sent_back": "流程已退回前面的环节",
    "task.jumped": "流程已跳转到别的环节",
    "case.cancelled": "事项已经终止",
    "case.withdrawn": "事项已经撤回",
    "case.voided": "事项已经作废",
    "case.migrated": "事项已迁到新版本的流程",
}
"""What became of an open task while somebody else acted, by the act."""


def _gone(tx: Tx, row: Any) -> Conflict:
    """The race is lost: to what."""
    if row.state == "completed":
        return Conflict("这项任务已经办完，不能再办。", "The task has been done.")
    last = (
        select(history.c.kind)
        .where(
            history.c.case_id == row.case_id,
            history.c.entered_at == row.ended_at,
            history.c.kind.in_(list(GONE)),
        )
        .order_by(history.c.seq.desc())
        .limit(1)
    )
    why = GONE.get(tx.run(last).scalar_one_or_none() or "", "流程已经转到别的环节")
    return Conflict(f"这项任务已撤下：{why}。", "The task is no longer open.")


def task(tx: Tx, task_id: str, revision: int) -> tuple[Case, Any]:
    """An open task, unchanged since the user saw it, and its case, both locked. Who is too late is told what was faster."""
    case, row = task_row(tx, task_id)
    if row.state != "open":
        raise _gone(tx, row)
    worklist.require_open(row, revision)
    return case, row


def case_of(tx: Tx, case_id: str) -> Case:
    """A case for looking at: no lock."""
    return made(Case, tx.run(select(*step.COLUMNS).where(cases.c.id == case_id)).one())


def area_of(tx: Tx, case_id: str) -> str:
    """Where a case is, without locking it."""
    area = tx.run(select(cases.c.area).where(cases.c.id == case_id)).scalar_one_or_none()
    if area is None:
        raise NotFound("没有这件救助事项，或您无权查看。", "No such case.")
    return str(area)


def open_case(tx: Tx, case_id: str) -> Case:
    case = step.lock(tx, case_id)
    if case.status != "active":
        raise Conflict("这件事项已经办结。", "The case is closed.")
    return case


def for_act(tx: Tx, actor: Actor, case_id: str, revision: int | None = None, *, ended: bool = False) -> Case:
    """The door every act of a person on a case as a whole goes through: locked, open (unless `ended` ones are meant too), not a
    relative's, unchanged since it was seen."""
    case = step.lock(tx, case_id) if ended else open_case(tx, case_id)
    recusal.not_related(tx, case, actor)
    if revision is not None:
        unchanged(case, revision)
    return case


def may_end(tx: Tx, case: Case, what: str) -> None:
    """Raises Conflict where something is owed that ending the case by hand would leave undone; `what` is the act."""
    why = tx.world.held(tx, case.id)
    if why:
        raise Conflict(f"不能{what}：{why}", "Something is still owed to the person.", code="still_owed")


def unchanged(case: Case, revision: int) -> None:
    if case.revision != revision:
        raise StaleRevision("事项已有更新，请刷新后再试。", "The case has changed.")


def reason(text: str, what: str) -> str:
    """A stated reason of two characters or more; `what` is the act it is for."""
    if len(text.strip()) < 2:
        raise Invalid(
            f"请写明{what}原因。", "A reason is needed.", fields=[Field("reason", f"请写明{what}原因")]
        )
    return text.strip()


def by(actor: Actor, kind: str, at: datetime | None = None, /, **payload: Any) -> Record:
    return Record(kind, actor.id, actor.name, at, {**payload, "tier": actor.tier})


def standing_in(row: Any, actor: Actor) -> dict[str, str]:
    """For the record of an act on a task: whose post the actor filled as a substitute (代), if not a post of his own."""
    route = worklist.route_of_row(row)
    absent = stands_in_for(actor, route, row.area)
    if row.holder in absent:
        return {"instead_of": row.holder, "instead_of_name": absent[row.holder]}
    return {} if actor.id == row.assignee else in_place_of(actor, route, row.area)


def in_place_of(actor: Actor, route: Route, area: str) -> dict[str, str]:
    """The same of an act that no task holds."""
    absent = stands_in_for(actor, route, area)
    if not absent or in_own_right(actor, route, area):
        return {}
    who = next(iter(absent))
    return {"instead_of": who, "instead_of_name": absent[who]}


def note(tx: Tx, case: Case, record: Record, now: datetime) -> None:
    """A row of history about something that moved no token."""
    step.note(tx, case, record, record.payload, now)
    step.write_head(tx, case)
