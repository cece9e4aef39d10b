"""The register over HTTP: a keeper's forms, what stands in the way, whose hands are kept off, what the page then shows."""

from __future__ import annotations

import io
import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from casework import import_checks, seed
from tests.api.office import Office, opened
from tests.api.test_rounds import visit

KEYS = itertools.count(1)


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with opened(tmp_path, "2026-09-24T09:00:00+08:00") as made:
        yield made


def patch(office: Office, who: str, path: str, body: dict[str, Any]) -> Any:
    headers = {"Idempotency-Key": f"patch-key-{next(KEYS):06d}"}
    return office.client(who).patch(f"/api/register/{path}", json=body, headers=headers)


def added(office: Office, who: str = "lianluo", **given: Any) -> Any:
    return office.post(who, "register", {"area": seed.VILLAGE, "head": "何某甲", **given})


def shown(office: Office, household: str, who: str = "lianluo") -> Any:
    return office.get(who, f"register/{household}")


def test_a_household_is_entered_corrected_and_seen_in_the_list(office: Office) -> None:
    people = [
        {"name": "何某甲", "relation": "head", "illness": "尿毒症"},
        {"name": "何某乙", "relation": "son"},
    ]
    answer = added(office, number="310", phone="13800000000", members=people)
    assert answer.status_code == 200, answer.text
    home = answer.json()["household"]
    before = shown(office, home)
    assert (before["revision"], before["masked"], before["members"][1]["codes"]["relation"]) == (
        2,
        False,
        "son",
    )
    sent = {"revision": before["revision"], "phone": "13800000001", "note": ""}
    assert patch(office, "lianluo", home, sent).json()["message"] == "已保存。"
    child = before["members"][1]["id"]
    sent = {"revision": 3, "on": "2026-09-20", "why": "married"}
    assert office.post("lianluo", f"register/{home}/members/{child}/left", sent).status_code == 200
    (row,) = office.get("lianluo", "register?q=310")["items"]
    assert (row["phone"], row["size"]) == ("13800000001", 1)
    after = shown(office, home)
    assert [(m["name"], m["left_why"]) for m in after["members"]] == [("何某甲", None), ("何某乙", "婚嫁")]
    assert after["members"][0]["illness"] == "（已隐藏）"
    assert [(c["who"], c["kind"], c["member"], c["what"]) for c in after["changes"]] == [
        ("乙联络", "成员离开", "何某乙", "婚嫁"), ("乙联络", "户资料更正", None, "联系电话"), ("乙联络", "新增户", None, "2 人"),
    ]  # fmt: skip
    seen = office.get("fuwuban1", "organisation/log?kind=member_left")["items"]
    assert [(one["by"], one["text"]) for one in seen] == [("乙联络", "第 310 户：成员离开（婚嫁）")]


def test_what_stands_in_the_way_is_named_and_a_namesake_confirmed(office: Office) -> None:
    first = added(office, number="310").json()["household"]
    again = added(office)
    assert (again.status_code, again.json()["code"], again.json()["household"]) == (409, "namesake", first)
    assert added(office, confirmed=True).status_code == 200
    taken = added(office, head="何某丁", number="310").json()
    assert (taken["code"], taken["household"], taken["fields"][0]["path"]) == (
        "number_taken",
        first,
        "number",
    )


def test_a_stale_page_is_told_in_chinese_and_overwrites_nothing(office: Office) -> None:
    seen = shown(office, "h_w")["revision"]
    assert patch(office, "lianluo", "h_w", {"revision": seen, "phone": "13800000001"}).status_code == 200
    late = patch(office, "minzheng1", "h_w", {"revision": seen, "phone": "13800000002"})
    assert (late.status_code, late.json()["code"]) == (409, "stale_revision")
    assert "最新" in late.json()["message"]
    assert shown(office, "h_w")["phone"] == "13800000001"


def test_hands_are_kept_off_by_area_and_by_post(office: Office) -> None:
    sent = {"revision": 1, "phone": "1"}
    assert patch(office, "linzhen1", "h_w", sent).status_code == 404
    for refused in (patch(office, "wangge", "h_w", sent), added(office, "wangge"), added(office, "linzhen1")):
        assert (refused.status_code, refused.json()["code"]) == (403, "not_keeper")
    joined = office.post("wangge", "register/h_w/members", {"revision": 1, "name": "何某"})
    assert joined.json()["code"] == "not_keeper"


def test_the_district_corrects_without_sending_back_what_it_saw_masked(office: Office) -> None:
    home = added(office, phone="13800000000").json()["household"]
    seen = shown(office, home, "jiuzhu1")
    assert (seen["masked"], seen["members"][0]["masked"]) == (True, True)
    back = patch(office, "jiuzhu1", home, {"revision": seen["revision"], "phone": seen["phone"]})
    assert (back.status_code, back.json()["fields"][0]["path"]) == (422, "phone")
    assert patch(office, "jiuzhu1", home, {"revision": seen["revision"], "number": "311"}).status_code == 200
    assert shown(office, home)["phone"] == "13800000000"


def test_a_reported_change_is_entered_and_the_line_names_the_visit(office: Office) -> None:
    visit(office, "wangge", change="儿子已成家分户")
    before = shown(office, "h_w")
    reported = before["visits"][0]
    sent = {"revision": before["revision"], "visit": reported["id"], "name": "王某丁", "relation": "daughter"}
    assert office.post("lianluo", "register/h_w/members", sent).status_code == 200
    assert shown(office, "h_w")["changes"][0]["visit"] == reported["id"]
    elsewhere = {
        "revision": shown(office, "h_l")["revision"],
        "visit": reported["id"],
        "phone": "13800000001",
    }
    refused = patch(office, "lianluo", "h_l", elsewhere)
    assert (refused.status_code, refused.json()["fields"][0]["path"]) == (422, "visit")


def test_an_ended_household_is_only_taken_back(office: Office) -> None:
    home = added(office).json()["household"]
    head = shown(office, home)["members"][0]["id"]
    path = f"register/{home}/members/{head}"
    alone = office.post("lianluo", f"{path}/left", {"revision": 2, "on": "2026-09-20", "why": "died"}).json()
    assert alone["code"] == "head_needed"
    sent = {"revision": 2, "on": "2026-09-20", "why": "died", "ends": True}
    assert office.post("lianluo", f"{path}/left", sent).status_code == 200
    seen = shown(office, home)
    assert (seen["ended_why"], seen["next_due"]) == ("户主死亡", None)
    refused = office.post(
        "lianluo", f"register/{home}/members", {"revision": seen["revision"], "name": "何某"}
    )
    assert (refused.status_code, refused.json()["code"]) == (409, "household_ended")
    assert (
        office.post("lianluo", f"register/{home}/reopen", {"revision": seen["revision"]}).status_code == 200
    )
    again = shown(office, home)
    assert office.post("lianluo", f"{path}/back", {"revision": again["revision"]}).status_code == 200
    assert (shown(office, home)["size"], shown(office, home)["ended_on"]) == (1, None)


def test_the_forms_offer_the_districts_relations_and_refuse_others(office: Office) -> None:
    choices = office.get("lianluo", "register/choices")
    assert {"value": "spouse", "label": "配偶"} in choices["relations"]
    assert [one["label"] for one in choices["whys"]] == ["迁出", "死亡", "婚嫁", "分户", "其他"]
    refused = added(office, members=[{"name": "何某乙", "relation": "boss"}])
    assert refused.json()["fields"] == [{"path": "members[0].relation", "message": "没有这个关系"}]


def uploaded(office: Office, *rows: dict[str, str]) -> Any:
    sheet = (book := Workbook()).active
    assert sheet is not None
    sheet.append(list(import_checks.COLUMNS.values()))
    for row in rows:
        sheet.append([{"village": seed.VILLAGE, **row}.get(key) for key in import_checks.COLUMNS])
    book.save(out := io.BytesIO())
    headers = {"Idempotency-Key": f"upload-{next(KEYS):06d}"}
    return (
        office.client("lianluo")
        .post("/api/register/imports", files={"file": ("a.xlsx", out.getvalue())}, headers=headers)
        .json()
    )


def test_a_workbook_with_an_ended_household_is_decided_about_and_looked_at_again(office: Office) -> None:
    office.post("lianluo", "register/h_l/end", {"on": "2026-09-24", "why": "误注销"})
    made = uploaded(office, {"number": "001", "head": "李某甲", "name": "李某甲", "phone": "13800000000"})
    assert (made["undecided"], made["new"], made["known"]) == (1, 0, 0)
    path = f"register/imports/{made['id']}"
    told = office.post("lianluo", f"{path}/confirm", {})
    assert (told.status_code, told.json()["code"]) == (409, "undecided")
    (asked,) = made["findings"]
    chosen = {"choices": {asked["key"]: asked["choices"][0]["value"]}}
    assert office.post("minzheng1", f"{path}/choices", chosen).status_code == 404, "somebody else's import"
    seen = office.post("lianluo", f"{path}/choices", chosen).json()
    assert (seen["undecided"], seen["restored"], seen["findings"][0]["chosen"]) == (0, 1, "h_l")
    revision = shown(office, "h_l")["revision"]
    assert office.post("lianluo", "register/h_l/reopen", {"revision": revision}).status_code == 200
    told = office.post("lianluo", f"{path}/confirm", {})
    assert (told.status_code, told.json()["code"]) == (409, "import_changed")
    assert office.post("lianluo", f"{path}/choices", {}).json()["known"] == 1
    done = office.post("lianluo", f"{path}/confirm", {}).json()
    assert done["message"] == "已导入：新增 0 户，更新 1 户，0 户没有变化。"
    assert [row["number"] for row in office.get("lianluo", "register")["items"]] == ["001", "002"]


def test_the_register_takes_no_day_that_lies_ahead_or_before_its_entry(office: Office) -> None:
    for path, body in (
        ("lists", {"category": "single_parent", "source": "民政", "since": "2999-01-01"}),
        ("lists/end", {"category": "disabled", "on": "2999-01-01"}),
        ("lists/end", {"category": "disabled", "on": "1900-01-01"}),
        ("end", {"on": "2999-01-01", "why": "迁出"}),
    ):
        if path == "lists/end":
            given = {"category": "disabled", "source": "残联", "since": "2026-09-01"}
            office.post("lianluo", "register/h_l/lists", given)
        answer = office.post("lianluo", f"register/h_l/{path}", body)
        assert answer.status_code == 422, (path, answer.text)
        assert answer.json()["fields"][0]["path"] in ("on", "since"), path
    assert shown(office, "h_l")["ended_on"] is None


def test_who_reads_only_notices_or_states_reveals_no_household(office: Office) -> None:
    for who, code in (("jiandu", 403), ("wangge", 403), ("lianluo", 200), ("jiuzhu1", 200)):
        answer = office.post(who, "register/h_l/reveal", {"reason": "季度抽查核对医疗支出"})
        assert answer.status_code == code, (who, answer.text)
