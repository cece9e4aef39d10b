"""Use cases on both databases: people, machines, time, conflicts, incidents, history."""

from __future__ import annotations

import threading
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import event, literal, select

from engine import (
    cases,
    clocks,
    definitions,
    hands,
    history,
    incidents,
    jobs,
    legal,
    messages,
    step,
    worklist,
)
from engine.db import Database, Tx
from engine.duties import Completion
from engine.errors import Conflict, Forbidden, Invalid, ModelRefused, StaleRevision, StepFailed
from engine.tables import anchor_heads, anchors, timers, user_tasks
from engine.tables import cases as cases_table
from engine.tables import history as history_table
from engine.tables import incidents as incidents_table
from engine.tables import jobs as jobs_table
from tasks import sweep
from tests.engine.models import NOW, VILLAGE, bundle, extension, flow, form, job, town, user_task

A, B = town("甲"), town("乙")
STRANGER = town("丙", "120115/120115101")


def begin(db: Database, made: Any, process: str | None = None, **variables: Any) -> str:
    with db.transaction() as tx:
        definitions.deploy(tx, made, now=NOW)
        key = process or made.key
        return cases.start(tx, key, now=NOW, area=VILLAGE, number=f"{key}-1", title="某", variables=variables)


def tasks(db: Database, case_id: str) -> list[Any]:
    with db.reading() as tx:
        return worklist.open_of_case(tx, case_id)


def complete(
    db: Database, actor: Any, row: Any, values: dict[str, Any] | None = None, now: Any = NOW
) -> Completion:
    with db.transaction() as tx:
        return cases.complete(tx, actor, row.id, row.revision, values or {}, now)


def status(db: Database, case_id: str) -> str:
    with db.reading() as tx:
        return str(tx.run(select(cases_table.c.status).where(cases_table.c.id == case_id)).scalar_one())


TWO = user_task("a") + user_task("b") + flow("start", "a", "b", "end")


def test_a_case_goes_from_task_to_task_and_ends(db: Database) -> None:
    case = begin(db, bundle("two", TWO))
    (first,) = tasks(db, case)
    assert (first.element, first.tier, first.posts, first.area) == (
        "a",
        "town",
        ",town_civil_officer,",
        VILLAGE,
    )
    complete(db, A, first)
    (second,) = tasks(db, case)
    assert second.element == "b"
    complete(db, B, second)
    assert (tasks(db, case), status(db, case)) == ([], "completed")
    with db.reading() as tx:
        assert [e.kind for e in history.entries(tx, case)] == [
            "case.started",
            "task.completed",
            "task.completed",
        ]
        assert history.verify(tx, case) is None


def test_a_case_is_about_what_its_parent_is_about_unless_it_says_otherwise(db: Database) -> None:
    case = begin(db, bundle("two", TWO))
    given = {"now": NOW, "area": VILLAGE, "title": "某"}
    with db.transaction() as tx:
        top = cases.start(tx, "two", number="2", subject="h1", **given)
        below = cases.start(tx, "two", number="3", parent=top, **given)
        other = cases.start(tx, "two", number="4", parent=below, subject="h2", **given)
        orphan = cases.start(tx, "two", number="5", parent=case, **given)
    with db.reading() as tx:
        c = cases_table.c
        about = {row.id: row.subject for row in tx.run(select(c.id, c.subject))}
    assert about == {case: None, top: "h1", below: "h1", other: "h2", orphan: None}


def test_a_changed_row_of_history_is_found(db: Database) -> None:
    case = begin(db, bundle("two", TWO))
    complete(db, A, tasks(db, case)[0])
    with db.transaction() as tx:
        tx.run(history_table.update().where(history_table.c.seq == 2).values(payload={"name": "伪造"}))
    with db.reading() as tx:
        found = history.verify(tx, case)
    assert found is not None
    assert found.seq == 2


def test_lawful_deletion_of_contents_keeps_the_chain(db: Database) -> None:
    case = begin(db, bundle("two", TWO))
    complete(db, A, tasks(db, case)[0])
    with db.transaction() as tx:
        tx.run(history_table.update().where(history_table.c.seq == 1).values(payload=None))
    with db.reading() as tx:
        assert history.verify(tx, case) is None


def _told_anew(tx: Tx, case: str) -> None:
    """What somebody with the whole database in hands can do: change a row and compute the chain anew."""
    rows = tx.run(select(history_table).where(history_table.c.case_id == case).order_by(history_table.c.seq))
    known = [dict(row._mapping) for row in rows]
    tx.run(history_table.delete().where(history_table.c.case_id == case))
    head = history.GENESIS
    for row in known:
        payload = {**row["payload"], "forged": True}
        told = {"kind": row["kind"], "actor": row["actor"], "payload": payload, "command": row["command"]}
        head = history.append(tx, case, row["seq"], head, at=row["at"], now=row["entered_at"], **told)
    tx.run(cases_table.update().where(cases_table.c.id == case).values(head=head))


def test_a_chain_told_anew_is_found_by_the_anchor_of_its_day(db: Database) -> None:
    case, other = begin(db, bundle("two", TWO)), begin(db, bundle("other", TWO))
    monday, tuesday, wednesday = (date(2026, 9, n) for n in (14, 15, 16))
    with db.transaction() as tx:
        first = history.anchor(tx, monday, NOW)
        assert history.anchor(tx, monday, NOW) == first
    complete(db, A, tasks(db, case)[0])
    with db.transaction() as tx:
        history.anchor(tx, tuesday, NOW + timedelta(days=1))
        history.anchor(tx, wednesday, NOW + timedelta(days=2))
    with db.begin() as tx:
        rows = tx.run(
            select(anchors.c.heads, anchors.c.digest, anchors.c.previous).order_by(anchors.c.day)
        ).all()
        assert [row.heads for row in rows] == [2, 1, 0]  # only what moved is written down
        assert [row.previous for row in rows[1:]] == [row.digest for row in rows[:-1]]
        assert history.broken_anchors(tx) == []
        _told_anew(tx, case)
        assert history.verify(tx, case) is None
        assert history.broken_anchors(tx) == [monday, tuesday]
    with db.begin() as tx:
        tx.run(anchor_heads.delete().where(anchor_heads.c.case_id == other))
        assert history.broken_anchors(tx) == [monday]
    with db.begin() as tx:
        tx.run(anchors.update().where(anchors.c.day == tuesday).values(digest="0" * 64))
        assert history.broken_anchors(tx) == [tuesday, wednesday]


def test_a_person_of_another_town_may_not_act(db: Database) -> None:
    row = tasks(db, begin(db, bundle("two", TWO)))[0]
    with pytest.raises(Forbidden):
        complete(db, STRANGER, row)
    with pytest.raises(Forbidden):
        complete(db, town("丁", post="town_service_office"), row)


def test_a_stale_revision_changes_nothing(db: Database) -> None:
    case = begin(db, bundle("two", TWO))
    row = tasks(db, case)[0]
    with db.transaction() as tx:
        cases.claim(tx, A, row.id, row.revision, NOW)
    with pytest.raises(StaleRevision):
        complete(db, A, row)
    assert [t.element for t in tasks(db, case)] == ["a"]


def test_of_two_people_at_once_exactly_one_wins(db: Database) -> None:
    case = begin(db, bundle("two", TWO))
    row, barrier, results = tasks(db, case)[0], threading.Barrier(2), list[Any]()

    def submit(actor: Any) -> None:
        barrier.wait()
        try:
            results.append(complete(db, actor, row).finished)
        except Conflict as conflict:
            results.append(conflict.code)

    threads = [threading.Thread(target=submit, args=(actor,)) for actor in (A, B)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(map(str, results)) == ["True", "conflict"]
    assert [t.element for t in tasks(db, case)] == ["b"]


def test_two_people_sign_the_same_content(db: Database) -> None:
    amount = {"type": "number", "key": "amount", "label": "金额", "validate": {"required": True}}
    files = {"pay__form": form("pay", "payout", amount)}
    body = user_task("a", '<zeebe:formDefinition formId="pay"/>', together="2") + flow("start", "a", "end")
    case = begin(db, bundle("both", body, **files))
    assert complete(db, A, tasks(db, case)[0], {"amount": 5}).finished is False
    with pytest.raises(Forbidden):
        complete(db, A, tasks(db, case)[0], {"amount": 5})
    # B changes the amount: A's signature no longer fits, so A has to sign B's content.
    assert complete(db, B, tasks(db, case)[0], {"amount": 6}).signed == 1
    assert complete(db, A, tasks(db, case)[0], {"amount": 6}).finished is True
    with db.reading() as tx:
        assert step.lock(tx, case).sections("")["payout"] == {"amount": 6}
        assert set(worklist.actors_of(tx, case, ["a"])) == {"甲", "乙"}


def test_separation_of_duties_is_enforced(db: Database) -> None:
    recused = "=actors(&quot;a&quot;)"
    case = begin(
        db, bundle("duties", user_task("a") + user_task("b", recuse=recused) + flow("start", "a", "b", "end"))
    )
    complete(db, A, tasks(db, case)[0])
    row = tasks(db, case)[0]
    with pytest.raises(Forbidden) as caught:
        complete(db, A, row)
    assert caught.value.code == "recused"
    complete(db, B, row)
    assert status(db, case) == "completed"


def test_who_acted_is_asked_within_one_matter(db: Database) -> None:
    inner = (
        '<bpmn:startEvent id="from"/><bpmn:endEvent id="to"/>'
        + user_task("a")
        + user_task("b", recuse="=actors(&quot;a&quot;)")
        + flow("from", "a", "b", "to")
    )
    each = (
        '<bpmn:subProcess id="each"><bpmn:multiInstanceLoopCharacteristics isSequential="true"><bpmn:extensionElements>'
        '<zeebe:loopCharacteristics inputCollection="=[1, 2]" inputElement="item"/></bpmn:extensionElements>'
        f"</bpmn:multiInstanceLoopCharacteristics>{inner}</bpmn:subProcess>"
    )
    case = begin(db, bundle("matters", each + flow("start", "each", "end")))
    for actor in (A, B, B):
        complete(db, actor, tasks(db, case)[0])
    row = tasks(db, case)[0]
    with pytest.raises(Forbidden):
        complete(db, B, row)
    complete(db, A, row)  # who did `a` of the first matter may do `b` of the second
    assert status(db, case) == "completed"


def test_wrong_fields_are_named_and_nothing_moves(db: Database) -> None:
    amount = {"type": "number", "key": "amount", "label": "金额", "validate": {"required": True}}
    body = user_task("a", '<zeebe:formDefinition formId="pay"/>') + flow("start", "a", "end")
    case = begin(db, bundle("fields", body, pay__form=form("pay", "payout", amount)))
    for values, path in (({}, "amount"), ({"amount": "x"}, "amount"), ({"amount": 1, "extra": 2}, "extra")):
        with pytest.raises(Invalid) as caught:
            complete(db, A, tasks(db, case)[0], values)
        assert [f.path for f in caught.value.fields] == [path]
    assert [t.element for t in tasks(db, case)] == ["a"]


def test_send_back_cancels_and_keeps_history(db: Database) -> None:
    case = begin(db, bundle("two", TWO))
    complete(db, A, tasks(db, case)[0])
    row = tasks(db, case)[0]
    with db.transaction() as tx:
        assert hands.send_back_targets(tx, step.lock(tx, case), row) == {"a": hands.Target("a", True)}
        hands.send_back(tx, B, row.id, row.revision, "a", "材料不全", NOW)
    (again,) = tasks(db, case)
    assert (again.element, again.returned_from) == ("a", "b")
    with db.reading() as tx:
        assert [e.kind for e in history.entries(tx, case)][-1] == "task.sent_back"


def test_transfer_gives_the_task_to_somebody_who_may_do_it(db: Database) -> None:
    case = begin(db, bundle("two", TWO))
    row = tasks(db, case)[0]
    with db.begin() as tx, pytest.raises(Forbidden):
        hands.transfer(tx, A, row.id, row.revision, STRANGER, "请代办", NOW)
    with db.transaction() as tx:
        hands.transfer(tx, A, row.id, row.revision, B, "请代办", NOW)
    with pytest.raises(Conflict):
        complete(db, A, tasks(db, case)[0])
    complete(db, B, tasks(db, case)[0])


# ------------------------------------------------------------------------------------------ machines and time
BOUNDARY = (
    '<bpmn:boundaryEvent id="late" attachedToRef="a" cancelActivity="false"><bpmn:timerEventDefinition>'
    "<bpmn:timeDate>=deadline(&quot;survey.assign&quot;)</bpmn:timeDate></bpmn:timerEventDefinition></bpmn:boundaryEvent>"
)


def test_a_clock_runs_with_its_node_and_its_timer_fires_when_it_is_due(db: Database) -> None:
    body = (
        user_task("a", term="survey.assign")
        + BOUNDARY
        + user_task("told")
        + flow("start", "a", "end")
        + flow("late", "told")
    )
    case = begin(db, bundle("late", body))
    (row,) = tasks(db, case)
    assert (row.due_term, row.due_at.isoformat()) == ("survey.assign", "2026-09-15T16:00:00+00:00")
    with db.reading() as tx:
        (clock,) = clocks.of_case(tx, case)
        (timer,) = tx.run(select(timers.c.id, timers.c.due_at, timers.c.basis))
    assert (clock.due.isoformat(), clock.state, timer.due_at) == ("2026-09-15", "running", clock.due_at)
    assert timer.basis["term"] == "survey.assign"
    with db.transaction() as tx:
        assert cases.fire_timer(tx, timer.id, clock.due_at - timedelta(seconds=1)) is False
        assert cases.fire_timer(tx, timer.id, clock.due_at) is True
        assert cases.fire_timer(tx, timer.id, clock.due_at) is False
    assert sorted(t.element for t in tasks(db, case)) == ["a", "told"]
    complete(db, A, next(t for t in tasks(db, case) if t.element == "a"))
    with db.reading() as tx:
        assert [c.state for c in clocks.of_case(tx, case)] == ["stopped"]


def test_a_pause_suspends_clock_and_timer_and_resuming_moves_them(db: Database) -> None:
    """Waiting for papers stands still: `supplement` pauses the term of the stage around it."""
    stage = (
        f'<bpmn:subProcess id="stage">{extension(term="relief.survey")}<bpmn:startEvent id="s2"/>'
        + user_task("ask")
        + user_task("wait", pauses="supplement")
        + user_task("judge")
        + '<bpmn:endEvent id="e2"/>'
        + flow("s2", "ask", "wait", "judge", "e2")
        + "</bpmn:subProcess>"
    )
    guard = BOUNDARY.replace('attachedToRef="a"', 'attachedToRef="stage"').replace(
        "survey.assign", "relief.survey"
    )
    case = begin(
        db,
        bundle(
            "pause", stage + guard + user_task("told") + flow("start", "stage", "end") + flow("late", "told")
        ),
    )
    complete(db, A, tasks(db, case)[0])
    with db.reading() as tx:
        assert [c.state for c in clocks.of_case(tx, case)] == ["paused"]
        assert tx.run(select(timers.c.due_at)).scalar_one() is None
    complete(db, A, tasks(db, case)[0], now=NOW + timedelta(days=2))
    with db.reading() as tx:
        (clock,) = clocks.of_case(tx, case)
        due = tx.run(select(timers.c.due_at)).scalar_one()
    # 10 working days from 09-14 end on 09-28; the 15th and 16th stood still: two working days later.
    assert (clock.state, clock.due.isoformat(), due) == ("running", "2026-09-30", clock.due_at)
    assert tasks(db, case)[0].due_at == clock.due_at


def test_a_failing_job_becomes_an_incident_and_a_retry_finishes_the_case(db: Database) -> None:
    case = begin(db, bundle("work", job("do", "x.do") + flow("start", "do", "end")))
    now = NOW
    for attempt in range(3):
        now += timedelta(hours=1)
        with db.transaction() as tx:
            (leased,) = jobs.lease_jobs(tx, now)
            assert cases.fail_job(tx, leased.id, "boom", "坏了", now) is (attempt == 2)
    with db.transaction() as tx:
        assert jobs.lease_jobs(tx, now + timedelta(days=1)) == []
        (incident,) = incidents.of_case(tx, case)
        cases.retry(tx, A, incident.id, incident.revision, now)
        (leased,) = jobs.lease_jobs(tx, now)
        cases.finish_job(tx, leased.id, {}, now)
        assert [i.state for i in incidents.of_case(tx, case)] == ["resolved"]
    assert status(db, case) == "completed"


def test_a_lease_that_runs_out_gives_the_job_to_somebody_else(db: Database) -> None:
    begin(db, bundle("work", job("do", "x.do") + flow("start", "do", "end")))
    with db.transaction() as tx:
        (leased,) = jobs.lease_jobs(tx, NOW)
    with db.transaction() as tx:
        assert jobs.lease_jobs(tx, NOW + timedelta(seconds=30)) == []
        assert jobs.lease_jobs(tx, NOW + timedelta(minutes=3)) == [leased]


def test_a_gateway_without_answer_fails_the_step_and_keeps_what_was_typed(db: Database) -> None:
    gateway = (
        '<bpmn:exclusiveGateway id="which"/><bpmn:sequenceFlow id="yes" sourceRef="which" targetRef="end">'
        "<bpmn:conditionExpression>=unknown &gt; 1</bpmn:conditionExpression></bpmn:sequenceFlow>"
    )
    case = begin(db, bundle("stuck", user_task("a") + gateway + flow("start", "a", "which")))
    row = tasks(db, case)[0]
    with pytest.raises(StepFailed) as caught:
        complete(db, A, row)
    assert caught.value.element == "which"
    with db.transaction() as tx:
        cases.fail_task(tx, row.id, "which", "step_failed", caught.value.message, {"x": 1}, NOW)
    assert tasks(db, case)[0].draft == {"x": 1}
    with db.reading() as tx:
        assert tx.run(select(incidents_table.c.element)).scalar_one() == "which"


def test_a_message_waits_for_its_receiver(db: Database) -> None:
    message = (
        '<bpmn:message id="m" name="done"><bpmn:extensionElements><zeebe:subscription correlationKey="=key"/>'
        "</bpmn:extensionElements></bpmn:message>"
    )
    body = user_task("a") + '<bpmn:receiveTask id="r" messageRef="m"/>' + flow("start", "a", "r", "end")
    case = begin(db, bundle("message", body, message), key="k1")
    with db.transaction() as tx:
        assert messages.deliver(tx, "done", "k1", {"answer": 1}, now=NOW, ttl=timedelta(days=1)) == []
    complete(db, A, tasks(db, case)[0])
    sweep.drain(db, NOW)
    assert status(db, case) == "completed"


def test_open_cases_keep_their_version_and_new_ones_take_the_new(db: Database) -> None:
    old = begin(db, bundle("two", TWO))
    with db.transaction() as tx:
        definitions.deploy(
            tx,
            bundle("two", TWO.replace('value="town_civil_officer"', 'value="town_service_office"', 1)),
            now=NOW,
        )
        new = cases.start(tx, "two", now=NOW, area=VILLAGE, number="two-2", title="某")
    assert tasks(db, old)[0].posts == ",town_civil_officer,"
    assert tasks(db, new)[0].posts == ",town_service_office,"
    with db.transaction() as tx:
        assert definitions.versions(tx) == {"two": 2}
        definitions.deploy(
            tx,
            bundle("two", TWO.replace('value="town_civil_officer"', 'value="town_service_office"', 1)),
            now=NOW,
        )
        assert definitions.versions(tx) == {"two": 2}


def test_what_cannot_run_is_refused_at_deployment(db: Database) -> None:
    wrong = bundle(
        "wrong",
        '<bpmn:complexGateway id="g" name="选哪条"/>' + flow("start", "g", "end") + user_task("alone"),
    )
    with db.begin() as tx, pytest.raises(ModelRefused) as caught:
        definitions.deploy(tx, wrong, now=NOW)
    assert {r.element for r in caught.value.refusals} >= {"g", "alone"}
    assert all(r.remedy for r in caught.value.refusals)


def related(person: Any, _subject: Any, _title: Any, _area: Any) -> Any:
    """Everybody called 丙 is kin of everybody."""
    return select(literal("近亲属备案")).where(person == "丙").scalar_subquery()


def test_a_step_costs_at_most_eight_statements_and_one_commit(db: Database) -> None:
    """With everything a step may ask: a timer ends and one begins, a clock runs on, the law and kinship are looked up."""
    chain = "".join(
        user_task(f"t{n}")
        + f'<bpmn:boundaryEvent id="b{n}" attachedToRef="t{n}" cancelActivity="false"><bpmn:timerEventDefinition>'
        f'<bpmn:timeDuration>P7D</bpmn:timeDuration></bpmn:timerEventDefinition></bpmn:boundaryEvent><bpmn:endEvent id="e{n}"/>'
        + flow(f"b{n}", f"e{n}")
        for n in range(4)
    )
    aside = (
        '<bpmn:parallelGateway id="fork"/><bpmn:endEvent id="aside"/>'
        + user_task("long", term="survey.assign")
        + flow("fork", "long", "aside")
    )
    lawful = Database(db.engine, db.world.with_(related=related, rules=legal.Rules()))
    path = flow("start", "fork", "t0", "t1", "t2", "t3", "end")
    case = begin(lawful, bundle("chain", chain + aside + path))
    complete(lawful, A, next(t for t in tasks(db, case) if t.element == "t0"))
    row = next(t for t in tasks(db, case) if t.element == "t1")
    statements, commits = list[str](), list[object]()
    event.listen(db.engine, "before_cursor_execute", lambda _c, _k, text, *_: statements.append(text))
    event.listen(db.engine, "commit", commits.append)
    complete(lawful, A, row)
    work = [s for s in statements if not s.lower().startswith(("begin", "savepoint"))]
    assert len(work) <= 8, work
    assert len(commits) == 1


def test_nothing_is_left_of_a_transaction_that_is_not_committed(db: Database) -> None:
    case = begin(db, bundle("two", TWO))
    row = tasks(db, case)[0]
    with db.begin() as tx:
        cases.complete(tx, A, row.id, row.revision, {}, NOW)
    assert [t.element for t in tasks(db, case)] == ["a"]
    with db.reading() as tx:
        assert tx.run(select(user_tasks.c.id).where(user_tasks.c.element == "b")).all() == []
        assert tx.run(select(jobs_table.c.id)).all() == []


def test_kin_is_recused(db: Database) -> None:
    case = begin(db, bundle("two", TWO))
    watchful = Database(db.engine, db.world.with_(related=related))
    row = tasks(db, case)[0]
    with pytest.raises(Forbidden) as caught:
        complete(watchful, town("丙"), row)
    assert caught.value.code == "recused"
    complete(watchful, B, row)
