"""One's own password: the old one is asked for, other devices are logged out, the change is on record, guesses are counted."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select, update

from casework import corps, seed
from casework.sessions import FAILURES
from casework.tables import persons
from engine.tables import idempotency
from tests.api.office import Office, opened

NEW = "qingshan2026lvshui"


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with opened(tmp_path, "2026-09-24T09:00:00+08:00") as made:
        yield made


def logged_in(office: Office, password: str) -> int:
    client = TestClient(office.app)
    answer = client.post(
        "/api/login", json={"username": "wangge", "password": password}, headers={"X-CSRF": "1"}
    )
    return answer.status_code


def test_a_password_of_ones_own_logs_other_devices_out_and_is_on_record(office: Office) -> None:
    elsewhere = TestClient(office.app)
    elsewhere.post(
        "/api/login", json={"username": "wangge", "password": seed.PASSWORD}, headers={"X-CSRF": "1"}
    )
    assert elsewhere.get("/api/me").status_code == 200
    answer = office.post("wangge", "me/password", {"old": seed.PASSWORD, "new": NEW})
    assert answer.status_code == 200, answer.text
    assert elsewhere.get("/api/me").status_code == 401
    assert office.client("wangge").get("/api/me").status_code == 200
    assert (logged_in(office, seed.PASSWORD), logged_in(office, NEW)) == (401, 200)
    first = office.get("guanli", "organisation/log")["items"][0]
    assert (first["kind_text"], first["by"]) == ("修改本人密码", "甲网格")


def test_nothing_of_a_password_is_kept_under_the_idempotency_key(office: Office) -> None:
    office.post("wangge", "me/password", {"old": seed.PASSWORD, "new": NEW}, key="password-key-1")
    with office.runtime.db.reading() as tx:
        assert tx.run(select(func.count()).select_from(idempotency)).scalar_one() == 0


def test_a_wrong_old_password_changes_nothing(office: Office) -> None:
    answer = office.post("wangge", "me/password", {"old": "not-it", "new": NEW})
    assert (answer.status_code, answer.json()["code"]) == (422, "wrong_password")
    assert answer.json()["fields"] == [{"path": "old", "message": "原密码不对"}]
    assert (logged_in(office, NEW), logged_in(office, seed.PASSWORD)) == (401, 200)


def test_guesses_at_the_old_password_lock_the_account_like_failed_logins(office: Office) -> None:
    tried = [
        office.post("wangge", "me/password", {"old": f"guess-{n}", "new": NEW}).status_code
        for n in range(FAILURES)
    ]
    assert tried == [422] * (FAILURES - 1) + [429]
    assert office.post("wangge", "me/password", {"old": seed.PASSWORD, "new": NEW}).status_code == 429
    assert logged_in(office, seed.PASSWORD) == 429
    office.advance(by="PT16M")
    assert office.post("wangge", "me/password", {"old": seed.PASSWORD, "new": NEW}).status_code == 200


@pytest.mark.parametrize("new", ["short9999", "x" * 129, seed.PASSWORD, "aaaaaaaaaaab"])
def test_a_new_password_that_will_not_do(office: Office, new: str) -> None:
    answer = office.post("wangge", "me/password", {"old": seed.PASSWORD, "new": new})
    assert (answer.status_code, [f["path"] for f in answer.json()["fields"]]) == (422, ["new"])
    assert logged_in(office, seed.PASSWORD) == 200


def test_whose_password_is_not_set_is_refused_like_anybody_who_guesses(office: Office) -> None:
    with office.runtime.db.transaction() as tx:
        tx.run(update(persons).where(persons.c.username == "wangge").values(password=corps.UNUSABLE))
    client = TestClient(office.app, raise_server_exceptions=False)
    for guess in (corps.UNUSABLE, seed.PASSWORD):
        body = {"username": "wangge", "password": guess}
        answer = client.post("/api/login", json=body, headers={"X-CSRF": "1"})
        assert (answer.status_code, answer.json()["code"]) == (401, "wrong_password")
