"""协办: opinions, signatures, copies, urgings, taking back, moves by two, hand-over."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from sqlalchemy import ColumnElement, false, func, select

from api import schemas
from api.deps import Read, Reader, Write, Writer
from api.schemas.hands import (
    Answering,
    Ask,
    CopyWrite,
    HandOver,
    HeldTasks,
    Holder,
    JumpDecision,
    JumpWrite,
    RequestList,
    UrgeWrite,
    Withdrawal,
)
from api.views import cases as case_views
from api.views import requests as views
from api.views import tasks as task_views
from casework import areas, books, ladder, sight, staff
from engine import asking, hands, requests, worklist
from engine.errors import Forbidden, NotFound
from engine.routing import Actor, sees
from engine.tables import cases as cases_table
from engine.tables import user_tasks

router = APIRouter(prefix="/api", tags=["hands"])
ASKED = {"opinion": "征求您的意见", "presign": "请您先签"}


def _people(at: Reader, ids: Iterable[str]) -> list[Actor]:
    return [staff.actor_of(at.tx, person, at.now) for person in dict.fromkeys(ids)]


def _tell(at: Writer, people: Iterable[str], kind: str, title: str, row: Any, text: str) -> None:
    case = at.tx.run(select(cases_table.c.number).where(cases_table.c.id == row.case_id)).scalar_one()
    books.tell(
        at.tx,
        people,
        kind=kind,
        title=f"{title}：{row.name}",
        text="；".join(filter(None, [f"{at.actor.name}，{case}", text.strip()])),
        now=at.now,
        case_id=row.case_id,
        task_id=row.id,
    )


# ------------------------------------------------------------------------------------------ on a task
@router.post("/tasks/{task_id}/ask")
def ask(at: Write, task_id: str, body: Ask) -> schemas.Done:
    """委派 or 前加签: the task waits until everybody asked has spoken, or is no longer asked."""
    people = _people(at, body.of)
    asking.ask(at.tx, at.actor, task_id, body.revision, body.kind, people, body.text, at.now)
    row = worklist.get(at.tx, task_id)
    _tell(at, body.of, "asked", ASKED[body.kind], row, body.text)
    names = "、".join(p.name for p in people)
    return at.done(schemas.Done(message=f"已发给{names}，答复后任务回到您这里。", case_id=row.case_id))


@router.post("/tasks/{task_id}/take-back")
def take_back(at: Write, task_id: str) -> schemas.Done:
    """取回: one's own finished task, as long as nobody has begun what came of it."""
    row = worklist.get(at.tx, task_id)
    hands.take_back(at.tx, at.actor, task_id, at.now)
    mine = [t for t in worklist.open_of_case(at.tx, row.case_id) if t.holder == at.actor.id]
    again = next((t.id for t in mine if t.element == row.element), None)
    return at.done(
        schemas.Done(message="已取回，可以修改后重新提交。", case_id=row.case_id, next_task_id=again)
    )


@router.post("/tasks/{task_id}/urge")
def urge(at: Write, task_id: str, body: UrgeWrite) -> schemas.Done:
    """催办, by who opened the case or supervises it; once a day and task."""
    row = worklist.get(at.tx, task_id)
    opener = select(cases_table.c.opened_by).where(cases_table.c.id == row.case_id)
    if at.tx.run(opener).scalar_one() != at.actor.id:
        _supervises(at, row.area, row.case_id)
    asking.urge(at.tx, at.actor, task_id, body.text, at.now)
    ladder.watch(at.tx, task_id, at.now)
    posts = worklist.route_of_row(row).posts
    people = [row.holder] if row.holder else staff.holders(at.tx, posts, row.area, at.now)
    _tell(at, people, "urged", "催办", row, body.text)
    return at.done(schemas.Done(message=f"已催办，已通知 {len(people)} 人。", case_id=row.case_id))


@router.post("/tasks/{task_id}/jump")
def propose_jump(at: Write, task_id: str, body: JumpWrite) -> schemas.Done:
    """自由跳转, first person. Nothing moves until another person approves."""
    row = worklist.get(at.tx, task_id)
    _supervises(at, row.area, row.case_id)
    asking.propose_jump(at.tx, at.actor, task_id, body.revision, body.target, body.reason, at.now)
    return at.done(schemas.Done(message="已提出，须由另一人批准后生效。", case_id=row.case_id))


def _supervises(at: Reader, area: str, case_id: str) -> None:
    """Raises Forbidden; NotFound for a case that is sealed from the actor."""
    at.require("supervise")
    if not sees(at.actor, area):
        raise Forbidden("这件事项不在您的区域范围内。", "The case is outside your areas.")
    if sight.sealed(at.actor, case_views.load(at.tx, case_id)):
        raise sight.unknown()


@router.post("/cases/{case_id}/copy")
def copy(at: Write, case_id: str, body: CopyWrite) -> schemas.Done:
    """抄送: read-only, with a receipt."""
    sight.within(at.tx, at.actor, case_id)
    people = _people(at, body.of)
    asking.copy(at.tx, at.actor, case_id, people, body.text, at.now)
    number = at.tx.run(select(cases_table.c.number).where(cases_table.c.id == case_id)).scalar_one()
    books.tell(
        at.tx,
        body.of,
        kind="copied",
        title=f"抄送：{number}",
        text="；".join(filter(None, [at.actor.name, body.text.strip()])),
        now=at.now,
        case_id=case_id,
    )
    return at.done(schemas.Done(message=f"已抄送{'、'.join(p.name for p in people)}。", case_id=case_id))


# ------------------------------------------------------------------------------------------ what was asked
@router.get("/requests")
def list_requests(
    at: Read,
    tab: Literal["answer", "copies", "asked", "moves"] = "answer",
    page: Annotated[int, Query(ge=1, le=10_000)] = 1,
    size: Annotated[int, Query(ge=1, le=100)] = 20,
) -> RequestList:
    """What waits for the reader's word, what was sent to read, what the reader has asked."""
    supervises = "supervise" in at.rights
    sight = _sight(at, supervises)
    found, total = requests.page(at.tx, at.actor.id, tab, sight, offset=(page - 1) * size, limit=size)
    return RequestList(
        items=views.rows(at.tx, at.actor, found, supervises=supervises),
        total=total,
        page=page,
        size=size,
        waiting=requests.waiting(at.tx, at.actor.id, sight),
    )


def _sight(at: Reader, supervises: bool) -> ColumnElement[bool]:
    return sight.listed(at.actor) if supervises else false()


@router.post("/requests/{request_id}/answer")
def answer(at: Write, request_id: str, body: Answering) -> schemas.Done:
    """The asked person speaks; the task goes back to who asked."""
    task_id = asking.answer(at.tx, at.actor, request_id, body.revision, body.opinion, body.text, at.now)
    found, row = requests.get(at.tx, request_id), worklist.get(at.tx, task_id)
    back = {person for person in (found.asked_by, row.holder) if person}
    said = views.SPOKEN.get(body.opinion or "", "")
    _tell(at, back, "answered", "已答复", row, "，".join(filter(None, [said, body.text])))
    return at.done(schemas.Done(message="已答复。", case_id=row.case_id))


@router.post("/requests/{request_id}/withdraw")
def withdraw(at: Write, request_id: str, body: Withdrawal) -> schemas.Done:
    """减签, 收回: no longer wait for this answer."""
    task_id = asking.withdraw_request(at.tx, at.actor, request_id, body.revision, body.reason, at.now)
    return at.done(schemas.Done(message="已收回。", case_id=worklist.get(at.tx, task_id).case_id))


@router.post("/requests/{request_id}/read")
def read(at: Write, request_id: str) -> schemas.Done:
    """已阅."""
    return at.done(schemas.Done(message="已阅。", case_id=asking.read(at.tx, at.actor, request_id, at.now)))


@router.post("/requests/{request_id}/decide")
def decide(at: Write, request_id: str, body: JumpDecision) -> schemas.Done:
    """自由跳转, second person."""
    found = requests.get(at.tx, request_id)
    area = at.tx.run(select(cases_table.c.area).where(cases_table.c.id == found.case_id)).scalar_one()
    _supervises(at, area, found.case_id)
    asking.decide_jump(at.tx, at.actor, request_id, body.revision, body.approve, body.reason, at.now)
    message = "已批准，任务已跳转。" if body.approve else "未批准，任务不动。"
    return at.done(schemas.Done(message=message, case_id=found.case_id))


# ------------------------------------------------------------------------------------------ 交接
@router.get("/handover")
def held(at: Read, person: str | None = None) -> HeldTasks:
    """Who holds tasks in the reader's areas (those who are gone first), and one person's tasks."""
    at.require("supervise", "organise")
    open_to = sight.open_to(at.actor)
    query = select(user_tasks.c.holder, func.count().label("n")).join(cases_table).where(
        user_tasks.c.state == "open", user_tasks.c.holder.is_not(None),
        worklist.in_sight(at.actor, user_tasks.c.area), open_to,
    )  # fmt: skip
    counts = {row.holder: row.n for row in at.tx.run(query.group_by(user_tasks.c.holder))}
    names = staff.names(at.tx, counts)
    posts = staff.posts_of(at.tx, counts, at.now)
    gone = {who for who in counts if not posts.get(who)} | staff.disabled(at.tx, counts)
    labels = areas.names(at.tx, {p.area for held in posts.values() for p in held})
    people = [
        Holder(
            id=who,
            name=names.get(who, who),
            posts="、".join(f"{labels.get(p.area, '')}{_post(at, p.post)}" for p in posts.get(who, [])),
            held=count,
            gone=who in gone,
        )
        for who, count in counts.items()
    ]
    mine = (
        [row for row in hands.held_by(at.tx, person, open_to) if sees(at.actor, row.area)] if person else []
    )
    people.sort(key=lambda p: (not p.gone, -p.held, p.name))
    return HeldTasks(people=people, tasks=task_views.rows(at.tx, at.actor, mine, at.now))


def _post(at: Reader, post: str) -> str:
    return str(at.tx.world.posts.get(post, {}).get("label", post))


@router.post("/handover")
def hand_over(at: Write, body: HandOver) -> schemas.Done:
    """工作交接: everything a person holds in the actor's areas, at once."""
    at.require("supervise", "organise")
    to = staff.actor_of(at.tx, body.to, at.now) if body.to else None
    open_to = sight.open_to(at.actor)
    if not any(sees(at.actor, row.area) for row in hands.held_by(at.tx, body.person, open_to)):
        raise NotFound("此人没有您区域内在办的任务。", "Nothing is held.")
    handed, put_back = hands.hand_over(at.tx, at.actor, body.person, to, body.reason, at.now, scope=open_to)
    if to is not None and handed:
        books.tell(
            at.tx,
            [to.id],
            kind="handed_over",
            title=f"交接给您 {handed} 项任务",
            text=f"{at.actor.name}：{body.reason}",
            now=at.now,
        )
    message = f"已交接 {handed} 项" if to else f"已放回 {put_back} 项，由岗位重新认领"
    if to and put_back:
        message += f"；{put_back} 项不在其岗位范围或须回避，已放回岗位"
    return at.done(schemas.Done(message=message + "。"))
