"""专项行动、宣传台账、照料走访 over HTTP (R21, R42, C-47)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from casework import recognitions, reports, seed
from casework.tables import households, leads
from tests.api.office import Office, found, opened


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with opened(tmp_path, "2026-10-12T09:00:00+08:00") as made:
        yield made


def cases(office: Office, process: str) -> list[Any]:
    return list(office.get("jiuzhu1", f"cases?process={process}&size=100")["items"])


# ------------------------------------------------------------------------------------------ campaign
def test_a_campaign_runs_from_the_district_to_the_villages_and_back(office: Office) -> None:
    made = office.post("jiuzhu1", "campaigns", {"theme": "寒冬送温暖"})
    assert made.status_code == 200, made.text
    assert office.post("minzheng1", "campaigns", {"theme": "不归镇里"}).status_code == 403
    office.advance(by="PT1M")
    row = office.task("jiuzhu1", "plan_campaign")
    offered = office.get("jiuzhu1", f"tasks/{row['id']}")["values"]["towns"]
    assert {one["town"] for one in offered} == {seed.TOWN, seed.OTHER_TOWN}
    twice = {"revision": row["revision"], "values": {"towns": [{"town": seed.TOWN}] * 2}}
    elsewhere = {"revision": row["revision"], "values": {"towns": [{"town": "120115/120115199"}]}}
    for wrong in (twice, elsewhere):
        answer = office.post("jiuzhu1", f"tasks/{row['id']}/complete", wrong)
        assert (answer.status_code, "不能重复" in answer.text) == (422, True), answer.text
    office.do(
        "plan_campaign",
        "jiuzhu1",
        begins_on="2026-10-12",
        ends_on="2026-10-16",
        towns=[one for one in offered if one["town"] == seed.TOWN],
    )
    assert office.receipts("minzheng1", "assign_areas")["campaign.assign"] == "2026-10-15"
    plan = next(
        s
        for s in office.get("jiuzhu1", f"cases/{row['case_id']}")["sections"]
        if s["title"] == "制定行动方案"
    )
    assert "大口屯镇" in str(plan), "the towns by their names"
    assert seed.TOWN not in str(plan)
    office.do("assign_areas", "minzheng1")
    assert office.receipts("lianluo", "run_campaign")["campaign.village"] == "2026-10-20"
    step = office.task("lianluo", "run_campaign")
    assert step["title"] == "专项行动 · 寒冬送温暖"
    case = office.get("lianluo", f"cases/{step['case_id']}")
    assert {"制定行动方案", "分片安排"} <= {one["title"] for one in case["sections"]}, (
        "what is asked for can be read there"
    )
    sessions = [
        {"held_on": "2026-10-12", "place": "文化广场", "how": "meeting", "people": 40},
        {"held_on": "2026-10-12", "place": "逐户", "how": "door", "people": 25},
    ]
    future = [{**sessions[0], "held_on": "2026-10-30"}]
    task = office.task("lianluo", "run_campaign")
    refused = office.post(
        "lianluo",
        f"tasks/{task['id']}/complete",
        {"revision": task["revision"], "values": {"sessions": future, "photos": ["f" * 32], "visited": 1}},
    )
    assert refused.status_code == 422
    before = len(cases(office, "active_discovery"))
    office.do(
        "run_campaign",
        "lianluo",
        sessions=sessions,
        visited=30,
        found=[{"name": "钱某丁", "cause": "22", "note": "独居无人照料"}],
    )
    assert len(cases(office, "active_discovery")) == before + 1, "a need found is a lead at once"
    shown = office.get("minzheng1", f"tasks/{office.task('minzheng1', 'town_summary')['id']}")["values"]
    assert [shown[key] for key in ("sessions", "people", "visited", "leads")] == [2, 65, 30, 1]
    assert office.receipts("minzheng1", "town_summary")["campaign.summary"] == "2026-10-23"
    office.do("town_summary", "minzheng1")
    assert office.receipts("jiuzhu1", "evaluate")["campaign.evaluate"] == "2026-10-30"
    office.do("evaluate", "jiuzhu1")
    (listed,) = office.get("jiuzhu1", "campaigns")["items"]
    assert {key: listed[key] for key in ("status", "sessions", "people", "visited", "leads", "villages", "done")} == {
        "status": "completed", "sessions": 2, "people": 65, "visited": 30, "leads": 1, "villages": 1, "done": 1,
    }  # fmt: skip
    again = office.post("jiuzhu1", "campaigns", {"theme": "第二次"})
    assert "-2 " in again.json()["message"], "it may repeat"


def test_figures_of_a_campaign_are_counted_never_typed(office: Office) -> None:
    office.post("jiuzhu1", "campaigns", {"theme": "宣传月"})
    office.advance(by="PT1M")
    office.do(
        "plan_campaign",
        "jiuzhu1",
        begins_on="2026-10-12",
        ends_on="2026-10-16",
        towns=[{"town": seed.TOWN}],
    )
    office.do("assign_areas", "minzheng1")
    office.do(
        "run_campaign",
        "lianluo",
        visited=3,
        sessions=[{"held_on": "2026-10-12", "place": "广场", "how": "stall", "people": 9}],
    )
    row = office.task("minzheng1", "town_summary")
    values = {"sessions": 99, "people": 9, "visited": 3, "leads": 0, "summary": "开展情况良好"}
    refused = office.post(
        "minzheng1", f"tasks/{row['id']}/complete", {"revision": row["revision"], "values": values}
    )
    assert (refused.status_code, refused.json()["fields"][0]["path"]) == (422, "sessions")


def test_publicity_is_also_written_down_outside_a_campaign(office: Office) -> None:
    said = {
        "area": seed.VILLAGE,
        "held_on": "2026-10-11",
        "place": "村口",
        "form": "leaflet",
        "people": 12,
        "topic": "明白卡",
    }
    assert office.post("liangwei", "publicity", said).status_code == 200
    page = office.get("minzheng1", "publicity")
    assert (page["total"], page["people"], page["items"][0]["form_name"]) == (1, 12, "发放明白卡")
    assert office.get("linzhen1", "publicity")["total"] == 0
    wrong = office.post(
        "liangwei", "publicity", {**said, "area": seed.NEXT_VILLAGE, "held_on": "2026-12-01", "form": "x"}
    )
    assert {field["path"] for field in wrong.json()["fields"]} == {"area", "held_on", "form"}


# ------------------------------------------------------------------------------------------ care
def at_home(office: Office) -> None:
    lead = found(office, subject_name="田某某")
    with office.runtime.db.transaction() as tx:
        for number, form in (("A1", "home"), ("A2", "institution")):
            recognitions.recognise(
                tx, application_no=number, programme="TEKUN", case_id=lead["case_id"], area=seed.VILLAGE, title=f"特困{number}",
                decided_on=date(2026, 9, 10), amount=Decimal(1500), persons=1, from_month=date(2026, 10, 1), valid_to=None,
                now=office.runtime.now(tx), support_form=form,
            )  # fmt: skip


def test_who_lives_at_home_is_seen_every_month(office: Office) -> None:
    at_home(office)
    office.advance(to="2026-11-02T09:00:00+08:00")
    assert office.receipts("minzheng1", "visit_people")["care.monthly"] == "2026-11-30"
    row = office.task("minzheng1", "visit_people")
    shown = office.get("minzheng1", f"tasks/{row['id']}")["values"]["people_seen"]
    assert [one["head"] for one in shown] == ["特困A1"], "who lives in an institution is not on the list"
    for rows in ([], [{**shown[0], "met": "none", "carer_present": False}]):
        refused = office.post(
            "minzheng1",
            f"tasks/{row['id']}/complete",
            {"revision": row["revision"], "values": {"people_seen": rows}},
        )
        assert refused.status_code == 422
    before = len(cases(office, "active_discovery"))
    seen = {
        **shown[0],
        "met": "self",
        "carer_present": True,
        "needs": ["medical"],
        "change_kind": "illness",
        "change": "近日患病",
    }
    office.do("visit_people", "minzheng1", people_seen=[seen])
    assert len(cases(office, "active_discovery")) == before + 1
    assert [one["number"] for one in cases(office, "dynamic_review")] == ["A1-F1"]
    other = [row for row in cases(office, "care_visits") if row["number"].endswith("103")]
    assert [row["status"] for row in other] == ["completed"], "a town without anybody is done at once"


def test_a_monthly_visit_is_a_visit_of_the_household_like_any_other(office: Office) -> None:
    lead = found(office, subject_name="王某乙")
    with office.runtime.db.transaction() as tx:
        known = {"focus": ["tekun_scattered"], "next_due": date(2026, 10, 10)}
        tx.run(update(households).where(households.c.id == "h_w").values(**known))
        for number, name in (("A1", "王某乙"), ("A2", "王某弟")):  # two of one household
            recognitions.recognise(
                tx, application_no=number, programme="TEKUN", case_id=lead["case_id"], area=seed.VILLAGE, title=name,
                decided_on=date(2026, 9, 10), amount=Decimal(1500), persons=1, from_month=date(2026, 10, 1), valid_to=None,
                now=office.runtime.now(tx), support_form="home", household="h_w",
            )  # fmt: skip
    office.advance(to="2026-11-02T09:00:00+08:00")
    row = office.task("minzheng1", "visit_people")
    shown = office.get("minzheng1", f"tasks/{row['id']}")["values"]["people_seen"]
    seen = [{**one, "met": "self", "carer_present": True} for one in shown]
    office.do("visit_people", "minzheng1", people_seen=[seen[0], {**seen[1], "needs": ["medical"]}])
    told = office.get("lianluo", "register/h_w")["visits"]
    assert [(one["kind"], one["kind_label"]) for one in told] == [("care", "照料走访")] * 2
    with office.runtime.db.reading() as tx:
        now = office.runtime.now(tx)
        home = tx.run(select(households).where(households.c.id == "h_w")).one()
        snap = reports.snapshot(tx, seed.TOWN, date(2026, 11, 1), now)["rows"][seed.VILLAGE]
        needs = tx.run(select(leads.c.household).where(leads.c.visit.is_not(None))).scalars().all()
    assert home.last_visit_at is not None
    assert home.next_due > date(2026, 11, 2)
    assert (snap["focus"], snap["focus_visited"]) == (1, 1)
    assert needs == ["h_w"], "the lead knows its household and its visit"


def test_each_quarter_risks_are_looked_for_and_dealt_with(office: Office) -> None:
    at_home(office)
    office.advance(to="2027-01-04T09:00:00+08:00")
    assert office.receipts("minzheng1", "check_risks")["care.quarterly"] == "2027-03-31"
    row = office.task("minzheng1", "check_risks")
    shown = office.get("minzheng1", f"tasks/{row['id']}")["values"]["people_seen"]
    risk = {**shown[0], "met": "self", "risks": ["heating"]}
    refused = office.post(
        "minzheng1",
        f"tasks/{row['id']}/complete",
        {"revision": row["revision"], "values": {"people_seen": [risk]}},
    )
    assert refused.status_code == 422
    office.do("check_risks", "minzheng1", people_seen=[{**risk, "handled": "已更换烟道"}])
    done = [row for row in cases(office, "care_risk_check") if row["number"].endswith("101")]
    assert [row["status"] for row in done] == ["completed"]
