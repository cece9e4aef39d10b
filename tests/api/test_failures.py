"""What fails outside: a handler three times, the database at the commit, somebody of another town, two who retry."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from engine.calendar import ZONE
from engine.db import Tx
from tasks import registry
from tasks.rehearsal import answers
from tests.api.office import Office, acknowledged, found, granted_quickly, opened, verified

NIGHT = "2026-09-25T20:30:00+08:00"


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with opened(tmp_path, NIGHT) as made:
        yield made


def test_a_handler_that_fails_three_times_is_an_incident_and_a_retry_finishes_the_case(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    lead = acknowledged(office, main_cause="15", occurred_at="2026-09-25T20:00:00+08:00")
    verified(office)
    tried = []

    def broken(job: registry.Job) -> registry.Result:
        tried.append(job.attempt)
        raise OSError("the printer burns")

    working = registry.HANDLERS["follow_up.open"]
    monkeypatch.setitem(registry.HANDLERS, "follow_up.open", broken)
    granted_quickly(office)
    office.do("assess_gap", "minzheng1", gap_result="relieved")
    office.advance(by="PT6H")
    assert len(tried) == 3, "the job was tried three times, with pauses"
    incidents = office.get("guanli", "incidents")["items"]
    assert [one["case_id"] for one in incidents] == [lead["case_id"]]
    assert office.get("fuwuban1", f"cases/{lead['case_id']}")["incidents"]
    body = {"revision": incidents[0]["revision"]}
    assert incidents[0]["name"] == "安排回访"
    elsewhere = office.post("linzhen2", f"incidents/{incidents[0]['id']}/retry", body)
    assert elsewhere.json()["code"] == "not_found", "another town's supervisor does not even see it"
    refused = office.post("wangge", f"incidents/{incidents[0]['id']}/retry", body)
    assert refused.status_code == 403
    monkeypatch.setitem(registry.HANDLERS, "follow_up.open", working)
    again = office.post("guanli", f"incidents/{incidents[0]['id']}/retry", body)
    assert again.status_code == 200, again.text
    twice = office.post("guanli", f"incidents/{incidents[0]['id']}/retry", body)
    assert twice.status_code == 409
    office.do("first_visit", "minzheng1", still_in_difficulty=False, aid_received=True)
    office.advance(by="P61D")
    office.do("second_visit", "minzheng2", still_in_difficulty=False, aid_received=True)
    office.advance(by="PT1H")
    assert office.get("fuwuban1", f"cases/{lead['case_id']}")["case"]["status"] == "completed"


def test_a_commit_that_fails_is_never_answered_with_success(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    found(office)
    row = office.task("wangge", "self_verify")
    before = office.get("wangge", f"tasks/{row['id']}")
    wanted = {"self_result": "confirmed"}
    values = answers(before["form"], before["values"], wanted, [], office.runtime.now().astimezone(ZONE))
    whole = Tx.commit

    def torn(_tx: Tx) -> None:
        raise OperationalError("commit", {}, OSError("disk full"))

    monkeypatch.setattr(Tx, "commit", torn)
    body = {"revision": row["revision"], "values": values}
    answer = office.post("wangge", f"tasks/{row['id']}/complete", body, key="the-torn-key-1")
    assert (answer.status_code, answer.json()["code"]) == (503, "database")
    assert "没有保存" in answer.json()["message"]
    monkeypatch.setattr(Tx, "commit", whole)
    assert office.get("wangge", f"tasks/{row['id']}")["task"]["revision"] == row["revision"], (
        "nothing changed"
    )
    office.do("self_verify", "wangge", self_result="confirmed")
    assert office.task("wangge", "report_to_town")
