"""Over HTTP with a simulated clock: a lead becomes a household that was helped and visited again (policy F-1)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from casework import seed
from tests.api.office import PEOPLE, Office, opened

NIGHT = "2026-09-25T20:30:00+08:00"  # Mid-Autumn, a Friday night


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with opened(tmp_path, NIGHT) as made:
        yield made


def report(office: Office) -> Any:
    values = {
        "source": "01",
        "place_area": seed.VILLAGE,
        "place_text": "村东头",
        "main_cause": "15",
        "urgent_signs": [],
        "subject_name": "李某甲",
        "occurred_at": "2026-09-25T20:00:00+08:00",
        "residence_status": "1",
    }
    answer = office.post("wangge", "leads", {"values": values})
    assert answer.status_code == 200, answer.text
    office.advance(by="PT1M")
    return answer.json()


def due(office: Office, who: str, element: str) -> str:
    return str(office.task(who, element)["due"]["due_at"])[:16]


def test_f1_a_kitchen_fire_on_a_holiday_night(office: Office) -> None:
    lead = report(office)
    case = office.get("wangge", f"cases/{lead['case_id']}")
    assert case["case"]["urgent"] is True
    (why,) = [
        d for item in case["timeline"] for d in item["details"] if d["label"].startswith("研判紧急程度")
    ]
    assert why["label"].endswith("（第 1 版规则）")
    assert why["value"].startswith("命中第 3 条规则“事故、灾害等突发事件，72 小时内”：主要困难 = 火灾；")
    assert "紧急程度 二级：紧急，办理轨道 急难" in why["value"], "results in words, like facts"
    assert due(office, "wangge", "self_verify") == "2026-09-25T14:30"  # 22:30 in Shanghai
    office.do("self_verify", "wangge", self_result="confirmed")
    office.do("report_to_town", "wangge")
    office.do("town_ack", "fuwuban1", ack_result="new", verifiers=[PEOPLE["minzheng1"], PEOPLE["minzheng2"]])
    assert due(office, "minzheng1", "verify_on_site") == "2026-09-26T12:41"
    office.do(
        "verify_on_site",
        "minzheng1",
        "minzheng2",
        verify_result="confirmed",
        residence_status="1",
        has_support_here=True,
        persons=3,
        immediate_need=False,
        est_amount=900,
        able_to_apply=True,
        asks_station=False,
        policy_explained=True,
    )
    office.do("choose_routes", "minzheng1", green_route="SMALL_QUICK", first_aid=False, other_routes=[])
    receipts = office.get("minzheng1", f"tasks/{office.task('minzheng1', 'register_quick')['id']}")[
        "receipts"
    ]
    assert receipts[0]["due"] == "2026-09-28", receipts
    office.do("register_quick", "minzheng1", "minzheng2", amount=900, persons=3, cause="15", form="cash")
    office.do("approve_quick", "fuwuban1", quick_result="granted")
    office.do("prepare_payout", "minzheng1", method="cash", amount=900)
    office.do("approve_payout", "fuwuban1", ok=True)
    office.do("hand_over", "minzheng1", "minzheng2")
    office.do("confirm_received", "lianluo", received=True)
    office.do("assess_gap", "minzheng1", gap_result="relieved")
    assert office.receipts("minzheng1", "first_visit") == {"follow_up.first": "2026-10-25"}, (
        "thirty days from the payment"
    )
    office.do("first_visit", "minzheng1", still_in_difficulty=False, aid_received=True)
    (waiting,) = office.get("minzheng1", "cases?process=follow_up")["items"]
    assert (waiting["due"]["light"], waiting["due"]["due"]) == ("none", "2026-11-25")
    assert waiting["due"]["text"].startswith("11月25日起可办（还有"), (
        "sixty days pass first: nobody goes on the last of them"
    )
    shown = office.get("minzheng1", f"cases/{waiting['id']}")["receipts"]
    (receipt,) = [one for one in shown if one["kind"] == "min"]
    assert (receipt["due"], receipt["opens"], receipt["light"]) == ("2026-11-24", "2026-11-25", "none")
    office.advance(by="P61D")
    office.do("second_visit", "minzheng2", still_in_difficulty=False, aid_received=True)
    office.advance(by="PT1H")
    closed = office.get("fuwuban1", f"cases/{lead['case_id']}")
    assert (closed["case"]["status"], closed["conclusion"]) == ("completed", "已救助"), closed["case"]
    ledger = office.get("fuwuban1", "ledgers/discovery")
    assert [row["number"] for row in ledger["items"]] == [lead["number"]]
    elements = {t["element"] for t in closed["tokens"]}
    assert not elements & {"econ_check", "post_notice"}
    answered = [n["title"] for n in office.get("wangge", "notifications")["items"]]
    assert "您上报的线索已办结" in answered


def test_wrong_requests_get_precise_answers(office: Office) -> None:
    empty = office.post("wangge", "leads", {"values": {}})
    assert (empty.status_code, empty.json()["code"]) == (422, "invalid")
    assert {f["path"] for f in empty.json()["fields"]} >= {"place_area", "main_cause"}
    lead = report(office)
    row = office.task("wangge", "self_verify")
    assert office.client("linzhen1").get(f"/api/cases/{lead['case_id']}").json()["code"] == "not_found"
    assert office.client("linzhen1").get(f"/api/tasks/{row['id']}").status_code == 403
    stranger = office.post("linzhen1", f"tasks/{row['id']}/claim", {"revision": row["revision"]})
    assert (stranger.status_code, stranger.json()["code"]) == (403, "forbidden")
    stale = office.post("wangge", f"tasks/{row['id']}/claim", {"revision": row["revision"] + 5})
    assert (stale.status_code, stale.json()["code"]) == (409, "stale_revision")
    nobody = TestClient(office.app).get("/api/tasks")
    assert (nobody.status_code, nobody.json()["code"]) == (401, "not_logged_in")
    no_key = office.client("wangge").post(f"/api/tasks/{row['id']}/claim", json={"revision": row["revision"]})
    assert (no_key.status_code, no_key.json()["code"]) == (422, "no_idempotency_key")


def test_a_repeated_key_changes_nothing(office: Office) -> None:
    values = {
        "source": "01",
        "place_area": seed.VILLAGE,
        "place_text": "村西",
        "main_cause": "22",
        "urgent_signs": [],
    }
    first = office.post("wangge", "leads", {"values": values}, key="the-same-key-1")
    again = office.post("wangge", "leads", {"values": values}, key="the-same-key-1")
    other = office.post("wangge", "leads", {"values": {**values, "place_text": "村北"}}, key="the-same-key-1")
    assert (first.status_code, again.status_code) == (200, 200)
    assert first.json()["number"] == again.json()["number"]
    assert again.headers["Idempotent-Replay"] == "true"
    assert (other.status_code, other.json()["code"]) == (409, "key_reused")
    assert office.get("fuwuban1", "cases")["total"] == 1


def test_a_photo_is_kept_and_what_is_no_picture_is_refused(office: Office) -> None:
    client, head = office.client("wangge"), {"Idempotency-Key": "photo-key-1"}
    png = b"\x89PNG\r\n\x1a\n" + bytes(64)
    kept = client.post("/api/files", files={"file": ("\u7167\u7247.png", png, "image/png")}, headers=head)
    assert kept.status_code == 200, kept.text
    shown = client.get(f"/api/files/{kept.json()['id']}")
    assert (shown.content, shown.headers["content-type"]) == (png, "image/png")
    script = {"file": ("a.png", b"<script>", "image/png")}
    refused = client.post("/api/files", files=script, headers={"Idempotency-Key": "photo-key-2"})
    assert (refused.status_code, refused.json()["code"]) == (422, "file_type")
