"""社会公众反映: told without an account, gone to by the village or at once by the town, asked by a code, limited, and silent about people (R3)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from casework import public_leads, seed
from casework.tables import leads
from engine.db import Tx
from engine.terms import Choice
from tests.api.office import Office, opened

TOLD: dict[str, Any] = {
    "key": "0123456789abcdef", "own": False, "place_area": seed.VILLAGE, "place_text": "村西头", "main_cause": "11",
    "description": "几天没见出门", "subject_name": "钱某乙", "urgent_signs": [],
}  # fmt: skip


@pytest.fixture
def stranger(tmp_path: Path) -> Any:
    with opened(tmp_path, "2026-09-15T09:00:00+08:00") as office:
        yield office


def passer(office: Office) -> TestClient:
    """Somebody with a telephone and no account."""
    return TestClient(office.app, raise_server_exceptions=False)


def send(office: Office, **changes: Any) -> Any:
    return passer(office).post("/api/public/leads", json={**TOLD, **changes})


def ask(office: Office, token: str) -> Any:
    return passer(office).get(f"/api/public/leads/{token}")


def test_what_a_stranger_tells_is_taken_up_and_its_fate_is_told_without_a_name(stranger: Office) -> None:
    made = send(stranger).json()
    told = ask(stranger, made["token"]).json()
    assert (told["number"], told["state"]) == (made["number"], "registered")
    assert "钱" not in str(told)
    with stranger.runtime.db.reading() as tx:
        row = tx.run(select(leads).where(leads.c.number == made["number"])).one()
    assert [(s["source"], s["person"]) for s in row.sources] == [("14", None)]
    stranger.advance(by="PT1M")
    task = next(t for t in stranger.get("wangge", "tasks")["items"] if t["case_id"] == row.case_id)
    assert task["element"] == "self_verify"
    page = stranger.get("wangge", f"cases/{row.case_id}")
    assert "几天没见出门" in str(page)


def test_an_urgent_one_is_before_the_town_at_once(stranger: Office) -> None:
    made = send(stranger, urgent_signs=["no_food"], own=True).json()
    stranger.advance(by="PT1M")
    with stranger.runtime.db.reading() as tx:
        row = tx.run(select(leads).where(leads.c.number == made["number"])).one()
    assert row.sources[0]["source"] == "15"
    (task,) = [t for t in stranger.get("fuwuban1", "tasks")["items"] if t["case_id"] == row.case_id]
    assert task["urgent"] is True


def test_the_same_key_is_one_lead(stranger: Office) -> None:
    first, again = send(stranger).json(), send(stranger, description="再写一遍").json()
    assert again == first
    with stranger.runtime.db.reading() as tx:
        assert len(tx.run(select(leads.c.number)).all()) == 1


def test_an_address_has_a_limit_and_nothing_is_kept_of_what_was_refused(stranger: Office) -> None:
    for number in range(5):
        assert send(stranger, key=f"0123456789abcde{number}").status_code == 200
    refused = send(stranger, key="0123456789abcdex")
    assert (refused.status_code, refused.json()["message"][:8]) == (429, "今天提交的次数已")
    with stranger.runtime.db.reading() as tx:
        assert len(tx.run(select(leads.c.number)).all()) == 5
    stranger.advance(by="P1DT1M")
    assert send(stranger, key="0123456789abcdex").status_code == 200


def test_everybody_together_has_a_limit(stranger: Office) -> None:
    with stranger.runtime.db.begin() as tx:
        now = stranger.runtime.now(tx)
        few = tx.world.terms.with_choices([Choice("lead.public_per_day", 2, now.date())])
        strict = Tx(tx.connection, tx.world.with_(terms=few, rules=lambda _tx, world, _serial: world))
        values = {key: value for key, value in TOLD.items() if key not in ("key", "own")}
        sent = [
            public_leads.report(
                strict, key=f"0123456789abcde{n}", address=f"10.0.0.{n}", values=values, own=False, now=now
            )
            for n in range(3)
        ]
    assert [made is not None for made in sent] == [True, True, False]


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"place_area": "120115/120115101/999999999999"}, "place_area"),
        ({"place_area": seed.TOWN}, "place_area"),
        ({"place_text": ""}, "place_text"),
        ({"main_cause": "77"}, "main_cause"),
        ({"subject_phone": "call me"}, "subject_phone"),
        ({"urgent_signs": ["made_up"]}, "urgent_signs"),
    ],
)
def test_a_wrong_field_is_named(stranger: Office, changes: dict[str, Any], path: str) -> None:
    refused = send(stranger, **changes)
    assert refused.status_code == 422
    assert path in {field["path"].split(".")[0] for field in refused.json()["fields"]}


def test_an_unknown_code_tells_nothing(stranger: Office) -> None:
    assert ask(stranger, "no-such-code").status_code == 404
    offer = passer(stranger).get("/api/public/leads/form").json()
    assert any(v["path"] == seed.VILLAGE for town in offer["towns"] for v in town["villages"])
