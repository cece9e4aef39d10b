"""A limit ends at the act it asks for, entered then or later (decision 0012), on both databases."""

from __future__ import annotations

import random
from datetime import date, datetime, timedelta
from typing import Any

import orjson
import pytest

from api.views import due as views
from engine import cases, clocks, correcting, definitions, history, locking, messages, moving, worklist
from engine.calendar import ZONE, by_day, midnight
from engine.clocks import Clock
from engine.db import Database
from engine.errors import Conflict, Invalid, StepFailed, XunzhenError
from engine.replay import Moves
from tests.engine.models import NOW, VILLAGE, bundle, extension, flow, form, town, user_task

CIVIL, OFFICE = town("民政"), town("服务办", post="town_service_office")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


def asks(key: str, subtype: str) -> bytes:
    question: dict[str, object] = {
        "type": "datetime",
        "subtype": subtype,
        "id": "f",
        "key": key,
        "label": key,
    }
    return form(key, key, question)


def with_form(key: str) -> str:
    return f'<zeebe:formDefinition formId="{key}"/>'


FILES = {
    "delivered_on__form": asks("delivered_on", "date"),
    "given_at__form": asks("given_at", "datetime"),
    "decided_on__form": asks("decided_on", "date"),
}
# A letter that must be delivered within three working days of the day the case began, then published within ten of its delivery.
LETTER = (
    user_task("deliver", with_form("delivered_on"), term="refusal.letter", clockStart="=day", clockEnd="=delivered_on")
    + user_task("publish", term="publish.decision", clockStart="=delivered_on")
    + flow("start", "deliver", "publish", "end")
)  # fmt: skip
AID = user_task(
    "give", with_form("given_at"), term="first_aid.within", clockStart="=day", clockEnd="=given_at"
) + flow("start", "give", "end")


def begin(
    db: Database, body: str, extra: str = "", now: datetime = NOW, key: str = "ends", **variables: Any
) -> str:
    with db.transaction() as tx:
        definitions.deploy(tx, bundle(key, body, extra, **FILES), now=now)
        return cases.start(tx, key, now=now, area=VILLAGE, number="1", title="某", variables=variables)


def do(db: Database, case: str, element: str, values: Any = None, now: datetime = NOW) -> None:
    with db.reading() as tx:
        row = next(r for r in worklist.open_of_case(tx, case) if r.element == element)
    with db.transaction() as tx:
        cases.complete(tx, CIVIL, row.id, row.revision, values or {}, now)


def clock(db: Database, case: str, term: str, element: str | None = None) -> Clock:
    with db.reading() as tx:
        known = [c for c in clocks.of_case(tx, case) if c.term == term and element in (None, c.element)]
    return known[-1]


def words(db: Database, one: Clock, now: datetime) -> tuple[str, str]:
    shown = views.receipt(db.world, one, now, binding=False)
    return shown.words, shown.text


LATER = at("2026-09-21T14:30")  # the letter was due on Thursday 17 September


def test_what_was_done_in_time_and_entered_later_is_in_time(db: Database) -> None:
    case = begin(db, LETTER, day="2026-09-14")
    do(db, case, "deliver", {"delivered_on": "2026-09-17"}, LATER)
    found = clock(db, case, "refusal.letter")
    assert (found.state, found.due, found.stopped_at) == ("stopped", date(2026, 9, 17), LATER)
    assert found.ended_at is not None
    assert by_day(found.ended_at)
    assert (found.kept, found.entered_late) == (True, True)
    said, receipt = words(db, found, LATER)
    assert said == "按时办结（迟录），应于 9月17日前"
    assert receipt.endswith("；办结于9月17日（9月21日 14:30 录入）")


def test_what_was_done_late_is_late_and_what_was_entered_at_once_says_nothing_of_the_entry(
    db: Database,
) -> None:
    case = begin(db, LETTER, day="2026-09-14")
    do(db, case, "deliver", {"delivered_on": "2026-09-18"}, LATER)
    late = clock(db, case, "refusal.letter")
    assert late.kept is False
    assert words(db, late, LATER)[0] == "超期办结，应于 9月17日前"
    case = begin(db, LETTER, key="again", day="2026-09-14")
    now = at("2026-09-16T09:00")
    do(db, case, "deliver", {"delivered_on": "2026-09-16"}, now)
    prompt = clock(db, case, "refusal.letter")
    assert prompt.ended_at == prompt.stopped_at == now
    assert words(db, prompt, now) == (
        "按时办结，应于 9月17日前",
        "自2026年9月14日（作出决定）次日起算 3 个工作日，至9月17日（周四）；办结于9月16日 09:00",
    )


def test_without_a_moment_the_step_is_the_act(db: Database) -> None:
    """Null is no guess: the step itself is what is known; there is no date to put right then."""
    nobody = user_task(
        "deliver", with_form("delivered_on"), term="refusal.letter", clockStart="=day", clockEnd="=nothing"
    )
    case = begin(db, nobody + flow("start", "deliver", "end"), day="2026-09-14")
    do(db, case, "deliver", {"delivered_on": "2026-09-15"}, LATER)
    found = clock(db, case, "refusal.letter")
    assert (found.ended_at, found.ended_by, found.kept, found.entered_late) == (LATER, None, False, False)
    case = begin(
        db, nobody + user_task("on") + flow("start", "deliver", "on", "end"), key="on", day="2026-09-14"
    )
    do(db, case, "deliver", {}, LATER)
    refused = refusal(Conflict, db, case, clock(db, case, "refusal.letter"), "2026-09-15T00:00", LATER)
    assert "没有另记的办理时间" in refused


@pytest.mark.parametrize(
    ("given", "said"),
    [("2026-09-22", "办理时间 2026-09-22 00:00 晚于现在"), ("=\"昨天\"", "不是日期或时刻")],
)  # fmt: skip
def test_an_act_of_the_future_or_no_moment_at_all_is_refused(db: Database, given: str, said: str) -> None:
    text = given.replace('"', "&quot;") if given.startswith("=") else "=delivered_on"
    task = user_task("deliver", with_form("delivered_on"), term="refusal.letter", clockEnd=text)
    case = begin(db, task + flow("start", "deliver", "end"))
    with pytest.raises(StepFailed) as refused:
        do(db, case, "deliver", {"delivered_on": given if text == "=delivered_on" else None}, LATER)
    assert said in refused.value.message
    assert clock(db, case, "refusal.letter").state == "running"


@pytest.mark.parametrize(
    ("given", "entered", "kept"),
    [
        ("2026-09-15T09:00:00+08:00", "2026-09-20T09:00", True),
        ("2026-09-15T10:00:00+08:00", "2026-09-20T09:00", False),
        ("2026-09-14", "2026-09-20T09:00", True),
        ("2026-09-15", "2026-09-20T09:00", False),  # at nine or at noon? Nobody wrote it down
        ("2026-09-15", "2026-09-15T09:00", True),  # by nine at the latest
    ],
)
def test_a_limit_in_hours_is_never_kept_by_a_day_without_its_hour(
    db: Database, given: str, entered: str, kept: bool
) -> None:
    day = len(given) == 10
    task = user_task("give", with_form("delivered_on" if day else "given_at"), term="first_aid.within", clockStart="=day",
                     clockEnd="=delivered_on" if day else "=given_at")  # fmt: skip
    case = begin(db, task + flow("start", "give", "end"), day=NOW.isoformat())
    do(db, case, "give", {"delivered_on" if day else "given_at": given}, at(entered))
    found = clock(db, case, "first_aid.within")
    assert found.kept is kept
    assert ("只记日期，按当日终了计" in words(db, found, LATER)[1]) is by_day(found.ended_at or NOW)


def test_an_act_before_the_clock_began_is_in_time(db: Database) -> None:
    """Help was given before anybody had confirmed the hardship; forms hold what is absurd."""
    case = begin(db, AID, day=NOW.isoformat())
    do(db, case, "give", {"given_at": "2026-09-14T09:00:00+08:00"}, LATER)
    assert clock(db, case, "first_aid.within").kept is True


INNER = '<bpmn:startEvent id="s2"/><bpmn:endEvent id="e2"/>' + user_task("decide", with_form("decided_on"))
STAGE = (
    f'<bpmn:subProcess id="stage">{extension(term="relief.bureau", clockStart="=day", clockEnd="=decided_on")}'
    + INNER
    + flow("s2", "decide", "e2")
    + "</bpmn:subProcess>"
    + flow("start", "stage", "end")
)


def test_a_stage_ends_when_what_was_decided_in_it_was_decided(db: Database) -> None:
    case = begin(db, STAGE, day="2026-09-14")
    do(db, case, "decide", {"decided_on": "2026-09-15"}, LATER)
    found = clock(db, case, "relief.bureau")
    assert (found.element, found.stopped_at, found.ended_by) == ("stage", LATER, "=decided_on")
    assert found.ended_at == midnight(date(2026, 9, 16)) - timedelta(microseconds=1)


STOPS = (
    f'<bpmn:subProcess id="stage">{extension(term="relief.total", clockStart="=day")}'
    '<bpmn:startEvent id="s2"/><bpmn:endEvent id="e2"/>'
    + user_task("decide", with_form("decided_on"))
    + user_task("write", stops="relief.total", stopsAt="=decided_on")
    + flow("s2", "decide", "write", "e2")
    + "</bpmn:subProcess>"
    + flow("start", "stage", "end")
)


def test_a_stop_fact_lies_when_it_came_about(db: Database) -> None:
    case = begin(db, STOPS, day="2026-09-01")
    do(db, case, "decide", {"decided_on": "2026-09-10"}, at("2026-09-28T09:00"))
    found = clock(db, case, "relief.total")
    assert (found.state, found.kept, found.entered_late) == ("stopped", True, True)
    assert found.ended_at == midnight(date(2026, 9, 11)) - timedelta(microseconds=1)


BANK = (
    '<bpmn:message id="m" name="answer"><bpmn:extensionElements><zeebe:subscription correlationKey="=key"/>'
    "</bpmn:extensionElements></bpmn:message>"
)


def test_what_is_awaited_ends_when_it_was_answered(db: Database) -> None:
    body = (
        f'<bpmn:receiveTask id="reply" messageRef="m">{extension(term="referral.accept", clockStart="=day", clockEnd="=replied_at")}'
        "</bpmn:receiveTask>" + flow("start", "reply", "end")
    )
    with db.transaction() as tx:
        definitions.deploy(tx, bundle("awaits", body, BANK, **FILES), now=NOW)
        case = cases.start(
            tx, "awaits", now=NOW, area=VILLAGE, number="2", title="某", variables={"day": "2026-09-14", "key": "k"}
        )  # fmt: skip
    with db.transaction() as tx:
        assert messages.deliver(tx, "answer", "k", {"replied_at": "2026-09-16T09:00:00+08:00"}, now=LATER)
    found = clock(db, case, "referral.accept")
    assert (found.ended_at, found.stopped_at, found.kept) == (at("2026-09-16T09:00"), LATER, True)


# ------------------------------------------------------------------------------------------ pauses, steps of one limit
PARTS = (
    '<bpmn:parallelGateway id="fork"/><bpmn:endEvent id="aside"/>'
    + user_task("before")
    + user_task("hold", pauses="supplement", clockStart="=held_from", resumesAt="=held_to")
    + user_task("a", with_form("delivered_on"), term="relief.survey", clockStart="=day", clockEnd="=delivered_on")
    + user_task("b", term="relief.survey", clockStart="=day")
    + flow("start", "fork", "a", "b", "end")
    + flow("fork", "before", "hold", "aside")
)  # fmt: skip


def test_a_pause_after_the_act_takes_nothing_of_its_step_and_all_of_it_from_the_next(db: Database) -> None:
    case = begin(db, PARTS, day="2026-09-01", held_from="2026-09-10", held_to="2026-09-16")
    do(db, case, "before", now=at("2026-09-10T09:00"))
    do(db, case, "hold", now=at("2026-09-16T09:00"))
    assert clock(db, case, "relief.survey").due == date(
        2026, 9, 20
    )  # ten working days and five that stood still
    do(db, case, "a", {"delivered_on": "2026-09-08"}, at("2026-09-18T09:00"))
    first, next_ = (clock(db, case, "relief.survey", element) for element in "ab")
    assert (first.due, clocks.own_pauses(first)) == (date(2026, 9, 15), [])
    assert (next_.due, len(next_.pauses)) == (date(2026, 9, 20), 1)


def test_of_a_pause_that_outlasts_the_act_its_step_has_the_part_before(db: Database) -> None:
    case = begin(db, PARTS, day="2026-09-01", held_from="2026-09-07", held_to=None)
    do(db, case, "before", now=at("2026-09-07T09:00"))
    do(db, case, "a", {"delivered_on": "2026-09-09"}, at("2026-09-11T09:00"))
    first, next_ = (clock(db, case, "relief.survey", element) for element in "ab")
    assert (first.state, first.due, first.kept) == ("stopped", date(2026, 9, 17), True)
    assert (next_.state, [p["to"] for p in next_.pauses]) == ("paused", [None])
    do(db, case, "hold", now=at("2026-09-14T09:00"))
    assert clock(db, case, "relief.survey", "b").due == date(2026, 9, 21)


def _counted(db: Database, first: date, last: date) -> int:
    calendar = db.world.calendar
    days = [first + timedelta(days=n) for n in range(1, (last - first).days + 1)]
    return sum(calendar.is_working_day(day) for day in days)


def test_random_acts_entries_and_pauses_are_judged_as_counted_by_hand(db: Database) -> None:
    """Ten working days from the day after 1 September: of the days up to the act those count that did not stand still."""
    dice = random.Random(2026)
    verdicts = set()
    for n in range(24):
        held, back, act = sorted(date(2026, 9, 1) + timedelta(days=dice.randrange(1, 25)) for _ in range(3))
        if dice.random() < 0.6:
            held, back, act = dice.sample([held, back, act], 3)
        if back < held:
            held, back = back, held
        entered = max(back, act) + timedelta(days=dice.randrange(5))
        case = begin(
            db, PARTS, key=f"n{n}", day="2026-09-01", held_from=held.isoformat(), held_to=back.isoformat()
        )
        steps: list[tuple[datetime, str, dict[str, str]]] = [
            (midnight(held) + timedelta(hours=8), "before", {}),
            (midnight(back) + timedelta(hours=9), "hold", {}),
        ]
        steps.append((midnight(entered) + timedelta(hours=10), "a", {"delivered_on": act.isoformat()}))
        for now, element, values in sorted(steps, key=lambda one: one[0]):
            do(db, case, element, values, now)
        found = clock(db, case, "relief.survey", "a")
        stood = _counted(db, min(held, act), min(back, act))
        used = _counted(db, date(2026, 9, 1), act)
        over = held > date(2026, 9, 15)  # its time had run out: a pause takes nothing any more
        expected = used - (0 if over else stood) <= 10
        assert found.kept is expected, (n, held, back, act, entered)
        verdicts.add((expected, act < held, act > back, entered > act))
        with db.reading() as tx:
            assert history.verify(tx, case) is None
    assert len(verdicts) > 5


# ------------------------------------------------------------------------------------------ 更正
def correct(db: Database, case: str, one: Clock, new: str, now: datetime, *, end: bool = True) -> list[Clock]:
    with db.transaction() as tx:
        revision = locking.case_of(tx, case).revision
        return correcting.correct(tx, OFFICE, case, revision, one.id, at(new), "回证为准", now, end=end)


def test_a_date_of_an_act_put_right_is_judged_anew_and_what_runs_from_it_moves(db: Database) -> None:
    case = begin(db, LETTER, day="2026-09-14")
    do(db, case, "deliver", {"delivered_on": "2026-09-18"}, LATER)
    assert clock(db, case, "publish.decision").due == date(2026, 10, 9)
    now = at("2026-09-22T09:00")
    moved = correct(db, case, clock(db, case, "refusal.letter"), "2026-09-16T00:00", now)
    assert {c.term for c in moved} == {"refusal.letter", "publish.decision"}
    ended = clock(db, case, "refusal.letter")
    assert (ended.kept, ended.stopped_at) == (True, LATER)
    assert ended.ended_at == midnight(date(2026, 9, 17)) - timedelta(microseconds=1)
    assert clock(db, case, "publish.decision").due == date(2026, 9, 30)
    said, receipt = words(db, ended, now)
    assert said.startswith("按时办结（迟录）")
    assert receipt.endswith(
        "办结于9月16日（9月21日 14:30 录入）；办理时间经更正，原为9月18日（服务办：回证为准）"
    )
    with db.reading() as tx:
        assert locking.case_of(tx, case).document[""]["delivered_on"]["delivered_on"] == "2026-09-16"
        (row,) = [e.payload or {} for e in history.entries(tx, case) if e.kind == "clock.corrected"]
        assert history.verify(tx, case) is None
    (judged,) = row["judged"]
    assert (judged["kept"], judged["now_kept"], row["end"]) == (False, True, True)
    # The same date through the limit that runs from it: one date, one truth.
    correct(db, case, clock(db, case, "publish.decision"), "2026-09-18T00:00", now, end=False)
    assert clock(db, case, "refusal.letter").kept is False


def refusal(kind: type[XunzhenError], db: Database, case: str, one: Clock, new: str, now: datetime) -> str:
    with pytest.raises(kind) as refused:
        correct(db, case, one, new, now)
    return refused.value.message


def test_a_date_in_a_section_that_repeats_is_put_right_in_its_entry(db: Database) -> None:
    """And stays right when the case is moved: the history keeps what was written."""
    again = orjson.loads(asks("delivered_on", "date"))
    again["properties"] |= {"section": "letters", "repeats": True}
    files = {**FILES, "delivered_on__form": orjson.dumps(again)}
    with db.transaction() as tx:
        definitions.deploy(tx, bundle("again", LETTER, "", **files), now=NOW)
        given: dict[str, Any] = {"number": "1", "title": "某", "variables": {"day": "2026-09-14"}}
        case = cases.start(tx, "again", now=NOW, area=VILLAGE, **given)
    do(db, case, "deliver", {"delivered_on": "2026-09-18"}, LATER)
    correct(db, case, clock(db, case, "refusal.letter"), "2026-09-16T00:00", LATER)
    other = LETTER.replace('name="publish"', 'name="公布"')
    with db.transaction() as tx:
        target = definitions.deploy(tx, bundle("again", other, "", **files), now=LATER)
        assert moving.move(tx, OFFICE, case, target, Moves(), LATER).state == "moves"
    with db.reading() as tx:
        document = locking.case_of(tx, case).document
    assert document[""]["letters"] == [{"delivered_on": "2026-09-16"}]


@pytest.mark.parametrize(
    ("new", "said"), [("2026-09-23T00:00", "晚于现在"), ("2026-09-13T00:00", "早于起算日期"), ("2026-09-18T00:00", "相同")]
)  # fmt: skip
def test_an_act_is_put_right_between_the_start_of_its_limit_and_now(
    db: Database, new: str, said: str
) -> None:
    case = begin(db, LETTER, day="2026-09-14")
    do(db, case, "deliver", {"delivered_on": "2026-09-18"}, LATER)
    one = clock(db, case, "refusal.letter")
    assert said in refusal(Invalid, db, case, one, new, at("2026-09-22T09:00"))
