"""What is entered for a village that is no more goes to its successor, where somebody has the work; a place that never was is refused."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from casework import areas, seed
from casework.tables import publicity, visits
from tests.api.office import Office, found, opened

MORNING = "2026-09-24T09:00:00+08:00"
NOWHERE = "120115/1"


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """镇东村 and 镇西村 are 合新村 since this morning."""
    folder: Path = tmp_path_factory.mktemp("merged")
    with opened(folder, MORNING) as made:
        body = {
            "kind": "merge",
            "on": "2026-09-24",
            "document": "津宝政〔2026〕12号",
            "sources": [seed.VILLAGE, seed.NEXT_VILLAGE],
            "new": {"name": "合新村", "kind": "village"},
        }
        ok(made.post("juzhang", "organisation/changes", body))
        made.advance(by="PT2M")
        yield made


def ok(answer: Any) -> Any:
    assert answer.status_code == 200, answer.text
    return answer.json()


def refused(answer: Any, field: str) -> None:
    assert answer.status_code == 422, answer.text
    assert {"path": field, "message": "请选择现有的村（居）或镇（街）"} in [
        {key: one[key] for key in ("path", "message")} for one in answer.json()["fields"]
    ]


def new_village(office: Office) -> str:
    with office.runtime.db.reading() as tx:
        return areas.follow(seed.VILLAGE, areas.heirs(tx))


def patrol(area: str, day: str = "2026-09-24", **more: Any) -> dict[str, Any]:
    times = {"started_at": f"{day}T08:00:00+08:00", "ended_at": f"{day}T08:30:00+08:00"}
    return {"kind": "patrol", "area": area, "met": "self", **times, **more}


def elements(office: Office, who: str, case_id: str) -> list[str]:
    items = office.get(who, "tasks?size=100")["items"]
    return [task["element"] for task in items if task["case_id"] == case_id]


def test_a_lead_at_a_village_that_has_ended_is_its_successors(office: Office) -> None:
    lead = found(office, place_area=seed.VILLAGE, subject_name="旧村甲")
    assert elements(office, "wangge", lead["case_id"]) == ["self_verify"]
    assert "已撤并，由" in lead["message"]
    assert "合新村办理" in lead["message"]
    with_grid = found(
        office, "minzheng1", place_area=f"{seed.NEXT_VILLAGE}/01", subject_name="旧村乙", source="07"
    )
    assert elements(office, "lianluo", with_grid["case_id"]) == ["self_verify"]


def test_the_same_name_in_the_village_that_ended_is_asked_about(office: Office) -> None:
    first = found(office, place_area=new_village(office), subject_name="同名某")
    again = found(office, place_area=seed.NEXT_VILLAGE, subject_name="同名某")
    assert [one["number"] for one in again["duplicates"]] == [first["number"]]


def test_a_place_that_never_was_is_refused_whoever_says_it(office: Office) -> None:
    values = {
        "source": "07", "place_area": NOWHERE, "place_text": "东", "main_cause": "15", "urgent_signs": ["life"],
        "subject_name": "无村", "residence_status": "1",
    }  # fmt: skip
    refused(office.post("minzheng1", "leads", {"values": values}), "place_area")
    refused(office.post("jiuzhu1", "visits", patrol(NOWHERE)), "area")
    session = {"held_on": "2026-09-24", "place": "村口", "form": "leaflet", "people": 12, "topic": "政策"}
    refused(office.post("jiuzhu1", "publicity", {**session, "area": NOWHERE}), "area")
    point = {"kind": "hotline", "name": "电话", "place": "村部", "phone": "022-00000000"}
    refused(office.post("jiuzhu1", "service-points", {**point, "area": NOWHERE}), "area")


def test_a_need_seen_on_a_patrol_there_reaches_who_has_the_village_now(office: Office) -> None:
    made = ok(
        office.post("baocun", "visits", patrol(seed.VILLAGE, needs=["heating"], cause="34", subject="何某"))
    )
    office.advance(by="PT2M")
    assert elements(office, "wangge", made["case_id"]) == ["self_verify"]


def test_what_was_done_while_the_village_stood_stays_with_it_and_what_comes_after_does_not(
    office: Office,
) -> None:
    heir = new_village(office)
    before = ok(office.post("baocun", "visits", patrol(seed.VILLAGE, "2026-09-23")))["visit"]
    after = ok(office.post("baocun", "visits", patrol(seed.VILLAGE)))["visit"]
    session = {"area": seed.VILLAGE, "place": "村口", "form": "leaflet", "people": 12, "topic": "政策"}
    told = ok(office.post("liangwei", "publicity", {**session, "held_on": "2026-09-23"}))["id"]
    told_now = ok(office.post("liangwei", "publicity", {**session, "held_on": "2026-09-24"}))["id"]
    with office.runtime.db.reading() as tx:
        at: dict[str, str] = {row.id: row.area for row in tx.run(select(visits.c.id, visits.c.area))}
        at |= {row.id: row.area for row in tx.run(select(publicity.c.id, publicity.c.area))}
    assert [at[one] for one in (before, after, told, told_now)] == [seed.VILLAGE, heir, seed.VILLAGE, heir]


def test_a_service_point_and_the_word_of_the_day_go_to_the_successor(office: Office) -> None:
    heir = new_village(office)
    point = {
        "kind": "hotline",
        "name": "新电话",
        "place": "村部",
        "phone": "022-00000000",
        "area": seed.VILLAGE,
    }
    made = ok(office.post("lianluo", "service-points", point))
    assert office.get("lianluo", f"service-points/{made['id']}")["area"] == heir
    ok(
        office.post(
            "wangge", "rounds/day", {"area": seed.VILLAGE, "done": ["patrol"], "reason": "已电话问询"}
        )
    )
    (word,) = [d for d in office.get("wangge", f"coverage/days?area={heir}") if d["day"] == "2026-09-24"]
    assert word["reason"] == "已电话问询"
