"""Random processes on random paths in a real database: rows are what the reference opens, and a crash leaves all or nothing.

Nothing is remembered between steps but the database. At steps hypothesis picks, the machine stops at a statement hypothesis picks (or at the
commit); every table is then as before, and the step is taken again.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from engine import cases, definitions
from engine.bundle import Bundle, bundle_of
from engine.db import Database, Tx, connect, metadata
from engine.runner import codec, report
from engine.tables import cases as cases_table
from engine.tables import subscriptions, timers, user_tasks
from engine.world import World
from tests.engine.models import NOW, VILLAGE, extension, form, town
from tests.engine.test_crashes import Crash, crashing, everything, interrupted
from tests.properties.blocks import SHAPES, Reference, drawn
from tests.properties.test_blocks import LONGEST, Spot, spot, spot_of
from tests.runner.notation import NoHost
from tests.servers import Postgres

ACTOR = town("甲")
EXAMPLES = int(os.environ.get("XUNZHEN_EXAMPLES", "40"))
TASK = re.compile(r'(<bpmn:userTask id="[^"]+">)(<bpmn:multi.*?</bpmn:multiInstanceLoopCharacteristics>)?')
Do = Callable[[Tx], Any]


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def empty(
    request: pytest.FixtureRequest, world: World, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Database]:
    """One database for all examples: each takes its rows away again."""
    if request.param == "postgres":
        server: Postgres = request.getfixturevalue("postgres")
        url = server.database()
    else:
        url = f"sqlite:///{Path(tmp_path_factory.mktemp('random'))}/test.db"
    found = Database(connect(url), world)
    metadata.create_all(found.engine)
    yield found
    found.engine.dispose()


def deployable(xml: bytes) -> Bundle:
    """The drawing with a town's officer and a form on each task."""
    inside = extension(
        '<zeebe:userTask/><zeebe:formDefinition formId="f"/>', tier="town", post="town_civil_officer"
    )
    text = TASK.sub(lambda m: f"{m[1]}{inside}{m[2] or ''}", xml.decode())
    again = {"type": "checkbox", "key": "again", "label": "再来一次"}
    return bundle_of("random", {"random.bpmn": text.encode(), "f.form": form("f", "answers", again)})


def case_row(tx: Tx) -> Any:
    return tx.run(select(cases_table)).one()


def waiting(tx: Tx) -> dict[Spot, tuple[str, datetime | None]]:
    """What is open by its rows: place → (id, due). The state document must say the same."""
    case = case_row(tx)
    if case.status != "active":
        return {}
    definitions._cache.clear()
    program = definitions.pinned(tx, case.pins).program
    loaded = codec.load(case.state, program, now=NOW, document={}, host=NoHost())
    by_key = {key: spot(report.waiting(kind, task)) for key, kind, task in report.waits(loaded)}
    rows: dict[str, datetime | None] = {}
    for table, state in ((user_tasks, "open"), (timers, "pending"), (subscriptions, "open")):
        due = timers.c.due_at if table is timers else table.c.id.label("due_at")
        for row in tx.run(select(table.c.id, due).where(table.c.state == state)):
            rows[row.id] = row.due_at if table is timers else None
    assert set(rows) == set(by_key)
    return {by_key[key]: (key, due) for key, due in rows.items()}


def step(tx: Tx, key: str, now: datetime, again: bool) -> None:
    """Do what is open under that id."""
    task = tx.run(select(user_tasks.c.revision).where(user_tasks.c.id == key)).one_or_none()
    if task is not None:
        cases.complete(tx, ACTOR, key, task.revision, {"again": again}, now)
    elif tx.run(select(timers.c.id).where(timers.c.id == key)).one_or_none() is not None:
        assert cases.fire_timer(tx, key, now)
    else:
        cases.receive(tx, ACTOR, key, case_row(tx).revision, {}, now, on_behalf={})


def crashed(db: Database, do: Do, at: int) -> None:
    """The machine stops at that statement, or at the commit when there are fewer."""
    before = everything(db)
    with crashing(db, at), pytest.raises(Crash):
        interrupted(db, do)
    assert everything(db) == before


@settings(
    max_examples=EXAMPLES,
    derandomize="XUNZHEN_EXAMPLES" not in os.environ,
    deadline=None,
    database=None,
    suppress_health_check=[
        HealthCheck.too_slow,
        HealthCheck.filter_too_much,
        HealthCheck.function_scoped_fixture,
    ],
)
@given(
    SHAPES,
    st.lists(st.tuples(st.integers(0, 30), st.booleans(), st.none() | st.integers(1, 12)), max_size=12),
)
def test_rows_are_what_the_reference_opens_and_a_crash_leaves_all_or_nothing(
    empty: Database, shape: Any, path: list[tuple[int, bool, int | None]]
) -> None:
    db = empty
    with db.transaction() as tx:
        for table in reversed(metadata.sorted_tables):
            tx.run(table.delete())
    block, xml, variables = drawn(shape)
    now = NOW
    with db.transaction() as tx:
        definitions.deploy(tx, deployable(xml), now=now)

    def begin(tx: Tx) -> None:
        given = variables | {"again": False}
        cases.start(tx, "P", now=NOW, area=VILLAGE, number="n-1", title="某", variables=given)

    crashed(db, begin, 1 + len(path))
    with db.transaction() as tx:
        begin(tx)
    reference = Reference(block)
    for number, again, crash in [*path, *([(0, False, None)] * LONGEST)]:
        with db.reading() as tx:
            found = waiting(tx)
        leaves = reference.open()
        assert sorted(found) == sorted(map(spot_of, leaves))
        if not leaves:
            break
        leaf = leaves[number % len(leaves)]
        key, due = found[spot_of(leaf)]
        now = max(now, due or now) + timedelta(minutes=1)

        def do(tx: Tx, key: str = key, now: datetime = now, again: bool = again) -> None:
            step(tx, key, now, again)

        if crash is not None:
            crashed(db, do, crash)
        with db.transaction() as tx:
            do(tx)
        reference.do(leaf, again)
    assert reference.ended
    with db.reading() as tx:
        assert case_row(tx).status == "completed"
