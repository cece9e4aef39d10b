"""Legal time: the vectors of the law, pauses, working hours, and what must hold for every term."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import chinese_calendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.calendar import ZONE, load_calendar
from engine.deadline import compute, light, opens_words, words
from engine.errors import CalendarMissing, NotFound
from engine.receipt import sentence
from engine.terms import ad_hoc
from engine.terms_file import load_terms
from tests.conftest import PROCESSES

CALENDAR, TERMS = load_calendar(PROCESSES / "calendars"), load_terms(PROCESSES / "terms.toml")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


def test_a_term_that_must_run_out_says_from_when_something_may_be_done() -> None:
    """The second visit of policy.md waits sixty days: the last of them is 23 February, so the 24th is the first that may be used."""
    due_at = at("2027-02-24T00:00")
    assert opens_words(due_at, at("2027-01-01T09:00")) == "2月24日起可办（还有 54 天）"
    assert (
        opens_words(due_at, at("2026-12-31T09:00"), provisional=True)
        == "待公布放假安排，暂按 2027年2月24日起可办"
    )
    assert opens_words(due_at, at("2027-02-24T08:00")) == "2月24日起可办"
    assert opens_words(due_at, at("2027-01-01T09:00"), paused=True) == "已中止计时 · 原定 2月24日起可办"


@pytest.mark.parametrize(
    ("term", "start", "due"),
    [
        ("5wd", "2026-09-14", "2026-09-20"),
        ("10wd", "2026-09-14", "2026-09-28"),
        ("15wd", "2026-09-14", "2026-10-10"),
        ("30wd", "2026-09-07", "2026-10-23"),
        ("45wd", "2026-09-07", "2026-11-13"),
        ("7cd+roll", "2026-09-28", "2026-10-08"),
        ("3wd", "2026-09-30", "2026-10-10"),
        ("5wd", "2026-09-28", "2026-10-10"),
        ("3cd", "2026-09-25", "2026-09-28"),
        ("5wd", "2026-09-29", "2026-10-12"),
        ("10wd", "2026-10-19", "2026-11-02"),
        ("2m", "2026-08-31", "2026-10-31"),
        ("1m", "2026-01-31", "2026-02-28"),
    ],
)
def test_vectors_of_the_law(term: str, start: str, due: str) -> None:
    wanted = ad_hoc(term)
    assert wanted is not None
    found = compute(wanted, at(f"{start}T10:00"), CALENDAR)
    assert found.due.isoformat() == due
    assert found.due_at == at(f"{due}T00:00") + timedelta(days=1)


def test_a_year_without_a_notice_is_refused_and_provisional_only_on_request() -> None:
    wanted = ad_hoc("10wd")
    assert wanted is not None
    with pytest.raises(CalendarMissing) as caught:
        compute(wanted, at("2026-12-25T09:00"), CALENDAR)
    assert caught.value.year == 2027
    found = compute(wanted, at("2026-12-25T09:00"), CALENDAR, provisional=True)
    assert found.provisional
    assert "暂定" in sentence(found)


def test_every_day_of_three_years_agrees_with_the_published_arrangements() -> None:
    day = date(2024, 1, 1)
    while day.year < 2027:
        assert CALENDAR.is_working_day(day) == chinese_calendar.is_workday(day), day
        day += timedelta(days=1)


def test_working_hours_skip_noon_nights_and_rest_days() -> None:
    wanted = ad_hoc("4wh")
    assert wanted is not None
    due = [
        compute(wanted, at(t), CALENDAR).due_at
        for t in ("2026-09-24T10:00", "2026-09-24T16:30", "2026-09-26T20:00")
    ]
    assert due == [at("2026-09-24T15:30"), at("2026-09-28T11:30"), at("2026-09-28T14:00")]


def test_hours_ignore_the_calendar() -> None:
    wanted = ad_hoc("24h")
    assert wanted is not None
    assert compute(wanted, at("2026-09-25T20:30"), CALENDAR).due_at == at("2026-09-26T20:30")


@given(st.datetimes(datetime(2024, 1, 2), datetime(2026, 6, 1)), st.integers(1, 60))
def test_working_days_equal_a_naive_count(start: datetime, n: int) -> None:
    wanted = ad_hoc(f"{n}wd")
    assert wanted is not None
    begun = start.replace(tzinfo=UTC)
    found = compute(wanted, begun, CALENDAR)
    day, left = begun.astimezone(ZONE).date(), n
    while left:
        day += timedelta(days=1)
        left -= chinese_calendar.is_workday(day)
    assert found.due == day
    assert sum(d.counted for d in found.days) == n


@given(st.integers(0, 40), st.integers(0, 20), st.integers(1, 30))
def test_a_pause_consumes_nothing(begin: int, length: int, n: int) -> None:
    wanted = ad_hoc(f"{n}cd")
    assert wanted is not None
    start = at("2026-03-02T09:00")
    pause = (start + timedelta(days=begin), start + timedelta(days=begin + length), "supplement")
    plain, paused = compute(wanted, start, CALENDAR), compute(wanted, start, CALENDAR, pauses=[pause])
    moved = length if begin < n else 0
    assert paused.due == plain.due + timedelta(days=moved)


def test_pairs_follow_the_track_and_unknown_keys_suggest() -> None:
    on = date(2026, 9, 25)
    assert TERMS.get("lead.report", on, "emergency").words == "2小时"
    assert TERMS.get("lead.report", on).words == "24小时"
    with pytest.raises(NotFound) as caught:
        TERMS.get("lead.raport", on)
    assert "lead.report" in caught.value.message
    assert all(versions[0].citation for versions in TERMS.terms.values())


@pytest.mark.parametrize(
    ("now", "state", "text"),
    [
        ("2026-09-14T09:00", "normal", "剩 11 个工作日 · 9月29日前"),
        ("2026-09-28T09:00", "soon", "剩 1 个工作日 · 9月29日前"),
        ("2026-09-29T09:00", "today", "今日到期"),
        ("2026-10-10T09:00", "overdue", "已超 4 个工作日"),
    ],
)
def test_lights_always_have_words(now: str, state: str, text: str) -> None:
    due_at = at("2026-09-30T00:00")
    assert light(due_at, at(now), CALENDAR) == state
    assert words(due_at, at(now), CALENDAR) == text
