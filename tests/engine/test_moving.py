"""Moving open cases to another version, on both databases: what stays, what is asked, what is refused, and back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from engine import asking, cases, clocks, definitions, hands, history, jobs, messages, moving, step, worklist
from engine.db import Database
from engine.errors import Conflict
from engine.replay import Moves
from engine.tables import timers, user_tasks
from tests.engine.models import NOW, VILLAGE, bundle, flow, form, job, process, town, user_task
from tests.engine.test_cases import complete, status, tasks

A, B = town("甲"), town("乙")
LATER = NOW + timedelta(days=3)
NONE = Moves()


def version(*line: str, extra: str = "", **bodies: str) -> Any:
    """A line of tasks a → b → …; `bodies` replaces a task by another drawing."""
    drawn = "".join(bodies.get(name, user_task(name)) for name in line)
    return bundle("line", drawn + extra + flow("start", *line, "end"))


def deploy(db: Database, made: Any, now: Any = LATER) -> Any:
    with db.transaction() as tx:
        return definitions.deploy(tx, made, now=now)


def begin(db: Database, made: Any, **more: Any) -> str:
    deploy(db, made, NOW)
    with db.transaction() as tx:
        given: dict[str, Any] = {"now": NOW, "area": VILLAGE, "number": "1", "title": "某", **more}
        return cases.start(tx, made.key, **given)


def the(db: Database, case: str, element: str) -> Any:
    (found,) = [row for row in tasks(db, case) if row.element == element]
    return found


def names(db: Database, case: str) -> list[str]:
    return sorted(row.element for row in tasks(db, case))


def verdict(db: Database, target: Any, moves: Moves = NONE) -> moving.Verdict:
    with db.reading() as tx:
        (found,) = moving.plan(tx, target, moves, LATER)
        return found


def move(db: Database, case: str, target: Any, moves: Moves = NONE) -> moving.Verdict:
    with db.transaction() as tx:
        return moving.move(tx, A, case, target, moves, LATER)


def everything(db: Database, case: str) -> list[Any]:
    with db.reading() as tx:
        assert history.verify(tx, case) is None
        return [e.kind for e in history.entries(tx, case)]


def finish(db: Database, case: str, now: Any = LATER) -> None:
    while tasks(db, case):
        complete(db, A, tasks(db, case)[0], now=now)
    assert status(db, case) == "completed"


# ------------------------------------------------------------------------------------------ as it is
def test_a_case_goes_on_under_the_same_ids_where_the_new_version_adds_steps_ahead(db: Database) -> None:
    case = begin(db, version("a", "b"))
    complete(db, A, the(db, case, "a"))
    row = the(db, case, "b")
    with db.transaction() as tx:
        cases.claim(tx, B, row.id, row.revision, NOW)
    target = deploy(db, version("a", "b", "c"))
    assert verdict(db, target).state == "moves"
    assert everything(db, case) == [
        "case.started",
        "task.completed",
        "task.claimed",
    ]  # a dry run writes nothing
    move(db, case, target)
    moved = the(db, case, "b")
    assert (moved.id, moved.holder, moved.created_at) == (row.id, "乙", row.created_at)
    with db.reading() as tx:
        assert moving.open_on_other_versions(tx, target) == []
    complete(db, B, moved, now=LATER)
    assert names(db, case) == ["c"]
    finish(db, case)
    assert everything(db, case)[-3:] == ["case.migrated", "task.completed", "task.completed"]


def test_a_removed_step_that_was_done_stays_in_the_history_only(db: Database) -> None:
    case = begin(db, version("a", "x", "b"))
    for element in ("a", "x"):
        complete(db, A, the(db, case, element))
    move(db, case, deploy(db, version("a", "b")))
    finish(db, case)


def test_timers_and_clocks_keep_their_dates_and_new_ones_count_from_the_lawful_event(db: Database) -> None:
    late = (
        '<bpmn:boundaryEvent id="late" attachedToRef="b" cancelActivity="false"><bpmn:timerEventDefinition>'
        "<bpmn:timeDuration>{}</bpmn:timeDuration></bpmn:timerEventDefinition></bpmn:boundaryEvent>"
    )
    told = user_task("told") + flow("late", "told")
    old = version("a", "b", extra=late.format("P5D") + told, b=user_task("b", term="survey.assign"))
    case = begin(db, old)
    complete(db, A, the(db, case, "a"))
    with db.reading() as tx:
        (clock,) = clocks.of_case(tx, case)
        (timer,) = tx.run(select(timers))
    both = user_task("b", term="survey.assign,relief.survey")
    target = deploy(db, version("a", "b", extra=late.format("P9D") + told, b=both))
    move(db, case, target)
    with db.reading() as tx:
        after = {c.term: c for c in clocks.of_case(tx, case)}
        (same,) = tx.run(select(timers))
    assert after["survey.assign"] == clock
    assert (after["relief.survey"].started_at, after["relief.survey"].state) == (clock.started_at, "running")
    assert (same.id, same.due_at, same.state) == (timer.id, timer.due_at, "pending")
    with db.transaction() as tx:
        assert cases.fire_timer(tx, timer.id, timer.due_at)
    assert names(db, case) == ["b", "told"]


def test_a_task_moved_to_another_lane_is_routed_there_and_free_again(db: Database) -> None:
    case = begin(db, version("a", "b"))
    row = the(db, case, "a")
    with db.transaction() as tx:
        cases.claim(tx, A, row.id, row.revision, NOW)
    target = deploy(db, version("a", "b", a=user_task("a", post="town_service_office")))
    assert verdict(db, target).notes == ("「a」改由其他岗位办理，放回待认领",)
    move(db, case, target)
    moved = the(db, case, "a")
    assert (moved.id, moved.holder, moved.posts) == (row.id, None, ",town_service_office,")
    assert moved.revision > row.revision
    complete(db, town("庚", post="town_service_office"), moved, now=LATER)


def test_items_of_a_multi_instance_keep_their_places_in_the_document(db: Database) -> None:
    many = (
        '<bpmn:multiInstanceLoopCharacteristics><bpmn:extensionElements><zeebe:loopCharacteristics inputCollection="=[1, 2, 3]" '
        'inputElement="item"/></bpmn:extensionElements></bpmn:multiInstanceLoopCharacteristics>'
    )
    visit = user_task("v", '<zeebe:formDefinition formId="visit"/>') + user_task("w")
    ends = '<bpmn:startEvent id="s2"/><bpmn:endEvent id="e2"/>'
    sub = f'<bpmn:subProcess id="m">{many}{ends}{visit}{flow("s2", "v", "w", "e2")}</bpmn:subProcess>'
    note = {"type": "textfield", "key": "note", "label": "记录"}

    def made(*line: str) -> Any:
        rest = "".join(user_task(n) for n in line if n != "m")
        return bundle(
            "line", sub + rest + flow("start", *line, "end"), visit__form=form("visit", "visit", note)
        )

    case = begin(db, made("m", "z"))
    rows = sorted(tasks(db, case), key=lambda r: str(r.path))
    complete(db, A, rows[1], {"note": "二"})
    before = {row.id: row.path for row in tasks(db, case)}
    move(db, case, deploy(db, made("m", "y", "z")))
    assert {row.id: row.path for row in tasks(db, case)} == before
    with db.reading() as tx:
        second = the(db, case, "w")
        assert step.lock(tx, case).sections(second.path)["visit"] == {"note": "二"}
    complete(db, A, second, now=LATER)
    finish(db, case)


def test_a_job_in_flight_and_a_called_process_go_on(db: Database) -> None:
    called = process("inner", user_task("p") + job("q", "x.q") + flow("start", "p", "q", "end"))
    call = '<bpmn:callActivity id="call" calledElement="inner"/>'

    def made(*line: str) -> Any:
        rest = "".join(user_task(n) for n in line if n != "call")
        return bundle("line", call + rest + flow("start", *line, "end"), inner__bpmn=called)

    case = begin(db, made("call", "z"))
    complete(db, A, the(db, case, "p"))
    with db.transaction() as tx:
        (leased,) = jobs.lease_jobs(tx, NOW)
    move(db, case, deploy(db, made("call", "y", "z")))
    with db.transaction() as tx:
        cases.finish_job(tx, leased.id, {}, LATER)
    assert names(db, case) == ["y"]


def test_waiting_for_a_message_goes_on(db: Database) -> None:
    message = '<bpmn:message id="m" name="paid"/>'
    receive = '<bpmn:receiveTask id="r" messageRef="m"/>'

    def made(*line: str) -> Any:
        rest = "".join(user_task(n) for n in line if n != "r")
        return bundle("line", receive + rest + flow("start", *line, "end"), message)

    case = begin(db, made("r", "z"))
    move(db, case, deploy(db, made("r", "y", "z")))
    with db.transaction() as tx:
        assert messages.deliver(tx, "paid", None, {}, now=LATER) == [case]
    assert names(db, case) == ["y"]


# ------------------------------------------------------------------------------------------ mapping and refusal
def test_a_new_step_in_between_is_asked_about_and_may_be_skipped(db: Database) -> None:
    case = begin(db, version("a", "b"))
    complete(db, A, the(db, case, "a"))
    target = deploy(db, version("a", "n", "b"))
    found = verdict(db, target)
    # The case stands at b, which the new version reaches only after n.
    assert (found.state, [q.choices for q in found.questions]) == ("mapping", [((("line", "n"), "n"),)])
    with pytest.raises(Conflict) as caught:
        move(db, case, target)
    assert caught.value.code == "cannot_migrate"
    skipping = Moves(skipped=frozenset({("line", "n")}))
    assert verdict(db, target, skipping).notes == ("不补办：n",)
    move(db, case, target, skipping)
    assert names(db, case) == ["b"]
    finish(db, case)


def test_a_renamed_step_needs_a_word_and_keeps_the_task(db: Database) -> None:
    case = begin(db, version("a", "b"))
    complete(db, A, the(db, case, "a"))
    row = the(db, case, "b")
    target = deploy(db, version("a", "b2", "c"))
    found = verdict(db, target)
    assert found.state == "mapping"
    assert [(q.what, q.place, [c for c, _ in q.choices]) for q in found.questions] == [
        ("renamed", ("line", "b"), [("line", "b2")])
    ]
    move(db, case, target, Moves({("line", "b"): ("line", "b2")}))
    assert the(db, case, "b2").id == row.id
    finish(db, case)


def test_where_the_new_version_would_have_gone_another_way_the_case_stays(db: Database) -> None:
    def made(condition: str) -> Any:
        gate = '<bpmn:exclusiveGateway id="g" default="g_b"/>'
        body = user_task("a") + gate + user_task("b") + user_task("c") + flow("start", "a", "g", "b", "end")
        to_c = f'<bpmn:sequenceFlow id="g_c" sourceRef="g" targetRef="c"><bpmn:conditionExpression>={condition}</bpmn:conditionExpression></bpmn:sequenceFlow>'
        return bundle("line", body + to_c + flow("c", "end"))

    case = begin(db, made("amount &gt; 5000"), variables={"amount": 3000})
    complete(db, A, the(db, case, "a"))
    assert names(db, case) == ["b"]
    target = deploy(db, made("amount &gt; 2000"))
    found = verdict(db, target)
    assert (found.state, found.questions) == ("blocked", ())
    assert found.reason is not None
    assert "「b」" in found.reason
    with pytest.raises(Conflict):
        move(db, case, target)
    finish(db, case)


def test_a_live_task_never_turns_into_another_one(db: Database) -> None:
    case = begin(db, version("a", "b"))
    other = user_task("a", '<zeebe:formDefinition formId="x"/>').replace('name="a"', 'name="另一件事"')
    made = bundle("line", other + user_task("b") + flow("start", "a", "b", "end"), x__form=form("x", "x"))
    found = verdict(db, deploy(db, made))
    assert (found.state, found.reason) == ("blocked", "在办环节「a」在新版本中成了另一个环节「另一件事」")
    finish(db, case)


def test_a_task_that_became_a_machine_s_work_blocks(db: Database) -> None:
    case = begin(db, version("a", "b"))
    assert verdict(db, deploy(db, version("a", "b", a=job("a", "x.a")))).state == "blocked"
    finish(db, case)


# ------------------------------------------------------------------------------------------ back, and again
def test_undo_goes_back_and_what_was_done_since_stays(db: Database) -> None:
    case = begin(db, version("a", "b", "c"))
    complete(db, A, the(db, case, "a"))
    row = the(db, case, "b")
    move(db, case, deploy(db, version("a", "b2", "c", "d")), Moves({("line", "b"): ("line", "b2")}))
    complete(db, A, the(db, case, "b2"), now=LATER)
    with db.transaction() as tx:
        moving.undo(tx, A, case, LATER)
    assert names(db, case) == ["c"]
    with db.reading() as tx:
        assert worklist.get(tx, row.id).state == "completed"
    finish(db, case)
    assert everything(db, case).count("case.migrated") == 2
    with db.transaction() as tx, pytest.raises(Conflict):
        moving.undo(tx, A, begin(db, version("a", "b", "c"), number="2"), LATER)


def test_a_case_moves_on_from_version_to_version(db: Database) -> None:
    case = begin(db, version("a", "b"))
    complete(db, A, the(db, case, "a"))
    row = the(db, case, "b")
    move(db, case, deploy(db, version("a", "b2")), Moves({("line", "b"): ("line", "b2")}))
    move(
        db,
        case,
        deploy(db, version("a", "n", "b3", "c")),
        Moves({("line", "b2"): ("line", "b3")}, frozenset({("line", "n")})),
    )
    assert the(db, case, "b3").id == row.id
    finish(db, case)


def test_history_with_hands_on_the_token_can_be_moved(db: Database) -> None:
    case = begin(db, version("a", "b", "c"))
    mine = the(db, case, "a")
    complete(db, A, mine)
    with db.transaction() as tx:
        hands.take_back(tx, A, mine.id, NOW)
    complete(db, A, the(db, case, "a"))
    complete(db, A, the(db, case, "b"))
    row = the(db, case, "c")
    with db.transaction() as tx:
        hands.send_back(tx, B, row.id, row.revision, "a", "请补充", NOW, straight=True)
    complete(db, A, the(db, case, "a"))
    row = the(db, case, "c")
    with db.transaction() as tx:
        (asked,) = asking.ask(tx, B, row.id, row.revision, "opinion", [A], "?", NOW)
    move(db, case, deploy(db, version("a", "b", "c", "d")))
    with db.transaction() as tx:
        asking.answer(tx, A, asked, 1, None, "可以", LATER)
    complete(db, B, the(db, case, "c"), now=LATER)
    assert names(db, case) == ["d"]


def test_every_open_task_is_there_once_after_a_move(db: Database) -> None:
    case = begin(db, version("a", "b"))
    fork = (
        '<bpmn:parallelGateway id="f"/><bpmn:parallelGateway id="j"/>'
        + user_task("a")
        + user_task("p")
        + user_task("b")
        + flow("start", "f", "a", "j", "b", "end")
        + flow("f", "p", "j")
    )
    target = deploy(db, bundle("line", fork))
    found = verdict(db, target)
    assert (found.state, found.notes) == ("moves", ("新增待办：p",))
    move(db, case, target)
    assert names(db, case) == ["a", "p"]
    for element in ("a", "p", "b"):
        complete(db, A, the(db, case, element), now=LATER)
    assert status(db, case) == "completed"
    with db.reading() as tx:
        assert tx.run(select(user_tasks.c.element, user_tasks.c.state)).all().count(("p", "completed")) == 1


def test_trying_writes_nothing_and_waits_for_no_writer(db: Database) -> None:
    case = begin(db, version("a", "b"))
    target = deploy(db, version("a", "b", "c"))
    with db.begin() as writer:
        writer.run(user_tasks.update().where(user_tasks.c.case_id == case).values(priority=7))
        assert verdict(db, target).state == "moves"
