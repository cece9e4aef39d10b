"""公示管理: every notice of an area and how it stands – told from the open steps, the clock and the file, never kept a second time.

A step taken back, a notice torn down and posted again, an objection withdrawn: whatever happens to the case, the board says what is.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, or_, select

from casework import files, notices
from casework.notices import COLUMNS, Notice
from casework.tables import notices as table
from casework.tables import objections
from engine import clocks
from engine.calendar import ZONE
from engine.clocks import Clock
from engine.db import Tx, made
from engine.deadline import Deadline
from engine.errors import Conflict
from engine.routing import Actor
from engine.step import sections_at
from engine.tables import cases, timers, user_tasks
from engine.worklist import in_sight

PROCESS, PERIOD, TAKEDOWN = "public_notice", "notice_period", "notice_takedown"
TO_POST, REMOVES = ("check_notice", "post_notice"), "remove_notice"
STATES = {
    "to_post": "待张贴",
    "to_remove": "应撤下",
    "posted": "公示中",
    "objected": "有异议",
    "expired": "期满待结",
    "removed": "已撤下",
}
ORDER = {"to_remove": 0, "objected": 1, "expired": 2, "to_post": 3, "posted": 4}
N = table.c


@dataclass(frozen=True, slots=True)
class Standing:
    """How a notice stands. `paper`: to_post, posted, to_remove, expired or removed, whatever was objected; `task`: the step open for
    it; `clock`: of its period; `facts`: what was entered when it was checked, posted, removed, closed; `barred`: why whom it shows must
    not be shown, looked up while it is or may soon be on the wall; `live`: its own steps go on; `takedown`: the case that asks for it
    to be taken down; `remover`: who entered that it is down."""

    notice: Notice
    title: str
    paper: str
    task: Any
    clock: Clock | None
    facts: Mapping[str, Any]
    objections: int
    unanswered: int
    barred: str | None
    live: bool
    takedown: Any
    remover: str | None

    @property
    def hangs(self) -> bool:
        """It was posted, and nobody has entered that it was taken down."""
        return hanging(self.facts)

    @property
    def state(self) -> str:
        return "objected" if self.unanswered and self.paper in ("posted", "expired") else self.paper


def standing(tx: Tx, found: Sequence[Notice], now: datetime) -> list[Standing]:
    """How these notices stand, in their order; everything about their cases is asked once."""
    ids = {one.case_id for one in found}
    known, branches = _cases(tx, ids), _Branches(tx, ids)
    said, downs = _objections(tx, [one.number for one in found]), _takedowns(tx, found)
    siblings: dict[tuple[str, str], list[str]] = defaultdict(list)
    n = tx.run(select(N.number, N.case_id, N.path).where(N.case_id.in_(ids)).order_by(N.made_at, N.number))
    for row in n:
        siblings[row.case_id, row.path].append(row.number)
    shown = []
    for one in found:
        of_branch = siblings[one.case_id, one.path]
        turn, newest = of_branch.index(one.number), of_branch[-1] == one.number
        case, down = known[one.case_id], downs.get(one.number)
        facts = _facts(sections_at(case.document, one.path).get("notice"), turn)
        task, waits = branches.now(one.case_id, one.path) if newest else (None, False)
        live, paper, barred = waits or task is not None, _paper(task, waits), None
        remover = branches.remover(one.case_id, one.path, turn)
        if hanging(facts) or paper == "to_post":
            today = now.astimezone(ZONE).date()
            barred = notices.kept_from_view(tx, notices.about(tx, one.case_id), one.path, today)
        if down is not None and down.done:
            facts, paper, remover, task = {**facts, **down.said}, "removed", down.remover, None
        elif hanging(facts) and (down is not None or paper == "removed" or barred):
            paper, task = "to_remove", down.task if down is not None else task
        count, unanswered = said.get(one.number, (0, 0))
        clock = branches.clock(one.case_id, one.path, turn)
        shown.append(
            Standing(
                one, case.title, paper, task, clock, facts, count, unanswered, barred, live, down, remover
            )
        )
    return shown


def hanging(facts: Mapping[str, Any]) -> bool:
    return "posted_on" in facts and "removed_at" not in facts


@dataclass(frozen=True, slots=True)
class Takedown:
    """The case that asks for a notice to be taken down early: its open step, or what was entered and by whom."""

    case_id: str
    task: Any
    said: Mapping[str, Any]
    remover: str | None

    @property
    def done(self) -> bool:
        return bool(self.said)


def takedown_number(number: str) -> str:
    """The number of the case that asks for a notice to be taken down."""
    return f"{number}-C"


def _takedowns(tx: Tx, found: Sequence[Notice]) -> dict[str, Takedown]:
    c, t = cases.c, user_tasks.c
    wanted = {takedown_number(one.number): one.number for one in found}
    query = select(c.id, c.number, c.document).where(c.process == TAKEDOWN, c.number.in_(list(wanted)))
    rows = {row.id: row for row in tx.run(query)}
    steps = {row.case_id: row for row in tx.run(select(user_tasks).where(t.case_id.in_(list(rows))))}
    downs = {}
    for case_id, row in rows.items():
        step, entries = steps.get(case_id), sections_at(row.document, "").get("notice") or [{}]
        is_open = step is not None and step.state == "open"
        downs[wanted[row.number]] = Takedown(
            case_id,
            step if is_open else None,
            entries[-1],
            None if is_open or step is None else step.ended_by,
        )
    return downs


def period(tx: Tx, one: Standing, now: datetime) -> Deadline | None:
    """The days of a notice: by its clock once it hangs or has hung, before that as if it were posted today."""
    if one.clock is not None and one.paper != "to_post":
        return clocks.deadline_of(tx.world, one.clock)
    return notices.posted_today(tx, one.notice, now) if one.paper == "to_post" else None


def printed(tx: Tx, notice: Notice, now: datetime) -> bytes:
    """The paper as it is to be posted today, or as it hangs; None of it is kept twice. One whose period nobody knows is as it was made."""
    (one,) = standing(tx, [notice], now)
    if one.paper == "to_remove" or one.barred:
        raise Conflict("这份公示不得张贴，不能打印。", "The notice must not hang.", code="notice_over")
    days = period(tx, one, now)
    return notices.printed(tx, notice, days) if days is not None else files.read(tx, notice.file)[1]


def _paper(task: Any, waits: bool) -> str:
    if task is None:
        return "posted" if waits else "removed"
    return "to_post" if task.element in TO_POST else "expired"


def _cases(tx: Tx, ids: Iterable[str]) -> dict[str, Any]:
    c = cases.c
    return {row.id: row for row in tx.run(select(c.id, c.title, c.document).where(c.id.in_(list(ids))))}


class _Branches:
    """Steps, timers and clocks of the process of notices, by case and branch. A timer names no branch; it stands under the same
    activities as the steps beside it."""

    def __init__(self, tx: Tx, ids: Iterable[str]) -> None:
        t, m = user_tasks.c, timers.c
        self.open: dict[tuple[str, str], Any] = {}
        self.removers: dict[tuple[str, ...], str] = {}
        self.pending: set[tuple[str, str]] = set()
        self.rounds: dict[tuple[str, str], list[tuple[str, ...]]] = defaultdict(list)
        self.timers: dict[tuple[str, ...], list[str]] = defaultdict(list)
        places: dict[tuple[str, ...], tuple[str, str]] = {}
        wanted = list(ids)
        steps = select(user_tasks).where(t.case_id.in_(wanted), t.process == PROCESS)
        for row in tx.run(steps.order_by(t.created_at, t.id)):
            around, place = tuple(row.owners), (row.case_id, row.path)
            places[around] = place
            if around not in self.rounds[place]:
                self.rounds[place].append(around)
            if row.state == "open":
                self.open[place] = row
            elif row.element == REMOVES and row.state == "completed":
                self.removers[around] = row.ended_by
        periods = select(m.id, m.owners, m.state).where(
            m.case_id.in_(wanted), m.process == PROCESS, m.element == PERIOD
        )
        for row in tx.run(periods.order_by(m.created_at, m.id)):
            around = tuple(row.owners)
            self.timers[around].append(row.id)
            if row.state == "pending" and around in places:
                self.pending.add(places[around])
        self.clocks = {
            one.token: one for case in wanted for one in clocks.of_case(tx, case) if one.element == PERIOD
        }

    def now(self, case_id: str, path: str) -> tuple[Any, bool]:
        """The open step of a branch and whether its period is running."""
        return self.open.get((case_id, path)), (case_id, path) in self.pending

    def remover(self, case_id: str, path: str, turn: int) -> str | None:
        """Who entered that the branch's n-th notice was taken down when its period was over."""
        rounds = self.rounds.get((case_id, path), [])
        return self.removers.get(rounds[turn]) if turn < len(rounds) else None

    def clock(self, case_id: str, path: str, turn: int) -> Clock | None:
        """The clock of the last period of the branch's n-th notice."""
        rounds = self.rounds.get((case_id, path), [])
        if turn >= len(rounds):
            return None
        found = [self.clocks[one] for one in self.timers[rounds[turn]] if one in self.clocks]
        return found[-1] if found else None


def _facts(entries: Any, turn: int) -> dict[str, Any]:
    """What was entered about the n-th notice of a branch: a check begins a notice, later entries win (torn down, posted again)."""
    found: dict[str, Any] = {}
    at = -1
    for entry in entries if isinstance(entries, list) else []:
        at += "content_ok" in entry
        if at != turn:
            continue
        if "posted_on" in entry:  # once more from the beginning
            found = {
                key: value
                for key, value in found.items()
                if key not in ("removed_at", "photo_end", "continuous")
            }
        found.update(entry)
    return found


def _objections(tx: Tx, numbers: Sequence[str]) -> dict[str, tuple[int, int]]:
    """Notice → objections in all, and those nobody has judged yet or that wait for a new investigation."""
    o, c = objections.c, cases.c
    query = select(o.notice_no, c.status, c.variables).join(cases, c.id == o.case_id)
    found: dict[str, tuple[int, int]] = {}
    for row in tx.run(query.where(o.notice_no.in_(numbers))):
        count, unanswered = found.get(row.notice_no, (0, 0))
        waits = notices.state_of_objection(row.status, row.variables) != "answered"
        found[row.notice_no] = (count + 1, unanswered + waits)
    return found


# ------------------------------------------------------------------------------------------ lists
def board(
    tx: Tx,
    actor: Actor,
    now: datetime,
    *,
    state: str,
    area: str | None,
    q: str,
    objected: bool,
    offset: int,
    limit: int,
) -> tuple[list[Standing], int, dict[str, int]]:
    """One page of the notices that hang in the actor's areas or whose case has been handed over to them – what wants something first, then those taken down, newest first –, how many there
    are, and how many in each state. `objected`: whether the actor learns of objections at all; else they show in no state."""
    where = [or_(in_sight(actor, N.area, area), in_sight(actor, cases.c.area, area)), *_search(q)]
    live = [one for one in standing(tx, _of(tx, [*where, _at_work()]), now) if one.paper != "removed"]
    words = {one.notice.number: one.state if objected else one.paper for one in live}
    counts = dict.fromkeys(STATES, 0)
    for word in words.values():
        counts[word] += 1
    past = [*where, N.number.not_in(list(words))]
    counts["removed"] = int(tx.run(select(func.count()).select_from(_joined()).where(*past)).scalar_one())
    chosen = [one for one in live if state in ("", words[one.notice.number])]
    chosen.sort(key=lambda one: (ORDER[words[one.notice.number]], _ends(one), one.notice.number))
    page = chosen[offset : offset + limit]
    total = len(chosen)
    if state in ("", "removed"):
        total += counts["removed"]
        room = limit - len(page)
        if room > 0:
            page += standing(tx, _of(tx, past, max(0, offset - len(chosen)), room), now)
    return page, total, counts


def _ends(one: Standing) -> float:
    due = one.clock.due_at if one.clock and one.paper != "to_remove" else getattr(one.task, "due_at", None)
    return due.timestamp() if due else one.notice.made_at.timestamp()


def _joined() -> Any:
    return table.join(cases, cases.c.id == N.case_id)


def _of(
    tx: Tx, where: Sequence[ColumnElement[bool]], offset: int = 0, limit: int | None = None
) -> list[Notice]:
    query = select(*COLUMNS).select_from(_joined()).where(*where).order_by(N.made_at.desc(), N.number.desc())
    if limit is not None:
        query = query.offset(offset).limit(limit)
    return [made(Notice, row) for row in tx.run(query)]


def _search(q: str) -> list[ColumnElement[bool]]:
    if not q:
        return []
    return [or_(N.number.contains(q, autoescape=True), cases.c.title.contains(q, autoescape=True))]


def _at_work() -> ColumnElement[bool]:
    """Notices of cases in which something about a notice is open: few, however many have been."""
    t, m = user_tasks.c, timers.c
    steps = and_(t.case_id == N.case_id, t.process == PROCESS, t.state == "open")
    periods = and_(m.case_id == N.case_id, m.process == PROCESS, m.element == PERIOD, m.state == "pending")
    down = cases.alias("down")
    number = N.number.concat(takedown_number(""))
    asked = and_(down.c.number == number, down.c.process == TAKEDOWN, down.c.status == "active")
    return or_(exists().where(steps), exists().where(periods), exists().where(asked))
