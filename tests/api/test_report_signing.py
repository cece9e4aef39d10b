"""What the preparer and the reviewer of a monthly report sign is exactly what is frozen, whatever is entered meanwhile – over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from casework import seed
from tests.api.office import Office, opened

MONTH = "2026-09"
CHANGED = "figures_as_of"


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    """The morning after a September in which nothing has been entered."""
    with opened(tmp_path, "2026-09-30T18:00:00+08:00") as made:
        made.advance(to="2026-10-01T08:00:00+08:00")
        yield made


def visited(office: Office, hour: int, household: str = "h_w") -> None:
    """A visit of September, entered now."""
    body = {
        "kind": "focus", "household": household, "met": "self", "started_at": f"2026-09-30T{hour:02}:00:00+08:00",
        "ended_at": f"2026-09-30T{hour:02}:30:00+08:00", "visitors": [], "members_met": [], "method": "on_site",
    }  # fmt: skip
    answer = office.post("wangge", "visits", body)
    assert answer.status_code == 200, answer.text
    office.advance(by="PT1M")


def page(office: Office, who: str, element: str) -> Any:
    return office.get(who, f"tasks/{office.task(who, element)['id']}")


KEPT = (
    "在册户数",
    "重点户（应走访）",
    "重点户（已走访）",
    "联络员空缺",
    "窗口空缺",
    "公示牌空缺",
    "服务电话空缺",
)


def shown(detail: Any) -> dict[str, str]:
    """The figures on the page of a step: those that are not zero, without what merely stands."""
    ((table,),) = ([field for field in section["fields"] if field["rows"]] for section in detail["about"])
    return {row[0]: row[1] for row in table["rows"] if row[1] != "0" and row[0] not in KEPT}


def submit(office: Office, who: str, detail: Any, **wanted: Any) -> Any:
    task = detail["task"]
    values = {**detail["values"], **wanted}
    answer = office.post(
        who, f"tasks/{task['id']}/complete", {"revision": task["revision"], "values": values}
    )
    office.advance(by="PT1M")
    return answer


def wrong(answer: Any) -> dict[str, str]:
    assert answer.status_code == 422, answer.text
    return {one["path"]: one["message"] for one in answer.json()["fields"]}


def prepared(office: Office, **wanted: Any) -> Any:
    """The preparer opens the page and submits what it shows. → the page"""
    detail = page(office, "minzheng1", "prepare_report")
    answer = submit(office, "minzheng1", detail, **wanted)
    assert answer.status_code == 200, answer.text
    return detail


def reviewed(office: Office, *, ok: bool = True) -> Any:
    detail = page(office, "fuwuban1", "review_report")
    answer = submit(office, "fuwuban1", detail, ok=ok, review_reason=None if ok else "请核对走访数")
    assert answer.status_code == 200, answer.text
    return detail


def sent(office: Office) -> Any:
    """The report of the town as the district has it."""
    (town,) = [t for t in office.get("jiuzhu1", f"reports?month={MONTH}")["towns"] if t["area"] == seed.TOWN]
    return office.get("jiuzhu1", f"reports/{town['number']}")


def total(report: Any) -> dict[str, int]:
    return {column: cell["n"] for column, cell in report["figures"]["total"].items()}


def late(office: Office) -> list[tuple[str, str, int, int]]:
    """What the next month's draft adjusts."""
    office.advance(to="2026-11-02T09:00:00+08:00")
    draft = office.get("minzheng1", f"reports/draft?area={seed.TOWN}&month=2026-10")
    return [(line["month"], line["column"], line["was"], line["now"]) for line in draft["adjustments"]]


def test_what_is_entered_while_the_page_is_open_is_shown_before_it_is_signed(office: Office) -> None:
    visited(office, 9)
    before = page(office, "minzheng1", "prepare_report")
    assert shown(before) == {"走访户次": "1"}
    visited(office, 11, "h_l")
    said = wrong(submit(office, "minzheng1", before))
    assert set(said) == {CHANGED}
    assert "走访户次 1 → 2" in said[CHANGED]
    assert "请核对现在的数字，再次提交" in said[CHANGED]
    after = page(office, "minzheng1", "prepare_report")
    assert shown(after) == {"走访户次": "2"}
    assert submit(office, "minzheng1", after).status_code == 200
    reviewed(office)
    assert total(sent(office)) == {"visits": 2}


def test_the_page_counts_when_it_is_opened_not_at_midnight_of_the_first(office: Office) -> None:
    assert shown(page(office, "minzheng1", "prepare_report")) == {}
    visited(office, 9)
    detail = prepared(office)
    assert (shown(detail), detail["values"]["nil_confirmed"]) == ({"走访户次": "1"}, False)


def test_what_is_entered_after_the_preparer_has_signed_is_an_adjustment_of_the_next_month(
    office: Office,
) -> None:
    visited(office, 9)
    signed = shown(prepared(office))
    visited(office, 11, "h_l")
    seen = reviewed(office)
    visited(office, 13)
    assert shown(seen) == signed
    report = sent(office)
    assert total(report) == {"visits": 1}, "what both have signed"
    assert report["digest"].startswith(seen["values"]["digest_seen"])
    assert datetime.fromisoformat(report["cutoff"]) == datetime.fromisoformat(seen["values"]["figures_as_of"])
    assert report["submitted_at"] > report["cutoff"]
    assert late(office) == [("2026-09-01", "visits", 1, 3)]


def test_the_reviewer_opens_the_whole_of_what_he_signs_and_nobody_else_has_it_yet(office: Office) -> None:
    visited(office, 9)
    prepared(office, note="本月平稳")
    visited(office, 11, "h_l")
    (section,) = page(office, "fuwuban1", "review_report")["about"]
    number = section["link"].removeprefix("/reports/")
    report = office.get("fuwuban1", f"reports/{number}")
    assert (report["state"], total(report), report["note"]) == ("prepared", {"visits": 1}, "本月平稳")
    assert (report["prepared_by"], report["reviewed_by"], report["submitted_at"]) == ("戊民政", None, None)
    assert [one["words"] for one in report["receipts"]] == [
        one["words"] for one in page(office, "fuwuban1", "review_report")["receipts"]
    ], "not yet in time: it waits for the reviewer"
    district = office.get("jiuzhu1", f"reports?month={MONTH}")
    assert {(t["state"], t["number"]) for t in district["towns"]} == {("missing", None)}
    reviewed(office)
    assert office.get("fuwuban1", f"reports/{number}")["digest"] == report["digest"]
    assert sent(office)["number"] == number


def test_a_nil_report_is_nil_at_the_cut_off(office: Office) -> None:
    nothing = page(office, "minzheng1", "prepare_report")
    assert nothing["values"]["nil_confirmed"] is True
    visited(office, 9)
    said = wrong(submit(office, "minzheng1", nothing))
    assert set(said) == {CHANGED, "nil_confirmed"}
    assert "不能零报告" in said["nil_confirmed"]
    prepared(office)
    reviewed(office)
    assert sent(office)["nil"] is False


def test_a_nil_report_stays_nil_and_the_next_one_adjusts_it(office: Office) -> None:
    prepared(office)
    visited(office, 9)
    reviewed(office)
    report = sent(office)
    assert (report["nil"], total(report)) == (True, {})
    case = office.get("jiuzhu1", f"cases/{report['case_id']}")
    (figures,) = [one for one in case["sections"] if one["figures"]]
    said = {field["key"]: field["text"] for field in figures["fields"]}
    assert report["digest"].startswith(said["digest"])
    assert late(office) == [("2026-09-01", "visits", 0, 1)]


@pytest.mark.parametrize("by", ["reviewer", "district", "sent back"])
def test_a_returned_report_is_prepared_anew_on_the_figures_of_then(office: Office, by: str) -> None:
    visited(office, 9)
    first = prepared(office)
    if by == "reviewer":
        reviewed(office, ok=False)
    elif by == "sent back":
        task = page(office, "fuwuban1", "review_report")["task"]
        body = {"revision": task["revision"], "target": "prepare_report", "reason": "请核对走访数"}
        assert office.post("fuwuban1", f"tasks/{task['id']}/send-back", body).status_code == 200
    else:
        reviewed(office)
        office.do("receive_report", "jiuzhu1", accepted=False, return_reason="请核对走访数")
    visited(office, 11, "h_l")
    again = page(office, "minzheng1", "prepare_report")
    assert (shown(first), shown(again)) == ({"走访户次": "1"}, {"走访户次": "2"})
    assert again["about"][0]["link"].startswith("/reports/draft?"), (
        "nothing of what was prepared before stands"
    )
    assert CHANGED in wrong(submit(office, "minzheng1", {**again, "values": first["values"]}))
    assert submit(office, "minzheng1", again).status_code == 200
    assert shown(reviewed(office)) == {"走访户次": "2"}
    report = sent(office)
    assert (report["version"], total(report)) == (2 if by == "district" else 1, {"visits": 2})
    assert late(office) == []


def test_a_draft_of_the_step_keeps_what_was_typed_and_no_figures(office: Office) -> None:
    detail = page(office, "minzheng1", "prepare_report")
    visited(office, 9)
    body = {"revision": detail["task"]["revision"], "values": {**detail["values"], "note": "本月平稳"}}
    client = office.client("minzheng1")
    path = f"/api/tasks/{detail['task']['id']}/draft"
    assert client.put(path, json=body, headers={"Idempotency-Key": "draft-of-the-report"}).status_code == 200
    again = page(office, "minzheng1", "prepare_report")
    assert again["values"]["note"] == "本月平稳"
    assert again["values"]["figures_seen"] != detail["values"]["figures_seen"]
    assert submit(office, "minzheng1", again, nil_confirmed=False).status_code == 200


def test_nobody_signs_figures_he_has_not_seen(office: Office) -> None:
    detail = page(office, "minzheng1", "prepare_report")
    said = wrong(submit(office, "minzheng1", detail, figures_seen=None))
    assert "没有核对过的数字" in said[CHANGED]
    assert CHANGED in wrong(submit(office, "minzheng1", detail, figures_as_of=None))


def test_what_is_no_event_but_stands_in_the_report_is_looked_at_too(office: Office) -> None:
    detail = page(office, "minzheng1", "prepare_report")
    body = {
        "area": seed.VILLAGE,
        "kind": "hotline",
        "name": "服务电话",
        "place": "村委会",
        "phone": "022-00000000",
    }
    assert office.post("lianluo", "service-points", body).status_code == 200
    said = wrong(submit(office, "minzheng1", detail))
    assert "在册户数、空缺岗位或备用金" in said[CHANGED]
