"""The receipt says what was counted: start-aware, with years, hours by their windows, pauses in words."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, datetime, time

import pytest

from engine.calendar import ZONE, load_calendar
from engine.deadline import compute, part_of, second_period, words
from engine.receipt import sentence
from engine.terms import PAUSES, Choice, Term, Terms, ad_hoc, limits, wrong_number, wrong_value
from engine.terms_file import load_terms
from tests.conftest import PROCESSES

CALENDAR, TERMS = load_calendar(PROCESSES / "calendars"), load_terms(PROCESSES / "terms.toml")
ON = date(2026, 9, 1)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


def term(text: str) -> Term:
    found = ad_hoc(text)
    assert found is not None
    return replace(found, start_event="受理")


SUPPLEMENT = [(at("2026-09-07T11:00"), at("2026-09-08T11:00"), "supplement")]


@pytest.mark.parametrize(
    ("what", "start", "pauses", "said"),
    [
        ("3wd", "2026-09-07T10:00", [], "自2026年9月7日（受理）次日起算 3 个工作日，至9月10日（周四）"),
        ("12m", "2026-03-02T10:00", [], "自2026年3月2日（受理）次日起算 12 个月，至2027年3月2日（周二）"),
        ("24h", "2026-09-07T10:00", [], "自2026年9月7日 10:00（受理）起 24 小时，至9月8日 10:00"),
        (
            "24h",
            "2026-09-07T10:00",
            SUPPLEMENT,
            "自2026年9月7日 10:00（受理）起 24 小时，至9月9日 10:00；中止：等待补正（9月7日 11:00 至 9月8日 11:00）",
        ),
        (
            "5cd",
            "2026-09-07T10:00",
            [(at("2026-09-08T11:00"), at("2026-09-09T11:00"), "dispute")],
            "自2026年9月7日（受理）次日起算 5 日，至9月13日（周日）；不计 1 天：核对结果有争议（9月9日）",
        ),
        (
            "4wh",
            "2026-12-31T17:00",
            [],
            (
                "自2026年12月31日 17:00（受理）起 4 个工作小时，至2027年1月4日 12:00；计入12月31日 17:00–17:30、2027年1月4日 08:30–12:00"
                "；不计 3 天：元旦（2027年1月1日）、周末（2027年1月2日等2天）；暂定，待放假安排公布后重新计算"
            ),
        ),
    ],
)
def test_the_sentence(what: str, start: str, pauses: list[tuple[datetime, datetime, str]], said: str) -> None:
    assert sentence(compute(term(what), at(start), CALENDAR, provisional=True, pauses=pauses)) == said


def test_a_term_that_counts_its_first_day_says_so() -> None:
    found = compute(replace(term("3wd"), start="moment"), at("2026-07-01T00:00"), CALENDAR)
    assert found.days[0].date == date(2026, 7, 1)
    assert sentence(found) == "自2026年7月1日（受理）起算（当日计入）3 个工作日，至7月3日（周五）"


def test_extended_hours_are_told() -> None:
    found = compute(term("24h"), at("2026-09-07T10:00"), CALENDAR, extension={"n": 12})
    assert sentence(found).endswith("36 小时，至9月8日 22:00，含延长 12 小时")


def test_every_pause_of_the_table_has_a_word() -> None:
    used = {reason for versions in TERMS.terms.values() for one in versions for reason in one.pauses}
    assert used <= set(PAUSES)


# ------------------------------------------------------------------------------------------ minutes
def test_overlapping_pauses_take_their_time_once_and_none_after_the_end() -> None:
    begin = at("2026-09-08T08:00")
    both = [
        (at("2026-09-08T10:00"), at("2026-09-09T10:00"), "supplement"),
        (at("2026-09-08T12:00"), at("2026-09-09T09:00"), "dispute"),
    ]
    assert compute(term("24h"), begin, CALENDAR, pauses=both).due_at == at("2026-09-10T08:00")
    late = [(at("2026-09-09T09:00"), at("2026-09-11T09:00"), "supplement")]
    assert compute(term("24h"), begin, CALENDAR, pauses=late).due_at == at("2026-09-09T08:00")


def test_reminders_and_the_second_period_are_counted_as_the_term_is() -> None:
    friday = compute(term("4wh"), at("2026-09-11T17:00"), CALENDAR)
    assert friday.due_at == at("2026-09-14T12:00")
    assert [part_of(friday, share) for share in (0.5, 0.8)] == [
        at("2026-09-14T10:00"),
        at("2026-09-14T11:12"),
    ]
    assert second_period(friday) == at("2026-09-14T17:30")
    paused = compute(term("24h"), at("2026-09-07T10:00"), CALENDAR, pauses=SUPPLEMENT)
    assert part_of(paused, 0.5) == at("2026-09-08T22:00")
    assert second_period(paused) == at("2026-09-10T10:00")
    before_the_holiday = compute(term("5wd"), at("2026-09-21T10:00"), CALENDAR)
    assert before_the_holiday.due == date(2026, 9, 29)
    assert second_period(before_the_holiday) == at("2026-10-13T00:00")
    with_the_day = compute(replace(term("3wd"), start="moment"), at("2026-07-01T00:00"), CALENDAR)
    assert second_period(with_the_day) == at("2026-07-09T00:00")


@pytest.mark.parametrize(
    ("now", "said"),
    [
        ("2026-09-08T23:00", "剩 2 小时 · 9月9日 01:00前"),
        ("2026-09-08T23:59", "剩 1 小时 · 9月9日 01:00前"),
        ("2026-09-07T23:00", "剩 2 个工作日 · 9月9日 01:00前"),
    ],
)
def test_hours_left_are_said_in_hours(now: str, said: str) -> None:
    assert words(at("2026-09-09T01:00"), at(now), CALENDAR) == said


# ------------------------------------------------------------------------------------------ what a district may choose
def test_a_least_period_can_only_be_lengthened_whoever_set_it() -> None:
    shortest = {key: limits(TERMS.get(key, ON)) for key in TERMS.terms}
    for key, (least, _) in shortest.items():
        basis = TERMS.get(key, ON)
        assert basis.kind == "max" or least == basis.n, key
    assert wrong_number(TERMS.get("hearing.window", ON), 4) is not None
    assert wrong_number(TERMS.get("hearing.window", ON), 6) is None


def test_working_hours_are_a_parameter_of_the_day() -> None:
    parameter = TERMS.parameters["working_hours"][0]
    assert wrong_value(parameter, ["09:00-12:00", "14:00-18:00"]) is None
    for wrong in (["9-12"], ["14:00-18:00", "09:00-12:00"], ["08:00-12:00", "11:00-17:00"], []):
        assert wrong_value(parameter, wrong) is not None
    summer = TERMS.with_choices([Choice("working_hours", ["09:00-12:00", "14:30-18:00"], date(2026, 9, 10))])
    due = [
        compute(summer.get("4wh", day), at("2026-09-14T10:00"), CALENDAR).due_at.time()
        for day in (ON, date(2026, 9, 10))
    ]
    assert due == [time(15, 30), time(16, 30)]
    opens = summer.get("3wd", date(2026, 9, 10))
    assert part_of(compute(opens, at("2026-09-14T10:00"), CALENDAR), 0.5) == at("2026-09-16T09:00")


def test_a_table_without_the_parameter_has_the_usual_hours() -> None:
    assert compute(Terms().get("4wh", ON), at("2026-09-14T10:00"), CALENDAR).due_at == at("2026-09-14T15:30")


def test_every_term_is_asked_for_somewhere() -> None:
    """A limit no drawing, table or code asks for never runs."""
    root = PROCESSES.parent
    files = [*PROCESSES.rglob("*.bpmn"), *PROCESSES.rglob("*.dmn"), *PROCESSES.rglob("*.form")]
    files += [
        path for folder in ("casework", "tasks", "api", "engine") for path in (root / folder).rglob("*.py")
    ]
    text = "\n".join(path.read_text(encoding="utf-8") for path in files)
    bases = {key.removesuffix(".emergency").removesuffix(".ordinary") for key in TERMS.terms}
    assert {key for key in bases if not re.search(rf"{re.escape(key)}(?![\w.])", text)} == set()


def test_nobody_chooses_the_periods_that_belong_to_the_person() -> None:
    theirs = ["remedy.apply", "remedy.apply_untold", "remedy.court", "remedy.court_direct", "remedy.inaction"]
    for key in [*theirs, "petition.review_apply", "petition.rereview_apply"]:
        term = TERMS.get(key, ON)
        assert all(wrong_number(term, term.n + more) for more in (-1, 1, 30)), key
        assert wrong_number(term, term.n) is None, key
