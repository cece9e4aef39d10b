"""Everything that can happen to a case. The only coordinator: rules, runner and ledgers meet here.

Each function runs inside a transaction somebody else commits, takes the case's row lock first, and either writes
everything or raises. People act through `claim` … `complete` and `engine.hands`, machines through `finish_job`, `fire_timer`,
`engine.messages`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import bindparam, insert, select, update

from engine import (
    before_step,
    clocks,
    definitions,
    duties,
    filling,
    history,
    incidents,
    jobs,
    limits,
    locking,
    recording,
    recusal,
    reminders,
    reprojection,
    step,
    undelivered,
    worklist,
)
from engine.db import Tx, new_id
from engine.duties import Completion
from engine.errors import Conflict, Forbidden, printable
from engine.locking import by, note, standing_in
from engine.routing import Actor, sees
from engine.runner.values import (
    Cancel,
    Complete,
    Deliver,
    FinishJob,
    FireTimer,
    Start,
    ThrowError,
)
from engine.step import Record, take
from engine.tables import cases, timers, user_tasks
from engine.tables import jobs as jobs_table
from engine.world import StepDone

_ADD = insert(cases)
_ABOVE = cases.alias("above")
_ADD_BELOW = insert(cases).values(
    subject=select(_ABOVE.c.subject).where(_ABOVE.c.id == bindparam("above")).scalar_subquery()
)


# ------------------------------------------------------------------------------------------ start and end
def start(
    tx: Tx,
    process: str,
    *,
    now: datetime,
    area: str,
    number: str,
    title: str,
    actor: Actor | None = None,
    variables: Mapping[str, Any] | None = None,
    document: Mapping[str, Any] | None = None,
    event: str | None = None,
    parent: str | None = None,
    subject: str | None = None,
    urgent: bool = False,
    at: datetime | None = None,
) -> str:
    """Open a case on the versions in force now; returns its id. `at`: when it lawfully began, if earlier. `subject`: what it is
    about in the district's own records (default: what its parent is about)."""
    pins = definitions.pin(tx, process, now)
    case_id = new_id()
    sections = {"": dict(document)} if document else {}
    tx.write(
        _ADD if subject is not None or parent is None else _ADD_BELOW,
        {
            "id": case_id,
            "number": number,
            "process": process,
            "pins": pins,
            "area": area,
            "title": title,
            "status": "active",
            "urgent": urgent,
            "revision": 0,
            "document": sections,
            "variables": {},
            "opened_at": now,
            "opened_by": actor.id if actor else None,
            "parent": parent,
            **({"above": parent} if subject is None and parent is not None else {"subject": subject}),
            "seq": 0,
            "head": history.GENESIS,
        },
    )
    case = step.lock(tx, case_id)
    payload = {"number": number, "process": process, "name": title, "document": dict(document or {})}
    if event is not None:
        payload["event"] = event
    case.edits = [("", section, values, False) for section, values in (document or {}).items()]
    if document:
        tx.world.on_filed(tx, case.id, case.seq + 1, actor, document)
    record = Record("case.started", actor.id if actor else None, actor.name if actor else None, at, payload)
    take(tx, case, Start(process, dict(variables or {}), event), record, now)
    return case_id


def cancel(tx: Tx, actor: Actor, case_id: str, revision: int, reason: str, now: datetime) -> None:
    """终止, for a stated reason; nothing is deleted."""
    case = locking.for_act(tx, actor, case_id, revision)
    locking.may_end(tx, case, "终止")
    why = locking.reason(reason, "终止")
    take(tx, case, Cancel(why), by(actor, "case.cancelled", reason=why), now)


# ------------------------------------------------------------------------------------------ people
def claim(tx: Tx, actor: Actor, task_id: str, revision: int, now: datetime) -> None:
    """认领: hold a task so that nobody else does it meanwhile."""
    case, row = locking.task(tx, task_id, revision)
    worklist.require_actor(row, actor)
    duties.not_recused(tx, case, row, actor, now)
    worklist.change(tx, task_id, holder=actor.id)
    details = {"task": task_id, "element": row.element, "name": row.name, **standing_in(row, actor)}
    note(tx, case, by(actor, "task.claimed", **details), now)


def release(tx: Tx, actor: Actor, task_id: str, revision: int, now: datetime) -> None:
    """退回认领: give a held task back to all who may do it."""
    case, row = locking.task(tx, task_id, revision)
    if row.holder != actor.id:
        raise Forbidden("只有正在办理的人可以放回任务。", "Only the holder may release the task.")
    worklist.require_answers(row)
    worklist.change(tx, task_id, holder=None)
    note(tx, case, by(actor, "task.released", task=task_id, element=row.element, name=row.name), now)


def draft(
    tx: Tx, actor: Actor, task_id: str, revision: int, values: Mapping[str, Any], now: datetime
) -> None:
    """Keep what a person has typed so far. Checked only when submitted; who must withdraw does not write at all."""
    row = worklist.get(tx, task_id)
    worklist.require_open(row, revision)
    worklist.require_actor(row, actor)
    case = locking.case_of(tx, row.case_id)
    duties.not_recused(tx, case, row, actor, now)
    tx.world.on_filed(tx, case.id, case.seq + 1, actor, values)
    worklist.save_draft(tx, task_id, values)


def complete(
    tx: Tx,
    actor: Actor,
    task_id: str,
    revision: int,
    values: Mapping[str, Any],
    now: datetime,
    *,
    at: datetime | None = None,
) -> Completion:
    """Submit a task: checked against its form, stored in the document, then the token moves.

    Where several must act, each signs the same content; another content voids the earlier signatures.
    """
    case, row = locking.task(tx, task_id, revision)
    worklist.require_actor(row, actor)
    worklist.require_answers(row)
    around = before_step.look(tx, case.id, actor.id)
    duties.barred(tx, case, row, actor, now, around.relation)
    pinned = definitions.pinned(tx, case.pins)
    form = pinned.form(row.process, row.form) if row.form else None
    checked = filling.checked(tx, case, pinned, form, row.id, row.path, values, now, actor)
    filling.nobody_is_kin(tx, case, form, checked)
    tx.world.on_filed(tx, case.id, case.seq + 1, actor, checked)
    signatures = duties.signatures(row, actor, checked, now)
    common = {"task": task_id, "element": row.element, "name": row.name, "path": row.path, "values": checked}
    common.update(standing_in(row, actor))
    if len(signatures) < row.together:
        acted = [s.as_dict() for s in signatures]
        worklist.change(tx, task_id, acted=acted, draft=checked, holder=None)
        note(tx, case, by(actor, "task.signed", at, **common, needed=row.together), now)
        return Completion(case.id, False, len(signatures), row.together)
    if row.together > 1:
        tx.write(
            update(user_tasks)
            .where(user_tasks.c.id == task_id)
            .values(acted=[s.as_dict() for s in signatures])
        )
        common["signed"] = [s.as_dict() for s in signatures]
    if form is not None and form.section:
        case.store(row.path, form.section, checked, repeats=form.repeats)
        common["section"], common["form"] = form.section, form.id
    extended = limits.by_form(tx, actor, case, pinned, row, checked, now)
    case.clocks, case.troubled = None if extended else around.clocks, around.troubled
    take(tx, case, Complete(task_id, checked), by(actor, "task.completed", at, **common), now)
    people = tuple(s.person for s in signatures) or (actor.id,)
    done = StepDone(
        case.id, case.number, case.area, case.title, task_id, row.element, row.form, checked, people
    )
    tx.world.on_done(tx, done, now)
    return Completion(case.id, True, len(signatures), row.together)


def receive(
    tx: Tx,
    actor: Actor,
    subscription_id: str,
    revision: int | None,
    values: Mapping[str, Any],
    now: datetime,
    *,
    on_behalf: Mapping[str, str] | None = None,
) -> str:
    """A person records what an outside party said (a bank's answer, a withdrawal): the message is delivered.

    Who may is told by `engine.recording`. `on_behalf`: the caller has made sure that the actor speaks for the party itself, which
    need not see the case; goes into the record. Such a party knows no revision: it has seen the latest if what it answers is
    still awaited.
    """
    case = locking.open_case(tx, recording.awaited(tx, subscription_id).case_id)
    found = recording.awaited(tx, subscription_id)  # read under the lock: somebody may have been faster
    if revision is not None:
        locking.unchanged(case, revision)
    pinned = definitions.pinned(tx, case.pins)
    node = pinned.node(found.process, found.element)
    if on_behalf is None:
        routed = recording.must(tx, case, found, node, actor, now)
        on_behalf = locking.in_place_of(actor, routed, case.area)
    else:
        recording.not_recused(tx, case, found, node, actor, now)
    key = recording.form_of(node)
    form = pinned.form(found.process, key) if key else None
    checked = filling.checked(tx, case, pinned, form, found.id, found.path, values, now, actor)
    filling.nobody_is_kin(tx, case, form, checked)
    tx.world.on_filed(tx, case.id, case.seq + 1, actor, checked)
    payload = {
        "message": found.name,
        "correlation": found.correlation,
        "element": found.element,
        "values": checked,
    }
    payload["name"] = node.name or found.name
    payload["path"] = found.path
    payload.update(on_behalf)
    if form is not None and form.section:
        case.store(found.path, form.section, checked, repeats=form.repeats)
        payload["section"], payload["form"] = form.section, form.id
    take(tx, case, Deliver(found.id, checked), by(actor, "message.received", **payload), now)
    return case.id


# ------------------------------------------------------------------------------------------ machines
def finish_job(
    tx: Tx,
    job_id: str,
    variables: Mapping[str, Any],
    now: datetime,
    document: Mapping[str, Any] | None = None,
) -> None:
    """The handler is through: its sections go into the document, its variables to the token."""
    found = _under_lock(tx, jobs.job, job_id, "ready")
    if found is None:
        raise Conflict("该后台作业已经结束。", "The job has ended.")
    case, row = found
    for section, values in (document or {}).items():
        case.store(row.path, section, values, repeats=False)
    tx.world.on_filed(tx, case.id, case.seq + 1, None, [document, variables])
    record = Record(
        "job.completed",
        payload={"job": job_id, "type": row.type, "element": row.element, "result": dict(variables)},
    )
    take(tx, case, FinishJob(job_id, variables), record, now)


def throw_job_error(tx: Tx, job_id: str, code: str, message: str, now: datetime) -> None:
    """The handler raised a BPMN error: caught by the drawing, or a StepFailed for the caller to record."""
    found = _under_lock(tx, jobs.job, job_id, "ready")
    if found is None:
        return
    case, row = found
    payload = {"job": job_id, "type": row.type, "element": row.element, "code": code, "message": message}
    take(tx, case, ThrowError(job_id, code), Record("job.error", payload=payload), now)


def fail_job(tx: Tx, job_id: str, code: str, message: str, now: datetime) -> bool:
    """A handler failed. True when its retries are used up: an incident is open. Nothing of a job that has ended meanwhile."""
    found = _under_lock(tx, jobs.job, job_id, "ready")
    if found is None or not jobs.failed(tx, found[1], message, now):
        return False
    _open(tx, *found, "job", job_id, code, message, now)
    return True


def fire_timer(tx: Tx, timer_id: str, now: datetime) -> bool:
    """Fire a timer that is due. False when it is no longer wanted or not due any more."""
    found = _under_lock(tx, jobs.timer, timer_id, "pending")
    if found is None:
        return False
    case, row = found
    if row.due_at is None or row.due_at > now:
        return False
    payload = {"timer": timer_id, "element": row.element, "due": row.due_at.isoformat(), "basis": row.basis}
    payload["late"] = (now - row.due_at).total_seconds()
    take(tx, case, FireTimer(timer_id), Record("timer.fired", at=row.due_at, payload=payload), now)
    return True


def fail_timer(tx: Tx, timer_id: str, code: str, message: str, now: datetime) -> bool:
    """As `fail_job`, for a timer whose step could not be taken."""
    found = _under_lock(tx, jobs.timer, timer_id, "pending")
    if found is None or not jobs.timer_failed(tx, found[1], now):
        return False
    _open(tx, *found, "timer", timer_id, code, message, now)
    return True


def fail_clock(tx: Tx, clock_id: str, code: str, message: str, now: datetime) -> bool:
    """A reminder could not be told: the clock is silent until somebody has looked."""
    found = _under_lock(tx, clocks.one, clock_id, "running")
    if found is None or found[1].next_at is None or found[1].next_at > now:
        return False
    reminders.silence(tx, clock_id)
    _open(tx, *found, "clock", found[0].id, code, message, now)
    return True


def fail_dates(tx: Tx, case_id: str, code: str, message: str, now: datetime) -> None:
    """A case could not be dated anew under another calendar: it is left alone until somebody has looked."""
    report(tx, case_id, None, "dates", case_id, code, message, now)


def report(
    tx: Tx, case_id: str, element: str | None, kind: str, ref: str, code: str, message: str, now: datetime
) -> None:
    """An incident about something done for a case (at an element, if at one)."""
    case = step.lock(tx, case_id)
    _open(tx, case, _Place(case.process, element or case.process), kind, ref, code, message, now)


def fail_task(
    tx: Tx, task_id: str, element: str, code: str, message: str, values: Mapping[str, Any], now: datetime
) -> None:
    """A person's step could not be taken: what was typed is kept, and somebody is told. Nothing where another did it meanwhile."""
    case, row = locking.task_row(tx, task_id)
    if row.state != "open":
        return
    worklist.save_draft(tx, task_id, values)
    incidents.open_(tx, case.id, row.process, element, "task", task_id, code, message, now)


class _Place(NamedTuple):
    process: str
    element: str


def _under_lock(tx: Tx, read: Callable[[Tx, str], Any], key: str, state: str) -> tuple[step.Case, Any] | None:
    """A case, locked first as everywhere, and its row as it is then; None where that is no longer in `state`.

    Whoever held the case may have ended or moved the row.
    """
    known = read(tx, key)
    if known is None:
        return None
    case, row = step.lock(tx, known.case_id), read(tx, key)
    case.troubled = getattr(row, "troubled", None)
    return (case, row) if row.state == state else None


def _open(
    tx: Tx, case: step.Case, at: Any, kind: str, ref: str, code: str, message: str, now: datetime
) -> None:
    """An incident of a locked case, and the line about it in its history."""
    incidents.open_(tx, case.id, at.process, at.element, kind, ref, code, message, now)
    payload = {kind: ref, "element": at.element, "message": printable(message)}
    note(tx, case, Record("incident.opened", payload=payload), now)


# ------------------------------------------------------------------------------------------ corrections
def retry(tx: Tx, actor: Actor, incident_id: str, revision: int, now: datetime) -> str:
    """重试: try again what an incident is about. A person's task needs no retry: it is still open, so it is only cleared."""
    case = step.lock(tx, incidents.case_of(tx, incident_id))  # the case first, as everywhere
    row = incidents.take(tx, incident_id, revision)
    if not sees(actor, case.area):
        raise Forbidden("这件事项不在您的区域范围内。", "The case is outside your areas.")
    recusal.not_related(tx, case, actor)
    if row.kind in ("job", "timer"):
        jobs.again(tx, jobs_table if row.kind == "job" else timers, row.ref, now)
    if row.kind == "message":
        undelivered.again(tx, case, row.ref, now)
    if row.kind == "dates":
        reprojection.reproject(tx, case.id, now)
    if row.kind == "clock":
        reminders.speak(tx, case.id, now)
    tx.world.on_retry(tx, row.kind, row.ref, now)
    tx.after_commit("worker", tx.world.bell)
    incidents.resolve(tx, row.kind, row.ref, now, actor.id)
    note(
        tx,
        case,
        by(actor, "incident.retried", incident=incident_id, element=row.element, message=row.message),
        now,
    )
    return case.id


def _staying(tx: Tx, case: step.Case) -> list[str]:
    """Open tasks whose drawing names an area of their own."""
    pinned = definitions.pinned(tx, case.pins)
    return [
        row.id
        for row in worklist.open_of_case(tx, case.id)
        if pinned.node(row.process, row.element).properties.get("area")
    ]


def move(
    tx: Tx,
    case_id: str,
    area: str,
    now: datetime,
    *,
    reason: str,
    actor: Actor | None = None,
    keep_holders: bool = False,
    **details: Any,
) -> step.Case:
    """转属地: the case and its open tasks go to another area; the history stays with it.

    The tasks go back to the posts of the new area, also those that named one person, unless the same people go on (`keep_holders`: the
    area itself changed, and with it what was routed there). A step with an area of its own (`area` in the drawing) stays where it is.
    """
    case = step.lock(tx, case_id)
    before, case.area = case.area, area
    changed: dict[str, Any] = {"area": area, "revision": user_tasks.c.revision + 1}
    if not keep_holders:
        changed |= {"holder": None, "assignee": None}
    t = user_tasks.c
    there = t.area == before if keep_holders else t.id.not_in(_staying(tx, case))
    tx.write(update(user_tasks).where(t.case_id == case_id, t.state == "open", there).values(**changed))
    payload = {"from": before, "to": area, "reason": reason, **details}
    note(
        tx, case, by(actor, "case.moved", **payload) if actor else Record("case.moved", payload=payload), now
    )
    return case
