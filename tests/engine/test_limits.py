"""Running limits moved by people and by calendars, on both databases: extension, correction, choices of the district, notices."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from engine import (
    calendar_notice,
    cases,
    clocks,
    correcting,
    definitions,
    history,
    legal,
    limits,
    locking,
    moving,
    reprojection,
    worklist,
)
from engine.calendar import ZONE, local
from engine.clocks import Clock
from engine.db import Database
from engine.errors import Conflict, Forbidden, Invalid
from engine.replay import replay
from engine.routing import Actor
from engine.runner import bases
from engine.tables import timers
from engine.world import ToPosts
from tests.engine.models import NOW, VILLAGE, bundle, extension, flow, form, town, user_task

CIVIL, OFFICE = town("民政"), town("服务办", post="town_service_office")
NOTICE_2027 = """国务院办公厅关于2027年部分节假日安排的通知
国办发明电〔2026〕7号
一、元旦：1月1日（周五）至3日（周日）放假，共3天。
二、春节：2月5日（周五）至11日（周四）放假调休，共7天。1月30日（周六）、2月20日（周六）上班。
三、清明节：4月3日（周六）至5日（周一）放假，共3天。
四、劳动节：5月1日（周六）至5日（周三）放假调休，共5天。4月25日（周日）、5月8日（周六）上班。
五、端午节：6月9日（周三）放假1天。
六、中秋节：9月15日（周三）放假1天。
七、国庆节：10月1日（周五）至7日（周四）放假调休，共7天。9月26日（周日）、10月9日（周六）上班。"""
"""Invented, in the words of the real ones."""


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


@pytest.fixture
def told() -> list[ToPosts]:
    return []


@pytest.fixture
def office(db: Database, told: list[ToPosts]) -> Database:
    """The database under its own law, with somebody who listens."""
    db.world = db.world.with_(rules=legal.Rules(), tell=lambda _tx, message, _now: told.append(message))
    return db


def with_form(key: str) -> str:
    return f'<zeebe:formDefinition formId="{key}"/>'


ACCEPT = form(
    "accept",
    "accept",
    {"type": "datetime", "subtype": "date", "id": "f", "key": "accepted_on", "label": "受理日期"},
)
OPINION = form(
    "opinion",
    "opinion",
    {"type": "checkbox", "id": "x", "key": "extension", "label": "申请延长"},
    {"type": "textfield", "id": "r", "key": "extension_reason", "label": "事由"},
)
INNER = (
    '<bpmn:startEvent id="s2"/><bpmn:endEvent id="e2"/>'
    + user_task("opine", with_form("opinion"), extends="dibao.total")
    + user_task("more")
    + flow("s2", "opine", "more", "e2")
)
STAGE = (
    user_task("accept", with_form("accept"))
    + f'<bpmn:subProcess id="decide">{extension(term="dibao.total", clockStart="=accept.accepted_on")}{INNER}</bpmn:subProcess>'
    + '<bpmn:boundaryEvent id="late" attachedToRef="decide" cancelActivity="false"><bpmn:timerEventDefinition>'
    '<bpmn:timeDate>=deadline("dibao.total", accept.accepted_on)</bpmn:timeDate></bpmn:timerEventDefinition>'
    '</bpmn:boundaryEvent><bpmn:endEvent id="noted"/>'
    + flow("late", "noted")
    + flow("start", "accept", "decide", "end")
)


def begun(db: Database, accepted: str = "2026-09-07", now: datetime = NOW, number: str = "1") -> str:
    with db.transaction() as tx:
        definitions.deploy(tx, bundle("stage", STAGE, accept__form=ACCEPT, opinion__form=OPINION), now=now)
        case = cases.start(tx, "stage", now=now, area=VILLAGE, number=number, title="某")
        row = worklist.open_of_case(tx, case)[0]
        cases.complete(tx, CIVIL, row.id, row.revision, {"accepted_on": accepted}, now)
    return case


def clock(db: Database, case: str) -> Clock:
    with db.reading() as tx:
        return next(c for c in clocks.of_case(tx, case) if c.live)


def timer(db: Database, case: str) -> Any:
    with db.reading() as tx:
        return tx.run(select(timers).where(timers.c.case_id == case, timers.c.state == "pending")).one()


def task_due(db: Database, case: str) -> Any:
    with db.reading() as tx:
        return worklist.open_of_case(tx, case)[0]


def notes(db: Database, case: str, kind: str) -> list[Any]:
    with db.reading() as tx:
        assert history.verify(tx, case) is None
        return [entry.payload for entry in history.entries(tx, case) if entry.kind == kind]


# ------------------------------------------------------------------------------------------ 延长
def extend(db: Database, case: str, actor: Actor, now: datetime = NOW, **given: Any) -> Clock:
    given = {"reason": "公示有异议", **given}
    with db.transaction() as tx:
        return limits.extend(
            tx, actor, case, locking.case_of(tx, case).revision, clock(db, case).id, now=now, **given
        )


def test_an_extension_moves_the_clock_its_timer_and_its_task_and_is_written_down(office: Database) -> None:
    case = begun(office)
    assert clock(office, case).due == date(2026, 10, 23)
    extend(office, case, OFFICE)
    found = clock(office, case)
    assert found.due == date(2026, 11, 13)
    assert timer(office, case).due_at == found.due_at == task_due(office, case).due_at
    assert task_due(office, case).due_state == "extended"
    (row,) = notes(office, case, "clock.extended")
    assert (row["old"][:10], row["new"][:10], row["n"], row["reason"]) == (
        "2026-10-24",
        "2026-11-14",
        15,
        "公示有异议",
    )


@pytest.mark.parametrize(
    ("actor", "given", "kind", "words"),
    [
        (CIVIL, {}, Forbidden, "须由town_service_office、district_assistance_office决定"),
        (town("别镇", "120115/120115199", "town_service_office"), {}, Forbidden, "不在您的区域范围内"),
        (OFFICE, {"reason": "工作忙"}, Invalid, "须有规定的事由：公示有异议"),
        (OFFICE, {"n": 16}, Invalid, "最多还能延长 15 个工作日"),
        (OFFICE, {"now": at("2026-10-24T00:00")}, Conflict, "时限已经届满"),
    ],
)
def test_an_extension_is_refused_with_the_sentence(
    office: Database, actor: Actor, given: dict[str, Any], kind: type[Exception], words: str
) -> None:
    case = begun(office)
    with pytest.raises(kind) as refused:
        extend(office, case, actor, **given)
    assert words in refused.value.message  # type: ignore[attr-defined]
    assert clock(office, case).due == date(2026, 10, 23)


def test_on_the_last_day_it_is_still_possible_and_only_once(office: Database) -> None:
    case = begun(office)
    extend(office, case, OFFICE, now=at("2026-10-23T23:59"))
    with pytest.raises(Conflict, match="extension"):
        extend(office, case, OFFICE, now=at("2026-10-23T23:59"))


def test_an_extension_decided_in_time_may_be_entered_later_and_says_so(office: Database) -> None:
    """Due on 23 October: decided that day and entered on Monday it holds; decided on Saturday it does not; nor before the start, nor to come."""
    case, monday = begun(office), at("2026-10-26T09:00")
    with office.reading() as tx:
        rule = limits.extension_of(clocks.term_of(tx.world, clock(office, case)), clock(office, case), monday)
    assert rule is not None
    assert rule.lapsed
    with pytest.raises(Conflict, match="No further extension"):
        extend(office, case, OFFICE, monday)
    with pytest.raises(Conflict, match="No further extension"):
        extend(office, case, OFFICE, monday, decided_on=date(2026, 10, 24))
    for other in (date(2026, 9, 6), date(2026, 10, 27)):
        with pytest.raises(Invalid, match="Not a day of this limit"):
            extend(office, case, OFFICE, monday, decided_on=other)
    extend(office, case, OFFICE, monday, decided_on=date(2026, 10, 23))
    found = clock(office, case)
    assert found.due == date(2026, 11, 13)
    assert found.extension is not None
    (decision,) = found.extension["decisions"]
    assert (decision["on"], decision["at"][:10]) == ("2026-10-23", "2026-10-26")
    (row,) = notes(office, case, "clock.extended")
    assert row["on"] == "2026-10-23"


def test_a_pause_that_began_after_the_end_saves_nothing(office: Database) -> None:
    """A limit that had run out when it was paused is overrun; one paused in time may still be extended."""
    case = begun(office)
    with office.reading() as tx:
        term = clocks.term_of(tx.world, clock(office, case))
    for since, refused in ((at("2026-10-24T00:00"), True), (at("2026-10-23T23:59"), False)):
        pause = {"from": since.isoformat(), "to": None, "reason": "supplement", "token": "q"}
        held = clocks.with_(clock(office, case), state="paused", pauses=[pause])
        rule = limits.extension_of(term, held, at("2026-11-05T09:00"))
        assert rule is not None
        assert ("时限已经届满" in (rule.refusal or "")) is refused


def opine(db: Database, case: str, actor: Actor, **values: Any) -> None:
    with db.transaction() as tx:
        row = worklist.open_of_case(tx, case)[0]
        cases.complete(tx, actor, row.id, row.revision, values, NOW)


def test_the_form_of_a_step_extends_at_once_or_puts_it_before_who_decides(
    office: Database, told: list[ToPosts]
) -> None:
    """`extends` on the step, `extension` in its form (opinion of the review)."""
    first, second = begun(office), begun(office, number="2")
    head = town("主任", post="town_civil_officer")
    head = Actor(head.id, head.name, (*head.appointments, *OFFICE.appointments))
    opine(office, first, head, extension=True, extension_reason="公示有异议")
    assert clock(office, first).due == date(2026, 11, 13)
    opine(office, second, CIVIL, extension=True, extension_reason="公示有异议")
    assert clock(office, second).due == date(2026, 10, 23)
    assert (clock(office, second).asked or {})["by"] == CIVIL.id
    assert told[-1].posts[0] == "town_service_office"
    extend(office, second, OFFICE)
    assert (clock(office, second).due, clock(office, second).asked) == (date(2026, 11, 13), None)


def test_an_extension_asked_for_may_be_refused_and_the_date_stands(office: Database) -> None:
    case = begun(office)
    opine(office, case, CIVIL, extension=True, extension_reason="公示有异议")
    with office.transaction() as tx:
        now_at = locking.case_of(tx, case).revision
        limits.refuse_extension(tx, OFFICE, case, now_at, clocks.of_case(tx, case)[0].id, "理由不足", NOW)
    assert (clock(office, case).asked, clock(office, case).due) == (None, date(2026, 10, 23))
    assert notes(office, case, "clock.extension_refused")[0]["reason"] == "理由不足"


def test_a_form_that_asks_where_nothing_can_be_extended_is_refused_at_its_field(office: Database) -> None:
    case = begun(office)
    extend(office, case, OFFICE)
    with pytest.raises(Invalid) as refused:
        opine(office, case, CIVIL, extension=True, extension_reason="公示有异议")
    assert refused.value.fields[0].path == "extension"


# ------------------------------------------------------------------------------------------ 更正
def correct(
    db: Database, case: str, new: datetime, now: datetime = NOW, reason: str = "受理登记簿为9月5日"
) -> list[Clock]:
    with db.transaction() as tx:
        return correcting.correct(
            tx, OFFICE, case, locking.case_of(tx, case).revision, clock(db, case).id, new, reason, now
        )


def test_a_corrected_date_moves_clock_timer_task_and_document_and_both_dates_stay_known(
    office: Database,
) -> None:
    case = begun(office, "2026-09-14")
    before = clock(office, case)
    correct(office, case, at("2026-09-07"))
    after = clock(office, case)
    assert (before.due, after.due) == (date(2026, 10, 30), date(2026, 10, 23))
    assert after.started_at == at("2026-09-07")
    assert after.entered_at == NOW
    assert timer(office, case).due_at == after.due_at == task_due(office, case).due_at
    assert datetime.fromisoformat(timer(office, case).basis["start"]) == at("2026-09-07")
    with office.reading() as tx:
        assert locking.case_of(tx, case).document[""]["accept"]["accepted_on"] == "2026-09-07"
    (row,) = notes(office, case, "clock.corrected")
    assert (row["old"][:10], row["new"][:10], row["fields"]) == (
        "2026-09-14",
        "2026-09-07",
        ["accept.accepted_on"],
    )
    assert after.corrections[0]["by"] == OFFICE.id


def test_a_correction_is_refused_for_the_future_and_without_a_reason(office: Database) -> None:
    case = begun(office)
    for new, reason, words in (
        (NOW + timedelta(days=1), "笔误", "不能晚于现在"),
        (at("2026-09-01"), "", "请写明更正原因"),
    ):
        with pytest.raises(Invalid) as refused:
            correct(office, case, new, reason=reason)
        assert words in refused.value.message


def test_a_corrected_case_replays_to_itself(office: Database) -> None:
    case = begun(office, "2026-09-14")
    correct(office, case, at("2026-09-07"))
    with office.reading() as tx:
        found = locking.case_of(tx, case)
        pinned, known = definitions.pinned(tx, found.pins), moving.told(tx, case)
        assert known is not None
        again = replay(pinned.program, known.acts, moving.ledger(tx, case), moving.hosts(tx, found, pinned))
        assert again.divergence is None
        assert again.state is not None
        (basis,) = bases(pinned.program, again.state).values()
        assert datetime.fromisoformat(basis["start"]) == at("2026-09-07")


def test_an_event_entered_late_counts_from_the_event(office: Database) -> None:
    case = begun(office, "2026-09-07", now=at("2026-09-14T10:00"))
    found = clock(office, case)
    assert (found.started_at, found.entered_at) == (at("2026-09-07"), at("2026-09-14T10:00"))
    assert found.due == date(2026, 10, 23)


# ------------------------------------------------------------------------------------------ 日历
def load(db: Database, text: str, now: datetime = NOW) -> None:
    with db.transaction() as tx:
        legal.load_notice(tx, OFFICE, calendar_notice.read(text), "", now)


def sweep(db: Database, now: datetime = NOW) -> int:
    with db.reading() as tx:
        found = reprojection.waiting(tx)
    for case in found:
        with db.transaction() as tx:
            reprojection.reproject(tx, case, now)
    return len(found)


def test_a_notice_moves_open_clocks_with_old_and_new_date_and_the_provisional_mark_goes(
    office: Database, told: list[ToPosts]
) -> None:
    december = at("2026-12-21T10:00")
    case = begun(office, "2026-12-21", now=december)
    before = clock(office, case)
    assert before.provisional
    assert task_due(office, case).due_provisional
    assert [(m.title, m.once) for m in told] == [("请装入 2027 年放假安排", True)]
    with office.reading() as tx:
        new = tx.world.calendar.with_([calendar_notice.read(NOTICE_2027)], 1)
        (planned,) = list(reprojection.dry_run(tx, new, december))
    assert clock(office, case) == before
    load(office, NOTICE_2027, december)
    assert sweep(office, december) == 1
    assert sweep(office, december) == 0
    after = clock(office, case)
    assert not after.provisional
    assert after.due_at == planned.new_due != before.due_at
    assert timer(office, case).due_at == after.due_at == task_due(office, case).due_at
    (row,) = notes(office, case, "clock.reprojected")
    assert row["moved"][0]["old"] == local(before.due_at)
    assert "2027 年放假安排" in row["reason"]


def test_the_journal_names_the_notice_that_was_loaded_not_the_year_of_the_new_date(office: Database) -> None:
    """A corrected notice of 2026 moves a date that ends in 2027: it is the one that is named, also where 2027 is known."""
    december = at("2026-12-21T10:00")
    case = begun(office, "2026-12-01", now=december)
    load(office, NOTICE_2027, december)
    sweep(office, december)
    known = office.world.calendar.years[2026]
    more = {date(2026, 12, 24): "临时放假", date(2026, 12, 25): "临时放假"}
    corrected = replace(known, rest={**known.rest, **more}, notice="国办更正通知")
    with office.transaction() as tx:
        legal.load_notice(tx, OFFICE, corrected, "", december)
    sweep(office, december)
    last = notes(office, case, "clock.reprojected")[-1]
    assert last["moved"][0]["new"] > "2027"
    assert last["reason"] == "装入 2026 年放假安排（国办更正通知），时限重新计算"


def test_a_year_of_a_jurisdiction_counts_there_and_nowhere_else(office: Database) -> None:
    case = begun(office)
    load(
        office,
        'year = 2026\nnotice = "本区停办公告"\nsource = "区政府"\narea = "120115"\n[[rest]]\nname = "停办"\nfrom = 2026-09-21\nto = 2026-09-21\n',
    )
    sweep(office)
    assert clock(office, case).due == date(2026, 10, 26)
    (row,) = notes(office, case, "clock.reprojected")
    assert row["reason"] == "装入 2026 年放假安排（本区停办公告），时限重新计算"
    with office.reading() as tx:
        assert tx.world.calendar.of("120116/1").is_working_day(date(2026, 9, 21))
        assert not tx.world.calendar.of(VILLAGE).is_working_day(date(2026, 9, 21))


def test_the_same_notice_twice_is_refused(office: Database) -> None:
    load(office, NOTICE_2027)
    with pytest.raises(Conflict):
        load(office, NOTICE_2027)


# ------------------------------------------------------------------------------------------ 区里的规定
A, B = town("甲", post="district_bureau"), town("乙", post="system_admin")


def chosen(
    db: Database, n: Any, valid_from: str, now: datetime = NOW, key: str = "dibao.total", kind: str = "term"
) -> None:
    with db.transaction() as tx:
        made = legal.propose(tx, A, kind, key, n, date.fromisoformat(valid_from), "区政府令第1号", now)
        legal.decide(tx, B, made.id, made.revision, True, "", now)


def test_a_choice_holds_for_cases_accepted_from_its_day_on_and_every_process_sees_it(
    office: Database,
) -> None:
    old = begun(office)
    other = Database(office.engine, office.world.with_(rules=legal.Rules()))
    with other.reading() as tx:
        assert tx.world.terms.get("dibao.total", date(2026, 10, 1)).n == 30
    chosen(office, 20, "2026-10-01")
    with other.reading() as tx:
        assert tx.world.terms.get("dibao.total", date(2026, 10, 1)).n == 20
        assert tx.world.terms.get("dibao.total", date(2026, 9, 30)).n == 30
    new = begun(office, "2026-10-08", now=at("2026-10-08T09:00"), number="2")
    assert clock(office, new).due == date(2026, 11, 4)
    assert clock(office, old).due == date(2026, 10, 23)
    with office.reading() as tx:
        assert clocks.term_of(tx.world, clock(office, old)).n == 30
        term = clocks.term_of(tx.world, clock(office, new))
        assert (term.n, term.lawful_n, term.chosen_from) == (20, 30, date(2026, 10, 1))


@pytest.mark.parametrize(
    ("key", "n", "valid_from", "words"),
    [
        ("dibao.total", 31, "2026-10-01", "只能缩短，不能超过 30 个工作日（依据：民发〔2021〕57号"),
        ("dibao.notice", 6, "2026-10-01", "只能延长，不能少于 7 日（依据："),
        ("dibao.total", 20, "2026-09-14", "生效日期须晚于今天"),
        ("dibao.total", 30, "2026-10-01", "与当日有效的规定相同"),
    ],
)
def test_a_choice_outside_the_law_is_refused_with_the_article(
    office: Database, key: str, n: int, valid_from: str, words: str
) -> None:
    with pytest.raises(Invalid) as refused:
        chosen(office, n, valid_from, key=key)
    assert words in refused.value.message


def test_nobody_confirms_what_he_proposed_and_no_second_proposal_waits(office: Database) -> None:
    with office.transaction() as tx:
        made = legal.propose(tx, A, "term", "dibao.total", 20, date(2026, 10, 1), "区令", NOW)
    with office.begin() as tx, pytest.raises(Forbidden):
        legal.decide(tx, A, made.id, made.revision, True, "", NOW)
    with office.begin() as tx, pytest.raises(Conflict):
        legal.propose(tx, B, "term", "dibao.total", 25, date(2026, 10, 1), "区令", NOW)
    with office.begin() as tx, pytest.raises(Conflict, match="Its day"):
        legal.decide(tx, B, made.id, made.revision, True, "", at("2026-10-01T08:00"))


def test_back_to_the_legal_basis(office: Database) -> None:
    chosen(office, 20, "2026-10-01")
    chosen(office, None, "2026-12-01")
    with office.reading() as tx:
        found = [tx.world.terms.get("dibao.total", date(2026, month, 2)).n for month in (9, 10, 12)]
    assert found == [30, 20, 30]


def test_parameters_are_chosen_the_same_way(office: Database) -> None:
    chosen(office, 0.4, "2026-10-01", key="bureau.file_share", kind="parameter")
    with office.reading() as tx:
        assert str(tx.world.terms.parameter("bureau.file_share", date(2026, 10, 2))) == "0.4"
    with pytest.raises(Invalid, match="outside"):
        chosen(office, 0.2, "2026-11-01", key="bureau.file_share", kind="parameter")
