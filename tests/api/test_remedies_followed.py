"""Both ways to contest a decision are watched as the letter tells them: reconsideration and, where the law leaves it open, the court at once (C-54–C-58)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api.office import Office, opened
from tests.api.test_dynamic_review import state
from tests.api.test_owed import ORDER, owes


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with opened(tmp_path, "2026-09-14T09:00:00+08:00") as made:  # a Monday
        yield made


def watch_of(office: Office, number: str) -> str:
    rows = office.get("jiuzhu1", "cases?process=remedy_watch&size=100")["items"]
    return str(next(one["id"] for one in rows if one["number"] == number))


def limits(office: Office, case: str) -> dict[str, str]:
    return {r["term"]: r["due"] for r in office.get("jiuzhu1", f"cases/{case}")["receipts"]}


def test_who_did_not_ask_for_reconsideration_may_sue_within_six_months(office: Office) -> None:
    owes(office)
    watch = watch_of(office, f"{ORDER}-R")
    assert limits(office, watch) == {"remedy.apply": "2026-11-13", "remedy.court_direct": "2027-03-14"}
    office.advance(to="2026-12-01T09:00:00+08:00")
    assert state(office, watch) == "active", "sixty days are over, the six months are not"
    office.message(
        "jiuzhu1",
        watch,
        "已直接起诉",
        filed_on="2026-11-30",
        court="演示区人民法院",
        case_no="（2026）行初1号",
    )
    assert "carry_out" not in office.open("jiuzhu1"), "a suit filed is no judgment"
    office.advance(to="2027-02-01T09:00:00+08:00")
    office.message(
        "jiuzhu1",
        watch,
        "等待裁判结果",
        remedy_result="revoked",
        decided_on="2027-01-29",
        received_on="2027-02-01",
        document_no="（2026）行初1号",
    )
    assert office.receipts("jiuzhu1", "carry_out")["remedy.carry_out"] == "2027-02-08"
    office.do("carry_out", "jiuzhu1", reopen=True)
    assert state(office, watch) == "completed"
    assert [one["number"] for one in office.get("jiuzhu1", "cases?process=recovery")["items"]] == [
        f"{ORDER}-C"
    ]


def test_six_months_without_a_word_end_the_watch(office: Office) -> None:
    owes(office)
    watch = watch_of(office, f"{ORDER}-R")
    office.advance(to="2027-03-14T09:00:00+08:00")
    assert state(office, watch) == "active"
    office.advance(to="2027-03-16T09:00:00+08:00")
    assert state(office, watch) == "completed"


def test_after_reconsideration_the_court_within_fifteen_days(office: Office) -> None:
    owes(office)
    watch = watch_of(office, f"{ORDER}-R")
    office.message("jiuzhu1", watch, "复议已受理", procedure="ordinary", simplified=False)
    office.do("prepare_reply", "jiuzhu1")
    office.message("jiuzhu1", watch, "等待复议决定", remedy_result="upheld")
    office.message("jiuzhu1", watch, "已立案", court="演示区人民法院", case_no="（2026）行初2号")
    office.message("jiuzhu1", watch, "等待裁判结果", remedy_result="upheld", document_no="（2026）行初2号")
    office.do("carry_out", "jiuzhu1", reopen=False, note="判决驳回诉讼请求")
    assert state(office, watch) == "completed"
