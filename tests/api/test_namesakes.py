"""Two households of one name in one village are not mixed up: what is linked is found by household, the name says that it is one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select

from casework import reviews, seed
from casework.tables import households, leads
from tests.api.office import Office, opened
from tests.api.test_dynamic_review import NUMBER, receives


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with opened(tmp_path, "2026-09-14T09:00:00+08:00") as made:  # a Monday
        yield made


NAMESAKES = ("h_namesake_1", "h_namesake_2")


def two_of_one_name(office: Office) -> None:
    with office.runtime.db.transaction() as tx:
        rows = [
            {
                "id": one,
                "area": seed.VILLAGE,
                "head": "赵某丙",
                "size": 2,
                "focus": [],
                "programmes": [],
                "number": f"91{n}",
            }
            for n, one in enumerate(NAMESAKES)
        ]
        tx.run(insert(households), rows)


def visited(office: Office, household: str) -> Any:
    given = {
        "household": household,
        "kind": "focus",
        "met": "self",
        "started_at": office.runtime.now().isoformat(),
        "ended_at": office.runtime.now().isoformat(),
        "change": "儿子找到工作",
        "policy_explained": True,
    }
    answer = office.post("lianluo", "visits", given)
    assert answer.status_code == 200, answer.text
    return answer.json()


def reported_of(office: Office) -> list[str]:
    return [one["content"] for one in office.get("jiuzhu1", f"recognitions/{NUMBER}")["reports"]]


def test_two_households_of_one_name_are_not_mixed_up(office: Office) -> None:
    receives(office, household=NAMESAKES[0])
    two_of_one_name(office)
    assert office.get("lianluo", "recognitions")["items"][0]["household"] == NAMESAKES[0]
    visited(office, NAMESAKES[1])
    assert reported_of(office) == [], "the other family of that name receives nothing"
    visited(office, NAMESAKES[0])
    assert reported_of(office) == ["儿子找到工作"]


def test_what_is_known_by_name_only_says_so_and_stays_away_from_two_of_one_name(office: Office) -> None:
    receives(office)
    with office.runtime.db.transaction() as tx:
        row = {
            "id": "h_only",
            "area": seed.VILLAGE,
            "head": "赵某丙",
            "size": 2,
            "focus": [],
            "programmes": [],
            "number": "900",
        }
        tx.run(insert(households), row)
    visited(office, "h_only")
    (content,) = reported_of(office)
    assert content == "儿子找到工作" + reviews.BY_NAME
    two_of_one_name(office)
    visited(office, NAMESAKES[0])
    assert len(reported_of(office)) == 1, "nobody can tell which of them receives it"
    told = [one["title"] for one in office.get("minzheng1", "notifications")["items"]]
    assert "走访发现家庭情况变化" in told, "so the town is told"


def test_a_lead_of_a_visit_knows_its_household_among_two_of_one_name(office: Office) -> None:
    two_of_one_name(office)
    now = office.runtime.now()
    given = {
        "household": NAMESAKES[1], "kind": "focus", "met": "self", "started_at": now.isoformat(), "ended_at": now.isoformat(),
        "needs": ["food"], "cause": "22", "policy_explained": True,
    }  # fmt: skip
    made = office.post("lianluo", "visits", given).json()
    with office.runtime.db.reading() as tx:
        known = tx.run(select(leads.c.household).where(leads.c.number == made["lead_no"])).scalar_one()
    assert known == NAMESAKES[1]
