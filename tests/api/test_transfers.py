"""移交属地: asked, accepted or refused by the receiving town; what each side reads afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from casework import performance, seed
from engine.tables import cases
from tests.api.office import PEOPLE, VISIT, Office, acknowledged, opened
from tests.api.test_control import COMPLAINT, begin
from tests.api.test_organisation import EVENING, ok, refused

THERE = f"{seed.OTHER_TOWN}/120115103201"


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with opened(tmp_path, EVENING) as made:
        yield made


def asked(office: Office, to: str = seed.OTHER_TOWN, who: str = "fuwuban1") -> tuple[str, Any]:
    """A case on its way to verification, offered to the other town. → case id, answer"""
    lead = acknowledged(office)
    revision = office.get(who, f"cases/{lead['case_id']}")["revision"]
    body = {"revision": revision, "to_area": to, "reason": "户籍和居住地均在该镇"}
    return lead["case_id"], office.post(who, f"cases/{lead['case_id']}/hand-over", body)


def waiting(office: Office, who: str = "linzhen2", tab: str = "in") -> Any:
    (row,) = office.get(who, f"transfers?tab={tab}")["items"]
    return row


def titles(office: Office, who: str, case: str) -> list[str]:
    return [item["title"] for item in office.get(who, f"cases/{case}")["timeline"]]


def test_the_receiving_town_accepts_and_its_people_go_on(office: Office) -> None:
    case, answer = asked(office)
    ok(answer)
    assert "transfer" in [one["kind"] for one in office.get("linzhen2", "notifications")["items"]]
    assert "verify_on_site" in office.open("minzheng1"), "until it is accepted the case stays"
    assert office.client("linzhen2").get(f"/api/cases/{case}").status_code == 404
    row = waiting(office)
    assert (row["can"], row["to_tier"]) == (["accept", "refuse"], "town")
    sent = waiting(office, "fuwuban1", "out")
    refused(office.post("fuwuban1", f"transfers/{row['id']}/accept", {"revision": 1}), 403, "forbidden")
    outside = {"revision": 1, "area": seed.VILLAGE}
    refused(office.post("linzhen2", f"transfers/{row['id']}/accept", outside), 422, "invalid")
    ok(
        office.post(
            "linzhen2", f"transfers/{row['id']}/accept", {"revision": sent["revision"], "area": THERE}
        )
    )
    assert "verify_on_site" not in office.open("minzheng1")
    assert "verify_on_site" in office.open("linzhen1")
    assert titles(office, "linzhen1", case)[:2] == ["转属地办理", "提出移交属地"]
    kinds = [line["kind"] for line in office.get("linzhen2", "organisation/log")["items"]]
    assert kinds == ["case_transferred"]
    assert office.get("fuwuban1", "organisation/log?kind=case_transferred")["total"] == 1
    assert waiting(office, "fuwuban1", "done")["state"] == "accepted"


def test_the_old_town_goes_on_reading_its_part_and_no_more(office: Office) -> None:
    case, answer = asked(office)
    ok(answer)
    row = waiting(office)
    before = titles(office, "fuwuban1", case)
    ok(office.post("linzhen2", f"transfers/{row['id']}/accept", {"revision": 1, "area": THERE}))
    row = office.task("linzhen1", "verify_on_site")
    ok(office.post("linzhen1", f"tasks/{row['id']}/claim", {"revision": row["revision"]}))
    shown = office.get("fuwuban1", f"cases/{case}")
    assert [item["title"] for item in shown["timeline"]] == ["转属地办理", *before]
    assert shown["actions"] == []
    assert "线索" in [section["title"] for section in shown["sections"]]
    assert case in [one["id"] for one in office.get("fuwuban1", "cases")["items"]]
    assert titles(office, "linzhen1", case)[0] == "认领：实地核查"
    body = {"revision": shown["revision"], "reason": "不再归我管"}
    refused(office.post("fuwuban1", f"cases/{case}/cancel", body), 403, "forbidden")
    assert office.client("minzheng1").get(f"/api/tasks/{row['id']}").status_code in (403, 404)


def test_a_refusal_has_its_reason_and_the_case_stays(office: Office) -> None:
    case, answer = asked(office)
    ok(answer)
    row = waiting(office)
    path = f"transfers/{row['id']}/refuse"
    assert office.post("linzhen2", path, {"revision": 1, "reason": ""}).status_code == 422
    refused(office.post("linzhen2", path, {"revision": 9, "reason": "人不在本镇"}), 409, "stale_revision")
    ok(office.post("linzhen2", path, {"revision": 1, "reason": "经查，本人未在本镇居住"}))
    assert titles(office, "fuwuban1", case)[0] == "移交未被接收"
    assert "transfer" in [one["kind"] for one in office.get("fuwuban1", "notifications")["items"]]
    assert "verify_on_site" in office.open("minzheng1")
    assert office.post("linzhen2", path, {"revision": 2, "reason": "再退一次"}).status_code == 409


def test_one_offer_at_a_time_and_it_may_be_withdrawn(office: Office) -> None:
    case, answer = asked(office)
    ok(answer)
    revision = office.get("fuwuban1", f"cases/{case}")["revision"]
    body = {"revision": revision, "to_area": seed.OTHER_TOWN, "reason": "再次移交"}
    refused(office.post("fuwuban1", f"cases/{case}/hand-over", body), 409, "transfer_asked")
    (action,) = [a for a in office.get("fuwuban1", f"cases/{case}")["actions"] if a["key"] == "hand_over"]
    assert (action["enabled"], action["reason"]) == (False, "已提出移交，等待接收")
    row = waiting(office, "fuwuban1", "out")
    ok(office.post("fuwuban1", f"transfers/{row['id']}/withdraw", {"revision": row["revision"]}))
    assert office.get("linzhen2", "transfers")["items"] == []
    refused(office.post("wangge", f"cases/{case}/hand-over", body), 403, "forbidden")
    refused(office.post("linzhen2", f"cases/{case}/hand-over", body), 403, "forbidden")


def test_within_one_town_it_goes_over_at_once(office: Office) -> None:
    case, answer = asked(office, to=seed.NEXT_VILLAGE)
    assert "等待" not in ok(answer)["message"]
    assert office.get("fuwuban1", "transfers")["items"] == []
    assert "verify_on_site" in office.open("minzheng1")
    assert titles(office, "fuwuban1", case)[0] == "转属地办理"
    assert "self_verify" not in office.open("wangge")


def test_nobody_accepts_what_he_has_offered(office: Office) -> None:
    case, answer = asked(office, who="jiuzhu1")
    ok(answer)
    row = waiting(office)
    refused(office.post("jiuzhu1", f"transfers/{row['id']}/accept", {"revision": 1}), 403, "second_person")
    ok(office.post("jiuzhu2", f"transfers/{row['id']}/accept", {"revision": 1, "area": THERE}))
    assert office.get("linzhen1", f"cases/{case}")["case"]["place"] != ""


def merge(office: Office, on: str, sources: list[str], into: str) -> None:
    plan = {
        "kind": "merge",
        "on": on,
        "sources": sources,
        "into": into,
        "document": "津宝政〔2026〕1号",
    }
    ok(office.post("guanli", "organisation/changes", plan))


def test_an_offer_to_a_village_that_is_merged_is_an_offer_to_its_successor(office: Office) -> None:
    case, answer = asked(office, THERE)
    ok(answer)
    other = f"{seed.OTHER_TOWN}/120115103202"
    merge(office, EVENING[:10], [THERE], other)
    row = waiting(office)
    assert (row["to_area"], row["can"]) == (other, ["accept", "refuse"])
    ok(office.post("linzhen2", f"transfers/{row['id']}/accept", {"revision": row["revision"], "area": other}))
    assert office.get("linzhen1", f"cases/{case}")["case"]["place"].endswith("前张司马村")


def test_a_case_whose_village_is_merged_into_the_one_offered_is_there(office: Office) -> None:
    case, answer = asked(office, THERE)
    ok(answer)
    merge(office, EVENING[:10], [seed.VILLAGE], THERE)
    assert office.get("linzhen1", f"cases/{case}")["case"]["place"].endswith("王卜庄一村")
    assert office.get("linzhen2", "transfers?tab=in")["items"] == []
    done = waiting(office, "linzhen2", "done")
    assert (done["state"], done["from_area"], done["answer"]) == (
        "accepted",
        THERE,
        "区划调整后，事项已在接收地",
    )
    assert "移交已办结" in [one["title"] for one in office.get("fuwuban1", "notifications")["items"]]


def test_what_people_of_the_old_town_had_begun_stays_with_them(office: Office) -> None:
    """Who has signed a step and who was asked about it reach it no more: two of the new town sign, and wait for nobody there."""
    _case, answer = asked(office)
    ok(answer)
    office.do("verify_on_site", "minzheng1", **VISIT)
    task = office.task("minzheng2", "verify_on_site")
    assert task["acted"] == 1
    body = {
        "revision": task["revision"],
        "kind": "opinion",
        "of": [PEOPLE["fuwuban1"]],
        "text": "低保边缘家庭是否已到期？",
    }
    ok(office.post("minzheng2", f"tasks/{task['id']}/ask", body))
    assert office.get("fuwuban1", "requests?tab=answer")["items"]
    row = waiting(office)
    body = {"revision": row["revision"], "area": None}
    refused(office.post("linzhen2", f"transfers/{row['id']}/accept", body), 422, "invalid")
    ok(office.post("linzhen2", f"transfers/{row['id']}/accept", {**body, "area": THERE}))
    task = office.task("linzhen1", "verify_on_site")
    assert (task["acted"], task["holder"]) == (0, None)
    assert office.get("fuwuban1", "requests?tab=answer")["items"] == []
    mine = {**VISIT, "visitors": [PEOPLE["linzhen1"], PEOPLE["linzhen2"]]}
    office.do("verify_on_site", "linzhen1", **mine)
    assert office.task("linzhen2", "verify_on_site")["acted"] == 1


def test_what_the_old_town_answers_for_stays_on_its_account(office: Office) -> None:
    """A complaint about it, and an order for what it let run out: neither names the town that takes the case over."""
    case, answer = asked(office)
    ok(answer)
    about = {**COMPLAINT, "staff": [PEOPLE["minzheng1"]], "received_at": "2026-09-25T09:00:00+08:00"}
    complaint = begin(office, "jiuzhu1", "complaint/complaint_received", case, **about)
    office.advance(to="2026-10-20T09:00:00+08:00")
    number = office.get("jiuzhu1", f"cases/{case}")["case"]["number"]
    listed = office.get("jiuzhu1", "cases?process=supervision_order&size=100")["items"]
    (order, *_more) = [one for one in listed if one["number"].startswith(number)]
    ok(office.post("linzhen2", f"transfers/{waiting(office)['id']}/accept", {"revision": 1, "area": THERE}))
    ours = [case, complaint["case_id"], order["id"]]
    with office.runtime.db.reading() as tx:
        known = tx.run(select(cases.c.id, cases.c.area).where(cases.c.id.in_(ours)))
        where = {row.id: row.area for row in known}
    assert [where[one] for one in ours] == [THERE, seed.VILLAGE, seed.VILLAGE]
    assert "investigate" in office.open("jiuzhu2")
    assert not [one for one in office.get("linzhen2", "cases?size=100")["items"] if one["id"] == order["id"]]


def test_what_ran_out_before_a_case_was_handed_over_is_the_old_towns_lateness(office: Office) -> None:
    """Neither an assessment nor a circular holds it against the town that takes the case over and does the step at once."""
    case, answer = asked(office)
    ok(answer)
    office.advance(to="2026-10-12T09:00:00+08:00")
    ok(office.post("linzhen2", f"transfers/{waiting(office)['id']}/accept", {"revision": 1, "area": THERE}))
    mine = {**VISIT, "visitors": [PEOPLE["linzhen1"], PEOPLE["linzhen2"]]}
    office.do("verify_on_site", "linzhen1", "linzhen2", **mine)
    months = performance.Period(date(2026, 9, 1), date(2026, 10, 12))
    with office.runtime.db.reading() as tx:
        late = {
            town: performance.terms_kept(tx, town, ("town",), months, office.runtime.now(tx)).late
            for town in (seed.TOWN, seed.OTHER_TOWN)
        }
    assert {town: case in found for town, found in late.items()} == {seed.TOWN: True, seed.OTHER_TOWN: False}
