"""`xunzhen bench`: what one step costs beyond its SQL, and whether it grows with a case's age.

The floor is the very same SQL: every statement a run executes is recorded with its parameters and played again on a
twin database without an engine, in the same transactions, interleaved round by round. Only the ratios mean anything.
"""

from __future__ import annotations

import itertools
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import typer
from sqlalchemy import Engine, select

from engine import cases, definitions
from engine.bundle import bundle_of
from engine.db import Database, Tx, connect, metadata
from engine.routing import Actor, Appointment
from engine.tables import user_tasks
from engine.world import World
from tasks.runtime import Settings, make_world

ACTOR = Actor("bench", "基准", (Appointment("town_civil_officer", "town", "120115/120115100"),))
NOW = datetime(2026, 9, 14, 2, tzinfo=UTC)
CHAIN = 10
LOOP = 500

HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"
 xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" id="d" targetNamespace="urn:bench">"""


def _task(number: int) -> str:
    return (
        f'<bpmn:userTask id="t{number}" name="第{number}步"><bpmn:extensionElements><zeebe:userTask/><zeebe:properties>'
        '<zeebe:property name="tier" value="town"/><zeebe:property name="post" value="town_civil_officer"/>'
        f'</zeebe:properties></bpmn:extensionElements></bpmn:userTask><bpmn:boundaryEvent id="b{number}" '
        f'attachedToRef="t{number}" cancelActivity="false"><bpmn:timerEventDefinition><bpmn:timeDuration>P7D'
        f'</bpmn:timeDuration></bpmn:timerEventDefinition></bpmn:boundaryEvent><bpmn:endEvent id="e{number}"/>'
        f'<bpmn:sequenceFlow id="l{number}" sourceRef="b{number}" targetRef="e{number}"/>'
    )


def chain() -> bytes:
    """Start, ten user tasks with a boundary timer each, end."""
    nodes = ["s", *(f"t{n}" for n in range(CHAIN)), "e"]
    flows = "".join(
        f'<bpmn:sequenceFlow id="f{i}" sourceRef="{a}" targetRef="{b}"/>'
        for i, (a, b) in enumerate(itertools.pairwise(nodes))
    )
    body = '<bpmn:startEvent id="s"/><bpmn:endEvent id="e"/>' + "".join(map(_task, range(CHAIN))) + flows
    return f'{HEAD}<bpmn:process id="chain" isExecutable="true">{body}</bpmn:process></bpmn:definitions>'.encode()


def loop() -> bytes:
    """A user task that comes round again for ever."""
    body = (
        '<bpmn:startEvent id="s"/><bpmn:exclusiveGateway id="again"/>'
        + _task(0)
        + '<bpmn:sequenceFlow id="f1" sourceRef="s" targetRef="again"/><bpmn:sequenceFlow id="f2" sourceRef="again" targetRef="t0"/>'
        '<bpmn:sequenceFlow id="f3" sourceRef="t0" targetRef="again"/>'
    )
    return (
        f'{HEAD}<bpmn:process id="loop" isExecutable="true">{body}</bpmn:process></bpmn:definitions>'.encode()
    )


@dataclass(frozen=True, slots=True)
class Figures:
    """Milliseconds are medians; ratios are medians of the rounds' ratios."""

    database: str
    step_ms: float
    bare_ms: float
    of_bare: float
    statements: int
    growth: float


class Recording(Tx):
    """A Tx that remembers what it ran."""

    def __init__(self, connection: Any, world: World) -> None:
        super().__init__(connection, world)
        self.script: list[tuple[Any, Any]] = []

    def run(self, statement: Any, parameters: Any = None) -> Any:
        self.script.append((statement, parameters))
        return super().run(statement, parameters)


def _timed(db: Database, work: Callable[[Tx], None]) -> tuple[float, list[tuple[Any, Any]]]:
    """Run one transaction; seconds from begin to commit, and its statements."""
    begun = time.perf_counter()
    with db.engine.connect() as connection:
        tx = Recording(connection, db.world)
        work(tx)
        tx.commit()
    return time.perf_counter() - begun, tx.script


def _play(engine: Engine, script: list[tuple[Any, Any]]) -> float:
    """The same statements with the same parameters, without an engine."""
    begun = time.perf_counter()
    with engine.connect() as connection:
        for statement, parameters in script:
            result = connection.execute(statement, parameters)
            if result.returns_rows:
                result.fetchall()
        connection.commit()
    return time.perf_counter() - begun


def _open_task(db: Database, case_id: str) -> Any:
    with db.reading() as tx:
        query = select(user_tasks.c.id, user_tasks.c.revision)
        return tx.run(query.where(user_tasks.c.case_id == case_id, user_tasks.c.state == "open")).one()


def _complete(row: Any, now: datetime) -> Callable[[Tx], None]:
    return lambda tx: void(cases.complete(tx, ACTOR, row.id, row.revision, {}, now))


def _deployed(key: str, model: bytes) -> Callable[[Tx], None]:
    return lambda tx: void(definitions.deploy(tx, bundle_of(key, {f"{key}.bpmn": model}), now=NOW))


def void(_result: object) -> None:
    return None


def _case(db: Database, bare: Engine, process: str, number: int) -> str:
    made: list[str] = []

    def begin(tx: Tx) -> None:
        made.append(
            cases.start(
                tx,
                process,
                now=NOW,
                area="120115/120115100/120115100201",
                number=f"{process}-{number}",
                title="甲",
            )
        )

    _, script = _timed(db, begin)
    _play(bare, script)
    return made[0]


def measure(url: str, twin: str, rounds: int, told: Callable[[str], None] = lambda _line: None) -> Figures:
    """Run both benchmarks on `url`, with the floor on `twin` (both are emptied)."""
    settings = Settings()
    db = Database(connect(url), make_world(settings, lambda: None))
    bare = connect(twin)
    for engine in (db.engine, bare):
        metadata.drop_all(engine)
        metadata.create_all(engine)
    for key, model in (("chain", chain()), ("loop", loop())):
        _, script = _timed(db, _deployed(key, model))
        _play(bare, script)
    ratios, steps, floors, statements = [], [], [], 0
    for number in range(rounds):
        case_id = _case(db, bare, "chain", number)
        with_engine, without = [], []
        for step in range(CHAIN - 1):
            seconds, script = _timed(db, _complete(_open_task(db, case_id), NOW + timedelta(minutes=step)))
            with_engine.append(seconds)
            without.append(_play(bare, script))
            statements = max(statements, len(script))
        steps.append(statistics.median(with_engine))
        floors.append(statistics.median(without))
        ratios.append(steps[-1] / floors[-1])
        told(f"{db.engine.dialect.name} {number + 1}/{rounds}")
    growth = _growth(db, bare, told)
    db.engine.dispose()
    bare.dispose()
    return Figures(
        db.engine.dialect.name,
        statistics.median(steps) * 1000,
        statistics.median(floors) * 1000,
        statistics.median(ratios),
        statements,
        growth,
    )


def _growth(db: Database, bare: Engine, told: Callable[[str], None]) -> float:
    """Cost around step 500 of one case against cost around its step 5."""
    case_id = _case(db, bare, "loop", 0)
    seconds = []
    for step in range(LOOP):
        seconds.append(_timed(db, _complete(_open_task(db, case_id), NOW + timedelta(minutes=step)))[0])
        if step % 100 == 99:
            told(f"{db.engine.dialect.name} loop {step + 1}/{LOOP}")
    return statistics.median(seconds[-25:]) / statistics.median(seconds[2:27])


def bench(
    database: Annotated[
        list[str] | None,
        typer.Option(help="数据库地址，成对给出：被测库与对照库（都会被清空）。默认：临时 SQLite"),
    ] = None,
    rounds: Annotated[int, typer.Option(min=3, help="轮数")] = 15,
) -> None:
    """一步的代价与同样的 SQL 相比，以及第 500 步与第 5 步相比。(Cost of a step against the same SQL.)"""
    with tempfile.TemporaryDirectory() as folder:
        local = [f"sqlite:///{Path(folder) / name}.db" for name in ("engine", "bare")]
        urls = database or local
        if len(urls) % 2:
            raise typer.BadParameter("数据库地址须成对给出")
        for url, twin in zip(urls[::2], urls[1::2], strict=True):
            show(measure(url, twin, rounds, lambda line: typer.echo(f"  {line}", err=True)))


TARGETS = {"sqlite": 3.0, "postgresql": 1.4}


def show(figures: Figures) -> None:
    target = TARGETS[figures.database]
    verdict = "达标" if figures.of_bare <= target else "未达标"
    typer.echo(
        f"{figures.database}: 一步 {figures.step_ms:.2f} ms，同样 SQL {figures.bare_ms:.2f} ms，"
        f"倍数 {figures.of_bare:.2f}（目标 ≤ {target}，{verdict}），{figures.statements} 条语句，1 次提交；"
        f"第 500 步/第 5 步 {figures.growth:.2f}（目标 ≤ 1.2）"
    )
