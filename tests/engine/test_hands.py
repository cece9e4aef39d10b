"""Hands on the token, on both databases: the ten tests of `people.md` 4.5, and what else the verbs promise."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from engine import asking, cases, clocks, definitions, hands, history, jobs, requests, step, worklist
from engine.db import Database, Tx
from engine.errors import Conflict, Forbidden, Invalid, XunzhenError
from engine.tables import history as history_table
from engine.tables import requests as requests_table
from engine.tables import timers, user_tasks
from tests.engine.models import NOW, VILLAGE, bundle, extension, flow, form, job, town, user_task
from tests.engine.test_cases import begin, complete, status, tasks

A, B, C, D, E = (town(name) for name in "甲乙丙丁戊")
STRANGER = town("外", "120115/120115101")
HOUR = timedelta(hours=1)
TWO = user_task("a") + user_task("b") + flow("start", "a", "b", "end")


def act(db: Database, do: Callable[[Tx], Any]) -> Any:
    with db.transaction() as tx:
        return do(tx)


def the(db: Database, case: str, element: str) -> Any:
    (found,) = [row for row in tasks(db, case) if row.element == element]
    return found


def names(db: Database, case: str) -> list[str]:
    return sorted(row.element for row in tasks(db, case))


def back(db: Database, actor: Any, row: Any, target: str, **more: Any) -> None:
    act(db, lambda tx: hands.send_back(tx, actor, row.id, row.revision, target, "请补充", NOW, **more))


def ask(db: Database, actor: Any, row: Any, *of: Any, kind: Any = "opinion") -> list[str]:
    return act(db, lambda tx: asking.ask(tx, actor, row.id, row.revision, kind, of, "请看看", NOW))  # type: ignore[no-any-return]


def reply(db: Database, actor: Any, request: str, opinion: str | None = None, text: str = "可以办理") -> None:
    act(db, lambda tx: asking.answer(tx, actor, request, 1, opinion, text, NOW))


def story(db: Database, case: str) -> list[tuple[str, str | None]]:
    with db.reading() as tx:
        assert history.verify(tx, case) is None
        return [(e.kind, e.actor) for e in history.entries(tx, case)]


def refused(kind: type[XunzhenError], db: Database, do: Callable[[Tx], Any], code: str | None = None) -> None:
    """The act is refused and leaves no trace in the history."""
    with db.reading() as tx:
        before = tx.run(select(func.count()).select_from(history_table)).scalar_one()
    with pytest.raises(kind) as caught, db.transaction() as tx:
        do(tx)
    assert code is None or caught.value.code == code
    with db.reading() as tx:
        assert tx.run(select(func.count()).select_from(history_table)).scalar_one() == before


def gateway(kind: str, element: str) -> str:
    return f'<bpmn:{kind}Gateway id="{element}"/>'


FORK = (
    user_task("a")
    + gateway("parallel", "fork")
    + user_task("b")
    + user_task("c")
    + gateway("parallel", "join")
    + user_task("d")
    + flow("start", "a", "fork", "b", "join", "d", "end")
    + flow("fork", "c", "join")
)
VOTE = {
    "type": "select",
    "key": "vote",
    "label": "意见",
    "values": [{"value": v, "label": v} for v in ("yes", "no")],
}


def countersign(decided: str) -> str:
    """会签: one task for each person, a declared decision rule over what was said."""
    rule = decided.replace("<", "&lt;").replace('"', "&quot;")
    many = (
        '<bpmn:multiInstanceLoopCharacteristics isSequential="false"><bpmn:extensionElements>'
        '<zeebe:loopCharacteristics inputCollection="=people" inputElement="who" outputCollection="votes" '
        'outputElement="=vote"/></bpmn:extensionElements>'
        f"<bpmn:completionCondition>={rule}</bpmn:completionCondition></bpmn:multiInstanceLoopCharacteristics>"
    )
    inner = '<zeebe:formDefinition formId="vote"/><zeebe:assignmentDefinition assignee="=who"/>'
    voting = user_task("sign", inner).replace("</bpmn:userTask>", many + "</bpmn:userTask>")
    return user_task("a") + voting + user_task("b") + flow("start", "a", "sign", "b", "end")


def signing(db: Database, decided: str, people: str = "甲乙丙丁戊") -> str:
    made = bundle("sign", countersign(decided), vote__form=form("vote", "signature", VOTE))
    case = begin(db, made, people=list(people))
    complete(db, A, the(db, case, "a"))
    return case


ALL = "numberOfCompletedInstances = numberOfInstances"
MAJORITY = 'count(votes[item = "yes"]) * 3 >= numberOfInstances * 2 or count(votes[item = "no"]) * 3 > numberOfInstances'


# ------------------------------------------------------------------------------------------ people.md 4.5
def test_1_back_before_a_fork_cancels_both_branches_and_the_join_fires_once(db: Database) -> None:
    case = begin(db, bundle("fork", FORK))
    complete(db, A, the(db, case, "a"))
    complete(db, B, the(db, case, "c"))  # one token waits at the join already
    back(db, A, the(db, case, "b"), "a")
    assert names(db, case) == ["a"]
    complete(db, A, the(db, case, "a"))
    assert names(db, case) == ["b", "c"]
    complete(db, A, the(db, case, "b"))
    assert names(db, case) == ["c"]
    complete(db, B, the(db, case, "c"))
    assert names(db, case) == ["d"]
    with db.reading() as tx:
        ended = tx.run(select(user_tasks.c.element, user_tasks.c.state)).all()
        assert ended.count(("d", "open")) == 1
        assert ended.count(("b", "cancelled")) == 1
        (sent,) = [e for e in history.entries(tx, case) if e.kind == "task.sent_back"]
    assert sent.payload is not None
    assert sent.payload["reason"] == "请补充"


def test_2_back_from_one_of_five_signers_starts_a_second_round_from_zero(db: Database) -> None:
    case = signing(db, ALL)
    rows = {row.assignee: row for row in tasks(db, case)}
    assert sorted(rows) == sorted("甲乙丙丁戊")
    complete(db, A, rows["甲"], {"vote": "yes"})
    complete(db, B, rows["乙"], {"vote": "no"})
    back(db, C, rows["丙"], "a")
    assert names(db, case) == ["a"]
    with db.reading() as tx:
        said = [e.payload["values"] for e in history.entries(tx, case) if e.payload and "values" in e.payload]
    assert {"vote": "yes"} in said
    assert {"vote": "no"} in said
    complete(db, A, the(db, case, "a"))
    assert names(db, case) == ["sign"] * 5
    with db.reading() as tx:
        locked = step.lock(tx, case)
        for row in tasks(db, case):
            assert "signature" not in step.sections_at(locked.document, row.path)
    for row in tasks(db, case):
        complete(db, town(row.assignee), row, {"vote": "yes"})
    with db.reading() as tx:
        assert step.lock(tx, case).variables["votes"] == ["yes"] * 5


INNER = user_task("x") + user_task("y") + '<bpmn:startEvent id="s2"/><bpmn:endEvent id="e2"/>'
SUB = f'<bpmn:subProcess id="sub">{INNER}{flow("s2", "x", "y", "e2")}</bpmn:subProcess>'


def test_3_out_of_a_sub_process_is_allowed_into_one_is_refused_never_half(db: Database) -> None:
    body = user_task("a") + SUB + user_task("z") + flow("start", "a", "sub", "z", "end")
    case = begin(db, bundle("nested", body))
    complete(db, A, the(db, case, "a"))
    complete(db, A, the(db, case, "x"))
    back(db, A, the(db, case, "y"), "a")
    assert names(db, case) == ["a"]
    for element in ("a", "x", "y"):
        complete(db, A, the(db, case, element))
    row = the(db, case, "z")
    for inside in ("x", "y"):
        refused(
            Invalid, db, lambda tx, to=inside: hands.send_back(tx, A, row.id, row.revision, to, "请补充", NOW)
        )  # type: ignore[misc]
    assert names(db, case) == ["z"]


def staged(inner: str, first: str, *rest: str) -> str:
    """A sub-process with the statutory term of the survey around a line of tasks."""
    lines = f'<bpmn:startEvent id="s2"/><bpmn:endEvent id="e2"/>{inner}{flow("s2", first, *rest, "e2")}'
    return f'<bpmn:subProcess id="stage">{extension(term="relief.survey")}{lines}</bpmn:subProcess>'


def test_4_a_task_done_again_has_new_timers_and_the_old_statutory_clock(db: Database) -> None:
    late = (
        '<bpmn:boundaryEvent id="late" attachedToRef="a" cancelActivity="false"><bpmn:timerEventDefinition>'
        "<bpmn:timeDuration>P1D</bpmn:timeDuration></bpmn:timerEventDefinition></bpmn:boundaryEvent>"
    )
    inner = (
        user_task("a", term="survey.assign")
        + late
        + user_task("told")
        + user_task("b")
        + flow("late", "told")
    )
    case = begin(db, bundle("again", staged(inner, "a", "b") + flow("start", "stage", "end")))
    with db.reading() as tx:
        before = {c.term: c for c in clocks.of_case(tx, case)}
    complete(db, A, the(db, case, "a"), now=NOW + 2 * HOUR)
    row, later = the(db, case, "b"), NOW + timedelta(days=1)
    act(db, lambda tx: hands.send_back(tx, A, row.id, row.revision, "a", "请补充", later))
    with db.reading() as tx:
        (timer,) = tx.run(select(timers).where(timers.c.state == "pending"))
        after = {c.term: c for c in clocks.of_case(tx, case) if c.state == "running"}
    assert timer.due_at == later + timedelta(days=1)
    assert after["relief.survey"] == before["relief.survey"]
    assert after["survey.assign"].due == before["survey.assign"].due + timedelta(days=1)


def test_5_a_signer_before_me_disagrees_and_i_decide(db: Database) -> None:
    case = begin(db, bundle("two", TWO))
    (asked, other) = ask(db, A, the(db, case, "a"), B, C, kind="presign")
    refused(Conflict, db, lambda tx: complete_in(tx, A, the(db, case, "a")), "opinions_outstanding")
    refused(Invalid, db, lambda tx: asking.answer(tx, B, asked, 1, None, "看过", NOW))
    refused(Invalid, db, lambda tx: asking.answer(tx, B, asked, 1, "disagree", "", NOW))
    reply(db, B, asked, "disagree", "收入未核实")
    refused(Conflict, db, lambda tx: asking.answer(tx, B, asked, 2, "agree", "改主意", NOW))
    assert names(db, case) == ["a"]
    refused(Conflict, db, lambda tx: complete_in(tx, A, the(db, case, "a")), "opinions_outstanding")
    reply(db, C, other, "agree", "")
    with db.reading() as tx:
        said = {r.asked_of: (r.opinion, r.answer) for r in requests.of_task(tx, the(db, case, "a").id)}
    assert said == {"乙": ("disagree", "收入未核实"), "丙": ("agree", "")}
    complete(db, A, the(db, case, "a"))
    assert names(db, case) == ["b"]


def complete_in(tx: Tx, actor: Any, row: Any) -> Any:
    return cases.complete(tx, actor, row.id, row.revision, {}, NOW)


def test_6_handed_on_twice_then_asked_then_withdrawn_reads_as_a_chain(db: Database) -> None:
    case = begin(db, bundle("two", TWO))
    for giver, receiver in ((A, B), (B, C)):
        row = the(db, case, "a")
        act(
            db, lambda tx, g=giver, r=receiver, w=row: hands.transfer(tx, g, w.id, w.revision, r, "出差", NOW)
        )  # type: ignore[misc]
    (asked,) = ask(db, C, the(db, case, "a"), D)
    refused(Forbidden, db, lambda tx: asking.withdraw_request(tx, A, asked, 1, "", NOW))
    act(db, lambda tx: asking.withdraw_request(tx, C, asked, 1, "已电话沟通", NOW))
    refused(Conflict, db, lambda tx: asking.answer(tx, D, asked, 2, None, "迟到的意见", NOW))
    complete(db, C, the(db, case, "a"))
    assert story(db, case) == [
        ("case.started", None),
        ("task.transferred", "甲"),
        ("task.transferred", "乙"),
        ("opinion.asked", "丙"),
        ("opinion.withdrawn", "丙"),
        ("task.completed", "丙"),
    ]
    with db.reading() as tx:
        chain = [(e.payload or {}) for e in history.entries(tx, case) if e.kind == "task.transferred"]
    assert [(p["from"], p["to"]) for p in chain] == [(None, "乙"), ("乙", "丙")]


@pytest.mark.parametrize("touch", ["nothing", "seen", "claimed", "drafted", "asked", "done"])
def test_7_taking_back_as_long_as_nobody_has_begun(db: Database, touch: str) -> None:
    case = begin(db, bundle("two", TWO))
    mine = the(db, case, "a")
    complete(db, A, mine)
    row = the(db, case, "b")
    if touch == "claimed":
        act(db, lambda tx: cases.claim(tx, B, row.id, row.revision, NOW))
    if touch == "drafted":
        act(db, lambda tx: cases.draft(tx, B, row.id, row.revision, {}, NOW) or tx.run(
            user_tasks.update().where(user_tasks.c.id == row.id).values(draft={"x": 1})))  # fmt: skip
    if touch == "asked":
        ask(db, B, row, C)
    if touch == "done":
        complete(db, B, row)
    free = touch in ("nothing", "seen")
    refused(Forbidden, db, lambda tx: hands.take_back(tx, B, mine.id, NOW))
    with db.reading() as tx:
        done = worklist.get(tx, mine.id)
        assert hands.can_take_back(tx, A, done) is free
        assert hands.can_take_back(tx, B, done) is False
    if not free:
        refused(Conflict, db, lambda tx: hands.take_back(tx, A, mine.id, NOW), "cannot_take_back")
        return
    act(db, lambda tx: hands.take_back(tx, A, mine.id, NOW))
    again = the(db, case, "a")
    assert (again.holder, names(db, case)) == ("甲", ["a"])
    refused(Conflict, db, lambda tx: hands.take_back(tx, A, mine.id, NOW))
    complete(db, A, again)
    assert names(db, case) == ["b"]
    assert [kind for kind, _ in story(db, case)].count("task.completed") == 2


def test_7_what_a_machine_has_done_is_not_taken_back(db: Database) -> None:
    body = user_task("a") + job("pay", "pay") + user_task("b") + flow("start", "a", "pay", "b", "end")
    case = begin(db, bundle("paid", body))
    mine = the(db, case, "a")
    complete(db, A, mine)
    with db.transaction() as tx:
        (leased,) = jobs.lease_jobs(tx, NOW)
        cases.finish_job(tx, leased.id, {}, NOW)
    refused(Conflict, db, lambda tx: hands.take_back(tx, A, mine.id, NOW), "cannot_take_back")
    assert names(db, case) == ["b"]


def test_7_a_parallel_branch_of_its_own_is_not_touched(db: Database) -> None:
    case = begin(db, bundle("fork", FORK))
    complete(db, A, the(db, case, "a"))
    mine = the(db, case, "b")
    complete(db, A, mine)
    # B's task leads to the join only: there is no next task to take it back from.
    refused(Conflict, db, lambda tx: hands.take_back(tx, A, mine.id, NOW), "cannot_take_back")
    complete(db, B, the(db, case, "c"))
    with db.reading() as tx:
        assert hands.can_take_back(tx, A, worklist.get(tx, mine.id)) is False
    assert names(db, case) == ["d"]


def test_8_nothing_is_ever_deleted(db: Database) -> None:
    case = begin(db, bundle("fork", FORK))
    complete(db, A, the(db, case, "a"))
    (one, two) = ask(db, A, the(db, case, "b"), B, C, kind="presign")
    act(db, lambda tx: asking.withdraw_request(tx, A, one, 1, "减签", NOW))
    reply(db, C, two, "agree", "")
    before = story(db, case)
    back(db, A, the(db, case, "b"), "a")
    assert story(db, case)[: len(before)] == before
    with db.reading() as tx:
        kept = sorted(tx.run(select(requests_table.c.asked_of, requests_table.c.state)).all())
        rows = tx.run(select(func.count()).select_from(user_tasks)).scalar_one()
    assert kept == [("丙", "answered"), ("乙", "withdrawn")]
    assert rows == 4


def test_9_who_leaves_hands_over_everything_and_nothing_is_orphaned(db: Database) -> None:
    made = bundle("two", TWO)
    with db.transaction() as tx:
        definitions.deploy(tx, made, now=NOW)
    for n in range(12):
        with db.transaction() as tx:
            case = cases.start(tx, "two", now=NOW, area=VILLAGE, number=f"n{n}", title="某")
            (row,) = worklist.open_of_case(tx, case)
            cases.claim(tx, A, row.id, row.revision, NOW)
            if n < 2:  # the successor has the other right: not of this town's post
                tx.run(
                    user_tasks.update().where(user_tasks.c.id == row.id).values(posts=",town_service_office,")
                )
    with db.reading() as tx:
        assert len(hands.held_by(tx, "甲")) == 12
    assert act(db, lambda tx: hands.hand_over(tx, E, "甲", B, "调离", NOW)) == (10, 2)
    with db.reading() as tx:
        assert hands.held_by(tx, "甲") == []
        assert len(hands.held_by(tx, "乙")) == 10
        assert tx.run(select(func.count()).where(user_tasks.c.state == "open")).scalar_one() == 12
    assert act(db, lambda tx: hands.hand_over(tx, E, "乙", None, "请假", NOW)) == (0, 10)


def test_10_cases_on_an_old_version_keep_working_where_the_new_one_has_no_such_node(db: Database) -> None:
    case = begin(db, bundle("two", TWO))
    complete(db, A, the(db, case, "a"))
    with db.transaction() as tx:
        definitions.deploy(tx, bundle("two", user_task("n") + flow("start", "n", "end")), now=NOW + HOUR)
    back(db, A, the(db, case, "b"), "a")
    complete(db, A, the(db, case, "a"), now=NOW + 2 * HOUR)
    complete(db, A, the(db, case, "b"), now=NOW + 2 * HOUR)
    assert status(db, case) == "completed"


# ------------------------------------------------------------------------------------------ 会签, 直送
def ballots(people: int) -> list[tuple[str, ...]]:
    return list(itertools.product(("yes", "no"), repeat=people))


@pytest.mark.parametrize("cast", [b for b in ballots(4) if b[:2] != ("no", "yes")])
def test_countersigning_decides_by_its_rule_and_one_no_does_not_kill_it(
    tx: Tx, cast: tuple[str, ...]
) -> None:
    """Two thirds of four say yes → three; more than one third say no → two: decided as soon as it is certain."""
    made = bundle("sign", countersign(MAJORITY), vote__form=form("vote", "signature", VOTE))
    definitions.deploy(tx, made, now=NOW)
    start = {"people": list("甲乙丙丁")}
    case = cases.start(tx, "sign", now=NOW, area=VILLAGE, number="1", title="某", variables=start)
    (first,) = worklist.open_of_case(tx, case)
    cases.complete(tx, A, first.id, first.revision, {}, NOW)
    spoken: list[str] = []
    for vote in cast:
        yes, no = spoken.count("yes"), spoken.count("no")
        open_ = [row for row in worklist.open_of_case(tx, case) if row.element == "sign"]
        if yes * 3 >= 8 or no * 3 > 4:
            assert open_ == []
            break
        assert len(open_) == 4 - len(spoken)
        row = min(open_, key=lambda r: r.assignee)
        cases.complete(tx, town(row.assignee), row.id, row.revision, {"vote": vote}, NOW)
        spoken.append(vote)
    assert [row.element for row in worklist.open_of_case(tx, case)] == ["b"]
    votes = step.lock(tx, case).variables["votes"]
    assert sorted(v for v in votes if v) == sorted(spoken)


def test_straight_back_skips_what_was_done_in_between(db: Database) -> None:
    body = user_task("a") + user_task("m") + user_task("b") + flow("start", "a", "m", "b", "end")
    case = begin(db, bundle("three", body))
    complete(db, A, the(db, case, "a"))
    complete(db, A, the(db, case, "m"))
    back(db, B, the(db, case, "b"), "a", straight=True)
    complete(db, A, the(db, case, "a"))
    assert names(db, case) == ["b"]


# ------------------------------------------------------------------------------------------ the other verbs
def opened_by(db: Database, actor: Any) -> str:
    with db.transaction() as tx:
        definitions.deploy(tx, bundle("two", TWO), now=NOW)
        return cases.start(tx, "two", now=NOW, area=VILLAGE, number="1", title="某", actor=actor)


def revision(db: Database, case: str) -> int:
    with db.reading() as tx:
        return step.lock(tx, case).revision


def test_the_opener_withdraws_while_nobody_else_has_acted(db: Database) -> None:
    case = opened_by(db, A)
    complete(db, A, the(db, case, "a"))
    refused(Forbidden, db, lambda tx: hands.withdraw(tx, B, case, revision(db, case), "误报了", NOW))
    refused(Invalid, db, lambda tx: hands.withdraw(tx, A, case, revision(db, case), " ", NOW))
    act(db, lambda tx: hands.withdraw(tx, A, case, revision(db, case), "误报了", NOW))
    assert (status(db, case), tasks(db, case)) == ("cancelled", [])
    assert story(db, case)[-1] == ("case.withdrawn", "甲")


def test_after_somebody_else_has_taken_it_up_the_opener_may_not_withdraw(db: Database) -> None:
    case = opened_by(db, A)
    row = the(db, case, "a")
    act(db, lambda tx: cases.claim(tx, B, row.id, row.revision, NOW))
    refused(
        Conflict,
        db,
        lambda tx: hands.withdraw(tx, A, case, revision(db, case), "误报了", NOW),
        "cannot_withdraw",
    )


def test_void_marks_a_case_running_or_closed_and_keeps_it(db: Database) -> None:
    for close in (False, True):
        with db.transaction() as tx:
            definitions.deploy(tx, bundle("two", TWO), now=NOW)
            case = cases.start(tx, "two", now=NOW, area=VILLAGE, number=f"v{close}", title="某")
        if close:
            complete(db, A, the(db, case, "a"))
            complete(db, A, the(db, case, "b"))
        rows = len(story(db, case))
        act(db, lambda tx, c=case: hands.void(tx, E, c, revision(db, c), "重复建档", NOW))  # type: ignore[misc]
        assert status(db, case) == ("completed" if close else "cancelled")
        with db.reading() as tx:
            assert step.lock(tx, case).conclusion == hands.VOIDED
        assert len(story(db, case)) == rows + 1
        refused(Conflict, db, lambda tx, c=case: hands.void(tx, E, c, revision(db, c), "重复建档", NOW))  # type: ignore[misc]
