"""The urging ladder 提醒 → 催办 → 催办通知书 → 督办 → 通报 (people.md 4.3): each rung an object with a state of its own.

A reminder is a line in the book, 催办 a request, the rungs above are cases of their own (`urging_notice`, `supervision_order`,
`circular`) beside the case they are about. So none of them is cleared by what happens to that case: only its own answer does.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import and_, insert, or_, select, update

from casework import books, issued
from casework.tables import ledger, watched_urgings
from engine import clocks, incidents, messages, requests, step, worklist
from engine.calendar import ZONE
from engine.cases import report
from engine.db import Tx, fixed
from engine.deadline import Deadline, compute
from engine.receipt import moment
from engine.routing import Actor, at_tier
from engine.tables import cases, user_tasks
from engine.tables import clocks as clocks_table
from engine.tables import requests as requests_table
from engine.world import World

NOTICE, ORDER, CIRCULAR = "urging_notice", "supervision_order", "circular"
OWN = (NOTICE, ORDER, CIRCULAR)
"""Processes of the ladder itself: an order is not supervised in its turn."""
REMINDER = "reminder"
W = watched_urgings.c


def addressee(tier: str | None) -> str:
    """Whom a notice about a task of that tier is addressed to; the tier above signs it."""
    return {"grid": "village", "village": "village", "town": "town"}.get(tier or "", "district")


# ------------------------------------------------------------------------------------------ going up
@dataclass(frozen=True, slots=True)
class About:
    """The case a rung is about."""

    id: str
    number: str
    area: str
    title: str


def about(tx: Tx, case_id: str) -> About:
    c = cases.c
    row = tx.run(select(c.id, c.number, c.area, c.title).where(c.id == case_id)).one()
    return About(row.id, row.number, row.area, row.title)


def _below(tx: Tx, parent: str, process: str) -> list[Any]:
    c = cases.c
    query = select(c.id, c.status, c.area, c.variables).where(c.parent == parent, c.process == process)
    return list(tx.run(query.order_by(c.opened_at, c.id)))


def raise_order(
    tx: Tx,
    of: About,
    matter: str,
    now: datetime,
    *,
    term: str | None = None,
    tier: str | None = None,
    actor: Actor | None = None,
) -> str:
    """督办: one more supervision order about a case. Returns the order's case.

    `tier` of the step that is late: the district answers for its own steps, the town for everything below.
    """
    number = f"{of.number}-DB{len(_below(tx, of.id, ORDER)) + 1}"
    home = messages.Home(of.area, number, f"督办：{of.title}", parent=of.id)
    own = tier == "district" or of.area == at_tier(of.area, "district")
    given = {
        "matter": matter,
        "about_case": of.number,
        "term": term,
        "late_tier": "district" if own else "town",
    }
    return messages.deliver(tx, "supervision_needed", None, given, now=now, home=home, actor=actor)[0]


def draft_notice(tx: Tx, of: About, tier: str | None, matter: str, term: str, now: datetime) -> str | None:
    """催办通知书, to be signed by the tier above. None while one about the same term or any order is open: it has gone further. What a town
    still answers that has handed the case over is nothing to the one that has it now."""
    notices, town = _below(tx, of.id, NOTICE), at_tier(of.area, "town")
    here = [row for row in notices if row.status == "active" and at_tier(row.area, "town") == town]
    if any(row.variables.get("term") == term for row in here):
        return None
    orders = _below(tx, of.id, ORDER)
    if any(row.status == "active" and at_tier(row.area, "town") == town for row in orders):
        return None
    home = messages.Home(of.area, f"{of.number}-CB{len(notices) + 1}", f"催办：{of.title}", parent=of.id)
    given = {
        "addressee": addressee(tier), "matter": matter, "about_case": of.number, "term": term, "urge_demand": None,
    }  # fmt: skip
    return messages.deliver(tx, "urging_notice_needed", None, given, now=now, home=home)[0]


@dataclass(frozen=True, slots=True)
class Reminder:
    """A reminder as the book keeps it; `key` names the clock and the moment."""

    case_id: str
    area: str
    key: str
    text: str


def reminded(tx: Tx, reminders: Iterable[Reminder], now: datetime) -> None:
    """Count reminders; the same reminder of a clock counts once."""
    lines = {
        hashlib.sha256(one.key.encode()).hexdigest()[:40]: {
            "area": one.area,
            "at": now,
            "text": one.text,
            "case_id": one.case_id,
        }
        for one in reminders
    }
    if lines:
        books.book_each(tx, REMINDER, lines)


# ------------------------------------------------------------------------------------------ urgings that wait for an answer
def watch(tx: Tx, task_id: str, now: datetime) -> None:
    """A person has urged a task: unanswered for `urge.answer` it becomes an order."""
    row = [r for r in requests.of_task(tx, task_id) if r.kind == "urge"][-1]
    keys = {"request": row.id, "case_id": row.case_id, "task_id": task_id}
    tx.run(insert(watched_urgings), {**keys, **_awaited(tx, worklist.get(tx, task_id).area, now)})


def _awaited(tx: Tx, area: str, since: datetime) -> dict[str, Any]:
    """What is kept of an answer awaited from that instant on."""
    due = reply_by(tx.world, area, since).due_at
    return {"since": since, "reply_by": due, "calendar": tx.world.calendar.serial}


def reply_by(world: World, area: str, since: datetime) -> Deadline:
    """Until when an urging of that instant is answered in time."""
    term = world.terms.get("urge.answer", since.astimezone(ZONE).date())
    return compute(term, since, world.calendar.of(area), provisional=True)


def settled(tx: Tx, request_id: str) -> None:
    """An urging was answered."""
    tx.run(update(watched_urgings).where(W.request == request_id).values(reply_by=None))


NEXT_DUE = select(W.reply_by).where(W.reply_by.is_not(None)).order_by(W.reply_by).limit(1)
"""When the next urging must have been answered."""


def unanswered(tx: Tx, now: datetime, limit: int) -> list[str]:
    """Urgings whose answer is due, or was dated under an earlier calendar; looked at without a lock."""
    earlier = and_(W.reply_by.is_not(None), W.calendar < tx.world.calendar.serial)
    query = select(W.request).where(or_(W.reply_by <= now, earlier)).order_by(W.reply_by).limit(limit)
    return [str(key) for key in tx.run(query).scalars()]


def go_further(tx: Tx, request_id: str, now: datetime) -> str | None:
    """督办 for an urging nobody has answered while its task is still open; put off while the clock is paused. → the order's case"""
    step.lock(tx, requests.get(tx, request_id).case_id)
    watched = tx.run(select(watched_urgings).where(W.request == request_id)).one()
    if watched.reply_by is None:
        return None  # somebody was faster
    asked = requests.get(tx, request_id)
    task = worklist.get(tx, asked.task_id)
    done = task.state != "open" or asked.state == "answered"
    values = _awaited(tx, task.area, watched.since)
    if values["reply_by"] > now:
        tx.run(update(watched_urgings).where(W.request == request_id).values(**values))
        return None  # dated anew under another calendar
    values = {"reply_by": None}
    order = None
    if not done and _paused(tx, task):
        values = _awaited(tx, task.area, now)
    elif not done and not any(r.status == "active" for r in _below(tx, asked.case_id, ORDER)):
        of = about(tx, asked.case_id)
        at = asked.asked_at.astimezone(ZONE)
        order = raise_order(
            tx,
            of,
            f"{of.number}（{of.title}）{task.name}：{at.month} 月 {at.day} 日催办后逾期没有答复，事项仍未办结。",
            now,
            tier=task.tier,
        )
        values["order_case"] = order
    tx.run(update(watched_urgings).where(W.request == request_id).values(**values))
    incidents.resolve(tx, URGING, request_id, now)
    return order


URGING = "urging"
"""The kind of an incident about an urging that could not go further."""
LATER = timedelta(hours=1)


def put_off(tx: Tx, request_id: str, code: str, message: str, now: datetime) -> None:
    """An urging could not go further: somebody is told, and it is tried again in an hour."""
    asked = requests.get(tx, request_id)
    report(tx, asked.case_id, asked.element, URGING, request_id, code, message, now)
    tx.run(update(watched_urgings).where(W.request == request_id).values(reply_by=now + LATER))


def again(tx: Tx, kind: str, ref: str, now: datetime) -> None:
    """A person retries what an incident of ours is about: it is due at once."""
    if kind == URGING:
        waits = (W.request == ref, W.reply_by.is_not(None))
        tx.run(update(watched_urgings).where(*waits).values(reply_by=now))


def _paused(tx: Tx, task: Any) -> bool:
    tokens = {task.id, *task.owners}
    return any(c.state == "paused" and c.token in tokens for c in clocks.of_case(tx, task.case_id))


# ------------------------------------------------------------------------------------------ seeing it
@dataclass(frozen=True, slots=True)
class Rung:
    """One step of the ladder as people see it. `state` says who is at it; `open` whether somebody still owes something."""

    kind: str  # reminder, urge, notice, order, circular
    at: datetime
    state: str
    open: bool
    late: bool = False
    number: str | None = None
    text: str | None = None
    by: str | None = None
    answer: str | None = None
    due_at: datetime | None = None
    due: Deadline | None = None  # where no case keeps the date
    case_id: str | None = None
    paper: str | None = None
    count: int = 1
    act: str | None = None  # what it was sent for had been done in time, and was entered afterwards


STEPS = {
    "sign_notice": "待签发", "answer_notice": "待答复", "issue_order": "待下达", "answer_order": "待反馈",
    "check_answer": "待核对", "criticise": "待通报",
}  # fmt: skip
HEIGHT = {"reminder": 0, "urge": 1, "notice": 2, "order": 3, "circular": 4}


def of_cases(tx: Tx, ids: Sequence[str], now: datetime) -> dict[str, list[Rung]]:
    """The ladder of each case, oldest rung first; six questions however many cases."""
    found: dict[str, list[Rung]] = {case_id: [] for case_id in ids}
    acts = _acts(tx, ids)
    for case_id, rung in [*_reminders(tx, ids), *_urgings(tx, ids, acts), *_objects(tx, ids, acts, now)]:
        found[case_id].append(rung)
    return {key: sorted(rungs, key=lambda r: (r.at, HEIGHT[r.kind])) for key, rungs in found.items()}


class Act(NamedTuple):
    """What a limit asked for, done in time and entered after its end."""

    case_id: str
    token: str
    term: str
    entered_at: datetime
    stopped_at: datetime
    words: str


def _acts(tx: Tx, ids: Sequence[str]) -> list[Act]:
    """Acts that were in time although nobody had entered them by then."""
    k = clocks_table.c
    query = select(k.case_id, k.token, k.term, k.entered_at, k.stopped_at, k.ended_at, k.due_at).where(
        k.case_id.in_(ids), k.ended_at < k.due_at, k.stopped_at >= k.due_at, k.kind == fixed("max")
    )
    made = []
    for row in tx.run(query.order_by(k.stopped_at, k.id)):
        done, entered = moment(row.ended_at), moment(row.stopped_at)
        words = f"所催事项已于 {done} 按时办结，{entered} 才录入；本次记录照留。"
        made.append(Act(row.case_id, row.token, row.term, row.entered_at, row.stopped_at, words))
    return made


def _in_time(acts: Sequence[Act], sent: datetime, case_id: str, **about: Any) -> str | None:
    """What is said beside a rung that went out between the act and its entry. `about`: the token, or the term, it is about."""
    for act in acts:
        mine = act.case_id == case_id and all(getattr(act, key) == value for key, value in about.items())
        if mine and act.entered_at <= sent <= act.stopped_at:
            return act.words
    return None


def _reminders(tx: Tx, ids: Sequence[str]) -> Iterable[tuple[str, Rung]]:
    b = ledger.c
    query = select(b.case_id, b.at, b.text).where(b.book == REMINDER, b.case_id.in_(ids))
    lines: dict[str, list[Any]] = {}
    for row in tx.run(query.order_by(b.at, b.id)):
        lines.setdefault(row.case_id, []).append(row)
    for case_id, rows in lines.items():
        last = rows[-1]
        yield case_id, Rung("reminder", last.at, "已提醒", False, text=last.text, count=len(rows))


def _urgings(tx: Tx, ids: Sequence[str], acts: Sequence[Act]) -> Iterable[tuple[str, Rung]]:
    r, t = requests_table.c, user_tasks.c
    query = (
        select(
            requests_table,
            t.state.label("task_state"),
            t.name.label("task_name"),
            t.area.label("task_area"),
            W.reply_by,
            W.since.label("awaited_since"),
            W.order_case,
        )
        .outerjoin(user_tasks, t.id == r.task_id)
        .outerjoin(watched_urgings, W.request == r.id)
        .where(r.kind == "urge", r.case_id.in_(ids))
    )
    for row in tx.run(query.order_by(r.asked_at, r.id)):
        state = {"open": "未读", "read": "已读未答复", "answered": "已答复"}.get(row.state, row.state)
        if row.order_case:
            state = "逾期未答复，已转督办"
        elif row.state != "answered" and row.task_state != "open":
            state = "已办结"
        waits = row.task_state == "open" and row.state != "answered"
        text = "：".join(filter(None, [row.task_name, row.text]))
        yield row.case_id, Rung(
            "urge", row.asked_at, state, waits, text=text, by=row.asked_by, answer=row.answer,
            due_at=row.reply_by, due=reply_by(tx.world, row.task_area, row.awaited_since) if row.reply_by else None,
            case_id=row.order_case, act=_in_time(acts, row.asked_at, row.case_id, token=row.task_id),
        )  # fmt: skip


def _objects(tx: Tx, ids: Sequence[str], acts: Sequence[Act], now: datetime) -> Iterable[tuple[str, Rung]]:
    c = cases.c
    query = select(c.id, c.number, c.parent, c.process, c.status, c.opened_at, c.document, c.variables)
    rows = list(
        tx.run(query.where(c.parent.in_(ids), c.process.in_((NOTICE, ORDER))).order_by(c.opened_at, c.id))
    )
    steps = worklist.open_by_case(tx, [row.id for row in rows])
    papers = issued.of_cases(tx, [row.id for row in rows])
    for row in rows:
        task = next(iter(steps.get(row.id, [])), None)
        paper = papers.get(row.id)
        late = task is not None and task.due_at is not None and task.due_at < now
        word = STEPS.get(task.element, task.name) if task is not None else ENDED[row.process](row)
        yield row.parent, Rung(
            "notice" if row.process == NOTICE else "order", row.opened_at, f"逾期{word.replace('待', '未')}" if late else word,
            row.status == "active", late=late, number=paper.number if paper is not None else row.number,
            text=str(row.variables.get("matter") or ""), answer=_answer(row), due_at=task.due_at if task is not None else None,
            case_id=row.id, paper=paper.id if paper is not None else None,
            act=_in_time(acts, row.opened_at, row.parent, term=row.variables.get("term")),
        )  # fmt: skip


def _said(document: Mapping[str, Any], section: str) -> list[Mapping[str, Any]]:
    value = (document.get("") or {}).get(section)
    return value if isinstance(value, list) else [value] if value else []


def _answer(row: Any) -> str | None:
    entries = _said(row.document, "urging" if row.process == NOTICE else "supervision")
    return next((str(e["answer"]) for e in reversed(entries) if e.get("answer")), None)


def _notice_ended(row: Any) -> str:
    if row.status == "cancelled":
        return "已终止"
    return "已答复" if row.variables.get("issue") else "不再制发"


def _order_ended(row: Any) -> str:
    return "已终止" if row.status == "cancelled" else "已销号"


ENDED: Mapping[str, Callable[[Any], str]] = {NOTICE: _notice_ended, ORDER: _order_ended}
