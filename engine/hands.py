"""What people do with a task or case besides doing it: 退回 取回 转办 撤回 作废 交接 (`engine.asking` has the rest).

Every act takes the case's row lock, is judged by the rules of `people.md` 4.2, and adds to the history; nothing is ever
taken out of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, select, true, update

from engine import definitions, duties, locking, recusal, requests, worklist
from engine.db import Tx
from engine.errors import Conflict, Field, Forbidden, Invalid
from engine.locking import by, note, standing_in
from engine.routing import Actor, sees, within
from engine.runner import earlier_tasks
from engine.runner.values import Cancel, SendBack, WaitKind
from engine.step import Case, take
from engine.tables import cases, jobs, user_tasks

VOIDED = "voided"


# ------------------------------------------------------------------------------------------ 退回 取回 转办
@dataclass(frozen=True, slots=True)
class Target:
    """An earlier task: its name on the drawing, and whether the work can come straight back from it (直送)."""

    name: str
    straight: bool


def send_back(
    tx: Tx,
    actor: Actor,
    task_id: str,
    revision: int,
    target: str,
    reason: str,
    now: datetime,
    *,
    straight: bool = False,
) -> None:
    """退回: the work goes back to an earlier task; what lies downstream of it is cancelled, history stays.

    `straight`: once that is done again it comes straight back here instead of going every step in between.
    """
    case, row = locking.task(tx, task_id, revision)
    worklist.require_actor(row, actor)
    recusal.not_related(tx, case, actor)
    why = locking.reason(reason, "退回")
    found = send_back_targets(tx, case, row).get(target)
    if found is None:
        raise Invalid(
            "不能退回到这一环节。", "Not an earlier task.", fields=[Field("target", "请选择可退回的环节")]
        )
    details = {"task": task_id, "element": row.element, "name": row.name, "target": target, "reason": why}
    details.update(standing_in(row, actor))
    record = by(actor, "task.sent_back", **details, **({"straight": True} if straight else {}))
    take(tx, case, SendBack(task_id, target, straight=straight), record, now)


def send_back_targets(tx: Tx, case: Case, row: Any) -> dict[str, Target]:
    """Where a task may go back to: earlier user tasks that somebody has done in this case."""
    pinned = definitions.pinned(tx, case.pins)
    possible = earlier_tasks(pinned.program, case.state or b"", row.id)
    straight = earlier_tasks(pinned.program, case.state or b"", row.id, straight=True) if possible else set()
    done = select(user_tasks.c.process, user_tasks.c.element).where(
        user_tasks.c.case_id == case.id, user_tasks.c.state == "completed"
    )
    found = {}
    for row_done in tx.run(done.distinct()):
        node = pinned.processes[row_done.process].nodes.get(row_done.element)
        if node is not None and node.id in possible:
            found[node.id] = Target(node.name or node.id, node.id in straight)
    return found


def take_back(tx: Tx, actor: Actor, task_id: str, now: datetime) -> None:
    """取回: who has just done a task takes it back, as long as nothing has come of it.

    The tasks it led to must be untouched – not held, drafted, signed or asked about – and no machine may have worked
    since because of it. Raises Conflict with the reason; a colleague who is faster wins.
    """
    case, done = locking.task_row(tx, task_id)
    if done.state != "completed" or done.ended_by != actor.id:
        raise Forbidden("只能取回自己办完的任务。", "Only who has done the task may take it back.")
    recusal.not_related(tx, case, actor)
    key = _led_to(tx, case, done)
    details = {"task": task_id, "element": done.element, "name": done.name, "target": done.element}
    untouched = _untouched(tx, case, done)
    outcome = take(tx, case, SendBack(key, done.element), by(actor, "task.taken_back", **details), now)
    work = [c.key for c in outcome.closed if c.kind in (WaitKind.USER_TASK, WaitKind.JOB)]
    if not untouched.issuperset(work):
        raise _gone_on("后续环节还有其他事项在办，请与对方联系退回。")
    again = [w.key for w in outcome.opened if w.kind is WaitKind.USER_TASK and w.element == done.element]
    for opened in again:
        worklist.change(tx, opened, holder=actor.id)


def can_take_back(tx: Tx, actor: Actor, done: Any) -> bool:
    """Whether `take_back` has a chance, for showing the button; the act itself judges under the lock."""
    if done.state != "completed" or done.ended_by != actor.id:
        return False
    case = locking.case_of(tx, done.case_id)
    try:
        key = _led_to(tx, case, done)
    except Conflict:
        return False
    pinned = definitions.pinned(tx, case.pins)
    return done.element in earlier_tasks(pinned.program, case.state or b"", key)


def _gone_on(why: str) -> Conflict:
    return Conflict(f"不能取回：{why}", "The work has gone on since.", code="cannot_take_back")


def _led_to(tx: Tx, case: Case, done: Any) -> str:
    """An untouched open task the done one led to. Raises Conflict where something has come of it already."""
    if case.status != "active":
        raise _gone_on("事项已经办结。")
    worked = select(jobs.c.id).where(jobs.c.opened_by == done.id, jobs.c.state == "completed").limit(1)
    if tx.run(worked).first() is not None:
        raise _gone_on("系统已经自动办理了后续事项。")
    following = list(tx.run(select(user_tasks).where(user_tasks.c.opened_by == done.id)))
    if any(row.state != "open" or _touched(row) for row in following):
        raise _gone_on("下一环节已经有人在办理。")
    if not following:
        raise _gone_on("没有可以取回的下一环节。")
    return str(following[0].id)


def _touched(row: Any) -> bool:
    return bool(row.holder not in (None, row.assignee) or row.draft or row.acted or row.awaits)


def _untouched(tx: Tx, case: Case, done: Any) -> set[str]:
    """Keys that may be cancelled by taking back: what the step opened and nobody has begun."""
    tasks = select(user_tasks.c.id).where(user_tasks.c.opened_by == done.id)
    idle = select(jobs.c.id).where(
        jobs.c.case_id == case.id, jobs.c.opened_by == done.id, jobs.c.lease_until.is_(None)
    )
    return {str(key) for query in (tasks, idle) for key in tx.run(query).scalars()}


def transfer(
    tx: Tx, actor: Actor, task_id: str, revision: int, to: Actor, reason: str, now: datetime
) -> None:
    """转办: give the task to another person who may do it; the flow goes on from there."""
    case, row = locking.task(tx, task_id, revision)
    worklist.require_actor(row, actor)
    recusal.not_related(tx, case, actor)
    worklist.require_reach(row, to)
    duties.not_recused(tx, case, row, to, now)
    why = locking.reason(reason, "转办")
    _hand(tx, case, row, actor, to, why, now)


def _hand(tx: Tx, case: Case, row: Any, actor: Actor, to: Actor | None, why: str, now: datetime) -> None:
    assignee = to.id if row.assignee and to else None
    holder = to.id if to else None
    worklist.change(tx, row.id, holder=holder, assignee=assignee, came_from=f"{actor.name} 转办")
    details = {"task": row.id, "element": row.element, "name": row.name, "reason": why, "from": row.holder}
    details.update(standing_in(row, actor))
    whom = {"to": to.id, "to_name": to.name} if to else {"to": None, "to_name": "岗位待认领"}
    note(tx, case, by(actor, "task.transferred", **details, **whom), now)


# ------------------------------------------------------------------------------------------ 撤回 作废
def withdraw(tx: Tx, actor: Actor, case_id: str, revision: int, reason: str, now: datetime) -> None:
    """撤回申请: who opened the case takes it back while nobody else has acted on it; afterwards only 终止 by a supervisor."""
    case = locking.for_act(tx, actor, case_id, revision)
    if case.opened_by != actor.id:
        raise Forbidden("只有登记人可以撤回。", "Only who opened the case may withdraw it.")
    if others_acted(tx, case):
        raise Conflict(
            "已有他人办理过，不能撤回；请联系镇（街）终止。", "Others have acted.", code="cannot_withdraw"
        )
    locking.may_end(tx, case, "撤回")
    why = locking.reason(reason, "撤回")
    take(tx, case, Cancel(why), by(actor, "case.withdrawn", reason=why), now)


def others_acted(tx: Tx, case: Case) -> bool:
    """Has anybody but the opener done, signed or taken up a task of the case?"""
    u = user_tasks.c
    for row in tx.run(select(u.state, u.ended_by, u.holder, u.acted).where(u.case_id == case.id)):
        people = {row.ended_by, row.holder, *(s["person"] for s in row.acted)}
        if people - {None, case.opened_by}:
            return True
    return False


def void(tx: Tx, actor: Actor, case_id: str, revision: int, reason: str, now: datetime) -> None:
    """作废: the case should never have been; running or closed, it is marked so, and every record of it stays."""
    case = locking.for_act(tx, actor, case_id, revision, ended=True)
    if case.conclusion == VOIDED:
        raise Conflict("这件事项已经作废。", "The case is void already.")
    if bound := tx.world.bound(tx, case.id):
        raise Conflict(f"不能作废：{bound}", "Money still follows from the case.", code="still_paid")
    if case.status == "active":
        locking.may_end(tx, case, "作废")
    why = locking.reason(reason, "作废")
    record = by(actor, "case.voided", reason=why, was=case.conclusion)
    case.conclusion = VOIDED
    if case.status == "active":
        take(tx, case, Cancel(why), record, now)
    else:
        tx.run(update(cases).where(cases.c.id == case.id).values(conclusion=VOIDED))
        note(tx, case, record, now)


# ------------------------------------------------------------------------------------------ 交接
def held_by(tx: Tx, person: str, scope: ColumnElement[bool] | None = None) -> list[Any]:
    """Every open task in a person's hands, with number and title of its case; `scope`: of which cases."""
    query = select(user_tasks, *worklist.CASE_COLUMNS).join(cases)
    return list(
        tx.run(
            query.where(
                user_tasks.c.state == "open",
                user_tasks.c.holder == person,
                true() if scope is None else scope,
            ).order_by(user_tasks.c.case_id, user_tasks.c.id)
        )
    )


def hand_over(
    tx: Tx,
    actor: Actor,
    person: str,
    to: Actor | None,
    reason: str,
    now: datetime,
    *,
    within_area: str | None = None,
    scope: ColumnElement[bool] | None = None,
) -> tuple[int, int]:
    """工作交接: everything a person holds goes to another, or back to the posts it is routed to. → (handed, put back)

    What the successor may not do (another area or post, recused), or what is a case of the actor's kin, goes back to its post. Cases are locked in
    one order; those outside the actor's areas (or `within_area`, or `scope`) are left alone.
    """
    why = locking.reason(reason, "交接")
    handed = put_back = 0
    for held in held_by(tx, person, scope):
        case, row = locking.task_row(tx, held.id)
        if row.state != "open" or row.holder != person or not sees(actor, row.area):
            continue
        if within_area is not None and not within(row.area, within_area):
            continue
        chosen = to if recusal.why(tx, case, actor) is None else None
        receiver = chosen if chosen is not None and _may_take(tx, case, row, chosen, now) else None
        _hand(tx, case, row, actor, receiver, why, now)
        handed += receiver is not None
        put_back += receiver is None
    return handed, put_back


def put_back(
    tx: Tx, actor: Actor, person: str, scope: ColumnElement[bool], why: str, now: datetime
) -> list[tuple[Case, Any]]:
    """The steps of these cases that a person holds, was named for or has signed go back to their posts, without that signature; what is asked
    of the person is asked no more. Returns the steps with their cases."""
    found = []
    query = select(user_tasks.c.id).join(cases).where(user_tasks.c.state == "open", scope)
    for task_id in list(tx.run(query.order_by(user_tasks.c.case_id, user_tasks.c.id)).scalars()):
        case, row = locking.task_row(tx, task_id)
        if row.state != "open":
            continue
        no_longer_asked(tx, row, person, now)
        signed = [one for one in row.acted if one["person"] == person]
        if person not in (row.holder, row.assignee) and not signed:
            continue
        if signed:
            worklist.change(tx, row.id, acted=[one for one in row.acted if one["person"] != person])
        _hand(tx, case, row, actor, None, why, now)
        found.append((case, row))
    return found


def no_longer_asked(tx: Tx, row: Any, person: str, now: datetime) -> None:
    """A step waits no more for what this person was asked."""
    for one in requests.of_task(tx, row.id):
        if one.state == "open" and one.kind in requests.AWAITED and one.asked_of == person:
            requests.change(tx, one.id, state="withdrawn", answered_at=now)
            worklist.change(tx, row.id, awaits=user_tasks.c.awaits - 1)


def _may_take(tx: Tx, case: Case, row: Any, to: Actor, now: datetime) -> bool:
    try:
        worklist.require_reach(row, to)
        duties.not_recused(tx, case, row, to, now)
    except Forbidden:
        return False
    return True
