"""One step of a case: run the command, write what changed – state, tasks, jobs, timers, clocks, history – or nothing.

Everything that moves a token passes through `take`; the caller holds the case's row lock and commits.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select, update

from engine import clocks, clockwork, definitions, history, incidents, jobs, storable, subscriptions, worklist
from engine.calendar import ZONE
from engine.db import Tx, made
from engine.definitions import Pinned
from engine.errors import Conflict, NotFound
from engine.hosting import LegalHost, asked_by
from engine.model import Node
from engine.runner import Edit, advance, pack
from engine.runner.values import (
    Command,
    FinishJob,
    FireTimer,
    Host,
    How,
    Outcome,
    SetDue,
    Status,
    TraceEvent,
    Waiting,
    WaitKind,
)
from engine.tables import cases
from engine.tables import jobs as jobs_table
from engine.tables import timers as timers_table
from engine.world import ToPosts

TRACE_LIMIT = 400
"""Trace events kept per history row; what a longer automatic stretch did is counted."""


@dataclass
class Case:
    """A case under its row lock. Fields are the columns of `cases`; a step changes them and the row."""

    id: str
    number: str
    process: str
    pins: str
    area: str
    title: str
    status: str
    stage: str | None
    urgent: bool
    track: str | None
    revision: int
    state: bytes | None
    document: dict[str, dict[str, Any]]
    variables: dict[str, Any]
    conclusion: str | None
    opened_at: datetime
    opened_by: str | None
    seq: int
    head: str
    subject: str | None

    def __post_init__(self) -> None:
        self.edits: list[Edit] = []
        """What was stored since the last step, for the history."""
        self.clocks: list[clocks.Clock] | None = None
        """Read ahead for the coming step by who holds the lock and writes none of them before it."""
        self.troubled: bool | None = None  # the same: has it open incidents?

    def sections(self, path: str) -> dict[str, Any]:
        return sections_at(self.document, path)

    def store(self, path: str, section: str, values: Mapping[str, Any], *, repeats: bool | int) -> None:
        """Write a checked form into the document; a repeating section grows by one entry – or its entry of that number is put right."""
        self.edits.append((path, section, dict(values), repeats))
        store(self.document, path, section, values, repeats=repeats)


Document = dict[str, dict[str, Any]]


def store(
    document: Document, path: str, section: str, values: Mapping[str, Any], *, repeats: bool | int
) -> None:
    """Write values into a section of a document at a path (`Case.store`)."""
    if not isinstance(repeats, bool):
        entries = list(document[path][section])
        entries[repeats] = {**entries[repeats], **values}
        document[path][section] = entries
        return
    inherited = sections_at(document, path).get(section)
    home = document.setdefault(path, {})
    home[section] = [*(inherited or []), dict(values)] if repeats else {**(inherited or {}), **values}


def sections_at(document: Mapping[str, Mapping[str, Any]], path: str) -> dict[str, Any]:
    """What a token at `path` sees of a document: its own sections over those around it."""
    seen = dict(document.get("", {}))
    prefix = ""
    for segment in path.split("/") if path else ():
        prefix = f"{prefix}/{segment}" if prefix else segment
        seen.update(document.get(prefix, {}))
    return seen


COLUMNS = [cases.c[name] for name in Case.__dataclass_fields__]
LABELLED = [cases.c[name].label(f"case__{name}") for name in Case.__dataclass_fields__]


def case_of_row(row: Any) -> Case:
    """A case read together with something else, its columns labelled `case__…`."""
    return Case(**{name: getattr(row, f"case__{name}") for name in Case.__dataclass_fields__})


@dataclass(frozen=True, slots=True)
class Record:
    """What the history says about a step. `at`: when it happened (default: now)."""

    kind: str
    actor: str | None = None
    actor_name: str | None = None
    at: datetime | None = None
    payload: Mapping[str, Any] = field(default_factory=dict)


_LOCK = select(*COLUMNS).where(cases.c.id == bindparam("case")).with_for_update()


def lock(tx: Tx, case_id: str) -> Case:
    """The case under its row lock."""
    row = tx.run(_LOCK, {"case": case_id}).one_or_none()
    if row is None:
        raise NotFound("没有这件救助事项。", "No such case.")
    return made(Case, row)


def facts(case: Case, now: datetime) -> clocks.Facts:
    """The legal table in force on the day the case was opened applies until an application of it is accepted."""
    return clocks.Facts(case.opened_at.astimezone(ZONE).date(), case.track, now, case.area)


def host_of(
    tx: Tx,
    case: Case,
    pinned: Pinned,
    now: datetime,
    actors: Callable[..., list[str]] | None = None,
) -> Host:
    """What expressions of this case may ask: legal time, parameters, standards, decisions, who acted (default: by now)."""
    world, on = tx.world, now.astimezone(ZONE).date()
    return LegalHost(
        world.terms,
        world.calendar.of(case.area),
        decisions=pinned.decide,
        now=now,
        terms_on=facts(case, now).terms_on,
        standard=lambda key: world.standard(tx, case.area, key, on),
        actors=actors or (lambda *elements: worklist.actors_of(tx, case.id, elements)),
        register=lambda topic, key: world.register(tx, topic, asked_by(case.id, key, now)),
    )


def take(tx: Tx, case: Case, command: Command, record: Record, now: datetime) -> Outcome:
    """Run one command on a locked case and write all of it.

    Raises StepFailed (nothing is written: the caller rolls back and opens an incident), Conflict for a case that is over.
    """
    if case.status != "active":
        raise Conflict("这件事项已经办结。", "The case is closed.")
    pinned = definitions.pinned(tx, case.pins)
    outcome = advance(
        pinned.program, case.state, command, now, document=case.document, host=host_of(tx, case, pinned, now)
    )
    told = pack(command, case.edits)
    storable.must(outcome, told)
    calm = not case.urgent
    _adopt(case, outcome, pinned)
    moved = _clocks(tx, case, outcome, now)
    opened = _tasks(tx, case, outcome, command, record, moved.now, pinned, now)
    free = [row for row in opened if not row["assignee"]]
    outcome = _timed(tx, case, pinned, outcome, moved.now, now)
    _machine(tx, case, outcome, command, now)
    if moved.paused or moved.resumed or moved.ended:
        worklist.redate(tx, case.id, moved.now)
        touched = {c.id for c in (*moved.paused, *moved.resumed, *moved.ended)}
        retime(tx, case, pinned, moved.now, touched, now)
    ended, over = [closed.key for closed in outcome.closed], case.status != "active"
    incidents.settle(tx, case.id, ended, now, over=over, troubled=case.troubled)
    _write(tx, case, record, outcome, told, now)
    _thrown(tx, case, outcome, now)
    if free:
        tx.world.on_opened(tx, case, free, now)
    cut = {event.process for event in outcome.trace if event.event == "terminated"}
    if cut or over:
        tx.world.on_cut(tx, case, cut, now)
    if calm and case.urgent:
        tx.world.on_urgent(tx, case.id, case.number, case.area, now)
    return outcome


def key_of(command: Command) -> str | None:
    """The token a command is about, if it is about one."""
    return getattr(command, "key", None)


def _adopt(case: Case, outcome: Outcome, pinned: Pinned) -> None:
    case.state, case.variables = outcome.state, dict(outcome.variables)
    case.status = outcome.status.value
    case.revision += 1
    case.track = outcome.variables.get("track") or case.track
    urgency = outcome.variables.get("urgency")
    if urgency is not None:
        case.urgent = urgency <= 2
    conclusion = outcome.variables.get("conclusion")
    case.conclusion = str(conclusion) if conclusion else case.conclusion
    for entered in outcome.entered:
        case.stage = entered.stage or case.stage
    for waiting in outcome.opened:
        if waiting.kind is WaitKind.USER_TASK:
            case.stage = (
                stage_of(pinned, waiting.process, pinned.node(waiting.process, waiting.element)) or case.stage
            )


def stage_of(pinned: Pinned, process: str, node: Node) -> str | None:
    """The stage a node belongs to: its own, or that of the sub-process around it, or of its process."""
    nodes = pinned.processes[process].nodes
    at: Node | None = node
    while at is not None:
        if "stage" in at.properties:
            return at.properties["stage"]
        at = nodes.get(at.scope) if at.scope != process else None  # a node may be called like its process
    return pinned.processes[process].properties.get("stage")


def _clocks(tx: Tx, case: Case, outcome: Outcome, now: datetime) -> clocks.Change:
    statutory = [e for e in outcome.entered if e.terms or e.pauses or e.stops]
    asks = any(w.kind is WaitKind.USER_TASK or w.basis for w in outcome.opened)
    if not (statutory or outcome.left or asks):
        return clocks.Change()
    known = case.clocks if case.clocks is not None else clocks.of_case(tx, case.id)
    case.clocks = None
    if not (statutory or known):
        return clocks.Change(now=known)
    change = clocks.change(tx.world, case.id, known, outcome.entered, outcome.left, facts(case, now))
    clocks.write(tx, change)
    if outcome.status is not Status.ACTIVE:
        clocks.stop_all(tx, case.id, now)
    for clock in change.added:
        if clock.provisional:
            years = range(clock.started_at.astimezone(ZONE).year, clock.due.year + 1)
            calendar_wanted(tx, case.area, next(y for y in years if not tx.world.calendar.knows(y)), now)
    return change


CALENDAR_POSTS = ("district_assistance_office", "system_admin")


def calendar_wanted(tx: Tx, area: str, year: int, now: datetime) -> None:
    """A date is provisional: the officers who load calendars are told, once for each year."""
    text = "已有在办事项的时限算到这一年，暂按周末和法定节日计算，标为“未定”。通知公布后，请在“日历与时限”装入，系统自动重算。"
    told = ToPosts(CALENDAR_POSTS, area, "calendar", f"请装入 {year} 年放假安排", text, once=True)
    tx.world.tell(tx, told, now)


def _tasks(
    tx: Tx,
    case: Case,
    outcome: Outcome,
    command: Command,
    record: Record,
    live: Sequence[clocks.Clock],
    pinned: Pinned,
    now: datetime,
) -> list[dict[str, Any]]:
    """End and open user tasks; the rows of those opened."""
    closed = [c for c in outcome.closed if c.kind is WaitKind.USER_TASK]
    done = [c.key for c in closed if c.how is How.COMPLETED]
    gone = [c.key for c in closed if c.how is How.TERMINATED]
    if done:
        worklist.end(tx, done, "completed", now, record.actor)
    if gone:
        worklist.end(tx, gone, "cancelled", now, record.actor)
    opened = [w for w in outcome.opened if w.kind is WaitKind.USER_TASK]
    if not opened:
        return []
    before = (
        str(record.payload.get("name") or "") if record.payload.get("element") else ""
    )  # a start bears the case's title
    came_from = "，".join(filter(None, [record.actor_name, before])) or None
    rows = []
    for waiting in opened:
        node = pinned.node(waiting.process, waiting.element)
        row = worklist.row_of(
            waiting,
            node,
            case_id=case.id,
            area=case.area,
            stage=stage_of(pinned, waiting.process, node) or case.stage,
            urgent=case.urgent,
            came_from=came_from,
            now=now,
            live=live,
        )
        row["opened_by"] = key_of(command)
        row["returned_from"] = record.payload.get("element") if record.kind == "task.sent_back" else None
        rows.append(row)
    worklist.add(tx, rows)
    return rows


def _machine(tx: Tx, case: Case, outcome: Outcome, command: Command, now: datetime) -> None:
    """Jobs, timers and subscriptions: end what no longer waits, add what waits now."""
    by_kind: dict[WaitKind, list[Any]] = {}
    for closed in outcome.closed:
        by_kind.setdefault(closed.kind, []).append(closed)
    for kind, table, word in (
        (WaitKind.JOB, jobs_table, "completed"),
        (WaitKind.TIMER, timers_table, "fired"),
    ):
        ended = by_kind.get(kind, [])
        # A cycle timer that fires waits again under a new key, so its row ends as fired too.
        main = command.key if isinstance(command, FinishJob | FireTimer) else None
        done = [c.key for c in ended if c.key == main]
        gone = [c.key for c in ended if c.key != main]
        if done:
            jobs.end(tx, table, done, word, now)
        if gone:
            jobs.end(tx, table, gone, "cancelled", now)
    heard = [c.key for kind in (WaitKind.MESSAGE, WaitKind.SIGNAL) for c in by_kind.get(kind, [])]
    if heard:
        subscriptions.close(tx, heard, now)
        dropped = [key for key in heard if key != key_of(command)]
        if dropped:
            tx.world.on_dropped(tx, dropped, now)
    opened: dict[WaitKind, list[Waiting]] = {}
    for waiting in outcome.opened:
        opened.setdefault(waiting.kind, []).append(waiting)
    if WaitKind.JOB in opened:
        jobs.add_jobs(tx, case.id, opened[WaitKind.JOB], now, key_of(command))
        tx.after_commit("worker", tx.world.bell)
    if WaitKind.TIMER in opened:
        jobs.add_timers(tx, case.id, opened[WaitKind.TIMER], now)
    listening = opened.get(WaitKind.MESSAGE, []) + opened.get(WaitKind.SIGNAL, [])
    if listening:
        subscriptions.add(tx, case.id, listening, now)


def _timed(
    tx: Tx, case: Case, pinned: Pinned, outcome: Outcome, known: Sequence[clocks.Clock], now: datetime
) -> Outcome:
    """Timers armed by this step keep the date of the clock they ask, from the first moment on."""
    due = {w.key: clockwork.asked(tx.world, known, w) for w in outcome.opened if w.kind is WaitKind.TIMER}
    due = {w.key: due[w.key] for w in outcome.opened if w.key in due and due[w.key] != w.due}
    if not due:
        return outcome
    set_due(tx, case, pinned, due, now)
    return replace(
        outcome, opened=tuple(replace(w, due=due[w.key]) if w.key in due else w for w in outcome.opened)
    )


def set_due(tx: Tx, case: Case, pinned: Pinned, due: Mapping[str, datetime | None], now: datetime) -> None:
    """Give waiting timers another instant in the state of the case (None: suspended); the caller writes state and rows."""
    host = host_of(tx, case, pinned, now)
    outcome = advance(pinned.program, case.state, SetDue(due), now, document=case.document, host=host)
    case.state = outcome.state


def retime(
    tx: Tx,
    case: Case,
    pinned: Pinned,
    known: Sequence[clocks.Clock],
    touched: Collection[str],
    now: datetime,
) -> list[tuple[str, datetime | None]]:
    """Give the timers that ask these clocks (ids) their new instant, in the state and in the rows: none while the clock stands."""
    rows = tx.run(
        select(timers_table).where(
            timers_table.c.case_id == case.id,
            timers_table.c.state == "pending",
            timers_table.c.basis.is_not(None),
        )
    )
    due: dict[str, datetime | None] = {}
    for row in rows:
        timer = clockwork.Timer(row.id, row.owners, row.path, row.basis or {})
        clock = clockwork.clock_of(known, timer)
        if clock is not None and clock.id in touched:
            due[row.id] = clockwork.fires(tx.world, clock, timer)
    if due:
        set_due(tx, case, pinned, due, now)
        jobs.move(tx, list(due.items()), now)
    return list(due.items())


def brief(trace: Sequence[TraceEvent]) -> list[dict[str, Any]]:
    """The trace as stored: short keys, nothing empty."""
    kept: list[dict[str, Any]] = [
        {
            "e": event.event,
            "p": event.process,
            "n": event.element,
            **({"t": event.type} if event.event != "taken" else {}),
            **({"w": dict(event.what)} if event.what else {}),
        }
        for event in trace[:TRACE_LIMIT]
    ]
    if len(trace) > TRACE_LIMIT:
        kept.append({"e": "more", "n": len(trace) - TRACE_LIMIT})
    return kept


_WRITE = update(cases).where(cases.c.id == bindparam("key"))


def _write(tx: Tx, case: Case, record: Record, outcome: Outcome, told: bytes, now: datetime) -> None:
    payload = {**record.payload, "trace": brief(outcome.trace)}
    if outcome.warnings:
        payload["warnings"] = [
            {"element": w.element, "expression": w.expression, "message": w.message} for w in outcome.warnings
        ]
    note(tx, case, record, payload, now, told)
    case.edits = []
    values = {
        "key": case.id,
        "state": case.state,
        "document": case.document,
        "variables": case.variables,
        "status": case.status,
        "stage": case.stage,
        "urgent": case.urgent,
        "track": case.track,
        "conclusion": case.conclusion,
        "area": case.area,
        "title": case.title,
        "revision": case.revision,
        "closed_at": None if case.status == "active" else now,
        "seq": case.seq,
        "head": case.head,
    }
    tx.write(_WRITE, values)


def note(
    tx: Tx,
    case: Case,
    record: Record,
    payload: Mapping[str, Any],
    now: datetime,
    command: bytes | None = None,
) -> None:
    """Add a row to the case's chain; the caller writes `seq` and `head` with the case."""
    case.seq += 1
    case.head = history.append(
        tx,
        case.id,
        case.seq,
        case.head,
        record.kind,
        at=record.at or now,
        now=now,
        actor=record.actor,
        payload=payload,
        command=command,
    )


def write_head(tx: Tx, case: Case) -> None:
    """Store chain and revision after a `note` that moved no token."""
    case.revision += 1
    tx.write(
        update(cases)
        .where(cases.c.id == case.id)
        .values(
            seq=case.seq,
            head=case.head,
            revision=case.revision,
            document=case.document,
            area=case.area,
            title=case.title,
        )
    )


def _thrown(tx: Tx, case: Case, outcome: Outcome, now: datetime) -> None:
    """What was thrown goes on its way; the worker delivers it."""
    for thrown in outcome.thrown:
        subscriptions.put(
            tx, thrown.name, thrown.correlation, thrown.variables, now, kind=thrown.kind, sender=case.id
        )
        tx.after_commit("worker", tx.world.bell)
