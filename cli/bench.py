"""`xunzhen bench`: what one step costs beyond its SQL, and whether it grows with a case's age.

The floor is the very same SQL: every statement a run executes is recorded with its parameters and played again on a
twin database without an engine, in the same transactions, interleaved round by round. Only the ratios mean anything.
On PostgreSQL a second twin plays it as we do, the writes in one round trip: that is what the engine itself costs.
"""

from __future__ import annotations

import itertools
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import typer
from sqlalchemy import select

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
    """Milliseconds are medians; ratios are medians of the rounds' ratios. `of_together`: of the SQL with its writes in one round trip."""

    database: str
    step_ms: float
    bare_ms: float
    of_bare: float
    of_together: float
    statements: int
    growth: float


Script = list[tuple[Any, Any, bool]]
"""Statement, parameters, whether nobody asks its result."""


class Recording(Tx):
    """A Tx that remembers what it ran."""

    def __init__(self, connection: Any, world: World) -> None:
        super().__init__(connection, world)
        self.script: Script = []

    def run(self, statement: Any, parameters: Any = None) -> Any:
        self.script.append((statement, parameters, False))
        return super().run(statement, parameters)

    def write(self, statement: Any, parameters: Any = None) -> None:
        self.script.append((statement, parameters, True))
        super().write(statement, parameters)


def _timed(db: Database, work: Callable[[Tx], None]) -> tuple[float, Script]:
    """Run one transaction; seconds from begin to commit, and its statements."""
    begun = time.perf_counter()
    with db.engine.connect() as connection:
        tx = Recording(connection, db.world)
        work(tx)
        tx.commit()
    return time.perf_counter() - begun, tx.script


def _play(db: Database, script: Script, *, together: bool = False) -> float:
    """The same statements with the same parameters, without an engine. `together`: the writes in one round trip."""
    begun = time.perf_counter()
    with db.engine.connect() as connection:
        tx = Tx(connection, db.world)
        for statement, parameters, written in script:
            if together and written:
                tx.write(statement, parameters)
                continue
            result = tx.run(statement, parameters)
            if result.returns_rows:
                result.fetchall()
        tx.commit()
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


def _case(db: Database, twins: Sequence[Database], process: str, number: int) -> str:
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
    for twin in twins:
        _play(twin, script)
    return made[0]


def measure(
    url: str, plain: str, pipelined: str, rounds: int, told: Callable[[str], None] = lambda _line: None
) -> Figures:
    """Run both benchmarks on `url`, with the floors on the two others (all are emptied)."""
    world = make_world(Settings(), lambda: None)
    db, *twins = (Database(connect(each), world) for each in (url, plain, pipelined))
    for each in (db, *twins):
        metadata.drop_all(each.engine)
        metadata.create_all(each.engine)
    for key, model in (("chain", chain()), ("loop", loop())):
        _, script = _timed(db, _deployed(key, model))
        for twin in twins:
            _play(twin, script)
    steps, floors, together, statements = list[float](), list[float](), list[float](), 0
    for number in range(rounds):
        case_id = _case(db, twins, "chain", number)
        with_engine, without, written_together = [], [], []
        for step in range(CHAIN - 1):
            seconds, script = _timed(db, _complete(_open_task(db, case_id), NOW + timedelta(minutes=step)))
            with_engine.append(seconds)
            without.append(_play(twins[0], script))
            written_together.append(_play(twins[1], script, together=True))
            statements = max(statements, len(script))
        steps.append(statistics.median(with_engine))
        floors.append(statistics.median(without))
        together.append(statistics.median(written_together))
        told(f"{db.engine.dialect.name} {number + 1}/{rounds}")
    growth = _growth(db, twins, told)
    for each in (db, *twins):
        each.engine.dispose()
    return Figures(
        db.engine.dialect.name,
        statistics.median(steps) * 1000,
        statistics.median(floors) * 1000,
        statistics.median(a / b for a, b in zip(steps, floors, strict=True)),
        statistics.median(a / b for a, b in zip(steps, together, strict=True)),
        statements,
        growth,
    )


def _growth(db: Database, twins: Sequence[Database], told: Callable[[str], None]) -> float:
    """Cost around step 500 of one case against cost around its step 5."""
    case_id = _case(db, twins, "loop", 0)
    seconds = []
    for step in range(LOOP):
        seconds.append(_timed(db, _complete(_open_task(db, case_id), NOW + timedelta(minutes=step)))[0])
        if step % 100 == 99:
            told(f"{db.engine.dialect.name} loop {step + 1}/{LOOP}")
    return statistics.median(seconds[-25:]) / statistics.median(seconds[2:27])


def bench(
    database: Annotated[
        list[str] | None,
        typer.Option(help="数据库地址，三个一组给出：被测库与两个对照库（都会被清空）。默认：临时 SQLite"),
    ] = None,
    rounds: Annotated[int, typer.Option(min=3, help="轮数")] = 15,
) -> None:
    """一步的代价与同样的 SQL 相比，以及第 500 步与第 5 步相比。(Cost of a step against the same SQL.)"""
    with tempfile.TemporaryDirectory() as folder:
        local = [f"sqlite:///{Path(folder) / name}.db" for name in ("engine", "plain", "pipelined")]
        urls = database or local
        if len(urls) % 3:
            raise typer.BadParameter("数据库地址须三个一组给出")
        for group in zip(urls[::3], urls[1::3], urls[2::3], strict=True):
            show(measure(*group, rounds, lambda line: typer.echo(f"  {line}", err=True)))


TARGETS = {"sqlite": 3.0, "postgresql": 1.4}


def show(figures: Figures) -> None:
    target = TARGETS[figures.database]
    verdict = "达标" if figures.of_bare <= target else "未达标"
    piped = figures.database == "postgresql"
    engine = f"，写入合为一次往返的同样 SQL 的 {figures.of_together:.2f} 倍" if piped else ""
    typer.echo(
        f"{figures.database}: 一步 {figures.step_ms:.2f} ms，同样 SQL {figures.bare_ms:.2f} ms，"
        f"倍数 {figures.of_bare:.2f}（目标 ≤ {target}，{verdict}）{engine}，{figures.statements} 条语句，1 次提交；"
        f"第 500 步/第 5 步 {figures.growth:.2f}（目标 ≤ 1.2）"
    )
