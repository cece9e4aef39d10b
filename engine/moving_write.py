"""Writing a case's move to another version: state, pins, and the rows of every ledger, under the same ids."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Table, select, update

from engine import clocks, clockwork, definitions, jobs, step, subscriptions, worklist
from engine.db import Tx
from engine.definitions import Pinned
from engine.incidents import settle
from engine.replay import Moves, Replayed, renamed
from engine.runner.values import Entered, How, Left, Waiting, WaitKind
from engine.step import Case, Record, stage_of
from engine.tables import cases, incidents, user_tasks
from engine.tables import jobs as jobs_table
from engine.tables import subscriptions as subscriptions_table
from engine.tables import timers as timers_table

LEDGERS: dict[WaitKind, tuple[Table, tuple[str, ...]]] = {
    WaitKind.USER_TASK: (user_tasks, ("open",)),
    WaitKind.JOB: (jobs_table, ("ready", "failed")),
    WaitKind.TIMER: (timers_table, ("pending", "failed")),
    WaitKind.MESSAGE: (subscriptions_table, ("open",)),
    WaitKind.SIGNAL: (subscriptions_table, ("open",)),
}


def write(
    tx: Tx,
    case: Case,
    target: Pinned,
    replayed: Replayed,
    moves: Moves,
    record: Record,
    now: datetime,
) -> None:
    """Everything at once; the caller holds the case's lock and has judged that it may."""
    assert replayed.state is not None
    known = clocks.of_case(tx, case.id)
    names = {new: old for old, new in _with_clocks(replayed, known, moves).items()}
    state = renamed(replayed.state, names)
    waiting = {w.key: w for w in (_called(w, names) for w in replayed.waiting.values())}
    entered = [_called(e, names) for e in replayed.entered.values()]
    case.state, case.variables = state, dict(replayed.variables)
    case.pins = definitions.stored(tx, target.deployments)
    change = _clocks(tx, case, known, entered, now)
    live = {row.id: row for row in _rows(tx, case.id)}
    due: dict[str, datetime | None] = {}
    for key, found in waiting.items():
        if found.kind is WaitKind.TIMER:
            stays = key in live and _asks(live[key].basis) == _asks(found.basis)
            due[key] = live[key].due_at if stays else clockwork.asked(tx.world, change.now, found)
            waiting[key] = replace(found, due=due[key])
    if due:
        step.set_due(tx, case, target, due, now)
    for key, row in live.items():
        if key in waiting:
            _kept(tx, case, target, row, waiting[key], change.now, now)
        else:
            _gone(tx, row, now)
    settle(tx, case.id, [key for key in live if key not in waiting], now)
    _new(tx, case, target, [w for key, w in waiting.items() if key not in live], change.now, record, now)
    for (process, element), (to_process, to_element) in moves.renamed.items():
        i = incidents.c
        same = (i.case_id == case.id, i.state == "open", i.process == process, i.element == element)
        tx.run(update(incidents).where(*same).values(process=to_process, element=to_element))
    stages = [stage_of(target, w.process, target.node(w.process, w.element)) for w in waiting.values()]
    case.stage = next((stage for stage in stages if stage), case.stage)
    worklist.redate(tx, case.id, change.now)
    step.note(tx, case, record, record.payload, now)
    tx.run(
        update(cases)
        .where(cases.c.id == case.id)
        .values(pins=case.pins, state=case.state, variables=case.variables, stage=case.stage)
    )
    step.write_head(tx, case)


def _with_clocks(replayed: Replayed, known: list[clocks.Clock], moves: Moves) -> dict[str, str]:
    """The twins, and beside them the nodes whose clocks run, or that hold one, although nothing waits directly in them."""
    twins = dict(replayed.twins)
    places = {clock.token: (clock.process, clock.element) for clock in known if clock.live}
    holding = [p for clock in known for p in clock.pauses if p.get("to") is None and "element" in p]
    places |= {p["token"]: (p["process"], p["element"]) for p in holding}
    for token, at in places.items():
        if token in twins:
            continue
        place, taken = moves.of(at), set(twins.values())
        same = [
            e for e in replayed.entered.values() if (e.process, e.element) == place and e.key not in taken
        ]
        if same:
            twins[token] = same[0].key
    return twins


W = TypeVar("W", Waiting, Entered)


def _called(waiting: W, names: Mapping[str, str]) -> W:
    """A wait, or a node that was entered, under the case's own keys, its path included."""
    short = {new[:8]: old[:8] for new, old in names.items()}
    path = re.sub(r"(?<=:)[0-9a-f]{8}(?=#)", lambda m: short.get(m[0], m[0]), waiting.path)
    owners = tuple(names.get(key, key) for key in waiting.owners)
    return replace(waiting, key=names.get(waiting.key, waiting.key), owners=owners, path=path)


def _clocks(
    tx: Tx, case: Case, known: list[clocks.Clock], entered: list[Entered], now: datetime
) -> clocks.Change:
    """Running clocks stay as they are; those of terms the new version no longer has stop, new ones start when they should have."""
    facts = step.facts(case, now)

    def resolved(term: str) -> str:
        return tx.world.terms.get(term, facts.terms_on, facts.track).key

    running = {(c.token, c.term) for c in known}
    wanted = {(e.key, resolved(term)) for e in entered for term in e.terms}
    tokens = {e.key for e in entered}
    holders = {p["token"] for c in known for p in c.pauses if p.get("to") is None}
    standing = {c.token for c in known if c.live} | holders
    left = [Left(token, How.TERMINATED) for token in sorted(standing - tokens)]
    fresh = [
        replace(
            e, terms=tuple(t for t in e.terms if (e.key, resolved(t)) not in running), pauses=(), stops=()
        )
        for e in entered
    ]
    change = clocks.change(tx.world, case.id, known, [e for e in fresh if e.terms], left, facts)
    clocks.write(tx, change)
    dropped = [c for c in change.now if c.live and c.token in tokens and (c.token, c.term) not in wanted]
    for clock in dropped:
        clocks.rewrite(tx, clocks.stopped(clock, now))
    return replace(change, now=[c for c in change.now if c not in dropped])


def _rows(tx: Tx, case_id: str) -> list[Any]:
    found: list[Any] = []
    for table, states in dict.fromkeys(LEDGERS.values()):
        found += tx.run(select(table).where(table.c.case_id == case_id, table.c.state.in_(states)))
    return found


def _gone(tx: Tx, row: Any, now: datetime) -> None:
    """A row nothing waits for any more. Only timers, subscriptions: live work is never dropped."""
    table = row._mapping
    if "due_at" in table and "basis" in table:
        jobs.end(tx, timers_table, [row.id], "cancelled", now)
    else:
        subscriptions.close(tx, [row.id], now)


def _asks(basis: Mapping[str, Any] | None) -> tuple[Any, ...] | None:
    """The clock a timer asks, and for which part of it."""
    return (basis["term"], datetime.fromisoformat(basis["start"]), basis.get("share")) if basis else None


def _kept(
    tx: Tx, case: Case, target: Pinned, row: Any, found: Waiting, live: list[clocks.Clock], now: datetime
) -> None:
    """A row goes on under its id: dates, holder, draft, attempts stay; what the drawing says of it is said anew."""
    table, _ = LEDGERS[found.kind]
    common = {"process": found.process, "element": found.element}
    if found.kind is WaitKind.TIMER:
        common |= {"owners": list(found.owners), "path": found.path}  # type: ignore[dict-item]
        if _asks(row.basis) != _asks(found.basis):
            serial = tx.world.calendar.serial if found.basis else None
            common |= {"basis": found.basis, "due_at": found.due, "calendar": serial}  # type: ignore[dict-item]
    elif found.kind in (WaitKind.MESSAGE, WaitKind.SIGNAL):
        common |= {"name": found.name, "correlation": found.correlation}  # type: ignore[dict-item]
    elif found.kind is WaitKind.USER_TASK:
        common |= _task(case, target, row, found, live, now)
    old = {key: getattr(row, key) for key in common}
    if common != old:
        if found.kind is WaitKind.USER_TASK:
            common["revision"] = row.revision + 1
        tx.run(update(table).where(table.c.id == row.id).values(**common))
        if found.kind is WaitKind.MESSAGE:
            subscriptions.look_again(tx, row.id, now)


SAID = (
    "name",
    "stage",
    "area",
    "tier",
    "posts",
    "assignee",
    "form",
    "owners",
    "together",
    "recuse",
    "priority",
    "follow_up",
)
ROUTED = ("area", "tier", "posts", "assignee")


def _task(
    case: Case, target: Pinned, row: Any, found: Waiting, live: list[clocks.Clock], now: datetime
) -> dict[str, Any]:
    """What the new drawing says of a task. Routed elsewhere it goes back to be claimed there, unless it was handed to somebody."""
    said = worklist.row_of(
        found,
        target.node(found.process, found.element),
        case_id=case.id,
        area=case.area,
        stage=stage_of(target, found.process, target.node(found.process, found.element)) or row.stage,
        urgent=row.urgent,
        came_from=row.came_from,
        now=now,
        live=live,
    )
    values = {key: said[key] for key in SAID}
    if any(values[key] != getattr(row, key) for key in ROUTED):
        values["holder"] = said["holder"]
    if values["form"] != row.form:
        values |= {"draft": None, "acted": []}
    return values


def _new(
    tx: Tx,
    case: Case,
    target: Pinned,
    opened: list[Waiting],
    live: list[clocks.Clock],
    record: Record,
    now: datetime,
) -> None:
    """What waits now and did not before."""
    by_kind: dict[WaitKind, list[Waiting]] = {}
    for waiting in opened:
        by_kind.setdefault(waiting.kind, []).append(waiting)
    tasks = []
    for waiting in by_kind.get(WaitKind.USER_TASK, []):
        node = target.node(waiting.process, waiting.element)
        stage = stage_of(target, waiting.process, node) or case.stage
        made = worklist.row_of(
            waiting,
            node,
            case_id=case.id,
            area=case.area,
            stage=stage,
            urgent=case.urgent,
            came_from=record.actor_name,
            now=now,
            live=live,
        )
        tasks.append(made)
    if tasks:
        worklist.add(tx, tasks)
    if WaitKind.JOB in by_kind:
        jobs.add_jobs(tx, case.id, by_kind[WaitKind.JOB], now)
    if WaitKind.TIMER in by_kind:
        jobs.add_timers(tx, case.id, by_kind[WaitKind.TIMER], now)
    if WaitKind.JOB in by_kind or WaitKind.TIMER in by_kind:
        tx.after_commit("worker", tx.world.bell)
    listening = by_kind.get(WaitKind.MESSAGE, []) + by_kind.get(WaitKind.SIGNAL, [])
    if listening:
        subscriptions.add(tx, case.id, listening, now)
