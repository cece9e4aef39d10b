"""转介收发: what has been referred to departments and how it stands – told from the letters sent, what is awaited, the clocks and
the history, never kept a second time.

A department's people read the letter as it was sent and what became of it, nothing of the case behind it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, case, exists, false, func, or_, select

from casework import books, staff
from casework.tables import outbox
from casework.words import Words
from engine import cases, clocks, definitions, step
from engine.clocks import Clock
from engine.db import Tx, made
from engine.errors import Conflict, NotFound
from engine.history import Entry
from engine.routing import Actor, Appointment, within
from engine.tables import cases as cases_table
from engine.tables import clocks as clocks_table
from engine.tables import history, subscriptions
from engine.worklist import in_sight

REPLY, RESULT = "dept_reply", "dept_result"
STATES = {
    "waiting": "待接收",
    "working": "办理中",
    "bounced": "已退回",
    "done": "已办结",
    "withdrawn": "已撤销",
}
OPEN = ("waiting", "working")
ANSWERED = ("message.received", "message.delivered")
HANDLED = ("check_result", "reroute")
"""The bureau's steps about an answer."""
CLOSED = {
    "bounced": "这份转介单已经退回，由区民政局另行改送，不再需要答复。",
    "done": "这份转介的办理结果已经报送，不再需要答复。",
    "withdrawn": "这份转介已经撤销，不再需要办理。",
}
S, LETTER, C = subscriptions.c, outbox.c, cases_table.c


# ------------------------------------------------------------------------------------------ who
def post_of(posts: Mapping[str, Mapping[str, Any]], department: str) -> str | None:
    """The post whose holders speak for a department; none: the bureau writes down what it says."""
    return next((key for key, post in posts.items() if post.get("department") == department), None)


def holders(tx: Tx, department: str, area: str, now: datetime) -> list[str]:
    """The department's people for an area, their substitutes included."""
    post = post_of(tx.world.posts, department)
    return staff.holders(tx, [post], area, now) if post is not None else []


def speaking(actor: Actor, department: str, area: str) -> Appointment | None:
    """The post by which the actor speaks for a department there: one of his own before one he stands in for."""
    held = [h for h in actor.outside if h.speaks_for == department and within(area, h.area)]
    return min(held, key=lambda h: h.instead_of is not None, default=None)


def officer(actor: Actor) -> Actor:
    """The actor as somebody of the town or bureau, without posts in villages and outside."""
    held = tuple(h for h in actor.appointments if h.tier in staff.OFFICES)
    return replace(actor, appointments=held, formerly=actor.formerly if held else (), outside=())


def _addressed(actor: Actor) -> ColumnElement[bool]:
    """To a department the actor speaks for, of cases within the area of the post."""
    mine = [
        and_(
            LETTER.recipient == h.speaks_for,
            or_(C.area == h.area, C.area.startswith(h.area + "/", autoescape=True)),
        )
        for h in actor.outside
        if h.speaks_for
    ]
    return or_(false(), *mine)


# ------------------------------------------------------------------------------------------ how it stands
@dataclass(frozen=True, slots=True)
class Referral:
    """A letter to a department and how it stands. `awaited`: the open subscription for its answer; `case_area`: where it came from."""

    reference: str
    department: str
    channel: str
    letter: Mapping[str, Any]
    sent_at: datetime
    case_id: str
    case_area: str
    path: str
    state: str
    awaited: str | None


@dataclass(frozen=True, slots=True)
class Page:
    items: list[Referral]
    total: int
    counts: dict[str, int]
    departments: list[str]


def _is(name: str, value: Any, *where: ColumnElement[bool]) -> ColumnElement[Any]:
    return func.max(case((and_(S.name == name, *where), value)))


_ASKED = (
    select(
        S.correlation,
        S.case_id,
        func.max(S.path).label("path"),
        _is(REPLY, S.id, S.state == "open").label("reply_open"),
        _is(RESULT, S.id, S.state == "open").label("result_open"),
        _is(REPLY, S.ended_at).label("replied_at"),
        _is(RESULT, S.ended_at).label("finished_at"),
    )
    .where(S.kind == "message", S.name.in_((REPLY, RESULT)))
    .group_by(S.correlation, S.case_id)
    .subquery("asked")
)
A = _ASKED.c


def _answered(name: str, at: ColumnElement[Any]) -> ColumnElement[bool]:
    """Did what was awaited end by the answer, and not with the case?"""
    h = history.c
    return exists().where(
        h.case_id == A.case_id,
        h.entered_at == at,
        h.kind.in_(ANSWERED),
        h.payload["correlation"].as_string() == LETTER.reference,
        h.payload["message"].as_string() == name,
    )


_STATE = case(
    (A.reply_open.is_not(None), "waiting"),
    (A.result_open.is_not(None), "working"),
    (_answered(RESULT, A.finished_at), "done"),
    (and_(A.finished_at.is_(None), _answered(REPLY, A.replied_at)), "bounced"),
    else_="withdrawn",
)
_AWAITED = func.coalesce(A.reply_open, A.result_open)
_DUE = (
    select(func.min(clocks_table.c.due_at))
    .where(
        clocks_table.c.case_id == A.case_id,  # by which clocks are found
        clocks_table.c.token == _AWAITED,
        clocks_table.c.state.in_(("running", "paused")),
    )
    .scalar_subquery()
)
_FROM = outbox.join(_ASKED, A.correlation == LETTER.reference).join(cases_table, C.id == A.case_id)
_COLUMNS = (
    LETTER.reference,
    LETTER.recipient.label("department"),
    LETTER.channel,
    LETTER.payload.label("letter"),
    LETTER.made_at.label("sent_at"),
    A.case_id,
    C.area.label("case_area"),
    A.path,
    _STATE.label("state"),
    _AWAITED.label("awaited"),
)


def _visible(actor: Actor) -> ColumnElement[bool]:
    return or_(_addressed(actor), in_sight(officer(actor), C.area))


def board(
    tx: Tx,
    actor: Actor,
    *,
    state: str = "",
    department: str = "",
    q: str = "",
    offset: int = 0,
    limit: int = 20,
) -> Page:
    """The referrals the actor may know of: what is awaited first, by its date, then the latest; counts by state and the
    departments there are, whatever is chosen."""
    where = [_visible(actor)]
    asked = tx.run(
        select(LETTER.recipient).select_from(_FROM).where(*where).distinct().order_by(LETTER.recipient)
    ).scalars()
    departments = list(asked)
    if department:
        where.append(LETTER.recipient == department)
    if q:
        named = LETTER.payload["姓名"].as_string().contains(q, autoescape=True)
        where.append(or_(LETTER.reference.contains(q, autoescape=True), named))
    base = select(*_COLUMNS, _DUE.label("due")).select_from(_FROM).where(*where).subquery()
    counts = dict.fromkeys(STATES, 0)
    for row in tx.run(select(base.c.state, func.count().label("n")).group_by(base.c.state)):
        counts[row.state] = row.n
    query = select(*(base.c[name] for name in Referral.__slots__))
    if state:
        query = query.where(base.c.state == state)
    ordered = query.order_by(base.c.due.is_(None), base.c.due, base.c.sent_at.desc(), base.c.reference)
    items = [made(Referral, row) for row in tx.run(ordered.offset(offset).limit(limit))]
    total = counts[state] if state else sum(counts.values())
    return Page(items, total, counts, departments)


def get(tx: Tx, actor: Actor, reference: str) -> Referral:
    """One referral. Raises NotFound for whom it is neither addressed to nor in sight of."""
    query = select(*_COLUMNS).select_from(_FROM).where(LETTER.reference == reference, _visible(actor))
    row = tx.run(query).one_or_none()
    if row is None:
        raise NotFound("没有这份转介单，或它不是送达您单位的。", "No such referral.")
    return made(Referral, row)


def answer(
    tx: Tx, actor: Actor, reference: str, awaited: str, values: Mapping[str, Any], now: datetime
) -> Referral:
    """The department accepts, bounces, or tells its result – or an officer writes down what it said on paper. Of two at once
    one wins. `awaited`: what the reader saw awaited. Returns the referral as it was."""
    case = step.lock(tx, get(tx, actor, reference).case_id)
    one = get(tx, actor, reference)
    if one.awaited is None:
        raise Conflict(CLOSED[one.state], "Nothing is awaited any more.", code="not_awaited")
    if one.awaited != awaited:
        raise Conflict(
            "答复已由他人登记，请刷新后查看。", "Somebody else has answered.", code="answered_already"
        )
    held = speaking(actor, one.department, one.case_area)
    spoken = None
    if held is not None:
        words = Words.of_codes(definitions.pinned(tx, case.pins).codes)
        spoken = {"on_behalf": one.department, "on_behalf_name": words.of("department", one.department)}
        if held.instead_of is not None:
            spoken |= {"instead_of": held.instead_of, "instead_of_name": held.instead_of_name or ""}
    cases.receive(tx, actor, awaited, None, values, now, on_behalf=spoken)
    return one


# ------------------------------------------------------------------------------------------ clocks and people
def clocks_of(tx: Tx, one: Referral) -> list[Clock]:
    """Every clock of what was and is awaited from the department by this letter."""
    asked = set(
        tx.run(select(S.id).where(S.correlation == one.reference, S.name.in_((REPLY, RESULT)))).scalars()
    )
    return [clock for clock in clocks.of_case(tx, one.case_id) if clock.token in asked]


def running(tx: Tx, found: Sequence[Referral]) -> dict[str, Clock]:
    """The clock of what is awaited, by reference."""
    by_token = {one.awaited: one.reference for one in found if one.awaited}
    c = clocks_table.c
    where = (c.case_id.in_({one.case_id for one in found}), c.token.in_(list(by_token)))
    query = select(*clocks.COLUMNS).where(*where, c.state.in_(("running", "paused")))
    live = sorted((made(Clock, row) for row in tx.run(query)), key=clocks.urgency, reverse=True)
    return {by_token[clock.token]: clock for clock in live}


@dataclass(frozen=True, slots=True)
class Awaited:
    """Something open that a department was asked for."""

    reference: str
    department: str
    path: str


def awaited(tx: Tx, tokens: Iterable[str]) -> dict[str, Awaited]:
    """Which of these tokens wait for a department, and for which letter."""
    query = (
        select(S.id, LETTER.reference, LETTER.recipient, S.path)
        .join(outbox, LETTER.reference == S.correlation)
        .where(S.id.in_(list(tokens)), S.state == "open", S.name.in_((REPLY, RESULT)))
    )
    return {row.id: Awaited(row.reference, row.recipient, row.path) for row in tx.run(query)}


def released(tx: Tx, dropped: Sequence[str], now: datetime) -> None:
    """What was awaited is awaited no longer and was not answered: departments that were asked need not go on."""
    query = (
        select(LETTER.reference, LETTER.recipient, C.area)
        .select_from(
            subscriptions.join(outbox, LETTER.reference == S.correlation).join(cases_table, C.id == S.case_id)
        )
        .where(S.id.in_(list(dropped)), S.name.in_((REPLY, RESULT)))
    )
    for row in list(tx.run(query)):
        text = f"转介 {row.reference} 已撤销，贵单位无需再办理。"
        people = holders(tx, row.recipient, row.area, now)
        books.tell(tx, people, kind="referral", title="转介已撤销", text=text, now=now)


# ------------------------------------------------------------------------------------------ what was said
@dataclass(frozen=True, slots=True)
class Attempt:
    """One department asked, as the case's file has it. `outcome`: what the bureau made of the result."""

    department: str
    reply: str | None = None
    reason: str | None = None
    contact: str | None = None
    result: str | None = None
    outcome: str | None = None


def attempts(entries: Any) -> list[Attempt]:
    """The entries of a case's section `referral` as one attempt after the other: each begins with its department."""
    found: list[Attempt] = []
    for entry in entries if isinstance(entries, list) else []:
        if entry.get("to_dept"):
            found.append(Attempt(str(entry["to_dept"])))
        elif not found:
            continue
        elif entry.get("dept_reply"):
            said = {"reply": "dept_reply", "reason": "bounce_reason", "contact": "contact"}
            found[-1] = replace(found[-1], **{name: entry.get(key) for name, key in said.items()})
        elif entry.get("referral_result"):
            found[-1] = replace(found[-1], result=str(entry["referral_result"]), outcome=None)
        elif entry.get("outcome"):
            found[-1] = replace(found[-1], outcome=str(entry["outcome"]))
    return found


def acts(entries: Iterable[Entry], reference: str, path: str) -> list[Entry]:
    """The rows of a case's history about one letter, oldest first: the answers to it, each check of a result, the decision to ask
    another department."""
    found: list[Entry] = []
    about, number = False, reference.rpartition("-")[0]
    for entry in entries:
        said = entry.payload or {}
        answers = str(said.get("correlation") or "") if entry.kind in ANSWERED else ""
        if answers.rpartition("-")[0] == number:
            about = answers == reference
            if about:
                found.append(entry)
        elif about and said.get("element") in HANDLED and said.get("path") == path:
            found.append(entry)
    return found
