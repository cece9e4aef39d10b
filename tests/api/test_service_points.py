"""服务点核验 over HTTP: quarterly and when the policy text changes, a vacancy is a fault, who fixed does not confirm (R38–R41)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from casework import seed, seed_points
from tests.api.office import Office, opened

VILLAGE = seed.VILLAGE.rpartition("/")[2]


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with opened(tmp_path, "2026-10-26T09:00:00+08:00") as made:
        yield made


def add(office: Office, kind: str, who: str = "lianluo", **values: Any) -> str:
    body = {
        "area": seed.VILLAGE,
        "kind": kind,
        "name": f"村{kind}",
        "place": "村委会",
        "phone": "022-00000000",
        **values,
    }
    answer = office.post(who, "service-points", body)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["id"])


def publish(office: Office, version: str, day: str) -> Any:
    body = {"version": version, "title": "政策明白卡", "published_on": day, "summary": "标准调整"}
    return office.post("jiuzhu1", "policy-texts", body)


def equipped(office: Office, version: str = "2026-03") -> dict[str, str]:
    assert publish(office, "2026-03", "2026-03-01").json()["begun"] == 0
    return {
        "window": add(office, "window"),
        "policy_board": add(office, "policy_board", policy_version=version),
        "hotline": add(office, "hotline"),
    }


def place(office: Office, who: str = "lianluo") -> Any:
    rows = office.get(who, "service-points?size=100")["items"]
    return next(row for row in rows if row["area"] == seed.VILLAGE)


def mine(office: Office, process: str = "service_point_check") -> list[Any]:
    rows = office.get("jiuzhu1", f"cases?process={process}&size=100")["items"]
    return [row for row in rows if row["number"].endswith(VILLAGE)]


def sheet(office: Office) -> list[dict[str, Any]]:
    row = office.task("jiandu", "check_point")
    return list(office.get("jiandu", f"tasks/{row['id']}")["values"]["points"])


def test_all_in_order_is_checked_called_and_done(office: Office) -> None:
    points = equipped(office)
    assert place(office)["alarms"] == ["unchecked"]
    office.advance(to="2026-11-01T07:55:00+08:00")
    assert not mine(office)
    office.advance(to="2026-11-02T09:00:00+08:00")
    assert office.receipts("jiandu", "check_point")["point.check"] == "2026-11-13"
    rows = [{**row, "ok": True} for row in sheet(office)]
    row = office.task("jiandu", "check_point")
    part = office.post(
        "jiandu", f"tasks/{row['id']}/complete", {"revision": row["revision"], "values": {"points": rows[:2]}}
    )
    assert part.status_code == 422, "every point is looked at"
    office.do("check_point", "jiandu", points=rows)
    office.do(
        "test_call",
        "minzheng1",
        calls=[{"point": points["hotline"], "phone": "022-00000000", "answered": True}],
    )
    (case,) = mine(office)
    assert case["status"] == "completed"
    assert (place(office)["alarms"], place(office)["lacks"]) == ([], [])
    checks = office.get("lianluo", f"service-points/{points['hotline']}")["checks"]
    assert {one["kind"] for one in checks} == {"check", "call"}


def test_towns_and_villages_where_somebody_works_or_lives_are_each_checked(office: Office) -> None:
    office.advance(to="2026-11-01T08:10:00+08:00")
    rows = office.get("jiuzhu1", "cases?process=service_point_check&size=100")["items"]
    assert {row["number"].rpartition("-")[2] for row in rows} == {
        VILLAGE,
        "120115101202",
        "120115101",
        "120115103",
    }
    assert "check_point" in office.open("linzhen1"), "a town checks its own"


def test_an_unanswered_call_is_fixed_in_three_working_days_and_confirmed_by_another(office: Office) -> None:
    points = equipped(office)
    office.advance(to="2026-11-02T09:00:00+08:00")
    office.do("check_point", "jiandu", points=[{**row, "ok": True} for row in sheet(office)])
    office.do(
        "test_call", "minzheng1", calls=[{"point": points["hotline"], "answered": False, "note": "无人接听"}]
    )
    assert (place(office)["alarms"], place(office)["open_case"]) == (["faulty"], mine(office)[0]["id"])
    assert office.receipts("jiandu", "fix_point")["point.fix"] == "2026-11-05"
    office.do("fix_point", "jiandu", measures="已安排专人值守")
    assert office.receipts("minzheng1", "confirm_point")["point.fix"] == "2026-11-05", "until it is confirmed"
    office.advance(to="2026-11-20T09:00:00+08:00")
    office.do("confirm_point", "minzheng1", confirmed=False)
    assert office.receipts("jiandu", "fix_point")["point.fix"] == "2026-11-05", "refused: no new time"
    office.do("fix_point", "jiandu", measures="已更换电话机")
    office.do("confirm_point", "minzheng1", confirmed=True)
    assert place(office)["alarms"] == []
    assert mine(office)[0]["status"] == "completed"
    kinds = [one["kind"] for one in office.get("lianluo", f"service-points/{points['hotline']}")["checks"]]
    assert kinds[0] == "fix"


def test_a_place_without_a_window_is_not_confirmed_before_it_has_one(office: Office) -> None:
    add(office, "policy_board")
    hotline = add(office, "hotline")
    assert "missing" in place(office)["alarms"]
    office.advance(to="2026-11-02T09:00:00+08:00")
    rows = [{**row, "ok": True} for row in sheet(office)]
    office.do("check_point", "jiandu", points=rows)
    office.do("test_call", "minzheng1", calls=[{"point": hotline, "answered": True}])
    office.do("fix_point", "jiandu", measures="设立窗口")
    row = office.task("minzheng1", "confirm_point")
    values = {"confirmed": True, "confirm_note": "已到位"}
    refused = office.post(
        "minzheng1", f"tasks/{row['id']}/complete", {"revision": row["revision"], "values": values}
    )
    assert (refused.status_code, refused.json()["fields"][0]["path"]) == (422, "confirmed")
    add(office, "window")
    office.do("confirm_point", "minzheng1", confirmed=True)
    assert place(office)["lacks"] == []


def test_a_new_policy_text_alarms_every_board_that_shows_another(office: Office) -> None:
    equipped(office)
    made = publish(office, "2026-10", "2026-10-20")
    assert made.json()["begun"] == 1
    office.advance(by="PT1M")
    assert "outdated" in place(office)["alarms"]
    assert office.receipts("jiandu", "fix_point")["point.fix"] == "2026-10-29"
    office.do("fix_point", "jiandu", measures="已张贴新文本")
    office.do("confirm_point", "minzheng1", confirmed=True)
    assert "outdated" not in place(office)["alarms"]
    assert {p["policy_version"] for p in place(office)["points"] if p["kind"] == "policy_board"} == {
        "2026-10"
    }
    assert publish(office, "2026-10", "2026-10-20").json()["code"] == "version_known"
    assert publish(office, "2026-01", "2026-01-01").json()["code"] == "older_text"
    assert (
        office.post(
            "minzheng1",
            "policy-texts",
            {"version": "x1", "title": "t", "published_on": "2026-10-20", "summary": "s"},
        ).status_code
        == 403
    )


def test_points_are_written_within_ones_own_area_and_never_over_another(office: Office) -> None:
    point = add(office, "window")
    foreign = {"area": seed.NEXT_VILLAGE, "kind": "window", "name": "窗口", "place": "村委会"}
    assert office.post("lianluo", "service-points", foreign).status_code == 422
    assert (
        office.post("lianluo", "service-points", {**foreign, "area": seed.VILLAGE, "kind": "hotline"}).json()[
            "fields"
        ][0]["path"]
        == "phone"
    )
    assert office.client("linzhen1").get(f"/api/service-points/{point}").status_code == 404
    edit = {"revision": 1, "name": "便民窗口", "place": "服务站"}
    assert office.post("lianluo", f"service-points/{point}", edit).status_code == 200
    assert office.post("lianluo", f"service-points/{point}", edit).json()["code"] == "stale_revision"
    assert (
        office.post("lianluo", f"service-points/{point}/calls", {"answered": True}).json()["code"]
        == "no_hotline"
    )
    phone = add(office, "hotline")
    assert office.post("minzheng1", f"service-points/{phone}/calls", {"answered": False}).status_code == 200
    assert next(p for p in place(office)["points"] if p["id"] == phone)["state"] == "faulty"


def test_the_demo_district_shows_its_points_and_a_few_honest_faults(office: Office) -> None:
    with office.runtime.db.transaction() as tx:
        seed_points.seed_points(tx, office.runtime.now(tx))
    shown = office.get("jiuzhu1", "service-points?alarm=any")
    assert (shown["alarmed"], shown["version"]) == (4, seed_points.TEXT)
    assert sorted(alarm for one in shown["items"] for alarm in one["alarms"]) == [
        "faulty",
        "faulty",
        "missing",
        "outdated",
    ]
    (silent,) = [one for one in shown["items"] if one["area"] == seed.NEXT_VILLAGE]
    phone = next(point for point in silent["points"] if point["kind"] == "hotline")
    checks = office.get("jiuzhu1", f"service-points/{phone['id']}")["checks"]
    assert [(one["kind"], one["ok"]) for one in checks] == [("call", False)], (
        "what it says was seen by somebody"
    )
    assert office.get("fuwuban1", "service-points")["alarmed"] == 3, "a town sees its own"
