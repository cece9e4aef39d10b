"""Cases the clock starts: one for each area, each turn once, through crashes, new versions and failures, on both databases."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from engine import definitions, schedules, starting
from engine.calendar import ZONE
from engine.db import Database, Tx
from engine.tables import cases as cases_table
from engine.tables import history as history_table
from engine.tables import schedules as schedules_table
from engine.world import Site
from tasks import sweep
from tests.engine.models import HEAD, NOW, bundle_of, extension, flow, user_task

TOWNS = [(f"120115/12011510{n}", f"{name}镇") for n, name in enumerate("甲乙丙")]


def places(_tx: Tx, tier: str | None, _now: datetime) -> list[Site]:
    return [Site(*town) for town in TOWNS] if tier == "town" else [Site("120115", "宝坻区")]


@pytest.fixture
def town_db(db: Database) -> Database:
    return Database(db.engine, db.world.with_(places=places))


def made(cycle: str = "R/2026-10-01T00:00:00+08:00/P1M", per: str = "town", task: str = "prepare") -> Any:
    own = extension(per=per) if per else ""
    event = f'<bpmn:startEvent id="monthly">{own}<bpmn:timerEventDefinition><bpmn:timeCycle>{cycle}</bpmn:timeCycle></bpmn:timerEventDefinition></bpmn:startEvent>'
    body = event + '<bpmn:endEvent id="end"/>' + user_task(task) + flow("monthly", task, "end")
    text = f'{HEAD}<bpmn:process id="report" name="月报" isExecutable="true">{body}</bpmn:process></bpmn:definitions>'
    return bundle_of("report", {"report.bpmn": text.encode()})


def twice() -> Any:
    """A process with two timer start events on the same days, one of them at two hours."""
    events = {"early": "R/2026-10-01T00:00:00+08:00/PT12H", "late": "R/2026-10-01T08:00:00+08:00/P1D"}
    body = (
        '<bpmn:endEvent id="end"/>'
        + user_task("prepare")
        + flow("early", "prepare", "end")
        + flow("late", "prepare")
    )
    for event, cycle in events.items():
        timer = (
            f"<bpmn:timerEventDefinition><bpmn:timeCycle>{cycle}</bpmn:timeCycle></bpmn:timerEventDefinition>"
        )
        body += f'<bpmn:startEvent id="{event}">{extension(per="town")}{timer}</bpmn:startEvent>'
    text = f'{HEAD}<bpmn:process id="report" name="月报" isExecutable="true">{body}</bpmn:process></bpmn:definitions>'
    return bundle_of("report", {"report.bpmn": text.encode()})


def deploy(db: Database, what: Any, now: datetime = NOW) -> None:
    with db.transaction() as tx:
        definitions.deploy(tx, what, now=now)
        starting.sync(tx, now)


def day(month: int, number: int = 1, hour: int = 0) -> datetime:
    return datetime(2026, month, number, hour, tzinfo=ZONE)


def cases(db: Database) -> list[tuple[str, str]]:
    with db.reading() as tx:
        query = select(cases_table.c.number, cases_table.c.title).order_by(cases_table.c.number)
        return [(row.number, row.title) for row in tx.run(query)]


def live(db: Database) -> list[Any]:
    with db.reading() as tx:
        return schedules.live(tx)


def test_each_turn_starts_one_case_for_each_town(town_db: Database) -> None:
    deploy(town_db, made())
    assert [row.due_at for row in live(town_db)] == [day(10)]
    assert sweep.drain(town_db, day(10) - timedelta(seconds=1)) == 0
    sweep.drain(town_db, day(10))
    assert cases(town_db) == [(f"月报-20261001-{path[-9:]}", f"月报 · {name}") for path, name in TOWNS]
    assert [row.due_at for row in live(town_db)] == [day(11)]
    sweep.drain(town_db, day(10, 2))
    assert len(cases(town_db)) == 3, "a turn is taken once"
    sweep.advance(town_db, day(10, 2), day(12, 15))
    assert len(cases(town_db)) == 9
    with town_db.reading() as tx:
        row = tx.run(select(cases_table).where(cases_table.c.number.startswith("月报-20261201"))).first()
        assert row is not None
        assert row.variables["scheduled_at"] == "2026-11-30T16:00:00+00:00"


def test_without_a_tier_there_is_one_case_for_the_district(town_db: Database) -> None:
    deploy(town_db, made(per=""))
    sweep.drain(town_db, day(10))
    assert cases(town_db) == [("月报-20261001-120115", "月报 · 宝坻区")]


def test_turns_before_the_deployment_are_over(town_db: Database) -> None:
    deploy(town_db, made("R/2020-01-01T00:00:00+08:00/P1M"))
    assert [row.due_at for row in live(town_db)] == [day(10)]


def test_after_a_crash_in_the_middle_of_a_turn_nothing_is_started_twice(
    town_db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    deploy(town_db, made())
    begun, count = starting.begin, iter(range(99))

    def crashing(*given: Any) -> Any:
        if next(count) == 2:
            raise RuntimeError("the machine stops")
        return begun(*given)

    monkeypatch.setattr(starting, "begin", crashing)
    sweep.run_due(town_db, day(10))
    assert (len(cases(town_db)), live(town_db)[0].attempt) == (2, 1)
    assert sweep.run_due(town_db, day(10)) == 0  # it waits before it is tried again
    sweep.run_due(town_db, day(10, 1, 1))
    assert len(cases(town_db)) == 3
    assert [(row.due_at, row.error) for row in live(town_db)] == [(day(11), None)]


def test_each_turn_of_a_day_has_its_own_case_and_a_repeated_one_none(
    town_db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    deploy(town_db, twice())
    begun, tries = starting.begin, iter(range(99))

    def crashing(*given: Any) -> Any:
        if next(tries) in (1, 5):
            raise RuntimeError("the machine stops")
        return begun(*given)

    monkeypatch.setattr(starting, "begin", crashing)
    sweep.advance(town_db, NOW, day(10, 1, 23))
    code = TOWNS[0][0][-9:]
    first = [f"月报-20261001-{code}", f"月报-20261001-2-{code}", f"月报-20261001-3-{code}"]
    found = [number for number, _ in cases(town_db) if number.endswith(code)]
    assert sorted(found) == sorted(first)
    assert len(cases(town_db)) == 9
    with town_db.reading() as tx:
        query = select(history_table.c.at, history_table.c.payload).where(history_table.c.seq == 1)
        turns = {(row.payload["event"], row.at.astimezone(ZONE).hour) for row in tx.run(query)}
    assert turns == {("early", 0), ("late", 8), ("early", 12)}


def test_what_fails_again_and_again_waits_for_a_person(
    town_db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    deploy(town_db, made())
    begun = starting.begin

    def broken(*_given: Any) -> Any:
        raise RuntimeError("broken")

    monkeypatch.setattr(starting, "begin", broken)
    for hour in range(6):
        sweep.run_due(town_db, day(10, 1, hour))
    (row,) = live(town_db)
    assert (row.state, row.attempt, "broken" in row.error) == ("failed", 3, True)
    monkeypatch.setattr(starting, "begin", begun)
    with town_db.transaction() as tx:
        assert schedules.again(tx, row.id)
        assert not schedules.again(tx, row.id)
    sweep.drain(town_db, day(10, 1, 7))
    assert len(cases(town_db)) == 3


def test_a_new_version_goes_on_with_the_turn_and_a_changed_cycle_begins_anew(town_db: Database) -> None:
    deploy(town_db, made())
    sweep.drain(town_db, day(10))
    (first,) = live(town_db)
    deploy(town_db, made(task="write"), day(10, 5))
    assert [(row.id, row.due_at) for row in live(town_db)] == [(first.id, day(11))]
    deploy(town_db, made("R/2026-10-15T00:00:00+08:00/P1M", task="write"), day(10, 6))
    (changed,) = live(town_db)
    assert (changed.id != first.id, changed.due_at) == (True, day(10, 15))
    with town_db.reading() as tx:
        ended = tx.run(select(schedules_table.c.state).where(schedules_table.c.id == first.id)).scalar_one()
    assert ended == "ended"


def test_a_single_date_starts_once_and_the_schedule_ends(town_db: Database) -> None:
    deploy(town_db, made("R1/2026-10-01T00:00:00+08:00/P1M", per=""))
    sweep.advance(town_db, NOW, day(12, 20))
    assert (len(cases(town_db)), live(town_db)) == (1, [])


def test_two_workers_take_a_turn_once(town_db: Database) -> None:
    deploy(town_db, made())
    with town_db.transaction() as tx:
        assert len(schedules.lease(tx, day(10))) == 1
    with town_db.transaction() as tx:
        assert schedules.lease(tx, day(10)) == []


def test_a_worker_that_was_slow_does_not_take_the_next_turn_before_its_time(
    town_db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its lease had run out and another has taken the turn: what stands there now is not due yet."""
    deploy(town_db, made())
    lease, others = schedules.lease, iter([lambda: sweep.start_due(town_db, day(10, 1, 1))])

    def slowly(tx: Tx, now: datetime, limit: int = 5) -> list[str]:
        found = lease(tx, now, limit)
        if found and now == day(10):
            tx.after_commit("others", next(others))
        return found

    monkeypatch.setattr(schedules, "lease", slowly)
    sweep.start_due(town_db, day(10))
    assert [number[:11] for number, _title in cases(town_db)] == ["月报-20261001"] * 3
    assert [row.due_at for row in live(town_db)] == [day(11)]
