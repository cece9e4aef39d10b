"""Legal clocks: a running term of a case, from its lawful event, with pauses, extension and reminders.

A clock hangs on the token of a statutory node. The version of the term in force on the day of acceptance of its
branch is pinned (`terms_on`); afterwards only a calendar notice, a pause, an extension or a corrected date
moves it. Nothing here decides anything: a clock that runs out tells people.

Both ends know two moments: the lawful event (`started_at`) and its entry (`entered_at`), the act the limit asks for (`ended_at`)
and the step that entered it (`stopped_at`). A limit is kept by the act, whenever it is entered (decision 0012).

A case may run several applications side by side. What belongs together is said by two things the runner tells of every
token: `owners`, what encloses it, and `path`, where its document lives. A node pauses and stops clocks of what encloses it
and of its own path (`along`); clocks of one path, term and lawful event are one limit (`Clock.limit`), whichever steps show
it one after the other; a timer asks the clock of its own token and owners, else of its path (`engine.clockwork`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, insert, select, update

from engine.calendar import ZONE
from engine.db import Tx, made
from engine.deadline import Deadline, compute
from engine.errors import NotFound, StepFailed
from engine.moments import FIRST, awaited
from engine.receipt import acted, sentence
from engine.runner.values import Act, Entered, How, Left
from engine.tables import clocks
from engine.terms import Term
from engine.world import World

LATE = timedelta(minutes=10)
"""What is entered within so long of its event is entered at once."""
AFTER = "after"
"""The mark of a pause that began when the step of its clock was done: it takes nothing of that step, it is for the next one of
the limit."""


@dataclass(frozen=True, slots=True)
class Clock:
    """One row of the ledger, with its term as pinned."""

    id: str
    case_id: str
    token: str
    path: str
    process: str
    element: str
    term: str
    name: str
    kind: str
    terms_on: date
    started_at: datetime
    entered_at: datetime
    due_at: datetime
    due: date
    provisional: bool
    state: str
    stopped_at: datetime | None
    ended_at: datetime | None
    ended_by: str | None
    pauses: list[dict[str, Any]]
    extension: dict[str, Any] | None
    asked: dict[str, Any] | None
    corrections: list[dict[str, Any]]
    area: str
    calendar: int
    next_at: datetime | None
    next_kind: str | None

    @property
    def live(self) -> bool:
        return self.state in ("running", "paused")

    @property
    def limit(self) -> tuple[str, str, datetime]:
        """What it is the clock of: steps of one branch that show a term from one lawful event show one limit."""
        return self.path, self.term, self.started_at

    @property
    def held_between(self) -> Mapping[str, Any] | None:
        """The pause that holds its limit after its step, before the next one has begun."""
        over = () if self.live else self.pauses
        return next((p for p in over if AFTER in p and p.get("to") is None), None)

    @property
    def kept(self) -> bool | None:
        """Was the act in time? None while nobody has acted."""
        return self.ended_at < self.due_at if self.ended_at is not None else None

    @property
    def entered_late(self) -> bool:
        """Was the act entered later than it was done?"""
        if self.ended_at is None or self.stopped_at is None:
            return False
        return self.stopped_at - self.ended_at > LATE


@dataclass(slots=True)
class Change:
    """What a step means for the clocks of a case: rows to insert, rows to update, timers to move."""

    added: list[Clock] = field(default_factory=list)
    changed: list[Clock] = field(default_factory=list)
    now: list[Clock] = field(default_factory=list)  # all clocks of the case after the step
    paused: list[Clock] = field(default_factory=list)
    resumed: list[Clock] = field(default_factory=list)
    ended: list[Clock] = field(
        default_factory=list
    )  # by `stops`: their nodes go on, their timers must stay silent


COLUMNS = [clocks.c[name] for name in Clock.__slots__]
_OF_CASE = select(*COLUMNS)
_OF_ONE_CASE = _OF_CASE.where(clocks.c.case_id == bindparam("case")).order_by(
    clocks.c.entered_at, clocks.c.id
)


def of_case(tx: Tx, case_id: str) -> list[Clock]:
    rows = tx.run(_OF_ONE_CASE, {"case": case_id})
    return [made(Clock, row) for row in rows]


# ------------------------------------------------------------------------------------------ pure
def deadline_of(world: World, clock: Clock) -> Deadline:
    """The clock's date again, with its receipt."""
    pauses = [(_at(p["from"]), _at(p.get("to")), str(p["reason"])) for p in own_pauses(clock)]
    return compute(
        term_of(world, clock),
        clock.started_at,
        world.calendar.of(clock.area),
        provisional=True,
        pauses=pauses,
        extension=clock.extension,
    )


def told(deadline: Deadline, clock: Clock) -> str:
    """The receipt of a clock in one sentence, with its act and what was put right."""
    text = sentence(deadline)
    if clock.ended_at is not None and clock.stopped_at is not None:
        text += f"；{acted(deadline, clock.ended_at, clock.stopped_at, late=clock.entered_late)}"
    for one in clock.corrections:
        wrong = datetime.fromisoformat(one["from"]).astimezone(ZONE)
        what = "办理时间" if one.get("end") else "起算时间"
        text += f"；{what}经更正，原为{wrong.month}月{wrong.day}日（{one['by_name']}：{one['reason']}）"
    return text


def own_pauses(clock: Clock) -> list[dict[str, Any]]:
    """The pauses that took time of this clock: none after its act, of one that lasted beyond it the part before."""
    own = [p for p in clock.pauses if AFTER not in p]
    if clock.ended_at is None:
        return own
    until = clock.ended_at
    return [
        {**p, "to": min(_at(p.get("to")) or until, until).isoformat()}
        for p in own
        if datetime.fromisoformat(p["from"]) < until
    ]


def term_of(world: World, clock: Clock) -> Term:
    """The version of the term that was in force on the branch's day of acceptance."""
    return world.terms.get(clock.term, clock.terms_on)


def _at(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def dated(world: World, clock: Clock, now: datetime) -> Clock:
    """The clock with its date computed anew under the calendar of now; a running one with its next reminder.

    One that stands still or has stopped keeps what it awaited (`next_kind`): what it told is not told again when it goes on.
    """
    deadline = deadline_of(world, clock)
    moved = with_(
        clock,
        due_at=deadline.due_at,
        due=deadline.due,
        provisional=deadline.provisional,
        calendar=world.calendar.serial,
        next_at=None,
    )
    moved = with_(moved, state=standing(moved))
    if moved.state != "running":
        return moved
    next_at, next_kind = awaited(deadline, clock.next_kind, now)
    return with_(moved, next_at=next_at, next_kind=next_kind)


def standing(clock: Clock) -> str:
    """The state of a clock by its pauses: an open one holds it, unless its time had run out before."""
    if not clock.live:
        return clock.state
    since = _held(clock)
    return "paused" if since and min(since) < clock.due_at else "running"


def _held(clock: Clock) -> list[datetime]:
    return [datetime.fromisoformat(p["from"]) for p in clock.pauses if p.get("to") is None]


def run_out(clock: Clock, at: datetime) -> bool:
    """Had its time run out by then? One that stands still counts until it was held."""
    return min([at, *_held(clock)]) >= clock.due_at


def with_(clock: Clock, **changes: Any) -> Clock:
    return Clock(**{name: changes.get(name, getattr(clock, name)) for name in Clock.__slots__})


@dataclass(frozen=True, slots=True)
class Facts:
    """What a case says about its clocks. `terms_on`: the day whose legal table applies where nothing was accepted yet."""

    terms_on: date
    track: str | None
    now: datetime
    area: str = ""


def along(clock: Clock, entered: Entered) -> bool:
    """Does a clock run in the branch of this node: on what encloses it, or on another node of the same application?"""
    return clock.token in entered.owners or (clock.path == entered.path and clock.token != entered.key)


@dataclass(slots=True)
class _Ledger:
    """The clocks of a case while a step is written into them."""

    world: World
    facts: Facts
    clocks: dict[str, Clock]
    result: Change = field(default_factory=Change)
    touched: set[str] = field(default_factory=set)
    held: set[str] = field(default_factory=set)
    """Tokens that hold a clock of the case, also one that stopped in this step."""

    def put(self, clock: Clock) -> Clock:
        self.clocks[clock.id] = clock
        self.touched.add(clock.id)
        return clock

    def live(self) -> list[Clock]:
        return [clock for clock in self.clocks.values() if clock.live]

    def leave(self, gone: Mapping[str, Left]) -> None:
        """Pauses end with the node that held them; then clocks stop whose node was left."""
        for clock in list(self.clocks.values()):
            self._resume(clock, gone)
        self.held = {
            p["token"] for clock in self.clocks.values() for p in clock.pauses if p.get("to") is None
        }
        for clock in self.live():
            left = gone.get(clock.token)
            if left is not None and left.how is How.COMPLETED:
                self.end(clock, left.act)
            elif left is not None:
                self._date(clock, withdrawn(clock, self.facts.now))

    def end(self, clock: Clock, act: Act | None) -> Clock:
        """The clock at its end: by the act where the drawing says when it was, else by the step."""
        return self._date(clock, stopped(clock, self.facts.now, act))

    def _date(self, clock: Clock, over: Clock) -> Clock:
        exact = clock.state == "paused" or (over.pauses and over.ended_at != over.stopped_at)
        return self.put(dated(self.world, over, self.facts.now) if exact else over)

    def _resume(self, clock: Clock, gone: Mapping[str, Left]) -> None:
        ends = [p for p in clock.pauses if p.get("to") is None and p["token"] in gone]
        if not ends:
            return
        closed = list(clock.pauses)
        for p in ends:
            at = max(gone[p["token"]].at or self.facts.now, datetime.fromisoformat(p["from"]))
            closed[closed.index(p)] = {**p, "to": at.isoformat()}
        if not clock.live:
            self.put(with_(clock, pauses=closed))
            return
        still = any(p.get("to") is None for p in closed)
        moved = self.put(dated(self.world, with_(clock, pauses=closed), self.facts.now))
        if not still:
            self.result.resumed.append(moved)

    def enter(self, case_id: str, item: Entered, *, over: bool) -> None:
        """Stop what this node ends, pause what it holds, start what runs in it. `over`: it was left within the same step."""
        for clock in self.live():
            if clock.term in item.stops and along(clock, item):
                self.result.ended.append(self.end(clock, item.stopped))
        if over:
            return  # it has nothing to wait for
        for reason in item.pauses:
            self.pause(item, reason)
        for key in item.terms:
            clock = self.started(case_id, item, key)
            self.clocks[clock.id] = clock
            self.result.added.append(clock)

    def pause(self, item: Entered, reason: str) -> None:
        """A pause holds the clocks of its branch that run when it begins and whose term lists its reason.

        A limit between two of its steps has no running clock: the pause is kept with the last one, for the step to come.
        One that had run out when the pause begins goes on, overdue (`standing`).
        """
        begun = min(item.start, self.facts.now)
        last = {clock.limit: clock for clock in sorted(self.clocks.values(), key=_recent)}
        for clock in list(self.clocks.values()):
            concerned = clock.live or last[clock.limit] is clock
            if not concerned or not along(clock, item) or reason not in term_of(self.world, clock).held_by:
                continue
            pause = {"from": begun.isoformat(), "to": None, "reason": reason, "token": item.key}
            pause |= {"process": item.process, "element": item.element}
            if not clock.live:
                self.put(with_(clock, pauses=[*clock.pauses, {**pause, AFTER: True}]))
                continue
            held = with_(clock, pauses=[*clock.pauses, pause])
            if standing(held) == "paused":
                held = with_(held, state="paused", next_at=None)
                self.result.paused.append(held)
            self.put(held)

    def started(self, case_id: str, item: Entered, key: str) -> Clock:
        """The clock of a node that was entered. It goes on with what its limit has consumed: pauses, extension, corrections."""
        terms_on = item.accepted or self.facts.terms_on
        try:
            term = self.world.terms.get(key, terms_on, self.facts.track)
        except NotFound as unknown:
            raise StepFailed(item.element, unknown.message, str(unknown)) from unknown
        limit = (item.path, term.key, item.start)
        same = [c for c in self.clocks.values() if c.limit == limit]
        before = lately(same) if same else None
        pauses = self._consumed(before) if before is not None else []
        clock = Clock(
            id=f"{item.key}:{term.key}",
            case_id=case_id,
            token=item.key,
            path=item.path,
            process=item.process,
            element=item.element,
            term=term.key,
            name=term.name,
            kind=term.kind,
            terms_on=terms_on,
            started_at=item.start,
            entered_at=self.facts.now,
            due_at=item.start,
            due=item.start.astimezone(ZONE).date(),
            provisional=False,
            state="running",
            stopped_at=None,
            ended_at=None,
            ended_by=None,
            pauses=pauses,
            extension=before.extension if before is not None else None,
            asked=None,
            corrections=[c for c in before.corrections if not c.get("end")] if before is not None else [],
            area=self.facts.area,
            calendar=self.world.calendar.serial,
            next_at=None,
            next_kind=before.next_kind if before is not None else FIRST,
        )
        return dated(self.world, clock, self.facts.now)

    def _consumed(self, before: Clock) -> list[dict[str, Any]]:
        """The pauses of the limit so far. One that only ended with the step before goes on while its holder waits."""
        ended = before.stopped_at.isoformat() if before.stopped_at is not None else None
        return [
            {**own, "to": None} if p["token"] in self.held and p.get("to") == ended else own
            for p in before.pauses
            for own in [{key: value for key, value in p.items() if key != AFTER}]
        ]


def change(
    world: World,
    case_id: str,
    known: Sequence[Clock],
    entered: Sequence[Entered],
    left: Sequence[Left],
    facts: Facts,
) -> Change:
    """What entering and leaving nodes does to the clocks of a case.

    First pauses whose node was left end and clocks whose node was left stop; then, node by node as they were entered, clocks
    whose stop fact lies (`stops`) end, pauses hold what runs, new clocks start. So a clock started inside a pause runs (the
    term for handing in papers runs while the papers are awaited).
    """
    ledger = _Ledger(world, facts, {clock.id: clock for clock in known})
    gone = {item.key: item for item in left}
    ledger.leave(gone)
    for item in entered:
        ledger.enter(case_id, item, over=item.key in gone)
    result = ledger.result
    fresh = {clock.id for clock in result.added}
    result.added = [ledger.clocks[clock.id] for clock in result.added]
    result.changed = [ledger.clocks[i] for i in ledger.touched if i not in fresh]
    result.now = list(ledger.clocks.values())
    return result


def lately(same: Iterable[Clock]) -> Clock:
    """Of clocks of one limit the one that runs, else the last that did: it has every pause and every extension."""
    return max(same, key=_recent)


def _recent(clock: Clock) -> tuple[bool, datetime, str]:
    return clock.live, clock.entered_at, clock.id


def binding(live: Iterable[Clock], tokens: Iterable[str]) -> Clock | None:
    """The earliest limit of a token and what encloses it; one that stands still only where none runs."""
    wanted = set(tokens)
    limits = [c for c in live if c.live and c.kind == "max" and c.token in wanted]
    return min(limits, key=urgency, default=None)


def urgency(clock: Clock) -> tuple[bool, datetime, str]:
    """The order in which limits bind: running before paused, then the earliest."""
    return clock.state == "paused", clock.due_at, clock.id


# ------------------------------------------------------------------------------------------ rows
def _row(clock: Clock) -> dict[str, Any]:
    return {name: getattr(clock, name) for name in Clock.__slots__}


def write(tx: Tx, change_: Change) -> None:
    if change_.added:
        tx.write(insert(clocks), [_row(clock) for clock in change_.added])
    for clock in change_.changed:
        rewrite(tx, clock)


def rewrite(tx: Tx, clock: Clock) -> None:
    tx.write(update(clocks).where(clocks.c.id == clock.id).values(**_row(clock)))


def stopped(clock: Clock, now: datetime, act: Act | None = None) -> Clock:
    """The clock at its end. A pause that is still open ends with the step, for the next one of the limit (`own_pauses`)."""
    pauses = [p if p.get("to") else {**p, "to": now.isoformat()} for p in clock.pauses]
    over = with_(clock, state="stopped", stopped_at=now, ended_at=act.at if act else now)
    over = with_(over, ended_by=act.text if act else None)
    return with_(over, pauses=pauses, asked=None, next_at=None)


def withdrawn(clock: Clock, now: datetime) -> Clock:
    """The clock of a step that was taken back before it was done: it counts for nobody, unless it had run out already."""
    late = clock.state == "running" and now >= clock.due_at
    over = stopped(clock, now)
    return over if late else with_(over, state="cancelled", ended_at=None)


def stop_all(tx: Tx, case_id: str, now: datetime) -> None:
    tx.write(
        update(clocks)
        .where(clocks.c.case_id == case_id, clocks.c.state.in_(["running", "paused"]))
        .values(state="cancelled", stopped_at=now, next_at=None, next_kind=None)
    )


def one(tx: Tx, clock_id: str) -> Any:
    return tx.run(select(clocks).where(clocks.c.id == clock_id)).one_or_none()


def binding_by_case(tx: Tx, case_ids: Iterable[str]) -> dict[str, Clock]:
    """The earliest running limit of each case, for lists; where none runs, what must run out before it goes on."""
    query = _OF_CASE.where(
        clocks.c.case_id.in_(list(case_ids)),
        clocks.c.state.in_(["running", "paused"]),
    )
    found: dict[str, Clock] = {}
    for row in tx.run(query.order_by(clocks.c.kind, clocks.c.state.desc(), clocks.c.due_at, clocks.c.id)):
        found.setdefault(row.case_id, made(Clock, row))
    return found
