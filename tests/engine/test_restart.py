"""The same story with and without restarts: after every command the database is opened anew and nothing is remembered.

Small, but with what the F-1 line has: a stage under a term with its timer, a form, a job, several people's items, a call, a message.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Table, select

from engine import cases, definitions, jobs, messages, worklist
from engine.bundle import Bundle
from engine.db import Database, connect, metadata
from engine.tables import cases as cases_table
from engine.tables import clocks, history, timers, user_tasks
from engine.tables import jobs as jobs_table
from tests.engine.models import NOW, VILLAGE, bundle, flow, form, job, process, town, user_task

ACTOR = town("甲")
MESSAGE = (
    '<bpmn:message id="m" name="paid"><bpmn:extensionElements><zeebe:subscription correlationKey="=voucher"/>'
    "</bpmn:extensionElements></bpmn:message>"
)
LATE = (
    '<bpmn:boundaryEvent id="late" attachedToRef="verify" cancelActivity="false"><bpmn:timerEventDefinition>'
    "<bpmn:timeDate>=deadline(&quot;survey.assign&quot;)</bpmn:timeDate></bpmn:timerEventDefinition></bpmn:boundaryEvent>"
)
MANY = (
    '<bpmn:multiInstanceLoopCharacteristics><bpmn:extensionElements><zeebe:loopCharacteristics inputCollection="=[1, 2]" '
    'inputElement="item"/></bpmn:extensionElements></bpmn:multiInstanceLoopCharacteristics>'
)
VISITS = f'<bpmn:subProcess id="visits">{MANY}{user_task("visit")}</bpmn:subProcess>'
CALL = '<bpmn:callActivity id="notice" calledElement="notice_process"/>'
BODY = (
    user_task("verify", '<zeebe:formDefinition formId="verify"/>', term="survey.assign")
    + LATE
    + user_task("urged")
    + VISITS
    + CALL
    + job("pay", "x.pay")
    + '<bpmn:receiveTask id="paid" messageRef="m"/>'
    + flow("start", "verify", "visits", "notice", "pay", "paid", "end")
    + flow("late", "urged")
)
AMOUNT = {"type": "number", "key": "amount", "label": "金额", "validate": {"required": True}}
Do = Callable[[Any, str, datetime], None]


def made() -> Bundle:
    called = process("notice_process", user_task("post") + flow("start", "post", "end"))
    files = {"verify__form": form("verify", "verification", AMOUNT), "notice_process__bpmn": called}
    return bundle("line", BODY, MESSAGE, **files)


def complete(element: str, **values: Any) -> Do:
    def go(tx: Any, case: str, now: datetime) -> None:
        row = min((t for t in worklist.open_of_case(tx, case) if t.element == element), key=lambda t: t.path)
        cases.complete(tx, ACTOR, row.id, row.revision, values, now)

    return go


def fire(tx: Any, case: str, now: datetime) -> None:
    due = tx.run(
        select(timers.c.id).where(timers.c.case_id == case, timers.c.state == "pending")
    ).scalar_one()
    assert cases.fire_timer(tx, due, now)


def fail_once(tx: Any, _case: str, now: datetime) -> None:
    (leased,) = jobs.lease_jobs(tx, now)
    assert cases.fail_job(tx, leased.id, "boom", "坏了", now) is False


def finish(tx: Any, _case: str, now: datetime) -> None:
    (leased,) = jobs.lease_jobs(tx, now)
    cases.finish_job(tx, leased.id, {"receipt": "r1"}, now)


def pay(tx: Any, case: str, now: datetime) -> None:
    assert messages.deliver(tx, "paid", "v1", {"sum": 5}, now=now) == [case]


STORY: list[tuple[timedelta, Do]] = [
    (timedelta(days=3), fire),
    (timedelta(hours=1), complete("urged")),
    (timedelta(hours=1), complete("verify", amount=500)),
    (timedelta(hours=1), complete("visit")),
    (timedelta(hours=1), complete("visit")),
    (timedelta(hours=1), complete("post")),
    (timedelta(hours=1), fail_once),
    (timedelta(hours=2), finish),
    (timedelta(hours=1), pay),
]


def play(db: Database, *, restart: bool) -> dict[str, list[dict[str, Any]]]:
    """The story on an empty database, then every row it left – ids by order of appearance, no hashes."""
    metadata.drop_all(db.engine)
    metadata.create_all(db.engine)
    url, world, now = db.engine.url.render_as_string(hide_password=False), db.world, NOW
    at = Database(connect(url), world)
    with at.transaction() as tx:
        definitions.deploy(tx, made(), now=now)
        case = cases.start(
            tx, "line", now=now, area=VILLAGE, number="line-1", title="某", variables={"voucher": "v1"}
        )
    for wait, do in STORY:
        if restart:
            at.engine.dispose()
            definitions._cache.clear()
            at = Database(connect(url), world)
        now += wait
        with at.transaction() as tx:
            do(tx, case, now)
    with at.reading() as tx:
        found = {
            table.name: rows(tx, table)
            for table in (cases_table, user_tasks, timers, jobs_table, clocks, history)
        }
    at.engine.dispose()
    return named(found)


def rows(tx: Any, table: Table) -> list[dict[str, Any]]:
    drawn = {"state", "head", "hash", "previous", "salt", "digest"} if table.name != "user_tasks" else set()
    if table.name not in ("cases", "history"):
        drawn -= {"state"}  # of a ledger row: a word; of a case: bytes with the keys of tokens
    columns = [c for c in table.c if c.name not in drawn]
    order = [
        c
        for name in ("seq", "created_at", "opened_at", "started_at", "element", "path")
        for c in table.c
        if c.name == name
    ]
    return [dict(row._mapping) for row in tx.run(select(*columns).order_by(*order))]


def named(found: dict[str, list[dict[str, Any]]]) -> dict[str, list[dict[str, Any]]]:
    """Random ids become numbers in the order they are met."""
    known: dict[str, str] = {}

    def plain(text: str) -> str:
        return re.sub(
            r"[0-9a-f]{32}|(?<=:)[0-9a-f]{8}(?=#)", lambda m: known.setdefault(m[0], f"id{len(known)}"), text
        )

    return {
        table: sorted(
            ({k: plain(repr(v)) for k, v in row.items()} for row in listed),
            key=lambda r: (r.get("seq", ""), r.get("element", "")),
        )
        for table, listed in found.items()
    }


@pytest.fixture
def uninterrupted(db: Database) -> dict[str, list[dict[str, Any]]]:
    return play(db, restart=False)


def test_a_case_reopened_after_every_command_ends_with_the_same_rows(
    db: Database, uninterrupted: dict[str, list[dict[str, Any]]]
) -> None:
    restarted = play(db, restart=True)
    assert uninterrupted["cases"][0]["status"] == "'completed'"
    assert len(uninterrupted["user_tasks"]) == 5
    assert {row["state"] for row in uninterrupted["clocks"]} == {"'stopped'"}
    for table, listed in uninterrupted.items():
        assert restarted[table] == listed, table
