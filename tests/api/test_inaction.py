"""行政不作为: from the application on, two months to decide are shown beside the warning, until the decision (Litigation Law art. 47, C-58)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.api.office import Office, opened
from tests.api.test_expenditure import THURSDAY, posted, surveyed, to_application, visited_by_the_bureau

TERM = "remedy.inaction"


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with opened(tmp_path, THURSDAY) as made:
        yield made


def shown(office: Office, lead: Any) -> list[str]:
    """The words of the limit on the case's page, that which runs first."""
    return [
        r["words"]
        for r in office.get("fuwuban1", f"cases/{lead['case_id']}")["receipts"]
        if r["term"] == TERM
    ]


def test_two_months_run_on_every_step_until_it_is_decided(office: Office) -> None:
    lead = to_application(office)
    surveyed(office)
    limits = office.receipts("minzheng1", "home_survey")
    assert limits[TERM] == "2026-11-14", "two months after the day the application was received"
    assert limits["relief.total"] == "2026-10-10", "the limit that binds comes first and stays"
    assert shown(office, lead)[0].endswith("11月14日前")
    office.do("home_survey", "minzheng1", "minzheng2")
    office.do("draft_opinion", "minzheng1", opinion="support", amount=3000)
    posted(office)
    office.do("close_notice", "fuwuban1", notice_result="cleared")
    visited_by_the_bureau(office)
    office.do("town_decide", "fuwuban2", result="approved", amount=3000, reasons="同意确认")
    office.do("publish_decision", "jiandu")
    assert TERM not in office.receipts("fuwuban1", "write_letter"), "it is decided: nobody is idle any more"
    assert shown(office, lead)[0].startswith("按时办结")


def test_who_has_not_decided_in_two_months_is_told_and_nothing_is_decided(office: Office) -> None:
    lead = to_application(office)
    surveyed(office)
    office.advance(to="2026-10-30T08:00:00+08:00")
    before = [n["text"] for n in office.get("fuwuban1", "notifications")["items"] if n["title"] == "超期催办"]
    assert before, "forty-five days: the warning"
    office.advance(to="2026-11-16T08:00:00+08:00")
    after = [n["text"] for n in office.get("fuwuban1", "notifications")["items"] if n["title"] == "超期催办"]
    assert len(after) > len(before), "two months: told again"
    assert "home_survey" in office.open("minzheng1")
    assert "超" in shown(office, lead)[0]
