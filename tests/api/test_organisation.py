"""Posts, substitutes, liaisons, vacancies, rosters, kin and villages over HTTP: who may, what follows, what is on record."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from casework import seed
from tests.api.office import PEOPLE, Office, acknowledged, found, opened

EVENING = "2026-09-25T20:30:00+08:00"
ARTICLE = "公务员法》第七十六条"


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with opened(tmp_path, EVENING) as made:
        yield made


def ok(answer: Any) -> Any:
    assert answer.status_code == 200, answer.text
    return answer.json()


def refused(answer: Any, status: int, code: str) -> Any:
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    return answer.json()


def unit(office: Office, who: str = "guanli", area: str = seed.VILLAGE) -> Any:
    return office.get(who, f"organisation/unit?area={area}")


def post_of(office: Office, person: str, area: str = seed.VILLAGE) -> Any:
    return next(
        p for p in unit(office, area=area)["posts"] if p["person"] == person and p["state"] == "active"
    )


def log(office: Office, who: str = "guanli", **query: str) -> list[Any]:
    asked = "&".join(f"{key}={value}" for key, value in query.items())
    return list(office.get(who, f"organisation/log?{asked}")["items"])


# ------------------------------------------------------------------------------------------ posts
def test_a_second_liaison_is_refused_and_the_change_of_liaison_is_recorded(office: Office) -> None:
    second = {"person": PEOPLE["liangwei"], "post": "village_liaison", "area": seed.VILLAGE}
    said = refused(office.post("guanli", "organisation/appointments", second), 409, "liaison_taken")
    assert "乙联络" in said["message"]
    body = {
        "area": seed.VILLAGE,
        "person": PEOPLE["liangwei"],
        "items": "户册、重点户名单",
        "witness": "戊民政",
    }
    refused(office.post("minzheng1", "organisation/liaison", body), 403, "forbidden")
    assert "2 户" in ok(office.post("fuwuban1", "organisation/liaison", body))["message"]
    assert unit(office)["unit"]["liaison"] == "丙两委"
    (line,) = log(office, "fuwuban1", kind="liaison_changed")
    assert (line["by"], line["person"]) == ("庚服务", "丙两委")
    assert {"label": "监交人", "value": "戊民政"} in line["details"]


def test_a_town_keeps_its_villages_and_nobody_else(office: Office) -> None:
    informant = {"name": "新信息员", "phone": "13900000000", "post": "informant", "area": seed.VILLAGE}
    refused(office.post("linzhen2", "corps", informant), 403, "forbidden")
    refused(office.post("wangge", "corps", informant), 403, "forbidden")
    ok(office.post("fuwuban1", "corps", informant))
    refused(office.post("fuwuban1", "corps", {**informant, "area": seed.TOWN}), 403, "forbidden")
    assert office.client("wangge").get("/api/organisation").status_code == 403
    assert office.client("linzhen2").get(f"/api/organisation/unit?area={seed.VILLAGE}").status_code == 404
    again = office.post("guanli", "corps", {**informant, "area": seed.NEXT_VILLAGE})
    refused(again, 409, "phone_known")
    wrong = {"person": PEOPLE["wangge"], "post": "town_civil_officer", "area": seed.VILLAGE}
    assert (
        refused(office.post("guanli", "organisation/appointments", wrong), 422, "invalid")["fields"][0][
            "path"
        ]
        == "post"
    )


def test_a_step_of_a_village_without_people_is_told_at_once_and_done_by_who_is_appointed(
    office: Office,
) -> None:
    """R55: every step has somebody who answers for it – the town's office appoints, and sees why."""
    lead = found(office, "fuwuban1", place_area=seed.NEXT_VILLAGE)
    told = [one for one in office.get("fuwuban2", "notifications")["items"] if one["kind"] == "nobody_left"]
    assert [one["case_id"] for one in told] == [lead["case_id"]]
    assert "空缺" in told[0]["text"]
    waiting = office.get("fuwuban2", f"cases/{lead['case_id']}")["tasks"]
    assert [task["element"] for task in waiting] == ["self_verify"]
    assert not any("self_verify" in office.open(who) for who in PEOPLE if who != "guanli")
    post = {"person": PEOPLE["liangwei"], "post": "village_committee", "area": seed.NEXT_VILLAGE}
    ok(office.post("fuwuban2", "organisation/appointments", post))
    office.do("self_verify", "liangwei", self_result="confirmed")


def test_so_is_one_that_goes_over_to_such_a_village(office: Office) -> None:
    """Its first step named its finder, of the village it leaves: it goes to the posts of the new one and nobody has it."""
    lead = found(office)
    assert "self_verify" in office.open("wangge")
    body = {"to_area": seed.NEXT_VILLAGE, "reason": "本人住在邻村"}
    body["revision"] = office.get("fuwuban1", f"cases/{lead['case_id']}")["revision"]
    ok(office.post("fuwuban1", f"cases/{lead['case_id']}/hand-over", body))
    assert "self_verify" not in office.open("wangge")
    told = [one for one in office.get("fuwuban2", "notifications")["items"] if one["kind"] == "nobody_left"]
    assert [one["case_id"] for one in told] == [lead["case_id"]]


def test_an_ended_liaison_is_a_vacancy_that_counts_its_days_and_is_told(office: Office) -> None:
    held = post_of(office, PEOPLE["lianluo"])
    ok(office.post("fuwuban1", f"organisation/appointments/{held['id']}/end", {"reason": "调离"}))
    assert "vacancy" in [one["kind"] for one in office.get("fuwuban2", "notifications")["items"]]
    office.advance(by="P3D")
    found = office.get("fuwuban1", f"organisation/vacancies?area={seed.VILLAGE}")["items"]
    assert [(v["key"], v["days"], v["never"]) for v in found] == [("liaison", 3, False)]
    empty = office.get("guanli", f"organisation/vacancies?area={seed.NEXT_VILLAGE}")
    assert empty["by_kind"] == {"无联络员": 1, "无责任人": 1}
    assert all(v["never"] for v in empty["items"])


# ------------------------------------------------------------------------------------------ 委托代理
def substitution(office: Office, person: str, instead_of: str, until: str = "2026-10-09", **more: Any) -> Any:
    held = post_of(office, PEOPLE[instead_of], seed.TOWN)
    body = {"person": PEOPLE[person], "begins": "2026-09-25", "until": until, "reason": "年休假", **more}
    return office.post(instead_of, f"organisation/appointments/{held['id']}/substitute", body)


def test_a_substitute_does_the_tasks_of_the_absent_and_history_says_so(office: Office) -> None:
    acknowledged(office)
    row = office.task("minzheng1", "verify_on_site")
    ok(office.post("minzheng1", f"tasks/{row['id']}/claim", {"revision": row["revision"]}))
    assert "verify_on_site" not in office.open("baocun"), "a village cadre does not do the officer's work"
    ok(substitution(office, "baocun", "minzheng1"))
    refused(substitution(office, "fuwuban2", "minzheng1"), 409, "substitute_taken")
    taken = office.task("baocun", "verify_on_site")
    assert taken["claimable"] is True
    ok(office.post("baocun", f"tasks/{taken['id']}/claim", {"revision": taken["revision"]}))
    newest = office.get("guanli", f"cases/{row['case_id']}")["timeline"][0]
    assert newest["who"] == "壬包村（代戊民政）"
    me = office.get("baocun", "me")["posts"]
    assert [p["instead_of"] for p in me] == [None, "戊民政"]
    office.advance(to="2026-10-09T23:00:00+08:00")
    assert len(office.get("baocun", "me")["posts"]) == 2, "the last day counts"
    office.advance(to="2026-10-10T00:01:00+08:00")
    assert len(office.get("baocun", "me")["posts"]) == 1
    texts = [line["text"] for line in log(office, kind="substituted")]
    assert texts == [
        "壬包村代理戊民政（" + unit(office, area=seed.TOWN)["unit"]["name"] + "镇（街）民政干部），"
        "2026-09-25 至 2026-10-10（不含）：年休假"
    ]


def test_reminders_of_what_an_absent_person_holds_reach_the_substitute(office: Office) -> None:
    acknowledged(office)
    row = office.task("minzheng1", "verify_on_site")
    ok(office.post("minzheng1", f"tasks/{row['id']}/claim", {"revision": row["revision"]}))
    ok(substitution(office, "baocun", "minzheng1"))
    office.advance(by="P5D")

    def reminded(who: str) -> bool:
        inbox = office.get(who, "notifications?size=100")["items"]
        return any(one["kind"] in ("digest", "deadline") and "实地核查" in one["text"] for one in inbox)

    assert [who for who in ("minzheng1", "baocun", "minzheng2") if reminded(who)] == ["minzheng1", "baocun"]


def test_the_other_signature_of_two_may_come_from_a_substitute_but_not_both_from_one_person(
    office: Office,
) -> None:
    acknowledged(office)
    ok(substitution(office, "minzheng2", "minzheng1"))
    office.do("verify_on_site", "minzheng2")
    row = office.task("minzheng1", "verify_on_site")
    again = office.post(
        "minzheng2", f"tasks/{row['id']}/complete", {"revision": row["revision"], "values": {}}
    )
    assert again.status_code == 403


def test_a_substitute_is_of_the_same_house_and_not_of_a_lower_tier(office: Office) -> None:
    for person, post in (("jiaoyu", "minzheng1"), ("wangge", "juzhang"), ("minzheng1", "juzhang")):
        body = {"person": PEOPLE[person], "begins": "2026-09-28", "until": "2026-10-09", "reason": "外出学习"}
        answer = office.post("guanli", f"organisation/appointments/a_{post}/substitute", body)
        assert (answer.status_code, answer.json()["fields"][0]["path"]) == (422, "person"), answer.text
    ok(substitution(office, "jiuzhu1", "minzheng1"))


def test_a_substitution_is_recorded_by_the_absent_or_a_keeper_and_can_be_ended(office: Office) -> None:
    held = post_of(office, PEOPLE["minzheng1"], seed.TOWN)
    path = f"organisation/appointments/{held['id']}/substitute"
    body = {"person": PEOPLE["baocun"], "begins": "2026-09-25", "until": "2026-10-09", "reason": "病假"}
    refused(office.post("minzheng2", path, body), 403, "forbidden")
    refused(office.post("minzheng1", path, {**body, "person": PEOPLE["minzheng1"]}), 422, "invalid")
    refused(office.post("minzheng1", path, {**body, "until": "2026-09-20"}), 422, "invalid")
    ok(office.post("guanli", path, body))
    (standing,) = post_of(office, PEOPLE["minzheng1"], seed.TOWN)["substitutions"]
    assert (standing["substitute_name"], standing["until"]) == ("壬包村", "2026-10-09")
    assert "substituted" in [one["kind"] for one in office.get("baocun", "notifications")["items"]]
    ok(office.post("minzheng1", f"organisation/substitutions/{standing['id']}/end", {}))
    assert len(office.get("baocun", "me")["posts"]) == 1


# ------------------------------------------------------------------------------------------ people
def test_who_is_disabled_is_out_at_once_and_leaves_a_list_to_hand_over(office: Office) -> None:
    acknowledged(office)
    row = office.task("minzheng1", "verify_on_site")
    ok(office.post("minzheng1", f"tasks/{row['id']}/claim", {"revision": row["revision"]}))
    person = PEOPLE["minzheng1"]
    refused(office.post("fuwuban1", f"corps/{person}/disable", {"reason": "退休"}), 403, "forbidden")
    said = ok(office.post("guanli", f"corps/{person}/disable", {"reason": "退休"}))
    assert "1 项待办" in said["message"]
    assert office.client("minzheng1").get("/api/me").status_code == 401
    first = office.get("fuwuban1", "handover")["people"][0]
    assert (first["id"], first["gone"], first["held"]) == (person, True, 1)
    gone = office.get("guanli", f"corps?gone=true&area={seed.TOWN}")["items"]
    assert [(one["name"], one["disabled"]) for one in gone] == [("戊民政", True)]
    ok(office.post("guanli", f"corps/{person}/enable", {}))
    new = ok(office.post("guanli", f"corps/{person}/password", {}))
    login = office.client("wangge").post(
        "/api/login", json={"username": "minzheng1", "password": new["password"]}
    )
    assert login.status_code == 200


ROSTER = [
    ["姓名", "手机号", "岗位", "村（居）或镇（街）", "任职日期", "培训内容", "培训日期", "培训有效期至"],
    [
        "信息员甲",
        13900000001,
        "救助信息员",
        "120115101201",
        "2026-09-01",
        "业务培训",
        "2026-08-20",
        "2027-08-19",
    ],
    ["甲网格", None, "网格员", "120115101201", None, None, None, None],
]


def uploaded(
    office: Office, rows: list[list[Any]], path: str = "corps/import/preview", who: str = "fuwuban1"
) -> Any:
    book, out = openpyxl.Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(out)
    return office.client(who).post(
        f"/api/{path}",
        files={"file": ("名册.xlsx", out.getvalue())},
        headers={"Idempotency-Key": f"upload-{next(office.keys):06d}"},
    )


def test_a_roster_is_looked_at_first_and_makes_no_second_account(office: Office) -> None:
    seen = ok(uploaded(office, ROSTER))
    assert [(line["name"], line["state"]) for line in seen["lines"]] == [
        ("信息员甲", "new"),
        ("甲网格", "same"),
    ]
    assert office.get("guanli", f"corps?q=信息员甲&area={seed.DISTRICT}")["total"] == 0, (
        "a look writes nothing"
    )
    said = ok(office.post("fuwuban1", "corps/import", {"rows": seen["rows"]}))
    assert said["message"] == "已导入：新增 1 人，任职 1 项，1 行没有变化。"
    said = ok(office.post("fuwuban1", "corps/import", {"rows": seen["rows"]}))
    assert said["message"] == "已导入：新增 0 人，任职 0 项，2 行没有变化。"
    (one,) = office.get("fuwuban1", "corps?q=信息员甲")["items"]
    assert (one["username"], one["usable"], one["trainings"][0]["valid_to"]) == (
        "13900000001",
        False,
        "2027-08-19",
    )


def test_wrong_lines_of_a_roster_are_named_and_nothing_is_taken_in(office: Office) -> None:
    head, good = ROSTER[0], ROSTER[1]
    bad = [
        ["无岗位", None, "总管", "120115101201", None, None, None, None],
        ["外镇人", None, "网格员", "120115103201", None, None, None, None],
        ["第二联络员", None, "村（居）联络员", "120115101201", "昨天", None, None, None],
        ["另名", 13900000001, "网格员", "120115101201", None, None, None, None],
    ]
    seen = ok(uploaded(office, [head, good, *bad]))
    notes = ["；".join(line["notes"]) for line in seen["lines"]]
    assert notes[0] == ""
    assert "没有“总管”这一岗位" in notes[1]
    assert "不由您维护" in notes[2]
    assert "已有联络员" in notes[3]
    assert "任职日期不是日期" in notes[3]
    said = refused(office.post("fuwuban1", "corps/import", {"rows": seen["rows"]}), 422, "invalid")
    assert "第 3 行" in [f["path"] for f in said["fields"]]
    assert office.get("guanli", f"corps?q=信息员甲&area={seed.DISTRICT}")["total"] == 0
    assert uploaded(office, [["姓名"]], who="wangge").status_code == 403
    text = office.client("fuwuban1").post(
        "/api/corps/import/preview",
        files={"file": ("a.xlsx", b"nonsense")},
        headers={"Idempotency-Key": "bad-table-1"},
    )
    refused(text, 422, "bad_table")


# ------------------------------------------------------------------------------------------ kin
def kin_case(office: Office) -> None:
    """A lead about the household of 田某丙, whose relative is 己民政."""
    found(office, who="fuwuban1", place_area=seed.NEXT_VILLAGE, subject_name="田某丙", source="06")


def test_kin_is_refused_at_every_door_with_the_article(office: Office) -> None:
    acknowledged(office, subject_name="李某甲")
    ok(office.post("minzheng2", "kinship", {"household": "h_l", "relation": "兄弟姐妹"}))
    row = office.task("minzheng1", "verify_on_site")
    path, body = f"tasks/{row['id']}", {"revision": row["revision"]}
    client = office.client("minzheng2")
    draft = client.put(
        f"/api/{path}/draft", json={**body, "values": {}}, headers={"Idempotency-Key": "kin-draft-01"}
    )
    for answer in (
        office.post("minzheng2", f"{path}/claim", body),
        office.post("minzheng2", f"{path}/complete", {**body, "values": {}}),
        draft,
        office.post("minzheng1", f"{path}/transfer", {**body, "to": PEOPLE["minzheng2"], "reason": "外出"}),
        office.post(
            "minzheng1", f"{path}/ask", {**body, "kind": "presign", "of": [PEOPLE["minzheng2"]], "text": "签"}
        ),
    ):
        said = refused(answer, 403, "recused")
        assert ARTICLE in said["message"]
        assert "己民政与该户有兄弟姐妹关系" in said["message"]


def test_kin_is_not_named_as_verifier_in_the_first_place(office: Office) -> None:
    found(office, subject_name="李某甲")
    ok(office.post("minzheng2", "kinship", {"household": "h_l", "relation": "舅甥"}))
    office.do("self_verify", "wangge", self_result="confirmed")
    office.do("report_to_town", "wangge")
    row = office.task("fuwuban1", "town_ack")
    values = {**office.get("fuwuban1", f"tasks/{row['id']}")["values"], "ack_result": "new"}
    values["verifiers"] = [PEOPLE["minzheng1"], PEOPLE["minzheng2"]]
    answer = office.post(
        "fuwuban1", f"tasks/{row['id']}/complete", {"revision": row["revision"], "values": values}
    )
    said = refused(answer, 422, "recused")
    assert said["fields"][0]["path"] == "verifiers"
    assert ARTICLE in said["fields"][0]["message"]


def test_a_declaration_is_known_once_and_not_ended_by_oneself(office: Office) -> None:
    body = {"household": "h_w", "relation": "配偶"}
    ok(office.post("minzheng1", "kinship", body))
    refused(office.post("minzheng1", "kinship", body), 409, "kin_known")
    refused(office.post("minzheng1", "kinship", {**body, "person": PEOPLE["baocun"]}), 403, "forbidden")
    end = {"person": PEOPLE["minzheng1"], "household": "h_w", "reason": "登记有误"}
    refused(office.post("minzheng1", "kinship/end", end), 403, "forbidden")
    shown = office.get("fuwuban1", "kinship")
    assert ARTICLE in shown["basis"]
    assert {row["name"] for row in shown["items"]} == {"戊民政", "己民政"}
    ok(office.post("fuwuban1", "kinship/end", end))
    ok(office.post("minzheng1", "kinship", body))
    assert [line["kind"] for line in log(office, person=PEOPLE["minzheng1"])] == [
        "kin_declared",
        "kin_ended",
        "kin_declared",
    ]


def test_a_kin_register_is_taken_in_whole_or_not_at_all(office: Office) -> None:
    head = ["工作人员", "户主", "村（居）", "关系"]
    rows = [head, ["戊民政", "李某甲", "120115101201", "叔侄"], ["己民政", "田某丙", "120115101202", "叔侄"]]
    seen = ok(uploaded(office, rows, "kinship/import/preview"))
    assert seen["counts"] == {"new": 1, "same": 1}
    ok(office.post("fuwuban1", "kinship/import", {"rows": seen["rows"]}))
    wrong = ok(
        uploaded(office, [*rows, ["无此人", "李某甲", "120115101201", "叔侄"]], "kinship/import/preview")
    )
    assert wrong["lines"][2]["notes"] == ["没有工作人员“无此人”"]
    refused(office.post("fuwuban1", "kinship/import", {"rows": wrong["rows"]}), 422, "invalid")


# ------------------------------------------------------------------------------------------ 区划调整
def test_villages_merge_over_http_and_old_and_new_tree_agree(office: Office) -> None:
    found(office)
    sources = [seed.VILLAGE, seed.NEXT_VILLAGE]
    body = {
        "kind": "merge",
        "on": "2026-09-28",
        "document": "津宝政〔2026〕12号",
        "sources": sources,
        "new": {"name": "合新村", "kind": "village"},
    }
    refused(office.post("fuwuban1", "organisation/changes", body), 403, "forbidden")
    refused(office.post("guanli", "organisation/changes", {**body, "sources": []}), 422, "invalid")
    before = office.get("guanli", "organisation/changes")["total"]
    foreseen = ok(office.post("juzhang", "organisation/changes/preview", body))
    assert {"label": "户随转", "value": "3"} in foreseen["result"]
    assert office.get("guanli", "organisation/changes")["total"] == before, "a look writes nothing"
    said = ok(office.post("juzhang", "organisation/changes", body))
    assert said["message"].startswith("已登记，2026年09月28日生效")
    assert office.task("wangge", "self_verify")
    old = office.get("guanli", f"organisation/counts?area={seed.TOWN}&on=2026-09-27")
    office.advance(to="2026-09-28T00:05:00+08:00")
    (change,) = office.get("guanli", "organisation/changes")["items"]
    assert (change["state"], change["by"]) == ("applied", "寅局长")
    assert {"label": "联络员", "value": "乙联络"} in change["result"]
    assert "合新村" in office.task("wangge", "self_verify")["place"], "the same people go on"
    again = office.get("guanli", f"organisation/counts?area={seed.TOWN}&on=2026-09-27")
    new = office.get("guanli", f"organisation/counts?area={seed.TOWN}&on=2026-09-28")
    homes = [[(r["name"], r["households"]) for r in shown["rows"]] for shown in (old, again)]
    assert homes[0] == homes[1], "the old tree says what it said"
    figures = ("households", "open_cases", "closed_cases", "unplaced")
    assert {k: new["total"][k] for k in figures} == {k: again["total"][k] for k in figures}
    assert [(r["name"], r["households"]) for r in new["rows"]] == [("合新村", 3)]
    assert len(old["rows"]) == 2
    assert log(office, kind="area_changed")[0]["text"].endswith("自 2026-09-28 起")


def test_the_complaint_phone_is_the_town_s(office: Office) -> None:
    body = {"area": seed.TOWN, "phone": "022-29240000"}
    refused(office.post("linzhen2", "organisation/phone", body), 403, "forbidden")
    ok(office.post("fuwuban1", "organisation/phone", body))
    assert unit(office, area=seed.TOWN)["phone"] == "022-29240000"
    assert unit(office, area=seed.OTHER_TOWN)["phone_inherited"] is None
    assert log(office, kind="phone_set")[0]["by"] == "庚服务"


# ------------------------------------------------------------------------------------------ 值班表
def test_a_month_of_duty_with_its_gaps(office: Office) -> None:
    month = office.get("lianluo", "roster?month=2026-09")
    assert (month["town"], month["may_plan"]) == (seed.TOWN, False)
    assert [(one["name"], one["planned"]) for one in month["on_duty"]] == [("辛服务", True)]
    (before,) = month["gaps"]
    assert before == {"begins": "2026-09-01T00:00:00+08:00", "ends": "2026-09-24T00:30:00Z"}
    empty = office.get("linzhen2", "roster?month=2026-10")
    assert len(empty["gaps"]) == 1
    assert [one["planned"] for one in empty["on_duty"]] == [False], (
        "a gap falls back to the office, and says so"
    )
    people = [PEOPLE["fuwuban1"], PEOPLE["fuwuban2"]]
    body = {"town": seed.TOWN, "people": people, "first": "2026-10-20", "last": "2026-10-31"}
    refused(office.post("minzheng1", "roster/rotate", body), 403, "forbidden")
    assert ok(office.post("fuwuban1", "roster/rotate", body))["message"] == "已排 7 班。"
    month = office.get("fuwuban1", "roster?month=2026-10")
    assert month["gaps"] == []
    last = month["turns"][-1]
    twice = {"town": seed.TOWN, "person": last["person"], "begins": last["begins"], "ends": last["ends"]}
    refused(office.post("fuwuban1", "roster", twice), 409, "planned_already")
    ok(office.post("fuwuban1", f"roster/{last['id']}/remove", {}))
    assert len(office.get("fuwuban1", "roster?month=2026-10")["gaps"]) == 1
    served = office.get("fuwuban1", "roster?month=2026-09")["turns"][0]
    assert served["may_remove"] is False
    assert office.post("fuwuban1", f"roster/{served['id']}/remove", {}).status_code == 409
    assert [line["kind"] for line in log(office, "fuwuban1")][:2] == ["duty_removed", "duty_planned"]
