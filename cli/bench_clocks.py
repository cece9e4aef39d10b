"""`./dev bench clocks`: many clocks due in the same minute – how long until everybody is told, how late the last timer fires,
and what a person at work meanwhile notices.

Each case is real: a step with a legal limit and a timer that asks for it. The reminders of all cases (E1) are due at one
moment, the timers (E2) at another. Beside the worker a person completes a step again and again; the wait is measured.
"""

from __future__ import annotations

import re
import statistics
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Table, func, insert, select

from casework import areas
from casework.tables import appointments, notifications, persons
from cli.bench import HEAD
from engine import cases, definitions, lateness, worklist
from engine.bundle import bundle_of
from engine.calendar import ZONE
from engine.db import Database, connect, metadata, new_id
from engine.routing import Actor, Appointment
from engine.tables import cases as cases_table
from engine.tables import clocks, timers, user_tasks
from engine.tables import history as history_table
from tasks import sweep
from tasks.runtime import Settings, make_world

START = datetime(2026, 9, 14, 9, tzinfo=ZONE)
ACTOR = Actor("p0", "甲0", (Appointment("village_liaison", "village", "120115"),))
BATCH = 1_000
PEOPLE = 600


def model() -> bytes:
    """One step under `survey.assign` with its timer, and a chain for the person beside it."""
    properties = (
        '<zeebe:property name="tier" value="village"/><zeebe:property name="post" value="village_liaison"/>'
        '<zeebe:property name="term" value="objection.answer"/>'
    )
    task = (
        f'<bpmn:userTask id="t" name="答复"><bpmn:extensionElements><zeebe:userTask/><zeebe:properties>{properties}'
        "</zeebe:properties></bpmn:extensionElements></bpmn:userTask>"
        '<bpmn:boundaryEvent id="late" attachedToRef="t" cancelActivity="false"><bpmn:timerEventDefinition><bpmn:timeDate>'
        '=deadline("objection.answer")</bpmn:timeDate></bpmn:timerEventDefinition></bpmn:boundaryEvent><bpmn:endEvent id="n"/>'
        '<bpmn:sequenceFlow id="l" sourceRef="late" targetRef="n"/>'
    )
    body = (
        f'<bpmn:startEvent id="s"/><bpmn:endEvent id="e"/>{task}<bpmn:sequenceFlow id="f1" sourceRef="s" targetRef="t"/>'
        '<bpmn:sequenceFlow id="f2" sourceRef="t" targetRef="e"/>'
    )
    return (
        f'{HEAD}<bpmn:process id="due" isExecutable="true">{body}</bpmn:process></bpmn:definitions>'.encode()
    )


@dataclass(frozen=True, slots=True)
class Flood:
    """Seconds; `waits`: what a person's step took while the worker was at it."""

    database: str
    clocks: int
    reminders: float
    timers: float
    people: int
    wait_median: float
    wait_most: float
    wait_worst: float


def measure(url: str, count: int, told: Callable[[str], None]) -> Flood:
    """Fill an empty database with `count` cases due together and serve them."""
    db = Database(connect(url), make_world(Settings(), lambda: None))
    metadata.drop_all(db.engine)
    metadata.create_all(db.engine)
    with db.transaction() as tx:
        definitions.deploy(tx, bundle_of("due", {"due.bpmn": model()}), now=START)
        areas.load(tx)
        villages = [path for path, _ in areas.of_tier(tx, "village", START)]
        people: list[dict[str, Any]] = [
            {
                "id": f"p{n}",
                "name": f"甲{n}",
                "username": f"p{n}",
                "password": "-",
                "disabled": False,
                "failures": 0,
            }
            for n in range(PEOPLE)
        ]
        tx.run(insert(persons), people)
        held: list[dict[str, Any]] = [
            {
                "id": f"a{n}",
                "person": f"p{n}",
                "post": "village_liaison",
                "tier": "village",
                "area": villages[n % len(villages)],
                "valid_from": START.date(),
            }
            for n in range(PEOPLE)
        ]
        tx.run(insert(appointments), held)
        case_id = cases.start(tx, "due", now=START, area=villages[0], number="0", title="某", at=START)
    _multiply(db, case_id, villages, count - 1, told)
    with db.reading() as tx:
        half = tx.run(select(func.max(clocks.c.next_at))).scalar_one()
        end = tx.run(select(func.max(timers.c.due_at))).scalar_one()
    done, waits = threading.Event(), list[float]()
    person = threading.Thread(target=_work, args=(db, villages[0], done, waits))
    person.start()
    try:
        reminded = _serve(db, half, "提醒", told)
        fired = _serve(db, end, "定时", told)
    finally:
        done.set()
        person.join()
    with db.reading() as tx:
        lines = tx.run(select(notifications.c.person).distinct()).scalars().all()
        waiting = select(func.count()).select_from(timers).where(timers.c.state == "pending")
        open_ = tx.run(waiting.where(timers.c.due_at <= end))
        left = int(open_.scalar_one())
    assert left == 0, f"{left} timers were not fired"
    waits.sort()
    found = Flood(
        db.engine.dialect.name,
        count,
        reminded,
        fired,
        len(lines),
        statistics.median(waits),
        lateness.share(waits, 0.95),
        waits[-1],
    )
    db.engine.dispose()
    return found


def _serve(db: Database, now: datetime, what: str, told: Callable[[str], None]) -> float:
    """Sweep at the moment everything is due until nothing is; seconds."""
    begun, done, said = time.perf_counter(), 0, 0
    while turn := sweep.run_due(db, now):
        done += turn
        if done - said >= 10_000:
            said = done
            told(f"{db.engine.dialect.name} {what} {done}，{time.perf_counter() - begun:.0f} 秒")
    return time.perf_counter() - begun


def _work(db: Database, where: str, done: threading.Event, waits: list[float]) -> None:
    """A person does one step after another; how long each took."""
    number = 0
    while not done.is_set():
        number += 1
        with db.transaction() as tx:
            case_id = cases.start(
                tx, "due", now=START + timedelta(days=40), area=where, number=f"w{number}", title="某"
            )
        with db.reading() as tx:
            row = worklist.open_of_case(tx, case_id)[0]
        begun = time.perf_counter()
        with db.transaction() as tx:
            cases.complete(tx, ACTOR, row.id, row.revision, {}, START + timedelta(days=40))
        waits.append(time.perf_counter() - begun)
        done.wait(0.2)


# ------------------------------------------------------------------------------------------ many cases from one
def _multiply(
    db: Database, case_id: str, villages: list[str], count: int, told: Callable[[str], None]
) -> None:
    """Copies of a real case under new keys, in the rows of every ledger: a hundred thousand starts would take minutes."""
    with db.reading() as tx:
        case = dict(tx.run(select(cases_table).where(cases_table.c.id == case_id)).one()._mapping)
        rows = {
            table: [dict(r._mapping) for r in tx.run(select(table).where(table.c.case_id == case_id))]
            for table in (user_tasks, timers, clocks, history_table)
        }
    keys = sorted(set(re.findall(r"[0-9a-f]{32}", case["state"].decode("latin-1"))))
    for first in range(0, count, BATCH):
        with db.transaction() as tx:
            copies = [
                _copy(case, rows, keys, number, villages[number % len(villages)])
                for number in range(first, min(first + BATCH, count))
            ]
            tx.run(insert(cases_table), [made for made, _ in copies])
            for table in rows:
                tx.run(insert(table), [row for _, listed in copies for row in listed[table]])
        if first % 20_000 == 0:
            told(f"{db.engine.dialect.name} 准备 {first}/{count}")


def _copy(
    case: dict[str, Any], rows: dict[Table, list[dict[str, Any]]], keys: list[str], number: int, where: str
) -> tuple[dict[str, Any], dict[Table, list[dict[str, Any]]]]:
    names, case_id = {key: new_id() for key in keys}, new_id()
    state = re.sub(rb"[0-9a-f]{32}", lambda m: names[m[0].decode()].encode(), case["state"])
    made = {**case, "id": case_id, "number": str(number + 1), "area": where, "state": state}

    def renamed(row: dict[str, Any]) -> dict[str, Any]:
        found = {**row, "case_id": case_id, **({"area": where} if "area" in row else {})}
        for column in ("id", "token", "opened_by"):
            if isinstance(found.get(column), str):
                found[column] = re.sub(r"[0-9a-f]{32}", lambda m: names.get(m[0], m[0]), found[column])
        if "owners" in found:
            found["owners"] = [names.get(key, key) for key in found["owners"]]
        return found

    return made, {table: [renamed(row) for row in listed] for table, listed in rows.items()}


def show(found: Flood) -> str:
    """One line for people."""
    return (
        f"{found.database}: {found.clocks} 个时限同一分钟到点：提醒 {found.reminders:.0f} 秒发完，定时和到期提醒 {found.timers:.0f} 秒触发完"
        f"（最迟一个迟 {found.timers:.0f} 秒），{found.people} 人收到；其间一个人办一步：半数 {found.wait_median * 1000:.0f} 毫秒，"
        f"95% {found.wait_most * 1000:.0f} 毫秒，最慢 {found.wait_worst * 1000:.0f} 毫秒"
    )
