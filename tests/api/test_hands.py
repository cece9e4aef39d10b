"""Over HTTP: opinions, copies, urging, taking back, withdrawing, moving by two, handing over – who may, who is told."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.api.office import PEOPLE, Office, acknowledged, found, opened


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with opened(tmp_path, "2026-09-15T10:00:00+08:00") as made:
        yield made


def ok(answer: Any) -> Any:
    assert answer.status_code == 200, answer.text
    return answer.json()


def told(office: Office, who: str) -> list[str]:
    return [one["kind"] for one in office.get(who, "notifications")["items"]]


def verbs(office: Office, who: str, task: str) -> dict[str, bool]:
    return {a["key"]: a["enabled"] for a in office.get(who, f"tasks/{task}")["actions"]}


def test_an_opinion_comes_back_to_who_asked(office: Office) -> None:
    acknowledged(office)
    row = office.task("minzheng1", "verify_on_site")
    path = f"tasks/{row['id']}"
    body = {
        "revision": row["revision"],
        "kind": "opinion",
        "of": [PEOPLE["jiuzhu1"]],
        "text": "外省户籍如何办",
    }
    outside = {**body, "of": [PEOPLE["linzhen1"]]}
    assert office.post("minzheng1", f"{path}/ask", outside).status_code == 403
    assert office.post("wangge", f"{path}/ask", body).status_code == 403
    assert office.post("minzheng1", f"{path}/ask", {**body, "text": " "}).status_code == 422
    ok(office.post("minzheng1", f"{path}/ask", body, key="ask-once-0001"))
    ok(office.post("minzheng1", f"{path}/ask", body, key="ask-once-0001"))  # a repeated key changes nothing
    assert told(office, "jiuzhu1").count("asked") == 1
    assert verbs(office, "minzheng1", row["id"])["complete"] is False
    waiting = office.get("jiuzhu1", "requests")
    assert waiting["waiting"]["answer"] == 1
    (asked,) = waiting["items"]
    assert (asked["can"], asked["state_text"], asked["asked_by"]) == (["answer"], "待答复", "戊民政")
    reply = {"revision": asked["revision"], "text": "按急难发生地办理"}
    assert office.post("juzhang", f"requests/{asked['id']}/answer", reply).status_code == 403
    assert (
        office.post("jiuzhu1", f"requests/{asked['id']}/answer", {**reply, "revision": 9}).status_code == 409
    )
    ok(office.post("jiuzhu1", f"requests/{asked['id']}/answer", reply))
    assert "answered" in told(office, "minzheng1")
    detail = office.get("minzheng1", path)
    assert [(r["state_text"], r["answer"]) for r in detail["requests"]] == [("已答复", "按急难发生地办理")]
    assert verbs(office, "minzheng1", row["id"])["complete"] is True
    assert office.get("jiuzhu1", "requests")["items"] == []
    titles = [i["title"] for i in office.get("minzheng1", f"cases/{row['case_id']}")["timeline"]]
    assert titles[:2] == ["答复意见：实地核查", "征求意见：实地核查"]


def test_a_copy_is_confirmed_as_read(office: Office) -> None:
    lead = found(office)
    path = f"cases/{lead['case_id']}/copy"
    assert office.post("linzhen1", path, {"of": [PEOPLE["jiuzhu1"]]}).status_code == 404
    assert office.post("wangge", path, {"of": []}).status_code == 422
    ok(office.post("lianluo", path, {"of": [PEOPLE["minzheng1"], PEOPLE["fuwuban1"]], "text": "请阅"}))
    (copy,) = office.get("minzheng1", "requests?tab=copies")["items"]
    assert copy["can"] == ["read"]
    ok(office.post("minzheng1", f"requests/{copy['id']}/read", {}))
    sent = {r["asked_of"]: r["state_text"] for r in office.get("lianluo", "requests?tab=asked")["items"]}
    assert sent == {"戊民政": "已阅", "庚服务": "待阅"}


def test_urging_by_the_finder_or_a_supervisor_once_a_day(office: Office) -> None:
    acknowledged(office)
    row = office.task("minzheng1", "verify_on_site")
    path = f"tasks/{row['id']}/urge"
    assert office.post("lianluo", path, {"text": ""}).status_code == 403
    ok(office.post("wangge", path, {"text": "老人独居，请尽快"}))
    assert office.post("fuwuban1", path, {"text": ""}).json()["code"] == "urged_today"
    assert "urged" in told(office, "minzheng1")
    assert "urged" in told(office, "minzheng2")
    office.advance(by="P1D")
    ok(office.post("fuwuban1", path, {"text": ""}))


def test_taking_back_one_s_own_step_until_somebody_has_begun(office: Office) -> None:
    found(office)
    row = office.task("wangge", "self_verify")
    office.do("self_verify", "wangge", self_result="confirmed")
    assert verbs(office, "wangge", row["id"])["take_back"] is True
    ok(office.post("wangge", f"tasks/{row['id']}/take-back", {}))
    again = office.task("wangge", "self_verify")
    assert again["mine"] is True
    office.do("self_verify", "wangge", self_result="confirmed")
    office.do("report_to_town", "wangge")
    refused = office.post("wangge", f"tasks/{again['id']}/take-back", {})
    assert refused.json()["code"] == "cannot_take_back"
    assert verbs(office, "wangge", again["id"])["take_back"] is False


def test_withdrawing_by_the_finder_and_voiding_by_the_district(office: Office) -> None:
    lead = found(office)
    detail = office.get("wangge", f"cases/{lead['case_id']}")
    body = {"revision": detail["revision"], "reason": "误报"}
    assert {a["key"] for a in detail["actions"]} >= {"copy", "withdraw"}
    assert office.post("lianluo", f"cases/{lead['case_id']}/withdraw", body).status_code == 403
    ok(office.post("wangge", f"cases/{lead['case_id']}/withdraw", body))
    assert office.get("wangge", f"cases/{lead['case_id']}")["case"]["status"] == "cancelled"
    body["revision"] = office.get("jiuzhu1", f"cases/{lead['case_id']}")["revision"]
    assert office.post("fuwuban1", f"cases/{lead['case_id']}/void", body).status_code == 403
    ok(office.post("jiuzhu1", f"cases/{lead['case_id']}/void", body))
    shown = office.get("wangge", f"cases/{lead['case_id']}")
    assert (shown["conclusion"], shown["timeline"][0]["title"]) == ("作废", "作废")


def test_a_move_takes_two_supervisors(office: Office) -> None:
    acknowledged(office)
    row = office.task("minzheng1", "verify_on_site")
    (jump,) = [a for a in office.get("juzhang", f"tasks/{row['id']}")["actions"] if a["key"] == "jump"]
    target = jump["targets"][0]["value"]
    body = {"revision": row["revision"], "target": target, "reason": "误选路径"}
    assert office.post("minzheng1", f"tasks/{row['id']}/jump", body).status_code == 403
    ok(office.post("juzhang", f"tasks/{row['id']}/jump", body))
    assert office.get("juzhang", "requests?tab=moves")["items"] == []
    (move,) = office.get("jiuzhu1", "requests?tab=moves")["items"]
    assert (move["can"], move["target_name"]) == (["decide"], jump["targets"][0]["label"])
    decide = {"revision": move["revision"], "approve": True}
    mine = office.post("juzhang", f"requests/{move['id']}/decide", decide)
    assert mine.json()["code"] == "second_person"
    ok(office.post("jiuzhu1", f"requests/{move['id']}/decide", decide))
    assert office.get("jiuzhu1", f"cases/{row['case_id']}")["timeline"][0]["title"].startswith(
        "跳转（经批准）"
    )
    assert row["element"] not in office.open("minzheng1")


def test_handing_over_everything_somebody_holds(office: Office) -> None:
    for _ in range(2):
        acknowledged(office)
    for row in office.get("minzheng1", "tasks?size=100")["items"]:
        ok(office.post("minzheng1", f"tasks/{row['id']}/claim", {"revision": row["revision"]}))
    assert office.client("wangge").get("/api/handover").status_code == 403
    held = office.get("fuwuban1", f"handover?person={PEOPLE['minzheng1']}")
    count = len(held["tasks"])
    assert count >= 2
    assert held["people"][0]["held"] == count
    body = {"person": PEOPLE["minzheng1"], "to": PEOPLE["minzheng2"], "reason": "调离"}
    assert office.post("linzhen2", "handover", body).status_code == 404
    ok(office.post("fuwuban1", "handover", body))
    assert "handed_over" in told(office, "minzheng2")
    assert office.get("minzheng2", "tasks?tab=mine")["total"] == count
    assert office.get("fuwuban1", f"handover?person={PEOPLE['minzheng1']}")["tasks"] == []
