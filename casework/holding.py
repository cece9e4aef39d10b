"""What a meeting does to the cases on its agenda: 召集 completes their step of planning, 结束 their step of recording.

Each case goes through the ordinary use case of a person's step – the same checks, the same history – in a savepoint of its own: one
that is refused keeps its reason and loses nothing, the others go on, and `carry` tries it again. A case that has its result is not
touched a second time.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, NoReturn

from casework import meeting_drafts, meetings
from casework.meeting_rules import TOWN, Count, Recusal, count, wrong
from casework.meetings import PLAN, RECORD, Item, Meeting
from engine import cases, definitions, locking, step
from engine.calendar import ZONE
from engine.db import Tx, dumps
from engine.errors import Conflict, Field, Invalid, StepFailed, XunzhenError
from engine.routing import Actor
from engine.world import ToPosts

TOLD = ("village_liaison", "village_committee")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one item. `failure`: why its case did not take the step, None when it did (or had)."""

    n: int
    failure: str | None


def verdict(tx: Tx, meeting: Meeting, item: Item, voting: Count) -> tuple[bool, bool] | None:
    """会议有效, 评议通过 – as the case's own table `appraisal_count` judges the totals; None until they add up."""
    if wrong(item.votes, voting) is not None:
        return None
    case = locking.case_of(tx, item.case_id)
    pinned = definitions.pinned(tx, case.pins)
    facts = {"present": voting.present, "residents": voting.residents, "agree": item.agree or 0}
    found = step.host_of(tx, case, pinned, meeting.held_at).decide("appraisal_count", {"appraisal": facts})
    return bool(found.value["valid"]), bool(found.value["appraisal_passed"])


# ------------------------------------------------------------------------------------------ convening
def convene(tx: Tx, actor: Actor, number: str, revision: int, now: datetime) -> list[Outcome]:
    """召集: every case on the agenda that waits to be planned takes time, place, chair and roll. Repeated, it does what is left."""
    meeting = meeting_drafts.change(tx, actor, number, revision, now)
    meetings.must_hold(tx, actor, meeting.area, now)
    agenda = [one for one in meetings.items(tx, number) if one.state == "open"]
    _ready_to_convene(meeting, agenda)
    outcomes = [_carried(tx, one, _planning(tx, actor, meeting, one, now)) for one in _in_order(agenda)]
    if meeting.state == "draft":
        _tell_villages(tx, meeting, agenda, now)
    meeting_drafts.put(tx, meeting, [meeting_drafts.entry(actor, "convened", now)], state="convened")
    return outcomes


def _ready_to_convene(meeting: Meeting, agenda: Sequence[Item]) -> None:
    fields = []
    if len(meeting.roll) < 3:
        fields.append(Field("roll", "应到人员至少三人"))
    if not agenda:
        fields.append(Field("agenda", "议程中还没有评议对象"))
    if fields:
        raise Invalid("还不能召集，请按提示补全。", "Not ready to convene.", fields=fields)


def _in_order(agenda: Sequence[Item]) -> list[Item]:
    """Cases are locked in one order, whoever holds the meeting."""
    return sorted(agenda, key=lambda one: (one.case_id, one.path))


def _tell_villages(tx: Tx, meeting: Meeting, agenda: Sequence[Item], now: datetime) -> None:
    at = meeting.held_at.astimezone(ZONE)
    title = f"民主评议会议定于 {at.month} 月 {at.day} 日 {at:%H:%M}"
    for area in sorted({one.area for one in agenda}):
        told = ToPosts(
            TOLD, area, "meeting", title, f"地点：{meeting.place}。请通知本村（居）应到人员；近亲属须回避。"
        )
        tx.world.tell(tx, told, now)


def _planning(tx: Tx, actor: Actor, meeting: Meeting, item: Item, now: datetime) -> Callable[[], None]:
    def act() -> None:
        row = meetings.task_of(tx, item, PLAN)
        if row is None:
            if meetings.task_of(tx, item, RECORD) is None and not meetings.under_way(tx, item):
                _absent(tx, item)
            return  # planned already, by this meeting or alone
        panel = [{"name": one.name, "role": one.role} for one in meeting.participants]
        values = {
            "held_at": meeting.held_at.astimezone(ZONE).isoformat(timespec="seconds"),
            "place": meeting.place,
            "chair": presiding(tx, meeting, item),
            "panel": panel,
            "agenda": [{"application": item.application_no, "programme": item.programme}],
        }
        _complete(tx, actor, row, values, now)

    return act


def presiding(tx: Tx, meeting: Meeting, item: Item) -> str:
    """Who presides over an item: the deputy where the chair is kin. Without a deputy the case refuses the chair by itself."""
    kin = meeting.chair in meetings.ties(tx, item).persons
    return meeting.deputy if kin and meeting.deputy else meeting.chair


# ------------------------------------------------------------------------------------------ closing
def close(tx: Tx, actor: Actor, number: str, revision: int, now: datetime) -> list[Outcome]:
    """结束: checked as a whole and sealed once; then every case that was voted on takes its result.

    Raises Invalid with every wrong place, Conflict when somebody else has closed it.
    """
    meeting = meeting_drafts.change(tx, actor, number, revision, now)
    meetings.must_hold(tx, actor, meeting.area, now)
    if meeting.state == "draft":
        raise Conflict("请先召集会议，再录入结果。", "It was not convened.", code="not_convened")
    agenda = [one for one in meetings.items(tx, number) if one.state == "open"]
    found = {one.n: meetings.withdrawn(tx, meeting, one) for one in agenda}
    if fields := _missing(meeting, agenda, found, now):
        raise Invalid(f"还不能结束：{fields[0].message}。", "The meeting is not complete.", fields=fields)
    for one in agenda:
        state = "postponed" if one.postpone.strip() else "open"
        final = {"recused": [asdict(r) for r in found[one.n]], "chair": presiding(tx, meeting, one)}
        meeting_drafts.put_item(tx, one, **final, state=state)
    sealed = digest(meeting, meetings.items(tx, number))
    log = [meeting_drafts.entry(actor, "closed", now)]
    meeting_drafts.put(tx, meeting, log, state="closed", closed_at=now, digest=sealed)
    return _recorded(tx, actor, meetings.get(tx, number), now)


def carry(tx: Tx, actor: Actor, number: str, now: datetime) -> list[Outcome]:
    """重试: the cases of a closed meeting that have not taken their result."""
    meeting = meetings.get(tx, number, lock=True)
    meetings.must_hold(tx, actor, meeting.area, now)
    if meeting.state != "closed":
        raise Conflict("会议还没有结束。", "The meeting is open.", code="meeting_open")
    return _recorded(tx, actor, meeting, now)


def _recorded(tx: Tx, actor: Actor, meeting: Meeting, now: datetime) -> list[Outcome]:
    agenda = [one for one in meetings.items(tx, meeting.number) if one.state == "open"]
    return [
        _carried(tx, one, _recording(tx, actor, meeting, one, now), done=now) for one in _in_order(agenda)
    ]


def _recording(tx: Tx, actor: Actor, meeting: Meeting, item: Item, now: datetime) -> Callable[[], None]:
    def act() -> None:
        row = meetings.task_of(tx, item, RECORD)
        if row is None:
            _absent(tx, item)
        voting = count(meeting.participants, {one["key"] for one in item.recused})
        values = {
            "held_at": meeting.held_at.astimezone(ZONE).isoformat(timespec="seconds"),
            "present": voting.present,
            "residents": voting.residents,
            "recused": voting.recused,
            "agree": item.agree,
            "against": item.against,
            "abstain": item.abstain,
            "roll_photo": meeting.photos,
            "minutes": minutes_of(meeting, item),
        }
        _bring_roll(tx, meeting, item)
        _complete(tx, actor, row, values, now)

    return act


def _bring_roll(tx: Tx, meeting: Meeting, item: Item) -> None:
    """The roll as it is when the meeting closes, without who withdrew: what the step counts present people against."""
    withdrew = {one["key"] for one in item.recused}
    panel = [{"name": one.name, "role": one.role} for one in meeting.participants if one.key not in withdrew]
    case = step.lock(tx, item.case_id)
    case.store(item.path, "appraisal", {"panel": panel}, repeats=False)
    step.write_head(tx, case)


def minutes_of(meeting: Meeting, item: Item) -> str:
    """The record as one case keeps it: of the meeting what went on, of the agenda this case alone."""
    parts = [f"会议 {meeting.number}", meeting.course.strip()]
    parts += [f"评议意见：{item.opinion.strip()}"] if item.opinion.strip() else []
    parts += [f"不同意见：{item.dissent.strip()}"] if item.dissent.strip() else []
    return "。".join(part.rstrip("。") for part in parts) + "。"


def _absent(tx: Tx, item: Item) -> NoReturn:
    """There is no step to record on: not yet, or never again."""
    if meetings.under_way(tx, item):
        raise Conflict("系统正在核验回避，请稍后重试。", "The system is between two steps.")
    if meetings.task_of(tx, item, PLAN) is not None:
        raise Conflict("本户还没有召集（“组织评议会议”未办结）。", "It is not convened.")
    raise _Gone("该事项已经终止或已另行录入，不再需要这次会议的结果。", "The case needs no result.")


def _missing(
    meeting: Meeting, agenda: Sequence[Item], found: Mapping[int, Sequence[Recusal]], now: datetime
) -> list[Field]:
    """Everything that keeps a meeting from being closed, by place."""
    fields = []
    if meeting.held_at > now:
        fields.append(Field("held_at", "会议时间还没有到"))
    if not any(one.present and one.role == TOWN for one in meeting.participants):
        fields.append(Field("roll", "镇（街）工作人员须到会"))
    if len(meeting.course.strip()) < 4:
        fields.append(Field("course", "请写会议过程（不少于 4 个字）"))
    if not meeting.photos:
        fields.append(Field("photos", "请附签到照片"))
    voted = [one for one in agenda if not one.postpone.strip()]
    if not voted:
        fields.append(Field("agenda", "没有表决任何一户；会议没有开的，请取消会议"))
    for one in voted:
        voting = count(meeting.participants, {r.key for r in found[one.n]})
        if (why := wrong(one.votes, voting)) is not None:
            fields.append(Field(f"items[{one.n}].votes", f"第 {one.n} 项{why}"))
        if one.against and not one.dissent.strip():
            fields.append(
                Field(
                    f"items[{one.n}].dissent",
                    f"第 {one.n} 项有不同意票，请写明不同意见；会上没有说明的，写“未说明理由”",
                )
            )
    return fields


def digest(meeting: Meeting, agenda: Sequence[Item]) -> str:
    """SHA-256 over what a closed meeting says; printed on its minutes, so that a changed record shows."""
    head = (
        "number",
        "area",
        "held_at",
        "place",
        "convener",
        "chair",
        "deputy",
        "recorder",
        "roll",
        "course",
        "photos",
    )
    body = (
        "n",
        "application_no",
        "programme",
        "recused",
        "agree",
        "against",
        "abstain",
        "opinion",
        "dissent",
        "postpone",
    )
    said = {
        "meeting": {key: getattr(meeting, key) for key in head} | {"held_at": meeting.held_at.timestamp()},
        "items": [{key: getattr(one, key) for key in body} for one in agenda],
    }
    return hashlib.sha256(dumps(said).encode()).hexdigest()


# ------------------------------------------------------------------------------------------ one case
class _Gone(Conflict):
    """The case will never take the step."""


class _Stuck(Exception):
    """The drawing itself could not go on; somebody must be told."""

    def __init__(self, error: StepFailed, task: str, values: Mapping[str, Any], now: datetime) -> None:
        super().__init__(str(error))
        self.error, self.task, self.values, self.now = error, task, values, now


def _complete(tx: Tx, actor: Actor, row: Any, values: Mapping[str, Any], now: datetime) -> None:
    try:
        cases.complete(tx, actor, row.id, row.revision, values, now)
    except StepFailed as error:
        raise _Stuck(error, row.id, values, now) from error


def _carried(tx: Tx, item: Item, act: Callable[[], None], *, done: datetime | None = None) -> Outcome:
    """Let one case take a step, or keep the reason why it did not; `done`: the item is through when it did."""
    failure, state = None, "open"
    try:
        with tx.savepoint():
            act()
    except _Stuck as stuck:
        failure = f"流程无法继续：{stuck.error.message}"
        cases.fail_task(
            tx,
            stuck.task,
            stuck.error.element,
            stuck.error.code,
            stuck.error.message,
            stuck.values,
            stuck.now,
        )
    except XunzhenError as error:
        failure = "；".join(dict.fromkeys([error.message, *(field.message for field in error.fields)]))
        state = "void" if isinstance(error, _Gone) else "open"
    if done and failure is None:
        state = "done"
    meeting_drafts.put_item(tx, item, failure=failure, state=state, done_at=done if state == "done" else None)
    return Outcome(item.n, failure)
