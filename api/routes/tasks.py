"""我的待办: lists, the task page, and every verb on a task."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from sqlalchemy import ColumnElement, or_

from api import schemas
from api.deps import Read, Reader, Write, Writer
from api.views import basis, due, sections
from api.views import cases as case_views
from api.views import requests as request_views
from api.views import tasks as views
from api.views.actions import unless_kin
from casework import reading, sight, staff
from engine import asking, cases, clocks, definitions, filling, hands, step, worklist
from engine.errors import Forbidden, StepFailed
from engine.routing import reaches
from engine.tables import cases as cases_table
from engine.tables import requests as requests_table
from engine.tables import user_tasks

router = APIRouter(prefix="/api/tasks", tags=["tasks"])
Tab = Literal["todo", "claimable", "mine", "done", "started"]


@router.get("")
def list_tasks(
    at: Read,
    tab: Tab = "todo",
    q: str | None = None,
    stage: str | None = None,
    process: str | None = None,
    sort: Literal["due", "created"] | None = None,
    page: Annotated[int, Query(ge=1, le=10_000)] = 1,
    size: Annotated[int, Query(ge=1, le=100)] = 20,
) -> schemas.TaskList:
    """One page of a tab; urgent first, then overdue, then by due date."""
    filters: list[ColumnElement[bool]] = []
    if q:
        like = f"%{q}%"
        filters.append(
            or_(cases_table.c.number.like(like), cases_table.c.title.like(like), user_tasks.c.name.like(like))
        )
    if stage:
        filters.append(user_tasks.c.stage == stage)
    if process:
        filters.append(user_tasks.c.process == process)
    found, total = worklist.page(
        at.tx, at.actor, tab, at.now, filters=filters, sort=sort, offset=(page - 1) * size, limit=size
    )
    return schemas.TaskList(
        items=views.rows(at.tx, at.actor, found, at.now),
        total=total,
        page=page,
        size=size,
        counters=worklist.counters(at.tx, at.actor, at.now),
    )


def _seen(at: Reader, task_id: str) -> Any:
    row = worklist.get(at.tx, task_id)
    mine = at.actor.id in (row.holder, row.assignee, row.ended_by)
    addressed = row.state == "open" and reaches(at.actor, worklist.route_of_row(row), row.area)
    if not (mine or addressed or sight.inside(at.actor, case_views.load(at.tx, row.case_id))):
        raise Forbidden("这项任务不在您的岗位和区域范围内。", "The task is outside your posts and areas.")
    return row


def _reads(at: Reader, case: step.Case, row: Any) -> bool:
    """May the reader see what the form knows already? Who may do the step, and who reads the whole case."""
    mine = at.actor.id in (row.holder, row.assignee)
    if mine or reaches(at.actor, worklist.route_of_row(row), row.area):
        return True
    return reading.extent(at.tx, at.actor, case) is reading.Extent.WHOLE


@router.get("/{task_id}")
def show_task(at: Read, task_id: str) -> schemas.TaskDetail:
    """The page of one task: what to do, the form with what is known already, deadlines, verbs."""
    row = _seen(at, task_id)
    case = case_views.load(at.tx, row.case_id)
    pinned = definitions.pinned(at.tx, case.pins)
    node = pinned.node(row.process, row.element)
    form, values, masked, about = None, dict[str, Any](), list[str](), list[schemas.DocumentSection]()
    if row.form and _reads(at, case, row):
        definition = pinned.form(row.process, row.form)
        values = dict(row.draft or {})
        if row.state == "open":
            form = filling.resolved(at.tx, case, definition, row.id, row.path, at.now, at.actor)
            known = filling.prefill(at.tx, case, definition, row.id, row.path, at.now, at.actor)
            values = {**known, **values, **_not_typed(form, known, row)}
        view = reading.view(at.tx, at.actor, case, at.now)
        values, masked = view.veil.of_form(definition.section, values)
        about = sections.about(at.tx, case, pinned, view.veil, at.now)
        at.shown(view)
    known_clocks = clocks.of_case(at.tx, case.id)
    own = [c for c in known_clocks if c.token in (row.id, *row.owners)]
    signed = staff.people(at.tx, [s["person"] for s in row.acted])
    return schemas.TaskDetail(
        task=views.rows(at.tx, at.actor, [row], at.now)[0],
        instructions=basis.told(node.documentation),
        form=form,
        values=values,
        about=about,
        masked=masked,
        next_hint=None,
        receipts=due.receipts(at.tx.world, own, at.now),
        actions=unless_kin(at.tx, at.actor, case, _actions(at, case, row)),
        cosigners=[schemas.Person(id=p.id, name=p.name) for p in signed],
        requests=_requests(at, case, row),
    )


def _not_typed(form: Mapping[str, Any], known: Mapping[str, Any], row: Any) -> dict[str, Any]:
    """What the form finds out by itself and nobody may type: as it is now, whatever a draft has kept. Who signs after another signs what that one saw."""
    if row.acted:
        return {}
    fixed = (sections.key_of(one) for one in sections.components(form) if one.get("readonly"))
    return {key: known[key] for key in fixed if key in known}


def _requests(at: Reader, case: step.Case, row: Any) -> list[schemas.RequestRow]:
    found = request_views.about(at.tx, requests_table.c.task_id, row.id)
    lifted = bool(found) and reading.view(at.tx, at.actor, case, at.now).veil.lifted
    return request_views.rows(at.tx, at.actor, found, supervises="supervise" in at.rights, lifted=lifted)


def _actions(at: Reader, case: step.Case, row: Any) -> list[schemas.Action]:
    """Every verb on an open task stays visible; one that cannot be used says why."""
    mine = row.holder == at.actor.id
    if row.state != "open":
        return _beside(at, case, row)
    why: str | None = None
    if worklist.held_by_another(row, at.actor):
        why = "正由他人办理"
    elif any(s["person"] == at.actor.id for s in row.acted):
        why = "您已签过，须由另一人办理"
    elif (
        at.actor.id != row.assignee
        and not mine
        and not reaches(at.actor, worklist.route_of_row(row), row.area)
    ):
        why = "不在您的岗位或区域范围内"
    targets = hands.send_back_targets(at.tx, case, row)
    options = [
        schemas.Option(value=element, label=target.name, straight=target.straight)
        for element, target in targets.items()
    ]
    free = why is None
    waits = f"还有 {row.awaits} 人的意见没有答复" if row.awaits else None
    return [
        schemas.Action(
            key="complete", label=_verb(row), primary=True, enabled=free and not waits, reason=why or waits
        ),
        schemas.Action(
            key="claim",
            label="认领",
            enabled=free and not mine,
            reason=why or ("已由您认领" if mine else None),
        ),
        schemas.Action(
            key="release",
            label="放回",
            enabled=mine and free and not waits,
            reason=waits if mine else why or "您没有认领这项任务",
        ),
        schemas.Action(
            key="send_back",
            label="退回修改",
            enabled=free and bool(options),
            reason=why or (None if options else "前面没有可退回的环节"),
            targets=options,
        ),
        schemas.Action(key="transfer", label="转办", enabled=free, reason=why),
        schemas.Action(key="ask", label="征求意见", enabled=free, reason=why),
        schemas.Action(key="presign", label="前加签", enabled=free, reason=why),
        *_beside(at, case, row),
    ]


def _beside(at: Reader, case: step.Case, row: Any) -> list[schemas.Action]:
    """Verbs shown only to whom they concern: taking back one's own work, urging, moving a token."""
    found = []
    if row.state == "completed" and row.ended_by == at.actor.id:
        can = hands.can_take_back(at.tx, at.actor, row)
        reason = None if can else "后续环节已经开始，不能取回"
        found.append(schemas.Action(key="take_back", label="取回", primary=can, enabled=can, reason=reason))
    may_urge = "supervise" in at.rights or case.opened_by == at.actor.id
    if may_urge and row.state == "open" and row.holder != at.actor.id:
        found.append(schemas.Action(key="urge", label="催办"))
    if row.state == "open" and "supervise" in at.rights:
        targets = asking.targets_of_jump(at.tx, case, row)
        options = [schemas.Option(value=element, label=name) for element, name in targets.items()]
        reason = None if options else "没有可跳转的环节"
        found.append(
            schemas.Action(key="jump", label="跳转", enabled=bool(options), reason=reason, targets=options)
        )
    return found


def _verb(row: Any) -> str:
    return "签字提交" if row.together > 1 else "提交"


@router.post("/{task_id}/claim")
def claim(at: Write, task_id: str, body: schemas.TaskWrite) -> schemas.Done:
    cases.claim(at.tx, at.actor, task_id, body.revision, at.now)
    return _done(at, "已认领。", task_id)


@router.post("/{task_id}/release")
def release(at: Write, task_id: str, body: schemas.TaskWrite) -> schemas.Done:
    cases.release(at.tx, at.actor, task_id, body.revision, at.now)
    return _done(at, "已放回，其他人可以认领。", task_id)


@router.put("/{task_id}/draft")
def draft(at: Write, task_id: str, body: schemas.TaskWrite) -> schemas.Done:
    cases.draft(at.tx, at.actor, task_id, body.revision, body.values, at.now)
    return at.done(schemas.Done(message="草稿已保存。"))


@router.post("/{task_id}/complete")
def complete(at: Write, task_id: str, body: schemas.TaskWrite) -> schemas.Done:
    """Submit. 422 with every wrong field, 409 when somebody was first; nothing is lost either way."""
    try:
        result = cases.complete(at.tx, at.actor, task_id, body.revision, body.values, at.now)
    except StepFailed as error:
        at.tx.rollback()
        with at.runtime.db.transaction() as tx:
            cases.fail_task(tx, task_id, error.element, error.code, error.message, body.values, at.now)
        raise StepFailed(
            error.element, f"流程无法继续：{error.message} 您填写的内容已保存，异常已上报。", str(error)
        ) from error
    if not result.finished:
        message = f"已签字（{result.signed}/{result.needed}），等待另一人核对签字。"
        return _done(at, message, task_id)
    following = _following(at, result.case_id)
    return at.done(schemas.Done(message="已提交。", case_id=result.case_id, next_task_id=following))


def _following(at: Writer, case_id: str) -> str | None:
    """A task of the same case that the same person can do next."""
    for row in worklist.open_of_case(at.tx, case_id):
        free = row.holder is None and reaches(at.actor, worklist.route_of_row(row), row.area)
        if row.holder == at.actor.id or free:
            return str(row.id)
    return None


@router.post("/{task_id}/send-back")
def send_back(at: Write, task_id: str, body: schemas.SendBackWrite) -> schemas.Done:
    row = worklist.get(at.tx, task_id)
    hands.send_back(
        at.tx, at.actor, task_id, body.revision, body.target, body.reason, at.now, straight=body.straight
    )
    return at.done(schemas.Done(message="已退回。", case_id=row.case_id))


@router.post("/{task_id}/transfer")
def transfer(at: Write, task_id: str, body: schemas.TransferWrite) -> schemas.Done:
    to = staff.actor_of(at.tx, body.to, at.now)
    hands.transfer(at.tx, at.actor, task_id, body.revision, to, body.reason, at.now)
    return _done(at, f"已转办给{to.name}。", task_id)


def _done(at: Writer, message: str, task_id: str) -> schemas.Done:
    row = worklist.get(at.tx, task_id)
    return at.done(
        schemas.Done(message=message, case_id=row.case_id, task=views.rows(at.tx, at.actor, [row], at.now)[0])
    )
