"""A recognition nobody could tell the household of is linked to one by the town, with a reason, and linked anew where that was wrong."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from casework import monthly, seed
from casework.tables import households, kinship
from engine.tables import cases
from tests.api.office import PEOPLE, Office, opened
from tests.api.test_dynamic_review import NUMBER, receives, report
from tests.api.test_namesakes import NAMESAKES, reported_of, two_of_one_name, visited

REASON = "核对证件，住村西头的是本户"


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with opened(tmp_path, "2026-09-14T09:00:00+08:00") as made:  # a Monday
        yield made


def link(
    office: Office, household: str, *, was: str | None = None, who: str = "minzheng1", reason: str = REASON
) -> Any:
    body = {"household": household, "reason": reason, "was": was}
    return office.post(who, f"recognitions/{NUMBER}/household", body)


def unlinked(office: Office, who: str = "minzheng1") -> list[str]:
    return [one["application_no"] for one in office.get(who, "recognitions?linked=false")["items"]]


def account_of(office: Office) -> str | None:
    with office.runtime.db.reading() as tx:
        (line,) = monthly.owed(tx, seed.TOWN, date(2026, 9, 1), date(2026, 8, 1))
    return line.account


def about(office: Office, case_id: str) -> str | None:
    with office.runtime.db.reading() as tx:
        return tx.run(select(cases.c.subject).where(cases.c.id == case_id)).scalar_one()


def test_the_town_links_what_nobody_could_tell_and_everything_about_the_household_sees_it(
    office: Office,
) -> None:
    receives(office)
    two_of_one_name(office)
    with office.runtime.db.transaction() as tx:
        tx.run(update(households).where(households.c.id == NAMESAKES[1]).values(account="6222021234567890"))
    open_review = report(office)
    assert unlinked(office) == [NUMBER]
    assert account_of(office) is None
    visited(office, NAMESAKES[1])
    assert len(reported_of(office)) == 1, "nobody can tell which of the two receives it"

    offered = office.get("minzheng1", f"recognitions/{NUMBER}/households")
    assert [one["id"] for one in offered] == list(NAMESAKES)
    assert all(one["fits"] for one in offered), "both bear the name: a person says which"
    made = link(office, NAMESAKES[1])
    assert made.status_code == 200, made.text

    assert unlinked(office) == []
    assert office.get("minzheng1", f"recognitions/{NUMBER}")["household"] == NAMESAKES[1]
    assert account_of(office) == "6222021234567890", "the monthly list pays to the account of the register"
    visited(office, NAMESAKES[0])
    assert len(reported_of(office)) == 1
    visited(office, NAMESAKES[1])
    assert len(reported_of(office)) == 2, "the review hears what a visit to the household saw"
    assert about(office, open_review["case_id"]) == NAMESAKES[1], "so its kin withdraw, not the namesake's"
    home = office.get("minzheng1", f"register/{NAMESAKES[1]}")
    (held,) = home["held"]
    assert (held["application_no"], held["programme_name"], held["by_name"]) == (
        NUMBER,
        "最低生活保障",
        False,
    )
    (line,) = [one for one in home["changes"] if one["kind"] == "关联在享救助"]
    assert (REASON in line["what"], line["who"]) == (True, "戊民政")


def test_a_wrong_link_is_put_right_by_linking_again(office: Office) -> None:
    receives(office)
    two_of_one_name(office)
    open_review = report(office)
    assert link(office, NAMESAKES[0]).status_code == 200
    again = link(office, NAMESAKES[1], was=NAMESAKES[0], reason="原关联有误，证件号码不符")
    assert again.status_code == 200, again.text
    assert about(office, open_review["case_id"]) == NAMESAKES[1]
    lines = office.get("minzheng1", f"register/{NAMESAKES[0]}")["changes"]
    assert [one["kind"] for one in lines] == ["取消关联在享救助", "关联在享救助"], "both stay on record"
    stale = link(office, NAMESAKES[0], was=None)
    assert (stale.status_code, stale.json()["code"]) == (409, "stale_revision"), "somebody else has linked it"
    assert link(office, NAMESAKES[1], was=NAMESAKES[1]).status_code == 409, "it is linked to that household"


def test_who_may_not_and_what_cannot_be_linked(office: Office) -> None:
    receives(office)
    two_of_one_name(office)
    assert link(office, NAMESAKES[0], who="lianluo").status_code == 403, "the village does not decide it"
    assert link(office, NAMESAKES[0], reason="是").status_code == 422, "a reason in words"
    with office.runtime.db.transaction() as tx:
        far = {
            "area": f"{seed.OTHER_TOWN}/120115103201",
            "head": "赵某丙",
            "size": 1,
            "focus": [],
            "programmes": [],
        }
        tx.run(insert(households), [{**far, "id": "h_far", "number": "1"}])
        tx.run(update(households).where(households.c.id == NAMESAKES[1]).values(ended_on=date(2026, 9, 1)))
    assert link(office, "h_far").status_code == 404, "another town's"
    assert link(office, NAMESAKES[1]).status_code == 409, "it has ended"
    with office.runtime.db.transaction() as tx:
        row = {
            "person": PEOPLE["minzheng1"], "household": NAMESAKES[0], "relation": "兄弟姐妹",
            "declared_on": date(2026, 9, 1), "declared_by": PEOPLE["minzheng1"],
        }  # fmt: skip
        tx.run(insert(kinship), [row])
    refused = link(office, NAMESAKES[0])
    assert (refused.status_code, refused.json()["code"]) == (403, "recused")
    assert link(office, NAMESAKES[0], who="minzheng2").status_code == 200
