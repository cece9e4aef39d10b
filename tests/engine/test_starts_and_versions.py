"""What starts a case from inside another one, and which version a call takes. On both databases."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from engine import cases, definitions, incidents, worklist
from engine.bundle import Bundle, bundle_of
from engine.db import Database
from engine.errors import Invalid, NotFound
from engine.tables import cases as cases_table
from engine.tables import user_tasks
from tasks import sweep
from tests.engine.models import HEAD, NOW, VILLAGE, bundle, flow, user_task
from tests.engine.test_cases import A, complete, tasks

SIGNAL = '<bpmn:signal id="g" name="汛情"/>'
MESSAGE = '<bpmn:message id="m" name="请来人"/>'


def deploy(db: Database, *made: Bundle, at: Any = NOW) -> None:
    with db.transaction() as tx:
        for one in made:
            definitions.deploy(tx, one, now=at)


def start(db: Database, process: str, number: str = "1", at: Any = NOW) -> str:
    with db.transaction() as tx:
        return cases.start(tx, process, now=at, area=VILLAGE, number=number, title="某户")


def started(key: str, kind: str, ref: str, extra: str) -> Bundle:
    """A process whose only start event is a message or signal."""
    event = f'<bpmn:startEvent id="on"><bpmn:{kind}EventDefinition {kind}Ref="{ref}"/></bpmn:startEvent>'
    body = event + user_task("visit") + flow("on", "visit")
    xml = f'{HEAD}{extra}<bpmn:process id="{key}" name="{key}" isExecutable="true">{body}</bpmn:process></bpmn:definitions>'
    return bundle_of(key, {f"{key}.bpmn": xml.encode()})


def thrown(kind: str, ref: str) -> str:
    return (
        f'<bpmn:intermediateThrowEvent id="call"><bpmn:{kind}EventDefinition {kind}Ref="{ref}"/>'
        "</bpmn:intermediateThrowEvent>" + flow("start", "call", "end")
    )


@pytest.mark.parametrize(
    ("kind", "ref", "extra"), [("signal", "g", SIGNAL), ("message", "m", MESSAGE)], ids=["signal", "message"]
)
def test_what_one_case_throws_starts_another_beside_it(db: Database, kind: str, ref: str, extra: str) -> None:
    deploy(db, bundle("alarm", thrown(kind, ref), extra), started("rounds", kind, ref, extra))
    alarm = start(db, "alarm")
    sweep.relay(db, NOW)
    with db.reading() as tx:
        found = tx.run(select(cases_table).where(cases_table.c.process == "rounds")).one()
        assert (found.parent, found.area, found.title) == (alarm, VILLAGE, "某户")
        assert found.number.startswith("1-")
        open_task = tx.run(select(user_tasks.c.element).where(user_tasks.c.case_id == found.id)).scalar_one()
    assert open_task == "visit"


def calling(*bindings: str) -> Bundle:
    """One call of `checks` after the other, each with its binding."""
    calls = "".join(
        f'<bpmn:callActivity id="call{i}"><bpmn:extensionElements><zeebe:calledElement processId="checks" {binding}/>'
        "</bpmn:extensionElements></bpmn:callActivity>"
        for i, binding in enumerate(bindings)
    )
    return bundle("outer", calls + flow("start", *(f"call{i}" for i in range(len(bindings))), "end"))


def checks(element: str, tag: str = "") -> Bundle:
    marked = (
        f'<bpmn:extensionElements><zeebe:versionTag value="{tag}"/></bpmn:extensionElements>' if tag else ""
    )
    made = bundle("checks", user_task(element) + flow("start", element, "end"))
    xml = made.files["checks.bpmn"].decode().replace('isExecutable="true">', f'isExecutable="true">{marked}')
    return bundle_of("checks", {"checks.bpmn": xml.encode()})


def opened(db: Database, case: str) -> str:
    with db.reading() as tx:
        return str(tx.run(select(user_tasks.c.element).where(user_tasks.c.case_id == case)).scalar_one())


def begun(db: Database, number: str, *processes: str) -> list[str]:
    """What an alarm started; who threw it is troubled by nothing."""
    alarm = start(db, "alarm", number)
    sweep.drain(db, NOW)
    with db.reading() as tx:
        assert incidents.of_case(tx, alarm) == []
        found = tx.run(select(cases_table.c.process).where(cases_table.c.process.in_(processes)))
        return list(found.scalars())


@pytest.mark.parametrize(
    ("kind", "ref", "extra"), [("signal", "g", SIGNAL), ("message", "m", MESSAGE)], ids=["signal", "message"]
)
def test_what_is_only_drawn_and_what_the_version_in_force_has_dropped_is_not_started(
    db: Database, kind: str, ref: str, extra: str
) -> None:
    alarm = bundle("alarm", thrown(kind, ref), extra)
    (name, drawn), *_ = started("drawn", kind, ref, extra).files.items()
    deploy(db, alarm, bundle_of("drawn", {name: drawn.replace(b'"true"', b'"false"')}))
    gone, other = (
        started("rounds", kind, ref, extra),
        bundle("other", user_task("x") + flow("start", "x", "end")),
    )
    deploy(db, gone, bundle_of("rounds", dict(other.files)))
    assert begun(db, "1", "drawn", "rounds", "other") == []
    plain = bundle("rounds", user_task("visit") + flow("start", "visit", "end"))
    deploy(db, plain, started("visits", kind, ref, extra))
    assert begun(db, "2", "drawn", "rounds", "other", "visits") == ["visits"]


THROWS = '<bpmn:intermediateThrowEvent id="t"><bpmn:signalEventDefinition signalRef="g"/></bpmn:intermediateThrowEvent>'


def elements(db: Database, case: str) -> list[str]:
    with db.reading() as tx:
        return sorted(t.element for t in worklist.open_of_case(tx, case))


def test_a_case_hears_its_own_signal_once_and_others_hear_it_too(db: Database) -> None:
    calm = (
        '<bpmn:boundaryEvent id="x" attachedToRef="a" cancelActivity="false"><bpmn:signalEventDefinition signalRef="g"/>'
        "</bpmn:boundaryEvent>"
    )
    body = '<bpmn:parallelGateway id="p"/>' + calm + THROWS + "".join(user_task(n) for n in "abzn")
    body += flow("start", "p", "a", "end") + flow("p", "b", "t", "z", "end") + flow("x", "n", "end")
    deploy(db, bundle("own", body, SIGNAL))
    case, other = start(db, "own", "1"), start(db, "own", "2")
    complete(db, A, next(t for t in tasks(db, case) if t.element == "b"))
    sweep.drain(db, NOW)
    assert (elements(db, case), elements(db, other)) == (["a", "n", "z"], ["a", "b", "n"])


def test_a_case_that_waits_for_the_next_signal_is_not_released_by_its_own(db: Database) -> None:
    catch = THROWS.replace("Throw", "Catch").replace('"t"', '"c"')
    body = user_task("b") + user_task("z") + THROWS + catch + flow("start", "b", "t", "c", "z", "end")
    deploy(db, bundle("own", body, SIGNAL))
    case, other = start(db, "own", "1"), start(db, "own", "2")
    complete(db, A, tasks(db, case)[0])
    sweep.drain(db, NOW)
    assert elements(db, case) == []
    complete(db, A, tasks(db, other)[0])
    sweep.drain(db, NOW)
    assert (elements(db, case), elements(db, other)) == (["z"], [])


def test_a_call_takes_the_version_it_is_bound_to(db: Database) -> None:
    deploy(db, checks("old", "2025"), calling('bindingType="versionTag" versionTag="2025"'))
    later = NOW + timedelta(hours=1)
    deploy(db, checks("new", "2026"), at=later)
    assert opened(db, start(db, "outer", "1", later)) == "old"
    deploy(db, calling(""), at=later)
    assert opened(db, start(db, "outer", "2", later)) == "new"


def test_a_tag_nobody_carries_and_two_versions_in_one_case_are_told(db: Database) -> None:
    deploy(db, checks("old"), calling('bindingType="versionTag" versionTag="2031"'))
    with pytest.raises(NotFound, match="2031"):
        start(db, "outer")
    deploy(
        db,
        checks("tagged", "2025"),
        checks("newest", "2026"),
        calling('bindingType="versionTag" versionTag="2025"', ""),
    )
    with pytest.raises(Invalid) as caught:
        start(db, "outer", "2")
    assert caught.value.code == "version_conflict"
