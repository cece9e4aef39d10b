"""What people ask of each other about a case: 委派 (征求意见) 前加签 减签 抄送 催办, and 自由跳转 by two persons.

An opinion or a signature asked for never moves a token: it comes back to who asked. Every act takes the case's row
lock, is judged by the rules of `people.md` 4.2, and adds to the history.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal

from engine import clocks, definitions, duties, locking, recusal, requests, step, worklist
from engine.calendar import ZONE
from engine.db import Tx
from engine.errors import Conflict, Field, Forbidden, Invalid, StaleRevision
from engine.locking import by, note
from engine.routing import Actor, sees
from engine.runner import jump_targets
from engine.runner.values import Jump
from engine.step import Case, take
from engine.tables import user_tasks


# ------------------------------------------------------------------------------------------ 委派 加签 减签
def ask(
    tx: Tx,
    actor: Actor,
    task_id: str,
    revision: int,
    kind: Literal["opinion", "presign"],
    of: Sequence[Actor],
    text: str,
    now: datetime,
) -> list[str]:
    """委派 (征求意见) or 前加签: others speak before the task is done; it stays with who asks and waits for all of them."""
    case, row = locking.task(tx, task_id, revision)
    worklist.require_actor(row, actor)
    duties.not_recused(tx, case, row, actor, now)
    asked = {
        r.asked_of for r in requests.of_task(tx, task_id) if r.state == "open" and r.kind in requests.AWAITED
    }
    for person in of:
        _may_be_asked(tx, case, row, actor, person, now, signs=kind == "presign")
        if person.id in asked:
            raise Invalid(
                f"已经请{person.name}提意见，正在等待。",
                "Asked already.",
                fields=[Field("of", "请勿重复选择")],
            )
        asked.add(person.id)
    if not of:
        raise Invalid("请选择征求谁的意见。", "Nobody is asked.", fields=[Field("of", "请至少选择一人")])
    if not text.strip():
        raise Invalid(
            "请写明想请对方研究的问题。", "The question is empty.", fields=[Field("text", "请写明问题或事由")]
        )
    ids = requests.add(
        tx,
        kind,
        case_id=case.id,
        task_id=task_id,
        element=row.element,
        asked_by=actor.id,
        asked_of=[p.id for p in of],
        text=text.strip(),
        now=now,
    )
    worklist.change(tx, task_id, holder=actor.id, awaits=user_tasks.c.awaits + len(ids))
    details = {"task": task_id, "element": row.element, "name": row.name, "reason": text.strip()}
    whom = {"to": [p.id for p in of], "to_name": "、".join(p.name for p in of)}
    note(tx, case, by(actor, f"{kind}.asked", **details, **whom), now)
    return ids


def _may_be_asked(
    tx: Tx, case: Case, row: Any, actor: Actor, person: Actor, now: datetime, *, signs: bool
) -> None:
    if person.id == actor.id:
        raise Invalid("不能征求自己的意见。", "That is you.", fields=[Field("of", "请选择他人")])
    if not sees(person, row.area):
        raise Forbidden(
            f"{person.name}的岗位不涉及这一区域，不能看到这件事项。", f"{person.id} may not see the case."
        )
    if signs:
        duties.not_recused(tx, case, row, person, now)


OPINIONS = {"opinion": (None,), "presign": ("agree", "disagree")}
"""What may be answered: an opinion is words only, a signature before mine agrees or does not."""


def answer(
    tx: Tx, actor: Actor, request_id: str, revision: int, opinion: str | None, text: str, now: datetime
) -> str:
    """The asked person speaks; the task returns to who asked. A disagreement decides nothing by itself. → task id"""
    found = requests.get(tx, request_id)
    if found.kind not in requests.AWAITED or found.asked_of != actor.id:
        raise Forbidden("这条意见不是向您征求的。", "You were not asked.")
    case, row = _awaiting(tx, found, request_id, revision)
    if opinion not in OPINIONS[found.kind]:
        raise Invalid("请选择同意或不同意。", "Unknown opinion.", fields=[Field("opinion", "请选择")])
    if opinion != "agree" and len(text.strip()) < 2:
        raise Invalid("请写明意见。", "The opinion is empty.", fields=[Field("text", "请写明意见")])
    recusal.not_related(tx, case, actor)
    if found.kind == "presign":
        duties.not_recused(tx, case, row, actor, now)
    said = {"opinion": opinion, "answer": text.strip(), "answered_by": actor.id, "answered_at": now}
    requests.change(tx, request_id, state="answered", **said)
    worklist.change(tx, row.id, awaits=user_tasks.c.awaits - 1)
    details = {"task": row.id, "element": row.element, "name": row.name, "request": request_id}
    note(tx, case, by(actor, f"{found.kind}.answered", **details, opinion=opinion, reason=text.strip()), now)
    return str(row.id)


def withdraw_request(tx: Tx, actor: Actor, request_id: str, revision: int, reason: str, now: datetime) -> str:
    """减签 or 收回: who asked (or holds the task now) no longer waits for an answer. → task id"""
    found = requests.get(tx, request_id)
    if found.kind not in requests.AWAITED:
        raise Invalid("这条事项不能收回。", "Not a request that is awaited.")
    case, row = _awaiting(tx, found, request_id, revision)
    if actor.id not in (found.asked_by, row.holder):
        raise Forbidden("只有征求意见的人可以收回。", "Only who asked may withdraw.")
    requests.change(tx, request_id, state="withdrawn", answered_by=actor.id, answered_at=now)
    worklist.change(tx, row.id, awaits=user_tasks.c.awaits - 1)
    details = {"task": row.id, "element": row.element, "name": row.name, "request": request_id}
    note(
        tx,
        case,
        by(actor, f"{found.kind}.withdrawn", **details, to=found.asked_of, reason=reason.strip() or None),
        now,
    )
    return str(row.id)


def _awaiting(tx: Tx, found: Any, request_id: str, revision: int) -> tuple[Case, Any]:
    """The case and the open task a request is about, locked; then the request is read again."""
    case, row = locking.task_row(tx, found.task_id)
    requests.require_open(requests.get(tx, request_id), revision)
    if row.state != "open":
        raise Conflict("这项任务已办结或撤下，不再需要答复。", "The task is no longer open.")
    return case, row


# ------------------------------------------------------------------------------------------ 抄送 催办
def copy(tx: Tx, actor: Actor, case_id: str, of: Sequence[Actor], text: str, now: datetime) -> list[str]:
    """抄送: people may read the case and confirm that they have (已阅). It waits for nobody."""
    case = locking.for_act(tx, actor, case_id, ended=True)
    if not sees(actor, case.area):
        raise Forbidden("这件事项不在您的区域范围内。", "The case is outside your areas.")
    if not of:
        raise Invalid("请选择抄送给谁。", "Nobody is named.", fields=[Field("of", "请至少选择一人")])
    for person in of:
        if not sees(person, case.area):
            raise Forbidden(
                f"{person.name}的岗位不涉及这一区域，不能看到这件事项。", f"{person.id} may not see the case."
            )
    ids = requests.add(
        tx,
        "copy",
        case_id=case_id,
        asked_by=actor.id,
        asked_of=[p.id for p in of],
        text=text.strip(),
        now=now,
    )
    names = "、".join(p.name for p in of)
    note(
        tx,
        case,
        by(actor, "case.copied", to=[p.id for p in of], to_name=names, reason=text.strip() or None),
        now,
    )
    return ids


def read(tx: Tx, actor: Actor, request_id: str, now: datetime) -> str:
    """已阅: a receipt for a copy or an urging. A second reading changes nothing. → case id"""
    found = requests.get(tx, request_id)
    case = step.lock(tx, found.case_id)
    found = requests.get(tx, request_id)
    if found.kind not in ("copy", "urge") or found.asked_of not in (None, actor.id):
        raise Forbidden("这条事项不是发给您的。", "It was not sent to you.")
    if found.kind == "urge" and found.task_id is not None:
        worklist.require_reach(worklist.get(tx, found.task_id), actor)
    if found.state == "open":
        requests.change(tx, request_id, state="read", read_at=now, answered_by=actor.id)
        kind = "case.copy_read" if found.kind == "copy" else "task.urge_read"
        note(tx, case, by(actor, kind, request=request_id, task=found.task_id, element=found.element), now)
    return case.id


def reply(tx: Tx, actor: Actor, request_id: str, revision: int, text: str, now: datetime) -> str:
    """答复催办: whoever may do the urged task says how far it is. It moves nothing and ends no clock. → case id"""
    found = requests.get(tx, request_id)
    if found.kind != "urge":
        raise Invalid("这条事项不是催办。", "Not an urging.")
    case = locking.for_act(tx, actor, found.case_id, ended=True)
    found = requests.get(tx, request_id)
    worklist.require_reach(worklist.get(tx, found.task_id), actor)
    if found.state == "answered":
        raise Conflict("这次催办已经答复过了。", "Answered already.")
    if found.revision != revision:
        raise StaleRevision("催办已有更新，请刷新后再试。", "The urging has changed.")
    if len(text.strip()) < 2:
        raise Invalid("请写明办理情况。", "The answer is empty.", fields=[Field("text", "请写明办理情况")])
    said = {"answer": text.strip(), "answered_by": actor.id, "answered_at": now}
    requests.change(tx, request_id, state="answered", **said)
    details = {"task": found.task_id, "element": found.element, "request": request_id, "reason": text.strip()}
    note(tx, case, by(actor, "task.urge_answered", **details), now)
    return case.id


def urge(tx: Tx, actor: Actor, task_id: str, text: str, now: datetime) -> Any:
    """催办: ask whoever holds a task to hurry; on record, once a day and task, not while its clock is paused. → the task row

    The caller has checked that the actor opened the case or supervises it.
    """
    case, row = locking.task_row(tx, task_id)
    recusal.not_related(tx, case, actor)
    if row.state != "open":
        raise Conflict("这项任务已由他人办理或已被取消。", "The task is no longer open.")
    if row.holder == actor.id:
        raise Invalid("这项任务正由您本人办理。", "You hold the task yourself.")
    tokens = {row.id, *row.owners}
    if any(c.state == "paused" and c.token in tokens for c in clocks.of_case(tx, case.id)):
        raise Conflict("计时已中止，此时不催办。", "The clock is paused.", code="clock_paused")
    today = now.astimezone(ZONE).date()
    if requests.urged(tx, task_id, today):
        raise Conflict("今天已经催办过这项任务。", "Urged today already.", code="urged_today")
    requests.add(
        tx,
        "urge",
        case_id=case.id,
        task_id=task_id,
        element=row.element,
        asked_by=actor.id,
        asked_of=[row.holder],
        text=text.strip(),
        now=now,
        day=today,
    )
    details = {"task": task_id, "element": row.element, "name": row.name, "to": row.holder}
    note(tx, case, by(actor, "task.urged", **details, reason=text.strip() or None), now)
    return row


# ------------------------------------------------------------------------------------------ 跳转, by two
WORKED = ("userTask", "callActivity", "subProcess")
"""What people work on, or what holds their work."""


def propose_jump(
    tx: Tx, actor: Actor, task_id: str, revision: int, target: str, reason: str, now: datetime
) -> str:
    """自由跳转, first person: propose to move a token. Nothing moves until another person approves. → request id"""
    case, row = locking.task(tx, task_id, revision)
    recusal.not_related(tx, case, actor)
    why = locking.reason(reason, "跳转")
    names = targets_of_jump(tx, case, row)
    if target not in names:
        raise Invalid("不能跳转到这一环节。", "No possible target.", fields=[Field("target", "请重新选择")])
    if any(r.kind == "jump" and r.state == "open" for r in requests.of_task(tx, task_id)):
        raise Conflict("这项任务已有一条待批准的跳转。", "A move is proposed already.")
    (made,) = requests.add(
        tx,
        "jump",
        case_id=case.id,
        task_id=task_id,
        element=row.element,
        asked_by=actor.id,
        asked_of=[None],
        text=why,
        now=now,
        target=target,
    )
    details = {"task": task_id, "element": row.element, "name": row.name, "target": target, "reason": why}
    note(tx, case, by(actor, "jump.proposed", **details, target_name=names[target]), now)
    return made


def targets_of_jump(tx: Tx, case: Case, row: Any) -> dict[str, str]:
    """Where a task's token may be moved: id → name on the drawing.

    As long as something is owed to the person (`World.held`) a move must lead to people's work: never to an end, nor to a
    machine's step that could end the case.
    """
    pinned = definitions.pinned(tx, case.pins)
    nodes = pinned.processes[row.process].nodes
    found = [e for e in jump_targets(pinned.program, case.state or b"", row.id) if e in nodes]
    if tx.world.held(tx, case.id):
        found = [e for e in found if nodes[e].type in WORKED]
    return {element: nodes[element].name or element for element in found}


def decide_jump(
    tx: Tx, actor: Actor, request_id: str, revision: int, approve: bool, reason: str, now: datetime
) -> None:
    """自由跳转, second person: the token moves now, or the proposal is refused with a reason."""
    found = requests.get(tx, request_id)
    if found.kind != "jump":
        raise Invalid("这条事项不是跳转申请。", "Not a move.")
    case, row = _awaiting(tx, found, request_id, revision)
    recusal.not_related(tx, case, actor)
    if found.asked_by == actor.id:
        raise Forbidden("须由另一人批准。", "Another person must approve.", code="second_person")
    details = {"task": row.id, "element": row.element, "name": row.name, "request": request_id}
    common = {**details, "target": found.target, "proposed_by": found.asked_by}
    if not approve:
        why = locking.reason(reason, "不批准")
        requests.change(tx, request_id, state="refused", answer=why, answered_by=actor.id, answered_at=now)
        note(tx, case, by(actor, "jump.refused", **common, reason=why), now)
        return
    if found.target not in targets_of_jump(tx, case, row):
        raise Conflict("情况已变，不能再跳转到这一环节。", "The move is no longer possible.")
    requests.change(tx, request_id, state="answered", answered_by=actor.id, answered_at=now)
    record = by(actor, "task.jumped", **common, reason=found.text)
    take(tx, case, Jump(row.id, str(found.target)), record, now)
