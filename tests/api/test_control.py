"""督查, 考核, 投诉, 问责, 会商 over HTTP: by whom, until when, with which figures – and what came of it stays beside what was."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pypdf
import pytest
from sqlalchemy import select, update

from casework import assessments, seed, timelines
from casework.tables import issued_papers, merits
from engine import definitions
from engine.tables import history
from tests.api.office import PEOPLE, Office, acknowledged, found, opened


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with opened(tmp_path, "2026-09-15T10:00:00+08:00") as made:
        yield made


def ok(answer: Any) -> Any:
    assert answer.status_code == 200, answer.text
    return answer.json()


def begin(office: Office, who: str, start: str, case_id: str | None = None, **values: Any) -> Any:
    made = ok(office.post(who, f"starts/{start}", {"case_id": case_id, "values": values}))
    office.advance(by="PT1M")
    return made


def cases_of(office: Office, process: str, who: str = "jiuzhu1") -> list[Any]:
    return list(office.get(who, f"cases?process={process}&size=100")["items"])


def refused(office: Office, who: str, element: str) -> str:
    """Why somebody may not take a step that is open."""
    row = office.task(who, element)
    return str(office.post(who, f"tasks/{row['id']}/claim", {"revision": row["revision"]}).json()["code"])


# ------------------------------------------------------------------------------------------ 督查
def test_an_inspection_goes_town_by_town_and_is_rectified(office: Office) -> None:
    begin(office, "baopian", "inspection/inspection_by_hand", cause="群众反映集中")
    (begun,) = office.get("baopian", "cases?process=inspection")["items"]
    assert begun["number"].startswith("督查-2026"), "called as the scheduled ones are"
    office.do(
        "plan_inspection", "jiuzhu1", towns=[{"town": seed.TOWN, "on": "2026-09-16"}], focus="联络员是否在岗"
    )
    (town,) = cases_of(office, "town_inspection")
    plan = next(
        s for s in office.get("jiuzhu1", f"cases/{town['id']}")["sections"] if s["title"] == "督查计划"
    )
    assert {f["label"]: f["text"] for f in plan["fields"]} == {
        "督查事由": "群众反映集中",
        "督查重点": "联络员是否在岗",
    }
    items = [{"item": "困难群众主动发现机制", "full": 30, "got": 20, "found": "联络员空缺一月"}]
    office.do(
        "inspect_town",
        "jiuzhu1",
        "baopian",
        found_on="2026-09-15",
        items=items,
        needs_rectify=True,
        problems="补齐联络员",
    )
    assert office.receipts("fuwuban1", "rectify")["inspect.rectify"] == "2026-09-29"
    office.do("rectify", "fuwuban1", measures="已任命联络员")
    office.do("confirm_rectified", "jiuzhu1", rectified=False, rectified_reason="尚无任命文件")
    office.do("rectify", "minzheng1", measures="补交任命文件")
    office.do("confirm_rectified", "baopian", rectified=True, rectified_reason="文件齐备")
    office.do("issue_inspection", "juzhang", conclusion="通报各镇")
    assert office.get("jiuzhu1", f"cases/{town['id']}")["case"]["status"] == "completed"
    assert [row["status"] for row in cases_of(office, "inspection")] == ["completed"]


def test_the_bureau_inspects_in_march_and_september(tmp_path: Path) -> None:
    with opened(tmp_path, "2026-08-31T18:00:00+08:00") as office:
        assert cases_of(office, "inspection") == []
        office.advance(to="2026-09-01T09:01:00+08:00")
        assert [row["number"] for row in cases_of(office, "inspection")] == ["督查-20260901-120115"]
        due = [(row["process"], row["due"][:10]) for row in office.get("guanli", "schedules")]
        assert [day for process, day in due if process == "inspection"] == ["2027-03-01"]
        assert [day for process, day in due if process == "assessment"] == [
            "2026-12-01",
            "2026-12-01",
            "2026-12-02",
        ]


def test_guidance_is_logged_and_a_finding_has_a_date(office: Office) -> None:
    given = {"area": seed.TOWN, "kind": "guidance", "found_on": "2026-09-15", "content": "指导台账登记"}
    begin(office, "baopian", "town_inspection/guidance_given", **given, needs_rectify=False)
    assert [row["status"] for row in cases_of(office, "town_inspection")] == ["completed"]
    village = {**given, "area": seed.VILLAGE, "kind": "patrol", "content": "巡查走访记录"}
    begin(
        office,
        "baocun",
        "town_inspection/guidance_given",
        **village,
        needs_rectify=True,
        problems="两户未走访",
    )
    assert "rectify" in office.open("lianluo")
    office.do("rectify", "lianluo", measures="已补走访两户")
    office.do("confirm_rectified", "minzheng1", rectified=True, rectified_reason="核对走访记录")
    outside = {"values": {**village, "area": seed.OTHER_TOWN, "needs_rectify": False}}
    assert (
        office.post("baocun", "starts/town_inspection/guidance_given", outside).json()["code"]
        == "outside_area"
    )


# ------------------------------------------------------------------------------------------ 考核
def assessed(office: Office) -> Any:
    """The town is assessed for September; its sheet."""
    period = {"period_from": "2026-09-01", "period_to": "2026-09-30"}
    begin(office, "jiuzhu1", "assessment/assessment_by_hand", area=seed.TOWN, unit="town", **period)
    (row,) = office.get("jiuzhu1", "assessments")["items"]
    return row


def test_scores_come_from_the_records_and_every_figure_opens_its_list(office: Office) -> None:
    late = acknowledged(office)
    office.advance(to="2026-09-21T09:00:00+08:00")
    office.do("sign_notice", "baopian", issue=True, signature="丑包片")
    row = assessed(office)
    sheet = office.get("jiuzhu1", f"assessments/{row['number']}")
    by = {one["indicator"]: one for one in sheet["rows"]}
    assert set(by) == {
        "coverage",
        "informants",
        "channels",
        "on_time",
        "spot_check",
        "follow_up",
        "discipline",
    }
    assert sum(one["weight"] for one in sheet["rows"]) == 100
    assert by["coverage"]["measured"] == "本期无此项"
    assert (by["informants"]["measured"], by["informants"]["points"]) == ("1 / 4", 2.5)
    assert by["on_time"]["measured"] == "1 / 2"
    assert (by["discipline"]["measured"], by["discipline"]["points"]) == ("催办通知书 1", 13.5)
    assert row["score"] == pytest.approx(sum(one["points"] for one in sheet["rows"]))
    listed = office.get("jiuzhu1", f"assessments/{row['number']}/lists/on_time")
    bad = [one for one in listed["items"] if not one["good"]]
    assert [one["case_id"] for one in bad] == [late["case_id"]], "the figure names the case behind it"
    people = office.get("jiuzhu1", f"assessments/{row['number']}/lists/informants")["items"]
    assert [one["label"] for one in people if one["good"]] == ["甲网格"]
    office.advance(to="2026-09-22T09:00:00+08:00")
    found(office)
    again = office.get("jiuzhu1", f"assessments/{row['number']}")
    assert (again["rows"], again["intact"]) == (sheet["rows"], True), "what happens later changes nothing"
    assert office.client("linzhen2").get(f"/api/assessments/{row['number']}").status_code == 404
    assert office.get("linzhen2", "assessments")["items"] == []


def test_channels_found_good_count_and_a_missing_one_counts_against(office: Office) -> None:
    def point(kind: str) -> str:
        body = {
            "area": seed.VILLAGE,
            "kind": kind,
            "name": f"村{kind}",
            "place": "村委会",
            "phone": "022-00000000",
        }
        return str(office.post("lianluo", "service-points", body).json()["id"])

    phone, silent, _board = point("hotline"), point("hotline"), point("policy_board")
    for called, answered in ((phone, False), (phone, True), (silent, True), (silent, False)):
        said = office.post("lianluo", f"service-points/{called}/calls", {"answered": answered})
        assert said.status_code == 200, said.text
        office.advance(by="PT1M")
    row = assessed(office)
    office.post("lianluo", f"service-points/{silent}/calls", {"answered": True})
    by = {one["indicator"]: one for one in office.get("jiuzhu1", f"assessments/{row['number']}")["rows"]}
    listed = office.get("jiuzhu1", f"assessments/{row['number']}/lists/channels")["items"]
    good = [one["label"] for one in listed if one["good"]]
    assert [label.partition("：")[2] for label in good] == ["村hotline（服务电话）"], (
        "the last call of each counts"
    )
    assert sum("缺少" in one["label"] for one in listed) == 7, (
        "one of the village, all of the next and the town"
    )
    assert by["channels"]["measured"] == f"1 / {len(listed)}"
    assert (len(listed), by["channels"]["weight"], by["channels"]["points"]) == (10, 10, 1)


def test_an_appeal_changes_a_score_with_a_reason_and_the_original_stays(office: Office) -> None:
    row = assessed(office)
    office.do("confirm_scores", "jiuzhu1", checked=True)
    office.do("tell_scores", "jiuzhu2", told_on="2026-09-15", method="paper", receiver="镇长")
    office.message(
        "jiuzhu1", row["case_id"], "收到申诉", appellant="宝平街道", indicator="informants", appeal_reason="两人产假", appeal_on="2026-09-15",
    )  # fmt: skip
    assert refused(office, "jiuzhu1", "decide_appeal") == "recused"
    assert refused(office, "jiuzhu2", "decide_appeal") == "recused"
    office.do("decide_appeal", "baopian", appeal_upheld=True, new_score=92.5, decision_reason="产假期间不计")
    task = office.task("juzhang", "finalise")
    assert office.get("juzhang", f"tasks/{task['id']}")["values"]["grade"] == "excellent"
    basis = {"merit": "reward", "merit_text": "通报表扬", "merit_basis": "奖惩办法第三条"}
    lowered = {"revision": task["revision"], "values": {"score_shown": 92.5, "grade": "pass", **basis}}
    wrong = office.post("juzhang", f"tasks/{task['id']}/complete", lowered).json()
    assert wrong["fields"][0]["path"] == "grade", "another grade than the table's needs a reason"
    office.do("finalise", "juzhang", grade="excellent", **basis)
    sheet = office.get("fuwuban1", f"assessments/{row['number']}")
    assert (sheet["score"], sheet["final_score"], sheet["grade"]) == (row["score"], 92.5, "优秀")
    (appeal,) = sheet["appeals"]
    assert (appeal["was"], appeal["now"], appeal["reason"]) == (row["score"], 92.5, "产假期间不计")
    (merit,) = sheet["merits"]
    assert (merit["kind"], merit["evidence"]) == ("reward", [{"assessment": row["number"]}])
    (paper,) = office.get("jiuzhu1", "papers?kind=assessment")["items"]
    text = pdf(office, "fuwuban1", paper["id"])
    for words in ("92.50", f"{row['score']:.2f}", "产假期间不计", "通报表扬"):
        assert words in text


def pdf(office: Office, who: str, paper: str) -> str:
    response = office.client(who).get(f"/api/papers/{paper}.pdf")
    assert response.status_code == 200, response.text
    return "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(response.content)).pages)


def test_without_an_appeal_the_term_opens_the_grading_and_decides_nothing(office: Office) -> None:
    assessed(office)
    office.do("confirm_scores", "jiuzhu1", checked=True)
    office.do("tell_scores", "jiuzhu1", told_on="2026-09-15", method="paper", receiver="镇长")
    office.advance(to="2026-09-21T09:00:00+08:00")
    assert "finalise" not in office.open("juzhang"), "five working days: 16, 17, 18, 20 (make-up), 21"
    office.advance(to="2026-09-22T00:10:00+08:00")
    assert "finalise" in office.open("juzhang")


def test_december_assesses_towns_villages_and_cadres(tmp_path: Path) -> None:
    with opened(tmp_path, "2026-11-30T18:00:00+08:00") as office:
        office.advance(to="2026-12-01T09:00:00+08:00")
        office.advance(to="2026-12-02T09:00:00+08:00")
        rows = office.get("jiuzhu1", "assessments?size=100")["items"]
        assert [row["unit"] for row in rows].count("town") == 2, "every town where somebody works"
        (cadre,) = [row for row in rows if row["unit"] == "cadre"]
        assert cadre["subject"] == "壬包村"
        assert cadre["number"] == "KH202612-120115101-BC", "no account in a number"
        case = office.get("baocun", f"cases/{cadre['case_id']}")["case"]
        assert case["number"].endswith("-01")
        (sheet,) = [
            one
            for one in office.get("baocun", f"cases/{cadre['case_id']}")["sections"]
            if one["key"] == "sheet"
        ]
        assert sheet["link"] == f"/assessments/{cadre['number']}"
        assert sheet["fields"][0]["rows"][0][0] == "走访覆盖"
        assert office.get("baocun", "assessments?unit=cadre")["total"] == 1
        village = next(row for row in rows if row["unit"] == "village")
        assert "confirm_scores" in office.open("fuwuban1"), "the town assesses its villages and cadres"
        sheet = office.get("fuwuban1", f"assessments/{village['number']}")
        assert {one["indicator"] for one in sheet["rows"]} == {
            "coverage",
            "informants",
            "channels",
            "on_time",
            "spot_check",
            "discipline",
        }


def test_points_are_rounded_half_up_and_grades_follow_the_table(office: Office) -> None:
    assert [str(assessments.points(20, share)) for share in (1, 0.33333, 0)] == ["20.00", "6.67", "0.00"]
    assert str(assessments.points(1, 0.125)) == "0.13"
    with office.runtime.db.reading() as tx:
        pinned = definitions.pinned(tx, definitions.pin(tx, "assessment", office.runtime.now(tx)))
        grades = [
            pinned.decide("assessment_grade", {"final_score": score, "veto": veto}, {}).value
            for score, veto in (
                (90, False),
                (89.99, False),
                (80, False),
                (60, False),
                (59.99, False),
                (100, True),
            )
        ]
    assert grades == ["excellent", "good", "good", "pass", "fail", "fail"]


# ------------------------------------------------------------------------------------------ 投诉 and 问责
COMPLAINT = {
    "received_at": "2026-09-15T09:00:00+08:00", "channel": "phone", "kinds": ["delay"], "staff": [PEOPLE["baopian"]],
    "content": "报了三天没人上门", "complainant": "某群众",
}  # fmt: skip


def test_a_complaint_is_investigated_and_answered_by_others(office: Office) -> None:
    made = begin(office, "fuwuban1", "complaint/complaint_received", area=seed.TOWN, **COMPLAINT)
    assert office.receipts("jiuzhu1", "investigate")["complaint.answer"] == "2026-09-30"
    assert refused(office, "baopian", "investigate") == "recused", (
        "who is complained about does not investigate"
    )
    office.do("investigate", "jiuzhu1", facts="确有拖延", complaint_finding="upheld", serious=False)
    assert refused(office, "jiuzhu1", "answer_complaint") == "recused"
    office.do(
        "answer_complaint",
        "jiuzhu2",
        answered_on="2026-09-15",
        method="phone",
        answer="已责令改正",
        told_review=True,
    )
    assert office.get("jiuzhu1", f"cases/{made['case_id']}")["case"]["status"] == "completed"
    assert office.client("minzheng1").get(f"/api/cases/{made['case_id']}").status_code == 404
    assert cases_of(office, "complaint", "minzheng1") == [], "those complained about do not read it"
    assert office.client("fuwuban1").get(f"/api/cases/{made['case_id']}").status_code == 200, (
        "who took it down does"
    )


def test_a_petition_has_its_own_term(office: Office) -> None:
    begin(
        office,
        "jiuzhu1",
        "complaint/complaint_received",
        area=seed.TOWN,
        **{**COMPLAINT, "channel": "petition"},
    )
    assert office.receipts("jiuzhu1", "tell_petition")["petition.tell"] == "2026-09-30"
    office.do("tell_petition", "jiuzhu1", accept_told_how="书面")
    assert office.receipts("jiuzhu1", "investigate")["petition.finish"] == "2026-11-16", (
        "60 days end on a Saturday"
    )


def test_serious_consequences_lead_to_a_timeline_findings_and_penalties(office: Office) -> None:
    lead = acknowledged(office)
    begin(
        office,
        "jiuzhu1",
        "complaint/complaint_received",
        lead["case_id"],
        **{**COMPLAINT, "staff": [PEOPLE["minzheng1"]]},
    )
    office.advance(to="2026-09-19T09:00:00+08:00")
    office.do(
        "investigate",
        "jiuzhu1",
        facts="核查拖延，老人病重",
        complaint_finding="upheld",
        serious=True,
        consequence="unaided",
    )
    office.do(
        "answer_complaint",
        "jiuzhu2",
        answered_on="2026-09-19",
        method="visit",
        answer="已启动问责",
        told_review=True,
    )
    (case,) = cases_of(office, "accountability")
    assert cases_of(office, "accountability", "fuwuban1") == []
    assert case["number"].endswith("-WZ")
    (paper,) = office.get("juzhang", "papers?kind=timeline")["items"]
    text = pdf(office, "juzhang", paper["id"])
    for words in ("链条完整", "实地核查", "时限届满", "经过还原", lead["number"]):
        assert words in text, words
    assert office.client("fuwuban1").get(f"/api/papers/{paper['id']}.pdf").status_code == 404
    with office.runtime.db.reading() as tx:
        frozen = tx.run(select(issued_papers).where(issued_papers.c.id == paper["id"])).one()
    told = [m for m in frozen.content["moments"] if m["source"] == "message"]
    assert told, "who was told what, and when it was read, is part of it"
    assert [m["at"] for m in frozen.content["moments"]] == sorted(m["at"] for m in frozen.content["moments"])
    office.do("appoint", "juzhang", panel=[PEOPLE["jiuzhu1"], PEOPLE["baopian"]], free_of_interest=True)
    office.do(
        "hear_staff",
        "jiuzhu1",
        heard=[
            {"who": PEOPLE["minzheng1"], "heard_at": "2026-09-19T09:05:00+08:00", "statement": "当日出差"}
        ],
    )
    said = [
        {
            "person": PEOPLE["minzheng1"],
            "responsibility": "direct",
            "facts": "逾期三日",
            "basis": "意见五（六）",
        }
    ]
    office.do("findings", "jiuzhu1", "baopian", responsible=said, conclusion="负直接责任")
    dealt = [{"person": PEOPLE["minzheng1"], "handling": "talk", "decision_text": "提醒谈话"}]
    office.do("handle", "juzhang", decisions=dealt, handled_basis="奖惩办法第九条")
    with office.runtime.db.reading() as tx:
        (penalty,) = tx.run(select(merits))
    assert (penalty.kind, penalty.person, penalty.decided_by) == (
        "penalty",
        PEOPLE["minzheng1"],
        PEOPLE["juzhang"],
    )
    assert penalty.evidence == [{"case": case["id"]}, {"paper": paper["id"]}]
    assert [m["kind"] for m in office.get("minzheng1", "notifications")["items"]].count("accountability") == 1
    office.do("improve", "fuwuban1", measures="出差须交接待办")
    assert office.get("jiuzhu1", f"cases/{case['id']}")["case"]["status"] == "completed"
    row = assessed(office)
    office.do("confirm_scores", "jiuzhu1", checked=True)
    office.do("tell_scores", "jiuzhu1", told_on="2026-09-19", method="paper", receiver="镇长")
    office.advance(to="2026-09-29T00:10:00+08:00")
    task = office.task("juzhang", "finalise")
    assert office.get("juzhang", f"tasks/{task['id']}")["values"]["grade"] == "fail", (
        "somebody was found responsible"
    )
    assert office.get("jiuzhu1", f"assessments/{row['number']}")["state"] == "computed"


def test_a_changed_history_is_said_in_the_timeline(office: Office) -> None:
    lead = acknowledged(office)
    with office.runtime.db.transaction() as tx:
        before = timelines.rebuild(tx, lead["case_id"])
        row = tx.run(
            select(history.c.payload).where(history.c.case_id == lead["case_id"], history.c.seq == 2)
        ).scalar_one()
        forged = {**row, "name": "改过的名称"}
        where = (history.c.case_id == lead["case_id"], history.c.seq == 2)
        tx.run(update(history).where(*where).values(payload=forged))
        after = timelines.rebuild(tx, lead["case_id"])
        tx.run(update(history).where(*where).values(payload=row))
    assert before.intact
    assert [(c.case, c.intact, c.why) for c in after.chains if not c.intact] == [
        (lead["number"], False, "第 2 条：内容被改动")
    ]


# ------------------------------------------------------------------------------------------ 疑难会商
def test_a_hard_case_is_consulted_and_the_conclusion_applied(office: Office) -> None:
    lead = acknowledged(office)
    offered = {o["process"] for o in office.get("minzheng1", f"starts?case_id={lead['case_id']}")}
    assert "consultation" in offered
    alone = {"values": {"difficulty": "外省户籍无证件"}}
    assert office.post("minzheng1", "starts/consultation/hard_case", alone).json()["code"] == "case_needed"
    begin(office, "minzheng1", "consultation/hard_case", lead["case_id"], difficulty="外省户籍无证件")
    assert office.receipts("baopian", "advise")["consult.advise"] == "2026-09-21"
    office.do("advise", "baopian", advice="先行救助", need_meeting=True)
    office.do(
        "hold_consultation", "jiuzhu1", members=[{"unit": "公安", "member": "某某"}], views="同意先救助"
    )
    office.do("conclude", "juzhang", conclusion="按急难发生地救助", basis="社会救助法第三十七条")
    office.do("apply_conclusion", "minzheng1", applied="已按结论办理")
    (case,) = cases_of(office, "consultation", "minzheng1")
    assert case["status"] == "completed"
    assert case["id"] in [row["id"] for row in office.get("minzheng1", f"cases/{lead['case_id']}")["related"]]
