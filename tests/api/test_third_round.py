"""Objections found right again and again: each investigation by others, and never by nobody (policy D.8, R62)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.api.office import PEOPLE, Office, acknowledged, opened, verified
from tests.api.stories import here, routed

FIRST, SECOND = ("minzheng1", "minzheng2"), ("fuwuban1", "baocun")


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    with opened(Path(tmp_path_factory.mktemp("rounds")), "2026-09-14T09:00:00+08:00") as made:
        yield made


def ids(*people: str) -> list[str]:
    return [PEOPLE[one] for one in people]


def submitted(office: Office, who: str, element: str, **values: Any) -> Any:
    row = office.task(who, element)
    known = office.get(who, f"tasks/{row['id']}")["values"]
    body = {"revision": row["revision"], "values": {**known, **values}}
    return office.post(who, f"tasks/{row['id']}/complete", body)


def offered(office: Office, element: str) -> set[str]:
    detail = office.get("fuwuban2", f"tasks/{office.task('fuwuban2', element)['id']}")
    (picker,) = [one for one in detail["form"]["components"] if one.get("key") == "staff"]
    return {option["value"].removeprefix("p_") for option in picker["values"]}


def objected(office: Office, lead: Any, number: int) -> None:
    """Founded: the notice is taken down and closed with the objection."""
    notice = f"{lead['number']}-A1-1-G{number}"
    said = {
        "received_at": office.runtime.now().isoformat(),
        "channel": "phone",
        "notice_no": notice,
        "content": "有车",
    }
    assert office.post("fuwuban1", f"notices/{notice}/objections", {"values": said}).status_code == 200
    office.advance(by="PT1M")
    office.do("judge_objection", "fuwuban2", needs_reinvestigation=True, about_staff=False)
    office.advance(to="2026-09-23T09:00:00+08:00" if number == 1 else "2026-10-08T09:00:00+08:00")
    office.do("remove_notice", "jiandu", continuous=True)
    office.do("close_notice", "fuwuban1", notice_result="objection")


def noticed(office: Office, surveyors: tuple[str, str], posted: str) -> None:
    office.do("assign_investigators", "fuwuban2", staff=ids(*surveyors), recusal_checked=True)
    office.do("home_survey", *surveyors, visitors=ids(*surveyors), hard_to_verify=False)
    office.do("draft_opinion", "minzheng1", opinion="support", amount=4000)
    if "answer_objector" in office.open("fuwuban2"):
        office.do("answer_objector", "fuwuban2")
    office.do("check_notice", "fuwuban1", content_ok=True)
    posting = office.get("jiandu", f"tasks/{office.task('jiandu', 'post_notice')['id']}")
    assert posting["values"]["complaint_phone"] == "12345", "as it is printed on the paper"
    office.do("post_notice", "jiandu", posted_on=posted)


def told(office: Office, who: str) -> list[str]:
    return [m["text"] for m in office.get(who, "notifications")["items"] if m["kind"] == "nobody_left"]


def test_the_third_investigation_is_done_with_the_bureau_where_the_town_has_nobody_left(
    office: Office,
) -> None:
    lead = acknowledged(office, main_cause="11")
    verified(office)
    routed(office, "TEMP_EXPENDITURE")
    accepted = {"accept_result": "accepted", "kinship_declared": False, "recognised": "edge"}
    office.do("receive_application", "fuwuban1", accepted_on="2026-09-14", **accepted)
    assert offered(office, "assign_investigators") == {*FIRST, *SECOND, "fuwuban2"}, "no other town's people"
    noticed(office, FIRST, "2026-09-14")
    objected(office, lead, 1)
    assert offered(office, "order_reinvestigation") == {*SECOND, "fuwuban2"}
    order = {"hold_appraisal": False, "extend_total": False}
    office.do("order_reinvestigation", "fuwuban2", staff=ids(*SECOND), ordered_on="2026-09-23", **order)
    noticed(office, SECOND, "2026-09-23")
    assert told(office, "baopian") == []

    objected(office, lead, 2)
    assert told(office, "baopian"), "the bureau hears of it when it is to be ordered, not when it is late"
    order["ordered_on"] = "2026-10-08"
    for pair in (FIRST, SECOND, ("linzhen1", "linzhen2")):
        answer = submitted(office, "fuwuban2", "order_reinvestigation", staff=ids(*pair), **order)
        assert answer.status_code == 422
        assert [one["path"] for one in answer.json()["fields"]] == ["staff"]
    left = {"fuwuban2", "jiuzhu1", "jiuzhu2", "baopian"}
    assert offered(office, "order_reinvestigation") == left
    office.do("order_reinvestigation", "fuwuban2", staff=ids("fuwuban2", "jiuzhu2"), **order)
    assert offered(office, "assign_investigators") == left
    office.do("assign_investigators", "fuwuban2", staff=ids("fuwuban2", "jiuzhu2"), recusal_checked=True)
    assert "home_survey" in here(office, lead)
    assert any("入户调查" in text for text in told(office, "jiuzhu2"))
    both = ("fuwuban2", "jiuzhu2")
    office.do("home_survey", *both, visitors=ids(*both), hard_to_verify=False)
    assert "draft_opinion" in here(office, lead)
