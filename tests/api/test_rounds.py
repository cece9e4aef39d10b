"""Going round over HTTP: visits, the village's daily word, silence the day after, leads back to their finder."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import update

from casework import coverage, leads, seed, seed_villages
from casework.tables import leads as leads_table
from engine.calendar import ZONE
from tests.api.office import PEOPLE, Office, acknowledged, found, granted_quickly, opened, verified


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with opened(tmp_path, "2026-09-24T09:00:00+08:00") as made:
        yield made


@pytest.fixture
def villages(office: Office) -> Office:
    """With the villages that say nothing, each for its own reason."""
    with office.runtime.db.transaction() as tx:
        seed_villages.seed_villages(tx, office.runtime.now(tx))
    return office


def visit(office: Office, who: str, **values: Any) -> Any:
    now = office.runtime.now().astimezone(ZONE)
    given = {
        "household": "h_w", "met": "self", "started_at": (now - timedelta(minutes=30)).isoformat(), "ended_at": now.isoformat(), **values,
    }  # fmt: skip
    return office.post(who, "visits", given)


# ------------------------------------------------------------------------------------------ visits
def test_a_visit_moves_the_next_one_on(office: Office) -> None:
    before = office.get("wangge", "rounds")
    assert [(row["id"], row["overdue"]) for row in before["items"]] == [("h_w", True)]
    answer = visit(office, "wangge", note="服药中", policy_explained=True, members_met=["王某乙"])
    assert answer.status_code == 200, answer.text
    home = office.get("wangge", "register/h_w")
    assert home["next_due"] == "2026-10-24"
    assert home["receipt"]["term"] == "visit.month"
    assert home["receipt"]["due"] == "2026-10-24"
    (row,) = home["visits"]
    assert (row["minutes"], row["met"], row["visitors"], row["members_met"]) == (
        30,
        "本人",
        ["甲网格"],
        ["王某乙"],
    )
    assert office.get("wangge", "rounds")["items"] == []


def test_nobody_met_needs_a_reason_and_owes_the_visit_still(office: Office) -> None:
    refused = visit(office, "wangge", met="none")
    assert (refused.status_code, refused.json()["fields"][0]["path"]) == (422, "reason")
    assert visit(office, "wangge", met="none", reason="外出就医").status_code == 200
    assert office.get("wangge", "rounds")["overdue"] == 1


def test_the_day_asked_for_comes_before_the_cadence(office: Office) -> None:
    visit(office, "wangge", next_due="2026-09-30")
    assert office.get("wangge", "register/h_w")["next_due"] == "2026-09-30"
    wrong = visit(office, "wangge", next_due="2026-09-01")
    assert wrong.json()["fields"][0]["path"] == "next_due"


def test_how_long_and_how_late_a_visit_may_be_is_the_districts_to_say(office: Office) -> None:
    def said(**ago: timedelta) -> list[tuple[str, str]]:
        now = office.runtime.now().astimezone(ZONE)
        times = {key: (now - back).isoformat() for key, back in ago.items()}
        answer = visit(office, "wangge", **times)
        return [(f["path"], f["message"]) for f in answer.json().get("fields", [])]

    day, hour = timedelta(days=1), timedelta(hours=1)
    assert said(started_at=25 * hour) == [("ended_at", "一次走访不超过 24 小时，请核对日期")]
    late = {"started_at": 367 * day, "ended_at": 367 * day - hour}
    assert said(**late) == [("started_at", "不能早于 366 天前，请核对日期")]
    assert said(started_at=3 * hour) == []
    for key, most, value in (("visit.longest_hours", 72, 2), ("visit.entered_within_days", 731, 30)):
        change = {"kind": "parameter", "key": key, "valid_from": "2026-09-25", "reason": "局务会纪要"}
        refused = office.post("guanli", "terms/changes", {**change, "value": most + 1})
        assert f"不能高于 {most}" in refused.json()["fields"][0]["message"]
        assert office.post("guanli", "terms/changes", {**change, "value": value}).status_code == 200
        (shown,) = [item for item in office.get("guanli", "terms")["items"] if item["key"] == key]
        decided = {"revision": shown["pending"]["revision"], "approve": True}
        path = f"terms/changes/{shown['pending']['id']}/decide"
        assert office.post("juzhang", path, decided).status_code == 200
    office.advance(to="2026-09-25T12:00:00+08:00")
    assert said(started_at=3 * hour) == [("ended_at", "一次走访不超过 2 小时，请核对日期")]
    late = {"started_at": 31 * day, "ended_at": 31 * day - hour}
    assert said(**late) == [("started_at", "不能早于 30 天前，请核对日期")]


def test_needs_are_a_lead_at_once_and_the_lead_knows_its_visit(office: Office) -> None:
    refused = visit(office, "wangge", needs=["medical"])
    assert refused.json()["fields"][0]["path"] == "cause"
    made = visit(office, "wangge", needs=["medical"], cause="11").json()
    assert made["lead_no"] in made["message"]
    office.advance(by="PT1M")
    assert "self_verify" in office.open("wangge")
    home = office.get("wangge", "register/h_w")
    assert [lead["number"] for lead in home["leads"]] == [made["lead_no"]]
    assert home["visits"][0]["lead_no"] == made["lead_no"]
    case = office.get("wangge", f"cases/{made['case_id']}")
    assert "网格员走访发现" in str(case["sections"])


def test_a_change_of_the_family_reaches_the_town(office: Office) -> None:
    assert "转镇" in visit(office, "lianluo", change="儿子已就业").json()["message"]
    texts = [m["text"] for m in office.get("minzheng1", "notifications")["items"]]
    assert any("儿子已就业" in text for text in texts)


def test_a_patrol_needs_no_household_and_guidance_neither(office: Office) -> None:
    made = visit(office, "baocun", household=None, area=seed.VILLAGE, kind="patrol", note="党员反映一户取暖困难",
                 needs=["heating"], cause="34", subject="何某").json()  # fmt: skip
    assert made["lead_no"]
    assert visit(office, "baopian", household=None, area=seed.TOWN, kind="guidance").status_code == 200
    refused = visit(office, "baocun", household=None, area=seed.VILLAGE)
    assert refused.json()["fields"][0]["path"] == "household"
    kinds = {row["kind"] for row in office.get("baopian", "visits")["items"]}
    assert kinds == {"patrol", "guidance"}


def test_another_town_neither_sees_nor_visits(office: Office) -> None:
    assert office.client("linzhen1").get("/api/register/h_w").status_code == 404
    assert visit(office, "linzhen1").status_code == 404
    assert office.get("linzhen1", f"register?area={seed.TOWN}")["items"] == []
    assert office.client("linzhen1").get(f"/api/coverage?area={seed.TOWN}").status_code == 404


def test_steps_that_were_visits_are_in_the_register_without_typing_twice(office: Office) -> None:
    found(office, subject_name="李某甲", main_cause="15")
    office.do("self_verify", "wangge", self_result="confirmed", method="visit")
    office.do("report_to_town", "wangge")
    office.do("town_ack", "fuwuban1", ack_result="new", verifiers=[PEOPLE["minzheng1"], PEOPLE["minzheng2"]])
    verified(office)
    granted_quickly(office)
    office.advance(by="P31D")
    office.do("first_visit", "minzheng1", still_in_difficulty=False, aid_received=True)
    rows = office.get("lianluo", "register/h_l")["visits"]
    assert [(row["kind"], row["visitors"]) for row in rows] == [
        ("follow_up", ["戊民政"]), ("verification", ["戊民政", "己民政"]), ("verification", ["甲网格"]),
    ]  # fmt: skip


# ------------------------------------------------------------------------------------------ masking
def test_sensitive_fields_open_for_a_reason_and_leave_a_record(office: Office) -> None:
    book = io.BytesIO(office.client("minzheng1").get("/api/register/template.xlsx").content)
    sheet = (workbook := load_workbook(book)).active
    assert sheet is not None
    heading = [cell.value for cell in sheet[1]]
    untouched = office.client("minzheng1").post(
        "/api/register/imports",
        files={"file": ("户册.xlsx", book.getvalue())},
        headers={"Idempotency-Key": "j" * 12},
    )
    assert untouched.json()["message"] == "工作簿里没有数据行。", (
        "the template's own example is nobody's household"
    )
    for label, value in {"村（居）": seed.VILLAGE, "户编号": "310", "患病情况": "尿毒症"}.items():
        sheet.cell(2, heading.index(label) + 1, value)
    out = io.BytesIO()
    workbook.save(out)
    sent = {"file": ("户册.xlsx", out.getvalue())}
    preview = office.client("minzheng1").post(
        "/api/register/imports", files=sent, headers={"Idempotency-Key": "k" * 12}
    )
    assert preview.status_code == 200, preview.text
    assert {k: preview.json()[k] for k in ("rows", "new", "known", "errors", "warnings")} == {
        "rows": 1, "new": 1, "known": 0, "errors": 0, "warnings": 0,
    }  # fmt: skip
    done = office.post("minzheng1", f"register/imports/{preview.json()['id']}/confirm", {}).json()
    assert (done["new"], done["changed"]) == (1, 0)
    (row,) = office.get("minzheng1", "register?q=11010519491231002X")["items"]
    path = f"register/{row['id']}"
    member = office.get("minzheng1", path)["members"][0]
    assert (member["name"], member["illness"], member["id_no"]) == (
        "张某",
        "（已隐藏）",
        "110***********002X",
    )
    far = office.get("jiuzhu1", path)
    assert (far["head"], far["address"], far["members"][0]["name"]) == ("张**", None, "张**")
    refused = office.post("jiuzhu1", f"{path}/reveal", {"reason": "看"})
    assert (refused.status_code, refused.json()["fields"][0]["path"]) == (422, "reason")
    assert office.post("jiuzhu1", f"{path}/reveal", {"reason": "抽查核对医疗支出"}).status_code == 200
    assert office.get("jiuzhu1", path)["members"][0]["illness"] == "尿毒症"
    assert office.get("minzheng1", path)["members"][0]["illness"] == "（已隐藏）", (
        "another's reason opens nothing"
    )
    (looked,) = office.get("fuwuban1", "register/reveals")["items"]
    assert (looked["who"], looked["reason"]) == ("癸救助", "抽查核对医疗支出")
    office.advance(by="PT4H")
    assert office.get("jiuzhu1", path)["members"][0]["illness"] == "（已隐藏）"


def test_a_day_has_its_limit_of_reveals(villages: Office) -> None:
    limit = 20
    homes = [row["id"] for row in villages.get("jiuzhu1", "register?size=100")["items"]]
    assert len(homes) > limit
    answers = [
        villages.post("jiuzhu1", f"register/{home}/reveal", {"reason": "季度抽查核对"})
        for home in homes[: limit + 1]
    ]
    assert [a.status_code for a in answers] == [200] * limit + [409]
    assert answers[-1].json()["code"] == "reveal_limit"
    assert (
        villages.post("jiuzhu1", f"register/{homes[0]}/reveal", {"reason": "季度抽查核对"}).status_code == 200
    )


# ------------------------------------------------------------------------------------------ coverage
def test_three_villages_say_nothing_for_three_reasons(villages: Office) -> None:
    villages.advance(to="2026-09-25T07:00:00+08:00")
    shown = villages.get("fuwuban1", f"coverage?area={seed.TOWN}&unit=week")
    states = {row["area"]: row["cells"][-1]["state"] for row in shown["rows"]}
    assert (states[seed_villages.SILENT], states[seed_villages.BROKEN], states[seed_villages.ZERO]) == (
        "silent",
        "unsynced",
        "zero",
    )
    assert states[seed.NEXT_VILLAGE] == "vacant"
    assert shown["rows"][0]["state"] == "silent", "who must be asked stands first"
    broken = next(row for row in shown["rows"] if row["area"] == seed_villages.BROKEN)
    assert broken["last_sync"].startswith("2026-09-20")
    days = villages.get("fuwuban1", f"coverage/days?area={seed_villages.BROKEN}")
    assert [(d["day"], d["state"]) for d in days[:4]] == [
        ("2026-09-25", "rest"), ("2026-09-24", "unsynced"), ("2026-09-23", "unsynced"), ("2026-09-22", "unsynced"),
    ]  # fmt: skip


def test_the_overview_counts_villages_a_month_without_a_report_never_towns(villages: Office) -> None:
    whole = villages.get("jiuzhu1", "overview")
    staffed = {row["area"] for row in villages.get("jiuzhu1", "coverage?area=120115&unit=week")["rows"]}
    below = [
        r["area"]
        for town in (seed.TOWN, seed.OTHER_TOWN)
        for r in villages.get("jiuzhu1", f"coverage?area={town}&unit=week")["rows"]
    ]
    assert whole["totals"]["silent"] == len(below), (
        staffed,
        "nobody has reported yet: each village that has somebody",
    )
    assert whole["totals"]["silent"] != len(whole["rows"])
    found(villages)
    assert villages.get("jiuzhu1", "overview")["totals"]["silent"] == len(below) - 1
    villages.advance(by="P31D")
    assert villages.get("jiuzhu1", "overview")["totals"]["silent"] == len(below), "one report, then silence"


def test_a_broken_telephone_excuses_a_week_and_no_longer(villages: Office) -> None:
    villages.advance(to="2026-10-14T07:00:00+08:00")
    shown = villages.get("fuwuban1", f"coverage?area={seed.TOWN}&unit=week")
    assert next(r for r in shown["rows"] if r["area"] == seed_villages.BROKEN)["state"] == "silent"


def test_silence_is_an_alarm_the_morning_after_and_the_town_settles_it(villages: Office) -> None:
    villages.post("wangge", "heartbeat", {"device": "a-telephone"})
    villages.advance(to="2026-09-25T07:59:00+08:00")
    assert villages.get("fuwuban1", "coverage/alarms")["items"] == []
    villages.advance(to="2026-09-25T08:01:00+08:00")
    rows = villages.get("fuwuban1", "coverage/alarms")["items"]
    assert {(r["area"], r["state"]) for r in rows} == {
        (seed.VILLAGE, "silent"), (seed_villages.SILENT, "silent"), (seed_villages.BROKEN, "unsynced"), (seed_villages.ZERO, "silent"),
    }  # fmt: skip
    told = [m for m in villages.get("baocun", "notifications")["items"] if m["kind"] == "silence"]
    assert len(told) == 1, "one digest, not a message for each village"
    body = {"area": seed_villages.BROKEN, "day": "2026-09-24", "text": "电话核实：手机损坏，已更换"}
    assert (
        villages.post("wangge", "coverage/alarms/answer", {**body, "area": seed.VILLAGE}).status_code == 403
    )
    assert villages.post("fuwuban1", "coverage/alarms/answer", body).status_code == 200
    assert villages.post("fuwuban1", "coverage/alarms/answer", body).status_code == 409
    assert len(villages.get("fuwuban1", "coverage/alarms")["items"]) == 3
    villages.advance(to="2026-09-29T08:01:00+08:00")
    days = {r["day"] for r in villages.get("fuwuban1", "coverage/alarms?size=100")["items"]}
    assert days == {"2026-09-24", "2026-09-28"}, "the festival of the 25th, the weekend and no day twice"


def test_nothing_new_needs_a_reason_while_the_neighbours_report(villages: Office) -> None:
    body = {"area": seed.VILLAGE, "done": ["patrol"]}
    assert villages.post("wangge", "rounds/day", body).status_code == 200
    found(villages, "baocun", place_area=seed_villages.ZERO, subject_name="某某")
    villages.advance(to="2026-09-28T10:00:00+08:00")
    refused = villages.post("wangge", "rounds/day", body)
    assert (refused.status_code, refused.json()["code"]) == (422, "reason_needed")
    assert (
        villages.post("wangge", "rounds/day", {**body, "reason": "已电话问询全部重点户"}).status_code == 200
    )
    assert villages.get("wangge", "rounds")["villages"][0]["state"] == "零报告"
    assert villages.post("minzheng1", "rounds/day", body).status_code == 403, (
        "the town does not speak for a village"
    )
    late = {**body, "day": "2026-09-01", "reason": "补报"}
    assert villages.post("wangge", "rounds/day", late).json()["fields"][0]["path"] == "day"


def test_expected_visits_follow_lists_and_quarter(villages: Office) -> None:
    with villages.runtime.db.reading() as tx:
        month = coverage.owed(tx, seed.VILLAGE, date(2026, 9, 1), date(2026, 9, 30), date(2026, 9, 24))
        quarter = coverage.owed(tx, seed.VILLAGE, date(2026, 7, 1), date(2026, 9, 30), date(2026, 9, 24))
    assert (month[seed.VILLAGE].expected, month[seed.VILLAGE].visited) == (4, 1), (
        "illness twice, a child, tekun; the child was met"
    )
    assert quarter[seed.VILLAGE].expected == 11
    late = villages.get("fuwuban1", f"register?area={seed.VILLAGE}&due=overdue&size=100")
    assert quarter[seed.VILLAGE].overdue == late["total"], "the figure opens its list"


# ------------------------------------------------------------------------------------------ the loop
def not_confirmed(office: Office, **values: Any) -> Any:
    lead = acknowledged(office, **values)
    office.do("verify_on_site", "minzheng1", "minzheng2", verify_result="not_confirmed", residence_status="1", has_support_here=True,
              persons=1, immediate_need=False, policy_explained=True, able_to_apply=True, asks_station=False)  # fmt: skip
    office.do("sign_not_confirmed", "fuwuban1", agree=True, reason="收入高于标准", told_person=True)
    return lead


def test_the_finder_learns_the_fate_and_the_household_is_told(office: Office) -> None:
    lead = not_confirmed(office, subject_name="李某甲")
    (mine,) = office.get("wangge", "leads/mine")["items"]
    assert (mine["number"], mine["conclusion"], mine["reason"]) == (lead["number"], "不属实", "收入高于标准")
    assert mine["may_tell"] is True
    assert office.post("linzhen1", f"leads/{lead['number']}/told", {"how": "电话"}).status_code == 404
    assert office.post("wangge", f"leads/{lead['number']}/told", {"how": "当面告知"}).status_code == 200
    assert (
        office.post("wangge", f"leads/{lead['number']}/told", {"how": "当面告知"}).json()["code"]
        == "told_already"
    )
    (mine,) = office.get("wangge", "leads/mine")["items"]
    assert (mine["told_how"], mine["may_tell"]) == ("当面告知", False)
    open_ = found(office, subject_name="另一人")
    assert (
        office.post("wangge", f"leads/{open_['number']}/told", {"how": "电话"}).json()["code"] == "still_open"
    )


def test_earlier_refusals_show_and_the_third_finding_calls_a_supervisor(office: Office) -> None:
    first = not_confirmed(office, subject_name="李某甲")
    office.advance(by="P60D")
    typed = office.get("wangge", f"leads/past?name=李某甲&area={seed.VILLAGE}")["leads"]
    assert [(p["number"], p["refused"], p["reason"]) for p in typed] == [
        (first["number"], True, "收入高于标准")
    ]
    second = not_confirmed(office, subject_name="李某甲")
    assert office.get("fuwuban1", f"leads/{second['number']}/past")["review"] is None, "found again once"
    office.advance(by="P60D")
    third = found(office, "lianluo", subject_name="李某甲")
    past = office.get("fuwuban1", f"leads/{third['number']}/past")
    assert past["review"] == "12 个月内第 3 次发现，此前 2 次均未采纳"
    assert [p["number"] for p in past["leads"]] == [second["number"], first["number"]]
    assert "review" in {m["kind"] for m in office.get("baopian", "notifications?size=100")["items"]}
    (row,) = office.get("baopian", "leads/refused-again")
    assert (row["times"], row["finders"], row["subject"], row["reasons"]) == (3, 2, "李**", ["收入高于标准"])
    home = office.get("lianluo", "register/h_l")
    assert [lead["refused"] for lead in home["leads"]] == [False, True, True]


def test_refusals_of_more_than_a_year_ago_call_nobody(office: Office) -> None:
    for _ in range(2):
        not_confirmed(office, subject_name="李某甲")
        office.advance(by="P1D")
    with office.runtime.db.transaction() as tx:
        tx.run(update(leads_table).values(discovered_at=datetime(2025, 9, 1, tzinfo=ZONE)))
    third = found(office, subject_name="李某甲")
    past = office.get("fuwuban1", f"leads/{third['number']}/past")
    assert (past["review"], len(past["leads"])) == (None, 2)


def test_figures_of_speed_and_network(office: Office) -> None:
    acknowledged(office, main_cause="15", occurred_at="2026-09-24T07:00:00+08:00", subject_name="李某甲")
    verified(office)
    granted_quickly(office)
    found(office, "fuwuban1", source="09", subject_name="来访者")
    shown = office.get("baopian", "indicators")
    total = shown["total"]
    assert (total["leads"], total["window"], total["by_visit"]) == (2, 1, 1)
    assert (total["found"]["n"], total["found"]["median"]) == (1, 2.0)
    assert total["reported"]["n"] == 1
    assert total["helped"]["n"] == 1
    assert (total["informants"], total["active"]) == (4, 1)
    assert (total["homes"], total["visited"]) == (3, 1), "the verification was a visit"
    assert 0 < total["in_time"] <= total["due"]
    people = office.get("baopian", "indicators/informants")
    assert len(people) == total["informants"]
    assert [p["last"] for p in people[:3]] == [None] * 3, "the silent ones first"
    assert office.client("wangge").get("/api/indicators").status_code == 403
    (row,) = office.get("fuwuban1", "indicators")["rows"][:1]
    assert row["area"].count("/") == 2, "a town sees its villages"


def test_merged_leads_keep_every_source_and_every_finder_sees_the_main_fate(office: Office) -> None:
    main = acknowledged(office, subject_name="李某甲", main_cause="15")
    found(office, "lianluo", subject_name="李某甲", source="04")
    office.do("self_verify", "lianluo", self_result="confirmed")
    office.do("report_to_town", "lianluo")
    office.do(
        "town_ack",
        "fuwuban1",
        ack_result="merge",
        duplicate_of=main["number"],
        verifiers=[PEOPLE["minzheng1"], PEOPLE["minzheng2"]],
    )
    (mine,) = office.get("lianluo", "leads/mine")["items"]
    assert (mine["merged_into"], mine["conclusion"], mine["may_tell"]) == (main["number"], None, False)
    verified(office)
    granted_quickly(office)
    office.advance(by="P1D")
    with office.runtime.db.reading() as tx:
        assert [s["person"] for s in leads.sources(tx, main["number"])] == ["p_wangge", "p_lianluo"]
