"""Entries of a case's file and rows of its history as attempts: pure."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from casework.referring import Attempt, acts, attempts, post_of, speaking
from engine.history import Entry
from engine.lint.posts import load_posts
from engine.routing import Actor, Appointment
from tests.conftest import PROCESSES

NOW = datetime(2026, 10, 12, tzinfo=UTC)
TOWN = "120115/120115101"


def test_each_department_asked_begins_an_attempt() -> None:
    entries = [
        {"to_dept": "housing", "summary": "住房有危险", "contact": "138"},
        {"dept_reply": "bounced", "bounce_reason": "不归我管", "contact": "甲"},
        {"to_dept": "rural_housing", "bounce_reason": "不归我管"},
        {"dept_reply": "accepted", "contact": "乙"},
        {"referral_result": "正在联系"},
        {"outcome": "unclear"},
        {"referral_result": "已修缮"},
        {"outcome": "aided"},
        {"told_on": "2026-10-20", "method": "phone"},
    ]
    assert attempts(entries) == [
        Attempt("housing", "bounced", "不归我管", "甲"),
        Attempt("rural_housing", "accepted", None, "乙", "已修缮", "aided"),
    ]
    assert attempts(entries[:6])[1] == Attempt("rural_housing", "accepted", None, "乙", "正在联系", "unclear")
    assert attempts(entries[:7])[1].outcome is None, "a new result is not checked yet"


def test_what_is_no_list_or_begins_without_a_department_has_no_attempt() -> None:
    assert attempts(None) == []
    assert attempts([{"dept_reply": "accepted"}]) == []


def entry(seq: int, kind: str, **payload: Any) -> Entry:
    return Entry(seq, NOW, NOW, kind, "p", payload)


def test_the_history_of_a_letter_is_its_own() -> None:
    reply = {"message": "dept_reply", "element": "dept_reply"}
    rows = [
        entry(1, "task.completed", element="check_result", path="Z/1"),
        entry(2, "message.received", correlation="L-Z1-1-1", path="Z/1", **reply),
        entry(3, "message.received", correlation="L-Z1-2-1", path="Z/2", **reply),
        entry(4, "task.completed", element="reroute", path="Z/2"),
        entry(5, "task.completed", element="reroute", path="Z/1"),
        entry(6, "message.delivered", correlation="L-Z1-1-2", **reply),
        entry(7, "task.completed", element="check_result", path="Z/1"),
    ]
    assert [one.seq for one in acts(rows, "L-Z1-1-1", "Z/1")] == [2, 5]
    assert [one.seq for one in acts(rows, "L-Z1-1-2", "Z/1")] == [6, 7]
    assert [one.seq for one in acts(rows, "L-Z1-2-1", "Z/2")] == [3, 4]


def test_one_speaks_for_ones_department_where_the_post_is() -> None:
    own = Appointment("dept_education", "district", "120115", speaks_for="education")
    absent = Appointment("dept_education", "district", "120115", "p_a", "甲", "education")
    town = Appointment("dept_housing", "town", TOWN, speaks_for="housing")
    actor = Actor("p", "乙", outside=(absent, own, town))
    assert speaking(actor, "education", TOWN) is own
    assert speaking(Actor("p", "乙", outside=(absent,)), "education", TOWN) is absent
    assert speaking(actor, "housing", f"{TOWN}/1") is town
    assert speaking(actor, "housing", "120115/120115103") is None
    assert speaking(actor, "medical", TOWN) is None


def test_every_department_of_the_district_has_one_post_and_it_is_outside() -> None:
    posts = load_posts(PROCESSES / "posts.toml")
    bodies = [post["department"] for post in posts.values() if post["department"]]
    assert len(bodies) == len(set(bodies)) == 12
    assert all(
        post["outside"] and post["tiers"] == ("district",) for post in posts.values() if post["department"]
    )
    assert posts[str(post_of(posts, "education"))]["label"] == "区教育局转介联络员"
    assert post_of(posts, "mechanism") is None
