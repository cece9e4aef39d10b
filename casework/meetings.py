"""民主评议会议: one meeting for many cases – roll, agenda, totals of secret ballots, record. What it does to cases is `holding`.

Until it is closed a meeting is a draft anybody who prepares it may change; afterwards only corrections are added. Who prepares and who
holds one is read from the drawing of the process: whoever its steps and its village lane name.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, exists, func, or_, select

from casework import kin
from casework.meeting_rules import AT_HOME, HIMSELF, Participant, Recusal, Ties, Votes, recusals
from casework.tables import meeting_items, meetings
from engine import definitions, routing
from engine.db import Tx, made
from engine.errors import Forbidden, NotFound
from engine.model import Tier
from engine.routing import Actor, Route, reaches, sees
from engine.tables import cases, jobs, user_tasks
from engine.worklist import in_sight

PROCESS, PLAN, RECORD, FORM = "appraisal", "plan_meeting", "record_meeting", "meeting_plan"
CONVENERS = {"village": "村（居）民委员会", "town": "镇（街）"}
STATES = {"draft": "拟稿", "convened": "已召集", "closed": "已结束", "cancelled": "已取消"}
M, A = meetings.c, meeting_items.c  # the meeting, its agenda


@dataclass(frozen=True, slots=True)
class Meeting:
    """`roll`: as stored; `log`: who did what when, corrections included."""

    number: str
    area: str
    held_at: datetime
    place: str
    convener: str
    chair: str
    deputy: str | None
    recorder: str
    roll: list[dict[str, Any]]
    course: str
    photos: list[str]
    state: str
    log: list[dict[str, Any]]
    digest: str | None
    made_at: datetime
    closed_at: datetime | None
    revision: int

    @property
    def participants(self) -> list[Participant]:
        return [Participant(**one) for one in self.roll]

    @property
    def open(self) -> bool:
        return self.state in ("draft", "convened")


@dataclass(frozen=True, slots=True)
class Item:
    """One case on the agenda. `state`: open, done (the case has the result), postponed, void (the case needs none any more)."""

    meeting: str
    n: int
    case_id: str
    path: str
    area: str
    application_no: str
    programme: str
    recused: list[dict[str, Any]]
    agree: int | None
    against: int | None
    abstain: int | None
    opinion: str
    dissent: str
    postpone: str
    state: str
    chair: str | None
    failure: str | None
    done_at: datetime | None

    @property
    def votes(self) -> Votes:
        return Votes(self.agree, self.against, self.abstain)


_MEETING = [M[name] for name in Meeting.__dataclass_fields__]
_ITEM = [A[name] for name in Item.__dataclass_fields__]


# ------------------------------------------------------------------------------------------ who
def _process(tx: Tx, now: datetime) -> Any:
    return definitions.coming(tx, PROCESS, now).processes[PROCESS]


def may_hold(tx: Tx, actor: Actor, area: str, now: datetime) -> bool:
    """Do the actor's posts reach the steps a meeting completes (the town's)?"""
    node = _process(tx, now).nodes[RECORD]
    return reaches(actor, routing.route_of(node, routing.split(node.candidate_groups)), area)


def may_prepare(tx: Tx, actor: Actor, area: str, now: datetime) -> bool:
    """Who holds one prepares it, and so does the village that convenes it."""
    lanes = [one for one in _process(tx, now).lanes if one.properties.get("tier") == Tier.VILLAGE]
    routes = [Route(Tier.VILLAGE, routing.split(lane.properties.get("post"))) for lane in lanes]
    return may_hold(tx, actor, area, now) or any(reaches(actor, route, area) for route in routes)


def roles(tx: Tx, now: datetime) -> dict[str, str]:
    """Roles on the roll, as the form of the process has them."""
    pinned = definitions.coming(tx, PROCESS, now)
    labels = pinned.form(PROCESS, FORM).labels(pinned.codes)
    return {value: label for key, value, label in labels if key == "role"}


def must_hold(tx: Tx, actor: Actor, area: str, now: datetime) -> None:
    if not may_hold(tx, actor, area, now):
        raise Forbidden("召集和结束会议由镇（街）办理。", "Not the town's.")


# ------------------------------------------------------------------------------------------ reading
def get(tx: Tx, number: str, *, lock: bool = False) -> Meeting:
    query = select(*_MEETING).where(M.number == number)
    row = tx.run(query.with_for_update() if lock else query).one_or_none()
    if row is None:
        raise NotFound("没有这次会议，或您无权查看。", "No such meeting.")
    return made(Meeting, row)


def items(tx: Tx, number: str) -> list[Item]:
    query = select(*_ITEM).where(A.meeting == number).order_by(A.n)
    return [made(Item, row) for row in tx.run(query)]


def seen(tx: Tx, actor: Actor, number: str) -> tuple[Meeting, list[Item], bool]:
    """The meeting, the items within the actor's areas, and whether that is the whole agenda. Raises NotFound."""
    meeting, listed = get(tx, number), items(tx, number)
    whole = sees(actor, meeting.area)
    mine = listed if whole else [one for one in listed if sees(actor, one.area)]
    if not whole and not mine:
        raise NotFound("没有这次会议，或您无权查看。", "No such meeting.")
    return meeting, mine, whole


def listing(
    tx: Tx, actor: Actor, *, state: str, area: str | None, q: str, offset: int, limit: int
) -> tuple[list[Meeting], int]:
    """Meetings over the actor's areas or about cases there, newest first. `state` may be `unfinished`: closed, some case has not taken it."""
    about = exists().where(A.meeting == M.number, in_sight(actor, A.area, area))
    where: list[ColumnElement[bool]] = [or_(in_sight(actor, M.area, area), about)]
    if state == "unfinished":
        where += [M.state == "closed", exists().where(A.meeting == M.number, A.state == "open")]
    elif state:
        where.append(M.state == state)
    if q:
        named = exists().where(
            A.meeting == M.number, A.case_id == cases.c.id, in_sight(actor, A.area),
            or_(cases.c.title.contains(q, autoescape=True), A.application_no.contains(q, autoescape=True)),
        )  # fmt: skip
        where.append(or_(M.number.contains(q, autoescape=True), M.place.contains(q, autoescape=True), named))
    total = tx.run(select(func.count()).select_from(meetings).where(*where)).scalar_one()
    query = select(*_MEETING).where(*where).order_by(M.held_at.desc(), M.number.desc())
    return [made(Meeting, row) for row in tx.run(query.offset(offset).limit(limit))], int(total)


def item_states(tx: Tx, actor: Actor, numbers: Sequence[str]) -> dict[str, dict[str, int]]:
    """Meeting → state of an item → how many, of the items the actor may see."""
    seeing = or_(in_sight(actor, A.area), exists().where(M.number == A.meeting, in_sight(actor, M.area)))
    query = select(A.meeting, A.state, func.count().label("how_many")).where(A.meeting.in_(numbers), seeing)
    found: dict[str, dict[str, int]] = {}
    for row in tx.run(query.group_by(A.meeting, A.state)):
        found.setdefault(row.meeting, {})[row.state] = int(row.how_many)
    return found


def waiting(tx: Tx, actor: Actor, area: str | None = None) -> list[Any]:
    """Open appraisal steps in the actor's areas that stand on no agenda yet, the most pressing first."""
    t, c = user_tasks.c, cases.c
    taken = exists().where(A.case_id == t.case_id, A.path == t.path, A.state == "open")
    query = (
        select(t.id, t.case_id, t.path, t.area, t.element, t.due_at, t.due_term, t.due_provisional, t.due_state, c.number, c.title)
        .join(cases, c.id == t.case_id)
        .where(t.process == PROCESS, t.element.in_((PLAN, RECORD)), t.state == "open", in_sight(actor, t.area, area), ~taken)
    )  # fmt: skip
    return list(tx.run(query.order_by(t.due_at, t.area, c.number, t.id)))


def task_of(tx: Tx, item: Item, element: str) -> Any:
    """The open step of an item's branch, or None."""
    t = user_tasks.c
    where = (t.case_id == item.case_id, t.path == item.path, t.process == PROCESS, t.element == element)
    return tx.run(select(user_tasks).where(*where, t.state == "open")).one_or_none()


def under_way(tx: Tx, item: Item) -> bool:
    """Is the system between the two steps of an item's branch (核验回避)?"""
    j = jobs.c
    where = (
        j.case_id == item.case_id,
        j.path == item.path,
        j.process == PROCESS,
        j.state.in_(("ready", "failed")),
    )
    return tx.run(select(j.id).where(*where)).first() is not None


def of_branch(tx: Tx, case_id: str, path: str) -> tuple[Meeting, Item] | None:
    """The last meeting that has given a branch of a case its result, and the item there."""
    query = (
        select(A.meeting, A.n)
        .where(A.case_id == case_id, A.path == path, A.state == "done")
        .order_by(A.done_at.desc())
    )
    row = tx.run(query).first()
    if row is None:
        return None
    return get(tx, row.meeting), next(one for one in items(tx, row.meeting) if one.n == row.n)


# ------------------------------------------------------------------------------------------ recusal
def ties(tx: Tx, item: Item) -> Ties:
    """Who is close to the household of an item: the kin register, and who lives there."""
    case = tx.run(select(cases.c.subject, cases.c.title).where(cases.c.id == item.case_id)).one()
    related = kin.relatives(tx, case.subject, case.title, item.area)
    members = kin.members(tx, case.subject, case.title, item.area)
    return Ties(
        {row.person: row.relation for row in related},
        {row.name: row.relation for row in related},
        {**dict.fromkeys(members, AT_HOME), case.title: HIMSELF},
    )


def withdrawn(tx: Tx, meeting: Meeting, item: Item) -> list[Recusal]:
    """Who withdraws from an item: while the meeting is open as the register says now, then as it was closed."""
    if meeting.state == "closed":
        return [Recusal(**one) for one in item.recused]
    by_hand = {one["key"]: one["why"] for one in item.recused}
    return recusals(meeting.participants, ties(tx, item), by_hand)
