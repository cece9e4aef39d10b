"""What a telephone without a network sends later: once, with the time of its entry, and said so while it is kept back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from casework import seed
from engine.calendar import ZONE
from tests.api.office import Office, opened

LEAD = {
    "source": "01", "place_area": seed.VILLAGE, "place_text": "村东头", "main_cause": "15", "urgent_signs": [], "subject_name": "李某甲",
    "residence_status": "1",
}  # fmt: skip


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with opened(tmp_path, "2026-09-24T09:00:00+08:00") as made:
        yield made


def entered(office: Office, ago: timedelta, key: str = "telephone-key-1") -> Any:
    at = (office.runtime.now() - ago).astimezone(ZONE).isoformat()
    return office.post("wangge", "leads", {"values": LEAD, "at": at}, key=key)


def section(office: Office, case: str) -> dict[str, str]:
    detail = office.get("wangge", f"cases/{case}")
    (lead,) = [s for s in detail["sections"] if s["key"] == "lead"]
    return {field["label"]: field["text"] for field in lead["fields"]}


def test_a_lead_of_yesterday_is_of_yesterday_and_says_when_it_came(office: Office) -> None:
    made = entered(office, timedelta(hours=20)).json()
    (mine,) = office.get("wangge", "leads/mine")["items"]
    assert datetime.fromisoformat(mine["discovered_at"]) == datetime.fromisoformat(
        "2026-09-23T13:00:00+08:00"
    )
    facts = section(office, made["case_id"])
    assert facts["登记时间"] == "2026年9月23日 13:00"
    assert facts["送达时间（登记时没有网络或事后补登）"] == "2026年9月24日 09:00"


def test_a_lead_sent_again_under_its_key_is_one_lead(office: Office) -> None:
    at = (office.runtime.now() - timedelta(hours=20)).isoformat()
    body = {"values": LEAD, "at": at}
    first = office.post("wangge", "leads", body, key="telephone-key-1")
    office.advance(by="PT3H")
    again = office.post("wangge", "leads", body, key="telephone-key-1")
    assert (again.status_code, again.json()) == (200, first.json())
    assert again.headers["Idempotent-Replay"] == "true"
    assert office.get("wangge", "leads/mine")["total"] == 1


def test_the_town_has_its_whole_time_from_the_arrival(office: Office) -> None:
    """A lead that goes straight to the town: a limit that began where nobody could know would be over on arrival."""
    at = (office.runtime.now() - timedelta(hours=20)).isoformat()
    office.post("fuwuban1", "leads", {"values": {**LEAD, "source": "07"}, "at": at})
    office.advance(by="PT1M")
    assert office.due("fuwuban1", "town_ack") > "2026-09-24T01:00"


@pytest.mark.parametrize("ago", [timedelta(minutes=5), timedelta(hours=-2)])
def test_a_clock_that_differs_a_little_or_runs_ahead_leaves_the_arrival(
    office: Office, ago: timedelta
) -> None:
    facts = section(office, entered(office, ago).json()["case_id"])
    assert facts["登记时间"] == "2026年9月24日 09:00"
    assert not [label for label in facts if label.startswith("送达时间")]


def test_a_lead_older_than_any_telephone_keeps_it_is_refused_with_the_way_on(office: Office) -> None:
    answer = entered(office, timedelta(days=31))
    assert (answer.status_code, answer.json()["code"]) == (422, "too_old")
    assert "重新上报" in answer.json()["message"]


def test_a_need_seen_on_an_earlier_visit_was_found_then(office: Office) -> None:
    ended = office.runtime.now() - timedelta(hours=20)
    given = {
        "household": "h_w", "met": "self", "started_at": (ended - timedelta(minutes=20)).isoformat(), "ended_at": ended.isoformat(),
        "needs": ["medical"], "cause": "11",
    }  # fmt: skip
    made = office.post("wangge", "visits", given).json()
    assert section(office, made["case_id"])["登记时间"] == "2026年9月23日 13:00"


def test_entries_on_a_telephone_are_unsynced_until_they_are_sent(office: Office) -> None:
    """The desk's word does not hide what the telephone keeps back; what is sent later belongs to its day."""
    office.post("wangge", "heartbeat", {"device": "a-telephone", "waiting": 2})
    office.post("wangge", "heartbeat", {"device": "the-desk", "waiting": 0})
    office.advance(to="2026-09-25T09:00:00+08:00")
    day = f"coverage/days?area={seed.VILLAGE}&from=2026-09-24&to=2026-09-24"
    assert [d["label"] for d in office.get("fuwuban1", day)] == ["设备未同步"]
    entered(office, timedelta(hours=20))
    assert [d["label"] for d in office.get("fuwuban1", day)] == ["已访"]


def test_todays_list_has_who_lives_there_and_masks_children(office: Office) -> None:
    (home,) = office.get("wangge", "rounds")["items"]
    living = [m["name"] for m in office.get("wangge", "register/h_w")["members"] if not m["left_on"]]
    assert home["members"] == living
